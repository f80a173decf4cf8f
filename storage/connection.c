/* Connects, watches the socket with uv_poll, and connects again: whatever goes wrong ends in
 * connection_lose(), which answers everything that was under way. */
#include "storage/connection.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/metrics.h"
#include "storage/pipeline.h"

/* A lock is waited for aside (waiting_room.h, query.h): on the connection all others would wait,
 * too.
 */
static const char session_options[] =
    "-c statement_timeout=5s -c lock_timeout=10ms -c idle_in_transaction_session_timeout=3s "
    "-c client_connection_check_interval=2s";

static void connection_drive(struct connection *connection);
static void connection_lose(struct connection *connection);

static void connection_start_timer(struct connection *connection, struct timer *timer,
                                   int64_t delay_us)
{
    timer_start(loop_timers(connection->loop), timer, loop_now_us(connection->loop) + delay_us);
}

static void connection_stop_timer(struct connection *connection, struct timer *timer)
{
    timer_stop(loop_timers(connection->loop), timer);
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

/* Listens on the present socket of libpq, which may be another one than before. False: the socket
 * is gone. */
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

static void connection_grant(struct connection *connection, enum pipeline_wish wish)
{
    if (wish == PIPELINE_WANTS_NOTHING) return;
    const int events = wish == PIPELINE_WANTS_ROOM ? UV_READABLE | UV_WRITABLE : UV_READABLE;
    if (wish == PIPELINE_WANTS_END || !connection_listen(connection, events))
        connection_lose(connection);
}

/* ---- connecting ---- */

static void ignore_notice(void *context, const PGresult *notice)
{
    (void)context;
    (void)notice;
}

static void connection_connect(struct connection *connection)
{
    const char *const names[] = { "dbname",           "application_name", "options",
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
    if (PQstatus(connection->pg) == CONNECTION_BAD || !connection_listen(connection, UV_WRITABLE)) {
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
    connection_grant(connection, pipeline_send_queue(connection));
}

/* One a turn: libpq proves a password by 4,096 rounds of HMAC. The socket stays ready, so the next
 * turn calls again. */
static void connection_poll_connecting(struct connection *connection)
{
    if (!loop_take_slow_turn(connection->loop)) return;
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

static void connection_finish_unsent(struct segment_list *list)
{
    struct segment_list unsent = *list;
    struct store_segment *segment;
    *list = (struct segment_list){ 0 };
    while ((segment = segment_list_pop(&unsent)) != NULL)
        segment_finish_lost(segment, false);
}

static void on_give_up_timer(struct timer *timer)
{
    connection_finish_unsent(&CONTAINER_OF(timer, struct connection, give_up_timer)->queued);
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
    connection->group_last = NULL;
    connection->group_count = 0;
    if (!connection->is_destroyed)
        connection_start_timer(connection, &connection->retry_timer,
                               connection_next_backoff_us(connection));
    if (was_up && connection->queued.count > 0)
        connection_start_timer(connection, &connection->give_up_timer, connection->wait_down_us);
    struct segment_list list = connection->sent;
    connection->sent = (struct segment_list){ 0 };
    if (was_up && connection->on_state != NULL) connection->on_state(connection->context, false);
    struct store_segment *segment;
    while ((segment = segment_list_pop(&list)) != NULL)
        segment_finish_lost(segment, true);
}

/* ---- the store ---- */

static void on_send_timer(struct timer *timer)
{
    struct connection *connection = CONTAINER_OF(timer, struct connection, send_timer);
    connection_finish_unsent(&connection->refused);
    connection_grant(connection, pipeline_send_queue(connection));
}

static void connection_submit(void *context, struct store_segment *segment)
{
    struct connection *connection = context;
    assert(segment->calls_count > 0);
    assert(segment->on_done != NULL);
    assert(segment->arena != NULL);
    const bool is_full = connection_pending(connection) >= CONNECTION_QUEUE_MAX;
    segment_list_push(is_full ? &connection->refused : &connection->queued, segment);
    if (is_full || connection->state == CONNECTION_UP) {
        /* Gathers what is queued in this turn; TLS must not run on a fiber's small stack either. */
        if (!timer_is_started(&connection->send_timer))
            connection_start_timer(connection, &connection->send_timer, 0);
    } else if (!timer_is_started(&connection->give_up_timer)) {
        connection_start_timer(connection, &connection->give_up_timer, connection->wait_down_us);
    }
}

static void connection_drive(struct connection *connection)
{
    if (connection->state == CONNECTION_CONNECTING) {
        connection_poll_connecting(connection);
        return;
    }
    const bool is_read = PQconsumeInput(connection->pg) == 1;
    if (!pipeline_drain(connection) || !is_read) {
        connection_lose(connection);
        return;
    }
    connection_grant(connection, pipeline_flush(connection));
    if (connection->queued.count > 0) connection_grant(connection, pipeline_send_queue(connection));
}

/* ---- life ---- */

struct connection *connection_new(const struct connection_options *options)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) abort();
    connection->store = (struct store){ .context = connection, .submit = connection_submit };
    connection->loop = options->loop;
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
    connection_finish_unsent(&connection->queued);
    connection_finish_unsent(&connection->refused);
    connection_stop_timer(connection, &connection->retry_timer);
    connection_stop_timer(connection, &connection->send_timer);
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
