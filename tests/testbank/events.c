/* Events, endpoints, deliveries. */
#include "tests/testbank/events.h"

#include <string.h>

#include "tests/testbank/render.h"

enum { EVENT_NAME_MAX = 80, SECRET_CHARACTERS = 32, BACKOFF_DOUBLINGS_MAX = 20 };
#define RETRY_MAX_US (6 * 3600 * SECONDS_US)

static bool wants(const struct endpoint *endpoint, const char *type)
{
    for (size_t i = 0; i < endpoint->events_count; i++) {
        const char *name = endpoint->events[i];
        if (strcmp(name, "*") == 0 || strcmp(name, type) == 0) return true;
    }
    return false;
}

void delivery_plan(struct bank *bank, struct event *event, struct endpoint *endpoint, int64_t at_us)
{
    struct delivery *delivery = arena_allocate(bank->arena, sizeof *delivery);
    *delivery = (struct delivery){
        .event = event,
        .endpoint = endpoint,
        .position = bank->deliveries.count,
    };
    list_add(&bank->deliveries, delivery);
    event->pending++;
    bank_plan(bank, at_us, DUE_DELIVERY, delivery);
}

void emit(struct bank *bank, const char *type, const struct object *object)
{
    json_t *json = render(bank, object);
    struct event *event = bank_make(bank, OBJECT_EVENT, object->account, sizeof *event, "evt_");
    event->type = type;
    event->data = render_text(bank->arena, json);
    json_decref(json);
    event->request_id = bank->request_id;
    event->key = bank->key;
    const struct list *endpoints = &bank->objects[OBJECT_ENDPOINT];
    for (size_t i = 0; i < endpoints->count; i++) {
        struct endpoint *endpoint = endpoints->items[i];
        if (endpoint->object.account != object->account || endpoint->is_deleted) continue;
        if (wants(endpoint, type)) delivery_plan(bank, event, endpoint, bank->now_us);
    }
}

static void end_delivery(struct delivery *delivery, bool is_given_up)
{
    delivery->state = DELIVERY_IS_DONE;
    delivery->is_given_up = is_given_up;
    delivery->event->pending--;
}

void delivery_is_due(struct bank *bank, struct delivery *delivery)
{
    if (delivery->state != DELIVERY_WAITS) return;
    if (delivery->endpoint->is_deleted) {
        end_delivery(delivery, true);
        return;
    }
    delivery->state = DELIVERY_IS_DUE;
    list_add(&bank->due_deliveries, delivery);
}

static void forget_due(struct bank *bank, const struct delivery *delivery)
{
    struct list *due = &bank->due_deliveries;
    for (size_t i = 0; i < due->count; i++) {
        if (due->items[i] != delivery) continue;
        due->items[i] = due->items[--due->count];
        return;
    }
}

void delivery_ended(struct bank *bank, struct delivery *delivery, int code)
{
    if (delivery->state != DELIVERY_IS_DUE) return;
    forget_due(bank, delivery);
    delivery->attempts++;
    delivery->last_code = code;
    if (code >= 200 && code < 300) {
        end_delivery(delivery, false);
        return;
    }
    if (delivery->attempts == DELIVERY_ATTEMPTS_MAX || delivery->endpoint->is_deleted) {
        end_delivery(delivery, true);
        return;
    }
    delivery->state = DELIVERY_WAITS;
    int64_t wait_us = bank->settings.retry_us;
    for (int i = 1; i < delivery->attempts && i < BACKOFF_DOUBLINGS_MAX; i++)
        wait_us *= 2;
    if (wait_us > RETRY_MAX_US) wait_us = RETRY_MAX_US;
    bank_plan(bank, bank->now_us + wait_us, DUE_DELIVERY, delivery);
}

size_t endpoint_secrets(const struct endpoint *endpoint, int64_t now_us,
                        const char *ret_secrets[ENDPOINT_SECRETS_MAX])
{
    ret_secrets[0] = endpoint->secrets[0];
    if (endpoint->secrets[1] == NULL || now_us >= endpoint->second_until_us) return 1;
    ret_secrets[1] = endpoint->secrets[1];
    return 2;
}

json_t *event_retrieve(struct call *call)
{
    const struct event *event = bank_find(call->bank, call->account, OBJECT_EVENT, call->id);
    if (event == NULL) return refuse_missing(call, "event", call->id);
    return render(call->bank, &event->object);
}

