/* Claims about units that were sold before they were there, in their host: they are packed once
 * they have come in, however many parcels are made up at once, as goods or as parts of bundles. */
#include "actors/order/order_owed.h"
#include "tests/actors/order/order_story.h"

enum { ORDERS = 4 };

/* So many are there, and so many more are sold ahead. */
static void stock(size_t variant, int64_t there, int64_t ahead)
{
    market.shop.variants[variant].stock.amount = there + ahead;
    market.shop.variants[variant].ahead = ahead;
}

static void receive(size_t variant, int64_t units)
{
    market.shop.variants[variant].stock.amount += units;
}

/* The lamp is three bowls. */
static void make_set(void)
{
    struct shop_variant *set = &market.shop.variants[LAMP];
    set->parts[0] =
        (struct catalog_bundle_part){ .variant_id = market.shop.variants[BOWL].id, .quantity = 3 };
    set->parts_count = 1;
    set->vendor_id = market.shop.variants[BOWL].vendor_id;
}

/* Its stock may not have been taken yet. */
static struct order_order ordered_now(uint8_t key, size_t variant, int64_t quantity)
{
    struct order_group group;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, variant, quantity, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, key, &group).http_status, 201);
    return group.orders[0];
}

static struct order_order ordered(uint8_t key, size_t variant, int64_t quantity)
{
    const struct order_order order = ordered_now(key, variant, quantity);
    market_settle(&market);
    return order;
}

static struct answer pack(const struct order_order *order, int64_t quantity)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_create_shipment command = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    return market_call(&market, order->vendor.id, &order_create_shipment_message, &command, 0,
                       &shipment);
}

static void units_that_are_owed_are_packed_when_they_have_come_in(void **state)
{
    (void)state;
    stock(TEAPOT, 2, 3);
    const struct order_order order = ordered(7, TEAPOT, 4); /* of which 2 are there */
    const struct answer answer = pack(&order, 3);
    assert_int_equal(answer.status, STATUS_UNITS_OWED);
    assert_int_equal(answer.problem.errors[0].requested, 3);
    assert_int_equal(answer.problem.errors[0].available, 2);
    assert_int_equal(pack(&order, 2).status, STATUS_OK);
    const struct order_order later = ordered(8, TEAPOT, 1);
    assert_int_equal(pack(&later, 1).status, STATUS_UNITS_OWED);
    receive(TEAPOT, 1); /* who gets it is the vendor's choice */
    assert_int_equal(pack(&order, 2).status, STATUS_UNITS_OWED);
    assert_int_equal(pack(&later, 1).status, STATUS_OK);
    assert_int_equal(pack(&order, 1).status, STATUS_UNITS_OWED);
    receive(TEAPOT, 2);
    assert_int_equal(pack(&order, 2).status, STATUS_OK);
}

/* All of them at once, one unit each. Returns how many went well; of the others too much was owed.
 */
static size_t pack_at_once(const struct order_order *orders)
{
    static struct order_shipment shipments[ORDERS];
    struct order_shipment_line lines[ORDERS];
    struct order_create_shipment commands[ORDERS];
    struct call calls[ORDERS];
    size_t packed = 0;
    for (size_t i = 0; i < ORDERS; i++) {
        lines[i] = (struct order_shipment_line){ orders[i].lines[0].id, 1 };
        commands[i] = (struct order_create_shipment){
            .order_id = orders[i].id, .lines = &lines[i], .lines_count = 1, .carrier = TEXT("Post")
        };
        calls[i] = (struct call){ .user_id = orders[i].vendor.id,
                                  .message = &order_create_shipment_message,
                                  .body = &commands[i],
                                  .reply = &shipments[i] };
    }
    market_call_all(&market, calls, ORDERS);
    for (size_t i = 0; i < ORDERS; i++)
        if (calls[i].answer.status == STATUS_OK)
            packed++;
        else
            assert_int_equal(calls[i].answer.status, STATUS_UNITS_OWED);
    return packed;
}

