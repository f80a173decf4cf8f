/* What guests do, and the token that only the mailer makes otherwise. */
#include "tests/actors/order/order_guests.h"

#include <string.h>

#include "runtime/secret.h"

const struct uuid nobody;

struct guest new_guest(void)
{
    struct guest guest = { .token = "" };
    const struct order_create_cart command = { 0 };
    assert_int_equal(
        market_call(&market, nobody, &order_create_cart_message, &command, 0, &guest.cart).status,
        STATUS_OK);
    assert_true(guest.cart.has_token);
    assert_true(guest.cart.token.length > 0 && guest.cart.token.length < sizeof guest.token);
    memcpy(guest.token, guest.cart.token.data, guest.cart.token.length);
    return guest;
}

struct answer guest_adds(struct guest *guest, size_t variant, int64_t quantity)
{
    const struct order_add_line command = { .cart_id = guest->cart.id,
                                            .variant_id = market.shop.variants[variant].id,
                                            .quantity = quantity,
                                            .has_token = true,
                                            .token = text_of(guest->token) };
    return market_call(&market, nobody, &order_add_line_message, &command, 0, &guest->cart);
}

struct guest filled_guest(void)
{
    struct guest guest = new_guest();
    assert_int_equal(guest_adds(&guest, TEAPOT, 2).status, STATUS_OK);
    assert_int_equal(guest_adds(&guest, BOWL, 1).status, STATUS_OK);
    return guest;
}

struct answer read_guest_cart(struct uuid who, const struct guest *guest, const char *token,
                              struct order_cart *ret_cart)
{
    const struct order_get_cart query = { .cart_id = guest->cart.id,
                                          .has_token = token[0] != '\0',
                                          .token = text_of(token) };
    return market_call(&market, who, &order_get_cart_message, &query, 0, ret_cart);
}

struct order_checkout guest_checkout_of(const struct guest *guest, const char *email)
{
    return (struct order_checkout){ .cart_id = guest->cart.id,
                                    .expected_total = guest->cart.totals.total,
                                    .payment = { .has_on_delivery = true,
                                                 .on_delivery = guest->cart.totals.total },
                                    .has_email = true,
                                    .email = text_of(email),
                                    .has_token = true,
                                    .token = text_of(guest->token) };
}

struct answer guest_checks_out(const struct guest *guest, const char *email, uint8_t key,
                               struct order_group *ret_group)
{
    const struct order_checkout command = guest_checkout_of(guest, email);
    return market_call(&market, nobody, &order_checkout_message, &command, key, ret_group);
}

struct answer read_group(struct uuid who, struct uuid group_id, struct text token,
                         struct order_group *ret_group)
{
    const struct order_get_group query = { .group_id = group_id,
                                           .has_token = token.length > 0,
                                           .token = token };
    return market_call(&market, who, &order_get_group_message, &query, 0, ret_group);
}

struct text mailed_token(struct uuid group_id)
{
    uint8_t key[SECRET_KEY_BYTES], digest[32];
    char message[17] = { (char)DOMAIN_ORDER }, id[ID_TEXT_MAX + 1];
    secret_digest_keyed(market.host.principal_key, TEXT("souk ticket"), key, sizeof key);
    memcpy(message + 1, group_id.bytes, 16);
    secret_digest_keyed(key, (struct text){ message, sizeof message }, digest, sizeof digest);
    (void)id_format("tic", group_id, id);
    const struct text secret =
        base64url_encode(market.arena, (struct text){ (const char *)digest, sizeof digest });
    return text_format(market.arena, "%s.%.*s", id, (int)secret.length, secret.data);
}

struct answer claim(struct uuid who, struct text token, struct order_group *ret_group)
{
    const struct order_claim_order command = { .token = token };
    return market_call(&market, who, &order_claim_order_message, &command, 0, ret_group);
}

int64_t orders_of(struct uuid user_id)
{
    const struct order_list_orders query = { 0 };
    struct order_order_page page;
    assert_int_equal(
        market_call(&market, user_id, &order_list_orders_message, &query, 0, &page).status,
        STATUS_OK);
    return (int64_t)page.data_count;
}
