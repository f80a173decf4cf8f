/* Claims about what staff does with products and categories, and about review. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status approve(struct uuid product)
{
    const struct catalog_approve_product command = { .product_id = product };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_approve_product_message, &command,
                       NULL);
}

static enum status reject(struct uuid product, const char *reason)
{
    const struct catalog_reject_product command = { .product_id = product,
                                                    .reason = text_of(reason) };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_reject_product_message, &command, NULL);
}

static enum status block(struct uuid product)
{
    const struct catalog_block_product command = { .product_id = product,
                                                   .reason = TEXT("A complaint.") };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_block_product_message, &command, NULL);
}

static enum status restore(struct uuid product)
{
    const struct catalog_restore_product command = { .product_id = product };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_restore_product_message, &command,
                       NULL);
}

static enum status publish(struct uuid product)
{
    const struct catalog_publish_product command = { .product_id = product };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_publish_product_message, &command,
                       NULL);
}

static enum status rename_it(struct uuid product, const char *name)
{
    const struct catalog_change_product command = { .product_id = product,
                                                    .has_name = true,
                                                    .name = text_of(name) };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &command,
                       NULL);
}

static void a_product_goes_through_review_where_it_is_asked_for(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.product_approval=true");
    const struct catalog_create_product wish = shelf_wish("Reviewed");
    const struct catalog_own_product made = shelf_make(&wish);
    const uint16_t notice = catalog_notice_was_raised_message.number;
    const size_t notices = direct_events(SHELF.market, notice);
    assert_int_equal(made.status, CATALOG_PRODUCT_STATUS_IN_REVIEW);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_NOT_FOUND);
    shelf_assert_derived(made.id);
    assert_int_equal(reject(made.id, " "), STATUS_INVALID_VALUE);
    assert_int_equal(reject(made.id, "No picture."), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, notice), notices + 1);
    assert_true(text_equals_string(shelf_inspect(made.id).review_note, "No picture."));
    assert_int_equal(approve(made.id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(publish(made.id), STATUS_OK);
    assert_int_equal(approve(made.id), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, notice), notices + 2);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    shelf_assert_derived(made.id);

    direct_set(SHELF.market, "--market.product_approval=false");
}

static void only_staff_takes_back_what_staff_has_hidden(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Blocked");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_product seen;
    const uint16_t notice = catalog_notice_was_raised_message.number;
    const size_t notices = direct_events(SHELF.market, notice);
    assert_int_equal(block(made.id), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, notice), notices + 1);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_NOT_FOUND);
    assert_true(shelf_inspect(made.id).is_hidden_by_staff);
    assert_int_equal(publish(made.id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(rename_it(made.id, "Still blocked"), STATUS_OK);
    assert_int_equal(block(made.id), STATUS_ILLEGAL_TRANSITION);
    shelf_assert_derived(made.id);
    assert_int_equal(restore(made.id), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, notice), notices + 2);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.name, "Still blocked"));
    assert_int_equal(restore(made.id), STATUS_ILLEGAL_TRANSITION);
    shelf_assert_derived(made.id);
}

static struct uuid import(const char *handle, bool is_listed, int64_t amount)
{
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    const struct catalog_imported_variant variant = { .price = { amount, "EUR" },
                                                      .has_quantity = true,
                                                      .quantity = 2 };
    const struct catalog_import_product command = {
        .identity = text_format(SHELF.arena, "%s/%s", vendor, handle),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = text_of(handle),
        .name = text_of(handle),
        .description = TEXT("From a file."),
        .is_listed = is_listed,
        .variants = &variant,
        .variants_count = 1,
    };
    struct catalog_product_imported reply;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &command, &reply),
        STATUS_OK);
    return reply.product_id;
}

static void an_import_changes_what_a_blocked_product_says_but_not_where_it_stands(void **state)
{
    (void)state;
    const struct uuid product = import("filed", true, 700);
    assert_int_equal(shelf_inspect(product).status, CATALOG_PRODUCT_STATUS_PUBLISHED);
    shelf_assert_derived(product);
    assert_int_equal(block(product), STATUS_OK);
    (void)import("filed", true, 800);
    assert_int_equal(shelf_inspect(product).price.amount, 800);
    assert_true(shelf_inspect(product).is_hidden_by_staff);
    shelf_assert_derived(product);
    assert_int_equal(restore(product), STATUS_OK);
    (void)import("filed", false, 900);
    assert_int_equal(shelf_inspect(product).status, CATALOG_PRODUCT_STATUS_HIDDEN);
    shelf_assert_derived(product);
}

static void a_vendor_changes_an_imported_product_and_the_same_file_keeps_it(void **state)
{
    (void)state;
    const struct uuid product = import("edited", true, 700);
    assert_int_equal(rename_it(product, "Better name"), STATUS_OK);
    (void)import("edited", true, 700);
    assert_true(text_equals_string(shelf_inspect(product).name, "Better name"));
    (void)import("edited", true, 750);
    assert_true(text_equals_string(shelf_inspect(product).name, "edited"));
    shelf_assert_derived(product);
}

static size_t count_listed(const struct catalog_list_all_products *query)
{
    struct catalog_own_page page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_all_products_message, query, &page),
        STATUS_OK);
    for (size_t i = 0; i < page.data_count && query->has_status; i++)
        assert_int_equal(page.data[i].status, query->status);
    return page.data_count;
}

static void staff_lists_products_of_all_vendors_by_status(void **state)
{
    (void)state;
    for (enum catalog_product_status status = CATALOG_PRODUCT_STATUS_DRAFT;
         status <= CATALOG_PRODUCT_STATUS_ARCHIVED; status++) {
        const struct catalog_list_all_products all = { .has_status = true, .status = status };
        const struct catalog_list_all_products by_vendor = {
            .has_status = true, .status = status, .has_vendor = true, .vendor = SHELF.vendor.id
        };
        assert_int_equal(count_listed(&all), count_listed(&by_vendor));
    }
    const struct catalog_list_all_products by_name = { .has_q = true, .q = TEXT("bLoCk") };
    assert_int_equal(count_listed(&by_name), 1);
    const struct catalog_list_all_products strangers = { .has_vendor = true,
                                                         .vendor = SHELF.stranger.id };
    assert_int_equal(count_listed(&strangers), 0);
}

static enum status create_category(const char *name, const struct uuid *parent,
                                   struct catalog_category *ret_category)
{
    const struct catalog_create_category command = { .name = text_of(name),
                                                     .has_parent_id = parent != NULL,
                                                     .parent_id = parent == NULL
                                                                      ? (struct uuid){ { 0 } }
                                                                      : *parent };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_message, &command,
                       ret_category);
}

static void staff_makes_categories(void **state)
{
    (void)state;
    struct catalog_category root, child;
    assert_int_equal(create_category(" Toys ", NULL, &root), STATUS_OK);
    assert_true(text_equals_string(root.path, "Toys"));
    assert_int_equal(create_category("Toys", NULL, NULL), STATUS_CATEGORY_EXISTS);
    assert_int_equal(create_category("Trains & Rails", &root.id, &child), STATUS_OK);
    assert_true(text_equals_string(child.path, "Toys > Trains & Rails"));
    assert_true(text_equals_string(child.slug, "trains-rails"));
    assert_int_equal(child.depth, 1);
    assert_int_equal(create_category("A > B", NULL, NULL), STATUS_INVALID_VALUE);
    assert_int_equal(create_category("\xe2\x80\x8b", NULL, NULL), STATUS_INVALID_VALUE);
    assert_int_equal(create_category("Lost", &SHELF.vendor.id, NULL), STATUS_INVALID_VALUE);
    struct catalog_create_product wish = shelf_wish("Locomotive");
    wish.category_id = child.id;
    shelf_assert_derived(shelf_make(&wish).id);
}

static void goods_that_are_not_there_or_anothers_are_not_found(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Sought");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct uuid products[] = { made.id, { { 9 } } };
    const struct uuid categories[] = { SHELF.category, { { 9 } } };
    struct catalog_find_goods query = { .product_ids = products,
                                        .product_ids_count = 2,
                                        .category_ids = categories,
                                        .category_ids_count = 2,
                                        .vendor_id = SHELF.stranger.id };
    struct catalog_known_goods known;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_find_goods_message, &query, &known),
                     STATUS_OK);
    assert_int_equal(known.product_ids_count, 1);
    assert_true(uuid_equals(known.product_ids[0], made.id));
    assert_int_equal(known.category_ids_count, 1);
    assert_true(uuid_equals(known.category_ids[0], SHELF.category));
    query.has_vendor_id = true;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_find_goods_message, &query, &known),
                     STATUS_OK);
    assert_int_equal(known.product_ids_count, 0);
    query.vendor_id = SHELF.vendor.id;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_find_goods_message, &query, &known),
                     STATUS_OK);
    assert_int_equal(known.product_ids_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goods_that_are_not_there_or_anothers_are_not_found),
        cmocka_unit_test(a_product_goes_through_review_where_it_is_asked_for),
        cmocka_unit_test(only_staff_takes_back_what_staff_has_hidden),
        cmocka_unit_test(an_import_changes_what_a_blocked_product_says_but_not_where_it_stands),
        cmocka_unit_test(a_vendor_changes_an_imported_product_and_the_same_file_keeps_it),
        cmocka_unit_test(staff_lists_products_of_all_vendors_by_status),
        cmocka_unit_test(staff_makes_categories),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
