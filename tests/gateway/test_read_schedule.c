/* When connections are read while others without credit storm in. */
#include "gateway/read_schedule.h"

#include <string.h>

#include "tests/support/cmocka.h"

enum { LONG_US = 5000, PERIOD_US = 1000 };

/* ---- the queue ---- */

static void new_connections_are_read_at_once_while_there_is_time(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry one = { 0 }, other = { 0 };
    assert_true(read_schedule_allows(&schedule, &one));
    read_schedule_charge(&schedule, &one, 0, 10);
    assert_true(read_schedule_allows(&schedule, &other));
    assert_int_equal(read_schedule_wake_us(&schedule), INT64_MAX);
}

static void connections_that_come_when_the_slice_is_spent_wait_in_order(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry first = { 0 }, second = { 0 }, third = { 0 };
    assert_true(read_schedule_allows(&schedule, &first));
    read_schedule_charge(&schedule, &first, 0, LONG_US);
    assert_false(read_schedule_has_time(&schedule));
    assert_false(read_schedule_allows(&schedule, &second));
    assert_false(read_schedule_allows(&schedule, &third));
    assert_false(read_schedule_allows(&schedule, &second)); /* asking again changes nothing */
    read_schedule_end_turn(&schedule, false, 1);
    assert_ptr_equal(read_schedule_call(&schedule), &second);
    assert_ptr_equal(read_schedule_call(&schedule), &third);
    assert_null(read_schedule_call(&schedule));
    assert_true(read_schedule_allows(&schedule, &second));
}

static void a_new_connection_does_not_overtake_those_that_wait(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry slow = { 0 }, waiting = { 0 }, late = { 0 };
    assert_true(read_schedule_allows(&schedule, &slow));
    read_schedule_charge(&schedule, &slow, 0, LONG_US);
    assert_false(read_schedule_allows(&schedule, &waiting));
    read_schedule_end_turn(&schedule, false, 1);
    assert_true(read_schedule_has_time(&schedule));
    assert_false(read_schedule_allows(&schedule, &late));
    assert_ptr_equal(read_schedule_call(&schedule), &waiting);
}

static void a_connection_that_costs_next_to_nothing_does_not_wait(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry cheap = { 0 }, slow = { 0 }, next = { 0 };
    assert_true(read_schedule_allows(&schedule, &cheap));
    read_schedule_charge(&schedule, &cheap, 0, 1);
    assert_true(read_schedule_allows(&schedule, &slow));
    read_schedule_charge(&schedule, &slow, 0, 500);
    assert_false(read_schedule_allows(&schedule, &next));
    assert_true(read_schedule_allows(&schedule, &cheap));
    read_schedule_charge(&schedule, &cheap, 0, LONG_US);
    assert_false(read_schedule_allows(&schedule, &cheap)); /* not again */
}

static void one_that_waits_is_read_in_each_slice_whatever_others_cost(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry first = { 0 }, second = { 0 };
    read_schedule_charge_new(&schedule, LONG_US);
    assert_false(read_schedule_allows(&schedule, &first));
    assert_false(read_schedule_allows(&schedule, &second));
    read_schedule_end_turn(&schedule, false, 1);
    assert_ptr_equal(read_schedule_call(&schedule), &first);
    assert_ptr_equal(read_schedule_call(&schedule), &second);
    read_schedule_charge_new(&schedule, LONG_US);
    assert_true(read_schedule_allows(&schedule, &first));
    assert_false(read_schedule_allows(&schedule, &second));
}

static void a_connection_that_was_called_without_time_left_keeps_its_place(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry entries[4];
    memset(entries, 0, sizeof entries);
    read_schedule_charge_new(&schedule, LONG_US);
    for (size_t i = 0; i < 4; i++)
        assert_false(read_schedule_allows(&schedule, &entries[i]));
    read_schedule_end_turn(&schedule, false, 1);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[0]);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[1]);
    assert_true(read_schedule_allows(&schedule, &entries[0]));
    read_schedule_charge(&schedule, &entries[0], 0, LONG_US);
    assert_false(read_schedule_allows(&schedule, &entries[1]));
    read_schedule_end_turn(&schedule, false, 2);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[1]);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[2]);
}

static void a_connection_with_credit_does_not_wait(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry fresh = { 0 }, known = { 0 };
    read_schedule_reward(&known);
    assert_true(read_schedule_allows(&schedule, &fresh));
    read_schedule_charge(&schedule, &fresh, 0, LONG_US);
    assert_true(read_schedule_allows(&schedule, &known));
    read_schedule_charge(&schedule, &known, 0, 1);
    assert_true(read_schedule_allows(&schedule, &known));
}

static void a_connection_that_costs_more_than_it_reads_loses_its_credit(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry flooder = { 0 };
    for (int i = 0; i < 1000; i++)
        read_schedule_reward(&flooder);
    for (int i = 0; i < 100 && flooder.credit_us > 0; i++) {
        assert_true(read_schedule_allows(&schedule, &flooder));
        read_schedule_charge(&schedule, &flooder, 0, 100);
        assert_true(
            read_schedule_has_time(&schedule)); /* its own credit, not the slice of the others */
    }
    assert_int_equal(flooder.credit_us, 0);
}

static void answers_that_a_closing_connection_drops_do_not_pay_for_it(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry dying = { 0 };
    assert_true(read_schedule_allows(&schedule, &dying));
    read_schedule_reward(&dying);
    read_schedule_charge(&schedule, &dying, 0, LONG_US);
    assert_false(read_schedule_has_time(&schedule));
}

