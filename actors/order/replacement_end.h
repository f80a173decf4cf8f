/* What a replacement's end does to the return whose units it sent again. */
#pragma once

#include "actors/order/order_life_store.h"

enum replacement_end {
    REPLACEMENT_END_CANCELLED, /* the vendor has the time of a return to refund or exchange again */
    REPLACEMENT_END_RETURNED   /* what it replaced is refunded by the clock, at once */
};

/* Of an order that replaces units of another one and ends without its buyer keeping any: queues
 * that the other one's return is open again. Of any other order: nothing. Called before the order
 * is saved, whose summary of the group is the later one. WAITS. Statuses: OK, CORRUPT (no return
 * says that the order replaces its units), and those of order_life_load() and
 * order_life_save(). */
MUST_CHECK enum status replacement_end(struct request *request, const struct order_life *life,
                                       enum replacement_end end);
