/* Cards that are kept at Stripe: customers, SetupIntents, payment methods.
 * https://docs.stripe.com/api/setup_intents, https://docs.stripe.com/api/customers */
#include "actors/payment/stripe_message.h"
#include "messages/json_document.h"
#include "runtime/form.h"

enum { WORD_MAX = 64, BRAND_MAX = 32, LAST4_MAX = 4, YEAR_MAX = 9999, MONTH_MAX = 12 };

/* ---- asked for ---- */

static void write_customer(const struct provider_card_call *call, struct text_builder *form)
{
    char id[ID_TEXT_MAX + 1];
    (void)id_format("usr", call->user_id, id);
    form_add(form, "metadata[" STRIPE_METADATA_USER "]", text_of(id));
}

/* Nothing is charged: the bank is asked whether the card may pay later, when nobody is there. */
static enum status write_setup(const struct provider_card_call *call, struct text_builder *form)
{
    if (!stripe_is_reference(call->customer)) return STATUS_INVALID_VALUE;
    form_add(form, "customer", call->customer);
    form_add(form, "payment_method", call->method);
    form_add(form, "payment_method_types[0]", TEXT("card"));
    form_add(form, "usage", TEXT("off_session"));
    form_add(form, "confirm", TEXT("true"));
    if (call->return_url.length > 0) form_add(form, "return_url", call->return_url);
    form_add(form, "expand[0]", TEXT("payment_method"));
    return STATUS_OK;
}

static enum status write_parts(const struct provider_card_call *call, struct text_builder *path,
                               struct text_builder *form)
{
    switch (call->act) {
    case PROVIDER_MAKE_CUSTOMER:
        text_builder_add(path, TEXT("/v1/customers"));
        write_customer(call, form);
        return STATUS_OK;
    case PROVIDER_SET_UP:
        text_builder_add(path, TEXT("/v1/setup_intents"));
        return write_setup(call, form);
    case PROVIDER_LOOK_AT_SETUP:
        if (!stripe_is_reference(call->setup)) return STATUS_INVALID_VALUE;
        text_builder_add(path, TEXT("/v1/setup_intents/"));
        text_builder_add(path, call->setup);
        text_builder_add(path, TEXT("?expand%5B0%5D=payment_method"));
        return STATUS_OK;
    default:
        if (!stripe_is_reference(call->method)) return STATUS_INVALID_VALUE;
        text_builder_add(path, TEXT("/v1/payment_methods/"));
        text_builder_add(path, call->method);
        text_builder_add(path, TEXT("/detach"));
        return STATUS_OK;
    }
}

enum status stripe_write_card(const struct provider_card_call *call, struct arena *arena,
                              struct provider_request *ret_request)
{
    assert(call != NULL);
    assert(ret_request != NULL);
    struct text_builder path, form;
    text_builder_init(&path, arena, PROVIDER_PATH_MAX);
    text_builder_init(&form, arena, PROVIDER_BODY_MAX);
    TRY(write_parts(call, &path, &form));
    if (path.is_full || form.is_full) return STATUS_OUT_OF_RANGE;
    *ret_request = (struct provider_request){
        .method = call->act == PROVIDER_LOOK_AT_SETUP ? TRANSFER_GET : TRANSFER_POST,
        .path = text_builder_view(&path),
        .body = text_builder_view(&form),
    };
    return STATUS_OK;
}

/* ---- read ---- */

static struct text text_at(const json_t *object, const char *name, size_t length_max,
                           struct arena *arena)
{
    struct text text;
    if (!json_is_object(object) ||
        json_document_text(object, name, length_max, arena, &text) != STATUS_OK)
        return (struct text){ 0 };
    return text;
}

static int64_t number_at(const json_t *object, const char *name, int64_t max)
{
    const json_t *member = json_object_get(object, name);
    const int64_t value = json_is_integer(member) ? json_integer_value(member) : 0;
    return value < 0 || value > max ? 0 : value;
}

static void read_method(const json_t *method, struct arena *arena, struct provider_card *card)
{
    const json_t *details = json_object_get(method, "card");
    card->method = text_at(method, "id", PROVIDER_REF_MAX, arena);
    card->brand = text_at(details, "brand", BRAND_MAX, arena);
    card->last4 = text_at(details, "last4", LAST4_MAX, arena);
    card->exp_month = number_at(details, "exp_month", MONTH_MAX);
    card->exp_year = number_at(details, "exp_year", YEAR_MAX);
}

static enum status read_setup(const json_t *json, struct arena *arena, struct provider_card *card)
{
    const struct text status = text_at(json, "status", WORD_MAX, arena);
    const json_t *action = json_object_get(json_object_get(json, "next_action"), "redirect_to_url");
    card->setup = text_at(json, "id", PROVIDER_REF_MAX, arena);
    read_method(json_object_get(json, "payment_method"), arena, card);
    card->next_url = text_at(action, "url", PROVIDER_URL_MAX, arena);
    card->is_ready = text_equals_string(status, "succeeded");
    card->is_refused = text_equals_string(status, "requires_payment_method") ||
                       text_equals_string(status, "canceled");
    if (card->setup.length == 0 || status.length == 0) return STATUS_MALFORMED;
    return card->is_ready && card->method.length == 0 ? STATUS_MALFORMED : STATUS_OK;
}

static enum status read_object(const struct provider_card_call *call, const json_t *json,
                               struct arena *arena, struct provider_card *card)
{
    static const char *const kinds[] = {
        [PROVIDER_MAKE_CUSTOMER] = "customer",
        [PROVIDER_SET_UP] = "setup_intent",
        [PROVIDER_LOOK_AT_SETUP] = "setup_intent",
        [PROVIDER_DETACH] = "payment_method",
    };
    if (!text_equals_string(text_at(json, "object", WORD_MAX, arena), kinds[call->act]))
        return STATUS_MALFORMED;
    if (call->act == PROVIDER_DETACH) return STATUS_OK;
    if (call->act != PROVIDER_MAKE_CUSTOMER) return read_setup(json, arena, card);
    card->customer = text_at(json, "id", PROVIDER_REF_MAX, arena);
    return card->customer.length == 0 ? STATUS_MALFORMED : STATUS_OK;
}

void stripe_read_card(const struct provider_card_call *call, int http_code, struct text body,
                      struct arena *arena, struct provider_card *ret_card)
{
    assert(call != NULL);
    assert(ret_card != NULL);
    *ret_card = (struct provider_card){ .verdict = PROVIDER_UNKNOWN };
    json_t *json CLEANUP(json_document_release) = NULL;
    if (http_code == 500) ret_card->verdict = PROVIDER_BROKEN;
    if (http_code == 429) ret_card->verdict = PROVIDER_NOT_DONE;
    if (http_code == 401 || http_code == 403) ret_card->verdict = PROVIDER_SHUT;
    const bool is_refused = http_code == 400 || http_code == 402 || http_code == 404;
    if ((!is_refused && http_code != 200) || json_document_read(body, &json) != STATUS_OK) return;
    if (is_refused) {
        const json_t *error = json_object_get(json, "error");
        if (!json_is_object(error)) return;
        ret_card->verdict = PROVIDER_NOT_TAKEN;
        ret_card->code = text_at(error, "decline_code", PROVIDER_CODE_MAX, arena);
        if (ret_card->code.length == 0)
            ret_card->code = text_at(error, "code", PROVIDER_CODE_MAX, arena);
        return;
    }
    struct provider_card card = { .verdict = PROVIDER_SAID };
    if (read_object(call, json, arena, &card) == STATUS_OK) *ret_card = card;
}
