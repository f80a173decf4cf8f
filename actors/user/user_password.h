/* Passwords: Argon2id on a pool thread, with the costs of the configuration. */
#pragma once

#include "actors/user/user_store.h"

/* The hash to keep of a new password, in the request's arena. WAITS. Statuses: OK, and those of
 * request_offload() and password_hash(). */
MUST_CHECK enum status user_password_hash(struct request *request, struct text password,
                                          struct text *ret_hash);
/* Whether the password is that of the account. NULL (nobody has the address): no, after as much
 * work. WAITS; statuses as above. */
MUST_CHECK enum status user_password_check(struct request *request, struct text password,
                                           const struct user_account *account, bool *ret_matches);
