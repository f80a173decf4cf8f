/* Rows of the user domain: accounts, sessions, signing keys. Nothing but SQL and its mapping. Every
 * find and list WAITS, with the statuses of request_query(); text in results lives in the request's
 * arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/user/user.h"
#include "runtime/paseto.h"
#include "user_messages.h"

enum { USER_KEYS_MAX = 8, USER_KID_MAX = 64, USER_SESSIONS_LISTED_MAX = 100 };

struct user_account {
    struct uuid id;
    struct text email, username, password_hash;
    int64_t created_at_us;
    int64_t version; /* of its row */
};

MUST_CHECK enum status user_store_check_free(struct request *request, struct text email,
                                             struct text name, bool *ret_email_is_taken,
                                             bool *ret_name_is_taken);
/* Statuses: OK, NOT_FOUND, and those of request_query(); so for every find. */
MUST_CHECK enum status user_store_find_by_email(struct request *request, struct text email,
                                                struct user_account *ret_account);
MUST_CHECK enum status user_store_find(struct request *request, struct uuid user_id,
                                       struct user_account *ret_account);
/* Queues the account and its user name; the unit ends with EMAIL_TAKEN or USERNAME_TAKEN when
 * another one was faster. */
void user_store_add(struct request *request, const struct user_account *account, struct text name);

/* Queues the user name and the password hash of a changed account; the unit ends with CONFLICT when
 * the row is not at the version before. */
void user_store_save(struct request *request, const struct user_account *account);
/* Queues the name by which others are compared; the unit ends with USERNAME_TAKEN when another
 * account has it. */
void user_store_save_name(struct request *request, struct uuid user_id, struct text name);
/* The unit ends with CONFLICT when the account has another password hash by then. */
void user_store_require_password(struct request *request, const struct user_account *account);

void user_store_add_session(struct request *request, const struct user_session *session);
/* The session and whose it is. */
MUST_CHECK enum status user_store_find_session(struct request *request, struct uuid session_id,
                                               struct user_session *ret_session,
                                               struct user_account *ret_account);
/* Queues a rotated session; the unit ends with CONFLICT when the row is not at the version before.
 */
void user_store_save_session(struct request *request, const struct user_session *session);
/* Queues the end of a session of that user; nothing happens when there is none or it has ended
 * before. */
void user_store_close_session(struct request *request, struct uuid session_id, struct uuid user_id);

/* Queues the end of every session of that user but one. */
void user_store_close_other_sessions(struct request *request, struct uuid session_id,
                                     struct uuid user_id);
/* The sessions of a user that are neither revoked nor expired, the last refreshed first, at most
 * USER_SESSIONS_LISTED_MAX; is_current is left to the caller. */
MUST_CHECK enum status user_store_list_sessions(struct request *request, struct uuid user_id,
                                                struct common_open_sign_in **ret_sessions,
                                                size_t *ret_count);

struct user_signing_key {
    struct text kid;
    uint8_t public_key[PASETO_PUBLIC_KEY_BYTES];
    uint8_t secret_key[PASETO_SECRET_KEY_BYTES];
};
/* The key that signs tokens of an audience. */
MUST_CHECK enum status user_store_find_signing_key(struct request *request,
                                                   enum common_audience audience,
                                                   struct user_signing_key *ret_key);
/* The unit ends with CONFLICT when another unit made one first. */
void user_store_add_signing_key(struct request *request, enum common_audience audience,
                                const struct user_signing_key *key);
/* All keys that tokens may be signed with, the newest first, at most USER_KEYS_MAX. */
MUST_CHECK enum status user_store_list_keys(struct request *request,
                                            const struct common_token_key **ret_keys,
                                            size_t *ret_count);
