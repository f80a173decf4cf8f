/* Claims about the rules of a cart: limits, prices of today, problems. */
#include "tests/actors/order/cart_builders.h"

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
    assert_int_equal(cart_check_offer(&offer, "USD"), STATUS_CURRENCY_NOT_OFFERED);
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
    struct quoted *quoted = new_quoted();
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OK);
    assert_int_equal(quoted->shown.lines[0].unit_price.amount, 700);
    assert_text_equal(quoted->shown.lines[0].name, TEXT("New name"));
    assert_int_equal(quoted->shown.totals.items.amount, 1650);
    assert_int_equal(quoted->shown.totals.total.amount, 1650);
    assert_int_equal(quoted->shown.totals.shipping.amount, 0);
    assert_int_equal(quoted->shown.problems_count, 0);
    free_quoted(quoted);
    test_free(cart);
}

static void unknown_variant_keeps_name_and_price_and_is_a_problem(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 2), STATUS_OK);
    const struct catalog_offers offers = { 0 };
    struct quoted *quoted = new_quoted();
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OK);
    assert_text_equal(quoted->shown.lines[0].name, TEXT("Teapot"));
    assert_int_equal(quoted->shown.lines[0].total.amount, 1000);
    assert_int_equal(quoted->shown.lines[0].problems_count, 1);
    assert_text_equal(quoted->shown.lines[0].problems[0].code, TEXT("product_unavailable"));
    assert_text_equal(quoted->shown.problems[0].code, TEXT("product_unavailable"));
    free_quoted(quoted);
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
    struct quoted *quoted = new_quoted();
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OK);
    assert_int_equal(quoted->shown.lines[0].problems_count, 2);
    assert_text_equal(quoted->shown.lines[0].problems[0].code, TEXT("vendor_unavailable"));
    assert_text_equal(quoted->shown.lines[0].problems[1].code, TEXT("insufficient_stock"));
    assert_text_equal(quoted->shown.lines[0].problems[1].detail, TEXT("5 wanted, 2 available."));
    assert_int_equal(quoted->shown.problems_count, 2);
    free_quoted(quoted);
    test_free(cart);
}

static void empty_cart_says_so(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offers offers = { 0 };
    struct quoted *quoted = new_quoted();
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OK);
    assert_int_equal(quoted->shown.totals.total.amount, 0);
    assert_text_equal(quoted->shown.problems[0].code, TEXT("empty_cart"));
    free_quoted(quoted);
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
    struct quoted *quoted = new_quoted();
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OUT_OF_RANGE);
    cart->lines_count = 1;
    cart->lines[0].quantity = 2;
    assert_int_equal(quote(quoted, cart, &offers), STATUS_OUT_OF_RANGE);
    free_quoted(quoted);
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

/* --- what is refused or kept --- */

static void merged_cart_may_not_change(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    cart->status = ORDER_CART_STATUS_MERGED;
    assert_int_equal(cart_check_active(cart), STATUS_CART_MERGED);
    test_free(cart);
}

static void cart_of_no_account_is_a_guests(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    assert_false(cart_is_guests(cart));
    cart->user_id = (struct uuid){ 0 };
    assert_true(cart_is_guests(cart));
    test_free(cart);
}

