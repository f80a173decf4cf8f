/* Rows of staff and invitations. Nothing but SQL and its mapping. Every find and list WAITS, with
 * the statuses of request_query(); text in results lives in the request's arena. */
#pragma once

#include "actors/admin/admin.h"
#include "actors/host/request.h"

/* A member of staff, as the row has it. */
struct admin_account {
    struct uuid id;
    struct text email, name, locale, password_hash;
    enum admin_staff_role role;
    bool is_active;
    int64_t created_at_us;
    int64_t version; /* of its row */
};

/* Statuses: OK, NOT_FOUND, and those of request_query(); so for every find. */
MUST_CHECK enum status admin_store_find(struct request *request, struct uuid staff_id,
                                        struct admin_account *ret_account);
MUST_CHECK enum status admin_store_find_by_email(struct request *request, struct text email,
                                                 struct admin_account *ret_account);
/* With ids below `before`, the newest first, of that role's name (empty: any); at most `limit`. */
MUST_CHECK enum status admin_store_list(struct request *request, struct text role,
                                        struct uuid before, int64_t limit,
                                        struct admin_account **ret_accounts, size_t *ret_count);
/* Queues a new account; the unit ends with EMAIL_TAKEN when another one was faster. */
void admin_store_add(struct request *request, const struct admin_account *account);
/* Queues role, is_active, password hash, name and locale of a changed account. The unit ends with
 * CONFLICT when the row is not at the version before, with LAST_OWNER when `owners_gained` leaves
 * no active owner. */
void admin_store_save(struct request *request, const struct admin_account *account,
                      int owners_gained);
/* Queues a check: the unit ends with CONFLICT when the account has got another password meanwhile,
 * or is kept out. */
void admin_store_require_password(struct request *request, const struct admin_account *account);

/* Describes an account for answers; never with its password hash. */
void admin_describe(const struct admin_account *account, struct admin_staff *ret_staff);

/* Somebody who is invited and has not joined yet. */
struct admin_invitation {
    struct uuid staff_id, invited_by, ticket_id;
    struct text email, name;
    enum admin_staff_role role;
    int64_t created_at_us; /* of the last time that it was sent */
};
/* Those sent after that, with ids below `before`, the newest first; at most `limit`. */
MUST_CHECK enum status admin_store_list_invitations(struct request *request, int64_t sent_after_us,
                                                    struct uuid before, int64_t limit,
                                                    struct admin_invitation **ret_invitations,
                                                    size_t *ret_count);
MUST_CHECK enum status admin_store_find_invitation(struct request *request, struct uuid staff_id,
                                                   struct admin_invitation *ret_invitation);
MUST_CHECK enum status
admin_store_find_invitation_by_email(struct request *request, struct text email,
                                     struct admin_invitation *ret_invitation);
/* Queues an invitation in place of the last one of that account; the unit ends with CONFLICT when
 * another one of that address was faster. */
void admin_store_invite(struct request *request, const struct admin_invitation *invitation);
/* The unit ends with CONFLICT when there is none. */
void admin_store_remove_invitation(struct request *request, struct uuid staff_id);
/* Queues the end of all invitations that a member of staff has sent. */
void admin_store_end_invitations_of(struct request *request, struct uuid inviter_id);
