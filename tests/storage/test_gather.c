/* Reads by key that share a statement: each gets its own row, whatever becomes of the others. */
#include <string.h>

#include "storage/columns.h"
#include "storage/gather.h"
#include "tests/storage/storage_world.h"
#include "tests/support/cmocka.h"

enum { READERS_MAX = 100 };

/* Says how many keys the statement was asked for. */
static const struct statement first_byte = {
    .name = "first_byte",
    .sql = "SELECT k, get_byte(uuid_send(k), 0)::bigint, cardinality($1)::bigint,"
           " nullif(get_byte(uuid_send(k), 0), 7)::bigint"
           " FROM (SELECT DISTINCT unnest($1) AS k) x WHERE get_byte(uuid_send(k), 0) < 200",
};
static const struct statement broken = {
    .name = "broken",
    .sql = "SELECT k, (1 / (get_byte(uuid_send(k), 0) - get_byte(uuid_send(k), 0)))::bigint"
           " FROM unnest($1) AS k",
};
static const struct statement slow = {
    .name = "slow",
    .sql = "SELECT k, pg_sleep(0.3)::text FROM unnest($1) AS k",
};

/* Reads by two values: the second is a list of words. */
static const struct statement counted_words = {
    .name = "counted_words",
    .sql = "SELECT u.place, cardinality(u.words::text[])::bigint + u.more, count(*) OVER ()"
           " FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS u (more, words, place)"
           " WHERE u.more <> 13",
};

struct reader {
    struct world *world;
    const struct statement *statement;
    struct arena *arena;
    uint8_t byte;
    int64_t wait_us;
    enum status status;
    size_t rows_count;
    int64_t value, shared_by;
    bool has_null;
};

static struct reader readers[READERS_MAX];
static size_t readers_count, done_count;
static struct completion all_done;

static void read_one(void *argument)
{
    struct reader *reader = argument;
    struct uuid key = { { 0 } };
    struct rows rows = { 0 };
    key.bytes[0] = reader->byte;
    reader->status =
        query_run_by_key(reader->world->database, reader->arena, reader->statement, key,
                         world_deadline_us(reader->world, reader->wait_us), &rows);
    reader->rows_count = rows.count;
    if (rows.count == 1 && reader->statement == &first_byte) {
        struct row row = rows_at(&rows, 0);
        assert_true(uuid_equals(row_uuid(&row), key));
        reader->value = row_int(&row);
        reader->shared_by = row_int(&row);
        reader->has_null = row_skip_null(&row);
    }
    if (++done_count == readers_count) completion_finish(&all_done, STATUS_OK);
}

/* Two words and the reader's byte. */
static void read_by_values(void *argument)
{
    struct reader *reader = argument;
    struct store_params row = { .count = 0 };
    struct rows rows = { 0 };
    param_int(&row, reader->arena, reader->byte);
    param_text_array(&row, reader->arena, (const struct text[]){ TEXT("a\"b"), TEXT("c") }, 2);
    columns_of_row(&row, reader->arena);
    reader->status = query_run_row(reader->world->database, reader->arena, &counted_words, &row,
                                   world_deadline_us(reader->world, reader->wait_us), &rows);
    reader->rows_count = rows.count;
    if (rows.count == 1) {
        struct row first = rows_at(&rows, 0);
        (void)row_int(&first);
        reader->value = row_int(&first);
        reader->shared_by = row_int(&first);
    }
    if (++done_count == readers_count) completion_finish(&all_done, STATUS_OK);
}

static void story_read(struct world *world)
{
    done_count = 0;
    completion_init(&all_done, world->fibers);
    for (size_t i = 0; i < readers_count; i++)
        assert_int_equal(
            fiber_spawn(world->fibers,
                        readers[i].statement == &counted_words ? read_by_values : read_one,
                        &readers[i]),
            STATUS_OK);
    assert_int_equal(completion_wait(&all_done, INT64_MAX), STATUS_OK);
}

static struct reader *add_reader(struct world *world, const struct statement *statement,
                                 uint8_t byte)
{
    struct reader *reader = &readers[readers_count++];
    *reader = (struct reader){
        .world = world,
        .statement = statement,
        .arena = arena_new(1024),
        .byte = byte,
        .wait_us = 5000000,
    };
    return reader;
}

static void read_all(struct world *world)
{
    world_run(world, story_read);
    for (size_t i = 0; i < readers_count; i++)
        arena_destroy(&readers[i].arena);
}

