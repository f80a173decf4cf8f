/* Objects into JSON. json_pack() takes what follows a "?" for null when it is NULL. */
#include "tests/testbank/render.h"

#include <stdlib.h>
#include <string.h>

static json_t *must(json_t *json)
{
    if (json == NULL) abort(); /* no memory, or a format that is wrong */
    return json;
}

static json_int_t seconds(int64_t time_us)
{
    return (json_int_t)(time_us / SECONDS_US);
}

/* Into `parent`, which takes it. */
static void put(json_t *parent, const char *name, json_t *value)
{
    if (json_object_set_new(parent, name, value) != 0) abort();
}

static const char *id_of(const void *object)
{
    return object == NULL ? NULL : ((const struct object *)object)->id;
}

/* What each begins with. */
static json_t *start(const struct object *object, const char *type)
{
    return must(json_pack("{s:s, s:s, s:I, s:b}", "id", object->id, "object", type, "created",
                          seconds(object->created_us), "livemode", 0));
}

json_t *render_metadata(const struct metadata *metadata)
{
    json_t *json = must(json_object());
    for (size_t i = 0; i < metadata->count; i++)
        put(json, metadata->pairs[i].name, must(json_string(metadata->pairs[i].value)));
    return json;
}

static json_t *render_card(const struct method *method)
{
    return must(json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "brand", method->behaviour->brand,
                          "last4", method->behaviour->last4, "country", "US", "exp_month", 12,
                          "exp_year", 2034, "funding", "credit", "fingerprint",
                          method->behaviour->name));
}

static json_t *render_method(const struct method *method)
{
    json_t *json = start(&method->object, "payment_method");
    put(json, "allow_redisplay", must(json_string("unspecified")));
    put(json, "billing_details",
        must(json_pack("{s:n, s:n, s:n, s:n}", "address", "email", "name", "phone")));
    put(json, "card", render_card(method));
    put(json, "customer", must(json_pack("s?", id_of(method->customer))));
    put(json, "metadata", render_metadata(&method->metadata));
    put(json, "type", must(json_string("card")));
    return json;
}

static json_t *render_customer(const struct customer *customer)
{
    if (customer->is_deleted) {
        return must(json_pack("{s:s, s:s, s:b}", "id", customer->object.id, "object", "customer",
                              "deleted", 1));
    }
    json_t *json = start(&customer->object, "customer");
    put(json, "balance", must(json_integer(0)));
    put(json, "description", must(json_pack("s?", customer->description)));
    put(json, "email", must(json_pack("s?", customer->email)));
    put(json, "metadata", render_metadata(&customer->metadata));
    put(json, "name", must(json_pack("s?", customer->name)));
    put(json, "phone", must(json_pack("s?", customer->phone)));
    return json;
}

static json_t *render_decline(const struct decline *decline, const struct method *method,
                              const struct object *charge)
{
    if (decline == NULL) return must(json_null());
    json_t *json = must(json_pack("{s:s, s:s, s:s}", "code", decline->code, "message",
                                  decline->message, "type", "card_error"));
    if (decline->decline_code != NULL) {
        put(json, "decline_code", must(json_string(decline->decline_code)));
    }
    if (charge != NULL) put(json, "charge", must(json_string(charge->id)));
    if (method != NULL) put(json, "payment_method", render_method(method));
    return json;
}

static json_t *render_next_action(const struct bank *bank, bool is_wanted, const char *secret,
                                  const char *return_url)
{
    if (!is_wanted) return must(json_null());
    char url[URL_MAX];
    (void)snprintf(url, sizeof url, "%s/3ds/%s", bank->public_url, secret);
    return must(json_pack("{s:s, s:{s:s?, s:s}}", "type", "redirect_to_url", "redirect_to_url",
                          "return_url", return_url, "url", url));
}

/* The charge of the last attempt, when it was that attempt that was declined. */
static const struct object *declined_charge(const struct intent *intent)
{
    const struct charge *charge = intent->charge;
    return charge == NULL || charge->decline != intent->decline ? NULL : &charge->object;
}

