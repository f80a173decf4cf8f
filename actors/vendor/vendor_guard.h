/* Who of a team is signed in, and what guards its secrets. */
#pragma once

#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_ticket.h"
#include "actors/vendor/vendor_member_store.h"

#define VENDOR_TICKET_INVITE_US (INT64_C(7) * 24 * 3600 * 1000000)

/* The member who is signed in. WAITS. Statuses: OK, UNAUTHENTICATED (was removed), those of
 * request_query(). */
MUST_CHECK enum status vendor_find_myself(struct request *request,
                                          struct vendor_teammate *ret_member);
/* Whether the password is the member's; counts it when it is not. WAITS. Statuses: OK,
 * WRONG_PASSWORD (with its fault), TOO_MANY_REQUESTS, those of identity_password_check(). */
MUST_CHECK enum status vendor_check_my_password(struct request *request,
                                                const struct vendor_teammate *member,
                                                struct text password, const char *pointer);
/* The good ticket that a token is of; guesses are counted by the address that they come from.
 * WAITS. Statuses: OK, INVALID_TICKET, TOO_MANY_REQUESTS, those of request_query(). */
MUST_CHECK enum status vendor_find_ticket(struct request *request, struct text token,
                                          enum identity_ticket_purpose purpose,
                                          struct identity_ticket *ret_ticket);
/* Whether another message may be sent to an address; counts it. WAITS. Statuses: OK,
 * TOO_MANY_REQUESTS, those of request_ask(). */
MUST_CHECK enum status vendor_guard_mail(struct request *request, struct text email);
