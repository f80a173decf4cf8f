/* Asks the order domain to merge a guest's cart, and goes on without it when that fails. */
#include "actors/user/user_cart.h"

#include "order_messages.h"

enum { MERGE_WAIT_US = 2 * 1000 * 1000 };

void user_adopt_guest_cart(struct request *request, const struct common_guest_cart *guest_cart,
                           struct user_signed_in *reply)
{
    assert(guest_cart != NULL);
    assert(reply != NULL);
    const struct order_merge_cart command = { .user_id = reply->user.id,
                                              .cart_id = guest_cart->id,
                                              .token = guest_cart->token };
    const enum status merged = request_ask_within(request, MERGE_WAIT_US, &order_merge_cart_message,
                                                  &command, &reply->cart);
    reply->has_cart = merged == STATUS_OK;
    if (merged != STATUS_OK)
        log_info("guest_cart_not_merged", LOG_UUID("cart", guest_cart->id), LOG_STATUS(merged),
                 LOG_TEXT("request", request_id_text(request)));
}
