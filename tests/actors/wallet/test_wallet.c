/* Claims about the rules of a wallet: no database, no host. */
#include <string.h>

#include "tests/actors/wallet/purse.h"

static void hold_sets_money_aside(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    const struct wallet_hold hold = hold_of(1, 200);

    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);

    assert_int_equal(wallet_available(&wallet, "EUR"), 300);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 500);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 200);
    assert_int_equal(wallet_account(&wallet, "EUR")->version, 2);
    assert_non_null(wallet_find_hold(&wallet, hold.id));
}

static void hold_of_the_whole_balance_is_fine(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    const struct wallet_hold hold = hold_of(1, 500);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_available(&wallet, "EUR"), 0);
}

static void hold_beyond_the_balance_changes_nothing(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    static struct wallet before;
    before = wallet;
    const struct wallet_hold hold = hold_of(1, 501);

    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_INSUFFICIENT_FUNDS);

    assert_memory_equal(&wallet, &before, sizeof wallet);
}

static void second_hold_sees_what_the_first_left(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    const struct wallet_hold first = hold_of(1, 300), second = hold_of(2, 300);
    assert_int_equal(wallet_place_hold(&wallet, &first), STATUS_OK);
    assert_int_equal(wallet_place_hold(&wallet, &second), STATUS_INSUFFICIENT_FUNDS);
}

static void currencies_do_not_mix(void **state)
{
    (void)state;
    wallet_with(500, "USD");
    const struct wallet_hold hold = hold_of(1, 1);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(wallet_available(&wallet, "EUR"), 0);
}

static void hold_of_nothing_needs_no_account(void **state)
{
    (void)state;
    empty_wallet();
    struct wallet_hold hold = hold_of(1, 0);
    bool changes = false;

    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_OK);

    assert_true(changes);
    assert_int_equal(wallet.accounts_count, 0);
}

static void negative_hold_and_unknown_currency_are_refused(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, -1);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OUT_OF_RANGE);
    hold.amount = money_make(0, "QQQ");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_INVALID_VALUE);
}

static void posting_takes_the_money_once(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    bool changes = false;
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);

    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_OK);
    assert_true(changes);
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_OK);
    assert_false(changes);

    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 300);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 0);
    assert_int_equal(wallet_find_hold(&wallet, hold.id)->state, WALLET_HOLD_POSTED);
}

static void voided_hold_gives_the_money_back_and_stays_voided(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    bool changes = false;
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);

    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_OK);
    assert_true(changes);

    assert_int_equal(wallet_available(&wallet, "EUR"), 500);
    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_HOLD_VOIDED);
    assert_int_equal(wallet_check_repeated_hold(&hold, hold.amount), STATUS_HOLD_VOIDED);
}

static void posted_hold_cannot_be_voided(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    bool changes = false;
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_OK);
    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 300);
}

static void hold_lapses_at_its_time_and_not_before(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    bool changes = true;
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);

    assert_int_equal(wallet_expire_hold(&wallet, &hold, 999, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(wallet_expire_hold(&wallet, &hold, 1000, &changes), STATUS_OK);
    assert_true(changes);

    assert_int_equal(wallet_available(&wallet, "EUR"), 500);
}

static void lapsed_hold_is_posted_while_the_money_is_there(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold late = hold_of(1, 200), later = hold_of(2, 300), other = hold_of(3, 1);
    bool changes = false;
    assert_int_equal(wallet_place_hold(&wallet, &late), STATUS_OK);
    assert_int_equal(wallet_place_hold(&wallet, &later), STATUS_OK);
    assert_int_equal(wallet_expire_hold(&wallet, &late, 1000, &changes), STATUS_OK);
    assert_int_equal(wallet_expire_hold(&wallet, &later, 1000, &changes), STATUS_OK);

    assert_int_equal(wallet_post_hold(&wallet, &late, late.amount, &changes), STATUS_OK);
    assert_true(changes);
    assert_int_equal(wallet_available(&wallet, "EUR"), 300);
    assert_int_equal(wallet_place_hold(&wallet, &other), STATUS_OK);

    assert_int_equal(wallet_post_hold(&wallet, &later, later.amount, &changes), STATUS_HOLD_VOIDED);
    assert_int_equal(later.state, WALLET_HOLD_EXPIRED);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 300);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 1);
}

