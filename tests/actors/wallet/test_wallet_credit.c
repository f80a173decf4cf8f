/* Claims about credit that expires in the handlers and their SQL: spent, lapsed, given back, taken
 * out. Against a scratch database; after each test the ledger and the lots must be whole. */
#include "tests/actors/wallet/credit_story.h"

/* ---- spending ---- */

static void what_expires_first_is_spent_first_and_shown_first(void **state)
{
    (void)state;
    assert_int_equal(grant(100, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(50, in_days(9)), STATUS_OK);
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    assert_eur(180, 0);
    ASSERT_EXPIRING(30, 50);
    (void)buy(40);
    assert_eur(140, 0);
    ASSERT_EXPIRING(40);
    (void)buy(60);
    assert_int_equal(balance()->expiring_count, 0);
    assert_eur(80, 0);
}

static void a_hold_posted_in_part_uses_only_that_part(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    struct wallet_hold_posted posted;
    const struct wallet_post_hold part = {
        .wallet_id = wallet_id, .hold_id = id, .has_amount = true, .amount = money_make(20, "EUR")
    };
    assert_int_equal(grant_until(50, in_days(9)), STATUS_OK);
    assert_int_equal(hold(id, 40), STATUS_OK);
    ASSERT_EXPIRING(50);
    assert_int_equal(direct_call(market, NULL, &wallet_post_hold_message, &part, &posted),
                     STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &wallet_post_hold_message, &part, &posted),
                     STATUS_OK);
    ASSERT_EXPIRING(30);
    assert_eur(30, 0);
}

/* What a checkout costs: a load, then one write each. */
static size_t cost_of_a_checkout(void)
{
    struct wallet_hold_posted posted;
    const struct uuid paid = draw_id(), given_up = draw_id();
    direct_forget(market);
    const size_t before = direct_statements(market);
    assert_int_equal(hold(paid, 10), STATUS_OK);
    assert_int_equal(post(paid, &posted), STATUS_OK);
    assert_int_equal(hold(given_up, 10), STATUS_OK);
    assert_int_equal(void_(given_up), STATUS_OK);
    return direct_statements(market) - before;
}

static void checkout_of_a_wallet_without_lots_costs_what_it_did(void **state)
{
    (void)state;
    assert_int_equal(grant(100, "EUR"), STATUS_OK);
    const size_t usual = cost_of_a_checkout();
    /* Hold: a load and a write; post: a write; hold: a read of the hold and a write; void: a write.
     */
    assert_int_equal(usual, 6);
    assert_int_equal(grant_until(10, in_days(9)), STATUS_OK);
    (void)buy(10);
    /* Nor does that of one whose lots are spent. */
    assert_int_equal(cost_of_a_checkout(), usual);
    assert_int_equal(grant_until(50, in_days(9)), STATUS_OK);
    assert_int_equal(cost_of_a_checkout(), usual + 2);
}

/* ---- lapsing ---- */

