/* Claims about returns: what may be asked for, how they move, and what that does to the order. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/return.h"

enum { NOW_US = 1000, WINDOW_US = 500, DEADLINE_US = 70, UNTIL_US = 1400 };

static const struct order_terms terms = { .now_us = NOW_US,
                                          .return_window_us = WINDOW_US,
                                          .return_deadline_us = DEADLINE_US };

static struct uuid id_of(uint8_t number)
{
    struct uuid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

#define AT(state) ORDER_STATE_VENDOR_ORDER_##state
#define RETURN_IS(state) ORDER_STATE_RETURN_##state

/* Three units of one line and one of another, all arrived. */
static struct order_life *delivered(void)
{
    static struct order_life life;
    memset(&life, 0, sizeof life);
    life.order_id = id_of(1);
    life.state = AT(DELIVERED);
    life.version = 9;
    life.returns_until_us = life.due_at_us = UNTIL_US;
    life.lines_count = 2;
    life.lines[0] = (struct order_life_line){ .id = id_of(11), .counts = { 3, 0, 3, 3, 0 } };
    life.lines[1] = (struct order_life_line){ .id = id_of(12), .counts = { 1, 0, 1, 1, 0 } };
    return &life;
}

static struct shipment_refusal ask(struct order_life *life, const struct order_return *others,
                                   size_t count, int64_t quantity, struct order_return *made)
{
    const struct shipment_wish wish = { .line_id = id_of(11), .quantity = quantity };
    *made = (struct order_return){ .id = id_of(31), .reason = TEXT("Too small") };
    return return_begin(life, others, count, &wish, 1, &terms, made);
}

static struct order_return asked(struct order_life *life, int64_t quantity)
{
    struct order_return made;
    assert_int_equal(ask(life, NULL, 0, quantity, &made).fault, SHIPMENT_FAULT_NONE);
    return made;
}

static void move(struct order_life *life, struct order_return *moved, enum order_trigger trigger)
{
    assert_int_equal(return_pull(life, moved, trigger, TEXT(""), &terms), STATUS_OK);
}

static struct shipment_refusal receive(struct order_life *life, struct order_return *received,
                                       int64_t quantity, bool is_restocked)
{
    const struct return_receipt receipt = { id_of(11), quantity, is_restocked };
    return return_receive(life, received, &receipt, 1, &terms);
}

static void the_window_is_open_from_the_first_arrival_to_its_end(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    assert_int_equal(return_may_begin(life, UNTIL_US - 1), STATUS_OK);
    assert_int_equal(return_may_begin(life, UNTIL_US), STATUS_RETURN_WINDOW_CLOSED);
    life->state = AT(COMPLETED);
    assert_int_equal(return_may_begin(life, NOW_US), STATUS_RETURN_WINDOW_CLOSED);
    life->state = AT(PARTIALLY_DELIVERED);
    assert_int_equal(return_may_begin(life, INT64_MAX), STATUS_OK);
    life->state = AT(SHIPPED);
    assert_int_equal(return_may_begin(life, NOW_US), STATUS_ILLEGAL_TRANSITION);
    life->state = AT(CANCELLED);
    assert_int_equal(return_may_begin(life, NOW_US), STATUS_ILLEGAL_TRANSITION);
}

static void units_are_asked_back_once(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct order_return first, second;
    first = asked(life, 2);
    const struct shipment_refusal refusal = ask(life, &first, 1, 2, &second);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TOO_MANY);
    assert_int_equal(refusal.left, 1);
    move(life, &first, ORDER_TRIGGER_REJECT);
    assert_int_equal(ask(life, &first, 1, 3, &second).fault, SHIPMENT_FAULT_NONE);
}

static void an_order_waits_for_its_returns_and_then_for_its_window(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct order_return first, second;
    first = asked(life, 1);
    assert_int_equal(ask(life, &first, 1, 1, &second).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(life->returns_open, 2);
    assert_int_equal(life->due_at_us, 0);
    move(life, &first, ORDER_TRIGGER_CANCEL);
    assert_int_equal(life->due_at_us, 0);
    move(life, &second, ORDER_TRIGGER_REJECT);
    assert_int_equal(life->returns_open, 0);
    assert_int_equal(life->due_at_us, UNTIL_US);
}

static void what_arrives_while_a_return_is_open_completes_nothing(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    life->state = AT(PARTIALLY_DELIVERED);
    life->returns_until_us = life->due_at_us = 0;
    struct order_return made = asked(life, 1);
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_DELIVER_ALL, &terms), STATUS_OK);
    assert_int_equal(life->due_at_us, 0);
    assert_int_equal(life->returns_until_us, NOW_US + WINDOW_US);
    move(life, &made, ORDER_TRIGGER_CANCEL);
    assert_int_equal(life->due_at_us, NOW_US + WINDOW_US);
}

