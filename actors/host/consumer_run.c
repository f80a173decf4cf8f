/* What a consumer does with events: batches whose writes and position are one unit, single events
 * that send commands, and events that are set aside because they fail however often. */
#include "actors/host/consumer_run.h"

#include "actors/host/consumer_unit.h"
#include "actors/host/request_internal.h"
#include "runtime/metrics.h"

enum {
    LANES_MAX = 8,    /* shards whose events are handed on one by one at once */
    BATCH_MAX = 128,  /* events in one unit */
    PAUSE_DOUBLES = 8 /* times */
};

#define PAUSE_MIN_US (INT64_C(250) * 1000)
#define PAUSE_MAX_US (INT64_C(60) * 1000 * 1000)
#define OUTAGE_PAUSE_US (INT64_C(1000) * 1000)

/* The events of one shard in a fetch. */
struct strand {
    unsigned shard;
    const struct host_event *events;
    size_t count, next;
    bool is_over; /* for this fetch */
};

struct taking {
    struct consumer *consumer;
    struct arena *arena;
    struct strand *strands;
    size_t strands_count;
    bool has_moved;
};

static void pass(struct taking *taking, struct strand *strand)
{
    struct consumer *consumer = taking->consumer;
    const uint64_t sequence = (uint64_t)strand->events[strand->next++].sequence;
    if (consumer->after[strand->shard] < sequence) consumer->after[strand->shard] = sequence;
    taking->has_moved = true;
}

/* ---- events that fail ---- */

static int64_t pause_us(int64_t attempts)
{
    int64_t pause = PAUSE_MIN_US;
    for (int64_t i = 1; i < attempts && i <= PAUSE_DOUBLES; i++)
        pause *= 2;
    return pause < PAUSE_MAX_US ? pause : PAUSE_MAX_US;
}

/* The event at the head of the strand could not be consumed by itself. Outages pass, and the event
 * waits for that; anything else is its own fault, as far as one can tell. */
static void note_failure(struct taking *taking, struct strand *strand, enum status why)
{
    struct consumer *consumer = taking->consumer;
    struct stall *stall = &consumer->stalls[strand->shard];
    const struct host_event *event = &strand->events[strand->next];
    const struct message *message = consumer_find_entry(consumer->hosted, event->number)->message;
    strand->is_over = true;
    stall->is_alone = true;
    if (status_is_outage(why)) {
        stall->retry_us = loop_now_us(consumer->hosted->host->loop) + OUTAGE_PAUSE_US;
        log_warning("event_waits", LOG_STRING("event_name", message->name),
                    LOG_INT("shard", event->shard), LOG_INT("sequence", event->sequence),
                    LOG_STATUS(why));
        return;
    }
    if (stall->attempts == 0) stall->failed_us = loop_market_us(consumer->hosted->host->loop);
    stall->attempts++;
    stall->retry_us = loop_now_us(consumer->hosted->host->loop) + pause_us(stall->attempts);
    if (why == STATUS_CONFLICT) consumer->is_open[strand->shard] = false;
    metric_add(METRIC_EVENTS_FAILED, 1);
    log_warning("event_not_consumed", LOG_STRING("event_name", message->name),
                LOG_INT("shard", event->shard), LOG_INT("sequence", event->sequence),
                LOG_INT("attempts", stall->attempts), LOG_STATUS(why));
    if (stall->attempts < config_int(consumer->hosted->host->config, SETTING_EVENTS_ATTEMPTS) ||
        consumer_park(consumer, event, message, why) != STATUS_OK)
        return;
    *stall = (struct stall){ 0 };
    strand->is_over = false;
    pass(taking, strand);
}

/* ---- one by one ---- */

/* The event at the head of the strand, alone. */
static void consume_head(struct taking *taking, struct strand *strand)
{
    struct consumer *consumer = taking->consumer;
    const struct host_event *event = &strand->events[strand->next];
    struct consumer_handing handing = consumer_hand(consumer, event);
    enum status status;
    if (handing.entry->is_batched) {
        struct consumer_moves moves = { .count = 0 };
        consumer_add_move(consumer, strand->shard, (uint64_t)event->sequence, &moves);
        status = consumer_run_batch(consumer->hosted, strand->shard, &handing, 1,
                                    consumer_add_moves, &moves);
        consumer_note_moved(consumer, &moves, status);
    } else {
        status = request_run_free(consumer->hosted, handing.id, consumer_call_handler, &handing);
        if (status == STATUS_OK) consumer->is_dirty = true;
    }
    if (status != STATUS_OK) {
        note_failure(taking, strand, status);
        return;
    }
    metric_add(METRIC_EVENTS_CONSUMED, 1);
    consumer->stalls[strand->shard] = (struct stall){ 0 };
    pass(taking, strand);
}

/* Events that the consumer does not look at. */
static void pass_over(struct taking *taking, struct strand *strand)
{
    while (strand->next < strand->count &&
           consumer_find_entry(taking->consumer->hosted, strand->events[strand->next].number) ==
               NULL)
        pass(taking, strand);
    if (strand->next == strand->count) strand->is_over = true;
}

/* True if the head of the strand must run by itself: it sends commands, or it has failed before. */
static bool is_alone(const struct taking *taking, const struct strand *strand)
{
    const struct consumer *consumer = taking->consumer;
    if (strand->is_over || strand->next == strand->count) return false;
    const struct dispatch_entry *entry =
        consumer_find_entry(consumer->hosted, strand->events[strand->next].number);
    return entry != NULL && (consumer->stalls[strand->shard].is_alone || !entry->is_batched);
}

/* Strands run side by side, so that their commands share commits. */
struct lanes {
    struct taking *taking;
    size_t next;  /* strand that no lane has taken */
    size_t alive; /* lanes */
    struct completion is_over;
};

