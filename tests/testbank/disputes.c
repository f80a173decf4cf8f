/* Disputes: the money goes at once, and comes back when one is won. */
#include "tests/testbank/events.h"
#include "tests/testbank/money.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/render.h"

static struct dispute *find_dispute(struct call *call)
{
    struct dispute *dispute = bank_find(call->bank, call->account, OBJECT_DISPUTE, call->id);
    if (dispute == NULL) refuse_missing(call, "dispute", call->id);
    return dispute;
}

json_t *dispute_retrieve(struct call *call)
{
    const struct dispute *dispute = find_dispute(call);
    return dispute == NULL ? NULL : render(call->bank, &dispute->object);
}

static bool dispute_matches(const struct call *call, const struct object *object)
{
    const struct dispute *dispute = (const struct dispute *)object;
    const struct text charge = param(call, "charge"), intent = param(call, "payment_intent");
    return (charge.data == NULL || text_equals_string(charge, dispute->charge->object.id)) &&
           (intent.data == NULL || text_equals_string(intent, dispute->charge->intent->object.id));
}

json_t *dispute_list(struct call *call)
{
    return list_page(call, OBJECT_DISPUTE, "/v1/disputes", dispute_matches);
}

json_t *dispute_close(struct call *call)
{
    struct dispute *dispute = find_dispute(call);
    if (dispute == NULL) return NULL;
    if (!dispute_end(call->bank, dispute, false)) {
        return refuse_state(call, NULL, NULL,
                            "Dispute %s cannot be closed because it has a status of %s.",
                            dispute->object.id, dispute_status_name(dispute));
    }
    return render(call->bank, &dispute->object);
}

struct dispute *dispute_open(struct bank *bank, struct charge *charge)
{
    struct payment *payment = &charge->intent->payment;
    if (charge->decline != NULL || payment_dispute_open(payment) != PAYMENT_FINE) return NULL;
    struct dispute *dispute =
        bank_make(bank, OBJECT_DISPUTE, charge->object.account, sizeof *dispute, "du_");
    dispute->charge = charge;
    dispute->amount = payment->captured - payment->refunded;
    const char *currency = charge->intent->currency;
    struct balance *balance =
        balance_add(bank, &dispute->object, currency, "adjustment", "dispute");
    balance->amount = -dispute->amount;
    balance->fee = amount_dispute_fee(text_of(currency));
    dispute->withdrawn = balance;
    charge->dispute = dispute;
    emit(bank, "charge.dispute.created", &dispute->object);
    emit(bank, "charge.dispute.funds_withdrawn", &dispute->object);
    return dispute;
}

bool dispute_end(struct bank *bank, struct dispute *dispute, bool is_won)
{
    struct charge *charge = dispute->charge;
    if (payment_dispute_end(&charge->intent->payment, is_won) != PAYMENT_FINE) return false;
    if (is_won) {
        struct balance *balance = balance_add(bank, &dispute->object, charge->intent->currency,
                                              "adjustment", "dispute_reversal");
        balance->amount = dispute->amount;
        dispute->reinstated = balance;
    }
    emit(bank, "charge.dispute.closed", &dispute->object);
    if (is_won) emit(bank, "charge.dispute.funds_reinstated", &dispute->object);
    return true;
}
