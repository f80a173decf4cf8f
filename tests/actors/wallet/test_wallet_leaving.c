/* Claims about wallets of accounts that are being erased, or were: whoever is first wins. */
#include "tests/actors/wallet/wallet_story.h"

#include "user_messages.h"

static struct principal staff = { .kind = PRINCIPAL_ADMIN };
static bool is_erased;

static enum status answer_as_users(void *context, const struct message *message, const void *body,
                                   void *ret_reply)
{
    (void)context;
    (void)body;
    assert_ptr_equal(message, &user_get_shopper_standing_message);
    *(struct user_shopper_standing *)ret_reply = (struct user_shopper_standing){
        .is_active = !is_erased, .has_is_erased = true, .is_erased = is_erased
    };
    return STATUS_OK;
}

static int new_account(void **state)
{
    empty_the_ledger();
    (void)direct_sql(market, "TRUNCATE wallet.topup");
    staff.id = draw_id();
    is_erased = false;
    direct_set(market, "--market.refund_approval_from=0");
    return new_wallet(state);
}

static void leave(void)
{
    const struct people_hold_shopper command = { .user_id = wallet_id,
                                                 .until_us = direct_now_us(market) + MINUTE_US };
    assert_int_equal(direct_call(market, NULL, &wallet_hold_shopper_message, &command, NULL),
                     STATUS_OK);
}

static void stay(void)
{
    const struct people_free_shopper command = { .user_id = wallet_id };
    assert_int_equal(direct_call(market, NULL, &wallet_free_shopper_message, &command, NULL),
                     STATUS_OK);
}

static enum status correct(int64_t amount)
{
    const struct wallet_correct_wallet command = { .user_id = wallet_id,
                                                   .amount = money_make(amount, "EUR"),
                                                   .reason = TEXT("late") };
    struct wallet_corrected reply;
    return direct_call(market, &staff, &wallet_correct_wallet_message, &command, &reply);
}

static enum status credit(int64_t amount)
{
    const struct wallet_credit_wallet command = { .user_id = wallet_id,
                                                  .amount = money_make(amount, "EUR"),
                                                  .reason = TEXT("sorry") };
    struct wallet_credited reply;
    return direct_call(market, &staff, &wallet_credit_wallet_message, &command, &reply);
}

static enum status top_up(int64_t amount)
{
    const struct wallet_reserve_topup command = { .wallet_id = wallet_id,
                                                  .payment_id = draw_id(),
                                                  .amount = money_make(amount, "EUR") };
    return direct_call(market, NULL, &wallet_reserve_topup_message, &command, NULL);
}

static enum status redeem(void)
{
    const struct wallet_make_gift_cards make = { .amount = money_make(50, "EUR"),
                                                 .count = 1,
                                                 .reference = TEXT("Christmas"),
                                                 .reason = TEXT("sold") };
    struct wallet_gift_cards_made made;
    struct wallet_gift_card_redeemed redeemed;
    assert_int_equal(direct_call(market, &staff, &wallet_make_gift_cards_message, &make, &made),
                     STATUS_OK);
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_redeem_gift_card command = { .code = made.codes[0] };
    return direct_call(market, &shopper, &wallet_redeem_gift_card_message, &command, &redeemed);
}

static size_t blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = wallet_id };
    struct common_blockers reply;
    assert_int_equal(
        direct_call(market, NULL, &wallet_get_erasure_blockers_message, &query, &reply), STATUS_OK);
    return reply.blockers_count;
}

static void nothing_is_brought_into_the_wallet_of_who_leaves(void **state)
{
    (void)state;
    assert_int_equal(grant(100, "EUR"), STATUS_OK);
    leave();
    assert_int_equal(correct(1), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(credit(1), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(top_up(100), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(redeem(), STATUS_ACCOUNT_CLOSING);
    assert_text_equal(
        direct_sql(market, "SELECT count(*) FROM wallet.gift_card WHERE state = 'redeemed'"),
        TEXT("0"));
    assert_int_equal(correct(-100), STATUS_OK); /* what is there may be paid out */
    assert_int_equal(blockers(), 0);
}

static void who_stays_after_all_gets_money_again(void **state)
{
    (void)state;
    leave();
    stay();
    assert_int_equal(correct(1), STATUS_OK);
    leave();
    direct_advance(market, 2 * MINUTE_US); /* cut short: it ends by itself */
    assert_int_equal(credit(1), STATUS_OK);
    assert_int_equal(top_up(100), STATUS_OK);
}

static void a_credit_that_is_first_keeps_the_account(void **state)
{
    (void)state;
    direct_queue_units(market);
    assert_int_equal(credit(70), STATUS_OK);
    leave();
    assert_int_equal(direct_commit_units(market), 0);
    assert_int_equal(blockers(), 1);
    assert_eur(70, 0);
}

static void a_credit_that_comes_second_is_not_made(void **state)
{
    (void)state;
    direct_queue_units(market);
    leave();
    assert_int_equal(credit(70), STATUS_OK);          /* it has not seen what is not committed, */
    assert_int_equal(direct_commit_units(market), 1); /* and runs again */
    direct_forget(market);
    assert_int_equal(credit(70), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(blockers(), 0);
}

static void of_a_top_up_and_an_erasure_at_once_one_is_refused(void **state)
{
    (void)state;
    direct_queue_units(market);
    leave();
    assert_int_equal(top_up(100), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_int_equal(blockers(), 0);
    stay();
    direct_queue_units(market);
    assert_int_equal(top_up(100), STATUS_OK);
    leave();
    assert_int_equal(direct_commit_units(market), 0);
    assert_int_equal(blockers(), 1);
}

static void an_erased_account_is_credited_by_nobody(void **state)
{
    (void)state;
    is_erased = true;
    assert_int_equal(credit(1), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(correct(1), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(grant(5, "EUR"), STATUS_OK); /* as a refund comes in */
    assert_int_equal(credit(1), STATUS_ACCOUNT_CLOSING);
    assert_int_equal(correct(-5), STATUS_OK);
}

#define ACCOUNT_TEST(test) cmocka_unit_test_setup_teardown(test, new_account, ledger_is_whole)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ACCOUNT_TEST(nothing_is_brought_into_the_wallet_of_who_leaves),
        ACCOUNT_TEST(who_stays_after_all_gets_money_again),
        ACCOUNT_TEST(a_credit_that_is_first_keeps_the_account),
        ACCOUNT_TEST(a_credit_that_comes_second_is_not_made),
        ACCOUNT_TEST(of_a_top_up_and_an_erasure_at_once_one_is_refused),
        ACCOUNT_TEST(an_erased_account_is_credited_by_nobody),
    };
    market = direct_market_new(&wallet_domain);
    direct_set_peer(market, answer_as_users, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
