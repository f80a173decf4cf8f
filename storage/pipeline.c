/* Statements out, results in: a ring says which answers the server owes us, in their order (libpq,
 * "Pipeline Mode": NULL ends the results of each query, nothing follows the result of a Sync). */
#include "storage/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/metrics.h"
#include "storage/result.h"

enum { STATEMENT_NAME_MAX = 16 };

/* ---- lists of segments, ring of expected answers ---- */

void segment_list_push(struct segment_list *list, struct store_segment *segment)
{
    segment->next = NULL;
    if (list->tail == NULL)
        list->head = segment;
    else
        list->tail->next = segment;
    list->tail = segment;
    list->count++;
}

struct store_segment *segment_list_pop(struct segment_list *list)
{
    struct store_segment *segment = list->head;
    if (segment == NULL) return NULL;
    list->head = segment->next;
    if (list->head == NULL) list->tail = NULL;
    list->count--;
    segment->next = NULL;
    return segment;
}

static void ring_push(struct connection *connection, struct expected expected)
{
    if (connection->ring_count == connection->ring_capacity) {
        const size_t capacity = connection->ring_capacity * 2;
        struct expected *ring = calloc(capacity, sizeof *ring);
        if (ring == NULL) abort();
        for (size_t i = 0; i < connection->ring_count; i++)
            ring[i] = connection->ring[(connection->ring_head + i) % connection->ring_capacity];
        free(connection->ring);
        connection->ring = ring;
        connection->ring_capacity = capacity;
        connection->ring_head = 0;
    }
    const size_t tail =
        (connection->ring_head + connection->ring_count++) % connection->ring_capacity;
    connection->ring[tail] = expected;
}

static void ring_pop(struct connection *connection)
{
    assert(connection->ring_count > 0);
    connection->ring_head = (connection->ring_head + 1) % connection->ring_capacity;
    connection->ring_count--;
}

void segment_finish_lost(struct store_segment *segment, bool was_sent)
{
    segment->status = STATUS_UNAVAILABLE;
    segment->fault = STORE_FAULT_LOST;
    segment->failed_call = was_sent ? 0 : SIZE_MAX;
    segment->on_done(segment);
}

/* ---- sending ---- */

static bool pipeline_prepare(struct connection *connection, const struct store_call *call)
{
    struct prepared *entry = prepared_entry(connection->prepared, call->statement);
    if (entry->is_ready) return true;
    Oid types[STORE_PARAMS_MAX];
    char name[STATEMENT_NAME_MAX];
    for (size_t i = 0; i < call->params.count; i++)
        types[i] = call->params.values[i].type_oid;
    (void)snprintf(name, sizeof name, "s%u", entry->number);
    /* Each Prepare has a Sync of its own: a failure, here or in the segment, undoes nothing of the
     * other. */
    if (PQsendPrepare(connection->pg, name, call->statement->sql, (int)call->params.count, types) !=
            1 ||
        PQpipelineSync(connection->pg) != 1)
        return false;
    ring_push(connection,
              (struct expected){ .kind = EXPECTED_PREPARE, .statement = call->statement });
    ring_push(connection, (struct expected){ .kind = EXPECTED_SYNC });
    entry->is_ready = true;
    return true;
}

static bool pipeline_send_call(struct connection *connection, struct store_segment *segment,
                               size_t index)
{
    const struct store_call *call = &segment->calls[index];
    const struct prepared *entry = prepared_entry(connection->prepared, call->statement);
    const char *values[STORE_PARAMS_MAX];
    int lengths[STORE_PARAMS_MAX], formats[STORE_PARAMS_MAX];
    char name[STATEMENT_NAME_MAX];
    for (size_t i = 0; i < call->params.count; i++) {
        values[i] = call->params.values[i].data;
        lengths[i] = call->params.values[i].length;
        formats[i] = 1;
    }
    (void)snprintf(name, sizeof name, "s%u", entry->number);
    if (PQsendQueryPrepared(connection->pg, name, (int)call->params.count, values, lengths, formats,
                            1) != 1)
        return false;
    ring_push(connection,
              (struct expected){ .kind = EXPECTED_CALL, .segment = segment, .call = index });
    return true;
}

static bool pipeline_end_group(struct connection *connection)
{
    struct store_segment *last = connection->group_last;
    connection->group_last = NULL;
    connection->group_count = 0;
    if (last == NULL) return true;
    if (PQpipelineSync(connection->pg) != 1) return false;
    ring_push(connection, (struct expected){ .kind = EXPECTED_SYNC, .segment = last });
    return true;
}

static bool pipeline_is_prepared(struct connection *connection, const struct store_segment *segment)
{
    for (size_t i = 0; i < segment->calls_count; i++)
        if (!prepared_entry(connection->prepared, segment->calls[i].statement)->is_ready)
            return false;
    return true;
}

static bool pipeline_send_segment(struct connection *connection, struct store_segment *segment)
{
    const bool is_shared =
        segment->is_read && !segment->is_alone && pipeline_is_prepared(connection, segment);
    assert(!segment->is_read || segment->calls_count == 1);
    if (!is_shared && !pipeline_end_group(connection)) return false;
    for (size_t i = 0; i < segment->calls_count; i++)
        if (!pipeline_prepare(connection, &segment->calls[i])) return false;
    for (size_t i = 0; i < segment->calls_count; i++)
        if (!pipeline_send_call(connection, segment, i)) return false;
    metric_add(METRIC_STATEMENTS, (int64_t)segment->calls_count);
    connection->group_last = segment;
    connection->group_count++;
    if (is_shared && connection->group_count < CONNECTION_GROUP_MAX) return true;
    return pipeline_end_group(connection);
}

