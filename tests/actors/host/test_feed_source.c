/* The source's side of events: what it answers, and what it may forget. */
#include <stdio.h>
#include <string.h>

#include "actors/host/feed_source.h"
#include "host_messages.h"
#include "messages/codec_msgpack.h"
#include "runtime/metrics.h"
#include "tests/actors/host/host_stage.h"
#include "tests/support/cmocka.h"

enum { WAIT_US = 10 * 1000 * 1000, WANTED = 3101, OTHER = 3102, MAX = 100 };

static struct host_stage *stage;
static struct arena *arena;
static struct host_events events;
/* What is asked for. */
static struct host_cursor cursors[SHARD_COUNT];
static struct host_fetch_events query;
static int64_t deleted;

static int open_stage(void **state)
{
    static const int64_t numbers[] = { WANTED };
    const int result = host_stage_open(state);
    stage = *state;
    arena = arena_new(65536);
    query = (struct host_fetch_events){ .cursors = cursors,
                                        .max = MAX,
                                        .reader = DOMAIN_NOTIFICATION,
                                        .numbers = numbers,
                                        .numbers_count = 1 };
    stage->dispatch.readers = 1u << DOMAIN_NOTIFICATION;
    return result;
}

static int close_stage(void **state)
{
    arena_destroy(&arena);
    return host_stage_close(state);
}

/* `count` events of a shard, numbered from `first`. */
static void publish(unsigned shard, unsigned first, unsigned count, unsigned number, unsigned bytes)
{
    char sql[500];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.outbox (shard, seq, msg_id, number, key, body, at) "
                   "SELECT %u, i, gen_random_uuid(), %u, gen_random_uuid(), "
                   "convert_to(repeat('x', %u), 'UTF8'), 1 FROM generate_series(%u, %u) i",
                   shard, number, bytes, first, first + count - 1);
    (void)host_stage_sql(sql);
}

static void ask_for(unsigned shard, int64_t after, int64_t kept)
{
    cursors[query.cursors_count++] =
        (struct host_cursor){ .shard = shard, .after = after, .kept = kept };
}

static void fetch(struct host_stage *unused)
{
    struct text body, answer;
    (void)unused;
    assert_int_equal(
        msgpack_encode(&host_fetch_events_schema, &query, arena, ENVELOPE_BODY_MAX, &body),
        STATUS_OK);
    assert_int_equal(feed_source_answer(&stage->hosted, arena, body,
                                        loop_now_us(stage->loop) + WAIT_US, &answer),
                     STATUS_OK);
    assert_int_equal(msgpack_decode(&host_events_schema, answer, arena, &events), STATUS_OK);
}

static void trim(struct host_stage *unused)
{
    (void)unused;
    assert_int_equal(feed_source_trim(&stage->hosted, &deleted), STATUS_OK);
}

/* ---- answers ---- */

static void events_after_the_cursor_come_in_order(void **state)
{
    (void)state;
    publish(5, 1, 4, WANTED, 10);
    ask_for(5, 2, 2);
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 2);
    assert_int_equal(events.events[0].sequence, 3);
    assert_int_equal(events.events[1].sequence, 4);
    assert_int_equal(events.events[0].shard, 5);
    assert_int_equal(events.events[0].number, WANTED);
    assert_int_equal(events.events[0].message.length, 16);
    assert_false(events.has_more);
}

static void shards_that_are_not_asked_for_stay_at_home(void **state)
{
    (void)state;
    publish(5, 1, 2, WANTED, 10);
    publish(6, 1, 2, WANTED, 10);
    ask_for(6, 0, 0);
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 2);
    assert_int_equal(events.events[0].shard, 6);
}

static void what_the_reader_does_not_want_only_moves_its_cursor(void **state)
{
    (void)state;
    publish(5, 1, 2, WANTED, 10);
    publish(5, 3, 3, OTHER, 10);
    ask_for(5, 0, 0);
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 3); /* the two, and the last of the others */
    assert_int_equal(events.events[2].sequence, 5);
    assert_int_equal(events.events[2].body.length, 0);
}

static void answer_is_no_longer_than_was_asked_for(void **state)
{
    (void)state;
    publish(5, 1, 10, WANTED, 10);
    query.max = 4;
    ask_for(5, 0, 0);
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 4);
    assert_true(events.has_more);
}

static void answer_is_no_larger_than_a_message(void **state)
{
    (void)state;
    publish(5, 1, 10, WANTED, ENVELOPE_BODY_MAX / 5);
    ask_for(5, 0, 0);
    host_stage_tell(stage, fetch);
    assert_in_range(events.events_count, 1, 4);
    assert_true(events.has_more);
}

