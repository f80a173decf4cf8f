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
    struct uuid hold_id; /* an edit's, which has added it and was paid; zero: it is none of those */
};

/* What an edit's hold has paid, or gives back, in minor units. */
struct order_back_hold {
    struct uuid id;
    int64_t amount;
};

struct order_back_part {
    size_t subject; /* its place */
    int64_t units;
    struct refund_share share;
};

struct order_back {
    /* What goes back for the units of a replacement, of the order that was paid for them; NULL: the
     * order was paid for itself. */
    const struct order_back *origin;
    struct uuid id;   /* names the refund; of a cancellation, it is the cancellation's */
    int64_t sequence; /* the row of history that tells of it */
    const struct order_subject *subjects;
    size_t subjects_count;
    const struct order_back_part *parts;
    size_t parts_count;
    int64_t total;                       /* minor units, of which */
    int64_t waived;                      /* is not asked for any more, */
    int64_t manual;                      /* was paid outside of the market and is handed back; */
                                         /* the rest goes to the wallet, of which */
    const struct order_back_hold *holds; /* is given back by holds of edits, each once; */
    size_t holds_count;                  /* what is left then by the group's */
};

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
/* What of the wallet's part goes back by which holds of edits, of which so much is left: by the
 * first as much as it has, and so on. All that holds have paid of an order is all that its wallet
 * has, so what is left then is there in the group's. In the arena. */
void order_back_share(const struct order_back_hold *left, size_t count, struct arena *arena,
                      struct order_back *back);
/* The wallet's part. */
int64_t order_back_refunded(const struct order_back *back);
