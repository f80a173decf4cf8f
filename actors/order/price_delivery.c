/* What sending each consignment costs, and why one cannot be sent. */
#include "actors/order/price_internal.h"

/* What of a consignment has to be sent. */
struct load {
    bool is_there;
    int64_t weight_grams;
    int64_t goods_amount; /* after discounts */
};

/* What weighs more than can be said is too heavy for every limit. */
static void weigh(const struct price_work *work, size_t consignment, struct load *ret_load)
{
    struct load load = { .is_there = false };
    for (size_t i = 0; i < work->request->lines_count; i++) {
        const struct price_line *line = &work->request->lines[i];
        if (line->is_digital || line->consignment != consignment) continue;
        int64_t weight;
        if (__builtin_mul_overflow(line->weight_grams, line->quantity, &weight) ||
            price_add_to(&load.weight_grams, weight) != STATUS_OK)
            load.weight_grams = INT64_MAX;
        load.goods_amount += work->left[i];
        load.is_there = true;
    }
    *ret_load = load;
}

static bool goes_to(const struct price_method *method, struct text country)
{
    for (size_t i = 0; i < method->countries_count; i++)
        if (text_equals(method->countries[i], country)) return true;
    return method->countries_count == 0;
}

static enum price_reason offer_reason(const struct price_request *request,
                                      const struct price_method *method, const struct load *load)
{
    if (!goes_to(method, request->country)) return PRICE_REASON_NOT_SENT_THERE;
    if (method->has_weight_max && load->weight_grams > method->weight_max_grams)
        return PRICE_REASON_TOO_HEAVY;
    return PRICE_REASON_NOT_CHOSEN;
}

/* No sum of so much can overflow; what costs more is not to be had. */
#define METHOD_AMOUNT_MAX (INT64_C(1) << 50)

/* Statuses: OK, OUT_OF_RANGE (beyond METHOD_AMOUNT_MAX). */
static enum status method_amount(const struct price_method *method, const struct load *load,
                                 int64_t *ret_amount)
{
    int64_t amount = method->amount;
    if (method->kind == PRICE_METHOD_FREE_ABOVE && load->goods_amount >= method->free_above_amount)
        amount = 0;
    if (method->kind == PRICE_METHOD_WEIGHT) {
        const int64_t kilograms = load->weight_grams / 1000 + (load->weight_grams % 1000 > 0);
        int64_t by_weight;
        if (__builtin_mul_overflow(method->per_kg_amount, kilograms, &by_weight))
            return STATUS_OUT_OF_RANGE;
        TRY(price_add_to(&amount, by_weight));
    }
    if (amount > METHOD_AMOUNT_MAX) return STATUS_OUT_OF_RANGE;
    *ret_amount = amount;
    return STATUS_OK;
}

/* What is found of a consignment's methods. */
struct choice {
    size_t offered_count, last_offered, too_heavy_count;
    bool is_chosen_offered;
    size_t chosen;
};

static void look_at_methods(const struct price_work *work, size_t index, const struct load *load,
                            struct price_offer *offers, struct choice *ret_choice)
{
    const struct price_consignment *consignment = &work->request->consignments[index];
    *ret_choice = (struct choice){ .offered_count = 0 };
    for (size_t i = 0; i < consignment->methods_count; i++) {
        const struct price_method *method = &consignment->methods[i];
        offers[i].reason = offer_reason(work->request, method, load);
        /* A vendor's price must not make carts unreadable that goods of others are in. */
        if (offers[i].reason == PRICE_REASON_NOT_CHOSEN &&
            method_amount(method, load, &offers[i].amount) != STATUS_OK)
            offers[i].reason = PRICE_REASON_TOO_HEAVY;
        ret_choice->too_heavy_count += offers[i].reason == PRICE_REASON_TOO_HEAVY;
        if (offers[i].reason != PRICE_REASON_NOT_CHOSEN) continue;
        ret_choice->offered_count++;
        ret_choice->last_offered = i;
        if (!consignment->has_choice || !uuid_equals(method->id, consignment->chosen_method_id))
            continue;
        ret_choice->is_chosen_offered = true;
        ret_choice->chosen = i;
    }
}

static void add_problem(struct price_work *work, enum price_problem_code code, size_t consignment)
{
    price_add_problem(work, (struct price_problem){ .code = code, .index = consignment });
}

/* Settles on a method, or says why not. */
static bool choose(struct price_work *work, size_t index, const struct choice *choice,
                   size_t *ret_method)
{
    if (choice->offered_count == 0) {
        add_problem(work,
                    choice->too_heavy_count > 0 ? PRICE_PROBLEM_TOO_HEAVY
                                                : PRICE_PROBLEM_NOT_DELIVERED_THERE,
                    index);
        return false;
    }
    if (work->request->consignments[index].has_choice) {
        if (!choice->is_chosen_offered)
            add_problem(work, PRICE_PROBLEM_DELIVERY_NOT_OFFERED, index);
        *ret_method = choice->chosen;
        return choice->is_chosen_offered;
    }
    if (choice->offered_count > 1) add_problem(work, PRICE_PROBLEM_DELIVERY_NOT_CHOSEN, index);
    *ret_method = choice->last_offered;
    return choice->offered_count == 1;
}

static void explain(struct price_work *work, size_t index)
{
    if (work->entries == NULL) return;
    const size_t column = work->consignments.first + index;
    const struct price_consignment_result *result = &work->consignment_results[index];
    for (size_t i = 0; i < work->request->consignments[index].methods_count; i++) {
        struct price_trace_entry entry = price_column_entry(work, PRICE_RULE_METHOD, column, i);
        entry.reason = result->offers[i].reason;
        entry.amount = result->offers[i].amount;
        price_trace_add(work, &entry);
    }
    if (!result->has_method) return;
    struct price_trace_entry entry =
        price_column_entry(work, PRICE_RULE_DELIVERY, column, result->method);
    entry.amount = work->amounts[column];
    price_trace_add(work, &entry);
}

static enum status deliver(struct price_work *work, size_t index)
{
    struct price_consignment_result *result = &work->consignment_results[index];
    struct load load;
    weigh(work, index, &load);
    result->needs_delivery = load.is_there;
    if (!load.is_there) return STATUS_OK;
    if (!work->request->has_destination) {
        add_problem(work, PRICE_PROBLEM_DESTINATION_MISSING, index);
        return STATUS_OK;
    }
    struct price_offer *offers = arena_allocate_array(
        work->arena, work->request->consignments[index].methods_count, sizeof *offers);
    struct choice choice;
    look_at_methods(work, index, &load, offers, &choice);
    result->offers = offers;
    result->has_method = choose(work, index, &choice, &result->method);
    if (result->has_method) {
        offers[result->method].reason = PRICE_REASON_APPLIED;
        const size_t column = work->consignments.first + index;
        work->amounts[column] = work->left[column] = offers[result->method].amount;
    }
    explain(work, index);
    return STATUS_OK;
}

enum status price_deliveries(struct price_work *work)
{
    int64_t sum = 0;
    for (size_t i = 0; i < work->consignments.count; i++) {
        const size_t index = work->consignment_order[i];
        TRY(deliver(work, index));
        TRY(price_add_to(&sum, work->amounts[work->consignments.first + index]));
    }
    return STATUS_OK;
}
