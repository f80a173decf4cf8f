/* One libpq connection in pipeline mode, driven by uv_poll: a ring says which results are expected in which order, and
 * whatever goes wrong with the socket ends in connection_lose(), which answers everything and connects again. */
#include "storage/connection.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/fiber.h"
#include "runtime/metrics.h"
#include "storage/prepared.h"
#include "storage/result.h"

enum {
    EXPECTED_START = 256,
    STATEMENT_NAME_MAX = 16,
    /* Segments on the wire at once; more wait in the queue, so that a lost connection leaves few of them unsure. */
    CONNECTION_SENT_MAX = 128
};

static const char session_options[] =
    "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=3s "
    "-c client_connection_check_interval=2s";

enum connection_state { CONNECTION_DOWN, CONNECTION_CONNECTING, CONNECTION_UP };

enum expected_kind { EXPECTED_CALL, EXPECTED_PREPARE, EXPECTED_SYNC };

/* One answer that the server owes us. */
struct expected {
    enum expected_kind kind;
    const struct statement *statement; /* PREPARE */
    struct store_segment *segment;     /* CALL; SYNC that ends a segment, else NULL */
    size_t call;
    bool has_result; /* the result has been read, its terminating NULL has not */
};

struct segment_list {
    struct store_segment *head, *tail;
    size_t count;
};

struct connection {
    struct store store;
    struct loop *loop;
    struct timers *timers;
    struct clock *clock;
    char *conninfo, *application_name;
    int64_t wait_down_us, down_since_us;
    void *context;
    void (*on_state)(void *context, bool is_up);
    PGconn *pg;
    uv_poll_t *poll; /* on the heap: libuv lets go of it later than we do */
    int poll_events, poll_socket;
    enum connection_state state;
    bool is_draining, was_up, is_destroyed;
    int64_t backoff_us;
    struct timer retry_timer; /* the next attempt, or the end of the present one */
    struct timer send_timer;  /* sends what was queued from fibers, on the loop's own stack */
    struct timer give_up_timer;
    struct segment_list queued, sent;
    struct expected *ring;
    size_t ring_capacity, ring_head, ring_count;
    struct prepared_table *prepared;
    char prepare_error[160]; /* of the latest Prepare that failed */
};

static void connection_lose(struct connection *connection);
static void connection_drive(struct connection *connection);
static void connection_send_queue(struct connection *connection);

static int64_t connection_now_us(const struct connection *connection)
{
    return connection->clock->monotonic_us(connection->clock->context);
}

static void connection_start_timer(struct connection *connection, struct timer *timer,
                                   int64_t delay_us)
{
    connection->timers->start(connection->timers->context, timer,
                              connection_now_us(connection) + delay_us);
}

static void connection_stop_timer(struct connection *connection, struct timer *timer)
{
    connection->timers->stop(connection->timers->context, timer);
}

/* ---- lists of segments, ring of expected answers ---- */

static void list_push(struct segment_list *list, struct store_segment *segment)
{
    segment->next = NULL;
    if (list->tail == NULL)
        list->head = segment;
    else
        list->tail->next = segment;
    list->tail = segment;
    list->count++;
}

static struct store_segment *list_pop(struct segment_list *list)
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

static void segment_finish(struct store_segment *segment, enum status status, size_t failed_call)
{
    segment->status = status;
    segment->failed_call = failed_call;
    segment->on_done(segment);
}

/* ---- the socket ---- */

static void on_poll_closed(uv_handle_t *handle)
{
    free(handle);
}

static void connection_drop_poll(struct connection *connection)
{
    if (connection->poll == NULL) return;
    (void)uv_poll_stop(connection->poll);
    uv_close((uv_handle_t *)connection->poll, on_poll_closed);
    connection->poll = NULL;
    connection->poll_events = 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct connection *connection = poll->data;
    (void)events;
    if (status < 0)
        connection_lose(connection);
    else
        connection_drive(connection);
}

/* Listens on the present socket of libpq, which may be another one than before. False: the socket is gone. */
static bool connection_listen(struct connection *connection, int events)
{
    const int socket = PQsocket(connection->pg);
    if (socket < 0) return false;
    if (connection->poll != NULL && connection->poll_socket != socket)
        connection_drop_poll(connection);
    if (connection->poll == NULL) {
        connection->poll = calloc(1, sizeof *connection->poll);
        if (connection->poll == NULL) abort();
        connection->poll->data = connection;
        connection->poll_socket = socket;
        if (uv_poll_init(loop_uv(connection->loop), connection->poll, socket) != 0) {
            free(connection->poll);
            connection->poll = NULL;
            return false;
        }
    }
    if (connection->poll_events == events) return true;
    connection->poll_events = events;
    return uv_poll_start(connection->poll, events, on_poll) == 0;
}

