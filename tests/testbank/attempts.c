/* Charges, and what they move. */
#include "tests/testbank/attempts.h"

#include <string.h>

#include "tests/testbank/events.h"
#include "tests/testbank/payments.h"

struct balance *balance_add(struct bank *bank, const struct object *source, const char *currency,
                            const char *type, const char *category)
{
    struct balance *balance =
        bank_make(bank, OBJECT_BALANCE, source->account, sizeof *balance, "txn_");
    balance->type = type;
    balance->category = category;
    balance->source = source->id;
    memcpy(balance->currency, currency, CURRENCY_MAX);
    return balance;
}

static struct charge *make_charge(struct bank *bank, struct intent *intent)
{
    struct charge *charge =
        bank_make(bank, OBJECT_CHARGE, intent->object.account, sizeof *charge, "ch_");
    charge->intent = intent;
    charge->method = intent->method;
    charge->amount = intent->payment.amount;
    intent->charge = charge;
    return charge;
}

/* The money of a capture: the first one is the charge's own movement. */
static void move_captured(struct bank *bank, struct charge *charge, int64_t amount)
{
    const char *currency = charge->intent->currency;
    struct balance *balance = balance_add(bank, &charge->object, currency, "charge", "charge");
    balance->amount = amount;
    balance->fee = amount_fee(text_of(currency), amount);
    if (charge->balance == NULL) charge->balance = balance;
    if (charge->captures++ == 0 && charge->method->behaviour->is_disputed) {
        bank_plan(bank, bank->now_us + bank->settings.dispute_us, DUE_DISPUTE, charge);
    }
}

/* A card that the shopper let us keep belongs to the customer from now on. */
static void keep_method(struct bank *bank, struct intent *intent)
{
    struct method *method = intent->method;
    if (intent->setup_future_usage == NULL || intent->customer == NULL) return;
    method->is_authenticated = true;
    if (method->customer != NULL) return;
    method->customer = intent->customer;
    method->was_attached = true;
    emit(bank, "payment_method.attached", &method->object);
}

void attempt_approved(struct bank *bank, struct intent *intent)
{
    struct charge *charge = make_charge(bank, intent);
    intent->decline = NULL;
    intent->declined_method = NULL;
    if (intent->payment.captured > 0) move_captured(bank, charge, intent->payment.captured);
    keep_method(bank, intent);
    emit(bank, "charge.succeeded", &charge->object);
    if (intent->payment.state == PAYMENT_WANTS_CAPTURE) {
        emit(bank, "payment_intent.amount_capturable_updated", &intent->object);
        bank_plan(bank, bank->now_us + AUTHORISATION_LIFE_US, DUE_EXPIRY, intent);
        return;
    }
    emit(bank, "payment_intent.succeeded", &intent->object);
}

void attempt_declined(struct bank *bank, struct intent *intent, const struct decline *decline,
                      bool has_charge)
{
    if (has_charge) {
        struct charge *charge = make_charge(bank, intent);
        charge->decline = decline;
        emit(bank, "charge.failed", &charge->object);
    }
    intent->decline = decline;
    intent->declined_method = intent->method;
    intent->method = NULL;
    emit(bank, "payment_intent.payment_failed", &intent->object);
}

void attempt_captured(struct bank *bank, struct intent *intent, int64_t amount)
{
    move_captured(bank, intent->charge, amount);
    emit(bank, "charge.captured", &intent->charge->object);
    if (intent->payment.state == PAYMENT_SUCCEEDED) {
        emit(bank, "payment_intent.succeeded", &intent->object);
    } else {
        emit(bank, "payment_intent.amount_capturable_updated", &intent->object);
    }
}
