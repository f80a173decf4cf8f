/* The segment of several units: what they have in common is one call each, and stands where a
 * repeat trips over the inbox before it trips over a version. */
#include <string.h>

#include "storage/batch.h"
#include "tests/storage/fake_store.h"
#include "tests/support/cmocka.h"

static const struct statement write_statement = { .name = "write", .sql = "SELECT 1" };

static struct fake_store fake;
static struct fibers *fibers;
static struct arena *arena;
static struct batch batch;
static int64_t epochs[SHARD_COUNT];
static uint8_t last_id;

static int set_up(void **state)
{
    (void)state;
    fake_store_init(&fake);
    fibers = fibers_new(&fake.timers, &fake.clock);
    arena = arena_new(65536);
    batch = (struct batch){ .arena = arena_new(65536) };
    last_id = 0;
    for (size_t i = 0; i < SHARD_COUNT; i++)
        epochs[i] = 100 + (int64_t)i;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&batch.arena);
    arena_destroy(&arena);
    fibers_destroy(&fibers);
    return 0;
}

static struct unit *add_unit(unsigned shard, size_t writes, size_t events)
{
    const struct uuid id = { { 0xAA, ++last_id } };
    struct unit *unit = unit_new(arena, fibers, shard, id, 5001, 1000 + last_id);
    for (size_t i = 0; i < writes; i++)
        param_int(unit_write(unit, &write_statement), arena, last_id);
    for (size_t i = 0; i < events; i++)
        unit_publish(unit, 5101, (struct uuid){ { 3 } }, TEXT("body"));
    unit_answer(unit, &(struct stored_answer){ STATUS_OK, 201, TEXT("answer") });
    batch.units[batch.count++] = unit;
    return unit;
}

/* The parameter as numbers. */
static size_t numbers_of(size_t call, size_t param, const int64_t **ret_numbers)
{
    const struct store_result result = { .rows_count = 1,
                                         .columns_count = 1,
                                         .cells = &batch.segment.calls[call].params.values[param] };
    struct row row = { .result = &result };
    return row_int_array(&row, arena, ret_numbers);
}

static void fence_inbox_writes_and_outbox_stand_in_this_order(void **state)
{
    (void)state;
    (void)add_unit(5, 2, 1);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 5);
    assert_int_equal(batch.fence_call, 0);
    assert_int_equal(batch.inbox_call, 1);
    assert_ptr_equal(batch.segment.calls[2].statement, &write_statement);
    assert_ptr_equal(batch.segment.calls[3].statement, &write_statement);
    assert_int_equal(batch.outbox_call, 4);
    assert_int_equal(batch.lookup_call, SIZE_MAX);
}

static void segment_without_events_has_no_outbox(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_int_equal(batch.outbox_call, SIZE_MAX);
    assert_int_equal(batch.segment.calls_count, 3);
}

static void segment_of_empty_units_needs_no_database(void **state)
{
    (void)state;
    (void)add_unit(5, 0, 0);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 0);
}

static void calls_know_whose_they_are(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    (void)add_unit(6, 2, 0);
    batch_build(&batch, epochs);
    assert_int_equal(batch.call_units[0], BATCH_NO_UNIT);
    assert_int_equal(batch.call_units[1], BATCH_NO_UNIT);
    assert_int_equal(batch.call_units[2], 0);
    assert_int_equal(batch.call_units[3], 1);
    assert_int_equal(batch.call_units[4], 1);
}

static void every_shard_is_fenced_once_with_its_epoch(void **state)
{
    (void)state;
    const int64_t *shards, *fenced;
    (void)add_unit(9, 1, 0);
    (void)add_unit(5, 1, 0);
    (void)add_unit(9, 1, 0);
    batch_build(&batch, epochs);
    assert_int_equal(numbers_of(batch.fence_call, 0, &shards), 2);
    assert_int_equal(numbers_of(batch.fence_call, 1, &fenced), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(fenced[i] == epochs[shards[i]]);
}

static void fence_reserves_as_many_numbers_as_there_are_events(void **state)
{
    (void)state;
    const int64_t *events;
    (void)add_unit(5, 1, 2);
    (void)add_unit(5, 1, 3);
    (void)add_unit(6, 1, 0);
    batch_build(&batch, epochs);
    assert_int_equal(numbers_of(batch.fence_call, 2, &events), 2);
    assert_int_equal(events[0], 5);
    assert_int_equal(events[1], 0);
}

static void unit_over_two_shards_fences_both_and_publishes_in_its_own(void **state)
{
    (void)state;
    const int64_t *shards, *events;
    unit_add_shard(add_unit(5, 1, 1), 3);
    batch_build(&batch, epochs);
    assert_int_equal(numbers_of(batch.fence_call, 0, &shards), 2);
    (void)numbers_of(batch.fence_call, 2, &events);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(events[i], shards[i] == 5 ? 1 : 0);
}

static void events_count_back_from_the_next_number(void **state)
{
    (void)state;
    const int64_t *backs;
    (void)add_unit(5, 0, 1);
    (void)add_unit(6, 0, 1);
    (void)add_unit(5, 0, 2);
    batch_build(&batch, epochs);
    assert_int_equal(numbers_of(batch.outbox_call, 1, &backs), 4);
    assert_int_equal(backs[0], 3); /* of shard 5: the first of three */
    assert_int_equal(backs[1], 1);
    assert_int_equal(backs[2], 2);
    assert_int_equal(backs[3], 1);
}

static void refused_unit_writes_nothing(void **state)
{
    (void)state;
    struct unit *refused = add_unit(5, 1, 1);
    (void)add_unit(6, 1, 0);
    refused->verdict = UNIT_REFUSED;
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 3);
    assert_int_equal(batch.shards_count, 1);
    assert_int_equal(batch.shards[0], 6);
}

