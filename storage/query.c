/* Reads that wait: one statement, and again when its connection is lost on the way. */
#include "storage/query.h"

#include <stdlib.h>

#include "runtime/log.h"
#include "storage/database_private.h"

#define LOCK_PAUSE_US INT64_C(100000)

/* A read under way. It lives on the heap, since at its deadline the reader leaves before the answer
 * has come. */
struct query {
    struct read read;
    struct store_call call;
    struct completion *waiter; /* NULL: the reader has left */
};

static void on_query_done(struct read *read)
{
    struct query *query = CONTAINER_OF(read, struct query, read);
    if (query->waiter == NULL) {
        free(query);
        return;
    }
    completion_finish(query->waiter, STATUS_OK);
}

enum status query_judge(const struct store_segment *segment)
{
    const struct store_call *call = &segment->calls[0];
    assert(segment->calls_count == 1);
    if (segment->status == STATUS_OK || segment->fault == STORE_FAULT_LOST) return segment->status;
    if (segment->fault == STORE_FAULT_LOCK) return segment->status;
    log_error("statement_failed", LOG_STRING("statement", call->statement->name),
              LOG_STRING("sqlstate", call->result.sqlstate),
              LOG_STRING("message", call->result.detail));
    return segment->fault == STORE_FAULT_SERVER ? segment->status : STATUS_INTERNAL;
}

bool query_is_repeated(struct database *database, enum store_fault fault, unsigned attempts,
                       int64_t deadline_us)
{
    if (fault == STORE_FAULT_LOST) return attempts < QUERY_ATTEMPTS_MAX;
    if (fault != STORE_FAULT_LOCK) return false;
    const int64_t pause_us = LOCK_PAUSE_US;
    return loop_now_us(database->options.loop) + pause_us < deadline_us &&
           fiber_sleep(database->options.fibers, pause_us) == STATUS_OK;
}

/* What all attempts of a read have in common. */
struct wanted {
    struct database *database;
    read_asker asker;
    const struct statement *statement;
    const struct store_params *params;
    int64_t deadline_us;
};

static enum status query_try(const struct wanted *wanted, struct arena *arena,
                             struct rows *ret_rows, enum store_fault *ret_fault)
{
    struct completion completion;
    struct query *query = calloc(1, sizeof *query);
    if (query == NULL) abort();
    *ret_fault = STORE_FAULT_NONE;
    completion_init(&completion, wanted->database->options.fibers);
    query->call.statement = wanted->statement;
    query->call.params = *wanted->params;
    query->read.segment =
        (struct store_segment){ .calls = &query->call, .calls_count = 1, .arena = arena };
    query->read.asker = wanted->asker;
    query->read.on_done = on_query_done;
    query->waiter = &completion;
    readers_submit(wanted->database->readers, &query->read);
    const enum status waited = completion_wait(&completion, wanted->deadline_us);
    if (waited != STATUS_OK) {
        /* The arena may be gone when the answer comes. */
        query->waiter = NULL;
        if (readers_withdraw(&query->read)) free(query);
        return waited;
    }
    const enum status status = query_judge(&query->read.segment);
    *ret_fault = query->read.segment.fault;
    if (status == STATUS_OK) {
        struct store_result *result = arena_copy(arena, &query->call.result, sizeof *result);
        *ret_rows = (struct rows){ .result = result, .count = result->rows_count };
    }
    free(query);
    return status;
}

enum status query_run_for(struct database *database, read_asker asker, struct arena *arena,
                          const struct statement *statement, const struct store_params *params,
                          int64_t deadline_us, struct rows *ret_rows)
{
    assert(statement != NULL);
    assert(arena != NULL);
    const struct wanted wanted = { .database = database,
                                   .asker = asker,
                                   .statement = statement,
                                   .params = params,
                                   .deadline_us = deadline_us };
    for (unsigned attempts = 1;; attempts++) {
        enum store_fault fault;
        const enum status status = query_try(&wanted, arena, ret_rows, &fault);
        if (!query_is_repeated(database, fault, attempts, deadline_us)) return status;
    }
}

enum status query_run(struct database *database, struct arena *arena,
                      const struct statement *statement, const struct store_params *params,
                      int64_t deadline_us, struct rows *ret_rows)
{
    return query_run_for(database, 0, arena, statement, params, deadline_us, ret_rows);
}
