/* Orders that are cancelled or refused, by shoppers, vendors, staff and the clock. */
#include "actors/order/order_life_end.h"

#include "actors/host/saga.h"
#include "actors/order/order_approval.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_cancel.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/redemption_store.h"
#include "actors/order/replacement_end.h"
#include "actors/order/shipment_store.h"
#include "order_handlers.h"

/* Nothing of it is under way, so every parcel that has no end is still with the vendor. */
static enum status call_off_parcels(struct request *request, struct order_life *life,
                                    const struct order_terms *terms)
{
    struct shipment *shipments;
    size_t count;
    TRY(shipment_store_load(request, life, &shipments, &count));
    for (size_t i = 0; i < count; i++) {
        if (order_machine_is_end(shipments[i].state)) continue;
        TRY(shipment_pull(life, &shipments[i], ORDER_TRIGGER_CANCEL, terms));
        shipment_store_save(request, &shipments[i]);
    }
    return STATUS_OK;
}

/* Uses of promotions go back with the last order of the group that is called off. */
static enum status find_promotions(struct request *request, const struct order_life *life,
                                   const struct uuid **ret_ids, size_t *ret_count)
{
    enum { CANCELLED, NEVER }; /* in the order of the setting */
    *ret_count = 0;
    if (config_int(request_config(request), SETTING_MARKET_PROMOTION_RETURN) == NEVER)
        return STATUS_OK;
    if (order_life_group_fulfilment(life) != ORDER_FULFILMENT_CANCELLED) return STATUS_OK;
    return redemption_store_list_of_group(request, life->group_id, ret_ids, ret_count);
}

enum status order_life_end(struct request *request, struct order_life *life,
                           const struct order_ending *ending, struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    struct order_order order;
    struct order_cancel rest;
    struct order_back back;
    struct order_back_terms back_terms = { .is_created = ending->is_created };
    TRY(order_life_answer(request, life, &order));
    TRY(call_off_parcels(request, life, &terms));
    order_cancel_rest(life, &rest);
    TRY(order_life_call_off(life, ending->trigger, ending->reason, &terms));
    const struct order_back_wish wish = { .units = rest.units,
                                          .with_deliveries = true,
                                          .sequence = life->version };
    TRY(order_back_take(request, life, &wish, &back));
    TRY(replacement_reopen(request, life));
    TRY(order_life_save(request, life));
    TRY(order_life_tell_back(request, life, &back));
    TRY(find_promotions(request, life, &back_terms.promotion_ids, &back_terms.promotions_count));
    TRY(order_back_begin(request, life, &back, &back_terms, &order));
    order_life_show(life, &order);
    *ret_reply = order;
    return STATUS_OK;
}

/* ---- whoever ends it ---- */

struct wish {
    struct uuid order_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    struct text reason; /* may be empty */
};
#define WISH_OF(command, proof, why)                                                               \
    (&(struct wish){ (command)->order_id, (proof), VERSIONS_OF(command), (why) })

static enum status end(struct request *request, const struct wish *wish, enum order_trigger trigger,
                       struct order_order *ret_reply)
{
    struct order_life *life;
    TRY(order_life_open(request, wish->order_id, wish->token, &life));
    if (!versions_have(wish->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require_cancel(request, life, trigger));
    const struct order_ending ending = { .trigger = trigger, .reason = wish->reason };
    return order_life_end(request, life, &ending, ret_reply);
}

enum status order_handle_refuse_order(struct request *request,
                                      const struct order_refuse_order *command,
                                      struct order_order *ret_reply)
{
    return end(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_REFUSE,
               ret_reply);
}

enum status order_handle_cancel_vendor_order(struct request *request,
                                             const struct order_cancel_vendor_order *command,
                                             struct order_order *ret_reply)
{
    return end(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_CANCEL,
               ret_reply);
}

enum status order_handle_refuse_any_order(struct request *request,
                                          const struct order_refuse_any_order *command,
                                          struct order_order *ret_reply)
{
    const enum status done =
        end(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_REFUSE, ret_reply);
    return order_approval_end(request, done, &order_refuse_any_order_message, command, ret_reply);
}

enum status order_handle_cancel_any_order(struct request *request,
                                          const struct order_cancel_any_order *command,
                                          struct order_order *ret_reply)
{
    const enum status done =
        end(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_CANCEL, ret_reply);
    return order_approval_end(request, done, &order_cancel_any_order_message, command, ret_reply);
}

enum status order_handle_cancel_order(struct request *request,
                                      const struct order_cancel_order *command,
                                      struct order_order *ret_reply)
{
    return end(request,
               WISH_OF(command, command->has_token ? command->token : TEXT(""),
                       command->has_reason ? command->reason : TEXT("")),
               ORDER_TRIGGER_CANCEL, ret_reply);
}

/* ---- the process's own ---- */

static bool is_given_back(const struct order_given_back *given_back, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++)
        if (uuid_equals(given_back[i].refund_id, id)) return true;
    return false;
}

static bool has_refund(const struct order_order *order, struct uuid id)
{
    for (size_t i = 0; i < order->cancellations_count; i++)
        if (uuid_equals(order->cancellations[i].id, id)) return true;
    for (size_t i = 0; i < order->refunds_count; i++)
        if (uuid_equals(order->refunds[i].id, id)) return true;
    for (size_t i = 0; i < order->returns_count; i++)
        if ((order->returns[i].has_refund_id && uuid_equals(order->returns[i].refund_id, id)) ||
            is_given_back(order->returns[i].given_back, order->returns[i].given_back_count, id))
            return true;
    for (size_t i = 0; i < order->claims_count; i++)
        if ((order->claims[i].has_refund_id && uuid_equals(order->claims[i].refund_id, id)) ||
            is_given_back(order->claims[i].given_back, order->claims[i].given_back_count, id))
            return true;
    return false;
}

/* The pivot: who ended the order, or cancelled units, is answered with what it has become. */
enum status order_handle_tell_recalled(struct request *request,
                                       const struct order_tell_recalled *command,
                                       struct order_order *ret_reply)
{
    struct order_life *life;
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(order_life_answer(request, life, ret_reply));
    if (command->has_refund_id ? !has_refund(ret_reply, command->refund_id)
                               : life->ended_at_us == 0)
        return STATUS_CONFLICT;
    ret_reply->has_user_id = command->tells_buyer && !uuid_is_zero(life->user_id);
    ret_reply->user_id = life->user_id;
    return saga_reach_pivot(request,
                            command->has_refund_id ? command->refund_id : command->order_id,
                            command->has_is_created && command->is_created ? 201 : 200);
}
