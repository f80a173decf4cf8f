/* Claims about when an address is locked, and for how long: no database, no host. */
#include "actors/identity/identity_throttle.h"

#include "tests/support/cmocka.h"

static const int64_t minute_us = 60 * 1000000LL, start_us = 1000 * 60 * 1000000LL;

static void add(struct identity_failures *failures, int count, int64_t now_us)
{
    for (int i = 0; i < count; i++)
        identity_failures_add(failures, identity_limit_of(IDENTITY_GUARD_SIGN_IN), now_us);
}

static void tenth_failure_locks_for_a_quarter_of_an_hour(void **state)
{
    (void)state;
    struct identity_failures failures = { 0 };
    add(&failures, 9, start_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us), 0);
    add(&failures, 1, start_us + minute_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us + minute_us), 15 * minute_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us + 16 * minute_us - 1), 1);
    assert_int_equal(identity_failures_wait_us(&failures, start_us + 16 * minute_us), 0);
    assert_int_equal(failures.version, 10);
}

static void failures_that_are_far_apart_do_not_lock(void **state)
{
    (void)state;
    struct identity_failures failures = { 0 };
    add(&failures, 9, start_us);
    add(&failures, 9, start_us + 15 * minute_us + 1);
    assert_int_equal(identity_failures_wait_us(&failures, start_us + 15 * minute_us + 1), 0);
}

static void each_next_lock_is_twice_as_long_up_to_four_hours(void **state)
{
    (void)state;
    static const int64_t minutes[] = { 15, 30, 60, 120, 240, 240 };
    struct identity_failures failures = { 0 };
    int64_t now_us = start_us;
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        add(&failures, 10, now_us);
        assert_int_equal(identity_failures_wait_us(&failures, now_us), minutes[i] * minute_us);
        now_us = failures.locked_until_us;
    }
}

static void quiet_day_makes_locks_short_again(void **state)
{
    (void)state;
    struct identity_failures failures = { 0 };
    add(&failures, 10, start_us);
    const int64_t later_us = failures.locked_until_us + 24 * 60 * minute_us + 1;
    assert_true(identity_failures_end_us(&failures, identity_limit_of(IDENTITY_GUARD_SIGN_IN)) <
                later_us);
    add(&failures, 10, later_us);
    assert_int_equal(identity_failures_wait_us(&failures, later_us), 15 * minute_us);
}

static void record_ends_with_its_window_and_the_memory_of_its_locks(void **state)
{
    (void)state;
    struct identity_failures failures = { 0 };
    add(&failures, 1, start_us);
    assert_int_equal(identity_failures_end_us(&failures, identity_limit_of(IDENTITY_GUARD_SIGN_IN)),
                     start_us + 15 * minute_us);
    add(&failures, 9, start_us);
    assert_int_equal(identity_failures_end_us(&failures, identity_limit_of(IDENTITY_GUARD_SIGN_IN)),
                     start_us + (15 + 24 * 60) * minute_us);
}

static void asking_for_messages_is_limited_by_the_hour(void **state)
{
    (void)state;
    const struct identity_limit *limit = identity_limit_of(IDENTITY_GUARD_RESET);
    struct identity_failures failures = { 0 };
    for (int i = 0; i < 4; i++)
        identity_failures_add(&failures, limit, start_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us), 0);
    identity_failures_add(&failures, limit, start_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us), 60 * minute_us);
    for (int i = 0; i < 5; i++)
        identity_failures_add(&failures, limit, failures.locked_until_us);
    assert_int_equal(identity_failures_wait_us(&failures, start_us), 120 * minute_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenth_failure_locks_for_a_quarter_of_an_hour),
        cmocka_unit_test(failures_that_are_far_apart_do_not_lock),
        cmocka_unit_test(each_next_lock_is_twice_as_long_up_to_four_hours),
        cmocka_unit_test(quiet_day_makes_locks_short_again),
        cmocka_unit_test(asking_for_messages_is_limited_by_the_hour),
        cmocka_unit_test(record_ends_with_its_window_and_the_memory_of_its_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
