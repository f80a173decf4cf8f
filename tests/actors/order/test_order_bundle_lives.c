/* Claims about ordered bundles that are edited, sent back and sent again: what moves in the stock
 * are the parts that the order keeps, whatever the bundle is by then. */
#include "tests/actors/order/edit_words.h"
#include "tests/actors/order/exchange_words.h"

enum { BOWLS = 60, LAMPS = 40 };

/* A teapot comes with two bowls and a lamp, and has no stock itself. */
static int set_up_sets(void **state)
{
    const int status = set_up(state);
    struct shop_variant *set = &market.shop.variants[TEAPOT];
    set->parts[0] =
        (struct catalog_bundle_part){ .variant_id = market.shop.variants[BOWL].id, .quantity = 2 };
    set->parts[1] =
        (struct catalog_bundle_part){ .variant_id = market.shop.variants[LAMP].id, .quantity = 1 };
    set->parts_count = 2;
    market.shop.variants[BOWL].stock.amount = BOWLS;
    market.shop.variants[LAMP].stock.amount = LAMPS;
    return status;
}

static void assert_sets_gone(int64_t sets)
{
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), BOWLS - 2 * sets);
    assert_int_equal(account_available(&market.shop.variants[LAMP].stock), LAMPS - sets);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, TEAPOTS);
}

/* So many more, or (negative) fewer; the buyer agrees. */
static struct order_order edited(const struct order_order *order, int64_t quantity)
{
    const struct order_shipment_line line = { order->lines[0].id,
                                              quantity < 0 ? -quantity : quantity };
    const struct order_propose_edit command = { .order_id = order->id,
                                                .lines = &line,
                                                .lines_count = quantity > 0,
                                                .fewer = &line,
                                                .fewer_count = quantity < 0,
                                                .reason = TEXT("As you asked") };
    struct order_edit edit, reply;
    assert_int_equal(as_vendor(&order_propose_edit_message, &command, &edit).status, STATUS_OK);
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_APPLIED);
    market_settle(&market);
    return seen(order->id);
}

static void edits_take_and_bring_back_the_parts(void **state)
{
    (void)state;
    static struct order_order order; /* large */
    order = bought(1, 3);
    assert_sets_gone(3);
    market.shop.variants[TEAPOT].parts_count = 1; /* only later ones are made so */
    static struct order_order more;               /* large */
    more = edited(&order, 2);
    assert_int_equal(more.lines_count, 2);
    assert_int_equal(more.lines[1].parts_count, 2);
    assert_sets_gone(5);
    static struct order_order fewer; /* large */
    fewer = edited(&more, -1);
    assert_sets_gone(4);
    assert_int_equal(cancel(&fewer, 1, 2), STATUS_OK);
    assert_sets_gone(2);
    assert_int_equal(cancel(&fewer, 0, 2), STATUS_OK);
    assert_sets_gone(0);
}

static void a_bundle_is_not_added_as_other_goods(void **state)
{
    (void)state;
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, LAMP, 1, &cart).status, STATUS_OK);
    market.shop.variants[LAMP].vendor_id = market.shop.variants[TEAPOT].vendor_id;
    assert_int_equal(check_out(&cart, 2, &group).status, STATUS_OK);
    market_settle(&market);
    const struct order_edit_wish wish = { market.shop.variants[TEAPOT].id, 1 };
    const struct order_propose_edit command = { .order_id = group.orders[0].id,
                                                .variants = &wish,
                                                .variants_count = 1,
                                                .reason = TEXT("As you asked") };
    struct order_edit edit;
    assert_int_equal(as_vendor(&order_propose_edit_message, &command, &edit).status,
                     STATUS_PRODUCT_UNAVAILABLE);
}

static void bundles_that_came_back_are_sent_again_as_their_parts(void **state)
{
    (void)state;
    const struct order_order order = delivered(3, 3);
    assert_sets_gone(3);
    /* Two good ones are sold again, one is broken; all three are sent again. */
    const struct uuid again = sent_again(order.id, arrived(&order, 2, 1));
    assert_sets_gone(3 + 3 - 2);
    assert_int_equal(seen(again).lines[0].parts_count, 2);
    assert_int_equal(cancel_all(again).status, STATUS_OK);
    assert_sets_gone(3 - 2);
}

static void refunded_bundles_bring_back_what_is_good(void **state)
{
    (void)state;
    const struct order_order order = delivered(4, 3);
    const struct uuid id = arrived(&order, 2, 1);
    assert_int_equal(refund(order.id, id).status, STATUS_OK);
    assert_sets_gone(3 - 2);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_sets, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(edits_take_and_bring_back_the_parts),
        STORY(a_bundle_is_not_added_as_other_goods),
        STORY(bundles_that_came_back_are_sent_again_as_their_parts),
        STORY(refunded_bundles_bring_back_what_is_good),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
