/* States: opened when somebody is sent to a provider, claimed when he comes back. */
#include "actors/user/user_oidc.h"
#include "actors/user/user_oidc_provider.h"
#include "messages/email_form.h"
#include "messages/locale.h"
#include "runtime/form.h"
#include "runtime/secret.h"
#include "user_handlers.h"

enum { URL_MAX = 8000, PURPOSE_MAX = 16, US_PER_SECOND = 1000000 };

/* ---- secrets ---- */

/* Derives a value that only the market can compute from a state's secret. */
static struct text derive(struct request *request, const char *purpose,
                          const uint8_t secret[IDENTITY_SECRET_BYTES])
{
    uint8_t key[SECRET_KEY_BYTES], digest[IDENTITY_DIGEST_BYTES];
    struct text_builder message;
    text_builder_init(&message, request_arena(request), PURPOSE_MAX + IDENTITY_SECRET_BYTES);
    text_builder_add(&message, text_of(purpose));
    text_builder_add(&message, (struct text){ (const char *)secret, IDENTITY_SECRET_BYTES });
    assert(!message.is_full);
    request_derive_key(request, "souk oidc state", key);
    secret_digest_keyed(key, text_builder_view(&message), digest, sizeof digest);
    secret_wipe(key, sizeof key);
    return base64url_encode(request_arena(request),
                            (struct text){ (const char *)digest, sizeof digest });
}

/* ---- on the way out ---- */

static struct text write_url(struct request *request, const struct config_oidc_provider *settings,
                             const struct user_oidc_provider *provider, struct text redirect_uri,
                             const uint8_t secret[IDENTITY_SECRET_BYTES], struct text state)
{
    struct arena *arena = request_arena(request);
    const struct text endpoint = provider->metadata.authorization_endpoint;
    struct text_builder url;
    text_builder_init(&url, arena, URL_MAX);
    text_builder_add(&url, endpoint);
    bool has_query = false;
    for (size_t i = 0; i < endpoint.length; i++)
        has_query = has_query || endpoint.data[i] == '?';
    if (!has_query) text_builder_add_byte(&url, '?');
    form_add(&url, "response_type", TEXT("code"));
    form_add(&url, "client_id", settings->client_id);
    form_add(&url, "redirect_uri", redirect_uri);
    form_add(&url, "scope", settings->scopes);
    form_add(&url, "state", state);
    form_add(&url, "nonce", derive(request, "nonce", secret));
    form_add(&url, "code_challenge",
                  identity_pkce_challenge(arena, derive(request, "verifier", secret)));
    form_add(&url, "code_challenge_method", TEXT("S256"));
    assert(!url.is_full);
    return text_builder_view(&url);
}

enum status user_oidc_begin(struct request *request, struct text provider_name,
                            struct text redirect_uri, struct uuid user_id,
                            struct user_sent_to_provider *ret_reply)
{
    assert(ret_reply != NULL);
    struct config_oidc_provider settings;
    struct user_oidc_provider provider;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    bool are_full;
    const int64_t life_us = config_duration_us(request_config(request), SETTING_OIDC_STATE_TTL);
    if (!config_oidc_find(request_config(request), provider_name, &settings))
        return STATUS_NOT_FOUND;
    if (!config_oidc_allows_redirect(&settings, redirect_uri))
        return request_refuse(request, "/redirect_uri", STATUS_INVALID_VALUE,
                              "One of those that the market has registered at the provider.");
    TRY(user_provider_load(request, &settings, &provider));
    TRY(user_oidc_states_are_full(request, &are_full));
    if (are_full) return STATUS_OVERLOADED;
    struct user_oidc_state state = { .id = request_new_id(request),
                                     .user_id = user_id,
                                     .provider = provider_name,
                                     .redirect_uri = redirect_uri,
                                     .expires_at_us = request_now_us(request) + life_us };
    identity_draw_secret(request, secret, state.digest);
    user_oidc_add_state(request, &state);
    ret_reply->state = credential_write(request_arena(request), "sta", state.id, secret);
    ret_reply->authorization_url =
        write_url(request, &settings, &provider, redirect_uri, secret, ret_reply->state);
    ret_reply->expires_in = life_us / US_PER_SECOND;
    secret_wipe(secret, sizeof secret);
    return STATUS_OK;
}

/* ---- on the way back ---- */

static bool may_claim(const struct user_oidc_state *state, const struct user_claim_state *command,
                      int64_t now_us)
{
    const struct uuid nobody = { { 0 } };
    const struct uuid user_id = command->has_user_id ? command->user_id : nobody;
    const struct text digest = { (const char *)state->digest, sizeof state->digest };
    const struct text code = { (const char *)state->code_digest, sizeof state->code_digest };
    if (!secret_equals(command->digest, digest)) return false;
    if (state->is_claimed || state->attempts >= USER_OIDC_ATTEMPTS_MAX) return false;
    if (state->expires_at_us <= now_us || !uuid_equals(state->user_id, user_id)) return false;
    if (!text_equals(state->provider, command->provider)) return false;
    if (!text_equals(state->redirect_uri, command->redirect_uri)) return false;
    /* The provider has taken the code already. Only somebody who brings the same code may go on
     * with the stored profile. */
    return !state->has_profile || secret_equals(command->code_digest, code);
}

