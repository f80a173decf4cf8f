/* Claims about entries of the ledger: what they may be made of. No database. */
#include "tests/actors/wallet/purse.h"

#include "actors/wallet/wallet_entry.h"

static struct wallet_entry entry;

static void add_leg(enum wallet_house_account account, int64_t amount, const char *currency)
{
    entry.legs[entry.legs_count++] =
        (struct wallet_entry_leg){ account, money_make(amount, currency) };
}

static void entry_of_wallet(int64_t amount, const char *currency)
{
    entry = (struct wallet_entry){ .amount = money_make(amount, currency) };
}

static void legs_that_cancel_out_are_an_entry(void **state)
{
    (void)state;
    entry_of_wallet(-100, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, 70, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_REVENUE, 11, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_TAX, 19, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
}

static void each_currency_cancels_out_by_itself(void **state)
{
    (void)state;
    entry_of_wallet(-100, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, 100, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, -120, "USD");
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
    add_leg(WALLET_HOUSE_ACCOUNT_REVENUE, 120, "USD");
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
    add_leg(WALLET_HOUSE_ACCOUNT_TAX, 1, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
}

static void entry_needs_no_wallet(void **state)
{
    (void)state;
    entry = (struct wallet_entry){ 0 };
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, -5, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
    add_leg(WALLET_HOUSE_ACCOUNT_REVENUE, 5, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
}

static void legs_of_nothing_and_of_no_currency_are_refused(void **state)
{
    (void)state;
    entry_of_wallet(-5, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, 5, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_TAX, 0, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
    entry_of_wallet(-5, "QQQ");
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, 5, "QQQ");
    assert_int_equal(wallet_entry_check(&entry), STATUS_INVALID_VALUE);
}

static void sums_beyond_int64_are_refused(void **state)
{
    (void)state;
    entry = (struct wallet_entry){ 0 };
    add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, INT64_MAX, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_TAX, INT64_MAX, "EUR");
    add_leg(WALLET_HOUSE_ACCOUNT_REVENUE, 2, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_OUT_OF_RANGE);
}

static void entry_has_room_for_every_leg_of_a_message(void **state)
{
    (void)state;
    entry_of_wallet(-WALLET_LEGS_MAX, "EUR");
    for (int i = 0; i < WALLET_LEGS_MAX; i++)
        add_leg(WALLET_HOUSE_ACCOUNT_CLEARING, 1, "EUR");
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
}

static void names_of_movements_follow_from_what_they_are_of(void **state)
{
    (void)state;
    const struct uuid id = id_of(1);
    assert_true(uuid_equals(wallet_purchase_id(id), wallet_purchase_id(id)));
    assert_false(uuid_equals(wallet_purchase_id(id), wallet_refund_transaction_id(id)));
    assert_false(uuid_equals(wallet_transfer_transaction_id(id), wallet_refund_transaction_id(id)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legs_that_cancel_out_are_an_entry),
        cmocka_unit_test(each_currency_cancels_out_by_itself),
        cmocka_unit_test(entry_needs_no_wallet),
        cmocka_unit_test(legs_of_nothing_and_of_no_currency_are_refused),
        cmocka_unit_test(sums_beyond_int64_are_refused),
        cmocka_unit_test(entry_has_room_for_every_leg_of_a_message),
        cmocka_unit_test(names_of_movements_follow_from_what_they_are_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
