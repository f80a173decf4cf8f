/* The units of a consumer: a batch with its position, a lone position, an event that is set aside
 * or replayed. */
#include "actors/host/consumer_unit.h"

#include <string.h>

#include "actors/host/address.h"
#include "actors/host/request_internal.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"

/* What was only passed over is read again after a crash, so its cursor may lag. */
#define KEEP_EVERY_US (INT64_C(5) * 1000 * 1000)

/* How long a unit may wait for somebody else's lock, and its whole batch with it: then the batch is
 * taken apart, and who met the lock waits alone. */
#define PATIENCE_US (INT64_C(2) * 1000 * 1000)

const struct dispatch_entry *consumer_find_entry(const struct hosted *hosted, int64_t number)
{
    const struct dispatch_table *table = hosted->definition->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++) {
        if (table->consumers[i].message->number == number) return &table->consumers[i];
    }
    return NULL;
}

/* ---- units ---- */

static enum status settle_unit(struct hosted *hosted, struct unit *unit)
{
    bool is_repeat;
    struct stored_answer answer;
    unit_set_order(unit, (struct uuid){ { 0 } }, loop_now_us(hosted->host->loop) + PATIENCE_US);
    TRY(unit_enqueue(unit, hosted->database));
    return unit_wait(unit, &is_repeat, &answer);
}

enum status consumer_commit(struct hosted *hosted, unsigned shard, consumer_writes *add,
                            void *context)
{
    assert(hosted != NULL);
    assert(shard < SHARD_COUNT);
    assert(add != NULL);
    struct host *host = hosted->host;
    struct arena *arena = arena_new(FREE_ARENA_BYTES);
    struct unit *unit = unit_new(arena, host->fibers, shard, host_random_uuid(host), 0,
                                 loop_market_us(hosted->host->loop));
    add(unit, arena, context);
    const enum status status = settle_unit(hosted, unit);
    arena_destroy(&arena);
    return status;
}

void consumer_add_move(const struct consumer *consumer, unsigned shard, uint64_t to,
                       struct consumer_moves *moves)
{
    assert(shard < SHARD_COUNT);
    assert(moves->count < SHARD_COUNT);
    moves->source = domain_name(consumer->source);
    moves->moves[moves->count++] =
        (struct feed_move){ .shard = shard, .from = consumer->kept[shard], .to = to };
}

void consumer_add_moves(struct unit *unit, struct arena *arena, void *context)
{
    const struct consumer_moves *moves = context;
    feed_move_cursors(unit, arena, moves->source, moves->moves, moves->count);
}

void consumer_note_moved(struct consumer *consumer, const struct consumer_moves *moves,
                         enum status status)
{
    for (size_t i = 0; i < moves->count; i++) {
        const struct feed_move *move = &moves->moves[i];
        if (status == STATUS_CONFLICT) consumer->is_open[move->shard] = false;
        if (status != STATUS_OK) continue;
        consumer->kept[move->shard] = move->to;
        if (consumer->after[move->shard] < move->to) consumer->after[move->shard] = move->to;
    }
}

void consumer_keep(struct consumer *consumer)
{
    const int64_t now_us = loop_now_us(consumer->hosted->host->loop);
    if (!consumer->is_dirty && now_us - consumer->kept_us < KEEP_EVERY_US) return;
    struct consumer_moves moves = { .count = 0 };
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++) {
        if (consumer->is_open[shard] && consumer->after[shard] > consumer->kept[shard])
            consumer_add_move(consumer, shard, consumer->after[shard], &moves);
    }
    consumer->kept_us = now_us;
    if (moves.count == 0) return;
    const enum status status =
        consumer_commit(consumer->hosted, moves.moves[0].shard, consumer_add_moves, &moves);
    consumer_note_moved(consumer, &moves, status);
    if (status == STATUS_OK) consumer->is_dirty = false;
}

/* ---- events ---- */

static struct uuid event_id(const struct host_event *event)
{
    struct uuid id = { { 0 } };
    if (event->message.length == sizeof id.bytes)
        memcpy(id.bytes, event->message.data, sizeof id.bytes);
    return id;
}

enum status consumer_call_handler(struct request *request, void *context)
{
    const struct consumer_handing *handing = context;
    const struct message *message = handing->entry->message;
    void *body = arena_allocate(request->arena, message->body->size);
    TRY(msgpack_decode(message->body, handing->body, request->arena, body));
    return handing->entry->handle(request, body, NULL);
}

