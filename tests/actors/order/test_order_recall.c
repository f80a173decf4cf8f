/* Claims about orders that are called off: they end, and goods and money go back once, whatever
 * happens in between. */
#include "tests/actors/order/order_story.h"

#include <string.h>

#include "tests/actors/order/order_guests.h"

#define DAY_US (INT64_C(24) * 3600 * SECOND_US)

static void set(const char *option)
{
    char *arguments[] = { (char *)"test", (char *)option, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

/* Two teapots of the first vendor, a bowl of the second. */
static struct order_group bought(uint8_t key)
{
    const struct order_cart cart = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&cart, key, &group).status, STATUS_OK);
    return group;
}

static struct answer cancel(struct uuid user_id, struct uuid order_id, uint8_t key,
                            struct order_order *ret_order)
{
    const struct order_cancel_order command = { .order_id = order_id,
                                                .has_reason = true,
                                                .reason = TEXT("Found another") };
    return market_call(&market, user_id, &order_cancel_order_message, &command, key, ret_order);
}

static struct order_order seen(struct uuid order_id)
{
    const struct order_get_order query = { .order_id = order_id };
    struct order_order order;
    assert_int_equal(
        market_call(&market, shopper, &order_get_order_message, &query, 0, &order).status,
        STATUS_OK);
    return order;
}

/* The teapots are back, the bowl is sold. */
static void assert_teapots_are_back(void)
{
    market_settle(&market);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498 + 3998);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 10);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), 4);
}

static void a_shopper_cancels_one_order_of_two(void **state)
{
    (void)state;
    const struct order_group group = bought(160);
    struct order_order order;
    const struct answer answer = cancel(shopper, group.orders[0].id, 0, &order);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 200);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(order.refunded.amount, 3998);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(order.lines[0].cancelled, 2);
    assert_teapots_are_back();
    assert_int_equal(seen(group.orders[1].id).status, ORDER_ORDER_STATUS_ACCEPTED);
    const struct order_order read = seen(group.orders[0].id);
    assert_int_equal(read.fulfilment_status, ORDER_FULFILMENT_STATUS_CANCELLED);
    assert_int_equal(read.version, order.version);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    const struct order_get_group query = { .group_id = group.id };
    struct order_group whole;
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &whole).status,
        STATUS_OK);
    assert_int_equal(whole.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    assert_int_equal(cancel(shopper, group.orders[1].id, 0, NULL).status, STATUS_OK);
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &whole).status,
        STATUS_OK);
    assert_int_equal(whole.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(cancel(shopper, group.orders[0].id, 0, NULL).status,
                     STATUS_ILLEGAL_TRANSITION);
}

static void a_repetition_has_the_first_answer_and_no_second_effect(void **state)
{
    (void)state;
    const struct order_group group = bought(161);
    struct order_order first, second;
    assert_int_equal(cancel(shopper, group.orders[0].id, 162, &first).status, STATUS_OK);
    const struct answer answer = cancel(shopper, group.orders[0].id, 162, &second);
    assert_int_equal(answer.status, STATUS_OK);
    assert_true(answer.is_replayed);
    assert_int_equal(first.version, second.version);
    assert_teapots_are_back();
}

static void two_who_cancel_at_once_give_back_once(void **state)
{
    (void)state;
    const struct order_group group = bought(163);
    const struct order_cancel_order command = { .order_id = group.orders[0].id };
    struct order_order orders[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_cancel_order_message,
                                  .body = &command,
                                  .reply = &orders[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const bool is_first = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[is_first ? 0 : 1].answer.status, STATUS_OK);
    assert_int_equal(calls[is_first ? 1 : 0].answer.status, STATUS_ILLEGAL_TRANSITION);
    assert_teapots_are_back();
}

/* The purchase may not be posted yet, and wallet and catalogue may be away, or answer unheard. */
static void whatever_fails_is_tried_until_it_is_done(void **state)
{
    (void)state;
    const struct order_group group = bought(164);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_refund_purchase_message,
                                                   .status = STATUS_HOLD_NOT_POSTED,
                                                   .times = 2 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    assert_int_equal(cancel(shopper, group.orders[0].id, 0, NULL).status, STATUS_OK);
    assert_teapots_are_back();
}

static void a_node_that_dies_goes_on_however_late(void **state)
{
    (void)state;
    const struct order_group group = bought(165);
    market_settle(&market);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_refund_purchase_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_int_equal(cancel(shopper, group.orders[0].id, 0, NULL).status, STATUS_OK);
    market_close(&market);
    market.shop.market_offset_us += DAY_US;
    market_open(&market);
    assert_teapots_are_back();
}

static struct answer as_vendor(const struct message *message, const void *body, void *ret_reply)
{
    return market_call(&market, market.shop.variants[TEAPOT].vendor_id, message, body, 0,
                       ret_reply);
}

/* A parcel of everything. */
static struct uuid packed(const struct order_order *order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, order->lines[0].quantity } };
    const struct order_create_shipment command = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    assert_int_equal(as_vendor(&order_create_shipment_message, &command, &shipment).status,
                     STATUS_OK);
    return shipment.id;
}

