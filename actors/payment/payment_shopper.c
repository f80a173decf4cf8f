/* What shoppers see and do: their payments, and the wallet that is topped up. */
#include "actors/host/guest_token.h"
#include "actors/host/market_currency.h"
#include "actors/host/test_mode.h"
#include "actors/payment/kept_card_actor.h"
#include "actors/payment/payment_begin.h"
#include "actors/payment/payment_store.h"
#include "actors/payment/provider_transport.h"
#include "messages/card_number.h"
#include "order_messages.h"
#include "payment_handlers.h"
#include "runtime/text_form.h"
#include "wallet_messages.h"

enum { CONFIRM_PAUSE_US = 500 * 1000 };

/* ---- the wallet is topped up ---- */

static enum status check_words(struct request *request, const struct payment_top_up *command)
{
    if (text_has_card_number(command->payment_method))
        return request_refuse(request, "/payment_method", STATUS_INVALID_VALUE,
                              "A token of the provider's, never a card's number.");
    if (!command->has_return_url || text_is_https_url(command->return_url)) return STATUS_OK;
    if (test_mode_is_on(request) && text_is_secure_url(command->return_url)) return STATUS_OK;
    return request_refuse(request, "/return_url", STATUS_INVALID_VALUE, TEXT_HTTPS_URL_RULE);
}

static struct payment *make_topup(struct request *request, const struct payment_top_up *command)
{
    struct payment *payment = arena_allocate(request_arena(request), sizeof *payment);
    payment->id = request_new_id_by_key(request);
    payment->purpose = PAYMENT_PURPOSE_TOPUP;
    payment->subject_id = payment->user_id = request_principal(request)->id;
    payment->amount = command->amount;
    payment->method = command->payment_method;
    if (command->has_return_url) payment->return_url = command->return_url;
    payment->description = TEXT("wallet");
    payment->goal = PAYMENT_GOAL_TAKE;
    payment->take = command->amount.amount;
    payment->version = 1;
    payment->created_at_us = payment->updated_at_us = request_now_us(request);
    return payment;
}

/* The wallet counts it before the provider is asked, and credits it when the provider has it
 * (actors/wallet/wallet_payment.c): nobody has to be there for that. Who asks again after an outage
 * between the two is counted once, since the payment has its id by the key. */
enum status payment_handle_top_up(struct request *request, const struct payment_top_up *command,
                                  struct payment_payment *ret_reply)
{
    const struct provider *provider = provider_of(request);
    struct provider_request unused;
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    TRY(check_words(request, command));
    TRY(market_check_currency(request, "/amount", STATUS_INVALID_VALUE,
                              text_of(command->amount.currency)));
    TRY(payment_refuse_tester(request, request_principal(request)->id));
    struct payment *known, *payment = make_topup(request, command);
    const enum status found = payment_store_load(request, payment->id, &known);
    if (found == STATUS_OK) *ret_reply = payment_show(known);
    if (found != STATUS_NOT_FOUND) return found; /* its key was forgotten */
    TRY(card_resolve(request, payment));
    const struct payment_due due = { .operation = PAYMENT_OPERATION_AUTHORISE,
                                     .amount = command->amount.amount };
    const struct payment_provider_call call = payment_call_of(request, payment, &due);
    const enum status written = provider->write(&call, request_arena(request), &unused);
    if (written != STATUS_OK)
        return request_refuse(request, "/amount", STATUS_INVALID_VALUE,
                              "The provider cannot take such an amount.");
    const struct wallet_reserve_topup reserve = { .wallet_id = payment->user_id,
                                                  .payment_id = payment->id,
                                                  .amount = command->amount };
    TRY(request_ask(request, &wallet_reserve_topup_message, &reserve, NULL));
    TRY(payment_begin(request, payment, &due));
    payment_store_insert(request, payment);
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

/* ---- seen ---- */

/* What was a guest's may have been claimed since: its checkout knows. */
static enum status find_owner(struct request *request, const struct payment *payment,
                              struct uuid *ret_user_id)
{
    const struct order_get_group_owner query = { .group_id = payment->subject_id };
    struct order_group_owner owner;
    *ret_user_id = payment->user_id;
    if (!uuid_is_zero(payment->user_id) || payment->purpose == PAYMENT_PURPOSE_TOPUP)
        return STATUS_OK;
    TRY(request_ask(request, &order_get_group_owner_message, &query, &owner));
    if (owner.has_user_id) *ret_user_id = owner.user_id;
    return STATUS_OK;
}

/* A guest's belongs to whoever has the token of its checkout; an account's opens for it alone, also
 * to those who still have a token from before it was claimed. */
static enum status require_own(struct request *request, const struct payment *payment,
                               struct text token)
{
    const struct principal *principal = request_principal(request);
    struct uuid user_id;
    if (payment->is_mark) return STATUS_NOT_FOUND;
    TRY(find_owner(request, payment, &user_id));
    const bool is_own =
        uuid_is_zero(user_id)
            ? guest_token_is_good(request, GUEST_TOKEN_GROUP, payment->subject_id, token)
            : principal->kind == PRINCIPAL_SHOPPER && uuid_equals(principal->id, user_id);
    return is_own ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status payment_handle_get_payment(struct request *request,
                                       const struct payment_get_payment *query,
                                       struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, query->payment_id, &payment));
    TRY(require_own(request, payment, query->token));
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

/* One call after the other, and one in a moment: whoever reloads a page costs the provider nothing,
 * and what he comes too soon for is looked at by itself when the moment is over. */
enum status payment_ask_again(struct request *request, struct payment *payment)
{
    const struct payment_due query = { .operation = PAYMENT_OPERATION_QUERY,
                                       .reference = payment->reference };
    int64_t last_us;
    if (!uuid_is_zero(payment->operation_id) || !payment->is_tried) return STATUS_OK;
    TRY(payment_store_find_last_operation(request, payment->id, &last_us));
    if (request_now_us(request) - last_us < CONFIRM_PAUSE_US)
        payment->due_at_us = last_us + CONFIRM_PAUSE_US;
    else
        TRY(payment_begin(request, payment, &query));
    payment_store_save(request, payment);
    return STATUS_OK;
}

enum status payment_handle_confirm(struct request *request, const struct payment_confirm *command,
                                   struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, command->payment_id, &payment));
    TRY(require_own(request, payment, command->token));
    if (payment_is_pending(payment)) TRY(payment_ask_again(request, payment));
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

/* A checkout is taken back at its group, whose process has to hear of it. */
enum status payment_handle_cancel_topup(struct request *request,
                                        const struct payment_cancel_topup *command,
                                        struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, command->payment_id, &payment));
    TRY(require_own(request, payment, TEXT("")));
    if (payment->purpose != PAYMENT_PURPOSE_TOPUP) return STATUS_ILLEGAL_TRANSITION;
    TRY(payment_take_back(request, payment));
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}
