/* What Stripe answers and tells. */
#include <string.h>

#include "actors/payment/stripe_message.h"
#include "actors/payment/stripe_object.h"
#include "actors/payment/stripe_signature.h"
#include "messages/json_document.h"

enum { US_PER_SECOND = 1000000, TYPE_MAX = 64 };

/* ---- answers ---- */

static bool is_code(struct text code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equals_string(code, codes[i])) return true;
    return false;
}

/* An error names what it is about; a refused card brings the intent as it now is. */
static void read_error(const struct payment_provider_call *call, const json_t *error,
                       struct arena *arena, struct provider_answer *answer)
{
    static const char *const done_before[] = { "payment_intent_unexpected_state",
                                               "charge_already_captured",
                                               "charge_already_refunded" };
    struct text type = { 0 }, code = { 0 }, decline = { 0 };
    IGNORE(json_document_text(error, "type", TYPE_MAX, arena, &type));
    IGNORE(json_document_text(error, "code", PROVIDER_CODE_MAX, arena, &code));
    IGNORE(json_document_text(error, "decline_code", PROVIDER_CODE_MAX, arena, &decline));
    answer->code = decline.length > 0 ? decline : code;
    const json_t *intent = json_object_get(error, "payment_intent");
    if (json_is_object(intent)) {
        const enum status status = stripe_object_read(intent, 0, (struct text){ 0 }, arena, answer);
        answer->verdict = status == STATUS_OK ? PROVIDER_SAID : PROVIDER_UNKNOWN;
        return;
    }
    const bool is_gone = call->operation != PAYMENT_OPERATION_AUTHORISE &&
                         text_equals_string(code, "resource_missing");
    /* It does not know its own payment: our key is of another account. */
    if (text_equals_string(type, "idempotency_error") || is_gone) answer->verdict = PROVIDER_SHUT;
    /* It stands elsewhere than was thought: the object itself says where. */
    else if (is_code(code, done_before, ARRAY_LENGTH(done_before)))
        answer->verdict = PROVIDER_UNKNOWN;
    else
        answer->verdict = PROVIDER_NOT_TAKEN;
}

/* RFC 9110 and https://docs.stripe.com/api/errors: 409 is a call of the same key that still runs,
 * 429 was not looked at; after 5xx, and whatever is no answer of Stripe's, nobody knows. */
void stripe_read(const struct payment_provider_call *call, int http_code, struct text body,
                 struct arena *arena, struct provider_answer *ret_answer)
{
    assert(call != NULL);
    assert(ret_answer != NULL);
    *ret_answer = (struct provider_answer){ .verdict = PROVIDER_UNKNOWN };
    json_t *json CLEANUP(json_document_release) = NULL;
    if (http_code == 500) ret_answer->verdict = PROVIDER_BROKEN;
    if (http_code == 429) ret_answer->verdict = PROVIDER_NOT_DONE;
    if (http_code == 401 || http_code == 403) ret_answer->verdict = PROVIDER_SHUT;
    const bool is_read =
        http_code == 200 || http_code == 400 || http_code == 402 || http_code == 404;
    if (!is_read || json_document_read(body, &json) != STATUS_OK) return;
    if (http_code != 200) {
        const json_t *error = json_object_get(json, "error");
        if (json_is_object(error)) read_error(call, error, arena, ret_answer);
        return;
    }
    struct provider_answer said = { .verdict = PROVIDER_SAID };
    if (stripe_object_read(json, 0, (struct text){ 0 }, arena, &said) == STATUS_OK)
        *ret_answer = said;
}

/* ---- looks ---- */

/* What we wrote beside it names the payment, or the refund, of the call. */
static bool is_of_call(const struct payment_provider_call *call, const json_t *object,
                       struct arena *arena)
{
    const bool is_refund = call->operation == PAYMENT_OPERATION_REFUND;
    const json_t *metadata = json_object_get(object, "metadata");
    struct text id;
    struct uuid named;
    return json_is_object(metadata) &&
           json_document_text(metadata,
                              is_refund ? STRIPE_METADATA_REFUND : STRIPE_METADATA_PAYMENT,
                              ID_TEXT_MAX, arena, &id) == STATUS_OK &&
           id_parse(id, is_refund ? "rfd" : "pay", &named) == STATUS_OK &&
           uuid_equals(named, is_refund ? call->refund_id : call->payment_id);
}

