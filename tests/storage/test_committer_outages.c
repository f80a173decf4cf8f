/* Group commit without a database, while somebody else holds a lock or the server cannot: who
 * waits, who goes on, and what is told. */
#include "storage/waiting_room.h"
#include "tests/storage/committer_stage.h"
#include "tests/support/cmocka.h"

/* How many units' writes are in the segment under way. */
static size_t units_under_way(void)
{
    return fake.segments_count == 0 ? 0 : fake_store_first(&fake)->calls_count - 2;
}

static void unit_that_meets_a_lock_waits_aside_while_the_others_go_on(void **state)
{
    (void)state;
    const struct unit *locked = queue_keyed(1, INT64_MAX), *other = queue_keyed(2, INT64_MAX);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    assert_int_equal(units_under_way(), 1);
    fake_store_commit(&fake);
    assert_true(is_settled(other, STATUS_OK));
    assert_false(locked->completion.is_done);
    assert_int_equal(units_under_way(), 0); /* not at once */
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    fake_store_commit(&fake);
    assert_true(is_settled(locked, STATUS_OK));
}

static void units_of_a_key_that_met_a_lock_keep_their_order(void **state)
{
    (void)state;
    const struct unit *first = queue_keyed(1, INT64_MAX), *second = queue_keyed(1, INT64_MAX);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    const struct unit *third = queue_keyed(1, INT64_MAX);
    fake_store_pass(&fake, 0);
    assert_int_equal(units_under_way(), 0); /* all of them wait behind the first */
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    assert_int_equal(units_under_way(), 1);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_false(second->completion.is_done);
    fake_store_commit(&fake);
    assert_true(is_settled(second, STATUS_OK));
    assert_false(third->completion.is_done);
    fake_store_commit(&fake);
    assert_true(is_settled(third, STATUS_OK));
}

static void earlier_unit_of_a_key_stays_the_earlier_one_in_the_room(void **state)
{
    (void)state;
    const struct unit *first = queue_keyed(1, INT64_MAX), *second = queue_keyed(1, INT64_MAX);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(1), STORE_FAULT_LOCK); /* the second meets one first */
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    fake_store_commit(&fake);
    assert_true(is_settled(first, STATUS_OK));
    assert_false(second->completion.is_done);
}

static void a_lock_is_tried_more_and_more_seldom_and_by_one_unit_at_a_time(void **state)
{
    (void)state;
    for (uint8_t key = 1; key <= 3; key++)
        (void)queue_keyed(key, INT64_MAX);
    fake_store_pass(&fake, 0);
    for (size_t i = 0; i < 3; i++)
        fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    size_t tries = 0;
    for (int64_t passed_us = 0; passed_us < 4000000; passed_us += 10000) {
        fake_store_pass(&fake, 10000);
        if (units_under_way() == 0) continue;
        assert_int_equal(units_under_way(), 1);
        fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
        tries++;
    }
    assert_in_range(tries, 20, 40); /* each costs the others a lock_timeout */
}

static void lock_that_goes_lets_everybody_through_soon(void **state)
{
    (void)state;
    for (uint8_t key = 1; key <= 20; key++)
        (void)queue_keyed(key, INT64_MAX);
    fake_store_pass(&fake, 0);
    for (size_t i = 0; i < 20; i++)
        fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    size_t segments = 0;
    for (; fake.segments_count > 0; segments++)
        fake_store_commit(&fake);
    assert_int_equal(committer_pending(committer), 0);
    assert_int_equal(segments, 5); /* of 1, 2, 4, 8 and the other 5 */
}

static void locked_unit_gives_up_at_its_deadline_as_an_outage(void **state)
{
    (void)state;
    const struct unit *locked = queue_keyed(1, fake.now_us + 700000);
    const struct unit *behind = queue_keyed(1, INT64_MAX);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    for (size_t i = 0; i < 3; i++) {
        fake_store_pass(&fake, COMMITTER_LOOK_US);
        if (fake.segments_count > 0 && i < 2)
            fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    }
    assert_true(is_settled(locked, STATUS_UNAVAILABLE));
    assert_false(behind->completion.is_done);
    if (fake.segments_count == 0) fake_store_pass(&fake, WAITING_ROOM_BACKOFF_US);
    fake_store_commit(&fake);
    assert_true(is_settled(behind, STATUS_OK)); /* it has taken the other's place */
}

