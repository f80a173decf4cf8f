/* SQL of throttled sign-ins. */
#include "actors/user/user_throttle_store.h"

enum status user_throttle_load(struct request *request, struct text address_digest,
                               struct user_failures *ret_failures)
{
    static const struct statement load = {
        .name = "user_load_failures",
        .sql = "SELECT failures, window_started_at, locks, locked_until, version"
               " FROM \"user\".sign_in_failures WHERE address_digest = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_text(params, arena, address_digest);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    *ret_failures = (struct user_failures){ 0 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_failures->count = row_int(&row);
    ret_failures->window_started_us = row_int(&row);
    ret_failures->locks = row_int(&row);
    ret_failures->locked_until_us = row_int(&row);
    ret_failures->version = row_int(&row);
    return STATUS_OK;
}

void user_throttle_save(struct request *request, struct text address_digest,
                        const struct user_failures *failures)
{
    static const struct statement save = {
        .name = "user_save_failures",
        .sql = "WITH u AS (INSERT INTO \"user\".sign_in_failures AS f (address_digest, failures,"
               " window_started_at, locks, locked_until, forget_at, version)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (address_digest) DO UPDATE"
               " SET failures = $2, window_started_at = $3, locks = $4, locked_until = $5,"
               " forget_at = $6, version = $7 WHERE f.version = $7 - 1 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_text(params, arena, address_digest);
    param_int(params, arena, failures->count);
    param_int(params, arena, failures->window_started_us);
    param_int(params, arena, failures->locks);
    param_int(params, arena, failures->locked_until_us);
    param_int(params, arena, user_failures_end_us(failures));
    param_int(params, arena, failures->version);
}

void user_throttle_remove(struct request *request, struct text address_digest)
{
    static const struct statement remove = {
        .name = "user_remove_failures",
        .sql = "DELETE FROM \"user\".sign_in_failures WHERE address_digest = $1",
    };
    param_text(request_write(request, &remove), request_arena(request), address_digest);
}

void user_throttle_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "user_trim_failures",
        .sql = "DELETE FROM \"user\".sign_in_failures WHERE address_digest IN"
               " (SELECT address_digest FROM \"user\".sign_in_failures WHERE forget_at < $1"
               " ORDER BY forget_at LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, USER_FAILURES_TRIMMED_MAX);
}
