/* Something that serves few at once, such as readers of an index: each who enters has a place to
 * himself, others wait in their order. How many wait has a bound, and of its places an account or a
 * network has a quarter. */
#pragma once

#include "actors/host/request.h"
#include "runtime/offload.h"

struct turnstile;

/* Places 0 to places - 1, each with a thread of its own, and room for so many who wait. */
struct turnstile *turnstile_new(struct offload *offload, struct fibers *fibers, size_t places,
                                size_t waiting_max);
/* Everybody must have left. */
void turnstile_destroy(struct turnstile **turnstile);
/* WAITS, until the request's deadline at most. Statuses: OK, OVERLOADED (too many wait, or too many
 * of this account or network), DEADLINE_EXCEEDED, STOPPING. */
MUST_CHECK enum status turnstile_enter(struct turnstile *turnstile, struct request *request,
                                       size_t *ret_place);
void turnstile_leave(struct turnstile *turnstile, size_t place);
/* Runs blocking work on the thread of a place, for who has it. WAITS. As offload_run_on(). */
MUST_CHECK enum status turnstile_work(struct turnstile *turnstile, size_t place,
                                      void (*work)(void *argument), void *argument);
