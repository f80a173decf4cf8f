/* The process's counters, gauges and histograms, and their text for Prometheus. */
#include "runtime/metrics.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/arena.h"

enum { METRICS_EXPORT_MAX = 256 * 1024, METRICS_LABEL_MAX = 64 };

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

static const struct metric_description {
    enum metric_kind kind;
    const char *name, *help;
} descriptions[] = {
#define METRIC(name, kind, exported, help) [name] = { kind, exported, help },
#include "runtime/metrics.def"
#undef METRIC
};

static const int64_t bucket_limits_us[] = {
    50,    100,    200,    500,    1000,    2000,    5000,    10000,    20000,
    50000, 100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000,
};

static struct metric_state {
    int64_t value; /* of a histogram: the sum of its observations */
    int64_t count;
    int64_t buckets[ARRAY_LENGTH(bucket_limits_us)]; /* not cumulative */
} states[METRIC_COUNT];

static_assert(ARRAY_LENGTH(descriptions) == METRIC_COUNT, "each metric is described");

void metric_add(enum metric metric, int64_t amount)
{
    assert(metric < METRIC_COUNT);
    assert(descriptions[metric].kind != HISTOGRAM);
    assert(descriptions[metric].kind == GAUGE || amount >= 0);
    states[metric].value += amount;
}

void metric_set(enum metric metric, int64_t value)
{
    assert(metric < METRIC_COUNT);
    assert(descriptions[metric].kind == GAUGE);
    states[metric].value = value;
}

int64_t metric_value(enum metric metric)
{
    assert(metric < METRIC_COUNT);
    return states[metric].value;
}

void metric_observe_us(enum metric metric, int64_t duration_us)
{
    assert(metric < METRIC_COUNT);
    assert(descriptions[metric].kind == HISTOGRAM);
    struct metric_state *state = &states[metric];
    if (duration_us < 0) duration_us = 0;
    state->value += duration_us;
    state->count++;
    size_t i = 0;
    while (i < ARRAY_LENGTH(bucket_limits_us) && duration_us > bucket_limits_us[i])
        i++;
    if (i < ARRAY_LENGTH(bucket_limits_us)) state->buckets[i]++;
}

static void metrics_refresh_process(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        const int64_t seconds = (int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
        metric_set(METRIC_CPU_MICROSECONDS,
                   seconds * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    }
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return;
    long long total, resident;
    if (fscanf(file, "%lld %lld", &total, &resident) == 2)
        metric_set(METRIC_RESIDENT_BYTES, resident * sysconf(_SC_PAGESIZE));
    (void)fclose(file);
}

/* Writes a duration in seconds, without floating point: the least number of decimals. */
static void export_seconds(struct text_builder *builder, int64_t duration_us)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%lld.%06lld", (long long)(duration_us / 1000000),
                          (long long)(duration_us % 1000000));
    while (digits[length - 1] == '0')
        length--;
    if (digits[length - 1] == '.') length--;
    text_builder_add(builder, (struct text){ .data = digits, .length = (size_t)length });
}

static void export_name(struct text_builder *builder, const char *name, const char *suffix,
                        struct text process)
{
    text_builder_add(builder, text_of(name));
    text_builder_add(builder, text_of(suffix));
    text_builder_add(builder, TEXT("{process=\""));
    text_builder_add(builder, process);
    text_builder_add_byte(builder, '"');
}

static void export_sample(struct text_builder *builder, const char *name, const char *suffix,
                          struct text process, int64_t value)
{
    export_name(builder, name, suffix, process);
    text_builder_add(builder, TEXT("} "));
    text_builder_add_int(builder, value);
    text_builder_add_byte(builder, '\n');
}

static void export_histogram(struct text_builder *builder, enum metric metric, struct text process)
{
    const struct metric_state *state = &states[metric];
    const char *name = descriptions[metric].name;
    int64_t cumulative = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(bucket_limits_us); i++) {
        cumulative += state->buckets[i];
        export_name(builder, name, "_bucket", process);
        text_builder_add(builder, TEXT(",le=\""));
        export_seconds(builder, bucket_limits_us[i]);
        text_builder_add(builder, TEXT("\"} "));
        text_builder_add_int(builder, cumulative);
        text_builder_add_byte(builder, '\n');
    }
    export_name(builder, name, "_bucket", process);
    text_builder_add(builder, TEXT(",le=\"+Inf\"} "));
    text_builder_add_int(builder, state->count);
    text_builder_add_byte(builder, '\n');
    export_name(builder, name, "_sum", process);
    text_builder_add(builder, TEXT("} "));
    export_seconds(builder, state->value);
    text_builder_add_byte(builder, '\n');
    export_sample(builder, name, "_count", process, state->count);
}

/* Label values escape backslash, quote and line feed. */
static struct text export_label(struct arena *arena, const char *process)
{
    struct text_builder builder;
    text_builder_init(&builder, arena, METRICS_LABEL_MAX);
    for (const char *byte = process; *byte != '\0'; byte++) {
        if (*byte == '\\' || *byte == '"') text_builder_add_byte(&builder, '\\');
        if (*byte == '\n')
            text_builder_add(&builder, TEXT("\\n"));
        else
            text_builder_add_byte(&builder, *byte);
    }
    return text_builder_view(&builder);
}

struct text metrics_export(struct arena *arena, const char *process)
{
    assert(process != NULL);
    static const char *const kinds[] = { "counter", "gauge", "histogram" };
    metrics_refresh_process();
    const struct text label = export_label(arena, process);
    struct text_builder builder;
    text_builder_init(&builder, arena, METRICS_EXPORT_MAX);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_description *description = &descriptions[metric];
        text_builder_add(&builder, text_format(arena, "# HELP %s %s\n# TYPE %s %s\n",
                                               description->name, description->help,
                                               description->name, kinds[description->kind]));
        if (description->kind == HISTOGRAM)
            export_histogram(&builder, metric, label);
        else
            export_sample(&builder, description->name, "", label, states[metric].value);
    }
    assert(!builder.is_full);
    return text_builder_view(&builder);
}
