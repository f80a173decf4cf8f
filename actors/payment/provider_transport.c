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

/* Secret keys, and restricted ones (https://docs.stripe.com/keys). */
static bool is_test_key(struct text key)
{
    return text_starts_with(key, TEXT("sk_test_")) || text_starts_with(key, TEXT("rk_test_"));
}

static bool is_live_key(struct text key)
{
    return text_starts_with(key, TEXT("sk_live_")) || text_starts_with(key, TEXT("rk_live_"));
}

/* By a test key whoever knows the provider's documents buys for nothing. */
static bool is_key_fit(const struct request *request, struct text key)
{
    return !is_test_key(key) || plays(request);
}

/* Who asks: what logs say of it, the key of what changes something, how long its answer may be. */
struct asking {
    struct uuid operation_id; /* zero: a report's */
    const char *what;
    size_t answer_max;
};

static enum status complain_of(const struct asking *asking, const char *why)
{
    log_warning("provider_call_failed", LOG_UUID("operation", asking->operation_id),
                LOG_STRING("asked", asking->what), LOG_STRING("why", why));
    return STATUS_UNAVAILABLE;
}

static struct asking asking_of(const struct payment_provider_call *call)
{
    return (struct asking){ .operation_id = call->operation_id,
                            .what = payment_operation_names[call->operation] };
}

static enum status complain(const struct payment_provider_call *call, const char *why)
{
    const struct asking asking = asking_of(call);
    return complain_of(&asking, why);
}

static enum status read_secret(struct request *request, const struct asking *asking,
                               struct text *ret_secret)
{
    const struct config *config = request_config(request);
    const char *file = config_text(config, SETTING_PAYMENT_STRIPE_KEY_FILE);
    if (!is_fit(request, setting(request, SETTING_PAYMENT_STRIPE_URL)))
        return complain_of(asking, "payment.stripe_url is not https");
    if (secret_read_line(request_arena(request), file, ret_secret) != STATUS_OK)
        return complain_of(asking, "payment.stripe_key_file cannot be read");
    if (!is_key_fit(request, *ret_secret))
        return complain_of(asking, "payment.stripe_key_file has a test key, and "
                                   "payment.play_money is not set");
    return STATUS_OK;
}

static enum status send_asked(struct request *request, const struct provider *provider,
                              const struct asking *asking, const struct provider_request *what,
                              struct transfer_answer *ret_answer)
{
    const struct config *config = request_config(request);
    struct arena *arena = request_arena(request);
    const struct text url = setting(request, SETTING_PAYMENT_STRIPE_URL);
    struct text secret;
    char key[ID_TEXT_MAX + 1];
    TRY(read_secret(request, asking, &secret));
    (void)id_format("pop", asking->operation_id, key);
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
        .answer_max = asking->answer_max,
    };
    const enum status status = request_transfer_http(request, &http, ret_answer);
    /* Overloaded: nothing was sent, so there is nothing to be found out. */
    if (status == STATUS_OK || status == STATUS_STOPPING || status == STATUS_OVERLOADED)
        return status;
    return complain_of(asking, status_name(status));
}

static enum status send_call(struct request *request, const struct provider *provider,
                             const struct payment_provider_call *call,
                             const struct provider_request *what,
                             struct transfer_answer *ret_answer)
{
    const struct asking asking = asking_of(call);
    return send_asked(request, provider, &asking, what, ret_answer);
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

static enum status ask_for_own(struct request *request, const struct provider *provider,
                               const struct payment_provider_call *call,
                               const struct provider_request *what,
                               struct provider_answer *ret_answer, struct text *ret_after)
{
    struct transfer_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
    struct asking asking = asking_of(call);
    asking.answer_max = PROVIDER_REPORT_MAX; /* a page of payments, each of some kilobytes */
    TRY(send_asked(request, provider, &asking, what, answer));
    provider->read_look(call, answer->code, answer->body, request_arena(request), ret_answer,
                        ret_after);
    return STATUS_OK;
}

/* Where so much is newer, it was made long enough ago to be found. */
static enum status search(struct request *request, const struct provider *provider,
                          const struct payment_provider_call *call,
                          struct provider_answer *ret_answer)
{
    struct provider_request what;
    struct text unused;
    if (provider->write_search == NULL ||
        provider->write_search(call, request_arena(request), &what) != STATUS_OK)
        return complain(call, "it is not among the newest");
    TRY(ask_for_own(request, provider, call, &what, ret_answer, &unused));
    if (ret_answer->verdict == PROVIDER_SAID || ret_answer->verdict == PROVIDER_SHUT)
        return STATUS_OK;
    return complain(call, "it is not among the newest, nor found");
}

/* The newest first, a bounded number of pages: what was made a moment ago is on the first one. What
 * is older is searched for. */
static enum status look(struct request *request, const struct provider *provider,
                        const struct payment_provider_call *call,
                        struct provider_answer *ret_answer)
{
    enum { PAGES_MAX = 20 };
    struct text after = { 0 };
    for (int page = 0; page < PAGES_MAX; page++) {
        struct provider_request what;
        if (provider->write_look(call, after, request_arena(request), &what) != STATUS_OK)
            return complain(call, "it cannot be looked for");
        TRY(ask_for_own(request, provider, call, &what, ret_answer, &after));
        if (ret_answer->verdict != PROVIDER_NOT_DONE) return STATUS_OK;
        if (after.length > 0) continue;
        /* There is none, and the key makes none any more. */
        *ret_answer =
            (struct provider_answer){ .verdict = PROVIDER_NOT_TAKEN, .code = TEXT(PROVIDER_ERROR) };
        return STATUS_OK;
    }
    return search(request, provider, call, ret_answer);
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
    /* That we may not look says nothing about what came of the call. */
    if (status != STATUS_OK || how->verdict == PROVIDER_SHUT) return STATUS_OK;
    if (is_over || has_happened(call, how)) *answer = *how;
    return STATUS_OK;
}

enum status provider_call(struct request *request, const struct provider *provider,
                          const struct payment_provider_call *call,
                          struct provider_answer *ret_answer)
{
    assert(provider != NULL);
    /* Of one that has no id there yet it is looked for what became of it. */
    const bool is_unnamed =
        call->operation == PAYMENT_OPERATION_QUERY && call->reference.length == 0;
    const enum status status = is_unnamed ? look(request, provider, call, ret_answer)
                                          : call_once(request, provider, call, ret_answer);
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE) return status;
    if (status != STATUS_OK) *ret_answer = (struct provider_answer){ .verdict = PROVIDER_UNKNOWN };
    const bool is_open =
        ret_answer->verdict == PROVIDER_UNKNOWN || ret_answer->verdict == PROVIDER_BROKEN;
    if (is_open && call->operation != PAYMENT_OPERATION_QUERY)
        TRY(find_out(request, provider, call, ret_answer));
    if (ret_answer->verdict == PROVIDER_SHUT)
        log_error("provider_shut", LOG_UUID("operation", call->operation_id),
                  LOG_STRING("asked", payment_operation_names[call->operation]),
                  LOG_TEXT("code", ret_answer->code));
    if (ret_answer->verdict == PROVIDER_NOT_DONE) return complain(call, "not now");
    if (ret_answer->verdict == PROVIDER_UNKNOWN || ret_answer->verdict == PROVIDER_BROKEN)
        return complain(call, "nobody knows");
    return STATUS_OK;
}

