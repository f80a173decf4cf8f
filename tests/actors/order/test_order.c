/* Claims about the rules of a checkout: its price, what the buyer agreed to, the split by vendor.
 */
#include "tests/actors/order/cart_builders.h"

static struct order_checkout_line checkout_line(uint8_t vendor, int64_t quantity, int64_t price)
{
    return (struct order_checkout_line){ .vendor_id = id_of('s', vendor),
                                         .vendor_name = TEXT("Vendor"),
                                         .quantity = quantity,
                                         .unit_price = money_make(price, "EUR"),
                                         .total = money_make(quantity * price, "EUR") };
}

static void split_follows_the_first_line_of_each_vendor(void **state)
{
    (void)state;
    const struct order_checkout_line lines[] = { checkout_line(2, 1, 100), checkout_line(1, 2, 30),
                                                 checkout_line(2, 3, 7), checkout_line(3, 1, 0) };
    const struct order_checkout_data checkout = { .total = money_make(181, "EUR"),
                                                  .lines = lines,
                                                  .lines_count = 4 };
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
    assert_int_equal(split->parts_count, 3);
    assert_true(uuid_equals(split->parts[0].vendor_id, id_of('s', 2)));
    assert_int_equal(split->parts[0].lines_count, 2);
    assert_int_equal(split->parts[0].lines[1], 2);
    assert_int_equal(split->parts[0].total.amount, 121);
    assert_int_equal(split->parts[1].total.amount, 60);
    assert_int_equal(split->parts[2].total.amount, 0);
    test_free(split);
}

static void orders_of_fifty_vendors_sum_to_the_group(void **state)
{
    (void)state;
    struct order_checkout_line *lines = test_calloc(CART_LINES_MAX, sizeof *lines);
    int64_t total = 0;
    for (uint8_t i = 0; i < CART_LINES_MAX; i++) {
        lines[i] = checkout_line(i, i + 1, 99 + i);
        total += lines[i].total.amount;
    }
    const struct order_checkout_data checkout = { .total = money_make(total, "EUR"),
                                                  .lines = lines,
                                                  .lines_count = CART_LINES_MAX };
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
    assert_int_equal(split->parts_count, CART_LINES_MAX);
    int64_t sum = 0;
    for (size_t i = 0; i < split->parts_count; i++)
        sum += split->parts[i].total.amount;
    assert_int_equal(sum, total);
    test_free(split);
    test_free(lines);
}

static void split_refuses_sums_that_are_wrong_by_a_cent(void **state)
{
    (void)state;
    struct order_checkout_line line = checkout_line(1, 3, 33);
    struct order_checkout_data checkout = { .total = money_make(100, "EUR"),
                                            .lines = &line,
                                            .lines_count = 1 };
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    line.total.amount = 100;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    line.total.amount = 99;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    checkout.total.amount = 99;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
    checkout.total = money_make(99, "USD");
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_INVALID_VALUE);
    checkout.lines_count = 0;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OUT_OF_RANGE);
    test_free(split);
}

static void checkout_prices_every_line_at_the_offer(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    struct catalog_offer list[2] = { offer_of(1, 500, 10), offer_of(2, 250, 10) };
    assert_int_equal(add(cart, &list[0], 2), STATUS_OK);
    assert_int_equal(add(cart, &list[1], 3), STATUS_OK);
    list[1].price.amount = 200;
    const struct catalog_offers offers = { .offers = list, .offers_count = 2 };
    struct quoted *quoted = new_quoted();
    struct order_checkout_data checkout = { .has_customer = false };
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OK);
    order_snapshot(cart, &quoted->quote, quoted->arena, &checkout);
    assert_int_equal(checkout.total.amount, 1600);
    assert_int_equal(checkout.lines[1].unit_price.amount, 200);
    assert_int_equal(checkout.lines[1].total.amount, 600);
    free_quoted(quoted);
    test_free(cart);
}

