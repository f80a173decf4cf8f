/* What is sent to providers, and what is believed of their answers. Parsers and signature checks
 * run on pool threads: they need more stack than a fiber has. */
#include "actors/user/user_oidc_provider.h"

#include <string.h>

#include "runtime/form.h"
#include "runtime/secret.h"
#include "user_handlers.h"

enum { FORM_MAX = 16 * 1024, URL_MAX = 300 };

#define TRANSFER_TIMEOUT_US (INT64_C(3) * 1000000)

/* ---- forms ---- */

static struct text escape(struct request *request, struct text value)
{
    struct text_builder builder;
    text_builder_init(&builder, request_arena(request), FORM_MAX);
    form_add_escaped(&builder, value);
    return text_builder_view(&builder);
}

/* ---- transfers ---- */

static enum status complain(struct text provider, const char *what, enum status status)
{
    log_warning("oidc_provider_failed", LOG_TEXT("provider", provider), LOG_STRING("at", what),
                LOG_STATUS(status));
    return status;
}

static enum status transfer(struct request *request, struct transfer_http *http,
                            struct transfer_answer *ret_answer)
{
    const char *ca_file = config_text(request_config(request), SETTING_OIDC_CA_FILE);
    static const struct transfer_header accept[] = {
        { .name = { "Accept", 6 }, .value = { "application/json", 16 } },
    };
    http->headers = accept;
    http->headers_count = ARRAY_LENGTH(accept);
    http->timeout_us = TRANSFER_TIMEOUT_US;
    if (ca_file[0] != '\0') http->ca_file = ca_file;
    const enum status status = request_transfer_http(request, http, ret_answer);
    return status == STATUS_OK || status == STATUS_STOPPING ? status : STATUS_UNAVAILABLE;
}

/* ---- what a provider says of itself ---- */

struct document_work {
    struct arena *arena;
    struct text document, issuer, keys;
    struct identity_provider_metadata metadata;
    enum status status;
};

static void read_document(void *argument)
{
    struct document_work *work = argument;
    work->status =
        identity_provider_read(work->arena, work->document, work->issuer, &work->metadata);
}

static void count_keys(void *argument)
{
    struct document_work *work = argument;
    size_t count = 0;
    work->status = identity_jwks_count(work->arena, work->keys, &count);
    if (work->status == STATUS_OK && count == 0) work->status = STATUS_CORRUPT;
    if (work->status == STATUS_OK && !text_is_utf8(work->keys)) work->status = STATUS_CORRUPT;
}

static enum status get(struct request *request, struct text url, struct text *ret_body)
{
    struct transfer_http http = { .url = url, .method = TRANSFER_GET };
    struct transfer_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
    TRY(transfer(request, &http, answer));
    if (answer->code != 200) return STATUS_UNAVAILABLE;
    *ret_body = answer->body;
    return STATUS_OK;
}

/* OpenID Connect Discovery 1.0, 4: a slash at the issuer's end is not doubled. */
static struct text document_url(struct request *request, struct text issuer)
{
    if (issuer.data[issuer.length - 1] == '/') issuer.length--;
    return text_format(request_arena(request), "%.*s/.well-known/openid-configuration",
                       (int)issuer.length, issuer.data);
}

static enum status fetch(struct request *request, const struct config_oidc_provider *settings,
                         struct user_oidc_provider *provider)
{
    struct document_work work = { .arena = request_arena(request), .issuer = settings->issuer };
    enum status status = get(request, document_url(request, settings->issuer), &work.document);
    if (status != STATUS_OK) return complain(settings->name, "discovery", status);
    TRY(request_offload(request, read_document, &work));
    if (work.status != STATUS_OK) return complain(settings->name, "discovery", work.status);
    status = get(request, work.metadata.jwks_uri, &work.keys);
    if (status != STATUS_OK) return complain(settings->name, "keys", status);
    TRY(request_offload(request, count_keys, &work));
    if (work.status != STATUS_OK) return complain(settings->name, "keys", work.status);
    provider->issuer = settings->issuer;
    provider->metadata = work.metadata;
    provider->keys = work.keys;
    provider->fetched_us = request_real_us(request);
    return STATUS_OK;
}

