/* What a unit gathers: writes in order, events with ids of their own, answers, Idempotency-Keys.
 * No database is asked. */
#include <string.h>

#include "storage/unit_private.h"
#include "tests/storage/fake_store.h"
#include "tests/support/cmocka.h"

enum { SHARD = 5, NUMBER = 5001, MARKET_US = 1234 };

static const struct statement first_statement = { .name = "first" };
static const struct statement second_statement = { .name = "second" };
static const uint8_t key[32] = { 7 };
static const uint8_t fingerprint[16] = { 9 };

static struct fake_store fake;
static struct fibers *fibers;
static struct arena *arena;
static struct unit *unit;

static int set_up(void **state)
{
    (void)state;
    fake_store_init(&fake);
    fibers = fibers_new(&fake.timers, &fake.clock);
    arena = arena_new(4096);
    unit = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, MARKET_US);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    fibers_destroy(&fibers);
    return 0;
}

static const struct store_call *call_at(size_t index)
{
    const struct unit_write *write = unit->first_write;
    for (; index > 0 && write != NULL; index--)
        write = write->next;
    assert_non_null(write);
    return &write->call;
}

static void new_unit_fences_its_own_shard_and_writes_nothing(void **state)
{
    (void)state;
    assert_true(unit_is_empty(unit));
    assert_true(unit->shards == UINT64_C(1) << SHARD);
    assert_int_equal(unit->number, NUMBER);
    assert_int_equal(unit->market_us, MARKET_US);
    assert_int_equal(unit->verdict, UNIT_WRITES);
    assert_null(unit->committer);
}

static void shards_that_are_added_are_fenced_too(void **state)
{
    (void)state;
    unit_add_shard(unit, 0);
    unit_add_shard(unit, SHARD_COUNT - 1);
    assert_true(unit->shards == (UINT64_C(1) | UINT64_C(1) << SHARD | UINT64_C(1) << 63));
    assert_int_equal(unit->shard, SHARD);
}

static void shard_that_is_added_twice_is_fenced_once(void **state)
{
    (void)state;
    unit_add_shard(unit, SHARD);
    assert_true(unit->shards == UINT64_C(1) << SHARD);
}

static void writes_stand_in_the_order_of_their_calls(void **state)
{
    (void)state;
    param_int(unit_write(unit, &first_statement), arena, 1);
    param_int(unit_write(unit, &second_statement), arena, 2);
    param_int(unit_write(unit, &first_statement), arena, 3);
    assert_false(unit_is_empty(unit));
    assert_int_equal(unit->writes_count, 3);
    assert_ptr_equal(call_at(0)->statement, &first_statement);
    assert_ptr_equal(call_at(1)->statement, &second_statement);
    assert_ptr_equal(call_at(2)->statement, &first_statement);
    assert_int_equal(call_at(2)->params.count, 1);
}

static void unit_takes_all_the_writes_that_are_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNIT_WRITES_MAX; i++)
        assert_non_null(unit_write(unit, &first_statement));
    assert_int_equal(unit->writes_count, UNIT_WRITES_MAX);
}

static void event_alone_makes_a_unit(void **state)
{
    (void)state;
    unit_publish(unit, NUMBER + 1, (struct uuid){ { 3 } }, TEXT("body"));
    assert_false(unit_is_empty(unit));
    assert_int_equal(unit->events_count, 1);
    assert_int_equal(unit->events[0].number, NUMBER + 1);
    assert_int_equal(unit->events[0].key.bytes[0], 3);
}

static void events_of_one_unit_have_ids_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNIT_EVENTS_MAX; i++)
        unit_publish(unit, NUMBER, (struct uuid){ { 3 } }, TEXT("body"));
    for (size_t i = 0; i < UNIT_EVENTS_MAX; i++)
        for (size_t k = 0; k < i; k++)
            assert_false(uuid_equals(unit->events[i].msg_id, unit->events[k].msg_id));
}