static enum status check_payment(const struct order_checkout *checkout, bool is_guest,
                                 bool may_pay_offline, const char **ret_pointer)
{
    const struct order_payment_terms terms = { .has_wallet = !is_guest,
                                               .may_use = { may_pay_offline } };
    struct order_paid_parts parts;
    const enum status status =
        order_check_payment(checkout, money_make(1000, "EUR"), terms, &parts, ret_pointer);
    if (status == STATUS_OK && checkout->payment.has_on_delivery)
        assert_true(money_equals(parts.offline.amount, checkout->payment.on_delivery));
    return status;
}

static void payment_must_be_what_was_shown_and_add_up(void **state)
{
    (void)state;
    const struct money total = money_make(1000, "EUR");
    const char *pointer = NULL;
    struct order_checkout checkout = { .expected_total = total,
                                       .payment = { .has_wallet = true, .wallet = total } };
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_OK);
    checkout.payment.wallet.amount = 999;
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/wallet");
    checkout.payment.has_wallet = false;
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment"); /* there is nothing in it to point to */
    checkout.expected_total.amount = 999;
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_TOTALS_CHANGED);
    assert_string_equal(pointer, "/expected_total");
    checkout.expected_total = money_make(1000, "USD");
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_CURRENCY_MISMATCH);
}

