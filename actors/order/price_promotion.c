/* Promotions take off: those that combine one after the other, then each exclusive one against what
 * stands on the lines that it targets; and who bears it. */
#include "actors/order/price_internal.h"

/* What one promotion would take from the columns of work->sharing. */
struct taking {
    int64_t total;
    /* Shared by the weights, or each column's amount is a product of its own (buy x, get y). */
    bool is_shared;
    int64_t factors[PRICE_LINES_MAX], divisors[PRICE_LINES_MAX];
    struct price_trace_entry verdict, cap; /* what the trace says of it */
    bool is_capped;
};

static const struct price_side *side_of(const struct price_work *work, bool is_delivery)
{
    return is_delivery ? &work->consignments : &work->lines;
}

/* The targeted columns and what is there to take, by id; returns the sum. */
static int64_t gather(struct price_work *work, const struct price_side *side, uint64_t targets,
                      const int64_t *amounts)
{
    struct price_sharing *sharing = &work->sharing;
    int64_t sum = 0;
    sharing->count = 0;
    for (size_t i = 0; i < side->count; i++) {
        if (!price_set_has(targets, side->order[i])) continue;
        const size_t column = side->first + side->order[i];
        sharing->columns[sharing->count] = column;
        sharing->weights[sharing->count++] = amounts[column];
        sum += amounts[column];
    }
    return sum;
}

/* How many units are given, of all that are targeted. */
static int64_t given_units(const struct price_promotion *promotion, int64_t units)
{
    const int64_t set = promotion->buy_quantity + promotion->get_quantity;
    const int64_t rest = units % set - promotion->buy_quantity;
    return units / set * promotion->get_quantity + (rest > 0 ? rest : 0);
}

/* The cheapest units are the given ones: so many of each line. */
static void give_units(const struct price_work *work, const struct price_promotion *promotion,
                       uint64_t targets, int64_t given_by_line[PRICE_LINES_MAX])
{
    int64_t units = 0;
    for (size_t i = 0; i < work->request->lines_count; i++) {
        given_by_line[i] = 0;
        if (price_set_has(targets, i)) units += work->request->lines[i].quantity;
    }
    int64_t left = given_units(promotion, units);
    for (size_t i = 0; i < work->request->lines_count && left > 0; i++) {
        const size_t line = work->cheapest_order[i];
        if (!price_set_has(targets, line)) continue;
        const int64_t quantity = work->request->lines[line].quantity;
        given_by_line[line] = left < quantity ? left : quantity;
        left -= given_by_line[line];
    }
}

/* Replaces the weights, what is left of each line, by what is taken off it. */
static enum status take_units(struct price_work *work, const struct price_promotion *promotion,
                              uint64_t targets, struct taking *taking)
{
    struct price_sharing *sharing = &work->sharing;
    int64_t given[PRICE_LINES_MAX];
    give_units(work, promotion, targets, given);
    for (size_t i = 0; i < sharing->count; i++) {
        const size_t line = sharing->columns[i];
        taking->factors[i] = given[line] * promotion->ppm;
        taking->divisors[i] = work->request->lines[line].quantity * PRICE_PPM;
        TRY(amount_scale(sharing->weights[i], taking->factors[i], taking->divisors[i],
                         &sharing->amounts[i], &sharing->remainders[i]));
        taking->total += sharing->amounts[i];
        taking->verdict.base += given[line];
    }
    taking->is_shared = false;
    taking->verdict.amount = taking->total;
    return STATUS_OK;
}

static enum status take_percentage(const struct price_promotion *promotion, int64_t sum,
                                   struct taking *taking)
{
    struct price_trace_entry *verdict = &taking->verdict;
    verdict->base = sum;
    verdict->factor = promotion->ppm;
    verdict->divisor = PRICE_PPM;
    TRY(amount_scale(sum, promotion->ppm, PRICE_PPM, &verdict->amount, &verdict->remainder));
    taking->total = verdict->amount;
    return STATUS_OK;
}

static void take_amount(int64_t amount, struct taking *taking)
{
    taking->verdict.amount = taking->total = amount;
}

static void limit(struct taking *taking, int64_t most)
{
    if (taking->total <= most) return;
    taking->cap = (struct price_trace_entry){ .rule = PRICE_RULE_CAP,
                                              .subject = PRICE_SUBJECT_PROMOTION,
                                              .index = taking->verdict.index,
                                              .base = taking->verdict.amount,
                                              .amount = most };
    taking->is_capped = true;
    taking->total = most;
}

/* When units were given and the cap cut that short, what they would have cost is what the cap is
 * shared by. */
static void weigh_units(struct price_sharing *sharing, struct taking *taking)
{
    if (taking->is_shared || !taking->is_capped) return;
    for (size_t i = 0; i < sharing->count; i++)
        sharing->weights[i] = sharing->amounts[i];
    taking->is_shared = true;
}

/* Works out what the promotion would take if `amounts` were there, and each column's share. Nothing
 * is changed but work->sharing. Statuses: OK, OUT_OF_RANGE. */
