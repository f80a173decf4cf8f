/* Operations begin. */
#include "actors/payment/payment_begin.h"

#include "actors/payment/payment_store.h"
#include "actors/payment/provider_saga.h"

/* Providers remember keys for a day (https://docs.stripe.com/api/idempotent_requests); an hour is
 * left for clocks and slow calls. Then nobody knows what came of a call, and a person must look. */
#define KEY_LIFE_US (INT64_C(23) * 3600 * 1000000)
#define SOON_US (INT64_C(2) * 1000000)

struct payment_provider_call payment_call_of(struct request *request, const struct payment *payment,
                                             const struct payment_due *due)
{
    /* What was let go is given back by itself, whoever has asked for a part of it; so is what the
     * provider has made beside it. */
    const bool has_wish = payment->goal != PAYMENT_GOAL_RELEASE &&
                          payment->next_refund_amount > 0 &&
                          text_equals(due->reference, payment->reference);
    const int64_t real_ahead_us = request_real_us(request) - request_now_us(request);
    return (struct payment_provider_call){
        .operation_id = payment->operation_id,
        .payment_id = payment->id,
        .operation = due->operation,
        .amount = money_make(due->amount, payment->amount.currency),
        .reference = due->reference,
        .method = payment->method,
        .return_url = payment->return_url,
        .description = payment->description,
        .has_customer = payment->customer.length > 0,
        .customer = payment->customer,
        .has_is_off_session = payment->is_off_session,
        .is_off_session = payment->is_off_session,
        .expires_at_us = request_now_us(request) + KEY_LIFE_US,
        .has_since = true,
        .since_us = payment->created_at_us + real_ahead_us,
        .has_refund_id = due->operation == PAYMENT_OPERATION_REFUND,
        .refund_id = has_wish ? payment->next_refund_id : payment->operation_id,
    };
}

enum status payment_begin(struct request *request, struct payment *payment,
                          const struct payment_due *due)
{
    assert(uuid_is_zero(payment->operation_id));
    /* What money was moved of stays ours from then on, whatever is heard of another one. */
    if (due->operation != PAYMENT_OPERATION_QUERY &&
        text_equals(due->reference, payment->reference))
        payment_own(payment, due->reference);
    payment->operation_id = request_new_id(request);
    payment->is_tried = true;
    payment->due_at_us = 0;
    const struct payment_provider_call call = payment_call_of(request, payment, due);
    payment_store_begin_operation(request, &call);
    return saga_begin(request, &provider_saga, call.operation_id, &call, call.expires_at_us);
}

enum status payment_begin_due(struct request *request, struct payment *payment)
{
    struct payment_due due;
    if (!payment_due_operation(payment, &due)) return STATUS_OK;
    return payment_begin(request, payment, &due);
}

void payment_plan_look(struct request *request, struct payment *payment)
{
    struct payment_due due;
    const int64_t now_us = request_now_us(request);
    payment->due_at_us = 0;
    if (!uuid_is_zero(payment->operation_id)) return;
    if (payment_due_operation(payment, &due))
        payment->due_at_us = now_us;
    else if (payment_is_pending(payment))
        payment->due_at_us =
            now_us + config_duration_us(request_config(request), SETTING_PAYMENT_QUERY_PAUSE);
}

/* The provider says something, and not what it was asked for: at once it would say the same. */
static bool is_due_again(const struct payment *payment, enum payment_operation ended)
{
    struct payment_due due;
    return ended != PAYMENT_OPERATION_REFUND && payment_due_operation(payment, &due) &&
           due.operation == ended;
}

/* What the provider does not do now it may do later, such as a refund from a balance that is empty;
 * what nobody knows, a person decides. */
void payment_plan_look_after(struct request *request, struct payment *payment,
                             enum payment_verdict verdict, enum payment_operation ended)
{
    const int64_t now_us = request_now_us(request);
    payment_plan_look(request, payment);
    if (payment->due_at_us == 0) return;
    /* A bank that is still at it lets nothing go before it has ended. */
    const bool is_busy = payment->goal == PAYMENT_GOAL_RELEASE &&
                         payment_sum(payment).status == PAYMENT_STATUS_PROCESSING;
    if (verdict == PAYMENT_VERDICT_UNKNOWN)
        payment->due_at_us = 0;
    else if (is_busy || !payment->is_tried)
        payment->due_at_us = now_us + SOON_US;
    else if (verdict != PAYMENT_VERDICT_SAID || is_due_again(payment, ended))
        payment->due_at_us =
            now_us + config_duration_us(request_config(request), SETTING_PAYMENT_QUERY_PAUSE);
}

enum status payment_take_back(struct request *request, struct payment *payment)
{
    const enum payment_goal before = payment->goal;
    TRY(payment_cancel(payment));
    if (payment->goal == before) return STATUS_OK;
    payment_plan_look(request, payment);
    payment_store_save(request, payment);
    return STATUS_OK;
}

enum status payment_refuse_tester(struct request *request, struct uuid user_id)
{
    const int64_t hour_us = INT64_C(3600) * 1000000;
    const int64_t limit = config_int(request_config(request), SETTING_PAYMENT_DECLINES_MAX);
    int64_t count;
    if (limit == 0) return STATUS_OK;
    TRY(payment_store_count_declined(request, user_id, request_now_us(request) - hour_us, &count));
    return count < limit ? STATUS_OK : STATUS_TOO_MANY_DECLINES;
}
