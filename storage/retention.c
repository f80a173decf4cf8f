/* Deletes old rows in small batches; the BRIN indexes on `at` find them without reading the tables.
 */
#include "storage/retention.h"

#include "storage/query.h"

static const struct statement retention_trim_inbox = {
    .name = "retention_trim_inbox",
    .sql = "WITH gone AS (DELETE FROM host.inbox WHERE msg_id = ANY (ARRAY("
           "SELECT i.msg_id FROM host.inbox i WHERE i.at < $1 LIMIT $2)) RETURNING 1) "
           "SELECT count(*) FROM gone",
};

static const struct statement retention_trim_idempotency = {
    .name = "retention_trim_idempotency",
    .sql = "WITH gone AS (DELETE FROM host.idempotency WHERE key = ANY (ARRAY("
           "SELECT i.key FROM host.idempotency i WHERE i.at < $1 LIMIT $2)) RETURNING 1) "
           "SELECT count(*) FROM gone",
};

static const struct statement retention_trim_sagas = {
    .name = "retention_trim_sagas",
    .sql = "WITH gone AS (DELETE FROM host.saga WHERE id = ANY (ARRAY("
           "SELECT s.id FROM host.saga s WHERE s.is_done AND s.started_at < $1 LIMIT $2)) "
           "RETURNING 1) SELECT count(*) FROM gone",
};

enum status retention_trim(struct database *database, int64_t before_us, int64_t deadline_us,
                           int64_t *ret_deleted)
{
    static const struct statement *const trims[] = { &retention_trim_inbox,
                                                     &retention_trim_idempotency,
                                                     &retention_trim_sagas };
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct store_params params = { .count = 0 };
    int64_t deleted = 0;
    param_int(&params, arena, before_us);
    param_int(&params, arena, RETENTION_ROWS_MAX);
    for (size_t i = 0; i < ARRAY_LENGTH(trims); i++) {
        struct rows rows;
        TRY(query_run(database, arena, trims[i], &params, deadline_us, &rows));
        struct row row = rows_at(&rows, 0);
        deleted += row_int(&row);
    }
    *ret_deleted = deleted;
    return STATUS_OK;
}
