/* What a consumer does with what it has fetched: batches and their position as one unit, single
 * events, outages, and events that fail however often. */
#include <stdio.h>
#include <string.h>

#include "actors/host/consumer_run.h"
#include "actors/host/consumer_unit.h"
#include "runtime/metrics.h"
#include "tests/actors/host/event_domain.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000 * 1000, EVENTS_MAX = 64 };

/* ---- words ---- */

static bool has_moved;
static struct host_event list[EVENTS_MAX];
static struct host_events events = { .events = list };

static void add(unsigned shard, int64_t sequence, unsigned kind, int64_t number)
{
    const struct uuid id = { { (uint8_t)shard, (uint8_t)sequence } };
    list[events.events_count++] = (struct host_event){
        .shard = shard,
        .sequence = sequence,
        .message = { arena_copy(event_arena, id.bytes, sizeof id.bytes), sizeof id.bytes },
        .key = { arena_copy(event_arena, id.bytes, sizeof id.bytes), sizeof id.bytes },
        .number = kind,
        .at_us = 1,
        .body = event_body(number),
    };
}

static void receive(struct host_stage *unused)
{
    (void)unused;
    has_moved = consumer_receive(event_consumer, &events, event_arena);
}

static void tell(void)
{
    host_stage_tell(event_stage, receive);
}

static void keep(struct host_stage *unused)
{
    (void)unused;
    consumer_keep(event_consumer);
}

static int begin(void **state)
{
    events.events_count = 0;
    return event_open(state);
}

static void assert_cursor(unsigned shard, const char *expected)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(max(seq), 0) FROM host.cursor WHERE source = 'catalog' AND "
                   "shard = %u",
                   shard);
    assert_string_equal(host_stage_sql(sql), expected);
}

static void pass_time(int64_t duration_us)
{
    time_skip_by(&event_stage->skip, duration_us);
}

/* ---- batches ---- */

static void events_of_all_shards_are_one_unit_with_their_cursors(void **state)
{
    (void)state;
    const int64_t batches = metric_value(METRIC_EVENT_BATCHES);
    add(3, 1, BATCHED, 1);
    add(3, 2, BATCHED, 2);
    add(9, 1, BATCHED, 3);
    tell();
    assert_true(has_moved);
    assert_string_equal(event_trace, "1 2 3");
    assert_int_equal(metric_value(METRIC_EVENT_BATCHES) - batches, 1);
    assert_cursor(3, "2");
    assert_cursor(9, "1");
    assert_int_equal(event_consumer->after[3], 2);
    assert_int_equal(event_consumer->kept[3], 2);
}

static void events_that_are_done_are_not_done_again(void **state)
{
    (void)state;
    event_consumer->after[3] = event_consumer->kept[3] = 1;
    (void)host_stage_sql("UPDATE host.cursor SET seq = 1 WHERE shard = 3");
    add(3, 1, BATCHED, 1);
    add(3, 2, BATCHED, 2);
    tell();
    assert_string_equal(event_trace, "2");
}

static void unwanted_events_are_passed_over(void **state)
{
    (void)state;
    add(3, 1, UNWANTED, 1);
    add(3, 2, BATCHED, 2);
    add(3, 3, UNWANTED, 3);
    tell();
    assert_string_equal(event_trace, "2");
    assert_int_equal(event_consumer->after[3], 3);
    assert_cursor(3, "2"); /* what was only passed over need not be committed at once */
}

static void cursor_that_is_not_where_we_believe_moves_nothing(void **state)
{
    (void)state;
    (void)host_stage_sql("UPDATE host.cursor SET seq = 7 WHERE shard = 3");
    add(3, 1, BATCHED, 1);
    tell();
    assert_false(has_moved);
    assert_false(event_consumer->is_open[3]); /* it is read again */
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.cursor WHERE source = 'seen'"),
                        "0");
}

/* ---- event_poison ---- */

