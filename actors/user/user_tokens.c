/* Signs access tokens (PASETO v4.public) and writes refresh tokens. The claims are those that
 * gateways check. */
#include "actors/user/user_tokens.h"

#include "runtime/secret.h"

enum { PAYLOAD_MAX = 1024, TOKEN_ID_BYTES = 16, KID_DIGEST_BYTES = 16 };

void user_digest_secret(struct text secret, uint8_t ret_digest[USER_DIGEST_BYTES])
{
    secret_digest(secret, ret_digest, USER_DIGEST_BYTES);
}

void user_draw_secret(struct request *request, uint8_t ret_secret[USER_SECRET_BYTES],
                      uint8_t ret_digest[USER_DIGEST_BYTES])
{
    request_random(request, ret_secret, USER_SECRET_BYTES);
    user_digest_secret((struct text){ (const char *)ret_secret, USER_SECRET_BYTES }, ret_digest);
}

int64_t user_session_life_us(const struct request *request)
{
    return config_duration_us(request_config(request), SETTING_TTL_REFRESH_TOKEN);
}

static int64_t access_life_us(const struct request *request)
{
    const int64_t life_us = config_duration_us(request_config(request), SETTING_TTL_ACCESS_TOKEN);
    return life_us < USER_ACCESS_TOKEN_LIFE_MAX_US ? life_us : USER_ACCESS_TOKEN_LIFE_MAX_US;
}

static struct text id_text(struct arena *arena, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(arena, ID_TEXT_MAX + 1);
    const size_t length = id_format(prefix, id, text);
    return (struct text){ text, length };
}

static struct text time_text(struct arena *arena, int64_t time_us)
{
    char *text = arena_allocate(arena, TIME_TEXT_MAX + 1);
    const size_t length = time_format(time_us, text);
    return (struct text){ text, length };
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

/* No value needs escaping: ids, times and base64url only. */
static struct text write_claims(struct request *request, struct uuid user_id,
                                struct uuid session_id, int64_t issued_us)
{
    struct arena *arena = request_arena(request);
    uint8_t token_id[TOKEN_ID_BYTES];
    request_random(request, token_id, sizeof(token_id));
    struct text_builder json;
    text_builder_init(&json, arena, PAYLOAD_MAX);
    add_claim(&json, "iss", TEXT("souk"));
    add_claim(&json, "aud", text_of(common_audience_names[COMMON_AUDIENCE_STORE]));
    add_claim(&json, "sub", id_text(arena, "usr", user_id));
    add_claim(&json, "sid", id_text(arena, "ses", session_id));
    add_claim(&json, "iat", time_text(arena, issued_us));
    add_claim(&json, "exp", time_text(arena, issued_us + access_life_us(request)));
    add_claim(&json, "jti",
              base64url_encode(arena, (struct text){ (const char *)token_id, sizeof(token_id) }));
    text_builder_add_byte(&json, '}');
    assert(!json.is_full);
    return text_builder_view(&json);
}

static void make_signing_key(struct request *request, struct user_signing_key *ret_key)
{
    struct arena *arena = request_arena(request);
    uint8_t seed[PASETO_SEED_BYTES], name[KID_DIGEST_BYTES];
    request_random(request, seed, sizeof(seed));
    paseto_v4_keys(seed, ret_key->public_key, ret_key->secret_key);
    secret_wipe(seed, sizeof(seed));
    secret_digest((struct text){ (const char *)ret_key->public_key, sizeof(ret_key->public_key) },
                  name, sizeof(name));
    const struct text digest =
        base64url_encode(arena, (struct text){ (const char *)name, sizeof(name) });
    ret_key->kid = text_format(arena, "store-%.*s", (int)digest.length, digest.data);
    user_store_add_signing_key(request, COMMON_AUDIENCE_STORE, ret_key);
}

enum status user_ensure_signing_key(struct request *request)
{
    struct user_signing_key key;
    const enum status found = user_store_find_signing_key(request, COMMON_AUDIENCE_STORE, &key);
    if (found == STATUS_NOT_FOUND) {
        make_signing_key(request, &key);
        secret_wipe(&key.secret_key, sizeof(key.secret_key));
        return STATUS_OK;
    }
    return found;
}

static enum status sign_access_token(struct request *request, struct uuid user_id,
                                     struct uuid session_id, struct text *ret_token)
{
    struct arena *arena = request_arena(request);
    struct user_signing_key key;
    const enum status found = user_store_find_signing_key(request, COMMON_AUDIENCE_STORE, &key);
    if (found == STATUS_NOT_FOUND)
        make_signing_key(request, &key);
    else
        TRY(found);

    struct text_builder footer;
    text_builder_init(&footer, arena, PAYLOAD_MAX);
    add_claim(&footer, "kid", key.kid);
    text_builder_add_byte(&footer, '}');
    const struct text claims = write_claims(request, user_id, session_id, request_real_us(request));
    const enum status is_signed = paseto_v4_sign(
        arena, key.secret_key, claims, text_builder_view(&footer), TEXT("souk:v1"), ret_token);
    secret_wipe(&key.secret_key, sizeof(key.secret_key));
    return is_signed;
}

void user_describe(const struct user_account *account, struct user_user *ret_user)
{
    *ret_user = (struct user_user){ .id = account->id,
                                    .email = account->email,
                                    .username = account->username,
                                    .created_at_us = account->created_at_us };
}

enum status user_sign_in(struct request *request, const struct user_account *account,
                         const struct user_session *session,
                         const uint8_t secret[USER_SECRET_BYTES], struct user_signed_in *ret_reply)
{
    struct arena *arena = request_arena(request);
    TRY(sign_access_token(request, account->id, session->id, &ret_reply->access_token));
    const struct text id = id_text(arena, "ses", session->id);
    const struct text secret_text =
        base64url_encode(arena, (struct text){ (const char *)secret, USER_SECRET_BYTES });
    ret_reply->refresh_token = text_format(arena, "%.*s.%.*s", (int)id.length, id.data,
                                           (int)secret_text.length, secret_text.data);
    ret_reply->token_type = TEXT("Bearer");
    ret_reply->expires_in = access_life_us(request) / 1000000;
    user_describe(account, &ret_reply->user);
    return STATUS_OK;
}

enum status user_open_session(struct request *request, const struct user_account *account,
                              struct user_signed_in *ret_reply)
{
    uint8_t secret[USER_SECRET_BYTES];
    struct user_session session = { .id = request_new_id(request), .user_id = account->id };
    user_draw_secret(request, secret, session.secret_hash);
    session.rotated_at_us = request_real_us(request);
    session.expires_at_us = session.rotated_at_us + user_session_life_us(request);
    user_store_add_session(request, &session);
    const enum status answered = user_sign_in(request, account, &session, secret, ret_reply);
    secret_wipe(secret, sizeof(secret));
    return answered;
}
