/* What guests prove with that something is theirs. A token is a keyed digest of the id that it is
 * for, so no row or backup holds one, and the same question is answered with the same token again;
 * every domain makes the same. */
#pragma once

#include "actors/host/request.h"

enum guest_token_kind {
    GUEST_TOKEN_CART, /* X-Cart-Token: everything that may be done with a guest's cart */
    GUEST_TOKEN_GROUP /* X-Order-Token: reading a guest's checkout and what belongs to it */
};

/* The token of a cart or group, in the request's arena: 43 characters of base64url. */
struct text guest_token(struct request *request, enum guest_token_kind kind, struct uuid id);
/* True if `token` is that token; compares in a time that depends on the lengths only. */
bool guest_token_is_good(struct request *request, enum guest_token_kind kind, struct uuid id,
                         struct text token);
