/* What a node does by itself: sweeps that look for rows that are due, and consumers that fetch the
 * events of other domains. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "actors/host/host.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"
#include "storage/feed.h"
#include "storage/retention.h"

enum {
    FREE_ARENA_BYTES = 16 * 1024,
    FREE_TIMEOUT_US = 10 * 1000 * 1000,
    POLL_INTERVAL_US = 1000 * 1000,
    SWEEP_RETRY_US = 200 * 1000,
    TIDY_EVERY_US = 1000 * 1000,
    TIDY_QUIET_MESSAGES = 100, /* fewer than that in a second are quiet */
    TIDY_KEEP_BYTES = 1 << 20,
    TIDY_KEEP_STACKS = 16,
    RETENTION_PAUSE_US = 100 * 1000, /* between batches, so that trimming is never felt */
    CONSUMER_LANES_MAX = 8,          /* shards whose events one consumer hands on at once */
    FETCH_ROUNDS_MAX = 64,           /* looks with progress in a row before the consumer rests */
    FEED_BYTES_MAX = ENVELOPE_BODY_MAX / 2 /* bodies in one answer, the last one not counted */
};

#define RETENTION_EVERY_US ((int64_t)3600 * 1000 * 1000)

static int64_t monotonic_now_us(const struct host *host)
{
    const struct clock *clock = loop_clock(host->loop);
    return clock->monotonic_us(clock->context);
}

static struct uuid random_uuid(struct host *host)
{
    struct uuid id;
    const struct rng *rng = loop_rng(host->loop);
    rng->fill(rng->context, id.bytes, sizeof(id.bytes));
    return id;
}

enum status host_run_free(struct hosted *hosted, struct uuid msg_id,
                          enum status (*run)(struct request *request, void *context), void *context)
{
    struct arena *arena = arena_new(FREE_ARENA_BYTES);
    const struct envelope envelope = {
        .domain = (uint8_t)hosted->domain,
        .msg_id = msg_id,
        .principal = { .kind = PRINCIPAL_NODE },
    };
    struct request request;
    request_init(&request, hosted, arena, &envelope,
                 monotonic_now_us(hosted->host) + FREE_TIMEOUT_US);
    const enum status status = run(&request, context);
    arena_destroy(&arena);
    return status;
}

/* ---- sweeps ---- */

struct sweep_service {
    struct hosted *hosted;
    const struct domain_sweep *sweep;
};

static enum status run_sweep(struct request *request, void *context)
{
    const struct sweep_service *service = context;
    return service->sweep->run(request, service->hosted->shard_first, service->hosted->shard_last);
}

static void sweep_fiber(void *argument)
{
    struct sweep_service *service = argument;
    struct host *host = service->hosted->host;
    int64_t pause_us;
    do {
        const enum status status =
            host_run_free(service->hosted, random_uuid(host), run_sweep, service);
        if (status != STATUS_OK && !host_is_outage(status))
            log_warning("sweep_failed", LOG_STRING("sweep", service->sweep->name),
                        LOG_STATUS(status));
        /* After an outage it does not wait for its next turn. */
        pause_us = status == STATUS_OK || service->sweep->every_us < SWEEP_RETRY_US
                       ? service->sweep->every_us
                       : SWEEP_RETRY_US;
    } while (!host->is_stopping && fiber_sleep(host->fibers, pause_us) == STATUS_OK);
    free(service);
    host_service_ends(host);
}

void sweeps_start(struct hosted *hosted)
{
    for (size_t i = 0; i < hosted->definition->sweeps_count; i++) {
        struct sweep_service *service = calloc(1, sizeof(*service));
        if (service == NULL) abort();
        service->hosted = hosted;
        service->sweep = &hosted->definition->sweeps[i];
        if (host_spawn(hosted->host, sweep_fiber, service) != STATUS_OK) free(service);
    }
}

/* ---- retention ---- */

static void retention_fiber(void *argument)
{
    struct hosted *hosted = argument;
    struct host *host = hosted->host;
    const struct clock *clock = loop_clock(host->loop);
    while (!host->is_stopping && fiber_sleep(host->fibers, RETENTION_EVERY_US) == STATUS_OK) {
        int64_t deleted = RETENTION_ROWS_MAX;
        while (deleted >= RETENTION_ROWS_MAX) {
            const enum status status =
                retention_trim(hosted->database, clock->market_us(clock->context) - RETENTION_US,
                               monotonic_now_us(host) + FREE_TIMEOUT_US, &deleted);
            if (status != STATUS_OK || fiber_sleep(host->fibers, RETENTION_PAUSE_US) != STATUS_OK)
                break;
        }
    }
    host_service_ends(host);
}

