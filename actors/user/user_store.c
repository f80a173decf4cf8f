/* SQL of the user domain. The unique indexes are the last judge of who has an address or a name. */
#include "actors/user/user_store.h"

#include <string.h>

#define ACCOUNT_COLUMNS "a.id, a.email, a.username, a.password_hash, a.created_at, a.version"

enum status user_store_check_free(struct request *request, struct text email, struct text name,
                                  bool *ret_email_is_taken, bool *ret_name_is_taken)
{
    static const struct statement check = {
        .name = "user_check_free",
        .sql = "SELECT EXISTS (SELECT 1 FROM \"user\".account WHERE email = $1),"
               " EXISTS (SELECT 1 FROM \"user\".username WHERE name = $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_text(params, arena, email);
    param_text(params, arena, name);
    struct rows rows;
    TRY(request_query(request, &check, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_email_is_taken = row_bool(&row);
    *ret_name_is_taken = row_bool(&row);
    return STATUS_OK;
}

static void read_account(struct row *row, struct user_account *ret_account)
{
    ret_account->id = row_uuid(row);
    ret_account->email = row_text(row);
    ret_account->username = row_text(row);
    ret_account->password_hash = row_text(row);
    ret_account->created_at_us = row_int(row);
    ret_account->version = row_int(row);
}

static enum status find_account(struct request *request, const struct statement *statement,
                                const struct store_params *params, struct user_account *ret_account)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_account(&row, ret_account);
    return STATUS_OK;
}

enum status user_store_find_by_email(struct request *request, struct text email,
                                     struct user_account *ret_account)
{
    static const struct statement find = {
        .name = "user_find_by_email",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM \"user\".account a WHERE a.email = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_text(params, arena, email);
    return find_account(request, &find, params, ret_account);
}

enum status user_store_find(struct request *request, struct uuid user_id,
                            struct user_account *ret_account)
{
    static const struct statement find = {
        .name = "user_find",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM \"user\".account a WHERE a.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_uuid(params, arena, user_id);
    return find_account(request, &find, params, ret_account);
}

void user_store_add(struct request *request, const struct user_account *account, struct text name)
{
    static const struct statement add = {
        .name = "user_add",
        .sql = "INSERT INTO \"user\".account (id, email, username, password_hash, created_at)"
               " VALUES ($1, $2, $3, $4, $5)",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    static const struct statement add_name = {
        .name = "user_add_name",
        .sql = "INSERT INTO \"user\".username (name, user_id) VALUES ($1, $2)",
        .on_duplicate = STATUS_USERNAME_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->email);
    param_text(params, arena, account->username);
    param_text(params, arena, account->password_hash);
    param_int(params, arena, account->created_at_us);
    params = request_write(request, &add_name);
    param_text(params, arena, name);
    param_uuid(params, arena, account->id);
}

void user_store_save(struct request *request, const struct user_account *account)
{
    static const struct statement save = {
        .name = "user_save",
        .sql = "WITH u AS (UPDATE \"user\".account SET username = $3, password_hash = $4,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, account->id);
    param_int(params, arena, account->version - 1);
    param_text(params, arena, account->username);
    param_text(params, arena, account->password_hash);
}

void user_store_save_name(struct request *request, struct uuid user_id, struct text name)
{
    static const struct statement save = {
        .name = "user_save_name",
        .sql = "UPDATE \"user\".username SET name = $2 WHERE user_id = $1",
        .on_duplicate = STATUS_USERNAME_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, user_id);
    param_text(params, arena, name);
}

void user_store_require_password(struct request *request, const struct user_account *account)
{
    static const struct statement require = {
        .name = "user_require_password",
        .sql = "SELECT require_one(count(*)) FROM \"user\".account"
               " WHERE id = $1 AND password_hash = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &require);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->password_hash);
}

static void param_digest(struct store_params *params, struct arena *arena,
                         const uint8_t digest[USER_DIGEST_BYTES])
{
    param_bytes(params, arena, (struct text){ (const char *)digest, USER_DIGEST_BYTES });
}

void user_store_add_session(struct request *request, const struct user_session *session)
{
    static const struct statement add = {
        .name = "user_add_session",
        .sql = "INSERT INTO \"user\".session (id, user_id, secret_hash, rotated_at, expires_at, "
               "created_at)"
               " VALUES ($1, $2, $3, $4, $5, $6)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, session->id);
    param_uuid(params, arena, session->user_id);
    param_digest(params, arena, session->secret_hash);
    param_int(params, arena, session->rotated_at_us);
    param_int(params, arena, session->expires_at_us);
    param_int(params, arena, request_now_us(request));
}

static void read_bytes(struct row *row, uint8_t *ret_bytes, size_t length)
{
    const struct text bytes = row_bytes(row);
    assert(bytes.length == length);
    memcpy(ret_bytes, bytes.data, length);
}

enum status user_store_find_session(struct request *request, struct uuid session_id,
                                    struct user_session *ret_session,
                                    struct user_account *ret_account)
{
    static const struct statement find = {
        .name = "user_find_session",
        .sql = "SELECT " ACCOUNT_COLUMNS
               ", s.secret_hash, s.rotated_at, s.expires_at, s.revoked_at IS NOT NULL,"
               " s.version, s.previous_hash FROM \"user\".session s JOIN \"user\".account a ON "
               "a.id = s.user_id"
               " WHERE s.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_uuid(params, arena, session_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_account(&row, ret_account);
    *ret_session = (struct user_session){ .id = session_id, .user_id = ret_account->id };
    read_bytes(&row, ret_session->secret_hash, USER_DIGEST_BYTES);
    ret_session->rotated_at_us = row_int(&row);
    ret_session->expires_at_us = row_int(&row);
    ret_session->is_revoked = row_bool(&row);
    ret_session->version = row_int(&row);
    ret_session->has_previous = !row_skip_null(&row);
    if (ret_session->has_previous) read_bytes(&row, ret_session->previous_hash, USER_DIGEST_BYTES);
    return STATUS_OK;
}

void user_store_save_session(struct request *request, const struct user_session *session)
{
    static const struct statement save = {
        .name = "user_save_session",
        .sql = "WITH u AS (UPDATE \"user\".session SET secret_hash = $3, previous_hash = $4, "
               "rotated_at = $5,"
               " expires_at = $6, version = version + 1 WHERE id = $1 AND version = $2 AND "
               "revoked_at IS NULL"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    assert(session->has_previous);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, session->id);
    param_int(params, arena, session->version - 1);
    param_digest(params, arena, session->secret_hash);
    param_digest(params, arena, session->previous_hash);
    param_int(params, arena, session->rotated_at_us);
    param_int(params, arena, session->expires_at_us);
}

void user_store_close_session(struct request *request, struct uuid session_id, struct uuid user_id)
{
    static const struct statement close = {
        .name = "user_close_session",
        .sql = "UPDATE \"user\".session SET revoked_at = $3, version = version + 1"
               " WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &close);
    param_uuid(params, arena, session_id);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

void user_store_close_other_sessions(struct request *request, struct uuid session_id,
                                     struct uuid user_id)
{
    static const struct statement close = {
        .name = "user_close_other_sessions",
        .sql = "UPDATE \"user\".session SET revoked_at = $3, version = version + 1"
               " WHERE user_id = $2 AND id <> $1 AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &close);
    param_uuid(params, arena, session_id);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

enum status user_store_list_sessions(struct request *request, struct uuid user_id,
                                     struct common_open_sign_in **ret_sessions, size_t *ret_count)
{
    static const struct statement list = {
        .name = "user_list_sessions",
        .sql = "SELECT id, created_at, rotated_at, expires_at FROM \"user\".session"
               " WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2"
               " ORDER BY rotated_at DESC, id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_real_us(request));
    param_int(params, arena, USER_SESSIONS_LISTED_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct common_open_sign_in *sessions =
        arena_allocate_array(arena, rows.count, sizeof(*sessions));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        sessions[i].id = row_uuid(&row);
        sessions[i].created_at_us = row_int(&row);
        sessions[i].refreshed_at_us = row_int(&row);
        sessions[i].expires_at_us = row_int(&row);
        sessions[i].is_current = false;
    }
    *ret_sessions = sessions;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status user_store_find_signing_key(struct request *request, enum common_audience audience,
                                        struct user_signing_key *ret_key)
{
    static const struct statement find = {
        .name = "user_find_signing_key",
        .sql = "SELECT kid, public_key, secret_key FROM \"user\".signing_key WHERE audience = $1 "
               "AND is_active",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_text(params, arena, text_of(common_audience_names[audience]));
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_key->kid = row_text(&row);
    read_bytes(&row, ret_key->public_key, PASETO_PUBLIC_KEY_BYTES);
    read_bytes(&row, ret_key->secret_key, PASETO_SECRET_KEY_BYTES);
    return STATUS_OK;
}

void user_store_add_signing_key(struct request *request, enum common_audience audience,
                                const struct user_signing_key *key)
{
    static const struct statement add = {
        .name = "user_add_signing_key",
        .sql =
            "INSERT INTO \"user\".signing_key (kid, audience, public_key, secret_key, created_at)"
            " VALUES ($1, $2, $3, $4, $5)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_text(params, arena, key->kid);
    param_text(params, arena, text_of(common_audience_names[audience]));
    param_bytes(params, arena,
                (struct text){ (const char *)key->public_key, sizeof(key->public_key) });
    param_bytes(params, arena,
                (struct text){ (const char *)key->secret_key, sizeof(key->secret_key) });
    param_int(params, arena, request_now_us(request));
}

static enum common_audience read_audience(struct text name)
{
    for (size_t i = 0; i < COMMON_AUDIENCE_COUNT; i++) {
        if (text_equals_string(name, common_audience_names[i])) return (enum common_audience)i;
    }
    assert(false && "the table's check allows no other audience");
    return COMMON_AUDIENCE_STORE;
}

enum status user_store_list_keys(struct request *request, const struct common_token_key **ret_keys,
                                 size_t *ret_count)
{
    static const struct statement list = {
        .name = "user_list_keys",
        .sql = "SELECT kid, public_key, audience FROM \"user\".signing_key"
               " ORDER BY is_active DESC, created_at DESC, kid LIMIT $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_int(params, arena, USER_KEYS_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct common_token_key *keys = arena_allocate_array(arena, rows.count, sizeof(*keys));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        keys[i].kid = row_text(&row);
        keys[i].public_key = row_bytes(&row);
        keys[i].audience = read_audience(row_text(&row));
    }
    *ret_keys = keys;
    *ret_count = rows.count;
    return STATUS_OK;
}
