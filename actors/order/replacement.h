/* Goods of a return or a claim are sent again: stock is set aside, the order that replaces them is
 * made, then the stock is taken and what came back is sold again, whatever happens in between.
 * Registered with the domain (order_actor.c). */
#pragma once

#include "actors/host/saga.h"
#include "actors/order/order_life_store.h"
#include "actors/order/return.h"

extern const struct saga_kind replacement_saga;

struct replacement_part {
    size_t line;                 /* its place among the order's lines */
    int64_t quantity, restocked; /* sent again; came back and are sold again */
};

/* Why units are sent again, and which. */
struct replacement_cause {
    struct uuid id; /* the return's or the claim's */
    bool is_claim;
    struct replacement_part parts[ORDER_LINES_MAX];
    size_t parts_count;
};

/* What has arrived in a return is sent again; what is sold again already is not twice. In the
 * request's arena. */
const struct replacement_cause *replacement_cause_of_return(struct request *request,
                                                            const struct order_return *exchanged);
/* Refuses to send anything again when the checkout of the order has as many orders as it can have.
 * Statuses: OK, TOO_MANY_ORDERS. */
MUST_CHECK enum status replacement_require_room(struct request *request,
                                                const struct order_life *life);
/* Begins that process; it answers the request. `order` is what is shown of the order of which units
 * are sent again, with its lines. Statuses: those of saga_begin(). */
MUST_CHECK enum status replacement_begin(struct request *request, const struct order_life *life,
                                         const struct replacement_cause *cause,
                                         const struct order_order *order);
