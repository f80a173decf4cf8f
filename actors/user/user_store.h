/* Rows of the user domain: accounts. Nothing but SQL and its mapping. Every
 * find and list WAITS, with the statuses of request_query(); text in results lives in the request's
 * arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/identity/identity_ticket.h"
#include "actors/user/user.h"
#include "common_messages.h"
#include "user_messages.h"

struct user_account {
    struct uuid id;
    struct text email, username;
    struct text password_hash; /* empty: no password is right */
    int64_t created_at_us;
    enum user_account_status status;
    bool is_email_verified;
    bool is_holder_proved; /* by the holder himself, not only by somebody who reads the address */
    struct text locale;
    bool has_phone;
    struct text phone;
    bool is_phone_proved; /* read only */
    int64_t version;      /* of its row */
};

MUST_CHECK enum status user_store_check_free(struct request *request, struct text email,
                                             struct text name, bool *ret_email_is_taken,
                                             bool *ret_name_is_taken);
/* Statuses: OK, NOT_FOUND, and those of request_query(); so for every find. */
MUST_CHECK enum status user_store_find_by_email(struct request *request, struct text email,
                                                struct user_account *ret_account);
MUST_CHECK enum status user_store_find(struct request *request, struct uuid user_id,
                                       struct user_account *ret_account);
/* The account that is signed in. An access token may outlive the block or erasure of its account by
 * some seconds; nothing more is done with it then. Statuses: OK, NOT_FOUND, UNAUTHENTICATED
 * (blocked or erased), and those of request_query(). */
MUST_CHECK enum status user_store_find_own(struct request *request,
                                           struct user_account *ret_account);
/* Queues the account and its user name; the unit ends with EMAIL_TAKEN or USERNAME_TAKEN when
 * another one was faster. */
void user_store_add(struct request *request, const struct user_account *account, struct text name);

/* Queues all but the id and created_at of a changed account; the unit ends with CONFLICT when the
 * row is not at the version before, with EMAIL_TAKEN when another account has its address. */
void user_store_save(struct request *request, const struct user_account *account);
/* Queues the name by which others are compared; the unit ends with USERNAME_TAKEN when another
 * account has it. */
void user_store_save_name(struct request *request, struct uuid user_id, struct text name);
/* Queues a check: the unit ends with CONFLICT when the account has got another password meanwhile,
 * or is not active any more. */
void user_store_require_active(struct request *request, const struct user_account *account);

void user_describe(const struct user_account *account, struct user_user *ret_user);
