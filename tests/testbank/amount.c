/* Amounts and fees. */
#include "tests/testbank/amount.h"

#include <string.h>

enum { DISPUTE_FEE_UNITS = 15, FEE_PER_THOUSAND = 15 };

static const struct currency {
    char code[CURRENCY_MAX];
    int8_t digits;
} currencies[] = {
    { "aed", 2 }, { "aud", 2 }, { "bgn", 2 }, { "bhd", 3 }, { "bif", 0 }, { "brl", 2 },
    { "cad", 2 }, { "chf", 2 }, { "clp", 0 }, { "cny", 2 }, { "czk", 2 }, { "djf", 0 },
    { "dkk", 2 }, { "eur", 2 }, { "gbp", 2 }, { "gnf", 0 }, { "hkd", 2 }, { "huf", 2 },
    { "idr", 2 }, { "ils", 2 }, { "inr", 2 }, { "isk", 2 }, { "jod", 3 }, { "jpy", 0 },
    { "kmf", 0 }, { "krw", 0 }, { "kwd", 3 }, { "mga", 0 }, { "mxn", 2 }, { "myr", 2 },
    { "nok", 2 }, { "nzd", 2 }, { "omr", 3 }, { "php", 2 }, { "pln", 2 }, { "pyg", 0 },
    { "ron", 2 }, { "rwf", 0 }, { "sar", 2 }, { "sek", 2 }, { "sgd", 2 }, { "thb", 2 },
    { "tnd", 3 }, { "try", 2 }, { "twd", 2 }, { "uah", 2 }, { "ugx", 2 }, { "usd", 2 },
    { "vnd", 0 }, { "vuv", 0 }, { "xaf", 0 }, { "xof", 0 }, { "xpf", 0 }, { "zar", 2 },
};

int amount_digits(struct text currency)
{
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        if (text_equals_string(currency, currencies[i].code)) return currencies[i].digits;
    }
    return -1;
}

int64_t amount_step(struct text currency)
{
    if (amount_digits(currency) == 3) return 10;
    const bool is_written_with_zeros =
        text_equals(currency, TEXT("isk")) || text_equals(currency, TEXT("ugx"));
    return is_written_with_zeros ? 100 : 1;
}

bool amount_is_right(struct text currency, int64_t amount)
{
    return amount > 0 && amount <= AMOUNT_MAX && amount % amount_step(currency) == 0;
}

static int64_t unit_of(struct text currency)
{
    static const int64_t units[] = { 1, 10, 100, 1000 };
    const int digits = amount_digits(currency);
    return units[digits < 0 ? 0 : digits];
}

int64_t amount_fee(struct text currency, int64_t amount)
{
    const int64_t fee = (amount * FEE_PER_THOUSAND + 500) / 1000 + unit_of(currency) / 4;
    return fee < amount ? fee : amount;
}

int64_t amount_dispute_fee(struct text currency)
{
    return DISPUTE_FEE_UNITS * unit_of(currency);
}
