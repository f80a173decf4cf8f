/* Asks the catalogue. */
#include "actors/order/stock_steps.h"

#include "catalog_messages.h"

static enum status begin_reserve(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct stock_wish *wish = data;
    const struct catalog_reserve_stock command = { .variant_id = wish->parts[index].variant_id,
                                                   .reservation_id = wish->reservation_id,
                                                   .quantity = wish->parts[index].quantity,
                                                   .expires_at_us = wish->expires_at_us };
    return saga_ask_begin(saga, index, &catalog_reserve_stock_message, &command, ret_ask);
}

enum status stock_reserve(struct saga *saga, const struct stock_wish *wish)
{
    const struct saga_asks asks = { .count = wish->count, .begin = begin_reserve, .data = wish };
    const enum status status = saga_ask_all(saga, &asks, NULL);
    return status == STATUS_NOT_FOUND ? STATUS_INSUFFICIENT_STOCK : status;
}

static enum status begin_release(struct saga *saga, const void *data, unsigned index,
                                 struct saga_ask **ret_ask)
{
    const struct stock_wish *wish = data;
    const struct catalog_release_stock command = { .variant_id = wish->parts[index].variant_id,
                                                   .reservation_id = wish->reservation_id };
    return saga_ask_begin(saga, index, &catalog_release_stock_message, &command, ret_ask);
}

enum status stock_release(struct saga *saga, const struct stock_wish *wish)
{
    const struct saga_asks asks = {
        .count = wish->count, .begin = begin_release, .data = wish, .as_good = STATUS_NOT_FOUND
    };
    return saga_ask_all(saga, &asks, NULL);
}

static enum status begin_commit(struct saga *saga, const void *data, unsigned index,
                                struct saga_ask **ret_ask)
{
    const struct stock_wish *wish = data;
    const struct catalog_commit_stock command = { .variant_id = wish->parts[index].variant_id,
                                                  .reservation_id = wish->reservation_id };
    return saga_ask_begin(saga, index, &catalog_commit_stock_message, &command, ret_ask);
}

enum status stock_commit(struct saga *saga, const struct stock_wish *wish)
{
    const struct saga_asks asks = { .count = wish->count, .begin = begin_commit, .data = wish };
    return saga_ask_all(saga, &asks, NULL);
}
