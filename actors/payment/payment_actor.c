/* What other domains want of a payment, and what is looked at by the clock. */
#include "actors/host/ask_each.h"
#include "actors/host/domain.h"
#include "actors/payment/kept_card_actor.h"
#include "actors/payment/payment_begin.h"
#include "actors/payment/payment_store.h"
#include "actors/payment/provider_saga.h"
#include "actors/payment/provider_transport.h"
#include "actors/payment/reconcile_actor.h"
#include "messages/card_number.h"
#include "payment_handlers.h"

enum { DUE_MAX = 100 };

/* ---- set aside ---- */

static struct payment *make_payment(struct request *request,
                                    const struct payment_authorise *command)
{
    struct payment *payment = arena_allocate(request_arena(request), sizeof *payment);
    payment->id = command->payment_id;
    payment->purpose = command->purpose;
    payment->subject_id = command->subject_id;
    if (command->has_user_id) payment->user_id = command->user_id;
    payment->amount = command->amount;
    payment->method = command->method;
    if (command->has_return_url) payment->return_url = command->return_url;
    payment->description = command->description;
    payment->is_off_session = command->has_is_off_session && command->is_off_session;
    payment->goal = PAYMENT_GOAL_HOLD;
    payment->version = 1;
    payment->created_at_us = payment->updated_at_us = request_now_us(request);
    return payment;
}

/* A mark shows as what was asked for, let go. */
static enum status show_known(struct payment *payment, const struct payment_authorise *command,
                              struct payment_payment *ret_reply)
{
    if (payment->is_mark)
        payment->amount = command->amount;
    else if (!money_equals(payment->amount, command->amount))
        return STATUS_PAYMENT_DIFFERS;
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

enum status payment_handle_authorise(struct request *request,
                                     const struct payment_authorise *command,
                                     struct payment_payment *ret_reply)
{
    const struct provider *provider = provider_of(request);
    struct payment *payment;
    const enum status found = payment_store_load(request, command->payment_id, &payment);
    if (found == STATUS_OK) return show_known(payment, command, ret_reply);
    if (found != STATUS_NOT_FOUND) return found;
    if (provider == NULL) return STATUS_NO_CARD_PROVIDER;
    if (command->has_user_id) TRY(payment_refuse_tester(request, command->user_id));
    if (text_has_card_number(command->method) || text_has_card_number(command->description))
        return request_refuse(request, "/method", STATUS_INVALID_VALUE,
                              "A token of the provider's, never a card's number.");
    payment = make_payment(request, command);
    TRY(card_resolve(request, payment));
    if (payment->is_off_session && payment->customer.length == 0)
        return request_refuse(request, "/method", STATUS_INVALID_VALUE,
                              "Without its shopper only a card pays that he keeps.");
    const struct payment_due due = { .operation = PAYMENT_OPERATION_AUTHORISE,
                                     .amount = command->amount.amount };
    const struct payment_provider_call call = payment_call_of(request, payment, &due);
    struct provider_request unused;
    TRY(provider->write(&call, request_arena(request), &unused));
    TRY(payment_begin(request, payment, &due));
    payment_store_insert(request, payment);
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

/* ---- taken, let go ---- */

enum status payment_handle_take(struct request *request, const struct payment_take *command,
                                struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, command->payment_id, &payment));
    const enum payment_goal before = payment->goal;
    TRY(payment_want(payment, command->amount));
    if (payment->goal != before) {
        TRY(payment_begin_due(request, payment));
        payment_store_save(request, payment);
    }
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

static void leave_mark(struct request *request, struct uuid payment_id)
{
    const int64_t now_us = request_now_us(request);
    struct payment *mark = arena_allocate(request_arena(request), sizeof *mark);
    mark->id = mark->subject_id = payment_id;
    mark->is_mark = true;
    mark->goal = PAYMENT_GOAL_RELEASE;
    mark->version = 1;
    mark->created_at_us = mark->updated_at_us = now_us;
    payment_store_insert(request, mark);
}

/* Nobody waits for what is done at the provider then, so the next look at what is due begins it. */
enum status payment_handle_release(struct request *request, const struct payment_release *command,
                                   struct payment_released *ret_reply)
{
    struct payment *payment;
    const enum status found = payment_store_load(request, command->payment_id, &payment);
    ret_reply->is_settled = true;
    if (found == STATUS_NOT_FOUND) {
        leave_mark(request, command->payment_id);
        return STATUS_OK;
    }
    if (found != STATUS_OK) return found;
    if (payment->goal != PAYMENT_GOAL_RELEASE) {
        payment_let_go(payment);
        payment_plan_look(request, payment);
        payment_store_save(request, payment);
    }
    ret_reply->is_settled = payment_is_settled(payment);
    return STATUS_OK;
}

/* Decided by this unit, so it cannot race with whoever waits for the payment: what he has seen
 * authorised stays, and what was let go is shown so before anything else that is said of it. */
enum status payment_handle_cancel_payment(struct request *request,
                                          const struct payment_cancel_payment *command,
                                          struct payment_released *ret_reply)
{
    struct payment *payment;
    const enum status found = payment_store_load(request, command->payment_id, &payment);
    ret_reply->is_settled = true;
    if (found == STATUS_NOT_FOUND) {
        leave_mark(request, command->payment_id);
        return STATUS_OK;
    }
    if (found != STATUS_OK) return found;
    TRY(payment_take_back(request, payment));
    ret_reply->is_settled = payment_is_settled(payment);
    return STATUS_OK;
}

/* ---- by the clock ---- */

/* Who waits for an order's payment lets it go himself; a top-up has nobody but the clock. */
static void give_up(struct request *request, struct payment *payment)
{
    const int64_t limit_us =
        config_duration_us(request_config(request), SETTING_PAYMENT_PENDING_MAX);
    const bool has_nothing = !payment->is_tried && payment->goal != PAYMENT_GOAL_RELEASE;
    if (payment->purpose == PAYMENT_PURPOSE_TOPUP && (payment_is_pending(payment) || has_nothing) &&
        request_now_us(request) - payment->created_at_us >= limit_us)
        payment_let_go(payment);
}

/* What waits for its shopper or its bank is asked about, since an event may be lost. */
enum status payment_handle_pursue(struct request *request, const struct payment_pursue *command,
                                  struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, command->payment_id, &payment));
    if (payment->is_mark) return STATUS_NOT_FOUND;
    give_up(request, payment);
    const bool is_due = payment->due_at_us > 0 && payment->due_at_us <= request_now_us(request);
    if (is_due && uuid_is_zero(payment->operation_id)) {
        TRY(payment_begin_due(request, payment));
        const struct payment_due query = { .operation = PAYMENT_OPERATION_QUERY,
                                           .reference = payment->reference };
        if (uuid_is_zero(payment->operation_id) && payment_is_pending(payment))
            TRY(payment_begin(request, payment, &query));
        payment->due_at_us = 0;
        payment_store_save(request, payment);
    }
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

