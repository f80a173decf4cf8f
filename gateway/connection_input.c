/* When a connection is read: no faster than its rate, and when the schedule says so. Both stop
 * libuv's reading below libh2o (uv_read_fix.h), so that what comes stays in the kernel and the
 * client is slowed down by TCP. */
#include "gateway/connection_parts.h"
#include "runtime/metrics.h"

enum {
    INPUT_BURST_BYTES = 65536,   /* that a connection may send at once */
    UNCREDITED_READ_BYTES = 512, /* in one read, of a connection without credit */
    HELD_TICK_US = 10000,        /* how often held connections are looked at */
    REQUEST_BYTES = 1024         /* of a usual head, which is free of the rate */
};

/* ---- the rate of input: a bucket of bytes ---- */

static void input_add(struct connection *connection, int64_t bytes)
{
    assert(bytes >= 0);
    connection->input_left += bytes;
    if (connection->input_left > INPUT_BURST_BYTES) connection->input_left = INPUT_BURST_BYTES;
}

static void input_refill(struct connection *connection, int64_t now_us)
{
    const int64_t rate = connection->owner->limits.input_rate_max;
    const int64_t elapsed_us = now_us - connection->input_since_us;
    assert(elapsed_us >= 0);
    /* A second fills the bucket anyway, and a longer time might overflow. */
    const int64_t more = (elapsed_us < 1000000 ? elapsed_us : 1000000) * rate / 1000000;
    if (more == 0) return;
    connection->input_since_us = now_us;
    input_add(connection, more);
}

static void connection_hold(struct connection *connection, int64_t now_us)
{
    struct connections *owner = connection->owner;
    uv_read_fix_hold((uv_stream_t *)&connection->tcp);
    metric_add(METRIC_HTTP_CONNECTIONS_HELD, 1);
    if (owner->is_ticking) return;
    owner->is_ticking = true;
    timer_start(loop_timers(owner->loop), &owner->held_tick, now_us + HELD_TICK_US);
}

/* One timer for all: a timer per connection would be set anew with each read of a flood. */
static void on_held_tick(struct timer *timer)
{
    struct connections *connections = CONTAINER_OF(timer, struct connections, held_tick);
    const int64_t now_us = loop_now_us(connections->loop);
    bool is_any_held = false;
    for (struct connection *c = connections->first; c != NULL; c = c->next) {
        if (!c->meter.is_held || c->entry.is_queued || c->is_closed) continue;
        input_refill(c, now_us);
        if (c->input_left <= 0 || c->paused_until_us > now_us) {
            is_any_held = true;
            continue;
        }
        /* After a pause it waits for its slice like all others, else pauses would be a way past the
         * queue. */
        if (c->paused_until_us > 0)
            read_schedule_enqueue(&connections->schedule, &c->entry);
        else
            uv_read_fix_resume((uv_stream_t *)&c->tcp);
        c->paused_until_us = 0;
    }
    connections->is_ticking = is_any_held;
    if (is_any_held) timer_start(loop_timers(connections->loop), timer, now_us + HELD_TICK_US);
}

static void on_bytes(struct uv_read_meter *meter, size_t bytes)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    connection->arriving_bytes += (int64_t)bytes;
    if (connection->is_cut || connection->is_closed || owner->limits.input_rate_max == 0) return;
    connection->input_left -= (int64_t)bytes;
    if (connection->input_left > 0) return;
    const int64_t now_us = loop_now_us(owner->loop);
    input_refill(connection, now_us);
    if (connection->input_left <= 0) connection_hold(connection, now_us);
}

void connection_input_refund(struct connection *connection, size_t body_bytes)
{
    assert(connection != NULL);
    input_add(connection, (int64_t)body_bytes + REQUEST_BYTES);
    connection->arriving_bytes -= (int64_t)body_bytes;
    if (connection->arriving_bytes < 0) connection->arriving_bytes = 0;
}

/* ---- the schedule of reads ---- */

static bool may_read(struct uv_read_meter *meter)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    /* A read without credit is short, so that a slice serves several connections. */
    meter->read_max = connection->entry.credit_us > 0 ? 0 : UNCREDITED_READ_BYTES;
    owner->read_began_us = loop_now_us(owner->loop);
    return read_schedule_allows(&owner->schedule, &connection->entry);
}

void connection_input_wait(struct connection *connection, int64_t now_us)
{
    connection->paused_until_us = now_us + READ_PAUSE_US;
    connection_hold(connection, now_us);
}

static void on_read(struct uv_read_meter *meter, size_t bytes)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    struct connections *owner = connection->owner;
    const int64_t now_us = loop_now_us(owner->loop);
    read_schedule_charge(&owner->schedule, &connection->entry, bytes,
                         now_us - owner->read_began_us);
    /* With an open request small reads are no attack: a client that reads its answer bit by bit has
     * to send a WINDOW_UPDATE for each bit. */
    if (connection->open_requests > 0 || !read_schedule_must_pause(&connection->entry)) return;
    if (connection->is_cut || connection->is_closed) return;
    connection_input_wait(connection, now_us);
}

bool connections_have_time(const struct connections *connections)
{
    return read_schedule_has_time(&connections->schedule);
}

/* A timer that fires is a turn of the loop, and nothing else is needed: its end begins the slice.
 */
static void on_slice(struct timer *timer)
{
    (void)timer;
}

void connections_end_turn(struct connections *connections, bool is_busy)
{
    assert(connections != NULL);
    struct read_schedule *schedule = &connections->schedule;
    read_schedule_end_turn(schedule, is_busy, loop_now_us(connections->loop));
    struct read_entry *entry;
    while ((entry = read_schedule_call(schedule)) != NULL) {
        struct connection *connection = CONTAINER_OF(entry, struct connection, entry);
        if (!connection->is_closed) uv_read_fix_resume((uv_stream_t *)&connection->tcp);
    }
    const int64_t wake_us = read_schedule_wake_us(schedule);
    if (wake_us == INT64_MAX) return;
    timer_start(loop_timers(connections->loop), &connections->slice, wake_us);
}

/* ---- begin and end ---- */

void connection_input_open(struct connections *connections)
{
    assert(connections->loop != NULL);
    connections->held_tick.on_fire = on_held_tick;
    connections->slice.on_fire = on_slice;
}

void connection_input_close(struct connections *connections)
{
    assert(connections->first == NULL);
    struct timers *timers = loop_timers(connections->loop);
    timer_stop(timers, &connections->held_tick);
    timer_stop(timers, &connections->slice);
}

/* A client that speaks neither protocol is told nothing: it would not understand it. */
static bool is_welcome(struct uv_read_meter *meter, const char *bytes, size_t length)
{
    struct connection *connection = CONTAINER_OF(meter, struct connection, meter);
    const struct text read = { bytes, length };
    if (preface_read(&connection->preface, read) == PREFACE_WRONG) {
        metric_add(METRIC_HTTP_CONNECTIONS_CUT, 1);
        return false;
    }
    return true;
}

void connection_input_expect_preface(struct connection *connection)
{
    connection->meter.is_welcome = is_welcome;
}

void connection_input_begin(struct connection *connection, int64_t now_us)
{
    assert(connection->owner != NULL);
    connection->input_since_us = now_us;
    connection->input_left = INPUT_BURST_BYTES;
    connection->meter.may_read = may_read;
    connection->meter.on_bytes = on_bytes;
    connection->meter.on_read = on_read;
}
