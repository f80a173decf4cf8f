/* The source's side of events: answers those who fetch, remembers how far each has come, and
 * forgets what all are done with. */
#include "actors/host/feed_source.h"

#include <stdlib.h>

#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"
#include "storage/feed.h"

enum {
    FEED_BYTES_MAX = ENVELOPE_BODY_MAX / 2 /* bodies in one answer, the last one not counted */
};

/* What consumers said with their last fetches. Only in memory: they fetch every second, and until
 * each has spoken nothing is deleted. */
struct feed_source {
    uint64_t heard[DOMAIN_LIMIT]; /* per reader: shards, as bits */
    uint64_t kept[DOMAIN_LIMIT][SHARD_COUNT];
};

struct feed_source *feed_source_new(void)
{
    struct feed_source *feed = calloc(1, sizeof *feed);
    if (feed == NULL) abort();
    return feed;
}

void feed_source_destroy(struct feed_source **feed)
{
    free(*feed);
    *feed = NULL;
}

/* A cursor that is committed never goes back, so the highest word counts. */
static void hear(struct feed_source *feed, const struct host_fetch_events *query)
{
    if (query->reader >= DOMAIN_LIMIT) return;
    const size_t reader = (size_t)query->reader;
    for (size_t i = 0; i < query->cursors_count; i++) {
        const size_t shard = (size_t)query->cursors[i].shard;
        const uint64_t kept = (uint64_t)query->cursors[i].kept;
        feed->heard[reader] |= UINT64_C(1) << shard;
        if (kept > feed->kept[reader][shard]) feed->kept[reader][shard] = kept;
    }
}

static bool is_wanted(const struct host_fetch_events *query, uint16_t number)
{
    for (size_t i = 0; i < query->numbers_count; i++) {
        if (query->numbers[i] == number) return true;
    }
    return false;
}

/* Numbers have no gaps, so a gap is a loss. A reader that has never read anything may come late. */
static void check_gap(const struct host_fetch_events *query, const struct feed_event *event)
{
    for (size_t i = 0; i < query->cursors_count; i++) {
        const int64_t after = query->cursors[i].after;
        if (query->cursors[i].shard != event->shard || after == 0 ||
            (int64_t)event->sequence == after + 1)
            continue;
        metric_add(METRIC_EVENTS_MISSING, 1);
        log_error("events_missing", LOG_INT("shard", event->shard), LOG_INT("after", after),
                  LOG_INT("next", (int64_t)event->sequence),
                  LOG_STRING("reader", domain_name((enum domain)query->reader)));
    }
}

static struct host_event describe(const struct feed_event *event)
{
    return (struct host_event){
        .shard = event->shard,
        .sequence = (int64_t)event->sequence,
        .message = { .data = (const char *)event->msg_id.bytes, .length = 16 },
        .key = { .data = (const char *)event->key.bytes, .length = 16 },
        .number = event->number,
        .at_us = event->at_us,
        .body = event->body,
    };
}

static enum status read_events(struct hosted *hosted, struct arena *arena,
                               const struct host_fetch_events *query, int64_t deadline_us,
                               struct feed_event *ret_events, size_t *ret_count)
{
    unsigned shards[SHARD_COUNT];
    uint64_t after[SHARD_COUNT];
    for (size_t i = 0; i < query->cursors_count; i++) {
        shards[i] = (unsigned)query->cursors[i].shard;
        after[i] = (uint64_t)query->cursors[i].after;
    }
    const struct feed_query read = {
        .shards = shards,
        .after = after,
        .shards_count = query->cursors_count,
        .numbers = query->numbers,
        .numbers_count = query->numbers_count,
        .max = (size_t)query->max,
    };
    return feed_read(hosted->database, arena, &read, deadline_us, ret_events, ret_count);
}

enum status feed_source_answer(struct hosted *hosted, struct arena *arena, struct text body,
                               int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    assert(ret_body != NULL);
    struct host_fetch_events query;
    TRY(msgpack_decode(&host_fetch_events_schema, body, arena, &query));
    hear(hosted->feed, &query);
    const size_t max = (size_t)query.max;
    struct feed_event *events = arena_allocate_array(arena, max, sizeof *events);
    size_t count = 0;
    TRY(read_events(hosted, arena, &query, deadline_us, events, &count));
    struct host_event *answers = arena_allocate_array(arena, count, sizeof *answers);
    struct host_events reply = { .events = answers };
    size_t i = 0;
    for (size_t bytes = 0; i < count && bytes < FEED_BYTES_MAX; i++) {
        if (i == 0 || events[i - 1].shard != events[i].shard) check_gap(&query, &events[i]);
        const bool is_last = i + 1 == count || events[i + 1].shard != events[i].shard;
        if (!is_wanted(&query, events[i].number) && !is_last) continue;
        bytes += events[i].body.length;
        answers[reply.events_count++] = describe(&events[i]);
    }
    reply.has_more = i < count || count == max;
    return msgpack_encode(&host_events_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}

/* ---- forgetting ---- */

/* Up to where every reader has come; false if one of them has not been heard of. */
static bool find_passed(const struct hosted *hosted, unsigned shard, uint64_t *ret_through,
                        enum domain *ret_unheard)
{
    const struct feed_source *feed = hosted->feed;
    uint64_t through = INT64_MAX;
    for (unsigned reader = 0; reader < DOMAIN_LIMIT; reader++) {
        if ((hosted->definition->dispatch->readers >> reader & 1) == 0) continue;
        if ((feed->heard[reader] >> shard & 1) == 0) {
            *ret_unheard = (enum domain)reader;
            return false;
        }
        if (feed->kept[reader][shard] < through) through = feed->kept[reader][shard];
    }
    *ret_through = through;
    return true;
}

enum status feed_source_trim(struct hosted *hosted, int64_t *ret_deleted)
{
    assert(hosted != NULL);
    assert(ret_deleted != NULL);
    struct host *host = hosted->host;
    const int64_t kept_us = config_duration_us(host->config, SETTING_EVENTS_KEPT);
    unsigned shards[SHARD_COUNT], unheard_count = 0;
    uint64_t through[SHARD_COUNT];
    size_t count = 0;
    enum domain unheard = hosted->domain;
    for (unsigned shard = hosted->shard_first; shard <= hosted->shard_last; shard++) {
        shards[count] = shard;
        if (find_passed(hosted, shard, &through[count], &unheard))
            count++;
        else
            unheard_count++;
    }
    if (unheard_count > 0)
        log_warning("events_not_trimmed", LOG_STRING("source", domain_name(hosted->domain)),
                    LOG_STRING("unheard", domain_name(unheard)), LOG_INT("shards", unheard_count));
    *ret_deleted = 0;
    if (count == 0) return STATUS_OK;
    const struct feed_trimming trimming = {
        .shards = shards,
        .through = through,
        .count = count,
        .before_us = loop_market_us(host->loop) - kept_us,
        .lost_us =
            loop_real_us(host->loop) - config_duration_us(host->config, SETTING_EVENTS_READER_LOST),
    };
    TRY(feed_trim(hosted->database, &trimming, loop_now_us(host->loop) + FREE_TIMEOUT_US,
                  ret_deleted));
    metric_add(METRIC_EVENTS_TRIMMED, *ret_deleted);
    return STATUS_OK;
}
