/* Claims about orders that wait for a transfer, in their host: it is marked once, what does not
 * come ends them with all that is to give back, and no wallet gets what it never paid. */
#include "tests/actors/order/offline_words.h"

/* ---- awaited ---- */

static void an_order_waits_for_its_transfer_and_nothing_is_sent(void **state)
{
    (void)state;
    const struct order_group group = awaited(10, BOTH_COST), read = group_now(group.id);
    const struct order_offline_payment *offline = &read.offline;
    assert_true(group.has_offline);
    assert_true(read.has_offline);
    assert_int_equal(offline->method, ORDER_OFFLINE_METHOD_TRANSFER);
    assert_int_equal(offline->owed.amount, BOTH_COST);
    assert_text_equal(offline->account, group.offline.account);
    assert_text_equal(offline->reference, group.offline.reference);
    assert_true(offline->reference.length < group.orders[0].number.length);
    assert_int_equal(offline->due_at_us, group.offline.due_at_us);
    assert_false(read.has_on_delivery);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(group.orders[i].status, ORDER_ORDER_STATUS_PENDING_PAYMENT);
        assert_int_equal(read.orders[i].status, ORDER_ORDER_STATUS_PENDING_PAYMENT);
        assert_int_equal(read.orders[i].version, 0);
        assert_true(read.orders[i].has_offline);
    }
    const struct order_shipment_line line[] = { { group.orders[0].lines[0].id, 1 } };
    const struct order_create_shipment pack = {
        .order_id = group.orders[0].id, .lines = line, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    assert_int_equal(market_call(&market, market.shop.variants[TEAPOT].vendor_id,
                                 &order_create_shipment_message, &pack, 0, &shipment)
                         .status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void a_transfer_pays_the_whole_checkout_in_one_sum(void **state)
{
    (void)state;
    const struct order_group group = awaited(11, BOTH_COST);
    struct order_group paid;
    struct answer answer = mark_group(group.id, euros(BOTH_COST - 1), 0, &paid);
    assert_int_equal(answer.status, STATUS_PAYMENT_MISMATCH);
    assert_int_equal(answer.problem.errors[0].available, BOTH_COST);
    assert_int_equal(mark_group(group.id, money_make(BOTH_COST, "USD"), 0, &paid).status,
                     STATUS_CURRENCY_MISMATCH);
    assert_int_equal(mark_group(draw_id(7), euros(BOTH_COST), 0, &paid).status, STATUS_NOT_FOUND);
    assert_int_equal(mark_group(group.id, euros(BOTH_COST), 77, &paid).status, STATUS_OK);
    assert_int_equal(paid.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(paid.offline.owed.amount, 0);
    assert_int_equal(paid.offline.paid.amount, BOTH_COST);
    const struct order_group read = group_now(group.id);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(read.offline.paid.amount, BOTH_COST);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(paid.orders[i].status, ORDER_ORDER_STATUS_ACCEPTED);
        assert_int_equal(read.orders[i].status, ORDER_ORDER_STATUS_ACCEPTED);
        assert_int_equal(read.orders[i].payment_status, ORDER_PAYMENT_STATUS_PAID);
        assert_int_equal(read.orders[i].version, 2);
    }
    answer = mark_group(group.id, euros(BOTH_COST), 77, &paid);
    assert_int_equal(answer.status, STATUS_OK);
    assert_true(answer.is_replayed);
    assert_int_equal(mark_group(group.id, euros(BOTH_COST), 0, &paid).status, STATUS_NOTHING_OWED);
}

static void one_order_is_paid_and_the_other_still_waits(void **state)
{
    (void)state;
    const struct order_group group = awaited(12, BOTH_COST);
    struct order_order order;
    assert_int_equal(mark_as_vendor(BOWL, group.orders[1].id, 500).status, STATUS_FORBIDDEN);
    assert_int_equal(mark_as_vendor(TEAPOT, group.orders[1].id, 500).status, STATUS_NOT_FOUND);
    set("--market.payment_confirmed_by=vendors");
    assert_int_equal(mark_as_vendor(BOWL, group.orders[1].id, 500).status, STATUS_OK);
    set("--market.payment_confirmed_by=staff");
    assert_int_equal(mark(group.orders[1].id, 500, &order).status, STATUS_NOTHING_OWED);
    const struct order_group read = group_now(group.id);
    assert_int_equal(read.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_int_equal(read.offline.owed.amount, 2 * TEAPOT_COSTS);
    assert_int_equal(read.orders[0].status, ORDER_ORDER_STATUS_PENDING_PAYMENT);
    assert_int_equal(read.orders[1].status, ORDER_ORDER_STATUS_ACCEPTED);
}

static void vendors_are_asked_when_it_is_paid(void **state)
{
    (void)state;
    set("--market.acceptance=required");
    const struct order_group group = awaited(13, BOTH_COST);
    set("--market.acceptance=automatic");
    struct order_group paid;
    assert_int_equal(mark_group(group.id, euros(BOTH_COST), 0, &paid).status, STATUS_OK);
    assert_int_equal(paid.orders[0].status, ORDER_ORDER_STATUS_AWAITING_ACCEPTANCE);
    market.shop.market_offset_us += 4 * DAY_US;
    settle_all(&group);
    const struct order_order order = seen(group.orders[0].id);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_REFUSED);
    assert_int_equal(order.cancellations[0].manual.amount, 2 * TEAPOT_COSTS);
}

/* ---- that does not come ---- */

static void what_is_not_paid_ends_and_gives_everything_back(void **state)
{
    (void)state;
    const int64_t due_before = told("payment_due"), missing_before = told("payment_missing");
    const struct order_group group = awaited(14, 3000);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - (BOTH_COST - 3000));
    settle_all(&group);
    assert_int_equal(told("payment_due"), due_before);
    market.shop.market_offset_us += 5 * DAY_US + SECOND_US;
    settle_all(&group);
    settle_all(&group);
    assert_int_equal(told("payment_due"), due_before + 1);
    assert_int_equal(seen(group.orders[0].id).status, ORDER_ORDER_STATUS_PENDING_PAYMENT);
    market.shop.market_offset_us += 2 * DAY_US;
    settle_all(&group);
    settle_all(&group);
    assert_int_equal(told("payment_missing"), missing_before + 1);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), TEAPOTS);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), BOWLS);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    const struct order_group read = group_now(group.id);
    assert_int_equal(read.fulfilment_status, ORDER_FULFILMENT_STATUS_CANCELLED);
    assert_int_equal(read.offline.owed.amount, 0);
    const struct order_order order = seen(group.orders[0].id);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_text_equal(order.cancellations[0].reason, TEXT("unpaid"));
    assert_int_equal(order.cancellations[0].actor, ORDER_HISTORY_ACTOR_SYSTEM);
    assert_false(order.cancellations[0].has_manual);
    struct order_group late;
    assert_int_equal(mark_group(group.id, euros(3000), 0, &late).status, STATUS_NOTHING_OWED);
}

