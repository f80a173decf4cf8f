/* Tokens of guests in answers and mails, and who may read a checkout. */
#pragma once

#include "actors/host/guest_token.h"
#include "order_messages.h"

/* Gives a guest's group its token for the answer; a shopper's has none, because shoppers sign in.
 */
void order_add_token(struct request *request, bool is_guests, struct order_group *group);

/* The token that is mailed to a guest, in the request's arena. It opens the checkout for reading,
 * as the other one does, and it alone claims the checkout for an account. */
struct text order_claim_token(struct request *request, struct uuid group_id);
/* Finds out for which checkout a mailed token is; needs no row. Statuses: OK, INVALID_TICKET (not a
 * token that this market has made). */
MUST_CHECK enum status order_claim_parse(struct request *request, struct text token,
                                         struct uuid *ret_group_id);

/* True if the sender may read a checkout: its shopper (`user_id`), or, of a guest's (`user_id`
 * zero), anybody with one of its tokens. Handlers answer everybody else NOT_FOUND. */
bool order_is_readable(struct request *request, struct uuid user_id, struct uuid group_id,
                       struct text token);