static void same_unit_made_again_has_the_same_ids_of_events(void **state)
{
    (void)state;
    struct unit *again = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, 9999);
    unit_publish(unit, NUMBER, (struct uuid){ { 3 } }, TEXT("body"));
    unit_publish(again, NUMBER, (struct uuid){ { 3 } }, TEXT("body"));
    assert_true(uuid_equals(unit->events[0].msg_id, again->events[0].msg_id));
}

static void body_of_an_event_is_copied(void **state)
{
    (void)state;
    char body[] = "before";
    unit_publish(unit, NUMBER, (struct uuid){ { 3 } }, text_of(body));
    memset(body, 'x', sizeof body - 1);
    assert_text_equal(unit->events[0].body, TEXT("before"));
}

static void answer_is_copied_and_is_no_write(void **state)
{
    (void)state;
    char body[] = "before";
    unit_answer(unit, &(struct stored_answer){ STATUS_OK, 201, text_of(body) });
    memset(body, 'x', sizeof body - 1);
    assert_text_equal(unit->answer.body, TEXT("before"));
    assert_int_equal(unit->answer.http_status, 201);
    assert_true(unit_is_empty(unit));
}

static void running_key_is_a_row_without_an_answer(void **state)
{
    (void)state;
    unit_idempotency_running(unit, key, fingerprint);
    const struct store_call *call = call_at(0);
    assert_int_equal(call->params.count, 3);
    assert_int_equal(call->params.values[0].length, sizeof key);
    assert_memory_equal(call->params.values[0].data, key, sizeof key);
    assert_memory_equal(call->params.values[1].data, fingerprint, sizeof fingerprint);
    assert_int_equal(call->statement->on_duplicate, STATUS_DUPLICATE);
}

static void key_that_is_answered_at_once_must_be_new(void **state)
{
    (void)state;
    const struct stored_answer answer = { STATUS_OK, 201, TEXT("body") };
    unit_idempotency_answer(unit, key, fingerprint, true, &answer);
    const struct store_call *call = call_at(0);
    assert_int_equal(call->params.count, 6);
    assert_int_equal(call->params.values[3].length, 2);
    assert_memory_equal(call->params.values[3].data, "ok", 2);
    assert_memory_equal(call->params.values[5].data, "body", 4);
    assert_int_equal(call->statement->on_duplicate, STATUS_DUPLICATE);
}

static void key_that_runs_is_completed_whoever_wrote_it(void **state)
{
    (void)state;
    const struct stored_answer answer = { STATUS_NOT_FOUND, 0, TEXT("") };
    unit_idempotency_answer(unit, key, fingerprint, false, &answer);
    const struct store_call *call = call_at(0);
    assert_int_equal(call->statement->on_duplicate, STATUS_OK);
    assert_non_null(strstr(call->statement->sql, "ON CONFLICT (key) DO UPDATE"));
    assert_memory_equal(call->params.values[3].data, "not_found", 9);
}

static struct stored_answer read_answer(const char *status)
{
    struct store_params params = { .count = 0 };
    param_text(&params, arena, text_of(status));
    param_small(&params, arena, 422);
    param_bytes(&params, arena, TEXT("body"));
    const struct store_result result = { .rows_count = 1,
                                         .columns_count = 3,
                                         .cells = params.values };
    struct row row = { .result = &result };
    return stored_answer_read(&row);
}

static void stored_answer_is_read_by_the_name_of_its_status(void **state)
{
    (void)state;
    const struct stored_answer answer = read_answer("out_of_range");
    assert_int_equal(answer.status, STATUS_OUT_OF_RANGE);
    assert_int_equal(answer.http_status, 422);
    assert_text_equal(answer.body, TEXT("body"));
}

static void status_of_a_newer_version_is_read_as_internal(void **state)
{
    (void)state;
    assert_int_equal(read_answer("not_invented_yet").status, STATUS_INTERNAL);
}

