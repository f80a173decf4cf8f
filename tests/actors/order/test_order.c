/* Claims about the rules of carts and checkouts: limits, prices, sums, the split by vendor. */
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "actors/order/order.h"

static struct uuid id_of(uint8_t kind, uint8_t number)
{
    return (struct uuid){ .bytes = { [0] = kind, [15] = number } };
}

static struct catalog_offer offer_of(uint8_t number, int64_t price, int64_t available)
{
    return (struct catalog_offer){ .variant_id = id_of('v', number),
                                   .product_id = id_of('p', number),
                                   .vendor_id = id_of('s', number % 3),
                                   .vendor_name = TEXT("Vendor"),
                                   .name = TEXT("Teapot"),
                                   .has_price = true,
                                   .price = money_make(price, "EUR"),
                                   .available = available,
                                   .is_listed = true,
                                   .is_vendor_open = true };
}

static struct cart *new_cart(void)
{
    struct cart *cart = test_calloc(1, sizeof *cart);
    cart->id = id_of('c', 1);
    cart->user_id = id_of('u', 1);
    cart->version = 1;
    memcpy(cart->currency, "EUR", 4);
    return cart;
}

static enum status add(struct cart *cart, const struct catalog_offer *offer, int64_t quantity)
{
    struct cart_line *line;
    int64_t requested;
    return cart_add_units(cart, id_of('l', (uint8_t)(cart->lines_count + 1)), offer, quantity,
                          &line, &requested);
}

/* --- putting into the cart --- */

static void same_variant_again_adds_up_in_its_line(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 2), STATUS_OK);
    assert_int_equal(add(cart, &offer, 3), STATUS_OK);
    assert_int_equal(cart->lines_count, 1);
    assert_int_equal(cart->lines[0].quantity, 5);
    test_free(cart);
}

static void stock_is_checked_against_the_whole_line(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 4);
    assert_int_equal(add(cart, &offer, 3), STATUS_OK);
    struct cart_line *line;
    int64_t requested = 0;
    assert_int_equal(cart_add_units(cart, id_of('l', 9), &offer, 2, &line, &requested),
                     STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(requested, 5);
    assert_int_equal(cart->lines[0].quantity, 3);
    test_free(cart);
}

static void line_holds_ten_thousand_units_and_no_more(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 1, INT64_MAX);
    assert_int_equal(add(cart, &offer, CART_LINE_UNITS_MAX - 1), STATUS_OK);
    assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    assert_int_equal(add(cart, &offer, 1), STATUS_CART_FULL);
    assert_int_equal(cart->lines[0].quantity, CART_LINE_UNITS_MAX);
    test_free(cart);
}

static void cart_holds_fifty_lines_and_no_more(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    for (uint8_t i = 0; i < CART_LINES_MAX; i++) {
        const struct catalog_offer offer = offer_of(i, 1, 100);
        assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    }
    const struct catalog_offer another = offer_of(200, 1, 100);
    assert_int_equal(add(cart, &another, 1), STATUS_CART_FULL);
    const struct catalog_offer known = offer_of(7, 1, 100);
    assert_int_equal(add(cart, &known, 1), STATUS_OK);
    assert_int_equal(cart->lines_count, CART_LINES_MAX);
    test_free(cart);
}

static void offer_that_is_not_sold_says_why(void **state)
{
    (void)state;
    struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(cart_check_offer(NULL, "EUR"), STATUS_NOT_FOUND);
    assert_int_equal(cart_check_offer(&offer, "EUR"), STATUS_OK);
    assert_int_equal(cart_check_offer(&offer, "USD"), STATUS_PRODUCT_UNAVAILABLE);
    offer.is_vendor_open = false;
    assert_int_equal(cart_check_offer(&offer, "EUR"), STATUS_VENDOR_UNAVAILABLE);
    offer.is_listed = false;
    assert_int_equal(cart_check_offer(&offer, "EUR"), STATUS_PRODUCT_UNAVAILABLE);
}

static void removed_line_leaves_the_others_in_order(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    for (uint8_t i = 1; i <= 3; i++) {
        const struct catalog_offer offer = offer_of(i, 100 * i, 10);
        assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    }
    cart_remove_line(cart, &cart->lines[1]);
    const struct catalog_offer offer = offer_of(4, 400, 10);
    assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    assert_int_equal(cart->lines_count, 3);
    assert_true(uuid_equals(cart->lines[0].variant_id, id_of('v', 1)));
    assert_true(uuid_equals(cart->lines[1].variant_id, id_of('v', 3)));
    assert_true(cart->lines[1].position < cart->lines[2].position);
    test_free(cart);
}

