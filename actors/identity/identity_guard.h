/* Guards whatever checks a secret against guessing. Known and unknown subjects are treated alike,
 * and the count is in the database: when it cannot be read or written, nobody gets in. A refusal
 * commits nothing, so failures are counted by messages of their own, to an actor per subject. */
#pragma once

#include "actors/identity/identity_throttle_store.h"
#include "identity_messages.h"

struct identity_guard {
    enum identity_guard_kind kind;
    struct text subject, digest; /* in the request's arena */
    bool has_failures;
    struct uuid device_id; /* of a sign-in: from which it was made before; or zero */
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
/* The same for who asks for a message to himself and has shown who he is: a person who is signed
 * in, or a device. His share is his own, so that nobody else can use it up. */
MUST_CHECK enum status identity_guard_own_mail(struct request *request, struct uuid who);
/* Counts a message to somebody who has no account here, by who has it sent: five a day, 25 of a
 * sender whom the market knows (staff has approved the vendor). Sends are counted, so taking one
 * back frees nothing. WAITS. Statuses: OK, TOO_MANY_REQUESTS, those of request_ask(). */
MUST_CHECK enum status identity_guard_stranger(struct request *request, struct uuid sender,
                                               bool is_known);
/* The same of an invitation, and by the address that it goes to, in its normal form: five a day of
 * all who invite. To be called before an earlier invitation is voided. */
MUST_CHECK enum status identity_guard_invitation(struct request *request, struct uuid sender,
                                                 bool is_known, struct text email);
/* Counts an account that is opened with nothing but an address, by the network (/24, /48) of the
 * client; the setting registration.per_network says how many a day. WAITS; statuses as above. */
MUST_CHECK enum status identity_guard_registration(struct request *request);
/* After a proof that is worth more than what was locked (a token of a message): the failures of a
 * subject are forgotten, and its lock with them. An outage is logged, no more. WAITS. */
void identity_guard_lift(struct request *request, enum identity_guard_kind kind,
                         struct text subject);
/* After a right secret: forgets the failures before it. An outage is logged, no more: they will be
 * forgotten by the clock. WAITS. */
void identity_guard_forget(struct request *request, const struct identity_guard *guard);