static json_t *render_intent(const struct bank *bank, const struct intent *intent)
{
    const struct payment *payment = &intent->payment;
    json_t *json = start(&intent->object, "payment_intent");
    put(json, "amount", must(json_integer(payment->amount)));
    put(json, "amount_capturable", must(json_integer(payment->authorised)));
    put(json, "amount_received", must(json_integer(payment->captured)));
    put(json, "canceled_at",
        intent->canceled_us == 0 ? must(json_null())
                                 : must(json_integer(seconds(intent->canceled_us))));
    put(json, "cancellation_reason", must(json_pack("s?", intent->cancellation_reason)));
    put(json, "capture_method",
        must(json_string(payment->is_manual ? "manual" : "automatic_async")));
    put(json, "client_secret", must(json_string(intent->client_secret)));
    put(json, "confirmation_method", must(json_string("automatic")));
    put(json, "currency", must(json_string(intent->currency)));
    put(json, "customer", must(json_pack("s?", id_of(intent->customer))));
    put(json, "description", must(json_pack("s?", intent->description)));
    put(json, "last_payment_error",
        render_decline(intent->decline, intent->declined_method, declined_charge(intent)));
    put(json, "latest_charge", must(json_pack("s?", id_of(intent->charge))));
    put(json, "metadata", render_metadata(&intent->metadata));
    put(json, "next_action",
        render_next_action(bank, payment->state == PAYMENT_WANTS_ACTION, intent->client_secret,
                           intent->return_url));
    put(json, "payment_method", must(json_pack("s?", id_of(intent->method))));
    put(json, "payment_method_types", must(json_pack("[s]", "card")));
    put(json, "receipt_email", must(json_pack("s?", intent->receipt_email)));
    put(json, "setup_future_usage", must(json_pack("s?", intent->setup_future_usage)));
    put(json, "statement_descriptor_suffix", must(json_pack("s?", intent->statement_suffix)));
    put(json, "status", must(json_string(payment_state_name(payment->state))));
    put(json, "transfer_group", must(json_pack("s?", intent->transfer_group)));
    return json;
}

static void put_outcome(json_t *json, const struct charge *charge)
{
    const struct decline *decline = charge->decline;
    put(json, "failure_code", must(json_pack("s?", decline == NULL ? NULL : decline->code)));
    put(json, "failure_message", must(json_pack("s?", decline == NULL ? NULL : decline->message)));
    put(json, "outcome",
        must(json_pack("{s:s, s:s?, s:s, s:s}", "network_status",
                       decline == NULL ? "approved_by_network" : "declined_by_network", "reason",
                       decline == NULL ? NULL : decline->decline_code, "risk_level", "normal",
                       "type", decline == NULL ? "authorized" : "issuer_declined")));
}

static json_t *render_charge(const struct charge *charge)
{
    const struct payment none = { .amount = charge->amount };
    const struct payment *payment = charge->decline == NULL ? &charge->intent->payment : &none;
    json_t *json = start(&charge->object, "charge");
    put(json, "amount", must(json_integer(charge->amount)));
    put(json, "amount_captured", must(json_integer(payment->captured)));
    put(json, "amount_refunded", must(json_integer(payment->refunded)));
    put(json, "balance_transaction", must(json_pack("s?", id_of(charge->balance))));
    put(json, "captured", must(json_boolean(payment->captured > 0)));
    put(json, "currency", must(json_string(charge->intent->currency)));
    put(json, "customer", must(json_pack("s?", id_of(charge->intent->customer))));
    put(json, "description", must(json_pack("s?", charge->intent->description)));
    put(json, "disputed", must(json_boolean(payment->dispute != DISPUTE_NONE)));
    put_outcome(json, charge);
    put(json, "metadata", render_metadata(&charge->intent->metadata));
    put(json, "paid", must(json_boolean(charge->decline == NULL)));
    put(json, "payment_intent", must(json_string(charge->intent->object.id)));
    put(json, "payment_method", must(json_pack("s?", id_of(charge->method))));
    put(json, "payment_method_details",
        must(json_pack("{s:o, s:s}", "card", render_card(charge->method), "type", "card")));
    put(json, "refunded",
        must(json_boolean(payment->captured > 0 && payment->refunded == payment->captured)));
    put(json, "status", must(json_string(charge->decline == NULL ? "succeeded" : "failed")));
    put(json, "transfer_group", must(json_pack("s?", charge->intent->transfer_group)));
    return json;
}

