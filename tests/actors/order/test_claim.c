/* Claims about claims: what they may be about, how they move, what is granted, and what that does
 * to the order and its returns. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/claim.h"

enum { NOW_US = 1000, WINDOW_US = 500, DEADLINE_US = 70, UNTIL_US = 1400 };

static const struct order_terms terms = { .now_us = NOW_US,
                                          .return_window_us = WINDOW_US,
                                          .return_deadline_us = 3 * DEADLINE_US,
                                          .claim_deadline_us = DEADLINE_US };

static struct uuid id_of(uint8_t number)
{
    struct uuid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

#define CLAIM_IS(state) ORDER_STATE_CLAIM_##state

/* Three units of one line and one of another, all arrived. */
static struct order_life *delivered(void)
{
    static struct order_life life;
    memset(&life, 0, sizeof life);
    life.order_id = id_of(1);
    life.state = ORDER_STATE_VENDOR_ORDER_DELIVERED;
    life.version = 9;
    life.returns_until_us = life.due_at_us = UNTIL_US;
    life.lines_count = 2;
    life.lines[0] = (struct order_life_line){ .id = id_of(11), .counts = { 3, 0, 3, 3, 0 } };
    life.lines[1] = (struct order_life_line){ .id = id_of(12), .counts = { 1, 0, 1, 1, 0 } };
    return &life;
}

static struct shipment_refusal file(struct order_life *life, const struct order_return *returns,
                                    size_t count, int64_t quantity, struct claim *made)
{
    const struct shipment_wish wish = { .line_id = id_of(11), .quantity = quantity };
    *made = (struct claim){ .id = id_of(41), .reason = TEXT("Broken") };
    return claim_begin(life, returns, count, &wish, 1, &terms, made);
}

static struct claim filed(struct order_life *life, int64_t quantity)
{
    struct claim made;
    assert_int_equal(file(life, NULL, 0, quantity, &made).fault, SHIPMENT_FAULT_NONE);
    return made;
}

static void move(struct order_life *life, struct claim *moved, enum order_trigger trigger)
{
    assert_int_equal(claim_pull(life, moved, trigger, TEXT(""), &terms), STATUS_OK);
}

static void what_is_filed_holds_the_order_and_waits_for_its_vendor(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    const struct claim made = filed(life, 2);
    assert_int_equal(made.state, CLAIM_IS(OPEN));
    assert_int_equal(made.due_at_us, NOW_US + DEADLINE_US);
    assert_int_equal(life->returns_open, 1);
    assert_int_equal(life->due_at_us, 0);
    assert_int_equal(life->version, 10);
    assert_int_equal(life->changes[0].trigger, ORDER_TRIGGER_FILE);
    assert_true(text_equals_string(life->changes[0].note, "Broken"));
}

static void a_unit_is_claimed_once(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct claim first, second;
    first = filed(life, 2);
    claim_block(life, &first, 1);
    const struct shipment_refusal refusal = file(life, NULL, 0, 2, &second);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TOO_MANY);
    assert_int_equal(refusal.left, 1);
}

static void a_unit_of_a_claim_is_not_returned_nor_the_other_way_round(void **state)
{
    (void)state;
    static struct order_return made;
    static struct claim claim;
    const struct shipment_wish wish = { .line_id = id_of(11), .quantity = 2 };
    struct order_life *life = delivered();
    claim = filed(life, 2);
    claim_block(life, &claim, 1);
    made = (struct order_return){ .id = id_of(31) };
    assert_int_equal(return_begin(life, NULL, 0, &wish, 1, &terms, &made).left, 1);
    life = delivered();
    made = (struct order_return){ .id = id_of(31) };
    assert_int_equal(return_begin(life, NULL, 0, &wish, 1, &terms, &made).fault,
                     SHIPMENT_FAULT_NONE);
    assert_int_equal(file(life, &made, 1, 2, &claim).left, 1);
    assert_int_equal(file(life, &made, 1, 1, &claim).fault, SHIPMENT_FAULT_NONE);
}

static void what_names_no_units_is_refused(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim made = { .id = id_of(41) };
    assert_int_equal(claim_begin(life, NULL, 0, NULL, 0, &terms, &made).fault,
                     SHIPMENT_FAULT_EMPTY);
    const struct shipment_wish unknown = { .line_id = id_of(99), .quantity = 1 };
    assert_int_equal(claim_begin(life, NULL, 0, &unknown, 1, &terms, &made).fault,
                     SHIPMENT_FAULT_UNKNOWN);
    const struct shipment_wish twice[] = { { id_of(11), 1 }, { id_of(11), 1 } };
    const struct shipment_refusal refusal = claim_begin(life, NULL, 0, twice, 2, &terms, &made);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TWICE);
    assert_int_equal(refusal.index, 1);
    assert_int_equal(life->returns_open, 0);
}

