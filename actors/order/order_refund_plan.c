/* Judges refunds as staff asks for them, and works them out. */
#include "actors/order/order_refund_plan.h"

#include "actors/order/order_back_store.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_refund_left.h"
#include "storage/values.h"

static enum status refuse_too_much(struct request *request, const char *pointer, int64_t requested,
                                   int64_t left)
{
    request_add_fault(request, &(struct request_fault){ .pointer = pointer,
                                                        .code = STATUS_REFUND_EXCEEDS_CAPTURED,
                                                        .detail = TEXT("So much is not left."),
                                                        .has_amounts = true,
                                                        .requested = requested,
                                                        .available = left });
    return STATUS_REFUND_EXCEEDS_CAPTURED;
}

/* Money is left, and the card that has paid it cannot get just so much. */
static enum status refuse_unknown_to_cards(struct request *request, const char *pointer,
                                           int64_t requested, int64_t available)
{
    request_add_fault(request,
                      &(struct request_fault){ .pointer = pointer,
                                               .code = STATUS_INVALID_VALUE,
                                               .detail = TEXT("Cards do not know the last digit of "
                                                              "amounts of this currency: let it be "
                                                              "0, or name another destination."),
                                               .has_amounts = true,
                                               .requested = requested,
                                               .available = available });
    return STATUS_INVALID_VALUE;
}

/* ---- what it is for ---- */

static enum status require_one_kind(struct request *request, const struct order_life *life,
                                    const struct order_refund_ask *ask)
{
    const bool has_goods = ask->lines_count > 0 || ask->has_delivery;
    if (!ask->has_amount && !has_goods)
        return request_refuse(request, "/amount", STATUS_MISSING_FIELD,
                              "Say an amount, or lines, or that deliveries are refunded.");
    if (ask->has_amount && has_goods)
        return request_refuse(request, "/amount", STATUS_INVALID_VALUE,
                              "Lines and deliveries have their own amounts: say either.");
    if (ask->has_amount && !text_equals_string(text_of(ask->amount.currency), life->currency))
        return request_refuse(request, "/amount", STATUS_CURRENCY_MISMATCH, NULL);
    return STATUS_OK;
}

/* Units that were not refunded, gone or kept. */
static enum status choose_units(struct request *request, const struct order_life *life,
                                const struct order_refund_ask *ask, const struct order_back *back,
                                int64_t ret_units[])
{
    struct shipment_refusal refusal = { .fault = SHIPMENT_FAULT_NONE };
    for (size_t i = 0; i < ask->lines_count; i++) {
        size_t line;
        refusal.index = i;
        if (!order_life_find_line(life, ask->lines[i].line_id, &line))
            refusal.fault = SHIPMENT_FAULT_UNKNOWN;
        else if (ret_units[line] > 0)
            refusal.fault = SHIPMENT_FAULT_TWICE;
        else {
            const struct order_subject *subject = &back->subjects[line];
            refusal.left = subject->price.quantity - subject->gone;
            if (ask->lines[i].quantity > refusal.left) refusal.fault = SHIPMENT_FAULT_TOO_MANY;
            ret_units[line] = ask->lines[i].quantity;
        }
        TRY(order_life_refuse_units(request, &refusal, ask->lines));
    }
    return STATUS_OK;
}

static enum status plan_goods(struct request *request, const struct order_life *life,
                              const struct order_refund_ask *ask, struct order_back *back)
{
    int64_t units[ORDER_SUBJECTS_MAX] = { 0 };
    TRY(order_back_store_load(request, life->order_id, &back->subjects, &back->subjects_count));
    if (back->subjects_count < life->lines_count) return STATUS_CONFLICT;
    for (size_t i = 0; i < life->lines_count; i++)
        if (!uuid_equals(back->subjects[i].id, life->lines[i].id)) return STATUS_CONFLICT;
    TRY(choose_units(request, life, ask, back, units));
    for (size_t i = life->lines_count; ask->has_delivery && i < back->subjects_count; i++)
        units[i] = back->subjects[i].price.quantity - back->subjects[i].gone;
    const enum status planned =
        order_back_plan(back->subjects, back->subjects_count, units, order_back_sources_of(life),
                        ORDER_BACK_ORIGINAL, request_arena(request), back);
    if (planned == STATUS_OUT_OF_RANGE) return STATUS_CONFLICT;
    if (planned != STATUS_OK) return STATUS_CORRUPT;
    const char *pointer = ask->lines_count > 0 ? "/lines" : "/delivery";
    return order_back_paid(back) + back->ways.waived > 0 ? STATUS_OK
                                                         : refuse_too_much(request, pointer, 1, 0);
}

static enum status plan_amount(struct request *request, const struct order_life *life,
                               const struct order_refund_ask *ask, struct order_back *back)
{
    struct order_back_sources sources = order_back_sources_of(life);
    const int64_t amount = ask->amount.amount;
    int64_t rest = order_back_waive(&sources, amount, &back->ways);
    rest = order_back_route(&sources, rest, ORDER_BACK_ORIGINAL, &back->ways);
    const bool is_unknown_to_cards = rest > 0 && rest <= sources.card;
    if (is_unknown_to_cards && ask->ways_count == 0)
        return refuse_unknown_to_cards(request, "/amount", amount, amount - rest);
    if (rest > 0 && !is_unknown_to_cards)
        return refuse_too_much(request, "/amount", amount, amount - rest);
    back->total = back->goodwill = amount;
    return STATUS_OK;
}

