/* Where the minor units of cards are not those of ISO 4217. */
#include "messages/card_amount.h"

#include <string.h>

int64_t card_amount_step(const char *currency)
{
    enum { DECIMALS_OF_CARDS = 2 };
    assert(currency != NULL);
    if (strcmp(currency, "MGA") == 0) return 100;
    return currency_exponent(currency) == DECIMALS_OF_CARDS + 1 ? 10 : 1;
}

int64_t card_amount_floor(int64_t amount, int64_t step)
{
    assert(amount >= 0);
    assert(step >= 1);
    return amount - amount % step;
}
