/* Pipelined segments over a real PostgreSQL: results, errors, and the loss of the connection. */
#include <stdio.h>
#include <string.h>

#include "storage/connection.h"
#include "storage/values.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch_database.h"

enum { SEGMENTS_MAX = 6, CALLS_MAX = 4, ARENA_BYTES = 4096 };

static const struct statement select_sum = {
    "select_sum", "SELECT $1::bigint + $2", 0, 0, 0, false
};
static const struct statement select_zero = { "select_zero", "SELECT 1 / ($1::bigint)", 0, 0, 0,
                                              false };
static const struct statement select_nonsense = { "select_nonsense", "SELEC 1", 0, 0, 0, false };
static const struct statement select_sleep = { "select_sleep", "SELECT pg_sleep(3)::text", 0, 0, 0,
                                               false };
static const struct statement select_pid = {
    "select_pid", "SELECT pg_backend_pid()", 0, 0, 0, false
};
static const struct statement insert_account = {
    "insert_account",
    "INSERT INTO account (id, version, balance) VALUES ($1, 1, $2)",
    STATUS_DUPLICATE,
    STATUS_OUT_OF_RANGE,
    0,
    false
};
static const struct statement count_accounts = {
    "count_accounts", "SELECT count(*) FROM account", 0, 0, 0, false
};
static const struct statement select_values = {
    "select_values",
    "SELECT $1::bigint, $2::smallint, $3::bool, $4::uuid, $5::text, $6::bytea, $7::bigint[], "
    "$8::smallint[], $9::uuid[], $10::text[], $11::bigint, $12::bytea[], 'EUR'::char(3)",
    0,
    0,
    0,
    false
};

struct world {
    struct scratch *scratch;
    struct loop *loop;
    struct connection *connection;
    struct arena *arena;
    struct store_segment segments[SEGMENTS_MAX];
    struct store_call calls[SEGMENTS_MAX][CALLS_MAX];
    size_t segments_count, expected, done;
    const struct store_segment *order[SEGMENTS_MAX];
};

static struct world *the_world; /* on_done has no context of its own */

static int setup(void **state)
{
    static struct world world;
    memset(&world, 0, sizeof world);
    world.scratch = scratch_new((const char *const[]){ "sample" }, 1, "tests/storage/actors");
    world.loop = loop_new();
    world.arena = arena_new(ARENA_BYTES);
    world.connection = connection_new(
        &(struct connection_options){ .loop = world.loop,
                                      .conninfo = scratch_conninfo(world.scratch, "sample"),
                                      .application_name = "test" });
    *state = the_world = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    connection_destroy(&world->connection);
    loop_destroy(&world->loop);
    arena_destroy(&world->arena);
    scratch_destroy(&world->scratch);
    return 0;
}

static void on_done(struct store_segment *segment)
{
    the_world->order[the_world->done++] = segment;
    if (the_world->done == the_world->expected) loop_stop(the_world->loop);
}

static struct store_segment *segment_new(struct world *world)
{
    const size_t index = world->segments_count++;
    struct store_segment *segment = &world->segments[index];
    segment->calls = world->calls[index];
    segment->arena = world->arena;
    segment->on_done = on_done;
    return segment;
}

static struct store_params *segment_call(struct store_segment *segment,
                                         const struct statement *statement)
{
    struct store_call *call = &segment->calls[segment->calls_count++];
    call->statement = statement;
    return &call->params;
}

static void submit(struct world *world, struct store_segment *segment)
{
    struct store *store = connection_store(world->connection);
    world->expected++;
    store->submit(store->context, segment);
}

static struct row first_row(const struct store_segment *segment, size_t call)
{
    return (struct row){ .result = &segment->calls[call].result };
}

static void call_sum(struct world *world, struct store_segment *segment, int64_t a, int64_t b)
{
    struct store_params *params = segment_call(segment, &select_sum);
    param_int(params, world->arena, a);
    param_int(params, world->arena, b);
}

static void call_insert(struct world *world, struct store_segment *segment, uint8_t id,
                        int64_t balance)
{
    struct store_params *params = segment_call(segment, &insert_account);
    param_uuid(params, world->arena, (struct uuid){ { id } });
    param_int(params, world->arena, balance);
}

static void segments_of_one_turn_are_answered_in_order(void **state)
{
    struct world *world = *state;
    struct store_segment *first = segment_new(world), *second = segment_new(world);
    call_sum(world, first, 1, 2);
    call_sum(world, first, 3, 4);
    call_sum(world, second, 5, 6);
    submit(world, first);
    submit(world, second);

    loop_run(world->loop);

    struct row a = first_row(first, 0), b = first_row(first, 1), c = first_row(second, 0);
    assert_ptr_equal(world->order[0], first);
    assert_int_equal(first->status, STATUS_OK);
    assert_int_equal(row_int(&a), 3);
    assert_int_equal(row_int(&b), 7);
    assert_int_equal(row_int(&c), 11);
    assert_int_equal(connection_pending(world->connection), 0);
}