enum status user_handle_claim_state(struct request *request, const struct user_claim_state *command,
                                    struct user_claimed_state *ret_reply)
{
    struct user_oidc_state state;
    const enum status found = user_oidc_find_state(request, command->state_id, &state);
    if (found == STATUS_NOT_FOUND) return STATUS_STATE_UNKNOWN;
    TRY(found);
    if (!may_claim(&state, command, request_now_us(request))) return STATUS_STATE_UNKNOWN;
    user_oidc_claim_state(request, &state, command->code_digest);
    state.profile.provider = state.provider;
    *ret_reply =
        (struct user_claimed_state){ .has_profile = state.has_profile, .profile = state.profile };
    return STATUS_OK;
}

enum status user_handle_release_state(struct request *request,
                                      const struct user_release_state *command)
{
    user_oidc_release_state(request, command->state_id,
                            command->has_profile ? &command->profile : NULL);
    return STATUS_OK;
}

void user_oidc_give_back(struct request *request, struct uuid state_id,
                         const struct user_profile *profile_or_null)
{
    struct user_release_state command = { .state_id = state_id,
                                          .has_profile = profile_or_null != NULL };
    if (profile_or_null != NULL) command.profile = *profile_or_null;
    const enum status status = request_ask(request, &user_release_state_message, &command, NULL);
    if (status != STATUS_OK) log_warning("oidc_state_not_given_back", LOG_STATUS(status));
}

bool user_oidc_is_outage(enum status status)
{
    return status_is_outage(status) || status == STATUS_CONFLICT;
}

static struct user_profile describe(struct request *request,
                                    const struct config_oidc_provider *settings,
                                    const struct identity_id_claims *claims)
{
    struct email email;
    const struct text name = claims->username.length > 0 ? claims->username : claims->name;
    struct user_profile profile = {
        .provider = settings->name,
        .issuer = settings->issuer,
        .subject = claims->subject,
        .has_email = email_normalise(claims->email, &email) == STATUS_OK,
        .has_name = name.length > 0,
        .name = name,
        .has_locale = true,
        .locale = locale_of_tag(claims->locale),
    };
    if (!profile.has_email) return profile;
    profile.email = text_copy(request_arena(request), email_text(&email));
    profile.is_email_verified = claims->is_email_verified;
    return profile;
}

static enum status claim(struct request *request, const struct user_oidc_return *arrival,
                         struct uuid state_id, const uint8_t secret[IDENTITY_SECRET_BYTES],
                         struct user_claimed_state *ret_claimed)
{
    uint8_t digest[IDENTITY_DIGEST_BYTES], code_digest[IDENTITY_DIGEST_BYTES];
    identity_digest((struct text){ (const char *)secret, IDENTITY_SECRET_BYTES }, digest);
    identity_digest(arrival->code, code_digest);
    const struct user_claim_state command = {
        .state_id = state_id,
        .digest = { (const char *)digest, sizeof digest },
        .code_digest = { (const char *)code_digest, sizeof code_digest },
        .provider = arrival->provider,
        .redirect_uri = arrival->redirect_uri,
        .has_user_id = !uuid_is_zero(arrival->user_id),
        .user_id = arrival->user_id,
    };
    return request_ask(request, &user_claim_state_message, &command, ret_claimed);
}

static enum status refuse_state(struct request *request)
{
    request_add_fault(request,
                      &(struct request_fault){ .pointer = "/state", .code = STATUS_STATE_UNKNOWN });
    return STATUS_STATE_UNKNOWN;
}

enum status user_oidc_prove(struct request *request, const struct user_oidc_return *arrival,
                            struct uuid *ret_state_id, struct user_profile *ret_profile)
{
    assert(arrival != NULL);
    assert(ret_state_id != NULL);
    assert(ret_profile != NULL);
    struct config_oidc_provider settings;
    struct user_claimed_state claimed;
    struct identity_id_claims claims;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    if (!config_oidc_find(request_config(request), arrival->provider, &settings))
        return STATUS_NOT_FOUND;
    /* A mix-up attack (RFC 9207): the answer comes from another provider than the browser was sent
     * to, so its code is given to nobody. */
    if (arrival->issuer.length > 0 && !text_equals(arrival->issuer, settings.issuer))
        return STATUS_PROVIDER_REFUSED;
    if (credential_read(arrival->state, "sta", ret_state_id, secret) != STATUS_OK)
        return refuse_state(request);
    const enum status is_claimed = claim(request, arrival, *ret_state_id, secret, &claimed);
    if (is_claimed == STATUS_STATE_UNKNOWN) return refuse_state(request);
    TRY(is_claimed);
    if (claimed.has_profile) {
        *ret_profile = claimed.profile;
        return STATUS_OK;
    }
    const struct user_provider_question question = {
        .code = arrival->code,
        .redirect_uri = arrival->redirect_uri,
        .verifier = derive(request, "verifier", secret),
        .nonce = derive(request, "nonce", secret),
    };
    secret_wipe(secret, sizeof secret);
    const enum status asked = user_provider_ask(request, &settings, &question, &claims);
    if (user_oidc_is_outage(asked)) user_oidc_give_back(request, *ret_state_id, NULL);
    TRY(asked);
    *ret_profile = describe(request, &settings, &claims);
    return STATUS_OK;
}
