/* Claims about sales, tiers and quantities. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_price.h"
#include "catalog_messages.h"

static struct catalog_item_price price_of(int64_t amount)
{
    return (struct catalog_item_price){ .price = { amount, "EUR" },
                                        .compare_at = CATALOG_ITEM_NONE };
}

static struct catalog_item_price sold_for(int64_t amount, int64_t from_us, int64_t to_us)
{
    struct catalog_item_price price = price_of(1000);
    price.sale = (struct catalog_sale){ .amount = amount, .from_us = from_us, .to_us = to_us };
    return price;
}

static void a_sale_runs_from_its_begin_until_just_before_its_end(void **state)
{
    (void)state;
    const struct catalog_item_price price = sold_for(800, 10, 20);
    assert_int_equal(catalog_price_at(&price, 9), 1000);
    assert_int_equal(catalog_price_at(&price, 10), 800);
    assert_int_equal(catalog_price_at(&price, 19), 800);
    assert_int_equal(catalog_price_at(&price, 20), 1000);
    const struct catalog_item_price for_good = sold_for(1, 0, CATALOG_SALE_FOR_GOOD);
    assert_int_equal(catalog_price_at(&for_good, 0), 1);
    assert_int_equal(catalog_price_at(&for_good, INT64_MAX - 1), 1);
    const struct catalog_item_price none = price_of(1000);
    assert_int_equal(catalog_price_at(&none, 10), 1000);
}

static void a_sale_is_below_the_price_and_ends_after_it_begins(void **state)
{
    (void)state;
    const struct catalog_item_price good = sold_for(999, 10, 11), least = sold_for(1, 0, 1),
                                    same = sold_for(1000, 0, 1), above = sold_for(1001, 0, 1),
                                    negative = sold_for(-1, 0, 1), backwards = sold_for(5, 11, 10),
                                    empty = sold_for(5, 10, 10), none = price_of(0);
    assert_null(catalog_sale_fault(&good));
    assert_null(catalog_sale_fault(&least));
    assert_null(catalog_sale_fault(&none));
    assert_non_null(catalog_sale_fault(&same));
    assert_non_null(catalog_sale_fault(&above));
    assert_non_null(catalog_sale_fault(&negative));
    assert_non_null(catalog_sale_fault(&backwards));
    assert_non_null(catalog_sale_fault(&empty));
}

static const char *fault_of(const struct catalog_tier *tiers, size_t count)
{
    struct catalog_item_price price = price_of(1000);
    price.tiers = tiers;
    price.tiers_count = count;
    return catalog_tiers_fault(&price);
}

static void prices_of_tiers_fall_or_stay_while_quantities_rise(void **state)
{
    (void)state;
    const struct catalog_tier good[] = { { 2, 1000 }, { 10, 900 }, { 10000, 900 } };
    const struct catalog_tier one[] = { { 1, 900 } }, too_many[] = { { 10001, 900 } };
    const struct catalog_tier above[] = { { 2, 1001 } }, rising[] = { { 2, 800 }, { 3, 801 } };
    const struct catalog_tier twice[] = { { 5, 900 }, { 5, 800 } };
    const struct catalog_tier falling[] = { { 9, 900 }, { 5, 800 } };
    const struct catalog_tier nothing[] = { { 2, 0 } }, negative[] = { { -1, 5 } };
    assert_null(fault_of(good, 3));
    assert_null(fault_of(NULL, 0));
    assert_non_null(fault_of(one, 1));
    assert_non_null(fault_of(too_many, 1));
    assert_non_null(fault_of(above, 1));
    assert_non_null(fault_of(rising, 2));
    assert_non_null(fault_of(twice, 2));
    assert_non_null(fault_of(falling, 2));
    assert_non_null(fault_of(nothing, 1));
    assert_non_null(fault_of(negative, 1));
}

static void there_are_no_more_than_ten_tiers(void **state)
{
    (void)state;
    struct catalog_tier tiers[CATALOG_TIERS_MAX + 1];
    for (size_t i = 0; i < ARRAY_LENGTH(tiers); i++)
        tiers[i] = (struct catalog_tier){ .from_quantity = (int64_t)i + 2, .unit_amount = 5 };
    assert_null(fault_of(tiers, CATALOG_TIERS_MAX));
    assert_non_null(fault_of(tiers, CATALOG_TIERS_MAX + 1));
}

static const char *field_at_fault(int64_t min, int64_t step, int64_t max)
{
    const struct catalog_quantities quantities = { .min = min, .step = step, .max = max };
    const char *field = NULL;
    return catalog_quantities_fault(&quantities, &field) == NULL ? "" : field;
}

static void fewest_and_most_are_multiples_of_the_step_and_in_order(void **state)
{
    (void)state;
    assert_string_equal(field_at_fault(0, 0, 0), "");
    assert_string_equal(field_at_fault(1, 0, 1), "");
    assert_string_equal(field_at_fault(6, 3, 12), "");
    assert_string_equal(field_at_fault(0, 5000, 10000), "");
    assert_string_equal(field_at_fault(10000, 10000, 10000), "");
    assert_string_equal(field_at_fault(2, 0, 1), "quantity_max");
    assert_string_equal(field_at_fault(4, 3, 0), "quantity_min");
    assert_string_equal(field_at_fault(0, 3, 10), "quantity_max");
    assert_string_equal(field_at_fault(10001, 0, 0), "quantity_min");
    assert_string_equal(field_at_fault(0, -1, 0), "quantity_step");
    assert_string_equal(field_at_fault(0, 0, INT64_C(2147483648)), "quantity_max");
}

static void a_new_price_keeps_what_still_fits(void **state)
{
    (void)state;
    static const struct catalog_tier tiers[] = { { 2, 700 }, { 3, 600 } };
    struct catalog_item_price old = sold_for(800, 10, 20);
    old.tiers = tiers;
    old.tiers_count = 2;
    struct catalog_item_price higher = price_of(1200), between = price_of(750),
                              lower = price_of(500);
    catalog_price_inherit(&higher, &old, true);
    assert_int_equal(higher.sale.amount, 800);
    assert_int_equal(higher.tiers_count, 2);
    catalog_price_inherit(&between, &old, true);
    assert_int_equal(between.sale.amount, 0);
    assert_int_equal(between.tiers_count, 2);
    catalog_price_inherit(&lower, &old, true);
    assert_int_equal(lower.sale.amount, 0);
    assert_int_equal(lower.tiers_count, 0);
    struct catalog_item_price told = sold_for(900, 0, CATALOG_SALE_FOR_GOOD);
    catalog_price_inherit(&told, &old, false);
    assert_int_equal(told.sale.amount, 900);
    assert_int_equal(told.tiers_count, 2);
}

static void tiers_are_told_with_their_currency(void **state)
{
    static const struct catalog_tier tiers[] = { { 2, 700 }, { 3, 600 } };
    const struct catalog_price_tier *told = catalog_tiers_describe(*state, tiers, 2, "USD");
    assert_int_equal(told[1].from_quantity, 3);
    assert_int_equal(told[1].unit_price.amount, 600);
    assert_text_equal(text_of(told[1].unit_price.currency), TEXT("USD"));
}

static int open_arena(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int close_arena(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_runs_from_its_begin_until_just_before_its_end),
        cmocka_unit_test(a_sale_is_below_the_price_and_ends_after_it_begins),
        cmocka_unit_test(prices_of_tiers_fall_or_stay_while_quantities_rise),
        cmocka_unit_test(there_are_no_more_than_ten_tiers),
        cmocka_unit_test(fewest_and_most_are_multiples_of_the_step_and_in_order),
        cmocka_unit_test(a_new_price_keeps_what_still_fits),
        cmocka_unit_test(tiers_are_told_with_their_currency),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