static void error_rolls_back_its_segment_and_leaves_the_next_alone(void **state)
{
    struct world *world = *state;
    struct store_segment *broken = segment_new(world), *sound = segment_new(world),
                         *count = segment_new(world);
    call_insert(world, broken, 1, 10);
    param_int(segment_call(broken, &select_zero), world->arena, 0);
    call_insert(world, broken, 2, 10);
    call_insert(world, sound, 3, 10);
    (void)segment_call(count, &count_accounts);
    submit(world, broken);
    submit(world, sound);
    submit(world, count);

    loop_run(world->loop);

    struct row row = first_row(count, 0);
    assert_int_equal(broken->status, STATUS_INTERNAL);
    assert_int_equal(broken->failed_call, 1);
    assert_string_equal(broken->calls[1].result.sqlstate, "22012");
    assert_string_equal(broken->calls[1].result.detail, "division by zero");
    assert_int_equal(broken->calls[2].result.status, STATUS_UNAVAILABLE);
    assert_int_equal(sound->status, STATUS_OK);
    assert_int_equal(row_int(&row), 1);
}

static void failed_read_harms_none_that_shares_its_sync(void **state)
{
    struct world *world = *state;
    for (int round = 0; round < 2; round++) { /* the second time, all is prepared and shared */
        struct store_segment *before = segment_new(world), *broken = segment_new(world),
                             *after = segment_new(world);
        call_sum(world, before, 1, 2);
        param_int(segment_call(broken, &select_zero), world->arena, 0);
        call_sum(world, after, 3, 4);
        before->is_read = broken->is_read = after->is_read = true;
        submit(world, before);
        submit(world, broken);
        submit(world, after);

        loop_run(world->loop);

        struct row a = first_row(before, 0), b = first_row(after, 0);
        assert_int_equal(before->status, STATUS_OK);
        assert_int_equal(row_int(&a), 3);
        assert_int_equal(broken->status, STATUS_INTERNAL);
        assert_int_equal(after->status, STATUS_OK);
        assert_int_equal(row_int(&b), 7);
        assert_int_equal(connection_pending(world->connection), 0);
    }
}

static void violations_mean_what_the_statement_says(void **state)
{
    struct world *world = *state;
    struct store_segment *first = segment_new(world), *twice = segment_new(world),
                         *negative = segment_new(world);
    call_insert(world, first, 1, 10);
    call_insert(world, twice, 1, 10);
    call_insert(world, negative, 2, -10);
    submit(world, first);
    submit(world, twice);
    submit(world, negative);

    loop_run(world->loop);

    assert_int_equal(first->status, STATUS_OK);
    assert_int_equal(twice->status, STATUS_DUPLICATE);
    assert_string_equal(twice->calls[0].result.constraint, "account_pkey");
    assert_int_equal(negative->status, STATUS_OUT_OF_RANGE);
}

static void refused_prepare_is_explained_and_harms_nobody(void **state)
{
    struct world *world = *state;
    struct store_segment *broken = segment_new(world), *sound = segment_new(world);
    (void)segment_call(broken, &select_nonsense);
    call_sum(world, sound, 1, 1);
    submit(world, broken);
    submit(world, sound);

    loop_run(world->loop);

    assert_int_equal(broken->status, STATUS_INTERNAL);
    assert_string_equal(broken->calls[0].result.detail, "syntax error at or near \"SELEC\"");
    assert_int_equal(sound->status, STATUS_OK);
}

static void every_type_of_value_survives_the_round_trip(void **state)
{
    struct world *world = *state;
    struct store_segment *segment = segment_new(world);
    struct arena *arena = world->arena;
    struct store_params *params = segment_call(segment, &select_values);
    param_int(params, arena, INT64_MIN);
    param_small(params, arena, -2);
    param_bool(params, arena, true);
    param_uuid(params, arena, (struct uuid){ { 9 } });
    param_text(params, arena, TEXT("Größe"));
    param_bytes(params, arena, (struct text){ NULL, 0 });
    param_int_array(params, arena, (const int64_t[]){ 1, -1 }, 2);
    param_small_array(params, arena, NULL, 0);
    param_uuid_array(params, arena, (const struct uuid[]){ { { 7 } } }, 1);
    param_text_array(params, arena, (const struct text[]){ TEXT("a"), TEXT("") }, 2);
    param_null_int(params);
    param_bytes_array(params, arena, (const struct text[]){ TEXT("\0\1") }, 1);
    submit(world, segment);

    loop_run(world->loop);

    const int64_t *numbers, *none;
    const struct uuid *ids;
    const struct text *texts;
    struct row row = first_row(segment, 0);
    assert_int_equal(segment->status, STATUS_OK);
    assert_true(row_int(&row) == INT64_MIN);
    assert_int_equal(row_int(&row), -2);
    assert_true(row_bool(&row));
    assert_int_equal(row_uuid(&row).bytes[0], 9);
    assert_true(text_equals_string(row_text(&row), "Größe"));
    assert_int_equal(row_bytes(&row).length, 0);
    assert_int_equal(row_int_array(&row, arena, &numbers), 2);
    assert_int_equal(numbers[1], -1);
    assert_int_equal(row_int_array(&row, arena, &none), 0);
    assert_int_equal(row_uuid_array(&row, arena, &ids), 1);
    assert_int_equal(ids[0].bytes[0], 7);
    assert_int_equal(row_text_array(&row, arena, &texts), 2);
    assert_true(text_equals_string(texts[0], "a"));
    assert_true(row_skip_null(&row));
    assert_false(row_skip_null(&row));
    row.column++;
    assert_true(text_equals_string(row_text(&row), "EUR"));
}

