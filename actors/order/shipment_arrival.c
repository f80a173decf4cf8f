/* Parcels that arrive without their vendor's saying so: the shopper has them, or nobody has said
 * otherwise for long enough; and what is due to orders after that. */
#include "actors/order/shipment_arrival.h"

#include "actors/host/ask_each.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_end.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_offline_store.h"
#include "actors/order/shipment_store.h"
#include "order_handlers.h"

/* ---- the shopper's word ---- */

static bool is_under_way(const struct shipment *shipment)
{
    return (order_machine_pullers(shipment->state, ORDER_TRIGGER_DELIVER) & ORDER_PULLER_SHOPPER) !=
           0;
}

/* Everything that is under way; all parcels as they are then. */
static enum status deliver_all(struct request *request, struct order_life *life,
                               struct order_shipment **ret_shown, size_t *ret_count)
{
    struct shipment *shipments;
    size_t count;
    const struct order_terms terms = order_life_terms(request);
    TRY(shipment_store_load(request, life, &shipments, &count));
    struct order_shipment *shown =
        arena_allocate_array(request_arena(request), count, sizeof *shown);
    for (size_t i = 0; i < count; i++) {
        if (is_under_way(&shipments[i])) {
            TRY(shipment_pull(life, &shipments[i], ORDER_TRIGGER_DELIVER, &terms));
            shipment_store_save(request, &shipments[i]);
        }
        shown[i] = shipment_show(request, life, &shipments[i]);
    }
    *ret_shown = shown;
    *ret_count = count;
    return STATUS_OK;
}

static bool has_arrived(const struct order_life *life)
{
    return life->state == ORDER_STATE_VENDOR_ORDER_DELIVERED ||
           life->state == ORDER_STATE_VENDOR_ORDER_COMPLETED;
}

static enum status refuse(struct request *request)
{
    return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                          "No parcel of the order is under way.");
}

enum status order_handle_confirm_delivery(struct request *request,
                                          const struct order_confirm_delivery *command,
                                          struct order_order *ret_reply)
{
    struct order_life *life;
    const struct text token = command->has_token ? command->token : TEXT("");
    TRY(order_life_open(request, command->order_id, token, &life));
    struct order_shipment *shown;
    size_t count;
    TRY(deliver_all(request, life, &shown, &count));
    if (life->changes_count == 0 && !has_arrived(life)) return refuse(request);
    if (life->changes_count > 0) TRY(order_life_save(request, life));
    TRY(order_life_answer(request, life, ret_reply));
    ret_reply->shipments = shown;
    ret_reply->shipments_count = count;
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Looked at again: somebody may have been quicker. */
enum status order_handle_presume_delivered(struct request *request,
                                           const struct order_presume_delivered *command)
{
    struct order_life *life;
    struct shipment *shipment;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(shipment_store_find(request, life, command->shipment_id, &shipment));
    if (shipment->due_at_us == 0 || shipment->due_at_us > terms.now_us) return STATUS_OK;
    TRY(shipment_pull(life, shipment, ORDER_TRIGGER_DELIVER, &terms));
    shipment_store_save(request, shipment);
    TRY(order_life_save(request, life));
    return order_life_tell(request, life, shipment);
}

/* A transfer is waited for: its buyer is reminded, once for all orders that wait for it; at last
 * the order ends. */
static enum status settle_unpaid(struct request *request, struct order_life *life,
                                 const struct order_terms *terms)
{
    struct order_order order;
    struct order_offline_waiting waiting;
    const struct order_ending ending = { .trigger = ORDER_TRIGGER_CANCEL,
                                         .reason = TEXT("unpaid") };
    if (terms->now_us >= life->payment_due_at_us)
        return order_life_end(request, life, &ending, &order);
    TRY(order_offline_store_find_waiting(request, life, &waiting));
    TRY(order_offline_remind(life, terms));
    TRY(order_life_save(request, life));
    if (waiting.before_count > 0) return STATUS_OK;
    return order_life_tell_due(request, life, waiting.owed + order_offline_owed(life));
}

enum status order_handle_settle_order(struct request *request,
                                      const struct order_settle_order *command)
{
    struct order_life *life;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    if (life->due_at_us == 0 || life->due_at_us > terms.now_us) return STATUS_OK;
    if (life->state == ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT)
        return settle_unpaid(request, life, &terms);
    struct order_order order;
    const struct order_ending ending = { .trigger = ORDER_TRIGGER_REFUSE,
                                         .reason =
                                             TEXT("The vendor has not accepted it in time.") };
    if (life->state == ORDER_STATE_VENDOR_ORDER_AWAITING_ACCEPTANCE)
        return order_life_end(request, life, &ending, &order);
    TRY(order_life_pull(life, ORDER_TRIGGER_COMPLETE, &terms));
    return order_life_save(request, life);
}

static enum status begin_presuming(struct request *request, const void *context, size_t index,
                                   struct request_ask **ret_ask)
{
    const struct due_object *due = context;
    const struct order_presume_delivered command = { .order_id = due[index].owner_id,
                                                     .shipment_id = due[index].id };
    return request_ask_begin(request, &order_presume_delivered_message, &command, ret_ask);
}

enum status shipment_sweep_due(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct due_object *due;
    size_t count;
    TRY(shipment_store_list_due(request, shard_first, shard_last, &due, &count));
    return request_ask_each(request, count, begin_presuming, due);
}

static enum status begin_settling(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct order_settle_order command = { .order_id = ids[index] };
    return request_ask_begin(request, &order_settle_order_message, &command, ret_ask);
}

enum status order_life_sweep_due(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct uuid *ids;
    size_t count;
    TRY(order_life_list_due(request, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_settling, ids);
}
