/* Claims about what may be added to an order, and what it costs. */
#include "tests/support/cmocka.h"

#include "actors/order/order_edit.h"

static const int64_t germany[] = { 190000 };
static const int64_t two_rates[] = { 50000, 25000 };

static struct order_edit_price price_of(const struct order_edit_terms *terms, int64_t quantity)
{
    struct order_edit_price price;
    assert_int_equal(order_edit_price(terms, quantity, &price), STATUS_OK);
    return price;
}

static void tax_on_top_is_rounded_once_for_all_units(void **state)
{
    (void)state;
    const struct order_edit_terms terms = { .unit_amount = 333, .ppm = germany, .rates_count = 1 };
    const struct order_edit_price price = price_of(&terms, 3);
    assert_int_equal(price.items, 999);
    assert_int_equal(price.tax, 190); /* 189.81; three times 63 would be 189 */
    assert_int_equal(price.total, 1189);
    assert_int_equal(price.bases[0], 999);
    assert_int_equal(price.amounts[0], 190);
}

static void tax_in_the_price_adds_nothing_and_is_shared_by_its_rates(void **state)
{
    (void)state;
    const struct order_edit_terms terms = {
        .unit_amount = 1075, .prices_include_tax = true, .ppm = two_rates, .rates_count = 2
    };
    const struct order_edit_price price = price_of(&terms, 2);
    assert_int_equal(price.total, 2150);
    assert_int_equal(price.tax, 150);
    assert_int_equal(price.amounts[0], 100);
    assert_int_equal(price.amounts[1], 50);
    assert_int_equal(price.bases[1], 2000);
}

static void what_was_not_taxed_is_not_taxed_now(void **state)
{
    (void)state;
    const struct order_edit_price price =
        price_of(&(struct order_edit_terms){ .unit_amount = 1999 }, 1);
    assert_int_equal(price.total, 1999);
    assert_int_equal(price.tax, 0);
}

static void sums_beyond_what_an_amount_holds_are_refused(void **state)
{
    (void)state;
    const struct order_edit_terms terms = { .unit_amount = INT64_MAX / 2 };
    struct order_edit_price price;
    assert_int_equal(order_edit_price(&terms, 3, &price), STATUS_OUT_OF_RANGE);
    assert_int_equal(order_edit_price(&terms, 0, &price), STATUS_OUT_OF_RANGE);
    assert_int_equal(order_edit_price(&terms, -1, &price), STATUS_OUT_OF_RANGE);
}

static void a_wallet_pays_what_is_not_owed_at_the_door(void **state)
{
    (void)state;
    static struct order_life life;
    bool from_wallet;
    life = (struct order_life){ .user_id.bytes[0] = 1, .total = 100 };
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_OK);
    assert_true(from_wallet);
    life.on_delivery = 40;
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_OK);
    assert_false(from_wallet);
    life.collected = 40;
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_NOT_EDITABLE);
    life.collected = 0;
    life.waived = 40;
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_OK);
    assert_true(from_wallet);
    life.user_id.bytes[0] = 0; /* a guest of whose order nothing is owed any more */
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_NOT_EDITABLE);
}

static void bills_and_replacements_are_not_edited(void **state)
{
    (void)state;
    static struct order_life life;
    bool from_wallet;
    life = (struct order_life){ .user_id.bytes[0] = 1, .replaces_id.bytes[0] = 1 };
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_NOT_EDITABLE);
    life = (struct order_life){ .user_id.bytes[0] = 1,
                                .offline_method = ORDER_OFFLINE_METHOD_INVOICE };
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_NOT_EDITABLE);
    life.offline_method = ORDER_OFFLINE_METHOD_TRANSFER;
    assert_int_equal(order_edit_pays(&life, &from_wallet), STATUS_NOT_EDITABLE);
}

static struct order_life_line line_of(uint8_t id, int64_t ordered)
{
    return (struct order_life_line){ .id.bytes[0] = id, .counts = { .ordered = ordered } };
}

