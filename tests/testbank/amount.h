/* What Stripe takes as an amount of a currency, and what the bank keeps of a charge. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum { AMOUNT_MAX = 99999999, CURRENCY_MAX = 4 /* three lower-case letters with their NUL */ };

/* Digits behind the point (0, 2 or 3), or -1 for what is no currency of this bank; lower case. */
int amount_digits(struct text currency);
/* What an amount must be a multiple of: the last digit of three is 0, and ISK and UGX, which have
 * no digits any more, are written with two zeros. */
int64_t amount_step(struct text currency);
/* At least one step, at most AMOUNT_MAX, whole steps. */
bool amount_is_right(struct text currency, int64_t amount);
/* The fee of a charge: 1.5 % (half a unit is rounded up) and a quarter of a unit of the currency,
 * never more than the amount. */
int64_t amount_fee(struct text currency, int64_t amount);
/* The fee of a dispute, which is not given back: 15 units of the currency. */
int64_t amount_dispute_fee(struct text currency);