static void what_is_paid_on_delivery_counts_where_it_is_allowed(void **state)
{
    (void)state;
    const char *pointer = NULL;
    struct order_checkout checkout = { .expected_total = money_make(1000, "EUR"),
                                       .payment = { .has_on_delivery = true,
                                                    .on_delivery = money_make(1000, "EUR") } };
    assert_int_equal(check_payment(&checkout, true, true, &pointer), STATUS_OK);
    assert_int_equal(check_payment(&checkout, true, false, &pointer),
                     STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_string_equal(pointer, "/payment/on_delivery");
    checkout.payment.on_delivery.amount = 400;
    checkout.payment.has_wallet = true;
    checkout.payment.wallet = money_make(600, "EUR");
    assert_int_equal(check_payment(&checkout, false, true, &pointer), STATUS_OK);
    assert_int_equal(check_payment(&checkout, true, true, &pointer),
                     STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_string_equal(pointer, "/payment/wallet");
    checkout.payment.wallet.amount = INT64_MAX;
    assert_int_equal(check_payment(&checkout, false, true, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment"); /* both parts together */
    checkout.payment.on_delivery = money_make(400, "USD");
    assert_int_equal(check_payment(&checkout, false, true, &pointer), STATUS_CURRENCY_MISMATCH);
    assert_string_equal(pointer, "/payment/on_delivery");
}

static void total_of_nothing_needs_no_payment(void **state)
{
    (void)state;
    const struct money nothing = money_make(0, "EUR");
    const struct order_checkout checkout = { .expected_total = nothing };
    const struct order_payment_terms terms = { .has_wallet = false };
    struct order_paid_parts parts;
    const char *pointer = NULL;
    assert_int_equal(order_check_payment(&checkout, nothing, terms, &parts, &pointer), STATUS_OK);
    assert_int_equal(parts.offline.amount.amount, 0);
    assert_int_equal(parts.card.amount, 0);
    assert_int_equal(order_payment_status_of(nothing, parts.offline.amount),
                     ORDER_PAYMENT_STATUS_PAID);
}

static void what_is_owed_is_shared_by_the_orders_exactly(void **state)
{
    (void)state;
    struct order_split *split = test_calloc(1, sizeof *split);
    const int64_t totals[] = { 1, 999, 2000 };
    split->parts_count = 3;
    for (size_t i = 0; i < 3; i++)
        split->parts[i].total = money_make(totals[i], "EUR");
    struct order_checkout_data checkout = { .total = money_make(3000, "EUR"),
                                            .has_on_delivery = true,
                                            .on_delivery = money_make(2999, "EUR") };
    int64_t amounts[ORDER_PARTS_MAX];
    assert_int_equal(order_share_on_delivery(&checkout, split, amounts), STATUS_OK);
    assert_int_equal(amounts[0] + amounts[1] + amounts[2], 2999);
    for (size_t i = 0; i < 3; i++)
        assert_true(amounts[i] >= 0 && amounts[i] <= totals[i]);
    assert_int_equal(order_wallet_part(&checkout).amount, 1);
    assert_int_equal(order_payment_status_of(checkout.total, checkout.on_delivery),
                     ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    checkout.on_delivery = checkout.total;
    assert_int_equal(order_share_on_delivery(&checkout, split, amounts), STATUS_OK);
    assert_int_equal(amounts[0], 1);
    assert_int_equal(order_payment_status_of(checkout.total, checkout.on_delivery),
                     ORDER_PAYMENT_STATUS_UNPAID);
    checkout.has_on_delivery = false;
    assert_int_equal(order_share_on_delivery(&checkout, split, amounts), STATUS_OK);
    assert_int_equal(amounts[0] + amounts[1] + amounts[2], 0);
    test_free(split);
}

static void sale_needs_two_seconds_of_life_in_what_was_set_aside(void **state)
{
    (void)state;
    const struct order_checkout_data checkout = { .expires_at_us = 10 * 1000000 };
    assert_false(order_is_too_late(&checkout, 8 * 1000000 - 1));
    assert_true(order_is_too_late(&checkout, 8 * 1000000));
}

static void wallet_in_another_currency_is_a_mismatch(void **state)
{
    (void)state;
    const char *pointer = NULL;
    const struct order_checkout checkout = { .expected_total = money_make(1000, "EUR"),
                                             .payment = { .has_wallet = true,
                                                          .wallet = money_make(1000, "USD") } };
    assert_int_equal(check_payment(&checkout, false, false, &pointer), STATUS_CURRENCY_MISMATCH);
    assert_string_equal(pointer, "/payment/wallet");
}

static void guest_who_pays_too_little_is_told_where(void **state)
{
    (void)state;
    const char *pointer = NULL;
    const struct order_checkout checkout = { .expected_total = money_make(1000, "EUR"),
                                             .payment = { .has_on_delivery = true,
                                                          .on_delivery = money_make(1, "EUR") } };
    assert_int_equal(check_payment(&checkout, true, true, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/on_delivery");
}

static void split_of_too_many_lines_or_too_much_money_is_refused(void **state)
{
    (void)state;
    struct order_checkout_line lines[] = { checkout_line(1, 1, INT64_MAX),
                                           checkout_line(2, 1, INT64_MAX) };
    struct order_checkout_data checkout = { .total = money_make(INT64_MAX, "EUR"),
                                            .lines = lines,
                                            .lines_count = 2 };
    struct order_split *split = test_calloc(1, sizeof *split);
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OUT_OF_RANGE);
    checkout.lines_count = CART_LINES_MAX + 1;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OUT_OF_RANGE);
    lines[0].quantity = 2;
    checkout.lines_count = 1;
    assert_int_equal(order_split_by_vendor(&checkout, split), STATUS_OUT_OF_RANGE);
    test_free(split);
}

static void parts_that_cost_nothing_owe_nothing(void **state)
{
    (void)state;
    struct order_split *split = test_calloc(1, sizeof *split);
    split->parts_count = 2;
    split->parts[0].total = split->parts[1].total = money_make(0, "EUR");
    const struct order_checkout_data checkout = { .total = money_make(0, "EUR"),
                                                  .has_on_delivery = true,
                                                  .on_delivery = money_make(0, "EUR") };
    int64_t amounts[ORDER_PARTS_MAX] = { 7, 7 };
    assert_int_equal(order_share_on_delivery(&checkout, split, amounts), STATUS_OK);
    assert_int_equal(amounts[0], 0);
    assert_int_equal(amounts[1], 0);
    test_free(split);
}

/* --- cards --- */

static const struct order_payment_terms all_terms = { .has_wallet = true,
                                                      .has_card = true,
                                                      .may_use = { true, true, true } };

static struct order_checkout by_card(void)
{
    return (struct order_checkout){
        .expected_total = money_make(1000, "EUR"),
        .payment = { .has_card = true, .card = { .payment_method = TEXT("pm_ok") } },
    };
}

static enum status check_card(const struct order_checkout *checkout,
                              struct order_payment_terms terms, const char **ret_pointer,
                              int64_t *ret_card)
{
    struct order_paid_parts parts;
    const enum status status =
        order_check_payment(checkout, money_make(1000, "EUR"), terms, &parts, ret_pointer);
    if (status == STATUS_OK) *ret_card = parts.card.amount;
    return status;
}

static void a_card_pays_what_the_other_parts_leave(void **state)
{
    (void)state;
    const char *pointer = NULL;
    int64_t card = 0;
    struct order_checkout checkout = by_card();
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_OK);
    assert_int_equal(card, 1000);
    checkout.payment.has_wallet = checkout.payment.has_transfer = true;
    checkout.payment.wallet = money_make(300, "EUR");
    checkout.payment.transfer = money_make(699, "EUR");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_OK);
    assert_int_equal(card, 1);
    checkout.payment.card.has_amount = true;
    checkout.payment.card.amount = money_make(1, "EUR");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_OK);
}

static void a_card_part_of_nothing_is_refused(void **state)
{
    (void)state;
    const char *pointer = NULL;
    int64_t card = 0;
    struct order_checkout checkout = by_card();
    checkout.payment.has_wallet = true;
    checkout.payment.wallet = money_make(1000, "EUR");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/card");
    checkout.payment.wallet.amount = 1001;
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/card");
}

static void the_amount_of_a_card_must_be_what_is_left(void **state)
{
    (void)state;
    const char *pointer = NULL;
    int64_t card = 0;
    struct order_checkout checkout = by_card();
    checkout.payment.card.has_amount = true;
    checkout.payment.card.amount = money_make(999, "EUR");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/card/amount");
    checkout.payment.card.amount = money_make(1000, "USD");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_CURRENCY_MISMATCH);
    assert_string_equal(pointer, "/payment/card/amount");
}

static void a_market_without_a_provider_takes_no_card(void **state)
{
    (void)state;
    const char *pointer = NULL;
    int64_t card = 0;
    struct order_payment_terms terms = all_terms;
    const struct order_checkout checkout = by_card();
    terms.has_card = false;
    assert_int_equal(check_card(&checkout, terms, &pointer, &card),
                     STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_string_equal(pointer, "/payment/card");
}

static void two_parts_outside_of_the_market_are_too_many_beside_a_card_as_well(void **state)
{
    (void)state;
    const char *pointer = NULL;
    int64_t card = 0;
    struct order_checkout checkout = by_card();
    checkout.payment.has_transfer = checkout.payment.has_on_delivery = true;
    checkout.payment.transfer = checkout.payment.on_delivery = money_make(100, "EUR");
    assert_int_equal(check_card(&checkout, all_terms, &pointer, &card), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment");
}

/* Of every sum that can be owed and paid by card of three orders. */
static void what_is_owed_and_what_a_card_pays_never_exceed_an_order(void **state)
{
    (void)state;
    enum { TOTAL = 18 };
    static const int64_t totals[] = { 1, 7, 10 };
    struct order_split *split = test_calloc(1, sizeof *split);
    split->parts_count = 3;
    for (size_t i = 0; i < 3; i++)
        split->parts[i].total = money_make(totals[i], "EUR");
    for (int64_t on_delivery = 0; on_delivery <= TOTAL; on_delivery++) {
        for (int64_t card = 0; on_delivery + card <= TOTAL; card++) {
            const struct order_checkout_data checkout = {
                .total = money_make(TOTAL, "EUR"),
                .has_on_delivery = on_delivery > 0,
                .on_delivery = money_make(on_delivery, "EUR"),
                .has_card_amount = card > 0,
                .card_amount = money_make(card, "EUR"),
            };
            int64_t owed[ORDER_PARTS_MAX], by[ORDER_PARTS_MAX];
            assert_int_equal(order_share_on_delivery(&checkout, split, owed), STATUS_OK);
            assert_int_equal(order_share_card(&checkout, split, owed, by), STATUS_OK);
            for (size_t i = 0; i < 3; i++) {
                assert_true(by[i] >= 0);
                assert_true(owed[i] + by[i] <= totals[i]);
            }
            assert_int_equal(by[0] + by[1] + by[2], card);
            assert_int_equal(order_wallet_part(&checkout).amount, TOTAL - on_delivery - card);
        }
    }
    test_free(split);
}

static void what_a_card_pays_no_wallet_does(void **state)
{
    (void)state;
    const struct order_checkout_data checkout = { .total = money_make(1000, "EUR"),
                                                  .has_card_amount = true,
                                                  .card_amount = money_make(1000, "EUR") };
    assert_int_equal(order_wallet_part(&checkout).amount, 0);
    assert_int_equal(order_card_part(&checkout).amount, 1000);
}

static void a_token_is_no_number_of_a_card(void **state)
{
    (void)state;
    assert_true(order_card_token_is_good(TEXT("pm_ok")));
    assert_true(order_card_token_is_good(TEXT("pm_1Q0PsIJvEtkwdCNYMSaVuRz6")));
    assert_true(order_card_token_is_good(TEXT("pm-12345678901")));
    /* The id of a card that is kept may have digits in a row. */
    assert_true(order_card_token_is_good(TEXT("crd_01234567890123456789012345")));
    assert_false(order_card_token_is_good(TEXT("")));
    assert_false(order_card_token_is_good(TEXT("4242424242424242")));
    assert_false(order_card_token_is_good(TEXT("pm_4242-4242-4242-4242")));
    assert_false(order_card_token_is_good(TEXT("pm_ 1")));
    assert_false(order_card_token_is_good(TEXT("pm/../refunds")));
    assert_false(order_card_token_is_good(TEXT("pm_\xc3\xa9")));
}

static void banks_send_back_by_https_only(void **state)
{
    (void)state;
    assert_true(order_return_url_is_good(TEXT("https://shop.example/paid?x=1"), false));
    assert_false(order_return_url_is_good(TEXT("http://127.0.0.1:8080/paid"), false));
    assert_true(order_return_url_is_good(TEXT("http://127.0.0.1:8080/paid"), true));
    assert_false(order_return_url_is_good(TEXT("http://shop.example/paid"), true));
    assert_false(order_return_url_is_good(TEXT("javascript:alert(1)"), true));
    assert_false(order_return_url_is_good(TEXT("https://me@shop.example/"), true));
    assert_false(order_return_url_is_good(TEXT("https://shop.example/\r\nX: y"), true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_follows_the_first_line_of_each_vendor),
        cmocka_unit_test(orders_of_fifty_vendors_sum_to_the_group),
        cmocka_unit_test(split_refuses_sums_that_are_wrong_by_a_cent),
        cmocka_unit_test(checkout_prices_every_line_at_the_offer),
        cmocka_unit_test(payment_must_be_what_was_shown_and_add_up),
        cmocka_unit_test(what_is_paid_on_delivery_counts_where_it_is_allowed),
        cmocka_unit_test(total_of_nothing_needs_no_payment),
        cmocka_unit_test(what_is_owed_is_shared_by_the_orders_exactly),
        cmocka_unit_test(sale_needs_two_seconds_of_life_in_what_was_set_aside),
        cmocka_unit_test(wallet_in_another_currency_is_a_mismatch),
        cmocka_unit_test(guest_who_pays_too_little_is_told_where),
        cmocka_unit_test(split_of_too_many_lines_or_too_much_money_is_refused),
        cmocka_unit_test(parts_that_cost_nothing_owe_nothing),
        cmocka_unit_test(a_card_pays_what_the_other_parts_leave),
        cmocka_unit_test(a_card_part_of_nothing_is_refused),
        cmocka_unit_test(the_amount_of_a_card_must_be_what_is_left),
        cmocka_unit_test(a_market_without_a_provider_takes_no_card),
        cmocka_unit_test(two_parts_outside_of_the_market_are_too_many_beside_a_card_as_well),
        cmocka_unit_test(what_is_owed_and_what_a_card_pays_never_exceed_an_order),
        cmocka_unit_test(what_a_card_pays_no_wallet_does),
        cmocka_unit_test(a_token_is_no_number_of_a_card),
        cmocka_unit_test(banks_send_back_by_https_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
