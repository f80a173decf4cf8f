/* Claims about changes of published products that wait for staff, in the database. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/change_words.h"

/* ---- the way of a change ---- */

static void what_shoppers_see_stays_until_staff_has_approved_the_change(void **state)
{
    (void)state;
    const size_t notices = direct_events(SHELF.market, catalog_notice_was_raised_message.number);
    const struct text old = made.name;
    const struct catalog_own_product changed = change(RENAME("Torch"));
    assert_int_equal(changed.status, CATALOG_PRODUCT_STATUS_PUBLISHED);
    assert_true(changed.has_open_change);
    assert_true(text_equals(changed.name, old));
    assert_true(changed.version > made.version);
    assert_name(text_string(SHELF.arena, old));
    const struct catalog_product_change seen = look();
    assert_int_equal(seen.status, CATALOG_CHANGE_STATUS_OPEN);
    assert_int_equal(seen.fields_count, 1);
    assert_true(text_equals(seen.fields[0].before, old));
    assert_true(text_equals_string(seen.fields[0].after, "Torch"));
    assert_int_equal(approve(seen.version, false), STATUS_OK);
    assert_name("Torch");
    assert_true(text_equals_string(shelf_inspect(made.id).slug, "torch"));
    assert_false(shelf_inspect(made.id).has_open_change);
    assert_int_equal(look().status, CATALOG_CHANGE_STATUS_APPROVED);
    assert_int_equal(direct_events(SHELF.market, catalog_notice_was_raised_message.number),
                     notices + 1);
    assert_int_equal(approve(0, false), STATUS_CHANGE_IS_OVER);
    assert_int_equal(reject("Too late."), STATUS_CHANGE_IS_OVER);
    assert_int_equal(withdraw_as(&SHELF.vendor), STATUS_CHANGE_IS_OVER);
}

static void a_rejected_change_leaves_the_product_and_says_why(void **state)
{
    (void)state;
    (void)change(RENAME("Rejected name"));
    static char long_reason[502];
    memset(long_reason, 'x', sizeof long_reason - 1);
    assert_int_equal(reject(""), STATUS_OUT_OF_RANGE);
    assert_int_equal(reject(long_reason), STATUS_OUT_OF_RANGE);
    assert_int_equal(reject(" "), STATUS_INVALID_VALUE);
    assert_int_equal(reject("No such word."), STATUS_OK);
    assert_name(text_string(SHELF.arena, made.name));
    const struct catalog_product_change seen = look();
    assert_int_equal(seen.status, CATALOG_CHANGE_STATUS_REJECTED);
    assert_true(text_equals_string(seen.reason, "No such word."));
    assert_true(seen.has_ended_at);
    struct told_notice_was_raised told;
    direct_last_event(SHELF.market, &catalog_notice_was_raised_message, &told);
    assert_int_equal(told.notice.kind, COMMON_NOTICE_KIND_PRODUCT_CHANGE_REJECTED);
    assert_true(uuid_equals(told.notice.recipient_id, SHELF.vendor.id));
    /* The next one begins anew, at a higher version. */
    (void)change(RENAME("Another name"));
    const struct catalog_product_change next = look();
    assert_int_equal(next.status, CATALOG_CHANGE_STATUS_OPEN);
    assert_true(next.version > seen.version);
    assert_false(next.has_reason);
}

static void what_was_withdrawn_cannot_be_approved(void **state)
{
    (void)state;
    (void)change(RENAME("Withdrawn name"));
    assert_int_equal(withdraw_as(&SHELF.stranger), STATUS_NOT_FOUND);
    assert_int_equal(withdraw_as(&SHELF.vendor), STATUS_OK);
    assert_int_equal(approve(0, false), STATUS_CHANGE_IS_OVER);
    assert_name(text_string(SHELF.arena, made.name));
}

static void a_product_without_a_change_has_none_to_judge(void **state)
{
    (void)state;
    struct catalog_product_change seen;
    assert_int_equal(look_at(&SHELF.vendor, &seen), STATUS_NOT_FOUND);
    assert_int_equal(approve(0, false), STATUS_NOT_FOUND);
    assert_int_equal(reject("Why not."), STATUS_NOT_FOUND);
    assert_int_equal(withdraw_as(&SHELF.vendor), STATUS_NOT_FOUND);
}

