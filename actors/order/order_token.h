/* What guests prove with that something is theirs. A token is a keyed digest of the id that it is
 * for, so no row or backup holds one, and the same question is answered with the same token again.
 */
#pragma once

#include "actors/host/request.h"
#include "order_messages.h"

enum order_token_kind {
    ORDER_TOKEN_CART, /* X-Cart-Token: everything that may be done with a guest's cart */
    ORDER_TOKEN_GROUP /* X-Order-Token: reading a guest's checkout and its orders */
};

/* The token of a cart or group, in the request's arena: 43 characters of base64url. */
struct text order_token(struct request *request, enum order_token_kind kind, struct uuid id);
/* True if `token` is that token; compares in a time that depends on the lengths only. */
bool order_token_is_good(struct request *request, enum order_token_kind kind, struct uuid id,
                         struct text token);

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
