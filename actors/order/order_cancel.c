/* Chooses and cancels units. */
#include "actors/order/order_cancel.h"

static int64_t left_of(const struct order_line_counts *counts)
{
    return counts->ordered - counts->cancelled;
}

static bool takes_all(const struct order_life *life, const struct order_cancel *cancel)
{
    for (size_t i = 0; i < life->lines_count; i++)
        if (cancel->units[i] < left_of(&life->lines[i].counts)) return false;
    return true;
}

struct shipment_refusal order_cancel_choose(const struct order_life *life,
                                            const struct shipment_wish *wishes, size_t count,
                                            struct order_cancel *ret_cancel)
{
    size_t lines[ORDER_LINES_MAX];
    const struct shipment_refusal refusal = shipment_find_units(life, wishes, count, lines);
    if (refusal.fault != SHIPMENT_FAULT_NONE) return refusal;
    *ret_cancel = (struct order_cancel){ .is_whole = false };
    for (size_t i = 0; i < count; i++)
        ret_cancel->units[lines[i]] = wishes[i].quantity;
    ret_cancel->is_whole = takes_all(life, ret_cancel);
    return refusal;
}

void order_cancel_rest(const struct order_life *life, struct order_cancel *ret_cancel)
{
    *ret_cancel = (struct order_cancel){ .is_whole = true };
    for (size_t i = 0; i < life->lines_count; i++)
        ret_cancel->units[i] = left_of(&life->lines[i].counts);
}

enum status order_cancel_units(struct order_life *life, const struct order_cancel *cancel,
                               struct text reason, const struct order_terms *terms,
                               enum order_progress *ret_before)
{
    assert(!cancel->is_whole);
    *ret_before = order_life_progress(life);
    TRY(order_life_pull(life, ORDER_TRIGGER_CANCEL_UNITS, terms));
    life->changes[life->changes_count - 1].note = reason;
    for (size_t i = 0; i < life->lines_count; i++) {
        struct order_life_line *line = &life->lines[i];
        assert(cancel->units[i] >= 0);
        assert(cancel->units[i] <= left_of(&line->counts) - line->packed);
        line->counts.cancelled += cancel->units[i];
    }
    return STATUS_OK;
}