static void another_vendor_neither_sees_nor_makes_a_change(void **state)
{
    (void)state;
    struct catalog_product_change seen;
    assert_int_equal(change_as(&SHELF.stranger, RENAME("Stolen"), NULL), STATUS_NOT_FOUND);
    (void)change(RENAME("Own name"));
    assert_int_equal(look_at(&SHELF.stranger, &seen), STATUS_NOT_FOUND);
}

/* ---- several edits ---- */

static void edits_amend_one_change_and_undo_it(void **state)
{
    (void)state;
    (void)change(RENAME("First"));
    const int64_t version = look().version;
    (void)change((struct catalog_change_product){ .has_description = true,
                                                  .description = TEXT("Other words.") });
    assert_int_equal(look().fields_count, 2);
    assert_int_equal(approve(version, false), STATUS_PRECONDITION_FAILED);
    struct catalog_change_product back = { .has_name = true, .name = made.name };
    assert_true(change(back).has_open_change);
    assert_int_equal(look().fields_count, 1);
    back =
        (struct catalog_change_product){ .has_description = true, .description = made.description };
    assert_false(change(back).has_open_change);
    assert_int_equal(look().status, CATALOG_CHANGE_STATUS_WITHDRAWN);
}

static void of_two_edits_of_the_same_version_the_second_is_refused(void **state)
{
    (void)state;
    struct catalog_change_product command = RENAME("Of two the first");
    command.versions = &made.version;
    command.versions_count = 1;
    (void)change(command);
    command.name = TEXT("Of two the second");
    assert_int_equal(change_as(&SHELF.vendor, command, NULL), STATUS_PRECONDITION_FAILED);
    assert_true(text_equals_string(look().fields[0].after, "Of two the first"));
}

static void what_was_changed_otherwise_is_shown_before_it_is_overwritten(void **state)
{
    (void)state;
    (void)change(RENAME("Wanted by the vendor"));
    direct_set(SHELF.market, "--market.product_approval=false");
    (void)change(RENAME("Changed otherwise"));
    direct_set(SHELF.market, "--market.product_approval=true");
    assert_true(look().fields[0].is_outdated);
    assert_true(text_equals_string(look().fields[0].now, "Changed otherwise"));
    assert_int_equal(approve(0, false), STATUS_CHANGE_IS_OUTDATED);
    assert_name("Changed otherwise");
    assert_int_equal(approve(0, true), STATUS_OK);
    assert_name("Wanted by the vendor");
}

static void prices_go_through_at_once_beside_a_change(void **state)
{
    (void)state;
    const struct money price = { 777, "EUR" };
    const struct catalog_change_variant command = { .product_id = made.id,
                                                    .variant_id = made.variants[0].id,
                                                    .prices = &price,
                                                    .prices_count = 1 };
    (void)change(RENAME("Waiting name"));
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_int_equal(seen.price.amount, 777);
    assert_true(text_equals(seen.name, made.name));
    assert_int_equal(look().status, CATALOG_CHANGE_STATUS_OPEN);
    assert_int_equal(approve(0, false), STATUS_OK);
    assert_int_equal(shelf_inspect(made.id).price.amount, 777);
    assert_name("Waiting name");
}

static void a_category_waits_too_and_must_be_there_when_it_is_approved(void **state)
{
    (void)state;
    (void)change((struct catalog_change_product){ .has_category_id = true,
                                                  .category_id = SHELF.other_category });
    struct catalog_product seen;
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(uuid_equals(seen.category.id, SHELF.category));
    assert_true(text_equals_string(look().fields[0].after, "Garden > Benches > Small"));
    assert_int_equal(approve(0, false), STATUS_OK);
    assert_int_equal(shelf_look(made.id, &seen), STATUS_OK);
    assert_true(uuid_equals(seen.category.id, SHELF.other_category));
    shelf_assert_derived(made.id);
}

/* ---- variants and pictures ---- */

static struct catalog_add_variant variant_of(const struct text_pair *option,
                                             const struct money *price)
{
    return (struct catalog_add_variant){ .product_id = made.id,
                                         .options = option,
                                         .options_count = 1,
                                         .prices = price,
                                         .prices_count = 1,
                                         .has_stock = true,
                                         .stock = 4 };
}

