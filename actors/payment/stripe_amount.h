/* Amounts in Stripe's units: minor units as Stripe counts them, which are not always those of ISO
 * 4217. https://docs.stripe.com/currencies as of 2025. Pure. */
#pragma once

#include "messages/values.h"

/* Statuses: OK, INVALID_VALUE (no currency; a fraction that Stripe cannot say: a price in a
 * currency with three decimals must end with 0), OUT_OF_RANGE (too large). */
MUST_CHECK enum status stripe_amount_of(struct money money, int64_t *ret_amount);
/* The other way; `currency` is ours, in capitals. Statuses as above. */
MUST_CHECK enum status stripe_amount_read(int64_t amount, const char *currency,
                                          struct money *ret_money);
/* The same of a sum that is only shown or compared: it may be negative, what cannot be said in our
 * units is rounded away from zero, and the amount of a currency that is not known stays as it is.
 */
int64_t stripe_amount_round(int64_t amount, const char *currency);
