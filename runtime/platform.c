/* The clocks of the operating system, for programs with a loop and without one. */
#include "runtime/platform.h"

#include <time.h>

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;
    const int result = clock_gettime(id, &now);
    assert(result == 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t read_monotonic_us(void *context)
{
    (void)context;
    return read_clock_us(CLOCK_MONOTONIC);
}

static int64_t read_real_us(void *context)
{
    (void)context;
    return read_clock_us(CLOCK_REALTIME);
}

const struct clock platform_clock = { NULL, read_monotonic_us, read_real_us, read_real_us };
