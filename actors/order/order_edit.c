/* Rules of edits. */
#include "actors/order/order_edit.h"

static bool find_line(const struct order_life *life, struct uuid id, size_t *ret_line)
{
    for (size_t i = 0; i < life->lines_count; i++) {
        if (!uuid_equals(life->lines[i].id, id)) continue;
        *ret_line = i;
        return true;
    }
    return false;
}

struct shipment_refusal order_edit_choose(const struct order_life *life,
                                          const struct shipment_wish *wishes, size_t count,
                                          size_t ret_lines[ORDER_LINES_MAX])
{
    if (count == 0) return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_EMPTY };
    for (size_t i = 0; i < count; i++) {
        if (!find_line(life, wishes[i].line_id, &ret_lines[i]))
            return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_UNKNOWN, .index = i };
        for (size_t before = 0; before < i; before++)
            if (ret_lines[before] == ret_lines[i])
                return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_TWICE, .index = i };
    }
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

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

enum status order_edit_apply(struct order_life *life, int64_t total, bool from_wallet,
                             struct text reason, const struct order_terms *terms)
{
    TRY(order_life_pull(life, ORDER_TRIGGER_APPLY_EDIT, terms));
    life->changes[life->changes_count - 1].note = reason;
    if (__builtin_add_overflow(life->total, total, &life->total)) return STATUS_OUT_OF_RANGE;
    if (!from_wallet) life->on_delivery += total;
    return STATUS_OK;
}
