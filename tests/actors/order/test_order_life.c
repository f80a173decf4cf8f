/* Claims about an order in motion: its triggers, its units, its history. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/order/shipment.h"

enum { NOW_US = 1000, WINDOW_US = 500, SENT_US = 300 };

static const struct order_terms terms = { .now_us = NOW_US,
                                          .return_window_us = WINDOW_US,
                                          .delivered_after_us = SENT_US };

static struct uuid id_of(uint8_t number)
{
    struct uuid id = { { 0 } };
    id.bytes[15] = number;
    return id;
}

/* An accepted order of three units of one line and two of another. */
static struct order_life *accepted(void)
{
    static struct order_life life;
    memset(&life, 0, sizeof life);
    life.order_id = id_of(1);
    life.state = ORDER_STATE_VENDOR_ORDER_ACCEPTED;
    life.version = 2;
    life.lines_count = 2;
    life.lines[0] = (struct order_life_line){ .id = id_of(11), .counts = { .ordered = 3 } };
    life.lines[1] = (struct order_life_line){ .id = id_of(12), .counts = { .ordered = 2 } };
    return &life;
}

static struct shipment packed(struct order_life *life, uint8_t number, uint8_t line,
                              int64_t quantity)
{
    struct shipment shipment = { .id = id_of(number), .state = ORDER_STATE_SHIPMENT_UNPACKED };
    const struct shipment_wish wish = { .line_id = id_of(line), .quantity = quantity };
    const struct shipment_refusal refusal = shipment_pack(life, &shipment, &wish, 1, &terms);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_NONE);
    return shipment;
}

static void pull(struct order_life *life, struct shipment *shipment, enum order_trigger trigger)
{
    assert_int_equal(shipment_pull(life, shipment, trigger, &terms), STATUS_OK);
}

static struct shipment sent(struct order_life *life, uint8_t number, uint8_t line, int64_t quantity)
{
    struct shipment shipment = packed(life, number, line, quantity);
    pull(life, &shipment, ORDER_TRIGGER_HAND_OVER);
    return shipment;
}

static void assert_state(const struct order_life *life, enum order_state state,
                         enum order_fulfilment fulfilment)
{
    assert_string_equal(order_machine_state_name(life->state), order_machine_state_name(state));
    assert_int_equal(life->fulfilment, fulfilment);
}

#define AT(state) ORDER_STATE_VENDOR_ORDER_##state
#define FAR(fulfilment) ORDER_FULFILMENT_##fulfilment

/* Each row goes on where the one before it of the same object ended. */
static void assert_history_is_a_path(const struct order_life *life)
{
    for (size_t i = 0; i < life->changes_count; i++) {
        const struct order_change *change = &life->changes[i];
        enum order_state to;
        if (change->is_late)
            assert_int_equal(change->from, change->to);
        else {
            assert_int_equal(order_machine_step(change->from, change->trigger, &to), STATUS_OK);
            assert_int_equal(to, change->to);
        }
        for (size_t k = i; k-- > 0;) {
            if (!uuid_equals(life->changes[k].object_id, change->object_id)) continue;
            assert_int_equal(life->changes[k].to, change->from);
            break;
        }
    }
}

static void a_trigger_writes_one_row_and_moves_the_version(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_PROCESS, &terms), STATUS_OK);
    assert_state(life, AT(PROCESSING), FAR(UNFULFILLED));
    assert_int_equal(life->version, 3);
    assert_int_equal(life->changes_count, 1);
    assert_int_equal(life->changes[0].from, AT(ACCEPTED));
    assert_int_equal(life->ended_at_us, 0);
}

static void an_illegal_trigger_changes_nothing(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    static struct order_life before;
    before = *life;
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_COMPLETE, &terms),
                     STATUS_ILLEGAL_TRANSITION);
    assert_memory_equal(life, &before, sizeof before);
}