static enum status take(struct price_work *work, size_t index, const struct price_side *side,
                        const int64_t *amounts, struct taking *taking)
{
    const struct price_promotion *promotion = &work->request->promotions[index];
    const uint64_t targets = work->targets[index];
    taking->total = 0;
    taking->is_shared = true;
    taking->is_capped = false;
    taking->verdict = (struct price_trace_entry){ .rule = PRICE_RULE_PROMOTION,
                                                  .subject = PRICE_SUBJECT_PROMOTION,
                                                  .index = (unsigned)index };
    const int64_t sum = gather(work, side, targets, amounts);
    switch (promotion->kind) {
    case PRICE_PROMOTION_PERCENT:
        TRY(take_percentage(promotion, sum, taking));
        break;
    case PRICE_PROMOTION_FIXED:
        take_amount(promotion->fixed_amount, taking);
        break;
    case PRICE_PROMOTION_FREE_DELIVERY:
        take_amount(sum, taking);
        break;
    case PRICE_PROMOTION_BUY_X_GET_Y:
        TRY(take_units(work, promotion, targets, taking));
        break;
    }
    const int64_t cap = promotion->has_cap ? promotion->cap_amount : INT64_MAX;
    limit(taking, cap < sum ? cap : sum);
    weigh_units(&work->sharing, taking);
    if (!taking->is_shared) return STATUS_OK;
    return amount_allocate(taking->total, work->sharing.weights, work->sharing.count,
                           work->sharing.amounts, work->sharing.remainders);
}

static void note_verdict(struct price_work *work, const struct taking *taking,
                         enum price_reason reason)
{
    work->promotions[taking->verdict.index].reason = reason;
    struct price_trace_entry verdict = taking->verdict;
    verdict.reason = reason;
    price_trace_add(work, &verdict);
    if (taking->is_capped) price_trace_add(work, &taking->cap);
}

static void note_share(struct price_work *work, const struct taking *taking, size_t place,
                       int64_t divisor)
{
    if (work->entries == NULL) return;
    const struct price_sharing *sharing = &work->sharing;
    struct price_trace_entry entry = price_column_entry(
        work, PRICE_RULE_DISCOUNT, sharing->columns[place], taking->verdict.index);
    entry.base = taking->is_shared ? taking->total : sharing->weights[place];
    entry.factor = taking->is_shared ? sharing->weights[place] : taking->factors[place];
    entry.divisor = taking->is_shared ? divisor : taking->divisors[place];
    entry.amount = sharing->amounts[place];
    entry.remainder = sharing->remainders[place];
    price_trace_add(work, &entry);
}

/* Takes off what take() worked out. */
static void put_shares(struct price_work *work, const struct taking *taking)
{
    const struct price_sharing *sharing = &work->sharing;
    int64_t divisor = 0;
    for (size_t i = 0; i < sharing->count; i++)
        divisor += sharing->weights[i];
    for (size_t i = 0; i < sharing->count; i++) {
        const size_t column = sharing->columns[i];
        if (sharing->amounts[i] == 0 && sharing->remainders[i] == 0) continue;
        assert(sharing->amounts[i] >= 0);
        assert(sharing->amounts[i] <= work->left[column]);
        *price_share_at(work, taking->verdict.index, column) = sharing->amounts[i];
        work->left[column] -= sharing->amounts[i];
        note_share(work, taking, i, divisor);
    }
}

/* Why a promotion takes nothing: there is nothing, or nobody knows yet how something is sent. */
static enum price_reason empty_reason(const struct price_work *work, size_t index)
{
    if (work->request->promotions[index].kind == PRICE_PROMOTION_FREE_DELIVERY)
        for (size_t i = 0; i < work->request->consignments_count; i++)
            if (price_set_has(work->targets[index], i) && !work->consignment_results[i].has_method)
                return PRICE_REASON_DELIVERY_IS_OPEN;
    return PRICE_REASON_NOTHING_TO_TAKE;
}

static enum status combine(struct price_work *work, size_t index, const struct price_side *side)
{
    struct taking taking;
    TRY(take(work, index, side, work->left, &taking));
    const bool takes = taking.total > 0;
    note_verdict(work, &taking, takes ? PRICE_REASON_APPLIED : empty_reason(work, index));
    if (takes) put_shares(work, &taking);
    return STATUS_OK;
}

/* What all that stands takes off the columns of work->sharing. */
static int64_t standing_amount(const struct price_work *work)
{
    int64_t sum = 0;
    for (size_t i = 0; i < work->sharing.count; i++)
        sum += work->amounts[work->sharing.columns[i]] - work->left[work->sharing.columns[i]];
    return sum;
}

static bool stands_there(struct price_work *work, size_t promotion)
{
    for (size_t i = 0; i < work->sharing.count; i++)
        if (*price_share_at(work, promotion, work->sharing.columns[i]) > 0) return true;
    return false;
}

/* True if nothing that stands there is before the promotion in the order. */
static bool is_first_there(struct price_work *work, size_t index)
{
    for (size_t i = 0; work->promotion_order[i] != index; i++)
        if (stands_there(work, work->promotion_order[i])) return false;
    return true;
}