/* ---- reports ---- */

struct reading {
    const struct provider *provider;
    const struct transfer_answer *answer;
    struct text after;
    struct arena *arena;
    struct provider_report *report;
};

static void read_report(void *argument)
{
    const struct reading *reading = argument;
    reading->provider->read_report(reading->answer->code, reading->answer->body, reading->after,
                                   reading->arena, reading->report);
}

enum status provider_read_report(struct request *request, const struct provider *provider,
                                 const struct provider_period *period, struct text after,
                                 struct provider_report *ret_report)
{
    assert(provider != NULL);
    const struct asking asking = { .what = "report", .answer_max = PROVIDER_REPORT_MAX };
    struct provider_request what;
    struct arena *arena = request_arena(request);
    struct transfer_answer *answer = arena_allocate(arena, sizeof *answer);
    if (provider->write_report(period, after, arena, &what) != STATUS_OK)
        return complain_of(&asking, "it cannot be asked for");
    TRY(send_asked(request, provider, &asking, &what, answer));
    struct reading reading = { provider, answer, after, arena, ret_report };
    TRY(request_offload(request, read_report, &reading));
    switch (ret_report->verdict) {
    case PROVIDER_SAID:
        return STATUS_OK;
    case PROVIDER_NOT_TAKEN:
        return STATUS_NOT_FOUND;
    case PROVIDER_SHUT:
        return complain_of(&asking, "our key is refused");
    default:
        return complain_of(&asking, "this is no page of a report");
    }
}

/* ---- cards that are kept ---- */

enum status provider_call_card(struct request *request, const struct provider *provider,
                               const struct provider_card_call *call,
                               struct provider_card *ret_card)
{
    static const char *const names[] = {
        [PROVIDER_MAKE_CUSTOMER] = "make_customer",
        [PROVIDER_SET_UP] = "set_up",
        [PROVIDER_LOOK_AT_SETUP] = "look_at_setup",
        [PROVIDER_DETACH] = "detach",
    };
    assert(provider != NULL);
    const struct asking asking = { .operation_id = call->key, .what = names[call->act] };
    struct provider_request what;
    struct arena *arena = request_arena(request);
    struct transfer_answer *answer = arena_allocate(arena, sizeof *answer);
    const enum status status = provider->write_card(call, arena, &what);
    if (status != STATUS_OK) {
        *ret_card = (struct provider_card){ .verdict = PROVIDER_NOT_TAKEN,
                                            .code = text_of(status_name(status)) };
        return STATUS_OK;
    }
    TRY(send_asked(request, provider, &asking, &what, answer));
    provider->read_card(call, answer->code, answer->body, arena, ret_card);
    if (ret_card->verdict == PROVIDER_SAID || ret_card->verdict == PROVIDER_NOT_TAKEN ||
        ret_card->verdict == PROVIDER_BROKEN)
        return STATUS_OK;
    if (ret_card->verdict == PROVIDER_SHUT)
        log_error("provider_shut", LOG_STRING("asked", asking.what),
                  LOG_TEXT("code", ret_card->code));
    return complain_of(&asking, "nobody knows");
}

/* ---- events ---- */

enum status provider_is_of_key(struct request *request, const struct provider_event *event,
                               bool *ret_is)
{
    const char *file = config_text(request_config(request), SETTING_PAYMENT_STRIPE_KEY_FILE);
    struct text key;
    if (secret_read_line(request_arena(request), file, &key) != STATUS_OK) {
        log_error("provider_key_unreadable", LOG_STRING("file", file));
        return STATUS_UNAVAILABLE;
    }
    *ret_is = event->is_live ? !is_test_key(key) : !is_live_key(key);
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
