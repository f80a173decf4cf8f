/* The routes of tests. */
#include "tests/testbank/control.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/secret.h"
#include "tests/testbank/events.h"
#include "tests/testbank/money.h"
#include "tests/testbank/payments.h"
#include "tests/testbank/people.h"
#include "tests/testbank/render.h"

enum {
    ADVANCE_SECONDS_MAX = 400 * 86400,
    DELIVER_TIMES_MAX = 100,
    DELIVER_AFTER_MS_MAX = 86400 * 1000,
    RELEASE_STEP_US = 20 * 1000,
    ROLL_SECONDS_MAX = 86400, /* how long a secret may live beside its successor */
    SECRET_CHARACTERS = 32,
};

json_t *control_methods(struct call *call)
{
    (void)call;
    json_t *data = json_array();
    const struct behaviour *one;
    for (size_t i = 0; (one = behaviour_at(i)) != NULL; i++) {
        (void)json_array_append_new(
            data, json_pack("{s:s, s:s?}", "name", one->name, "stripe_name", one->stripe_name));
    }
    return json_pack("{s:s, s:o}", "object", "list", "data", data);
}

json_t *control_clock(struct call *call)
{
    return json_pack("{s:s, s:I, s:I}", "object", "clock", "now_us", (json_int_t)call->bank->now_us,
                     "ahead_us", (json_int_t)call->bank->offset_us);
}

json_t *control_advance(struct call *call)
{
    int64_t seconds = 0;
    if (!param_int(call, "seconds", 1, ADVANCE_SECONDS_MAX, &seconds)) return NULL;
    call->bank->offset_us += seconds * SECONDS_US;
    call->bank->now_us += seconds * SECONDS_US;
    return control_clock(call);
}

static struct event *find_event(struct call *call)
{
    struct event *event = bank_find(call->bank, call->account, OBJECT_EVENT, call->id);
    if (event == NULL) refuse_missing(call, "event", call->id);
    return event;
}

/* Again, whether the endpoint asked for events of that type or not. */
json_t *control_deliver(struct call *call)
{
    struct event *event = find_event(call);
    int64_t times = 1, after_ms = 0;
    if (event == NULL || !param_int(call, "times", 1, DELIVER_TIMES_MAX, &times) ||
        !param_int(call, "after_ms", 0, DELIVER_AFTER_MS_MAX, &after_ms)) {
        return NULL;
    }
    const struct text only = param(call, "endpoint");
    const struct list *endpoints = &call->bank->objects[OBJECT_ENDPOINT];
    for (size_t i = 0; i < endpoints->count; i++) {
        struct endpoint *endpoint = endpoints->items[i];
        if (endpoint->object.account != call->account || endpoint->is_deleted) continue;
        if (only.data != NULL && !text_equals_string(only, endpoint->object.id)) continue;
        for (int64_t k = 0; k < times; k++)
            delivery_plan(call->bank, event, endpoint, call->bank->now_us + after_ms * 1000);
    }
    return render(call->bank, &event->object);
}

json_t *control_deliveries(struct call *call)
{
    static const char *const states[] = { "waiting", "due", "done" };
    const struct event *event = find_event(call);
    if (event == NULL) return NULL;
    json_t *data = json_array();
    const struct list *all = &call->bank->deliveries;
    for (size_t i = 0; i < all->count; i++) {
        const struct delivery *one = all->items[i];
        if (one->event != event) continue;
        (void)json_array_append_new(
            data, json_pack("{s:s, s:s, s:i, s:i, s:b}", "endpoint", one->endpoint->object.id,
                            "state", states[one->state], "attempts", one->attempts, "last_code",
                            one->last_code, "given_up", (int)one->is_given_up));
    }
    return json_pack("{s:s, s:o}", "object", "list", "data", data);
}

json_t *control_hold(struct call *call)
{
    call->bank->holds_deliveries = true;
    return json_pack("{s:b}", "held", 1);
}

