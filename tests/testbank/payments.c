/* Payment intents. */
#include "tests/testbank/payments.h"

#include <string.h>

#include "tests/testbank/attempts.h"
#include "tests/testbank/events.h"
#include "tests/testbank/render.h"

enum { SECRET_CHARACTERS = 25, STATEMENT_SUFFIX_MAX = 22 };

bool method_is_usable(struct call *call, const char *name, const struct method *method,
                      const struct customer *customer)
{
    if (method->customer != NULL && method->customer != customer) {
        refuse_input(call, NULL, name,
                     "The PaymentMethod %s belongs to a customer: give that customer, too.",
                     method->object.id);
        return false;
    }
    if (method->was_attached && method->customer == NULL) {
        refuse_input(call, "payment_method_unactivated", name,
                     "The PaymentMethod %s was detached and cannot be used again.",
                     method->object.id);
        return false;
    }
    return true;
}

bool param_method(struct call *call, const char *name, const struct customer *customer,
                  struct method **ret_method)
{
    const struct text id = param(call, name);
    if (id.data == NULL) return true;
    const struct behaviour *behaviour = behaviour_find(id);
    struct method *method = bank_find(call->bank, call->account, OBJECT_METHOD, id);
    if (behaviour == NULL && method == NULL) {
        refuse_input(call, "resource_missing", name, "No such PaymentMethod: '%s'", id.data);
        return false;
    }
    if (behaviour != NULL) {
        method = bank_make(call->bank, OBJECT_METHOD, call->account, sizeof *method, "pm_");
        method->behaviour = behaviour;
    }
    if (!method_is_usable(call, name, method, customer)) return false;
    *ret_method = method;
    return true;
}

static struct intent *find_intent(struct call *call)
{
    struct intent *intent = bank_find(call->bank, call->account, OBJECT_INTENT, call->id);
    if (intent == NULL) refuse_missing(call, "payment_intent", call->id);
    return intent;
}

/* The fields that may be changed as well as given at first. */
static bool read_fields(struct call *call, struct intent *intent)
{
    return param_customer(call, "customer", &intent->customer) &&
           param_text(call, "description", TEXT_FIELD_MAX, &intent->description) &&
           param_text(call, "receipt_email", TEXT_FIELD_MAX, &intent->receipt_email) &&
           param_text(call, "transfer_group", TEXT_FIELD_MAX, &intent->transfer_group) &&
           param_text(call, "statement_descriptor_suffix", STATEMENT_SUFFIX_MAX,
                      &intent->statement_suffix) &&
           param_word(call, "setup_future_usage", "off_session on_session",
                      &intent->setup_future_usage) &&
           param_metadata(call, &intent->metadata);
}

static bool read_types(struct call *call)
{
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_field *field = &call->form.fields[i];
        const bool is_type = form_child(field->name, "payment_method_types").data != NULL;
        if (is_type && !text_equals(field->value, TEXT("card"))) {
            refuse_input(call, NULL, "payment_method_types",
                         "The payment method type \"%s\" is invalid: this bank has cards only.",
                         field->value.data);
            return false;
        }
    }
    return true;
}