static void parcels_that_are_made_up_at_once_take_no_more_than_has_come_in(void **state)
{
    (void)state;
    static struct order_order orders[ORDERS];
    stock(TEAPOT, 0, ORDERS);
    for (size_t i = 0; i < ORDERS; i++)
        orders[i] = ordered((uint8_t)(20 + i), TEAPOT, 1);
    assert_int_equal(pack_at_once(orders), 0);
    receive(TEAPOT, 1);
    assert_int_equal(pack_at_once(orders), 1);
}

static void bundles_at_once_take_no_more_parts_than_have_come_in(void **state)
{
    (void)state;
    static struct order_order orders[ORDERS];
    make_set();
    stock(BOWL, 0, 3 * ORDERS);
    for (size_t i = 0; i < ORDERS; i++)
        orders[i] = ordered((uint8_t)(30 + i), LAMP, 1);
    receive(BOWL, 5);
    assert_int_equal(pack_at_once(orders), 1);
}

static void a_bundle_is_packed_as_often_as_its_parts_are_there(void **state)
{
    (void)state;
    make_set();
    stock(BOWL, 4, 6);
    const struct order_order order = ordered(40, LAMP, 3);
    const struct answer answer = pack(&order, 3);
    assert_int_equal(answer.status, STATUS_UNITS_OWED);
    assert_int_equal(answer.problem.errors[0].available, 1);
    assert_int_equal(pack(&order, 1).status, STATUS_OK);
    assert_int_equal(pack(&order, 1).status, STATUS_UNITS_OWED);
    receive(BOWL, 5);
    assert_int_equal(pack(&order, 2).status, STATUS_OK);
}

/* What lies there for a bundle is not taken for goods that wait, and the other way round. */
static void goods_and_bundles_wait_for_the_same_units(void **state)
{
    (void)state;
    make_set();
    stock(BOWL, 0, 5);
    const struct order_order goods = ordered(41, BOWL, 2);
    const struct order_order sets = ordered(42, LAMP, 1);
    receive(BOWL, 3);
    assert_int_equal(pack(&sets, 1).status, STATUS_OK);
    assert_int_equal(pack(&goods, 1).status, STATUS_UNITS_OWED);
    receive(BOWL, 2);
    assert_int_equal(pack(&goods, 2).status, STATUS_OK);
}

static void units_that_are_only_set_aside_yet_are_owed_too(void **state)
{
    (void)state;
    stock(TEAPOT, 0, 12);
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_commit_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 2 });
    const struct order_order order = ordered_now(43, TEAPOT, 12);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 12);
    assert_int_equal(pack(&order, 7).status, STATUS_UNITS_OWED);
    market_settle(&market);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 0);
    assert_int_equal(pack(&order, 7).status, STATUS_UNITS_OWED);
}

static void a_pre_order_is_not_packed_before_its_day(void **state)
{
    (void)state;
    stock(TEAPOT, 5, 5);
    market.shop.variants[TEAPOT].available_on_us = 4000000000 * SECOND_US; /* 2096 */
    const struct order_order early = ordered(44, TEAPOT, 2);
    assert_int_equal(early.lines[0].backordered, 2);
    assert_int_equal(pack(&early, 1).status, STATUS_UNITS_OWED);
    market.shop.variants[TEAPOT].available_on_us = 1; /* has been */
    const struct order_order due = ordered(45, TEAPOT, 2);
    assert_int_equal(pack(&due, 2).status, STATUS_OK);
}

static void assert_shown(const struct order_edit *edit)
{
    assert_int_equal(edit->lines_count, 1);
    assert_true(edit->lines[0].has_backordered);
    assert_int_equal(edit->lines[0].backordered, 2);
    assert_false(edit->lines[0].has_available_on);
    assert_int_equal(edit->goods_count, 1);
    assert_int_equal(edit->goods[0].backordered, 2);
    assert_int_equal(edit->goods[0].available_on_us, 4000000000 * SECOND_US);
}

