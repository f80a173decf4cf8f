/* The pricing function: its order of work. */
#include "actors/order/price_internal.h"

/* ---- the order of everything ---- */

/* Compares two rows of a table by what orders them. */
typedef int compare_rows(const struct price_request *request, size_t a, size_t b);

static int compare_lines(const struct price_request *request, size_t a, size_t b)
{
    return uuid_compare(request->lines[a].id, request->lines[b].id);
}

static int compare_consignments(const struct price_request *request, size_t a, size_t b)
{
    const struct price_consignment *first = &request->consignments[a],
                                   *second = &request->consignments[b];
    const int order = uuid_compare(first->id, second->id);
    if (order != 0) return order;
    return uuid_compare(request->vendors[first->vendor], request->vendors[second->vendor]);
}

static int compare_rates(const struct price_request *request, size_t a, size_t b)
{
    return uuid_compare(request->rates[a].id, request->rates[b].id);
}

static int compare_promotions(const struct price_request *request, size_t a, size_t b)
{
    const struct price_promotion *first = &request->promotions[a],
                                 *second = &request->promotions[b];
    if (first->priority != second->priority) return first->priority < second->priority ? -1 : 1;
    return uuid_compare(first->id, second->id);
}

/* By insertion: there are at most 50 of anything. */
static void put_in_order(const struct price_request *request, size_t count, compare_rows *compare,
                         uint8_t *ret_order)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && compare(request, ret_order[place - 1], i) > 0; place--)
            ret_order[place] = ret_order[place - 1];
        ret_order[place] = (uint8_t)i;
    }
}

/* ---- the work ---- */

static void order_everything(struct price_work *work)
{
    const struct price_request *request = work->request;
    put_in_order(request, request->lines_count, compare_lines, work->line_order);
    put_in_order(request, request->consignments_count, compare_consignments,
                 work->consignment_order);
    put_in_order(request, request->rates_count, compare_rates, work->rate_order);
    put_in_order(request, request->promotions_count, compare_promotions, work->promotion_order);
}

static struct price_work *begin(const struct price_request *request, struct arena *arena)
{
    struct price_work *work = arena_allocate(arena, sizeof *work);
    work->request = request;
    work->arena = arena;
    work->lines = (struct price_side){ .count = request->lines_count, .order = work->line_order };
    work->consignments = (struct price_side){ .first = request->lines_count,
                                              .count = request->consignments_count,
                                              .order = work->consignment_order };
    work->columns_count = request->lines_count + request->consignments_count;
    const size_t shares = request->promotions_count * work->columns_count;
    const size_t taxes = request->rates_count * work->columns_count;
    work->shares = arena_allocate_array(arena, shares, sizeof *work->shares);
    work->market_shares = arena_allocate_array(arena, shares, sizeof *work->market_shares);
    work->tax_amounts = arena_allocate_array(arena, taxes, sizeof *work->tax_amounts);
    work->tax_bases = arena_allocate_array(arena, taxes, sizeof *work->tax_bases);
    work->is_taxed = arena_allocate_array(arena, taxes, sizeof *work->is_taxed);
    work->promotions =
        arena_allocate_array(arena, request->promotions_count, sizeof *work->promotions);
    work->consignment_results =
        arena_allocate_array(arena, request->consignments_count, sizeof *work->consignment_results);
    work->problems = arena_allocate_array(arena, request->consignments_count + request->codes_count,
                                          sizeof *work->problems);
    if (request->is_explained) {
        work->entries_max = price_trace_bound(request);
        work->entries = arena_reserve(arena, work->entries_max * sizeof *work->entries);
    }
    order_everything(work);
    return work;
}

enum status price_cart(const struct price_request *request, struct arena *arena,
                       struct price_result *ret_result)
{
    assert(request != NULL);
    assert(arena != NULL);
    assert(ret_result != NULL);
    TRY(price_check_request(request));
    struct price_work *work = begin(request, arena);
    TRY(price_goods(work));
    price_judge_promotions(work);
    TRY(price_settle_promotions(work, false));
    TRY(price_deliveries(work));
    TRY(price_settle_promotions(work, true));
    TRY(price_bear_promotions(work));
    price_answer_codes(work);
    TRY(price_taxes(work));
    return price_sum_up(work, ret_result);
}