static void long_name_is_cut_between_characters(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'x', sizeof name);
    memcpy(&name[254], "\xc3\xa9", 2); /* bytes 254 and 255: one character across the limit */
    struct cart_line line = { 0 };
    cart_line_set_name(&line, (struct text){ .data = name, .length = sizeof name });
    assert_int_equal(line.name_length, 254);
}

/* --- showing the cart --- */

static void shown_prices_are_those_of_today(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    struct catalog_offer list[2] = { offer_of(1, 500, 10), offer_of(2, 250, 10) };
    assert_int_equal(add(cart, &list[0], 2), STATUS_OK);
    assert_int_equal(add(cart, &list[1], 1), STATUS_OK);
    list[0].price.amount = 700;
    list[0].name = TEXT("New name");
    const struct catalog_offers offers = { .offers = list, .offers_count = 2 };
    struct cart_view *view = test_calloc(1, sizeof *view);
    struct order_cart shown;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OK);
    assert_int_equal(shown.lines[0].unit_price.amount, 700);
    assert_text_equal(shown.lines[0].name, TEXT("New name"));
    assert_int_equal(shown.totals.items.amount, 1650);
    assert_int_equal(shown.totals.total.amount, 1650);
    assert_int_equal(shown.totals.shipping.amount, 0);
    assert_int_equal(shown.problems_count, 0);
    test_free(view);
    test_free(cart);
}

static void unknown_variant_keeps_name_and_price_and_is_a_problem(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 2), STATUS_OK);
    const struct catalog_offers offers = { 0 };
    struct cart_view *view = test_calloc(1, sizeof *view);
    struct order_cart shown;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OK);
    assert_text_equal(shown.lines[0].name, TEXT("Teapot"));
    assert_int_equal(shown.lines[0].total.amount, 1000);
    assert_int_equal(shown.lines[0].problems_count, 1);
    assert_text_equal(shown.lines[0].problems[0].code, TEXT("product_unavailable"));
    assert_text_equal(shown.problems[0].code, TEXT("product_unavailable"));
    test_free(view);
    test_free(cart);
}

static void closed_vendor_and_short_stock_are_both_told(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 5), STATUS_OK);
    offer.is_vendor_open = false;
    offer.available = 2;
    const struct catalog_offers offers = { .offers = &offer, .offers_count = 1 };
    struct cart_view *view = test_calloc(1, sizeof *view);
    struct order_cart shown;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OK);
    assert_int_equal(shown.lines[0].problems_count, 2);
    assert_text_equal(shown.lines[0].problems[0].code, TEXT("vendor_unavailable"));
    assert_text_equal(shown.lines[0].problems[1].code, TEXT("insufficient_stock"));
    assert_text_equal(shown.lines[0].problems[1].detail, TEXT("5 wanted, 2 available."));
    assert_int_equal(shown.problems_count, 2);
    test_free(view);
    test_free(cart);
}

static void empty_cart_says_so(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offers offers = { 0 };
    struct cart_view *view = test_calloc(1, sizeof *view);
    struct order_cart shown;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OK);
    assert_int_equal(shown.totals.total.amount, 0);
    assert_text_equal(shown.problems[0].code, TEXT("empty_cart"));
    test_free(view);
    test_free(cart);
}

static void sum_beyond_int64_is_out_of_range(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer list[2] = { offer_of(1, INT64_MAX / 2 + 1, 10),
                                           offer_of(2, INT64_MAX / 2 + 1, 10) };
    assert_int_equal(add(cart, &list[0], 1), STATUS_OK);
    assert_int_equal(add(cart, &list[1], 1), STATUS_OK);
    const struct catalog_offers offers = { .offers = list, .offers_count = 2 };
    struct cart_view *view = test_calloc(1, sizeof *view);
    struct order_cart shown;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OUT_OF_RANGE);
    cart->lines_count = 1;
    cart->lines[0].quantity = 2;
    assert_int_equal(cart_show(cart, &offers, view, &shown), STATUS_OUT_OF_RANGE);
    test_free(view);
    test_free(cart);
}

