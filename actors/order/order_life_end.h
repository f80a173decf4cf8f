/* How an order ends before anything of it was sent. */
#pragma once

#include "actors/order/order_life_store.h"

struct order_ending {
    enum order_trigger trigger; /* CANCEL or REFUSE, which the order's state must have */
    struct text reason;         /* may be empty */
    bool is_created;            /* the answer is 201, not 200 */
};

/* Queues that the order ends: its parcels are called off, all units that are left cancelled, the
 * return whose units it was to send again is opened again, and a process begins that brings goods
 * and money back and answers the request with the order. WAITS. Statuses: OK, ILLEGAL_TRANSITION,
 * and those of reading, of replacement_reopen() and of saga_begin(). */
MUST_CHECK enum status order_life_end(struct request *request, struct order_life *life,
                                      const struct order_ending *ending,
                                      struct order_order *ret_reply);
