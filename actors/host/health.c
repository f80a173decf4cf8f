/* Whether a domain's database answers and takes writes, and what the process has counted. */
#include "actors/host/health.h"

#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"

static const struct host_metric *list_metrics(struct arena *arena)
{
    const struct metric_sample *samples = metrics_sample(arena);
    struct host_metric *metrics = arena_allocate_array(arena, METRIC_COUNT, sizeof *metrics);
    for (size_t i = 0; i < METRIC_COUNT; i++)
        metrics[i] = (struct host_metric){ .name = samples[i].name,
                                           .value = samples[i].value,
                                           .count = samples[i].count,
                                           .buckets = samples[i].buckets,
                                           .buckets_count = samples[i].buckets_count };
    return metrics;
}

enum status health_answer(struct hosted *hosted, struct arena *arena, struct text body,
                          int64_t deadline_us, struct text *ret_body)
{
    assert(hosted != NULL);
    assert(arena != NULL);
    assert(ret_body != NULL);
    (void)body; /* says nothing */
    (void)deadline_us;
    const struct host_health reply = {
        .is_answering = database_is_answering(hosted->database),
        .has_is_writable = true,
        .is_writable = database_is_writable(hosted->database),
        .process = text_of(hosted->host->name),
        .shard_last = hosted->shard_last,
        .metrics = list_metrics(arena),
        .metrics_count = METRIC_COUNT,
    };
    return msgpack_encode(&host_health_schema, &reply, arena, ENVELOPE_BODY_MAX, ret_body);
}
