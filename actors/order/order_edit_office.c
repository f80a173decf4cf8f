/* Edits as vendors and staff withdraw them, and buyers agree to them or do not. */
#include "actors/order/order_back_begin.h"
#include "actors/order/order_edit_propose.h"
#include "actors/order/order_edit_saga.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_supply_store.h"
#include "order_handlers.h"

/* ---- seen ---- */

static enum status list(struct request *request, struct uuid order_id, struct text token,
                        struct order_edit_list *ret_reply)
{
    struct order_life *life;
    struct order_edit_row *rows;
    size_t count;
    TRY(order_life_open(request, order_id, token, &life));
    TRY(order_edit_store_list(request, life, &rows, &count));
    struct order_edit *edits = arena_allocate_array(request_arena(request), count, sizeof *edits);
    for (size_t i = 0; i < count; i++)
        edits[i] = rows[i].shown;
    ret_reply->data = edits;
    ret_reply->data_count = count;
    return STATUS_OK;
}

enum status order_handle_list_edits(struct request *request, const struct order_list_edits *query,
                                    struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, query->has_token ? query->token : TEXT(""), ret_reply);
}

enum status order_handle_list_vendor_edits(struct request *request,
                                           const struct order_list_vendor_edits *query,
                                           struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, TEXT(""), ret_reply);
}

enum status order_handle_list_any_edits(struct request *request,
                                        const struct order_list_any_edits *query,
                                        struct order_edit_list *ret_reply)
{
    return list(request, query->order_id, TEXT(""), ret_reply);
}

/* ---- ended without being made ---- */