static void hold_that_the_account_does_not_know_is_a_conflict(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    bool changes;
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes), STATUS_CONFLICT);
    assert_int_equal(hold.state, WALLET_HOLD_PENDING);
}

static void credit_that_overflows_changes_nothing(void **state)
{
    (void)state;
    wallet_with(INT64_MAX - 1, "EUR");
    assert_int_equal(wallet_credit(&wallet, money_make(2, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_account(&wallet, "EUR")->version, 1);
    assert_int_equal(wallet_credit(&wallet, money_make(1, "EUR")), STATUS_OK);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, INT64_MAX);
}

static void credit_of_nothing_or_in_no_currency_is_refused(void **state)
{
    (void)state;
    empty_wallet();
    assert_int_equal(wallet_credit(&wallet, money_make(0, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_credit(&wallet, money_make(1, "QQQ")), STATUS_INVALID_VALUE);
    assert_int_equal(wallet.accounts_count, 0);
}

static void wallet_remembers_its_newest_holds(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    for (unsigned i = 0; i <= WALLET_HOLDS_REMEMBERED_MAX; i++) {
        const struct wallet_hold hold = hold_of(100 + i, 1);
        assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    }
    assert_int_equal(wallet.holds_count, WALLET_HOLDS_REMEMBERED_MAX);
    assert_null(wallet_find_hold(&wallet, id_of(100)));
    assert_non_null(wallet_find_hold(&wallet, id_of(101)));
    assert_non_null(wallet_find_hold(&wallet, id_of(100 + WALLET_HOLDS_REMEMBERED_MAX)));
}

static void remembered_hold_takes_its_new_state_and_no_more_room(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_hold hold = hold_of(1, 200);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    hold.state = WALLET_HOLD_EXPIRED;
    wallet_remember_hold(&wallet, &hold);
    assert_int_equal(wallet.holds_count, 1);
    assert_int_equal(wallet_find_hold(&wallet, hold.id)->state, WALLET_HOLD_EXPIRED);
}

static void account_is_described_as_what_can_be_spent_and_what_is_held(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    const struct wallet_hold hold = hold_of(1, 200);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    const struct wallet_balance shown = wallet_describe_account(wallet_account(&wallet, "EUR"));
    assert_text_equal(shown.currency, TEXT("EUR"));
    assert_true(money_equals(shown.available, money_make(300, "EUR")));
    assert_true(money_equals(shown.held, money_make(200, "EUR")));
}

/* Codes of ISO 4217, one more than a wallet has room for. */
static const char currencies[WALLET_CURRENCIES_MAX + 1][4] = {
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "CZK", "DKK", "EGP",
    "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "KWD",
    "MAD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "USD"
};

static void wallet_has_thirty_two_currencies_and_no_more(void **state)
{
    (void)state;
    empty_wallet();
    for (size_t i = 0; i < WALLET_CURRENCIES_MAX; i++)
        if (wallet_credit(&wallet, money_make(1, currencies[i])) != STATUS_OK)
            fail_msg("no room for %s", currencies[i]);
    static struct wallet before;
    before = wallet;
    const char *one_more = currencies[WALLET_CURRENCIES_MAX];
    assert_int_equal(wallet_credit(&wallet, money_make(1, one_more)), STATUS_OUT_OF_RANGE);
    assert_memory_equal(&wallet, &before, sizeof wallet);
    assert_int_equal(wallet_credit(&wallet, money_make(1, currencies[0])), STATUS_OK);
    assert_int_equal(wallet_account(&wallet, currencies[0])->balance, 2);
}

static void repeated_hold_must_have_the_same_terms(void **state)
{
    (void)state;
    const struct wallet_hold hold = hold_of(1, 200);
    assert_int_equal(wallet_check_repeated_hold(&hold, money_make(200, "EUR")), STATUS_OK);
    assert_int_equal(wallet_check_repeated_hold(&hold, money_make(201, "EUR")),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(wallet_check_repeated_hold(&hold, money_make(200, "USD")),
                     STATUS_ILLEGAL_TRANSITION);
}

static void kept_hold_stays_set_aside_until_the_new_time(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 60);
    bool changes;
    wallet_with(100, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    wallet_keep_hold(&wallet, &hold, 999, 5000, &changes);
    assert_false(changes); /* its time is not over */
    wallet_keep_hold(&wallet, &hold, 1000, 5000, &changes);
    assert_true(changes);
    assert_int_equal(wallet_find_hold(&wallet, hold.id)->expires_at_us, 5000);
    assert_int_equal(wallet_expire_hold(&wallet, &hold, 4999, &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(wallet_available(&wallet, "EUR"), 40);
}

static void kept_hold_that_has_ended_stays_as_it_is(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 60);
    bool changes;
    wallet_with(100, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_OK);
    wallet_keep_hold(&wallet, &hold, 1000, 5000, &changes);
    assert_false(changes);
    assert_int_equal(hold.expires_at_us, 1000);
}

/* ---- posts of a part ---- */

static void post_of_a_part_takes_it_and_frees_the_rest(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 200);
    bool changes;
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(150, "EUR"), &changes), STATUS_OK);
    assert_true(changes);
    assert_int_equal(hold.posted, 150);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 350);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 0);
}

