/* Who may do what to an order. */
#include "actors/order/order_life_door.h"
#include "actors/order/claim_store.h"

#include "actors/order/order_back_store.h"
#include "actors/order/order_store.h"
#include "actors/order/order_token.h"
#include "actors/order/return_store.h"
#include "actors/order/shipment_store.h"

struct order_terms order_life_terms(struct request *request)
{
    enum { MARKED, DELIVERED }; /* in the order of the setting */
    const struct config *config = request_config(request);
    return (struct order_terms){
        .now_us = request_now_us(request),
        .return_window_us = config_duration_us(config, SETTING_MARKET_RETURN_WINDOW),
        .return_deadline_us = config_duration_us(config, SETTING_MARKET_RETURN_DEADLINE),
        .claim_deadline_us = config_duration_us(config, SETTING_MARKET_CLAIM_DEADLINE),
        .delivered_after_us = config_duration_us(config, SETTING_MARKET_DELIVERED_AFTER),
        .acceptance_deadline_us = config_duration_us(config, SETTING_MARKET_ACCEPTANCE_DEADLINE),
        .is_paid_by_delivery = config_int(config, SETTING_MARKET_PAID_ON_DELIVERY) == DELIVERED,
    };
}

static enum order_puller puller_of(const struct request *request)
{
    switch (request_principal(request)->kind) {
    case PRINCIPAL_VENDOR:
        return ORDER_PULLER_VENDOR;
    case PRINCIPAL_ADMIN:
        return ORDER_PULLER_STAFF;
    case PRINCIPAL_SHOPPER:
    case PRINCIPAL_NONE:
        return ORDER_PULLER_SHOPPER;
    case PRINCIPAL_NODE:
    case PRINCIPAL_OPERATOR:
        break;
    }
    return ORDER_PULLER_SYSTEM;
}

enum status order_life_open(struct request *request, struct uuid order_id, struct text token,
                            struct order_life **ret_life)
{
    struct order_life *life;
    TRY(order_life_load(request, order_id, &life));
    const enum order_puller puller = puller_of(request);
    if (puller == ORDER_PULLER_VENDOR &&
        !uuid_equals(life->vendor_id, request_principal(request)->id))
        return STATUS_NOT_FOUND;
    if (puller == ORDER_PULLER_SHOPPER &&
        !order_is_readable(request, life->user_id, life->group_id, token))
        return STATUS_NOT_FOUND;
    *ret_life = life;
    return STATUS_OK;
}

/* "It is shipped. What you may do there: deliver_part, deliver_all." */
static enum status refuse(struct request *request, enum order_state state)
{
    enum { DETAIL_MAX = 400 };
    struct arena *arena = request_arena(request);
    enum order_trigger triggers[ORDER_TRIGGER_COUNT];
    const size_t count = order_machine_allowed(state, puller_of(request), triggers);
    struct text *names = arena_allocate_array(arena, count, sizeof *names);
    struct text_builder detail;
    text_builder_init(&detail, arena, DETAIL_MAX);
    text_builder_add(&detail, TEXT("It is "));
    text_builder_add(&detail, text_of(order_machine_state_name(state)));
    text_builder_add(&detail, count == 0 ? TEXT(": there is nothing that you may do there")
                                         : TEXT(". What you may do there: "));
    for (size_t i = 0; i < count; i++) {
        names[i] = text_of(order_machine_trigger_name(triggers[i]));
        if (i > 0) text_builder_add(&detail, TEXT(", "));
        text_builder_add(&detail, names[i]);
    }
    text_builder_add(&detail, TEXT("."));
    request_add_fault(request, &(struct request_fault){ .pointer = "",
                                                        .code = STATUS_ILLEGAL_TRANSITION,
                                                        .detail = text_builder_view(&detail),
                                                        .allowed = names,
                                                        .allowed_count = count });
    return STATUS_ILLEGAL_TRANSITION;
}

enum status order_life_require(struct request *request, enum order_state state,
                               enum order_trigger trigger)
{
    return (order_machine_pullers(state, trigger) & puller_of(request)) != 0
               ? STATUS_OK
               : refuse(request, state);
}

enum status order_life_require_cancel(struct request *request, const struct order_life *life,
                                      enum order_trigger trigger)
{
    TRY(order_life_require(request, life->state, trigger));
    if (uuid_is_zero(life->replaces_id) || puller_of(request) != ORDER_PULLER_SHOPPER)
        return STATUS_OK;
    return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                          "It replaces goods that came back: only its vendor and staff cancel it.");
}

/* ---- units ---- */

void order_life_wishes(const struct order_shipment_line *lines, size_t count,
                       struct shipment_wish ret_wishes[ORDER_LINES_MAX])
{
    assert(count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < count; i++)
        ret_wishes[i] = (struct shipment_wish){ lines[i].line_id, lines[i].quantity };
}

static enum status refuse_units(struct request *request, const char *line,
                                const struct shipment_refusal *refusal, int64_t requested)
{
    const struct request_fault fault = {
        .pointer = text_format(request_arena(request), "%s/quantity", line).data,
        .code = STATUS_UNITS_NOT_LEFT,
        .detail = TEXT("Fewer units of the line are left."),
        .has_amounts = true,
        .requested = requested,
        .available = refusal->left,
    };
    request_add_fault(request, &fault);
    return STATUS_UNITS_NOT_LEFT;
}

enum status order_life_refuse_units_at(struct request *request, const char *pointer,
                                       const struct shipment_refusal *refusal,
                                       const struct order_shipment_line *lines)
{
    const char *place = request_pointer_at(request, pointer, refusal->index);
    const char *line = text_format(request_arena(request), "%s/line_id", place).data;
    switch (refusal->fault) {
    case SHIPMENT_FAULT_EMPTY:
        return request_refuse(request, pointer, STATUS_MISSING_FIELD,
                              "Name units of one line at least.");
    case SHIPMENT_FAULT_UNKNOWN:
        return request_refuse(request, line, STATUS_NOT_FOUND, "The order has no such line.");
    case SHIPMENT_FAULT_TWICE:
        return request_refuse(request, line, STATUS_INVALID_VALUE,
                              "The line stands there before: name each line once.");
    case SHIPMENT_FAULT_TOO_MANY:
        return refuse_units(request, place, refusal, lines[refusal->index].quantity);
    case SHIPMENT_FAULT_NONE:
        break;
    }
    return STATUS_OK;
}

enum status order_life_refuse_units(struct request *request, const struct shipment_refusal *refusal,
                                    const struct order_shipment_line *lines)
{
    return order_life_refuse_units_at(request, "/lines", refusal, lines);
}

/* ---- what is answered ---- */

enum status order_life_answer(struct request *request, const struct order_life *life,
                              struct order_order *ret_reply)
{
    struct order_list list;
    TRY(order_store_find_order(request, life->order_id, &list));
    if (list.count == 0) return STATUS_CONFLICT;
    TRY(order_store_fill_lines(request, &list));
    struct order_order *order = &list.orders[0];
    if (order->lines_count != life->lines_count) return STATUS_CONFLICT;
    order_life_show(life, order);
    TRY(shipment_store_fill(request, order));
    TRY(order_back_store_fill(request, order));
    TRY(return_store_fill(request, order));
    TRY(claim_store_fill(request, order));
    order->has_user_id = puller_of(request) == ORDER_PULLER_STAFF && !uuid_is_zero(life->user_id);
    order->user_id = life->user_id;
    *ret_reply = *order;
    return STATUS_OK;
}
