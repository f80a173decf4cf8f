/* The outbox as its consumers see it, their cursors, and the rows of sagas. */
#include <string.h>

#include "storage/feed.h"
#include "storage/retention.h"
#include "storage/saga_store.h"
#include "tests/storage/storage_world.h"
#include "tests/support/cmocka.h"

static struct feed_event events[FEED_EVENTS_MAX];
static size_t events_count, wanted_max;
static uint64_t after[2], cursors[64];
static int64_t wanted_number;
static enum status status;

static void story_read(struct world *world)
{
    static const unsigned shards[] = { 7, 3 };
    const struct feed_query query = {
        .shards = shards,
        .after = after,
        .shards_count = 2,
        .numbers = &wanted_number,
        .numbers_count = 1,
        .max = wanted_max,
    };
    status = feed_read(world->database, world->workers[0].arena, &query,
                       world_deadline_us(world, 5000000), events, &events_count);
}

static void read_feed(struct world *world, uint64_t after_seven, uint64_t after_three, size_t max)
{
    after[0] = after_seven;
    after[1] = after_three;
    wanted_max = max;
    wanted_number = WORLD_NUMBER + 100;
    world_run(world, story_read);
    assert_int_equal(status, STATUS_OK);
}

static void publish(struct world *world, unsigned shard, unsigned count)
{
    struct worker *worker = world_worker(world, NULL);
    worker->shard = shard;
    worker->events = count;
    world_work(world);
    assert_int_equal(worker->status, STATUS_OK);
}

static void events_come_in_order_per_shard_and_after_the_cursor(void **state)
{
    struct world *world = *state;
    publish(world, 3, 2);
    publish(world, 7, 3);
    publish(world, 9, 1);

    read_feed(world, 1, 0, FEED_EVENTS_MAX);

    assert_int_equal(events_count, 4);
    assert_int_equal(events[0].shard, 7);
    assert_int_equal(events[0].sequence, 2);
    assert_int_equal(events[1].sequence, 3);
    assert_int_equal(events[2].shard, 3);
    assert_int_equal(events[2].sequence, 1);
    assert_int_equal(events[2].number, WORLD_NUMBER + 100);
    assert_int_equal(events[2].at_us, 1000);
    assert_true(text_equals_string(events[2].body, "event"));
    assert_false(uuid_equals(events[2].msg_id, events[3].msg_id));
    assert_true(uuid_equals(events[2].key, world->workers[0].account));
}

static void feed_gives_no_more_than_asked_for(void **state)
{
    struct world *world = *state;
    publish(world, 7, 3);

    read_feed(world, 0, 0, 2);
    assert_int_equal(events_count, 2);
    read_feed(world, 3, 0, 2);
    assert_int_equal(events_count, 0);
}

static void what_a_reader_does_not_want_comes_without_its_body(void **state)
{
    struct world *world = *state;
    publish(world, 3, 2);
    wanted_max = FEED_EVENTS_MAX;
    wanted_number = WORLD_NUMBER;
    world_run(world, story_read);

    assert_int_equal(events_count, 2);
    assert_int_equal(events[1].sequence, 2);
    assert_int_equal(events[1].body.length, 0);
}

enum { LOST_US = 500 }; /* a reader that was last heard of before it is lost */

static int64_t trim_before_us, trimmed;
static uint64_t trim_through;

static void story_trim_events(struct world *world)
{
    static const unsigned shards[] = { 7 };
    const struct feed_trimming trimming = { .shards = shards,
                                            .through = &trim_through,
                                            .count = 1,
                                            .before_us = trim_before_us,
                                            .lost_us = LOST_US };
    status = feed_trim(world->database, &trimming, world_deadline_us(world, 5000000), &trimmed);
}

static void assert_trims(struct world *world, uint64_t through, int64_t before_us, int64_t count)
{
    trim_through = through;
    trim_before_us = before_us;
    world_run(world, story_trim_events);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(trimmed, count);
}

static void only_old_events_that_all_have_passed_are_deleted(void **state)
{
    struct world *world = *state;
    publish(world, 3, 3);
    publish(world, 7, 3); /* at 1000 */

    assert_trims(world, 0, 5000, 0);
    assert_trims(world, 3, 1000, 0);
    assert_trims(world, 2, 1001, 2);
    assert_trims(world, 2, 1001, 0);
    read_feed(world, 0, 0, FEED_EVENTS_MAX);

    assert_int_equal(events_count, 4);
    assert_int_equal(events[0].shard, 7);
    assert_int_equal(events[0].sequence, 3);
}

/* ---- named readers ---- */

static struct text reader_name;
static uint64_t reader_after[64];
static int64_t reader_at_us;
static struct feed_ends ends;

static void story_speak(struct world *world)
{
    status = feed_reader_speak(world->database, world->workers[0].arena, reader_name, reader_after,
                               reader_at_us, LOST_US, world_deadline_us(world, 5000000));
}

static enum status speak(struct world *world, const char *name, uint64_t passed, int64_t at_us)
{
    reader_name = text_of(name);
    reader_after[7] = passed;
    reader_at_us = at_us;
    world_run(world, story_speak);
    return status;
}

