/* Guards whatever checks a secret against guessing. Known and unknown subjects are treated alike,
 * and the count is in the database: when it cannot be read or written, nobody gets in. A refusal
 * commits nothing, so failures are counted by messages of their own, to an actor per subject. */
#pragma once

#include "actors/identity/identity_throttle_store.h"
#include "identity_messages.h"

struct identity_guard {
    struct text digest;
    bool has_failures;
};

/* Before the secret is looked at. `subject` is what limits are counted by: an address in its normal
 * form, the 16 bytes of a person's id, a client address. WAITS. Statuses: OK, TOO_MANY_REQUESTS
 * (with the seconds left in the fault's `available`), and those of request_query(). */
MUST_CHECK enum status identity_guard_open(struct request *request, enum identity_guard_kind kind,
                                           struct text subject, struct identity_guard *ret_guard);
/* After a wrong secret: counts it, whatever becomes of the request. WAITS; statuses of
 * request_ask(). */
MUST_CHECK enum status identity_guard_count(struct request *request,
                                            const struct identity_guard *guard);
/* Whether further attempts are refused now, for audit entries. WAITS; statuses of request_query().
 */
MUST_CHECK enum status identity_guard_is_locked(struct request *request,
                                                enum identity_guard_kind kind, struct text subject,
                                                bool *ret_is_locked);
/* Counts a message that somebody has sent to an address; guard kind RESET. WAITS. Statuses: OK,
 * TOO_MANY_REQUESTS (an hour's share of the address is used up), those of request_ask(). */
MUST_CHECK enum status identity_guard_mail(struct request *request, struct text email);
/* After a right secret: forgets the failures before it. An outage is logged, no more: they will be
 * forgotten by the clock. WAITS. */
void identity_guard_forget(struct request *request, const struct identity_guard *guard);
