/* Builders for tests of the rules of stock. */
#pragma once

#include "tests/support/cmocka.h"

#include "actors/catalog/catalog.h"

static inline struct catalog_stock *stock_with(int64_t on_hand)
{
    static struct catalog_stock stock;
    stock = (struct catalog_stock){ .on_hand = on_hand, .version = 1, .is_active = true };
    return &stock;
}

static inline struct catalog_reservation wish_for(uint8_t name, int64_t quantity)
{
    return (struct catalog_reservation){ .id = { .bytes = { name } },
                                         .quantity = quantity,
                                         .expires_at_us = 1000 };
}

static inline struct catalog_reservation held(struct catalog_stock *stock, uint8_t name,
                                              int64_t quantity)
{
    struct catalog_reservation reservation = wish_for(name, quantity);
    bool is_changed;
    assert_int_equal(catalog_stock_reserve(stock, &reservation, &is_changed), STATUS_OK);
    return reservation;
}
