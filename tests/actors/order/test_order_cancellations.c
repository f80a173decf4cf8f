/* Claims about units that are cancelled, in their host: they go back once each, whatever happens in
 * between and whoever else is there; the last ones are the order. */
#include "tests/actors/order/order_story.h"

#include <stdio.h>

#include "messages/codec_msgpack.h"
#include "tests/actors/order/order_guests.h"

#define DAY_US (INT64_C(24) * 3600 * SECOND_US)
enum { TEAPOT_COSTS = 1999, TEAPOTS = 10, PARTS_MAX = 20 };

static void set(const char *option)
{
    char *arguments[] = { (char *)"test", (char *)option, NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &first), STATUS_OK);
}

/* So many teapots of one vendor, of which so much is paid on delivery. */
static struct order_order bought(uint8_t key, int64_t quantity, int64_t on_delivery)
{
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, quantity, &cart).status, STATUS_OK);
    struct order_checkout checkout = checkout_of(&cart);
    const int64_t total = quantity * TEAPOT_COSTS;
    checkout.payment = (struct order_payment){
        .has_wallet = on_delivery<total, .wallet = money_make(total - on_delivery, "EUR"),
                                  .has_on_delivery = on_delivery> 0,
        .on_delivery = money_make(on_delivery, "EUR")
    };
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &checkout, key, &group).status,
        STATUS_OK);
    market_settle(&market);
    return group.orders[0];
}

static struct answer cancel_as(struct uuid who, const struct order_order *order, int64_t quantity,
                               uint8_t key, struct order_order *ret_order)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_cancel_units command = { .order_id = order->id,
                                                .lines = lines,
                                                .lines_count = 1,
                                                .has_reason = true,
                                                .reason = TEXT("Too many") };
    return market_call(&market, who, &order_cancel_units_message, &command, key, ret_order);
}

static struct order_order cancelled(const struct order_order *order, int64_t quantity)
{
    struct order_order reply;
    const struct answer answer = cancel_as(shopper, order, quantity, 0, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    return reply;
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

/* What is sold and paid by now, when everything has gone back that has to. */
static void assert_sold_teapots(int64_t sold, int64_t paid)
{
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), TEAPOTS - sold);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - paid);
}

static void units_go_back_and_the_rest_stays(void **state)
{
    (void)state;
    const struct order_order order = bought(10, 3, 0);
    const struct order_order reply = cancelled(&order, 1);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    assert_int_equal(reply.refunded.amount, TEAPOT_COSTS);
    assert_int_equal(reply.lines[0].cancelled, 1);
    assert_int_equal(reply.cancellations_count, 1);
    const struct order_cancellation *part = &reply.cancellations[0];
    assert_int_equal(part->lines[0].quantity, 1);
    assert_int_equal(part->total.amount, TEAPOT_COSTS);
    assert_int_equal(part->actor, ORDER_HISTORY_ACTOR_SHOPPER);
    assert_int_equal(part->sequence, reply.version);
    assert_text_equal(part->reason, TEXT("Too many"));
    assert_sold_teapots(2, 2 * TEAPOT_COSTS);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.version, reply.version);
    assert_int_equal(read.cancellations_count, 1);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
}

static void the_last_units_end_the_order(void **state)
{
    (void)state;
    const struct order_order order = bought(11, 3, 0);
    (void)cancelled(&order, 2);
    const struct order_order reply = cancelled(&order, 1);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    assert_int_equal(reply.cancellations_count, 2);
    assert_int_equal(reply.cancellations[1].lines[0].quantity, 1);
    assert_sold_teapots(0, 0);
    assert_int_equal(cancel_as(shopper, &order, 1, 0, NULL).status, STATUS_ILLEGAL_TRANSITION);
}

static void a_whole_cancellation_gives_back_what_parts_have_left(void **state)
{
    (void)state;
    const struct order_order order = bought(12, 3, 0);
    (void)cancelled(&order, 1);
    const struct order_cancel_order command = { .order_id = order.id };
    struct order_order reply;
    const struct answer answer =
        market_call(&market, shopper, &order_cancel_order_message, &command, 0, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 200);
    assert_int_equal(reply.refunded.amount, 3 * TEAPOT_COSTS);
    assert_int_equal(reply.cancellations[1].lines[0].quantity, 2);
    assert_sold_teapots(0, 0);
}

