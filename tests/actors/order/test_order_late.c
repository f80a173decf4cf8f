/* Claims about money that comes late, or is said to have come by mistake, in their host: invoices
 * are reminded of, what comes when its orders are over goes back once, and a vendor takes its own
 * word back. */
#include "tests/actors/order/offline_words.h"

static enum status remind(struct uuid group_id)
{
    const struct order_remind_of_invoice command = { .group_id = group_id };
    return market_call(&market, nobody, &order_remind_of_invoice_message, &command, 0, NULL).status;
}

static struct order_group invoiced(uint8_t key)
{
    const struct order_payment payment = { .has_invoice = true, .invoice = euros(BOTH_COST) };
    struct order_group group;
    set("--market.invoice_payment=everyone");
    assert_int_equal(buy(payment, key, &group).status, STATUS_OK);
    return group;
}

static void an_invoice_is_reminded_of_when_it_is_due_and_once_more(void **state)
{
    (void)state;
    const struct order_group group = invoiced(100);
    const int64_t before = told("invoice_due");
    assert_int_equal(remind(group.id), STATUS_OK);
    assert_int_equal(told("invoice_due"), before);
    market.shop.market_offset_us += 14 * DAY_US + SECOND_US;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(remind(group.id), STATUS_OK);
    assert_int_equal(told("invoice_due"), before + 1);
    market.shop.market_offset_us += 7 * DAY_US + SECOND_US;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(remind(group.id), STATUS_OK);
    assert_int_equal(told("invoice_due"), before + 2);
    market.shop.market_offset_us += 100 * DAY_US;
    assert_int_equal(remind(group.id), STATUS_OK);
    assert_int_equal(told("invoice_due"), before + 2);
}

static void what_was_paid_in_time_is_not_reminded_of(void **state)
{
    (void)state;
    const struct order_group group = invoiced(101);
    const int64_t before = told("invoice_due");
    struct order_group paid;
    assert_int_equal(mark_group(group.id, euros(BOTH_COST), 0, &paid).status, STATUS_OK);
    market.shop.market_offset_us += 30 * DAY_US;
    assert_int_equal(remind(group.id), STATUS_OK);
    assert_int_equal(told("invoice_due"), before);
}

/* ---- a transfer that comes too late ---- */

static struct answer record(struct uuid group_id, enum order_late_payment_destination destination,
                            uint8_t key, struct order_late_payment *ret_payment)
{
    const struct order_record_late_payment command = { .group_id = group_id,
                                                       .amount = euros(BOTH_COST),
                                                       .destination = destination };
    return market_call(&market, draw_id(1), &order_record_late_payment_message, &command, key,
                       ret_payment);
}

static enum status record_amount(struct uuid group_id, int64_t amount, uint8_t key)
{
    const struct order_record_late_payment command = { .group_id = group_id,
                                                       .amount = euros(amount),
                                                       .destination =
                                                           ORDER_LATE_PAYMENT_DESTINATION_MANUAL };
    struct order_late_payment payment;
    return market_call(&market, draw_id(1), &order_record_late_payment_message, &command, key,
                       &payment)
        .status;
}

static struct order_group ended_without_its_transfer(uint8_t key)
{
    const struct order_group group = awaited(key, BOTH_COST);
    market.shop.market_offset_us += 7 * DAY_US + SECOND_US;
    settle_all(&group);
    return group;
}

static enum status credit(struct uuid payment_id)
{
    const struct order_credit_late_payment command = { .payment_id = payment_id };
    return market_call(&market, nobody, &order_credit_late_payment_message, &command, 0, NULL)
        .status;
}

static struct order_late_payment payment_now(struct uuid payment_id)
{
    const struct order_get_late_payment query = { .payment_id = payment_id };
    struct order_late_payment payment;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_get_late_payment_message, &query, 0, &payment)
            .status,
        STATUS_OK);
    return payment;
}

static void assert_late_payments_are_sound(void)
{
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".check_late_payments()"),
                     0);
}

static void what_is_still_awaited_is_no_late_payment(void **state)
{
    (void)state;
    const struct order_group group = awaited(110, BOTH_COST);
    struct order_late_payment payment;
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_MANUAL, 111, &payment).status,
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(
        record(draw_id(4), ORDER_LATE_PAYMENT_DESTINATION_MANUAL, 112, &payment).status,
        STATUS_NOT_FOUND);
}

static void no_more_is_recorded_than_was_asked_for_nor_after_a_year_and_a_month(void **state)
{
    (void)state;
    const struct order_group group = ended_without_its_transfer(206);
    assert_int_equal(record_amount(group.id, BOTH_COST + 1, 207), STATUS_LATE_PAYMENT_TOO_LARGE);
    market.shop.market_offset_us += 401 * DAY_US;
    assert_int_equal(record_amount(group.id, BOTH_COST, 208), STATUS_LATE_PAYMENT_TOO_LATE);
    market.shop.market_offset_us -= 10 * DAY_US;
    assert_int_equal(record_amount(group.id, BOTH_COST - 1, 209), STATUS_OK);
}