/* ---- where it goes ---- */

static enum order_back_destination destination_of(enum order_refund_destination destination)
{
    static const enum order_back_destination of_contract[] = {
        [ORDER_REFUND_DESTINATION_ORIGINAL] = ORDER_BACK_ORIGINAL,
        [ORDER_REFUND_DESTINATION_WALLET] = ORDER_BACK_WALLET,
        [ORDER_REFUND_DESTINATION_MANUAL] = ORDER_BACK_MANUAL,
    };
    static_assert(ARRAY_LENGTH(of_contract) == (size_t)ORDER_REFUND_DESTINATION_COUNT, "all");
    return of_contract[destination];
}

static enum status require_way(struct request *request, const struct order_life *life,
                               const struct order_refund_ask *ask, size_t index)
{
    const struct order_refund_way *way = &ask->ways[index];
    const char *place = request_pointer_at(request, "/destinations", index);
    struct arena *arena = request_arena(request);
    for (size_t i = 0; i < index; i++)
        if (ask->ways[i].destination == way->destination)
            return request_refuse(request, text_format(arena, "%s/destination", place).data,
                                  STATUS_INVALID_VALUE, "It stands there before: say it once.");
    if (way->destination == ORDER_REFUND_DESTINATION_WALLET)
        TRY(order_refund_require_wallet(request, life,
                                        text_format(arena, "%s/destination", place).data));
    if (!text_equals_string(text_of(way->amount.currency), life->currency))
        return request_refuse(request, text_format(arena, "%s/amount", place).data,
                              STATUS_CURRENCY_MISMATCH, NULL);
    return STATUS_OK;
}

static enum status require_ways(struct request *request, const struct order_life *life,
                                const struct order_refund_ask *ask, int64_t paid)
{
    int64_t sum = 0;
    for (size_t i = 0; i < ask->ways_count; i++) {
        TRY(require_way(request, life, ask, i));
        if (__builtin_add_overflow(sum, ask->ways[i].amount.amount, &sum)) sum = INT64_MAX;
    }
    if (sum == paid) return STATUS_OK;
    request_add_fault(request,
                      &(struct request_fault){ .pointer = "/destinations",
                                               .code = STATUS_INVALID_VALUE,
                                               .detail = TEXT("They must add up to what goes back, "
                                                              "without what is waived."),
                                               .has_amounts = true,
                                               .requested = sum,
                                               .available = paid });
    return STATUS_INVALID_VALUE;
}

/* The default way is thought of first, so that what there is not is refused as that. */
static enum status go_ways(struct request *request, const struct order_life *life,
                           const struct order_refund_ask *ask, struct order_back *back)
{
    struct order_back_sources sources = order_back_sources_of(life);
    struct order_back_ways ways = { .waived = 0 };
    const int64_t paid = order_back_paid(back);
    if (ask->ways_count == 0) return STATUS_OK;
    TRY(require_ways(request, life, ask, paid));
    (void)order_back_waive(&sources, back->ways.waived, &ways);
    for (size_t i = 0; i < ask->ways_count; i++) {
        const int64_t amount = ask->ways[i].amount.amount;
        const int64_t rest =
            order_back_route(&sources, amount, destination_of(ask->ways[i].destination), &ways);
        if (rest == 0) continue;
        const char *pointer = text_format(request_arena(request), "%s/amount",
                                          request_pointer_at(request, "/destinations", i))
                                  .data;
        return ask->ways[i].destination == ORDER_REFUND_DESTINATION_ORIGINAL && rest <= sources.card
                   ? refuse_unknown_to_cards(request, pointer, amount, amount - rest)
                   : refuse_too_much(request, pointer, amount, amount - rest);
    }
    back->ways = ways;
    /* What goes to the card is refused there; what goes elsewhere, nobody refuses later. */
    if (ways.credit + ways.by_hand == 0) return STATUS_OK;
    return order_refund_require_left(request, life, "/destinations",
                                     ways.card + ways.credit + ways.by_hand);
}

enum status order_refund_plan(struct request *request, const struct order_life *life,
                              const struct order_refund_ask *ask, struct order_back *ret_back)
{
    struct order_back back = { .id = request_new_id(request),
                               .order_id = life->order_id,
                               .is_kept = true };
    assert(ask->lines_count <= ORDER_LINES_MAX);
    assert(ask->ways_count <= ORDER_REFUND_WAYS_MAX);
    TRY(require_one_kind(request, life, ask));
    TRY(ask->has_amount ? plan_amount(request, life, ask, &back)
                        : plan_goods(request, life, ask, &back));
    TRY(go_ways(request, life, ask, &back));
    *ret_back = back;
    return STATUS_OK;
}
