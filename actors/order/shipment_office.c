/* Parcels as vendors make them up and send them, and staff in their stead; and what carriers report
 * of them. */
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_owed.h"
#include "actors/order/shipment_store.h"
#include "order_handlers.h"

/* ---- made up ---- */

/* What both commands have. */
struct new_shipment {
    struct uuid order_id;
    const struct order_shipment_line *lines;
    size_t lines_count;
    struct text carrier, tracking_number, tracking_url; /* the last two may be empty */
};
#define NEW_SHIPMENT_OF(command)                                                                   \
    (&(struct new_shipment){                                                                       \
        (command)->order_id, (command)->lines, (command)->lines_count, (command)->carrier,         \
        (command)->has_tracking_number ? (command)->tracking_number : TEXT(""),                    \
        (command)->has_tracking_url ? (command)->tracking_url : TEXT("") })

static enum status pack(struct request *request, struct order_life *life,
                        const struct new_shipment *made, struct shipment *shipment)
{
    const struct order_terms terms = order_life_terms(request);
    struct shipment_wish wishes[ORDER_LINES_MAX];
    order_life_wishes(made->lines, made->lines_count, wishes);
    const struct shipment_refusal refusal =
        shipment_pack(life, shipment, wishes, made->lines_count, &terms);
    return order_life_refuse_units(request, &refusal, made->lines);
}

/* The oldest parcel of which nothing is in it any more gives way. */
static enum status make_room(struct request *request, struct order_life *life)
{
    struct shipment *shipments;
    size_t count;
    TRY(shipment_store_load(request, life, &shipments, &count));
    for (size_t i = 0; i < count; i++) {
        if (shipments[i].state != ORDER_STATE_SHIPMENT_CANCELLED &&
            shipments[i].state != ORDER_STATE_SHIPMENT_TAKEN_BACK)
            continue;
        shipment_store_drop(request, life, &shipments[i]);
        return STATUS_OK;
    }
    return request_refuse_full(request, "", STATUS_TOO_MANY_SHIPMENTS, ORDER_SHIPMENTS_MAX,
                               "An order has so many parcels that were not called off.");
}

/* Nothing is packed before the order was accepted, and nothing when all of it has gone. */
static enum status create(struct request *request, const struct new_shipment *made,
                          struct order_shipment *ret_reply)
{
    struct order_life *life;
    TRY(order_life_open(request, made->order_id, TEXT(""), &life));
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_SHIP_PART));
    if (life->shipments_count >= ORDER_SHIPMENTS_MAX) TRY(make_room(request, life));
    if (made->tracking_url.length > 0 && !shipment_url_is_good(made->tracking_url))
        return request_refuse(request, "/tracking_url", STATUS_INVALID_VALUE,
                              "An address that begins with https:// or http://, without spaces, "
                              "quotes and angle brackets.");
    struct shipment *shipment = arena_allocate(request_arena(request), sizeof *shipment);
    *shipment = (struct shipment){ .id = request_new_id(request),
                                   .state = order_machine_start(ORDER_MACHINE_SHIPMENT),
                                   .carrier = made->carrier,
                                   .tracking_number = made->tracking_number,
                                   .tracking_url = made->tracking_url,
                                   .created_at_us = request_now_us(request) };
    TRY(pack(request, life, made, shipment));
    TRY(order_owed_require(request, made->lines, made->lines_count));
    shipment_store_add(request, life, shipment);
    TRY(order_life_save(request, life));
    request_audit(request, "shp", shipment->id, (struct text){ 0 });
    *ret_reply = shipment_show(request, life, shipment);
    return STATUS_OK;
}

enum status order_handle_create_shipment(struct request *request,
                                         const struct order_create_shipment *command,
                                         struct order_shipment *ret_reply)
{
    return create(request, NEW_SHIPMENT_OF(command), ret_reply);
}

