/* Claims about units that are cancelled: which may be, what becomes of the order, and what goes
 * back for them. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/order_back.h"
#include "actors/order/order_cancel.h"
#include "runtime/arena.h"

enum { NOW_US = 1000, WINDOW_US = 500, SENT_US = 300, DUE_US = 7000 };

static const struct order_terms terms = { .now_us = NOW_US,
                                          .return_window_us = WINDOW_US,
                                          .delivered_after_us = SENT_US };

static struct uuid id_of(uint8_t number)
{
    struct uuid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

#define AT(state) ORDER_STATE_VENDOR_ORDER_##state

/* Three units of one line and two of another. */
static struct order_life *order_at(enum order_state state)
{
    static struct order_life life;
    memset(&life, 0, sizeof life);
    life.order_id = id_of(1);
    life.state = state;
    life.version = 2;
    life.lines_count = 2;
    life.lines[0] = (struct order_life_line){ .id = id_of(11), .counts = { .ordered = 3 } };
    life.lines[1] = (struct order_life_line){ .id = id_of(12), .counts = { .ordered = 2 } };
    return &life;
}

/* ---- which ---- */

static struct shipment_refusal choose(const struct order_life *life, uint8_t line, int64_t quantity,
                                      struct order_cancel *ret_cancel)
{
    const struct shipment_wish wish = { .line_id = id_of(line), .quantity = quantity };
    return order_cancel_choose(life, &wish, 1, ret_cancel);
}

static void units_in_parcels_are_not_cancelled(void **state)
{
    (void)state;
    struct order_life *life = order_at(AT(ACCEPTED));
    struct order_cancel cancel;
    life->lines[0].packed = 1;
    life->lines[0].counts.cancelled = 1;
    const struct shipment_refusal refusal = choose(life, 11, 2, &cancel);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TOO_MANY);
    assert_int_equal(refusal.left, 1);
    assert_int_equal(choose(life, 11, 1, &cancel).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(cancel.units[0], 1);
    assert_int_equal(cancel.units[1], 0);
    assert_false(cancel.is_whole);
}

static void wishes_name_lines_of_the_order_and_each_once(void **state)
{
    (void)state;
    struct order_life *life = order_at(AT(ACCEPTED));
    struct order_cancel cancel;
    const struct shipment_wish twice[] = { { id_of(11), 1 }, { id_of(12), 1 }, { id_of(11), 1 } };
    assert_int_equal(choose(life, 13, 1, &cancel).fault, SHIPMENT_FAULT_UNKNOWN);
    assert_int_equal(order_cancel_choose(life, NULL, 0, &cancel).fault, SHIPMENT_FAULT_EMPTY);
    const struct shipment_refusal refusal = order_cancel_choose(life, twice, 3, &cancel);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TWICE);
    assert_int_equal(refusal.index, 2);
}

static void the_last_units_are_the_order(void **state)
{
    (void)state;
    struct order_life *life = order_at(AT(ACCEPTED));
    struct order_cancel cancel;
    const struct shipment_wish all[] = { { id_of(12), 2 }, { id_of(11), 2 } };
    assert_int_equal(order_cancel_choose(life, all, 2, &cancel).fault, SHIPMENT_FAULT_NONE);
    assert_false(cancel.is_whole);
    life->lines[0].counts.cancelled = 1;
    assert_int_equal(order_cancel_choose(life, all, 2, &cancel).fault, SHIPMENT_FAULT_NONE);
    assert_true(cancel.is_whole);
    struct order_cancel rest;
    order_cancel_rest(life, &rest);
    assert_memory_equal(&rest, &cancel, sizeof rest);
}

/* ---- what becomes of it ---- */

static const struct order_cancel one_of_the_first = { .units = { 1 } };

/* With what follows from it. */
static enum status cancel_units(struct order_life *life, const struct order_cancel *cancel,
                                struct text reason, const struct order_terms *with)
{
    enum order_progress before;
    TRY(order_cancel_units(life, cancel, reason, with, &before));
    return order_life_follow(life, before, with);
}

