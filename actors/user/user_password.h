/* Proofs by password, and which new ones an account may have. */
#pragma once

#include "actors/user/user_store.h"

/* Asks who is signed in for the password once more; failures count like those of sign-ins. WAITS.
 * Statuses: OK, WRONG_PASSWORD (with its place), TOO_MANY_REQUESTS, those of request_ask() and
 * identity_password_check(). */
MUST_CHECK enum status user_check_password(struct request *request,
                                           const struct user_account *account, struct text password,
                                           const char *pointer);
/* Statuses: those of identity_password_acceptable(). */
MUST_CHECK enum status user_judge_password(struct request *request, const char *pointer,
                                           struct text password, struct text email,
                                           struct text username);
/* Counts a message that was asked for. WAITS. Statuses: OK, TOO_MANY_REQUESTS (an hour's share of
 * the address is used up), those of request_ask(). */
MUST_CHECK enum status user_count_message(struct request *request, struct text email);
