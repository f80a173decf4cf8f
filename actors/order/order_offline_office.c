/* Vendors and staff say that money came, or did not, and that it was handed back. */
#include "actors/order/order_cursor.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_offline_store.h"
#include "order_handlers.h"

/* Who has the money says so: the vendor what it got at the door, and what the market lets it say of
 * the market's account. */
static enum status require_hands(struct request *request, const struct order_life *life)
{
    enum { STAFF, VENDORS }; /* in the order of the setting */
    if (request_principal(request)->kind != PRINCIPAL_VENDOR) return STATUS_OK;
    if (life->offline_method == ORDER_OFFLINE_METHOD_ON_DELIVERY) return STATUS_OK;
    if (config_int(request_config(request), SETTING_MARKET_PAYMENT_CONFIRMED_BY) == VENDORS)
        return STATUS_OK;
    return request_refuse(request, "", STATUS_FORBIDDEN,
                          "It is paid to the market, whose staff says when it was.");
}

/* What every command about an order's money names. */
struct wish {
    struct uuid order_id;
    struct versions versions;
    struct text note; /* may be empty */
};
#define WISH_OF(command, why) (&(struct wish){ (command)->order_id, VERSIONS_OF(command), (why) })
#define NOTE_OF(command) ((command)->has_note ? (command)->note : TEXT(""))

