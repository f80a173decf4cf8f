/* Claims about goods that are sent again, in their host: once, for stock that is there, at no
 * price, and how they are sent back is told. */
#include "tests/actors/order/exchange_words.h"

#include "actors/order/return.h"

static void the_same_goods_are_sent_again_at_no_price(void **state)
{
    (void)state;
    static struct order_order order; /* large */
    order = delivered(60, 3);
    const struct uuid id = arrived(&order, 1, 1);
    static struct order_order reply;
    const struct answer answer = exchange(order.id, id, &reply);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_EXCHANGED);
    assert_int_equal(reply.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(reply.lines[0].returned, 0);
    assert_is(TEAPOTS - 3 - 2 + 1, 3 * TEAPOT_COSTS); /* one of them was damaged */
    static struct order_order again;                  /* large */
    again = seen(reply.returns[0].replacement_id);
    assert_true(uuid_equals(again.replaces_id, order.id));
    assert_true(uuid_equals(again.group_id, order.group_id));
    assert_int_equal(again.status, ORDER_ORDER_STATUS_ACCEPTED);
    assert_int_equal(again.totals.total.amount, 0);
    assert_int_equal(again.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(again.lines[0].quantity, 2);
    assert_false(uuid_equals(again.lines[0].id, order.lines[0].id));
    assert_text_equal(again.lines[0].name, order.lines[0].name);
    assert_int_equal(exchange(order.id, id, &reply).status, STATUS_ILLEGAL_TRANSITION);
    /* What was set aside for it is kept until it is taken. */
    const struct uuid asked_about[] = { again.id, draw_id(7) };
    const struct order_find_lapsed_groups query = { .group_ids = asked_about,
                                                    .group_ids_count = 2 };
    struct order_lapsed_groups lapsed;
    assert_int_equal(
        market_call(&market, nobody, &order_find_lapsed_groups_message, &query, 0, &lapsed).status,
        STATUS_OK);
    assert_int_equal(lapsed.group_ids_count, 1);
    assert_true(uuid_equals(lapsed.group_ids[0], asked_about[1]));
    /* One unit is left that never came back. */
    assert_int_equal(ask_as(shopper, &order, 2, &reply).status, STATUS_UNITS_NOT_LEFT);
    assert_int_equal(ask_as(shopper, &order, 1, &reply).status, STATUS_OK);
}

static void without_stock_nothing_is_exchanged_and_it_can_be_refunded(void **state)
{
    (void)state;
    const struct order_order order = delivered(61, 2);
    const struct uuid id = arrived(&order, 0, 2);
    market.shop.variants[TEAPOT].stock.amount = 1;
    struct order_order reply;
    assert_int_equal(exchange(order.id, id, &reply).status, STATUS_INSUFFICIENT_STOCK);
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 1);
    assert_int_equal(seen(order.id).returns[0].status, ORDER_RETURN_STATUS_RECEIVED);
    const struct order_refund_return refund = { .order_id = order.id, .return_id = id };
    assert_int_equal(as_vendor(&order_refund_return_message, &refund, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].refunded.amount, 2 * TEAPOT_COSTS);
    assert_is(1, 0);
}

static void two_who_exchange_at_once_exchange_once(void **state)
{
    (void)state;
    const struct order_order order = delivered(62, 2);
    const struct order_exchange_return command = { .order_id = order.id,
                                                   .return_id = arrived(&order, 2, 0) };
    static struct order_order replies[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                  .message = &order_exchange_return_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS); /* two came back, and two were sent */
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".vendor_order o WHERE"
                                            " o.replaces_id IS NOT NULL AND o.group_id = (SELECT"
                                            " group_id FROM \"order\".vendor_order ORDER BY id"
                                            " DESC LIMIT 1)"),
                     1);
}

static void a_catalogue_that_is_away_is_waited_for(void **state)
{
    (void)state;
    const struct order_order order = delivered(63, 1);
    const struct uuid id = arrived(&order, 0, 1);
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_commit_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 2 });
    struct order_order reply;
    assert_int_equal(exchange(order.id, id, &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 2, TEAPOT_COSTS);
}

static void what_replaces_goods_is_cancelled_by_its_vendor_and_then_they_are_refunded(void **state)
{
    (void)state;
    const struct order_order order = delivered(64, 2);
    const struct uuid return_id = arrived(&order, 1, 1), id = sent_again(order.id, return_id);
    struct order_order reply;
    const struct order_cancel_order cancel = { .order_id = id };
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_order_message, &cancel, 0, &reply).status,
        STATUS_ILLEGAL_TRANSITION);
    assert_return_is(order.id, ORDER_RETURN_STATUS_EXCHANGED);
    assert_int_equal(refund(order.id, return_id).status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS - 2 - 2 + 1, 2 * TEAPOT_COSTS);
    assert_int_equal(cancel_all(id).status, STATUS_OK);
    assert_return_is(order.id, ORDER_RETURN_STATUS_RECEIVED);
    assert_is(TEAPOTS - 1, 2 * TEAPOT_COSTS);
    assert_int_equal(cancel_all(id).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(refund(order.id, return_id).status, STATUS_OK);
    assert_return_is(order.id, ORDER_RETURN_STATUS_REFUNDED);
    assert_is(TEAPOTS - 1, 0); /* what came back fine is sold again once */
}