static void a_payment_at_the_last_moment_is_taken_or_too_late(void **state)
{
    (void)state;
    for (uint8_t turn = 0; turn < 4; turn++) {
        const struct order_group group = awaited((uint8_t)(20 + turn), BOTH_COST);
        market.shop.market_offset_us += 7 * DAY_US + SECOND_US;
        const struct uuid order_id = group.orders[0].id;
        const struct order_settle_order end = { .order_id = order_id };
        const struct order_mark_group_paid pay = { .group_id = group.id,
                                                   .amount = euros(BOTH_COST) };
        struct order_group paid;
        struct call calls[2];
        calls[turn % 2] = (struct call){ .user_id = nobody,
                                         .message = &order_settle_order_message,
                                         .body = &end };
        calls[1 - turn % 2] = (struct call){ .user_id = draw_id(1),
                                             .message = &order_mark_group_paid_message,
                                             .body = &pay,
                                             .reply = &paid };
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        market_settle(&market);
        const enum status marked = calls[1 - turn % 2].answer.status;
        const struct order_order order = seen(order_id);
        assert_int_equal(order.status, marked == STATUS_OK ? ORDER_ORDER_STATUS_ACCEPTED
                                                           : ORDER_ORDER_STATUS_CANCELLED);
        if (marked != STATUS_OK) assert_int_equal(marked, STATUS_PAYMENT_MISMATCH);
    }
}

static void who_buys_may_think_better_of_it_while_it_waits(void **state)
{
    (void)state;
    const struct order_group group = awaited(30, BOTH_COST);
    struct order_order order;
    const struct order_shipment_line one[] = { { group.orders[0].lines[0].id, 1 } };
    const struct order_cancel_units part = { .order_id = group.orders[0].id,
                                             .lines = one,
                                             .lines_count = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_units_message, &part, 0, &order).status,
        STATUS_OK);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_PENDING_PAYMENT);
    assert_int_equal(order.offline.owed.amount, TEAPOT_COSTS);
    assert_int_equal(cancel(group.orders[1].id, &order).status, STATUS_OK);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    struct order_group paid;
    assert_int_equal(mark_group(group.id, euros(TEAPOT_COSTS), 0, &paid).status, STATUS_OK);
    assert_int_equal(seen(group.orders[0].id).payment_status, ORDER_PAYMENT_STATUS_PAID);
}

