/* SQL of what a card pays of checkouts and their orders. */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

/* Queues what a card is to pay of a group that begins in this unit, in minor units. */
void card_store_begin(struct request *request, struct uuid group_id, int64_t amount);
/* Queues the share of each order of a group that is placed in this unit; `amounts` is in the order
 * of its orders. */
void card_store_place(struct request *request, const struct order_group *group,
                      const int64_t *amounts);

/* The orders of a placed group of which a card pays something, and how much, unless it is noted
 * already that it does not. WAITS. */
MUST_CHECK enum status card_store_list(struct request *request, struct uuid group_id,
                                       const struct uuid **ret_ids, const int64_t **ret_amounts,
                                       size_t *ret_count);
/* What cards pay of the orders of a group, in minor units, those first that have the first numbers;
 * and of one of them, where its part has gone. `count` is 0 where no card pays. WAITS. */
struct card_shares {
    const int64_t *amounts; /* `count`, at most ORDER_PARTS_MAX */
    size_t count, index;    /* which of them is the order's */
    int64_t refunded, refunding, failed, elsewhere;
};
MUST_CHECK enum status card_store_find_shares(struct request *request, struct uuid order_id,
                                              struct card_shares *ret_shares);
/* Queues that a group's card part is lost, and that these orders of it owe their shares. What then
 * changes of their lives is to be queued behind it. */
void card_store_lose(struct request *request, struct uuid group_id, const struct uuid *ids,
                     size_t count);