const char *refund_status_name(enum refund_status status)
{
    static const char *const names[] = {
        [REFUND_PENDING] = "pending",
        [REFUND_SUCCEEDED] = "succeeded",
        [REFUND_FAILED] = "failed",
        [REFUND_CANCELED] = "canceled",
    };
    return names[status];
}

static json_t *render_refund(const struct refund *refund)
{
    json_t *json = start(&refund->object, "refund");
    put(json, "amount", must(json_integer(refund->amount)));
    put(json, "balance_transaction", must(json_pack("s?", id_of(refund->balance))));
    put(json, "charge", must(json_string(refund->charge->object.id)));
    put(json, "currency", must(json_string(refund->charge->intent->currency)));
    if (refund->failure_balance != NULL) {
        put(json, "failure_balance_transaction",
            must(json_string(refund->failure_balance->object.id)));
    }
    if (refund->status == REFUND_FAILED) {
        put(json, "failure_reason", must(json_string("expired_or_canceled_card")));
    }
    put(json, "metadata", render_metadata(&refund->metadata));
    put(json, "payment_intent", must(json_string(refund->charge->intent->object.id)));
    put(json, "reason", must(json_pack("s?", refund->reason)));
    put(json, "status", must(json_string(refund_status_name(refund->status))));
    return json;
}

const char *dispute_status_name(const struct dispute *dispute)
{
    switch (dispute->charge->intent->payment.dispute) {
    case DISPUTE_WON:
        return "won";
    case DISPUTE_LOST:
        return "lost";
    default:
        return "needs_response";
    }
}

static json_t *render_balance(const struct bank *bank, const struct balance *balance)
{
    json_t *json = start(&balance->object, "balance_transaction");
    const int64_t available_us = balance->object.created_us + AVAILABLE_AFTER_US;
    json_t *details = must(json_array());
    if (balance->fee != 0) {
        json_t *fee = must(json_pack(
            "{s:I, s:n, s:s, s:s, s:s}", "amount", (json_int_t)balance->fee, "application",
            "currency", balance->currency, "description", "Processing fees", "type", "stripe_fee"));
        if (json_array_append_new(details, fee) != 0) abort();
    }
    put(json, "amount", must(json_integer(balance->amount)));
    put(json, "available_on", must(json_integer(seconds(available_us))));
    put(json, "currency", must(json_string(balance->currency)));
    put(json, "description", must(json_null()));
    put(json, "exchange_rate", must(json_null()));
    put(json, "fee", must(json_integer(balance->fee)));
    put(json, "fee_details", details);
    put(json, "net", must(json_integer(balance->amount - balance->fee)));
    put(json, "reporting_category", must(json_string(balance->category)));
    put(json, "source", must(json_string(balance->source)));
    put(json, "status", must(json_string(available_us <= bank->now_us ? "available" : "pending")));
    put(json, "type", must(json_string(balance->type)));
    return json;
}

static json_t *render_dispute(const struct bank *bank, const struct dispute *dispute)
{
    json_t *movements = must(json_array());
    const struct balance *const both[] = { dispute->withdrawn, dispute->reinstated };
    for (size_t i = 0; i < ARRAY_LENGTH(both); i++) {
        if (both[i] == NULL) continue;
        if (json_array_append_new(movements, render_balance(bank, both[i])) != 0) abort();
    }
    json_t *json = start(&dispute->object, "dispute");
    put(json, "amount", must(json_integer(dispute->amount)));
    put(json, "balance_transactions", movements);
    put(json, "charge", must(json_string(dispute->charge->object.id)));
    put(json, "currency", must(json_string(dispute->charge->intent->currency)));
    put(json, "evidence_details",
        must(json_pack("{s:I, s:b, s:b, s:i}", "due_by",
                       seconds(dispute->object.created_us + 7 * DAYS_US), "has_evidence", 0,
                       "past_due", 0, "submission_count", 0)));
    put(json, "is_charge_refundable", must(json_false()));
    put(json, "metadata", must(json_object()));
    put(json, "payment_intent", must(json_string(dispute->charge->intent->object.id)));
    put(json, "reason", must(json_string("fraudulent")));
    put(json, "status", must(json_string(dispute_status_name(dispute))));
    return json;
}