static void what_is_owed_at_the_door_is_waived_first(void **state)
{
    (void)state;
    set("--market.offline_payment=allowed");
    const struct order_order order = bought(13, 3, 3000);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    struct order_order reply = cancelled(&order, 1);
    assert_int_equal(reply.on_delivery.amount, 3000 - TEAPOT_COSTS);
    assert_false(reply.has_refunded);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_sold_teapots(2, 3 * TEAPOT_COSTS - 3000);
    reply = cancelled(&order, 1);
    assert_false(reply.has_on_delivery);
    assert_int_equal(reply.refunded.amount, 2 * TEAPOT_COSTS - 3000);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    const struct order_cancellation *part = &reply.cancellations[1];
    assert_int_equal(part->waived.amount, 3000 - TEAPOT_COSTS);
    assert_int_equal(part->refunded.amount, 2 * TEAPOT_COSTS - 3000);
    assert_sold_teapots(1, TEAPOT_COSTS);
    const struct order_get_group query = { .group_id = order.group_id };
    struct order_group group;
    assert_int_equal(
        market_call(&market, shopper, &order_get_group_message, &query, 0, &group).status,
        STATUS_OK);
    assert_false(group.has_on_delivery);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
}

static void nothing_paid_is_not_paid_by_being_waived(void **state)
{
    (void)state;
    set("--market.offline_payment=allowed");
    const struct order_order order = bought(14, 2, 2 * TEAPOT_COSTS);
    struct order_order reply = cancelled(&order, 1);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(reply.on_delivery.amount, TEAPOT_COSTS);
    reply = cancelled(&order, 1);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_false(reply.has_on_delivery);
    assert_sold_teapots(0, 0);
}

static void a_repetition_has_the_first_answer_and_no_second_effect(void **state)
{
    (void)state;
    const struct order_order order = bought(15, 3, 0);
    struct order_order first, second;
    assert_int_equal(cancel_as(shopper, &order, 1, 16, &first).status, STATUS_OK);
    const struct answer answer = cancel_as(shopper, &order, 1, 16, &second);
    assert_int_equal(answer.status, STATUS_OK);
    assert_true(answer.is_replayed);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(first.version, second.version);
    assert_sold_teapots(2, 2 * TEAPOT_COSTS);
}

static void whatever_fails_is_tried_until_it_is_done(void **state)
{
    (void)state;
    const struct order_order order = bought(17, 3, 0);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_refund_purchase_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    (void)cancelled(&order, 1);
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    (void)cancelled(&order, 1);
    assert_sold_teapots(1, TEAPOT_COSTS);
}

static void a_node_that_dies_goes_on_however_late(void **state)
{
    (void)state;
    const struct order_order order = bought(18, 3, 0);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_refund_purchase_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    (void)cancelled(&order, 2);
    market_close(&market);
    market.shop.market_offset_us += DAY_US;
    market_open(&market);
    assert_sold_teapots(1, TEAPOT_COSTS);
}

/* What a program wrote down that knew whole cancellations only. */
static struct text bytes_of_version_1(const struct order_order *order)
{
    const struct order_recall_line lines[] = { { .line_id = order->lines[0].id,
                                                 .variant_id = order->lines[0].variant_id,
                                                 .quantity = order->lines[0].quantity } };
    const struct order_recall_data recall = { .order_id = order->id,
                                              .group_id = order->group_id,
                                              .user_id = shopper,
                                              .refund = order->totals.total,
                                              .lines = lines,
                                              .lines_count = 1 };
    struct text bytes;
    assert_int_equal(msgpack_encode(&order_recall_data_schema, &recall, market.arena, 4096, &bytes),
                     STATUS_OK);
    return bytes;
}

static void rewrite_process(const struct order_order *order)
{
    static char sql[8192];
    size_t length = (size_t)snprintf(sql, sizeof sql, "UPDATE host.saga SET version = 1, id = '");
    for (size_t i = 0; i < sizeof order->id.bytes; i++)
        length += (size_t)snprintf(sql + length, sizeof sql - length, "%02x", order->id.bytes[i]);
    length += (size_t)snprintf(sql + length, sizeof sql - length, "', data = '\\x");
    const struct text bytes = bytes_of_version_1(order);
    for (size_t i = 0; i < bytes.length; i++)
        length += (size_t)snprintf(sql + length, sizeof sql - length, "%02x",
                                   (unsigned char)bytes.data[i]);
    (void)snprintf(sql + length, sizeof sql - length, "' WHERE NOT is_done");
    (void)scratch_sql(market.scratch, "order", sql);
}

static void a_recall_of_the_version_before_goes_on_under_its_orders_id(void **state)
{
    (void)state;
    const struct order_order order = bought(26, 2, 0);
    const struct order_cancel_order command = { .order_id = order.id };
    const struct message *const ways[] = { &wallet_refund_purchase_message,
                                           &catalog_restock_units_message };
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++)
        shop_fail(&market.shop, (struct shop_failure){ .message = ways[i],
                                                       .status = STATUS_UNAVAILABLE,
                                                       .times = FOR_EVER });
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_order_message, &command, 0, NULL).status,
        STATUS_OK);
    market_close(&market);
    market.shop.failures_count = 0;
    rewrite_process(&order);
    market_open(&market);
    assert_sold_teapots(0, 0);
    assert_int_equal(market.shop.backs_count, 2);
    for (size_t i = 0; i < market.shop.backs_count; i++)
        assert_true(uuid_equals(market.shop.backs[i], order.id) ||
                    uuid_equals(market.shop.backs[i], order.lines[0].id));
}

