/* Calls to the provider. */
#include "actors/payment/provider_transport.h"

#include "actors/payment/stripe_message.h"
#include "runtime/secret.h"
#include "runtime/text_form.h"

static struct text setting(const struct request *request, enum setting name)
{
    return text_of(config_text(request_config(request), name));
}

const struct provider *provider_of(const struct request *request)
{
    static const struct provider *const providers[] = { NULL, &stripe_provider };
    const int64_t choice = config_int(request_config(request), SETTING_PAYMENT_PROVIDER);
    assert(choice >= 0 && (size_t)choice < ARRAY_LENGTH(providers));
    return providers[choice];
}

static bool plays(const struct request *request)
{
    const struct config *config = request_config(request);
    return config_bool(config, SETTING_TEST_MODE) ||
           config_bool(config, SETTING_PAYMENT_PLAY_MONEY);
}

/* The key would travel with it, so it goes over TLS, or nowhere beyond this machine. */
static bool is_fit(const struct request *request, struct text url)
{
    return text_is_https_url(url) || (plays(request) && text_is_secure_url(url));
}

/* By a test key whoever knows the provider's documents buys for nothing. */
static bool is_key_fit(const struct request *request, struct text key)
{
    const bool is_test =
        text_starts_with(key, TEXT("sk_test_")) || text_starts_with(key, TEXT("rk_test_"));
    return !is_test || plays(request);
}

static enum status complain(const struct payment_provider_call *call, const char *why)
{
    log_warning("provider_call_failed", LOG_UUID("operation", call->operation_id),
                LOG_STRING("asked", payment_operation_names[call->operation]),
                LOG_STRING("why", why));
    return STATUS_UNAVAILABLE;
}

static enum status send_call(struct request *request, const struct provider *provider,
                             const struct payment_provider_call *call,
                             const struct provider_request *what,
                             struct transfer_answer *ret_answer)
{
    const struct config *config = request_config(request);
    struct arena *arena = request_arena(request);
    const struct text url = setting(request, SETTING_PAYMENT_STRIPE_URL);
    struct text secret;
    char key[ID_TEXT_MAX + 1];
    if (!is_fit(request, url)) return complain(call, "payment.stripe_url is not https");
    if (secret_read_line(arena, config_text(config, SETTING_PAYMENT_STRIPE_KEY_FILE), &secret) !=
        STATUS_OK)
        return complain(call, "payment.stripe_key_file cannot be read");
    if (!is_key_fit(request, secret))
        return complain(call, "payment.stripe_key_file has a test key, and payment.play_money is "
                              "not set");
    (void)id_format("pop", call->operation_id, key);
    const struct transfer_header headers[] = {
        { .name = TEXT("Authorization"),
          .value = text_format(arena, "Bearer %.*s", (int)secret.length, secret.data) },
        { .name = TEXT("Stripe-Version"), .value = TEXT(STRIPE_VERSION) },
        { .name = text_of(provider->key_header), .value = text_of(key) },
    };
    const bool is_post = what->method == TRANSFER_POST;
    const struct transfer_http http = {
        .url = text_format(arena, "%.*s%.*s", (int)url.length, url.data, (int)what->path.length,
                           what->path.data),
        .content_type = is_post ? TEXT("application/x-www-form-urlencoded") : (struct text){ 0 },
        .body = what->body,
        .headers = headers,
        .headers_count = is_post ? ARRAY_LENGTH(headers) : ARRAY_LENGTH(headers) - 1,
        .timeout_us = config_duration_us(config, SETTING_PAYMENT_CALL_TIMEOUT),
        .method = what->method,
    };
    const enum status status = request_transfer_http(request, &http, ret_answer);
    if (status == STATUS_OK || status == STATUS_STOPPING) return status;
    return complain(call, status_name(status));
}

static enum status call_once(struct request *request, const struct provider *provider,
                             const struct payment_provider_call *call,
                             struct provider_answer *ret_answer)
{
    struct provider_request what;
    struct transfer_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
    const enum status status = provider->write(call, request_arena(request), &what);
    if (status != STATUS_OK) {
        *ret_answer = (struct provider_answer){ .verdict = PROVIDER_NOT_TAKEN,
                                                .code = text_of(status_name(status)) };
        return STATUS_OK;
    }
    TRY(send_call(request, provider, call, &what, answer));
    provider->read(call, answer->code, answer->body, request_arena(request), ret_answer);
    return STATUS_OK;
}

