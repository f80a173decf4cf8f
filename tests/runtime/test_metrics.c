/* The exposition for Prometheus. */
#include <string.h>

#include "runtime/arena.h"
#include "runtime/metrics.h"
#include "tests/support/cmocka.h"

static void counters_and_gauges_are_exported_with_help_and_type(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    metric_add(METRIC_MESSAGES, 2);
    metric_add(METRIC_MESSAGES, 3);
    metric_set(METRIC_ACTIVATIONS, 7);
    metric_add(METRIC_ACTIVATIONS, -1);
    assert_int_equal(metric_value(METRIC_MESSAGES), 5);
    const char *text = text_string(arena, metrics_export(arena, "node-1", NULL, 0));
    assert_non_null(strstr(text, "# HELP souk_messages_total Messages handled by actors.\n"
                                 "# TYPE souk_messages_total counter\n"
                                 "souk_messages_total{process=\"node-1\"} 5\n"));
    assert_non_null(strstr(text, "# TYPE souk_activations gauge\n"
                                 "souk_activations{process=\"node-1\"} 6\n"));
    arena_destroy(&arena);
}

static void histogram_buckets_are_cumulative_and_in_seconds(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    metric_observe_us(METRIC_HANDLER_TIME, 50);
    metric_observe_us(METRIC_HANDLER_TIME, 51);
    metric_observe_us(METRIC_HANDLER_TIME, 1500000);
    metric_observe_us(METRIC_HANDLER_TIME, 99000000);
    const char *text = text_string(arena, metrics_export(arena, "n", NULL, 0));
    const char *expected[] = {
        "# TYPE souk_handler_seconds histogram\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"0.00005\"} 1\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"0.0001\"} 2\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"1\"} 2\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"2\"} 3\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"10\"} 3\n",
        "souk_handler_seconds_bucket{process=\"n\",le=\"+Inf\"} 4\n",
        "souk_handler_seconds_sum{process=\"n\"} 100.500101\n",
        "souk_handler_seconds_count{process=\"n\"} 4\n",
    };
    const char *position = text;
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        position = strstr(position, expected[i]);
        assert_non_null(position);
    }
    arena_destroy(&arena);
}

static void other_processes_stand_under_the_same_heading(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const int64_t buckets[] = { 1, 2 }; /* of another version */
    const struct metric_sample samples[] = {
        { .name = TEXT("souk_units_total"), .value = 3 },
        { .name = TEXT("souk_not_known_here"), .value = 4 },
        { .name = TEXT("souk_handler_seconds"), 1500000, 3, buckets, ARRAY_LENGTH(buckets) },
    };
    const struct metric_report other = { TEXT("node"), samples, ARRAY_LENGTH(samples) };
    const char *text = text_string(arena, metrics_export(arena, "gateway", &other, 1));
    const char *own = strstr(text, "# TYPE souk_units_total counter\n"
                                   "souk_units_total{process=\"gateway\"} ");
    assert_non_null(own);
    const char *next = strchr(strchr(own, '\n') + 1, '\n') + 1;
    assert_int_equal(strncmp(next, "souk_units_total{process=\"node\"} 3\n", 35), 0);
    assert_null(strstr(text, "souk_not_known_here"));
    assert_null(strstr(text, "souk_handler_seconds_bucket{process=\"node\",le=\"1\"}"));
    assert_non_null(strstr(text, "souk_handler_seconds_count{process=\"node\"} 3\n"));
    arena_destroy(&arena);
}

static void process_figures_are_refreshed_and_labels_escaped(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const char *text = text_string(arena, metrics_export(arena, "a\"b\\c\nd", NULL, 0));
    assert_non_null(strstr(text, "souk_fibers{process=\"a\\\"b\\\\c\\nd\"} 0\n"));
    assert_true(metric_value(METRIC_RESIDENT_BYTES) > 100000);
    assert_true(metric_value(METRIC_CPU_MICROSECONDS) >= 0);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_and_gauges_are_exported_with_help_and_type),
        cmocka_unit_test(histogram_buckets_are_cumulative_and_in_seconds),
        cmocka_unit_test(other_processes_stand_under_the_same_heading),
        cmocka_unit_test(process_figures_are_refreshed_and_labels_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
