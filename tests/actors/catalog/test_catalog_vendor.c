/* Claims about what vendors do with their products, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"
#include "vendor_messages.h"

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

static enum status publish(const struct principal *who, struct uuid product)
{
    const struct catalog_publish_product command = { .product_id = product };
    return direct_call(SHELF.market, who, &catalog_publish_product_message, &command, NULL);
}

static enum status hide(struct uuid product)
{
    const struct catalog_hide_product command = { .product_id = product };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &command, NULL);
}

static enum status archive(const struct principal *who, struct uuid product)
{
    const struct catalog_archive_product command = { .product_id = product };
    return direct_call(SHELF.market, who, &catalog_archive_product_message, &command, NULL);
}

static enum status set_stock(const struct principal *who, struct uuid variant, int64_t on_hand,
                             int64_t version, struct catalog_stock_level *ret_level)
{
    const struct catalog_set_stock command = { .variant_id = variant,
                                               .on_hand = on_hand,
                                               .versions = &version,
                                               .versions_count = version > 0 };
    return direct_call(SHELF.market, who, &catalog_set_stock_message, &command, ret_level);
}

static void a_new_product_is_on_the_shelf_at_once(void **state)
{
    (void)state;
    const struct text images[] = { TEXT("https://example.com/1.jpg") };
    struct catalog_create_product wish = shelf_wish("  Red Chair ");
    wish.images = images;
    wish.images_count = 1;
    wish.description = TEXT("<b>Not</b> markup\n");
    const struct catalog_own_product made = shelf_make(&wish);
    assert_int_equal(made.status, CATALOG_PRODUCT_STATUS_PUBLISHED);
    assert_int_equal(made.version, 1);
    assert_true(text_equals_string(made.name, "Red Chair"));
    assert_true(text_starts_with(made.handle, TEXT("red-chair-")));
    assert_int_equal(made.variants_count, 1);
    assert_int_equal(uuid_shard(made.variants[0].id), uuid_shard(made.id));
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.vendor.name, "Oak & Ash"));
    assert_true(text_equals_string(seen.description, "<b>Not</b> markup\n"));
    assert_int_equal(seen.price.amount, 500);
    assert_int_equal(seen.variants[0].available, 10);
    shelf_assert_derived(made.id);
    const struct catalog_own_product again = shelf_inspect(made.id);
    assert_int_equal(again.version, made.version);
    assert_int_equal(again.variants[0].on_hand, 10);
    assert_int_equal(again.variants[0].stock_version, made.variants[0].stock_version);
}

static void what_is_no_product_is_refused_with_its_place(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("\xe2\x80\xae"
                                                    "edoc");
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/name");
    wish = shelf_wish("   ");
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/name");
    wish = shelf_wish("Bad");
    wish.description = TEXT("\x1b[31m");
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/description");
    const struct text images[] = { TEXT("https://example.com/1.jpg"),
                                   TEXT("http://example.com/2.jpg") };
    wish = shelf_wish("Bad");
    wish.images = images;
    wish.images_count = 2;
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/images/1");
    wish = shelf_wish("Bad");
    wish.category_id = SHELF.vendor.id;
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/category_id");
    wish = shelf_wish("Bad");
    wish.has_price = false;
    assert_refused(create(&wish), STATUS_MISSING_FIELD, "/price");
    wish = shelf_wish("Bad");
    wish.price = (struct money){ 500, "USD" };
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/price");
    wish = shelf_wish("Bad");
    wish.has_compare_at_price = true;
    wish.compare_at_price = (struct money){ 600, "USD" };
    assert_refused(create(&wish), STATUS_INVALID_VALUE, "/compare_at_price");
}

static void a_vendor_that_is_not_approved_makes_drafts_only(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Early");
    SHELF.standing = VENDOR_VENDOR_STATUS_APPLIED;
    assert_refused(create(&wish), STATUS_VENDOR_UNAVAILABLE, "");
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    const struct catalog_own_product made = shelf_make(&wish);
    assert_int_equal(made.status, CATALOG_PRODUCT_STATUS_DRAFT);
    assert_int_equal(publish(&SHELF.vendor, made.id), STATUS_VENDOR_UNAVAILABLE);
    SHELF.standing = VENDOR_VENDOR_STATUS_APPROVED;
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_NOT_FOUND);
    shelf_assert_derived(made.id);
    assert_int_equal(publish(&SHELF.vendor, made.id), STATUS_OK);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    shelf_assert_derived(made.id);
    assert_int_equal(publish(&SHELF.vendor, made.id), STATUS_ILLEGAL_TRANSITION);
    assert_true(direct_last_fault(SHELF.market).detail.length > 0);
}

static void hiding_and_deleting_take_it_off_the_shelf(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Short life");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_product seen;
    assert_int_equal(hide(made.id), STATUS_OK);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_NOT_FOUND);
    shelf_assert_derived(made.id);
    assert_int_equal(hide(made.id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(publish(&SHELF.vendor, made.id), STATUS_OK);
    assert_int_equal(archive(&SHELF.vendor, made.id), STATUS_OK);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_NOT_FOUND);
    shelf_assert_derived(made.id);
    assert_int_equal(archive(&SHELF.vendor, made.id), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(shelf_inspect(made.id).status, CATALOG_PRODUCT_STATUS_ARCHIVED);
    struct catalog_stock_level level;
    assert_int_equal(set_stock(&SHELF.vendor, made.variants[0].id, 5, 0, &level), STATUS_NOT_FOUND);
}

static void somebody_elses_product_is_not_found(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Mine");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct catalog_get_own_product query = { .product_id = made.id };
    const struct catalog_change_product change = { .product_id = made.id };
    const struct catalog_remove_variant removal = { .product_id = made.id,
                                                    .variant_id = made.variants[0].id };
    struct catalog_stock_level level;
    struct direct_market *market = SHELF.market;
    const struct principal *who = &SHELF.stranger;
    assert_int_equal(direct_call(market, who, &catalog_get_own_product_message, &query, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, who, &catalog_change_product_message, &change, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, who, &catalog_remove_variant_message, &removal, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(archive(who, made.id), STATUS_NOT_FOUND);
    assert_int_equal(publish(who, made.id), STATUS_NOT_FOUND);
    assert_int_equal(set_stock(who, made.variants[0].id, 1, 0, &level), STATUS_NOT_FOUND);
    assert_int_equal(shelf_inspect(made.id).version, 1);
}

static void a_change_reaches_everything_that_shoppers_read(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Old name");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_change_product change = { .product_id = made.id,
                                             .has_name = true,
                                             .name = TEXT("Xylophone"),
                                             .has_category_id = true,
                                             .category_id = SHELF.other_category,
                                             .versions = &(const int64_t){ 1 },
                                             .versions_count = 1 };
    struct catalog_own_product reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &change, &reply),
        STATUS_OK);
    assert_int_equal(reply.version, 2);
    assert_true(text_equals(reply.handle, made.handle));
    shelf_assert_derived(made.id);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.name, "Xylophone"));
    assert_true(text_equals_string(seen.category.path, "Garden > Benches > Small"));
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &change, NULL),
        STATUS_PRECONDITION_FAILED);
}

static enum status change(const struct catalog_change_product *command,
                          struct catalog_own_product *ret_product)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, command,
                       ret_product);
}

static void a_change_of_nothing_changes_nothing(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Untouched");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_change_product command = { .product_id = made.id };
    struct catalog_own_product reply;
    assert_int_equal(change(&command, &reply), STATUS_OK);
    assert_int_equal(reply.version, 1);
    command.has_remove_images = true; /* false */
    assert_int_equal(change(&command, &reply), STATUS_OK);
    assert_int_equal(shelf_inspect(made.id).version, 1);
}

