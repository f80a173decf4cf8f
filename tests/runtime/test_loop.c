/* The loop: the order of timers, turns, wake-ups, stop signals. */
#include <signal.h>

#include "runtime/loop.h"
#include "tests/support/cmocka.h"

enum { FIRED_MAX = 2000 };

struct watch {
    struct timer timer;
    struct stage *stage;
    int number;
};

struct stage {
    struct loop *loop;
    struct timers *timers;
    struct watch watches[FIRED_MAX];
    int fired[FIRED_MAX];
    int64_t fired_at_us[FIRED_MAX];
    size_t fired_count, expected;
    int turns_left, turns_ended;
};

static struct stage stage; /* too big for a stack */

static int64_t now_us(void)
{
    return loop_now_us(stage.loop);
}

static int open_stage(void **state)
{
    (void)state;
    stage = (struct stage){ .loop = loop_new() };
    stage.timers = loop_timers(stage.loop);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    loop_destroy(&stage.loop);
    return stage.loop == NULL ? 0 : -1;
}

static void note_firing(struct timer *timer)
{
    struct watch *watch = CONTAINER_OF(timer, struct watch, timer);
    stage.fired_at_us[stage.fired_count] = now_us();
    stage.fired[stage.fired_count++] = watch->number;
    if (stage.fired_count == stage.expected) loop_stop(stage.loop);
}

static void start(int number, int64_t at_us)
{
    struct watch *watch = &stage.watches[number];
    watch->number = number;
    watch->timer.on_fire = note_firing;
    timer_start(stage.timers, &watch->timer, at_us);
}

static void stop(int number)
{
    timer_stop(stage.timers, &stage.watches[number].timer);
}

static void timers_fire_in_order_and_never_early(void **state)
{
    (void)state;
    const int64_t begin_us = now_us();
    stage.expected = 4;
    start(3, begin_us + 9000);
    start(1, begin_us + 3000);
    start(2, begin_us + 6000);
    start(0, 1);
    loop_run(stage.loop);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(stage.fired[i], i);
        assert_true(stage.fired_at_us[i] >= stage.watches[i].timer.at_us);
    }
}

static void equal_times_fire_in_the_order_of_their_start(void **state)
{
    (void)state;
    const int64_t at_us = now_us() + 2000;
    stage.expected = 100;
    for (int i = 0; i < 100; i++)
        start(i, at_us);
    start(0, at_us); /* started again: now the last */
    loop_run(stage.loop);
    for (int i = 0; i < 99; i++)
        assert_int_equal(stage.fired[i], i + 1);
    assert_int_equal(stage.fired[99], 0);
}

static void stopped_timers_do_not_fire(void **state)
{
    (void)state;
    const int64_t begin_us = now_us();
    for (int i = 0; i < FIRED_MAX; i++)
        start(i, begin_us + (i * 7919) % 3001);
    for (int i = 0; i < FIRED_MAX; i += 2)
        stop(i);
    stop(0); /* again */
    stage.expected = FIRED_MAX / 2;
    loop_run(stage.loop);
    for (size_t i = 0; i < stage.fired_count; i++) {
        assert_int_equal(stage.fired[i] % 2, 1);
        if (i == 0) continue;
        assert_true(stage.watches[stage.fired[i - 1]].timer.at_us <=
                    stage.watches[stage.fired[i]].timer.at_us);
    }
}

static void start_again_at_once(struct timer *timer)
{
    if (stage.turns_ended >= 3)
        loop_stop(stage.loop);
    else
        timer_start(stage.timers, timer, 1);
}

static void count_turn(void *context)
{
    (void)context;
    stage.turns_ended++;
}

static void timer_that_restarts_itself_lets_the_loop_turn(void **state)
{
    (void)state;
    loop_on_turn_end(stage.loop, count_turn, NULL);
    stage.watches[0].timer.on_fire = start_again_at_once;
    timer_start(stage.timers, &stage.watches[0].timer, 1);
    loop_run(stage.loop);
    assert_in_range(stage.turns_ended, 3, 4);
    assert_true(loop_turns(stage.loop) >= 3);
}

