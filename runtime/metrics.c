/* The process's counters, gauges and histograms, and their text for Prometheus. */
#include "runtime/metrics.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/arena.h"

enum {
    METRICS_EXPORT_MAX = 128 * 1024,
    METRICS_REPORT_MAX = 64 * 1024, /* of each other process */
    METRICS_LABEL_MAX = 128
};

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

/* Another version may have other buckets: then only sum and count are known. */
static void export_histogram(struct text_builder *builder, const char *name, struct text process,
                             const struct metric_sample *sample)
{
    const bool has_buckets = sample->buckets_count == ARRAY_LENGTH(bucket_limits_us);
    int64_t cumulative = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(bucket_limits_us) && has_buckets; i++) {
        cumulative += sample->buckets[i];
        export_name(builder, name, "_bucket", process);
        text_builder_add(builder, TEXT(",le=\""));
        export_seconds(builder, bucket_limits_us[i]);
        text_builder_add(builder, TEXT("\"} "));
        text_builder_add_int(builder, cumulative);
        text_builder_add_byte(builder, '\n');
    }
    export_name(builder, name, "_bucket", process);
    text_builder_add(builder, TEXT(",le=\"+Inf\"} "));
    text_builder_add_int(builder, sample->count);
    text_builder_add_byte(builder, '\n');
    export_name(builder, name, "_sum", process);
    text_builder_add(builder, TEXT("} "));
    export_seconds(builder, sample->value);
    text_builder_add_byte(builder, '\n');
    export_sample(builder, name, "_count", process, sample->count);
}

/* Label values escape backslash, quote and line feed. */
static struct text export_label(struct arena *arena, struct text process)
{
    struct text_builder builder;
    text_builder_init(&builder, arena, METRICS_LABEL_MAX);
    for (size_t i = 0; i < process.length; i++) {
        const char byte = process.data[i];
        if (byte == '\\' || byte == '"') text_builder_add_byte(&builder, '\\');
        if (byte == '\n')
            text_builder_add(&builder, TEXT("\\n"));
        else
            text_builder_add_byte(&builder, byte);
    }
    return text_builder_view(&builder);
}

const struct metric_sample *metrics_sample(struct arena *arena)
{
    metrics_refresh_process();
    struct metric_sample *samples = arena_allocate_array(arena, METRIC_COUNT, sizeof *samples);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_state *state = &states[metric];
        samples[metric] = (struct metric_sample){ .name = text_of(descriptions[metric].name),
                                                  .value = state->value };
        if (descriptions[metric].kind != HISTOGRAM) continue;
        samples[metric].count = state->count;
        samples[metric].buckets = arena_copy(arena, state->buckets, sizeof state->buckets);
        samples[metric].buckets_count = ARRAY_LENGTH(state->buckets);
    }
    return samples;
}

/* What a report says about the metric; NULL: nothing. */
static const struct metric_sample *find_sample(const struct metric_report *report, size_t likely,
                                               const char *name)
{
    /* Processes of one version list the same metrics in the same order. */
    for (size_t i = 0; i < report->samples_count; i++) {
        const struct metric_sample *sample = &report->samples[(likely + i) % report->samples_count];
        if (text_equals_string(sample->name, name)) return sample;
    }
    return NULL;
}

static void export_metric(struct text_builder *builder, enum metric metric, struct text process,
                          const struct metric_sample *sample)
{
    const struct metric_description *description = &descriptions[metric];
    if (description->kind == HISTOGRAM)
        export_histogram(builder, description->name, process, sample);
    else
        export_sample(builder, description->name, "", process, sample->value);
}

struct text metrics_export(struct arena *arena, const char *process,
                           const struct metric_report *others, size_t others_count)
{
    assert(process != NULL);
    static const char *const kinds[] = { "counter", "gauge", "histogram" };
    const struct metric_sample *own = metrics_sample(arena);
    const struct text label = export_label(arena, text_of(process));
    struct text *labels = arena_allocate_array(arena, others_count + 1, sizeof *labels);
    for (size_t i = 0; i < others_count; i++)
        labels[i] = export_label(arena, others[i].process);
    struct text_builder builder;
    text_builder_init(&builder, arena, METRICS_EXPORT_MAX + others_count * METRICS_REPORT_MAX);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_description *description = &descriptions[metric];
        text_builder_add(&builder, text_format(arena, "# HELP %s %s\n# TYPE %s %s\n",
                                               description->name, description->help,
                                               description->name, kinds[description->kind]));
        export_metric(&builder, metric, label, &own[metric]);
        for (size_t i = 0; i < others_count; i++) {
            const struct metric_sample *sample = find_sample(&others[i], metric, description->name);
            if (sample != NULL) export_metric(&builder, metric, labels[i], sample);
        }
    }
    assert(!builder.is_full);
    return text_builder_view(&builder);
}
