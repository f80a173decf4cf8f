/* The connections of a domain's database, and the claim that makes this node the
 * owner of shards. */
#include "storage/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "storage/database_private.h"
#include "storage/query.h"

enum { APPLICATION_NAME_MAX = 96, CLAIM_PAUSE_US = 200000, CLAIM_ATTEMPTS_MAX = 600 };

/* ---- the claim ---- */

/* PostgreSQL keeps 63 bytes of an application_name. The sessions of a node that is gone, but whose
 * end the server has not noticed yet, may hold locks; what they could still commit is refused by
 * the fence. */
static const struct statement claim_end_sessions = {
    .name = "claim_end_sessions",
    .sql = "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a "
           "WHERE a.usename = current_user AND a.pid <> pg_backend_pid() "
           "AND a.application_name <> left($3, 63) AND a.application_name IN ("
           "SELECT left('node:' || f.owner || ':' || f.incarnation, 63) FROM host.shard_fence f "
           "WHERE f.shard BETWEEN $1 AND $2)",
};

static const struct statement claim_shards = {
    .name = "claim_shards",
    .sql = "UPDATE host.shard_fence SET epoch = epoch + 1, owner = $3, incarnation = $4 "
           "WHERE shard BETWEEN $1 AND $2 RETURNING shard, epoch",
};

static void database_format_name(const struct database *database,
                                 char ret_name[APPLICATION_NAME_MAX])
{
    (void)snprintf(ret_name, APPLICATION_NAME_MAX, "node:%s:%llu", database->member,
                   (unsigned long long)database->options.incarnation);
}

static enum status claim_once(struct database *database, unsigned first, unsigned last,
                              int64_t deadline_us)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(8192);
    struct store_params range = { .count = 0 };
    struct rows rows;
    char name[APPLICATION_NAME_MAX];
    database_format_name(database, name);
    param_small(&range, arena, (int16_t)first);
    param_small(&range, arena, (int16_t)last);
    struct store_params params = range;
    param_text(&params, arena, text_of(name));
    TRY(query_run(database, arena, &claim_end_sessions, &params, deadline_us, &rows));
    params = range;
    param_text(&params, arena, text_of(database->member));
    param_int(&params, arena, (int64_t)database->options.incarnation);
    TRY(query_run(database, arena, &claim_shards, &params, deadline_us, &rows));
    if (rows.count != last - first + 1) return STATUS_INTERNAL;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const int64_t shard = row_int(&row);
        database->epochs[shard] = row_int(&row);
        database->owned |= UINT64_C(1) << shard;
    }
    return STATUS_OK;
}

enum status database_claim(struct database *database, unsigned first, unsigned last,
                           int64_t deadline_us)
{
    assert(first <= last);
    assert(last < SHARD_COUNT);
    enum status status = STATUS_UNAVAILABLE;
    for (unsigned i = 0; i < CLAIM_ATTEMPTS_MAX; i++) {
        status = claim_once(database, first, last, deadline_us);
        if (status != STATUS_UNAVAILABLE) return status;
        TRY(fiber_sleep(database->options.fibers, CLAIM_PAUSE_US));
    }
    return status;
}

/* ---- life ---- */

static void database_on_fenced(void *context, unsigned shard)
{
    struct database *database = context;
    (void)shard;
    if (database->is_fenced) return;
    database->is_fenced = true;
    if (database->options.on_fenced != NULL)
        database->options.on_fenced(database->options.context, database->domain);
}

static void database_on_outbox(void *context, struct hint *hint)
{
    struct database *database = context;
    if (database->options.on_outbox != NULL)
        database->options.on_outbox(database->options.context, database->domain, hint);
}

static void database_on_writer(void *context, bool is_up)
{
    struct database *database = context;
    if (database->committer != NULL) committer_set_up(database->committer, is_up);
}

struct database *database_new(const struct database_options *options)
{
    char name[APPLICATION_NAME_MAX];
    struct database *database = calloc(1, sizeof *database);
    if (database == NULL) abort();
    database->options = *options;
    database->domain = strdup(options->domain);
    database->member = strdup(options->member);
    if (database->domain == NULL || database->member == NULL) abort();
    database_format_name(database, name);
    struct connection_options connection = { .loop = options->loop,
                                             .conninfo = options->conninfo,
                                             .application_name = name };
    database->readers =
        readers_new(&(struct readers_options){ .loop = options->loop,
                                               .count = options->readers > 0 ? options->readers : 1,
                                               .connection = connection });
    connection.context = database;
    connection.on_state = database_on_writer;
    database->writer = connection_new(&connection);
    database->heartbeat =
        heartbeat_new(options->loop, connection_store(database->writer), database->readers);
    database->committer =
        committer_new(&(struct committer_options){ .store = connection_store(database->writer),
                                                   .timers = loop_timers(options->loop),
                                                   .clock = loop_clock(options->loop),
                                                   .batch_max = options->batch_max,
                                                   .epochs = database->epochs,
                                                   .context = database,
                                                   .on_fenced = database_on_fenced,
                                                   .on_outbox = database_on_outbox });
    return database;
}

void database_destroy(struct database **database_pointer)
{
    struct database *database = *database_pointer;
    if (database == NULL) return;
    *database_pointer = NULL;
    /* The connections answer what is under way first, then the committer settles what is left. */
    committer_stop(database->committer);
    heartbeat_stop(database->heartbeat);
    connection_destroy(&database->writer);
    readers_destroy(&database->readers);
    heartbeat_destroy(&database->heartbeat);
    committer_destroy(&database->committer);
    free(database->domain);
    free(database->member);
    free(database);
}

bool database_owns(const struct database *database, unsigned shard)
{
    assert(shard < SHARD_COUNT);
    return (database->owned >> shard & 1) != 0;
}

bool database_is_answering(const struct database *database)
{
    return heartbeat_is_heard(database->heartbeat);
}

bool database_is_writable(const struct database *database)
{
    return heartbeat_is_written(database->heartbeat);
}

size_t database_units_pending(const struct database *database)
{
    return committer_pending(database->committer);
}
