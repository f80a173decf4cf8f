/* Claims about what is paid at the door, for an invoice, or not at all, in its host. */
#include "tests/actors/order/offline_words.h"

/* ---- at the door ---- */

static struct order_group at_the_door(uint8_t key)
{
    struct order_group group;
    const struct order_payment payment = { .has_on_delivery = true,
                                           .on_delivery = euros(BOTH_COST) };
    assert_int_equal(buy(payment, key, &group).status, STATUS_OK);
    return group;
}

static void a_vendor_says_that_it_was_paid_at_the_door_and_staff_that_it_was_not(void **state)
{
    (void)state;
    const struct order_group group = at_the_door(40);
    const struct uuid order_id = group.orders[1].id;
    assert_int_equal(group.orders[1].status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_int_equal(group.orders[1].on_delivery.amount, 500);
    assert_int_equal(mark_as_vendor(BOWL, order_id, 499).status, STATUS_PAYMENT_MISMATCH);
    assert_int_equal(mark_as_vendor(BOWL, order_id, 500).status, STATUS_OK);
    struct order_order order = seen(order_id);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_false(order.has_on_delivery);
    const struct order_mark_any_order_unpaid undo = { .order_id = order_id,
                                                      .reason = TEXT("Wrong order") };
    const struct message *message = &order_mark_any_order_unpaid_message;
    assert_int_equal(market_call(&market, draw_id(1), message, &undo, 0, &order).status, STATUS_OK);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(order.on_delivery.amount, 500);
    assert_int_equal(market_call(&market, draw_id(1), message, &undo, 0, &order).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(mark(order_id, 500, &order).status, STATUS_OK);
    assert_int_equal(cancel(order_id, &order).status, STATUS_OK);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    assert_int_equal(market_call(&market, draw_id(1), message, &undo, 0, &order).status,
                     STATUS_ALREADY_REFUNDED);
    const struct order_settle_refund mine = { .order_id = order_id,
                                              .refund_id = seen(order_id).cancellations[0].id };
    assert_int_equal(market_call(&market, market.shop.variants[BOWL].vendor_id,
                                 &order_settle_refund_message, &mine, 0, &order)
                         .status,
                     STATUS_OK);
}

static void two_who_mark_at_once_mark_once(void **state)
{
    (void)state;
    const struct order_group group = at_the_door(41);
    const struct order_mark_any_order_paid command = { .order_id = group.orders[1].id,
                                                       .amount = euros(500) };
    struct order_order orders[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = draw_id(1),
                                  .message = &order_mark_any_order_paid_message,
                                  .body = &command,
                                  .reply = &orders[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_NOTHING_OWED);
    assert_int_equal(seen(group.orders[1].id).offline.paid.amount, 500);
}

/* One unit of the first line. */
static void send_one(size_t variant, const struct order_order *order)
{
    const struct uuid vendor_id = market.shop.variants[variant].vendor_id;
    const struct order_shipment_line line[] = { { order->lines[0].id, 1 } };
    const struct order_create_shipment pack = {
        .order_id = order->id, .lines = line, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    assert_int_equal(
        market_call(&market, vendor_id, &order_create_shipment_message, &pack, 0, &shipment).status,
        STATUS_OK);
    const struct order_hand_over_shipment send = { .order_id = order->id,
                                                   .shipment_id = shipment.id };
    assert_int_equal(
        market_call(&market, vendor_id, &order_hand_over_shipment_message, &send, 0, &shipment)
            .status,
        STATUS_OK);
}

/* The door is paid for what came, though the cancellation of the rest is what makes it all. */
static void what_is_cancelled_at_last_is_not_paid_by_the_delivery_of_the_rest(void **state)
{
    (void)state;
    set("--market.paid_on_delivery=delivered");
    const struct order_group group = at_the_door(211);
    const struct order_order *teapots = &group.orders[0];
    const int64_t owed = teapots->on_delivery.amount;
    struct order_order order;
    send_one(TEAPOT, teapots);
    const struct order_confirm_delivery confirm = { .order_id = teapots->id };
    assert_int_equal(
        market_call(&market, shopper, &order_confirm_delivery_message, &confirm, 0, &order).status,
        STATUS_OK);
    const struct order_shipment_line rest[] = { { teapots->lines[0].id, 1 } };
    const struct order_cancel_units cancel = { .order_id = teapots->id,
                                               .lines = rest,
                                               .lines_count = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &cancel, 212, &order).status,
        STATUS_OK);
    set("--market.paid_on_delivery=marked");
    order = seen(teapots->id);
    assert_int_equal(order.offline.paid.amount, owed / 2);
    assert_int_equal(order.cancellations[0].waived.amount, owed / 2);
    assert_false(order.cancellations[0].has_manual);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_PAID);
}

static void where_the_market_says_so_the_delivery_is_the_payment(void **state)
{
    (void)state;
    set("--market.paid_on_delivery=delivered");
    const struct order_group group = at_the_door(42);
    const struct uuid order_id = group.orders[1].id;
    struct order_order order;
    send_one(BOWL, &group.orders[1]);
    assert_int_equal(seen(order_id).payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    const struct order_confirm_delivery confirm = { .order_id = order_id };
    assert_int_equal(
        market_call(&market, shopper, &order_confirm_delivery_message, &confirm, 0, &order).status,
        STATUS_OK);
    set("--market.paid_on_delivery=marked");
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(seen(order_id).offline.paid.amount, 500);
    assert_int_equal(group_now(group.id).payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
}

/* ---- for an invoice ---- */

/* Somebody else, whose cart is empty. */
static void another_shopper(void)
{
    shopper = market.shop.user_id = draw_id(7);
}

static void goods_before_money_are_for_those_whom_the_market_knows(void **state)
{
    (void)state;
    struct order_group group;
    const struct order_payment payment = { .has_invoice = true, .invoice = euros(BOTH_COST) };
    assert_int_equal(buy(payment, 50, &group).status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
    set("--market.invoice_payment=known");
    another_shopper();
    assert_int_equal(buy(payment, 51, &group).status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
    set("--market.invoice_payment=everyone");
    another_shopper();
    assert_int_equal(buy(payment, 52, &group).status, STATUS_OK);
    assert_int_equal(group.orders[0].status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(group.offline.method, ORDER_OFFLINE_METHOD_INVOICE);
    assert_true(group.offline.has_due_at);
    struct guest guest = filled_guest();
    struct order_checkout checkout = guest_checkout_of(&guest, "owes@example.com");
    checkout.payment = payment;
    assert_int_equal(
        market_call(&market, nobody, &order_checkout_message, &checkout, 53, &group).status,
        STATUS_PAYMENT_METHOD_UNAVAILABLE);
    set("--market.invoice_payment=never");
}

static void two_ways_beside_the_wallet_are_one_too_many(void **state)
{
    (void)state;
    struct order_group group;
    const struct order_payment payment = { .has_transfer = true,
                                           .transfer = euros(BOTH_COST - 500),
                                           .has_on_delivery = true,
                                           .on_delivery = euros(500) };
    const struct answer answer = buy(payment, 54, &group);
    assert_int_equal(answer.status, STATUS_PAYMENT_MISMATCH);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment"));
    another_shopper();
    set("--market.transfer_payment=refused");
    const struct order_payment transfer = { .has_transfer = true, .transfer = euros(BOTH_COST) };
    assert_int_equal(buy(transfer, 55, &group).status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
}

/* ---- asked before ---- */

static struct order_payment_methods methods_for(struct uuid who)
{
    const struct order_list_payment_methods query = { 0 };
    struct order_payment_methods found;
    assert_int_equal(
        market_call(&market, who, &order_list_payment_methods_message, &query, 0, &found).status,
        STATUS_OK);
    return found;
}

static void who_wants_to_pay_is_told_how(void **state)
{
    (void)state;
    set("--market.transfer_payment=allowed");
    set("--market.invoice_payment=known");
    assert_int_equal(methods_for(shopper).data_count, 3);
    set("--market.invoice_payment=everyone");
    const struct order_payment_methods all = methods_for(shopper), guests = methods_for(nobody);
    set("--market.invoice_payment=never");
    assert_int_equal(all.data_count, 4);
    assert_int_equal(all.data[0].method, ORDER_PAYMENT_METHOD_WALLET);
    assert_false(all.data[1].has_pay_within_days);
    assert_int_equal(all.data[2].method, ORDER_PAYMENT_METHOD_TRANSFER);
    assert_int_equal(all.data[2].pay_within_days, 7);
    assert_int_equal(all.data[3].pay_within_days, 14);
    assert_int_equal(guests.data_count, 2);
    assert_int_equal(guests.data[0].method, ORDER_PAYMENT_METHOD_ON_DELIVERY);
}

/* ---- for nothing ---- */

static void what_cost_nothing_is_not_paid_any_more_when_it_is_cancelled(void **state)
{
    (void)state;
    struct order_cart cart;
    struct order_group group;
    struct order_order order;
    market.shop.variants[TEAPOT].price = 0;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, 1, &cart).status, STATUS_OK);
    struct order_checkout checkout = checkout_of(&cart);
    checkout.payment = (struct order_payment){ .has_wallet = false };
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &checkout, 56, &group).status,
        STATUS_OK);
    market_settle(&market);
    assert_int_equal(group.orders[0].payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(cancel(group.orders[0].id, &order).status, STATUS_OK);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(group_now(group.id).payment_status, ORDER_PAYMENT_STATUS_UNPAID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFLINE(a_vendor_says_that_it_was_paid_at_the_door_and_staff_that_it_was_not),
        OFFLINE(two_who_mark_at_once_mark_once),
        OFFLINE(where_the_market_says_so_the_delivery_is_the_payment),
        OFFLINE(what_is_cancelled_at_last_is_not_paid_by_the_delivery_of_the_rest),
        OFFLINE(goods_before_money_are_for_those_whom_the_market_knows),
        OFFLINE(two_ways_beside_the_wallet_are_one_too_many),
        OFFLINE(who_wants_to_pay_is_told_how),
        OFFLINE(what_cost_nothing_is_not_paid_any_more_when_it_is_cancelled),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
