/* What the handlers of this domain share. */
#pragma once

#include "actors/admin/admin_store.h"
#include "actors/identity/identity_domain.h"

/* What this domain lends to actors/identity/ (admin_identity.c). */
extern const struct identity_domain admin_identity;

/* The account as identity knows it; views the account. */
struct identity_person admin_person_of(const struct admin_account *account);
/* Who is signed in. WAITS. Statuses: OK, UNAUTHENTICATED (kept out since), NOT_FOUND, those of
 * request_query(). */
MUST_CHECK enum status admin_find_self(struct request *request, struct admin_account *ret_account);

/* Why a role is refused. */
#define ADMIN_ROLE_RULE "Nobody gives or takes a role that may do more than he may himself."
/* Whether the setting admin.second_factor wants one of everybody. */
bool admin_wants_factor(const struct request *request);
/* What a session may do whose second factor was given at confirmed_us (0: never). WAITS; statuses
 * of identity_otp_is_on(). */
MUST_CHECK enum status admin_find_standing(struct request *request,
                                           const struct admin_account *account,
                                           int64_t confirmed_us,
                                           struct admin_standing *ret_standing);
/* Queues an audit entry for something that a member of staff did before there was a principal:
 * signing in, setting a new password by a token. `reason` may be empty. */
void admin_audit_self(struct request *request, const struct message *action, struct uuid staff_id,
                      struct text reason);
/* After a wrong password or code: leaves an audit entry when this attempt has locked further ones.
 * Does as much work for staff_id zero (nobody has that address). WAITS; statuses of request_ask().
 */
MUST_CHECK enum status admin_audit_lockout(struct request *request, enum identity_guard_kind kind,
                                           struct text subject, struct uuid staff_id);
/* Queues a notice to that member of staff, or to the person whom the ticket invites. `ticket_id`
 * may be zero; `facts` may be NULL when facts_count is 0. */
MUST_CHECK enum status admin_raise_notice_with(struct request *request,
                                               enum common_notice_kind kind, struct uuid staff_id,
                                               struct uuid ticket_id, const struct text_pair *facts,
                                               size_t facts_count);
MUST_CHECK enum status admin_raise_notice(struct request *request, enum common_notice_kind kind,
                                          struct uuid staff_id, struct uuid ticket_id);
