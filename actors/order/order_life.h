/* An order in motion: what a trigger does to it, how its units move it on, and the history that
 * this writes. Pure. */
#pragma once

#include "actors/order/cart.h"
#include "actors/order/order_progress.h"

enum {
    ORDER_LINES_MAX = CART_LINES_MAX,
    ORDER_SIBLINGS_MAX = CART_LINES_MAX - 1, /* other orders of the group */
    ORDER_SHIPMENTS_MAX = 50,                /* parcels that are kept of an order */
    ORDER_RETURNS_MAX = 20,                  /* of an order, those that have ended too */
    ORDER_CLAIMS_MAX = 20,                   /* likewise; as many of both are open at most */
    /* Of one unit: each parcel of an order and the order itself, twice. */
    ORDER_CHANGES_MAX = 2 * (ORDER_SHIPMENTS_MAX + 1)
};

/* One row of history; its sequence is its place. The states say whose it is. */
struct order_change {
    struct uuid object_id; /* the order, a parcel, a return or a claim of it */
    enum order_trigger trigger;
    enum order_state from, to;
    bool is_late; /* a report that came too late to move anything */
    bool has_reported_at;
    int64_t reported_at_us; /* when it happened, as a carrier says */
    struct text note;
};

struct order_life_line {
    struct uuid id;
    int64_t position; /* that of the line whose units it sends again, in a replacement */
    struct order_line_counts counts;
    int64_t packed; /* units in parcels that were not called off */
    int64_t
        claimed; /* units in open claims, or sent again for one, once claim_block() counted them */
};

/* 10 KiB: it belongs into an arena, not on a fiber's stack. */
struct order_life {
    struct uuid order_id, group_id, vendor_id;
    struct uuid user_id;     /* zero: a guest's */
    struct uuid replaces_id; /* the order whose units it sends again, at no price; or zero */
    struct text number, vendor_name;
    enum order_state state;
    int64_t version; /* the sequence of the newest row of history */
    enum order_fulfilment fulfilment;
    int64_t shipments_count;
    const char *currency;
    int64_t total;       /* minor units, as all sums; of that a card has paid `card_amount`, */
                         /* and a wallet all but that and `on_delivery` */
    int64_t refunded;    /* goes back of what wallet and card have paid */
    int64_t on_delivery; /* was to be paid outside of the market when it was placed; of that: */
    int64_t waived;      /* what was cancelled and will not be asked for, */
    int64_t collected;   /* what was paid */
    int64_t handed_back; /* of what was collected: is to be handed back, or was */
    int64_t card_amount;
    int64_t card_refunded;  /* of that: goes back, of which */
    int64_t card_to_wallet; /* the wallet gets this instead of the card, */
    int64_t card_by_hand;   /* and a person hands this back; the rest goes to the card */
    int64_t card_pending;   /* of what goes to the card or the wallet: is on its way, */
    int64_t card_failed;    /* or cannot get there */
    int64_t goodwill;       /* was given back without units, and not set off against any yet */
    enum order_offline_method offline_method;
    int64_t payment_due_at_us; /* 0: nothing is due at a time */
    bool is_asked;             /* its vendor is to accept it when it is paid */
    int64_t returns_until_us;  /* until when units may be returned; 0: not all has arrived */
    int64_t returns_open;      /* returns and claims that have not ended: it is not completed */
    int64_t due_at_us;         /* when something happens to it by itself; 0: nothing does */
    int64_t ended_at_us;       /* 0: it is open */
    struct order_life_line lines[ORDER_LINES_MAX];
    size_t lines_count;
    enum order_fulfilment siblings[ORDER_SIBLINGS_MAX]; /* of the group's other orders */
    struct uuid sibling_ids[ORDER_SIBLINGS_MAX];        /* which those are */
    size_t siblings_count;
    struct order_change changes[ORDER_CHANGES_MAX]; /* since it was loaded */
    size_t changes_count;
};

/* What follows from the moment at which something happens, and from the market's settings. */
struct order_terms {
    int64_t now_us;
    int64_t return_window_us;       /* an order is completed so long after it was delivered */
    int64_t return_deadline_us;     /* a return waits so long for its vendor, then for the goods */
    int64_t claim_deadline_us;      /* a claim waits so long for its vendor, then for its buyer */
    int64_t delivered_after_us;     /* a parcel is taken for delivered so long after it was sent */
    int64_t acceptance_deadline_us; /* a vendor has so long to accept an order that is paid now */
    bool is_paid_by_delivery;       /* what is paid at the door needs nobody to say so */
};

/* Adds a row of history and moves the version with it. */
void order_life_note(struct order_life *life, const struct order_change *change);
/* Pulls a trigger of the order's machine. Statuses: OK, ILLEGAL_TRANSITION (nothing has changed).
 */
MUST_CHECK enum status order_life_pull(struct order_life *life, enum order_trigger trigger,
                                       const struct order_terms *terms);
/* Ends an order of which no unit is packed, by CANCEL or REFUSE: every unit is cancelled; `reason`
 * stands in its history. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_life_call_off(struct order_life *life, enum order_trigger trigger,
                                           struct text reason, const struct order_terms *terms);
/* How far the units have come; the counters of a life are possible ones. */
enum order_progress order_life_progress(const struct order_life *life);
/* To be called when counters have moved: pulls what follows from them when they say something else
 * than `before`, and sums up how far the order is. Statuses: as order_life_pull(). */
MUST_CHECK enum status order_life_follow(struct order_life *life, enum order_progress before,
                                         const struct order_terms *terms);
/* Finds a line's place by its id; false: the order has no such line. */
bool order_life_find_line(const struct order_life *life, struct uuid line_id, size_t *ret_line);
/* A return or a claim begins: the order is not completed until all have ended. */
void order_life_hold(struct order_life *life);
/* One of them ends: with the last one the order is completed when its time for returns is over. */
void order_life_let_go(struct order_life *life);
/* True if nothing of the order is kept. */
bool order_life_is_all_back(const struct order_life *life);
/* Another order of the group is saved before this one, in the same unit: as it will be then. */
void order_life_meet(struct order_life *life, const struct order_life *saved_before);
/* How far it is paid, or paid back. */
enum order_payment_summary order_life_payment(const struct order_life *life);
/* The group's summary, with this order as it is now. */
enum order_fulfilment order_life_group_fulfilment(const struct order_life *life);
