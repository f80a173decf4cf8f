/* Work that would block the loop (Argon2id, OpenSSL, parsers) in libuv's thread pool, at a lower
 * priority than the loops', waited for by a fiber. The queue is bounded, so that password hashing
 * cannot pile up. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/loop.h"

struct offload;

struct offload *offload_new(struct loop *loop, struct fibers *fibers, size_t queue_max);
void offload_destroy(struct offload **offload);
/* Turns the loop until no work waits or runs, after fibers_stop(); from the loop's stack. */
void offload_finish(struct offload *offload);
/* Runs work(argument) on a pool thread. WAITS until it has finished, even past a deadline, because
 * the argument is the caller's; STOPPING is reported after the work is done. Statuses: OK,
 * OVERLOADED (queue full), STOPPING. */
MUST_CHECK enum status offload_run(struct offload *offload, void (*work)(void *argument),
                                   void *argument);
