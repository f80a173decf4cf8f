/* Claims about many products that are changed at once, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all
#define EUROS(amount)                                                                              \
    {                                                                                              \
        amount, "EUR"                                                                              \
    }

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static enum status edit_as(const struct principal *who, const struct catalog_product_edit *edits,
                           size_t count, struct catalog_edited_products *ret_edited)
{
    const struct catalog_edit_products command = { .items = edits, .items_count = count };
    return direct_call(SHELF.market, who, &catalog_edit_products_message, &command, ret_edited);
}

static struct catalog_edited_products edit(const struct catalog_product_edit *edits, size_t count)
{
    struct catalog_edited_products edited;
    assert_int_equal(edit_as(&SHELF.vendor, edits, count, &edited), STATUS_OK);
    assert_int_equal(edited.data_count, count);
    assert_int_equal(edited.ok + edited.refused, count);
    return edited;
}

static void assert_ok(const struct catalog_edited_products *edited, size_t index, int64_t version)
{
    assert_int_equal(edited->data[index].outcome, CATALOG_EDIT_OUTCOME_OK);
    assert_int_equal(edited->data[index].version, version);
    assert_false(edited->data[index].has_code);
}

static void assert_refused(const struct catalog_edited_products *edited, size_t index,
                           const char *code, const char *pointer)
{
    const struct catalog_edited_product *item = &edited->data[index];
    assert_int_equal(item->outcome, CATALOG_EDIT_OUTCOME_REFUSED);
    assert_true(text_equals_string(item->code, code));
    assert_true(text_equals_string(item->pointer, pointer));
    assert_true(item->detail.length > 0);
}

static void each_item_is_judged_by_itself(void **state)
{
    (void)state;
    const struct catalog_own_product dear = make("Dear"), full = make("Full"), old = make("Old"),
                                     moved = make("Moved"), gone = make("Gone");
    const struct catalog_product_edit edits[] = {
        { .product_id = dear.id, .has_price = true, .price = EUROS(900) },
        { .product_id = full.id, .has_stock = true, .stock = 77 },
        { .product_id = old.id, .has_version = true, .version = 9, .has_stock = true },
        { .product_id = moved.id, .has_category_id = true, .category_id = SHELF.other_category },
        { .product_id = gone.id, .has_status = true, .status = CATALOG_EDIT_STATUS_ARCHIVED },
        { .product_id = SHELF.category, .has_stock = true },
    };
    const struct catalog_edited_products edited = edit(edits, 6);
    assert_int_equal(edited.ok, 4);
    assert_ok(&edited, 0, 2);
    assert_ok(&edited, 1, 1);
    assert_refused(&edited, 2, "precondition_failed", "/items/2");
    assert_ok(&edited, 3, 2);
    assert_ok(&edited, 4, 2);
    assert_int_equal(edited.data[4].status, CATALOG_PRODUCT_STATUS_ARCHIVED);
    assert_refused(&edited, 5, "not_found", "/items/5");
    assert_int_equal(shelf_inspect(dear.id).price.amount, 900);
    assert_int_equal(shelf_inspect(full.id).variants[0].on_hand, 77);
    assert_int_equal(shelf_inspect(old.id).variants[0].on_hand, 10);
    assert_true(uuid_equals(shelf_inspect(moved.id).category.id, SHELF.other_category));
    shelf_assert_derived(dear.id);
    shelf_assert_derived(moved.id);
    shelf_assert_derived(gone.id);
}

static void an_item_is_done_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Whole");
    const struct catalog_variant_edit variants[] = {
        { .variant_id = made.variants[0].id,
          .has_price = true,
          .price = EUROS(1),
          .has_stock = true },
        { .variant_id = made.id, .has_stock = true, .stock = 5 },
    };
    const struct catalog_product_edit edits[] = {
        { .product_id = made.id, .variants = variants, .variants_count = 2 }
    };
    const struct catalog_edited_products edited = edit(edits, 1);
    assert_refused(&edited, 0, "not_found", "/items/0/variants/1/variant_id");
    const struct catalog_own_product after = shelf_inspect(made.id);
    assert_int_equal(after.price.amount, 500);
    assert_int_equal(after.variants[0].on_hand, 10);
    assert_int_equal(after.version, 1);
}

static void what_single_routes_refuse_is_refused(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Held"), twice = make("Twice");
    const struct catalog_reserve_stock reserve = { .variant_id = made.variants[0].id,
                                                   .reservation_id = made.id,
                                                   .quantity = 4,
                                                   .expires_at_us =
                                                       direct_now_us(SHELF.market) + 60000000 };
    struct catalog_stock_reserved reserved;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &reserve, &reserved),
        STATUS_OK);
    const struct catalog_product_edit edits[] = {
        { .product_id = made.id, .has_stock = true, .stock = 3 },
        { .product_id = twice.id, .has_compare_at_price = true, .compare_at_price = { 9, "USD" } },
        { .product_id = twice.id, .has_stock = true },
        { .product_id = SHELF.vendor.id,
          .has_status = true,
          .status = CATALOG_EDIT_STATUS_PUBLISHED },
    };
    const struct catalog_edited_products edited = edit(edits, 4);
    assert_refused(&edited, 0, "insufficient_stock", "/items/0/stock");
    assert_refused(&edited, 1, "invalid_value", "/items/1/compare_at_price");
    assert_refused(&edited, 2, "invalid_value", "/items/2/product_id");
    assert_refused(&edited, 3, "not_found", "/items/3");
    struct catalog_edited_products other;
    assert_int_equal(edit_as(&SHELF.stranger, edits, 1, &other), STATUS_OK);
    assert_refused(&other, 0, "not_found", "/items/0");
    assert_int_equal(edit_as(&SHELF.vendor, edits, 0, &other), STATUS_INVALID_VALUE);
}

static void stock_takes_its_own_right(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Right");
    struct principal member = SHELF.vendor;
    member.rights &= ~(UINT64_C(1) << VENDOR_PERMISSION_MANAGE_STOCK);
    struct catalog_edited_products edited;
    struct catalog_product_edit item = { .product_id = made.id,
                                         .has_price = true,
                                         .price = EUROS(7) };
    assert_int_equal(edit_as(&member, &item, 1, &edited), STATUS_OK);
    assert_ok(&edited, 0, 2);
    item.has_stock = true;
    assert_int_equal(edit_as(&member, &item, 1, &edited), STATUS_FORBIDDEN);
    /* A new product may come with units. */
    struct catalog_create_product wish = shelf_wish("Right of units");
    struct catalog_own_product product;
    assert_int_equal(
        direct_call(SHELF.market, &member, &catalog_create_product_message, &wish, &product),
        STATUS_FORBIDDEN);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/stock");
    wish.stock = 0;
    assert_int_equal(
        direct_call(SHELF.market, &member, &catalog_create_product_message, &wish, &product),
        STATUS_OK);
}

