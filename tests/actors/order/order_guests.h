/* Words that the stories of guests are told with, beside those of order_story.h. */
#pragma once

#include "tests/actors/order/order_story.h"

enum { TOKEN_BYTES_MAX = 128 };

struct guest {
    struct order_cart cart;
    char token[TOKEN_BYTES_MAX]; /* of the cart; the cart itself has it only when it is opened */
};

extern const struct uuid nobody; /* calls without an access token */

struct guest new_guest(void);
struct answer guest_adds(struct guest *guest, size_t variant, int64_t quantity);
/* Two teapots and a bowl: 44.98. */
struct guest filled_guest(void);
/* Whoever asks: with the token that is given. */
struct answer read_guest_cart(struct uuid who, const struct guest *guest, const char *token,
                              struct order_cart *ret_cart);
/* Everything is paid on delivery. */
struct order_checkout guest_checkout_of(const struct guest *guest, const char *email);
struct answer guest_checks_out(const struct guest *guest, const char *email, uint8_t key,
                               struct order_group *ret_group);
struct answer read_group(struct uuid who, struct uuid group_id, struct text token,
                         struct order_group *ret_group);
/* The token that is mailed; in the market's arena. */
struct text mailed_token(struct uuid group_id);
struct answer claim(struct uuid who, struct text token, struct order_group *ret_group);
int64_t orders_of(struct uuid user_id);
