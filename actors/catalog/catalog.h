/* Rules of stock and of category paths: pure, no I/O. The stock of a variant is `on_hand` units, of
 * which `held` are set aside by reservations; the rest is available. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"

enum {
    CATALOG_RECENT_MAX = 64,         /* reservations that an activation remembers */
    CATALOG_LEVELS_MAX = 15,         /* of a category path */
    CATALOG_CATEGORY_NAME_MAX = 200, /* bytes */
    CATALOG_PATH_MAX = 500,          /* bytes */
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

struct catalog_reservation {
    struct uuid id;
    int64_t quantity;
    int64_t expires_at_us;
    enum catalog_reservation_state state;
};

/* The aggregate of one variant. `recent` are its newest changed reservations, which may be queued
 * and not yet committed, in a ring; what is not among them is looked up in the table. */
struct catalog_stock {
    struct uuid variant_id;
    int64_t on_hand, held, sold;
    int64_t version;
    bool is_active;
    uint32_t recent_count, recent_next;
    struct catalog_reservation recent[CATALOG_RECENT_MAX];
};

/* What can be set aside now: 0 of a variant that is not active. */
int64_t catalog_stock_available(const struct catalog_stock *stock);
/* The reservation among the recent ones, or NULL. */
const struct catalog_reservation *catalog_stock_recall(const struct catalog_stock *stock,
                                                       struct uuid reservation_id);

/* Each changes `stock` and `reservation` together and notes the reservation as recent;
 * *ret_is_changed is false when the wish was fulfilled before and nothing is to be written.
 * `reservation` is as it stands, state NONE when it is unknown. */

/* Sets reservation->quantity units aside (given by the caller while the state is NONE). Held or
 * committed before: nothing changes. Statuses: OK, RESERVATION_RELEASED, INSUFFICIENT_STOCK. */
MUST_CHECK enum status catalog_stock_reserve(struct catalog_stock *stock,
                                             struct catalog_reservation *reservation,
                                             bool *ret_is_changed);
/* Gives back; an unknown one becomes a mark (released, quantity 0). Statuses: OK,
 * ILLEGAL_TRANSITION (committed). */
MUST_CHECK enum status catalog_stock_release(struct catalog_stock *stock,
                                             struct catalog_reservation *reservation,
                                             bool *ret_is_changed);
/* Makes the units sold; of an expired reservation too, as long as so many are free. Statuses: OK,
 * NOT_FOUND (unknown), RESERVATION_RELEASED. */
MUST_CHECK enum status catalog_stock_commit(struct catalog_stock *stock,
                                            struct catalog_reservation *reservation,
                                            bool *ret_is_changed);
/* Gives back what is held and due at `now_us`; anything else stays. */
void catalog_stock_expire(struct catalog_stock *stock, struct catalog_reservation *reservation,
                          int64_t now_us, bool *ret_is_changed);

/* Says how many units there are, held ones included. Statuses: OK, INSUFFICIENT_STOCK (fewer than
 * are held; nothing changed). */
MUST_CHECK enum status catalog_stock_set(struct catalog_stock *stock, int64_t on_hand,
                                         bool *ret_is_changed);

/* ---- category paths ---- */

/* "Home > Kitchen": names from the root, and the canonical text of the path up to each of them. */
struct catalog_path {
    size_t levels;
    struct text names[CATALOG_LEVELS_MAX];
    struct text paths[CATALOG_LEVELS_MAX];
};

/* Splits at " > ", trims the names and joins them again in the arena. Statuses: OK, INVALID_VALUE
 * (an empty or too long name, too many levels, too long). */
MUST_CHECK enum status catalog_path_split(struct arena *arena, struct text text,
                                          struct catalog_path *ret_path);