static void wake_until_done(void *context)
{
    (void)context;
    stage.turns_ended++;
    if (--stage.turns_left == 0)
        loop_stop(stage.loop);
    else
        loop_wake(stage.loop);
}

static void turn_end_that_wakes_keeps_the_loop_from_sleeping(void **state)
{
    (void)state;
    stage.turns_left = 1000;
    loop_on_turn_end(stage.loop, wake_until_done, NULL);
    const int64_t begin_us = now_us();
    loop_run(stage.loop);
    assert_int_equal(stage.turns_ended, 1000);
    assert_true(now_us() - begin_us < 5000000);
}

static void wake_from_a_poll_callback(uv_async_t *async)
{
    stage.turns_ended = 0;
    stage.turns_left = 2;
    loop_wake(stage.loop);
    uv_close((uv_handle_t *)async, NULL);
}

static void stop_in_the_second_turn_after(void *context)
{
    (void)context;
    stage.turns_ended++;
    if (stage.turns_left > 0 && --stage.turns_left == 0) loop_stop(stage.loop);
}

static void wake_asked_for_while_polling_counts_for_the_next_turn(void **state)
{
    (void)state;
    uv_async_t async;
    assert_int_equal(uv_async_init(loop_uv(stage.loop), &async, wake_from_a_poll_callback), 0);
    assert_int_equal(uv_async_send(&async), 0);
    loop_on_turn_end(stage.loop, stop_in_the_second_turn_after, NULL);
    loop_run(stage.loop); /* would sleep for ever if the wake were lost */
    assert_int_equal(stage.turns_ended, 2);
}

static void note_signal(void *context)
{
    (*(int *)context)++;
    loop_stop(stage.loop);
}

static void stop_signals_reach_the_loop(void **state)
{
    (void)state;
    int signals = 0;
    loop_on_stop_signal(stage.loop, note_signal, &signals);
    assert_int_equal(raise(SIGTERM), 0);
    loop_run(stage.loop);
    assert_int_equal(raise(SIGINT), 0);
    loop_run(stage.loop);
    assert_int_equal(raise(SIGPIPE), 0); /* ignored */
    assert_int_equal(signals, 2);
}

static void randomness_differs_and_clocks_agree(void **state)
{
    (void)state;
    uint8_t a[16], b[16];
    struct rng *rng = loop_rng(stage.loop);
    rng->fill(rng->context, a, sizeof a);
    rng->fill(rng->context, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    struct clock *clock = loop_clock(stage.loop);
    assert_true(clock->market_us(clock->context) - clock->real_us(clock->context) < 1000000);
    assert_true(clock->real_us(clock->context) > INT64_C(1600000000000000));
}

static void market_time_can_be_ahead_of_real_time(void **state)
{
    (void)state;
    const int64_t year_us = INT64_C(365) * 24 * 3600 * 1000000;
    assert_int_equal(loop_market_offset_us(stage.loop), 0);
    loop_set_market_offset(stage.loop, year_us);
    const int64_t ahead_us = loop_market_us(stage.loop) - loop_real_us(stage.loop);
    assert_in_range(ahead_us, year_us - 1000000, year_us + 1000000);
    const struct clock *clock = loop_clock(stage.loop);
    assert_in_range(clock_market_us(clock) - clock_real_us(clock), year_us - 1000000,
                    year_us + 1000000);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(timers_fire_in_order_and_never_early),
        STAGED(equal_times_fire_in_the_order_of_their_start),
        STAGED(stopped_timers_do_not_fire),
        STAGED(timer_that_restarts_itself_lets_the_loop_turn),
        STAGED(turn_end_that_wakes_keeps_the_loop_from_sleeping),
        STAGED(wake_asked_for_while_polling_counts_for_the_next_turn),
        STAGED(stop_signals_reach_the_loop),
        STAGED(randomness_differs_and_clocks_agree),
        STAGED(market_time_can_be_ahead_of_real_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
