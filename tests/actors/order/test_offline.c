/* Claims about money that comes and goes outside of the market: what it does to an order. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/order_offline.h"

static const struct order_terms terms = { .now_us = 1000,
                                          .return_window_us = 500,
                                          .acceptance_deadline_us = 70,
                                          .is_paid_by_delivery = true };

/* Of 100 a wallet has paid 40; the rest is awaited. */
static struct order_life *waiting(void)
{
    static struct order_life life;
    memset(&life, 0, sizeof life);
    life.state = ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT;
    life.offline_method = ORDER_OFFLINE_METHOD_TRANSFER;
    life.total = 100;
    life.on_delivery = 60;
    life.payment_due_at_us = life.due_at_us = 9000;
    life.lines_count = 1;
    life.lines[0] = (struct order_life_line){ .counts = { .ordered = 1 } };
    return &life;
}

static struct order_life *accepted(void)
{
    struct order_life *life = waiting();
    life->state = ORDER_STATE_VENDOR_ORDER_ACCEPTED;
    life->offline_method = ORDER_OFFLINE_METHOD_ON_DELIVERY;
    return life;
}

static void what_is_awaited_comes_and_the_order_goes_on(void **state)
{
    (void)state;
    struct order_life *life = waiting();
    assert_int_equal(order_offline_owed(life), 60);
    assert_int_equal(order_offline_collect(life, TEXT("Line 3"), &terms), STATUS_OK);
    assert_int_equal(life->state, ORDER_STATE_VENDOR_ORDER_ACCEPTED);
    assert_int_equal(life->collected, 60);
    assert_int_equal(order_offline_owed(life), 0);
    assert_int_equal(life->due_at_us, 0);
    assert_int_equal(life->changes_count, 2);
    assert_int_equal(life->changes[0].trigger, ORDER_TRIGGER_PAY);
    assert_true(text_equals_string(life->changes[0].note, "Line 3"));
    assert_int_equal(order_offline_collect(life, TEXT(""), &terms), STATUS_NOTHING_OWED);
}

static void a_vendor_that_wants_to_be_asked_is_asked_when_it_is_paid(void **state)
{
    (void)state;
    struct order_life *life = waiting();
    life->is_asked = true;
    assert_int_equal(order_offline_collect(life, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(life->state, ORDER_STATE_VENDOR_ORDER_AWAITING_ACCEPTANCE);
    assert_int_equal(life->due_at_us, 1070);
}

static void what_is_waived_is_not_awaited(void **state)
{
    (void)state;
    struct order_life *pending = waiting();
    pending->waived = 59;
    assert_int_equal(order_offline_follow(pending, &terms), STATUS_OK);
    assert_int_equal(pending->changes_count, 0);
    pending->waived = 60;
    assert_int_equal(order_offline_follow(pending, &terms), STATUS_OK);
    assert_int_equal(pending->state, ORDER_STATE_VENDOR_ORDER_ACCEPTED);
    struct order_life *life = accepted();
    life->waived = 25;
    assert_int_equal(order_offline_collect(life, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(life->collected, 35);
    assert_int_equal(life->state, ORDER_STATE_VENDOR_ORDER_ACCEPTED);
    assert_int_equal(life->changes[0].trigger, ORDER_TRIGGER_MARK_PAID);
}

static void a_wrong_mark_is_undone_until_money_went_back(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(order_offline_collect(life, TEXT(""), &terms), STATUS_OK);
    life->refunded = 1;
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_ALREADY_REFUNDED);
    life->refunded = 0;
    life->handed_back = 1;
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_ALREADY_REFUNDED);
    life->state = ORDER_STATE_VENDOR_ORDER_CANCELLED; /* all of it, too */
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_ALREADY_REFUNDED);
    life->handed_back = 0;
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_ILLEGAL_TRANSITION);
    life->state = ORDER_STATE_VENDOR_ORDER_ACCEPTED;
    assert_int_equal(order_offline_undo(life, TEXT("Slip"), &terms), STATUS_OK);
    assert_int_equal(order_offline_owed(life), 60);
    assert_true(text_equals_string(life->changes[1].note, "Slip"));
}

static void what_is_paid_at_the_door_may_be_paid_by_the_delivery(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    life->waived = 10;
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_DELIVER_ALL, &terms), STATUS_OK);
    assert_int_equal(life->collected, 50);
    life = accepted();
    life->offline_method = ORDER_OFFLINE_METHOD_INVOICE;
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_DELIVER_ALL, &terms), STATUS_OK);
    assert_int_equal(life->collected, 0);
}

