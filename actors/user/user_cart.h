/* What a guest had in his cart comes along when he signs in. */
#pragma once

#include "actors/host/request.h"
#include "user_messages.h"

/* Has a guest's cart merged into the account's and adds the outcome to the answer. Whatever becomes
 * of it, the sign-in stands: when it is refused, or the carts are out of reach, the answer has no
 * cart, and the next sign-in with the same guest's cart goes on. For accounts that are committed.
 * WAITS, two seconds at most. */
void user_adopt_guest_cart(struct request *request, const struct common_guest_cart *guest_cart,
                           struct user_signed_in *reply);