enum status consumer_run_batch(struct hosted *hosted, unsigned shard,
                               const struct consumer_handing *handings, size_t count,
                               consumer_writes *add, void *context)
{
    assert(hosted != NULL);
    assert(shard < SHARD_COUNT);
    assert(count > 0);
    assert(add != NULL);
    struct host *host = hosted->host;
    const struct domain_intake *intake = hosted->definition->intake;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(FREE_ARENA_BYTES);
    struct envelope envelope = {
        .domain = (uint8_t)hosted->domain,
        .shard = (uint8_t)shard,
        .principal = { .kind = PRINCIPAL_NODE },
    };
    struct request request;
    const struct uuid unit_id = host_random_uuid(host);
    request_init(&request, hosted, arena, &envelope, loop_now_us(host->loop) + FREE_TIMEOUT_US);
    request.intake = arena_allocate(arena, intake->size);
    request.unit = unit_new(arena, host->fibers, shard, unit_id, 0, request.now_us);
    for (size_t i = 0; i < count; i++) {
        struct consumer_handing handing = handings[i];
        envelope.msg_id = handing.id;
        TRY(consumer_call_handler(&request, &handing));
    }
    envelope.msg_id = unit_id;
    TRY(intake->end(&request));
    add(request.unit, arena, context);
    TRY(settle_unit(hosted, request.unit));
    metric_add(METRIC_EVENT_BATCHES, 1);
    return STATUS_OK;
}

struct consumer_handing consumer_hand(const struct consumer *consumer,
                                      const struct host_event *event)
{
    return (struct consumer_handing){
        .entry = consumer_find_entry(consumer->hosted, event->number),
        .id = address_consumed(event_id(event), consumer->hosted->domain),
        .body = event->body,
    };
}

/* ---- events that are set aside ---- */

struct parking {
    struct consumer_moves moves;
    struct parked_row row;
};

static void add_parking(struct unit *unit, struct arena *arena, void *context)
{
    struct parking *parking = context;
    parked_add(unit, arena, &parking->row);
    consumer_add_moves(unit, arena, &parking->moves);
}

enum status consumer_park(struct consumer *consumer, const struct host_event *event,
                          const struct message *message, enum status why)
{
    assert(consumer != NULL);
    assert(event != NULL);
    assert(message != NULL);
    assert(why != STATUS_OK);
    const unsigned shard = (unsigned)event->shard;
    const struct stall *stall = &consumer->stalls[shard];
    struct parking parking = {
        .row = {
            .name = { .source = text_of(domain_name(consumer->source)),
                      .shard = shard,
                      .sequence = (uint64_t)event->sequence },
            .msg_id = event_id(event),
            .number = (uint16_t)event->number,
            .kind = text_of(message->name),
            .body = event->body,
            .reason = text_of(status_name(why)),
            .attempts = stall->attempts,
            .published_us = event->at_us,
            .failed_us = stall->failed_us,
            .parked_us = loop_market_us(consumer->hosted->host->loop),
        },
    };
    consumer_add_move(consumer, shard, (uint64_t)event->sequence, &parking.moves);
    const enum status status = consumer_commit(consumer->hosted, shard, add_parking, &parking);
    consumer_note_moved(consumer, &parking.moves, status);
    TRY(status);
    metric_add(METRIC_EVENTS_PARKED, 1);
    log_error("event_parked", LOG_STRING("event_name", message->name),
              LOG_STRING("consumer", domain_name(consumer->hosted->domain)),
              LOG_INT("shard", event->shard), LOG_INT("sequence", event->sequence),
              LOG_INT("attempts", stall->attempts), LOG_STATUS(why),
              LOG_STRING("alarm", "it is set aside and waits for an operator: souk events"));
    return STATUS_OK;
}

static void add_removal(struct unit *unit, struct arena *arena, void *context)
{
    const struct parked_row *row = context;
    parked_remove(unit, arena, &row->name);
}

enum status consumer_replay(struct hosted *hosted, enum domain source, const struct parked_row *row)
{
    assert(hosted != NULL);
    assert(row != NULL);
    struct parked_row parked = *row;
    struct consumer_handing handing = {
        .entry = consumer_find_entry(hosted, row->number),
        .id = address_consumed(row->msg_id, hosted->domain),
        .body = row->body,
    };
    if (handing.entry == NULL || handing.entry->message->domain != source)
        return STATUS_UNSUPPORTED;
    if (handing.entry->is_batched)
        return consumer_run_batch(hosted, row->name.shard, &handing, 1, add_removal, &parked);
    TRY(request_run_free(hosted, handing.id, consumer_call_handler, &handing));
    return consumer_commit(hosted, row->name.shard, add_removal, &parked);
}