static void lines_are_named_once_and_are_the_orders(void **state)
{
    (void)state;
    static struct order_life life;
    struct order_edit_choice choice;
    life = (struct order_life){ .lines_count = 2 };
    life.lines[0] = line_of(1, 1);
    life.lines[1] = line_of(2, 1);
    struct shipment_wish more[] = { { life.lines[1].id, 1 }, { life.lines[0].id, 9999 } };
    const struct order_edit_wishes wishes = { .more = more, .more_count = 2 };
    assert_int_equal(order_edit_choose(&life, &wishes, &choice).refusal.fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(choice.more[0], 1);
    assert_int_equal(choice.more[1], 0);
    more[1].line_id = more[0].line_id;
    struct order_edit_refusal refusal = order_edit_choose(&life, &wishes, &choice);
    assert_int_equal(refusal.refusal.fault, SHIPMENT_FAULT_TWICE);
    assert_int_equal(refusal.refusal.index, 1);
    assert_false(refusal.is_of_fewer);
    more[0].line_id.bytes[0] = 3;
    assert_int_equal(order_edit_choose(&life, &wishes, &choice).refusal.fault,
                     SHIPMENT_FAULT_UNKNOWN);
}

static void units_go_that_are_in_no_parcel_of_lines_that_get_no_more(void **state)
{
    (void)state;
    static struct order_life life;
    struct order_edit_choice choice;
    life = (struct order_life){ .lines_count = 2 };
    life.lines[0] = line_of(1, 5);
    life.lines[0].packed = 2;
    life.lines[1] = line_of(2, 1);
    const struct shipment_wish more[] = { { life.lines[1].id, 1 } };
    struct shipment_wish fewer[] = { { life.lines[0].id, 3 } };
    const struct order_edit_wishes wishes = {
        .more = more, .more_count = 1, .fewer = fewer, .fewer_count = 1
    };
    assert_int_equal(order_edit_choose(&life, &wishes, &choice).refusal.fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(choice.fewer[0], 3);
    assert_int_equal(choice.fewer[1], 0);
    fewer[0].quantity = 4;
    struct order_edit_refusal refusal = order_edit_choose(&life, &wishes, &choice);
    assert_true(refusal.is_of_fewer);
    assert_int_equal(refusal.refusal.fault, SHIPMENT_FAULT_TOO_MANY);
    assert_int_equal(refusal.refusal.left, 3);
    fewer[0] = (struct shipment_wish){ life.lines[1].id, 1 };
    refusal = order_edit_choose(&life, &wishes, &choice);
    assert_true(refusal.is_of_fewer);
    assert_int_equal(refusal.refusal.fault, SHIPMENT_FAULT_TWICE);
}

static void what_takes_all_that_is_left_is_known(void **state)
{
    (void)state;
    static struct order_life life;
    life = (struct order_life){ .lines_count = 2 };
    life.lines[0] = line_of(1, 5);
    life.lines[0].counts.cancelled = 3;
    life.lines[1] = line_of(2, 1);
    int64_t fewer[] = { 2, 1 };
    assert_true(order_edit_takes_all(&life, fewer));
    fewer[1] = 0;
    assert_false(order_edit_takes_all(&life, fewer));
}

static void what_goes_pays_for_what_is_added_and_the_wallet_the_difference(void **state)
{
    (void)state;
    static struct order_life life;
    life = (struct order_life){ .total = 1000 };
    struct order_edit_settlement settled = order_edit_settle(&life, true, 700, 200);
    assert_int_equal(settled.owed, 200);
    assert_int_equal(settled.held, 500);
    assert_int_equal(settled.to_wallet, 0);
    settled = order_edit_settle(&life, true, 200, 700);
    assert_int_equal(settled.owed, 200);
    assert_int_equal(settled.held, 0);
    assert_int_equal(settled.to_wallet, 500);
    settled = order_edit_settle(&life, true, 300, 300);
    assert_int_equal(settled.held, 0);
    assert_int_equal(settled.to_wallet, 0);
    assert_int_equal(order_edit_payment_of(true, 0), ORDER_EDIT_PAYMENT_NONE);
    assert_int_equal(order_edit_payment_of(true, 1), ORDER_EDIT_PAYMENT_WALLET);
    assert_int_equal(order_edit_payment_of(true, -1), ORDER_EDIT_PAYMENT_RETURNED);
    assert_int_equal(order_edit_payment_of(false, -1), ORDER_EDIT_PAYMENT_ON_DELIVERY);
}

static void at_the_door_more_or_less_is_owed_and_the_wallet_gets_what_is_beyond(void **state)
{
    (void)state;
    static struct order_life life;
    life = (struct order_life){ .total = 1000, .on_delivery = 400 };
    struct order_edit_settlement settled = order_edit_settle(&life, false, 300, 100);
    assert_int_equal(settled.owed, 300);
    assert_int_equal(settled.held, 0);
    assert_int_equal(settled.to_wallet, 0);
    settled = order_edit_settle(&life, false, 0, 600);
    assert_int_equal(settled.to_wallet, 200);
}

static void units_that_come_and_go_do_not_end_the_order(void **state)
{
    (void)state;
    static struct order_life life;
    const struct order_terms terms = { .now_us = 1 };
    life = (struct order_life){ .state = ORDER_STATE_VENDOR_ORDER_ACCEPTED,
                                .total = 500,
                                .lines_count = 1 };
    life.lines[0] = line_of(1, 5);
    const struct order_edit_settlement settled = order_edit_settle(&life, true, 700, 500);
    assert_int_equal(order_edit_apply(&life, 700, &settled, TEXT("Swap"), &terms), STATUS_OK);
    assert_int_equal(life.total, 1200);
    assert_int_equal(life.on_delivery, 500);
    const int64_t fewer[] = { 5 };
    const struct order_life_line added[] = { line_of(2, 1) };
    assert_int_equal(order_edit_move_units(&life, fewer, added, 1, &terms), STATUS_OK);
    assert_int_equal(life.state, ORDER_STATE_VENDOR_ORDER_ACCEPTED);
    assert_int_equal(life.fulfilment, ORDER_FULFILMENT_UNFULFILLED);
    assert_int_equal(life.lines_count, 2);
    assert_int_equal(life.changes_count, 1);
    life.state = ORDER_STATE_VENDOR_ORDER_SHIPPED;
    assert_int_equal(order_edit_apply(&life, 1, &settled, TEXT("Late"), &terms),
                     STATUS_ILLEGAL_TRANSITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tax_on_top_is_rounded_once_for_all_units),
        cmocka_unit_test(tax_in_the_price_adds_nothing_and_is_shared_by_its_rates),
        cmocka_unit_test(what_was_not_taxed_is_not_taxed_now),
        cmocka_unit_test(sums_beyond_what_an_amount_holds_are_refused),
        cmocka_unit_test(a_wallet_pays_what_is_not_owed_at_the_door),
        cmocka_unit_test(bills_and_replacements_are_not_edited),
        cmocka_unit_test(lines_are_named_once_and_are_the_orders),
        cmocka_unit_test(units_go_that_are_in_no_parcel_of_lines_that_get_no_more),
        cmocka_unit_test(what_takes_all_that_is_left_is_known),
        cmocka_unit_test(what_goes_pays_for_what_is_added_and_the_wallet_the_difference),
        cmocka_unit_test(at_the_door_more_or_less_is_owed_and_the_wallet_gets_what_is_beyond),
        cmocka_unit_test(units_that_come_and_go_do_not_end_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