static void what_is_not_spent_lapses_once_to_where_it_came_from(void **state)
{
    (void)state;
    const int64_t before = house("grants");
    const size_t told = direct_events(market, wallet_notice_was_raised_message.number);
    assert_int_equal(grant(100, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(50, in_days(9)), STATUS_OK);
    (void)buy(20);
    pass_days(8);
    sweep("lapsed_credit");
    assert_eur(130, 0);
    pass_days(1);
    sweep("lapsed_credit");
    sweep("lapsed_credit");
    assert_eur(100, 0);
    assert_int_equal(balance()->expiring_count, 0);
    assert_int_equal(house("grants"), before - 120);
    assert_int_equal(direct_events(market, wallet_notice_was_raised_message.number), told + 1);
    struct told_notice_was_raised event;
    direct_last_event(market, &wallet_notice_was_raised_message, &event);
    assert_int_equal(event.notice.kind, COMMON_NOTICE_KIND_CREDIT_LAPSED);
    assert_true(uuid_equals(event.notice.recipient_id, wallet_id));
    assert_text_equal(event.notice.facts[0].value, TEXT("0.30 EUR"));
}

static void what_a_hold_claims_lapses_when_the_hold_has_ended(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    assert_int_equal(grant_until(50, in_days(1)), STATUS_OK);
    assert_int_equal(hold(id, 30), STATUS_OK);
    pass_days(2);
    sweep("lapsed_credit");
    assert_eur(0, 30);
    ASSERT_EXPIRING(30);
    /* It is not looked at all the time. */
    assert_int_equal(void_(id), STATUS_OK);
    sweep("lapsed_credit");
    assert_eur(30, 0);
    direct_advance(market, MINUTE_US);
    sweep("lapsed_credit");
    assert_eur(0, 0);
}

static void an_order_is_paid_with_what_its_hold_has_kept(void **state)
{
    (void)state;
    const struct uuid id = draw_id();
    struct wallet_hold_posted posted;
    assert_int_equal(grant(20, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(50, in_days(1)), STATUS_OK);
    assert_int_equal(hold(id, 30), STATUS_OK);
    pass_days(2);
    sweep("lapsed_credit");
    assert_int_equal(post(id, &posted), STATUS_OK);
    assert_eur(20, 0);
    direct_advance(market, MINUTE_US);
    sweep("lapsed_credit");
    assert_eur(20, 0);
}

static void a_lapse_that_is_said_again_takes_nothing_more(void **state)
{
    (void)state;
    const struct wallet_lapse_credit lapse = { .wallet_id = wallet_id, .currency = TEXT("EUR") };
    assert_int_equal(grant(20, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(50, in_days(1)), STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &wallet_lapse_credit_message, &lapse, NULL),
                     STATUS_OK);
    assert_eur(70, 0);
    pass_days(2);
    for (int i = 0; i < 3; i++) {
        direct_forget(market);
        assert_int_equal(direct_call(market, NULL, &wallet_lapse_credit_message, &lapse, NULL),
                         STATUS_OK);
    }
    assert_eur(20, 0);
}

/* ---- refunds ---- */

static void refund_gives_back_what_was_spent_last_with_its_own_time(void **state)
{
    (void)state;
    assert_int_equal(grant(10, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    assert_int_equal(grant_until(20, in_days(5)), STATUS_OK);
    const struct uuid bought = buy(60);
    give_back(bought, 10);
    assert_int_equal(balance()->expiring_count, 0);
    direct_forget(market);
    give_back(bought, 25);
    ASSERT_EXPIRING(5, 20);
    give_back(bought, 25);
    ASSERT_EXPIRING(30, 20);
    assert_eur(60, 0);
    pass_days(6);
    sweep("lapsed_credit");
    assert_eur(10, 0);
}

static void refund_of_what_has_lapsed_can_be_spent_for_the_grace(void **state)
{
    (void)state;
    direct_set(market, "--wallet.credit_grace=10d");
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    const struct uuid bought = buy(20);
    pass_days(3);
    sweep("lapsed_credit");
    assert_eur(0, 0);
    give_back(bought, 20);
    sweep("lapsed_credit");
    ASSERT_EXPIRING(20);
    assert_int_equal(balance()->expiring[0].expires_at_us, in_days(10));
    pass_days(10);
    sweep("lapsed_credit");
    assert_eur(0, 0);
}

static void refund_of_a_purchase_from_before_costs_the_wallet_nothing_more(void **state)
{
    (void)state;
    assert_int_equal(grant(100, "EUR"), STATUS_OK);
    const struct uuid bought = buy(60);
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    give_back(bought, 60);
    assert_eur(130, 0);
    ASSERT_EXPIRING(30);
}

/* ---- what is taken out ---- */

static void correction_takes_what_never_expires_first(void **state)
{
    (void)state;
    assert_int_equal(grant(40, "EUR"), STATUS_OK);
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    assert_int_equal(correct(-40), STATUS_OK);
    ASSERT_EXPIRING(30);
    assert_int_equal(correct(-10), STATUS_OK);
    ASSERT_EXPIRING(20);
    assert_eur(20, 0);
}

static void book_topup(struct uuid payment_id, int64_t captured, int64_t disputed, int64_t version)
{
    const struct wallet_book_payment command = { .wallet_id = wallet_id,
                                                 .payment_id = payment_id,
                                                 .is_topup = true,
                                                 .captured = money_make(captured, "EUR"),
                                                 .refunded = money_make(0, "EUR"),
                                                 .disputed = money_make(disputed, "EUR"),
                                                 .version = version };
    assert_int_equal(direct_call(market, NULL, &wallet_book_payment_message, &command, NULL),
                     STATUS_OK);
}

static void charge_back_takes_credit_only_where_nothing_else_is_left(void **state)
{
    (void)state;
    const struct uuid payment_id = draw_id();
    book_topup(payment_id, 100, 0, 1);
    assert_int_equal(grant_until(30, in_days(2)), STATUS_OK);
    const struct uuid bought = buy(50); /* 30 of the credit, 20 of the top-up */
    assert_int_equal(grant_until(60, in_days(3)), STATUS_OK);
    book_topup(payment_id, 100, 100, 2);
    assert_eur(40, 0);
    ASSERT_EXPIRING(40);
    (void)buy(40);
    book_topup(payment_id, 100, 100, 3);
    give_back(bought, 50);
    assert_eur(50, 0);
    ASSERT_EXPIRING(30);
}

static void credit_of_a_wallet_that_owes_makes_that_good_first(void **state)
{
    (void)state;
    const struct uuid payment_id = draw_id();
    book_topup(payment_id, 100, 0, 1);
    (void)buy(100);
    book_topup(payment_id, 100, 100, 2);
    assert_int_equal(balance()->debt.amount, 100);
    assert_int_equal(grant_until(70, in_days(2)), STATUS_OK);
    assert_int_equal(balance()->expiring_count, 0);
    assert_int_equal(grant_until(70, in_days(2)), STATUS_OK);
    assert_eur(40, 0);
    ASSERT_EXPIRING(40);
    pass_days(3);
    sweep("lapsed_credit");
    assert_eur(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CREDIT_TEST(what_expires_first_is_spent_first_and_shown_first),
        CREDIT_TEST(a_hold_posted_in_part_uses_only_that_part),
        CREDIT_TEST(checkout_of_a_wallet_without_lots_costs_what_it_did),
        CREDIT_TEST(what_is_not_spent_lapses_once_to_where_it_came_from),
        CREDIT_TEST(what_a_hold_claims_lapses_when_the_hold_has_ended),
        CREDIT_TEST(an_order_is_paid_with_what_its_hold_has_kept),
        CREDIT_TEST(a_lapse_that_is_said_again_takes_nothing_more),
        CREDIT_TEST(refund_gives_back_what_was_spent_last_with_its_own_time),
        CREDIT_TEST(refund_of_what_has_lapsed_can_be_spent_for_the_grace),
        CREDIT_TEST(refund_of_a_purchase_from_before_costs_the_wallet_nothing_more),
        CREDIT_TEST(correction_takes_what_never_expires_first),
        CREDIT_TEST(charge_back_takes_credit_only_where_nothing_else_is_left),
        CREDIT_TEST(credit_of_a_wallet_that_owes_makes_that_good_first),
    };
    market = direct_market_new(&wallet_domain);
    direct_set_peer(market, answer_as_users, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