static bool event_matches(const struct call *call, const struct object *object)
{
    const struct event *event = (const struct event *)object;
    const struct text type = param(call, "type");
    if (type.data != NULL) return text_equals_string(type, event->type);
    bool is_asked = false;
    for (size_t i = 0; i < call->form.count; i++) {
        if (form_child(call->form.fields[i].name, "types").data == NULL) continue;
        is_asked = true;
        if (text_equals_string(call->form.fields[i].value, event->type)) return true;
    }
    return !is_asked;
}

json_t *event_list(struct call *call)
{
    return list_page(call, OBJECT_EVENT, "/v1/events", event_matches);
}

/* The names that the request has, into the endpoint; false after a refusal. */
static bool read_events(struct call *call, const char ***ret_events, size_t *ret_count)
{
    const char **events =
        arena_allocate_array(call->bank->arena, ENDPOINT_EVENTS_MAX, sizeof *events);
    size_t count = 0;
    for (size_t i = 0; i < call->form.count; i++) {
        const struct text value = call->form.fields[i].value;
        if (form_child(call->form.fields[i].name, "enabled_events").data == NULL) continue;
        if (count == ENDPOINT_EVENTS_MAX || value.length == 0 || value.length > EVENT_NAME_MAX) {
            refuse_input(call, NULL, "enabled_events", "1 to %d names of at most %d bytes.",
                         ENDPOINT_EVENTS_MAX, EVENT_NAME_MAX);
            return false;
        }
        events[count++] = bank_text(call->bank, value);
    }
    if (count > 0) {
        *ret_events = events;
        *ret_count = count;
    }
    return true;
}

static size_t count_endpoints(const struct call *call)
{
    const struct list *all = &call->bank->objects[OBJECT_ENDPOINT];
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct endpoint *endpoint = all->items[i];
        count += endpoint->object.account == call->account && !endpoint->is_deleted;
    }
    return count;
}

static bool read_endpoint(struct call *call, struct endpoint *endpoint)
{
    return param_url(call, "url", &endpoint->url) &&
           param_text(call, "description", TEXT_FIELD_MAX, &endpoint->description) &&
           param_metadata(call, &endpoint->metadata) &&
           read_events(call, &endpoint->events, &endpoint->events_count);
}

json_t *endpoint_create(struct call *call)
{
    struct endpoint wanted = { .url = NULL };
    if (!read_endpoint(call, &wanted)) return NULL;
    if (wanted.url == NULL || wanted.events_count == 0) {
        const char *name = wanted.url == NULL ? "url" : "enabled_events";
        return refuse_input(call, "parameter_missing", name, "Missing required param: %s.", name);
    }
    if (count_endpoints(call) == ENDPOINTS_MAX) {
        return refuse_state(call, NULL, NULL, "An account has at most %d webhook endpoints.",
                            ENDPOINTS_MAX);
    }
    struct bank *bank = call->bank;
    struct endpoint *endpoint =
        bank_make(bank, OBJECT_ENDPOINT, call->account, sizeof *endpoint, "we_");
    wanted.object = endpoint->object;
    *endpoint = wanted;
    endpoint->secrets[0] = bank_secret(bank, "whsec_", SECRET_CHARACTERS);
    return render_endpoint_with_secret(endpoint);
}

static struct endpoint *find_endpoint(struct call *call)
{
    struct endpoint *endpoint = bank_find(call->bank, call->account, OBJECT_ENDPOINT, call->id);
    if (endpoint != NULL && !endpoint->is_deleted) return endpoint;
    refuse_missing(call, "webhook_endpoint", call->id);
    return NULL;
}

json_t *endpoint_retrieve(struct call *call)
{
    const struct endpoint *endpoint = find_endpoint(call);
    return endpoint == NULL ? NULL : render(call->bank, &endpoint->object);
}

json_t *endpoint_update(struct call *call)
{
    struct endpoint *endpoint = find_endpoint(call);
    if (endpoint == NULL) return NULL;
    struct endpoint wanted = *endpoint;
    if (!read_endpoint(call, &wanted)) return NULL;
    *endpoint = wanted;
    return render(call->bank, &endpoint->object);
}

static bool endpoint_matches(const struct call *call, const struct object *object)
{
    (void)call;
    return !((const struct endpoint *)object)->is_deleted;
}

json_t *endpoint_list(struct call *call)
{
    return list_page(call, OBJECT_ENDPOINT, "/v1/webhook_endpoints", endpoint_matches);
}

json_t *endpoint_delete(struct call *call)
{
    struct endpoint *endpoint = find_endpoint(call);
    if (endpoint == NULL) return NULL;
    endpoint->is_deleted = true;
    return render(call->bank, &endpoint->object);
}
