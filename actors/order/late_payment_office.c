/* Bank transfers that come when their orders are over. A row says where the money goes, and is open
 * until it is there: what goes into a wallet is credited by a sweep under the row's own id, so that
 * it happens, and happens once, whatever is cut short. */
#include <inttypes.h>

#include "actors/host/ask_each.h"
#include "actors/order/draft_customer.h"
#include "actors/order/late_payment.h"
#include "actors/order/late_payment_store.h"
#include "actors/order/order_cursor.h"
#include "order_handlers.h"
#include "wallet_messages.h"

/* As long as staff may be asked about an order that nobody paid: the year, and what books take to
 * be closed. */
#define LATE_PAYMENT_AGE_US_MAX (INT64_C(400) * 24 * 3600 * 1000 * 1000)

/* ---- recorded ---- */

static enum status require_late(struct request *request,
                                const struct order_record_late_payment *command,
                                const struct late_payment_group *group)
{
    if (!group->is_transfer || group->ended == 0)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "No order of it was to be paid by transfer and ended without it.");
    if (group->waiting > 0)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "Orders of it still wait for the money: mark them as paid.");
    if (!money_same_currency(command->amount, money_make(0, group->currency)))
        return request_refuse(request, "/amount", STATUS_CURRENCY_MISMATCH, NULL);
    if (command->amount.amount > group->missed)
        return request_refuse(
            request, "/amount", STATUS_LATE_PAYMENT_TOO_LARGE,
            text_format(request_arena(request), "They asked for %" PRId64 ".", group->missed).data);
    if (request_now_us(request) - group->ended_at_us > LATE_PAYMENT_AGE_US_MAX)
        return request_refuse(request, "", STATUS_LATE_PAYMENT_TOO_LATE, NULL);
    if (command->destination != ORDER_LATE_PAYMENT_DESTINATION_WALLET) return STATUS_OK;
    if (uuid_is_zero(group->user_id))
        return request_refuse(request, "/destination", STATUS_PAYMENT_METHOD_UNAVAILABLE,
                              "A guest has no wallet.");
    return draft_require_active(request, "/destination", group->user_id);
}

enum status order_handle_record_late_payment(struct request *request,
                                             const struct order_record_late_payment *command,
                                             struct order_late_payment *ret_reply)
{
    struct late_payment_group group;
    TRY(late_payment_store_find_group(request, command->group_id, &group));
    TRY(require_late(request, command, &group));
    const struct order_late_payment payment = {
        .id = request_new_id_beside(request, command->group_id),
        .group_id = command->group_id,
        .number = group.number,
        .has_user_id = !uuid_is_zero(group.user_id),
        .user_id = group.user_id,
        .amount = command->amount,
        .destination = command->destination,
        .has_note = command->has_note && command->note.length > 0,
        .note = command->note,
        .recorded_by = request_principal(request)->id,
        .recorded_at_us = request_now_us(request),
    };
    late_payment_store_add(request, &payment);
    *ret_reply = payment;
    return STATUS_OK;
}

/* ---- given back ---- */

enum status order_handle_settle_late_payment(struct request *request,
                                             const struct order_settle_late_payment *command,
                                             struct order_late_payment *ret_reply)
{
    TRY(late_payment_store_find(request, command->payment_id, ret_reply));
    if (ret_reply->has_settled_at) return request_refuse(request, "", STATUS_ALREADY_SETTLED, NULL);
    if (ret_reply->destination != ORDER_LATE_PAYMENT_DESTINATION_MANUAL)
        return request_refuse(request, "", STATUS_ILLEGAL_TRANSITION,
                              "It goes into the wallet of its buyer by itself.");
    late_payment_store_settle(request, command->payment_id);
    ret_reply->has_settled_at = true;
    ret_reply->settled_at_us = request_now_us(request);
    return STATUS_OK;
}

/* What the wallet does not take (a limit of the market, an account that is gone by now) goes back
 * by hand. */
enum status order_handle_credit_late_payment(struct request *request,
                                             const struct order_credit_late_payment *command)
{
    struct order_late_payment payment;
    TRY(late_payment_store_find(request, command->payment_id, &payment));
    if (payment.has_settled_at || payment.destination != ORDER_LATE_PAYMENT_DESTINATION_WALLET)
        return STATUS_OK;
    bool is_active;
    TRY(draft_find_active(request, payment.user_id, &is_active));
    if (!is_active) {
        late_payment_store_make_manual(request, payment.id);
        return STATUS_OK;
    }
    const struct wallet_leg leg = { .account = WALLET_HOUSE_ACCOUNT_CORRECTIONS,
                                    .amount = money_make(-payment.amount.amount,
                                                         payment.amount.currency) };
    const struct wallet_transfer_funds transfer = { .wallet_id = payment.user_id,
                                                    .transfer_id = payment.id,
                                                    .has_amount = true,
                                                    .amount = payment.amount,
                                                    .legs = &leg,
                                                    .legs_count = 1,
                                                    .reference = payment.number };
    struct wallet_funds_transferred transferred;
    const enum status status =
        request_ask(request, &wallet_transfer_funds_message, &transfer, &transferred);
    if (status == STATUS_LIMIT_EXCEEDED) {
        late_payment_store_make_manual(request, payment.id);
        return STATUS_OK;
    }
    TRY(status);
    late_payment_store_settle(request, payment.id);
    return STATUS_OK;
}

static enum status begin_credit(struct request *request, const void *context, size_t index,
                                struct request_ask **ret_ask)
{
    const struct uuid *ids = context;
    const struct order_credit_late_payment command = { .payment_id = ids[index] };
    return request_ask_begin(request, &order_credit_late_payment_message, &command, ret_ask);
}

enum status late_payment_sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct uuid *ids;
    size_t count;
    TRY(late_payment_store_list_due(request, shard_first, shard_last, &ids, &count));
    return request_ask_each(request, count, begin_credit, ids);
}

/* ---- looked at ---- */

enum status order_handle_get_late_payment(struct request *request,
                                          const struct order_get_late_payment *query,
                                          struct order_late_payment *ret_reply)
{
    return late_payment_store_find(request, query->payment_id, ret_reply);
}

enum status order_handle_list_late_payments(struct request *request,
                                            const struct order_list_late_payments *query,
                                            struct order_late_payment_page *ret_reply)
{
    const struct late_payment_filter filter = { .group_id = query->group_id,
                                                .has_settled = query->has_is_settled,
                                                .is_settled = query->is_settled };
    const size_t limit = (size_t)(query->has_limit ? query->limit : ORDER_PAGE_DEFAULT);
    struct order_late_payment *payments;
    struct uuid before;
    size_t count;
    TRY(order_cursor_read(request, query->has_after, query->after, &before));
    TRY(late_payment_store_list(request, &filter, before, (int64_t)limit + 1, &payments, &count));
    ret_reply->data = payments;
    ret_reply->has_more = ret_reply->has_next = count > limit;
    ret_reply->data_count = ret_reply->has_more ? limit : count;
    if (ret_reply->has_more) ret_reply->next = order_cursor_write(request, payments[limit - 1].id);
    return STATUS_OK;
}