enum pipeline_wish pipeline_flush(struct connection *connection)
{
    const int left = PQflush(connection->pg);
    if (left < 0) return PIPELINE_WANTS_END;
    return left == 1 ? PIPELINE_WANTS_ROOM : PIPELINE_WANTS_INPUT;
}

enum pipeline_wish pipeline_send_queue(struct connection *connection)
{
    bool is_sound = true;
    while (is_sound && connection->state == CONNECTION_UP && connection->queued.count > 0 &&
           connection->sent.count < CONNECTION_SENT_MAX) {
        struct store_segment *segment = segment_list_pop(&connection->queued);
        if (segment->arena == NULL) {
            segment_finish_lost(segment, false);
            continue;
        }
        segment->status = STATUS_OK;
        segment->fault = STORE_FAULT_NONE;
        segment->failed_call = 0;
        segment->is_sent = true;
        if (segment->on_send != NULL) segment->on_send(segment);
        segment_list_push(&connection->sent, segment);
        is_sound = pipeline_send_segment(connection, segment);
    }
    if (connection->state != CONNECTION_UP) return PIPELINE_WANTS_NOTHING;
    is_sound = is_sound && pipeline_end_group(connection);
    return is_sound ? pipeline_flush(connection) : PIPELINE_WANTS_END;
}

/* ---- receiving ---- */

static void pipeline_receive_call(struct connection *connection, const struct expected *expected,
                                  const PGresult *from)
{
    struct store_segment *segment = expected->segment;
    struct store_call *call = &segment->calls[expected->call];
    result_read(from, call->statement, segment->arena, &call->result);
    if (call->result.status == STATUS_OK || segment->status != STATUS_OK) return;
    if (PQresultStatus(from) == PGRES_PIPELINE_ABORTED) {
        /* Within a segment the failure came before; else a neighbour under the same Sync failed. */
        segment->is_aborted = segment->is_read;
        return;
    }
    /* 26000: its Prepare was refused, and for another reason than that it is missing. */
    if (strcmp(call->result.sqlstate, "26000") == 0 && segment->arena != NULL) {
        memcpy(call->result.sqlstate, connection->prepare_sqlstate, sizeof call->result.sqlstate);
        call->result.status = result_status(call->result.sqlstate, call->statement);
        call->result.fault = result_fault(call->result.sqlstate);
        call->result.detail = text_string(segment->arena, text_of(connection->prepare_error));
    }
    segment->status = call->result.status;
    segment->fault = call->result.fault;
    segment->failed_call = expected->call;
}

static void pipeline_receive_prepare(struct connection *connection, const struct expected *expected,
                                     const PGresult *from)
{
    if (PQresultStatus(from) == PGRES_COMMAND_OK) return;
    prepared_entry(connection->prepared, expected->statement)->is_ready = false;
    const char *sqlstate = PQresultErrorField(from, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(from, PG_DIAG_MESSAGE_PRIMARY);
    (void)snprintf(connection->prepare_sqlstate, sizeof connection->prepare_sqlstate, "%s",
                   sqlstate == NULL ? "" : sqlstate);
    (void)snprintf(connection->prepare_error, sizeof connection->prepare_error, "%s",
                   message == NULL ? "" : message);
}

static void pipeline_receive_sync(struct connection *connection, struct store_segment *segment)
{
    ring_pop(connection);
    if (segment == NULL) return;
    for (bool is_last = false; !is_last;) {
        struct store_segment *first = segment_list_pop(&connection->sent);
        assert(first != NULL);
        is_last = first == segment; /* it may be gone after on_done */
        if (first->is_aborted && first->arena != NULL) {
            first->is_aborted = false;
            first->is_alone = true;
            segment_list_push(&connection->queued, first);
        } else {
            first->on_done(first);
        }
    }
}

/* Takes one result that libpq has ready; NULL ends an answer. Returns false when the answers do not
 * fit. */
static bool pipeline_receive(struct connection *connection, const PGresult *from)
{
    struct expected *expected = &connection->ring[connection->ring_head];
    const bool is_sync = from != NULL && PQresultStatus(from) == PGRES_PIPELINE_SYNC;
    if (expected->kind == EXPECTED_SYNC) {
        if (is_sync) {
            pipeline_receive_sync(connection, expected->segment);
            return true;
        }
        /* An error where the Sync should be: the commit itself was refused. */
        if (from == NULL && expected->has_result) {
            expected->has_result = false;
            return true;
        }
        if (from == NULL || expected->segment == NULL || expected->has_result) return false;
        expected->has_result = true;
        struct store_segment *segment = expected->segment;
        struct store_call *last = &segment->calls[segment->calls_count - 1];
        result_read(from, last->statement, segment->arena, &last->result);
        segment->status = last->result.status;
        segment->fault = last->result.fault;
        segment->failed_call = segment->calls_count - 1;
        return segment->status != STATUS_OK;
    }
    if (from == NULL) {
        if (!expected->has_result) return false;
        ring_pop(connection);
        return true;
    }
    if (is_sync || expected->has_result) return false;
    expected->has_result = true;
    if (expected->kind == EXPECTED_PREPARE)
        pipeline_receive_prepare(connection, expected, from);
    else
        pipeline_receive_call(connection, expected, from);
    return true;
}

bool pipeline_drain(struct connection *connection)
{
    while (connection->ring_count > 0 && !PQisBusy(connection->pg)) {
        PGresult *result = PQgetResult(connection->pg);
        /* After a FATAL error nothing that follows on this connection has a meaning. */
        const bool is_sound = PQstatus(connection->pg) == CONNECTION_OK;
        const bool is_fitting = is_sound && pipeline_receive(connection, result);
        PQclear(result);
        if (!is_fitting) return false;
    }
    return PQstatus(connection->pg) == CONNECTION_OK;
}
