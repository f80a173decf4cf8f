/* Claims about card payments in the ledger, against a scratch database. */
#include "tests/actors/wallet/wallet_story.h"

static struct uuid payment_id;

static struct wallet_book_payment topup_of(int64_t version, int64_t captured, int64_t refunded,
                                           int64_t disputed)
{
    return (struct wallet_book_payment){ .wallet_id = wallet_id,
                                         .payment_id = payment_id,
                                         .is_topup = true,
                                         .captured = money_make(captured, "EUR"),
                                         .refunded = money_make(refunded, "EUR"),
                                         .disputed = money_make(disputed, "EUR"),
                                         .version = version };
}

static enum status book(struct wallet_book_payment command)
{
    return direct_call(market, NULL, &wallet_book_payment_message, &command, NULL);
}

static enum status reserve(int64_t amount)
{
    payment_id = draw_id();
    const struct wallet_reserve_topup command = { .wallet_id = wallet_id,
                                                  .payment_id = payment_id,
                                                  .amount = money_make(amount, "EUR") };
    return direct_call(market, NULL, &wallet_reserve_topup_message, &command, NULL);
}

static struct text houses(void)
{
    return direct_sql(market, "SELECT string_agg(name || ' ' || balance, ', ' ORDER BY name) FROM "
                              "wallet.house WHERE name IN ('provider', 'disputes', 'clearing')"
                              " AND balance <> 0");
}

