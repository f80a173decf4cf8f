/* What a guest had in the cart comes along at sign-in. */
#pragma once

#include "actors/host/request.h"
#include "user_messages.h"

/* Has a guest's cart merged into the account's and adds the outcome to the answer. The sign-in
 * succeeds in any case: when the merge is refused, or the carts cannot be reached, the answer has
 * no cart, and the next sign-in with the same guest's cart tries again. The account must be
 * committed. WAITS, two seconds at most. */
void user_adopt_guest_cart(struct request *request, const struct common_guest_cart *guest_cart,
                           struct user_signed_in *reply);