enum status order_handle_create_any_shipment(struct request *request,
                                             const struct order_create_any_shipment *command,
                                             struct order_shipment *ret_reply)
{
    return create(request, NEW_SHIPMENT_OF(command), ret_reply);
}

/* ---- moved ---- */

/* What every change of a parcel names. */
struct change {
    struct uuid order_id, shipment_id;
    struct versions versions;
};
#define CHANGE_OF(command)                                                                         \
    (&(struct change){ (command)->order_id, (command)->shipment_id, VERSIONS_OF(command) })

static enum status open_shipment(struct request *request, struct uuid order_id,
                                 struct uuid shipment_id, struct order_life **ret_life,
                                 struct shipment **ret_shipment)
{
    TRY(order_life_open(request, order_id, TEXT(""), ret_life));
    TRY(shipment_store_find(request, *ret_life, shipment_id, ret_shipment));
    request_audit(request, "shp", shipment_id, (struct text){ 0 });
    return STATUS_OK;
}

static enum status save(struct request *request, const struct order_life *life,
                        const struct shipment *shipment, struct order_shipment *ret_reply)
{
    shipment_store_save(request, shipment);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, shipment));
    *ret_reply = shipment_show(request, life, shipment);
    return STATUS_OK;
}

static enum status move(struct request *request, const struct change *change,
                        enum order_trigger trigger, struct order_shipment *ret_reply)
{
    struct order_life *life;
    struct shipment *shipment;
    const struct order_terms terms = order_life_terms(request);
    TRY(open_shipment(request, change->order_id, change->shipment_id, &life, &shipment));
    if (!versions_have(change->versions, shipment->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require(request, shipment->state, trigger));
    TRY(shipment_pull(life, shipment, trigger, &terms));
    return save(request, life, shipment, ret_reply);
}

enum status order_handle_make_shipment_ready(struct request *request,
                                             const struct order_make_shipment_ready *command,
                                             struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_MAKE_READY, ret_reply);
}

enum status order_handle_hand_over_shipment(struct request *request,
                                            const struct order_hand_over_shipment *command,
                                            struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_HAND_OVER, ret_reply);
}

enum status order_handle_cancel_shipment(struct request *request,
                                         const struct order_cancel_shipment *command,
                                         struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_CANCEL, ret_reply);
}

enum status order_handle_deliver_shipment(struct request *request,
                                          const struct order_deliver_shipment *command,
                                          struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_DELIVER, ret_reply);
}

enum status
order_handle_make_any_shipment_ready(struct request *request,
                                     const struct order_make_any_shipment_ready *command,
                                     struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_MAKE_READY, ret_reply);
}

enum status order_handle_hand_over_any_shipment(struct request *request,
                                                const struct order_hand_over_any_shipment *command,
                                                struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_HAND_OVER, ret_reply);
}

enum status order_handle_cancel_any_shipment(struct request *request,
                                             const struct order_cancel_any_shipment *command,
                                             struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_CANCEL, ret_reply);
}

enum status order_handle_deliver_any_shipment(struct request *request,
                                              const struct order_deliver_any_shipment *command,
                                              struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_DELIVER, ret_reply);
}

enum status order_handle_take_shipment_back(struct request *request,
                                            const struct order_take_shipment_back *command,
                                            struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_TAKE_BACK, ret_reply);
}

enum status order_handle_take_any_shipment_back(struct request *request,
                                                const struct order_take_any_shipment_back *command,
                                                struct order_shipment *ret_reply)
{
    return move(request, CHANGE_OF(command), ORDER_TRIGGER_TAKE_BACK, ret_reply);
}

/* ---- reported ---- */