static void withdrawn_unit_leaves_no_trace(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 1);
    (void)add_unit(6, 1, 0);
    batch.units[0] = NULL;
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 3);
    assert_int_equal(batch.call_units[2], 1);
}

static void repeat_alone_is_only_a_look_up(void **state)
{
    (void)state;
    add_unit(5, 1, 1)->verdict = UNIT_REPEATS;
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 1);
    assert_int_equal(batch.lookup_call, 0);
    assert_int_equal(batch.fence_call, SIZE_MAX);
}

static void parameters_are_copied_so_that_units_may_go(void **state)
{
    (void)state;
    struct unit *unit = add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    const struct store_value *before = &unit->first_write->call.params.values[0];
    const struct store_value *after = &batch.segment.calls[2].params.values[0];
    assert_ptr_not_equal(before->data, after->data);
    assert_memory_equal(before->data, after->data, (size_t)before->length);
}

static void null_stays_null(void **state)
{
    (void)state;
    struct unit *unit = add_unit(5, 0, 0);
    param_null_int(unit_write(unit, &write_statement));
    batch_build(&batch, epochs);
    assert_null(batch.segment.calls[2].params.values[0].data);
    assert_int_equal(batch.segment.calls[2].params.values[0].length, -1);
}

static void same_batch_is_built_again_for_what_is_left(void **state)
{
    (void)state;
    struct unit *culprit = add_unit(5, 1, 0);
    (void)add_unit(6, 1, 0);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 4);
    culprit->verdict = UNIT_REFUSED;
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 3);
}

/* ---- rows that are added together ---- */

static const struct statement add_statement = { .name = "add",
                                                .sql = "SELECT 1",
                                                .adds_rows = true };
static const struct statement add_other = { .name = "other", .sql = "SELECT 1", .adds_rows = true };

static void add_rows(struct unit *unit, const struct statement *statement, const int64_t *numbers,
                     size_t count)
{
    param_int_array(unit_write(unit, statement), arena, numbers, count);
}

static void rows_of_several_units_become_one_call_in_their_order(void **state)
{
    (void)state;
    const int64_t *numbers;
    add_rows(add_unit(5, 0, 0), &add_statement, (const int64_t[]){ 1, 2 }, 2);
    add_rows(add_unit(6, 0, 0), &add_statement, (const int64_t[]){ 3 }, 1);
    add_rows(add_unit(7, 0, 0), &add_statement, NULL, 0);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 3);
    assert_int_equal(batch.call_units[2], BATCH_JOINED);
    assert_int_equal(numbers_of(2, 0, &numbers), 3);
    for (int64_t i = 0; i < 3; i++)
        assert_int_equal(numbers[i], i + 1);
}

static void rows_of_one_unit_name_it(void **state)
{
    (void)state;
    const int64_t *numbers;
    struct unit *unit = add_unit(5, 0, 0);
    (void)add_unit(6, 1, 0);
    add_rows(unit, &add_statement, (const int64_t[]){ 1 }, 1);
    add_rows(unit, &add_statement, (const int64_t[]){ 2 }, 1);
    batch_build(&batch, epochs);
    assert_int_equal(batch.call_units[2], 0);
    assert_int_equal(numbers_of(2, 0, &numbers), 2);
}

/* The second unit has them in the other order: what it adds last may not come before what it adds
 * first, nor stand where the first unit has not yet come. */
static void calls_of_each_unit_stay_in_their_order(void **state)
{
    (void)state;
    const int64_t *numbers;
    struct unit *first = add_unit(5, 0, 0);
    struct unit *second = add_unit(6, 0, 0);
    add_rows(first, &add_statement, (const int64_t[]){ 1 }, 1);
    add_rows(first, &add_other, (const int64_t[]){ 2 }, 1);
    add_rows(second, &add_other, (const int64_t[]){ 3 }, 1);
    add_rows(second, &add_statement, (const int64_t[]){ 4 }, 1);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 5);
    assert_int_equal(numbers_of(2, 0, &numbers), 1);
    assert_int_equal(numbers_of(3, 0, &numbers), 2);
    assert_int_equal(numbers_of(4, 0, &numbers), 1);
    assert_ptr_equal(batch.segment.calls[4].statement, &add_statement);
    assert_int_equal(numbers[0], 4);
}