void retention_start(struct hosted *hosted)
{
    (void)!host_spawn(hosted->host, retention_fiber, hosted);
}

/* ---- memory ---- */

/* After a burst, most of what malloc holds is free but scattered; when the node is quiet it is
 * given back. */
static void tidy_fiber(void *argument)
{
    struct host *host = argument;
    int64_t messages_then = 0;
    while (!host->is_stopping && fiber_sleep(host->fibers, TIDY_EVERY_US) == STATUS_OK) {
        const int64_t messages = metric_value(METRIC_MESSAGES);
        const bool is_quiet = host->jobs == 0 && messages - messages_then < TIDY_QUIET_MESSAGES;
        if (is_quiet && host->is_untidy) {
            fibers_trim(host->fibers, TIDY_KEEP_STACKS);
            (void)malloc_trim(TIDY_KEEP_BYTES);
        }
        host->is_untidy = !is_quiet;
        messages_then = messages;
    }
    host_service_ends(host);
}

void tidy_start(struct host *host)
{
    (void)!host_spawn(host, tidy_fiber, host);
}

/* ---- consumers ---- */

struct consumer {
    struct hosted *hosted;
    enum domain source;
    bool is_open[64]; /* the cursor is known */
    uint64_t after[64];
    unsigned turn; /* which shard comes first; a stuck one must not fill every answer */
    struct completion wakeup;
    struct consumer *next;
};

static const struct dispatch_entry *find_consumer_entry(const struct dispatch_table *table,
                                                        uint16_t number)
{
    for (size_t i = 0; i < table->consumers_count; i++) {
        if (table->consumers[i].message->number == number) return &table->consumers[i];
    }
    return NULL;
}

struct delivery {
    const struct dispatch_entry *entry;
    struct text body;
};

static enum status deliver(struct request *request, void *context)
{
    const struct delivery *delivery = context;
    const struct message *message = delivery->entry->message;
    void *body = arena_allocate(request->arena, message->body->size);
    TRY(msgpack_decode(message->body, delivery->body, request->arena, body));
    return delivery->entry->handle(request, body, NULL);
}

static enum status move_cursor(struct consumer *consumer, unsigned shard, uint64_t to)
{
    struct hosted *hosted = consumer->hosted;
    struct host *host = hosted->host;
    struct arena *arena = arena_new(2048);
    const struct clock *clock = loop_clock(host->loop);
    struct unit *unit = unit_new(arena, host->fibers, shard, random_uuid(host), 0,
                                 clock->market_us(clock->context));
    feed_move_cursor(unit, arena, domain_name(consumer->source), shard, consumer->after[shard], to);
    bool is_repeat;
    struct stored_answer answer;
    enum status status = unit_enqueue(unit, hosted->database);
    if (status == STATUS_OK) status = unit_wait(unit, &is_repeat, &answer);
    arena_destroy(&arena);
    if (status == STATUS_OK)
        consumer->after[shard] = to;
    else
        consumer->is_open[shard] = false; /* read it again */
    return status;
}

/* Hands one event on; its commands have ids that follow from the event, so a repeat changes
 * nothing. */
static enum status consume(struct consumer *consumer, const struct host_event *event)
{
    const struct dispatch_entry *entry =
        find_consumer_entry(consumer->hosted->definition->dispatch, (uint16_t)event->number);
    if (entry == NULL) return STATUS_OK;
    struct uuid event_id = { { 0 } };
    if (event->message.length == sizeof(event_id.bytes))
        memcpy(event_id.bytes, event->message.data, sizeof(event_id.bytes));
    struct delivery delivery = { .entry = entry, .body = event->body };
    const struct uuid msg_id =
        uuid_derive_named(event_id, text_of(domain_name(consumer->hosted->domain)), 0);
    const enum status status = host_run_free(consumer->hosted, msg_id, deliver, &delivery);
    if (status == STATUS_OK)
        metric_add(METRIC_EVENTS_CONSUMED, 1);
    else
        log_warning("event_not_consumed", LOG_STRING("event", entry->message->name),
                    LOG_INT("shard", event->shard), LOG_INT("sequence", event->sequence),
                    LOG_STATUS(status));
    return status;
}

static enum status open_cursors(struct consumer *consumer)
{
    struct hosted *hosted = consumer->hosted;
    bool is_open = true;
    for (unsigned shard = hosted->shard_first; shard <= hosted->shard_last; shard++)
        is_open = is_open && consumer->is_open[shard];
    if (is_open) return STATUS_OK;
    struct arena *arena = arena_new(FREE_ARENA_BYTES);
    const enum status status = feed_cursors(
        hosted->database, arena, domain_name(consumer->source), hosted->shard_first,
        hosted->shard_last, monotonic_now_us(hosted->host) + FREE_TIMEOUT_US, consumer->after);
    arena_destroy(&arena);
    for (unsigned shard = 0; shard < 64 && status == STATUS_OK; shard++)
        consumer->is_open[shard] = true;
    return status;
}

