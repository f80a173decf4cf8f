/* The operating system's clock, and what has been skipped on top of it. */
#include "tests/support/time_skip.h"

static int64_t skipped_now_us(void *context)
{
    const struct time_skip *skip = context;
    return clock_now_us(&platform_clock) + skip->skipped_us;
}

static int64_t skipped_market_us(void *context)
{
    const struct time_skip *skip = context;
    return clock_market_us(&platform_clock) + skip->skipped_us;
}

static void on_wake(struct timer *timer)
{
    (void)timer; /* the loop fires whatever else is due in the same turn */
}

void time_skip_init(struct time_skip *skip, struct loop *loop)
{
    *skip = (struct time_skip){ .loop = loop, .wake = { .on_fire = on_wake } };
    struct clock *clock = loop_clock(loop);
    clock->context = skip;
    clock->monotonic_us = skipped_now_us;
    clock->market_us = skipped_market_us;
}

void time_skip_by(struct time_skip *skip, int64_t duration_us)
{
    assert(duration_us >= 0);
    skip->skipped_us += duration_us;
    /* Due before everything else, so libuv's timer is set anew. */
    timer_start(loop_timers(skip->loop), &skip->wake, 0);
}
