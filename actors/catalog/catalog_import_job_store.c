/* SQL of vendors' imports. */
#include "actors/catalog/catalog_import_job_store.h"

/* ---- jobs ---- */

#define JOB_SQL                                                                                    \
    "SELECT id, vendor_id, status, is_dry_run, coalesce(preset, -1), currency, mapping,"           \
    " read_offset, read_line, is_read, places, places_done, rows_read, products, created,"         \
    " changed, unchanged, refused, problems, failure, failure_detail, created_at,"                 \
    " coalesce(started_at, 0), coalesce(ended_at, 0), version, coalesce(encoding, -1),"            \
    " staged FROM catalog.import_job"

static void read_job(struct row *row, struct catalog_import_job *job)
{
    job->id = row_uuid(row);
    job->vendor_id = row_uuid(row);
    job->status = (enum catalog_import_status)row_int(row);
    assert((unsigned)job->status < CATALOG_IMPORT_STATUS_COUNT);
    job->is_dry_run = row_bool(row);
    job->preset = (int)row_int(row);
    job->currency = row_text(row);
    job->mapping = row_text(row);
    job->read_offset = row_int(row);
    job->read_line = row_int(row);
    job->is_read = row_bool(row);
    job->places = row_int(row);
    job->places_done = row_int(row);
    job->rows = row_int(row);
    job->products = row_int(row);
    job->created = row_int(row);
    job->changed = row_int(row);
    job->unchanged = row_int(row);
    job->refused = row_int(row);
    job->problems = row_int(row);
    job->failure = row_text(row);
    job->failure_detail = row_text(row);
    job->created_at_us = row_int(row);
    job->started_at_us = row_int(row);
    job->ended_at_us = row_int(row);
    job->version = row_int(row);
    job->encoding = (int)row_int(row);
    job->staged = row_int(row);
}

static const struct statement job_load = {
    .name = "catalog_import_job_load",
    .sql = JOB_SQL " WHERE id = $1 AND vendor_id = $2",
};

enum status catalog_import_job_store_load(struct request *request, struct uuid vendor_id,
                                          struct uuid job_id, struct catalog_import_job *ret_job)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, job_id);
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &job_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_job(&row, ret_job);
    return STATUS_OK;
}

static const struct statement job_list = {
    .name = "catalog_import_job_list",
    .sql = JOB_SQL " WHERE vendor_id = $1 AND id < $2 AND ($3 = -1 OR status = $3)"
                   " ORDER BY id DESC LIMIT $4",
};

enum status catalog_import_job_store_list(struct request *request, struct uuid vendor_id,
                                          int status, struct uuid after, int64_t limit,
                                          struct catalog_import_job **ret_jobs, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_uuid(params, arena, after);
    param_small(params, arena, (int16_t)(status < 0 ? -1 : status));
    param_int(params, arena, limit);
    TRY(request_query(request, &job_list, params, &rows));
    struct catalog_import_job *jobs = arena_allocate_array(arena, rows.count, sizeof *jobs);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_job(&row, &jobs[i]);
    }
    *ret_jobs = jobs;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement open_count = {
    .name = "catalog_import_open_count",
    .sql = "SELECT count(*), coalesce(bool_or(status = 1 AND id <> $2), false)"
           " FROM catalog.import_job WHERE vendor_id = $1 AND status < 2",
};

