/* Rules of edits. */
#include "actors/order/order_edit.h"

/* ---- what may be changed ---- */

static struct shipment_refusal refused(enum shipment_fault fault, size_t index)
{
    return (struct shipment_refusal){ .fault = fault, .index = index };
}

/* As shipment_find_units(), but for the units, of which any number may be added. */
static struct shipment_refusal find_more(const struct order_life *life,
                                         const struct shipment_wish *wishes, size_t count,
                                         size_t ret_lines[ORDER_LINES_MAX])
{
    for (size_t i = 0; i < count; i++) {
        if (!order_life_find_line(life, wishes[i].line_id, &ret_lines[i]))
            return refused(SHIPMENT_FAULT_UNKNOWN, i);
        for (size_t before = 0; before < i; before++)
            if (ret_lines[before] == ret_lines[i]) return refused(SHIPMENT_FAULT_TWICE, i);
    }
    return refused(SHIPMENT_FAULT_NONE, 0);
}

static struct shipment_refusal find_fewer(const struct order_life *life,
                                          const struct order_edit_wishes *wishes,
                                          struct order_edit_choice *choice)
{
    size_t lines[ORDER_LINES_MAX];
    const struct shipment_refusal refusal =
        shipment_find_units(life, wishes->fewer, wishes->fewer_count, lines);
    if (refusal.fault != SHIPMENT_FAULT_NONE) return refusal;
    for (size_t i = 0; i < wishes->fewer_count; i++) {
        for (size_t more = 0; more < wishes->more_count; more++)
            if (choice->more[more] == lines[i]) return refused(SHIPMENT_FAULT_TWICE, i);
        choice->fewer[lines[i]] = wishes->fewer[i].quantity;
    }
    return refusal;
}

struct order_edit_refusal order_edit_choose(const struct order_life *life,
                                            const struct order_edit_wishes *wishes,
                                            struct order_edit_choice *ret_choice)
{
    assert(wishes->more_count <= ORDER_LINES_MAX);
    *ret_choice = (struct order_edit_choice){ .fewer = { 0 } };
    struct order_edit_refusal refusal = {
        .refusal = find_more(life, wishes->more, wishes->more_count, ret_choice->more)
    };
    if (refusal.refusal.fault != SHIPMENT_FAULT_NONE || wishes->fewer_count == 0) return refusal;
    refusal.is_of_fewer = true;
    refusal.refusal = find_fewer(life, wishes, ret_choice);
    return refusal;
}

bool order_edit_takes_all(const struct order_life *life, const int64_t fewer[])
{
    for (size_t i = 0; i < life->lines_count; i++) {
        const struct order_line_counts *counts = &life->lines[i].counts;
        if (fewer[i] < counts->ordered - counts->cancelled) return false;
    }
    return true;
}

/* ---- what it costs ---- */

static enum status price_on_top(const struct order_edit_terms *terms,
                                struct order_edit_price *price)
{
    for (size_t i = 0; i < terms->rates_count; i++) {
        int64_t remainder;
        price->bases[i] = price->items;
        TRY(amount_scale(price->items, terms->ppm[i], PRICE_PPM, &price->amounts[i], &remainder));
        if (__builtin_add_overflow(price->tax, price->amounts[i], &price->tax))
            return STATUS_OUT_OF_RANGE;
    }
    return __builtin_add_overflow(price->items, price->tax, &price->total) ? STATUS_OUT_OF_RANGE
                                                                           : STATUS_OK;
}

static enum status price_contained(const struct order_edit_terms *terms,
                                   struct order_edit_price *price)
{
    int64_t remainders[PRICE_RATES_MAX], sum = 0, remainder;
    for (size_t i = 0; i < terms->rates_count; i++)
        sum += terms->ppm[i];
    price->total = price->items;
    TRY(amount_scale(price->items, sum, PRICE_PPM + sum, &price->tax, &remainder));
    TRY(amount_allocate(price->tax, terms->ppm, terms->rates_count, price->amounts, remainders));
    for (size_t i = 0; i < terms->rates_count; i++)
        price->bases[i] = price->items - price->tax;
    return STATUS_OK;
}

