/* Claims about how an order's life begins: in the unit in which it is placed. */
#include "tests/actors/order/order_story.h"

#include "tests/actors/order/order_guests.h"

static void set_acceptance(const char *option)
{
    char *arguments[] = { (char *)"test", (char *)option, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

static const char *history(void)
{
    return scratch_sql(market.scratch, "order",
                       "SELECT string_agg(sequence || ' ' || trigger || ' ' || to_state, ', '"
                       " ORDER BY order_id, sequence) FROM \"order\".order_history h WHERE"
                       " h.group_id = (SELECT id FROM \"order\".order_group ORDER BY id DESC"
                       " LIMIT 1)");
}

static void orders_are_accepted_as_they_are_placed(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_group group, read;
    assert_int_equal(check_out(&cart, 150, &group).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(group.orders_count, 2);
    const struct order_get_group query = { .group_id = group.id };
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &read).status,
        STATUS_OK);
    for (size_t i = 0; i < group.orders_count; i++) {
        assert_int_equal(group.orders[i].status, ORDER_ORDER_STATUS_ACCEPTED);
        assert_int_equal(read.orders[i].status, ORDER_ORDER_STATUS_ACCEPTED);
        assert_int_equal(group.orders[i].version, 2);
        assert_int_equal(read.orders[i].version, 2);
        assert_int_equal(read.orders[i].fulfilment_status, ORDER_FULFILMENT_STATUS_UNFULFILLED);
    }
    assert_string_equal(history(),
                        "1 pay placed, 2 accept accepted, 1 pay placed, 2 accept accepted");
}

static void where_vendors_are_asked_orders_wait_for_them(void **state)
{
    (void)state;
    set_acceptance("--market.acceptance=required");
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, 151, &group).status, STATUS_OK);
    market_settle(&market);
    set_acceptance("--market.acceptance=automatic");
    for (size_t i = 0; i < group.orders_count; i++)
        assert_int_equal(group.orders[i].status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
    assert_string_equal(history(), "1 pay placed, 2 ask_acceptance awaiting_acceptance, "
                                   "1 pay placed, 2 ask_acceptance awaiting_acceptance");
}

static void guests_orders_begin_alike(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, "begins@example.com", 152, &group).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(group.orders[0].status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_true(group.has_token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(orders_are_accepted_as_they_are_placed),
        CLAIM(where_vendors_are_asked_orders_wait_for_them),
        CLAIM(guests_orders_begin_alike),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
