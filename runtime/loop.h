/* One libuv loop per process: run, stop, signals, timers (one heap over one uv_timer), the
 * production clock and rng. */
#pragma once

#include <uv.h>

#include "runtime/platform.h"

struct loop;

struct loop *loop_new(void);
/* Closes what the loop itself opened, runs until libuv has let go of every handle, frees. Clears
 * the pointer. */
void loop_destroy(struct loop **loop);
uv_loop_t *loop_uv(struct loop *loop);
struct clock *loop_clock(struct loop *loop);
struct timers *loop_timers(struct loop *loop);
struct rng *loop_rng(struct loop *loop);
/* The times of the loop's clock: monotonic (for deadlines), since 1970 in UTC, and the market's. */
int64_t loop_now_us(const struct loop *loop);
int64_t loop_real_us(const struct loop *loop);
int64_t loop_market_us(const struct loop *loop);
/* How far the market's time is ahead of real time (0 at first), and a new value for it. */
int64_t loop_market_offset_us(const struct loop *loop);
void loop_set_market_offset(struct loop *loop, int64_t offset_us);
/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Calls `on_signal` from the loop for SIGTERM and SIGINT (SIGPIPE is ignored). */
void loop_on_stop_signal(struct loop *loop, void (*on_signal)(void *context), void *context);
/* The same for SIGHUP. */
void loop_on_hangup(struct loop *loop, void (*on_signal)(void *context), void *context);
/* Calls `function` at the end of each loop turn, after callbacks have run and before the loop
 * sleeps. At most 8. */
void loop_on_turn_end(struct loop *loop, void (*function)(void *context), void *context);
/* Makes the next turn not sleep. */
void loop_wake(struct loop *loop);
/* Turns so far, for the watchdog. */
uint64_t loop_turns(const struct loop *loop);
/* Whether the caller may do now what takes the processor for milliseconds, such as a proof of a
 * password: once in each turn, so that many of them do not keep the loop from turning. Whoever is
 * refused comes again in a later turn. */
bool loop_take_slow_turn(struct loop *loop);
