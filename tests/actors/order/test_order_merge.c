/* Claims about a guest who signs in: what was in the guest's cart is in the account's, once,
 * whatever happens in between. */
#include "tests/actors/order/order_guests.h"

static struct answer merge(struct uuid user_id, const struct guest *guest, const char *token,
                           struct common_merged_cart *ret_merged)
{
    const struct order_merge_cart command = { .user_id = user_id,
                                              .cart_id = guest->cart.id,
                                              .token = text_of(token) };
    return market_call(&market, nobody, &order_merge_cart_message, &command, 0, ret_merged);
}

static struct order_cart active_cart(void)
{
    const struct order_get_active_cart query = { 0 };
    struct order_cart cart;
    assert_int_equal(
        market_call(&market, shopper, &order_get_active_cart_message, &query, 0, &cart).status,
        STATUS_OK);
    return cart;
}

/* The shopper's cart is empty, so nothing of it stands against the guest's currency. */
static void an_empty_cart_takes_the_currency_of_the_guests(void **state)
{
    (void)state;
    struct order_cart own;
    assert_int_equal(create(&own).status, STATUS_OK);
    struct guest guest = new_guest();
    market.shop.variants[TEAPOT].currency = "KWD";
    const struct order_set_currency command = { .cart_id = guest.cart.id,
                                                .currency = TEXT("KWD"),
                                                .has_token = true,
                                                .token = text_of(guest.token) };
    assert_int_equal(
        market_call(&market, nobody, &order_set_currency_message, &command, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(guest_adds(&guest, TEAPOT, 1).status, STATUS_OK);
    struct common_merged_cart merged;
    assert_int_equal(merge(shopper, &guest, guest.token, &merged).status, STATUS_OK);
    assert_int_equal(merged.adjustments_count, 0);
    assert_text_equal(active_cart().currency, TEXT("KWD"));
    assert_int_equal(active_cart().lines_count, 1);
}

/* tests/README.md, S-09. */
static void guests_lines_join_the_accounts_with_adjustments(void **state)
{
    (void)state;
    struct order_cart own;
    assert_int_equal(create(&own).status, STATUS_OK);
    market.shop.variants[TEAPOT].stock.amount = 3;
    assert_int_equal(add(&own, TEAPOT, 2, &own).status, STATUS_OK);
    struct guest guest = new_guest();
    assert_int_equal(guest_adds(&guest, TEAPOT, 2).status, STATUS_OK);
    assert_int_equal(guest_adds(&guest, BOWL, 1).status, STATUS_OK);
    assert_int_equal(guest_adds(&guest, LAMP, 1).status, STATUS_OK);
    market.shop.variants[BOWL].is_vendor_closed = true;
    market.shop.variants[LAMP].currency = "USD";

    struct common_merged_cart merged;
    assert_int_equal(merge(shopper, &guest, guest.token, &merged).status, STATUS_OK);
    assert_true(uuid_equals(merged.id, own.id));
    assert_int_equal(merged.adjustments_count, 3);
    const enum common_cart_adjustment_code codes[] = {
        COMMON_CART_ADJUSTMENT_CODE_QUANTITY_CAPPED, COMMON_CART_ADJUSTMENT_CODE_LINE_UNAVAILABLE,
        COMMON_CART_ADJUSTMENT_CODE_CURRENCY_MISMATCH
    };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(merged.adjustments[i].code, codes[i]);
    assert_int_equal(merged.adjustments[0].requested, 4);
    assert_int_equal(merged.adjustments[0].granted, 3);
    const struct order_cart now = active_cart();
    assert_int_equal(now.lines_count, 1);
    assert_int_equal(now.lines[0].quantity, 3);
    assert_true(uuid_equals(now.lines[0].id, own.lines[0].id));

    struct order_cart closed;
    assert_int_equal(read_guest_cart(nobody, &guest, guest.token, &closed).status, STATUS_OK);
    assert_int_equal(closed.status, ORDER_CART_STATUS_MERGED);
    assert_int_equal(guest_adds(&guest, TEAPOT, 1).status, STATUS_CART_MERGED);
    assert_int_equal(guest_checks_out(&guest, "guest@example.com", 60, NULL).status,
                     STATUS_CART_MERGED);
}

static void second_sign_in_changes_nothing(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct common_merged_cart merged, again;
    assert_int_equal(merge(shopper, &guest, guest.token, &merged).status, STATUS_OK);
    const struct order_cart before = active_cart();
    assert_int_equal(before.lines_count, 2);
    assert_int_equal(before.totals.total.amount, 4498);
    market_close(&market);
    market_open(&market);
    assert_int_equal(merge(shopper, &guest, guest.token, &again).status, STATUS_OK);
    assert_true(uuid_equals(merged.id, again.id));
    assert_int_equal(again.adjustments_count, 0);
    assert_int_equal(active_cart().version, before.version);
    assert_int_equal(check_out(&before, 61, NULL).status, STATUS_OK);
    assert_sold(&before);
}

static void merging_at_once_happens_once(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    const struct order_merge_cart command = { .user_id = shopper,
                                              .cart_id = guest.cart.id,
                                              .token = text_of(guest.token) };
    struct call calls[3];
    for (size_t i = 0; i < 3; i++)
        calls[i] = (struct call){ .message = &order_merge_cart_message, .body = &command };
    market_call_all(&market, calls, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(calls[i].answer.status, STATUS_OK);
    assert_int_equal(active_cart().totals.total.amount, 4498);
}

static void cart_belongs_to_who_signed_in_first(void **state)
{
    (void)state;
    const struct guest guest = filled_guest(), other = new_guest();
    assert_int_equal(merge(shopper, &guest, other.token, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(merge(shopper, &guest, "", NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(merge(shopper, &guest, guest.token, NULL).status, STATUS_OK);
    assert_int_equal(merge(draw_id(8), &guest, guest.token, NULL).status, STATUS_CART_MERGED);
}

static void shoppers_cart_is_merged_into_nobodys(void **state)
{
    (void)state;
    const struct guest pretended = { .cart = filled_cart() };
    const struct order_close_guest_cart close = { .cart_id = pretended.cart.id,
                                                  .user_id = draw_id(8) };
    assert_int_equal(
        market_call(&market, nobody, &order_close_guest_cart_message, &close, 0, NULL).status,
        STATUS_NOT_FOUND);
    assert_int_equal(merge(draw_id(8), &pretended, "", NULL).status, STATUS_NOT_FOUND);
}

static void ordered_cart_is_not_merged(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    assert_int_equal(guest_checks_out(&guest, "guest@example.com", 62, NULL).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(merge(shopper, &guest, guest.token, NULL).status, STATUS_CART_ALREADY_ORDERED);
    const struct order_get_active_cart query = { 0 };
    assert_int_equal(
        market_call(&market, shopper, &order_get_active_cart_message, &query, 0, NULL).status,
        STATUS_NOT_FOUND);
}

/* The node dies when the guest's cart is closed and nothing else has happened; or when the
 * shopper's is open, too. */
static void merge_that_was_cut_short_is_mended(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    const struct order_close_guest_cart close = { .cart_id = guest.cart.id, .user_id = shopper };
    const struct order_open_cart open = { .user_id = shopper, .currency = TEXT("EUR") };
    struct order_closed_cart closed;
    struct order_opened_cart opened;
    assert_int_equal(
        market_call(&market, nobody, &order_close_guest_cart_message, &close, 0, &closed).status,
        STATUS_OK);
    assert_int_equal(closed.lines_count, 2);
    market_close(&market);
    market_open(&market);
    assert_int_equal(
        market_call(&market, nobody, &order_open_cart_message, &open, 0, &opened).status,
        STATUS_OK);
    market_close(&market);
    market_open(&market);
    struct common_merged_cart merged;
    assert_int_equal(merge(draw_id(8), &guest, guest.token, NULL).status, STATUS_CART_MERGED);
    assert_int_equal(merge(shopper, &guest, guest.token, &merged).status, STATUS_OK);
    assert_true(uuid_equals(merged.id, opened.cart_id));
    assert_int_equal(active_cart().totals.total.amount, 4498);
}

static void catalogue_out_of_reach_leaves_a_merge_that_is_mended(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_get_offers_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_int_equal(merge(shopper, &guest, guest.token, NULL).status, STATUS_UNAVAILABLE);
    assert_int_equal(merge(shopper, &guest, guest.token, NULL).status, STATUS_OK);
    assert_int_equal(active_cart().totals.total.amount, 4498);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_empty_cart_takes_the_currency_of_the_guests),
        CLAIM(guests_lines_join_the_accounts_with_adjustments),
        CLAIM(second_sign_in_changes_nothing),
        CLAIM(merging_at_once_happens_once),
        CLAIM(cart_belongs_to_who_signed_in_first),
        CLAIM(shoppers_cart_is_merged_into_nobodys),
        CLAIM(ordered_cart_is_not_merged),
        CLAIM(merge_that_was_cut_short_is_mended),
        CLAIM(catalogue_out_of_reach_leaves_a_merge_that_is_mended),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
