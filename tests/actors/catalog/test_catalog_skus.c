/* Claims about SKUs that the database decides, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status create(const struct catalog_create_product *wish)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, wish, NULL);
}

static void assert_refused(enum status status, enum status wanted, const char *pointer)
{
    assert_int_equal(status, wanted);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, pointer);
}

/* Neither of two writers in one moment sees what the other one has queued. */
static void of_two_writers_in_one_moment_one_has_the_sku(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("At once");
    wish.has_sku = true;
    wish.sku = TEXT("At-Once");
    direct_queue_units(SHELF.market);
    assert_int_equal(create(&wish), STATUS_OK);
    wish.sku = TEXT("AT-ONCE");
    assert_int_equal(create(&wish), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_true(text_equals_string(direct_sql(SHELF.market, "SELECT count(*) FROM catalog.variant"
                                                            " WHERE sku_key = 'at-once'"),
                                   "1"));
    assert_refused(create(&wish), STATUS_SKU_TAKEN, "/sku");
}

static void an_sku_that_was_given_twice_before_stays_until_it_is_changed(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Old");
    wish.has_sku = true;
    wish.sku = TEXT("from-before");
    (void)shelf_make(&wish);
    wish.has_sku = false;
    const struct catalog_own_product twin = shelf_make(&wish);
    (void)shelf_sql("UPDATE catalog.variant SET sku = 'from-before', shares_sku = true"
                    " WHERE product_id = '%s'",
                    twin.id);
    const struct text_pair option = { TEXT("Size"), TEXT("L") };
    const struct money price = { 100, "EUR" };
    const struct catalog_add_variant add = { .product_id = twin.id,
                                             .options = &option,
                                             .options_count = 1,
                                             .prices = &price,
                                             .prices_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &add, NULL),
        STATUS_OK);
    const struct catalog_change_variant change = { .product_id = twin.id,
                                                   .variant_id = twin.variants[0].id,
                                                   .has_weight_grams = true,
                                                   .weight_grams = 5 };
    assert_refused(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, NULL),
        STATUS_SKU_TAKEN, "/sku");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two_writers_in_one_moment_one_has_the_sku),
        cmocka_unit_test(an_sku_that_was_given_twice_before_stays_until_it_is_changed),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
