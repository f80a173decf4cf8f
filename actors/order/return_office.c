/* Returns as shoppers ask for them, vendors and staff answer and receive them, and time ends them.
 */
#include "actors/order/return_office.h"

#include "actors/host/ask_each.h"
#include "actors/order/claim_office.h"
#include "actors/order/claim_store.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/replacement.h"
#include "actors/order/replacement_end.h"
#include "actors/order/replacement_store.h"
#include "actors/order/return_store.h"
#include "order_handlers.h"

/* What every command about a return names. */
struct wish {
    struct uuid order_id, return_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    struct text reason; /* may be empty */
};
#define WISH_OF(command, proof, why)                                                               \
    (&(struct wish){ (command)->order_id, (command)->return_id, (proof), VERSIONS_OF(command),     \
                     (why) })

/* An order with its returns. */
struct returns {
    struct order_life *life;
    struct order_return *all;
    size_t count;
};

static enum status open_order(struct request *request, struct uuid order_id, struct text token,
                              struct versions versions, struct returns *ret_returns)
{
    struct returns returns;
    TRY(order_life_open(request, order_id, token, &returns.life));
    if (!versions_have(versions, returns.life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(return_store_load(request, returns.life, &returns.all, &returns.count));
    TRY(claim_store_block(request, returns.life));
    *ret_returns = returns;
    return STATUS_OK;
}

/* What shoppers and the clock do to a return is in its history. */
static bool is_office(const struct request *request)
{
    const enum principal_kind who = request_principal(request)->kind;
    return who == PRINCIPAL_VENDOR || who == PRINCIPAL_ADMIN;
}

static enum status find_return(struct request *request, const struct wish *wish,
                               struct returns *returns, struct order_return **ret_found)
{
    TRY(open_order(request, wish->order_id, wish->token, wish->versions, returns));
    for (size_t i = 0; i < returns->count; i++) {
        if (!uuid_equals(returns->all[i].id, wish->return_id)) continue;
        if (is_office(request)) request_audit(request, "ret", wish->return_id, (struct text){ 0 });
        *ret_found = &returns->all[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* ---- what is answered ---- */

static void show(const struct order_life *life, const struct order_return *changed,
                 struct order_return_request *shown)
{
    shown->id = changed->id;
    shown->status = (enum order_return_status)(changed->state - ORDER_STATE_RETURN_REQUESTED);
    shown->reason = changed->reason;
    shown->wants = changed->wants_exchange ? ORDER_RETURN_WISH_EXCHANGE : ORDER_RETURN_WISH_REFUND;
    shown->has_instructions = changed->instructions.length > 0;
    shown->instructions = changed->instructions;
    shown->has_label_url = changed->label_url.length > 0;
    shown->label_url = changed->label_url;
    shown->has_replacement_id = !uuid_is_zero(changed->replacement_id);
    shown->replacement_id = changed->replacement_id;
    shown->requested_at_us = changed->requested_at_us;
    shown->has_due_at = changed->due_at_us > 0;
    shown->due_at_us = changed->due_at_us;
    shown->has_ended_at = changed->ended_at_us > 0;
    shown->ended_at_us = changed->ended_at_us;
    struct order_return_line *lines = (struct order_return_line *)shown->lines;
    for (size_t i = 0; i < changed->parts_count; i++)
        lines[i] = (struct order_return_line){ .line_id = life->lines[changed->parts[i].line].id,
                                               .quantity = changed->parts[i].quantity,
                                               .received = changed->parts[i].received,
                                               .restocked = changed->parts[i].restocked };
    shown->lines_count = changed->parts_count;
}

/* The order with the return as it is by now, which is the last one if it is new. */
static enum status answer(struct request *request, const struct returns *returns,
                          const struct order_return *changed, struct order_order *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct order_order order;
    TRY(order_life_answer(request, returns->life, &order));
    order_life_show(returns->life, &order);
    size_t place = 0;
    while (place < order.returns_count && !uuid_equals(order.returns[place].id, changed->id))
        place++;
    struct order_return_request *all =
        arena_allocate_array(arena, order.returns_count + 1, sizeof *all);
    for (size_t i = 0; i < order.returns_count; i++)
        all[i] = order.returns[i];
    all[place].lines = arena_allocate_array(arena, changed->parts_count, sizeof *all[place].lines);
    show(returns->life, changed, &all[place]);
    if (place == order.returns_count) order.returns_count++;
    order.returns = all;
    *ret_reply = order;
    return STATUS_OK;
}

static enum status save(struct request *request, const struct returns *returns,
                        const struct order_return *changed)
{
    return_store_save(request, returns->life, changed);
    TRY(order_life_save(request, returns->life));
    return order_life_tell(request, returns->life, NULL);
}

/* ---- asked for ---- */

static enum status require_window(struct request *request, const struct order_life *life)
{
    const enum status status = return_may_begin(life, request_now_us(request));
    if (status == STATUS_ILLEGAL_TRANSITION)
        return request_refuse(request, "", status, "Nothing of the order has arrived.");
    return status == STATUS_OK ? status : request_refuse(request, "", status, NULL);
}

enum status order_handle_request_return(struct request *request,
                                        const struct order_request_return *command,
                                        struct order_order *ret_reply)
{
    struct returns returns;
    struct shipment_wish wishes[ORDER_LINES_MAX];
    const struct order_terms terms = order_life_terms(request);
    TRY(open_order(request, command->order_id, command->has_token ? command->token : TEXT(""),
                   VERSIONS_OF(command), &returns));
    TRY(require_window(request, returns.life));
    if (returns.count >= ORDER_RETURNS_MAX || returns.life->returns_open >= ORDER_RETURNS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_RETURNS, ORDER_RETURNS_MAX,
                                   "An order has so many returns, those that have ended too; and "
                                   "open ones and claims together.");
    struct order_return *made = arena_allocate(request_arena(request), sizeof *made);
    *made = (struct order_return){ .id = request_new_id(request),
                                   .reason = command->reason,
                                   .wants_exchange = command->has_wants &&
                                                     command->wants == ORDER_RETURN_WISH_EXCHANGE };
    if (!uuid_is_zero(returns.life->replaces_id) && !made->wants_exchange)
        return request_refuse(
            request, "/wants", STATUS_INVALID_VALUE,
            "It was sent as a replacement and cost nothing: ask for an exchange.");
    order_life_wishes(command->lines, command->lines_count, wishes);
    const struct shipment_refusal refusal = return_begin(
        returns.life, returns.all, returns.count, wishes, command->lines_count, &terms, made);
    TRY(order_life_refuse_units(request, &refusal, command->lines));
    return_store_add(request, returns.life, made, returns.count + 1);
    TRY(order_life_save(request, returns.life));
    TRY(order_life_tell(request, returns.life, NULL));
    return answer(request, &returns, made, ret_reply);
}

/* ---- answered ---- */

static enum status pull(struct request *request, const struct wish *wish,
                        enum order_trigger trigger, struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    const struct order_terms terms = order_life_terms(request);
    TRY(find_return(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, trigger));
    TRY(return_pull(returns.life, found, trigger, wish->reason, &terms));
    TRY(save(request, &returns, found));
    return answer(request, &returns, found, ret_reply);
}

enum status order_handle_cancel_return(struct request *request,
                                       const struct order_cancel_return *command,
                                       struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, command->has_token ? command->token : TEXT(""), TEXT("")),
                ORDER_TRIGGER_CANCEL, ret_reply);
}

enum status order_handle_cancel_any_return(struct request *request,
                                           const struct order_cancel_any_return *command,
                                           struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_CANCEL,
                ret_reply);
}

enum status order_handle_approve_return(struct request *request,
                                        const struct order_approve_return *command,
                                        struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), TEXT("")), ORDER_TRIGGER_APPROVE, ret_reply);
}

