/* How often a promotion is used. */
#include "actors/order/redemption.h"

static void check(const struct promotion_uses *uses)
{
    assert(uses->held >= 0);
    assert(uses->used >= 0);
    assert(!uses->has_limit_total || uses->held + uses->used <= uses->limit_total);
}

static struct redemption *find_recent(struct promotion_uses *uses, struct uuid group_id)
{
    for (size_t i = 0; i < uses->recent_count; i++)
        if (uuid_equals(uses->recent[i].group_id, group_id)) return &uses->recent[i];
    return NULL;
}

const struct redemption *redemption_recall(const struct promotion_uses *uses, struct uuid group_id)
{
    for (size_t i = 0; i < uses->recent_count; i++)
        if (uuid_equals(uses->recent[i].group_id, group_id)) return &uses->recent[i];
    return NULL;
}

/* The oldest makes room. */
static void note(struct promotion_uses *uses, const struct redemption *redemption)
{
    struct redemption *place = find_recent(uses, redemption->group_id);
    if (place == NULL) {
        place = &uses->recent[uses->recent_next];
        uses->recent_next = (uses->recent_next + 1) % REDEMPTIONS_REMEMBERED_MAX;
        if (uses->recent_count < REDEMPTIONS_REMEMBERED_MAX) uses->recent_count++;
    }
    *place = *redemption;
}

bool redemption_counts(const struct redemption *redemption)
{
    return redemption->exists && (redemption->state == ORDER_STATE_REDEMPTION_HELD ||
                                  redemption->state == ORDER_STATE_REDEMPTION_USED);
}

/* A repetition is known by where it stands; whatever else exists has ended, and nothing leads back
 * to the start. */
static enum status judge_repeated(const struct redemption *redemption)
{
    return redemption_counts(redemption) ? STATUS_OK : STATUS_ILLEGAL_TRANSITION;
}

static bool runs_at(const struct promotion_uses *uses, int64_t now_us)
{
    return uses->status == ORDER_PROMOTION_STATUS_ACTIVE &&
           price_period_reason(&uses->period, now_us) == PRICE_REASON_APPLIED;
}

enum status redemption_hold(struct promotion_uses *uses, struct redemption *redemption,
                            int64_t customer_uses, int64_t priced_at_us, bool *ret_is_changed,
                            enum redemption_limit *ret_limit)
{
    check(uses);
    assert(customer_uses >= 0);
    *ret_is_changed = false;
    if (redemption->exists) return judge_repeated(redemption);
    assert(!uuid_is_zero(redemption->customer));
    if (!runs_at(uses, priced_at_us)) return STATUS_PROMOTION_UNAVAILABLE;
    if (uses->has_limit_total && uses->held + uses->used >= uses->limit_total) {
        *ret_limit = REDEMPTION_LIMIT_TOTAL;
        return STATUS_PROMOTION_EXHAUSTED;
    }
    if (uses->has_limit_per_customer && customer_uses >= uses->limit_per_customer) {
        *ret_limit = REDEMPTION_LIMIT_PER_CUSTOMER;
        return STATUS_PROMOTION_EXHAUSTED;
    }
    redemption->exists = true;
    redemption->state = order_machine_start(ORDER_MACHINE_REDEMPTION);
    uses->held++;
    note(uses, redemption);
    check(uses);
    *ret_is_changed = true;
    return STATUS_OK;
}

static enum order_state end_of(enum order_trigger trigger)
{
    switch (trigger) {
    case ORDER_TRIGGER_USE:
        return ORDER_STATE_REDEMPTION_USED;
    case ORDER_TRIGGER_RELEASE:
        return ORDER_STATE_REDEMPTION_RELEASED;
    default:
        assert(trigger == ORDER_TRIGGER_GIVE_BACK);
        return ORDER_STATE_REDEMPTION_RETURNED;
    }
}

static void count(struct promotion_uses *uses, enum order_state state, int64_t change)
{
    if (state == ORDER_STATE_REDEMPTION_HELD) uses->held += change;
    if (state == ORDER_STATE_REDEMPTION_USED) uses->used += change;
}

enum status redemption_step(struct promotion_uses *uses, struct redemption *redemption,
                            enum order_trigger trigger, bool *ret_is_changed)
{
    check(uses);
    const enum order_state end = end_of(trigger);
    *ret_is_changed = false;
    if (!redemption->exists) {
        if (trigger != ORDER_TRIGGER_RELEASE) return STATUS_NOT_FOUND;
        redemption->exists = true;
        redemption->state = end;
        note(uses, redemption);
        *ret_is_changed = true;
        return STATUS_OK;
    }
    if (redemption->state == end) return STATUS_OK;
    enum order_state to;
    TRY(order_machine_step(redemption->state, trigger, &to));
    assert(to == end);
    count(uses, redemption->state, -1);
    count(uses, to, 1);
    redemption->state = to;
    note(uses, redemption);
    check(uses);
    *ret_is_changed = true;
    return STATUS_OK;
}

void redemption_keep(struct promotion_uses *uses, struct redemption *redemption, int64_t now_us,
                     int64_t until_us, bool *ret_is_changed)
{
    *ret_is_changed = redemption->exists && redemption->state == ORDER_STATE_REDEMPTION_HELD &&
                      redemption->expires_at_us <= now_us && until_us > now_us;
    if (!*ret_is_changed) return;
    redemption->expires_at_us = until_us;
    note(uses, redemption);
}