static void unit_whose_outcome_is_unknown_waits_for_a_lock_without_end(void **state)
{
    (void)state;
    const struct unit *unit = queue_keyed(1, fake.now_us + 1000000);
    fake_store_pass(&fake, 0);
    fake_store_lose(&fake, true);
    fake_store_fail_now(&fake, 1, STORE_FAULT_LOCK); /* at the inbox: it may be there */
    for (size_t i = 0; i < 20; i++) {
        fake_store_pass(&fake, COMMITTER_LOOK_US);
        if (fake.segments_count > 0) fake_store_fail_now(&fake, 1, STORE_FAULT_LOCK);
    }
    assert_false(unit->completion.is_done);
    fake_store_pass(&fake, WAITING_ROOM_BACKOFF_US);
    fake_store_commit(&fake);
    assert_true(is_settled(unit, STATUS_OK));
}

static void full_disk_refuses_a_unit_as_an_outage(void **state)
{
    (void)state;
    const struct unit *big = queue(1), *small = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_SERVER);
    fake_store_commit(&fake);
    assert_true(is_settled(big, STATUS_UNAVAILABLE));
    assert_true(is_settled(small, STATUS_OK));
}

static void full_disk_tells_nothing_of_a_unit_that_may_have_been_committed(void **state)
{
    (void)state;
    const struct unit *unit = queue(1);
    fake_store_pass(&fake, 0);
    fake_store_lose(&fake, true);
    fake_store_fail_now(&fake, 1, STORE_FAULT_SERVER); /* the inbox could not be asked */
    assert_false(unit->completion.is_done);
    fake_store_pass(&fake, WAITING_ROOM_PAUSE_US);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_SERVER); /* the inbox does not know it */
    assert_true(is_settled(unit, STATUS_UNAVAILABLE));
}

static void room_of_locked_units_is_bounded(void **state)
{
    (void)state;
    (void)queue_keyed(1, INT64_MAX);
    fake_store_pass(&fake, 0);
    fake_store_fail_now(&fake, own_call(0), STORE_FAULT_LOCK);
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1 << 20);
    struct unit **units = arena_allocate_array(arena, WAITING_ROOM_MAX, sizeof(struct unit *));
    for (size_t i = 0; i < WAITING_ROOM_MAX; i++) {
        units[i] = unit_new(arena, fibers, STAGE_SHARD, (struct uuid){ { 0xBB } }, 5001, 1000);
        unit_set_order(units[i], (struct uuid){ { 1 } }, INT64_MAX);
        const enum status wanted = i + 1 < WAITING_ROOM_MAX ? STATUS_OK : STATUS_OVERLOADED;
        assert_int_equal(committer_enqueue(committer, units[i]), wanted);
    }
    for (size_t i = 0; i < WAITING_ROOM_MAX; i++)
        committer_withdraw(units[i]);
}

int main(void)
{
#define CLAIM(name)                                                                                \
    cmocka_unit_test_setup_teardown(name, committer_stage_open, committer_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(unit_that_meets_a_lock_waits_aside_while_the_others_go_on),
        CLAIM(units_of_a_key_that_met_a_lock_keep_their_order),
        CLAIM(earlier_unit_of_a_key_stays_the_earlier_one_in_the_room),
        CLAIM(a_lock_is_tried_more_and_more_seldom_and_by_one_unit_at_a_time),
        CLAIM(lock_that_goes_lets_everybody_through_soon),
        CLAIM(locked_unit_gives_up_at_its_deadline_as_an_outage),
        CLAIM(unit_whose_outcome_is_unknown_waits_for_a_lock_without_end),
        CLAIM(full_disk_refuses_a_unit_as_an_outage),
        CLAIM(full_disk_tells_nothing_of_a_unit_that_may_have_been_committed),
        CLAIM(room_of_locked_units_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
