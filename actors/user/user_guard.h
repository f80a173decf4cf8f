/* Guards whatever checks a password against guessing. Known and unknown addresses are treated
 * alike, and the count is in the database: when it cannot be read or written, nobody gets in. */
#pragma once

#include "actors/user/user_throttle_store.h"

struct user_guard {
    struct text address_digest;
    bool has_failures;
};

/* Before the password is looked at. WAITS. Statuses: OK, TOO_MANY_REQUESTS (with the seconds left
 * in the fault's `available`), and those of request_query(). */
MUST_CHECK enum status user_guard_open(struct request *request, struct text email,
                                       struct user_guard *ret_guard);
/* After a wrong password: counts it, whatever becomes of the request. WAITS; statuses of
 * request_ask(). */
MUST_CHECK enum status user_guard_count(struct request *request, const struct user_guard *guard);
/* After a right password: forgets the failures before it. An outage is logged, no more: they will
 * be forgotten by the clock. WAITS. */
void user_guard_forget(struct request *request, const struct user_guard *guard);

/* The sweep that deletes old counts. */
MUST_CHECK enum status user_guard_sweep(struct request *request, unsigned shard_first,
                                        unsigned shard_last);
