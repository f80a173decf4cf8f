/* Words that the stories of wallets are told with: one market, a new wallet for each claim. After
 * each the ledger must be whole. Each program that includes this has a market of its own. */
#pragma once

#include "tests/support/cmocka.h"

#include <stdio.h>

#include "tests/support/direct_request.h"
#include "wallet_messages.h"

extern const struct domain_definition wallet_domain;

enum { MINUTE_US = 60 * 1000000 };

static struct direct_market *market;
static struct uuid wallet_id;
static unsigned drawn;

static inline struct uuid draw_id(void)
{
    const uint8_t random[10] = { (uint8_t)(drawn >> 8), (uint8_t)drawn };
    drawn++;
    return uuid_make(direct_now_us(market), random, 7);
}

/* An id as SQL takes it. */
static inline void write_hex(struct uuid id, char ret_text[33])
{
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", id.bytes[i]);
}

static inline enum status grant(int64_t amount, const char *currency)
{
    const struct wallet_grant command = { .wallet_id = wallet_id,
                                          .amount = money_make(amount, currency),
                                          .has_reference = true,
                                          .reference = TEXT("welcome | gift") };
    struct wallet_granted reply;
    return direct_call(market, NULL, &wallet_grant_message, &command, &reply);
}

static inline enum status grant_until(int64_t amount, int64_t expires_at_us)
{
    const struct wallet_grant command = { .wallet_id = wallet_id,
                                          .amount = money_make(amount, "EUR"),
                                          .has_reference = true,
                                          .reference = TEXT("summer"),
                                          .has_expires_at = true,
                                          .expires_at_us = expires_at_us };
    struct wallet_granted reply;
    return direct_call(market, NULL, &wallet_grant_message, &command, &reply);
}

static inline enum status hold(struct uuid hold_id, int64_t amount)
{
    const struct wallet_hold_funds command = { .wallet_id = wallet_id,
                                               .hold_id = hold_id,
                                               .amount = money_make(amount, "EUR"),
                                               .reference = TEXT("order 1"),
                                               .expires_at_us =
                                                   direct_now_us(market) + 20 * MINUTE_US };
    struct wallet_funds_held reply;
    return direct_call(market, NULL, &wallet_hold_funds_message, &command, &reply);
}

static inline enum status post(struct uuid hold_id, struct wallet_hold_posted *ret_reply)
{
    const struct wallet_post_hold command = { .wallet_id = wallet_id, .hold_id = hold_id };
    return direct_call(market, NULL, &wallet_post_hold_message, &command, ret_reply);
}

static inline enum status void_(struct uuid hold_id)
{
    const struct wallet_void_hold command = { .wallet_id = wallet_id, .hold_id = hold_id };
    return direct_call(market, NULL, &wallet_void_hold_message, &command, NULL);
}

static inline void assert_eur(int64_t available, int64_t held)
{
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(direct_call(market, &shopper, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances_count, 1);
    assert_true(text_equals_string(reply.balances[0].currency, "EUR"));
    assert_int_equal(reply.balances[0].available.amount, available);
    assert_int_equal(reply.balances[0].held.amount, held);
}

static inline enum status refund(struct uuid refund_id, struct uuid hold_id, struct money amount,
                                 struct uuid *ret_transaction_id)
{
    const struct wallet_refund_purchase command = { .wallet_id = wallet_id,
                                                    .refund_id = refund_id,
                                                    .hold_id = hold_id,
                                                    .amount = amount,
                                                    .reference = TEXT("return 1") };
    struct wallet_purchase_refunded reply = { 0 };
    const enum status status =
        direct_call(market, NULL, &wallet_refund_purchase_message, &command, &reply);
    *ret_transaction_id = reply.transaction_id;
    return status;
}

/* The ledger's own triggers let nobody do this; a superuser can have them sleep. */
static inline void empty_the_ledger(void)
{
    (void)direct_sql(market, "SET session_replication_role = replica");
    (void)direct_sql(
        market,
        "TRUNCATE wallet.balance, wallet.house, wallet.hold, wallet.transaction, wallet.posting,"
        " wallet.lot, wallet.lot_move, wallet.gift_card, wallet.gift_card_credit");
    (void)direct_sql(market,
                     "UPDATE wallet.chain SET seq = 0, head = decode(repeat('00', 32), 'hex')");
    (void)direct_sql(market, "RESET session_replication_role");
}

static inline int new_wallet(void **state)
{
    (void)state;
    direct_forget(market);
    wallet_id = draw_id();
    return 0;
}

static inline int ledger_is_whole(void **state)
{
    (void)state;
    const struct text violation = direct_sql_as_role(
        market, "SELECT violation || ': ' || subject || ': ' || detail FROM"
                " (SELECT * FROM wallet.check_ledger() UNION ALL SELECT * FROM wallet.check_lots()"
                " UNION ALL SELECT * FROM wallet.check_gift_cards()) c");
    if (violation.length > 0) print_error("%.*s\n", (int)violation.length, violation.data);
    return violation.length == 0 ? 0 : -1;
}

#define LEDGER_TEST(test) cmocka_unit_test_setup_teardown(test, new_wallet, ledger_is_whole)