static int by_event(const void *a, const void *b)
{
    const struct delivery *first = *(struct delivery *const *)a;
    const struct delivery *second = *(struct delivery *const *)b;
    return first->position < second->position ? -1 : first->position > second->position;
}

static int by_event_backward(const void *a, const void *b)
{
    return by_event(b, a);
}

/* By letters that nobody chose, and that are the same at every replay. */
static int by_chance(const void *a, const void *b)
{
    const struct delivery *first = *(struct delivery *const *)a;
    const struct delivery *second = *(struct delivery *const *)b;
    const char *one = first->event->object.id + 4, *other = second->event->object.id + 4;
    const int order = strcmp(one, other);
    return order != 0 ? order : by_event(a, b);
}

/* What is due goes out one after the other in that order; what is under way stays so. */
json_t *control_release(struct call *call)
{
    const char *order = "made";
    if (!param_word(call, "order", "made reversed shuffled", &order)) return NULL;
    struct bank *bank = call->bank;
    struct list *due = &bank->due_deliveries;
    int (*compare)(const void *, const void *) = by_event;
    if (order != NULL && strcmp(order, "reversed") == 0) compare = by_event_backward;
    if (order != NULL && strcmp(order, "shuffled") == 0) compare = by_chance;
    if (due->count > 1) qsort(due->items, due->count, sizeof(void *), compare);
    for (size_t i = 0; i < due->count; i++) {
        struct delivery *delivery = due->items[i];
        delivery->state = DELIVERY_WAITS;
        bank_plan(bank, bank->now_us + (int64_t)i * RELEASE_STEP_US, DUE_DELIVERY, delivery);
    }
    const size_t count = due->count;
    due->count = 0;
    bank->holds_deliveries = false;
    return json_pack("{s:b, s:I}", "held", 0, "released", (json_int_t)count);
}

json_t *control_dispute(struct call *call)
{
    struct charge *charge = bank_find(call->bank, call->account, OBJECT_CHARGE, call->id);
    if (charge == NULL) return refuse_missing(call, "charge", call->id);
    const struct dispute *dispute = dispute_open(call->bank, charge);
    if (dispute == NULL) {
        return refuse_state(call, NULL, NULL, "There is nothing to dispute of charge %s.",
                            charge->object.id);
    }
    return render(call->bank, &dispute->object);
}

static json_t *end_dispute(struct call *call, bool is_won)
{
    struct dispute *dispute = bank_find(call->bank, call->account, OBJECT_DISPUTE, call->id);
    if (dispute == NULL) return refuse_missing(call, "dispute", call->id);
    if (!dispute_end(call->bank, dispute, is_won)) {
        return refuse_state(call, NULL, NULL, "Dispute %s has ended before.", dispute->object.id);
    }
    return render(call->bank, &dispute->object);
}

json_t *control_win(struct call *call)
{
    return end_dispute(call, true);
}

json_t *control_lose(struct call *call)
{
    return end_dispute(call, false);
}

json_t *control_fail_refund(struct call *call)
{
    struct refund *refund = bank_find(call->bank, call->account, OBJECT_REFUND, call->id);
    if (refund == NULL) return refuse_missing(call, "refund", call->id);
    if (!refund_failed(call->bank, refund, REFUND_FAILED)) {
        return refuse_state(call, NULL, NULL, "Refund %s has failed before.", refund->object.id);
    }
    return render(call->bank, &refund->object);
}

json_t *control_settle(struct call *call)
{
    struct intent *intent = bank_find(call->bank, call->account, OBJECT_INTENT, call->id);
    const char *outcome = "succeeded";
    if (intent == NULL) return refuse_missing(call, "payment_intent", call->id);
    if (!param_word(call, "outcome", "succeeded failed", &outcome)) return NULL;
    if (intent->payment.state != PAYMENT_PROCESSING) {
        return refuse_state(call, NULL, &intent->object, "PaymentIntent %s is not processing.",
                            intent->object.id);
    }
    intent_settled(call->bank, intent, outcome == NULL || strcmp(outcome, "succeeded") == 0);
    return render(call->bank, &intent->object);
}