static void a_new_variant_is_sold_when_it_is_approved(void **state)
{
    (void)state;
    const struct text_pair large = { TEXT("Size"), TEXT("L") };
    const struct money price = { 900, "EUR" };
    const struct catalog_add_variant command = variant_of(&large, &price);
    struct catalog_own_product reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &command, &reply),
        STATUS_OK);
    assert_int_equal(reply.variants_count, 1);
    assert_true(reply.has_open_change);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &command, NULL),
        STATUS_VARIANT_EXISTS);
    (void)change(RENAME("With two sizes"));
    const struct catalog_product_change seen = look();
    assert_int_equal(seen.fields_count, 2);
    assert_int_equal(seen.fields[1].field, CATALOG_CONTENT_FIELD_NEW_VARIANTS);
    assert_true(text_equals_string(seen.fields[1].items[0].after, "Size: L"));
    assert_int_equal(approve(seen.version, false), STATUS_OK);
    const struct catalog_own_product now = shelf_inspect(made.id);
    assert_int_equal(now.variants_count, 2);
    assert_int_equal(now.variants[1].available, 4);
    assert_int_equal(now.variants[1].prices[0].amount, 900);
    assert_name("With two sizes");
}

static void other_options_wait_while_the_weight_does_not(void **state)
{
    (void)state;
    const struct text_pair green = { TEXT("Colour"), TEXT("green") };
    const struct catalog_change_variant command = { .product_id = made.id,
                                                    .variant_id = made.variants[0].id,
                                                    .options = &green,
                                                    .options_count = 1,
                                                    .has_weight_grams = true,
                                                    .weight_grams = 70 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    const struct catalog_own_product before = shelf_inspect(made.id);
    assert_int_equal(before.variants[0].options_count, 0);
    assert_int_equal(before.variants[0].weight_grams, 70);
    assert_int_equal(approve(0, false), STATUS_OK);
    const struct catalog_own_product after = shelf_inspect(made.id);
    assert_true(text_equals_string(after.variants[0].options[0].value, "green"));
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HOUR_US (INT64_C(3600) * 1000000)

static size_t retire(void)
{
    const struct pictures_retire_pictures command = { .sweep = TEXT("sweep") };
    struct common_retired_pictures reply = { .digests_count = 0 };
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_retire_pictures_message, &command, &reply),
        STATUS_OK);
    return reply.digests_count;
}

static void an_upload_that_waits_keeps_its_files(void **state)
{
    (void)state;
    const struct pictures_note_picture note = { .digest = TEXT(DIGEST) };
    struct empty nothing;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_note_picture_message, &note, &nothing), STATUS_OK);
    const struct catalog_add_picture command = {
        .product_id = made.id, .picture = { .digest = TEXT(DIGEST), .width = 8, .height = 6 }
    };
    struct catalog_own_picture picture;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_picture_message, &command, &picture),
        STATUS_OK);
    assert_int_equal(shelf_inspect(made.id).pictures_count, 0);
    const struct catalog_change_picture words = {
        .product_id = made.id, .picture_id = picture.id, .has_alt = true, .alt = TEXT("A lamp.")
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_picture_message, &words, &picture),
        STATUS_OK);
    assert_true(text_equals_string(picture.alt, "A lamp."));
    direct_advance(SHELF.market, 400 * HOUR_US);
    assert_int_equal(retire(), 0);
    assert_int_equal(approve(0, false), STATUS_OK);
    assert_int_equal(shelf_inspect(made.id).pictures_count, 1);
    assert_true(text_equals_string(shelf_inspect(made.id).pictures[0].alt, "A lamp."));
    direct_advance(SHELF.market, 400 * HOUR_US);
    assert_int_equal(retire(), 0);
}

/* ---- products that leave meanwhile ---- */

static void of_a_product_that_was_hidden_a_change_is_approved_and_stays_hidden(void **state)
{
    (void)state;
    (void)change(RENAME("Hidden meanwhile"));
    const struct catalog_block_product block = { .product_id = made.id,
                                                 .reason = TEXT("A complaint.") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_block_product_message, &block, NULL),
        STATUS_OK);
    assert_int_equal(approve(0, false), STATUS_OK);
    const struct catalog_own_product now = shelf_inspect(made.id);
    assert_int_equal(now.status, CATALOG_PRODUCT_STATUS_HIDDEN);
    assert_true(now.is_hidden_by_staff);
    assert_true(text_equals_string(now.name, "Hidden meanwhile"));
    shelf_assert_derived(made.id);
}