static void who_agrees_to_an_edit_sees_what_is_not_there_yet(void **state)
{
    (void)state;
    stock(TEAPOT, 2, 3);
    stock(LAMP, 3, 3);
    market.shop.variants[LAMP].vendor_id = market.shop.variants[TEAPOT].vendor_id;
    market.shop.variants[LAMP].available_on_us = 4000000000 * SECOND_US;
    const struct order_order order = ordered(47, TEAPOT, 1);
    const struct order_shipment_line more = { order.lines[0].id, 3 }; /* of which 1 is there */
    const struct order_edit_wish goods = { market.shop.variants[LAMP].id, 2 };
    const struct order_propose_edit command = { .order_id = order.id,
                                                .lines = &more,
                                                .lines_count = 1,
                                                .variants = &goods,
                                                .variants_count = 1,
                                                .reason = TEXT("As you asked") };
    const struct order_list_edits query = { .order_id = order.id };
    struct order_edit edit;
    struct order_edit_list edits;
    assert_int_equal(
        market_call(&market, order.vendor.id, &order_propose_edit_message, &command, 0, &edit)
            .status,
        STATUS_OK);
    assert_shown(&edit);
    assert_int_equal(
        market_call(&market, shopper, &order_list_edits_message, &query, 0, &edits).status,
        STATUS_OK);
    assert_int_equal(edits.data_count, 1);
    assert_shown(&edits.data[0]);
}

static void a_stock_that_moves_while_it_is_counted_is_counted_again(void **state)
{
    (void)state;
    stock(TEAPOT, 0, 1);
    const struct order_order order = ordered(46, TEAPOT, 1);
    receive(TEAPOT, 1);
    market.shop.moves = FOR_EVER;
    assert_int_equal(pack(&order, 1).status, STATUS_UNITS_OWED);
    market.shop.moves = market.shop.moves_asked + 1;
    assert_int_equal(pack(&order, 1).status, STATUS_OK);
}

static void of_units_that_are_waited_for_so_many_have_come_as_are_not_owed(void **state)
{
    (void)state;
    static struct order_owed counted = { .variants_count = 1 };
    struct order_owed *owed = &counted;
    const int64_t three = 3;
    const struct order_owed_line goods = { .to_pack = 5, .late = 3 };
    const struct order_owed_line sets = { .part_ids = &owed->variants[0].id,
                                          .part_quantities = &three,
                                          .parts_count = 1 };
    assert_int_equal(order_owed_late(&goods, 2), 0);
    assert_int_equal(order_owed_late(&goods, 4), 2);
    assert_int_equal(order_owed_late(&sets, 1), 1);
    owed->variants[0] = (struct order_owed_variant){ .waiting = 8, .owed = 1 };
    assert_int_equal(order_owed_arrived(owed, &goods), 7);
    assert_int_equal(order_owed_arrived(owed, &sets), 2);
    order_owed_take(owed, &sets, 2);
    assert_int_equal(order_owed_arrived(owed, &goods), 1);
    assert_int_equal(order_owed_arrived(owed, &sets), 0);
    owed->variants[0].owed = 9; /* more than orders wait for: what was counted away is owed, too */
    assert_int_equal(order_owed_arrived(owed, &goods), 0);
    owed->variants[0] = (struct order_owed_variant){ .waiting = 8, .has_moved = true };
    assert_int_equal(order_owed_arrived(owed, &goods), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(units_that_are_owed_are_packed_when_they_have_come_in),
        CLAIM(parcels_that_are_made_up_at_once_take_no_more_than_has_come_in),
        CLAIM(bundles_at_once_take_no_more_parts_than_have_come_in),
        CLAIM(a_bundle_is_packed_as_often_as_its_parts_are_there),
        CLAIM(goods_and_bundles_wait_for_the_same_units),
        CLAIM(units_that_are_only_set_aside_yet_are_owed_too),
        CLAIM(a_pre_order_is_not_packed_before_its_day),
        CLAIM(who_agrees_to_an_edit_sees_what_is_not_there_yet),
        CLAIM(a_stock_that_moves_while_it_is_counted_is_counted_again),
        CLAIM(of_units_that_are_waited_for_so_many_have_come_as_are_not_owed),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
