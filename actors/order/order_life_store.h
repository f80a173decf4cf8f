/* Orders in motion in the database. Nothing but SQL and its mapping. An order, its units, its
 * group's summary and its history change in one statement, from the version that was loaded. */
#pragma once

#include "actors/host/request.h"
#include "actors/order/order_life.h"
#include "order_messages.h"

/* Names of the contract and of rows. */
const char *order_fulfilment_name(enum order_fulfilment fulfilment);
/* Statuses: OK, CORRUPT (no such name). */
MUST_CHECK enum status order_fulfilment_find(struct text name, enum order_fulfilment *ret_value);

MUST_CHECK enum status order_offline_method_find(struct text name,
                                                 enum order_offline_method *ret_value);

/* Loads an order, as it is committed, into the request's arena. WAITS. Statuses: OK, NOT_FOUND,
 * CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_life_load(struct request *request, struct uuid order_id,
                                       struct order_life **ret_life);
/* Queues what has changed since it was loaded, at least one row of history, and the event of it.
 * The unit ends with CONFLICT when the order or the summary of another one of its group has
 * changed meanwhile. Statuses: those of request_publish(). */
MUST_CHECK enum status order_life_save(struct request *request, const struct order_life *life);

/* Shows in an answer what the life has by now. */
void order_life_show(const struct order_life *life, struct order_order *order);

/* In the unit of a checkout's pivot, before its orders are written: gives them the state that they
 * begin with (accepted, unless the market or their vendor wants to be asked, or they wait for a
 * transfer), and queues their first rows of history. */
void order_life_begin(struct request *request, const struct order_checkout_data *checkout,
                      struct order_group *group);

/* The market asks all vendors whether they accept, or this one wants to be asked. */
bool order_life_asks_vendor(struct request *request, const struct order_checkout_data *checkout,
                            struct uuid vendor_id);

/* Orders of these shards that are due, the longest first, at most ORDER_DUE_MAX ids in the
 * request's arena. WAITS. Statuses: those of request_query(). */
enum { ORDER_DUE_MAX = 200 };
MUST_CHECK enum status order_life_list_due(struct request *request, unsigned shard_first,
                                           unsigned shard_last, const struct uuid **ret_ids,
                                           size_t *ret_count);
