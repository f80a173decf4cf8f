/* Units of an order that come back: what may be asked for, what moves a return, and what that does
 * to the order. Pure. */
#pragma once

#include "actors/order/shipment.h"

enum { RETURN_RECEIPTS_MAX = 100, RETURN_LABELS_MAX = 10 };

struct return_part {
    size_t line;                           /* its place among the order's lines */
    int64_t quantity, received, restocked; /* asked for; of it arrived; of that to be sold again */
    int64_t given_back; /* of what arrived: refunded, since its replacement sends it no more */
};

struct order_return {
    struct uuid id;
    enum order_state state;
    struct text reason;
    int64_t requested_at_us;
    int64_t due_at_us;     /* 0: nothing happens to it by itself */
    int64_t ended_at_us;   /* 0: it is open */
    struct uuid refund_id; /* zero: it is not refunded */
    bool wants_exchange;
    struct uuid replacement_id;          /* zero: it is not exchanged */
    bool stock_is_back;                  /* an exchange that did not last has restocked it */
    int64_t restocked_at_us;             /* when the stock grew; 0: it has not */
    struct text instructions, label_url; /* how it is sent; may be empty */
    struct return_part parts[ORDER_LINES_MAX];
    size_t parts_count;
    size_t receipts_count;
};

/* Units that have arrived, in one condition. */
struct return_receipt {
    struct uuid line_id;
    int64_t quantity;
    bool is_restocked;
};

/* Statuses: OK (units may be returned now), ILLEGAL_TRANSITION (none has arrived, or the order has
 * ended without any), RETURN_WINDOW_CLOSED. */
MUST_CHECK enum status return_may_begin(const struct order_life *life, int64_t now_us);
/* Units of a line that have arrived, and that no return and no claim names or has sent again. */
int64_t return_units_left(const struct order_life *life, const struct order_return *returns,
                          size_t count, size_t line);
/* Asks for units that have arrived and that no other return and no claim names, in a return
 * that has its id, reason and wish. On a refusal both are scratch. */
struct shipment_refusal return_begin(struct order_life *life, const struct order_return *others,
                                     size_t others_count, const struct shipment_wish *wishes,
                                     size_t count, const struct order_terms *terms,
                                     struct order_return *made);
/* Pulls a trigger of the return; `note` (may be empty) stands in its history. An order of which no
 * return is open any more is completed when its time for returns is over. Statuses: OK,
 * ILLEGAL_TRANSITION (nothing has changed). */
MUST_CHECK enum status return_pull(struct order_life *life, struct order_return *pulled,
                                   enum order_trigger trigger, struct text note,
                                   const struct order_terms *terms);
/* Counts what has arrived (RECEIVE_PART, or RECEIVE_ALL with the last unit), of a return that may
 * receive. On a refusal both are scratch. */
struct shipment_refusal return_receive(struct order_life *life, struct order_return *received,
                                       const struct return_receipt *receipts, size_t count,
                                       const struct order_terms *terms);

/* Opens a return again of which all has arrived, since what replaced its units is gone, until
 * `due_at_us` at the latest: what was sold again stays so. The order may be completed by then, and
 * stays that. Statuses: as return_pull(). */
MUST_CHECK enum status return_reopen(struct order_life *life, struct order_return *reopened,
                                     int64_t due_at_us, const struct order_terms *terms);
/* Refunds units, in the order of the life's lines, of an exchanged return that its replacement does
 * not send any more, or that came back of it: the order counts them as returned; what is left
 * stays exchanged. Units are at most what has arrived and was not given back. Statuses: as
 * return_pull(). */
MUST_CHECK enum status return_give_back(struct order_life *life, struct order_return *exchanged,
                                        const int64_t units[], const struct order_terms *terms);
/* With what has arrived, nothing of the order is kept. */
bool return_is_whole(const struct order_life *life, const struct order_return *received);

/* Units of each line, in the order of the life's. */
struct return_units {
    int64_t returned[ORDER_LINES_MAX], restocked[ORDER_LINES_MAX];
    bool is_whole; /* nothing of the order is kept */
};
/* Ends a return by refunding what has arrived: the order counts those units as returned. Statuses:
 * as return_pull(). */
MUST_CHECK enum status return_refund(struct order_life *life, struct order_return *refunded,
                                     const struct order_terms *terms,
                                     struct return_units *ret_units);
