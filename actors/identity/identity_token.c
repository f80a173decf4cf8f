/* Signs access tokens and writes refresh tokens. The claims are those that gateways check. */
#include "actors/identity/identity_token.h"

#include <string.h>

#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_keys.h"
#include "runtime/secret.h"

enum {
    PAYLOAD_MAX = 1024,
    TOKEN_ID_BYTES = 16,
    UUID_BYTES = 16,
    US_PER_SECOND = 1000000,
    SUCCESSIONS_MAX = 1024 /* exchanges after which a secret is still known: half a millisecond */
};
/* What the key is for by which a secret follows from the one before. */
static const char succession[] = "souk refresh";

enum common_audience identity_audience(enum principal_kind kind)
{
    if (kind == PRINCIPAL_VENDOR) return COMMON_AUDIENCE_VENDOR;
    if (kind == PRINCIPAL_ADMIN) return COMMON_AUDIENCE_ADMIN;
    assert(kind == PRINCIPAL_SHOPPER);
    return COMMON_AUDIENCE_STORE;
}

static const char *subject_prefix(enum principal_kind kind)
{
    if (kind == PRINCIPAL_VENDOR) return "ven";
    return kind == PRINCIPAL_ADMIN ? "adm" : "usr";
}

/* Members act for vendors, staff for shoppers. */
static const char *actor_prefix(enum principal_kind kind)
{
    return kind == PRINCIPAL_VENDOR ? "mbr" : "adm";
}

static int64_t session_life_us(const struct request *request)
{
    return config_duration_us(request_config(request), SETTING_TTL_REFRESH_TOKEN);
}

/* Capped, because a gateway refuses ended sessions only for so long. */
static int64_t access_life_us(const struct request *request, int64_t wanted_us)
{
    const int64_t life_us =
        wanted_us > 0 ? wanted_us
                      : config_duration_us(request_config(request), SETTING_TTL_ACCESS_TOKEN);
    return life_us < IDENTITY_ACCESS_TOKEN_LIFE_MAX_US ? life_us
                                                       : IDENTITY_ACCESS_TOKEN_LIFE_MAX_US;
}

static void add_claim(struct text_builder *json, const char *name, struct text value)
{
    text_builder_add_byte(json, json->length == 0 ? '{' : ',');
    text_builder_add_byte(json, '"');
    text_builder_add(json, text_of(name));
    text_builder_add(json, TEXT("\":\""));
    text_builder_add(json, value);
    text_builder_add_byte(json, '"');
}

/* No value needs escaping: ids, times, hexadecimal and base64url only. */
static struct text write_claims(struct request *request, const struct identity_claims *claims)
{
    struct arena *arena = request_arena(request);
    const int64_t issued_us = request_real_us(request);
    uint8_t token_id[TOKEN_ID_BYTES];
    request_random(request, token_id, sizeof token_id);
    struct text_builder json;
    text_builder_init(&json, arena, PAYLOAD_MAX);
    add_claim(&json, "iss", TEXT("souk"));
    add_claim(&json, "aud", text_of(common_audience_names[identity_audience(claims->kind)]));
    add_claim(&json, "sub", identity_id_text(arena, subject_prefix(claims->kind), claims->subject));
    add_claim(&json, "sid", identity_id_text(arena, "ses", claims->session));
    if (!uuid_is_zero(claims->actor))
        add_claim(&json, "act", identity_id_text(arena, actor_prefix(claims->kind), claims->actor));
    if (!uuid_is_zero(claims->parent))
        add_claim(&json, "par", identity_id_text(arena, "ses", claims->parent));
    if (claims->rights != IDENTITY_RIGHTS_ALL)
        add_claim(&json, "rgt", text_format(arena, "%llx", (unsigned long long)claims->rights));
    if (claims->confirmed_us > 0)
        add_claim(&json, "cnf", identity_time_text(arena, claims->confirmed_us));
    add_claim(&json, "iat", identity_time_text(arena, issued_us));
    add_claim(&json, "exp",
              identity_time_text(arena, issued_us + access_life_us(request, claims->life_us)));
    add_claim(&json, "jti",
              base64url_encode(arena, (struct text){ (const char *)token_id, sizeof token_id }));
    text_builder_add_byte(&json, '}');
    assert(!json.is_full);
    return text_builder_view(&json);
}