static void while_others_wait_there_is_one_slice_in_a_period(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry slow = { 0 }, next = { 0 };
    read_schedule_end_turn(&schedule, true, PERIOD_US);
    assert_true(read_schedule_allows(&schedule, &slow));
    read_schedule_charge(&schedule, &slow, 0, LONG_US);
    assert_false(read_schedule_allows(&schedule, &next));
    read_schedule_end_turn(&schedule, true, PERIOD_US + 10);
    assert_null(read_schedule_call(&schedule));
    assert_int_equal(read_schedule_wake_us(&schedule), 2 * PERIOD_US);
    read_schedule_end_turn(&schedule, true, 2 * PERIOD_US);
    assert_ptr_equal(read_schedule_call(&schedule), &next);
}

static void a_closed_connection_is_not_called(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry entries[3];
    memset(entries, 0, sizeof entries);
    read_schedule_charge_new(&schedule, LONG_US);
    for (size_t i = 0; i < 3; i++)
        assert_false(read_schedule_allows(&schedule, &entries[i]));
    read_schedule_remove(&schedule, &entries[1]);
    read_schedule_end_turn(&schedule, false, 1);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[0]);
    assert_ptr_equal(read_schedule_call(&schedule), &entries[2]);
    assert_null(read_schedule_call(&schedule));
}

static void a_clock_that_ran_for_others_is_not_charged(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry known = { 0 };
    for (int i = 0; i < 2; i++)
        read_schedule_reward(&known);
    const int64_t credit_us = known.credit_us;
    assert_true(read_schedule_allows(&schedule, &known));
    read_schedule_charge(&schedule, &known, 50, 1000000);
    assert_in_range(credit_us - known.credit_us, 50, 100);
}

/* ---- who must pause ---- */

enum { MANY = 20 };

static void read_often(struct read_schedule *schedule, struct read_entry *entry, size_t bytes)
{
    for (int i = 0; i < MANY; i++)
        read_schedule_charge(schedule, entry, bytes, 1);
}

static void a_connection_that_sends_byte_by_byte_must_pause(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry slow = { 0 };
    assert_true(read_schedule_allows(&schedule, &slow));
    read_schedule_charge(&schedule, &slow, 24, 1);
    assert_false(read_schedule_must_pause(&slow)); /* a preface is small, too */
    read_often(&schedule, &slow, 1);
    assert_true(read_schedule_must_pause(&slow));
}

static void a_connection_that_sends_a_long_body_need_not_pause(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry sender = { 0 };
    assert_true(read_schedule_allows(&schedule, &sender));
    read_often(&schedule, &sender, 512);
    assert_false(read_schedule_must_pause(&sender));
    for (int i = 0; i < MANY; i++) {
        read_schedule_charge(&schedule, &sender, 9, 1); /* frames' headers by themselves */
        read_schedule_charge(&schedule, &sender, 512, 1);
    }
    assert_false(read_schedule_must_pause(&sender));
}

static void a_connection_that_reads_answers_need_not_pause(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry known = { 0 };
    assert_true(read_schedule_allows(&schedule, &known));
    read_often(&schedule, &known, 1);
    read_schedule_reward(&known);
    assert_false(read_schedule_must_pause(&known));
    known.credit_us = 0;
    assert_false(read_schedule_must_pause(&known));
}

static void a_connection_that_has_paused_waits_in_order(void **state)
{
    (void)state;
    struct read_schedule schedule = { 0 };
    struct read_entry waiting = { 0 }, rested = { 0 };
    read_schedule_charge_new(&schedule, LONG_US);
    assert_false(read_schedule_allows(&schedule, &waiting));
    read_schedule_enqueue(&schedule, &rested);
    read_schedule_enqueue(&schedule, &rested); /* twice changes nothing */
    read_schedule_end_turn(&schedule, false, 1);
    assert_ptr_equal(read_schedule_call(&schedule), &waiting);
    assert_ptr_equal(read_schedule_call(&schedule), &rested);
    assert_null(read_schedule_call(&schedule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_connections_are_read_at_once_while_there_is_time),
        cmocka_unit_test(connections_that_come_when_the_slice_is_spent_wait_in_order),
        cmocka_unit_test(a_new_connection_does_not_overtake_those_that_wait),
        cmocka_unit_test(a_connection_that_costs_next_to_nothing_does_not_wait),
        cmocka_unit_test(one_that_waits_is_read_in_each_slice_whatever_others_cost),
        cmocka_unit_test(a_connection_that_was_called_without_time_left_keeps_its_place),
        cmocka_unit_test(a_connection_with_credit_does_not_wait),
        cmocka_unit_test(a_connection_that_costs_more_than_it_reads_loses_its_credit),
        cmocka_unit_test(answers_that_a_closing_connection_drops_do_not_pay_for_it),
        cmocka_unit_test(while_others_wait_there_is_one_slice_in_a_period),
        cmocka_unit_test(a_closed_connection_is_not_called),
        cmocka_unit_test(a_clock_that_ran_for_others_is_not_charged),
        cmocka_unit_test(a_connection_that_sends_byte_by_byte_must_pause),
        cmocka_unit_test(a_connection_that_sends_a_long_body_need_not_pause),
        cmocka_unit_test(a_connection_that_reads_answers_need_not_pause),
        cmocka_unit_test(a_connection_that_has_paused_waits_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