static void terminate_backends(struct timer *timer)
{
    (void)timer;
    (void)scratch_sql(the_world->scratch, "",
                      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                      "WHERE application_name = 'test'");
}

static void killed_backend_answers_everything_and_comes_back(void **state)
{
    struct world *world = *state;
    struct store_segment *before = segment_new(world), *sleeping = segment_new(world),
                         *after = segment_new(world);
    struct timer timer = { .on_fire = terminate_backends };
    struct timers *timers = loop_timers(world->loop);
    (void)segment_call(before, &select_pid);
    (void)segment_call(sleeping, &select_sleep);
    (void)segment_call(after, &select_pid);
    submit(world, before);
    loop_run(world->loop);
    submit(world, sleeping);
    timer_start(timers, &timer, loop_now_us(world->loop) + 200000);

    loop_run(world->loop);
    submit(world, after);
    loop_run(world->loop);

    struct row first = first_row(before, 0), second = first_row(after, 0);
    assert_int_equal(sleeping->status, STATUS_UNAVAILABLE);
    assert_int_not_equal(sleeping->failed_call, SIZE_MAX);
    assert_int_equal(after->status, STATUS_OK);
    assert_int_not_equal(row_int(&first), row_int(&second));
}

static void without_a_database_segments_end_as_not_sent(void **state)
{
    struct world *world = *state;
    connection_destroy(&world->connection);
    world->connection = connection_new(
        &(struct connection_options){ .loop = world->loop,
                                      .conninfo = "host=/nowhere user=nobody dbname=none",
                                      .application_name = "test",
                                      .wait_down_us = 300000 });
    struct store_segment *segment = segment_new(world);
    call_sum(world, segment, 1, 1);
    submit(world, segment);

    loop_run(world->loop);

    assert_int_equal(segment->status, STATUS_UNAVAILABLE);
    assert_true(segment->failed_call == SIZE_MAX);
    assert_false(connection_is_up(world->connection));
}

static void abandoned_segment_is_not_sent(void **state)
{
    struct world *world = *state;
    struct store_segment *abandoned = segment_new(world), *count = segment_new(world);
    call_insert(world, abandoned, 1, 10);
    (void)segment_call(count, &count_accounts);
    submit(world, abandoned);
    abandoned->arena = NULL;
    submit(world, count);

    loop_run(world->loop);

    struct row row = first_row(count, 0);
    assert_int_equal(abandoned->status, STATUS_UNAVAILABLE);
    assert_int_equal(row_int(&row), 0);
}

enum { NEIGHBOURS = 6 };

struct arrivals {
    struct loop *loop;
    struct connection *connections[NEIGHBOURS];
    size_t up, up_before, most_in_a_turn;
};

static void count_arrivals(void *context)
{
    struct arrivals *arrivals = context;
    const size_t arrived = arrivals->up - arrivals->up_before;
    arrivals->up_before = arrivals->up;
    if (arrived > arrivals->most_in_a_turn) arrivals->most_in_a_turn = arrived;
    if (arrivals->up == NEIGHBOURS) loop_stop(arrivals->loop);
    uv_sleep(20); /* meanwhile the database has answered all of them */
}

static void note_arrival(void *context, bool is_up)
{
    struct arrivals *arrivals = context;
    if (is_up) arrivals->up++;
}

static void connections_that_begin_together_leave_the_loop_its_turns(void **state)
{
    struct world *world = *state;
    struct arrivals arrivals = { .loop = world->loop };
    loop_on_turn_end(world->loop, count_arrivals, &arrivals);
    for (size_t i = 0; i < NEIGHBOURS; i++)
        arrivals.connections[i] = connection_new(
            &(struct connection_options){ .loop = world->loop,
                                          .conninfo = scratch_conninfo(world->scratch, "sample"),
                                          .application_name = "neighbour",
                                          .context = &arrivals,
                                          .on_state = note_arrival });
    loop_run(world->loop);
    for (size_t i = 0; i < NEIGHBOURS; i++)
        connection_destroy(&arrivals.connections[i]);
    assert_int_equal(arrivals.most_in_a_turn, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments_of_one_turn_are_answered_in_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(error_rolls_back_its_segment_and_leaves_the_next_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(failed_read_harms_none_that_shares_its_sync, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(violations_mean_what_the_statement_says, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_prepare_is_explained_and_harms_nobody, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(every_type_of_value_survives_the_round_trip, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(killed_backend_answers_everything_and_comes_back, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_a_database_segments_end_as_not_sent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(abandoned_segment_is_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(connections_that_begin_together_leave_the_loop_its_turns,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