/* ---- that goes back ---- */

static struct order_manual_refund_page open_refunds(void)
{
    const struct order_list_manual_refunds query = { .has_limit = false };
    struct order_manual_refund_page page;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_list_manual_refunds_message, &query, 0, &page)
            .status,
        STATUS_OK);
    return page;
}

static enum status hand_back(struct uuid order_id, struct uuid refund_id,
                             struct order_order *ret_order)
{
    const struct order_settle_any_refund command = {
        .order_id = order_id, .refund_id = refund_id, .has_note = true, .note = TEXT("Transferred")
    };
    return market_call(&market, draw_id(1), &order_settle_any_refund_message, &command, 0,
                       ret_order)
        .status;
}

static size_t blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(
        market_call(&market, nobody, &order_get_erasure_blockers_message, &query, 0, &found).status,
        STATUS_OK);
    return found.blockers_count;
}

static void what_a_transfer_paid_is_handed_back_once_and_not_to_the_wallet(void **state)
{
    (void)state;
    const size_t open_count = open_refunds().data_count;
    const struct order_group group = awaited(31, BOTH_COST - 500);
    struct order_group paid;
    struct order_order order;
    assert_int_equal(mark_group(group.id, euros(BOTH_COST - 500), 0, &paid).status, STATUS_OK);
    const int64_t in_wallet = market.shop.wallet.amount;
    const struct uuid order_id = group.orders[0].id;
    const int64_t by_transfer = group.orders[0].offline.owed.amount;
    assert_int_equal(cancel(order_id, &order).status, STATUS_OK);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
    const struct order_cancellation *part = &order.cancellations[0];
    assert_int_equal(part->manual.amount, by_transfer);
    assert_int_equal(part->refunded.amount, 2 * TEAPOT_COSTS - by_transfer);
    assert_int_equal(part->waived.amount, 0);
    assert_int_equal(market.shop.wallet.amount, in_wallet + 2 * TEAPOT_COSTS - by_transfer);
    assert_int_equal(open_refunds().data_count, open_count + 1);
    assert_true(uuid_equals(open_refunds().data[0].refund_id, part->refund_id));
    assert_int_equal(open_refunds().data[0].amount.amount, by_transfer);
    const struct uuid refund_id = part->refund_id;
    assert_int_equal(blockers(), 2);
    const struct order_settle_refund mine = { .order_id = order_id, .refund_id = refund_id };
    assert_int_equal(market_call(&market, market.shop.variants[TEAPOT].vendor_id,
                                 &order_settle_refund_message, &mine, 0, &order)
                         .status,
                     STATUS_FORBIDDEN);
    assert_int_equal(hand_back(group.orders[1].id, refund_id, &order), STATUS_NOT_FOUND);
    assert_int_equal(hand_back(order_id, draw_id(7), &order), STATUS_NOT_FOUND);
    assert_int_equal(hand_back(order_id, refund_id, &order), STATUS_OK);
    assert_int_equal(blockers(), 1);
    assert_true(order.cancellations[0].has_settled_at);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_CANCELLED);
    assert_true(seen(order_id).cancellations[0].has_settled_at);
    assert_int_equal(hand_back(order_id, refund_id, &order), STATUS_ALREADY_SETTLED);
    assert_int_equal(open_refunds().data_count, open_count);
    assert_int_equal(group_now(group.id).payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFLINE(an_order_waits_for_its_transfer_and_nothing_is_sent),
        OFFLINE(a_transfer_pays_the_whole_checkout_in_one_sum),
        OFFLINE(one_order_is_paid_and_the_other_still_waits),
        OFFLINE(vendors_are_asked_when_it_is_paid),
        OFFLINE(what_is_not_paid_ends_and_gives_everything_back),
        OFFLINE(a_payment_at_the_last_moment_is_taken_or_too_late),
        OFFLINE(who_buys_may_think_better_of_it_while_it_waits),
        OFFLINE(what_a_transfer_paid_is_handed_back_once_and_not_to_the_wallet),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