/* ---- connecting ---- */

static void ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static void connection_connect(struct connection *connection)
{
    const char *const names[] = { "dbname",          "application_name", "options",
                                  "tcp_user_timeout", "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", "client_encoding",  NULL };
    const char *const values[] = { connection->conninfo,
                                   connection->application_name,
                                   session_options,
                                   "10000",
                                   "5",
                                   "2",
                                   "3",
                                   "UTF8",
                                   NULL };
    connection->state = CONNECTION_CONNECTING;
    connection->pg = PQconnectStartParams(names, values, 1);
    if (connection->pg == NULL) abort();
    (void)PQsetNoticeReceiver(connection->pg, ignore_notice, NULL);
    if (PQstatus(connection->pg) == CONNECTION_BAD ||
        !connection_listen(connection, UV_WRITABLE)) {
        connection_lose(connection);
        return;
    }
    connection_start_timer(connection, &connection->retry_timer, CONNECTION_CONNECT_US);
}

static void on_retry_timer(struct timer *timer)
{
    struct connection *connection = CONTAINER_OF(timer, struct connection, retry_timer);
    if (connection->state == CONNECTION_CONNECTING)
        connection_lose(connection);
    else
        connection_connect(connection);
}

static void connection_begin(struct connection *connection)
{
    if (PQsetnonblocking(connection->pg, 1) != 0 || PQenterPipelineMode(connection->pg) != 1 ||
        !connection_listen(connection, UV_READABLE)) {
        connection_lose(connection);
        return;
    }
    connection_stop_timer(connection, &connection->retry_timer);
    connection_stop_timer(connection, &connection->give_up_timer);
    connection->state = CONNECTION_UP;
    connection->backoff_us = CONNECTION_BACKOFF_MIN_US;
    if (connection->was_up) metric_add(METRIC_STORE_RECONNECTS, 1);
    connection->was_up = true;
    if (connection->on_state != NULL) connection->on_state(connection->context, true);
    connection_send_queue(connection);
}

static void connection_poll_connecting(struct connection *connection)
{
    switch (PQconnectPoll(connection->pg)) {
    case PGRES_POLLING_OK:
        connection_begin(connection);
        return;
    case PGRES_POLLING_READING:
        if (!connection_listen(connection, UV_READABLE)) connection_lose(connection);
        return;
    case PGRES_POLLING_WRITING:
        if (!connection_listen(connection, UV_WRITABLE)) connection_lose(connection);
        return;
    default:
        connection_lose(connection);
        return;
    }
}

static void on_give_up_timer(struct timer *timer)
{
    struct connection *connection = CONTAINER_OF(timer, struct connection, give_up_timer);
    struct segment_list list = connection->queued;
    connection->queued = (struct segment_list){ 0 };
    struct store_segment *segment;
    while ((segment = list_pop(&list)) != NULL)
        segment_finish(segment, STATUS_UNAVAILABLE, SIZE_MAX);
}

/* Jitter keeps the connections of many processes from coming back at the same moment. */
static int64_t connection_next_backoff_us(struct connection *connection)
{
    struct rng *rng = loop_rng(connection->loop);
    uint32_t random;
    rng->fill(rng->context, &random, sizeof random);
    const int64_t base_us = connection->backoff_us;
    connection->backoff_us =
        base_us * 2 > CONNECTION_BACKOFF_MAX_US ? CONNECTION_BACKOFF_MAX_US : base_us * 2;
    return base_us / 2 + (int64_t)(random % (uint32_t)(base_us / 2 + 1));
}

/* Ends everything that is on the wire with an unknown outcome and plans the next attempt. */
static void connection_lose(struct connection *connection)
{
    const bool was_up = connection->state == CONNECTION_UP;
    connection->state = CONNECTION_DOWN;
    connection_drop_poll(connection);
    PQfinish(connection->pg);
    connection->pg = NULL;
    prepared_forget_all(connection->prepared);
    connection->ring_head = connection->ring_count = 0;
    connection_stop_timer(connection, &connection->send_timer);
    if (was_up) connection->down_since_us = connection_now_us(connection);
    if (!connection->is_destroyed)
        connection_start_timer(connection, &connection->retry_timer,
                               connection_next_backoff_us(connection));
    if (was_up && connection->queued.count > 0)
        connection_start_timer(connection, &connection->give_up_timer, connection->wait_down_us);
    struct segment_list list = connection->sent;
    connection->sent = (struct segment_list){ 0 };
    if (was_up && connection->on_state != NULL)
        connection->on_state(connection->context, false);
    struct store_segment *segment;
    while ((segment = list_pop(&list)) != NULL)
        segment_finish(segment, STATUS_UNAVAILABLE, 0);
}

