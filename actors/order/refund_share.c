/* Shares of a line's units. The goods are a row of minor units, of which each unit of the line has
 * an equal stretch. What was taken off is spread over the row evenly, one amount after the other
 * over the places that are free: so no stretch holds more than its length, and what is left free
 * is what was paid. */
#include "actors/order/refund_share.h"

#include "runtime/arena.h"

/* The free places: how many, and how many of them are before the stretch and before its end. */
struct row {
    int64_t free, before, until;
};

/* Spreads an amount over the free places; returns how much of it is in the stretch. Both ends move
 * by the same rule, so two stretches side by side have together what one over both would have.
 * Statuses: OK, INVALID_VALUE. */
static enum status spread(struct row *row, int64_t amount, int64_t *ret_share)
{
    if (amount < 0 || amount > row->free) return STATUS_INVALID_VALUE;
    *ret_share = 0;
    if (amount == 0) return STATUS_OK;
    int64_t before, until, remainder;
    TRY(amount_scale(row->before, amount, row->free, &before, &remainder));
    TRY(amount_scale(row->until, amount, row->free, &until, &remainder));
    row->free -= amount;
    row->before -= before;
    row->until -= until;
    assert(until >= before);
    assert(row->until >= row->before);
    *ret_share = until - before;
    return STATUS_OK;
}

static enum status spread_discounts(const struct refund_line *line, struct row *row,
                                    struct arena *arena, struct refund_share *share)
{
    struct refund_discount *discounts =
        arena_allocate_array(arena, line->discounts_count, sizeof *discounts);
    for (size_t i = 0; i < line->discounts_count; i++) {
        TRY(spread(row, line->discounts[i].market_amount, &discounts[i].market_amount));
        TRY(spread(row, line->discounts[i].vendor_amount, &discounts[i].vendor_amount));
        share->discount += discounts[i].market_amount + discounts[i].vendor_amount;
    }
    share->discounts = discounts;
    return STATUS_OK;
}

/* Tax on top is no part of the goods: it has a row of its own, of which each unit has a stretch. */
static enum status share_on_top(const struct refund_line *line, int64_t before, int64_t units,
                                int64_t tax, int64_t *ret_share)
{
    if (tax < 0) return STATUS_INVALID_VALUE;
    int64_t first, last, remainder;
    TRY(amount_scale(tax, before, line->quantity, &first, &remainder));
    TRY(amount_scale(tax, before + units, line->quantity, &last, &remainder));
    *ret_share = last - first;
    return STATUS_OK;
}

static enum status share_taxes(const struct refund_line *line, int64_t before, int64_t units,
                               struct row *row, struct arena *arena, struct refund_share *share)
{
    int64_t *taxes = arena_allocate_array(arena, line->taxes_count, sizeof *taxes);
    for (size_t i = 0; i < line->taxes_count; i++) {
        if (line->prices_include_tax)
            TRY(spread(row, line->taxes[i], &taxes[i]));
        else
            TRY(share_on_top(line, before, units, line->taxes[i], &taxes[i]));
        if (__builtin_add_overflow(share->tax, taxes[i], &share->tax)) return STATUS_OUT_OF_RANGE;
    }
    share->taxes = taxes;
    return STATUS_OK;
}

static bool is_within_limits(const struct refund_line *line, int64_t before, int64_t units)
{
    return line->quantity >= 1 && line->quantity <= PRICE_QUANTITY_MAX && line->unit_amount >= 0 &&
           line->discounts_count <= PRICE_PROMOTIONS_MAX && line->taxes_count <= PRICE_RATES_MAX &&
           before >= 0 && before <= line->quantity && units >= 1 &&
           units <= line->quantity - before;
}

enum status refund_share_of(const struct refund_line *line, int64_t before, int64_t units,
                            struct arena *arena, struct refund_share *ret_share)
{
    assert(line != NULL);
    assert(arena != NULL);
    if (!is_within_limits(line, before, units)) return STATUS_OUT_OF_RANGE;
    struct row row;
    if (__builtin_mul_overflow(line->unit_amount, line->quantity, &row.free))
        return STATUS_OUT_OF_RANGE;
    row.before = line->unit_amount * before;
    row.until = line->unit_amount * (before + units);

    struct refund_share share = { .goods = line->unit_amount * units };
    TRY(spread_discounts(line, &row, arena, &share));
    TRY(spread(&row, line->exempted_amount, &share.exempted));
    TRY(share_taxes(line, before, units, &row, arena, &share));
    share.total = share.goods - share.discount - share.exempted;
    assert(share.total >= 0);
    if (!line->prices_include_tax && __builtin_add_overflow(share.total, share.tax, &share.total))
        return STATUS_OUT_OF_RANGE;
    *ret_share = share;
    return STATUS_OK;
}