enum status identity_sign_access_token(struct request *request,
                                       const struct identity_claims *claims, struct text *ret_token)
{
    assert(claims != NULL);
    assert(ret_token != NULL);
    struct arena *arena = request_arena(request);
    struct identity_key key;
    TRY(identity_keys_find(request, identity_audience(claims->kind), &key));
    struct text_builder footer;
    text_builder_init(&footer, arena, PAYLOAD_MAX);
    add_claim(&footer, "kid", key.kid);
    text_builder_add_byte(&footer, '}');
    const enum status is_signed =
        paseto_v4_sign(arena, key.secret_key, write_claims(request, claims),
                       text_builder_view(&footer), TEXT(TOKEN_IMPLICIT_ASSERTION), ret_token);
    secret_wipe(&key.secret_key, sizeof key.secret_key);
    return is_signed;
}

static const struct uuid no_parent;

static struct identity_claims claims_of(enum principal_kind kind,
                                        const struct identity_session *session, uint64_t rights,
                                        int64_t real_us)
{
    struct identity_claims claims = {
        .kind = kind,
        .subject = session->account_id,
        .session = session->id,
        .actor = session->impersonator_id,
        .rights = rights,
        .confirmed_us = session->confirmed_us,
    };
    if (uuid_is_zero(claims.actor) && !uuid_equals(session->person_id, session->account_id))
        claims.actor = session->person_id;
    /* No access token outlives an impersonation. */
    const int64_t left_us = session->expires_at_us - real_us;
    if (left_us < IDENTITY_ACCESS_TOKEN_LIFE_MAX_US && !uuid_is_zero(session->impersonator_id))
        claims.life_us = left_us;
    return claims;
}

static enum status hand_out(struct request *request, enum principal_kind kind,
                            const struct identity_session *session, struct uuid parent,
                            uint64_t rights, struct identity_tokens *ret_tokens)
{
    struct identity_claims claims = claims_of(kind, session, rights, request_real_us(request));
    claims.parent = parent;
    *ret_tokens = (struct identity_tokens){
        .token_type = TEXT("Bearer"),
        .expires_in = access_life_us(request, claims.life_us) / US_PER_SECOND,
        .session_id = session->id,
    };
    return identity_sign_access_token(request, &claims, &ret_tokens->access_token);
}

enum status identity_open_session(struct request *request,
                                  const struct identity_session_start *start,
                                  struct identity_tokens *ret_tokens)
{
    assert(start != NULL);
    assert(ret_tokens != NULL);
    uint8_t secret[IDENTITY_SECRET_BYTES];
    struct identity_session session = {
        .id = request_new_id(request),
        .account_id = start->account_id,
        .person_id = start->person_id,
        .impersonator_id = start->impersonator_id,
        .created_at_us = request_now_us(request),
        .rotated_at_us = request_real_us(request),
        .confirmed_us = start->confirmed_us,
    };
    assert(!uuid_is_zero(start->account_id) && !uuid_is_zero(start->person_id));
    session.expires_at_us =
        session.rotated_at_us + (start->life_us > 0 ? start->life_us : session_life_us(request));
    identity_draw_secret(request, secret, session.secret_hash);
    identity_session_add(request, &session);
    TRY(hand_out(request, start->kind, &session, start->parent_session, start->rights, ret_tokens));
    ret_tokens->refresh_token = credential_write(request_arena(request), "ses", session.id, secret);
    secret_wipe(secret, sizeof secret);
    return STATUS_OK;
}

enum status identity_read_refresh_token(struct text token, struct uuid *ret_session_id,
                                        uint8_t ret_secret[IDENTITY_SECRET_BYTES])
{
    assert(ret_session_id != NULL);
    const enum status is_read = credential_read(token, "ses", ret_session_id, ret_secret);
    return is_read == STATUS_OK ? STATUS_OK : STATUS_INVALID_REFRESH_TOKEN;
}

enum status identity_refresh(struct request *request, struct text refresh_token, void *ret_reply)
{
    assert(ret_reply != NULL);
    struct uuid session_id;
    uint8_t bytes[IDENTITY_SECRET_BYTES];
    TRY(identity_read_refresh_token(refresh_token, &session_id, bytes));
    const struct identity_messages *messages = identity_messages_here(request);
    const struct identity_rotate_session rotate = {
        .session_id = session_id, .secret = { (const char *)bytes, sizeof bytes }
    };
    const enum status rotated = request_ask(request, messages->rotate_session, &rotate, ret_reply);
    if (rotated != STATUS_INVALID_REFRESH_TOKEN) return rotated;