/* ---- sending ---- */

static bool connection_prepare(struct connection *connection, const struct store_call *call)
{
    struct prepared *entry = prepared_entry(connection->prepared, call->statement);
    if (entry->is_ready) return true;
    Oid types[STORE_PARAMS_MAX];
    char name[STATEMENT_NAME_MAX];
    for (size_t i = 0; i < call->params.count; i++)
        types[i] = call->params.values[i].type_oid;
    (void)snprintf(name, sizeof name, "s%u", entry->number);
    /* Each Prepare has a Sync of its own: a failure, here or in the segment, undoes nothing of the other. */
    if (PQsendPrepare(connection->pg, name, call->statement->sql, (int)call->params.count,
                      types) != 1 ||
        PQpipelineSync(connection->pg) != 1)
        return false;
    ring_push(connection, (struct expected){ .kind = EXPECTED_PREPARE,
                                             .statement = call->statement });
    ring_push(connection, (struct expected){ .kind = EXPECTED_SYNC });
    entry->is_ready = true;
    return true;
}

static bool connection_send_call(struct connection *connection, struct store_segment *segment,
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

static bool connection_send_segment(struct connection *connection, struct store_segment *segment)
{
    for (size_t i = 0; i < segment->calls_count; i++)
        if (!connection_prepare(connection, &segment->calls[i])) return false;
    for (size_t i = 0; i < segment->calls_count; i++)
        if (!connection_send_call(connection, segment, i)) return false;
    if (PQpipelineSync(connection->pg) != 1) return false;
    ring_push(connection, (struct expected){ .kind = EXPECTED_SYNC, .segment = segment });
    metric_add(METRIC_STATEMENTS, (int64_t)segment->calls_count);
    return true;
}

/* Flushes, and listens for room in the socket only while there is something left to write. */
static bool connection_flush(struct connection *connection)
{
    const int left = PQflush(connection->pg);
    if (left < 0) return false;
    return connection_listen(connection, left == 1 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

static void connection_send_queue(struct connection *connection)
{
    bool is_sound = true;
    while (is_sound && connection->state == CONNECTION_UP && connection->queued.count > 0 &&
           connection->sent.count < CONNECTION_SENT_MAX) {
        struct store_segment *segment = list_pop(&connection->queued);
        if (segment->arena == NULL) {
            segment_finish(segment, STATUS_UNAVAILABLE, SIZE_MAX);
            continue;
        }
        segment->status = STATUS_OK;
        segment->failed_call = 0;
        list_push(&connection->sent, segment);
        is_sound = connection_send_segment(connection, segment);
    }
    if (connection->state != CONNECTION_UP) return;
    if (!is_sound || !connection_flush(connection)) connection_lose(connection);
}

static void on_send_timer(struct timer *timer)
{
    connection_send_queue(CONTAINER_OF(timer, struct connection, send_timer));
}

static void connection_submit(void *context, struct store_segment *segment)
{
    struct connection *connection = context;
    assert(segment->calls_count > 0);
    assert(segment->on_done != NULL);
    assert(segment->arena != NULL);
    assert(connection_pending(connection) < CONNECTION_QUEUE_MAX);
    list_push(&connection->queued, segment);
    if (connection->state == CONNECTION_UP) {
        /* Gathers what is queued in this turn; TLS must not run on a fiber's small stack either. */
        if (connection->send_timer.heap_position == 0)
            connection_start_timer(connection, &connection->send_timer, 0);
    } else if (connection->give_up_timer.heap_position == 0) {
        connection_start_timer(connection, &connection->give_up_timer, connection->wait_down_us);
    }
}

/* ---- receiving ---- */

static void connection_take_call(struct connection *connection, const struct expected *expected,
                                 const PGresult *from)
{
    struct store_segment *segment = expected->segment;
    struct store_call *call = &segment->calls[expected->call];
    result_read(from, call->statement, segment->arena, &call->result);
    if (call->result.status == STATUS_OK || segment->status != STATUS_OK) return;
    if (PQresultStatus(from) == PGRES_PIPELINE_ABORTED) return;
    segment->status = call->result.status;
    segment->failed_call = expected->call;
    /* 26000: its Prepare was refused; that message explains more. */
    if (strcmp(call->result.sqlstate, "26000") == 0 && segment->arena != NULL)
        call->result.detail = text_string(segment->arena, text_of(connection->prepare_error));
}

static void connection_take_prepare(struct connection *connection, const struct expected *expected,
                                    const PGresult *from)
{
    if (PQresultStatus(from) == PGRES_COMMAND_OK) return;
    prepared_entry(connection->prepared, expected->statement)->is_ready = false;
    const char *message = PQresultErrorField(from, PG_DIAG_MESSAGE_PRIMARY);
    (void)snprintf(connection->prepare_error, sizeof connection->prepare_error, "%s",
                   message == NULL ? "" : message);
}

static void connection_take_sync(struct connection *connection, struct store_segment *segment)
{
    ring_pop(connection);
    if (segment == NULL) return;
    struct store_segment *first = list_pop(&connection->sent);
    assert(first == segment);
    segment->on_done(segment);
}

/* Takes one result that libpq has ready; NULL ends an answer. Returns false when the answers do not fit. */
static bool connection_take(struct connection *connection, const PGresult *from)
{
    struct expected *expected = &connection->ring[connection->ring_head];
    const bool is_sync = from != NULL && PQresultStatus(from) == PGRES_PIPELINE_SYNC;
    if (expected->kind == EXPECTED_SYNC) {
        if (is_sync) {
            connection_take_sync(connection, expected->segment);
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
        connection_take_prepare(connection, expected, from);
    else
        connection_take_call(connection, expected, from);
    return true;
}

/* Takes every result that has arrived. Returns false when the connection is unusable. */
static bool connection_drain(struct connection *connection)
{
    while (connection->ring_count > 0 && !PQisBusy(connection->pg)) {
        PGresult *result = PQgetResult(connection->pg);
        /* After a FATAL error nothing that follows on this connection has a meaning. */
        const bool is_sound = PQstatus(connection->pg) == CONNECTION_OK;
        const bool is_fitting = is_sound && connection_take(connection, result);
        PQclear(result);
        if (!is_fitting) return false;
    }
    return PQstatus(connection->pg) == CONNECTION_OK;
}

static void connection_drive(struct connection *connection)
{
    if (connection->state == CONNECTION_CONNECTING) {
        connection_poll_connecting(connection);
        return;
    }
    const bool is_read = PQconsumeInput(connection->pg) == 1;
    if (!connection_drain(connection) || !is_read || !connection_flush(connection)) {
        connection_lose(connection);
        return;
    }
    if (connection->queued.count > 0) connection_send_queue(connection);
}

/* ---- life ---- */

struct connection *connection_new(const struct connection_options *options)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->store = (struct store){ .context = connection, .submit = connection_submit };
    connection->loop = options->loop;
    connection->timers = loop_timers(options->loop);
    connection->clock = loop_clock(options->loop);
    connection->conninfo = strdup(options->conninfo);
    connection->application_name = strdup(options->application_name);
    if (connection->conninfo == NULL || connection->application_name == NULL) abort();
    connection->wait_down_us =
        options->wait_down_us > 0 ? options->wait_down_us : CONNECTION_WAIT_DOWN_US;
    connection->context = options->context;
    connection->on_state = options->on_state;
    connection->backoff_us = CONNECTION_BACKOFF_MIN_US;
    connection->retry_timer.on_fire = on_retry_timer;
    connection->send_timer.on_fire = on_send_timer;
    connection->give_up_timer.on_fire = on_give_up_timer;
    connection->prepared = prepared_new();
    connection->ring_capacity = EXPECTED_START;
    connection->ring = calloc(connection->ring_capacity, sizeof *connection->ring);
    if (connection->ring == NULL) abort();
    connection_start_timer(connection, &connection->retry_timer, 0);
    return connection;
}

void connection_destroy(struct connection **connection_pointer)
{
    struct connection *connection = *connection_pointer;
    if (connection == NULL) return;
    *connection_pointer = NULL;
    connection->is_destroyed = true;
    connection->on_state = NULL;
    connection_lose(connection);
    on_give_up_timer(&connection->give_up_timer);
    connection_stop_timer(connection, &connection->retry_timer);
    connection_stop_timer(connection, &connection->give_up_timer);
    prepared_destroy(&connection->prepared);
    free(connection->ring);
    free(connection->conninfo);
    free(connection->application_name);
    free(connection);
}

struct store *connection_store(struct connection *connection)
{
    return &connection->store;
}

bool connection_is_up(const struct connection *connection)
{
    return connection->state == CONNECTION_UP;
}

size_t connection_pending(const struct connection *connection)
{
    return connection->queued.count + connection->sent.count;
}
