/* Claims about how many products categories are said to have. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

/* Of products in it and below it; -1: it says none. */
static int64_t count_in(struct uuid category, bool wants_counts)
{
    const struct catalog_list_categories query = { .has_counts = wants_counts,
                                                   .counts = wants_counts };
    struct catalog_category_tree tree;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_categories_message, &query, &tree),
        STATUS_OK);
    for (size_t i = 0; i < tree.data_count; i++)
        if (uuid_equals(tree.data[i].id, category))
            return tree.data[i].has_products ? tree.data[i].products : -1;
    fail_msg("no such category");
    return 0;
}

static void set_open(int64_t version, bool is_open)
{
    const struct catalog_copy_vendor command = { .vendor_id = SHELF.vendor.id,
                                                 .version = version,
                                                 .name = TEXT("Oak & Ash"),
                                                 .is_open = is_open };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_copy_vendor_message, &command, NULL),
                     STATUS_OK);
}

static void products_are_counted_where_shoppers_find_them(void **state)
{
    (void)state;
    const struct uuid parent = shelf_make_category("Counted", NULL),
                      child = shelf_make_category("Counted below", &parent);
    assert_int_equal(count_in(parent, true), 0);
    (void)shelf_make_in("In the parent", parent);
    const struct uuid product = shelf_make_in("In the child", child);
    assert_int_equal(count_in(parent, true), 2);
    assert_int_equal(count_in(child, true), 1);
    assert_int_equal(count_in(parent, false), -1);
    const struct catalog_hide_product hide = { .product_id = product };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &hide, NULL),
        STATUS_OK);
    assert_int_equal(count_in(parent, true), 1);
    assert_int_equal(count_in(child, true), 0);
    set_open(2, false);
    assert_int_equal(count_in(parent, true), 0);
    set_open(3, true);
    assert_int_equal(count_in(parent, true), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_counted_where_shoppers_find_them),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
