/* A timer, a segment for the writer and a read, each sent again when it has been answered. */
#include "storage/heartbeat.h"

#include <stdlib.h>

static const struct statement heartbeat_ask = { .name = "heartbeat_ask", .sql = "SELECT 1" };

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
    struct beat write, read;
    struct store_segment segment;
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

static void on_read(struct read *read)
{
    beat_ends(&CONTAINER_OF(read, struct heartbeat, read_segment)->read, &read->segment);
}

static struct store_segment beat_begin(struct beat *beat)
{
    arena_reset(beat->arena);
    beat->is_under_way = true;
    beat->call = (struct store_call){ .statement = &heartbeat_ask };
    return (struct store_segment){ .calls = &beat->call, .calls_count = 1, .arena = beat->arena };
}

static void on_timer(struct timer *timer)
{
    struct heartbeat *heartbeat = CONTAINER_OF(timer, struct heartbeat, timer);
    if (heartbeat->is_stopped) return;
    if (!heartbeat->write.is_under_way) {
        heartbeat->segment = beat_begin(&heartbeat->write);
        heartbeat->segment.on_done = on_written;
        heartbeat->writer->submit(heartbeat->writer->context, &heartbeat->segment);
    }
    if (!heartbeat->read.is_under_way) {
        heartbeat->read_segment =
            (struct read){ .segment = beat_begin(&heartbeat->read), .on_done = on_read };
        readers_submit(heartbeat->readers, &heartbeat->read_segment);
    }
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
    arena_destroy(&heartbeat->write.arena);
    arena_destroy(&heartbeat->read.arena);
    free(heartbeat);
}

bool heartbeat_is_heard(const struct heartbeat *heartbeat)
{
    const int64_t since_us = loop_now_us(heartbeat->loop) - HEARTBEAT_SILENCE_US;
    const int64_t write_us = heartbeat->write.heard_us, read_us = heartbeat->read.heard_us;
    return write_us > 0 && read_us > 0 && write_us >= since_us && read_us >= since_us;
}