static void an_export_has_the_parcels_of_orders(void **state)
{
    (void)state;
    const struct order_group group = bought(180);
    const struct uuid shipment_id = packed(&group.orders[0]);
    const struct people_export_shopper query = { .user_id = shopper };
    struct common_export_part part;
    assert_int_equal(
        market_call(&market, nobody, &order_export_shopper_message, &query, 0, &part).status,
        STATUS_OK);
    char id[ID_TEXT_MAX + 1];
    (void)id_format("shp", shipment_id, id);
    assert_non_null(memmem(part.json.data, part.json.length, id, strlen(id)));
}

/* Whoever comes first has it; the other one is refused. */
static void what_is_sent_while_it_is_cancelled_is_one_of_both(void **state)
{
    (void)state;
    for (uint8_t turn = 0; turn < 4; turn++) {
        const struct order_group group = bought((uint8_t)(170 + turn));
        const struct order_order *order = &group.orders[0];
        const int64_t money = market.shop.wallet.amount;
        const struct order_hand_over_shipment send = { .order_id = order->id,
                                                       .shipment_id = packed(order) };
        const struct order_cancel_order off = { .order_id = order->id };
        struct order_shipment shipment;
        struct order_order ended;
        struct call calls[2] = { { .user_id = shopper,
                                   .message = &order_cancel_order_message,
                                   .body = &off,
                                   .reply = &ended },
                                 { .user_id = market.shop.variants[TEAPOT].vendor_id,
                                   .message = &order_hand_over_shipment_message,
                                   .body = &send,
                                   .reply = &shipment } };
        if (turn % 2 == 1) {
            const struct call first = calls[0];
            calls[0] = calls[1];
            calls[1] = first;
        }
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        market_settle(&market);
        assert_true((calls[0].answer.status == STATUS_OK) != (calls[1].answer.status == STATUS_OK));
        const bool is_off = seen(order->id).status == ORDER_ORDER_STATUS_CANCELLED;
        const struct call *cancelling = &calls[turn % 2];
        assert_int_equal(is_off, cancelling->answer.status == STATUS_OK);
        assert_int_equal(market.shop.wallet.amount, money + (is_off ? 3998 : 0));
    }
}

static void nobody_cancels_what_is_not_his(void **state)
{
    (void)state;
    const struct order_group group = bought(166);
    assert_int_equal(cancel(draw_id(8), group.orders[0].id, 0, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(cancel(nobody, group.orders[0].id, 0, NULL).status, STATUS_NOT_FOUND);
    market_settle(&market);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498);
}

static void a_guests_goods_go_back_and_no_money(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, "off@example.com", 167, &group).status, STATUS_OK);
    market_settle(&market);
    const int64_t sold = account_available(&market.shop.variants[TEAPOT].stock);
    for (size_t i = 0; i < group.orders_count; i++) {
        const struct order_cancel_order command = { .order_id = group.orders[i].id,
                                                    .has_token = true,
                                                    .token = group.token };
        struct order_order order;
        assert_int_equal(
            market_call(&market, nobody, &order_cancel_order_message, &command, 0, &order).status,
            STATUS_OK);
        assert_false(order.has_refunded);
    }
    market_settle(&market);
    assert_true(account_available(&market.shop.variants[TEAPOT].stock) > sold);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* ---- in time ---- */

static enum status settle_order(struct uuid order_id)
{
    const struct order_settle_order command = { .order_id = order_id };
    return market_call(&market, nobody, &order_settle_order_message, &command, 0, NULL).status;
}

