/* Claims about each order's share of what a card has paid: its vendor and staff see it, its shopper
 * does not, and the shares of all orders are the payment. */
#include "tests/actors/order/card_words.h"

#include "actors/order/card_share.h"

#define CARD (&market.shop.card)

static int set_up_cards(void **state)
{
    market_setting = "--payment.provider=stripe";
    return set_up_group(state);
}

/* Two teapots and a bowl of two vendors for 44.98; the card pays all but so much. */
static struct order_group bought(uint8_t key, int64_t wallet)
{
    const struct order_cart cart = filled_cart();
    const struct order_checkout command = {
        .cart_id = cart.id,
        .expected_total = cart.totals.total,
        .payment = { .has_card = true,
                     .card = { .payment_method = TEXT("pm_ok") },
                     .has_wallet = wallet > 0,
                     .wallet = money_make(wallet, "EUR") },
    };
    struct order_group group;
    *CARD =
        (struct fake_card){ .begins = PAYMENT_STATUS_AUTHORISED, .ends = PAYMENT_STATUS_CAPTURED };
    const struct answer answer =
        market_call(&market, shopper, &order_checkout_message, &command, key, &group);
    assert_int_equal(answer.http_status, 201);
    market_settle(&market);
    return group;
}

static struct order_order seen_by_staff(struct uuid order_id)
{
    const struct order_get_any_order query = { .order_id = order_id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, draw_id(5), &order_get_any_order_message, &query, 0, &order).status,
        STATUS_OK);
    return order;
}

static struct order_order seen_by_vendor(const struct order_order *of)
{
    const struct order_get_vendor_order query = { .order_id = of->id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, of->vendor.id, &order_get_vendor_order_message, &query, 0, &order)
            .status,
        STATUS_OK);
    return order;
}

static struct order_card_share share_of(const struct order_order *of)
{
    static struct order_order by_staff, by_vendor; /* large */
    by_staff = seen_by_staff(of->id);
    by_vendor = seen_by_vendor(of);
    assert_false(seen(of->id).has_card_share);
    assert_true(by_staff.has_card_share && by_vendor.has_card_share);
    assert_int_equal(by_staff.card_share.captured.amount, by_vendor.card_share.captured.amount);
    assert_int_equal(by_staff.card_share.refunding.amount, by_vendor.card_share.refunding.amount);
    return by_staff.card_share;
}

static void the_shares_of_all_orders_are_the_payment(void **state)
{
    (void)state;
    for (int64_t wallet = 0; wallet < 40; wallet += 13) {
        const struct order_group group = bought((uint8_t)(90 + wallet), wallet);
        int64_t captured = 0, authorised = 0, amount = 0;
        assert_int_equal(group.orders_count, 2);
        for (size_t i = 0; i < group.orders_count; i++) {
            const struct order_card_share share = share_of(&group.orders[i]);
            assert_in_range(share.captured.amount, 1, group.orders[i].totals.total.amount);
            captured += share.captured.amount;
            authorised += share.authorised.amount;
            amount += share.amount.amount;
            assert_int_equal(share.refunded.amount, 0);
        }
        assert_int_equal(captured, CARD->captured);
        assert_int_equal(authorised, CARD->captured);
        assert_int_equal(amount, 4498 - wallet);
    }
}

static void what_goes_back_is_of_the_order_that_it_was_paid_for(void **state)
{
    (void)state;
    static struct order_group group;
    group = bought(150, 0);
    const struct order_order *order = &group.orders[0];
    const int64_t paid = order->totals.total.amount;
    market.shop.cards.captured = CARD->captured;
    const struct order_cancel_order command = { .order_id = order->id };
    static struct order_order off;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_order_message, &command, 0, &off).status,
        STATUS_OK);
    market_settle(&market);
    const struct uuid refund_id = off.cancellations[0].id;
    struct order_card_share share = share_of(order);
    assert_int_equal(share.refunding.amount, paid);
    assert_int_equal(share.refunded.amount, 0);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "expired_or_canceled_card";
    look_again(order->id, refund_id);
    share = share_of(order);
    assert_int_equal(share.failed.amount, paid);
    assert_int_equal(share.refunding.amount, 0);
    const struct order_redirect_refund again = { .refund_id = refund_id,
                                                 .destination = ORDER_REFUND_TURN_ORIGINAL,
                                                 .reason = TEXT("A new card") };
    assert_int_equal(
        market_call(&market, draw_id(5), &order_redirect_refund_message, &again, 0, NULL).status,
        STATUS_OK);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    look_again(order->id, refund_id);
    look_again(order->id, refund_id);
    share = share_of(order);
    assert_int_equal(share.refunded.amount, paid);
    assert_int_equal(share.captured.amount, paid);
    assert_int_equal(share_of(&group.orders[1]).refunded.amount, 0);
}

static bool has_share(struct uuid order_id)
{
    return seen_by_staff(order_id).has_card_share;
}

static void without_the_payment_or_a_card_nothing_is_said(void **state)
{
    (void)state;
    static struct order_group group, other; /* large */
    group = bought(160, 0);
    shop_fail(&market.shop, (struct shop_failure){ .message = &payment_get_standing_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_false(has_share(group.orders[0].id));
    assert_true(has_share(group.orders[0].id));
    const struct order_cart cart = filled_cart();
    assert_int_equal(check_out(&cart, 161, &other).status, STATUS_OK);
    market_settle(&market);
    assert_false(has_share(other.orders[0].id));
}

/* What is taken of an authorisation may be less than it was for. */
static void shares_are_exact_by_the_largest_remainder(void **state)
{
    (void)state;
    const int64_t amounts[] = { 3333, 3333, 3334, 1 };
    for (int64_t captured = 0; captured <= 10001; captured += 77) {
        int64_t sum = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
            struct money share;
            assert_int_equal(card_share_of(money_make(captured, "JPY"), amounts,
                                           ARRAY_LENGTH(amounts), i, &share),
                             STATUS_OK);
            const int64_t exact = captured * amounts[i] / 10001;
            assert_in_range(share.amount, exact, exact + 1);
            sum += share.amount;
        }
        assert_int_equal(sum, captured);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(the_shares_of_all_orders_are_the_payment),
        CLAIM(what_goes_back_is_of_the_order_that_it_was_paid_for),
        CLAIM(without_the_payment_or_a_card_nothing_is_said),
        CLAIM(shares_are_exact_by_the_largest_remainder),
    };
    return cmocka_run_group_tests(tests, set_up_cards, tear_down_group);
}