static void poison_spoils_its_batch_once_and_only_its_own_shard_after_that(void **state)
{
    (void)state;
    event_poison = 2;
    add(3, 1, BATCHED, 1);
    add(3, 2, BATCHED, 2);
    add(9, 1, BATCHED, 3);
    add(9, 2, BATCHED, 4);
    tell();
    assert_true(has_moved);
    assert_string_equal(event_trace, "1 3 4");
    assert_int_equal(event_consumer->after[3], 1);
    assert_int_equal(event_consumer->after[9], 2);
    assert_int_equal(event_consumer->stalls[3].attempts, 1);
    assert_int_equal(event_consumer->stalls[9].attempts, 0);
}

static void poison_is_set_aside_after_its_attempts_and_the_rest_goes_on(void **state)
{
    (void)state;
    const int64_t attempts = config_int(event_stage->config, SETTING_EVENTS_ATTEMPTS);
    event_poison = 1;
    add(3, 1, BATCHED, 1);
    add(3, 2, BATCHED, 2);
    for (int64_t i = 0; i < attempts; i++) {
        assert_string_equal(event_trace, "");
        tell();
        pass_time(120LL * SECOND_US);
    }
    assert_string_equal(event_trace, "2");
    assert_cursor(3, "2");
    assert_string_equal(
        host_stage_sql("SELECT source || ' ' || shard || ' ' || seq || ' ' || kind || ' ' || "
                       "reason || ' ' || attempts FROM host.parked_event"),
        "catalog 3 1 test.batched wrong_type 12");
    assert_int_equal(event_consumer->stalls[3].attempts, 0);
}

static void pauses_between_attempts_grow(void **state)
{
    (void)state;
    event_poison = 1;
    add(3, 1, SINGLE, 1);
    tell();
    const int64_t first_us = event_consumer->stalls[3].retry_us - loop_now_us(event_stage->loop);
    pass_time(SECOND_US);
    tell();
    const int64_t second_us = event_consumer->stalls[3].retry_us - loop_now_us(event_stage->loop);
    assert_in_range(first_us, 200 * 1000, 250 * 1000);
    assert_in_range(second_us, 450 * 1000, 500 * 1000);
}

static void event_that_goes_well_again_is_no_longer_counted(void **state)
{
    (void)state;
    event_poison = 1;
    add(3, 1, SINGLE, 1);
    tell();
    assert_int_equal(event_consumer->stalls[3].attempts, 1);
    event_poison = -1;
    tell();
    assert_string_equal(event_trace, "1");
    assert_int_equal(event_consumer->stalls[3].attempts, 0);
    assert_false(event_consumer->stalls[3].is_alone);
}

/* ---- outages ---- */

static void outage_is_not_counted_and_waits_a_second(void **state)
{
    (void)state;
    event_poison = 1;
    event_failure = STATUS_UNAVAILABLE;
    add(3, 1, SINGLE, 1);
    for (int i = 0; i < 20; i++)
        tell();
    assert_int_equal(event_consumer->stalls[3].attempts, 0);
    assert_in_range(event_consumer->stalls[3].retry_us - loop_now_us(event_stage->loop), 1,
                    SECOND_US);
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.parked_event"), "0");
}

static void outage_stops_its_own_shard_only(void **state)
{
    (void)state;
    event_poison = 1;
    event_failure = STATUS_UNAVAILABLE;
    add(3, 1, SINGLE, 1);
    add(3, 2, SINGLE, 2);
    add(9, 1, SINGLE, 3);
    tell();
    assert_string_equal(event_trace, "3");
    assert_int_equal(event_consumer->after[3], 0);
}

static void lock_that_lasts_is_no_fault_of_the_event(void **state)
{
    (void)state;
    (void)host_stage_sql("INSERT INTO host.cursor (source, shard, seq) VALUES ('seen', 0, 0)");
    (void)host_stage_sql("BEGIN; SELECT 1 FROM host.cursor WHERE source = 'seen' FOR UPDATE");
    add(3, 1, BATCHED, 1);
    tell();
    (void)host_stage_sql("COMMIT");
    assert_false(has_moved);
    assert_int_equal(event_consumer->stalls[3].attempts, 0);
    assert_true(event_consumer->stalls[3].retry_us > loop_now_us(event_stage->loop));
    assert_true(event_consumer->is_open[3]); /* its cursor is where it was */
    pass_time(2LL * SECOND_US);
    tell();
    assert_true(has_moved);
    assert_cursor(3, "1");
}