enum status catalog_import_job_store_count_open(struct request *request, struct uuid vendor_id,
                                                struct uuid but, int64_t *ret_count,
                                                bool *ret_is_running)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    param_uuid(params, arena, but);
    TRY(request_query(request, &open_count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    *ret_is_running = row_bool(&row);
    return STATUS_OK;
}

static const struct statement job_add = {
    .name = "catalog_import_job_add",
    .sql = "INSERT INTO catalog.import_job (id, vendor_id, shard, status, is_dry_run, preset,"
           " currency, mapping, created_at, encoding)"
           " VALUES ($1, $2, $3, $4, $5, nullif($6, -1), $7, $8, $9, nullif($10, -1))",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement file_add = {
    .name = "catalog_import_file_add",
    .sql = "INSERT INTO catalog.import_file (job_id, bytes) VALUES ($1, $2)",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_import_job_store_add(struct request *request, const struct catalog_import_job *job,
                                  struct text file)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &job_add);
    param_uuid(params, arena, job->id);
    param_uuid(params, arena, job->vendor_id);
    param_small(params, arena, (int16_t)uuid_shard(job->vendor_id));
    param_small(params, arena, (int16_t)job->status);
    param_bool(params, arena, job->is_dry_run);
    param_small(params, arena, (int16_t)job->preset);
    param_text(params, arena, job->currency);
    param_text(params, arena, job->mapping);
    param_int(params, arena, job->created_at_us);
    param_small(params, arena, (int16_t)job->encoding);
    params = request_write(request, &file_add);
    param_uuid(params, arena, job->id);
    param_bytes(params, arena, file);
}

static const struct statement job_save = {
    .name = "catalog_import_job_save",
    .sql = "WITH u AS (UPDATE catalog.import_job SET status = $3, preset = nullif($4, -1),"
           " read_offset = $5, read_line = $6, is_read = $7, places = $8, places_done = $9,"
           " rows_read = $10, products = $11, created = $12, changed = $13, unchanged = $14,"
           " refused = $15, problems = $16, failure = $17, failure_detail = $18,"
           " started_at = nullif($19, 0), ended_at = nullif($20, 0), staged = $21,"
           " version = version + 1"
           " WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement file_forget = {
    .name = "catalog_import_file_forget",
    .sql = "WITH gone AS (DELETE FROM catalog.import_product WHERE job_id = $1)"
           " DELETE FROM catalog.import_file WHERE job_id = $1",
};

void catalog_import_job_store_save(struct request *request, struct catalog_import_job *job)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &job_save);
    param_uuid(params, arena, job->id);
    param_int(params, arena, job->version);
    param_small(params, arena, (int16_t)job->status);
    param_small(params, arena, (int16_t)job->preset);
    param_int(params, arena, job->read_offset);
    param_int(params, arena, job->read_line);
    param_bool(params, arena, job->is_read);
    param_int(params, arena, job->places);
    param_int(params, arena, job->places_done);
    param_int(params, arena, job->rows);
    param_int(params, arena, job->products);
    param_int(params, arena, job->created);
    param_int(params, arena, job->changed);
    param_int(params, arena, job->unchanged);
    param_int(params, arena, job->refused);
    param_int(params, arena, job->problems);
    param_text(params, arena, job->failure);
    param_text(params, arena, job->failure_detail);
    param_int(params, arena, job->started_at_us);
    param_int(params, arena, job->ended_at_us);
    param_int(params, arena, job->staged);
    job->version++;
    if (catalog_import_job_is_open(job)) return;
    params = request_write(request, &file_forget);
    param_uuid(params, arena, job->id);
}

static const struct statement file_load = {
    .name = "catalog_import_file_load",
    .sql = "SELECT bytes FROM catalog.import_file WHERE job_id = $1",
};

enum status catalog_import_job_store_load_file(struct request *request, struct uuid job_id,
                                               struct text *ret_file)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, job_id);
    TRY(request_query(request, &file_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_file = row_bytes(&row);
    return STATUS_OK;
}

/* ---- jobs that have more to do ---- */

static const struct statement active_list = {
    .name = "catalog_import_active_list",
    .sql = "SELECT DISTINCT ON (vendor_id) vendor_id, id, places_done, version"
           " FROM catalog.import_job"
           " WHERE status < 2 AND shard BETWEEN $1 AND $2"
           " ORDER BY vendor_id, status DESC, id LIMIT $3",
};

enum status catalog_import_job_store_list_active(
    struct request *request, unsigned shard_first, unsigned shard_last,
    struct catalog_import_active ret_active[CATALOG_IMPORT_ACTIVE_MAX], size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, CATALOG_IMPORT_ACTIVE_MAX);
    TRY(request_query(request, &active_list, params, &rows));
    assert(rows.count <= CATALOG_IMPORT_ACTIVE_MAX);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_active[i].vendor_id = row_uuid(&row);
        ret_active[i].job_id = row_uuid(&row);
        ret_active[i].place = row_int(&row);
        ret_active[i].version = row_int(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}