static void run_lane(struct lanes *lanes)
{
    struct taking *taking = lanes->taking;
    while (lanes->next < taking->strands_count) {
        struct strand *strand = &taking->strands[lanes->next++];
        while (is_alone(taking, strand)) {
            consume_head(taking, strand);
            pass_over(taking, strand);
        }
    }
}

static void lane_fiber(void *argument)
{
    struct lanes *lanes = argument;
    run_lane(lanes);
    lanes->alive--;
    if (lanes->alive == 0) completion_finish(&lanes->is_over, STATUS_OK);
}

static void consume_alone(struct taking *taking)
{
    struct fibers *fibers = taking->consumer->hosted->host->fibers;
    struct lanes lanes = { .taking = taking, .alive = 1 };
    size_t waiting = 0;
    for (size_t i = 0; i < taking->strands_count; i++)
        waiting += is_alone(taking, &taking->strands[i]) ? 1 : 0;
    if (waiting == 0) return;
    completion_init(&lanes.is_over, fibers);
    for (size_t i = 1; i < LANES_MAX && i < waiting; i++) {
        lanes.alive++;
        if (fiber_spawn(fibers, lane_fiber, &lanes) == STATUS_OK) continue;
        lanes.alive--;
        break;
    }
    run_lane(&lanes);
    lanes.alive--; /* our own, which kept the others from saying that all is over */
    if (lanes.alive > 0) (void)!completion_wait_out(&lanes.is_over);
}

/* ---- batches ---- */

/* Events of several strands that go together. */
struct batch {
    struct consumer_handing handings[BATCH_MAX];
    size_t count;
    size_t ends[SHARD_COUNT]; /* per strand: behind its last event in the batch; 0: it has none */
    struct consumer_moves moves;
};

static void collect(const struct taking *taking, struct batch *batch)
{
    const struct consumer *consumer = taking->consumer;
    for (size_t i = 0; i < taking->strands_count; i++) {
        const struct strand *strand = &taking->strands[i];
        if (strand->is_over || consumer->stalls[strand->shard].is_alone) continue;
        for (size_t k = strand->next; k < strand->count && batch->count < BATCH_MAX; k++) {
            const struct consumer_handing handing = consumer_hand(consumer, &strand->events[k]);
            if (handing.entry == NULL) continue;
            if (!handing.entry->is_batched) break;
            batch->handings[batch->count++] = handing;
            batch->ends[i] = k + 1;
        }
        if (batch->ends[i] > 0)
            consumer_add_move(consumer, strand->shard,
                              (uint64_t)strand->events[batch->ends[i] - 1].sequence, &batch->moves);
    }
}

/* A batch that fails says nothing of its events: the first of each shard is tried alone. Should it
 * be an outage of what one of them needs, the others do not wait for it. */
static void consume_apart(struct taking *taking, const struct batch *batch)
{
    for (size_t i = 0; i < taking->strands_count; i++) {
        if (batch->ends[i] > 0) taking->consumer->stalls[taking->strands[i].shard].is_alone = true;
    }
}

static void consume_batch(struct taking *taking)
{
    struct consumer *consumer = taking->consumer;
    struct batch *batch = arena_allocate(taking->arena, sizeof *batch);
    collect(taking, batch);
    if (batch->count == 0) return;
    const enum status status =
        consumer_run_batch(consumer->hosted, batch->moves.moves[0].shard, batch->handings,
                           batch->count, consumer_add_moves, &batch->moves);
    consumer_note_moved(consumer, &batch->moves, status);
    if (status != STATUS_OK) {
        log_warning("batch_not_consumed", LOG_INT("events", (int64_t)batch->count),
                    LOG_STATUS(status));
        consume_apart(taking, batch);
        return;
    }
    metric_add(METRIC_EVENTS_CONSUMED, (int64_t)batch->count);
    for (size_t i = 0; i < taking->strands_count; i++) {
        while (taking->strands[i].next < batch->ends[i])
            pass(taking, &taking->strands[i]);
    }
}

/* ---- all of it ---- */

static void split(struct taking *taking, const struct host_events *events)
{
    const struct consumer *consumer = taking->consumer;
    taking->strands = arena_allocate_array(taking->arena, SHARD_COUNT, sizeof *taking->strands);
    for (size_t i = 0; i < events->events_count; i++) {
        const struct host_event *event = &events->events[i];
        struct strand *last =
            taking->strands_count == 0 ? NULL : &taking->strands[taking->strands_count - 1];
        if ((uint64_t)event->sequence <= consumer->after[event->shard]) continue;
        if (last != NULL && last->shard == (unsigned)event->shard &&
            &last->events[last->count] == event) {
            last->count++;
        } else if (taking->strands_count < SHARD_COUNT) {
            taking->strands[taking->strands_count++] =
                (struct strand){ .shard = (unsigned)event->shard, .events = event, .count = 1 };
        }
    }
}

bool consumer_receive(struct consumer *consumer, const struct host_events *events,
                      struct arena *arena)
{
    assert(consumer != NULL);
    assert(events != NULL);
    assert(arena != NULL);
    struct taking taking = { .consumer = consumer, .arena = arena };
    split(&taking, events);
    bool goes_on = true;
    for (size_t i = 0; i <= events->events_count && goes_on; i++) {
        const bool had_moved = taking.has_moved;
        taking.has_moved = false;
        for (size_t k = 0; k < taking.strands_count; k++)
            pass_over(&taking, &taking.strands[k]);
        consume_batch(&taking);
        consume_alone(&taking);
        goes_on = taking.has_moved;
        taking.has_moved = taking.has_moved || had_moved;
    }
    return taking.has_moved;
}
