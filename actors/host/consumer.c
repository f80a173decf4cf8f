/* Consumers: each fetches the events of one other domain, of all its node's shards at once, and
 * rests until a hint or a second has passed. */
#include "actors/host/consumer.h"

#include <stdlib.h>

#include "actors/host/address.h"
#include "actors/host/consumer_run.h"
#include "actors/host/consumer_unit.h"

enum {
    POLL_INTERVAL_US = 1000 * 1000,
    LINGER_US = 25 * 1000, /* after a hint, so that a batch has the events of many commits */
    FETCH_ROUNDS_MAX = 64, /* looks with progress in a row before the consumer rests */
    KINDS_MAX = 32         /* of one source, as the schema says */
};

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
        hosted->shard_last, loop_now_us(hosted->host->loop) + FREE_TIMEOUT_US, consumer->after);
    arena_destroy(&arena);
    TRY(status);
    for (unsigned shard = hosted->shard_first; shard <= hosted->shard_last; shard++) {
        consumer->kept[shard] = consumer->after[shard];
        consumer->is_open[shard] = true;
    }
    consumer->is_dirty = false;
    return STATUS_OK;
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

/* What a fetch asks for: every shard of one owner that we consume and that does not wait. */
struct wanted {
    struct host_cursor cursors[SHARD_COUNT];
    size_t cursors_count;
    int64_t numbers[KINDS_MAX];
    size_t numbers_count;
};

static void list_kinds(const struct consumer *consumer, struct wanted *wanted)
{
    const struct dispatch_table *table = consumer->hosted->definition->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++) {
        const struct message *event = table->consumers[i].message;
        if (event->domain != consumer->source) continue;
        assert(wanted->numbers_count < ARRAY_LENGTH(wanted->numbers));
        wanted->numbers[wanted->numbers_count++] = event->number;
    }
}

/* Asks the owner of `first` for every shard that it owns and we consume; marks them in `asked`. */
static enum status fetch(struct consumer *consumer, unsigned first, bool asked[SHARD_COUNT],
                         struct arena *arena, struct host_events *ret_events)
{
    struct hosted *hosted = consumer->hosted;
    struct host *host = hosted->host;
    const struct members *members = bus_members(host->bus);
    const struct member *owner = members_owner(members, consumer->source, first);
    struct wanted *wanted = arena_allocate(arena, sizeof *wanted);
    for (unsigned i = 0; i < shards_count(hosted); i++) {
        const unsigned shard = shard_in_turn(consumer, i);
        if (asked[shard] || members_owner(members, consumer->source, shard) != owner) continue;
        asked[shard] = true;
        wanted->cursors[wanted->cursors_count++] =
            (struct host_cursor){ .shard = shard,
                                  .after = (int64_t)consumer->after[shard],
                                  .kept = (int64_t)consumer->kept[shard] };
    }
    if (owner == NULL) return STATUS_UNAVAILABLE;
    list_kinds(consumer, wanted);
    const struct host_fetch_events query = {
        .cursors = wanted->cursors,
        .cursors_count = wanted->cursors_count,
        .max = FEED_EVENTS_MAX,
        .reader = hosted->domain,
        .numbers = wanted->numbers,
        .numbers_count = wanted->numbers_count,
    };
    struct envelope envelope, reply;
    TRY(address_message(&host_fetch_events_message, &query, host_random_uuid(host), arena,
                        &envelope));
    envelope.domain = (uint8_t)consumer->source;
    envelope.shard = (uint8_t)first;
    envelope.key = host_random_uuid(host); /* a key sends it to the shard's owner */
    TRY(bus_ask(host->bus, &envelope, loop_now_us(host->loop) + FREE_TIMEOUT_US, arena, &reply));
    return address_read_reply(&host_fetch_events_message, &reply, arena, ret_events);
}

/* One look at all shards that do not wait for another attempt. Returns true if there is more. */
static bool consume_round(struct consumer *consumer)
{
    bool asked[SHARD_COUNT];
    bool has_more = false;
    const int64_t now_us = loop_now_us(consumer->hosted->host->loop);
    if (open_cursors(consumer) != STATUS_OK) return false;
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        asked[shard] = consumer->stalls[shard].retry_us > now_us;
    for (unsigned i = 0; i < shards_count(consumer->hosted); i++) {
        const unsigned shard = shard_in_turn(consumer, i);
        if (asked[shard]) continue;
        struct arena *arena = arena_new(FREE_ARENA_BYTES);
        struct host_events events;
        if (fetch(consumer, shard, asked, arena, &events) == STATUS_OK &&
            consumer_receive(consumer, &events, arena) && events.has_more)
            has_more = true;
        asked[shard] = true;
        arena_destroy(&arena);
    }
    consumer_keep(consumer);
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

/* The next look without a hint. */
static int64_t next_look_us(const struct consumer *consumer)
{
    const int64_t now_us = loop_now_us(consumer->hosted->host->loop);
    int64_t at_us = now_us + POLL_INTERVAL_US;
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++) {
        const int64_t retry_us = consumer->stalls[shard].retry_us;
        if (retry_us > now_us && retry_us < at_us) at_us = retry_us;
    }
    return at_us;
}

static void consumer_fiber(void *argument)
{
    struct consumer *consumer = argument;
    struct host *host = consumer->hosted->host;
    while (!host->is_stopping) {
        completion_init(&consumer->wakeup, host->fibers);
        for (unsigned i = 0; i < FETCH_ROUNDS_MAX && consume_round(consumer); i++)
            ;
        const enum status status = completion_wait(&consumer->wakeup, next_look_us(consumer));
        if (status == STATUS_STOPPING) break;
        if (status == STATUS_OK && consumer->hosted->definition->intake != NULL &&
            fiber_sleep(host->fibers, LINGER_US) != STATUS_OK)
            break;
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
    struct consumer *consumer = calloc(1, sizeof *consumer);
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
    assert(hosted != NULL);
    const struct dispatch_table *table = hosted->definition->dispatch;
    for (size_t i = 0; i < table->consumers_count; i++)
        start_consumer(hosted, table->consumers[i].message->domain);
}

void consumers_on_hint(struct host *host, unsigned domain)
{
    assert(host != NULL);
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        for (struct consumer *consumer = host->hosted[i].consumers; consumer != NULL;
             consumer = consumer->next) {
            if (consumer->source == domain) completion_finish(&consumer->wakeup, STATUS_OK);
        }
    }
}