static void the_goods_have_as_long_as_the_answer(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 2);
    assert_int_equal(made.state, RETURN_IS(REQUESTED));
    assert_int_equal(made.due_at_us, NOW_US + DEADLINE_US);
    made.due_at_us = 0;
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(made.due_at_us, NOW_US + DEADLINE_US);
    assert_int_equal(receive(life, &made, 1, false).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(made.due_at_us, NOW_US + DEADLINE_US);
    assert_int_equal(return_pull(life, &made, ORDER_TRIGGER_EXPIRE, TEXT(""), &terms),
                     STATUS_ILLEGAL_TRANSITION);
}

static void what_is_not_replaced_after_all_is_open_again_and_restocks_nothing_twice(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 1);
    struct return_units units;
    assert_int_equal(return_reopen(life, &made, NOW_US, &terms), STATUS_ILLEGAL_TRANSITION);
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(receive(life, &made, 1, true).fault, SHIPMENT_FAULT_NONE);
    move(life, &made, ORDER_TRIGGER_EXCHANGE);
    assert_int_equal(made.ended_at_us, NOW_US);
    assert_int_equal(life->due_at_us, UNTIL_US);
    made.replacement_id = id_of(41);
    assert_int_equal(return_reopen(life, &made, NOW_US + 5, &terms), STATUS_OK);
    assert_int_equal(made.state, RETURN_IS(RECEIVED));
    assert_int_equal(made.ended_at_us, 0);
    assert_int_equal(made.due_at_us, NOW_US + 5);
    assert_true(uuid_is_zero(made.replacement_id));
    assert_int_equal(life->returns_open, 1);
    assert_int_equal(life->due_at_us, 0);
    life->state = AT(COMPLETED);
    life->ended_at_us = NOW_US;
    assert_int_equal(return_refund(life, &made, &terms, &units), STATUS_OK);
    assert_int_equal(units.returned[0], 1);
    assert_int_equal(units.restocked[0], 0);
    assert_int_equal(life->due_at_us, 0); /* nothing happens to what has ended */
}

static void a_return_is_whole_when_nothing_of_the_order_is_kept(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 3);
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(receive(life, &made, 3, true).fault, SHIPMENT_FAULT_NONE);
    assert_false(return_is_whole(life, &made));
    life->lines[1].counts.returned = 1;
    assert_true(return_is_whole(life, &made));
    made.parts[0].received = 2;
    assert_false(return_is_whole(life, &made));
}