static void what_no_vendor_accepts_in_time_is_refused(void **state)
{
    (void)state;
    set("--market.acceptance=required");
    const struct order_group group = bought(168);
    set("--market.acceptance=automatic");
    assert_int_equal(group.orders[0].status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
    market_settle(&market);
    market.shop.market_offset_us += 2 * DAY_US;
    assert_int_equal(settle_order(group.orders[0].id), STATUS_OK);
    assert_int_equal(seen(group.orders[0].id).status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
    market.shop.market_offset_us += 2 * DAY_US;
    assert_int_equal(settle_order(group.orders[0].id), STATUS_OK);
    market_settle(&market);
    const struct order_order order = seen(group.orders[0].id);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_REFUSED);
    assert_int_equal(order.refunded.amount, 3998);
    assert_int_equal(settle_order(group.orders[0].id), STATUS_OK);
}

static void what_has_ended_keeps_no_account_open(void **state)
{
    (void)state;
    const struct order_group group = bought(169);
    for (size_t i = 0; i < group.orders_count; i++)
        assert_int_equal(cancel(shopper, group.orders[i].id, 0, NULL).status, STATUS_OK);
    market_settle(&market);
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(
        market_call(&market, nobody, &order_get_erasure_blockers_message, &query, 0, &found).status,
        STATUS_OK);
    assert_int_equal(found.blockers_count, 0);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void what_came_back_to_its_sender_can_be_cancelled_with_its_money(void **state)
{
    (void)state;
    const struct uuid vendor_id = market.shop.variants[TEAPOT].vendor_id;
    const struct order_group group = bought(190);
    const struct uuid order_id = group.orders[0].id;
    const struct order_shipment_line lines[] = { { group.orders[0].lines[0].id, 2 } };
    const struct order_create_shipment pack = {
        .order_id = order_id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    struct order_order order;
    market_settle(&market);
    assert_int_equal(
        market_call(&market, vendor_id, &order_create_shipment_message, &pack, 0, &shipment).status,
        STATUS_OK);
    const struct uuid shipment_id = shipment.id;
    const struct order_hand_over_shipment send = { .order_id = order_id,
                                                   .shipment_id = shipment_id };
    const struct order_report_shipment report = { .order_id = order_id,
                                                  .shipment_id = shipment_id,
                                                  .status = ORDER_CARRIER_REPORT_RETURNED_TO_SENDER,
                                                  .at_us = 1 };
    const struct order_take_shipment_back take = { .order_id = order_id,
                                                   .shipment_id = shipment_id };
    assert_int_equal(
        market_call(&market, vendor_id, &order_hand_over_shipment_message, &send, 0, &shipment)
            .status,
        STATUS_OK);
    assert_int_equal(
        market_call(&market, vendor_id, &order_report_shipment_message, &report, 0, &shipment)
            .status,
        STATUS_OK);
    assert_int_equal(cancel(shopper, order_id, 0, &order).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(
        market_call(&market, vendor_id, &order_take_shipment_back_message, &take, 0, &shipment)
            .status,
        STATUS_OK);
    assert_int_equal(cancel(shopper, order_id, 0, &order).status, STATUS_OK);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_teapots_are_back();
    assert_int_equal(seen(order_id).shipments[0].status, ORDER_SHIPMENT_STATUS_TAKEN_BACK);
    const struct order_count_open_orders_of_vendor query = { .vendor_id = vendor_id };
    struct order_vendor_openings found;
    assert_int_equal(
        market_call(&market, nobody, &order_count_open_orders_of_vendor_message, &query, 0, &found)
            .status,
        STATUS_OK);
    assert_int_equal(found.open_orders, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_shopper_cancels_one_order_of_two),
        CLAIM(a_repetition_has_the_first_answer_and_no_second_effect),
        CLAIM(two_who_cancel_at_once_give_back_once),
        CLAIM(whatever_fails_is_tried_until_it_is_done),
        CLAIM(a_node_that_dies_goes_on_however_late),
        CLAIM(an_export_has_the_parcels_of_orders),
        CLAIM(what_is_sent_while_it_is_cancelled_is_one_of_both),
        CLAIM(nobody_cancels_what_is_not_his),
        CLAIM(a_guests_goods_go_back_and_no_money),
        CLAIM(what_no_vendor_accepts_in_time_is_refused),
        CLAIM(what_has_ended_keeps_no_account_open),
        CLAIM(what_came_back_to_its_sender_can_be_cancelled_with_its_money),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