static void where_a_product_stands_already_is_no_change(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Stands");
    struct catalog_product_edit item = { .product_id = made.id,
                                         .has_status = true,
                                         .status = CATALOG_EDIT_STATUS_PUBLISHED };
    struct catalog_edited_products edited = edit(&item, 1);
    assert_ok(&edited, 0, 1);
    item.status = CATALOG_EDIT_STATUS_HIDDEN;
    edited = edit(&item, 1);
    assert_ok(&edited, 0, 2);
    SHELF.standing = VENDOR_VENDOR_STATUS_SUSPENDED;
    item.status = CATALOG_EDIT_STATUS_PUBLISHED;
    edited = edit(&item, 1);
    SHELF.standing = VENDOR_VENDOR_STATUS_APPROVED;
    assert_refused(&edited, 0, "vendor_unavailable", "/items/0");
}

static void a_new_currency_stands_beside_the_others(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Both");
    const struct catalog_product_edit item = { .product_id = made.id,
                                               .has_price = true,
                                               .price = { 650, "USD" } };
    const struct catalog_edited_products edited = edit(&item, 1);
    assert_ok(&edited, 0, 2);
    const struct catalog_own_product after = shelf_inspect(made.id);
    assert_int_equal(after.variants[0].prices_count, 2);
    assert_int_equal(after.price.amount, 500);
}

static void staff_decides_about_many(void **state)
{
    (void)state;
    const struct catalog_own_product bad = make("Bad"), fine = make("Fine");
    const struct catalog_product_judgement items[] = {
        { .product_id = bad.id, .decision = CATALOG_JUDGEMENT_HIDE },
        { .product_id = fine.id, .decision = CATALOG_JUDGEMENT_APPROVE },
    };
    const struct catalog_judge_products command = { .items = items,
                                                    .items_count = 2,
                                                    .reason = TEXT("Not as described.") };
    struct catalog_edited_products edited;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_judge_products_message, &command, &edited),
        STATUS_OK);
    assert_ok(&edited, 0, 2);
    assert_int_equal(edited.data[0].status, CATALOG_PRODUCT_STATUS_HIDDEN);
    assert_refused(&edited, 1, "illegal_transition", "/items/1");
    assert_true(shelf_inspect(bad.id).is_hidden_by_staff);
    assert_true(text_equals_string(shelf_inspect(bad.id).review_note, "Not as described."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_judged_by_itself),
        cmocka_unit_test(an_item_is_done_whole_or_not_at_all),
        cmocka_unit_test(what_single_routes_refuse_is_refused),
        cmocka_unit_test(stock_takes_its_own_right),
        cmocka_unit_test(where_a_product_stands_already_is_no_change),
        cmocka_unit_test(a_new_currency_stands_beside_the_others),
        cmocka_unit_test(staff_decides_about_many),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