void stripe_read_look(const struct payment_provider_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_answer *ret_answer,
                      struct text *ret_after)
{
    assert(call != NULL);
    assert(ret_answer != NULL && ret_after != NULL);
    *ret_answer = (struct provider_answer){ .verdict = PROVIDER_UNKNOWN };
    *ret_after = (struct text){ 0 };
    json_t *json CLEANUP(json_document_release) = NULL;
    if (http_code == 401 || http_code == 403) ret_answer->verdict = PROVIDER_SHUT;
    if (http_code != 200 || json_document_read(body, &json) != STATUS_OK) return;
    const json_t *list = json_object_get(json, "data");
    if (!json_is_array(list)) return;
    const size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(list, i);
        if (!is_of_call(call, object, arena)) continue;
        struct provider_answer said = { .verdict = PROVIDER_SAID };
        if (stripe_object_read(object, 0, (struct text){ 0 }, arena, &said) == STATUS_OK)
            *ret_answer = said;
        return;
    }
    ret_answer->verdict = PROVIDER_NOT_DONE;
    if (count > 0 && json_is_true(json_object_get(json, "has_more")) &&
        json_document_text(json_array_get(list, count - 1), "id", PROVIDER_REF_MAX, arena,
                           ret_after) != STATUS_OK)
        ret_answer->verdict = PROVIDER_UNKNOWN;
}

/* ---- events ---- */

enum status stripe_read_event(struct text body, struct arena *arena,
                              struct provider_event *ret_event)
{
    assert(ret_event != NULL);
    json_t *json CLEANUP(json_document_release) = NULL;
    struct text kind;
    if (json_document_read(body, &json) != STATUS_OK) return STATUS_MALFORMED;
    struct provider_event event = { .says = { .verdict = PROVIDER_SAID } };
    const json_t *created = json_object_get(json, "created");
    const json_t *object = json_object_get(json_object_get(json, "data"), "object");
    if (json_document_text(json, "object", TYPE_MAX, arena, &kind) != STATUS_OK ||
        !text_equals_string(kind, "event") ||
        json_document_text(json, "id", PROVIDER_REF_MAX, arena, &event.id) != STATUS_OK ||
        event.id.length == 0 ||
        json_document_text(json, "type", TYPE_MAX, arena, &event.type) != STATUS_OK ||
        !json_is_integer(created) || !json_is_object(object))
        return STATUS_MALFORMED;
    const int64_t seconds = json_integer_value(created);
    if (seconds < 0 || seconds > TIME_MAX_US / US_PER_SECOND) return STATUS_MALFORMED;
    event.at_us = seconds * US_PER_SECOND;
    event.is_live = json_is_true(json_object_get(json, "livemode"));
    const enum status status =
        stripe_object_read(object, event.at_us, event.id, arena, &event.says);
    /* What is whole and signed is taken, or it would be sent again for days; what it is about may
     * be newer than we are. */
    event.is_known = status == STATUS_OK;
    event.is_strange = status == STATUS_MALFORMED;
    if (!event.is_known) event.says.facts_count = 0;
    *ret_event = event;
    return STATUS_OK;
}

struct payment_provider_news provider_news_of(const struct provider_answer *answer)
{
    assert(answer != NULL);
    return (struct payment_provider_news){ .reference = answer->reference,
                                           .charge = answer->charge,
                                           .next_url = answer->next_url,
                                           .code = answer->code,
                                           .facts = answer->facts,
                                           .facts_count = answer->facts_count };
}

const struct provider stripe_provider = {
    .name = "stripe",
    .key_header = "Idempotency-Key",
    .write = stripe_write,
    .write_look = stripe_write_look,
    .write_search = stripe_write_search,
    .read_look = stripe_read_look,
    .read = stripe_read,
    .read_event = stripe_read_event,
    .write_report = stripe_write_report,
    .read_report = stripe_read_report,
    .write_card = stripe_write_card,
    .read_card = stripe_read_card,
    .verify = stripe_signature_verify,
};