static void a_product_that_is_deleted_takes_its_change_along(void **state)
{
    (void)state;
    (void)change(RENAME("Deleted meanwhile"));
    const struct catalog_archive_product command = { .product_id = made.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &command, NULL),
        STATUS_OK);
    assert_int_equal(look().status, CATALOG_CHANGE_STATUS_WITHDRAWN);
    assert_int_equal(approve(0, false), STATUS_CHANGE_IS_OVER);
}

/* ---- many ---- */

static void a_bulk_edit_of_the_category_waits_and_of_the_price_does_not(void **state)
{
    (void)state;
    const struct catalog_product_edit edit = { .product_id = made.id,
                                               .has_category_id = true,
                                               .category_id = SHELF.other_category,
                                               .has_price = true,
                                               .price = { 450, "EUR" } };
    const struct catalog_edit_products command = { .items = &edit, .items_count = 1 };
    struct catalog_edited_products edited;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_edit_products_message, &command, &edited),
        STATUS_OK);
    assert_int_equal(edited.ok, 1);
    const struct catalog_own_product now = shelf_inspect(made.id);
    assert_int_equal(now.price.amount, 450);
    assert_true(uuid_equals(now.category.id, SHELF.category));
    assert_true(now.has_open_change);
    assert_int_equal(look().fields[0].field, CATALOG_CONTENT_FIELD_CATEGORY);
}

static struct catalog_change_page list(const struct catalog_list_changes *query)
{
    struct catalog_change_page page;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_changes_message, query, &page),
        STATUS_OK);
    return page;
}

static void staff_lists_what_waits_the_oldest_first(void **state)
{
    (void)state;
    (void)direct_sql(SHELF.market, "UPDATE catalog.product_change SET status = 3, ended_at = 1"
                                   " WHERE status = 0");
    struct uuid products[3];
    for (size_t i = 0; i < ARRAY_LENGTH(products); i++) {
        (void)make_product(NULL);
        products[i] = made.id;
        direct_advance(SHELF.market, 1000000);
        (void)change(RENAME("Listed"));
    }
    const struct catalog_change_page first =
        list(&(struct catalog_list_changes){ .has_limit = true, .limit = 2 });
    assert_int_equal(first.data_count, 2);
    assert_true(first.has_more);
    assert_true(uuid_equals(first.data[0].product_id, products[0]));
    assert_int_equal(first.data[0].fields_count, 1);
    assert_int_equal(first.data[0].fields[0], CATALOG_CONTENT_FIELD_NAME);
    const struct catalog_change_page rest = list(&(struct catalog_list_changes){
        .has_after = true, .after = text_copy(SHELF.arena, first.next) });
    assert_int_equal(rest.data_count, 1);
    assert_true(uuid_equals(rest.data[0].product_id, products[2]));
    assert_int_equal(
        list(&(struct catalog_list_changes){ .has_vendor = true, .vendor = SHELF.vendor.id })
            .data_count,
        3);
    assert_int_equal(
        list(&(struct catalog_list_changes){ .has_vendor = true, .vendor = SHELF.stranger.id })
            .data_count,
        0);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, make_product)
    const struct CMUnitTest tests[] = {
        CLAIM(what_shoppers_see_stays_until_staff_has_approved_the_change),
        CLAIM(a_rejected_change_leaves_the_product_and_says_why),
        CLAIM(what_was_withdrawn_cannot_be_approved),
        CLAIM(a_product_without_a_change_has_none_to_judge),
        CLAIM(another_vendor_neither_sees_nor_makes_a_change),
        CLAIM(edits_amend_one_change_and_undo_it),
        CLAIM(of_two_edits_of_the_same_version_the_second_is_refused),
        CLAIM(what_was_changed_otherwise_is_shown_before_it_is_overwritten),
        CLAIM(prices_go_through_at_once_beside_a_change),
        CLAIM(a_category_waits_too_and_must_be_there_when_it_is_approved),
        CLAIM(a_new_variant_is_sold_when_it_is_approved),
        CLAIM(other_options_wait_while_the_weight_does_not),
        CLAIM(an_upload_that_waits_keeps_its_files),
        CLAIM(of_a_product_that_was_hidden_a_change_is_approved_and_stays_hidden),
        CLAIM(a_product_that_is_deleted_takes_its_change_along),
        CLAIM(a_bulk_edit_of_the_category_waits_and_of_the_price_does_not),
        CLAIM(staff_lists_what_waits_the_oldest_first),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