static enum order_trigger trigger_of(enum order_carrier_report report)
{
    static const enum order_trigger triggers[ORDER_CARRIER_REPORT_COUNT] = {
        [ORDER_CARRIER_REPORT_IN_TRANSIT] = ORDER_TRIGGER_TRANSIT,
        [ORDER_CARRIER_REPORT_OUT_FOR_DELIVERY] = ORDER_TRIGGER_GO_OUT,
        [ORDER_CARRIER_REPORT_DELIVERED] = ORDER_TRIGGER_DELIVER,
        [ORDER_CARRIER_REPORT_EXCEPTION] = ORDER_TRIGGER_REPORT_EXCEPTION,
        [ORDER_CARRIER_REPORT_RETURNED_TO_SENDER] = ORDER_TRIGGER_RETURN_TO_SENDER,
    };
    assert((unsigned)report < ORDER_CARRIER_REPORT_COUNT);
    return triggers[report];
}

static enum status take_report(struct request *request, struct uuid order_id,
                               struct uuid shipment_id, const struct shipment_report *report,
                               struct order_shipment *ret_reply)
{
    struct order_life *life;
    struct shipment *shipment;
    const struct order_terms terms = order_life_terms(request);
    TRY(open_shipment(request, order_id, shipment_id, &life, &shipment));
    if (report->at_us > terms.now_us + SHIPMENT_AHEAD_US)
        return request_refuse(request, "/at", STATUS_INVALID_VALUE,
                              "What a carrier reports has happened: it is not in the future.");
    if (shipment->reports_count >= SHIPMENT_REPORTS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_REPORTS, SHIPMENT_REPORTS_MAX,
                                   "A carrier reports so often of one parcel.");
    /* Names what may be done with a parcel that is still there. */
    if (shipment_take_report(life, shipment, report, &terms) != STATUS_OK)
        return order_life_require(request, shipment->state, report->trigger);
    return save(request, life, shipment, ret_reply);
}

#define REPORT_OF(command)                                                                         \
    (&(struct shipment_report){ trigger_of((command)->status), (command)->at_us,                   \
                                (command)->has_note ? (command)->note : TEXT("") })

enum status order_handle_report_shipment(struct request *request,
                                         const struct order_report_shipment *command,
                                         struct order_shipment *ret_reply)
{
    return take_report(request, command->order_id, command->shipment_id, REPORT_OF(command),
                       ret_reply);
}

enum status order_handle_report_any_shipment(struct request *request,
                                             const struct order_report_any_shipment *command,
                                             struct order_shipment *ret_reply)
{
    return take_report(request, command->order_id, command->shipment_id, REPORT_OF(command),
                       ret_reply);
}

/* ---- seen ---- */

static enum status list_shipments(struct request *request, struct uuid order_id,
                                  struct order_shipment_list *ret_reply)
{
    struct order_life *life;
    TRY(order_life_open(request, order_id, TEXT(""), &life));
    return shipment_store_list(request, order_id, &ret_reply->data, &ret_reply->data_count);
}

static enum status get_shipment(struct request *request, struct uuid order_id,
                                struct uuid shipment_id, struct order_shipment *ret_reply)
{
    struct order_life *life;
    struct shipment *shipment;
    TRY(order_life_open(request, order_id, TEXT(""), &life));
    TRY(shipment_store_find(request, life, shipment_id, &shipment));
    *ret_reply = shipment_show(request, life, shipment);
    return STATUS_OK;
}

enum status order_handle_list_shipments(struct request *request,
                                        const struct order_list_shipments *query,
                                        struct order_shipment_list *ret_reply)
{
    return list_shipments(request, query->order_id, ret_reply);
}

enum status order_handle_list_any_shipments(struct request *request,
                                            const struct order_list_any_shipments *query,
                                            struct order_shipment_list *ret_reply)
{
    return list_shipments(request, query->order_id, ret_reply);
}

enum status order_handle_get_shipment(struct request *request,
                                      const struct order_get_shipment *query,
                                      struct order_shipment *ret_reply)
{
    return get_shipment(request, query->order_id, query->shipment_id, ret_reply);
}

enum status order_handle_get_any_shipment(struct request *request,
                                          const struct order_get_any_shipment *query,
                                          struct order_shipment *ret_reply)
{
    return get_shipment(request, query->order_id, query->shipment_id, ret_reply);
}