static void a_part_keeps_the_state_and_tells_why(void **state)
{
    (void)state;
    static const enum order_state states[] = { AT(PLACED), AT(AWAITING_ACCEPTANCE), AT(ACCEPTED),
                                               AT(PROCESSING) };
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        struct order_life *life = order_at(states[i]);
        life->due_at_us = DUE_US;
        assert_int_equal(cancel_units(life, &one_of_the_first, TEXT("Broken"), &terms), STATUS_OK);
        assert_int_equal(life->state, states[i]);
        assert_int_equal(life->lines[0].counts.cancelled, 1);
        assert_int_equal(life->fulfilment, ORDER_FULFILMENT_UNFULFILLED);
        assert_int_equal(life->changes_count, 1);
        assert_int_equal(life->version, 3);
        assert_text_equal(life->changes[0].note, TEXT("Broken"));
        /* Its vendor has no more time to accept it than before. */
        assert_int_equal(life->due_at_us, DUE_US);
    }
}

/* All of it was sent but one unit, which then is cancelled. */
static struct order_life *all_but_one_sent(enum order_state state, int64_t delivered)
{
    struct order_life *life = order_at(state);
    life->lines[0].packed = life->lines[0].counts.shipped = 2;
    life->lines[1].packed = life->lines[1].counts.shipped = 2;
    life->lines[0].counts.delivered = life->lines[1].counts.delivered = delivered;
    return life;
}

static void what_is_left_was_sent_so_the_order_is_shipped(void **state)
{
    (void)state;
    struct order_life *life = all_but_one_sent(AT(PARTIALLY_SHIPPED), 0);
    assert_int_equal(cancel_units(life, &one_of_the_first, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(life->state, AT(SHIPPED));
    assert_int_equal(life->fulfilment, ORDER_FULFILMENT_SHIPPED);
    assert_int_equal(life->changes_count, 2);
    assert_int_equal(life->changes[0].trigger, ORDER_TRIGGER_CANCEL_UNITS);
    assert_int_equal(life->changes[1].trigger, ORDER_TRIGGER_SHIP_ALL);
}

static void what_is_left_has_arrived_so_returns_begin(void **state)
{
    (void)state;
    struct order_life *life = all_but_one_sent(AT(PARTIALLY_DELIVERED), 2);
    assert_int_equal(cancel_units(life, &one_of_the_first, TEXT(""), &terms), STATUS_OK);
    assert_int_equal(life->state, AT(DELIVERED));
    assert_int_equal(life->due_at_us, NOW_US + WINDOW_US);
}

static void nothing_of_a_shipped_order_is_cancelled(void **state)
{
    (void)state;
    static const enum order_state states[] = { AT(SHIPPED), AT(DELIVERED), AT(COMPLETED),
                                               AT(CANCELLED), AT(REFUSED) };
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        struct order_life *life = order_at(states[i]);
        assert_int_equal(cancel_units(life, &one_of_the_first, TEXT(""), &terms),
                         STATUS_ILLEGAL_TRANSITION);
        assert_int_equal(life->lines[0].counts.cancelled, 0);
        assert_int_equal(life->changes_count, 0);
    }
}

/* ---- what goes back ---- */

enum { TEAS, CUPS, PARCEL, SUBJECTS };

/* Three of 10.00 less 5.00, and 4.75 of tax on top; two of 3.00; a delivery of 5.00. */
static struct order_subject *subjects_of_it(void)
{
    static const struct refund_discount five_off[] = { { 200, 300 } };
    static const int64_t taxes[] = { 475 };
    static const struct order_subject fresh[SUBJECTS] = {
        [TEAS] = { .price = { .quantity = 3,
                              .unit_amount = 1000,
                              .discounts = five_off,
                              .discounts_count = 1,
                              .taxes = taxes,
                              .taxes_count = 1 } },
        [CUPS] = { .price = { .quantity = 2, .unit_amount = 300 } },
        [PARCEL] = { .price = { .quantity = 1, .unit_amount = 500 } },
    };
    static struct order_subject subjects[SUBJECTS];
    memcpy(subjects, fresh, sizeof fresh);
    return subjects;
}
enum { IT_COST = 2975 + 600 + 500 };

static struct order_back plan(const struct order_subject *subjects, const int64_t units[],
                              int64_t owed)
{
    static struct arena *arena;
    struct order_back back = { .sequence = 7 };
    if (arena == NULL) arena = arena_new(4096);
    assert_int_equal(
        order_back_plan(subjects, SUBJECTS, units,
                        (struct order_back_sources){ .owed = owed, .wallet = INT64_MAX },
                        ORDER_BACK_ORIGINAL, arena, &back),
        STATUS_OK);
    assert_int_equal(back.sequence, 7);
    return back;
}

static void what_is_owed_is_waived_before_anything_is_refunded(void **state)
{
    (void)state;
    const int64_t cups[SUBJECTS] = { [CUPS] = 2 };
    assert_int_equal(plan(subjects_of_it(), cups, 0).ways.waived, 0);
    assert_int_equal(plan(subjects_of_it(), cups, 250).ways.waived, 250);
    assert_int_equal(plan(subjects_of_it(), cups, 600).ways.waived, 600);
    const struct order_back back = plan(subjects_of_it(), cups, 4000);
    assert_int_equal(back.ways.waived, 600);
    assert_int_equal(back.total, 600);
    assert_int_equal(back.parts_count, 1);
    assert_int_equal(back.parts[0].subject, CUPS);
    assert_int_equal(back.parts[0].units, 2);
}

/* Owed, then the wallet's, then what somebody has in his hands. */
static void what_no_wallet_has_paid_is_handed_back_last(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct order_back back = { .sequence = 0 };
    const int64_t cups[SUBJECTS] = { [CUPS] = 2 };
    assert_int_equal(
        order_back_plan(subjects_of_it(), SUBJECTS, cups,
                        (struct order_back_sources){ .owed = 100, .wallet = 200, .offline = 300 },
                        ORDER_BACK_ORIGINAL, arena, &back),
        STATUS_OK);
    assert_int_equal(back.total, 600);
    assert_int_equal(back.ways.waived, 100);
    assert_int_equal(order_back_manual(&back), 300);
    assert_int_equal(plan(subjects_of_it(), cups, 0).ways.offline, 0);
    arena_destroy(&arena);
}

static void portions_go_on_where_the_last_one_ended_and_end_at_what_was_paid(void **state)
{
    (void)state;
    static const int64_t portions[][SUBJECTS] = { { 1, 0, 0 }, { 1, 1, 0 }, { 1, 1, 1 } };
    static const int64_t teas[] = { 991, 993, 991 };
    struct order_subject *subjects = subjects_of_it();
    int64_t owed = 1200, total = 0, waived = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(portions); i++) {
        const struct order_back back = plan(subjects, portions[i], owed);
        assert_int_equal(back.parts[0].share.total, teas[i]);
        for (size_t k = 0; k < SUBJECTS; k++)
            subjects[k].gone += portions[i][k];
        owed -= back.ways.waived;
        waived += back.ways.waived;
        total += back.total;
    }
    assert_int_equal(total, IT_COST);
    assert_int_equal(waived, 1200);
}