static unsigned shards_count(const struct hosted *hosted)
{
    return hosted->shard_last - hosted->shard_first + 1;
}

static unsigned shard_in_turn(const struct consumer *consumer, unsigned position)
{
    const struct hosted *hosted = consumer->hosted;
    return hosted->shard_first + (consumer->turn + position) % shards_count(hosted);
}

/* Asks the owner of `first` for every shard that it owns and we consume; marks them in `asked`. */
static enum status fetch(struct consumer *consumer, unsigned first, bool asked[64],
                         struct arena *arena, struct host_events *ret_events)
{
    struct hosted *hosted = consumer->hosted;
    struct host *host = hosted->host;
    const struct members *members = bus_members(host->bus);
    const struct member *owner = members_owner(members, consumer->source, first);
    struct host_cursor cursors[64];
    size_t count = 0;
    for (unsigned i = 0; i < shards_count(hosted); i++) {
        const unsigned shard = shard_in_turn(consumer, i);
        if (asked[shard] || members_owner(members, consumer->source, shard) != owner) continue;
        asked[shard] = true;
        cursors[count++] =
            (struct host_cursor){ .shard = shard, .after = (int64_t)consumer->after[shard] };
    }
    if (owner == NULL) return STATUS_UNAVAILABLE;
    const struct host_fetch_events query = {
        .cursors = cursors,
        .cursors_count = count,
        .max = FEED_EVENTS_MAX,
    };
    struct envelope envelope, reply;
    TRY(host_address(host, &host_fetch_events_message, &query, random_uuid(host), arena,
                     &envelope));
    envelope.domain = (uint8_t)consumer->source;
    envelope.shard = (uint8_t)first;
    envelope.key = random_uuid(host); /* a key sends it to the shard's owner */
    TRY(bus_ask(host->bus, &envelope, monotonic_now_us(host) + FREE_TIMEOUT_US, arena, &reply));
    return host_accept(&host_fetch_events_message, &reply, arena, ret_events);
}

/* Events that were fetched together. Those of one shard stand together and are consumed in order;
 * several shards are consumed side by side, so that their commands share commits. */
struct consumption {
    struct consumer *consumer;
    const struct host_events *events;
    size_t next;  /* event that no lane has taken */
    size_t lanes; /* alive */
    bool has_moved;
    struct completion is_over; /* for the other lanes */
};

/* Consumes the events of one shard; it stays where one of them fails. Returns true if
 * its cursor has moved. */
static bool consume_shard(struct consumer *consumer, const struct host_event *events, size_t count)
{
    const unsigned shard = (unsigned)events[0].shard;
    const uint64_t before = consumer->after[shard];
    uint64_t to = before;
    for (size_t i = 0; i < count; i++) {
        if ((uint64_t)events[i].sequence <= before) continue;
        if (consume(consumer, &events[i]) != STATUS_OK) break;
        to = (uint64_t)events[i].sequence;
    }
    return to > before && move_cursor(consumer, shard, to) == STATUS_OK;
}

static void run_lane(struct consumption *consumption)
{
    const struct host_events *events = consumption->events;
    while (consumption->next < events->events_count) {
        const size_t first = consumption->next;
        size_t end = first + 1;
        while (end < events->events_count &&
               events->events[end].shard == events->events[first].shard)
            end++;
        consumption->next = end;
        if (consume_shard(consumption->consumer, &events->events[first], end - first))
            consumption->has_moved = true;
    }
}

static void lane_fiber(void *argument)
{
    struct consumption *consumption = argument;
    run_lane(consumption);
    consumption->lanes--;
    if (consumption->lanes == 0) completion_finish(&consumption->is_over, STATUS_OK);
}

/* Returns true if a cursor has moved. */
static bool consume_batch(struct consumer *consumer, const struct host_events *events)
{
    struct fibers *fibers = consumer->hosted->host->fibers;
    struct consumption consumption = { .consumer = consumer, .events = events, .lanes = 1 };
    completion_init(&consumption.is_over, fibers);
    for (unsigned i = 1; i < CONSUMER_LANES_MAX && consumption.next < events->events_count; i++) {
        consumption.lanes++;
        if (fiber_spawn(fibers, lane_fiber, &consumption) == STATUS_OK) continue;
        consumption.lanes--;
        break;
    }
    run_lane(&consumption);
    consumption.lanes--; /* our own, which kept the others from saying that all is over */
    if (consumption.lanes > 0) (void)!completion_wait_out(&consumption.is_over);
    return consumption.has_moved;
}

