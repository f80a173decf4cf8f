/* What the handlers of this domain share. */
#pragma once

#include "actors/admin/admin_store.h"
#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_second_factor.h"

/* Names the field at fault; returns `code`. */
enum status admin_refuse(struct request *request, const char *pointer, enum status code);
/* Setting admin.second_factor. */
bool admin_wants_factor(const struct request *request);
/* What a session may do that gave a second factor at confirmed_us (0: never). WAITS; statuses of
 * identity_otp_is_on(). */
MUST_CHECK enum status admin_find_standing(struct request *request,
                                           const struct admin_account *account,
                                           int64_t confirmed_us,
                                           struct admin_standing *ret_standing);
/* The password of somebody who is signed in; a wrong one counts like one of a sign-in. WAITS.
 * Statuses: OK, WRONG_PASSWORD (with the pointer), TOO_MANY_REQUESTS, those of the store. */
MUST_CHECK enum status admin_check_password(struct request *request, const char *pointer,
                                            const struct admin_account *account,
                                            struct text password);
/* A code of the second factor, as identity_otp_check(); a wrong one too many leaves an audit entry.
 */
MUST_CHECK enum status admin_check_otp(struct request *request, struct uuid staff_id,
                                       struct text code, const char *pointer,
                                       struct identity_second_factor *ret_factor);
/* Queues an audit entry of what somebody on the staff has done by proving who he is, when the
 * message itself does not say so: signing in, a new password. `reason` may be empty. */
void admin_audit_self(struct request *request, const struct message *action, struct uuid staff_id,
                      struct text reason);
/* After a wrong password or code: when that was one too many, an audit entry says so. For staff_id
 * zero (nobody has that address) it does as much work. WAITS; statuses of request_ask(). */
MUST_CHECK enum status admin_audit_lockout(struct request *request, enum identity_guard_kind kind,
                                           struct text subject, struct uuid staff_id);
/* Queues a notice to that member of staff, or to whom the ticket invites. `ticket_id` may be zero,
 * `facts` of notices that need none. */
MUST_CHECK enum status admin_raise_notice_with(struct request *request,
                                               enum common_notice_kind kind, struct uuid staff_id,
                                               struct uuid ticket_id, const struct text_pair *facts,
                                               size_t facts_count);
MUST_CHECK enum status admin_raise_notice(struct request *request, enum common_notice_kind kind,
                                          struct uuid staff_id, struct uuid ticket_id);