static json_t *render_setup(const struct bank *bank, const struct setup *setup)
{
    json_t *json = start(&setup->object, "setup_intent");
    put(json, "cancellation_reason", must(json_pack("s?", setup->cancellation_reason)));
    put(json, "client_secret", must(json_string(setup->client_secret)));
    put(json, "customer", must(json_pack("s?", id_of(setup->customer))));
    put(json, "description", must(json_pack("s?", setup->description)));
    put(json, "last_setup_error", render_decline(setup->decline, NULL, NULL));
    put(json, "metadata", render_metadata(&setup->metadata));
    put(json, "next_action",
        render_next_action(bank, strcmp(setup->status, "requires_action") == 0,
                           setup->client_secret, setup->return_url));
    put(json, "payment_method", must(json_pack("s?", id_of(setup->method))));
    put(json, "payment_method_types", must(json_pack("[s]", "card")));
    put(json, "status", must(json_string(setup->status)));
    put(json, "usage", must(json_string(setup->usage)));
    return json;
}

static json_t *render_event(const struct event *event)
{
    json_t *json = start(&event->object, "event");
    json_t *object = must(json_loadb(event->data.data, event->data.length, 0, NULL));
    put(json, "api_version", must(json_string(BANK_API_VERSION)));
    put(json, "data", must(json_pack("{s:o}", "object", object)));
    put(json, "pending_webhooks", must(json_integer((json_int_t)event->pending)));
    put(json, "request",
        must(json_pack("{s:s?, s:s?}", "id", event->request_id, "idempotency_key", event->key)));
    put(json, "type", must(json_string(event->type)));
    return json;
}

static json_t *render_endpoint(const struct endpoint *endpoint)
{
    if (endpoint->is_deleted) {
        return must(json_pack("{s:s, s:s, s:b}", "id", endpoint->object.id, "object",
                              "webhook_endpoint", "deleted", 1));
    }
    json_t *json = start(&endpoint->object, "webhook_endpoint");
    json_t *events = must(json_array());
    for (size_t i = 0; i < endpoint->events_count; i++) {
        if (json_array_append_new(events, must(json_string(endpoint->events[i]))) != 0) abort();
    }
    put(json, "api_version", must(json_null()));
    put(json, "application", must(json_null()));
    put(json, "description", must(json_pack("s?", endpoint->description)));
    put(json, "enabled_events", events);
    put(json, "metadata", render_metadata(&endpoint->metadata));
    put(json, "status", must(json_string("enabled")));
    put(json, "url", must(json_string(endpoint->url)));
    return json;
}

json_t *render_endpoint_with_secret(const struct endpoint *endpoint)
{
    json_t *json = render_endpoint(endpoint);
    put(json, "secret", must(json_string(endpoint->secrets[0])));
    return json;
}

json_t *render(const struct bank *bank, const struct object *object)
{
    const void *it = object;
    switch (object->kind) {
    case OBJECT_INTENT:
        return render_intent(bank, it);
    case OBJECT_CHARGE:
        return render_charge(it);
    case OBJECT_REFUND:
        return render_refund(it);
    case OBJECT_CUSTOMER:
        return render_customer(it);
    case OBJECT_METHOD:
        return render_method(it);
    case OBJECT_SETUP:
        return render_setup(bank, it);
    case OBJECT_DISPUTE:
        return render_dispute(bank, it);
    case OBJECT_EVENT:
        return render_event(it);
    case OBJECT_BALANCE:
        return render_balance(bank, it);
    default:
        return render_endpoint(it);
    }
}

struct text render_text(struct arena *arena, const json_t *json)
{
    const size_t length = json_dumpb(json, NULL, 0, JSON_COMPACT);
    char *bytes = arena_reserve(arena, length + 1);
    const size_t written = json_dumpb(json, bytes, length, JSON_COMPACT);
    assert(written == length);
    bytes[length] = '\0';
    return (struct text){ .data = bytes, .length = length };
}
