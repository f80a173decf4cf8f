/* The outside world as parameters: clock, timer, net and rng are small tables, so that a simulation
 * can run the same code under a seeded scheduler with faults. Production tables: runtime/loop.h
 * (clock, timer, rng), runtime/link.h (net). The fifth is storage/store.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/base.h"
#include "runtime/text.h"

struct clock {
    void *context;
    int64_t (*monotonic_us)(void *context); /* never steps back; for deadlines */
    int64_t (*real_us)(void *context);      /* since 1970, UTC; for leases and token lifetimes */
    int64_t (*market_us)(
        void *context); /* real time + the market's offset; for everything that is stored */
};

/* The operating system's clocks, with a market time that is real time. */
extern const struct clock platform_clock;

/* Monotonic time: what deadlines and timers are measured by. */
static inline int64_t clock_now_us(const struct clock *clock)
{
    return clock->monotonic_us(clock->context);
}

static inline int64_t clock_real_us(const struct clock *clock)
{
    return clock->real_us(clock->context);
}

static inline int64_t clock_market_us(const struct clock *clock)
{
    return clock->market_us(clock->context);
}

struct rng {
    void *context;
    void (*fill)(void *context, void *bytes, size_t length); /* cryptographic in production */
};

/* A one-shot timer that its owner embeds. on_fire may start it again or free its owner. */
struct timer {
    int64_t at_us;
    void (*on_fire)(struct timer *timer);
    size_t heap_position; /* private: 0 when not started */
    uint64_t order;       /* private: equal times fire in the order of their start */
};

struct timers {
    void *context;
    /* Starts or restarts; fires once at a monotonic time that is not before `at_us`. */
    void (*start)(void *context, struct timer *timer, int64_t at_us);
    /* Stops; fine when it is not started. */
    void (*stop)(void *context, struct timer *timer);
};

/* See `start` above. */
static inline void timer_start(struct timers *timers, struct timer *timer, int64_t at_us)
{
    timers->start(timers->context, timer, at_us);
}

/* See `stop` above. */
static inline void timer_stop(struct timers *timers, struct timer *timer)
{
    timers->stop(timers->context, timer);
}

static inline bool timer_is_started(const struct timer *timer)
{
    return timer->heap_position != 0;
}

/* What a process sends to and receives from its peers: whole frames, unordered between peers, may
 * be lost. */
struct net {
    void *context;
    /* Queues a frame for an open link; takes nothing. Statuses: OK, OVERLOADED (full), UNAVAILABLE
     * (no such link). */
    enum status (*send)(void *context, unsigned link, struct text frame);
    /* Opens a send-only link to an endpoint; the number names it until closed. */
    enum status (*open)(void *context, const char *endpoint, unsigned *ret_link);
    void (*close)(void *context, unsigned link);
};
