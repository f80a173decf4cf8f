/* Builders for tests of a wallet's rules. Each program that includes this has one wallet. */
#pragma once

#include "tests/support/cmocka.h"

#include "actors/wallet/wallet.h"

static inline struct uuid id_of(unsigned number)
{
    struct uuid id = { .bytes = { 1 } };
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static struct wallet wallet; /* of the test that runs */

static inline void empty_wallet(void)
{
    wallet = (struct wallet){ .id = id_of(9) };
}

static inline void wallet_with(int64_t amount, const char *currency)
{
    empty_wallet();
    assert_int_equal(wallet_credit(&wallet, money_make(amount, currency)), STATUS_OK);
}

static inline struct wallet_hold hold_of(unsigned number, int64_t amount)
{
    return (struct wallet_hold){ .id = id_of(number),
                                 .amount = money_make(amount, "EUR"),
                                 .expires_at_us = 1000 };
}
