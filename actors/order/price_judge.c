/* Which promotions may take off and from what: conditions, judged by the goods before any
 * promotion, and what became of the codes that were typed. */
#include "actors/order/price_internal.h"

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

bool price_code_equals(struct text typed, struct text code)
{
    const struct text trimmed = text_trim(typed);
    if (trimmed.length == 0 || trimmed.length != code.length) return false;
    for (size_t i = 0; i < code.length; i++)
        if (lower(trimmed.data[i]) != lower(code.data[i])) return false;
    return true;
}

static bool is_typed(const struct price_request *request, struct text code)
{
    for (size_t i = 0; i < request->codes_count; i++)
        if (price_code_equals(request->codes[i], code)) return true;
    return false;
}

static bool is_listed(const struct uuid *ids, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(ids[i], id)) return true;
    return false;
}

static bool is_selected(const struct price_selection *selection, const struct price_line *line)
{
    switch (selection->kind) {
    case PRICE_SELECT_ALL:
        return true;
    case PRICE_SELECT_PRODUCTS:
        return is_listed(selection->products, selection->products_count, line->product_id);
    case PRICE_SELECT_CATEGORY:
        return is_listed(line->categories, line->categories_count, selection->category_id);
    }
    return false;
}

static uint64_t all_lines(const struct price_work *work)
{
    uint64_t set = 0;
    for (size_t i = 0; i < work->request->vendors_count; i++)
        set |= work->vendor_lines[i];
    return set;
}

/* The lines that are any business of the promotion. */
static uint64_t scope_of(const struct price_work *work, const struct price_promotion *promotion)
{
    if (uuid_is_zero(promotion->vendor_id)) return all_lines(work);
    uint64_t set = 0;
    for (size_t i = 0; i < work->request->vendors_count; i++)
        if (uuid_equals(work->request->vendors[i], promotion->vendor_id))
            set |= work->vendor_lines[i];
    return set;
}

static uint64_t select_lines(const struct price_work *work, const struct price_selection *selection,
                             uint64_t scope)
{
    if (selection->kind == PRICE_SELECT_ALL) return scope;
    uint64_t set = 0;
    for (size_t i = 0; i < work->request->lines_count; i++)
        if (price_set_has(scope, i) && is_selected(selection, &work->request->lines[i]))
            set |= UINT64_C(1) << i;
    return set;
}

static uint64_t consignments_of(const struct price_work *work, uint64_t lines)
{
    uint64_t set = 0;
    for (size_t i = 0; i < work->request->lines_count; i++) {
        const struct price_line *line = &work->request->lines[i];
        if (price_set_has(lines, i) && !line->is_digital) set |= UINT64_C(1) << line->consignment;
    }
    return set;
}

/* What of the customer, the time or the promotion itself speaks against it. */
static enum price_reason judge_customer(const struct price_request *request,
                                        const struct price_promotion *promotion)
{
    if (promotion->needs_code && !is_typed(request, promotion->code))
        return PRICE_REASON_CODE_NOT_TYPED;
    const enum price_reason period = price_period_reason(&promotion->period, request->now_us);
    if (period != PRICE_REASON_APPLIED) return period;
    if (promotion->is_exhausted) return PRICE_REASON_EXHAUSTED;
    if (promotion->is_exhausted_for_customer) return PRICE_REASON_EXHAUSTED_FOR_CUSTOMER;
    if (promotion->has_group &&
        !is_listed(request->groups, request->groups_count, promotion->group_id))
        return PRICE_REASON_NOT_IN_GROUP;
    if (promotion->needs_first_order && !request->is_first_order)
        return PRICE_REASON_NOT_FIRST_ORDER;
    return PRICE_REASON_APPLIED;
}

/* What of the cart speaks against it. Sums cannot overflow: that of all goods does not. */
static enum price_reason judge_goods(const struct price_work *work,
                                     const struct price_promotion *promotion, uint64_t scope)
{
    const uint64_t qualifying = select_lines(work, &promotion->qualifying, scope);
    if (qualifying == 0) return PRICE_REASON_NOTHING_QUALIFIES;
    int64_t quantity = 0, subtotal = 0;
    for (size_t i = 0; i < work->request->lines_count; i++) {
        if (!price_set_has(qualifying, i)) continue;
        quantity += work->request->lines[i].quantity;
        subtotal += work->amounts[i];
    }
    if (quantity < promotion->quantity_min) return PRICE_REASON_QUANTITY_TOO_LOW;
    if (subtotal < promotion->subtotal_min_amount) return PRICE_REASON_SUBTOTAL_TOO_LOW;
    return PRICE_REASON_APPLIED;
}

static enum price_reason judge(const struct price_work *work,
                               const struct price_promotion *promotion, uint64_t *ret_targets)
{
    const enum price_reason customer = judge_customer(work->request, promotion);
    if (customer != PRICE_REASON_APPLIED) return customer;
    const uint64_t scope = scope_of(work, promotion);
    const enum price_reason goods = judge_goods(work, promotion, scope);
    if (goods != PRICE_REASON_APPLIED) return goods;
    uint64_t targets = select_lines(work, &promotion->target, scope);
    if (promotion->kind == PRICE_PROMOTION_FREE_DELIVERY) targets = consignments_of(work, targets);
    *ret_targets = targets;
    return targets == 0 ? PRICE_REASON_NOTHING_TARGETED : PRICE_REASON_APPLIED;
}

void price_judge_promotions(struct price_work *work)
{
    for (size_t i = 0; i < work->request->promotions_count; i++) {
        const size_t index = work->promotion_order[i];
        const enum price_reason reason =
            judge(work, &work->request->promotions[index], &work->targets[index]);
        work->promotions[index].reason = reason;
        if (reason == PRICE_REASON_APPLIED) continue;
        price_trace_add(work, &(struct price_trace_entry){ .rule = PRICE_RULE_PROMOTION,
                                                           .reason = reason,
                                                           .subject = PRICE_SUBJECT_PROMOTION,
                                                           .index = (unsigned)index });
    }
}

/* Several promotions may have one code: it works when any of them does. Of those that do not, the
 * first in their order says why. */
static void answer_code(struct price_work *work, size_t code)
{
    const struct price_request *request = work->request;
    bool is_known = false;
    enum price_reason reason = PRICE_REASON_APPLIED;
    for (size_t i = 0; i < request->promotions_count; i++) {
        const size_t index = work->promotion_order[i];
        const struct price_promotion *promotion = &request->promotions[index];
        if (!promotion->needs_code || !price_code_equals(request->codes[code], promotion->code))
            continue;
        if (work->promotions[index].reason == PRICE_REASON_APPLIED) return;
        if (!is_known) reason = work->promotions[index].reason;
        is_known = true;
    }
    price_add_problem(work,
                      (struct price_problem){ .code = is_known ? PRICE_PROBLEM_CODE_NOT_APPLIED
                                                               : PRICE_PROBLEM_CODE_UNKNOWN,
                                              .index = code,
                                              .reason = reason });
}

void price_answer_codes(struct price_work *work)
{
    for (size_t i = 0; i < work->request->codes_count; i++)
        answer_code(work, i);
}
