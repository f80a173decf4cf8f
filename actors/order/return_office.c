/* Returns as shoppers ask for them, vendors and staff answer and receive them, and time ends them.
 */
#include "actors/order/return_office.h"

#include "actors/host/ask_each.h"
#include "actors/order/claim_office.h"
#include "actors/order/order_approval.h"
#include "actors/order/order_back_begin.h"
#include "actors/order/order_history.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/replacement.h"
#include "actors/order/replacement_end.h"
#include "actors/order/replacement_store.h"
#include "actors/order/return_door.h"
#include "actors/order/return_store.h"
#include "order_handlers.h"

#define WISH_OF(command, proof, why)                                                               \
    (&(struct return_wish){ (command)->order_id, (command)->return_id, (proof),                    \
                            VERSIONS_OF(command), (why) })

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
    TRY(return_open(request, command->order_id, command->has_token ? command->token : TEXT(""),
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
    order_life_wishes(command->lines, command->lines_count, wishes);
    const struct shipment_refusal refusal = return_begin(
        returns.life, returns.all, returns.count, wishes, command->lines_count, &terms, made);
    TRY(order_life_refuse_units(request, &refusal, command->lines));
    return_store_add(request, returns.life, made, returns.count + 1);
    TRY(order_life_save(request, returns.life));
    TRY(order_life_tell(request, returns.life, NULL));
    return return_answer(request, &returns, made, ret_reply);
}

/* ---- answered ---- */

static enum status pull(struct request *request, const struct return_wish *wish,
                        enum order_trigger trigger, struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    const struct order_terms terms = order_life_terms(request);
    TRY(return_find(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, trigger));
    TRY(return_pull(returns.life, found, trigger, wish->reason, &terms));
    TRY(return_save(request, &returns, found));
    return return_answer(request, &returns, found, ret_reply);
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

/* The history keeps where each label was found; an address that is too long for it, only the
 * return. */
static struct text note_of(const struct label *label)
{
    enum { NOTE_MAX = 200 };
    return label->url.length <= NOTE_MAX ? label->url : TEXT("");
}

/* Each one is a mail to the buyer. */
static enum status require_another_label(struct request *request, const struct order_life *life,
                                         const struct order_return *found)
{
    int64_t count;
    TRY(order_history_count(request, life->order_id, found->id, ORDER_TRIGGER_SEND_LABEL, &count));
    if (count < RETURN_LABELS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_LABELS, RETURN_LABELS_MAX,
                               "A label was sent for this return so many times.");
}

static enum status send_label(struct request *request, const struct return_wish *wish,
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
    TRY(return_find(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_SEND_LABEL));
    TRY(require_another_label(request, returns.life, found));
    TRY(return_pull(returns.life, found, ORDER_TRIGGER_SEND_LABEL, note_of(label), &terms));
    found->instructions = label->instructions;
    found->label_url = label->url;
    TRY(return_save(request, &returns, found));
    return return_answer(request, &returns, found, ret_reply);
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

/* Of an exchanged return, what its replacement does not send any more and was not given back. */
static enum status give_back_rest(struct request *request, struct returns *returns,
                                  struct order_return *exchanged, const struct order_terms *terms,
                                  struct return_units *ret_units)
{
    const struct replaced replaced = { .life = returns->life, .exchanged = exchanged };
    TRY(replaced_find_rest(request, &replaced, ret_units->returned));
    TRY(return_give_back(returns->life, exchanged, ret_units->returned, terms));
    ret_units->is_whole = order_life_is_all_back(returns->life);
    return STATUS_OK;
}

/* Ends the return in this unit; the process that brings goods and money back answers. */
static enum status refund(struct request *request, struct returns *returns,
                          struct order_return *refunded, struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    struct return_units *units = arena_allocate(request_arena(request), sizeof *units);
    struct order_back back;
    struct order_order order;
    const bool is_exchanged = refunded->state == ORDER_STATE_RETURN_EXCHANGED;
    if (is_exchanged)
        TRY(give_back_rest(request, returns, refunded, &terms, units));
    else
        TRY(return_refund(returns->life, refunded, &terms, units));
    TRY(order_back_take_arrived(request, returns->life, units->returned, units->is_whole, &back));
    if (!is_exchanged) refunded->refund_id = back.id;
    TRY(replacement_give_back(request, returns->life, units->returned, &back));
    TRY(return_save_back(request, returns, refunded, &back));
    TRY(return_answer(request, returns, refunded, &order));
    TRY(order_back_begin(
        request, returns->life, &back,
        &(struct order_back_terms){ .restocked = units->restocked, .return_id = refunded->id },
        &order));
    *ret_reply = order;
    return STATUS_OK;
}

static enum status refund_part(struct request *request, const struct return_wish *wish,
                               struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    TRY(return_find(request, wish, &returns, &found));
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

static enum status receive(struct request *request, const struct return_wish *wish,
                           const struct order_return_receipt *receipts, size_t count,
                           struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    struct return_receipt arrived[ORDER_LINES_MAX];
    const struct order_terms terms = order_life_terms(request);
    TRY(return_find(request, wish, &returns, &found));
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
    TRY(return_save(request, &returns, found));
    return return_answer(request, &returns, found, ret_reply);
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
    const enum status done = receive(request, WISH_OF(command, TEXT(""), TEXT("")),
                                     command->receipts, command->receipts_count, ret_reply);
    return order_approval_end(request, done, &order_receive_any_return_message, command, ret_reply);
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
    const enum status done = refund_part(request, WISH_OF(command, TEXT(""), TEXT("")), ret_reply);
    return order_approval_end(request, done, &order_refund_any_return_message, command, ret_reply);
}

/* ---- sent again ---- */

static enum status exchange(struct request *request, const struct return_wish *wish,
                            struct order_order *ret_reply)
{
    struct returns returns;
    struct order_return *found;
    TRY(return_find(request, wish, &returns, &found));
    TRY(order_life_require(request, found->state, ORDER_TRIGGER_EXCHANGE));
    TRY(replacement_require_room(request, returns.life));
    TRY(return_answer(request, &returns, found, ret_reply));
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
    const struct return_wish wish = { .order_id = command->order_id, .return_id = made->return_id };
    TRY(return_find(request, &wish, &returns, &found));
    if (uuid_equals(found->replacement_id, made->replacement_id))
        return return_answer(request, &returns, found, ret_reply);
    if (returns.life->siblings_count >= ORDER_SIBLINGS_MAX) return STATUS_ILLEGAL_TRANSITION;
    TRY(return_pull(returns.life, found, ORDER_TRIGGER_EXCHANGE, TEXT(""), &terms));
    found->replacement_id = made->replacement_id;
    TRY(return_save(request, &returns, found));
    replacement_store_add(request, made);
    TRY(return_answer(request, &returns, found, ret_reply));
    ret_reply->has_user_id = made->tells_buyer && !uuid_is_zero(returns.life->user_id);
    ret_reply->user_id = returns.life->user_id;
    return saga_reach_pivot(request, made->replacement_id, 201);
}

/* A step of the process that has brought them there. */
enum status order_handle_note_restocked(struct request *request,
                                        const struct order_note_restocked *command)
{
    return_store_note_restocked(request, command->order_id, command->return_id);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Looked at again: somebody may have been quicker. */
enum status order_handle_settle_return(struct request *request,
                                       const struct order_settle_return *command)
{
    struct returns returns;
    struct order_return *found;
    struct order_order order;
    const struct order_terms terms = order_life_terms(request);
    const struct return_wish wish = { .order_id = command->order_id,
                                      .return_id = command->return_id };
    TRY(return_find(request, &wish, &returns, &found));
    if (found->due_at_us == 0 || found->due_at_us > terms.now_us) return STATUS_OK;
    if (found->state == ORDER_STATE_RETURN_PARTIALLY_RECEIVED ||
        found->state == ORDER_STATE_RETURN_RECEIVED)
        return refund(request, &returns, found, &order);
    const enum order_trigger trigger =
        found->state == ORDER_STATE_RETURN_REQUESTED ? ORDER_TRIGGER_APPROVE : ORDER_TRIGGER_EXPIRE;
    TRY(return_pull(returns.life, found, trigger, TEXT(""), &terms));
    return return_save(request, &returns, found);
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
