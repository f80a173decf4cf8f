/* What shoppers have put aside, in PostgreSQL. Reads WAIT and see committed rows only; their
 * statuses are those of request_query(). All items of a shopper are written in the shopper's shard,
 * so that their units follow each other. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/cart.h"

enum { SAVED_ITEMS_MAX = 100 };

struct saved_item {
    struct uuid variant_id, product_id, vendor_id;
    struct text name; /* in the request's arena */
    int64_t quantity, saved_at_us;
};

/* The items of a shopper, the newest first, at most SAVED_ITEMS_MAX, in the request's arena. */
MUST_CHECK enum status saved_item_store_list(struct request *request, struct uuid user_id,
                                             struct saved_item **ret_items, size_t *ret_count);
/* One of them. Also NOT_FOUND. */
MUST_CHECK enum status saved_item_store_find(struct request *request, struct uuid user_id,
                                             struct uuid variant_id, struct saved_item *ret_item);
/* How many items there are besides that of a variant, and whether there is that one. */
MUST_CHECK enum status saved_item_store_count(struct request *request, struct uuid user_id,
                                              struct uuid variant_id, int64_t *ret_others,
                                              bool *ret_is_there);
/* Queues an item, or the quantity of one that is there. One too many, of two at once, ends the unit
 * with CONFLICT. */
void saved_item_store_put(struct request *request, struct uuid user_id,
                          const struct saved_item *item);
/* Queues the end of an item; one that is not there any more ends the unit with CONFLICT. */
void saved_item_store_remove(struct request *request, struct uuid user_id, struct uuid variant_id);
/* Queues the end of all items of a shopper. */
void saved_item_store_forget(struct request *request, struct uuid user_id);