/* ---- side by side ---- */

static void two_who_cancel_at_once_share_the_units(void **state)
{
    (void)state;
    const struct order_order order = bought(19, 3, 0);
    const struct order_shipment_line lines[] = { { order.lines[0].id, 2 } };
    const struct order_cancel_units command = { .order_id = order.id,
                                                .lines = lines,
                                                .lines_count = 1 };
    struct order_order orders[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_cancel_units_message,
                                  .body = &command,
                                  .reply = &orders[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t first = calls[0].answer.status == STATUS_OK ? 0 : 1;
    assert_int_equal(calls[first].answer.status, STATUS_OK);
    assert_int_equal(calls[1 - first].answer.status, STATUS_UNITS_NOT_LEFT);
    assert_text_equal(calls[1 - first].answer.problem.errors[0].pointer, TEXT("/lines/0/quantity"));
    assert_sold_teapots(1, TEAPOT_COSTS);
}

static void single_units_at_once_all_go_back(void **state)
{
    (void)state;
    const struct order_order order = bought(20, 4, 0);
    const struct order_shipment_line lines[] = { { order.lines[0].id, 1 } };
    const struct order_cancel_units command = { .order_id = order.id,
                                                .lines = lines,
                                                .lines_count = 1 };
    static struct order_order orders[4];
    struct call calls[4];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_cancel_units_message,
                                  .body = &command,
                                  .reply = &orders[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        assert_int_equal(calls[i].answer.status, STATUS_OK);
    assert_sold_teapots(0, 0);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(read.cancellations_count, 4);
}

/* Two of three are packed while two are cancelled: one of both is refused, whoever is first. */
static void what_is_packed_while_it_is_cancelled_is_one_of_both(void **state)
{
    (void)state;
    for (uint8_t turn = 0; turn < 4; turn++) {
        const struct order_order order = bought((uint8_t)(30 + turn), 2, 0);
        const struct order_shipment_line lines[] = { { order.lines[0].id, 2 } };
        const struct order_shipment_line one[] = { { order.lines[0].id, 1 } };
        const struct order_create_shipment pack = {
            .order_id = order.id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
        };
        const struct order_cancel_units off = { .order_id = order.id,
                                                .lines = one,
                                                .lines_count = 1 };
        struct order_shipment shipment;
        struct order_order reply;
        const size_t cancels = turn % 2;
        struct call calls[2];
        calls[cancels] = (struct call){ .user_id = shopper,
                                        .message = &order_cancel_units_message,
                                        .body = &off,
                                        .reply = &reply };
        calls[1 - cancels] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                            .message = &order_create_shipment_message,
                                            .body = &pack,
                                            .reply = &shipment };
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        market_settle(&market);
        const bool is_off = calls[cancels].answer.status == STATUS_OK;
        assert_int_equal(calls[is_off ? 1 - cancels : cancels].answer.status,
                         STATUS_UNITS_NOT_LEFT);
        const struct order_order read = seen(order.id);
        assert_int_equal(read.lines[0].cancelled, is_off ? 1 : 0);
        assert_int_equal(read.lines[0].packed, is_off ? 0 : 2);
        assert_int_equal(read.has_refunded ? read.refunded.amount : 0, is_off ? TEAPOT_COSTS : 0);
    }
}

/* ---- sent in part ---- */

static struct answer as_vendor(const struct message *message, const void *body, void *ret_reply)
{
    return market_call(&market, market.shop.variants[TEAPOT].vendor_id, message, body, 0,
                       ret_reply);
}

static void a_vendor_cancels_what_it_cannot_send_and_the_order_is_shipped(void **state)
{
    (void)state;
    const struct order_order order = bought(21, 3, 0);
    const struct order_shipment_line two[] = { { order.lines[0].id, 2 } },
                                     one[] = { { order.lines[0].id, 1 } };
    const struct order_create_shipment pack = {
        .order_id = order.id, .lines = two, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    assert_int_equal(as_vendor(&order_create_shipment_message, &pack, &shipment).status, STATUS_OK);
    const struct order_hand_over_shipment send = { .order_id = order.id,
                                                   .shipment_id = shipment.id };
    assert_int_equal(as_vendor(&order_hand_over_shipment_message, &send, &shipment).status,
                     STATUS_OK);
    struct order_cancel_vendor_units off = {
        .order_id = order.id, .lines = two, .lines_count = 1, .reason = TEXT("Broken")
    };
    struct order_order reply;
    assert_int_equal(as_vendor(&order_cancel_vendor_units_message, &off, &reply).status,
                     STATUS_UNITS_NOT_LEFT);
    off.lines = one;
    assert_int_equal(as_vendor(&order_cancel_vendor_units_message, &off, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_SHIPPED);
    assert_int_equal(reply.fulfilment_status, ORDER_FULFILMENT_STATUS_SHIPPED);
    assert_int_equal(reply.shipments_count, 1);
    assert_sold_teapots(2, 2 * TEAPOT_COSTS);
    assert_int_equal(as_vendor(&order_cancel_vendor_units_message, &off, &reply).status,
                     STATUS_ILLEGAL_TRANSITION);
}

static void a_vendors_deadline_is_not_put_off_by_a_part(void **state)
{
    (void)state;
    set("--market.acceptance=required");
    const struct order_order order = bought(22, 3, 0);
    set("--market.acceptance=automatic");
    const struct order_order reply = cancelled(&order, 1);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
    market_settle(&market);
    market.shop.market_offset_us += 4 * DAY_US;
    const struct order_settle_order command = { .order_id = order.id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_order_message, &command, 0, NULL).status,
        STATUS_OK);
    assert_sold_teapots(0, 0);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.status, ORDER_ORDER_STATUS_REFUSED);
    assert_int_equal(read.cancellations_count, 2);
    assert_int_equal(read.cancellations[1].actor, ORDER_HISTORY_ACTOR_SYSTEM);
}

/* ---- refused ---- */

static void what_is_not_right_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    const struct order_order order = bought(23, 2, 0);
    assert_int_equal(cancel_as(draw_id(8), &order, 1, 0, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(cancel_as(nobody, &order, 1, 0, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(cancel_as(shopper, &order, 3, 0, NULL).status, STATUS_UNITS_NOT_LEFT);
    const struct order_shipment_line wrong[] = { { draw_id(9), 1 } };
    const struct order_shipment_line twice[] = { { order.lines[0].id, 1 },
                                                 { order.lines[0].id, 1 } };
    struct order_cancel_units command = { .order_id = order.id, .lines = wrong, .lines_count = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &command, 0, NULL).status,
        STATUS_NOT_FOUND);
    command.lines = twice;
    command.lines_count = 2;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &command, 0, NULL).status,
        STATUS_INVALID_VALUE);
    const int64_t old[] = { 1 };
    command.lines_count = 1;
    command.versions = old;
    command.versions_count = 1;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &command, 0, NULL).status,
        STATUS_PRECONDITION_FAILED);
    assert_int_equal(seen(order.id).version, order.version);
    assert_sold_teapots(2, 2 * TEAPOT_COSTS);
}

