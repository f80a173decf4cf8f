/* What one of a line costs, by list, sale, tier and the shopper's groups, and so its goods. */
#include "actors/order/price_internal.h"

enum price_reason price_period_reason(const struct price_period *period, int64_t now_us)
{
    if (now_us < period->starts_us) return PRICE_REASON_NOT_STARTED;
    return period->has_end && now_us >= period->ends_us ? PRICE_REASON_ENDED : PRICE_REASON_APPLIED;
}

static enum price_reason sale_reason(const struct price_line *line, int64_t now_us)
{
    return price_period_reason(&line->sale_period, now_us);
}

static enum price_reason tier_reason(const struct price_line *line, const struct price_tier *tier)
{
    return line->quantity >= tier->from_quantity ? PRICE_REASON_APPLIED
                                                 : PRICE_REASON_QUANTITY_TOO_LOW;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* All tiers that are reached count, not the last one only: nobody is to pay more for one because
 * of buying more. */
static int64_t lowest_amount(const struct price_line *line, int64_t now_us)
{
    int64_t lowest = line->list_amount;
    if (line->has_sale && sale_reason(line, now_us) == PRICE_REASON_APPLIED)
        lowest = smaller(lowest, line->sale_amount);
    for (size_t i = 0; i < line->tiers_count; i++)
        if (tier_reason(line, &line->tiers[i]) == PRICE_REASON_APPLIED)
            lowest = smaller(lowest, line->tiers[i].unit_amount);
    return lowest;
}

static enum price_reason group_reason(const struct price_line *line,
                                      const struct price_group_price *price)
{
    return line->quantity >= price->from_quantity ? PRICE_REASON_APPLIED
                                                  : PRICE_REASON_QUANTITY_TOO_LOW;
}

/* Of equal ones that of the smaller list, so that nothing depends on their order. */
static bool is_better(const struct price_group_price *price, int64_t lowest,
                      const struct price_group_price *best)
{
    if (price->unit_amount != lowest) return price->unit_amount < lowest;
    return best != NULL && uuid_compare(price->list_id, best->list_id) < 0;
}

int64_t price_of_one(const struct price_line *line, int64_t now_us,
                     const struct price_group_price **ret_group_price)
{
    int64_t lowest = lowest_amount(line, now_us);
    const struct price_group_price *best = NULL;
    for (size_t i = 0; i < line->group_prices_count; i++) {
        const struct price_group_price *price = &line->group_prices[i];
        if (group_reason(line, price) != PRICE_REASON_APPLIED) continue;
        if (!is_better(price, lowest, best)) continue;
        lowest = price->unit_amount;
        best = price;
    }
    *ret_group_price = best;
    return lowest;
}

static void explain_price(struct price_work *work, enum price_rule rule, size_t line, size_t object,
                          int64_t amount, enum price_reason reason)
{
    struct price_trace_entry entry = price_column_entry(work, rule, line, object);
    entry.amount = amount;
    entry.reason = reason;
    if (reason == PRICE_REASON_APPLIED && amount > work->unit_amounts[line])
        entry.reason = PRICE_REASON_NOT_LOWEST;
    price_trace_add(work, &entry);
}

static void explain_line(struct price_work *work, size_t index)
{
    if (work->entries == NULL) return;
    const struct price_line *line = &work->request->lines[index];
    explain_price(work, PRICE_RULE_LIST_PRICE, index, 0, line->list_amount, PRICE_REASON_APPLIED);
    if (line->has_sale)
        explain_price(work, PRICE_RULE_SALE_PRICE, index, 0, line->sale_amount,
                      sale_reason(line, work->request->now_us));
    for (size_t i = 0; i < line->tiers_count; i++)
        explain_price(work, PRICE_RULE_TIER_PRICE, index, i, line->tiers[i].unit_amount,
                      tier_reason(line, &line->tiers[i]));
    for (size_t i = 0; i < line->group_prices_count; i++)
        explain_price(work, PRICE_RULE_GROUP_PRICE, index, i, line->group_prices[i].unit_amount,
                      group_reason(line, &line->group_prices[i]));
    struct price_trace_entry goods = price_column_entry(work, PRICE_RULE_GOODS, index, 0);
    goods.base = work->unit_amounts[index];
    goods.factor = line->quantity;
    goods.divisor = 1;
    goods.amount = work->amounts[index];
    price_trace_add(work, &goods);
}

/* By insertion: the lines are few, and come by id. */
static void order_by_price(struct price_work *work)
{
    const size_t count = work->request->lines_count;
    for (size_t i = 0; i < count; i++) {
        const uint8_t line = work->line_order[i];
        size_t place = i;
        for (; place > 0; place--) {
            const uint8_t before = work->cheapest_order[place - 1];
            if (work->unit_amounts[before] <= work->unit_amounts[line]) break;
            work->cheapest_order[place] = before;
        }
        work->cheapest_order[place] = line;
    }
}

/* The sum of all goods must fit, too: whatever is added up later is a part of it. */
enum status price_goods(struct price_work *work)
{
    int64_t sum = 0;
    for (size_t i = 0; i < work->request->lines_count; i++) {
        const struct price_line *line = &work->request->lines[i];
        const int64_t unit = price_of_one(line, work->request->now_us, &work->group_prices[i]);
        if (__builtin_mul_overflow(unit, line->quantity, &work->amounts[i]))
            return STATUS_OUT_OF_RANGE;
        TRY(price_add_to(&sum, work->amounts[i]));
        work->unit_amounts[i] = unit;
        work->left[i] = work->amounts[i];
        work->vendor_lines[line->vendor] |= UINT64_C(1) << i;
    }
    for (size_t i = 0; i < work->request->lines_count; i++)
        explain_line(work, work->line_order[i]);
    order_by_price(work);
    return STATUS_OK;
}