static void it_goes_into_no_wallet_that_nobody_opens(void **state)
{
    (void)state;
    const struct order_group group = ended_without_its_transfer(201);
    struct order_late_payment payment;
    market.shop.is_shopper_blocked = true;
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_WALLET, 202, &payment).status,
                     STATUS_CUSTOMER_INACTIVE);
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_MANUAL, 203, &payment).status,
                     STATUS_OK);
    market.shop.is_shopper_blocked = false;
    const struct order_group other = ended_without_its_transfer(204);
    assert_int_equal(record(other.id, ORDER_LATE_PAYMENT_DESTINATION_WALLET, 205, &payment).status,
                     STATUS_OK);
    market.shop.is_shopper_blocked = true; /* between the record and the credit */
    assert_int_equal(credit(payment.id), STATUS_OK);
    market.shop.is_shopper_blocked = false;
    assert_int_equal(payment_now(payment.id).destination, ORDER_LATE_PAYMENT_DESTINATION_MANUAL);
    assert_false(payment_now(payment.id).has_settled_at);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void it_goes_into_the_wallet_once_whatever_is_lost(void **state)
{
    (void)state;
    const struct order_group group = ended_without_its_transfer(113);
    struct order_late_payment payment;
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_WALLET, 114, &payment).status,
                     STATUS_OK);
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_WALLET, 115, &payment).status,
                     STATUS_LATE_PAYMENT_RECORDED);
    const struct order_list_late_payments query = { .has_group_id = true, .group_id = group.id };
    struct order_late_payment_page page;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_list_late_payments_message, &query, 0, &page)
            .status,
        STATUS_OK);
    assert_int_equal(page.data_count, 1);
    payment = page.data[0];
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_OK,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    assert_int_not_equal(credit(payment.id), STATUS_OK);
    assert_false(payment_now(payment.id).has_settled_at);
    assert_int_equal(credit(payment.id), STATUS_OK);
    assert_int_equal(credit(payment.id), STATUS_OK);
    assert_true(payment_now(payment.id).has_settled_at);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + BOTH_COST);
    const struct order_settle_late_payment by_hand = { .payment_id = payment.id };
    assert_int_equal(
        market_call(&market, draw_id(1), &order_settle_late_payment_message, &by_hand, 0, &payment)
            .status,
        STATUS_ALREADY_SETTLED);
    assert_late_payments_are_sound();
}

static void what_the_wallet_does_not_take_goes_back_by_hand(void **state)
{
    (void)state;
    const struct order_group group = ended_without_its_transfer(116);
    struct order_late_payment payment;
    assert_int_equal(record(group.id, ORDER_LATE_PAYMENT_DESTINATION_WALLET, 117, &payment).status,
                     STATUS_OK);
    const struct order_settle_late_payment by_hand = { .payment_id = payment.id };
    struct order_late_payment settled;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_settle_late_payment_message, &by_hand, 0, &settled)
            .status,
        STATUS_ILLEGAL_TRANSITION);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_LIMIT_EXCEEDED,
                                                   .times = 1 });
    assert_int_equal(credit(payment.id), STATUS_OK);
    assert_int_equal(payment_now(payment.id).destination, ORDER_LATE_PAYMENT_DESTINATION_MANUAL);
    assert_int_equal(credit(payment.id), STATUS_OK);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    assert_int_equal(
        market_call(&market, draw_id(1), &order_settle_late_payment_message, &by_hand, 0, &settled)
            .status,
        STATUS_OK);
    assert_true(payment_now(payment.id).has_settled_at);
    assert_late_payments_are_sound();
}

/* ---- taken back ---- */

static struct answer unmark(size_t variant, struct uuid order_id, struct order_order *ret_order)
{
    const struct order_mark_order_unpaid command = { .order_id = order_id, .reason = TEXT("Slip") };
    return market_call(&market, market.shop.variants[variant].vendor_id,
                       &order_mark_order_unpaid_message, &command, 0, ret_order);
}

static void a_vendor_takes_back_its_own_word_within_a_day(void **state)
{
    (void)state;
    const struct order_payment payment = { .has_on_delivery = true,
                                           .on_delivery = euros(BOTH_COST) };
    struct order_group group;
    struct order_order order;
    assert_int_equal(buy(payment, 120, &group).status, STATUS_OK);
    const struct uuid order_id = group.orders[1].id;
    assert_int_equal(unmark(BOWL, order_id, &order).status, STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(mark_as_vendor(BOWL, order_id, 500).status, STATUS_OK);
    assert_int_equal(unmark(TEAPOT, order_id, &order).status, STATUS_NOT_FOUND);
    assert_int_equal(unmark(BOWL, order_id, &order).status, STATUS_OK);
    assert_int_equal(order.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(mark_as_vendor(BOWL, order_id, 500).status, STATUS_OK);
    market.shop.market_offset_us += DAY_US + SECOND_US;
    assert_int_equal(unmark(BOWL, order_id, &order).status, STATUS_TOO_LATE_TO_UNDO);
    assert_int_equal(mark(group.orders[0].id, 2 * TEAPOT_COSTS, &order).status, STATUS_OK);
    assert_int_equal(unmark(TEAPOT, group.orders[0].id, &order).status, STATUS_TOO_LATE_TO_UNDO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFLINE(an_invoice_is_reminded_of_when_it_is_due_and_once_more),
        OFFLINE(what_was_paid_in_time_is_not_reminded_of),
        OFFLINE(what_is_still_awaited_is_no_late_payment),
        OFFLINE(no_more_is_recorded_than_was_asked_for_nor_after_a_year_and_a_month),
        OFFLINE(it_goes_into_no_wallet_that_nobody_opens),
        OFFLINE(it_goes_into_the_wallet_once_whatever_is_lost),
        OFFLINE(what_the_wallet_does_not_take_goes_back_by_hand),
        OFFLINE(a_vendor_takes_back_its_own_word_within_a_day),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
