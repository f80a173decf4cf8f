/* Proofs that people give of who they are: password, code, the token of a message. What is wrong is
 * counted (identity_guard.h), and told to the domain. */
#pragma once

#include "actors/identity/identity_domain.h"
#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_second_factor.h"
#include "actors/identity/identity_ticket.h"

/* Whose address and password these are, the address as it was typed. Takes as long for an address
 * that nobody has. After a sign-in, identity_guard_forget() the failures before it. WAITS.
 * Statuses: OK, INVALID_CREDENTIALS, TOO_MANY_REQUESTS, those of identity_password_check() and
 * request_ask(). */
MUST_CHECK enum status identity_check_sign_in(struct request *request,
                                              const struct identity_domain *domain,
                                              struct text address, struct text password,
                                              struct identity_person *ret_person,
                                              struct identity_guard *ret_guard);
/* The password of who is signed in, asked for once more; a wrong one counts like one of a sign-in
 * and is refused at `pointer`, a constant. WAITS. Statuses: OK, WRONG_PASSWORD, TOO_MANY_REQUESTS,
 * those of identity_password_check() and request_ask(). */
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
/* The good ticket that a token of a message is of; guesses are counted by the address that they
 * come from. WAITS. Statuses: OK, INVALID_TICKET, TOO_MANY_REQUESTS, those of request_query() and
 * request_ask(). */
MUST_CHECK enum status identity_check_ticket(struct request *request, struct text token,
                                             enum identity_ticket_purpose purpose,
                                             struct identity_ticket *ret_ticket);

/* What the message that opens a session is told of the password that was checked: that the hash was
 * this one. `ret_proof` views the request's arena. */
struct text identity_prove_password(struct request *request, struct text password_hash);
/* Whether the person still has the password that was checked. */
bool identity_proof_holds(struct text proof, struct text password_hash);