static void packing_moves_no_order_and_sending_does(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = packed(life, 21, 11, 2);
    assert_state(life, AT(ACCEPTED), FAR(UNFULFILLED));
    assert_int_equal(life->lines[0].packed, 2);
    assert_int_equal(life->shipments_count, 1);
    assert_int_equal(shipment.version, 1);
    pull(life, &shipment, ORDER_TRIGGER_MAKE_READY);
    assert_state(life, AT(ACCEPTED), FAR(UNFULFILLED));
    pull(life, &shipment, ORDER_TRIGGER_HAND_OVER);
    assert_state(life, AT(PARTIALLY_SHIPPED), FAR(PARTIAL));
    assert_int_equal(life->lines[0].counts.shipped, 2);
    assert_int_equal(shipment.due_at_us, NOW_US + SENT_US);
    assert_int_equal(life->changes_count, 4);
    assert_history_is_a_path(life);
}

/* The second parcel arrives before the first one, and the third is sent after that. */
static void parcels_arrive_in_any_order(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment first = sent(life, 21, 11, 1), second = sent(life, 22, 11, 2);
    assert_state(life, AT(PARTIALLY_SHIPPED), FAR(PARTIAL));
    pull(life, &second, ORDER_TRIGGER_DELIVER);
    assert_state(life, AT(PARTIALLY_DELIVERED), FAR(PARTIAL));
    struct shipment third = sent(life, 23, 12, 2);
    assert_state(life, AT(PARTIALLY_DELIVERED), FAR(PARTIAL));
    pull(life, &third, ORDER_TRIGGER_DELIVER);
    pull(life, &first, ORDER_TRIGGER_DELIVER);
    assert_state(life, AT(DELIVERED), FAR(DELIVERED));
    assert_int_equal(life->due_at_us, NOW_US + WINDOW_US);
    assert_history_is_a_path(life);
    assert_int_equal(order_life_pull(life, ORDER_TRIGGER_COMPLETE, &terms), STATUS_OK);
    assert_int_equal(life->due_at_us, 0);
    assert_int_equal(life->ended_at_us, NOW_US);
}