static void hold_is_posted_with_one_amount_for_good(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 200);
    bool changes;
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(150, "EUR"), &changes), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(150, "EUR"), &changes), STATUS_OK);
    assert_false(changes);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(50, "EUR"), &changes),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(wallet_post_hold(&wallet, &hold, hold.amount, &changes),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(wallet_check_repeated_hold(&hold, hold.amount), STATUS_OK);
    assert_int_equal(wallet_available(&wallet, "EUR"), 350);
}

static void no_more_and_nothing_else_is_posted_than_was_held(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 200);
    bool changes;
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(201, "EUR"), &changes),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(-1, "EUR"), &changes),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(200, "USD"), &changes),
                     STATUS_INVALID_VALUE);
    assert_int_equal(hold.state, WALLET_HOLD_PENDING);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 200);
}

static void lapsed_hold_needs_only_what_is_posted_of_it(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 200), other = hold_of(2, 400);
    bool changes;
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_expire_hold(&wallet, &hold, 1000, &changes), STATUS_OK);
    assert_int_equal(wallet_place_hold(&wallet, &other), STATUS_OK);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(101, "EUR"), &changes),
                     STATUS_HOLD_VOIDED);
    assert_int_equal(wallet_post_hold(&wallet, &hold, money_make(100, "EUR"), &changes), STATUS_OK);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 400);
    assert_int_equal(wallet_account(&wallet, "EUR")->held, 400);
}

static void debit_takes_what_can_be_spent_and_no_more(void **state)
{
    (void)state;
    const struct wallet_hold hold = hold_of(1, 200);
    wallet_with(500, "EUR");
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_debit(&wallet, money_make(301, "EUR")), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(wallet_debit(&wallet, money_make(1, "USD")), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(wallet_debit(&wallet, money_make(0, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_debit(&wallet, money_make(300, "EUR")), STATUS_OK);
    assert_int_equal(wallet_account(&wallet, "EUR")->balance, 200);
    assert_int_equal(wallet_account(&wallet, "EUR")->version, 3);
}

/* ---- refunds ---- */

static struct wallet_purchase purchase_of(int64_t paid, int64_t refunded)
{
    return (struct wallet_purchase){ id_of(7), money_make(paid, "EUR"), refunded };
}

static void refund_credits_the_wallet_and_lessens_what_is_left(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    struct wallet_purchase purchase = purchase_of(200, 0);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(150, "EUR")), STATUS_OK);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(51, "EUR")),
                     STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(50, "EUR")), STATUS_OK);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(1, "EUR")),
                     STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(wallet_available(&wallet, "EUR"), 700);
    assert_int_equal(wallet_account(&wallet, "EUR")->version, 3);
    assert_int_equal(wallet_find_purchase(&wallet, purchase.transaction_id)->refunded, 200);
}

