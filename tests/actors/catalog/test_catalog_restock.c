/* Goods that come back from orders that were called off: once, and as the stock's other changes. */
#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

static struct direct_market *market;
static struct uuid variant;

/* A variant with 10 units. */
static int stock_up(void **state)
{
    (void)state;
    static unsigned made;
    const char *const names[] = { "one", "two", "three", "four" };
    market = shelf_of_all.market;
    const struct catalog_create_product wish = shelf_wish(names[made++]);
    variant = shelf_make(&wish).variants[0].id;
    return 0;
}

static int stock_is_sound(void **state)
{
    (void)state;
    return direct_sql_as_role(market, "SELECT invariant FROM catalog.check_stock()").length == 0
               ? 0
               : -1;
}

static enum status restock(struct uuid of, uint8_t restock_id, int64_t quantity)
{
    const struct catalog_restock_units command = { .variant_id = of,
                                                   .restock_id = { { restock_id } },
                                                   .group_id = { { 7 } },
                                                   .quantity = quantity };
    struct empty reply;
    return direct_call(market, NULL, &catalog_restock_units_message, &command, &reply);
}

static void assert_on_hand(const char *expected)
{
    const struct text got =
        shelf_sql("SELECT on_hand FROM catalog.stock WHERE variant_id = '%s'", variant);
    assert_true(text_equals_string(got, expected));
}

static void units_come_back_once_for_each_restock(void **state)
{
    (void)state;
    assert_int_equal(restock(variant, 1, 3), STATUS_OK);
    assert_int_equal(restock(variant, 1, 3), STATUS_OK);
    assert_on_hand("13");
    direct_forget(market);
    assert_int_equal(restock(variant, 1, 3), STATUS_OK);
    assert_int_equal(restock(variant, 2, 1), STATUS_OK);
    assert_on_hand("14");
    assert_true(text_equals_string(
        shelf_sql("SELECT string_agg(kind || ' ' || delta, ', ' ORDER BY version)"
                  " FROM catalog.stock_movement WHERE variant_id = '%s'",
                  variant),
        "0 10, 4 3, 4 1"));
}

static void another_quantity_under_the_same_name_is_refused(void **state)
{
    (void)state;
    assert_int_equal(restock(variant, 11, 3), STATUS_OK);
    assert_int_equal(restock(variant, 11, 4), STATUS_ILLEGAL_TRANSITION);
    assert_on_hand("13");
}

/* Two of one name are under way: the second one's unit fails, and finds the first when it runs
 * again. */
static void two_at_once_bring_units_back_once(void **state)
{
    (void)state;
    direct_queue_units(market);
    assert_int_equal(restock(variant, 21, 2), STATUS_OK);
    assert_int_equal(restock(variant, 21, 2), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    direct_forget(market);
    assert_int_equal(restock(variant, 21, 2), STATUS_OK);
    assert_on_hand("12");
}

static void a_variant_that_is_not_there_has_no_stock(void **state)
{
    (void)state;
    assert_int_equal(restock((struct uuid){ { 99 } }, 31, 1), STATUS_NOT_FOUND);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, stock_up, stock_is_sound)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(units_come_back_once_for_each_restock),
        CLAIM(another_quantity_under_the_same_name_is_refused),
        CLAIM(two_at_once_bring_units_back_once),
        CLAIM(a_variant_that_is_not_there_has_no_stock),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
