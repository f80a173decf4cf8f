/* Moves orders by the money that comes and goes outside of the market. */
#include "actors/order/order_offline.h"

#include <string.h>

int64_t order_offline_owed(const struct order_life *life)
{
    const int64_t owed = life->on_delivery - life->waived - life->collected;
    assert(owed >= 0);
    return owed;
}

/* Pulls a trigger whose row of history has a note. */
static enum status pull(struct order_life *life, enum order_trigger trigger, struct text note,
                        const struct order_terms *terms)
{
    TRY(order_life_pull(life, trigger, terms));
    life->changes[life->changes_count - 1].note = note;
    return STATUS_OK;
}

/* What was waited for is there, or is not owed any more. */
static enum status go_on(struct order_life *life, struct text note, const struct order_terms *terms)
{
    TRY(pull(life, ORDER_TRIGGER_PAY, note, terms));
    return order_life_pull(
        life, life->is_asked ? ORDER_TRIGGER_ASK_ACCEPTANCE : ORDER_TRIGGER_ACCEPT, terms);
}

enum status order_offline_collect(struct order_life *life, struct text note,
                                  const struct order_terms *terms)
{
    const int64_t owed = order_offline_owed(life);
    if (owed == 0) return STATUS_NOTHING_OWED;
    if (life->state == ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT)
        TRY(go_on(life, note, terms));
    else
        TRY(pull(life, ORDER_TRIGGER_MARK_PAID, note, terms));
    life->collected += owed;
    return STATUS_OK;
}

enum status order_offline_follow(struct order_life *life, const struct order_terms *terms)
{
    if (life->state != ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT) return STATUS_OK;
    return order_offline_owed(life) > 0 ? STATUS_OK : go_on(life, TEXT(""), terms);
}

bool order_offline_has_gone_back(const struct order_life *life)
{
    return life->collected > 0 && (life->refunded > 0 || life->handed_back > 0);
}

enum status order_offline_undo(struct order_life *life, struct text reason,
                               const struct order_terms *terms)
{
    if (life->collected == 0) return STATUS_ILLEGAL_TRANSITION;
    if (order_offline_has_gone_back(life)) return STATUS_ALREADY_REFUNDED;
    TRY(pull(life, ORDER_TRIGGER_MARK_UNPAID, reason, terms));
    life->collected = 0;
    return STATUS_OK;
}

enum status order_offline_hand_back(struct order_life *life, struct text note,
                                    const struct order_terms *terms)
{
    return pull(life, ORDER_TRIGGER_HAND_BACK, note, terms);
}

enum status order_offline_remind(struct order_life *life, const struct order_terms *terms)
{
    TRY(order_life_pull(life, ORDER_TRIGGER_REMIND, terms));
    life->due_at_us = life->payment_due_at_us;
    return STATUS_OK;
}

bool order_offline_may_take_back(const struct order_offline_mark *mark, int64_t now_us,
                                 int64_t window_us)
{
    assert(window_us >= 0);
    return mark->is_paid && mark->is_vendors && now_us - mark->marked_at_us <= window_us;
}

int64_t order_offline_next_reminder(const struct order_invoice_due *due, int64_t now_us,
                                    int64_t pause_us)
{
    assert(pause_us >= 0);
    const bool is_first = due->remind_at_us <= due->payment_due_at_us;
    return due->owed > 0 && is_first && pause_us > 0 ? now_us + pause_us : 0;
}

int64_t order_offline_first_due(int64_t now_us, int64_t due_at_us, int64_t reminder_us)
{
    assert(reminder_us >= 0);
    const int64_t reminded_at_us = due_at_us - reminder_us;
    return reminder_us > 0 && reminded_at_us > now_us ? reminded_at_us : due_at_us;
}

struct text order_offline_reference(struct text order_number)
{
    const char *end = memchr(order_number.data, '-', order_number.length);
    if (end != NULL) order_number.length = (size_t)(end - order_number.data);
    return order_number;
}