enum status order_handle_approve_any_return(struct request *request,
                                            const struct order_approve_any_return *command,
                                            struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), TEXT("")), ORDER_TRIGGER_APPROVE, ret_reply);
}

enum status order_handle_reject_return(struct request *request,
                                       const struct order_reject_return *command,
                                       struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_REJECT,
                ret_reply);
}

enum status order_handle_reject_any_return(struct request *request,
                                           const struct order_reject_any_return *command,
                                           struct order_order *ret_reply)
{
    return pull(request, WISH_OF(command, TEXT(""), command->reason), ORDER_TRIGGER_REJECT,
                ret_reply);
}

/* ---- how it is sent ---- */

struct label {
    struct text instructions, url; /* the last one may be empty */
};

static enum status send_label(struct request *request, const struct wish *wish,
                              const struct label *label, struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    const struct order_terms terms = order_life_terms(request);
    if (label->url.length > 0 &&
        !(text_starts_with(label->url, TEXT("https://")) && shipment_url_is_good(label->url)))
        return request_refuse(request, "/label_url", STATUS_INVALID_VALUE,
                              "An address that begins with https://, without spaces, quotes and "
                              "angle brackets.");
    TRY(find_return(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_SEND_LABEL));
    TRY(return_pull(returns.life, found, ORDER_TRIGGER_SEND_LABEL, TEXT(""), &terms));
    found->instructions = label->instructions;
    found->label_url = label->url;
    TRY(save(request, &returns, found));
    return answer(request, &returns, found, ret_reply);
}
#define LABEL_OF(command)                                                                          \
    (&(struct label){ (command)->instructions,                                                     \
                      (command)->has_label_url ? (command)->label_url : TEXT("") })