/* Runs in an actor per provider, so one fetch at a time: whoever asks meanwhile waits in the
 * mailbox and then finds what was fetched. A failure is stored, too, so that not every sign-in asks
 * a provider that is down. */
enum status user_handle_refresh_provider(struct request *request,
                                         const struct user_refresh_provider *command)
{
    struct config_oidc_provider settings;
    struct user_oidc_provider provider = { .name = command->provider };
    const int64_t real_us = request_real_us(request);
    const int64_t pause_us =
        config_duration_us(request_config(request), SETTING_OIDC_REFETCH_PAUSE);
    if (!config_oidc_find(request_config(request), command->provider, &settings)) return STATUS_OK;
    const enum status found = user_oidc_find_provider(request, command->provider, &provider);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const bool is_same = found == STATUS_OK && text_equals(provider.issuer, settings.issuer);
    if (is_same && provider.fetched_us > command->seen_at_us) return STATUS_OK;
    if (is_same && real_us - provider.tried_us < pause_us) return STATUS_OK;
    const enum status fetched = fetch(request, &settings, &provider);
    if (fetched == STATUS_STOPPING || fetched == STATUS_OVERLOADED) return fetched;
    if (fetched != STATUS_OK && !is_same)
        provider =
            (struct user_oidc_provider){ .name = command->provider, .issuer = settings.issuer };
    provider.tried_us = real_us;
    user_oidc_save_provider(request, &provider);
    return STATUS_OK;
}

static enum status refresh(struct request *request, struct text name, int64_t seen_us)
{
    const struct user_refresh_provider command = { .provider = name, .seen_at_us = seen_us };
    return request_ask(request, &user_refresh_provider_message, &command, NULL);
}

/* What is stored of the provider, unless the settings name another issuer since. */
static enum status find_kept(struct request *request, const struct config_oidc_provider *settings,
                             struct user_oidc_provider *ret_provider)
{
    struct user_oidc_provider provider;
    TRY(user_oidc_find_provider(request, settings->name, &provider));
    if (provider.fetched_us == 0 || !text_equals(provider.issuer, settings->issuer))
        return STATUS_NOT_FOUND;
    *ret_provider = provider;
    return STATUS_OK;
}

enum status user_provider_load(struct request *request, const struct config_oidc_provider *settings,
                               struct user_oidc_provider *ret_provider)
{
    assert(settings != NULL);
    assert(ret_provider != NULL);
    const int64_t age_us = config_duration_us(request_config(request), SETTING_OIDC_METADATA_AGE);
    struct user_oidc_provider provider = { .fetched_us = 0 };
    enum status found = find_kept(request, settings, &provider);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    const int64_t real_us = request_real_us(request);
    if (found == STATUS_NOT_FOUND || real_us - provider.fetched_us >= age_us) {
        TRY(refresh(request, settings->name, provider.fetched_us));
        found = find_kept(request, settings, &provider);
        if (found == STATUS_NOT_FOUND) return STATUS_UNAVAILABLE;
        TRY(found);
    }
    if (real_us - provider.fetched_us >= age_us) return STATUS_UNAVAILABLE;
    *ret_provider = provider;
    return STATUS_OK;
}

/* ---- a code for an ID token ---- */

struct token_work {
    struct arena *arena;
    struct text answer, id_token, keys;
    struct identity_id_expectation expected;
    struct identity_id_claims claims;
    enum status status;
};

static void read_answer(void *argument)
{
    struct token_work *work = argument;
    work->status = identity_token_answer_read(work->arena, work->answer, &work->id_token);
}

static void verify_token(void *argument)
{
    struct token_work *work = argument;
    work->status = identity_id_token_verify(work->arena, work->id_token, work->keys,
                                            &work->expected, &work->claims);
}