static void what_was_to_replace_goods_can_be_replaced_itself(void **state)
{
    (void)state;
    const struct order_order order = delivered(67, 1);
    const struct uuid return_id = arrived(&order, 1, 0);
    const struct uuid first = sent_again(order.id, return_id);
    assert_int_equal(cancel_all(first).status, STATUS_OK);
    const struct uuid second = sent_again(order.id, return_id);
    assert_false(uuid_equals(first, second));
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
    assert_return_is(order.id, ORDER_RETURN_STATUS_EXCHANGED);
}

static void goods_whose_replacement_is_cancelled_are_refunded_by_time(void **state)
{
    (void)state;
    const struct order_order order = delivered(68, 1);
    const struct uuid return_id = arrived(&order, 1, 0);
    assert_int_equal(cancel_all(sent_again(order.id, return_id)).status, STATUS_OK);
    settle(order.id, return_id);
    assert_return_is(order.id, ORDER_RETURN_STATUS_RECEIVED);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(order.id, return_id);
    assert_return_is(order.id, ORDER_RETURN_STATUS_REFUNDED);
    assert_is(TEAPOTS, 0);
}

static void two_who_cancel_a_replacement_at_once_open_its_return_once(void **state)
{
    (void)state;
    static struct order_order order; /* large */
    order = delivered(70, 1);
    const struct order_cancel_vendor_order command = {
        .order_id = sent_again(order.id, arrived(&order, 1, 0)), .reason = TEXT("No")
    };
    static struct order_order replies[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = market.shop.variants[TEAPOT].vendor_id,
                                  .message = &order_cancel_vendor_order_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS, TEAPOT_COSTS);
    assert_return_is(order.id, ORDER_RETURN_STATUS_RECEIVED);
}

static size_t blockers_count(void)
{
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(
        market_call(&market, nobody, &order_get_erasure_blockers_message, &query, 0, &found).status,
        STATUS_OK);
    return found.blockers_count;
}

static void who_waits_for_money_of_a_completed_order_does_not_leave_yet(void **state)
{
    (void)state;
    const struct order_order order = delivered(74, 1);
    const struct uuid return_id = arrived(&order, 1, 0), id = sent_again(order.id, return_id);
    market.shop.market_offset_us += 15 * DAY_US;
    complete(order.id);
    assert_int_equal(cancel_all(id).status, STATUS_OK);
    assert_int_equal(blockers_count(), 1);
    market.shop.market_offset_us += 15 * DAY_US;
    settle(order.id, return_id);
    assert_int_equal(blockers_count(), 0);
    assert_is(TEAPOTS, 0);
}

static void what_is_not_exchanged_in_time_is_refunded(void **state)
{
    (void)state;
    const struct order_order order = delivered(65, 1);
    const struct uuid id = arrived(&order, 1, 0);
    market.shop.market_offset_us += 15 * DAY_US;
    const struct order_settle_return settle = { .order_id = order.id, .return_id = id };
    assert_int_equal(
        market_call(&market, nobody, &order_settle_return_message, &settle, 0, NULL).status,
        STATUS_OK);
    assert_is(TEAPOTS, 0);
    assert_int_equal(seen(order.id).returns[0].status, ORDER_RETURN_STATUS_REFUNDED);
}

/* ---- how it is sent back ---- */

static void a_vendor_tells_how_goods_are_sent_back(void **state)
{
    (void)state;
    const struct order_order order = delivered(66, 1);
    const struct uuid asked_id = asked(&order, 1);
    struct order_send_return_label command = { .order_id = order.id,
                                               .return_id = asked_id,
                                               .instructions = TEXT("In its box, please."),
                                               .has_label_url = true,
                                               .label_url = TEXT("https://post.example/l/1") };
    struct order_order reply;
    const struct message *message = &order_send_return_label_message;
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_ILLEGAL_TRANSITION);
    const struct order_approve_return approve = { .order_id = order.id, .return_id = asked_id };
    assert_int_equal(as_vendor(&order_approve_return_message, &approve, &reply).status, STATUS_OK);
    const char *const wrong[] = { "javascript:alert(1)", "http://post.example/l/1",
                                  "https://post.example/<l>" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        command.label_url = text_of(wrong[i]);
        assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_INVALID_VALUE);
    }
    command.label_url = TEXT("https://post.example/l/1");
    assert_int_equal(
        market_call(&market, market.shop.variants[BOWL].vendor_id, message, &command, 0, &reply)
            .status,
        STATUS_NOT_FOUND);
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_LABEL_SENT);
    const struct order_order read = seen(order.id);
    assert_text_equal(read.returns[0].instructions, TEXT("In its box, please."));
    assert_text_equal(read.returns[0].label_url, TEXT("https://post.example/l/1"));
    assert_int_equal(receive(&order, asked_id, 1, 0, &reply).status, STATUS_OK);
    assert_text_equal(reply.returns[0].instructions, TEXT("In its box, please."));
    assert_is(TEAPOTS, 0);
}