static void story_ends(struct world *world)
{
    status = feed_find_ends(world->database, world->workers[0].arena,
                            world_deadline_us(world, 5000000), &ends);
    assert_int_equal(status, STATUS_OK);
}

static void trimming_waits_for_the_slowest_named_reader(void **state)
{
    struct world *world = *state;
    publish(world, 7, 4);
    assert_int_equal(speak(world, "search/quick", 3, LOST_US), STATUS_OK);
    assert_int_equal(speak(world, "search/slow", 1, LOST_US), STATUS_OK);

    assert_trims(world, 4, 5000, 1);
    assert_int_equal(speak(world, "search/slow", 2, LOST_US), STATUS_OK);
    assert_trims(world, 4, 5000, 1);
    assert_int_equal(speak(world, "search/slow", 4, LOST_US), STATUS_OK);
    assert_trims(world, 4, 5000, 1); /* now the quick one is the slowest */
}

static void consumer_that_is_slower_than_named_readers_decides(void **state)
{
    struct world *world = *state;
    publish(world, 7, 4);
    assert_int_equal(speak(world, "search/quick", 4, LOST_US), STATUS_OK);

    assert_trims(world, 1, 5000, 1);
}

static void reader_that_is_lost_keeps_nothing(void **state)
{
    struct world *world = *state;
    publish(world, 7, 4);
    assert_int_equal(speak(world, "search/lost", 0, LOST_US - 1), STATUS_OK);

    assert_trims(world, 4, 5000, 4);
    assert_int_equal(speak(world, "search/other", 4, LOST_US), STATUS_OK);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.reader"), 1);
}

static void reader_beyond_the_bound_is_told_so_until_one_is_lost(void **state)
{
    struct world *world = *state;
    publish(world, 7, 1);
    (void)scratch_sql(world->scratch, "sample",
                      "INSERT INTO host.reader SELECT 'search/' || i, array_fill(0::bigint, "
                      "ARRAY[64]), 499 FROM generate_series(1, 64) i");

    assert_int_equal(speak(world, "search/new", 1, LOST_US), STATUS_OVERLOADED);
    assert_int_equal(speak(world, "search/new", 1, LOST_US), STATUS_OK);
}

static void gap_and_a_database_that_went_back_are_seen_by_their_ends(void **state)
{
    struct world *world = *state;
    publish(world, 7, 4);
    publish(world, 3, 1);
    assert_trims(world, 2, 5000, 2);
    world_run(world, story_ends);

    assert_true(feed_is_lost(&ends, 7, 1));
    assert_false(feed_is_lost(&ends, 7, 2));
    assert_false(feed_is_lost(&ends, 7, 4));
    assert_true(feed_is_lost(&ends, 7, 5));
    assert_false(feed_is_lost(&ends, 3, 0));
    assert_false(feed_is_lost(&ends, 9, 0));
}

static void gap_is_seen_when_no_event_is_left(void **state)
{
    struct world *world = *state;
    publish(world, 7, 2);
    assert_trims(world, 2, 5000, 2);
    world_run(world, story_ends);

    assert_true(feed_is_lost(&ends, 7, 1));
    assert_false(feed_is_lost(&ends, 7, 2));
}

/* ---- cursors ---- */

static uint64_t move_from, move_to;

static void write_cursor(struct worker *worker, struct unit *unit)
{
    const struct feed_move moves[] = { { .shard = 4, .from = move_from, .to = move_to },
                                       { .shard = 9, .from = move_from, .to = move_to } };
    feed_move_cursors(unit, worker->arena, "wallet", moves, 2);
}

static enum status move_cursor(struct world *world, uint64_t from, uint64_t to)
{
    move_from = from;
    move_to = to;
    struct worker *worker = world_worker(world, write_cursor);
    world_work(world);
    return worker->status;
}

static void story_cursors(struct world *world)
{
    status = feed_cursors(world->database, world->workers[0].arena, "wallet", 0, 31,
                          world_deadline_us(world, 5000000), cursors);
}

static void cursor_moves_only_from_where_it_is(void **state)
{
    struct world *world = *state;
    publish(world, 3, 1);
    world_run(world, story_cursors);

    assert_int_equal(move_cursor(world, 3, 5), STATUS_CONFLICT);
    assert_int_equal(move_cursor(world, 0, 5), STATUS_OK);
    assert_int_equal(move_cursor(world, 0, 6), STATUS_CONFLICT);
    assert_int_equal(move_cursor(world, 5, 9), STATUS_OK);
    world_run(world, story_cursors);

    assert_int_equal(status, STATUS_OK);
    assert_int_equal(cursors[4], 9);
    assert_int_equal(cursors[9], 9);
    assert_int_equal(cursors[5], 0);
}

static struct saga_row sagas[SAGA_ROWS_MAX];
static size_t sagas_count;

