/* The forms of business numbers, and what an exemption does to prices. */
#include "actors/order/business_number.h"

/* In a form # is a digit, @ a letter, * either, and all else itself. Several forms of one country
 * follow each other. */
struct form {
    const char *country, *prefix, *form;
};
static const struct form forms[] = {
    { "AT", "AT", "U########" },    { "BE", "BE", "##########" },   { "BG", "BG", "#########" },
    { "BG", "BG", "##########" },   { "CH", "CHE", "#########" },   { "CY", "CY", "########@" },
    { "CZ", "CZ", "########" },     { "CZ", "CZ", "#########" },    { "CZ", "CZ", "##########" },
    { "DE", "DE", "#########" },    { "DK", "DK", "########" },     { "EE", "EE", "#########" },
    { "ES", "ES", "*#######*" },    { "FI", "FI", "########" },     { "FR", "FR", "**#########" },
    { "GB", "GB", "#########" },    { "GB", "GB", "############" }, { "GR", "EL", "#########" },
    { "HR", "HR", "###########" },  { "HU", "HU", "########" },     { "IE", "IE", "#*#####@" },
    { "IE", "IE", "#*#####@@" },    { "IT", "IT", "###########" },  { "LT", "LT", "#########" },
    { "LT", "LT", "############" }, { "LU", "LU", "########" },     { "LV", "LV", "###########" },
    { "MT", "MT", "########" },     { "NL", "NL", "#########B##" }, { "NO", "NO", "#########MVA" },
    { "PL", "PL", "##########" },   { "PT", "PT", "#########" },    { "RO", "RO", "######" },
    { "RO", "RO", "#######" },      { "RO", "RO", "########" },     { "RO", "RO", "#########" },
    { "RO", "RO", "##########" },   { "SE", "SE", "############" }, { "SI", "SI", "########" },
    { "SK", "SK", "##########" },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool fits(char c, char place)
{
    if (place == '#') return is_digit(c);
    if (place == '@') return is_letter(c);
    return place == '*' ? is_digit(c) || is_letter(c) : c == place;
}

static bool has_form(struct text number, const char *form)
{
    const struct text places = text_of(form);
    if (number.length != places.length) return false;
    for (size_t i = 0; i < number.length; i++)
        if (!fits(number.data[i], places.data[i])) return false;
    return true;
}

/* Capitals and digits of what was typed. False: there is something else, or too much. */
static bool compact(struct text typed, struct business_number *number)
{
    number->length = 0;
    for (size_t i = 0; i < typed.length; i++) {
        char c = typed.data[i];
        if (c == ' ' || c == '.' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (!is_digit(c) && !is_letter(c)) return false;
        if (number->length == BUSINESS_NUMBER_MAX) return false;
        number->text[number->length++] = c;
    }
    number->text[number->length] = '\0';
    return number->length >= BUSINESS_NUMBER_MIN;
}

static void write_number(const struct form *form, struct text rest,
                         struct business_number *ret_number)
{
    struct business_number number = { .length = 0 };
    for (const char *c = form->prefix; *c != '\0'; c++)
        number.text[number.length++] = *c;
    for (size_t i = 0; i < rest.length; i++)
        number.text[number.length++] = rest.data[i];
    assert(number.length <= BUSINESS_NUMBER_MAX);
    *ret_number = number;
}

enum status business_number_normalise(struct text country, struct text typed,
                                      struct business_number *ret_number)
{
    struct business_number number;
    bool is_known = false;
    if (!compact(typed, &number)) return STATUS_INVALID_VALUE;
    const struct text whole = { number.text, number.length };
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        if (!text_equals_string(country, forms[i].country)) continue;
        const struct text prefix = text_of(forms[i].prefix);
        struct text rest = whole;
        is_known = true;
        if (text_starts_with(whole, prefix))
            rest = (struct text){ whole.data + prefix.length, whole.length - prefix.length };
        if (!has_form(rest, forms[i].form)) continue;
        write_number(&forms[i], rest, ret_number);
        return STATUS_OK;
    }
    if (is_known) return STATUS_INVALID_VALUE;
    *ret_number = number;
    return STATUS_OK;
}

bool business_is_exempt(struct text destination, const struct price_rate *rates, size_t rates_count)
{
    if (destination.length == 0) return false;
    for (size_t i = 0; i < rates_count; i++)
        if (!rates[i].exempts_businesses) return false;
    return rates_count > 0;
}

enum status business_net_amount(int64_t amount, const struct price_rate *rates, size_t rates_count,
                                unsigned tax_class, int64_t *ret_divisor, int64_t *ret_net,
                                int64_t *ret_remainder)
{
    int64_t divisor = PRICE_PPM;
    for (size_t i = 0; i < rates_count; i++)
        if (rates[i].tax_class == tax_class) divisor += rates[i].ppm;
    TRY(amount_scale(amount, PRICE_PPM, divisor, ret_net, ret_remainder));
    *ret_divisor = divisor;
    return STATUS_OK;
}