static void what_has_arrived_is_refunded_and_what_has_not_is_kept(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 3);
    struct return_units units;
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(receive(life, &made, 1, true).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(receive(life, &made, 1, false).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(made.state, RETURN_IS(PARTIALLY_RECEIVED));
    assert_int_equal(receive(life, &made, 2, false).left, 1);
    assert_int_equal(life->lines[0].counts.returned, 0);
    assert_int_equal(return_refund(life, &made, &terms, &units), STATUS_OK);
    assert_int_equal(units.returned[0], 2);
    assert_int_equal(units.restocked[0], 1);
    assert_false(units.is_whole);
    assert_int_equal(life->lines[0].counts.returned, 2);
    assert_int_equal(life->fulfilment, ORDER_FULFILMENT_MIXED);
    assert_int_equal(life->state, AT(DELIVERED));
    assert_int_equal(made.ended_at_us, NOW_US);
}

static void all_that_was_not_cancelled_is_the_whole_order(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    life->lines[1].counts = (struct order_line_counts){ 1, 1, 0, 0, 0 };
    struct order_return made = asked(life, 3);
    struct return_units units;
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(receive(life, &made, 3, true).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(made.state, RETURN_IS(RECEIVED));
    assert_int_equal(return_refund(life, &made, &terms, &units), STATUS_OK);
    assert_true(units.is_whole);
    assert_int_equal(life->fulfilment, ORDER_FULFILMENT_RETURNED);
}

static void nothing_is_received_of_what_was_not_asked_for(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 1);
    const struct return_receipt other = { id_of(12), 1, true };
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(return_receive(life, &made, &other, 1, &terms).fault, SHIPMENT_FAULT_UNKNOWN);
    assert_int_equal(return_receive(life, &made, NULL, 0, &terms).fault, SHIPMENT_FAULT_EMPTY);
}

/* Three units that were sent again. */
static struct order_return *exchanged(struct order_life *life)
{
    static struct order_return made;
    made = asked(life, 3);
    move(life, &made, ORDER_TRIGGER_APPROVE);
    assert_int_equal(receive(life, &made, 3, true).fault, SHIPMENT_FAULT_NONE);
    move(life, &made, ORDER_TRIGGER_EXCHANGE);
    made.replacement_id = id_of(41);
    return &made;
}

static void what_a_replacement_does_not_send_is_refunded_and_the_rest_stays_exchanged(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return *made = exchanged(life), again;
    const int64_t units[ORDER_LINES_MAX] = { 2 };
    const size_t changes = life->changes_count;
    assert_int_equal(return_give_back(life, made, units, &terms), STATUS_OK);
    assert_int_equal(made->state, RETURN_IS(EXCHANGED));
    assert_int_equal(made->ended_at_us, NOW_US);
    assert_false(uuid_is_zero(made->replacement_id));
    assert_int_equal(made->parts[0].given_back, 2);
    assert_int_equal(life->lines[0].counts.returned, 2);
    assert_int_equal(life->returns_open, 0);
    assert_int_equal(life->fulfilment, ORDER_FULFILMENT_MIXED);
    assert_int_equal(life->changes_count, changes + 1);
    assert_int_equal(life->changes[changes].trigger, ORDER_TRIGGER_REFUND);
    /* None of them is asked back again. */
    assert_int_equal(return_units_left(life, made, 1, 0), 0);
    assert_int_equal(ask(life, made, 1, 1, &again).fault, SHIPMENT_FAULT_TOO_MANY);
}

static void what_was_given_back_is_not_refunded_again_when_the_rest_is(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return *made = exchanged(life);
    struct return_units units;
    const int64_t one[ORDER_LINES_MAX] = { 1 };
    assert_int_equal(return_give_back(life, made, one, &terms), STATUS_OK);
    assert_int_equal(return_reopen(life, made, NOW_US + 5, &terms), STATUS_OK);
    assert_int_equal(return_units_left(life, made, 1, 0), 0);
    life->lines[1].counts.returned = 1;
    assert_true(return_is_whole(life, made));
    assert_int_equal(return_refund(life, made, &terms, &units), STATUS_OK);
    assert_int_equal(units.returned[0], 2);
    assert_true(units.is_whole);
    assert_int_equal(life->lines[0].counts.returned, 3);
}

static void nothing_is_given_back_of_what_was_not_exchanged(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct order_return made = asked(life, 1);
    const int64_t none[ORDER_LINES_MAX] = { 0 };
    assert_int_equal(return_give_back(life, &made, none, &terms), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(life->lines[0].counts.returned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_is_open_from_the_first_arrival_to_its_end),
        cmocka_unit_test(units_are_asked_back_once),
        cmocka_unit_test(an_order_waits_for_its_returns_and_then_for_its_window),
        cmocka_unit_test(what_arrives_while_a_return_is_open_completes_nothing),
        cmocka_unit_test(the_goods_have_as_long_as_the_answer),
        cmocka_unit_test(what_is_not_replaced_after_all_is_open_again_and_restocks_nothing_twice),
        cmocka_unit_test(a_return_is_whole_when_nothing_of_the_order_is_kept),
        cmocka_unit_test(what_has_arrived_is_refunded_and_what_has_not_is_kept),
        cmocka_unit_test(all_that_was_not_cancelled_is_the_whole_order),
        cmocka_unit_test(nothing_is_received_of_what_was_not_asked_for),
        cmocka_unit_test(what_a_replacement_does_not_send_is_refunded_and_the_rest_stays_exchanged),
        cmocka_unit_test(what_was_given_back_is_not_refunded_again_when_the_rest_is),
        cmocka_unit_test(nothing_is_given_back_of_what_was_not_exchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
