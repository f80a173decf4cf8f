/* Edits of orders in the database. Nothing but SQL and its mapping. */
#pragma once

#include "actors/order/order_edit.h"
#include "actors/order/order_life_store.h"

/* An edit with what of it is not shown. */
struct order_edit_row {
    struct order_edit shown; /* an open one whose time is over is shown as expired */
    struct uuid attempt_id;  /* zero, or by which it was applied */
    bool from_wallet;        /* who settles the difference */
};

/* One rate that taxes a line of an order. */
struct order_edit_rate {
    struct uuid line_id, rate_id;
    int64_t ppm;
    bool is_included;
};

/* Where an order is sent, as its taxes go by; empty: there is no address. */
struct order_edit_place {
    struct text country, region;
};

/* A line that is proposed, as it is to be written. */
struct order_edit_part {
    struct uuid line_id; /* whose goods they are; zero: other goods */
    struct uuid new_line_id;
    int64_t quantity;
    struct order_edit_price price;
    const struct uuid *rate_ids; /* of the price's amounts */
    size_t rates_count;
};

/* A new edit. */
struct order_edit_draft {
    struct order_edit shown;
    bool from_wallet;
    const struct order_edit_part *parts; /* lines, then other goods */
    size_t parts_count;
    const struct order_checkout_line *goods; /* what is kept of those */
    size_t goods_count;
    const struct order_checkout_rate *rates; /* that tax them */
    size_t rates_count;
    bool prices_include_tax; /* theirs */
};

/* How an edit is applied. */
struct order_edit_attempt {
    struct uuid attempt_id;
    struct uuid refund_id; /* of what goes; zero: nothing does */
    int64_t owed;          /* see struct order_edit_settlement */
};

/* The rates by which lines of an order are taxed, line by line, in the request's arena. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status order_edit_store_load_rates(struct request *request, struct uuid order_id,
                                                   const struct order_edit_rate **ret_rates,
                                                   size_t *ret_count);
/* Also where the rest of the address was forgotten. WAITS. Statuses: those of request_query(). */
MUST_CHECK enum status order_edit_store_load_place(struct request *request, struct uuid group_id,
                                                   struct order_edit_place *ret_place);
/* All edits of an order, the oldest first, in the request's arena. WAITS. Statuses: OK, CORRUPT,
 * and those of request_query(). */
MUST_CHECK enum status order_edit_store_list(struct request *request, const struct order_life *life,
                                             struct order_edit_row **ret_rows, size_t *ret_count);
/* What goes back to the wallet by a refund, by the holds that have paid it. WAITS. Statuses: OK,
 * NOT_FOUND, CORRUPT, and those of request_query(). */
MUST_CHECK enum status order_edit_store_find_refund(struct request *request, struct uuid order_id,
                                                    struct uuid refund_id,
                                                    struct order_edit_refund *ret_refund);

/* Queues a new one, and that an earlier one whose time is over has expired. */
void order_edit_store_add(struct request *request, const struct order_edit_draft *draft);
/* Queues the end of an open one that was not applied. */
void order_edit_store_end(struct request *request, const struct order_edit *edit,
                          enum order_edit_status status);
/* Queues that an open one is applied: its lines with their taxes are the order's, and the sums of
 * order and group move by what it adds. Comes before order_life_save(), which takes off what goes,
 * and sums up how far they are paid. */
void order_edit_store_apply(struct request *request, const struct order_edit *edit,
                            const struct order_edit_attempt *attempt);