static enum status open_order(struct request *request, const struct wish *wish,
                              struct order_life **ret_life)
{
    struct order_life *life;
    TRY(order_life_open(request, wish->order_id, TEXT(""), &life));
    if (!versions_have(wish->versions, life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(require_hands(request, life));
    *ret_life = life;
    return STATUS_OK;
}

/* ---- paid ---- */

static enum status require_amount(struct request *request, struct money amount, int64_t owed,
                                  const char *currency)
{
    if (owed == 0) return request_refuse(request, "", STATUS_NOTHING_OWED, NULL);
    if (!money_same_currency(amount, money_make(owed, currency)))
        return request_refuse(request, "/amount", STATUS_CURRENCY_MISMATCH, NULL);
    if (amount.amount == owed) return STATUS_OK;
    request_add_fault(request, &(struct request_fault){
                                   .pointer = "/amount",
                                   .code = STATUS_PAYMENT_MISMATCH,
                                   .detail = TEXT("Parts are not taken: it is paid in one sum."),
                                   .has_amounts = true,
                                   .requested = amount.amount,
                                   .available = owed });
    return STATUS_PAYMENT_MISMATCH;
}

static enum order_trigger trigger_of(const struct order_life *life)
{
    return life->state == ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT ? ORDER_TRIGGER_PAY
                                                                   : ORDER_TRIGGER_MARK_PAID;
}

static enum status mark_paid(struct request *request, const struct wish *wish, struct money amount,
                             struct order_order *ret_reply)
{
    struct order_life *life;
    const struct order_terms terms = order_life_terms(request);
    TRY(open_order(request, wish, &life));
    TRY(require_amount(request, amount, order_offline_owed(life), life->currency));
    TRY(order_life_require(request, life->state, trigger_of(life)));
    TRY(order_offline_collect(life, wish->note, &terms));
    TRY(order_life_save(request, life));
    TRY(order_life_tell(request, life, NULL));
    TRY(order_life_tell_paid(request, life, life->number));
    return order_life_answer(request, life, ret_reply);
}

enum status order_handle_mark_order_paid(struct request *request,
                                         const struct order_mark_order_paid *command,
                                         struct order_order *ret_reply)
{
    return mark_paid(request, WISH_OF(command, NOTE_OF(command)), command->amount, ret_reply);
}

enum status order_handle_mark_any_order_paid(struct request *request,
                                             const struct order_mark_any_order_paid *command,
                                             struct order_order *ret_reply)
{
    return mark_paid(request, WISH_OF(command, NOTE_OF(command)), command->amount, ret_reply);
}

/* ---- a whole checkout ---- */

/* The orders of which something is owed, as they are now. */
static enum status open_owing(struct request *request, struct uuid group_id,
                              struct order_life ***ret_lives, size_t *ret_count, int64_t *ret_owed)
{
    const struct uuid *ids;
    size_t count;
    int64_t owed = 0;
    TRY(order_offline_store_list_owing(request, group_id, &ids, &count));
    struct order_life **lives =
        arena_allocate_array(request_arena(request), count, sizeof(struct order_life *));
    for (size_t i = 0; i < count; i++) {
        TRY(order_life_open(request, ids[i], TEXT(""), &lives[i]));
        owed += order_offline_owed(lives[i]);
    }
    *ret_lives = lives;
    *ret_count = count;
    *ret_owed = owed;
    return STATUS_OK;
}

static void show_order(struct order_group *group, const struct order_life *life)
{
    struct order_order *orders = (struct order_order *)group->orders;
    for (size_t i = 0; i < group->orders_count; i++)
        if (uuid_equals(orders[i].id, life->order_id)) order_life_show(life, &orders[i]);
}

/* Nothing is owed any more; what went back of a part before does not come back by that. */
static void show_sums(struct order_group *group, int64_t collected)
{
    const bool has_refunds = group->payment_status == ORDER_PAYMENT_STATUS_REFUNDED ||
                             group->payment_status == ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED;
    const bool is_under_way = group->payment_status == ORDER_PAYMENT_STATUS_REFUND_PENDING ||
                              group->payment_status == ORDER_PAYMENT_STATUS_REFUND_FAILED;
    if (!is_under_way)
        group->payment_status =
            has_refunds ? ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED : ORDER_PAYMENT_STATUS_PAID;
    group->has_on_delivery = false;
    group->offline.owed.amount = 0;
    group->offline.paid.amount += collected;
}

/* All of them in this unit, or none; the group as it is then. */
enum status order_handle_mark_group_paid(struct request *request,
                                         const struct order_mark_group_paid *command,
                                         struct order_group *ret_reply)
{
    struct order_life **lives;
    size_t count;
    int64_t owed;
    struct stored_group stored;
    const struct order_terms terms = order_life_terms(request);
    TRY(open_owing(request, command->group_id, &lives, &count, &owed));
    TRY(order_store_find_group(request, command->group_id, &stored));
    TRY(require_amount(request, command->amount, owed, stored.group.total.currency));
    TRY(order_store_fill_group(request, &stored.group));
    for (size_t i = 0; i < count; i++) {
        TRY(order_life_require(request, lives[i]->state, trigger_of(lives[i])));
        TRY(order_offline_collect(lives[i], NOTE_OF(command), &terms));
        TRY(order_life_save(request, lives[i]));
        TRY(order_life_tell(request, lives[i], NULL));
        show_order(&stored.group, lives[i]);
    }
    TRY(order_life_tell_paid(request, lives[0], order_offline_reference(lives[0]->number)));
    show_sums(&stored.group, owed);
    *ret_reply = stored.group;
    return STATUS_OK;
}

/* ---- not paid after all ---- */

static enum status mark_unpaid(struct request *request, const struct wish *wish,
                               struct order_life *life, struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    /* Also of an order that has ended by that. */
    if (!order_offline_has_gone_back(life))
        TRY(order_life_require(request, life->state, ORDER_TRIGGER_MARK_UNPAID));
    const enum status undone = order_offline_undo(life, wish->note, &terms);
    if (undone != STATUS_OK)
        return request_refuse(request, "", undone,
                              undone == STATUS_ILLEGAL_TRANSITION ? "It was not marked as paid."
                                                                  : NULL);
    TRY(order_life_save(request, life));
    return order_life_answer(request, life, ret_reply);
}

enum status order_handle_mark_any_order_unpaid(struct request *request,
                                               const struct order_mark_any_order_unpaid *command,
                                               struct order_order *ret_reply)
{
    const struct wish *wish = WISH_OF(command, command->reason);
    struct order_life *life;
    TRY(open_order(request, wish, &life));
    return mark_unpaid(request, wish, life, ret_reply);
}

/* A vendor's own word only, and not for long: what it has led others to do is not undone. */
enum status order_handle_mark_order_unpaid(struct request *request,
                                           const struct order_mark_order_unpaid *command,
                                           struct order_order *ret_reply)
{
    const struct wish *wish = WISH_OF(command, command->reason);
    const int64_t window_us =
        config_duration_us(request_config(request), SETTING_MARKET_PAYMENT_UNDO);
    struct order_life *life;
    struct order_offline_mark mark;
    TRY(open_order(request, wish, &life));
    TRY(order_offline_store_find_mark(request, command->order_id, &mark));
    if (life->collected > 0 &&
        !order_offline_may_take_back(&mark, request_now_us(request), window_us))
        return request_refuse(request, "", STATUS_TOO_LATE_TO_UNDO, NULL);
    return mark_unpaid(request, wish, life, ret_reply);
}

/* ---- handed back ---- */

static void settle_given(const struct order_given_back *given_back, size_t count,
                         struct uuid refund_id, int64_t now_us)
{
    struct order_given_back *all = (struct order_given_back *)given_back;
    for (size_t i = 0; i < count; i++) {
        if (!uuid_equals(all[i].refund_id, refund_id)) continue;
        all[i].has_settled_at = true;
        all[i].settled_at_us = now_us;
    }
}

static void show_settled(struct request *request, struct order_order *order, struct uuid refund_id)
{
    struct order_cancellation *cancellations = (struct order_cancellation *)order->cancellations;
    struct order_return_request *returns = (struct order_return_request *)order->returns;
    for (size_t i = 0; i < order->cancellations_count; i++) {
        if (!uuid_equals(cancellations[i].id, refund_id)) continue;
        cancellations[i].has_settled_at = true;
        cancellations[i].settled_at_us = request_now_us(request);
    }
    struct order_refund *refunds = (struct order_refund *)order->refunds;
    for (size_t i = 0; i < order->refunds_count; i++) {
        if (!uuid_equals(refunds[i].id, refund_id)) continue;
        refunds[i].has_settled_at = true;
        refunds[i].settled_at_us = request_now_us(request);
    }
    struct order_claim *claims = (struct order_claim *)order->claims;
    for (size_t i = 0; i < order->claims_count; i++) {
        settle_given(claims[i].given_back, claims[i].given_back_count, refund_id,
                     request_now_us(request));
        if (!claims[i].has_refund_id || !uuid_equals(claims[i].refund_id, refund_id)) continue;
        claims[i].has_settled_at = true;
        claims[i].settled_at_us = request_now_us(request);
    }
    for (size_t i = 0; i < order->returns_count; i++) {
        settle_given(returns[i].given_back, returns[i].given_back_count, refund_id,
                     request_now_us(request));
        if (!returns[i].has_refund_id || !uuid_equals(returns[i].refund_id, refund_id)) continue;
        returns[i].has_settled_at = true;
        returns[i].settled_at_us = request_now_us(request);
    }
}

static enum status settle(struct request *request, const struct wish *wish, struct uuid refund_id,
                          struct order_order *ret_reply)
{
    struct order_life *life;
    const struct order_terms terms = order_life_terms(request);
    TRY(open_order(request, wish, &life));
    bool is_of_card;
    TRY(order_offline_store_require_unsettled(request, life->order_id, refund_id, &is_of_card));
    if (is_of_card && request_principal(request)->kind == PRINCIPAL_VENDOR)
        return request_refuse(request, "", STATUS_FORBIDDEN,
                              "A card has paid the market, whose staff hands it back.");
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_HAND_BACK));
    TRY(order_offline_hand_back(life, wish->note, &terms));
    order_offline_store_settle(request, refund_id);
    TRY(order_life_save(request, life));
    TRY(order_life_answer(request, life, ret_reply));
    show_settled(request, ret_reply, refund_id);
    return STATUS_OK;
}

enum status order_handle_settle_refund(struct request *request,
                                       const struct order_settle_refund *command,
                                       struct order_order *ret_reply)
{
    return settle(request, WISH_OF(command, NOTE_OF(command)), command->refund_id, ret_reply);
}

enum status order_handle_settle_any_refund(struct request *request,
                                           const struct order_settle_any_refund *command,
                                           struct order_order *ret_reply)
{
    return settle(request, WISH_OF(command, NOTE_OF(command)), command->refund_id, ret_reply);
}

enum status order_handle_list_manual_refunds(struct request *request,
                                             const struct order_list_manual_refunds *query,
                                             struct order_manual_refund_page *ret_reply)
{
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(order_offline_store_list_open(request, before, (int64_t)limit + 1, &ret_reply->data,
                                      &count));
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more)
        ret_reply->next = order_cursor_write(request, ret_reply->data[limit - 1].refund_id);
    return STATUS_OK;
}
