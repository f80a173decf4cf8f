/* Charges, refunds, balance transactions. */
#include "tests/testbank/money.h"

#include <string.h>

#include "tests/testbank/events.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/render.h"

json_t *charge_retrieve(struct call *call)
{
    const struct charge *charge = bank_find(call->bank, call->account, OBJECT_CHARGE, call->id);
    if (charge == NULL) return refuse_missing(call, "charge", call->id);
    return render(call->bank, &charge->object);
}

static bool is_of(const struct call *call, const char *name, const void *object)
{
    const struct text id = param(call, name);
    if (id.data == NULL) return true;
    return object != NULL && text_equals_string(id, ((const struct object *)object)->id);
}

static bool charge_matches(const struct call *call, const struct object *object)
{
    const struct charge *charge = (const struct charge *)object;
    return is_of(call, "payment_intent", charge->intent) &&
           is_of(call, "customer", charge->intent->customer);
}

json_t *charge_list(struct call *call)
{
    return list_page(call, OBJECT_CHARGE, "/v1/charges", charge_matches);
}

/* What is to be refunded: named by its charge or by its intent. */
static struct charge *read_refunded(struct call *call)
{
    const struct text charge_id = param(call, "charge"), intent_id = param(call, "payment_intent");
    if ((charge_id.data == NULL) == (intent_id.data == NULL)) {
        refuse_input(call, "parameter_missing", "charge", "Give one of charge and payment_intent.");
        return NULL;
    }
    if (charge_id.data != NULL) {
        struct charge *charge = bank_find(call->bank, call->account, OBJECT_CHARGE, charge_id);
        if (charge == NULL) refuse_missing(call, "charge", charge_id);
        return charge;
    }
    const struct intent *intent = bank_find(call->bank, call->account, OBJECT_INTENT, intent_id);
    if (intent == NULL) {
        refuse_missing(call, "payment_intent", intent_id);
        return NULL;
    }
    if (intent->charge == NULL) {
        refuse_state(call, NULL, &intent->object,
                     "This PaymentIntent (%s) does not have a successful charge to refund.",
                     intent->object.id);
    }
    return intent->charge;
}

static json_t *refuse_refund(struct call *call, const struct charge *charge,
                             enum payment_refusal refusal, int64_t amount)
{
    const struct payment *payment = &charge->intent->payment;
    switch (refusal) {
    case PAYMENT_ALL_REFUNDED:
        return refuse_state(call, "charge_already_refunded", NULL,
                            "Charge %s has already been refunded.", charge->object.id);
    case PAYMENT_IS_DISPUTED:
        return refuse_state(call, "charge_disputed", NULL, "Charge %s has been charged back.",
                            charge->object.id);
    case PAYMENT_TOO_MUCH:
        return refuse_state(call, "refund_amount_too_large", NULL,
                            "Refund amount (%lld) is greater than unrefunded amount on charge "
                            "(%lld).",
                            (long long)amount, (long long)(payment->captured - payment->refunded));
    default:
        return refuse_state(call, "charge_not_refundable", NULL,
                            "Charge %s was not captured: cancel its PaymentIntent.",
                            charge->object.id);
    }
}

static struct refund *make_refund(struct bank *bank, struct charge *charge,
                                  const struct refund *wanted)
{
    struct refund *refund =
        bank_make(bank, OBJECT_REFUND, charge->object.account, sizeof *refund, "re_");
    const struct object object = refund->object;
    *refund = *wanted;
    refund->object = object;
    refund->charge = charge;
    const enum refunding refunding = charge->method->behaviour->refunding;
    refund->status = refunding == REFUND_LATER ? REFUND_PENDING : REFUND_SUCCEEDED;
    struct balance *balance =
        balance_add(bank, &refund->object, charge->intent->currency, "refund", "refund");
    balance->amount = -refund->amount;
    refund->balance = balance;
    if (refunding != REFUND_AT_ONCE) {
        bank_plan(bank, bank->now_us + bank->settings.async_us, DUE_REFUND, refund);
    }
    return refund;
}

