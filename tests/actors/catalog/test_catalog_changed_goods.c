/* Claims about what tells goods apart, and what they are made of, while it waits for staff. */
#include "tests/actors/catalog/change_words.h"

static void a_barcode_waits_and_is_withdrawn_by_the_one_that_was_there(void **state)
{
    (void)state;
    struct catalog_change_variant command = { .product_id = made.id,
                                              .variant_id = made.variants[0].id,
                                              .has_barcode = true,
                                              .barcode = TEXT("036000291452") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    assert_false(shelf_inspect(made.id).variants[0].has_barcode);
    const struct catalog_product_change seen = look();
    assert_int_equal(seen.fields_count, 1);
    assert_int_equal(seen.fields[0].field, CATALOG_CONTENT_FIELD_BARCODES);
    assert_int_equal(seen.fields[0].items_count, 1);
    assert_false(seen.fields[0].items[0].has_before);
    assert_true(text_equals_string(seen.fields[0].items[0].after, "036000291452"));
    (void)change(RENAME("Lamp with a number")); /* beside it */
    assert_int_equal(look().fields_count, 2);
    assert_int_equal(approve(0, false), STATUS_OK);
    assert_true(text_equals_string(shelf_inspect(made.id).variants[0].barcode, "036000291452"));
    command.barcode = TEXT("4006381333931");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    assert_true(shelf_inspect(made.id).has_open_change);
    command.barcode = TEXT("036000291452");
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    assert_false(shelf_inspect(made.id).has_open_change);
}

static enum status set_parts(const struct catalog_new_part *parts, size_t count,
                             struct catalog_bundle *ret_bundle)
{
    const struct catalog_set_bundle command = { .product_id = made.id,
                                                .variant_id = made.variants[0].id,
                                                .parts = parts,
                                                .parts_count = count };
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_set_bundle_message, &command,
                       ret_bundle);
}

static struct catalog_own_product beside(const char *name)
{
    struct catalog_create_product wish = shelf_wish(name);
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    return shelf_make(&wish);
}

static size_t count_parts(void)
{
    const struct catalog_get_bundle query = { .variant_id = made.variants[0].id };
    struct catalog_bundle bundle;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_bundle_message, &query, &bundle),
        STATUS_OK);
    return bundle.parts_count;
}

static void parts_of_a_bundle_wait_beside_other_words_and_are_judged_again(void **state)
{
    (void)state;
    const struct catalog_own_product cup = beside("Cup"), pot = beside("Pot");
    const struct catalog_new_part parts[] = { { cup.variants[0].id, 2 },
                                              { pot.variants[0].id, 1 } };
    struct catalog_bundle bundle;
    assert_int_equal(set_parts(parts, 2, &bundle), STATUS_OK);
    assert_int_equal(bundle.parts_count, 0);
    assert_int_equal(count_parts(), 0);
    assert_true(shelf_inspect(made.id).has_open_change);
    (void)change(RENAME("Tea set"));
    const struct catalog_product_change seen = look();
    assert_int_equal(seen.fields_count, 2);
    assert_int_equal(seen.fields[1].field, CATALOG_CONTENT_FIELD_PARTS);
    assert_int_equal(seen.fields[1].items_count, 2);
    assert_false(seen.fields[1].items[0].has_before);
    assert_true(text_equals_string(seen.fields[1].items[0].after, "2"));
    assert_int_equal(approve(0, false), STATUS_OK);
    assert_int_equal(count_parts(), 2);
    assert_name("Tea set");
    /* What is taken away waits, too; and what is as it was does not. */
    assert_int_equal(set_parts(NULL, 0, &bundle), STATUS_OK);
    assert_int_equal(count_parts(), 2);
    assert_true(shelf_inspect(made.id).has_open_change);
    assert_int_equal(set_parts(parts, 2, &bundle), STATUS_OK);
    assert_false(shelf_inspect(made.id).has_open_change);
    assert_int_equal(set_parts(parts, 1, &bundle), STATUS_OK);
    assert_int_equal(reject("Cups alone?"), STATUS_OK);
    assert_int_equal(count_parts(), 2);
}

static void parts_that_are_gone_when_staff_approves_are_refused(void **state)
{
    (void)state;
    const struct catalog_own_product cup = beside("Cup that goes");
    const struct catalog_new_part part = { cup.variants[0].id, 2 };
    struct catalog_bundle bundle;
    assert_int_equal(set_parts(&part, 1, &bundle), STATUS_OK);
    const struct catalog_archive_product command = { .product_id = cup.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &command, NULL),
        STATUS_OK);
    assert_int_equal(approve(0, false), STATUS_NOT_FOUND);
    assert_int_equal(count_parts(), 0);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, make_product)
    const struct CMUnitTest tests[] = {
        CLAIM(a_barcode_waits_and_is_withdrawn_by_the_one_that_was_there),
        CLAIM(parts_of_a_bundle_wait_beside_other_words_and_are_judged_again),
        CLAIM(parts_that_are_gone_when_staff_approves_are_refused),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
