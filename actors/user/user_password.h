/* Proofs by password, and which new ones an account may have. */
#pragma once

#include "actors/user/user_store.h"

/* Asks who is signed in for the password once more, as identity_check_password() at
 * "/current_password". WAITS. */
MUST_CHECK enum status user_check_password(struct request *request,
                                           const struct user_account *account,
                                           struct text password);
/* Makes sure that the owner is present: by the password when one is given; otherwise by a session
 * that was opened less than 10 minutes ago. WAITS. Statuses: STEP_UP_REQUIRED (no password, and an
 * older session), those of user_check_password(). */
MUST_CHECK enum status user_prove_presence(struct request *request,
                                           const struct user_account *account,
                                           const struct text *password_or_null);
/* Statuses: those of identity_password_acceptable(). */
MUST_CHECK enum status user_judge_password(struct request *request, const char *pointer,
                                           struct text password, struct text email,
                                           struct text username);
