/* What goes back for units of an order, by what it keeps of its price: of each line and delivery
 * its share, and of their sum what is not asked for any more and what is handed back. Pure. */
#pragma once

#include "actors/order/order_life.h"
#include "actors/order/refund_share.h"

enum { ORDER_SUBJECTS_MAX = ORDER_LINES_MAX + PRICE_CONSIGNMENTS_MAX };

/* A line of an order, or a delivery, which is one unit. */
struct order_subject {
    struct uuid id;
    struct refund_line price;
    const struct uuid *promotion_ids; /* of the price's discounts */
    const struct uuid *rate_ids;      /* of the price's taxes */
    int64_t gone;                     /* units that went back before */
    struct uuid hold_id;              /* that has paid it; zero: the group's, or none */
};

struct order_back_part {
    size_t subject; /* its place */
    int64_t units;
    struct refund_share share;
};

struct order_back {
    struct uuid id;   /* names the refund; of a cancellation, it is the cancellation's */
    int64_t sequence; /* the row of history that tells of it */
    const struct order_subject *subjects;
    size_t subjects_count;
    const struct order_back_part *parts;
    size_t parts_count;
    int64_t total;  /* minor units, of which */
    int64_t waived; /* is not asked for any more, */
    int64_t manual; /* was paid outside of the market and is handed back; */
};                  /* the rest goes to the wallet */

/* Where money of an order is, in minor units. */
struct order_back_sources {
    int64_t owed;   /* nowhere: it is still to be paid */
    int64_t wallet; /* what a wallet has paid and has not got back */
};

/* What goes back for `units` of each subject: what is owed is taken off first, then a wallet gets
 * what it has paid; what is left then is handed back. Parts are in the arena; id and sequence are
 * left alone. Statuses: those of refund_share_of(). */
MUST_CHECK enum status order_back_plan(const struct order_subject *subjects, size_t count,
                                       const int64_t units[], struct order_back_sources sources,
                                       struct arena *arena, struct order_back *back);
