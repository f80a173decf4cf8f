/* Public reads that are answered without a domain: whether a request is one, and what is kept of
 * the answers of domains. */
#pragma once

#include "gateway/exchange.h"

/* Looks for a good answer among what is kept, when the sender is admitted and counted; sets
 * exchange->kept. True: there is one, and respond_kept() may send it. */
bool from_cache_find(struct exchange *exchange);
/* Keeps the body of an answer (status 200, of a domain) if others may have it, too. */
void from_cache_keep(const struct exchange *exchange, struct text body, struct text tag);