/* ---- single events ---- */

static void single_events_of_a_shard_keep_their_order(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 5; i++)
        add(3, i, SINGLE, i);
    tell();
    assert_string_equal(event_trace, "1 2 3 4 5");
    assert_int_equal(event_consumer->after[3], 5);
    assert_true(event_consumer->is_dirty);
}

static void more_shards_than_lanes_are_all_served(void **state)
{
    (void)state;
    for (unsigned shard = 0; shard < 20; shard++)
        add(shard, 1, SINGLE, shard);
    tell();
    for (unsigned shard = 0; shard < 20; shard++)
        assert_int_equal(event_consumer->after[shard], 1);
}

static void batched_and_single_events_of_a_shard_keep_their_order(void **state)
{
    (void)state;
    add(3, 1, BATCHED, 1);
    add(3, 2, SINGLE, 2);
    add(3, 3, BATCHED, 3);
    tell();
    assert_string_equal(event_trace, "1 2 3");
}

static void cursor_of_single_events_is_committed_when_they_are_done(void **state)
{
    (void)state;
    add(3, 1, SINGLE, 1);
    tell();
    assert_cursor(3, "0");
    host_stage_tell(event_stage, keep);
    assert_cursor(3, "1");
    assert_false(event_consumer->is_dirty);
}

static void cursor_of_what_was_passed_over_lags_for_five_seconds(void **state)
{
    (void)state;
    event_consumer->kept_us = loop_now_us(event_stage->loop);
    add(3, 1, UNWANTED, 1);
    tell();
    host_stage_tell(event_stage, keep);
    assert_cursor(3, "0");
    pass_time(6LL * SECOND_US);
    host_stage_tell(event_stage, keep);
    assert_cursor(3, "1");
}

static void work_about_an_event_has_an_id_that_follows_from_it(void **state)
{
    (void)state;
    add(3, 1, SINGLE, 1);
    const struct consumer_handing first = consumer_hand(event_consumer, &list[0]);
    const struct consumer_handing again = consumer_hand(event_consumer, &list[0]);
    assert_int_equal(first.entry->message->number, SINGLE);
    assert_true(uuid_equals(first.id, again.id));
    add(3, 2, UNWANTED, 1);
    assert_null(consumer_hand(event_consumer, &list[1]).entry);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, begin, event_close)
    const struct CMUnitTest tests[] = {
        CLAIM(events_of_all_shards_are_one_unit_with_their_cursors),
        CLAIM(events_that_are_done_are_not_done_again),
        CLAIM(unwanted_events_are_passed_over),
        CLAIM(cursor_that_is_not_where_we_believe_moves_nothing),
        CLAIM(poison_spoils_its_batch_once_and_only_its_own_shard_after_that),
        CLAIM(poison_is_set_aside_after_its_attempts_and_the_rest_goes_on),
        CLAIM(pauses_between_attempts_grow),
        CLAIM(event_that_goes_well_again_is_no_longer_counted),
        CLAIM(outage_is_not_counted_and_waits_a_second),
        CLAIM(outage_stops_its_own_shard_only),
        CLAIM(lock_that_lasts_is_no_fault_of_the_event),
        CLAIM(single_events_of_a_shard_keep_their_order),
        CLAIM(more_shards_than_lanes_are_all_served),
        CLAIM(batched_and_single_events_of_a_shard_keep_their_order),
        CLAIM(cursor_of_single_events_is_committed_when_they_are_done),
        CLAIM(cursor_of_what_was_passed_over_lags_for_five_seconds),
        CLAIM(work_about_an_event_has_an_id_that_follows_from_it),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
