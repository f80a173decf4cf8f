/* SQL of sessions. */
#include "actors/identity/identity_session_store.h"

#include <string.h>

#include "actors/identity/identity_api_key.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (INT64_C(86400) * SECOND_US)

/* A unit that was under way may commit an end that lies back so far; requests live shorter. */
#define COMMIT_DELAY_US (15 * SECOND_US)
#define KEPT_AFTER_EXPIRY_US (30 * DAY_US)

static void param_digest(struct store_params *params, struct arena *arena,
                         const uint8_t digest[IDENTITY_DIGEST_BYTES])
{
    param_bytes(params, arena, (struct text){ (const char *)digest, IDENTITY_DIGEST_BYTES });
}

static void read_digest(struct row *row, uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    const struct text bytes = row_bytes(row);
    assert(bytes.length == IDENTITY_DIGEST_BYTES);
    memcpy(ret_digest, bytes.data, IDENTITY_DIGEST_BYTES);
}

void identity_session_add(struct request *request, const struct identity_session *session)
{
    assert(session != NULL);
    assert(session->expires_at_us > session->rotated_at_us);
    static const struct statement add = {
        .name = "identity_add_session",
        .sql = "INSERT INTO identity.session (id, account_id, person_id, secret_hash, created_at,"
               " rotated_at, expires_at, confirmed_at, client, impersonator_id)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, session->id);
    param_uuid(params, arena, session->account_id);
    param_uuid(params, arena, session->person_id);
    param_digest(params, arena, session->secret_hash);
    param_int(params, arena, session->created_at_us);
    param_int(params, arena, session->rotated_at_us);
    param_int(params, arena, session->expires_at_us);
    param_int(params, arena, session->confirmed_us);
    param_text(params, arena, request_client(request));
    param_uuid_or_null(params, arena, session->impersonator_id);
}

enum status identity_session_find(struct request *request, struct uuid session_id,
                                  struct identity_session *ret_session)
{
    assert(ret_session != NULL);
    static const struct statement find = {
        .name = "identity_find_session",
        .sql = "SELECT account_id, person_id, secret_hash, created_at, rotated_at, expires_at,"
               " confirmed_at, revoked_at IS NOT NULL, version, previous_hash, impersonator_id"
               " FROM identity.session WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, session_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct identity_session session = { .id = session_id };
    session.account_id = row_uuid(&row);
    session.person_id = row_uuid(&row);
    read_digest(&row, session.secret_hash);
    session.created_at_us = row_int(&row);
    session.rotated_at_us = row_int(&row);
    session.expires_at_us = row_int(&row);
    session.confirmed_us = row_int(&row);
    session.is_revoked = row_bool(&row);
    session.version = row_int(&row);
    session.has_previous = !row_skip_null(&row);
    if (session.has_previous) read_digest(&row, session.previous_hash);
    if (!row_skip_null(&row)) session.impersonator_id = row_uuid(&row);
    *ret_session = session;
    return STATUS_OK;
}

/* One read by key, which shares its statement with others: it is asked before each checkout. */
enum status identity_session_check(struct request *request, struct uuid session_id)
{
    static const struct statement check = {
        .name = "identity_check_session",
        .sql = "SELECT id FROM identity.session WHERE id = ANY ($1) AND revoked_at IS NULL",
    };
    struct rows rows;
    TRY(request_query_by_key(request, &check, session_id, &rows));
    return rows.count == 1 ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

enum status identity_session_require(struct request *request, struct uuid session_id)
{
    static const struct statement require = {
        .name = "identity_require_session",
        .sql = "SELECT require_one(count(*)) FROM identity.session WHERE id = $1"
               " AND revoked_at IS NULL",
    };
    struct identity_session session;
    const enum status found = identity_session_find(request, session_id, &session);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND) return found;
    if (found == STATUS_NOT_FOUND || session.is_revoked) return STATUS_UNAUTHENTICATED;
    param_uuid(request_write(request, &require), request_arena(request), session_id);
    return STATUS_OK;
}

void identity_session_save(struct request *request, const struct identity_session *session)
{
    assert(session != NULL);
    assert(session->version > 1);
    static const struct statement save = {
        .name = "identity_save_session",
        .sql = "WITH u AS (UPDATE identity.session SET secret_hash = $3, previous_hash = $4,"
               " rotated_at = $5, expires_at = $6, version = version + 1"
               " WHERE id = $1 AND version = $2 AND revoked_at IS NULL RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
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

void identity_session_confirm(struct request *request, struct uuid session_id, int64_t confirmed_us)
{
    static const struct statement confirm = {
        .name = "identity_confirm_session",
        .sql = "UPDATE identity.session SET confirmed_at = $2, version = version + 1"
               " WHERE id = $1 AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &confirm);
    param_uuid(params, arena, session_id);
    param_int(params, arena, confirmed_us);
}

/* Keyed by the account, too, so that an id alone ends nobody else's session. */
void identity_session_end(struct request *request, struct uuid session_id, struct uuid account_id)
{
    static const struct statement end = {
        .name = "identity_end_session",
        .sql = "UPDATE identity.session SET revoked_at = $3, version = version + 1"
               " WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, session_id);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
}

/* Their ends are a microsecond apart, so that pages of identity_list_ended() can end between them.
 */
void identity_sessions_end_of_person(struct request *request, struct uuid account_id,
                                     struct uuid person_id, struct uuid kept_session_id)
{
    static const struct statement end = {
        .name = "identity_end_sessions_of_person",
        .sql = "WITH o AS (SELECT id, row_number() OVER () AS position FROM identity.session"
               " WHERE account_id = $1 AND person_id = $2 AND id <> $3 AND revoked_at IS NULL)"
               " UPDATE identity.session s SET revoked_at = $4 + o.position,"
               " version = version + 1 FROM o WHERE s.id = o.id AND s.revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, account_id);
    param_uuid(params, arena, person_id);
    param_uuid(params, arena, kept_session_id);
    param_int(params, arena, request_real_us(request));
    identity_api_keys_recheck(request, account_id, person_id);
}

void identity_sessions_end_of_account(struct request *request, struct uuid account_id)
{
    static const struct statement end = {
        .name = "identity_end_sessions_of_account",
        .sql = "WITH o AS (SELECT id, row_number() OVER () AS position FROM identity.session"
               " WHERE account_id = $1 AND revoked_at IS NULL)"
               " UPDATE identity.session s SET revoked_at = $2 + o.position,"
               " version = version + 1 FROM o WHERE s.id = o.id AND s.revoked_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, account_id);
    param_int(params, arena, request_real_us(request));
    identity_api_keys_recheck(request, account_id, (struct uuid){ { 0 } });
}

enum status identity_list_sessions(struct request *request, struct uuid account_id,
                                   struct uuid person_id, struct common_sign_ins *ret_sessions)
{
    assert(ret_sessions != NULL);
    static const struct statement list = {
        .name = "identity_list_sessions",
        .sql = "SELECT id, created_at, rotated_at, expires_at, client FROM identity.session"
               " WHERE account_id = $1 AND person_id = $2 AND revoked_at IS NULL"
               " AND expires_at > $3 ORDER BY rotated_at DESC, id DESC LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, account_id);
    param_uuid(params, arena, person_id);
    param_int(params, arena, request_real_us(request));
    param_int(params, arena, IDENTITY_SESSIONS_LISTED_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    const struct uuid current = request_principal(request)->session;
    struct common_open_sign_in *sessions =
        arena_allocate_array(arena, rows.count, sizeof *sessions);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        sessions[i].id = row_uuid(&row);
        sessions[i].created_at_us = row_int(&row);
        sessions[i].refreshed_at_us = row_int(&row);
        sessions[i].expires_at_us = row_int(&row);
        sessions[i].client = row_text(&row);
        sessions[i].has_client = sessions[i].client.length > 0;
        sessions[i].is_current = uuid_equals(sessions[i].id, current);
    }
    *ret_sessions = (struct common_sign_ins){ .data = sessions, .data_count = rows.count };
    return STATUS_OK;
}

/* Sessions and keys each by their own index, then merged: one OR over both tables would read all of
 * them. */
static enum status query_ended(struct request *request, int64_t after_us, struct rows *ret_rows)
{
    static const struct statement list = {
        .name = "identity_list_ended",
        .sql = "SELECT id, is_key, revoked_at FROM"
               " ((SELECT id, false AS is_key, revoked_at FROM identity.session"
               " WHERE revoked_at > $1 ORDER BY revoked_at, id LIMIT $2) UNION ALL"
               " (SELECT id, true AS is_key, revoked_at FROM identity.api_key"
               " WHERE revoked_at > $1 ORDER BY revoked_at, id LIMIT $2) UNION ALL"
               " (SELECT id, true AS is_key, changed_at AS revoked_at FROM identity.api_key"
               " WHERE changed_at > $1 AND revoked_at IS NULL"
               " ORDER BY changed_at, id LIMIT $2)) e"
               " ORDER BY revoked_at, id LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    const int64_t yesterday_us = request_real_us(request) - DAY_US;
    param_int(params, arena, after_us > yesterday_us ? after_us : yesterday_us);
    param_int(params, arena, IDENTITY_ENDED_LISTED_MAX + 1);
    return request_query(request, &list, params, ret_rows);
}

/* How many of the rows are whole, with all that ended in the same microsecond, and when the last of
 * them ended. When all of a page ended at once, some is better than none. */
static size_t count_whole(struct rows *rows, int64_t after_us, int64_t *ret_through_us)
{
    int64_t ended_us = after_us;
    size_t whole = 0;
    *ret_through_us = after_us;
    for (size_t i = 0; i < rows->count; i++) {
        struct row row = rows_at(rows, i);
        (void)row_uuid(&row);
        (void)row_bool(&row);
        const int64_t revoked_us = row_int(&row);
        if (revoked_us != ended_us) {
            whole = i;
            *ret_through_us = ended_us;
        }
        ended_us = revoked_us;
    }
    if (whole > 0) return whole;
    *ret_through_us = ended_us;
    return IDENTITY_ENDED_LISTED_MAX;
}

enum status identity_list_ended(struct request *request, int64_t after_us,
                                struct common_ended_sessions *ret_ended)
{
    assert(ret_ended != NULL);
    struct rows rows;
    TRY(query_ended(request, after_us, &rows));
    struct arena *arena = request_arena(request);
    struct uuid *sessions = arena_allocate_array(arena, rows.count, sizeof *sessions);
    struct uuid *keys = arena_allocate_array(arena, rows.count, sizeof *keys);
    struct common_ended_sessions ended = {
        .session_ids = sessions,
        .key_ids = keys,
        .has_more = rows.count > IDENTITY_ENDED_LISTED_MAX,
    };
    size_t count = rows.count;
    ended.ended_through_us = request_real_us(request) - COMMIT_DELAY_US;
    if (ended.has_more) count = count_whole(&rows, after_us, &ended.ended_through_us);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid id = row_uuid(&row);
        if (row_bool(&row))
            keys[ended.key_ids_count++] = id;
        else
            sessions[ended.session_ids_count++] = id;
    }
    *ret_ended = ended;
    return STATUS_OK;
}

void identity_sessions_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "identity_trim_sessions",
        .sql = "DELETE FROM identity.session WHERE id IN (SELECT id FROM identity.session"
               " WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_real_us(request) - KEPT_AFTER_EXPIRY_US);
    param_int(params, arena, IDENTITY_SESSIONS_TRIMMED_MAX);
}