static enum status find_edit(struct request *request, const struct order_life *life,
                             struct uuid edit_id, struct order_edit_row *ret_edit)
{
    struct order_edit_row *rows;
    size_t count;
    TRY(order_edit_store_list(request, life, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(rows[i].shown.id, edit_id)) continue;
        *ret_edit = rows[i];
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

static enum status require_open(struct request *request, const struct order_edit *edit)
{
    return edit->status == ORDER_EDIT_STATUS_OPEN
               ? STATUS_OK
               : request_refuse(request, "", STATUS_EDIT_ENDED, NULL);
}

struct ending {
    struct uuid order_id, edit_id;
    struct text token; /* empty, or a guest's */
    struct versions versions;
    enum order_trigger trigger;
    enum order_edit_status status;
    struct text reason; /* empty: the edit's own */
};

static enum status require_proposer(struct request *request, const struct order_edit *edit)
{
    return request_principal(request)->kind == PRINCIPAL_VENDOR &&
                   edit->proposed_by == ORDER_EDIT_PARTY_STAFF
               ? request_refuse(request, "", STATUS_NOT_THE_PROPOSER, NULL)
               : STATUS_OK;
}

static enum status end(struct request *request, const struct ending *ending,
                       struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    const struct order_terms terms = order_life_terms(request);
    TRY(order_life_open(request, ending->order_id, ending->token, &life));
    if (!versions_have(ending->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(find_edit(request, life, ending->edit_id, &edit));
    TRY(require_open(request, &edit.shown));
    TRY(require_proposer(request, &edit.shown));
    TRY(order_life_require(request, life->state, ending->trigger));
    TRY(order_life_pull(life, ending->trigger, &terms));
    life->changes[life->changes_count - 1].note =
        ending->reason.length > 0 ? ending->reason : edit.shown.reason;
    order_edit_store_end(request, &edit.shown, ending->status);
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    *ret_reply = edit.shown;
    ret_reply->status = ending->status;
    ret_reply->has_ended_at = true;
    ret_reply->ended_at_us = terms.now_us;
    return STATUS_OK;
}

enum status order_handle_decline_edit(struct request *request,
                                      const struct order_decline_edit *command,
                                      struct order_edit *ret_reply)
{
    const struct ending ending = { .order_id = command->order_id,
                                   .edit_id = command->edit_id,
                                   .token = command->has_token ? command->token : TEXT(""),
                                   .versions = VERSIONS_OF(command),
                                   .trigger = ORDER_TRIGGER_DECLINE_EDIT,
                                   .status = ORDER_EDIT_STATUS_DECLINED };
    return end(request, &ending, ret_reply);
}

#define WITHDRAWAL_OF(command)                                                                     \
    (&(struct ending){ .order_id = (command)->order_id,                                            \
                       .edit_id = (command)->edit_id,                                              \
                       .versions = VERSIONS_OF(command),                                           \
                       .trigger = ORDER_TRIGGER_WITHDRAW_EDIT,                                     \
                       .status = ORDER_EDIT_STATUS_WITHDRAWN,                                      \
                       .reason = (command)->reason })

enum status order_handle_withdraw_edit(struct request *request,
                                       const struct order_withdraw_edit *command,
                                       struct order_edit *ret_reply)
{
    TRY(end(request, WITHDRAWAL_OF(command), ret_reply));
    request_audit(request, "edt", command->edit_id, (struct text){ 0 });
    return STATUS_OK;
}

enum status order_handle_withdraw_any_edit(struct request *request,
                                           const struct order_withdraw_any_edit *command,
                                           struct order_edit *ret_reply)
{
    TRY(end(request, WITHDRAWAL_OF(command), ret_reply));
    request_audit(request, "edt", command->edit_id, (struct text){ 0 });
    return STATUS_OK;
}

/* ---- made ---- */

static enum status refuse_outdated(struct request *request)
{
    return request_refuse(request, "", STATUS_EDIT_OUTDATED, NULL);
}

/* What it is paid by is what was proposed: an order of which units were cancelled meanwhile may owe
 * nothing any more. */
static enum status require_payment(struct request *request, const struct order_life *life,
                                   const struct order_edit_row *edit)
{
    bool from_wallet;
    TRY(order_edit_pays(life, &from_wallet));
    return from_wallet == edit->from_wallet ? STATUS_OK : refuse_outdated(request);
}

/* The units that go, of each line of the life; some may have gone otherwise meanwhile. */
static enum status find_fewer(struct request *request, const struct order_life *life,
                              const struct order_edit *edit, int64_t ret_units[ORDER_LINES_MAX])
{
    struct order_shipment_line named[ORDER_LINES_MAX];
    struct shipment_wish wishes[ORDER_LINES_MAX];
    size_t lines[ORDER_LINES_MAX];
    for (size_t i = 0; i < ORDER_LINES_MAX; i++)
        ret_units[i] = 0;
    if (edit->fewer_count == 0) return STATUS_OK;
    for (size_t i = 0; i < edit->fewer_count; i++)
        named[i] = (struct order_shipment_line){ edit->fewer[i].line_id, edit->fewer[i].quantity };
    order_life_wishes(named, edit->fewer_count, wishes);
    const struct shipment_refusal refusal =
        shipment_find_units(life, wishes, edit->fewer_count, lines);
    TRY(order_life_refuse_units_at(request, "/fewer", &refusal, named));
    for (size_t i = 0; i < edit->fewer_count; i++)
        ret_units[lines[i]] = edit->fewer[i].quantity;
    return STATUS_OK;
}

/* What can be known before anything is set aside, and again in the unit that makes it. */
static enum status require_possible(struct request *request, const struct order_life *life,
                                    const struct order_edit_row *edit,
                                    int64_t ret_units[ORDER_LINES_MAX],
                                    struct order_order *ret_order)
{
    const struct order_edit *shown = &edit->shown;
    TRY(require_open(request, shown));
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_APPLY_EDIT));
    TRY(require_payment(request, life, edit));
    TRY(order_edit_require_room(request, life, shown->lines_count + shown->goods_count));
    TRY(find_fewer(request, life, shown, ret_units));
    if (shown->lines_count + shown->goods_count == 0 && order_edit_takes_all(life, ret_units))
        return request_refuse(request, "/fewer", STATUS_EDIT_OUTDATED,
                              "Nothing would be left of the order by now.");
    TRY(order_life_answer(request, life, ret_order));
    return shown->fewer_count == 0 ? STATUS_OK : order_back_require_room(request, ret_order);
}

/* What goes back is what the buyer was shown, to the last unit of money. */
static enum status require_agreed(struct request *request, const struct order_edit *edit,
                                  int64_t given_back, int64_t to_wallet)
{
    return given_back == edit->given_back.amount && to_wallet == edit->to_wallet.amount
               ? STATUS_OK
               : refuse_outdated(request);
}

/* Nothing is written yet: two who agree at once both set aside what they need, and the pivot takes
 * the first. */
enum status order_handle_accept_edit(struct request *request,
                                     const struct order_accept_edit *command,
                                     struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    struct order_order order;
    int64_t units[ORDER_LINES_MAX];
    struct order_back back = { .total = 0 };
    struct order_edit_late_units late;
    TRY(order_life_open(request, command->order_id, command->has_token ? command->token : TEXT(""),
                        &life));
    if (!versions_have(VERSIONS_OF(command), life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(find_edit(request, life, command->edit_id, &edit));
    TRY(require_possible(request, life, &edit, units, &order));
    TRY(order_edit_require_sold(request, &edit.shown, &order, &late));
    const struct order_back_wish wish = { .units = units };
    if (edit.shown.fewer_count > 0) TRY(order_back_reckon(request, life, &wish, &back));
    const struct order_edit_settlement settlement =
        order_edit_settle(life, edit.from_wallet, edit.shown.added.amount, back.total);
    TRY(require_agreed(request, &edit.shown, back.total, settlement.to_wallet));
    TRY(order_edit_begin(request, life, &edit.shown, &order, &late));
    *ret_reply = edit.shown;
    return STATUS_OK;
}

static size_t list_added(const struct order_edit *edit, struct order_life_line *ret_lines)
{
    size_t count = 0;
    for (size_t i = 0; i < edit->lines_count; i++)
        ret_lines[count++] =
            (struct order_life_line){ .id = edit->lines[i].new_line_id,
                                      .counts = { .ordered = edit->lines[i].quantity } };
    for (size_t i = 0; i < edit->goods_count; i++)
        ret_lines[count++] =
            (struct order_life_line){ .id = edit->goods[i].new_line_id,
                                      .counts = { .ordered = edit->goods[i].quantity } };
    return count;
}

static void mark_late(struct request *request, const struct order_edit_data *made)
{
    struct order_supply_late late[ORDER_LINES_MAX];
    assert(made->late_count <= ORDER_LINES_MAX);
    for (size_t i = 0; i < made->late_count; i++)
        late[i] = (struct order_supply_late){ made->late[i].line_id, made->late[i].backordered,
                                              made->late[i].has_available_on
                                                  ? made->late[i].available_on_us
                                                  : 0 };
    order_supply_store_mark(request, late, made->late_count);
}

/* Moves order and money by what was agreed on, and queues all but the order itself. */
static enum status make(struct request *request, struct order_life *life,
                        const struct order_edit_row *edit, const int64_t units[],
                        const struct order_edit_data *made)
{
    const struct order_edit *shown = &edit->shown;
    const struct order_terms terms = order_life_terms(request);
    struct order_back back;
    const struct order_edit_settlement settlement =
        order_edit_settle(life, edit->from_wallet, shown->added.amount, shown->given_back.amount);
    struct order_life_line *added = arena_allocate_array(
        request_arena(request), shown->lines_count + shown->goods_count, sizeof *added);
    TRY(order_edit_apply(life, shown->added.amount, &settlement, shown->reason, &terms));
    const struct order_edit_attempt attempt = { made->attempt_id, made->refund_id,
                                                settlement.owed };
    order_edit_store_apply(request, shown, &attempt);
    mark_late(request, made);
    if (shown->fewer_count > 0) {
        const struct order_back_wish wish = { .units = units,
                                              .sequence = life->version,
                                              .id = made->refund_id };
        TRY(order_back_take(request, life, &wish, &back));
        TRY(require_agreed(request, shown, back.total, order_back_paid(&back)));
    }
    return order_edit_move_units(life, units, added, list_added(shown, added), &terms);
}

/* The pivot. Asked again, the edit was applied by this very attempt. */
enum status order_handle_apply_edit(struct request *request, const struct order_apply_edit *command,
                                    struct order_edit *ret_reply)
{
    struct order_life *life;
    struct order_edit_row edit;
    struct order_order order;
    int64_t units[ORDER_LINES_MAX];
    const struct order_edit_data *made = &command->edit;
    const int64_t now_us = request_now_us(request);
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    TRY(find_edit(request, life, made->edit_id, &edit));
    *ret_reply = edit.shown;
    if (uuid_equals(edit.attempt_id, made->attempt_id)) return STATUS_OK;
    TRY(require_open(request, &edit.shown));
    if (now_us > made->expires_at_us) return STATUS_CHECKOUT_EXPIRED;
    TRY(require_possible(request, life, &edit, units, &order));
    /* A program that knows of additions only has begun it. */
    if (made->has_refund_id != (edit.shown.fewer_count > 0)) return refuse_outdated(request);
    TRY(make(request, life, &edit, units, made));
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    ret_reply->status = ORDER_EDIT_STATUS_APPLIED;
    ret_reply->has_ended_at = true;
    ret_reply->ended_at_us = now_us;
    return saga_reach_pivot(request, made->attempt_id, 200);
}

/* Of two who agree at once the second may find too little left of what the first has set aside. By
 * now that one has made the edit, mostly; then it is this that the second has to know. */
static bool is_of_shortage(enum status refusal)
{
    return refusal == STATUS_INSUFFICIENT_FUNDS || refusal == STATUS_INSUFFICIENT_STOCK;
}

enum status order_handle_abandon_edit(struct request *request,
                                      const struct order_abandon_edit *command)
{
    enum status refusal = saga_read_refusal(command->refusal);
    if (command->has_edit_id && is_of_shortage(refusal)) {
        struct order_life *life;
        struct order_edit_row edit;
        TRY(request_settle(request)); /* the first may have made it, and not be committed yet */
        TRY(order_life_open(request, command->order_id, TEXT(""), &life));
        TRY(find_edit(request, life, command->edit_id, &edit));
        if (edit.shown.status != ORDER_EDIT_STATUS_OPEN) refusal = STATUS_EDIT_ENDED;
    }
    return saga_end_undone(request, command->attempt_id, refusal);
}

enum status order_handle_find_edit_refund(struct request *request,
                                          const struct order_find_edit_refund *query,
                                          struct order_edit_refund *ret_reply)
{
    return order_edit_store_find_refund(request, query->order_id, query->refund_id, ret_reply);
}
