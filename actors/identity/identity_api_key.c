/* API keys: their rows and their texts. */
#include "actors/identity/identity_api_key.h"

#include <string.h>

#include "runtime/secret.h"

enum { RIGHTS_MAX = 63 };

#define TOUCH_EVERY_US (INT64_C(60) * 1000000)
#define KEPT_AFTER_END_US (INT64_C(30) * 86400 * 1000000)
#define IN_USE "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > "

/* Counted again in the statement: two requests at once may both have seen room for one more. */
static void add_key(struct request *request, const struct identity_api_key *key,
                    const uint8_t digest[IDENTITY_DIGEST_BYTES])
{
    static const struct statement add = {
        .name = "identity_add_api_key",
        .sql = "WITH u AS (INSERT INTO identity.api_key (id, account_id, person_id, name, digest,"
               " rights, created_at, expires_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8"
               " WHERE (SELECT count(*) FROM identity.api_key WHERE account_id = $2 AND " IN_USE
               "$9)) < $10 RETURNING 1) SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, key->id);
    param_uuid(params, arena, key->account_id);
    param_uuid(params, arena, key->person_id);
    param_text(params, arena, key->name);
    param_bytes(params, arena, (struct text){ (const char *)digest, IDENTITY_DIGEST_BYTES });
    param_int(params, arena, (int64_t)key->rights);
    param_int(params, arena, request_now_us(request));
    if (key->expires_us == 0)
        param_null_int(params);
    else
        param_int(params, arena, key->expires_us);
    param_int(params, arena, request_real_us(request));
    param_int(params, arena, IDENTITY_API_KEYS_MAX);
}

/* Keys that have expired no longer count towards the limit, so there could be any number of them.
 * The next key that is made marks them as ended, and so hands them to the trim. */
static void end_expired(struct request *request, struct uuid account_id)
{
    static const struct statement end = {
        .name = "identity_end_expired_api_keys",
        .sql = "UPDATE identity.api_key SET revoked_at = expires_at WHERE account_id = $1"
               " AND revoked_at IS NULL AND expires_at <= $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
}

enum status identity_api_key_make(struct request *request, enum common_audience audience,
                                  const struct identity_api_key *key,
                                  struct common_made_api_key *ret_made)
{
    assert(key != NULL);
    assert(ret_made != NULL);
    assert(audience < COMMON_AUDIENCE_GUEST);
    const struct identity_api_key *in_use;
    size_t count;
    assert(key->rights <= INT64_MAX);
    if (key->expires_us != 0 && key->expires_us <= request_real_us(request))
        return STATUS_OUT_OF_RANGE;
    TRY(identity_api_keys_list(request, key->account_id, &in_use, &count));
    if (count >= IDENTITY_API_KEYS_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_KEYS, IDENTITY_API_KEYS_MAX, NULL);
    struct arena *arena = request_arena(request);
    uint8_t secret[IDENTITY_SECRET_BYTES], digest[IDENTITY_DIGEST_BYTES];
    struct identity_api_key made = *key;
    made.id = request_new_id(request);
    identity_draw_secret(request, secret, digest);
    end_expired(request, made.account_id);
    add_key(request, &made, digest);
    const struct text credential = credential_write(arena, "key", made.id, secret);
    secret_wipe(secret, sizeof secret);
    ret_made->id = made.id;
    ret_made->secret = text_format(arena, "sk_%s_%.*s", common_audience_names[audience],
                                   (int)credential.length, credential.data);
    return STATUS_OK;
}

enum status identity_api_keys_list(struct request *request, struct uuid account_id,
                                   const struct identity_api_key **ret_keys, size_t *ret_count)
{
    assert(ret_keys != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "identity_list_api_keys",
        .sql = "SELECT id, person_id, name, rights, created_at, coalesce(expires_at, 0),"
               " coalesce(last_used_at, 0) FROM identity.api_key WHERE account_id = $1 AND " IN_USE
               "$2) ORDER BY created_at DESC, id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
    param_int(params, arena, IDENTITY_API_KEYS_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct identity_api_key *keys = arena_allocate_array(arena, rows.count, sizeof *keys);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        keys[i].id = row_uuid(&row);
        keys[i].account_id = account_id;
        keys[i].person_id = row_uuid(&row);
        keys[i].name = row_text(&row);
        keys[i].rights = (uint64_t)row_int(&row);
        keys[i].created_us = row_int(&row);
        keys[i].expires_us = row_int(&row);
        keys[i].last_used_us = row_int(&row);
    }
    *ret_keys = keys;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status identity_api_keys_describe(struct request *request, struct uuid account_id,
                                       const char *const *scope_names, size_t scope_names_count,
                                       struct common_api_keys *ret_keys)
{
    assert(ret_keys != NULL);
    struct arena *arena = request_arena(request);
    const struct identity_api_key *keys;
    size_t count;
    TRY(identity_api_keys_list(request, account_id, &keys, &count));
    struct common_api_key *data = arena_allocate_array(arena, count, sizeof *data);
    for (size_t i = 0; i < count; i++) {
        data[i] = (struct common_api_key){
            .id = keys[i].id,
            .name = keys[i].name,
            .created_at_us = keys[i].created_us,
            .has_expires_at = keys[i].expires_us != 0,
            .expires_at_us = keys[i].expires_us,
            .has_last_used_at = keys[i].last_used_us != 0,
            .last_used_at_us = keys[i].last_used_us,
        };
        identity_rights_to_names(arena, keys[i].rights, scope_names, scope_names_count,
                                 &data[i].scopes, &data[i].scopes_count);
    }
    *ret_keys = (struct common_api_keys){ .data = data, .data_count = count };
    return STATUS_OK;
}

static enum status find_key(struct request *request, struct uuid key_id, struct rows *ret_rows)
{
    static const struct statement find = {
        .name = "identity_find_api_key",
        .sql = "SELECT account_id, person_id, digest, rights, coalesce(expires_at, 0),"
               " revoked_at IS NOT NULL, coalesce(last_used_at, 0) FROM identity.api_key"
               " WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, key_id);
    return request_query(request, &find, params, ret_rows);
}

enum status identity_api_key_revoke(struct request *request, struct uuid key_id,
                                    struct uuid account_id)
{
    static const struct statement revoke = {
        .name = "identity_revoke_api_key",
        .sql = "UPDATE identity.api_key SET revoked_at = $3 WHERE id = $1 AND account_id = $2"
               " AND revoked_at IS NULL",
    };
    struct rows rows;
    TRY(find_key(request, key_id, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    if (!uuid_equals(row_uuid(&row), account_id)) return STATUS_NOT_FOUND;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &revoke);
    param_uuid(params, arena, key_id);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
    return STATUS_OK;
}

/* An account has at most IDENTITY_API_KEYS_MAX keys, which fit a page of identity_list_ended(), so
 * they may all end in the same microsecond. */
void identity_api_keys_revoke_of_account(struct request *request, struct uuid account_id)
{
    static const struct statement revoke = {
        .name = "identity_revoke_api_keys_of_account",
        .sql = "UPDATE identity.api_key SET revoked_at = $2 WHERE account_id = $1"
               " AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &revoke);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
}

void identity_api_keys_revoke_of_person(struct request *request, struct uuid account_id,
                                        struct uuid person_id)
{
    static const struct statement revoke = {
        .name = "identity_revoke_api_keys_of_person",
        .sql = "UPDATE identity.api_key SET revoked_at = $3 WHERE account_id = $1"
               " AND person_id = $2 AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &revoke);
    param_uuid(params, arena, account_id);
    param_uuid(params, arena, person_id);
    param_int(params, arena, request_real_us(request));
}

void identity_api_keys_recheck(struct request *request, struct uuid account_id,
                               struct uuid person_id)
{
    static const struct statement recheck = {
        .name = "identity_recheck_api_keys",
        .sql = "UPDATE identity.api_key SET changed_at = $3 WHERE account_id = $1"
               " AND ($2 = '00000000-0000-0000-0000-000000000000' OR person_id = $2)"
               " AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &recheck);
    param_uuid(params, arena, account_id);
    param_uuid(params, arena, person_id);
    param_int(params, arena, request_real_us(request));
}

static int64_t earlier(int64_t a_us, int64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

/* A key that is in use, with the digest of its secret. */
static enum status read_key(struct request *request, struct uuid key_id,
                            struct common_api_key_use *ret_use, struct text *ret_digest,
                            int64_t *ret_used_us)
{
    struct common_api_key_use use = { .key_id = key_id };
    struct rows rows;
    TRY(find_key(request, key_id, &rows));
    if (rows.count == 0) return STATUS_UNAUTHENTICATED;
    struct row row = rows_at(&rows, 0);
    const int64_t real_us = request_real_us(request);
    use.account_id = row_uuid(&row);
    use.person_id = row_uuid(&row);
    *ret_digest = row_bytes(&row);
    use.rights = row_int(&row);
    const int64_t expires_us = row_int(&row);
    const bool is_revoked = row_bool(&row);
    *ret_used_us = row_int(&row);
    if (is_revoked || (expires_us != 0 && expires_us <= real_us)) return STATUS_UNAUTHENTICATED;
    use.expires_at_us = real_us + IDENTITY_API_KEY_CHECK_LIFE_US;
    if (expires_us != 0) use.expires_at_us = earlier(use.expires_at_us, expires_us);
    *ret_use = use;
    return STATUS_OK;
}

enum status identity_api_key_find_use(struct request *request, struct uuid key_id,
                                      struct common_api_key_use *ret_use)
{
    assert(ret_use != NULL);
    struct text digest;
    int64_t used_us;
    return read_key(request, key_id, ret_use, &digest, &used_us);
}

/* All reasons are answered alike and take the same way, so that a guess learns nothing. */
enum status identity_api_key_check(struct request *request, const struct identity_use_api_key *key,
                                   struct common_api_key_use *ret_use, bool *ret_is_touch_due)
{
    assert(key != NULL);
    assert(ret_use != NULL);
    assert(ret_is_touch_due != NULL);
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    struct common_api_key_use use;
    struct text kept;
    int64_t used_us;
    if (key->secret.length != IDENTITY_SECRET_BYTES) return STATUS_UNAUTHENTICATED;
    identity_digest(key->secret, digest);
    TRY(read_key(request, key->key_id, &use, &kept, &used_us));
    if (!secret_equals(kept, (struct text){ (const char *)digest, sizeof digest }))
        return STATUS_UNAUTHENTICATED;
    *ret_use = use;
    *ret_is_touch_due = request_real_us(request) - used_us >= TOUCH_EVERY_US;
    return STATUS_OK;
}

void identity_api_key_touch(struct request *request, struct uuid key_id)
{
    static const struct statement touch = {
        .name = "identity_touch_api_key",
        .sql = "UPDATE identity.api_key SET last_used_at = $2 WHERE id = $1"
               " AND coalesce(last_used_at, 0) < $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &touch);
    param_uuid(params, arena, key_id);
    param_int(params, arena, request_real_us(request));
}

void identity_api_keys_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "identity_trim_api_keys",
        .sql = "DELETE FROM identity.api_key WHERE id IN (SELECT id FROM identity.api_key"
               " WHERE revoked_at < $1 ORDER BY revoked_at, id LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_real_us(request) - KEPT_AFTER_END_US);
    param_int(params, arena, IDENTITY_API_KEYS_TRIMMED_MAX);
}

void identity_rights_to_names(struct arena *arena, uint64_t rights, const char *const *names,
                              size_t names_count, const struct text **ret_list, size_t *ret_count)
{
    assert(ret_list != NULL);
    assert(ret_count != NULL);
    assert(names_count <= RIGHTS_MAX);
    struct text *list = arena_allocate_array(arena, names_count, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < names_count; i++)
        if ((rights >> i & 1) != 0) list[count++] = text_of(names[i]);
    *ret_list = list;
    *ret_count = count;
}

/* One unknown name refuses all: a key with fewer rights than were asked for would fail later, and
 * far from the mistake. */
enum status identity_rights_from_names(const struct text *list, size_t count,
                                       const char *const *names, size_t names_count,
                                       uint64_t *ret_rights)
{
    assert(ret_rights != NULL);
    assert(names_count <= RIGHTS_MAX);
    uint64_t rights = 0;
    for (size_t i = 0; i < count; i++) {
        size_t bit = 0;
        while (bit < names_count && !text_equals_string(list[i], names[bit]))
            bit++;
        if (bit == names_count) return STATUS_INVALID_VALUE;
        rights |= UINT64_C(1) << bit;
    }
    *ret_rights = rights;
    return STATUS_OK;
}

enum status identity_api_key_read_scopes(struct request *request, const struct text *scopes,
                                         size_t count, const char *const *names, size_t names_count,
                                         uint64_t *ret_rights)
{
    uint64_t rights;
    if (count == 0)
        return request_refuse_other(request, "/scopes", "A key is good for something.", names,
                                    names_count);
    for (size_t i = 0; i < count; i++) {
        if (identity_rights_from_names(&scopes[i], 1, names, names_count, &rights) != STATUS_OK)
            return request_refuse_other(request, request_pointer_at(request, "/scopes", i),
                                        "There is no such permission.", names, names_count);
    }
    return identity_rights_from_names(scopes, count, names, names_count, ret_rights);
}