enum status order_handle_send_return_label(struct request *request,
                                           const struct order_send_return_label *command,
                                           struct order_order *ret_reply)
{
    return send_label(request, WISH_OF(command, TEXT(""), TEXT("")), LABEL_OF(command), ret_reply);
}

enum status order_handle_send_any_return_label(struct request *request,
                                               const struct order_send_any_return_label *command,
                                               struct order_order *ret_reply)
{
    return send_label(request, WISH_OF(command, TEXT(""), TEXT("")), LABEL_OF(command), ret_reply);
}

/* ---- received and refunded ---- */

/* A replacement cost nothing: when all of it came back, the return whose units it sent again is
 * refunded. */
static bool gives_nothing_back(const struct order_life *life, const struct order_return *received)
{
    return !uuid_is_zero(life->replaces_id) && !return_is_whole(life, received);
}

/* Ends the return in this unit; the process that brings goods and money back answers. */
static enum status refund(struct request *request, struct returns *returns,
                          struct order_return *refunded, struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    struct return_units *units = arena_allocate(request_arena(request), sizeof *units);
    struct order_back back;
    struct order_order order;
    if (gives_nothing_back(returns->life, refunded))
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "It was sent as a replacement and cost nothing: it is refunded when "
                              "all of it came back in this return, else exchanged.");
    TRY(return_refund(returns->life, refunded, &terms, units));
    TRY(order_back_take_arrived(request, returns->life, units->returned, units->is_whole, &back));
    refunded->refund_id = back.id;
    TRY(replacement_end(request, returns->life, REPLACEMENT_END_RETURNED));
    TRY(save(request, returns, refunded));
    TRY(answer(request, returns, refunded, &order));
    TRY(order_back_begin(request, returns->life, &back,
                         &(struct order_back_terms){ .restocked = units->restocked }, &order));
    *ret_reply = order;
    return STATUS_OK;
}

static enum status refund_part(struct request *request, const struct wish *wish,
                               struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    TRY(find_return(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_REFUND));
    return refund(request, &returns, found, ret_reply);
}

static enum status refuse_receipts(struct request *request, const struct shipment_refusal *refusal,
                                   const struct order_return_receipt *receipts)
{
    const char *pointer = request_pointer_at(request, "/receipts", refusal->index);
    struct arena *arena = request_arena(request);
    if (refusal->fault == SHIPMENT_FAULT_NONE) return STATUS_OK;
    if (refusal->fault == SHIPMENT_FAULT_EMPTY)
        return request_refuse(request, "/receipts", STATUS_MISSING_FIELD,
                              "Name units of one line at least.");
    if (refusal->fault == SHIPMENT_FAULT_UNKNOWN)
        return request_refuse(request, text_format(arena, "%s/line_id", pointer).data,
                              STATUS_NOT_FOUND, "The return has no such line.");
    const struct request_fault fault = { .pointer = text_format(arena, "%s/quantity", pointer).data,
                                         .code = STATUS_UNITS_NOT_LEFT,
                                         .detail = TEXT("Fewer units of the line are awaited."),
                                         .has_amounts = true,
                                         .requested = receipts[refusal->index].quantity,
                                         .available = refusal->left };
    request_add_fault(request, &fault);
    return STATUS_UNITS_NOT_LEFT;
}

static enum status receive(struct request *request, const struct wish *wish,
                           const struct order_return_receipt *receipts, size_t count,
                           struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    struct return_receipt arrived[ORDER_LINES_MAX];
    const struct order_terms terms = order_life_terms(request);
    TRY(find_return(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_RECEIVE_PART));
    if (found->receipts_count + count > RETURN_RECEIPTS_MAX)
        return request_refuse_full(request, "/receipts", STATUS_TOO_MANY_RECEIPTS,
                                   RETURN_RECEIPTS_MAX, "So many are kept of a return.");
    assert(count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < count; i++)
        arrived[i] = (struct return_receipt){ receipts[i].line_id, receipts[i].quantity,
                                              receipts[i].is_restocked };
    const struct shipment_refusal refusal =
        return_receive(returns.life, found, arrived, count, &terms);
    TRY(refuse_receipts(request, &refusal, receipts));
    return_store_add_receipts(request, found->id, returns.life->version, receipts, count);
    if (found->state == ORDER_STATE_RETURN_RECEIVED && !found->wants_exchange)
        return refund(request, &returns, found, ret_reply);
    TRY(save(request, &returns, found));
    return answer(request, &returns, found, ret_reply);
}

enum status order_handle_receive_return(struct request *request,
                                        const struct order_receive_return *command,
                                        struct order_order *ret_reply)
{
    return receive(request, WISH_OF(command, TEXT(""), TEXT("")), command->receipts,
                   command->receipts_count, ret_reply);
}

