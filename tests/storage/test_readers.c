/* Reads of several askers on the read connections of one database: nobody waits for the many or
 * slow reads of somebody else. */
#include <stdio.h>

#include "tests/storage/storage_world.h"
#include "tests/support/cmocka.h"

enum { READS_MAX = 80, ASKER = 7, OTHER = 8 };

static const struct statement slow = { .name = "slow", .sql = "SELECT pg_sleep(0.04)::text, $1" };
static const struct statement quick = { .name = "quick", .sql = "SELECT 'x', $1" };
static const struct statement leave_a_mark = {
    .name = "leave_a_mark",
    .sql = "INSERT INTO account (id, version, balance) SELECT gen_random_uuid(), 1, $1 "
           "FROM pg_sleep(0.04) RETURNING 1",
};
static const struct statement count_sleeping = {
    .name = "count_sleeping",
    .sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND "
           "wait_event = 'PgSleep' AND $1 = 0",
};

struct one_read {
    struct world *world;
    struct arena *arena;
    read_asker asker;
    const struct statement *statement;
    int64_t patience_us;
    enum status status;
    int64_t value; /* that was found */
    size_t order;  /* 1 for the first that has ended */
};

static struct one_read reads[READS_MAX];
static size_t reads_count, done_count;
static struct completion all_done;

static struct one_read *add(struct world *world, read_asker asker,
                            const struct statement *statement)
{
    struct one_read *one = &reads[reads_count++];
    *one = (struct one_read){ .world = world,
                              .arena = arena_new(1024),
                              .asker = asker,
                              .statement = statement,
                              .patience_us = 20000000 };
    return one;
}

static void read_one(void *argument)
{
    struct one_read *one = argument;
    struct store_params params = { .count = 0 };
    struct rows rows;
    param_int(&params, one->arena, 0);
    one->status = query_run_for(one->world->database, one->asker, one->arena, one->statement,
                                &params, world_deadline_us(one->world, one->patience_us), &rows);
    one->order = ++done_count;
    if (done_count == reads_count) completion_finish(&all_done, STATUS_OK);
}

static void story_read(struct world *world)
{
    completion_init(&all_done, world->fibers);
    for (size_t i = 0; i < reads_count; i++)
        assert_int_equal(fiber_spawn(world->fibers, read_one, &reads[i]), STATUS_OK);
    assert_int_equal(completion_wait(&all_done, INT64_MAX), STATUS_OK);
}

static int open_world(void **state)
{
    reads_count = done_count = 0;
    return world_setup(state);
}

static int close_world(void **state)
{
    for (size_t i = 0; i < reads_count; i++)
        arena_destroy(&reads[i].arena);
    return world_teardown(state);
}

static void slow_reads_of_one_do_not_hold_up_those_of_another(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < 40; i++)
        (void)add(world, ASKER, &slow);
    struct one_read *others[10];
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        others[i] = add(world, i % 2 == 0 ? OTHER : 0, &quick);

    world_run(world, story_read);

    for (size_t i = 0; i < reads_count; i++)
        assert_int_equal(reads[i].status, STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        assert_in_range(others[i]->order, 1, ARRAY_LENGTH(others) + 8); /* of 50 */
}

static void story_look(struct world *world)
{
    completion_init(&all_done, world->fibers);
    struct one_read *look = &reads[reads_count - 1];
    for (size_t i = 0; i + 1 < reads_count; i++)
        assert_int_equal(fiber_spawn(world->fibers, read_one, &reads[i]), STATUS_OK);
    int64_t most = 0;
    while (done_count + 1 < reads_count) {
        struct store_params params = { .count = 0 };
        struct rows rows;
        param_int(&params, look->arena, 0);
        assert_int_equal(query_run(world->database, look->arena, &count_sleeping, &params,
                                   world_deadline_us(world, 5000000), &rows),
                         STATUS_OK);
        struct row row = rows_at(&rows, 0);
        const int64_t sleeping = row_int(&row);
        most = sleeping > most ? sleeping : most;
    }
    look->value = most;
}

static void nobody_has_more_than_half_of_the_connections(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < 20; i++)
        (void)add(world, ASKER, &slow);
    const struct one_read *look = add(world, 0, &count_sleeping);

    world_run(world, story_look);

    assert_int_equal(look->value, 1); /* of three */
}

static void read_that_nobody_waits_for_any_more_is_not_run(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < 40; i++)
        add(world, ASKER, &leave_a_mark)->patience_us = 200000;

    world_run(world, story_read);

    size_t late = 0;
    for (size_t i = 0; i < reads_count; i++)
        late += reads[i].status == STATUS_DEADLINE_EXCEEDED ? 1 : 0;
    assert_in_range(late, 20, 39);
    /* Each leaves one, but for the few that were under way at the deadline. */
    assert_in_range(world_number(world, "SELECT count(*) FROM sample.account"), 1, 40 - late + 8);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        STORY(slow_reads_of_one_do_not_hold_up_those_of_another),
        STORY(nobody_has_more_than_half_of_the_connections),
        STORY(read_that_nobody_waits_for_any_more_is_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