#define NOTICES "SELECT count(*) FROM host.outbox WHERE number = 4190"

static void a_label_that_does_not_work_is_replaced_and_its_buyer_told(void **state)
{
    (void)state;
    const struct order_order order = delivered(82, 1);
    struct order_send_return_label command = { .order_id = order.id,
                                               .return_id = approved(&order, 1),
                                               .instructions = TEXT("In its box, please."),
                                               .has_label_url = true,
                                               .label_url = TEXT("https://post.example/l/1") };
    struct order_order reply;
    const struct message *message = &order_send_return_label_message;
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_OK);
    const int64_t due_at_us = reply.returns[0].due_at_us;
    command.instructions = TEXT("In any box.");
    command.label_url = TEXT("https://post.example/l/2");
    const int64_t told = market_number(&market, NOTICES);
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_OK);
    assert_int_equal(market_number(&market, NOTICES), told + 1);
    assert_int_equal(reply.returns[0].status, ORDER_RETURN_STATUS_LABEL_SENT);
    assert_int_equal(reply.returns[0].due_at_us, due_at_us);
    const struct order_order read = seen(order.id);
    assert_text_equal(read.returns[0].instructions, TEXT("In any box."));
    assert_text_equal(read.returns[0].label_url, TEXT("https://post.example/l/2"));
    assert_string_equal(
        scratch_sql(market.scratch, "order",
                    "SELECT string_agg(note, ' ' ORDER BY sequence) FROM "
                    "(SELECT * FROM \"order\".order_history WHERE trigger = "
                    "'send_label' ORDER BY order_id DESC, sequence DESC LIMIT 2) h"),
        "https://post.example/l/1 https://post.example/l/2");
    for (int i = 2; i < RETURN_LABELS_MAX; i++)
        assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_OK);
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_TOO_MANY_LABELS);
    assert_int_equal(receive(&order, command.return_id, 1, 0, &reply).status, STATUS_OK);
    assert_int_equal(as_vendor(message, &command, &reply).status, STATUS_ILLEGAL_TRANSITION);
    assert_is(TEAPOTS, 0);
}

static void what_came_back_is_shown_as_sold_again_once_the_stock_has_grown(void **state)
{
    (void)state;
    const struct order_order order = delivered(80, 2);
    const struct uuid return_id = arrived(&order, 1, 1);
    struct order_order reply = seen(order.id);
    assert_int_equal(reply.returns[0].lines[0].to_restock, 1);
    assert_int_equal(reply.returns[0].lines[0].restocked, 0);
    assert_false(reply.returns[0].has_restocked_at);
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_restock_units_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 2 });
    assert_int_equal(exchange(order.id, return_id, &reply).status, STATUS_OK);
    assert_int_equal(reply.returns[0].lines[0].restocked, 0);
    market_settle(&market);
    reply = seen(order.id);
    assert_int_equal(reply.returns[0].lines[0].to_restock, 1);
    assert_int_equal(reply.returns[0].lines[0].restocked, 1);
    assert_true(reply.returns[0].has_restocked_at);
    assert_is(TEAPOTS - 2 - 2 + 1, 2 * TEAPOT_COSTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(the_same_goods_are_sent_again_at_no_price),
        SOUND(without_stock_nothing_is_exchanged_and_it_can_be_refunded),
        SOUND(two_who_exchange_at_once_exchange_once),
        SOUND(a_catalogue_that_is_away_is_waited_for),
        SOUND(what_replaces_goods_is_cancelled_by_its_vendor_and_then_they_are_refunded),
        SOUND(what_was_to_replace_goods_can_be_replaced_itself),
        SOUND(goods_whose_replacement_is_cancelled_are_refunded_by_time),
        SOUND(two_who_cancel_a_replacement_at_once_open_its_return_once),
        SOUND(who_waits_for_money_of_a_completed_order_does_not_leave_yet),
        SOUND(what_is_not_exchanged_in_time_is_refunded),
        SOUND(a_vendor_tells_how_goods_are_sent_back),
        SOUND(a_label_that_does_not_work_is_replaced_and_its_buyer_told),
        SOUND(what_came_back_is_shown_as_sold_again_once_the_stock_has_grown),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
