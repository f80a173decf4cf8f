/* Builders for tests of the rules of carts and checkouts. */
#pragma once

#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/order.h"

static inline struct uuid id_of(uint8_t kind, uint8_t number)
{
    return (struct uuid){ .bytes = { [0] = kind, [15] = number } };
}

static inline struct catalog_offer offer_of(uint8_t number, int64_t price, int64_t available)
{
    return (struct catalog_offer){ .variant_id = id_of('v', number),
                                   .product_id = id_of('p', number),
                                   .vendor_id = id_of('s', number % 3),
                                   .vendor_name = TEXT("Vendor"),
                                   .name = TEXT("Teapot"),
                                   .has_price = true,
                                   .price = money_make(price, "EUR"),
                                   .available = available,
                                   .is_listed = true,
                                   .is_vendor_open = true };
}

static inline struct cart *new_cart(void)
{
    struct cart *cart = test_calloc(1, sizeof *cart);
    cart->id = id_of('c', 1);
    cart->user_id = id_of('u', 1);
    cart->version = 1;
    memcpy(cart->currency, "EUR", 4);
    return cart;
}

static inline enum status add(struct cart *cart, const struct catalog_offer *offer,
                              int64_t quantity)
{
    struct cart_line *line;
    int64_t requested;
    return cart_add_units(cart, id_of('l', (uint8_t)(cart->lines_count + 1)), offer, quantity,
                          &line, &requested);
}