/* Client authentication by RFC 6749, 2.3.1; public clients only say who they are. */
static enum status exchange(struct request *request, const struct config_oidc_provider *settings,
                            const struct user_oidc_provider *provider,
                            const struct user_provider_question *question,
                            struct transfer_answer *ret_answer)
{
    struct text secret = { 0 };
    struct text_builder form;
    const bool has_secret = settings->client_secret_file.length > 0;
    const bool is_basic = has_secret && provider->metadata.client_proof == IDENTITY_CLIENT_BASIC;
    if (has_secret && secret_read_line(request_arena(request), settings->client_secret_file.data,
                                       &secret) != STATUS_OK)
        return complain(settings->name, "client_secret_file", STATUS_UNAVAILABLE);
    text_builder_init(&form, request_arena(request), FORM_MAX);
    form_add(&form, "grant_type", TEXT("authorization_code"));
    form_add(&form, "code", question->code);
    form_add(&form, "redirect_uri", question->redirect_uri);
    form_add(&form, "code_verifier", question->verifier);
    if (!is_basic) form_add(&form, "client_id", settings->client_id);
    if (has_secret && !is_basic) form_add(&form, "client_secret", secret);
    if (form.is_full) return STATUS_PROVIDER_REFUSED;
    struct transfer_http http = {
        .url = provider->metadata.token_endpoint,
        .content_type = TEXT("application/x-www-form-urlencoded"),
        .body = text_builder_view(&form),
        .user = is_basic ? escape(request, settings->client_id) : TEXT(""),
        .password = is_basic ? escape(request, secret) : TEXT(""),
    };
    const enum status status = transfer(request, &http, ret_answer);
    if (secret.length > 0) secret_wipe((char *)secret.data, secret.length);
    return status;
}

/* A provider that refuses our credentials is a mistake in our settings: operators are told, the
 * shopper only that it is unavailable. */
static enum status judge_answer(const struct config_oidc_provider *settings,
                                const struct transfer_answer *answer)
{
    if (answer->code == 200) return STATUS_OK;
    if (answer->outcome == TRANSFER_TEMPORARY)
        return complain(settings->name, "token", STATUS_UNAVAILABLE);
    if (answer->code == 401) IGNORE(complain(settings->name, "client", STATUS_UNAUTHENTICATED));
    return STATUS_PROVIDER_REFUSED;
}

/* Verifies the token. Providers change their keys at any time, so when the key is not among the
 * stored ones they are fetched anew, once. */
static enum status verify(struct request *request, const struct config_oidc_provider *settings,
                          const struct user_oidc_provider *provider, struct token_work *work)
{
    work->keys = provider->keys;
    TRY(request_offload(request, verify_token, work));
    if (work->status != STATUS_NOT_FOUND) return STATUS_OK;
    struct user_oidc_provider newer;
    TRY(refresh(request, settings->name, provider->fetched_us));
    TRY(user_provider_load(request, settings, &newer));
    if (newer.fetched_us == provider->fetched_us) return STATUS_OK;
    work->keys = newer.keys;
    return request_offload(request, verify_token, work);
}

enum status user_provider_ask(struct request *request, const struct config_oidc_provider *settings,
                              const struct user_provider_question *question,
                              struct identity_id_claims *ret_claims)
{
    assert(settings != NULL);
    assert(question != NULL);
    assert(ret_claims != NULL);
    struct arena *arena = request_arena(request);
    struct user_oidc_provider provider;
    struct transfer_answer *answer = arena_allocate(arena, sizeof *answer);
    TRY(user_provider_load(request, settings, &provider));
    TRY(exchange(request, settings, &provider, question, answer));
    TRY(judge_answer(settings, answer));
    struct token_work work = {
        .arena = arena,
        .answer = answer->body,
        .expected = { .issuer = settings->issuer,
                      .client_id = settings->client_id,
                      .nonce = question->nonce,
                      .real_us = request_real_us(request) },
    };
    TRY(request_offload(request, read_answer, &work));
    if (work.status != STATUS_OK) return STATUS_PROVIDER_REFUSED;
    TRY(verify(request, settings, &provider, &work));
    if (work.status != STATUS_OK) return STATUS_PROVIDER_REFUSED;
    *ret_claims = work.claims;
    return STATUS_OK;
}