static void withdraw_others(struct price_work *work)
{
    for (size_t i = 0; i < work->request->promotions_count; i++) {
        const size_t other = work->promotion_order[i];
        for (size_t k = 0; k < work->sharing.count; k++) {
            const size_t column = work->sharing.columns[k];
            int64_t *share = price_share_at(work, other, column);
            if (*share == 0) continue;
            struct price_trace_entry entry =
                price_column_entry(work, PRICE_RULE_WITHDRAWAL, column, other);
            entry.amount = *share;
            entry.reason = PRICE_REASON_GAVE_WAY;
            price_trace_add(work, &entry);
            work->left[column] += *share;
            *share = 0;
        }
    }
}

static enum status stand_alone(struct price_work *work, size_t index, const struct price_side *side)
{
    struct taking taking;
    TRY(take(work, index, side, work->amounts, &taking));
    const int64_t standing = standing_amount(work);
    const bool is_better =
        taking.total > standing || (taking.total == standing && is_first_there(work, index));
    if (taking.total == 0 || !is_better) {
        note_verdict(work, &taking,
                     taking.total == 0 ? empty_reason(work, index)
                                       : PRICE_REASON_OTHERS_ARE_BETTER);
        return STATUS_OK;
    }
    withdraw_others(work);
    note_verdict(work, &taking, PRICE_REASON_APPLIED);
    put_shares(work, &taking);
    return STATUS_OK;
}

enum status price_settle_promotions(struct price_work *work, bool is_delivery)
{
    const struct price_side *side = side_of(work, is_delivery);
    for (unsigned round = 0; round < 2; round++) {
        const bool is_exclusive = round == 1;
        for (size_t i = 0; i < work->request->promotions_count; i++) {
            const size_t index = work->promotion_order[i];
            const struct price_promotion *promotion = &work->request->promotions[index];
            if (work->promotions[index].reason != PRICE_REASON_APPLIED) continue;
            if ((promotion->kind == PRICE_PROMOTION_FREE_DELIVERY) != is_delivery) continue;
            if (promotion->is_exclusive != is_exclusive) continue;
            TRY(is_exclusive ? stand_alone(work, index, side) : combine(work, index, side));
        }
    }
    return STATUS_OK;
}

/* ---- who bears it ---- */

static int64_t market_ppm(const struct price_promotion *promotion)
{
    switch (promotion->bearer) {
    case PRICE_BEARER_MARKET:
        return PRICE_PPM;
    case PRICE_BEARER_VENDOR:
        return 0;
    case PRICE_BEARER_SHARED:
        return promotion->market_ppm;
    }
    return PRICE_PPM;
}

static void put_market_shares(struct price_work *work, size_t index)
{
    const struct price_promotion_result *result = &work->promotions[index];
    const struct price_sharing *sharing = &work->sharing;
    for (size_t i = 0; i < sharing->count; i++) {
        if (sharing->weights[i] == 0) continue;
        const size_t column = sharing->columns[i];
        work->market_shares[index * work->columns_count + column] = sharing->amounts[i];
        struct price_trace_entry entry =
            price_column_entry(work, PRICE_RULE_BEARING, column, index);
        entry.base = result->market_amount;
        entry.factor = sharing->weights[i];
        entry.divisor = result->amount;
        entry.amount = sharing->amounts[i];
        entry.remainder = sharing->remainders[i];
        price_trace_add(work, &entry);
    }
}

/* The market's part is that of the whole promotion, rounded once, and shared like it. */
static enum status bear(struct price_work *work, size_t index, const struct price_side *side)
{
    struct price_promotion_result *result = &work->promotions[index];
    struct price_sharing *sharing = &work->sharing;
    const int64_t *shares = price_share_at(work, index, 0);
    result->amount = gather(work, side, work->targets[index], shares);
    if (result->amount == 0) {
        result->reason = PRICE_REASON_GAVE_WAY;
        return STATUS_OK;
    }
    struct price_trace_entry whole = { .rule = PRICE_RULE_BEARING,
                                       .subject = PRICE_SUBJECT_PROMOTION,
                                       .index = (unsigned)index,
                                       .base = result->amount,
                                       .factor = market_ppm(&work->request->promotions[index]),
                                       .divisor = PRICE_PPM };
    TRY(amount_scale(whole.base, whole.factor, whole.divisor, &whole.amount, &whole.remainder));
    price_trace_add(work, &whole);
    result->market_amount = whole.amount;
    result->vendor_amount = result->amount - result->market_amount;
    TRY(amount_allocate(result->market_amount, sharing->weights, sharing->count, sharing->amounts,
                        sharing->remainders));
    put_market_shares(work, index);
    return STATUS_OK;
}

enum status price_bear_promotions(struct price_work *work)
{
    for (size_t i = 0; i < work->request->promotions_count; i++) {
        const size_t index = work->promotion_order[i];
        const struct price_promotion *promotion = &work->request->promotions[index];
        if (work->promotions[index].reason != PRICE_REASON_APPLIED) continue;
        const bool is_delivery = promotion->kind == PRICE_PROMOTION_FREE_DELIVERY;
        TRY(bear(work, index, side_of(work, is_delivery)));
    }
    return STATUS_OK;
}