/* ---- parts ---- */

static void what_a_part_has_comes_behind_what_is_there(void **state)
{
    (void)state;
    struct unit *part = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, MARKET_US);
    (void)unit_write(unit, &first_statement);
    unit_publish(unit, 5101, (struct uuid){ { 2 } }, TEXT("one"));
    (void)unit_write(part, &second_statement);
    (void)unit_write(part, &first_statement);
    unit_publish(part, 5102, (struct uuid){ { 3 } }, TEXT("two"));
    unit_hint(part, (struct uuid){ { 4 } });
    unit_add_shard(part, 9);

    unit_take(unit, part);

    assert_int_equal(unit->writes_count, 3);
    assert_ptr_equal(call_at(0)->statement, &first_statement);
    assert_ptr_equal(call_at(1)->statement, &second_statement);
    assert_ptr_equal(call_at(2)->statement, &first_statement);
    assert_int_equal(unit->events_count, 2);
    assert_int_equal(unit->events[1].number, 5102);
    assert_false(uuid_equals(unit->events[0].msg_id, unit->events[1].msg_id));
    assert_non_null(unit->hints);
    assert_true((unit->shards >> 9 & 1) != 0);
    (void)unit_write(unit, &second_statement);
    assert_ptr_equal(call_at(3)->statement, &second_statement);
}

static void part_of_a_unit_that_is_empty_is_taken_too(void **state)
{
    (void)state;
    struct unit *part = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, MARKET_US);
    unit_take(unit, part);
    assert_true(unit_is_empty(unit));
    part = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, MARKET_US);
    (void)unit_write(part, &first_statement);
    unit_take(unit, part);
    assert_ptr_equal(call_at(0)->statement, &first_statement);
}

static void there_is_room_up_to_the_bounds_and_not_beyond(void **state)
{
    (void)state;
    struct unit *part = unit_new(arena, fibers, SHARD, (struct uuid){ { 1 } }, NUMBER, MARKET_US);
    for (size_t i = 0; i < UNIT_WRITES_MAX - 2; i++)
        (void)unit_write(unit, &first_statement);
    (void)unit_write(part, &first_statement);
    assert_true(unit_has_room(unit, part, 1));
    assert_false(unit_has_room(unit, part, 2));
    for (size_t i = 0; i < UNIT_EVENTS_MAX; i++)
        unit_publish(unit, 5101, (struct uuid){ { 2 } }, TEXT("event"));
    assert_true(unit_has_room(unit, part, 1));
    unit_publish(part, 5101, (struct uuid){ { 2 } }, TEXT("one more"));
    assert_false(unit_has_room(unit, part, 1));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(new_unit_fences_its_own_shard_and_writes_nothing),
        CLAIM(shards_that_are_added_are_fenced_too),
        CLAIM(shard_that_is_added_twice_is_fenced_once),
        CLAIM(writes_stand_in_the_order_of_their_calls),
        CLAIM(unit_takes_all_the_writes_that_are_allowed),
        CLAIM(event_alone_makes_a_unit),
        CLAIM(events_of_one_unit_have_ids_of_their_own),
        CLAIM(same_unit_made_again_has_the_same_ids_of_events),
        CLAIM(body_of_an_event_is_copied),
        CLAIM(answer_is_copied_and_is_no_write),
        CLAIM(running_key_is_a_row_without_an_answer),
        CLAIM(key_that_is_answered_at_once_must_be_new),
        CLAIM(key_that_runs_is_completed_whoever_wrote_it),
        CLAIM(stored_answer_is_read_by_the_name_of_its_status),
        CLAIM(status_of_a_newer_version_is_read_as_internal),
        CLAIM(what_a_part_has_comes_behind_what_is_there),
        CLAIM(part_of_a_unit_that_is_empty_is_taken_too),
        CLAIM(there_is_room_up_to_the_bounds_and_not_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
