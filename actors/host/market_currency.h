/* Which currencies the market sells in: its own, and those of market.currencies; where that is
 * empty, any of ISO 4217. Nothing is ever exchanged: what has no price in a currency is not sold
 * in it. */
#pragma once

#include "actors/host/request.h"

/* True of a code in capitals that the market sells in. */
bool market_sells_in(const struct config *config, struct text currency);
/* True of the market's own currency. */
bool market_is_own_currency(const struct config *config, struct text currency);
/* OK, or `code` with a fault at `pointer` that says which ones there are. */
MUST_CHECK enum status market_check_currency(struct request *request, const char *pointer,
                                             enum status code, struct text currency);
