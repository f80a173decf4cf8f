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
/* The whole exposition, labelled with process="name"; refreshes resident memory and CPU time. */
struct text metrics_export(struct arena *arena, const char *process);