static void rows_stand_behind_what_their_unit_has_written_before(void **state)
{
    (void)state;
    struct unit *first = add_unit(5, 0, 0);
    struct unit *second = add_unit(6, 1, 0);
    add_rows(first, &add_statement, (const int64_t[]){ 1 }, 1);
    add_rows(second, &add_statement, (const int64_t[]){ 2 }, 1);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 5);
    assert_int_equal(batch.call_units[2], 0);
    assert_ptr_equal(batch.segment.calls[3].statement, &write_statement);
    assert_int_equal(batch.call_units[4], 1);
}

static void apart_every_call_names_its_unit(void **state)
{
    (void)state;
    batch.is_apart = true;
    add_rows(add_unit(5, 0, 0), &add_statement, (const int64_t[]){ 1 }, 1);
    add_rows(add_unit(6, 0, 0), &add_statement, (const int64_t[]){ 2 }, 1);
    batch_build(&batch, epochs);
    assert_int_equal(batch.segment.calls_count, 4);
    assert_int_equal(batch.call_units[2], 0);
    assert_int_equal(batch.call_units[3], 1);
}

/* ---- who repeats ---- */

static struct unit *repeat_in(const char *detail)
{
    batch.segment.calls[batch.inbox_call].result =
        (struct store_result){ .status = STATUS_DUPLICATE, .detail = detail };
    return batch_find_repeat(&batch);
}

static void repeat_is_found_by_the_id_in_detail(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    struct unit *second = add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_ptr_equal(
        repeat_in("Key (msg_id)=(aa020000-0000-0000-0000-000000000000) already exists."), second);
}

static void of_two_with_one_id_the_later_repeats(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    last_id = 0;
    struct unit *later = add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_ptr_equal(
        repeat_in("Key (msg_id)=(aa010000-0000-0000-0000-000000000000) already exists."), later);
}

static void unknown_id_is_nobodys(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_null(repeat_in("Key (msg_id)=(bb010000-0000-0000-0000-000000000000) already exists."));
}

static void id_that_is_cut_is_nobodys(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_null(repeat_in("Key (msg_id)=(aa01"));
}

static void detail_without_an_id_is_nobodys(void **state)
{
    (void)state;
    (void)add_unit(5, 1, 0);
    batch_build(&batch, epochs);
    assert_null(repeat_in(""));
}

static void last_number_of_a_shard_is_one_below_the_next(void **state)
{
    (void)state;
    struct store_params params = { .count = 0 };
    (void)add_unit(5, 0, 1);
    (void)add_unit(6, 0, 1);
    batch_build(&batch, epochs);
    param_int_array(&params, arena, (const int64_t[]){ 8, 100 }, 2);
    batch.segment.calls[batch.fence_call].result =
        (struct store_result){ .rows_count = 1, .columns_count = 1, .cells = params.values };
    assert_int_equal(batch_last_sequence(&batch, 0), 7);
    assert_int_equal(batch_last_sequence(&batch, 1), 99);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(fence_inbox_writes_and_outbox_stand_in_this_order),
        CLAIM(segment_without_events_has_no_outbox),
        CLAIM(segment_of_empty_units_needs_no_database),
        CLAIM(calls_know_whose_they_are),
        CLAIM(every_shard_is_fenced_once_with_its_epoch),
        CLAIM(fence_reserves_as_many_numbers_as_there_are_events),
        CLAIM(unit_over_two_shards_fences_both_and_publishes_in_its_own),
        CLAIM(events_count_back_from_the_next_number),
        CLAIM(refused_unit_writes_nothing),
        CLAIM(withdrawn_unit_leaves_no_trace),
        CLAIM(repeat_alone_is_only_a_look_up),
        CLAIM(parameters_are_copied_so_that_units_may_go),
        CLAIM(null_stays_null),
        CLAIM(same_batch_is_built_again_for_what_is_left),
        CLAIM(rows_of_several_units_become_one_call_in_their_order),
        CLAIM(rows_of_one_unit_name_it),
        CLAIM(calls_of_each_unit_stay_in_their_order),
        CLAIM(rows_stand_behind_what_their_unit_has_written_before),
        CLAIM(apart_every_call_names_its_unit),
        CLAIM(repeat_is_found_by_the_id_in_detail),
        CLAIM(of_two_with_one_id_the_later_repeats),
        CLAIM(unknown_id_is_nobodys),
        CLAIM(id_that_is_cut_is_nobodys),
        CLAIM(detail_without_an_id_is_nobodys),
        CLAIM(last_number_of_a_shard_is_one_below_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
