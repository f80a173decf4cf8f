/* What guests prove themselves with. A token is a keyed digest of the id that it is for, so rows
 * and backups hold none, and the same question is answered with the same token again. */
#pragma once

#include "actors/host/request.h"

enum order_token_kind {
    ORDER_TOKEN_CART, /* X-Cart-Token: everything that may be done with a guest's cart */
    ORDER_TOKEN_GROUP /* X-Order-Token: reading a guest's checkout and its orders */
};

/* In the request's arena: 43 characters of base64url. */
struct text order_token(struct request *request, enum order_token_kind kind, struct uuid id);
/* Compares in a time that tells nothing. */
bool order_token_is_good(struct request *request, enum order_token_kind kind, struct uuid id,
                         struct text token);

/* The token that is mailed to a guest: it reads, too, and claims the checkout for an account. */
struct text order_claim_token(struct request *request, struct uuid group_id);
/* The checkout that such a token is of. Reads nothing. Statuses: OK, INVALID_TICKET. */
MUST_CHECK enum status order_claim_parse(struct request *request, struct text token,
                                         struct uuid *ret_group_id);

/* Whether the sender may read a checkout: its shopper (`user_id`, zero for a guest), or whoever has
 * one of the guest's tokens. To everybody else it is not there. */
bool order_is_readers(struct request *request, struct uuid user_id, struct uuid group_id,
                      struct text token);