static void write_saga(struct worker *worker, struct unit *unit)
{
    struct saga_row row = { .id = { { 1 } },
                            .shard = WORLD_SHARD,
                            .kind = TEXT("checkout"),
                            .version = 2,
                            .data = TEXT("data"),
                            .has_idempotency = true,
                            .idempotency_key = { 8 },
                            .fingerprint = { 9 },
                            .started_us = 10,
                            .deadline_us = 20 };
    saga_store_insert(unit, worker->arena, &row);
}

static void write_pivot(struct worker *worker, struct unit *unit)
{
    saga_store_reach_pivot(unit, worker->arena, (struct uuid){ { 1 } });
}

static void write_undo(struct worker *worker, struct unit *unit)
{
    saga_store_begin_undo(unit, worker->arena, (struct uuid){ { 1 } }, STATUS_OVERLOADED);
}

static void write_done(struct worker *worker, struct unit *unit)
{
    saga_store_done(unit, worker->arena, (struct uuid){ { 1 } });
}

static void story_sagas(struct world *world)
{
    status =
        saga_store_open(world->database, world->workers[0].arena, 0, 31, (struct uuid){ { 0 } },
                        world_deadline_us(world, 5000000), sagas, &sagas_count);
}

static enum status write_step(struct world *world,
                              void (*write)(struct worker *worker, struct unit *unit))
{
    struct worker *worker = world_worker(world, write);
    world_work(world);
    return worker->status;
}

static void open_saga_is_found_again_as_it_was_written(void **state)
{
    struct world *world = *state;
    assert_int_equal(write_step(world, write_saga), STATUS_OK);
    assert_int_equal(write_step(world, write_saga), STATUS_DUPLICATE);

    world_run(world, story_sagas);

    assert_int_equal(status, STATUS_OK);
    assert_int_equal(sagas_count, 1);
    assert_true(text_equals_string(sagas[0].kind, "checkout"));
    assert_int_equal(sagas[0].version, 2);
    assert_true(text_equals_string(sagas[0].data, "data"));
    assert_true(sagas[0].has_idempotency);
    assert_int_equal(sagas[0].idempotency_key[0], 8);
    assert_int_equal(sagas[0].fingerprint[0], 9);
    assert_int_equal(sagas[0].deadline_us, 20);
}

static void saga_behind_its_pivot_is_not_undone_and_ends_once(void **state)
{
    struct world *world = *state;
    assert_int_equal(write_step(world, write_saga), STATUS_OK);

    assert_int_equal(write_step(world, write_pivot), STATUS_OK);
    assert_int_equal(write_step(world, write_undo), STATUS_CONFLICT);
    assert_int_equal(write_step(world, write_done), STATUS_OK);
    assert_int_equal(write_step(world, write_done), STATUS_CONFLICT);
    world_run(world, story_sagas);

    assert_int_equal(sagas_count, 0);
}

static int64_t deleted;

static void story_trim(struct world *world)
{
    status = retention_trim(world->database, 1000, world_deadline_us(world, 5000000), &deleted);
}

static void old_answers_are_trimmed_in_batches_and_new_ones_kept(void **state)
{
    struct world *world = *state;
    publish(world, 3, 1);
    (void)scratch_sql(world->scratch, "sample",
                      "INSERT INTO host.inbox SELECT gen_random_uuid(), 1, 'ok', 200, '', 999 "
                      "FROM generate_series(1, 600)");

    world_run(world, story_trim);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(deleted, RETENTION_ROWS_MAX);
    world_run(world, story_trim);

    assert_int_equal(deleted, 100);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 1);
}

static void story_late(struct world *world)
{
    static const struct statement sleep = { "sleep", "SELECT pg_sleep(1)::text", 0, 0, 0, false };
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct store_params none = { .count = 0 };
    struct rows rows;
    status =
        query_run(world->database, arena, &sleep, &none, world_deadline_us(world, 100000), &rows);
}

static void late_query_leaves_its_memory_alone(void **state)
{
    struct world *world = *state;
    (void)world_worker(world, NULL);

    world_run(world, story_late);
    assert_int_equal(status, STATUS_DEADLINE_EXCEEDED);
    /* The answer arrives now, behind the one that nobody waits for. */
    read_feed(world, 0, 0, 1);

    assert_int_equal(events_count, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(events_come_in_order_per_shard_and_after_the_cursor),
        STORY(feed_gives_no_more_than_asked_for),
        STORY(what_a_reader_does_not_want_comes_without_its_body),
        STORY(only_old_events_that_all_have_passed_are_deleted),
        STORY(trimming_waits_for_the_slowest_named_reader),
        STORY(consumer_that_is_slower_than_named_readers_decides),
        STORY(reader_that_is_lost_keeps_nothing),
        STORY(reader_beyond_the_bound_is_told_so_until_one_is_lost),
        STORY(gap_and_a_database_that_went_back_are_seen_by_their_ends),
        STORY(gap_is_seen_when_no_event_is_left),
        STORY(cursor_moves_only_from_where_it_is),
        STORY(open_saga_is_found_again_as_it_was_written),
        STORY(saga_behind_its_pivot_is_not_undone_and_ends_once),
        STORY(old_answers_are_trimmed_in_batches_and_new_ones_kept),
        STORY(late_query_leaves_its_memory_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
