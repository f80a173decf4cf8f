/* Work that would block the loop (Argon2id, OpenSSL, parsers) in libuv's thread pool, at a lower
 * priority than the loops', waited for by a fiber. The queue is bounded, so that password hashing
 * cannot pile up. What cannot stand behind such work has threads of its own. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/loop.h"

struct offload;

struct offload *offload_new(struct loop *loop, struct fibers *fibers, size_t queue_max);
void offload_destroy(struct offload **offload);
/* Turns the loop until no work waits or runs, after fibers_stop(); from the loop's stack. */
void offload_finish(struct offload *offload);
/* A thread of its own beside the pool, at the loops' priority: for short work that somebody waits
 * for and that must not stand behind password hashes. It does one piece at a time. */
struct offload_thread;
struct offload_thread *offload_thread_new(struct offload *offload);
/* It must be idle. */
void offload_thread_destroy(struct offload_thread **thread);
/* Runs work(argument) there; nobody else may be doing so. WAITS as offload_run(). Statuses: OK,
 * STOPPING. */
MUST_CHECK enum status offload_run_on(struct offload_thread *thread, void (*work)(void *argument),
                                      void *argument);
/* Runs work(argument) on a pool thread. WAITS until it has finished, even past a deadline, because
 * the argument is the caller's; STOPPING is reported after the work is done. Statuses: OK,
 * OVERLOADED (queue full), STOPPING. */
MUST_CHECK enum status offload_run(struct offload *offload, void (*work)(void *argument),
                                   void *argument);