enum status order_edit_price(const struct order_edit_terms *terms, int64_t quantity,
                             struct order_edit_price *ret_price)
{
    assert(terms->rates_count <= PRICE_RATES_MAX);
    assert(terms->unit_amount >= 0);
    if (quantity < 1 || quantity > PRICE_QUANTITY_MAX) return STATUS_OUT_OF_RANGE;
    *ret_price = (struct order_edit_price){ .items = 0 };
    if (__builtin_mul_overflow(terms->unit_amount, quantity, &ret_price->items))
        return STATUS_OUT_OF_RANGE;
    if (terms->rates_count == 0) {
        ret_price->total = ret_price->items;
        return STATUS_OK;
    }
    return terms->prices_include_tax ? price_contained(terms, ret_price)
                                     : price_on_top(terms, ret_price);
}

enum status order_edit_pays(const struct order_life *life, bool *ret_from_wallet)
{
    const int64_t owed = life->on_delivery - life->waived - life->collected;
    if (!uuid_is_zero(life->replaces_id) || life->collected > 0) return STATUS_NOT_EDITABLE;
    if (life->offline_method != ORDER_OFFLINE_METHOD_ON_DELIVERY) return STATUS_NOT_EDITABLE;
    if (owed == 0 && uuid_is_zero(life->user_id)) return STATUS_NOT_EDITABLE;
    *ret_from_wallet = owed == 0;
    return STATUS_OK;
}

struct order_edit_settlement order_edit_settle(const struct order_life *life, bool from_wallet,
                                               int64_t added, int64_t given_back)
{
    assert(added >= 0);
    assert(given_back >= 0);
    const int64_t owed_before = life->on_delivery - life->waived - life->collected;
    struct order_edit_settlement settlement = { .owed = added };
    if (from_wallet && given_back < added) settlement.owed = given_back;
    settlement.held = added - settlement.owed;
    const int64_t owed = owed_before + settlement.owed;
    settlement.to_wallet = given_back > owed ? given_back - owed : 0;
    /* Staff may have given back some of it before. */
    const int64_t paid = life->total - life->on_delivery - life->refunded;
    if (settlement.to_wallet > paid) settlement.to_wallet = paid;
    return settlement;
}

enum order_edit_payment order_edit_payment_of(bool from_wallet, int64_t difference)
{
    if (difference == 0) return ORDER_EDIT_PAYMENT_NONE;
    if (!from_wallet) return ORDER_EDIT_PAYMENT_ON_DELIVERY;
    return difference > 0 ? ORDER_EDIT_PAYMENT_WALLET : ORDER_EDIT_PAYMENT_RETURNED;
}

/* ---- what it does ---- */

enum status order_edit_apply(struct order_life *life, int64_t added,
                             const struct order_edit_settlement *settlement, struct text reason,
                             const struct order_terms *terms)
{
    TRY(order_life_pull(life, ORDER_TRIGGER_APPLY_EDIT, terms));
    life->changes[life->changes_count - 1].note = reason;
    if (__builtin_add_overflow(life->total, added, &life->total)) return STATUS_OUT_OF_RANGE;
    life->on_delivery += settlement->owed;
    return STATUS_OK;
}

enum status order_edit_move_units(struct order_life *life, const int64_t fewer[],
                                  const struct order_life_line *added, size_t added_count,
                                  const struct order_terms *terms)
{
    assert(life->lines_count + added_count <= ORDER_LINES_MAX);
    const enum order_progress before = order_life_progress(life);
    for (size_t i = 0; i < life->lines_count; i++) {
        struct order_life_line *line = &life->lines[i];
        assert(fewer[i] >= 0);
        assert(fewer[i] <= line->counts.ordered - line->counts.cancelled - line->packed);
        line->counts.cancelled += fewer[i];
    }
    for (size_t i = 0; i < added_count; i++)
        life->lines[life->lines_count++] = added[i];
    return order_life_follow(life, before, terms);
}