static void units_of_a_line_are_set_within_the_stock(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 4);
    assert_int_equal(add(cart, &offer, 2), STATUS_OK);
    struct cart_line *line = cart_find_line(cart, id_of('l', 1));
    assert_non_null(line);
    assert_int_equal(cart_set_units(line, &offer, 4), STATUS_OK);
    assert_int_equal(cart_set_units(line, &offer, 5), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(cart_set_units(line, NULL, 1), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(line->quantity, 4);
    assert_null(cart_find_line(cart, id_of('l', 2)));
    test_free(cart);
}

static void line_that_grows_gets_name_and_price_of_today(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    offer.name = TEXT("Better teapot");
    offer.price.amount = 700;
    assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    assert_text_equal(cart_line_name(&cart->lines[0]), TEXT("Better teapot"));
    assert_int_equal(cart->lines[0].unit_amount, 700);
    test_free(cart);
}

/* What an activation keeps of a cart is compared and sent as bytes. */
static void removed_line_leaves_no_bytes_behind(void **state)
{
    (void)state;
    struct cart *cart = new_cart(), *empty = new_cart();
    const struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(add(cart, &offer, 1), STATUS_OK);
    cart_remove_line(cart, &cart->lines[0]);
    assert_memory_equal(cart, empty, sizeof *cart);
    test_free(empty);
    test_free(cart);
}

static void name_ends_where_it_is_no_text_any_more(void **state)
{
    (void)state;
    struct cart_line line = { 0 };
    cart_line_set_name(&line, TEXT("tea\xffpot"));
    assert_text_equal(cart_line_name(&line), TEXT("tea"));
    cart_line_set_name(&line, (struct text){ 0 });
    assert_int_equal(cart_line_name(&line).length, 0);
}

/* Each way in which an offer keeps its line from being ordered. */
static const struct {
    const char *name;
    struct catalog_offer offer;
    int64_t unit_price;
    bool is_product_unavailable, is_without_price, is_vendor_unavailable, is_short_of_stock;
} priced_cases[] = {
    { "sold",
      { .has_price = true,
        .price = { 700, "EUR" },
        .available = 2,
        .is_listed = true,
        .is_vendor_open = true },
      700,
      false,
      false,
      false,
      false },
    { "hidden",
      { .has_price = true, .price = { 700, "EUR" }, .available = 2, .is_vendor_open = true },
      700,
      true,
      false,
      false,
      false },
    { "without a price",
      { .price = { -1, "EUR" }, .available = 2, .is_listed = true, .is_vendor_open = true },
      500,
      false,
      true,
      false,
      false },
    { "of another currency",
      { .has_price = true,
        .price = { 700, "USD" },
        .available = 2,
        .is_listed = true,
        .is_vendor_open = true },
      500,
      false,
      true,
      false,
      false },
    { "of a closed vendor",
      { .has_price = true, .price = { 700, "EUR" }, .available = 2, .is_listed = true },
      700,
      false,
      false,
      true,
      false },
    { "short of stock",
      { .has_price = true,
        .price = { 700, "EUR" },
        .available = 1,
        .is_listed = true,
        .is_vendor_open = true },
      700,
      false,
      false,
      false,
      true },
};

static void line_is_priced_with_what_is_wrong_with_its_offer(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    const struct catalog_offer known = offer_of(0, 500, 10);
    assert_int_equal(add(cart, &known, 2), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(priced_cases); i++) {
        struct catalog_offer offer = priced_cases[i].offer;
        offer.variant_id = known.variant_id;
        const struct catalog_offers offers = { .offers = &offer, .offers_count = 1 };
        const struct cart_line_state priced = cart_examine_line(cart, &cart->lines[0], &offers);
        if (priced.list_amount != priced_cases[i].unit_price ||
            priced.is_product_unavailable != priced_cases[i].is_product_unavailable ||
            priced.is_without_price != priced_cases[i].is_without_price ||
            priced.is_vendor_unavailable != priced_cases[i].is_vendor_unavailable ||
            priced.is_short_of_stock != priced_cases[i].is_short_of_stock)
            fail_msg("an offer %s", priced_cases[i].name);
    }
    test_free(cart);
}

static void a_draft_is_open_until_it_is_sent_and_placed_when_it_is_ordered(void **state)
{
    (void)state;
    struct cart *cart = new_cart();
    assert_false(cart_is_draft(cart));
    cart->draft = CART_DRAFT_OPEN;
    assert_true(cart_is_draft(cart));
    assert_int_equal(cart_draft_status(CART_DRAFT_OPEN, ORDER_CART_STATUS_ACTIVE),
                     ORDER_DRAFT_STATUS_OPEN);
    assert_int_equal(cart_draft_status(CART_DRAFT_SENT, ORDER_CART_STATUS_LOCKED),
                     ORDER_DRAFT_STATUS_SENT);
    assert_int_equal(cart_draft_status(CART_DRAFT_OPEN, ORDER_CART_STATUS_ORDERED),
                     ORDER_DRAFT_STATUS_PLACED);
    assert_int_equal(cart_draft_status(CART_DRAFT_SENT, ORDER_CART_STATUS_ORDERED),
                     ORDER_DRAFT_STATUS_PLACED);
    test_free(cart);
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
        cmocka_unit_test(merged_cart_may_not_change),
        cmocka_unit_test(cart_of_no_account_is_a_guests),
        cmocka_unit_test(a_draft_is_open_until_it_is_sent_and_placed_when_it_is_ordered),
        cmocka_unit_test(units_of_a_line_are_set_within_the_stock),
        cmocka_unit_test(line_that_grows_gets_name_and_price_of_today),
        cmocka_unit_test(removed_line_leaves_no_bytes_behind),
        cmocka_unit_test(name_ends_where_it_is_no_text_any_more),
        cmocka_unit_test(line_is_priced_with_what_is_wrong_with_its_offer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