static enum status begin_pursue(struct request *request, const void *context, size_t index,
                                struct request_ask **ret_ask)
{
    const struct payment_pursue command = { .payment_id = ((const struct uuid *)context)[index] };
    return request_ask_begin(request, &payment_pursue_message, &command, ret_ask);
}

static enum status pursue_due(struct request *request, unsigned shard_first, unsigned shard_last)
{
    const struct uuid *ids;
    size_t count;
    TRY(payment_store_list_due(request, shard_first, shard_last, DUE_MAX, &ids, &count));
    return request_ask_each(request, count, begin_pursue, ids);
}

/* ---- seen ---- */

enum status payment_handle_get_standing(struct request *request,
                                        const struct payment_get_standing *query,
                                        struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(payment_store_load(request, query->payment_id, &payment));
    if (payment->is_mark) return STATUS_NOT_FOUND;
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

static const struct saga_kind *const sagas[] = { &provider_saga };
static const struct domain_sweep sweeps[] = {
    { .name = "due_payments", .every_us = 250 * 1000, .run = pursue_due },
    { .name = "cards_to_forget", .every_us = 10 * 1000 * 1000, .run = card_sweep },
    { .name = "provider_reports", .every_us = 5 * 1000 * 1000, .run = reconcile_sweep },
};

/* ---- what must hold ---- */

static const struct statement violations = {
    .name = "payment_violations",
    .sql = "SELECT violation, subject || ': ' || detail FROM payment.check_payments() LIMIT $1",
};
static const struct statement compared = {
    .name = "payment_compared",
    .sql = "SELECT count(*) FROM payment.payment",
};
static const struct domain_check checks[] = {
    { .name = "payment.facts",
      .covers =
          "I5 no more is given back than was captured; I8 a charge belongs to one payment, and "
          "what was "
          "captured was wanted, or goes back, or waits for a person; sums are those of the facts",
      .violations = &violations,
      .compared = &compared },
};

const struct domain_definition payment_domain = {
    .dispatch = &payment_dispatch,
    .sagas = sagas,
    .sagas_count = ARRAY_LENGTH(sagas),
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
    .checks = checks,
    .checks_count = ARRAY_LENGTH(checks),
};
