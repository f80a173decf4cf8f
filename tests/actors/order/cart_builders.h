/* Builders for tests of the rules of carts and checkouts. */
#pragma once

#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/cart_show.h"
#include "actors/order/order.h"
#include "runtime/arena.h"

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

/* A cart and its price, by offers alone: no vendor says how it sends, nothing is taxed. */
struct quoted {
    struct arena *arena;
    struct cart_quote_sources sources;
    struct cart_quote quote;
    struct order_cart shown;
};

static inline struct quoted *new_quoted(void)
{
    struct quoted *quoted = test_calloc(1, sizeof *quoted);
    quoted->arena = arena_new(64 * 1024);
    return quoted;
}

static inline void free_quoted(struct quoted *quoted)
{
    arena_destroy(&quoted->arena);
    test_free(quoted);
}

static inline enum status quote(struct quoted *quoted, const struct cart *cart,
                                const struct catalog_offers *offers)
{
    const struct cart_market_rules rules = { .prices_include_tax = true };
    quoted->sources.offers = *offers;
    const enum status status =
        cart_quote_make(cart, &rules, &quoted->sources, false, quoted->arena, &quoted->quote);
    if (status == STATUS_OK) cart_show(cart, &quoted->quote, quoted->arena, &quoted->shown);
    return status;
}