static void refund_that_is_refused_changes_nothing(void **state)
{
    (void)state;
    wallet_with(INT64_MAX - 10, "EUR");
    static struct wallet before;
    before = wallet;
    struct wallet_purchase purchase = purchase_of(200, 100);
    const struct wallet_purchase purchase_before = purchase;
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(101, "EUR")),
                     STATUS_REFUND_EXCEEDS_PURCHASE);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(100, "USD")),
                     STATUS_INVALID_VALUE);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(11, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_refund(&wallet, &purchase, money_make(0, "EUR")), STATUS_OUT_OF_RANGE);
    assert_memory_equal(&wallet, &before, sizeof wallet);
    assert_memory_equal(&purchase, &purchase_before, sizeof purchase);
}

static void wallet_remembers_the_purchases_that_were_refunded_last(void **state)
{
    (void)state;
    wallet_with(500, "EUR");
    for (unsigned i = 0; i <= WALLET_PURCHASES_REMEMBERED_MAX; i++) {
        struct wallet_purchase purchase = { id_of(i), money_make(10, "EUR"), 0 };
        assert_int_equal(wallet_refund(&wallet, &purchase, money_make(1, "EUR")), STATUS_OK);
    }
    assert_null(wallet_find_purchase(&wallet, id_of(0)));
    for (unsigned i = 1; i <= WALLET_PURCHASES_REMEMBERED_MAX; i++)
        assert_int_equal(wallet_find_purchase(&wallet, id_of(i))->refunded, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold_sets_money_aside),
        cmocka_unit_test(hold_of_the_whole_balance_is_fine),
        cmocka_unit_test(hold_beyond_the_balance_changes_nothing),
        cmocka_unit_test(second_hold_sees_what_the_first_left),
        cmocka_unit_test(currencies_do_not_mix),
        cmocka_unit_test(hold_of_nothing_needs_no_account),
        cmocka_unit_test(negative_hold_and_unknown_currency_are_refused),
        cmocka_unit_test(posting_takes_the_money_once),
        cmocka_unit_test(voided_hold_gives_the_money_back_and_stays_voided),
        cmocka_unit_test(posted_hold_cannot_be_voided),
        cmocka_unit_test(hold_lapses_at_its_time_and_not_before),
        cmocka_unit_test(lapsed_hold_is_posted_while_the_money_is_there),
        cmocka_unit_test(hold_that_the_account_does_not_know_is_a_conflict),
        cmocka_unit_test(credit_that_overflows_changes_nothing),
        cmocka_unit_test(credit_of_nothing_or_in_no_currency_is_refused),
        cmocka_unit_test(wallet_remembers_its_newest_holds),
        cmocka_unit_test(remembered_hold_takes_its_new_state_and_no_more_room),
        cmocka_unit_test(account_is_described_as_what_can_be_spent_and_what_is_held),
        cmocka_unit_test(wallet_has_thirty_two_currencies_and_no_more),
        cmocka_unit_test(repeated_hold_must_have_the_same_terms),
        cmocka_unit_test(kept_hold_stays_set_aside_until_the_new_time),
        cmocka_unit_test(kept_hold_that_has_ended_stays_as_it_is),
        cmocka_unit_test(post_of_a_part_takes_it_and_frees_the_rest),
        cmocka_unit_test(hold_is_posted_with_one_amount_for_good),
        cmocka_unit_test(no_more_and_nothing_else_is_posted_than_was_held),
        cmocka_unit_test(lapsed_hold_needs_only_what_is_posted_of_it),
        cmocka_unit_test(debit_takes_what_can_be_spent_and_no_more),
        cmocka_unit_test(refund_credits_the_wallet_and_lessens_what_is_left),
        cmocka_unit_test(refund_that_is_refused_changes_nothing),
        cmocka_unit_test(wallet_remembers_the_purchases_that_were_refunded_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
