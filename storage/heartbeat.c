/* A timer, two segments for the writer and a read, each sent again when it has been answered. */
#include "storage/heartbeat.h"

#include <stdlib.h>

#include "runtime/log.h"

static const struct statement heartbeat_ask = { .name = "heartbeat_ask", .sql = "SELECT 1" };
static const struct statement heartbeat_write = { .name = "heartbeat_write",
                                                  .sql = "SELECT host.beat()" };

enum { BEAT_ARENA_BYTES = 512 };

struct beat {
    struct heartbeat *owner;
    struct store_call call;
    struct arena *arena;
    bool is_under_way;
    int64_t heard_us; /* monotonic; 0: never */
};

struct heartbeat {
    struct loop *loop;
    struct store *writer;
    struct readers *readers;
    struct beat write, read, change;
    struct store_segment segment, change_segment;
    int64_t changed_us; /* when the last change began */
    bool is_written;
    struct read read_segment;
    struct timer timer;
    bool is_stopped;
};

static void beat_ends(struct beat *beat, const struct store_segment *segment)
{
    beat->is_under_way = false;
    if (segment->status == STATUS_OK) beat->heard_us = loop_now_us(beat->owner->loop);
}

static void on_written(struct store_segment *segment)
{
    beat_ends(&CONTAINER_OF(segment, struct heartbeat, segment)->write, segment);
}

static void on_changed(struct store_segment *segment)
{
    struct heartbeat *heartbeat = CONTAINER_OF(segment, struct heartbeat, change_segment);
    const bool is_written = segment->status == STATUS_OK;
    beat_ends(&heartbeat->change, segment);
    if (!is_written && heartbeat->is_written)
        log_error("database_not_written",
                  LOG_STRING("sqlstate", heartbeat->change.call.result.sqlstate),
                  LOG_STATUS(segment->status));
    heartbeat->is_written = is_written;
}

static void on_read(struct read *read)
{
    beat_ends(&CONTAINER_OF(read, struct heartbeat, read_segment)->read, &read->segment);
}

static struct store_segment beat_begin(struct beat *beat, const struct statement *statement)
{
    arena_reset(beat->arena);
    beat->is_under_way = true;
    beat->call = (struct store_call){ .statement = statement };
    return (struct store_segment){ .calls = &beat->call, .calls_count = 1, .arena = beat->arena };
}

static void change_when_due(struct heartbeat *heartbeat, int64_t now_us)
{
    const int64_t pause_us =
        heartbeat->is_written ? HEARTBEAT_WRITE_EVERY_US : 2 * HEARTBEAT_EVERY_US;
    const bool is_first = heartbeat->changed_us == 0;
    if (heartbeat->change.is_under_way || (!is_first && now_us - heartbeat->changed_us < pause_us))
        return;
    heartbeat->changed_us = now_us;
    heartbeat->change_segment = beat_begin(&heartbeat->change, &heartbeat_write);
    heartbeat->change_segment.on_done = on_changed;
    heartbeat->writer->submit(heartbeat->writer->context, &heartbeat->change_segment);
}

static void on_timer(struct timer *timer)
{
    struct heartbeat *heartbeat = CONTAINER_OF(timer, struct heartbeat, timer);
    if (heartbeat->is_stopped) return;
    if (!heartbeat->write.is_under_way) {
        heartbeat->segment = beat_begin(&heartbeat->write, &heartbeat_ask);
        heartbeat->segment.on_done = on_written;
        heartbeat->writer->submit(heartbeat->writer->context, &heartbeat->segment);
    }
    if (!heartbeat->read.is_under_way) {
        heartbeat->read_segment =
            (struct read){ .segment = beat_begin(&heartbeat->read, &heartbeat_ask),
                           .on_done = on_read };
        readers_submit(heartbeat->readers, &heartbeat->read_segment);
    }
    change_when_due(heartbeat, loop_now_us(heartbeat->loop));
    timer_start(loop_timers(heartbeat->loop), timer,
                loop_now_us(heartbeat->loop) + HEARTBEAT_EVERY_US);
}

struct heartbeat *heartbeat_new(struct loop *loop, struct store *writer, struct readers *readers)
{
    struct heartbeat *heartbeat = calloc(1, sizeof *heartbeat);
    if (heartbeat == NULL) abort();
    heartbeat->loop = loop;
    heartbeat->writer = writer;
    heartbeat->readers = readers;
    heartbeat->write = (struct beat){ .owner = heartbeat, .arena = arena_new(BEAT_ARENA_BYTES) };
    heartbeat->read = (struct beat){ .owner = heartbeat, .arena = arena_new(BEAT_ARENA_BYTES) };
    heartbeat->change = (struct beat){ .owner = heartbeat, .arena = arena_new(BEAT_ARENA_BYTES) };
    heartbeat->timer.on_fire = on_timer;
    timer_start(loop_timers(loop), &heartbeat->timer, loop_now_us(loop));
    return heartbeat;
}

void heartbeat_stop(struct heartbeat *heartbeat)
{
    heartbeat->is_stopped = true;
    timer_stop(loop_timers(heartbeat->loop), &heartbeat->timer);
}

void heartbeat_destroy(struct heartbeat **heartbeat_pointer)
{
    struct heartbeat *heartbeat = *heartbeat_pointer;
    if (heartbeat == NULL) return;
    *heartbeat_pointer = NULL;
    assert(heartbeat->is_stopped);
    assert(!heartbeat->write.is_under_way);
    assert(!heartbeat->read.is_under_way);
    assert(!heartbeat->change.is_under_way);
    arena_destroy(&heartbeat->write.arena);
    arena_destroy(&heartbeat->read.arena);
    arena_destroy(&heartbeat->change.arena);
    free(heartbeat);
}

bool heartbeat_is_heard(const struct heartbeat *heartbeat)
{
    const int64_t since_us = loop_now_us(heartbeat->loop) - HEARTBEAT_SILENCE_US;
    const int64_t write_us = heartbeat->write.heard_us, read_us = heartbeat->read.heard_us;
    return write_us > 0 && read_us > 0 && write_us >= since_us && read_us >= since_us;
}

bool heartbeat_is_written(const struct heartbeat *heartbeat)
{
    return heartbeat->is_written;
}