static void gap_is_a_loss_and_is_counted(void **state)
{
    (void)state;
    const int64_t missing = metric_value(METRIC_EVENTS_MISSING);
    publish(5, 4, 1, WANTED, 10);
    ask_for(5, 2, 2); /* number 3 is gone */
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 1);
    assert_int_equal(metric_value(METRIC_EVENTS_MISSING) - missing, 1);
}

static void reader_that_begins_may_come_late(void **state)
{
    (void)state;
    const int64_t missing = metric_value(METRIC_EVENTS_MISSING);
    publish(5, 4, 1, WANTED, 10);
    ask_for(5, 0, 0);
    host_stage_tell(stage, fetch);
    assert_int_equal(events.events_count, 1);
    assert_int_equal(metric_value(METRIC_EVENTS_MISSING), missing);
}

static void answer_garbage(struct host_stage *unused)
{
    struct text answer;
    (void)unused;
    assert_int_not_equal(feed_source_answer(&stage->hosted, arena, TEXT("xyz"),
                                            loop_now_us(stage->loop) + WAIT_US, &answer),
                         STATUS_OK);
}

static void question_that_cannot_be_read_is_refused(void **state)
{
    (void)state;
    host_stage_tell(stage, answer_garbage);
}

/* ---- forgetting ---- */

static void hear_of_all(int64_t kept)
{
    query.cursors_count = 0;
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        ask_for(shard, kept, kept);
    host_stage_tell(stage, fetch);
}

static void nothing_is_forgotten_before_the_reader_has_spoken(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 0);
    hear_of_all(3);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 3);
}

static void only_what_is_committed_at_the_reader_is_forgotten(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    hear_of_all(2);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 2);
    assert_string_equal(host_stage_sql("SELECT seq FROM host.outbox"), "3");
}

static void slowest_reader_decides(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    stage->dispatch.readers |= 1u << DOMAIN_CATALOG;
    hear_of_all(3);
    query.reader = DOMAIN_CATALOG;
    hear_of_all(1);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 1);
}

static void reader_that_is_silent_keeps_everything(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    stage->dispatch.readers |= 1u << DOMAIN_CATALOG;
    hear_of_all(3);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 0);
}

static void word_that_is_older_does_not_take_back_a_newer_one(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    hear_of_all(3);
    hear_of_all(1); /* it was late on the way */
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 3);
}

static void young_events_are_kept_though_all_have_passed_them(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    (void)host_stage_sql("UPDATE host.outbox SET at = 9000000000000000 WHERE seq > 1");
    hear_of_all(3);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 1);
}

/* A named reader that has passed `through` in every shard and was heard of `ago_s` seconds ago. */
static void name_reader(unsigned through, unsigned ago_s)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.reader SELECT 'search/node-%u', array_fill(%u::bigint, "
                   "ARRAY[64]), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - "
                   "%u * 1000000::bigint",
                   ago_s, through, ago_s);
    (void)host_stage_sql(sql);
}

static void search_index_that_lags_behind_is_waited_for(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    hear_of_all(3);
    name_reader(1, 60);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 1);
}

static void search_index_that_is_gone_for_a_day_is_not_waited_for(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    hear_of_all(3);
    name_reader(1, 25 * 3600);
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 3);
}

static void domain_without_readers_forgets_what_is_old(void **state)
{
    (void)state;
    publish(5, 1, 3, WANTED, 10);
    stage->dispatch.readers = 0;
    host_stage_tell(stage, trim);
    assert_int_equal(deleted, 3);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        CLAIM(events_after_the_cursor_come_in_order),
        CLAIM(shards_that_are_not_asked_for_stay_at_home),
        CLAIM(what_the_reader_does_not_want_only_moves_its_cursor),
        CLAIM(answer_is_no_longer_than_was_asked_for),
        CLAIM(answer_is_no_larger_than_a_message),
        CLAIM(gap_is_a_loss_and_is_counted),
        CLAIM(reader_that_begins_may_come_late),
        CLAIM(question_that_cannot_be_read_is_refused),
        CLAIM(nothing_is_forgotten_before_the_reader_has_spoken),
        CLAIM(only_what_is_committed_at_the_reader_is_forgotten),
        CLAIM(slowest_reader_decides),
        CLAIM(reader_that_is_silent_keeps_everything),
        CLAIM(word_that_is_older_does_not_take_back_a_newer_one),
        CLAIM(young_events_are_kept_though_all_have_passed_them),
        CLAIM(search_index_that_lags_behind_is_waited_for),
        CLAIM(search_index_that_is_gone_for_a_day_is_not_waited_for),
        CLAIM(domain_without_readers_forgets_what_is_old),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
