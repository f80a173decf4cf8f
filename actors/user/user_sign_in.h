/* The last step of every sign-in. */
#pragma once

#include "actors/user/user_store.h"

/* Queues a new session for somebody who has proved to own the account, and answers its tokens.
 * `confirmed_us`: real time of a second factor just given; 0: none. WAITS. Statuses: those of
 * identity_open_session(). */
MUST_CHECK enum status user_sign_in(struct request *request, const struct user_account *account,
                                    int64_t confirmed_us, struct user_signed_in *ret_reply);
