/* SQL of throttled attempts. */
#include "actors/identity/identity_throttle_store.h"

enum status identity_throttle_load(struct request *request, struct text digest,
                                   struct identity_failures *ret_failures)
{
    assert(ret_failures != NULL);
    static const struct statement load = {
        .name = "identity_load_failures",
        .sql = "SELECT failures, window_started_at, locks, locked_until, version"
               " FROM identity.failures WHERE digest = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, digest);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    *ret_failures = (struct identity_failures){ 0 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_failures->count = row_int(&row);
    ret_failures->window_started_us = row_int(&row);
    ret_failures->locks = row_int(&row);
    ret_failures->locked_until_us = row_int(&row);
    ret_failures->version = row_int(&row);
    return STATUS_OK;
}

/* The version makes sure that no failure is lost when two are counted at once. */
void identity_throttle_save(struct request *request, struct text digest,
                            const struct identity_failures *failures, int64_t forget_at_us)
{
    assert(failures != NULL);
    assert(failures->version > 0);
    static const struct statement save = {
        .name = "identity_save_failures",
        .sql = "WITH u AS (INSERT INTO identity.failures AS f (digest, failures,"
               " window_started_at, locks, locked_until, forget_at, version)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (digest) DO UPDATE"
               " SET failures = $2, window_started_at = $3, locks = $4, locked_until = $5,"
               " forget_at = $6, version = $7 WHERE f.version = $7 - 1 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_text(params, arena, digest);
    param_int(params, arena, failures->count);
    param_int(params, arena, failures->window_started_us);
    param_int(params, arena, failures->locks);
    param_int(params, arena, failures->locked_until_us);
    param_int(params, arena, forget_at_us);
    param_int(params, arena, failures->version);
}

void identity_throttle_remove(struct request *request, struct text digest)
{
    static const struct statement remove = {
        .name = "identity_remove_failures",
        .sql = "DELETE FROM identity.failures WHERE digest = $1",
    };
    param_text(request_write(request, &remove), request_arena(request), digest);
}

void identity_throttle_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "identity_trim_failures",
        .sql = "DELETE FROM identity.failures WHERE digest IN"
               " (SELECT digest FROM identity.failures WHERE forget_at < $1"
               " ORDER BY forget_at LIMIT $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, IDENTITY_FAILURES_TRIMMED_MAX);
}