enum status order_handle_receive_any_return(struct request *request,
                                            const struct order_receive_any_return *command,
                                            struct order_order *ret_reply)
{
    return receive(request, WISH_OF(command, TEXT(""), TEXT("")), command->receipts,
                   command->receipts_count, ret_reply);
}

enum status order_handle_refund_return(struct request *request,
                                       const struct order_refund_return *command,
                                       struct order_order *ret_reply)
{
    return refund_part(request, WISH_OF(command, TEXT(""), TEXT("")), ret_reply);
}

enum status order_handle_refund_any_return(struct request *request,
                                           const struct order_refund_any_return *command,
                                           struct order_order *ret_reply)
{
    return refund_part(request, WISH_OF(command, TEXT(""), TEXT("")), ret_reply);
}

/* ---- sent again ---- */

static enum status exchange(struct request *request, const struct wish *wish,
                            struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    TRY(find_return(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_EXCHANGE));
    TRY(replacement_require_room(request, returns.life));
    TRY(answer(request, &returns, found, ret_reply));
    return replacement_begin(request, returns.life, replacement_cause_of_return(request, found),
                             ret_reply);
}

enum status order_handle_exchange_return(struct request *request,
                                         const struct order_exchange_return *command,
                                         struct order_order *ret_reply)
{
    return exchange(request, WISH_OF(command, TEXT(""), TEXT("")), ret_reply);
}

enum status order_handle_exchange_any_return(struct request *request,
                                             const struct order_exchange_any_return *command,
                                             struct order_order *ret_reply)
{
    return exchange(request, WISH_OF(command, TEXT(""), TEXT("")), ret_reply);
}

/* The pivot. Asked again, the return is this very replacement's. */
enum status order_handle_place_replacement(struct request *request,
                                           const struct order_place_replacement *command,
                                           struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    const struct order_replacement_data *made = &command->replacement;
    if (made->has_is_claim && made->is_claim)
        return claim_place_replacement(request, command, ret_reply);
    const struct order_terms terms = order_life_terms(request);
    const struct wish wish = { .order_id = command->order_id, .return_id = made->return_id };
    TRY(find_return(request, &wish, &returns, &found));
    if (uuid_equals(found->replacement_id, made->replacement_id))
        return answer(request, &returns, found, ret_reply);
    if (returns.life->siblings_count >= ORDER_SIBLINGS_MAX) return STATUS_ILLEGAL_TRANSITION;
    TRY(return_pull(returns.life, found, ORDER_TRIGGER_EXCHANGE, TEXT(""), &terms));
    found->replacement_id = made->replacement_id;
    TRY(save(request, &returns, found));
    replacement_store_add(request, made);
    TRY(answer(request, &returns, found, ret_reply));
    ret_reply->has_user_id = made->tells_buyer && !uuid_is_zero(returns.life->user_id);
    ret_reply->user_id = returns.life->user_id;
    return saga_reach_pivot(request, made->replacement_id, 201);
}

/* ---- by the clock ---- */

/* Time does not end what would end with neither goods nor money. */
static enum status wait_for_vendor(struct request *request, const struct returns *returns,
                                   struct order_return *waiting)
{
    waiting->due_at_us = 0;
    return_store_save(request, returns->life, waiting);
    return STATUS_OK;
}

/* Looked at again: somebody may have been quicker. */
enum status order_handle_settle_return(struct request *request,
                                       const struct order_settle_return *command)
{
    struct returns returns;
    struct order_return *found;
    struct order_order order;
    const struct order_terms terms = order_life_terms(request);
    const struct wish wish = { .order_id = command->order_id, .return_id = command->return_id };
    TRY(find_return(request, &wish, &returns, &found));
    if (found->due_at_us == 0 || found->due_at_us > terms.now_us) return STATUS_OK;
    if (found->state == ORDER_STATE_RETURN_PARTIALLY_RECEIVED ||
        found->state == ORDER_STATE_RETURN_RECEIVED)
        return gives_nothing_back(returns.life, found) ? wait_for_vendor(request, &returns, found)
                                                       : refund(request, &returns, found, &order);
    const enum order_trigger trigger =
        found->state == ORDER_STATE_RETURN_REQUESTED ? ORDER_TRIGGER_APPROVE : ORDER_TRIGGER_EXPIRE;
    TRY(return_pull(returns.life, found, trigger, TEXT(""), &terms));
    return save(request, &returns, found);
}

static enum status begin_settling(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct due_object *due = context;
    const struct order_settle_return command = { .order_id = due[index].owner_id,
                                                 .return_id = due[index].id };
    return request_ask_begin(request, &order_settle_return_message, &command, ret_ask);
}

enum status return_sweep_due(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct due_object *due;
    size_t count;
    TRY(return_store_list_due(request, shard_first, shard_last, &due, &count));
    return request_ask_each(request, count, begin_settling, due);
}
