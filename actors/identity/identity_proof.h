/* Proofs that people give of who they are: password, code, the token of a message. What is wrong is
 * counted (identity_guard.h), and told to the domain. */
#pragma once

#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_ticket.h"

/* What somebody signs in with. */
struct identity_sign_in {
    struct text address; /* as it was typed */
    struct text password;
    struct text device; /* the token of an earlier sign-in from there; or empty */
};
/* Whose address and password these are. Takes as long for an address that nobody has. Wrong ones
 * from a device that was let in before are counted by it, all others by the address: so strangers
 * lock themselves out, and not the owner. After a sign-in, identity_guard_forget() the failures
 * before it. WAITS. Statuses: OK, INVALID_CREDENTIALS, TOO_MANY_REQUESTS, those of
 * identity_password_check() and request_ask(). */
MUST_CHECK enum status identity_check_sign_in(struct request *request,
                                              const struct identity_domain *domain,
                                              const struct identity_sign_in *sign_in,
                                              struct identity_person *ret_person,
                                              struct identity_guard *ret_guard);
/* Counts a message that a stranger asks for to an address, in its normal form; one that is asked
 * for from a device that its owner has used is counted by the device (empty: none). WAITS.
 * Statuses: OK, TOO_MANY_REQUESTS, those of request_ask(). */
MUST_CHECK enum status identity_count_forgotten(struct request *request, struct text email,
                                                struct text device);
/* The password of who is signed in, asked for once more; a wrong one is counted by the person, whom
 * nobody else can lock by that, and is refused at `pointer`, a constant. WAITS. Statuses: OK,
 * WRONG_PASSWORD, TOO_MANY_REQUESTS, those of identity_password_check() and request_ask(). */
MUST_CHECK enum status identity_check_password(struct request *request,
                                               const struct identity_domain *domain,
                                               const struct identity_person *person,
                                               struct text password, const char *pointer);
/* The second factor of a person, as identity_otp_check(). */
MUST_CHECK enum status identity_check_factor(struct request *request,
                                             const struct identity_domain *domain,
                                             struct uuid person_id, struct text code,
                                             const char *pointer,
                                             struct identity_second_factor *ret_factor);
/* Who is signed in proves anew who he is: by a code where a second factor is in force, for the
 * password alone may have been stolen, else by the password. ret_factor->confirmed_us is 0 after a
 * password. WAITS. Statuses: OK, MISSING_FIELD (what is needed was not sent), WRONG_OTP,
 * WRONG_PASSWORD, TOO_MANY_REQUESTS, those of identity_password_check() and request_ask(). */
MUST_CHECK enum status identity_prove_anew(struct request *request,
                                           const struct identity_domain *domain,
                                           const struct identity_person *person,
                                           const struct identity_step_up *proof,
                                           struct identity_second_factor *ret_factor);
/* The id that a token of a message is for, whatever has become of it since; guesses are counted as
 * by identity_check_ticket(). WAITS. Statuses: OK, INVALID_TICKET, TOO_MANY_REQUESTS, those of
 * request_ask(). */
MUST_CHECK enum status identity_check_token(struct request *request, struct text token,
                                            struct uuid *ret_ticket_id);
/* The good ticket that a token of a message is of. Made-up tokens are counted by the address that
 * they come from; one that was sent is looked at however many of them came from there. WAITS.
 * Statuses: OK, INVALID_TICKET, TOO_MANY_REQUESTS, those of request_query() and request_ask(). */
MUST_CHECK enum status identity_check_ticket(struct request *request, struct text token,
                                             enum identity_ticket_purpose purpose,
                                             struct identity_ticket *ret_ticket);

/* What the message that opens a session is told of the password that was checked: that the hash was
 * this one. `ret_proof` views the request's arena. */
struct text identity_prove_password(struct request *request, struct text password_hash);
/* Whether the person still has the password that was checked. */
bool identity_proof_holds(struct text proof, struct text password_hash);
