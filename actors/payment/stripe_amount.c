/* Amounts in Stripe's units. */
#include "actors/payment/stripe_amount.h"

#include <string.h>

#include "status.h"

enum { STRIPE_AMOUNT_MAX = 99999999 };

/* Where Stripe's count of decimals differs from ISO 4217's. */
static const struct deviation {
    char currency[4];
    int decimals;
} deviations[] = {
    { "ISK", 2 },
    { "UGX", 2 }, /* said with two decimals that must be 00 */
    { "MGA", 0 },
};
/* What may be charged ends with a 0 there, since card networks know two decimals. */
enum { THREE_DECIMALS = 3 };

static int decimals_of(const char *currency)
{
    for (size_t i = 0; i < ARRAY_LENGTH(deviations); i++)
        if (strcmp(deviations[i].currency, currency) == 0) return deviations[i].decimals;
    return currency_exponent(currency);
}

static int64_t power_of_ten(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static enum status convert(int64_t amount, int from, int to, int64_t *ret_amount)
{
    if (to >= from) {
        if (__builtin_mul_overflow(amount, power_of_ten(to - from), ret_amount))
            return STATUS_OUT_OF_RANGE;
        return STATUS_OK;
    }
    const int64_t divisor = power_of_ten(from - to);
    if (amount % divisor != 0) return STATUS_INVALID_VALUE;
    *ret_amount = amount / divisor;
    return STATUS_OK;
}

enum status stripe_amount_of(struct money money, int64_t *ret_amount)
{
    assert(ret_amount != NULL);
    const int exponent = currency_exponent(money.currency);
    int64_t amount;
    if (exponent < 0 || money.amount < 0) return STATUS_INVALID_VALUE;
    if (exponent == THREE_DECIMALS && money.amount % 10 != 0) return STATUS_INVALID_VALUE;
    TRY(convert(money.amount, exponent, decimals_of(money.currency), &amount));
    if (amount > STRIPE_AMOUNT_MAX) return STATUS_OUT_OF_RANGE;
    *ret_amount = amount;
    return STATUS_OK;
}

enum status stripe_amount_read(int64_t amount, const char *currency, struct money *ret_money)
{
    assert(currency != NULL);
    assert(ret_money != NULL);
    const int exponent = currency_exponent(currency);
    int64_t minor;
    if (exponent < 0 || amount < 0) return STATUS_INVALID_VALUE;
    TRY(convert(amount, decimals_of(currency), exponent, &minor));
    *ret_money = money_make(minor, currency);
    return STATUS_OK;
}

int64_t stripe_amount_round(int64_t amount, const char *currency)
{
    assert(currency != NULL);
    const int exponent = currency_exponent(currency);
    int64_t minor;
    if (exponent < 0) return amount;
    const int shift = exponent - decimals_of(currency);
    const int64_t factor = power_of_ten(shift < 0 ? -shift : shift);
    if (shift >= 0) return __builtin_mul_overflow(amount, factor, &minor) ? amount : minor;
    const int64_t rest = amount % factor;
    return amount / factor + (rest > 0) - (rest < 0);
}
