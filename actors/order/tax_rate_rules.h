/* What a rate of tax may look like, and what of one may still change: pure. */
#pragma once

#include "order_messages.h"

enum { TAX_RATES_OF_COUNTRY_MAX = 500 };

/* Why a rate is refused: a JSON pointer and a sentence; NULL when it is not. */
struct tax_rate_fault {
    const char *pointer, *why;
};

/* Trims the name and looks at everything: a name without hidden characters, a country of ISO
 * 3166-1, a region of capitals and digits within a country, an end after the start. */
struct tax_rate_fault tax_rate_normalise(struct order_tax_rate *rate);

/* Copies the fields that were sent. Statuses: OK, TAX_RATE_IN_FORCE (it has started, and something
 * else than its name and an end that lies ahead would change); then nothing is copied, and
 * `*ret_pointer` is the field at fault. `now_us` is market time. */
MUST_CHECK enum status tax_rate_change(struct order_tax_rate *rate,
                                       const struct order_change_tax_rate *change, int64_t now_us,
                                       const char **ret_pointer);
/* Whether it can be taken away. Statuses: OK, TAX_RATE_IN_FORCE. */
MUST_CHECK enum status tax_rate_check_removal(const struct order_tax_rate *rate, int64_t now_us);
