/* Steps of processes that take goods from the stock: set aside, let go or taken, one ask per
 * variant, all at once. All of them WAIT, and may be repeated. */
#pragma once

#include "actors/host/saga.h"

struct stock_part {
    struct uuid variant_id;
    int64_t quantity;
};

struct stock_wish {
    struct uuid reservation_id; /* names what is set aside, with the variant */
    int64_t expires_at_us;
    const struct stock_part *parts;
    unsigned count; /* at most SAGA_ASKS_MAX */
};

/* Statuses: those of the catalogue; INSUFFICIENT_STOCK also for what is not sold any more. */
MUST_CHECK enum status stock_reserve(struct saga *saga, const struct stock_wish *wish);
/* What is not there is let go already. */
MUST_CHECK enum status stock_release(struct saga *saga, const struct stock_wish *wish);
MUST_CHECK enum status stock_commit(struct saga *saga, const struct stock_wish *wish);
