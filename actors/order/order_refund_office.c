/* Staff gives money back without cancelling anything, and sends money another way
 * that a card cannot get. */
#include "actors/order/order_approval.h"
#include "actors/order/order_cursor.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_refund.h"
#include "actors/order/order_refund_left.h"
#include "actors/order/order_refund_plan.h"
#include "actors/order/order_refund_store.h"
#include "messages/card_amount.h"
#include "order_handlers.h"

/* ---- made ---- */

static struct order_refund *add_refund(struct arena *arena, struct order_order *order)
{
    const size_t count = order->refunds_count;
    struct order_refund *all = arena_allocate_array(arena, count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = order->refunds[i];
    order->refunds = all;
    order->refunds_count = count + 1;
    return &all[count];
}

/* What is answered if the process takes long. */
static void show_refund(struct request *request, const struct order_back *back, struct text reason,
                        struct order_order *order)
{
    const char *currency = order->totals.total.currency;
    *add_refund(request_arena(request), order) = (struct order_refund){
        .id = back->id,
        .sequence = back->sequence,
        .at_us = request_now_us(request),
        .has_reason = true,
        .reason = reason,
        .delivery = money_make(0, currency),
        .total = money_make(back->total, currency),
        .has_set_off = back->set_off > 0,
        .set_off = money_make(back->set_off, currency),
        .waived = money_make(back->ways.waived, currency),
        .refunded = money_make(order_back_to_wallet(back), currency),
        .has_card = back->ways.card > 0,
        .card = { .amount = money_make(back->ways.card, currency) },
        .has_manual = order_back_manual(back) > 0,
        .manual = money_make(order_back_manual(back), currency),
    };
}

static enum status make(struct request *request, struct order_life *life, struct order_back *back,
                        struct text reason, struct order_order *ret_reply)
{
    const struct order_terms terms = order_life_terms(request);
    struct order_order order;
    TRY(order_life_answer(request, life, &order));
    TRY(order_refund_give(life, reason, &terms));
    back->sequence = life->version;
    TRY(order_back_write(request, life, back));
    TRY(order_life_save(request, life));
    TRY(order_life_tell_refund(request, life, COMMON_NOTICE_KIND_ORDER_REFUNDED,
                               back->total - back->set_off, &back->ways, reason));
    int64_t *nothing =
        arena_allocate_array(request_arena(request), life->lines_count, sizeof *nothing);
    for (size_t i = 0; i < life->lines_count; i++)
        nothing[i] = 0;
    show_refund(request, back, reason, &order);
    TRY(order_back_begin(request, life, back,
                         &(struct order_back_terms){ .is_created = true, .restocked = nothing },
                         &order));
    order_life_show(life, &order);
    *ret_reply = order;
    return STATUS_OK;
}

/* ---- asked for ---- */

static enum status require_room(struct request *request, int64_t count)
{
    if (count < ORDER_STAFF_REFUNDS_MAX) return STATUS_OK;
    return request_refuse_full(request, "", STATUS_TOO_MANY_REFUNDS, ORDER_STAFF_REFUNDS_MAX,
                               "An order is refunded so often.");
}

static enum status refund_order(struct request *request, const struct order_refund_order *command,
                                struct order_order *ret_reply)
{
    struct order_life *life;
    struct order_back back;
    int64_t count;
    const struct order_refund_ask ask = { .has_amount = command->has_amount,
                                          .amount = command->amount,
                                          .lines = command->lines,
                                          .lines_count = command->lines_count,
                                          .has_delivery =
                                              command->has_delivery && command->delivery,
                                          .ways = command->destinations,
                                          .ways_count = command->destinations_count,
                                          .reason = command->reason };
    TRY(order_life_open(request, command->order_id, TEXT(""), &life));
    if (!versions_have(VERSIONS_OF(command), life->version)) return STATUS_PRECONDITION_FAILED;
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_REFUND_ORDER));
    TRY(order_refund_store_count(request, life->order_id, &count));
    TRY(require_room(request, count));
    TRY(order_refund_plan(request, life, &ask, &back));
    return make(request, life, &back, command->reason, ret_reply);
}

enum status order_handle_refund_order(struct request *request,
                                      const struct order_refund_order *command,
                                      struct order_order *ret_reply)
{
    return order_approval_end(request, refund_order(request, command, ret_reply),
                              &order_refund_order_message, command, ret_reply);
}

/* ---- another way ---- */

static enum status require_failed(struct request *request, const struct order_refund_row *refund)
{
    if (refund->money.card.amount.amount > 0 &&
        refund->money.card.state == ORDER_CARD_REFUND_STATE_FAILED)
        return STATUS_OK;
    return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                          "Nothing of it goes to a card that cannot get it.");
}

static enum order_refund_detour detour_of(enum order_refund_turn turn)
{
    static const enum order_refund_detour of_contract[] = {
        [ORDER_REFUND_TURN_WALLET] = ORDER_DETOUR_CARD_TO_WALLET,
        [ORDER_REFUND_TURN_MANUAL] = ORDER_DETOUR_CARD_TO_HAND,
        [ORDER_REFUND_TURN_ORIGINAL] = ORDER_DETOUR_CARD_AGAIN,
        [ORDER_REFUND_TURN_BANK] = ORDER_DETOUR_CARD_TO_BANK,
    };
    static_assert(ARRAY_LENGTH(of_contract) == (size_t)ORDER_REFUND_TURN_COUNT, "all");
    return of_contract[turn];
}