static void pictures_and_description_are_given_and_removed(void **state)
{
    (void)state;
    const struct text images[] = { TEXT("https://example.com/1.jpg"),
                                   TEXT("https://example.com/2.jpg") };
    const struct catalog_create_product wish = shelf_wish("Pictured");
    const struct catalog_own_product made = shelf_make(&wish);
    struct catalog_change_product command = { .product_id = made.id,
                                              .has_description = true,
                                              .description = TEXT("Oiled."),
                                              .images = images,
                                              .images_count = 2 };
    struct catalog_own_product reply;
    assert_int_equal(change(&command, &reply), STATUS_OK);
    assert_int_equal(reply.images_count, 2);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_text_equal(seen.description, TEXT("Oiled."));
    assert_text_equal(seen.images[1], images[1]);
    command.has_remove_images = command.remove_images = true;
    assert_refused(change(&command, NULL), STATUS_INVALID_VALUE, "/remove_images");
    command.images_count = 0;
    assert_int_equal(change(&command, &reply), STATUS_OK);
    assert_int_equal(reply.images_count, 0);
    shelf_assert_derived(made.id);
}

static void a_vendor_reads_its_own_product(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Readable");
    wish.has_sku = true;
    wish.sku = TEXT("read-1");
    const struct catalog_own_product made = shelf_make(&wish);
    const struct catalog_get_own_product query = { .product_id = made.id };
    struct catalog_own_product read;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_own_product_message, &query, &read),
        STATUS_OK);
    assert_text_equal(read.handle, made.handle);
    assert_text_equal(read.variants[0].sku, TEXT("read-1"));
    assert_int_equal(read.variants[0].available, 10);
}