/* What ended stays ended since then. */
static void money_moves_no_order_that_has_ended(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    life->state = ORDER_STATE_VENDOR_ORDER_COMPLETED;
    life->ended_at_us = 77;
    assert_int_equal(order_offline_collect(life, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(order_offline_hand_back(life, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(life->ended_at_us, 77);
    assert_int_equal(life->state, ORDER_STATE_VENDOR_ORDER_COMPLETED);
    life->state = ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT;
    assert_int_equal(order_offline_hand_back(life, TEXT(""), &terms), STATUS_ILLEGAL_TRANSITION);
}

static void a_reminder_comes_before_the_end_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(order_offline_first_due(100, 1000, 300), 700);
    assert_int_equal(order_offline_first_due(100, 1000, 0), 1000);
    assert_int_equal(order_offline_first_due(100, 1000, 900), 1000);
    struct order_life *life = waiting();
    life->due_at_us = 5;
    assert_int_equal(order_offline_remind(life, &terms), STATUS_OK);
    assert_int_equal(life->due_at_us, 9000);
    assert_int_equal(life->state, ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT);
}

static void a_checkout_is_paid_under_its_number(void **state)
{
    (void)state;
    assert_true(text_equals_string(order_offline_reference(TEXT("100001-12")), "100001"));
    assert_true(text_equals_string(order_offline_reference(TEXT("100001")), "100001"));
}

static void a_vendor_takes_back_its_own_last_word_within_the_time(void **state)
{
    (void)state;
    struct order_offline_mark mark = { .is_paid = true, .is_vendors = true, .marked_at_us = 100 };
    assert_true(order_offline_may_take_back(&mark, 150, 50));
    assert_false(order_offline_may_take_back(&mark, 151, 50));
    assert_true(order_offline_may_take_back(&mark, 100, 0));
    mark.is_vendors = false;
    assert_false(order_offline_may_take_back(&mark, 150, 50));
    mark = (struct order_offline_mark){ .is_vendors = true, .marked_at_us = 100 };
    assert_false(order_offline_may_take_back(&mark, 150, 50));
}

static void vendors_undo_no_payment_of_an_order_that_has_ended(void **state)
{
    (void)state;
    const enum order_puller vendor = ORDER_PULLER_VENDOR;
    assert_true(
        order_machine_pullers(ORDER_STATE_VENDOR_ORDER_DELIVERED, ORDER_TRIGGER_MARK_UNPAID) &
        vendor);
    assert_false(
        order_machine_pullers(ORDER_STATE_VENDOR_ORDER_COMPLETED, ORDER_TRIGGER_MARK_UNPAID) &
        vendor);
    assert_false(
        order_machine_pullers(ORDER_STATE_VENDOR_ORDER_CANCELLED, ORDER_TRIGGER_MARK_UNPAID) &
        vendor);
}

static void an_invoice_is_reminded_of_twice_unless_nothing_is_owed(void **state)
{
    (void)state;
    struct order_invoice_due due = { .owed = 5, .payment_due_at_us = 100, .remind_at_us = 100 };
    assert_int_equal(order_offline_next_reminder(&due, 130, 70), 200);
    assert_int_equal(order_offline_next_reminder(&due, 130, 0), 0);
    due.remind_at_us = 200;
    assert_int_equal(order_offline_next_reminder(&due, 230, 70), 0);
    due = (struct order_invoice_due){ .payment_due_at_us = 100, .remind_at_us = 100 };
    assert_int_equal(order_offline_next_reminder(&due, 130, 70), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_awaited_comes_and_the_order_goes_on),
        cmocka_unit_test(a_vendor_that_wants_to_be_asked_is_asked_when_it_is_paid),
        cmocka_unit_test(what_is_waived_is_not_awaited),
        cmocka_unit_test(a_wrong_mark_is_undone_until_money_went_back),
        cmocka_unit_test(what_is_paid_at_the_door_may_be_paid_by_the_delivery),
        cmocka_unit_test(money_moves_no_order_that_has_ended),
        cmocka_unit_test(a_reminder_comes_before_the_end_or_not_at_all),
        cmocka_unit_test(a_checkout_is_paid_under_its_number),
        cmocka_unit_test(a_vendor_takes_back_its_own_last_word_within_the_time),
        cmocka_unit_test(vendors_undo_no_payment_of_an_order_that_has_ended),
        cmocka_unit_test(an_invoice_is_reminded_of_twice_unless_nothing_is_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
