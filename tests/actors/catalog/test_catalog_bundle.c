/* Claims about what may be a bundle, and how often there is one. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_bundle.h"

enum { NOW = 1000 };

static struct uuid id_of(uint8_t number)
{
    return (struct uuid){ .bytes = { [0] = 'v', [15] = number } };
}

static const struct uuid vendor = { { 'a' } };

static struct catalog_part_facts part(uint8_t number)
{
    return (struct catalog_part_facts){ .variant_id = id_of(number),
                                        .vendor_id = vendor,
                                        .is_sold = true };
}

/* A bundle of the first two of these. */
static enum status check(struct catalog_part_facts first, struct catalog_part_facts second,
                         size_t *ret_part)
{
    const struct catalog_new_part parts[] = { { first.variant_id, 1 }, { second.variant_id, 2 } };
    const struct catalog_part_facts facts[] = { first, second };
    const struct catalog_bundle_wish wish = { .variant_id = id_of(1),
                                              .vendor_id = vendor,
                                              .parts = parts,
                                              .parts_count = 2,
                                              .facts = facts,
                                              .facts_count = 2 };
    return catalog_bundle_check(&wish, ret_part);
}

static void parts_of_the_same_vendor_make_a_bundle(void **state)
{
    (void)state;
    size_t at;
    assert_int_equal(check(part(2), part(3), &at), STATUS_OK);
}

static void a_bundle_is_no_part_of_itself_or_of_another(void **state)
{
    (void)state;
    size_t at;
    assert_int_equal(check(part(2), part(1), &at), STATUS_BUNDLE_CYCLE);
    assert_int_equal(at, 1);
    struct catalog_part_facts bundle = part(3);
    bundle.is_bundle = true;
    assert_int_equal(check(part(2), bundle, &at), STATUS_BUNDLE_CYCLE);
    const struct catalog_new_part parts[] = { { id_of(2), 1 } };
    const struct catalog_part_facts facts[] = { part(2) };
    const struct catalog_bundle_wish wish = { .variant_id = id_of(1),
                                              .vendor_id = vendor,
                                              .is_part = true,
                                              .parts = parts,
                                              .parts_count = 1,
                                              .facts = facts,
                                              .facts_count = 1 };
    assert_int_equal(catalog_bundle_check(&wish, &at), STATUS_BUNDLE_CYCLE);
    assert_int_equal(at, 1);
}

static void what_is_not_the_vendors_to_bundle_is_refused(void **state)
{
    (void)state;
    size_t at;
    struct catalog_part_facts wrong = part(3);
    wrong.vendor_id = (struct uuid){ { 'b' } };
    assert_int_equal(check(part(2), wrong, &at), STATUS_NOT_FOUND);
    wrong = part(3);
    wrong.is_sold = false;
    assert_int_equal(check(part(2), wrong, &at), STATUS_NOT_FOUND);
    wrong = part(3);
    wrong.is_digital = true;
    assert_int_equal(check(part(2), wrong, &at), STATUS_INVALID_VALUE);
    assert_int_equal(check(part(2), part(2), &at), STATUS_INVALID_VALUE);
    wrong = part(3);
    wrong.bundles_count = CATALOG_PART_BUNDLES_MAX;
    assert_int_equal(check(part(2), wrong, &at), STATUS_TOO_MANY_BUNDLES);
}

static void there_are_as_many_as_the_scarcest_part_allows(void **state)
{
    (void)state;
    const struct catalog_part_stock parts[] = {
        { .quantity = 2, .is_sold = true, .free = 9 },
        { .quantity = 1, .is_sold = true, .free = 3 },
    };
    struct catalog_bundle_stock stock = catalog_bundle_reckon(parts, 2, NOW);
    assert_int_equal(stock.available, 3);
    assert_int_equal(stock.availability, CATALOG_AVAILABILITY_IN_STOCK);
    const struct catalog_part_stock hidden[] = { parts[0], { .quantity = 1, .free = 3 } };
    stock = catalog_bundle_reckon(hidden, 2, NOW);
    assert_int_equal(stock.available, 0);
    assert_int_equal(stock.availability, CATALOG_AVAILABILITY_OUT_OF_STOCK);
    assert_int_equal(catalog_bundle_reckon(NULL, 0, NOW).available, 0);
}

static void parts_that_are_to_come_make_bundles_that_are_to_come(void **state)
{
    (void)state;
    struct catalog_part_stock parts[] = {
        { .quantity = 1, .is_sold = true, .free = 5 },
        { .quantity = 2,
          .is_sold = true,
          .free = 2,
          .ahead = { CATALOG_STOCK_POLICY_BACKORDER, 6, 0 } },
    };
    struct catalog_bundle_stock stock = catalog_bundle_reckon(parts, 2, NOW);
    assert_int_equal(stock.available, 4);
    assert_int_equal(stock.ready, 1);
    assert_int_equal(stock.availability, CATALOG_AVAILABILITY_IN_STOCK);
    parts[1].free = 0;
    stock = catalog_bundle_reckon(parts, 2, NOW);
    assert_int_equal(stock.availability, CATALOG_AVAILABILITY_BACKORDER);
    parts[0].ahead = (struct catalog_ahead){ CATALOG_STOCK_POLICY_PREORDER, 3, NOW + 7 };
    stock = catalog_bundle_reckon(parts, 2, NOW);
    assert_int_equal(stock.availability, CATALOG_AVAILABILITY_PREORDER);
    assert_int_equal(stock.available_on_us, NOW + 7);
    assert_int_equal(stock.ready, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_the_same_vendor_make_a_bundle),
        cmocka_unit_test(a_bundle_is_no_part_of_itself_or_of_another),
        cmocka_unit_test(what_is_not_the_vendors_to_bundle_is_refused),
        cmocka_unit_test(there_are_as_many_as_the_scarcest_part_allows),
        cmocka_unit_test(parts_that_are_to_come_make_bundles_that_are_to_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
