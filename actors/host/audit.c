/* Audit entries: who, in whose name, what, to what, why, from where, and what was there before. */
#include "actors/host/audit.h"

#include "common_messages.h"
#include "messages/codec_json.h"

enum {
    SUBJECT_TEXT_MAX = ID_TEXT_MAX + 1,
    REQUEST_JSON_MAX = 4000,
    BEFORE_MAX = 4000,
    REASON_MAX = 500
};

static struct text id_text(struct request *request, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(request->arena, SUBJECT_TEXT_MAX);
    return (struct text){ text, id_format(prefix, id, text) };
}

static struct text principal_text(struct request *request)
{
    const struct principal *principal = &request->envelope->principal;
    switch (principal->kind) {
    case PRINCIPAL_SHOPPER:
        return id_text(request, "usr", principal->id);
    case PRINCIPAL_VENDOR:
        return id_text(request, "ven", principal->id);
    case PRINCIPAL_ADMIN:
        return id_text(request, "adm", principal->id);
    case PRINCIPAL_OPERATOR:
        return TEXT("operator");
    case PRINCIPAL_NODE:
    case PRINCIPAL_NONE:
        break;
    }
    return TEXT("system");
}

/* The key is what the message is about, unless the handler knows better. */
static struct text subject_text(struct request *request, const struct message *message)
{
    if (request->audit_subject.length > 0) return request->audit_subject;
    if (message->key == KEY_FIELD && message->body->fields[message->key_field].type == FIELD_ID)
        return id_text(request, message->body->fields[message->key_field].prefixes[0],
                       request->envelope->key);
    return principal_text(request);
}

static bool is_sent(const struct field *field, const void *body)
{
    return (field->flags & FIELD_OPTIONAL) == 0 ||
           *(const bool *)((const char *)body + field->presence_offset);
}

static struct text reason_text(const struct message *message, const void *body)
{
    for (size_t i = 0; i < message->body->fields_count; i++) {
        const struct field *field = &message->body->fields[i];
        if (field->type != FIELD_TEXT || field->list_max > 0) continue;
        if (!text_equals_string(TEXT("reason"), field->name)) continue;
        if (!is_sent(field, body)) continue;
        return *(const struct text *)(const void *)((const char *)body + field->offset);
    }
    return (struct text){ 0 };
}

/* Longer ones are left out whole: half an object tells less than none. */
static struct text request_json(struct request *request, const struct message *message,
                                const void *body)
{
    struct text_builder json;
    text_builder_init(&json, request->arena, REQUEST_JSON_MAX);
    json_encode_open(message->body, body, &json);
    return json.is_full ? TEXT("{}") : text_builder_view(&json);
}

/* What staff types in a shopper's name is the shopper's (an address, a telephone), and goes with
 * his account; the trail is for ever. So it has which fields were sent, and not what stood in them.
 */
static struct text names_json(struct request *request, const struct message *message,
                              const void *body)
{
    struct text_builder json;
    bool is_first = true;
    text_builder_init(&json, request->arena, REQUEST_JSON_MAX);
    text_builder_add(&json, TEXT("{\"fields\":["));
    for (size_t i = 0; i < message->body->fields_count; i++) {
        const struct field *field = &message->body->fields[i];
        if (!is_sent(field, body)) continue;
        if (!is_first) text_builder_add_byte(&json, ',');
        is_first = false;
        json_encode_text(text_of(field->name), &json);
    }
    text_builder_add(&json, TEXT("]}"));
    return json.is_full ? TEXT("{}") : text_builder_view(&json);
}

static bool is_audited(const struct request *request, const struct message *message)
{
    if (message->kind != MESSAGE_COMMAND) return false;
    if (request->is_audited) return true;
    const struct principal *principal = &request->envelope->principal;
    return message->role == ROLE_VENDOR || message->role == ROLE_ADMIN ||
           principal_is_impersonated(principal);
}

enum status audit_add(struct request *request, const struct message *message, const void *body)
{
    assert(request != NULL);
    assert(message != NULL);
    const struct domain_definition *definition = request->hosted->definition;
    const struct message *event = definition->dispatch->audit;
    if (event == NULL && definition->record_audit == NULL) return STATUS_OK;
    if (!is_audited(request, message)) return STATUS_OK;
    const struct principal *principal = &request->envelope->principal;
    struct common_audit_entry entry = {
        .at_us = request->now_us,
        .request_id = request->envelope->request_id,
        .action = text_of(message->name),
        .principal = principal_text(request),
        .has_actor = !uuid_is_zero(principal->actor),
        .subject = subject_text(request, message),
        .reason = reason_text(message, body),
        .has_before =
            request->audit_before.length > 0 && request->audit_before.length <= BEFORE_MAX,
        .before = request->audit_before,
        .request = request->audits_names || principal_is_impersonated(principal)
                       ? names_json(request, message, body)
                       : request_json(request, message, body),
        .has_client = request->envelope->client.length > 0,
        .client = request->envelope->client,
    };
    if (entry.has_actor)
        entry.actor =
            id_text(request, principal->kind == PRINCIPAL_VENDOR ? "mbr" : "adm", principal->actor);
    if (entry.reason.length > REASON_MAX) entry.reason.length = REASON_MAX;
    entry.has_reason = entry.reason.length > 0;
    if (definition->record_audit != NULL) {
        definition->record_audit(request, &entry);
        return STATUS_OK;
    }
    /* The event holds the entry and nothing else (checked by the generator). */
    return request_publish(request, event, &entry);
}
