/* What cards can be asked for, and given back, in our minor units. Card networks know two decimals
 * at most, so where a currency has three the last digit of an amount is 0; and they count Malagasy
 * ariary, of which the fifth part is a coin, in whole ones. https://docs.stripe.com/currencies as
 * of 2025. Pure. */
#pragma once

#include "messages/values.h"

/* Amounts of the currency are multiples of that; 1: each of them is one. */
int64_t card_amount_step(const char *currency);
/* The largest amount of that kind that is not more; `amount` is not negative. */
int64_t card_amount_floor(int64_t amount, int64_t step);