static void a_parcel_that_is_called_off_gives_its_units_back(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = packed(life, 21, 11, 3);
    pull(life, &shipment, ORDER_TRIGGER_CANCEL);
    assert_int_equal(life->lines[0].packed, 0);
    assert_state(life, AT(ACCEPTED), FAR(UNFULFILLED));
    struct shipment again = sent(life, 22, 11, 3);
    assert_int_equal(shipment_pull(life, &again, ORDER_TRIGGER_CANCEL, &terms),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(life->lines[0].counts.shipped, 3);
}

/* Sent again in another parcel, or cancelled: the order goes back to where that can be done. */
static void what_came_back_to_its_sender_is_not_sent_any_more(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment first = sent(life, 21, 11, 3), second = sent(life, 22, 12, 2);
    assert_state(life, AT(SHIPPED), FAR(SHIPPED));
    assert_int_equal(shipment_pull(life, &first, ORDER_TRIGGER_TAKE_BACK, &terms),
                     STATUS_ILLEGAL_TRANSITION);
    pull(life, &first, ORDER_TRIGGER_RETURN_TO_SENDER);
    assert_int_equal(first.due_at_us, 0);
    assert_state(life, AT(SHIPPED), FAR(SHIPPED));
    pull(life, &first, ORDER_TRIGGER_TAKE_BACK);
    assert_state(life, AT(PARTIALLY_SHIPPED), FAR(PARTIAL));
    assert_int_equal(life->lines[0].packed, 0);
    pull(life, &second, ORDER_TRIGGER_RETURN_TO_SENDER);
    pull(life, &second, ORDER_TRIGGER_TAKE_BACK);
    assert_state(life, AT(PROCESSING), FAR(UNFULFILLED));
    (void)sent(life, 23, 11, 3);
    assert_state(life, AT(PARTIALLY_SHIPPED), FAR(PARTIAL));
    assert_history_is_a_path(life);
}

static void assert_refused(struct order_life *life, const struct shipment_wish *wishes,
                           size_t count, enum shipment_fault fault, size_t index)
{
    struct shipment shipment = { .state = ORDER_STATE_SHIPMENT_UNPACKED };
    const struct shipment_refusal refusal = shipment_pack(life, &shipment, wishes, count, &terms);
    assert_int_equal(refusal.fault, fault);
    assert_int_equal(refusal.index, index);
}

static void units_are_packed_once(void **state)
{
    (void)state;
    const struct shipment_wish twice[] = { { id_of(11), 1 }, { id_of(11), 1 } };
    const struct shipment_wish foreign[] = { { id_of(11), 1 }, { id_of(99), 1 } };
    const struct shipment_wish many[] = { { id_of(12), 2 }, { id_of(11), 4 } };
    assert_refused(accepted(), twice, 0, SHIPMENT_FAULT_EMPTY, 0);
    assert_refused(accepted(), twice, 2, SHIPMENT_FAULT_TWICE, 1);
    assert_refused(accepted(), foreign, 2, SHIPMENT_FAULT_UNKNOWN, 1);
    assert_refused(accepted(), many, 2, SHIPMENT_FAULT_TOO_MANY, 1);
    struct order_life *life = accepted();
    (void)packed(life, 21, 11, 2);
    const struct shipment_wish rest[] = { { id_of(11), 2 } };
    struct shipment shipment = { .state = ORDER_STATE_SHIPMENT_UNPACKED };
    assert_int_equal(shipment_pack(life, &shipment, rest, 1, &terms).left, 1);
    life->lines[1].counts.cancelled = 1;
    assert_refused(life, many, 1, SHIPMENT_FAULT_TOO_MANY, 0);
}

static void what_is_called_off_is_cancelled_to_its_last_unit(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    assert_int_equal(order_life_call_off(life, ORDER_TRIGGER_REFUSE, TEXT(""), &terms),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(life->lines[0].counts.cancelled, 0);
    assert_int_equal(order_life_call_off(life, ORDER_TRIGGER_CANCEL, TEXT("Broken"), &terms),
                     STATUS_OK);
    assert_state(life, AT(CANCELLED), FAR(CANCELLED));
    assert_int_equal(life->lines[1].counts.cancelled, 2);
    assert_int_equal(life->ended_at_us, NOW_US);
    assert_true(text_equals_string(life->changes[0].note, "Broken"));
}

/* ---- carriers ---- */

static bool report(struct order_life *life, struct shipment *shipment, enum order_trigger trigger,
                   int64_t at_us)
{
    const struct shipment_report report = { .trigger = trigger,
                                            .at_us = at_us,
                                            .note = TEXT("here") };
    const enum order_state before = shipment->state;
    assert_int_equal(shipment_take_report(life, shipment, &report, &terms), STATUS_OK);
    return shipment->state != before;
}

static void what_a_carrier_says_late_is_kept_and_moves_nothing(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = sent(life, 21, 11, 3);
    assert_true(report(life, &shipment, ORDER_TRIGGER_DELIVER, 90));
    const size_t rows = life->changes_count;
    assert_false(report(life, &shipment, ORDER_TRIGGER_TRANSIT, 50));
    assert_int_equal(life->changes_count, rows + 1);
    const struct order_change *late = &life->changes[rows];
    assert_true(late->is_late);
    assert_int_equal(late->reported_at_us, 50);
    assert_true(text_equals_string(late->note, "here"));
    assert_int_equal(shipment.carrier_state, ORDER_STATE_SHIPMENT_DELIVERED);
    assert_int_equal(shipment.reports_count, 2);
    assert_state(life, AT(PARTIALLY_DELIVERED), FAR(PARTIAL));
    assert_history_is_a_path(life);
}

static void a_report_from_before_an_exception_does_not_end_it(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = sent(life, 21, 11, 3);
    assert_true(report(life, &shipment, ORDER_TRIGGER_REPORT_EXCEPTION, 90));
    assert_int_equal(shipment.due_at_us, 0);
    assert_false(report(life, &shipment, ORDER_TRIGGER_TRANSIT, 80));
    assert_true(report(life, &shipment, ORDER_TRIGGER_TRANSIT, 100));
    assert_int_equal(shipment.due_at_us, NOW_US + SENT_US);
    assert_int_equal(shipment.carrier_at_us, 100);
    assert_history_is_a_path(life);
}

static void the_carriers_last_word_stands_beside_the_state(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = sent(life, 21, 11, 3);
    pull(life, &shipment, ORDER_TRIGGER_DELIVER);
    assert_false(report(life, &shipment, ORDER_TRIGGER_GO_OUT, 90));
    assert_int_equal(shipment.state, ORDER_STATE_SHIPMENT_DELIVERED);
    assert_int_equal(shipment.carrier_state, ORDER_STATE_SHIPMENT_OUT_FOR_DELIVERY);
}

static void a_parcel_that_is_still_there_has_no_carrier(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    struct shipment shipment = packed(life, 21, 11, 3);
    const struct shipment_report early = { .trigger = ORDER_TRIGGER_TRANSIT, .at_us = 1 };
    assert_int_equal(shipment_take_report(life, &shipment, &early, &terms),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(shipment.reports_count, 0);
}

static void links_are_of_the_web_and_nothing_else(void **state)
{
    (void)state;
    assert_true(shipment_url_is_good(TEXT("https://carrier.example/t?n=1")));
    assert_true(shipment_url_is_good(TEXT("http://carrier.example")));
    static const char *const wrong[] = {
        "",          "javascript:alert(1)", "ftp://x",     "//x",
        "https:/x",  "https://x y",         "https://x\"", "https://x\n",
        "https://<", " https://x"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_false(shipment_url_is_good(text_of(wrong[i])));
}

/* ---- groups ---- */

static void a_group_is_as_far_as_its_orders(void **state)
{
    (void)state;
    struct order_life *life = accepted();
    life->siblings[0] = FAR(UNFULFILLED);
    life->siblings_count = 1;
    assert_int_equal(order_life_group_fulfilment(life), FAR(UNFULFILLED));
    (void)sent(life, 21, 11, 3);
    assert_int_equal(order_life_group_fulfilment(life), FAR(PARTIAL));
    (void)sent(life, 22, 12, 2);
    assert_int_equal(order_life_group_fulfilment(life), FAR(PARTIAL));
    life->siblings[0] = FAR(DELIVERED);
    assert_int_equal(order_life_group_fulfilment(life), FAR(SHIPPED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trigger_writes_one_row_and_moves_the_version),
        cmocka_unit_test(an_illegal_trigger_changes_nothing),
        cmocka_unit_test(packing_moves_no_order_and_sending_does),
        cmocka_unit_test(parcels_arrive_in_any_order),
        cmocka_unit_test(a_parcel_that_is_called_off_gives_its_units_back),
        cmocka_unit_test(what_came_back_to_its_sender_is_not_sent_any_more),
        cmocka_unit_test(units_are_packed_once),
        cmocka_unit_test(what_is_called_off_is_cancelled_to_its_last_unit),
        cmocka_unit_test(what_a_carrier_says_late_is_kept_and_moves_nothing),
        cmocka_unit_test(a_report_from_before_an_exception_does_not_end_it),
        cmocka_unit_test(the_carriers_last_word_stands_beside_the_state),
        cmocka_unit_test(a_parcel_that_is_still_there_has_no_carrier),
        cmocka_unit_test(links_are_of_the_web_and_nothing_else),
        cmocka_unit_test(a_group_is_as_far_as_its_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