/* The newest first, a bounded number of pages: what was made a moment ago is on the first one. */
static enum status look(struct request *request, const struct provider *provider,
                        const struct payment_provider_call *call,
                        struct provider_answer *ret_answer)
{
    enum { PAGES_MAX = 20 };
    struct text after = { 0 };
    for (int page = 0; page < PAGES_MAX; page++) {
        struct provider_request what;
        struct transfer_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
        if (provider->write_look(call, after, request_arena(request), &what) != STATUS_OK)
            return complain(call, "it cannot be looked for");
        TRY(send_call(request, provider, call, &what, answer));
        provider->read_look(call, answer->code, answer->body, request_arena(request), ret_answer,
                            &after);
        if (ret_answer->verdict != PROVIDER_NOT_DONE) return STATUS_OK;
        if (after.length > 0) continue;
        /* There is none, and the key makes none any more. */
        *ret_answer = (struct provider_answer){ .verdict = PROVIDER_NOT_TAKEN,
                                                .code = TEXT("provider_error") };
        return STATUS_OK;
    }
    return complain(call, "it is not among the newest");
}

/* How things stand is asked by the payment's id; where the payment, or the refund, may not even be
 * there, it is looked for. */
static enum status ask_how_it_stands(struct request *request, const struct provider *provider,
                                     const struct payment_provider_call *call,
                                     struct provider_answer *ret_answer)
{
    struct payment_provider_call query = *call;
    query.operation = PAYMENT_OPERATION_QUERY;
    if (call->operation == PAYMENT_OPERATION_AUTHORISE ||
        call->operation == PAYMENT_OPERATION_REFUND)
        return look(request, provider, call, ret_answer);
    return call_once(request, provider, &query, ret_answer);
}

/* What was asked for has happened, whoever says so. */
static bool has_happened(const struct payment_provider_call *call,
                         const struct provider_answer *answer)
{
    if (answer->verdict != PROVIDER_SAID || answer->facts_count == 0) return false;
    const enum payment_fact fact = answer->facts[0].fact;
    if (call->operation == PAYMENT_OPERATION_CAPTURE) return fact == PAYMENT_FACT_CAPTURED;
    if (call->operation == PAYMENT_OPERATION_VOID)
        return fact == PAYMENT_FACT_VOIDED || fact == PAYMENT_FACT_AUTH_EXPIRED ||
               fact == PAYMENT_FACT_CAPTURED;
    return true;
}

/* While the call may still be under way, only what has happened counts; what has not may yet. */
static enum status find_out(struct request *request, const struct provider *provider,
                            const struct payment_provider_call *call,
                            struct provider_answer *answer)
{
    const bool is_over = answer->verdict == PROVIDER_BROKEN || answer->code.length > 0;
    struct provider_answer *how = arena_allocate(request_arena(request), sizeof *how);
    const enum status status = ask_how_it_stands(request, provider, call, how);
    if (status == STATUS_STOPPING) return status;
    if (status == STATUS_OK && (is_over || has_happened(call, how))) *answer = *how;
    return STATUS_OK;
}

enum status provider_call(struct request *request, const struct provider *provider,
                          const struct payment_provider_call *call,
                          struct provider_answer *ret_answer)
{
    assert(provider != NULL);
    const enum status status = call_once(request, provider, call, ret_answer);
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE) return status;
    if (status != STATUS_OK) *ret_answer = (struct provider_answer){ .verdict = PROVIDER_UNKNOWN };
    const bool is_open =
        ret_answer->verdict == PROVIDER_UNKNOWN || ret_answer->verdict == PROVIDER_BROKEN;
    if (is_open && call->operation != PAYMENT_OPERATION_QUERY)
        TRY(find_out(request, provider, call, ret_answer));
    if (ret_answer->verdict == PROVIDER_NOT_DONE) return complain(call, "not now");
    if (ret_answer->verdict == PROVIDER_UNKNOWN || ret_answer->verdict == PROVIDER_BROKEN)
        return complain(call, "nobody knows");
    return STATUS_OK;
}

enum status provider_verify_event(struct request *request, const struct provider *provider,
                                  struct text signature, struct text body)
{
    static const enum setting files[] = { SETTING_PAYMENT_STRIPE_WEBHOOK_SECRET_FILE,
                                          SETTING_PAYMENT_STRIPE_NEXT_WEBHOOK_SECRET_FILE };
    struct text secrets[ARRAY_LENGTH(files)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        const char *path = config_text(request_config(request), files[i]);
        if (path[0] == '\0') continue;
        if (secret_read_line(request_arena(request), path, &secrets[count]) == STATUS_OK)
            count++;
        else
            log_error("webhook_secret_unreadable", LOG_STRING("file", path));
    }
    /* Nobody can say whether it is the provider's: it must come again. */
    if (count == 0) return STATUS_UNAVAILABLE;
    return provider->verify(secrets, count, signature, body, request_real_us(request));
}
