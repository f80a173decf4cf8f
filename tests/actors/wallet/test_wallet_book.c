/* Claims about the entries of card payments, and about a wallet that owes. */
#include "tests/support/cmocka.h"

#include "actors/wallet/wallet.h"
#include "actors/wallet/wallet_book.h"

static const struct uuid entry_id = { { 1 } };
static struct wallet_entry entry;

/* What moves between two states of a payment. */
static bool book(bool is_topup, struct wallet_booked before, struct wallet_booked now)
{
    entry = (struct wallet_entry){ .kind = WALLET_TRANSACTION_KIND_GRANT };
    return wallet_book_entry(entry_id, is_topup, &before, &now, "EUR", &entry);
}

static int64_t leg_of(enum wallet_house_account account)
{
    int64_t sum = 0;
    for (size_t i = 0; i < entry.legs_count; i++)
        if (entry.legs[i].account == account) sum += entry.legs[i].amount.amount;
    return sum;
}

static void an_orders_capture_goes_from_the_provider_to_clearing(void **state)
{
    (void)state;
    assert_true(book(false, (struct wallet_booked){ 0 }, (struct wallet_booked){ 1999, 0, 0 }));
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
    assert_false(wallet_entry_has_wallet(&entry));
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_PROVIDER), -1999);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_CLEARING), 1999);
    assert_int_equal(entry.legs_count, 2);
}

static void what_banks_take_back_of_an_order_is_not_clearings(void **state)
{
    (void)state;
    assert_true(book(false, (struct wallet_booked){ 1999, 0, 0 },
                     (struct wallet_booked){ 1999, 500, 1499 }));
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_PROVIDER), 1999);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_CLEARING), -500);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_DISPUTES), -1499);
    /* A dispute that was won comes back. */
    assert_true(book(false, (struct wallet_booked){ 1999, 500, 1499 },
                     (struct wallet_booked){ 1999, 500, 0 }));
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_PROVIDER), -1499);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_DISPUTES), 1499);
    assert_int_equal(entry.legs_count, 2);
}

static void a_topup_moves_the_wallet_alone(void **state)
{
    (void)state;
    assert_true(book(true, (struct wallet_booked){ 0 }, (struct wallet_booked){ 5000, 0, 0 }));
    assert_int_equal(entry.kind, WALLET_TRANSACTION_KIND_TOPUP);
    assert_int_equal(entry.amount.amount, 5000);
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
    assert_true(
        book(true, (struct wallet_booked){ 5000, 0, 0 }, (struct wallet_booked){ 5000, 0, 5000 }));
    assert_int_equal(entry.kind, WALLET_TRANSACTION_KIND_TOPUP_RETURN);
    assert_int_equal(entry.amount.amount, -5000);
    assert_int_equal(leg_of(WALLET_HOUSE_ACCOUNT_PROVIDER), 5000);
    assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
}

static void what_cancels_out_before_it_was_booked_moves_nothing(void **state)
{
    (void)state;
    const struct wallet_booked nothing = { 0 }, over = { 700, 700, 0 };
    assert_false(book(true, nothing, over));
    assert_false(book(false, nothing, over));
    assert_false(book(false, over, over));
}

/* Every way from nothing to an end moves the same in sum. */
static void entries_add_up_to_the_last_state_whichever_were_seen(void **state)
{
    (void)state;
    static const struct wallet_booked lives[] = {
        { 0, 0, 0 }, { 1000, 0, 0 }, { 1000, 100, 0 }, { 1000, 100, 900 }, { 1000, 350, 0 },
    };
    enum { LAST = ARRAY_LENGTH(lives) - 1 };
    for (unsigned seen = 0; seen < 1U << (LAST - 1); seen++) {
        int64_t provider = 0, clearing = 0, disputes = 0;
        size_t before = 0;
        for (size_t i = 1; i <= LAST; i++) {
            if (i < LAST && (seen >> (i - 1) & 1) == 0) continue;
            if (book(false, lives[before], lives[i])) {
                assert_int_equal(wallet_entry_check(&entry), STATUS_OK);
                provider += leg_of(WALLET_HOUSE_ACCOUNT_PROVIDER);
                clearing += leg_of(WALLET_HOUSE_ACCOUNT_CLEARING);
                disputes += leg_of(WALLET_HOUSE_ACCOUNT_DISPUTES);
            }
            before = i;
        }
        assert_int_equal(provider, -650);
        assert_int_equal(clearing, 650);
        assert_int_equal(disputes, 0);
    }
}

/* ---- a wallet that owes ---- */

static struct wallet wallet;

static struct money eur(int64_t amount)
{
    return money_make(amount, "EUR");
}