static bool read_currency(struct call *call, struct intent *intent)
{
    const struct text currency = param(call, "currency");
    if (currency.data == NULL || !has_param(call, "amount")) {
        const char *name = currency.data == NULL ? "currency" : "amount";
        refuse_input(call, "parameter_missing", name, "Missing required param: %s.", name);
        return false;
    }
    char lower[CURRENCY_MAX] = "";
    for (size_t i = 0; i < currency.length && i < CURRENCY_MAX - 1; i++) {
        const char byte = currency.data[i];
        lower[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
    }
    if (currency.length != CURRENCY_MAX - 1 || amount_digits(text_of(lower)) < 0) {
        refuse_input(call, NULL, "currency", "Invalid currency: %s.", currency.data);
        return false;
    }
    memcpy(intent->currency, lower, CURRENCY_MAX);
    return true;
}

static void set_state_refusal(struct call *call, const struct intent *intent, const char *what)
{
    refuse_state(call, "payment_intent_unexpected_state", &intent->object,
                 "This PaymentIntent could not be %s because it has a status of %s.", what,
                 payment_state_name(intent->payment.state));
}

/* What the card does, told apart by whether the cardholder is there. */
static enum payment_outcome outcome_of(const struct method *method, bool is_off_session,
                                       const struct decline **ret_decline)
{
    const struct behaviour *behaviour = method->behaviour;
    *ret_decline = behaviour->decline;
    if (behaviour->outcome != PAYMENT_ASKS || !is_off_session) return behaviour->outcome;
    if (method->is_authenticated && !behaviour->always_asks) return PAYMENT_APPROVED;
    *ret_decline = &decline_needs_cardholder;
    return PAYMENT_DECLINED;
}

static json_t *run_attempt(struct call *call, struct intent *intent, bool is_off_session)
{
    struct bank *bank = call->bank;
    const struct behaviour *behaviour = intent->method->behaviour;
    const struct decline *decline;
    const enum payment_outcome outcome = outcome_of(intent->method, is_off_session, &decline);
    if (payment_confirm(&intent->payment, outcome) != PAYMENT_FINE) {
        set_state_refusal(call, intent, "confirmed");
        return NULL;
    }
    if (behaviour->is_slow) call->delay_us = bank->settings.slow_us;
    call->is_silent = behaviour->is_silent;
    switch (outcome) {
    case PAYMENT_APPROVED:
        attempt_approved(bank, intent);
        break;
    case PAYMENT_DECLINED:
        attempt_declined(bank, intent, decline, true);
        return refuse_card(call, decline, &intent->object, intent->charge);
    case PAYMENT_ASKS:
        emit(bank, "payment_intent.requires_action", &intent->object);
        break;
    case PAYMENT_LATER:
        emit(bank, "payment_intent.processing", &intent->object);
        bank_plan(bank, bank->now_us + bank->settings.async_us, DUE_SETTLE, intent);
        break;
    }
    return render(bank, &intent->object);
}

/* A made-up intent that was read from the request, and what it is to be paid with. */
static bool read_new(struct call *call, struct intent *intent, bool *ret_confirms,
                     bool *ret_off_session)
{
    const char *capture_method = NULL, *confirmation = NULL;
    int64_t amount = 0;
    if (!read_currency(call, intent) || !param_amount(call, "amount", intent->currency, &amount) ||
        !read_types(call) || !read_fields(call, intent) ||
        !param_word(call, "capture_method", "automatic automatic_async manual", &capture_method) ||
        !param_word(call, "confirmation_method", "automatic", &confirmation) ||
        !param_bool(call, "confirm", ret_confirms) ||
        !param_bool(call, "off_session", ret_off_session) ||
        !param_url(call, "return_url", &intent->return_url)) {
        return false;
    }
    if (!*ret_confirms && (has_param(call, "off_session") || intent->return_url != NULL)) {
        refuse_input(call, NULL, "confirm", "off_session and return_url come with confirm=true.");
        return false;
    }
    if (*ret_confirms && !has_param(call, "payment_method")) {
        refuse_input(call, "parameter_missing", "payment_method",
                     "To confirm at once, give a payment_method.");
        return false;
    }
    if (!param_method(call, "payment_method", intent->customer, &intent->method)) return false;
    payment_start(&intent->payment, amount,
                  capture_method != NULL && strcmp(capture_method, "manual") == 0,
                  intent->method != NULL);
    return true;
}

json_t *intent_create(struct call *call)
{
    struct intent wanted = { .customer = NULL };
    bool confirms = false, is_off_session = false;
    if (!read_new(call, &wanted, &confirms, &is_off_session)) return NULL;
    struct bank *bank = call->bank;
    struct intent *intent = bank_make(bank, OBJECT_INTENT, call->account, sizeof *intent, "pi_");
    wanted.object = intent->object;
    *intent = wanted;
    char prefix[ID_MAX + sizeof "_secret_"];
    (void)snprintf(prefix, sizeof prefix, "%s_secret_", intent->object.id);
    intent->client_secret = bank_secret(bank, prefix, SECRET_CHARACTERS);
    emit(bank, "payment_intent.created", &intent->object);
    if (confirms) return run_attempt(call, intent, is_off_session);
    return render(bank, &intent->object);
}

json_t *intent_retrieve(struct call *call)
{
    const struct intent *intent = find_intent(call);
    return intent == NULL ? NULL : render(call->bank, &intent->object);
}

static bool intent_matches(const struct call *call, const struct object *object)
{
    const struct intent *intent = (const struct intent *)object;
    const struct text customer = param(call, "customer");
    return customer.data == NULL ||
           (intent->customer != NULL && text_equals_string(customer, intent->customer->object.id));
}

json_t *intent_list(struct call *call)
{
    return list_page(call, OBJECT_INTENT, "/v1/payment_intents", intent_matches);
}

json_t *intent_update(struct call *call)
{
    struct intent *intent = find_intent(call);
    if (intent == NULL) return NULL;
    struct intent wanted = *intent;
    int64_t amount = intent->payment.amount;
    if (!param_amount(call, "amount", intent->currency, &amount) || !read_fields(call, &wanted)) {
        return NULL;
    }
    const bool changes_payment = has_param(call, "amount") || has_param(call, "payment_method") ||
                                 has_param(call, "customer") ||
                                 has_param(call, "setup_future_usage");
    const enum payment_state state = intent->payment.state;
    if (changes_payment && state != PAYMENT_WANTS_METHOD && state != PAYMENT_WANTS_CONFIRMATION) {
        set_state_refusal(call, intent, "updated");
        return NULL;
    }
    if (!param_method(call, "payment_method", wanted.customer, &wanted.method)) return NULL;
    if (wanted.method != NULL &&
        !method_is_usable(call, "customer", wanted.method, wanted.customer)) {
        return NULL;
    }
    if (changes_payment) {
        const enum payment_refusal refusal =
            payment_change(&wanted.payment, amount, wanted.method != NULL);
        assert(refusal == PAYMENT_FINE);
    }
    *intent = wanted;
    return render(call->bank, &intent->object);
}

json_t *intent_confirm(struct call *call)
{
    struct intent *intent = find_intent(call);
    if (intent == NULL) return NULL;
    struct intent wanted = *intent;
    bool is_off_session = false;
    if (!param_bool(call, "off_session", &is_off_session) ||
        !param_url(call, "return_url", &wanted.return_url) ||
        !param_word(call, "setup_future_usage", "off_session on_session",
                    &wanted.setup_future_usage)) {
        return NULL;
    }
    const enum payment_state state = intent->payment.state;
    if (state != PAYMENT_WANTS_METHOD && state != PAYMENT_WANTS_CONFIRMATION) {
        set_state_refusal(call, intent, "confirmed");
        return NULL;
    }
    if (!param_method(call, "payment_method", wanted.customer, &wanted.method)) return NULL;
    if (wanted.method == NULL) {
        return refuse_state(call, "payment_intent_unexpected_state", &intent->object,
                            "You cannot confirm this PaymentIntent because it's missing a payment "
                            "method.");
    }
    if (!method_is_usable(call, "payment_method", wanted.method, wanted.customer)) return NULL;
    const enum payment_refusal refusal =
        payment_change(&wanted.payment, wanted.payment.amount, true);
    assert(refusal == PAYMENT_FINE);
    *intent = wanted;
    return run_attempt(call, intent, is_off_session);
}

json_t *intent_capture(struct call *call)
{
    struct intent *intent = find_intent(call);
    if (intent == NULL) return NULL;
    int64_t amount = intent->payment.authorised;
    bool is_final = true;
    struct metadata metadata = intent->metadata;
    if (!param_amount(call, "amount_to_capture", intent->currency, &amount) ||
        !param_bool(call, "final_capture", &is_final) || !param_metadata(call, &metadata)) {
        return NULL;
    }
    switch (payment_capture(&intent->payment, amount, is_final)) {
    case PAYMENT_FINE:
        break;
    case PAYMENT_TOO_MUCH:
        return refuse_state(call, "amount_too_large", &intent->object,
                            "The amount to capture is more than what may be captured (%lld).",
                            (long long)intent->payment.authorised);
    default:
        set_state_refusal(call, intent, "captured");
        return NULL;
    }
    intent->metadata = metadata;
    attempt_captured(call->bank, intent, amount);
    return render(call->bank, &intent->object);
}

json_t *intent_cancel(struct call *call)
{
    struct intent *intent = find_intent(call);
    if (intent == NULL) return NULL;
    const char *reason = NULL;
    if (!param_word(call, "cancellation_reason",
                    "duplicate fraudulent requested_by_customer abandoned", &reason)) {
        return NULL;
    }
    if (payment_cancel(&intent->payment) != PAYMENT_FINE) {
        set_state_refusal(call, intent, "canceled");
        return NULL;
    }
    intent->cancellation_reason = reason;
    intent->canceled_us = call->bank->now_us;
    emit(call->bank, "payment_intent.canceled", &intent->object);
    return render(call->bank, &intent->object);
}

void intent_authenticated(struct bank *bank, struct intent *intent, bool is_approved)
{
    if (payment_authenticate(&intent->payment, is_approved) != PAYMENT_FINE) return;
    if (is_approved) {
        attempt_approved(bank, intent);
    } else {
        attempt_declined(bank, intent, &decline_authentication, false);
    }
}

void intent_settled(struct bank *bank, struct intent *intent, bool is_approved)
{
    if (payment_settle(&intent->payment, is_approved) != PAYMENT_FINE) return;
    if (is_approved) {
        attempt_approved(bank, intent);
    } else {
        attempt_declined(bank, intent, &decline_unconfirmed, true);
    }
}

void intent_expired(struct bank *bank, struct intent *intent)
{
    if (payment_expire(&intent->payment) != PAYMENT_FINE) return;
    if (intent->payment.state == PAYMENT_SUCCEEDED) {
        emit(bank, "payment_intent.succeeded", &intent->object);
        return;
    }
    intent->cancellation_reason = "automatic";
    intent->canceled_us = bank->now_us;
    emit(bank, "payment_intent.canceled", &intent->object);
}
