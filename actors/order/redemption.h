/* Uses of one promotion by checkouts, and its limits: held, then used or released, and after use
 * perhaps returned. Pure. */
#pragma once

#include "actors/order/order_machine.h"
#include "actors/order/promotion.h"

enum { REDEMPTIONS_REMEMBERED_MAX = 64 }; /* the newest; older ones are read from their rows */

struct redemption {
    struct uuid group_id;
    bool exists;
    struct uuid customer; /* zero: the mark of one that was released before it came */
    enum order_state state;
    int64_t expires_at_us;
};

/* What a promotion's actor remembers. 5 KiB: in the arena. */
struct promotion_uses {
    struct uuid promotion_id;
    enum order_promotion_status status;
    struct price_period period;
    bool has_limit_total, has_limit_per_customer;
    int64_t limit_total, limit_per_customer;
    int64_t held, used, version;
    size_t recent_count, recent_next;
    struct redemption recent[REDEMPTIONS_REMEMBERED_MAX];
};

/* Lends what is remembered of a checkout's redemption; NULL: nothing. */
const struct redemption *redemption_recall(const struct promotion_uses *uses, struct uuid group_id);
/* True while it counts against the limits. */
bool redemption_counts(const struct redemption *redemption);

enum redemption_limit { REDEMPTION_LIMIT_TOTAL, REDEMPTION_LIMIT_PER_CUSTOMER };

/* Sets one use aside; `customer_uses` are those of its customer that count. One that is held or
 * used already changes nothing. Statuses: OK, PROMOTION_UNAVAILABLE (it does not run at
 * `priced_at_us`), PROMOTION_EXHAUSTED (with the limit), ILLEGAL_TRANSITION (it was given back). */
MUST_CHECK enum status redemption_hold(struct promotion_uses *uses, struct redemption *redemption,
                                       int64_t customer_uses, int64_t priced_at_us,
                                       bool *ret_is_changed, enum redemption_limit *ret_limit);
/* Takes the use (USE), or gives it back before (RELEASE) or after (GIVE_BACK) that. One that is
 * there already changes nothing; releasing one that does not exist makes its mark. Statuses: OK,
 * NOT_FOUND, ILLEGAL_TRANSITION. */
MUST_CHECK enum status redemption_step(struct promotion_uses *uses, struct redemption *redemption,
                                       enum order_trigger trigger, bool *ret_is_changed);
/* Puts off when the orders are asked, of one whose time is over. */
void redemption_keep(struct promotion_uses *uses, struct redemption *redemption, int64_t now_us,
                     int64_t until_us, bool *ret_is_changed);
