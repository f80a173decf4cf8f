/* What is sent to Stripe: forms for PaymentIntents with manual capture, and for refunds.
 * https://docs.stripe.com/api/payment_intents, https://docs.stripe.com/api/refunds */
#include "actors/payment/stripe_message.h"

#include "actors/payment/stripe_amount.h"
#include "runtime/form.h"

static void add_lower(struct text_builder *form, const char *name, const char *currency)
{
    char lower[4] = { 0 };
    for (size_t i = 0; i < 3; i++)
        lower[i] = (char)(currency[i] | 0x20);
    form_add(form, name, text_of(lower));
}

static void add_id(struct text_builder *form, const char *name, const char *prefix, struct uuid id)
{
    char text[ID_TEXT_MAX + 1];
    (void)id_format(prefix, id, text);
    form_add(form, name, text_of(text));
}

/* With everything the bank has to know at once, so that a card without a second factor takes one
 * call. The charge is brought along, since it says what was captured and given back. */
static enum status write_authorise(const struct payment_provider_call *call,
                                   struct text_builder *form)
{
    int64_t amount;
    TRY(stripe_amount_of(call->amount, &amount));
    form_add_int(form, "amount", amount);
    add_lower(form, "currency", call->amount.currency);
    form_add(form, "capture_method", TEXT("manual"));
    form_add(form, "confirm", TEXT("true"));
    form_add(form, "payment_method", call->method);
    form_add(form, "payment_method_types[0]", TEXT("card"));
    if (call->has_customer) form_add(form, "customer", call->customer);
    if (call->has_is_off_session && call->is_off_session)
        form_add(form, "off_session", TEXT("true"));
    else if (call->return_url.length > 0)
        form_add(form, "return_url", call->return_url);
    if (call->description.length > 0) form_add(form, "description", call->description);
    add_id(form, "metadata[" STRIPE_METADATA_PAYMENT "]", "pay", call->payment_id);
    form_add(form, "expand[0]", TEXT("latest_charge"));
    return STATUS_OK;
}

static enum status write_capture(const struct payment_provider_call *call,
                                 struct text_builder *form)
{
    int64_t amount;
    TRY(stripe_amount_of(call->amount, &amount));
    form_add_int(form, "amount_to_capture", amount);
    form_add(form, "expand[0]", TEXT("latest_charge"));
    return STATUS_OK;
}

static enum status write_refund(const struct payment_provider_call *call, struct text_builder *form)
{
    int64_t amount;
    TRY(stripe_amount_of(call->amount, &amount));
    form_add(form, "payment_intent", call->reference);
    form_add_int(form, "amount", amount);
    add_id(form, "metadata[" STRIPE_METADATA_PAYMENT "]", "pay", call->payment_id);
    add_id(form, "metadata[" STRIPE_METADATA_REFUND "]", "rfd", call->refund_id);
    return STATUS_OK;
}

bool stripe_is_reference(struct text reference)
{
    if (reference.length == 0 || reference.length > PROVIDER_REF_MAX) return false;
    for (size_t i = 0; i < reference.length; i++) {
        const char byte = reference.data[i];
        const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                              (byte >= '0' && byte <= '9') || byte == '_';
        if (!is_plain) return false;
    }
    return true;
}

static enum status write_path(const struct payment_provider_call *call, const char *action,
                              struct text_builder *path)
{
    text_builder_add(path, TEXT("/v1/payment_intents"));
    if (action == NULL) return STATUS_OK;
    if (!stripe_is_reference(call->reference)) return STATUS_INVALID_VALUE;
    text_builder_add_byte(path, '/');
    text_builder_add(path, call->reference);
    text_builder_add(path, text_of(action));
    return STATUS_OK;
}

static enum status write_parts(const struct payment_provider_call *call, struct text_builder *path,
                               struct text_builder *form)
{
    switch (call->operation) {
    case PAYMENT_OPERATION_AUTHORISE:
        TRY(write_path(call, NULL, path));
        return write_authorise(call, form);
    case PAYMENT_OPERATION_CAPTURE:
        TRY(write_path(call, "/capture", path));
        return write_capture(call, form);
    case PAYMENT_OPERATION_VOID:
        form_add(form, "expand[0]", TEXT("latest_charge"));
        return write_path(call, "/cancel", path);
    case PAYMENT_OPERATION_REFUND:
        if (!stripe_is_reference(call->reference)) return STATUS_INVALID_VALUE;
        text_builder_add(path, TEXT("/v1/refunds"));
        return write_refund(call, form);
    default:
        return write_path(call, "?expand%5B0%5D=latest_charge", path);
    }
}

enum status stripe_write(const struct payment_provider_call *call, struct arena *arena,
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
        .method = call->operation == PAYMENT_OPERATION_QUERY ? TRANSFER_GET : TRANSFER_POST,
        .path = text_builder_view(&path),
        .body = text_builder_view(&form),
    };
    return STATUS_OK;
}

/* ---- looks ---- */

enum { LOOK_LIMIT = 100, US_PER_SECOND = 1000000 };
/* Clocks differ; what was made an hour before the key was cannot be the key's. */
#define CLOCKS_US (INT64_C(3600) * US_PER_SECOND)
#define KEY_LIFE_US (INT64_C(23) * 3600 * US_PER_SECOND)

static int64_t begin_of(const struct payment_provider_call *call)
{
    const int64_t begin_us = call->has_since ? call->since_us : call->expires_at_us - KEY_LIFE_US;
    return (begin_us - CLOCKS_US) / US_PER_SECOND;
}

enum status stripe_write_look(const struct payment_provider_call *call, struct text after,
                              struct arena *arena, struct provider_request *ret_request)
{
    struct text_builder path;
    assert(call != NULL);
    text_builder_init(&path, arena, PROVIDER_PATH_MAX);
    if (call->operation == PAYMENT_OPERATION_REFUND) {
        if (!stripe_is_reference(call->reference)) return STATUS_INVALID_VALUE;
        text_builder_add(&path, TEXT("/v1/refunds?"));
        form_add(&path, "payment_intent", call->reference);
    } else {
        text_builder_add(&path, TEXT("/v1/payment_intents?"));
        form_add_int(&path, "created%5Bgte%5D", begin_of(call));
    }
    form_add_int(&path, "limit", LOOK_LIMIT);
    if (after.length > 0) form_add(&path, "starting_after", after);
    if (path.is_full) return STATUS_OUT_OF_RANGE;
    *ret_request =
        (struct provider_request){ .method = TRANSFER_GET, .path = text_builder_view(&path) };
    return STATUS_OK;
}

/* https://docs.stripe.com/search: payments can be searched for, refunds cannot; of one payment
 * there are few. */
enum status stripe_write_search(const struct payment_provider_call *call, struct arena *arena,
                                struct provider_request *ret_request)
{
    struct text_builder path;
    char id[ID_TEXT_MAX + 1];
    assert(call != NULL);
    if (call->operation == PAYMENT_OPERATION_REFUND) return STATUS_NOT_FOUND;
    (void)id_format("pay", call->payment_id, id);
    text_builder_init(&path, arena, PROVIDER_PATH_MAX);
    text_builder_add(&path, TEXT("/v1/payment_intents/search?"));
    form_add(&path, "query",
             text_format(arena, "metadata['" STRIPE_METADATA_PAYMENT "']:'%s'", id));
    form_add_int(&path, "limit", LOOK_LIMIT);
    if (path.is_full) return STATUS_OUT_OF_RANGE;
    *ret_request =
        (struct provider_request){ .method = TRANSFER_GET, .path = text_builder_view(&path) };
    return STATUS_OK;
}
