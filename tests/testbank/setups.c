/* Setup intents. */
#include <string.h>

#include "tests/testbank/events.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/people.h"
#include "tests/testbank/render.h"

enum { SECRET_CHARACTERS = 25 };

static const char wants_method[] = "requires_payment_method";
static const char wants_confirmation[] = "requires_confirmation";
static const char wants_action[] = "requires_action";
static const char succeeded[] = "succeeded";
static const char canceled[] = "canceled";

static bool is(const struct setup *setup, const char *status)
{
    return strcmp(setup->status, status) == 0;
}

static struct setup *find_setup(struct call *call)
{
    struct setup *setup = bank_find(call->bank, call->account, OBJECT_SETUP, call->id);
    if (setup == NULL) refuse_missing(call, "setupintent", call->id);
    return setup;
}

static json_t *refuse_now(struct call *call, const struct setup *setup, const char *what)
{
    return refuse_state(call, "setup_intent_unexpected_state", &setup->object,
                        "This SetupIntent could not be %s because it has a status of %s.", what,
                        setup->status);
}

static void succeed(struct bank *bank, struct setup *setup)
{
    struct method *method = setup->method;
    setup->status = succeeded;
    setup->decline = NULL;
    method->is_authenticated = true;
    if (setup->customer != NULL && method->customer == NULL) {
        method->customer = setup->customer;
        method->was_attached = true;
        emit(bank, "payment_method.attached", &method->object);
    }
    emit(bank, "setup_intent.succeeded", &setup->object);
}

static void fail(struct bank *bank, struct setup *setup, const struct decline *decline)
{
    setup->status = wants_method;
    setup->method = NULL;
    setup->decline = decline;
    emit(bank, "setup_intent.setup_failed", &setup->object);
}

static json_t *run_attempt(struct call *call, struct setup *setup)
{
    const struct behaviour *behaviour = setup->method->behaviour;
    if (behaviour->is_slow) call->delay_us = call->bank->settings.slow_us;
    call->is_silent = behaviour->is_silent;
    if (behaviour->outcome == PAYMENT_DECLINED) {
        fail(call->bank, setup, behaviour->decline);
        return refuse_card(call, behaviour->decline, &setup->object, NULL);
    }
    if (behaviour->outcome == PAYMENT_ASKS) {
        setup->status = wants_action;
        emit(call->bank, "setup_intent.requires_action", &setup->object);
    } else {
        succeed(call->bank, setup);
    }
    return render(call->bank, &setup->object);
}

json_t *setup_create(struct call *call)
{
    struct setup wanted = { .usage = "off_session" };
    bool confirms = false;
    if (!param_customer(call, "customer", &wanted.customer) ||
        !param_text(call, "description", TEXT_FIELD_MAX, &wanted.description) ||
        !param_word(call, "usage", "off_session on_session", &wanted.usage) ||
        !param_url(call, "return_url", &wanted.return_url) ||
        !param_bool(call, "confirm", &confirms) || !param_metadata(call, &wanted.metadata)) {
        return NULL;
    }
    if (confirms && !has_param(call, "payment_method")) {
        return refuse_input(call, "parameter_missing", "payment_method",
                            "To confirm at once, give a payment_method.");
    }
    if (!param_method(call, "payment_method", wanted.customer, &wanted.method)) return NULL;
    struct bank *bank = call->bank;
    struct setup *setup = bank_make(bank, OBJECT_SETUP, call->account, sizeof *setup, "seti_");
    wanted.object = setup->object;
    *setup = wanted;
    if (setup->usage == NULL) setup->usage = "off_session";
    setup->status = setup->method == NULL ? wants_method : wants_confirmation;
    char prefix[ID_MAX + sizeof "_secret_"];
    (void)snprintf(prefix, sizeof prefix, "%s_secret_", setup->object.id);
    setup->client_secret = bank_secret(bank, prefix, SECRET_CHARACTERS);
    emit(bank, "setup_intent.created", &setup->object);
    return confirms ? run_attempt(call, setup) : render(bank, &setup->object);
}

json_t *setup_retrieve(struct call *call)
{
    const struct setup *setup = find_setup(call);
    return setup == NULL ? NULL : render(call->bank, &setup->object);
}

static bool setup_matches(const struct call *call, const struct object *object)
{
    const struct setup *setup = (const struct setup *)object;
    const struct text customer = param(call, "customer");
    return customer.data == NULL ||
           (setup->customer != NULL && text_equals_string(customer, setup->customer->object.id));
}

json_t *setup_list(struct call *call)
{
    return list_page(call, OBJECT_SETUP, "/v1/setup_intents", setup_matches);
}

json_t *setup_confirm(struct call *call)
{
    struct setup *setup = find_setup(call);
    if (setup == NULL) return NULL;
    struct setup wanted = *setup;
    if (!param_url(call, "return_url", &wanted.return_url)) return NULL;
    if (!is(setup, wants_method) && !is(setup, wants_confirmation)) {
        return refuse_now(call, setup, "confirmed");
    }
    if (!param_method(call, "payment_method", wanted.customer, &wanted.method)) return NULL;
    if (wanted.method == NULL) {
        return refuse_state(call, "setup_intent_unexpected_state", &setup->object,
                            "You cannot confirm this SetupIntent because it's missing a payment "
                            "method.");
    }
    if (!method_is_usable(call, "payment_method", wanted.method, wanted.customer)) return NULL;
    *setup = wanted;
    return run_attempt(call, setup);
}

json_t *setup_cancel(struct call *call)
{
    struct setup *setup = find_setup(call);
    if (setup == NULL) return NULL;
    const char *reason = NULL;
    if (!param_word(call, "cancellation_reason", "abandoned requested_by_customer duplicate",
                    &reason)) {
        return NULL;
    }
    if (is(setup, succeeded) || is(setup, canceled)) return refuse_now(call, setup, "canceled");
    setup->status = canceled;
    setup->cancellation_reason = reason;
    emit(call->bank, "setup_intent.canceled", &setup->object);
    return render(call->bank, &setup->object);
}

void setup_authenticated(struct bank *bank, struct setup *setup, bool is_approved)
{
    if (!is(setup, wants_action)) return;
    if (is_approved) {
        succeed(bank, setup);
    } else {
        fail(bank, setup, &decline_authentication);
    }
}
