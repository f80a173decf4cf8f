/* Adds up what the rules found: for lines, consignments, parts and the group alike. */
#include <string.h>

#include "actors/order/price_internal.h"

/* Columns that cost something together: the lines first. */
struct columns {
    size_t lines_count, count;
    uint8_t list[PRICE_COLUMNS_MAX];
};

/* Their sum in one row of a table, lines and consignments apart. */
struct row_sum {
    int64_t lines, consignments;
};

static enum status sum_row(const struct columns *columns, const int64_t *row,
                           struct row_sum *ret_sum)
{
    struct row_sum sum = { .lines = 0 };
    for (size_t i = 0; i < columns->lines_count; i++)
        TRY(price_add_to(&sum.lines, row[columns->list[i]]));
    for (size_t i = columns->lines_count; i < columns->count; i++)
        TRY(price_add_to(&sum.consignments, row[columns->list[i]]));
    *ret_sum = sum;
    return STATUS_OK;
}

static enum status sum_discounts(struct price_work *work, const struct columns *columns,
                                 struct price_cost *cost)
{
    struct price_discount found[PRICE_PROMOTIONS_MAX];
    for (size_t i = 0; i < work->request->promotions_count; i++) {
        const size_t promotion = work->promotion_order[i];
        if (work->promotions[promotion].amount == 0) continue;
        const size_t row = promotion * work->columns_count;
        struct row_sum share, market;
        TRY(sum_row(columns, &work->shares[row], &share));
        TRY(sum_row(columns, &work->market_shares[row], &market));
        TRY(price_add_to(&cost->sums.discount, share.lines));
        TRY(price_add_to(&cost->sums.delivery_discount, share.consignments));
        /* A promotion takes from goods or from deliveries, never from both. */
        const int64_t amount = share.lines + share.consignments,
                      market_amount = market.lines + market.consignments;
        if (amount == 0) continue;
        TRY(price_add_to(&cost->sums.market_borne, market_amount));
        TRY(price_add_to(&cost->sums.vendor_borne, amount - market_amount));
        found[cost->discounts_count++] =
            (struct price_discount){ .promotion = promotion,
                                     .amount = amount,
                                     .market_amount = market_amount,
                                     .vendor_amount = amount - market_amount };
    }
    cost->discounts = arena_copy(work->arena, found, cost->discounts_count * sizeof *found);
    return STATUS_OK;
}

static bool is_taxed(const struct price_work *work, const struct columns *columns, size_t row)
{
    for (size_t i = 0; i < columns->count; i++)
        if (work->is_taxed[row + columns->list[i]]) return true;
    return false;
}

static enum status sum_taxes(struct price_work *work, const struct columns *columns,
                             struct price_cost *cost)
{
    struct price_tax found[PRICE_RATES_MAX];
    for (size_t i = 0; i < work->request->rates_count; i++) {
        const size_t rate = work->rate_order[i], row = rate * work->columns_count;
        if (!is_taxed(work, columns, row)) continue;
        struct row_sum base, amount;
        TRY(sum_row(columns, &work->tax_bases[row], &base));
        TRY(sum_row(columns, &work->tax_amounts[row], &amount));
        TRY(price_add_to(&base.lines, base.consignments));
        TRY(price_add_to(&amount.lines, amount.consignments));
        TRY(price_add_to(&cost->sums.tax, amount.lines));
        found[cost->taxes_count++] =
            (struct price_tax){ .rate = rate, .base_amount = base.lines, .amount = amount.lines };
    }
    cost->taxes = arena_copy(work->arena, found, cost->taxes_count * sizeof *found);
    return STATUS_OK;
}

static enum status sum_columns(struct price_work *work, const struct columns *columns,
                               struct price_cost *ret_cost)
{
    struct price_cost cost = { .discounts_count = 0 };
    struct price_sums *sums = &cost.sums;
    struct row_sum amounts, exempted;
    TRY(sum_row(columns, work->amounts, &amounts));
    TRY(sum_row(columns, work->exempted, &exempted));
    sums->goods = amounts.lines;
    sums->delivery = amounts.consignments;
    TRY(price_add_to(&exempted.lines, exempted.consignments));
    sums->exempted = exempted.lines;
    TRY(sum_discounts(work, columns, &cost));
    TRY(sum_taxes(work, columns, &cost));
    /* What is taken off is at most what it is taken from. */
    sums->total = sums->goods - sums->discount;
    TRY(price_add_to(&sums->total, sums->delivery - sums->delivery_discount));
    sums->total -= sums->exempted;
    if (!work->request->prices_include_tax) TRY(price_add_to(&sums->total, sums->tax));
    assert(sums->total >= 0);
    *ret_cost = cost;
    return STATUS_OK;
}

static void add_column(struct columns *columns, size_t column)
{
    columns->list[columns->count++] = (uint8_t)column;
}

/* What one vendor sells and sends. */
static void select_part(const struct price_work *work, size_t vendor, struct columns *ret_columns)
{
    const struct price_request *request = work->request;
    ret_columns->count = 0;
    for (size_t i = 0; i < request->lines_count; i++)
        if (request->lines[i].vendor == vendor) add_column(ret_columns, i);
    ret_columns->lines_count = ret_columns->count;
    for (size_t i = 0; i < request->consignments_count; i++)
        if (request->consignments[i].vendor == vendor)
            add_column(ret_columns, work->consignments.first + i);
}

static enum status sum_parts(struct price_work *work, struct price_cost *parts,
                             struct price_cost *group)
{
    struct columns columns;
    for (size_t i = 0; i < work->request->vendors_count; i++) {
        select_part(work, i, &columns);
        TRY(sum_columns(work, &columns, &parts[i]));
    }
    columns.count = 0;
    for (size_t i = 0; i < work->lines.count; i++)
        add_column(&columns, i);
    columns.lines_count = columns.count;
    for (size_t i = 0; i < work->consignments.count; i++)
        add_column(&columns, work->consignments.first + i);
    return sum_columns(work, &columns, group);
}

/* One line or one consignment. */
static enum status sum_column(struct price_work *work, size_t column, struct price_cost *ret_cost)
{
    const struct columns columns = { .lines_count = column < work->consignments.first,
                                     .count = 1,
                                     .list = { (uint8_t)column } };
    return sum_columns(work, &columns, ret_cost);
}

enum status price_sum_up(struct price_work *work, struct price_result *ret_result)
{
    const struct price_request *request = work->request;
    struct arena *arena = work->arena;
    struct price_line_result *lines =
        arena_allocate_array(arena, request->lines_count, sizeof *lines);
    struct price_cost *parts = arena_allocate_array(arena, request->vendors_count, sizeof *parts);
    for (size_t i = 0; i < request->lines_count; i++) {
        lines[i].unit_amount = work->unit_amounts[i];
        lines[i].group_price = work->group_prices[i];
        TRY(sum_column(work, i, &lines[i].cost));
    }
    for (size_t i = 0; i < request->consignments_count; i++)
        TRY(sum_column(work, work->consignments.first + i, &work->consignment_results[i].cost));
    struct price_result result = { .lines = lines,
                                   .consignments = work->consignment_results,
                                   .parts = parts,
                                   .promotions = work->promotions,
                                   .problems = work->problems,
                                   .problems_count = work->problems_count };
    memcpy(result.currency, request->currency, sizeof result.currency);
    result.trace = (struct price_trace){ .entries = work->entries, .count = work->entries_count };
    TRY(sum_parts(work, parts, &result.group));
    *ret_result = result;
    return STATUS_OK;
}