static void what_was_heard_of_a_vendor_is_told(void **state)
{
    (void)state;
    struct catalog_get_vendor_copy query = { .vendor_id = SHELF.vendor.id };
    struct catalog_vendor_copy copy;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_vendor_copy_message, &query, &copy),
        STATUS_OK);
    assert_int_equal(copy.version, 1);
    assert_true(copy.is_open);
    query.vendor_id = SHELF.category;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_vendor_copy_message, &query, &copy),
        STATUS_NOT_FOUND);
}

static struct catalog_own_page list(const struct catalog_list_own_products *query)
{
    struct catalog_own_page page;
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger, &catalog_list_own_products_message,
                                 query, &page),
                     STATUS_OK);
    return page;
}

static void a_vendor_lists_its_own_products_by_page_and_filter(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct catalog_create_product wish = shelf_wish("Elm plank");
        wish.category_id = i == 2 ? SHELF.other_category : SHELF.category;
        wish.has_status = true;
        wish.status = i < 2 ? CATALOG_WANTED_STATUS_DRAFT : CATALOG_WANTED_STATUS_PUBLISHED;
        direct_advance(SHELF.market, 1000000);
        assert_int_equal(direct_call(SHELF.market, &SHELF.stranger, &catalog_create_product_message,
                                     &wish, NULL),
                         STATUS_OK);
    }
    struct catalog_list_own_products query = {
        .has_q = true, .q = TEXT("PLANK"), .has_limit = true, .limit = 2
    };
    size_t seen = 0;
    for (bool has_more = true; has_more;) {
        const struct catalog_own_page page = list(&query);
        for (size_t i = 0; i < page.data_count; i++)
            assert_true(uuid_equals(page.data[i].vendor_id, SHELF.stranger.id));
        seen += page.data_count;
        has_more = page.has_more;
        query.has_after = page.has_next;
        query.after = page.next;
    }
    assert_int_equal(seen, 5);
    query = (struct catalog_list_own_products){ .has_status = true,
                                                .status = CATALOG_PRODUCT_STATUS_DRAFT };
    assert_int_equal(list(&query).data_count, 2);
    query = (struct catalog_list_own_products){
        .has_q = true, .q = TEXT("plank"), .has_category = true, .category = SHELF.other_category
    };
    assert_int_equal(list(&query).data_count, 1);
    assert_int_equal(list(&query).data[0].on_hand, 10);
    query = (struct catalog_list_own_products){ .has_after = true, .after = TEXT("!") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_list_own_products_message, &query, NULL),
        STATUS_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_product_is_on_the_shelf_at_once),
        cmocka_unit_test(what_is_no_product_is_refused_with_its_place),
        cmocka_unit_test(a_vendor_that_is_not_approved_makes_drafts_only),
        cmocka_unit_test(hiding_and_deleting_take_it_off_the_shelf),
        cmocka_unit_test(somebody_elses_product_is_not_found),
        cmocka_unit_test(a_change_reaches_everything_that_shoppers_read),
        cmocka_unit_test(a_change_of_nothing_changes_nothing),
        cmocka_unit_test(pictures_and_description_are_given_and_removed),
        cmocka_unit_test(a_vendor_reads_its_own_product),
        cmocka_unit_test(what_was_heard_of_a_vendor_is_told),
        cmocka_unit_test(a_vendor_lists_its_own_products_by_page_and_filter),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