json_t *control_roll_secret(struct call *call)
{
    struct endpoint *endpoint = bank_find(call->bank, call->account, OBJECT_ENDPOINT, call->id);
    int64_t seconds = ROLL_SECONDS_MAX;
    if (endpoint == NULL || endpoint->is_deleted) {
        return refuse_missing(call, "webhook_endpoint", call->id);
    }
    if (!param_int(call, "expires_in_seconds", 0, ROLL_SECONDS_MAX, &seconds)) return NULL;
    endpoint->secrets[1] = endpoint->secrets[0];
    endpoint->second_until_us = call->bank->now_us + seconds * SECONDS_US;
    endpoint->secrets[0] = bank_secret(call->bank, "whsec_", SECRET_CHARACTERS);
    return render_endpoint_with_secret(endpoint);
}

/* The intent that a client secret belongs to, of whichever account; compared in full. */
static struct object *find_by_secret(struct call *call)
{
    static const char mark[] = "_secret_";
    const char *secret = text_string(call->arena, call->id);
    const char *end = strstr(secret, mark);
    for (unsigned i = 0; end != NULL && i < call->bank->accounts_count; i++) {
        const struct text id = { .data = secret, .length = (size_t)(end - secret) };
        struct object *object = bank_find_any(call->bank, i, id);
        if (object == NULL) continue;
        const char *wanted = NULL;
        if (object->kind == OBJECT_INTENT) wanted = ((struct intent *)object)->client_secret;
        if (object->kind == OBJECT_SETUP) wanted = ((struct setup *)object)->client_secret;
        if (wanted != NULL && secret_equals(call->id, text_of(wanted))) return object;
    }
    refuse_missing(call, "page", call->id);
    return NULL;
}

json_t *page_show(struct call *call)
{
    const struct object *object = find_by_secret(call);
    if (object == NULL) return NULL;
    call->page = TEXT("<!doctype html><html lang=\"en\"><title>3-D Secure of a test bank</title>"
                      "<h1>Is it you who pays?</h1><p>No real money is moved.</p>"
                      "<form method=\"post\">"
                      "<button name=\"outcome\" value=\"approve\">Approve</button> "
                      "<button name=\"outcome\" value=\"refuse\">Refuse</button></form></html>");
    return NULL;
}

/* Where the shopper goes from the page; without a place the page says that it is over. */
static void leave_page(struct call *call, const struct object *object, const char *return_url,
                       bool is_approved)
{
    if (return_url == NULL) {
        call->page = TEXT("<!doctype html><html lang=\"en\"><title>Done</title><p>Done: you may "
                          "close this page.</p></html>");
        return;
    }
    const char *name = object->kind == OBJECT_INTENT ? "payment_intent" : "setup_intent";
    const struct text url =
        text_format(call->arena, "%s%c%s=%s&%s_client_secret=%.*s&redirect_status=%s", return_url,
                    strchr(return_url, '?') == NULL ? '?' : '&', name, object->id, name,
                    (int)call->id.length, call->id.data, is_approved ? "succeeded" : "failed");
    call->redirect_to = url.data;
}

json_t *page_submit(struct call *call)
{
    const char *outcome = NULL;
    struct object *object = find_by_secret(call);
    if (object == NULL || !param_word(call, "outcome", "approve refuse", &outcome)) return NULL;
    if (outcome == NULL) {
        return refuse_input(call, "parameter_missing", "outcome", "Approve or refuse.");
    }
    const bool is_approved = strcmp(outcome, "approve") == 0;
    if (object->kind == OBJECT_INTENT) {
        struct intent *intent = (struct intent *)object;
        intent_authenticated(call->bank, intent, is_approved);
        leave_page(call, object, intent->return_url, is_approved && intent->canceled_us == 0);
    } else {
        struct setup *setup = (struct setup *)object;
        setup_authenticated(call->bank, setup, is_approved);
        leave_page(call, object, setup->return_url, is_approved);
    }
    return NULL;
}