static void only_an_active_cart_may_change(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    assert_int_equal(cart_check_active(cart), STATUS_OK);
    cart->status = ORDER_CART_STATUS_LOCKED;
    assert_int_equal(cart_check_active(cart), STATUS_CHECKOUT_IN_PROGRESS);
    cart->status = ORDER_CART_STATUS_ORDERED;
    assert_int_equal(cart_check_active(cart), STATUS_CART_ALREADY_ORDERED);
    test_free(cart);
}

/* --- checkout --- */

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
    line.unit_price = line.total = money_make(99, "USD");
    checkout.total = money_make(99, "EUR");
    assert_int_not_equal(order_split_by_vendor(&checkout, split), STATUS_OK);
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
    struct order_checkout_line lines[2];
    struct money total;
    assert_int_equal(order_price_lines(cart, &offers, lines, &total), STATUS_OK);
    assert_int_equal(total.amount, 1600);
    assert_int_equal(lines[1].unit_price.amount, 200);
    assert_int_equal(lines[1].total.amount, 600);
    test_free(cart);
}

static enum status check_payment(const struct order_checkout *checkout, bool is_guest,
                                 bool may_pay_offline, const char **ret_pointer)
{
    const struct order_payment_terms terms = { .has_wallet = !is_guest,
                                               .may_pay_offline = may_pay_offline };
    struct money on_delivery = money_make(0, "EUR");
    const enum status status =
        order_check_payment(checkout, money_make(1000, "EUR"), terms, &on_delivery, ret_pointer);
    if (status == STATUS_OK && checkout->payment.has_on_delivery)
        assert_true(money_equals(on_delivery, checkout->payment.on_delivery));
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
    assert_int_equal(check_payment(&checkout, true, false, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/on_delivery");
    checkout.payment.on_delivery.amount = 400;
    checkout.payment.has_wallet = true;
    checkout.payment.wallet = money_make(600, "EUR");
    assert_int_equal(check_payment(&checkout, false, true, &pointer), STATUS_OK);
    assert_int_equal(check_payment(&checkout, true, true, &pointer), STATUS_PAYMENT_MISMATCH);
    assert_string_equal(pointer, "/payment/wallet");
    checkout.payment.wallet.amount = INT64_MAX;
    assert_int_equal(check_payment(&checkout, false, true, &pointer), STATUS_PAYMENT_MISMATCH);
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
    struct money on_delivery;
    const char *pointer = NULL;
    assert_int_equal(order_check_payment(&checkout, nothing, terms, &on_delivery, &pointer),
                     STATUS_OK);
    assert_int_equal(on_delivery.amount, 0);
    assert_int_equal(order_payment_status_of(nothing, on_delivery), ORDER_PAYMENT_STATUS_PAID);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_variant_again_adds_up_in_its_line),
        cmocka_unit_test(stock_is_checked_against_the_whole_line),
        cmocka_unit_test(line_holds_ten_thousand_units_and_no_more),
        cmocka_unit_test(cart_holds_fifty_lines_and_no_more),
        cmocka_unit_test(offer_that_is_not_sold_says_why),
        cmocka_unit_test(removed_line_leaves_the_others_in_order),
        cmocka_unit_test(long_name_is_cut_between_characters),
        cmocka_unit_test(shown_prices_are_those_of_today),
        cmocka_unit_test(unknown_variant_keeps_name_and_price_and_is_a_problem),
        cmocka_unit_test(closed_vendor_and_short_stock_are_both_told),
        cmocka_unit_test(empty_cart_says_so),
        cmocka_unit_test(sum_beyond_int64_is_out_of_range),
        cmocka_unit_test(only_an_active_cart_may_change),
        cmocka_unit_test(split_follows_the_first_line_of_each_vendor),
        cmocka_unit_test(orders_of_fifty_vendors_sum_to_the_group),
        cmocka_unit_test(split_refuses_sums_that_are_wrong_by_a_cent),
        cmocka_unit_test(checkout_prices_every_line_at_the_offer),
        cmocka_unit_test(payment_must_be_what_was_shown_and_add_up),
        cmocka_unit_test(what_is_paid_on_delivery_counts_where_it_is_allowed),
        cmocka_unit_test(total_of_nothing_needs_no_payment),
        cmocka_unit_test(what_is_owed_is_shared_by_the_orders_exactly),
        cmocka_unit_test(sale_needs_two_seconds_of_life_in_what_was_set_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
