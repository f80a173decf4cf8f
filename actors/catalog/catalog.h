/* Rules of stock and of category paths: pure, no I/O. The stock of a variant is `on_hand` units, of
 * which `held` are set aside by reservations; the rest is available, and what may be sold ahead of
 * what is there. Units that are sold and not there are owed: `on_hand` is below nothing then. */
#pragma once

#include "actors/catalog/catalog_ahead.h"
#include "messages/values.h"
#include "runtime/arena.h"

enum {
    CATALOG_RECENT_MAX = 64, /* reservations that an activation remembers, per variant */
    CATALOG_ON_HAND_MAX = 1000000000,
    CATALOG_LEVELS_MAX = 15,         /* of a category path */
    CATALOG_CATEGORY_NAME_MAX = 200, /* characters */
    CATALOG_PATH_MAX = 500,          /* characters */
    CATALOG_SLUG_MAX = 200,          /* bytes, of a category */
};

/* ---- stock ---- */

/* Stored as a number: values are permanent. */
enum catalog_reservation_state {
    CATALOG_RESERVATION_NONE = 0, /* unknown */
    CATALOG_RESERVATION_HELD = 1,
    CATALOG_RESERVATION_RELEASED = 2,
    CATALOG_RESERVATION_COMMITTED = 3,
    CATALOG_RESERVATION_EXPIRED = 4,
};

/* Units of one variant that are set aside under a name. */
struct catalog_reservation {
    struct uuid id;
    int64_t quantity;      /* >= 0; 0 of a mark */
    int64_t expires_at_us; /* market time */
    enum catalog_reservation_state state;
};

/* The stock of one variant, as its activation remembers it. 0 <= held <= on_hand + owed_max,
 * always; owed_max is the limit of `ahead`, or more while more is owed from another limit before.
 * `recent` is a ring of the reservations that changed last, whose rows may be queued and not yet
 * committed; others are looked up in the table. About 3 KiB: it belongs into an arena, not on a
 * fiber's stack.
 */
struct catalog_stock {
    struct uuid variant_id, product_id;
    int64_t on_hand, held, sold;
    struct catalog_ahead ahead; /* at the time of the request that has loaded it */
    int64_t owed_max;
    int64_t version; /* of its row */
    bool is_active;  /* false: it cannot be bought any more */
    bool is_bundle;  /* it is made of others, and not sold from its own stock */
    bool is_part;    /* bundles are made of it */
    uint32_t recent_count, recent_next;
    struct catalog_reservation recent[CATALOG_RECENT_MAX];
};

/* How many units can be set aside now, with those that may be sold ahead: 0 of a variant that is
 * not active, or a bundle. */
int64_t catalog_stock_available(const struct catalog_stock *stock);
/* How it is sold at the time of `stock->ahead`. */
enum catalog_availability catalog_stock_availability(const struct catalog_stock *stock);
/* Units that are there, those that are set aside included. */
int64_t catalog_stock_on_hand(const struct catalog_stock *stock);
/* Units that are sold or set aside, and not there. */
int64_t catalog_stock_owed(const struct catalog_stock *stock);
/* The reservation, lent, if it is among the recent ones; else NULL. */
const struct catalog_reservation *catalog_stock_recall(const struct catalog_stock *stock,
                                                       struct uuid reservation_id);

/* Each rule below is given the reservation as it stands (state NONE: it is unknown), changes it
 * together with the stock, moves the stock's version by one and notes the reservation as recent.
 * `*ret_is_changed` is false when that was done before, so that there is nothing to write. On a
 * refusal nothing has changed. */

/* Sets reservation->quantity units (> 0, given by the caller while the state is NONE) aside. One
 * that is held or committed is left as it is. Statuses: OK, RESERVATION_RELEASED (released or
 * expired), INSUFFICIENT_STOCK. */
