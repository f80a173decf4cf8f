/* The tables by which the world is a parameter: each helper asks the entry of its name. */
#include "runtime/platform.h"
#include "tests/support/cmocka.h"

/* Three times that cannot be confused. */
static int64_t monotonic_us(void *context)
{
    return *(int64_t *)context + 1;
}

static int64_t real_us(void *context)
{
    return *(int64_t *)context + 2;
}

static int64_t market_us(void *context)
{
    return *(int64_t *)context + 3;
}

static int64_t base_us = 1000;
static const struct clock clock_of_test = { &base_us, monotonic_us, real_us, market_us };

static void each_time_is_read_from_its_own_entry(void **state)
{
    (void)state;
    assert_int_equal(clock_now_us(&clock_of_test), 1001);
    assert_int_equal(clock_real_us(&clock_of_test), 1002);
    assert_int_equal(clock_market_us(&clock_of_test), 1003);
}

static void monotonic_time_never_steps_back(void **state)
{
    (void)state;
    int64_t before_us = clock_now_us(&platform_clock);
    for (size_t i = 0; i < 1000; i++) {
        const int64_t now_us = clock_now_us(&platform_clock);
        assert_true(now_us >= before_us);
        before_us = now_us;
    }
}

static void market_time_is_real_time(void **state)
{
    (void)state;
    const int64_t before_us = clock_real_us(&platform_clock);
    const int64_t market_now_us = clock_market_us(&platform_clock);
    const int64_t after_us = clock_real_us(&platform_clock);
    assert_true(before_us <= market_now_us);
    assert_true(market_now_us <= after_us);
}

static void real_time_counts_from_1970_in_microseconds(void **state)
{
    (void)state;
    const int64_t year_us = INT64_C(31556952) * 1000000;
    const int64_t years = clock_real_us(&platform_clock) / year_us;
    assert_in_range(years, 2020 - 1970, 2200 - 1970);
}

/* Keeps what it was told. */
struct fake_timers {
    struct timers timers;
    struct timer *started, *stopped;
    int64_t at_us;
};

static void fake_start(void *context, struct timer *timer, int64_t at_us)
{
    struct fake_timers *fake = context;
    fake->started = timer;
    fake->at_us = at_us;
}

static void fake_stop(void *context, struct timer *timer)
{
    struct fake_timers *fake = context;
    fake->stopped = timer;
}

static void timers_are_told_which_timer_and_when(void **state)
{
    (void)state;
    struct fake_timers fake = { .timers = { &fake, fake_start, fake_stop } };
    struct timer timer = { 0 };
    timer_start(&fake.timers, &timer, 77);
    assert_ptr_equal(fake.started, &timer);
    assert_int_equal(fake.at_us, 77);
    assert_null(fake.stopped);
    timer_stop(&fake.timers, &timer);
    assert_ptr_equal(fake.stopped, &timer);
}

static void timer_is_started_while_it_has_a_place_among_others(void **state)
{
    (void)state;
    const struct timer idle = { .at_us = 5 }, started = { .at_us = 5, .heap_position = 1 };
    assert_false(timer_is_started(&idle));
    assert_true(timer_is_started(&started));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_time_is_read_from_its_own_entry),
        cmocka_unit_test(monotonic_time_never_steps_back),
        cmocka_unit_test(market_time_is_real_time),
        cmocka_unit_test(real_time_counts_from_1970_in_microseconds),
        cmocka_unit_test(timers_are_told_which_timer_and_when),
        cmocka_unit_test(timer_is_started_while_it_has_a_place_among_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
