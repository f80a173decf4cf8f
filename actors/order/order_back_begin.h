/* Units of an order go back: what they cost is written down, and a process begins that brings goods
 * and money back. Both belong into the unit that cancels them. */
#pragma once

#include "actors/order/order_back.h"
#include "actors/order/order_life_store.h"

/* Units go back in so many parts at most, beside all that is left. Statuses: OK,
 * TOO_MANY_CANCELLATIONS (told why). */
MUST_CHECK enum status order_back_require_room(struct request *request,
                                               const struct order_order *order);

/* What goes back. */
struct order_back_wish {
    const int64_t *units; /* of each line, in the order of the life's */
    bool with_deliveries; /* all of them, too */
    int64_t sequence;     /* the row of history that tells of it */
    struct uuid id;       /* names the refund; zero: a new one does */
    enum order_back_destination destination;
};
/* Works out what would go back, by the sums of the life; nothing is queued, and what holds give
 * back is left open. WAITS. Statuses: OK, CONFLICT (the order has changed meanwhile), CORRUPT, and
 * those of request_query(). */
MUST_CHECK enum status order_back_reckon(struct request *request, const struct order_life *life,
                                         const struct order_back_wish *wish,
                                         struct order_back *ret_back);
/* Queues what goes back, and moves the life's sums, which are to be saved after it. WAITS. Statuses
 * likewise. */
MUST_CHECK enum status order_back_take(struct request *request, struct order_life *life,
                                       const struct order_back_wish *wish,
                                       struct order_back *ret_back);

/* The second half of that, of what was worked out otherwise. WAITS. Statuses: those of
 * request_query(). */
MUST_CHECK enum status order_back_write(struct request *request, struct order_life *life,
                                        struct order_back *back);

/* True if deliveries go back, too, with units that had arrived: by the market's setting, when
 * nothing of the order is kept. */
bool order_back_gives_delivery(struct request *request, bool is_whole);
/* The same of units that had arrived, told by the newest row of history; deliveries go back, too,
 * by the market's setting, when nothing of the order is kept. */
MUST_CHECK enum status order_back_take_arrived(struct request *request, struct order_life *life,
                                               const int64_t units[], bool is_whole,
                                               struct order_back *ret_back);

/* How the process goes on. */
struct order_back_terms {
    const struct uuid *promotion_ids; /* whose uses are given back */
    size_t promotions_count;
    bool is_created; /* the answer is 201, not 200 */
    /* Of a return, or of what staff refunds: units of each line, in the order of the life's, that go
     * back to the stock. NULL: it is a cancellation, of which all do. */
    const int64_t *restocked;
    struct uuid return_id; /* that is told when they are there; zero: it is none */
};
/* Begins the process, which answers the request; `order` is what is answered if that takes long,
 * and is given the cancellation, if it is one. Statuses: those of saga_begin(). */
MUST_CHECK enum status order_back_begin(struct request *request, const struct order_life *life,
                                        const struct order_back *back,
                                        const struct order_back_terms *terms,
                                        struct order_order *order);