static void a_topup_is_credited_once_however_often_it_is_told(void **state)
{
    (void)state;
    assert_int_equal(reserve(5000), STATUS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(book(topup_of(4, 5000, 0, 0)), STATUS_OK);
    assert_eur(5000, 0);
    /* An older word that comes late changes nothing. */
    assert_int_equal(book(topup_of(3, 0, 0, 0)), STATUS_OK);
    assert_eur(5000, 0);
    assert_text_equal(houses(), TEXT("provider -5000"));
}

static void a_charge_back_after_the_money_was_spent_is_owed_until_it_is_made_good(void **state)
{
    (void)state;
    struct wallet_hold_posted posted;
    const struct uuid hold_id = draw_id();
    empty_the_ledger();
    assert_int_equal(reserve(5000), STATUS_OK);
    assert_int_equal(book(topup_of(4, 5000, 0, 0)), STATUS_OK);
    assert_int_equal(hold(hold_id, 4000), STATUS_OK);
    assert_int_equal(post(hold_id, &posted), STATUS_OK);
    assert_int_equal(book(topup_of(5, 5000, 0, 5000)), STATUS_OK);
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances shown;
    assert_int_equal(direct_call(market, &shopper, &wallet_get_wallet_message, &query, &shown),
                     STATUS_OK);
    assert_int_equal(shown.balances[0].available.amount, 0);
    assert_int_equal(shown.balances[0].debt.amount, 4000);
    assert_int_equal(hold(draw_id(), 1), STATUS_INSUFFICIENT_FUNDS);
    assert_text_equal(houses(), TEXT("clearing 4000"));
    const struct queue_list_stuck waiting = { .limit = 10 };
    struct common_stuck_items items;
    assert_int_equal(direct_call(market, NULL, &wallet_list_stuck_message, &waiting, &items),
                     STATUS_OK);
    assert_int_equal(items.items_count, 1);
    assert_int_equal(items.items[0].cause, COMMON_STUCK_CAUSE_WALLET_DEBT);
    /* It is made good, and the dispute won after that: that is all the shopper's. */
    assert_int_equal(grant(4500, "EUR"), STATUS_OK);
    assert_eur(500, 0);
    assert_int_equal(direct_call(market, NULL, &wallet_list_stuck_message, &waiting, &items),
                     STATUS_OK);
    assert_int_equal(items.items_count, 0);
    assert_int_equal(book(topup_of(6, 5000, 0, 0)), STATUS_OK);
    assert_eur(5500, 0);
}

static void an_orders_card_money_is_the_markets(void **state)
{
    (void)state;
    empty_the_ledger();
    payment_id = draw_id();
    struct wallet_book_payment command = topup_of(3, 1999, 0, 0);
    command.wallet_id = payment_id;
    command.is_topup = false;
    assert_int_equal(book(command), STATUS_OK);
    assert_text_equal(houses(), TEXT("clearing 1999, provider -1999"));
    command.version = 7;
    command.refunded.amount = 999;
    command.disputed.amount = 1000;
    assert_int_equal(book(command), STATUS_OK);
    assert_text_equal(houses(), TEXT("clearing 1000, disputes -1000"));
}

static void topups_under_way_count_against_the_limits(void **state)
{
    (void)state;
    direct_set(market, "--wallet.topup_max=1000");
    assert_int_equal(reserve(600), STATUS_OK);
    const struct wallet_reserve_topup again = { wallet_id, payment_id, money_make(600, "EUR") };
    assert_int_equal(direct_call(market, NULL, &wallet_reserve_topup_message, &again, NULL),
                     STATUS_OK);
    assert_int_equal(reserve(401), STATUS_LIMIT_EXCEEDED);
    assert_int_equal(direct_last_fault(market).available, 400);
    assert_int_equal(reserve(400), STATUS_OK);
    /* One that failed is none. */
    struct wallet_book_payment failed = topup_of(2, 0, 0, 0);
    failed.is_over = true;
    assert_int_equal(book(failed), STATUS_OK);
    assert_int_equal(reserve(400), STATUS_OK);
    direct_set(market, "--wallet.topup_max=0");
    direct_set(market, "--wallet.balance_max=1500");
    assert_int_equal(reserve(501), STATUS_LIMIT_EXCEEDED);
    direct_set(market, "--wallet.balance_max=0");
    direct_set(market, "--wallet.topups_per_day=3");
    assert_int_equal(reserve(1), STATUS_OK);
    assert_int_equal(reserve(1), STATUS_LIMIT_EXCEEDED);
    direct_set(market, "--wallet.topups_per_day=0");
    /* What failed and was captured nevertheless is the shopper's. */
    payment_id = failed.payment_id;
    assert_int_equal(book(topup_of(9, 400, 0, 0)), STATUS_OK);
    assert_eur(400, 0);
}

static void a_payment_of_which_less_moved_than_is_booked_is_seen(void **state)
{
    (void)state;
    static const char count[] = "SELECT count(*) FROM wallet.check_payments()";
    empty_the_ledger();
    (void)direct_sql(market, "TRUNCATE wallet.payment_booking, wallet.payment_book, wallet.topup");
    assert_int_equal(reserve(700), STATUS_OK);
    assert_int_equal(book(topup_of(4, 700, 200, 0)), STATUS_OK);
    assert_text_equal(direct_sql(market, count), TEXT("0"));
    (void)direct_sql(market, "UPDATE wallet.payment_book SET refunded = 0");
    assert_text_equal(direct_sql(market, count), TEXT("1"));
    (void)direct_sql(market, "UPDATE wallet.payment_book SET refunded = 200");
    (void)direct_sql(market, "UPDATE wallet.topup SET state = 'pending'");
    assert_text_equal(direct_sql(market, count), TEXT("1"));
}

static void what_is_booked_is_told_of_those_that_are_asked_for(void **state)
{
    (void)state;
    empty_the_ledger();
    assert_int_equal(reserve(5000), STATUS_OK);
    assert_int_equal(book(topup_of(4, 5000, 0, 0)), STATUS_OK);
    assert_int_equal(book(topup_of(5, 5000, 200, 300)), STATUS_OK);
    const struct uuid ids[] = { draw_id(), payment_id };
    const struct wallet_get_booked query = { .payment_ids = ids,
                                             .payment_ids_count = ARRAY_LENGTH(ids) };
    struct wallet_payment_bookings told;
    assert_int_equal(direct_call(market, NULL, &wallet_get_booked_message, &query, &told),
                     STATUS_OK);
    assert_int_equal(told.data_count, 1);
    assert_true(uuid_equals(told.data[0].payment_id, payment_id));
    assert_int_equal(told.data[0].captured.amount, 5000);
    assert_string_equal(told.data[0].captured.currency, "EUR");
    assert_int_equal(told.data[0].refunded.amount, 200);
    assert_int_equal(told.data[0].disputed.amount, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(a_topup_is_credited_once_however_often_it_is_told),
        LEDGER_TEST(a_charge_back_after_the_money_was_spent_is_owed_until_it_is_made_good),
        LEDGER_TEST(an_orders_card_money_is_the_markets),
        LEDGER_TEST(topups_under_way_count_against_the_limits),
        LEDGER_TEST(what_is_booked_is_told_of_those_that_are_asked_for),
        LEDGER_TEST(a_payment_of_which_less_moved_than_is_booked_is_seen),
    };
    market = direct_market_new(&wallet_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