/* One look at all shards. Returns true if there may be more. */
static bool consume_round(struct consumer *consumer)
{
    bool asked[64] = { false };
    bool has_more = false;
    if (open_cursors(consumer) != STATUS_OK) return false;
    for (unsigned i = 0; i < shards_count(consumer->hosted); i++) {
        const unsigned shard = shard_in_turn(consumer, i);
        if (asked[shard]) continue;
        struct arena *arena = arena_new(FREE_ARENA_BYTES);
        struct host_events events;
        if (fetch(consumer, shard, asked, arena, &events) == STATUS_OK &&
            consume_batch(consumer, &events))
            has_more = true;
        asked[shard] = true;
        arena_destroy(&arena);
    }
    consumer->turn = (consumer->turn + 1) % shards_count(consumer->hosted);
    return has_more;
}

static void unlink_consumer(struct consumer *consumer)
{
    struct consumer **link = &consumer->hosted->consumers;
    while (*link != consumer)
        link = &(*link)->next;
    *link = consumer->next;
}

static void consumer_fiber(void *argument)
{
    struct consumer *consumer = argument;
    struct host *host = consumer->hosted->host;
    while (!host->is_stopping) {
        completion_init(&consumer->wakeup, host->fibers);
        for (unsigned i = 0; i < FETCH_ROUNDS_MAX && consume_round(consumer); i++)
            ;
        const enum status status =
            completion_wait(&consumer->wakeup, monotonic_now_us(host) + POLL_INTERVAL_US);
        if (status == STATUS_STOPPING) break;
    }
    unlink_consumer(consumer);
    free(consumer);
    host_service_ends(host);
}

static void start_consumer(struct hosted *hosted, enum domain source)
{
    for (const struct consumer *other = hosted->consumers; other != NULL; other = other->next) {
        if (other->source == source) return;
    }
    struct consumer *consumer = calloc(1, sizeof(*consumer));
    if (consumer == NULL) abort();
    consumer->hosted = hosted;
    consumer->source = source;
    consumer->next = hosted->consumers;
    hosted->consumers = consumer;
    if (host_spawn(hosted->host, consumer_fiber, consumer) != STATUS_OK) {
        unlink_consumer(consumer);
        free(consumer);
    }
}

void consumers_start(struct hosted *hosted)
{
    const struct dispatch_table *table = hosted->definition->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++)
        start_consumer(hosted, table->consumers[i].message->domain);
}

void consumers_on_hint(struct host *host, unsigned domain)
{
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        for (struct consumer *consumer = host->hosted[i].consumers; consumer != NULL;
             consumer = consumer->next) {
            if (consumer->source == domain) completion_finish(&consumer->wakeup, STATUS_OK);
        }
    }
}

/* ---- the other side: answering a fetch ---- */

enum status feed_answer(struct hosted *hosted, struct arena *arena, struct text body,
                        int64_t deadline_us, struct text *ret_body)
{
    struct host_fetch_events query;
    TRY(msgpack_decode(&host_fetch_events_schema, body, arena, &query));
    unsigned shards[64];
    uint64_t after[64];
    for (size_t i = 0; i < query.cursors_count; i++) {
        shards[i] = (unsigned)query.cursors[i].shard;
        after[i] = (uint64_t)query.cursors[i].after;
    }
    struct feed_event *events = arena_allocate_array(arena, (size_t)query.max, sizeof(*events));
    size_t count = 0;
    TRY(feed_read(hosted->database, arena, shards, after, query.cursors_count, (size_t)query.max,
                  deadline_us, events, &count));
    struct host_event *answers = arena_allocate_array(arena, count, sizeof(*answers));
    size_t answers_count = 0;
    for (size_t bytes = 0; answers_count < count && bytes < FEED_BYTES_MAX; answers_count++) {
        const size_t i = answers_count;
        bytes += events[i].body.length;
        answers[i] = (struct host_event){
            .shard = events[i].shard,
            .sequence = (int64_t)events[i].sequence,
            .message = { .data = (const char *)events[i].msg_id.bytes, .length = 16 },
            .key = { .data = (const char *)events[i].key.bytes, .length = 16 },
            .number = events[i].number,
            .at_us = events[i].at_us,
            .body = events[i].body,
        };
    }
    const struct host_events reply = { .events = answers, .events_count = answers_count };
    return msgpack_encode(&host_events_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
