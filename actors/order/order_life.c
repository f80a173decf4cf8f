/* Moves an order by its triggers and by its units. */
#include "actors/order/order_life.h"

void order_life_note(struct order_life *life, const struct order_change *change)
{
    assert(life->changes_count < ORDER_CHANGES_MAX);
    life->changes[life->changes_count++] = *change;
    life->version++;
}

enum status order_life_pull(struct order_life *life, enum order_trigger trigger,
                            const struct order_terms *terms)
{
    enum order_state to;
    TRY(order_machine_step(life->state, trigger, &to));
    order_life_note(
        life, &(struct order_change){
                  .object_id = life->order_id, .trigger = trigger, .from = life->state, .to = to });
    /* The window that held when it was delivered is the one that was promised. What stays where it
     * is waits for what it waited for. */
    if (to == life->state) return STATUS_OK;
    if (to == ORDER_STATE_VENDOR_ORDER_DELIVERED) {
        if (terms->is_paid_by_delivery && life->offline_method == ORDER_OFFLINE_METHOD_ON_DELIVERY)
            life->collected = life->on_delivery - life->waived;
        life->returns_until_us = terms->now_us + terms->return_window_us;
        life->due_at_us = life->returns_open > 0 ? 0 : life->returns_until_us;
    } else
        life->due_at_us = to == ORDER_STATE_VENDOR_ORDER_AWAITING_ACCEPTANCE
                              ? terms->now_us + terms->acceptance_deadline_us
                              : 0;
    life->state = to;
    if (order_machine_is_end(to)) life->ended_at_us = terms->now_us;
    return STATUS_OK;
}

static void copy_counts(const struct order_life *life, struct order_line_counts *ret_counts)
{
    assert(life->lines_count >= 1);
    assert(life->lines_count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < life->lines_count; i++)
        ret_counts[i] = life->lines[i].counts;
}

enum order_progress order_life_progress(const struct order_life *life)
{
    struct order_line_counts counts[ORDER_LINES_MAX];
    enum order_progress progress;
    copy_counts(life, counts);
    const enum status status = order_progress_of(counts, life->lines_count, &progress);
    assert(status == STATUS_OK);
    return progress;
}

enum status order_life_follow(struct order_life *life, enum order_progress before,
                              const struct order_terms *terms)
{
    struct order_line_counts counts[ORDER_LINES_MAX];
    enum order_trigger trigger;
    const enum order_progress now = order_life_progress(life);
    copy_counts(life, counts);
    const enum status status = order_fulfilment_of(counts, life->lines_count, &life->fulfilment);
    assert(status == STATUS_OK);
    if (!order_progress_trigger(before, now, &trigger)) return STATUS_OK;
    return order_life_pull(life, trigger, terms);
}

enum status order_life_call_off(struct order_life *life, enum order_trigger trigger,
                                struct text reason, const struct order_terms *terms)
{
    TRY(order_life_pull(life, trigger, terms));
    life->changes[life->changes_count - 1].note = reason;
    for (size_t i = 0; i < life->lines_count; i++) {
        assert(life->lines[i].packed == 0);
        life->lines[i].counts.cancelled = life->lines[i].counts.ordered;
    }
    life->fulfilment = ORDER_FULFILMENT_CANCELLED;
    return STATUS_OK;
}

bool order_life_find_line(const struct order_life *life, struct uuid line_id, size_t *ret_line)
{
    for (size_t i = 0; i < life->lines_count; i++) {
        if (!uuid_equals(life->lines[i].id, line_id)) continue;
        *ret_line = i;
        return true;
    }
    return false;
}

void order_life_hold(struct order_life *life)
{
    life->returns_open++;
    life->due_at_us = 0;
}

void order_life_let_go(struct order_life *life)
{
    assert(life->returns_open >= 1);
    life->returns_open--;
    if (life->returns_open == 0 && life->ended_at_us == 0) life->due_at_us = life->returns_until_us;
}

bool order_life_is_all_back(const struct order_life *life)
{
    for (size_t i = 0; i < life->lines_count; i++) {
        const struct order_line_counts *counts = &life->lines[i].counts;
        if (counts->returned < counts->ordered - counts->cancelled) return false;
    }
    return true;
}

void order_life_meet(struct order_life *life, const struct order_life *saved_before)
{
    for (size_t i = 0; i < life->siblings_count; i++)
        if (uuid_equals(life->sibling_ids[i], saved_before->order_id))
            life->siblings[i] = saved_before->fulfilment;
}

enum order_fulfilment order_life_group_fulfilment(const struct order_life *life)
{
    enum order_fulfilment orders[ORDER_SIBLINGS_MAX + 1];
    assert(life->siblings_count <= ORDER_SIBLINGS_MAX);
    for (size_t i = 0; i < life->siblings_count; i++)
        orders[i] = life->siblings[i];
    orders[life->siblings_count] = life->fulfilment;
    return order_group_fulfilment_of(orders, life->siblings_count + 1);
}

/* Wallet and card have paid their parts when the order was placed. What is waived need not be paid
 * any more, but an order of which nothing was paid does not become a paid one by that, nor stays
 * one that cost nothing and was called off. */
enum order_payment_summary order_life_payment(const struct order_life *life)
{
    assert(life != NULL);
    if (life->total == 0)
        return life->fulfilment == ORDER_FULFILMENT_CANCELLED ? ORDER_PAYMENT_SUMMARY_UNPAID
                                                              : ORDER_PAYMENT_SUMMARY_PAID;
    const int64_t paid = life->total - life->on_delivery + life->collected;
    const struct order_payment_sums sums = {
        .total = paid > 0 ? life->total - life->waived : life->total,
        .paid = paid,
        .refunded = life->refunded + life->handed_back,
        .pending = life->card_pending,
        .failed = life->card_failed,
    };
    return order_payment_summary_of(&sums);
}
