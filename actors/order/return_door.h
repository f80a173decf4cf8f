/* Returns of an order as their commands find, save and answer them. */
#pragma once

#include "actors/order/order_back.h"
#include "actors/order/order_life_door.h"
#include "actors/order/return.h"

/* What every command about a return names. */
struct return_wish {
    struct uuid order_id, return_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    struct text reason; /* may be empty */
};

/* An order with its returns. */
struct returns {
    struct order_life *life;
    struct order_return *all;
    size_t count;
};

/* Loads an order for whoever asks, with its returns, and what its claims keep from being asked for.
 * WAITS. Statuses: those of order_life_open(), PRECONDITION_FAILED (it has another version). */
MUST_CHECK enum status return_open(struct request *request, struct uuid order_id, struct text token,
                                   struct versions versions, struct returns *ret_returns);
/* The same, and one of the returns, of what vendors and staff do to which there is an audit entry.
 * Statuses: likewise; NOT_FOUND also if the order has no such return. */
MUST_CHECK enum status return_find(struct request *request, const struct return_wish *wish,
                                   struct returns *ret_returns, struct order_return **ret_found);
/* Queues a return with its order, and who is told of what has changed. WAITS. Statuses: those of
 * order_life_save() and order_life_tell(). */
MUST_CHECK enum status return_save(struct request *request, const struct returns *returns,
                                   const struct order_return *changed);
/* The same of one by which money goes back. */
MUST_CHECK enum status return_save_back(struct request *request, const struct returns *returns,
                                        const struct order_return *changed,
                                        const struct order_back *back);
/* The order with the return as it is by now, which is the last one if it is new. WAITS. Statuses:
 * those of order_life_answer(). */
MUST_CHECK enum status return_answer(struct request *request, const struct returns *returns,
                                     const struct order_return *changed,
                                     struct order_order *ret_reply);
