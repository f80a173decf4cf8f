/* The check digit of barcodes. */
#include "runtime/gtin.h"

bool gtin_is_good(struct text text)
{
    if (text.length != 8 && (text.length < 12 || text.length > GTIN_MAX)) return false;
    int sum = 0;
    bool has_digit = false; /* zeros alone are what tills and warehouses write for "none" */
    for (size_t i = 0; i < text.length; i++) {
        const char digit = text.data[text.length - 1 - i];
        if (digit < '0' || digit > '9') return false;
        /* From the right the weights are 1, 3, 1, 3 ..., so zeros in front change nothing. */
        has_digit = has_digit || digit != '0';
        sum += (digit - '0') * (i % 2 == 0 ? 1 : 3);
    }
    return has_digit && sum % 10 == 0;
}
