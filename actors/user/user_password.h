/* Proofs by password, and which new ones an account may have. */
#pragma once

#include "actors/user/user_store.h"

/* Asks who is signed in for the password once more; failures count like those of sign-ins. WAITS.
 * Statuses: OK, WRONG_PASSWORD (with its place), TOO_MANY_REQUESTS, those of request_ask() and
 * identity_password_check(). */
MUST_CHECK enum status user_check_password(struct request *request,
                                           const struct user_account *account, struct text password,
                                           const char *pointer);
/* Asks who is signed in for the password, when one is given; else a sign-in that is younger than 10
 * minutes proves enough. WAITS. Statuses: STEP_UP_REQUIRED (none given, and the session is older),
 * those of user_check_password(). */
MUST_CHECK enum status user_prove_presence(struct request *request,
                                           const struct user_account *account,
                                           const struct text *password_or_null);
/* Statuses: those of identity_password_acceptable(). */
MUST_CHECK enum status user_judge_password(struct request *request, const char *pointer,
                                           struct text password, struct text email,
                                           struct text username);
/* Counts a message that was asked for. WAITS. Statuses: OK, TOO_MANY_REQUESTS (an hour's share of
 * the address is used up), those of request_ask(). */
MUST_CHECK enum status user_count_message(struct request *request, struct text email);
