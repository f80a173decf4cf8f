/* SQL of sign-ins through providers. A unique index makes sure that an identity belongs to one
 * account. */
#include "actors/user/user_oidc_store.h"

#include <string.h>

#define IDENTITY_COLUMNS                                                                           \
    "i.id, i.user_id, i.issuer, i.subject, i.provider, coalesce(i.email, ''), i.created_at"

/* ---- identities ---- */

static struct user_linked_identity read_identity(struct row *row)
{
    struct user_linked_identity identity;
    identity.id = row_uuid(row);
    identity.user_id = row_uuid(row);
    identity.issuer = row_text(row);
    identity.subject = row_text(row);
    identity.provider = row_text(row);
    identity.email = row_text(row);
    identity.created_at_us = row_int(row);
    return identity;
}

enum status user_oidc_find(struct request *request, struct text issuer, struct text subject,
                           struct user_linked_identity *ret_identity)
{
    assert(ret_identity != NULL);
    static const struct statement find = {
        .name = "user_find_identity",
        .sql = "SELECT " IDENTITY_COLUMNS " FROM \"user\".identity i"
               " WHERE i.issuer = $1 AND i.subject = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, issuer);
    param_text(params, arena, subject);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_identity = read_identity(&row);
    return STATUS_OK;
}

void user_oidc_describe(const struct user_linked_identity *identity,
                        struct user_identity *ret_identity)
{
    assert(identity != NULL);
    assert(ret_identity != NULL);
    *ret_identity = (struct user_identity){ .id = identity->id,
                                            .provider = identity->provider,
                                            .subject = identity->subject,
                                            .has_email = identity->email.length > 0,
                                            .email = identity->email,
                                            .created_at_us = identity->created_at_us };
}

enum status user_oidc_list(struct request *request, struct uuid user_id,
                           const struct user_identity **ret_list, size_t *ret_count)
{
    assert(ret_list != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "user_list_identities",
        .sql = "SELECT " IDENTITY_COLUMNS " FROM \"user\".identity i WHERE i.user_id = $1"
               " ORDER BY i.created_at DESC, i.id DESC LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    param_int(params, arena, USER_IDENTITIES_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct user_identity *identities = arena_allocate_array(arena, rows.count, sizeof *identities);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct user_linked_identity identity = read_identity(&row);
        user_oidc_describe(&identity, &identities[i]);
    }
    *ret_list = identities;
    *ret_count = rows.count;
    return STATUS_OK;
}

void user_oidc_add(struct request *request, const struct user_linked_identity *identity)
{
    assert(identity != NULL);
    static const struct statement add = {
        .name = "user_add_identity",
        .sql = "INSERT INTO \"user\".identity (id, user_id, issuer, subject, provider, email,"
               " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        .on_duplicate = STATUS_IDENTITY_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, identity->id);
    param_uuid(params, arena, identity->user_id);
    param_text(params, arena, identity->issuer);
    param_text(params, arena, identity->subject);
    param_text(params, arena, identity->provider);
    param_optional_text(params, arena, identity->email.length > 0, identity->email);
    param_int(params, arena, identity->created_at_us);
}

void user_oidc_require(struct request *request, const struct user_linked_identity *identity)
{
    assert(identity != NULL);
    static const struct statement require = {
        .name = "user_require_identity",
        .sql = "SELECT require_one(count(*)) FROM \"user\".identity WHERE id = $1 AND user_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &require);
    param_uuid(params, arena, identity->id);
    param_uuid(params, arena, identity->user_id);
}

void user_oidc_remove(struct request *request, struct uuid identity_id, struct uuid user_id)
{
    static const struct statement remove = {
        .name = "user_remove_identity",
        .sql = "WITH d AS (DELETE FROM \"user\".identity WHERE id = $1 AND user_id = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM d",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, identity_id);
    param_uuid(params, arena, user_id);
}

void user_oidc_remove_all(struct request *request, struct uuid user_id)
{
    static const struct statement remove = {
        .name = "user_remove_identities",
        .sql = "DELETE FROM \"user\".identity WHERE user_id = $1",
    };
    static const struct statement stop = {
        .name = "user_remove_sign_in_states",
        .sql = "DELETE FROM \"user\".sign_in_state WHERE user_id = $1",
    };
    param_uuid(request_write(request, &remove), request_arena(request), user_id);
    param_uuid(request_write(request, &stop), request_arena(request), user_id);
}

enum status user_oidc_check_names(struct request *request, const struct text *names, size_t count,
                                  bool *ret_are_taken)
{
    assert(ret_are_taken != NULL);
    static const struct statement check = {
        .name = "user_check_names",
        .sql = "SELECT EXISTS (SELECT 1 FROM \"user\".username u WHERE u.name = w.name)"
               " FROM unnest($1::text[]) WITH ORDINALITY AS w (name, place) ORDER BY w.place",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text_array(params, arena, names, count);
    struct rows rows;
    TRY(request_query(request, &check, params, &rows));
    assert(rows.count == count);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        ret_are_taken[i] = row_bool(&row);
    }
    return STATUS_OK;
}

/* ---- states ---- */

enum status user_oidc_states_are_full(struct request *request, bool *ret_are_full)
{
    assert(ret_are_full != NULL);
    static const struct statement count = {
        .name = "user_count_sign_in_states",
        .sql = "SELECT count(*) FROM (SELECT FROM \"user\".sign_in_state WHERE expires_at > 0"
               " LIMIT $1) s",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, USER_OIDC_STATES_MAX);
    struct rows rows;
    TRY(request_query(request, &count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_are_full = row_int(&row) >= USER_OIDC_STATES_MAX;
    return STATUS_OK;
}

static struct text bytes_of(const uint8_t digest[IDENTITY_DIGEST_BYTES])
{
    return (struct text){ (const char *)digest, IDENTITY_DIGEST_BYTES };
}

void user_oidc_add_state(struct request *request, const struct user_oidc_state *state)
{
    assert(state != NULL);
    static const struct statement supersede = {
        .name = "user_supersede_sign_in_states",
        .sql = "DELETE FROM \"user\".sign_in_state WHERE user_id = $1",
    };
    static const struct statement add = {
        .name = "user_add_sign_in_state",
        .sql = "INSERT INTO \"user\".sign_in_state (id, digest, provider, redirect_uri, created_at,"
               " expires_at, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    const bool is_link = !uuid_is_zero(state->user_id);
    if (is_link) param_uuid(request_write(request, &supersede), arena, state->user_id);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, state->id);
    param_bytes(params, arena, bytes_of(state->digest));
    param_text(params, arena, state->provider);
    param_text(params, arena, state->redirect_uri);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, state->expires_at_us);
    if (is_link)
        param_uuid(params, arena, state->user_id);
    else
        param_null_uuid(params);
}

static void read_digest(struct row *row, uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    const struct text bytes = row_bytes(row);
    assert(bytes.length == IDENTITY_DIGEST_BYTES);
    memcpy(ret_digest, bytes.data, IDENTITY_DIGEST_BYTES);
}

static void read_profile(struct row *row, struct user_profile *ret_profile)
{
    ret_profile->issuer = row_text(row);
    ret_profile->subject = row_text(row);
    ret_profile->email = row_text(row);
    ret_profile->has_email = ret_profile->email.length > 0;
    ret_profile->is_email_verified = row_bool(row);
    ret_profile->name = row_text(row);
    ret_profile->has_name = ret_profile->name.length > 0;
    ret_profile->locale = row_text(row);
    ret_profile->has_locale = ret_profile->locale.length > 0;
}

enum status user_oidc_find_state(struct request *request, struct uuid state_id,
                                 struct user_oidc_state *ret_state)
{
    assert(ret_state != NULL);
    static const struct statement find = {
        .name = "user_find_sign_in_state",
        .sql = "SELECT digest, provider, redirect_uri, is_claimed, attempts, expires_at,"
               " coalesce(issuer, ''), coalesce(subject, ''), coalesce(email, ''),"
               " is_email_verified, coalesce(name, ''), coalesce(locale, ''), user_id, code_digest"
               " FROM \"user\".sign_in_state WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, state_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_state = (struct user_oidc_state){ .id = state_id };
    read_digest(&row, ret_state->digest);
    ret_state->provider = row_text(&row);
    ret_state->redirect_uri = row_text(&row);
    ret_state->is_claimed = row_bool(&row);
    ret_state->attempts = row_int(&row);
    ret_state->expires_at_us = row_int(&row);
    read_profile(&row, &ret_state->profile);
    if (!row_skip_null(&row)) ret_state->user_id = row_uuid(&row);
    const bool has_code = !row_skip_null(&row);
    if (has_code) read_digest(&row, ret_state->code_digest);
    ret_state->has_profile = has_code && ret_state->profile.issuer.length > 0;
    return STATUS_OK;
}

void user_oidc_claim_state(struct request *request, const struct user_oidc_state *state,
                           struct text code_digest)
{
    assert(state != NULL);
    static const struct statement claim = {
        .name = "user_claim_sign_in_state",
        .sql = "WITH u AS (UPDATE \"user\".sign_in_state SET is_claimed = true,"
               " attempts = attempts + 1, code_digest = $3, issuer = NULL, subject = NULL,"
               " email = NULL, is_email_verified = false, name = NULL, locale = NULL"
               " WHERE id = $1 AND attempts = $2 AND NOT is_claimed RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &claim);
    param_uuid(params, arena, state->id);
    param_int(params, arena, state->attempts);
    param_bytes(params, arena, code_digest);
}

void user_oidc_release_state(struct request *request, struct uuid state_id,
                             const struct user_profile *profile_or_null)
{
    static const struct statement release = {
        .name = "user_release_sign_in_state",
        .sql = "UPDATE \"user\".sign_in_state SET is_claimed = false, issuer = $2, subject = $3,"
               " email = $4, is_email_verified = $5, name = $6, locale = $7"
               " WHERE id = $1 AND is_claimed",
    };
    static const struct user_profile nothing;
    const bool has = profile_or_null != NULL;
    const struct user_profile *profile = has ? profile_or_null : &nothing;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &release);
    param_uuid(params, arena, state_id);
    param_optional_text(params, arena, has, profile->issuer);
    param_optional_text(params, arena, has, profile->subject);
    param_optional_text(params, arena, profile->has_email, profile->email);
    param_bool(params, arena, profile->is_email_verified);
    param_optional_text(params, arena, profile->has_name, profile->name);
    param_optional_text(params, arena, profile->has_locale, profile->locale);
}

void user_oidc_trim_states(struct request *request)
{
    static const struct statement trim = {
        .name = "user_trim_sign_in_states",
        .sql = "DELETE FROM \"user\".sign_in_state WHERE id IN (SELECT id FROM"
               " \"user\".sign_in_state WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, USER_OIDC_STATES_TRIMMED_MAX);
}

/* ---- providers ---- */

enum status user_oidc_find_provider(struct request *request, struct text name,
                                    struct user_oidc_provider *ret_provider)
{
    assert(ret_provider != NULL);
    static const struct statement find = {
        .name = "user_find_provider",
        .sql = "SELECT issuer, authorization_endpoint, token_endpoint, client_proof, keys,"
               " fetched_at, tried_at FROM \"user\".provider WHERE name = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, name);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_provider = (struct user_oidc_provider){ .name = name };
    ret_provider->issuer = row_text(&row);
    ret_provider->metadata.authorization_endpoint = row_text(&row);
    ret_provider->metadata.token_endpoint = row_text(&row);
    ret_provider->metadata.client_proof = (enum identity_client_proof)row_int(&row);
    ret_provider->keys = row_text(&row);
    ret_provider->fetched_us = row_int(&row);
    ret_provider->tried_us = row_int(&row);
    return STATUS_OK;
}

void user_oidc_save_provider(struct request *request, const struct user_oidc_provider *provider)
{
    assert(provider != NULL);
    static const struct statement save = {
        .name = "user_save_provider",
        .sql = "INSERT INTO \"user\".provider (name, issuer, authorization_endpoint,"
               " token_endpoint, client_proof, keys, fetched_at, tried_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE"
               " SET issuer = excluded.issuer,"
               " authorization_endpoint = excluded.authorization_endpoint,"
               " token_endpoint = excluded.token_endpoint, client_proof = excluded.client_proof,"
               " keys = excluded.keys, fetched_at = excluded.fetched_at,"
               " tried_at = excluded.tried_at",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_text(params, arena, provider->name);
    param_text(params, arena, provider->issuer);
    param_text(params, arena, provider->metadata.authorization_endpoint);
    param_text(params, arena, provider->metadata.token_endpoint);
    param_small(params, arena, (int16_t)provider->metadata.client_proof);
    param_text(params, arena, provider->keys);
    param_int(params, arena, provider->fetched_us);
    param_int(params, arena, provider->tried_us);
}