static void twenty_parts_are_enough(void **state)
{
    (void)state;
    market.shop.variants[TEAPOT].price = 1;
    market.shop.variants[TEAPOT].stock.amount = PARTS_MAX + 2;
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, PARTS_MAX + 2, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, 24, &group).status, STATUS_OK);
    market_settle(&market);
    const struct order_order *order = &group.orders[0];
    for (unsigned i = 0; i < PARTS_MAX; i++)
        (void)cancelled(order, 1);
    const struct answer answer = cancel_as(shopper, order, 1, 0, NULL);
    assert_int_equal(answer.status, STATUS_TOO_MANY_CANCELLATIONS);
    const struct order_order reply = cancelled(order, 2);
    assert_int_equal(reply.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(reply.cancellations_count, PARTS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(units_go_back_and_the_rest_stays),
        CLAIM(the_last_units_end_the_order),
        CLAIM(a_whole_cancellation_gives_back_what_parts_have_left),
        CLAIM(what_is_owed_at_the_door_is_waived_first),
        CLAIM(nothing_paid_is_not_paid_by_being_waived),
        CLAIM(a_repetition_has_the_first_answer_and_no_second_effect),
        CLAIM(whatever_fails_is_tried_until_it_is_done),
        CLAIM(a_node_that_dies_goes_on_however_late),
        CLAIM(a_recall_of_the_version_before_goes_on_under_its_orders_id),
        CLAIM(two_who_cancel_at_once_share_the_units),
        CLAIM(single_units_at_once_all_go_back),
        CLAIM(what_is_packed_while_it_is_cancelled_is_one_of_both),
        CLAIM(a_vendor_cancels_what_it_cannot_send_and_the_order_is_shipped),
        CLAIM(a_vendors_deadline_is_not_put_off_by_a_part),
        CLAIM(what_is_not_right_is_refused_and_changes_nothing),
        CLAIM(twenty_parts_are_enough),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