static void more_units_than_are_left_are_out_of_range(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct order_subject *subjects = subjects_of_it();
    const int64_t units[SUBJECTS] = { [CUPS] = 2 };
    struct order_back back = { .sequence = 0 };
    subjects[CUPS].gone = 1;
    assert_int_equal(order_back_plan(subjects, SUBJECTS, units,
                                     (struct order_back_sources){ .wallet = 600 },
                                     ORDER_BACK_ORIGINAL, arena, &back),
                     STATUS_OUT_OF_RANGE);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_in_parcels_are_not_cancelled),
        cmocka_unit_test(wishes_name_lines_of_the_order_and_each_once),
        cmocka_unit_test(the_last_units_are_the_order),
        cmocka_unit_test(a_part_keeps_the_state_and_tells_why),
        cmocka_unit_test(what_is_left_was_sent_so_the_order_is_shipped),
        cmocka_unit_test(what_is_left_has_arrived_so_returns_begin),
        cmocka_unit_test(nothing_of_a_shipped_order_is_cancelled),
        cmocka_unit_test(what_is_owed_is_waived_before_anything_is_refunded),
        cmocka_unit_test(what_no_wallet_has_paid_is_handed_back_last),
        cmocka_unit_test(portions_go_on_where_the_last_one_ended_and_end_at_what_was_paid),
        cmocka_unit_test(more_units_than_are_left_are_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