    /* The refusal commits nothing, so the session is closed by a message of its own. */
    const struct identity_revoke_session revoke = { .session_id = session_id,
                                                    .has_secret = true,
                                                    .secret = rotate.secret };
    TRY(request_ask(request, messages->revoke_session, &revoke, NULL));
    return STATUS_INVALID_REFRESH_TOKEN;
}

enum status identity_find_session_to_rotate(struct request *request, struct uuid session_id,
                                            struct identity_session *ret_session)
{
    assert(ret_session != NULL);
    const enum status found = identity_session_find(request, session_id, ret_session);
    return found == STATUS_NOT_FOUND ? STATUS_INVALID_REFRESH_TOKEN : found;
}

/* A retry gets the same successor, so that two tabs that refresh at once share one session. It is
 * derived from the old digest and a key of the market: without both it cannot be computed. */
static void succeed_secret(const uint8_t key[SECRET_KEY_BYTES], struct uuid session_id,
                           const uint8_t digest[IDENTITY_DIGEST_BYTES],
                           uint8_t ret_secret[IDENTITY_SECRET_BYTES],
                           uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    char message[UUID_BYTES + IDENTITY_DIGEST_BYTES];
    memcpy(message, session_id.bytes, UUID_BYTES);
    memcpy(message + UUID_BYTES, digest, IDENTITY_DIGEST_BYTES);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, ret_secret,
                        IDENTITY_SECRET_BYTES);
    identity_digest((struct text){ (const char *)ret_secret, IDENTITY_SECRET_BYTES }, ret_digest);
}

bool identity_was_secret(struct request *request, const struct identity_session *session,
                         struct text secret)
{
    assert(session != NULL);
    uint8_t key[SECRET_KEY_BYTES], digest[IDENTITY_DIGEST_BYTES], successor[IDENTITY_SECRET_BYTES];
    bool is_found = false;
    request_derive_key(request, succession, key);
    identity_digest(secret, digest);
    for (size_t i = 0; i < SUCCESSIONS_MAX && !is_found; i++) {
        succeed_secret(key, session->id, digest, successor, digest);
        is_found = identity_digests_are_equal(session->secret_hash, digest);
    }
    secret_wipe(key, sizeof key);
    secret_wipe(successor, sizeof successor);
    return is_found;
}

enum status identity_rotate_session(struct request *request, enum principal_kind kind,
                                    struct identity_session *session, struct text secret,
                                    uint64_t rights, struct identity_tokens *ret_tokens)
{
    assert(session != NULL);
    assert(ret_tokens != NULL);
    uint8_t key[SECRET_KEY_BYTES], digest[IDENTITY_DIGEST_BYTES], new_digest[IDENTITY_DIGEST_BYTES],
        new_secret[IDENTITY_SECRET_BYTES];
    identity_digest(secret, digest);
    request_derive_key(request, succession, key);
    succeed_secret(key, session->id, digest, new_secret, new_digest);
    secret_wipe(key, sizeof key);
    TRY(identity_session_exchange(session, digest, new_digest, request_real_us(request),
                                  session_life_us(request)));
    identity_session_save(request, session);
    TRY(hand_out(request, kind, session, no_parent, rights, ret_tokens));
    ret_tokens->refresh_token =
        credential_write(request_arena(request), "ses", session->id, new_secret);
    secret_wipe(new_secret, sizeof new_secret);
    return STATUS_OK;
}

enum status identity_confirm_session(struct request *request, enum principal_kind kind,
                                     struct uuid session_id, uint64_t rights,
                                     struct identity_tokens *ret_tokens)
{
    assert(ret_tokens != NULL);
    struct identity_session session;
    const enum status found = identity_session_find(request, session_id, &session);
    if (found == STATUS_NOT_FOUND || (found == STATUS_OK && session.is_revoked))
        return STATUS_UNAUTHENTICATED;
    TRY(found);
    session.confirmed_us = request_real_us(request);
    identity_session_confirm(request, session_id, session.confirmed_us);
    return hand_out(request, kind, &session, no_parent, rights, ret_tokens);
}