static struct wallet_hold hold_of(uint8_t number, int64_t amount)
{
    return (struct wallet_hold){ .id = { { number } },
                                 .amount = eur(amount),
                                 .state = WALLET_HOLD_PENDING };
}

static void what_is_taken_back_after_it_was_spent_is_owed_and_nothing_more_is_spent(void **state)
{
    (void)state;
    wallet = (struct wallet){ .id = { { 9 } } };
    assert_int_equal(wallet_credit(&wallet, eur(5000)), STATUS_OK);
    assert_int_equal(wallet_debit(&wallet, eur(4000)), STATUS_OK);
    assert_int_equal(wallet_take_back(&wallet, eur(5000)), STATUS_OK);
    const struct wallet_balance shown = wallet_describe_account(&wallet.accounts[0]);
    assert_int_equal(shown.available.amount, 0);
    assert_true(shown.has_debt);
    assert_int_equal(shown.debt.amount, 4000);
    const struct wallet_hold hold = hold_of(1, 1);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_INSUFFICIENT_FUNDS);
    assert_int_equal(wallet_debit(&wallet, eur(1)), STATUS_INSUFFICIENT_FUNDS);
    /* What comes in makes it good first, and what was made good is not owed again. */
    assert_int_equal(wallet_credit(&wallet, eur(4100)), STATUS_OK);
    assert_false(wallet_describe_account(&wallet.accounts[0]).has_debt);
    assert_int_equal(wallet_available(&wallet, "EUR"), 100);
    assert_int_equal(wallet.accounts[0].overdraft, 0);
}

static void what_was_promised_before_is_paid_though_the_wallet_owes(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 800);
    bool changes;
    wallet = (struct wallet){ .id = { { 9 } } };
    assert_int_equal(wallet_credit(&wallet, eur(1000)), STATUS_OK);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_take_back(&wallet, eur(1000)), STATUS_OK);
    assert_int_equal(wallet_available(&wallet, "EUR"), -800);
    assert_int_equal(wallet_post_hold(&wallet, &hold, eur(800), &changes), STATUS_OK);
    assert_int_equal(wallet.accounts[0].balance, -800);
    assert_int_equal(wallet.accounts[0].held, 0);
    assert_int_equal(wallet_describe_account(&wallet.accounts[0]).debt.amount, 800);
}

static void a_hold_that_ends_unpaid_lessens_what_is_owed(void **state)
{
    (void)state;
    struct wallet_hold hold = hold_of(1, 800);
    bool changes;
    wallet = (struct wallet){ .id = { { 9 } } };
    assert_int_equal(wallet_credit(&wallet, eur(1000)), STATUS_OK);
    assert_int_equal(wallet_place_hold(&wallet, &hold), STATUS_OK);
    assert_int_equal(wallet_take_back(&wallet, eur(500)), STATUS_OK);
    assert_int_equal(wallet_void_hold(&wallet, &hold, &changes), STATUS_OK);
    assert_false(wallet_describe_account(&wallet.accounts[0]).has_debt);
    assert_int_equal(wallet_available(&wallet, "EUR"), 500);
    assert_int_equal(wallet.accounts[0].overdraft, 0);
}

static void nothing_is_taken_back_of_what_was_never_there(void **state)
{
    (void)state;
    wallet = (struct wallet){ .id = { { 9 } } };
    assert_int_equal(wallet_take_back(&wallet, eur(1)), STATUS_CONFLICT);
    assert_int_equal(wallet_credit(&wallet, eur(10)), STATUS_OK);
    assert_int_equal(wallet_take_back(&wallet, eur(0)), STATUS_OUT_OF_RANGE);
    assert_int_equal(wallet_take_back(&wallet, eur(INT64_MAX)), STATUS_OK);
    assert_int_equal(wallet_take_back(&wallet, eur(INT64_MAX)), STATUS_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_orders_capture_goes_from_the_provider_to_clearing),
        cmocka_unit_test(what_banks_take_back_of_an_order_is_not_clearings),
        cmocka_unit_test(a_topup_moves_the_wallet_alone),
        cmocka_unit_test(what_cancels_out_before_it_was_booked_moves_nothing),
        cmocka_unit_test(entries_add_up_to_the_last_state_whichever_were_seen),
        cmocka_unit_test(what_is_taken_back_after_it_was_spent_is_owed_and_nothing_more_is_spent),
        cmocka_unit_test(what_was_promised_before_is_paid_though_the_wallet_owes),
        cmocka_unit_test(a_hold_that_ends_unpaid_lessens_what_is_owed),
        cmocka_unit_test(nothing_is_taken_back_of_what_was_never_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