static void a_no_waits_for_the_buyer_and_staff_for_nobody(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim made = filed(life, 1);
    move(life, &made, ORDER_TRIGGER_RESPOND);
    assert_int_equal(made.due_at_us, NOW_US + DEADLINE_US);
    move(life, &made, ORDER_TRIGGER_ESCALATE);
    assert_int_equal(made.due_at_us, 0);
    assert_int_equal(made.escalated_at_us, NOW_US);
    assert_int_equal(life->returns_open, 1);
    assert_int_equal(claim_pull(life, &made, ORDER_TRIGGER_RESPOND, TEXT(""), &terms),
                     STATUS_ILLEGAL_TRANSITION);
    move(life, &made, ORDER_TRIGGER_DENY);
    assert_int_equal(made.ended_at_us, NOW_US);
    assert_int_equal(life->returns_open, 0);
    assert_int_equal(life->due_at_us, UNTIL_US);
    claim_block(life, &made, 1);
    assert_int_equal(life->lines[0].claimed, 0);
}

static void units_are_granted_all_or_those_that_are_named(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim made = filed(life, 2);
    assert_int_equal(claim_grant(life, &made, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(made.parts[0].granted, 2);
    const struct shipment_wish one = { id_of(11), 1 }, three = { id_of(11), 3 },
                               other = { id_of(12), 1 };
    assert_int_equal(claim_grant(life, &made, &one, 1).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(made.parts[0].granted, 1);
    assert_int_equal(claim_grant(life, &made, &three, 1).left, 2);
    assert_int_equal(claim_grant(life, &made, &other, 1).fault, SHIPMENT_FAULT_UNKNOWN);
    const struct shipment_wish twice[] = { { id_of(11), 1 }, { id_of(11), 1 } };
    assert_int_equal(claim_grant(life, &made, twice, 2).fault, SHIPMENT_FAULT_TWICE);
}

static void what_is_refunded_counts_as_returned_and_the_rest_may_be_claimed_again(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct claim made, again;
    made = filed(life, 2);
    struct return_units units;
    const struct shipment_wish one = { id_of(11), 1 };
    assert_int_equal(claim_grant(life, &made, &one, 1).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_refund(life, &made, &terms, &units), STATUS_OK);
    assert_int_equal(made.state, CLAIM_IS(RESOLVED_REFUND));
    assert_int_equal(life->lines[0].counts.returned, 1);
    assert_int_equal(units.returned[0], 1);
    assert_int_equal(units.restocked[0], 0);
    assert_false(units.is_whole);
    claim_block(life, &made, 1);
    assert_int_equal(file(life, NULL, 0, 3, &again).left, 2);
    assert_int_equal(claim_refund(life, &made, &terms, &units), STATUS_ILLEGAL_TRANSITION);
}

static void the_last_unit_that_is_refunded_leaves_nothing(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    life->lines[1].counts.returned = 1;
    struct claim made = filed(life, 3);
    struct return_units units;
    assert_int_equal(claim_grant(life, &made, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_refund(life, &made, &terms, &units), STATUS_OK);
    assert_true(units.is_whole);
    assert_int_equal(life->fulfilment, ORDER_FULFILMENT_RETURNED);
}

static void what_was_sent_again_is_not_claimed_again(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct claim made, again;
    made = filed(life, 2);
    const struct shipment_wish one = { id_of(11), 1 };
    move(life, &made, ORDER_TRIGGER_GRANT_REPLACEMENT);
    assert_int_equal(claim_grant(life, &made, &one, 1).fault, SHIPMENT_FAULT_NONE);
    claim_block(life, &made, 1);
    assert_int_equal(file(life, NULL, 0, 3, &again).left, 2);
    assert_int_equal(life->lines[0].counts.returned, 0);
}

/* Two units that are sent again. */
static struct claim *replaced(struct order_life *life)
{
    static struct claim made;
    made = filed(life, 2);
    move(life, &made, ORDER_TRIGGER_GRANT_REPLACEMENT);
    assert_int_equal(claim_grant(life, &made, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    made.replacement_id = id_of(51);
    return &made;
}

static void what_a_replacement_does_not_send_is_refunded_and_the_claim_stays_replaced(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim *made = replaced(life);
    const int64_t one[ORDER_LINES_MAX] = { 1 };
    assert_int_equal(claim_give_back(life, made, one, &terms), STATUS_OK);
    assert_int_equal(made->state, CLAIM_IS(RESOLVED_REPLACEMENT));
    assert_int_equal(made->ended_at_us, NOW_US);
    assert_int_equal(made->parts[0].given_back, 1);
    assert_int_equal(life->lines[0].counts.returned, 1);
    assert_int_equal(life->returns_open, 0);
    claim_block(life, made, 1);
    assert_int_equal(life->lines[0].claimed, 1); /* the other one is on its way */
    assert_int_equal(return_units_left(life, NULL, 0, 0), 1);
}

static void a_claim_whose_replacement_is_gone_is_the_vendors_again(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim *made = replaced(life);
    struct return_units units;
    const int64_t one[ORDER_LINES_MAX] = { 1 };
    assert_int_equal(claim_give_back(life, made, one, &terms), STATUS_OK);
    assert_int_equal(claim_reopen(life, made, &terms), STATUS_OK);
    assert_int_equal(made->state, CLAIM_IS(OPEN));
    assert_int_equal(made->due_at_us, NOW_US + DEADLINE_US);
    assert_int_equal(made->ended_at_us, 0);
    assert_true(uuid_is_zero(made->replacement_id));
    assert_int_equal(made->parts[0].granted, 1);
    assert_int_equal(life->returns_open, 1);
    const struct shipment_wish two = { id_of(11), 2 };
    assert_int_equal(claim_grant(life, made, &two, 1).left, 1);
    assert_int_equal(claim_grant(life, made, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_refund(life, made, &terms, &units), STATUS_OK);
    assert_int_equal(units.returned[0], 1); /* the first one went back before */
    assert_int_equal(life->lines[0].counts.returned, 2);
}

/* The others were answered with no, and may be claimed again meanwhile. */
static void a_claim_is_open_again_about_what_its_replacement_was_to_send(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct claim first, second;
    first = filed(life, 3);
    struct return_units units;
    const struct shipment_wish one = { id_of(11), 1 }, two = { id_of(11), 2 };
    assert_int_equal(claim_grant(life, &first, &one, 1).fault, SHIPMENT_FAULT_NONE);
    move(life, &first, ORDER_TRIGGER_GRANT_REPLACEMENT);
    claim_block(life, &first, 1);
    assert_int_equal(file(life, NULL, 0, 2, &second).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_reopen(life, &first, &terms), STATUS_OK);
    assert_int_equal(first.parts[0].declined, 2);
    life->lines[0].claimed = 0;
    claim_block(life, &first, 1);
    claim_block(life, &second, 1);
    assert_int_equal(return_units_left(life, NULL, 0, 0), 0);
    assert_int_equal(claim_grant(life, &second, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_refund(life, &second, &terms, &units), STATUS_OK);
    assert_int_equal(claim_grant(life, &first, &two, 1).left, 1);
    assert_int_equal(claim_grant(life, &first, NULL, 0).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_refund(life, &first, &terms, &units), STATUS_OK);
    assert_int_equal(units.returned[0], 1);
    assert_int_equal(life->lines[0].counts.returned, 3);
}

static void what_staff_has_decided_is_staffs_again(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    struct claim made = filed(life, 1);
    move(life, &made, ORDER_TRIGGER_ESCALATE);
    move(life, &made, ORDER_TRIGGER_GRANT_REPLACEMENT);
    assert_int_equal(claim_reopen(life, &made, &terms), STATUS_OK);
    assert_int_equal(made.state, CLAIM_IS(ESCALATED));
    assert_int_equal(made.due_at_us, 0);
    assert_int_equal(life->returns_open, 1);
}

static void what_is_withdrawn_is_over_and_may_be_claimed_again(void **state)
{
    (void)state;
    struct order_life *life = delivered();
    static struct claim made, again;
    made = filed(life, 2);
    move(life, &made, ORDER_TRIGGER_WITHDRAW);
    assert_int_equal(made.ended_at_us, NOW_US);
    assert_int_equal(made.due_at_us, 0);
    assert_int_equal(life->returns_open, 0);
    claim_block(life, &made, 1);
    assert_int_equal(file(life, NULL, 0, 3, &again).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(claim_pull(life, &made, ORDER_TRIGGER_WITHDRAW, TEXT(""), &terms),
                     STATUS_ILLEGAL_TRANSITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_filed_holds_the_order_and_waits_for_its_vendor),
        cmocka_unit_test(a_unit_is_claimed_once),
        cmocka_unit_test(a_unit_of_a_claim_is_not_returned_nor_the_other_way_round),
        cmocka_unit_test(what_names_no_units_is_refused),
        cmocka_unit_test(a_no_waits_for_the_buyer_and_staff_for_nobody),
        cmocka_unit_test(units_are_granted_all_or_those_that_are_named),
        cmocka_unit_test(what_is_refunded_counts_as_returned_and_the_rest_may_be_claimed_again),
        cmocka_unit_test(the_last_unit_that_is_refunded_leaves_nothing),
        cmocka_unit_test(what_was_sent_again_is_not_claimed_again),
        cmocka_unit_test(what_a_replacement_does_not_send_is_refunded_and_the_claim_stays_replaced),
        cmocka_unit_test(a_claim_whose_replacement_is_gone_is_the_vendors_again),
        cmocka_unit_test(a_claim_is_open_again_about_what_its_replacement_was_to_send),
        cmocka_unit_test(what_staff_has_decided_is_staffs_again),
        cmocka_unit_test(what_is_withdrawn_is_over_and_may_be_claimed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
