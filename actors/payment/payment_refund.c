/* Money back to the card: asked for, one after the other, never more than was captured. */
#include "actors/payment/payment_begin.h"
#include "actors/payment/payment_store.h"
#include "payment_handlers.h"

/* What the provider says of it counts for more than that it took it. */
static enum payment_refund_state state_of(const struct payment *payment,
                                          const struct payment_refund_row *row)
{
    if (text_equals_string(row->state, "requested")) return PAYMENT_REFUND_STATE_REQUESTED;
    if (!text_equals_string(row->state, "taken")) return PAYMENT_REFUND_STATE_FAILED;
    enum payment_refund_state state = PAYMENT_REFUND_STATE_PENDING;
    for (size_t i = 0; i < payment->facts_count; i++) {
        const struct payment_provider_fact *fact = &payment->facts[i];
        if (!text_equals(fact->ref, row->ref)) continue;
        if (fact->fact == PAYMENT_FACT_REFUND_FAILED) return PAYMENT_REFUND_STATE_FAILED;
        if (fact->fact == PAYMENT_FACT_REFUND_SUCCEEDED) state = PAYMENT_REFUND_STATE_SUCCEEDED;
    }
    return state;
}

static struct payment_refund show(const struct payment *payment, struct uuid refund_id,
                                  const struct payment_refund_row *row)
{
    const char *currency = payment->amount.currency;
    return (struct payment_refund){ .id = refund_id,
                                    .amount = money_make(row->amount, currency),
                                    .state = state_of(payment, row),
                                    .code = row->code,
                                    .remaining = money_make(payment_remaining(payment), currency) };
}

static enum status refuse_too_much(struct request *request, const struct payment *payment,
                                   int64_t requested)
{
    const struct request_fault fault = { .pointer = "/amount",
                                         .code = STATUS_REFUND_EXCEEDS_CAPTURED,
                                         .has_amounts = true,
                                         .requested = requested,
                                         .available = payment_remaining(payment) };
    request_add_fault(request, &fault);
    return STATUS_REFUND_EXCEEDS_CAPTURED;
}

/* It is begun by the next look at what is due, as others may wait before it. */
enum status payment_handle_give_back(struct request *request,
                                     const struct payment_give_back *command,
                                     struct payment_refund *ret_reply)
{
    struct payment *payment;
    struct payment_refund_row row = { .amount = command->amount.amount,
                                      .state = TEXT("requested") };
    TRY(payment_store_load(request, command->payment_id, &payment));
    if (payment->is_mark) return STATUS_NOT_FOUND;
    const enum status found =
        payment_store_find_refund(request, payment->id, command->refund_id, &row);
    if (found == STATUS_OK && row.amount != command->amount.amount) return STATUS_REFUND_DIFFERS;
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    if (found == STATUS_NOT_FOUND) {
        const enum status asked = payment_ask_refund(payment, command->refund_id, command->amount);
        if (asked == STATUS_REFUND_EXCEEDS_CAPTURED)
            return refuse_too_much(request, payment, command->amount.amount);
        TRY(asked);
        payment_store_ask_refund(request, payment->id, command->refund_id, command->amount.amount);
        payment_plan_look(request, payment);
        payment_store_save(request, payment);
    }
    *ret_reply = show(payment, command->refund_id, &row);
    return STATUS_OK;
}

enum status payment_handle_get_refund(struct request *request,
                                      const struct payment_get_refund *query,
                                      struct payment_refund *ret_reply)
{
    struct payment *payment;
    struct payment_refund_row row;
    TRY(payment_store_load(request, query->payment_id, &payment));
    TRY(payment_store_find_refund(request, query->payment_id, query->refund_id, &row));
    *ret_reply = show(payment, query->refund_id, &row);
    return STATUS_OK;
}
