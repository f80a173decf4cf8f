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

static void lines_are_named_once_and_are_the_orders(void **state)
{
    (void)state;
    static struct order_life life;
    size_t lines[ORDER_LINES_MAX];
    life = (struct order_life){ .lines_count = 2 };
    life.lines[0].id.bytes[0] = 1;
    life.lines[1].id.bytes[0] = 2;
    struct shipment_wish wishes[] = { { life.lines[1].id, 1 }, { life.lines[0].id, 9999 } };
    assert_int_equal(order_edit_choose(&life, wishes, 2, lines).fault, SHIPMENT_FAULT_NONE);
    assert_int_equal(lines[0], 1);
    assert_int_equal(lines[1], 0);
    assert_int_equal(order_edit_choose(&life, wishes, 0, lines).fault, SHIPMENT_FAULT_EMPTY);
    wishes[1].line_id = wishes[0].line_id;
    struct shipment_refusal refusal = order_edit_choose(&life, wishes, 2, lines);
    assert_int_equal(refusal.fault, SHIPMENT_FAULT_TWICE);
    assert_int_equal(refusal.index, 1);
    wishes[0].line_id.bytes[0] = 3;
    assert_int_equal(order_edit_choose(&life, wishes, 2, lines).fault, SHIPMENT_FAULT_UNKNOWN);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