MUST_CHECK enum status catalog_stock_reserve(struct catalog_stock *stock,
                                             struct catalog_reservation *reservation,
                                             bool *ret_is_changed);
/* Gives the units back. An unknown reservation becomes a mark (released, quantity 0), which leaves
 * the stock and its version as they are. Statuses: OK, ILLEGAL_TRANSITION (committed). */
MUST_CHECK enum status catalog_stock_release(struct catalog_stock *stock,
                                             struct catalog_reservation *reservation,
                                             bool *ret_is_changed);
/* Makes the units sold. An expired reservation is committed too, as long as so many units are free.
 * Statuses: OK, NOT_FOUND (unknown), RESERVATION_RELEASED (released, or expired and the units are
 * gone). */
MUST_CHECK enum status catalog_stock_commit(struct catalog_stock *stock,
                                            struct catalog_reservation *reservation,
                                            bool *ret_is_changed);
/* Gives the units of a held reservation back if its time is over at `now_us` (market time); any
 * other reservation stays. The clock alone must never lead here: whoever reserved has said that
 * nobody will take them (actors/catalog/README.md, Decisions: a promise outlives its time). */
void catalog_stock_expire(struct catalog_stock *stock, struct catalog_reservation *reservation,
                          int64_t now_us, bool *ret_is_changed);
/* Keeps the units of a held reservation whose time is over at `now_us` set aside until `until_us`
 * at least. */
void catalog_stock_keep(struct catalog_stock *stock, struct catalog_reservation *reservation,
                        int64_t now_us, int64_t until_us, bool *ret_is_changed);

/* Sets how many units there are (>= 0), held ones included. What is owed is taken for filled, but
 * stays owed with 0: nobody has counted anything then. Statuses: OK, INSUFFICIENT_STOCK (fewer than
 * are held and may be owed; nothing changed). */
MUST_CHECK enum status catalog_stock_set(struct catalog_stock *stock, int64_t on_hand,
                                         bool *ret_is_changed);
/* Adds units (>= 1) that have come in or come back; those that are owed are filled first. */
void catalog_stock_receive(struct catalog_stock *stock, int64_t quantity);
/* Adds so many units, or takes them away (negative); 0 changes nothing. Statuses: OK, OUT_OF_RANGE
 * (more than CATALOG_ON_HAND_MAX), INSUFFICIENT_STOCK (fewer than are held and may be owed). */
MUST_CHECK enum status catalog_stock_change(struct catalog_stock *stock, int64_t delta);
/* Changes what may be sold ahead, which catalog_ahead_check() has accepted; what is owed by more
 * than that stays owed. */
void catalog_stock_sell_ahead(struct catalog_stock *stock, struct catalog_ahead ahead);

enum catalog_stock_news {
    CATALOG_STOCK_NO_NEWS,
    CATALOG_STOCK_SALES,        /* its place among the popular ones is another */
    CATALOG_STOCK_AVAILABILITY, /* it is sold in another way, again, or no more */
};
/* What search has to hear of the change from `before` and `sold` units to what the stock says
 * now. Only so many sales are news (8, 12, 16, 24, 32 ...): to index a product costs as much as to
 * sell it. All other changes of numbers are nothing to it. */
enum catalog_stock_news catalog_stock_news(enum catalog_availability before, int64_t sold,
                                           const struct catalog_stock *stock);

/* ---- category paths ---- */

/* A path such as "Home > Kitchen": the names from the root, and the canonical path up to each. */
struct catalog_path {
    size_t levels;
    struct text names[CATALOG_LEVELS_MAX];
    struct text paths[CATALOG_LEVELS_MAX];
};

/* Splits at " > ", trims the names, and joins them again by " > " in the arena; the names are views
 * of `text`. Statuses: OK, INVALID_VALUE (an empty or too long name, too many levels, a path that
 * is too long). */
MUST_CHECK enum status catalog_path_split(struct arena *arena, struct text text,
                                          struct catalog_path *ret_path);