json_t *refund_create(struct call *call)
{
    struct refund wanted = { .reason = NULL };
    if (!param_word(call, "reason", "duplicate fraudulent requested_by_customer", &wanted.reason) ||
        !param_metadata(call, &wanted.metadata)) {
        return NULL;
    }
    struct charge *charge = read_refunded(call);
    if (charge == NULL) return NULL;
    struct payment *payment = &charge->intent->payment;
    wanted.amount = payment->captured - payment->refunded;
    if (!param_amount(call, "amount", charge->intent->currency, &wanted.amount)) return NULL;
    const enum payment_refusal refusal =
        charge->decline != NULL ? PAYMENT_WRONG_STATE : payment_refund(payment, wanted.amount);
    if (refusal != PAYMENT_FINE) return refuse_refund(call, charge, refusal, wanted.amount);
    const struct refund *refund = make_refund(call->bank, charge, &wanted);
    emit(call->bank, "refund.created", &refund->object);
    emit(call->bank, "charge.refunded", &charge->object);
    return render(call->bank, &refund->object);
}

static struct refund *find_refund(struct call *call)
{
    struct refund *refund = bank_find(call->bank, call->account, OBJECT_REFUND, call->id);
    if (refund == NULL) refuse_missing(call, "refund", call->id);
    return refund;
}

json_t *refund_retrieve(struct call *call)
{
    const struct refund *refund = find_refund(call);
    return refund == NULL ? NULL : render(call->bank, &refund->object);
}

json_t *refund_update(struct call *call)
{
    struct refund *refund = find_refund(call);
    if (refund == NULL || !param_metadata(call, &refund->metadata)) return NULL;
    emit(call->bank, "refund.updated", &refund->object);
    return render(call->bank, &refund->object);
}

static bool refund_matches(const struct call *call, const struct object *object)
{
    const struct refund *refund = (const struct refund *)object;
    return is_of(call, "charge", refund->charge) &&
           is_of(call, "payment_intent", refund->charge->intent);
}

json_t *refund_list(struct call *call)
{
    return list_page(call, OBJECT_REFUND, "/v1/refunds", refund_matches);
}

bool refund_failed(struct bank *bank, struct refund *refund, enum refund_status status)
{
    if (refund->status == REFUND_FAILED || refund->status == REFUND_CANCELED) return false;
    struct charge *charge = refund->charge;
    const enum payment_refusal refusal =
        payment_refund_back(&charge->intent->payment, refund->amount);
    assert(refusal == PAYMENT_FINE);
    refund->status = status;
    struct balance *balance = balance_add(bank, &refund->object, charge->intent->currency,
                                          "refund_failure", "refund_failure");
    balance->amount = refund->amount;
    refund->failure_balance = balance;
    emit(bank, "refund.updated", &refund->object);
    if (status == REFUND_FAILED) emit(bank, "refund.failed", &refund->object);
    return true;
}

json_t *refund_cancel(struct call *call)
{
    struct refund *refund = find_refund(call);
    if (refund == NULL) return NULL;
    if (refund->status != REFUND_PENDING) {
        return refuse_state(call, NULL, NULL,
                            "Refund %s cannot be canceled because it has a status of %s.",
                            refund->object.id, refund_status_name(refund->status));
    }
    (void)refund_failed(call->bank, refund, REFUND_CANCELED);
    return render(call->bank, &refund->object);
}

void refund_settled(struct bank *bank, struct refund *refund)
{
    if (refund->charge->method->behaviour->refunding == REFUND_FAILS_LATER) {
        (void)refund_failed(bank, refund, REFUND_FAILED);
        return;
    }
    if (refund->status != REFUND_PENDING) return;
    refund->status = REFUND_SUCCEEDED;
    emit(bank, "refund.updated", &refund->object);
}

json_t *balance_retrieve(struct call *call)
{
    const struct balance *balance = bank_find(call->bank, call->account, OBJECT_BALANCE, call->id);
    if (balance == NULL) return refuse_missing(call, "balance_transaction", call->id);
    return render(call->bank, &balance->object);
}

static bool balance_matches(const struct call *call, const struct object *object)
{
    const struct balance *balance = (const struct balance *)object;
    const struct text type = param(call, "type"), source = param(call, "source");
    const struct text currency = param(call, "currency");
    return (type.data == NULL || text_equals_string(type, balance->type)) &&
           (source.data == NULL || text_equals_string(source, balance->source)) &&
           (currency.data == NULL || text_equals_string(currency, balance->currency));
}

json_t *balance_list(struct call *call)
{
    return list_page(call, OBJECT_BALANCE, "/v1/balance_transactions", balance_matches);
}
