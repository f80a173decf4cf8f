/* Handlers are straight-line functions on stacks of their own; this is the only stack switch in the
 * program (makecontext/swapcontext, POSIX.1-2001), with AddressSanitizer and valgrind told of each
 * stack. A fiber never leaves its thread. 64 KiB stacks with a guard page (256 KiB under
 * sanitizers), kept in a pool. */
#pragma once

#include "runtime/base.h"
#include "runtime/platform.h"

struct fibers; /* the pool of one loop */
struct fiber;

enum { FIBERS_MAX = 8192, FIBERS_NESTED_MAX = 16 };

struct fibers *fibers_new(struct timers *timers, struct clock *clock);
/* All fibers must have ended. */
void fibers_destroy(struct fibers **fibers);
/* Runs `entry(argument)` on a fiber at once, until its first wait or its end; then the caller goes
 * on, which may be the loop or a fiber. Fibers that spawn inside one another's spawn nest at most
 * FIBERS_NESTED_MAX deep (asserted). Statuses: OK, OVERLOADED (FIBERS_MAX are alive). */
MUST_CHECK enum status fiber_spawn(struct fibers *fibers, void (*entry)(void *argument),
                                   void *argument);
/* The fiber that runs now, or NULL on the loop's own stack. */
struct fiber *fiber_current(void);
/* True once fibers_stop() was called. */
bool fibers_are_stopping(const struct fibers *fibers);
size_t fibers_alive(const struct fibers *fibers);
/* Gives the memory of idle stacks back to the system, but for `keep` of them; for quiet moments. */
void fibers_trim(struct fibers *fibers, size_t keep);
/* Every wait that is under way, and every later one, ends with STATUS_STOPPING. */
void fibers_stop(struct fibers *fibers);

/* One event that at most one fiber waits for. Lives where its owner puts it, until finished or
 * waited for. */
struct completion {
    struct fibers *fibers;
    struct fiber *waiter;
    struct timer timer;
    struct completion *previous, *next; /* of those waiting, for fibers_stop */
    enum status status;
    bool is_done;
};

void completion_init(struct completion *completion, struct fibers *fibers);
/* Waits until completion_finish() or the monotonic deadline (INT64_MAX: none). WAITS; asserts that
 * it runs in a fiber. Returns the status given to completion_finish() (at once, even when stopping,
 * if it came before the wait), DEADLINE_EXCEEDED, or STOPPING. */
MUST_CHECK enum status completion_wait(struct completion *completion, int64_t deadline_us);
/* The same without a deadline, and not ended by fibers_stop(): for work under way that uses the
 * waiter's memory. WAITS. */
MUST_CHECK enum status completion_wait_out(struct completion *completion);
/* Ends the wait, now or before it begins; the waiter runs at once, inside this call when called
 * from the loop's stack, else after the calling fiber's next wait. A second finish is ignored. */
void completion_finish(struct completion *completion, enum status status);
/* Waits for nothing but time. WAITS. */
MUST_CHECK enum status fiber_sleep(struct fibers *fibers, int64_t duration_us);
