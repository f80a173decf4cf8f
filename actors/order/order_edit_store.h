/* Edits of orders in the database. Nothing but SQL and its mapping. */
#pragma once

#include "actors/order/order_edit.h"
#include "actors/order/order_life_store.h"

/* An edit with what of it is not shown. */
struct order_edit_row {
    struct order_edit shown; /* an open one whose time is over is shown as expired */
    struct uuid attempt_id;  /* zero, or by which it was applied */
};

/* One rate that taxes a line of an order. */
struct order_edit_rate {
    struct uuid line_id, rate_id;
    int64_t ppm;
    bool is_included;
};

/* A line that is proposed, as it is to be written. */
struct order_edit_part {
    struct order_edit_line line;
    struct order_edit_price price;
    const struct uuid *rate_ids; /* of the price's amounts */
    size_t rates_count;
};

/* The rates by which lines of an order are taxed, line by line, in the request's arena. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status order_edit_store_load_rates(struct request *request, struct uuid order_id,
                                                   const struct order_edit_rate **ret_rates,
                                                   size_t *ret_count);
/* All edits of an order, the oldest first, in the request's arena. WAITS. Statuses: OK, CORRUPT,
 * and those of request_query(). */
MUST_CHECK enum status order_edit_store_list(struct request *request, const struct order_life *life,
                                             struct order_edit_row **ret_rows, size_t *ret_count);
/* Queues a new one, and that an earlier one whose time is over has expired. */
void order_edit_store_add(struct request *request, const struct order_edit *edit,
                          const struct order_edit_part *parts);
/* Queues the end of an open one: declined. */
void order_edit_store_decline(struct request *request, const struct order_edit *edit);
/* Queues that an open one is applied by `attempt_id`: its lines with their taxes are the order's,
 * and the sums of order and group move. Comes before order_life_save(), which sums up how far they
 * are paid. */
void order_edit_store_apply(struct request *request, const struct order_edit *edit,
                            struct uuid attempt_id);
