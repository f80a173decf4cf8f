/* What this domain lends to actors/identity/, and what its handlers share. */
#pragma once

#include "actors/admin/admin_store.h"
#include "actors/identity/identity_guard.h"

extern const struct identity_messages admin_identity_messages;

/* The sweeps that turn signing keys, and that delete what says nothing any more. */
MUST_CHECK enum status admin_keys_sweep(struct request *request, unsigned shard_first,
                                        unsigned shard_last);
MUST_CHECK enum status admin_trim_sweep(struct request *request, unsigned shard_first,
                                        unsigned shard_last);

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
/* Queues a notice to that member of staff, or to whom the ticket invites. `ticket_id` may be zero,
 * `facts` of notices that need none. */
MUST_CHECK enum status admin_raise_notice_with(struct request *request,
                                               enum common_notice_kind kind, struct uuid staff_id,
                                               struct uuid ticket_id, const struct text_pair *facts,
                                               size_t facts_count);
MUST_CHECK enum status admin_raise_notice(struct request *request, enum common_notice_kind kind,
                                          struct uuid staff_id, struct uuid ticket_id);