static void forget(void)
{
    readers_count = 0;
}

/* The claim and the Prepare are behind us, so that the turn under test has nothing else in it. */
static void warm_up(struct world *world)
{
    forget();
    (void)add_reader(world, &first_byte, 1);
    read_all(world);
    assert_int_equal(readers[0].status, STATUS_OK);
    forget();
}

static void readers_of_one_turn_share_a_statement_and_get_their_own_rows(void **state)
{
    struct world *world = *state;
    warm_up(world);
    for (uint8_t i = 0; i < 10; i++)
        (void)add_reader(world, &first_byte, i);
    (void)add_reader(world, &first_byte, 3);

    read_all(world);

    for (size_t i = 0; i < readers_count; i++) {
        assert_int_equal(readers[i].status, STATUS_OK);
        assert_int_equal(readers[i].rows_count, 1);
        assert_int_equal(readers[i].value, readers[i].byte);
        assert_int_equal(readers[i].shared_by, 11);
        assert_int_equal(readers[i].has_null, readers[i].byte == 7);
    }
}

static void a_key_without_a_row_gets_none(void **state)
{
    struct world *world = *state;
    warm_up(world);
    const struct reader *known = add_reader(world, &first_byte, 10);
    const struct reader *unknown = add_reader(world, &first_byte, 250);

    read_all(world);

    assert_int_equal(known->rows_count, 1);
    assert_int_equal(unknown->status, STATUS_OK);
    assert_int_equal(unknown->rows_count, 0);
}

static void more_keys_than_fit_are_read_by_another_statement(void **state)
{
    struct world *world = *state;
    warm_up(world);
    for (uint8_t i = 0; i < GATHER_KEYS_MAX + 2; i++)
        (void)add_reader(world, &first_byte, i);

    read_all(world);

    for (size_t i = 0; i < readers_count; i++) {
        assert_int_equal(readers[i].value, i);
        assert_int_equal(readers[i].shared_by, i < GATHER_KEYS_MAX ? GATHER_KEYS_MAX : 2);
    }
}

static void a_failure_meets_all_who_share_it_and_nobody_else(void **state)
{
    struct world *world = *state;
    warm_up(world);
    const struct reader *first = add_reader(world, &broken, 1);
    const struct reader *other = add_reader(world, &first_byte, 2);
    const struct reader *second = add_reader(world, &broken, 3);

    read_all(world);

    assert_int_equal(first->status, STATUS_INTERNAL);
    assert_int_equal(second->status, STATUS_INTERNAL);
    assert_int_equal(other->status, STATUS_OK);
    assert_int_equal(other->value, 2);
}

static void who_leaves_at_his_deadline_does_not_hurt_the_others(void **state)
{
    struct world *world = *state;
    warm_up(world);
    struct reader *hasty = add_reader(world, &slow, 1);
    const struct reader *patient = add_reader(world, &slow, 2);
    hasty->wait_us = 50000;

    read_all(world);

    assert_int_equal(hasty->status, STATUS_DEADLINE_EXCEEDED);
    assert_int_equal(patient->status, STATUS_OK);
    assert_int_equal(patient->rows_count, 1);
}

static void readers_by_several_values_share_a_statement_too(void **state)
{
    struct world *world = *state;
    warm_up(world);
    (void)add_reader(world, &counted_words, 1);
    read_all(world); /* its Prepare is behind us */
    forget();
    for (uint8_t i = 10; i < 20; i++)
        (void)add_reader(world, &counted_words, i);

    read_all(world);

    for (size_t i = 0; i < readers_count; i++) {
        assert_int_equal(readers[i].status, STATUS_OK);
        assert_int_equal(readers[i].rows_count, readers[i].byte == 13 ? 0 : 1);
        if (readers[i].byte == 13) continue;
        assert_int_equal(readers[i].value, readers[i].byte + 2);
        assert_int_equal(readers[i].shared_by, 9);
    }
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(readers_of_one_turn_share_a_statement_and_get_their_own_rows),
        STORY(a_key_without_a_row_gets_none),
        STORY(more_keys_than_fit_are_read_by_another_statement),
        STORY(a_failure_meets_all_who_share_it_and_nobody_else),
        STORY(who_leaves_at_his_deadline_does_not_hurt_the_others),
        STORY(readers_by_several_values_share_a_statement_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