/* Each credit has its own id: one that was called off is never made. */
static void send_off(struct request *request, const struct order_refund_row *refund,
                     enum order_refund_turn turn)
{
    switch (turn) {
    case ORDER_REFUND_TURN_WALLET:
        order_refund_store_to_wallet(
            request, refund,
            uuid_derive_named(refund->id, TEXT("credit"), 1 + (uint64_t)refund->tries));
        return;
    case ORDER_REFUND_TURN_MANUAL:
        order_refund_store_to_hand(request, refund);
        return;
    case ORDER_REFUND_TURN_ORIGINAL:
        order_refund_store_ask_again(request, refund);
        return;
    case ORDER_REFUND_TURN_BANK: /* what has gone is closed, and what is left stays */
        return;
    }
}

/* What goes where staff says, after what has gone is taken off. All of it cannot be sent away: it
 * is closed only where staff says that. */
static enum status require_way(struct request *request, const struct order_life *life,
                               const struct order_refund_row *refund, enum order_refund_turn turn,
                               int64_t *ret_gone)
{
    const int64_t amount = refund->money.card.amount.amount;
    int64_t left;
    TRY(order_refund_find_gone(request, life, refund->id, amount, ret_gone, &left));
    if (turn == ORDER_REFUND_TURN_BANK)
        return *ret_gone > 0
                   ? STATUS_OK
                   : request_refuse(request, "/destination", STATUS_ILLEGAL_TRANSITION,
                                    "Nothing of it has gone back, or was taken from the market for "
                                    "good.");
    if (*ret_gone == amount) *ret_gone = 0;
    if (turn == ORDER_REFUND_TURN_ORIGINAL &&
        (amount - *ret_gone) % card_amount_step(life->currency) != 0)
        return request_refuse(request, "/destination", STATUS_INVALID_VALUE,
                              "Cards do not know the last digit of amounts of this currency: it "
                              "goes another way.");
    return order_refund_refuse_short(request, "/destination", amount - *ret_gone, left);
}

static enum status send_rest(struct request *request, struct order_life *life,
                             const struct order_refund_row *refund, enum order_refund_turn turn,
                             struct text reason)
{
    const struct order_terms terms = order_life_terms(request);
    const int64_t amount = refund->money.card.amount.amount;
    if (turn == ORDER_REFUND_TURN_BANK) return STATUS_OK;
    TRY(order_refund_redirect(life, amount, detour_of(turn), reason, &terms));
    send_off(request, refund, turn);
    return STATUS_OK;
}

static enum status redirect(struct request *request, const struct order_redirect_refund *command,
                            struct order_order *ret_reply)
{
    struct order_life *life;
    struct order_refund_row refund;
    struct uuid order_id;
    int64_t gone;
    const enum order_refund_turn turn = command->destination;
    TRY(order_refund_store_find_order(request, command->refund_id, &order_id));
    TRY(order_life_open(request, order_id, TEXT(""), &life));
    TRY(order_refund_store_find(request, order_id, command->refund_id, life->currency, &refund));
    TRY(require_failed(request, &refund));
    TRY(order_life_require(request, life->state, ORDER_TRIGGER_REDIRECT_REFUND));
    if (turn == ORDER_REFUND_TURN_WALLET)
        TRY(order_refund_require_wallet(request, life, "/destination"));
    TRY(require_way(request, life, &refund, turn, &gone));
    const int64_t amount = refund.money.card.amount.amount - gone;
    /* Once more to the same card is what was decided before, and what has gone is gone. */
    const bool is_elsewhere = turn == ORDER_REFUND_TURN_WALLET || turn == ORDER_REFUND_TURN_MANUAL;
    if (is_elsewhere) TRY(order_approval_require(request, life, amount));
    if (gone > 0) TRY(order_refund_close_gone(request, life, &refund, gone, command->reason));
    TRY(send_rest(request, life, &refund, turn, command->reason));
    TRY(order_life_save(request, life));
    const struct order_back_ways ways = {
        .credit = turn == ORDER_REFUND_TURN_WALLET ? amount : 0,
        .by_hand = turn == ORDER_REFUND_TURN_MANUAL ? amount : 0,
    };
    /* Who has bought it awaits it on his card as before: there is nothing to tell. */
    if (is_elsewhere)
        TRY(order_life_tell_refund(request, life, COMMON_NOTICE_KIND_ORDER_REFUND_REDIRECTED,
                                   amount, &ways, command->reason));
    return order_life_answer(request, life, ret_reply);
}

enum status order_handle_redirect_refund(struct request *request,
                                         const struct order_redirect_refund *command,
                                         struct order_order *ret_reply)
{
    return order_approval_end(request, redirect(request, command, ret_reply),
                              &order_redirect_refund_message, command, ret_reply);
}

/* ---- looked at ---- */

enum status order_handle_list_refunds(struct request *request,
                                      const struct order_list_refunds *query,
                                      struct order_refund_page *ret_reply)
{
    const struct order_refund_filter filter = { .order_id = query->order_id,
                                                .has_state = query->has_state,
                                                .state = query->state,
                                                .has_place = query->has_destination,
                                                .place = query->destination,
                                                .from_us = query->has_from ? query->from_us : 0,
                                                .to_us = query->has_to ? query->to_us : INT64_MAX };
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct order_listed_refund *refunds;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(order_refund_store_list(request, &filter, before, (int64_t)limit + 1, &refunds, &count));
    ret_reply->data = refunds;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more) ret_reply->next = order_cursor_write(request, refunds[limit - 1].id);
    return STATUS_OK;
}
