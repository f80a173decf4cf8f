/* Numbers by which businesses are known to a tax office, and whom they free from tax: pure. */
#pragma once

#include "actors/order/price.h"

enum { BUSINESS_NUMBER_MIN = 4, BUSINESS_NUMBER_MAX = 20 };

struct business_number {
    size_t length;
    char text[BUSINESS_NUMBER_MAX + 1];
};

/* Brings a number into its normal form: capitals and digits, without spaces, dots and hyphens. In
 * countries whose form is known (VAT numbers of the European Union, GB, CH, NO) it must have that,
 * with its prefix, which is put before it when it was left out; elsewhere it has 4 to 20 letters
 * and digits. Whether it was given to anybody is for staff to find out. Statuses: OK,
 * INVALID_VALUE. */
MUST_CHECK enum status business_number_normalise(struct text country, struct text typed,
                                                 struct business_number *ret_number);

/* Whether a business that is verified in the country of the destination (empty: not known yet) pays
 * no tax there: if there are rates, and all that apply say so. */
bool business_is_exempt(struct text destination, const struct price_rate *rates,
                        size_t rates_count);

/* An amount without the tax that it contains at the rates of its class, rounded to the nearest; the
 * remainder as amount_scale() has it. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status business_net_amount(int64_t amount, const struct price_rate *rates,
                                           size_t rates_count, unsigned tax_class,
                                           int64_t *ret_divisor, int64_t *ret_net,
                                           int64_t *ret_remainder);
