/* Counters, gauges and histograms of one process, listed in metrics.def and exported in the
 * Prometheus text format 0.0.4. One loop, no locks: touched only on the loop's thread. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

#define METRIC(name, kind, exported, help) name,
enum metric {
#include "runtime/metrics.def"
    METRIC_COUNT
};
#undef METRIC

void metric_add(enum metric metric, int64_t amount);
void metric_set(enum metric metric, int64_t value);
int64_t metric_value(enum metric metric);
/* Adds one observation to a histogram. */
void metric_observe_us(enum metric metric, int64_t duration_us);
/* One metric as it travels between processes. */
struct metric_sample {
    struct text name;
    int64_t value;
    int64_t count; /* of a histogram, with its buckets */
    const int64_t *buckets;
    size_t buckets_count;
};
/* What another process has counted. */
struct metric_report {
    struct text process;
    const struct metric_sample *samples;
    size_t samples_count;
};
/* All metrics of this process, in the arena; METRIC_COUNT of them. Refreshes as below. */
const struct metric_sample *metrics_sample(struct arena *arena);
/* The whole exposition, labelled with process="name"; refreshes resident memory and CPU time. Of
 * other processes everything that has a name that is known here, under the same heading. */
struct text metrics_export(struct arena *arena, const char *process,
                           const struct metric_report *others, size_t others_count);
