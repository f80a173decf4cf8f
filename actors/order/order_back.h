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
    int64_t gone;                     /* units that were refunded before, of which */
    int64_t kept;                     /* so many stayed with their buyer when they were */
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
    int64_t priced; /* of these: units that were not refunded before; the share is theirs */
    struct refund_share share;
};

/* Where the money of a refund comes from and goes, in minor units. */
struct order_back_ways {
    int64_t waived;  /* is not asked for any more */
    int64_t card;    /* to the card, as all that follows but the last two, of what it has paid: */
    int64_t credit;  /* to the wallet of its buyer instead */
    int64_t by_hand; /* handed back by a person instead */
    int64_t wallet;  /* to the wallet, of what that has paid */
    int64_t offline; /* handed back by a person, of what was paid outside of the market */
};

struct order_back {
    /* What goes back for the units of a replacement, of the order that was paid for them; NULL: the
     * order was paid for itself. */
    const struct order_back *origin;
    struct uuid id;       /* names the refund; of a cancellation, it is the cancellation's */
    struct uuid order_id; /* whose it is */
    int64_t sequence;     /* the row of history that tells of it */
    const struct order_subject *subjects;
    size_t subjects_count;
    const struct order_back_part *parts;
    size_t parts_count;
    bool is_kept;                        /* the units of its parts stay with their buyer */
    int64_t goodwill;                    /* given back for no units: all of the total, or nothing */
    int64_t total;                       /* minor units, of which */
    int64_t set_off;                     /* was given back before, as goodwill; */
    struct order_back_ways ways;         /* the rest; of the wallet's part */
    const struct order_back_hold *holds; /* so much is given back by holds of edits, each once; */
    size_t holds_count;                  /* what is left then by the group's */
};

/* Where money of an order is, in minor units. */
struct order_back_sources {
    int64_t owed;      /* nowhere: it is still to be paid */
    int64_t card;      /* what a card has paid, and what of that has not gone back anywhere */
    int64_t wallet;    /* the same of a wallet, */
    int64_t offline;   /* and of what was paid outside of the market */
    int64_t goodwill;  /* what was given back without units, and is not set off yet */
    int64_t card_step; /* a card gets multiples of that (messages/card_amount.h); 0: as 1 */
    bool is_guests;    /* there is no wallet that could get what a card does not know */
};
struct order_back_sources order_back_sources_of(const struct order_life *life);

/* What is wished for. */
enum order_back_destination {
    ORDER_BACK_ORIGINAL, /* the card gets what it has paid, then the wallet, then by hand */
    ORDER_BACK_WALLET,   /* nothing goes to the card: the wallet gets its part, too */
    ORDER_BACK_MANUAL    /* nothing goes to the card: its part is handed back by a person, too */
};

/* Takes `amount` from the sources, as far as they have so much, in the order of the destination,
 * and adds it to the ways. Returns what was left of it, which may be what the card does not know.
 * Nothing is waived by that. */
int64_t order_back_route(struct order_back_sources *sources, int64_t amount,
                         enum order_back_destination destination, struct order_back_ways *ways);

/* The same of what is owed: it is waived. */
int64_t order_back_waive(struct order_back_sources *sources, int64_t amount,
                         struct order_back_ways *ways);

/* What goes back for `units` of each subject: what is owed is taken off first, then it goes where
 * money came from, or is wished to go. The end of a card's part that cards do not know goes to the
 * wallet of its buyer; of a guest, it is handed back. What there is not so much of, since it was
 * given back as goodwill, is set off against that. Units that were refunded before, while they were
 * kept, are not refunded again. Parts are in the arena; id, sequence and is_kept are left alone.
 * Statuses: those of refund_share_of(); OUT_OF_RANGE (also where more goes back than there is). */
MUST_CHECK enum status order_back_plan(const struct order_subject *subjects, size_t count,
                                       const int64_t units[], struct order_back_sources sources,
                                       enum order_back_destination destination, struct arena *arena,
                                       struct order_back *back);
/* What of the wallet's part goes back by which holds of edits, of which so much is left: by the
 * first as much as it has, and so on. All that holds have paid of an order is all that its wallet
 * has, so what is left then is there in the group's. In the arena. */
void order_back_share(const struct order_back_hold *left, size_t count, struct arena *arena,
                      struct order_back *back);
/* What goes back of what was paid. */
int64_t order_back_paid(const struct order_back *back);
/* What the wallet gets: of its own part, and of the card's. */
int64_t order_back_to_wallet(const struct order_back *back);
/* What a person hands back. */
int64_t order_back_manual(const struct order_back *back);
/* Moves the sums of the order by it. */
void order_back_apply(struct order_life *life, const struct order_back *back);
