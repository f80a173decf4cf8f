/* Claims about the category tree: what moves with a category, where none may go, and what becomes
 * of the products of one that is taken away; against a scratch database. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_category_edit_store.h"
#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static enum status change(const struct catalog_change_category *command,
                          struct catalog_category_detail *ret_category)
{
    return direct_call(SHELF.market, &SHELF.staff, &catalog_change_category_message, command,
                       ret_category);
}

static enum status move(struct uuid category, struct uuid parent)
{
    const struct catalog_change_category command = { .category_id = category,
                                                     .has_parent_id = true,
                                                     .parent_id = parent };
    return change(&command, NULL);
}

static enum status rename_it(struct uuid category, const char *name)
{
    const struct catalog_change_category command = { .category_id = category,
                                                     .has_name = true,
                                                     .name = text_of(name) };
    return change(&command, NULL);
}

static enum status merge(struct uuid category, struct uuid into)
{
    const struct catalog_merge_category command = { .category_id = category, .into_id = into };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_merge_category_message, &command, NULL);
}

static enum status take_away(struct uuid category)
{
    const struct catalog_remove_category command = { .category_id = category };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_remove_category_message, &command,
                       NULL);
}

/* Both times that products are brought in line. */
static void let_products_follow(void)
{
    assert_int_equal(direct_sweep(SHELF.market, "categories"), STATUS_OK);
    direct_advance(SHELF.market, CATALOG_TASK_AGAIN_US);
    assert_int_equal(direct_sweep(SHELF.market, "categories"), STATUS_OK);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.category_task"), "0"));
}

static struct catalog_category_detail look(struct uuid category)
{
    const struct catalog_get_category query = { .category_id = category };
    struct catalog_category_detail detail;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_category_message, &query, &detail), STATUS_OK);
    return detail;
}

static bool is_listed_in(struct uuid product, struct uuid category)
{
    const struct catalog_list_products query = { .has_category = true, .category = category };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++)
        if (uuid_equals(page.data[i].id, product)) return true;
    return false;
}

static const char *fault_at(void)
{
    return direct_last_fault(SHELF.market).pointer;
}

/* ---- moving ---- */

static void a_category_moves_with_all_that_is_below_it(void **state)
{
    (void)state;
    const struct uuid garden = shelf_make_category("Move garden", NULL),
                      house = shelf_make_category("Move house", NULL),
                      tables = shelf_make_category("Tables", &garden),
                      round = shelf_make_category("Round", &tables);
    const struct uuid product = shelf_make_in("Round table", round);
    struct catalog_create_product wish = shelf_wish("Draft table");
    wish.category_id = round;
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    const struct uuid draft = shelf_make(&wish).id;
    const size_t news = direct_events(SHELF.market, catalog_category_was_changed_message.number);
    assert_int_equal(move(tables, house), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_category_was_changed_message.number),
                     news + 1);
    /* At once: its path and that of what is below it. */
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.category.path, "Move house > Tables > Round"));
    assert_int_equal(seen.breadcrumbs_count, 3);
    assert_true(uuid_equals(seen.breadcrumbs[0].id, house));
    assert_true(text_equals_string(seen.breadcrumbs[0].slug, "move-house"));
    assert_true(uuid_equals(seen.breadcrumbs[2].id, round));
    assert_true(text_equals_string(look(round).path, "Move house > Tables > Round"));
    /* Soon: where it is listed, and what promotions ask for. */
    let_products_follow();
    assert_false(is_listed_in(product, garden));
    assert_true(is_listed_in(product, house));
    assert_true(is_listed_in(product, tables));
    shelf_assert_derived(product);
    shelf_assert_derived(draft);
    const struct catalog_change_category back = { .category_id = tables,
                                                  .has_to_root = true,
                                                  .to_root = true };
    struct catalog_category_detail moved;
    assert_int_equal(change(&back, &moved), STATUS_OK);
    assert_int_equal(moved.depth, 0);
    assert_false(moved.has_parent_id);
    assert_int_equal(look(round).depth, 1);
    let_products_follow();
    assert_false(is_listed_in(product, house));
    shelf_assert_derived(product);
}

/* Two moves before the products have followed the first one. */
static void products_of_a_category_that_moves_twice_are_listed_in_the_last_place_only(void **state)
{
    (void)state;
    const struct uuid first = shelf_make_category("First", NULL),
                      second = shelf_make_category("Second", NULL),
                      third = shelf_make_category("Third", NULL),
                      leaf = shelf_make_category("Leaf", &first);
    const struct uuid product = shelf_make_in("Twice moved", leaf);
    assert_int_equal(move(leaf, second), STATUS_OK);
    assert_int_equal(move(leaf, third), STATUS_OK);
    let_products_follow();
    assert_false(is_listed_in(product, first));
    assert_false(is_listed_in(product, second));
    assert_true(is_listed_in(product, third));
    shelf_assert_derived(product);
}

/* It is none of the category's when these are brought in line. */
static void a_product_that_leaves_a_category_that_moves_is_listed_nowhere_else(void **state)
{
    (void)state;
    const struct uuid before = shelf_make_category("Before", NULL),
                      after = shelf_make_category("After", NULL),
                      leaf = shelf_make_category("Left leaf", &before),
                      other = shelf_make_category("Elsewhere", NULL);
    const struct uuid product = shelf_make_in("Leaver", leaf),
                      hidden = shelf_make_in("Hider", leaf);
    assert_int_equal(move(leaf, after), STATUS_OK);
    const struct catalog_change_product leave = { .product_id = product,
                                                  .has_category_id = true,
                                                  .category_id = other };
    const struct catalog_hide_product hide = { .product_id = hidden };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &leave, NULL),
        STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &hide, NULL),
        STATUS_OK);
    let_products_follow();
    shelf_assert_derived(product);
    shelf_assert_derived(hidden);
    assert_false(is_listed_in(product, before));
    assert_false(is_listed_in(product, after));
    assert_true(is_listed_in(product, other));
}

static void what_a_handler_writes_late_is_brought_in_line_the_second_time(void **state)
{
    (void)state;
    const struct uuid here = shelf_make_category("Here", NULL),
                      there = shelf_make_category("There", NULL),
                      leaf = shelf_make_category("Late leaf", &here);
    const struct uuid product = shelf_make_in("Late", leaf);
    assert_int_equal(move(leaf, there), STATUS_OK);
    assert_int_equal(direct_sweep(SHELF.market, "categories"), STATUS_OK);
    /* As a handler would that had read the tree before. */
    (void)shelf_sql("WITH l AS (INSERT INTO catalog.listing SELECT c.parent_id, '%s', 500"
                    " FROM (SELECT id AS parent_id FROM catalog.category WHERE name = 'Here') c)"
                    " UPDATE catalog.variant SET category_ids = '{}'",
                    product);
    assert_true(is_listed_in(product, here));
    direct_advance(SHELF.market, CATALOG_TASK_AGAIN_US);
    assert_int_equal(direct_sweep(SHELF.market, "categories"), STATUS_OK);
    assert_false(is_listed_in(product, here));
    shelf_assert_derived(product);
}

static void a_category_never_stands_below_itself(void **state)
{
    (void)state;
    const struct uuid top = shelf_make_category("Cycle", NULL),
                      middle = shelf_make_category("Middle", &top),
                      low = shelf_make_category("Low", &middle);
    assert_int_equal(move(top, top), STATUS_CATEGORY_CYCLE);
    assert_string_equal(fault_at(), "/parent_id");
    assert_int_equal(move(top, low), STATUS_CATEGORY_CYCLE);
    assert_int_equal(move(middle, low), STATUS_CATEGORY_CYCLE);
    assert_int_equal(merge(top, low), STATUS_CATEGORY_CYCLE);
    assert_string_equal(fault_at(), "/into_id");
    assert_int_equal(merge(top, top), STATUS_CATEGORY_CYCLE);
    assert_true(text_equals_string(look(low).path, "Cycle > Middle > Low"));
}

/* Each would be right without the other. */
static void two_moves_at_once_make_no_circle(void **state)
{
    (void)state;
    const struct uuid left = shelf_make_category("Left", NULL),
                      right = shelf_make_category("Right", NULL);
    direct_queue_units(SHELF.market);
    assert_int_equal(move(left, right), STATUS_OK);
    assert_int_equal(move(right, left), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_int_equal(look(left).depth + look(right).depth, 1);
}

/* Neither the insert nor the move sees the other's. */
static void a_category_that_is_made_below_one_that_moves_goes_with_it_or_is_refused(void **state)
{
    (void)state;
    const struct uuid from = shelf_make_category("From", NULL),
                      into = shelf_make_category("Into", NULL);
    const struct catalog_create_category command = { .name = TEXT("Child"),
                                                     .has_parent_id = true,
                                                     .parent_id = from };
    direct_queue_units(SHELF.market);
    assert_int_equal(move(from, into), STATUS_OK);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_create_category_message, &command, NULL),
        STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.category WHERE name = 'Child'"),
        "0"));
}

static void a_tree_has_fifteen_levels_at_most(void **state)
{
    (void)state;
    struct uuid chain[8], other[8];
    for (size_t i = 0; i < 8; i++) {
        chain[i] = shelf_make_category(text_format(SHELF.arena, "Deep %zu", i).data,
                                       i == 0 ? NULL : &chain[i - 1]);
        other[i] = shelf_make_category(text_format(SHELF.arena, "High %zu", i).data,
                                       i == 0 ? NULL : &other[i - 1]);
    }
    assert_int_equal(move(other[0], chain[7]), STATUS_CATEGORY_TOO_DEEP);
    assert_int_equal(move(other[1], chain[7]), STATUS_OK);
    assert_int_equal(look(other[7]).depth, 14);
    assert_int_equal(look(other[7]).breadcrumbs_count, 15);
}

static void paths_are_bounded_with_all_that_is_below(void **state)
{
    (void)state;
    char name[200];
    memset(name, 'p', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct uuid top = shelf_make_category("Short", NULL),
                      middle = shelf_make_category(name, &top),
                      low = shelf_make_category(name, &middle);
    (void)low;
    assert_int_equal(rename_it(top, name), STATUS_CATEGORY_TOO_DEEP);
    assert_string_equal(fault_at(), "/name");
    assert_true(text_equals_string(look(top).path, "Short"));
}

/* ---- names ---- */

static void a_renamed_category_is_found_by_its_old_address_too(void **state)
{
    (void)state;
    const struct uuid category = shelf_make_category("Sofas", NULL),
                      below = shelf_make_category("Corner", &category);
    const struct uuid product = shelf_make_in("Corner sofa", below);
    assert_int_equal(rename_it(category, "Couches"), STATUS_OK);
    assert_int_equal(rename_it(category, "Sofas"), STATUS_OK);
    assert_int_equal(rename_it(category, "Couches"), STATUS_OK);
    const char *const slugs[] = { "sofas", "couches" };
    for (size_t i = 0; i < ARRAY_LENGTH(slugs); i++) {
        const struct catalog_get_category_by_slug query = { .slug = text_of(slugs[i]) };
        struct catalog_category_detail detail;
        assert_int_equal(
            direct_call(SHELF.market, NULL, &catalog_get_category_by_slug_message, &query, &detail),
            STATUS_OK);
        assert_true(uuid_equals(detail.id, category));
        assert_true(text_equals_string(detail.slug, "couches"));
    }
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_true(text_equals_string(seen.category.path, "Couches > Corner"));
    assert_true(text_equals_string(seen.breadcrumbs[0].slug, "couches"));
    /* Files find it by its new path, and make the old one anew. */
    const struct catalog_import_category command = { .path = TEXT("couches > corner") };
    struct catalog_category_imported imported;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_category_message, &command, &imported),
        STATUS_OK);
    assert_true(uuid_equals(imported.category_id, below));
}

static void names_are_told_apart_among_siblings(void **state)
{
    (void)state;
    const struct uuid first = shelf_make_category("Rugs", NULL),
                      second = shelf_make_category("Mats", NULL);
    assert_int_equal(rename_it(second, "RUGS"), STATUS_CATEGORY_EXISTS);
    assert_string_equal(fault_at(), "/name");
    assert_int_equal(rename_it(first, "RUGS"), STATUS_OK);
    assert_true(text_equals_string(look(first).name, "RUGS"));
    assert_int_equal(rename_it(first, "A > B"), STATUS_INVALID_VALUE);
    assert_int_equal(rename_it(first, " \xe2\x80\x8b "), STATUS_INVALID_VALUE);
    const struct catalog_change_category stale = { .category_id = first,
                                                   .has_seo_title = true,
                                                   .seo_title = TEXT("Rugs of wool"),
                                                   .versions = &(int64_t){ 1 },
                                                   .versions_count = 1 };
    assert_int_equal(change(&stale, NULL), STATUS_PRECONDITION_FAILED);
    struct catalog_change_category fresh = stale;
    fresh.versions = &(int64_t){ look(first).version };
    struct catalog_category_detail detail;
    assert_int_equal(change(&fresh, &detail), STATUS_OK);
    assert_true(text_equals_string(look(first).seo_title, "Rugs of wool"));
    assert_int_equal(detail.version, look(first).version);
}

static void siblings_stand_in_the_order_that_they_are_given(void **state)
{
    (void)state;
    const struct uuid parent = shelf_make_category("Ordered", NULL),
                      a = shelf_make_category("A", &parent), b = shelf_make_category("B", &parent),
                      c = shelf_make_category("C", &parent),
                      below = shelf_make_category("Below C", &c);
    struct catalog_change_category command = { .category_id = c, .has_position = true };
    assert_int_equal(change(&command, NULL), STATUS_OK);
    command = (struct catalog_change_category){ .category_id = a,
                                                .has_position = true,
                                                .position = 4000 };
    assert_int_equal(change(&command, NULL), STATUS_OK);
    const struct uuid expected[] = { parent, c, below, b, a };
    struct catalog_category_tree tree;
    const struct catalog_list_categories query = { 0 };
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_categories_message, &query, &tree),
        STATUS_OK);
    size_t at = 0;
    while (at < tree.data_count && !uuid_equals(tree.data[at].id, parent))
        at++;
    assert_true(at + ARRAY_LENGTH(expected) <= tree.data_count);
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_true(uuid_equals(tree.data[at + i].id, expected[i]));
}

/* ---- taking away ---- */

static void only_an_empty_category_is_taken_away(void **state)
{
    (void)state;
    const struct uuid parent = shelf_make_category("Full", NULL),
                      child = shelf_make_category("Empty", &parent);
    assert_int_equal(take_away(parent), STATUS_CATEGORY_NOT_EMPTY);
    const struct uuid product = shelf_make_in("Only one", child);
    assert_int_equal(take_away(child), STATUS_CATEGORY_NOT_EMPTY);
    const struct catalog_archive_product archive = { .product_id = product };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_archive_product_message, &archive, NULL),
        STATUS_OK);
    assert_int_equal(take_away(child), STATUS_CATEGORY_NOT_EMPTY); /* staff may bring it back */
    const struct uuid other = shelf_make_category("Really empty", &parent);
    assert_int_equal(take_away(other), STATUS_OK);
    assert_int_equal(take_away(other), STATUS_NOT_FOUND);
    assert_int_equal(rename_it(other, "Gone"), STATUS_NOT_FOUND);
    assert_true(uuid_equals(shelf_make_category("Really empty", &parent), other) == false);
}

static void a_merged_category_leaves_its_products_children_and_addresses(void **state)
{
    (void)state;
    const struct uuid old = shelf_make_category("Old lamps", NULL),
                      into = shelf_make_category("New lamps", NULL),
                      child = shelf_make_category("Desk lamps", &old);
    for (int i = 0; i < 20; i++)
        (void)shelf_make_in("One of many", old);
    const struct uuid product = shelf_make_in("Lamp", old),
                      below = shelf_make_in("Desk lamp", child);
    const size_t news = direct_events(SHELF.market, catalog_category_was_changed_message.number);
    assert_int_equal(merge(old, into), STATUS_OK);
    assert_int_equal(merge(old, into), STATUS_NOT_FOUND); /* it is going already */
    assert_int_equal(rename_it(old, "Other"), STATUS_NOT_FOUND);
    assert_true(text_equals_string(look(child).path, "New lamps > Desk lamps"));
    let_products_follow();
    assert_int_equal(direct_events(SHELF.market, catalog_category_was_changed_message.number),
                     news + 3);
    shelf_assert_derived(product);
    shelf_assert_derived(below);
    assert_true(is_listed_in(product, into));
    assert_true(is_listed_in(below, into));
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    assert_true(uuid_equals(seen.category.id, into));
    assert_true(text_equals_string(seen.category.path, "New lamps"));
    const struct catalog_get_category gone = { .category_id = old };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_category_message, &gone, NULL),
                     STATUS_NOT_FOUND);
    const struct catalog_get_category_by_slug query = { .slug = TEXT("old-lamps") };
    struct catalog_category_detail detail;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_get_category_by_slug_message, &query, &detail),
        STATUS_OK);
    assert_true(uuid_equals(detail.id, into));
    assert_true(text_equals_string(detail.slug, "new-lamps"));
}

static void a_merge_that_would_make_two_of_one_name_changes_nothing(void **state)
{
    (void)state;
    const struct uuid from = shelf_make_category("Merge from", NULL),
                      into = shelf_make_category("Merge into", NULL),
                      child = shelf_make_category("Twin", &from);
    (void)shelf_make_category("twin", &into);
    assert_int_equal(merge(from, into), STATUS_CATEGORY_EXISTS);
    assert_true(text_equals_string(look(child).path, "Merge from > Twin"));
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT count(*) FROM catalog.category_task"), "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_category_moves_with_all_that_is_below_it),
        cmocka_unit_test(products_of_a_category_that_moves_twice_are_listed_in_the_last_place_only),
        cmocka_unit_test(a_product_that_leaves_a_category_that_moves_is_listed_nowhere_else),
        cmocka_unit_test(what_a_handler_writes_late_is_brought_in_line_the_second_time),
        cmocka_unit_test(a_category_never_stands_below_itself),
        cmocka_unit_test(two_moves_at_once_make_no_circle),
        cmocka_unit_test(a_category_that_is_made_below_one_that_moves_goes_with_it_or_is_refused),
        cmocka_unit_test(a_tree_has_fifteen_levels_at_most),
        cmocka_unit_test(paths_are_bounded_with_all_that_is_below),
        cmocka_unit_test(a_renamed_category_is_found_by_its_old_address_too),
        cmocka_unit_test(names_are_told_apart_among_siblings),
        cmocka_unit_test(siblings_stand_in_the_order_that_they_are_given),
        cmocka_unit_test(only_an_empty_category_is_taken_away),
        cmocka_unit_test(a_merged_category_leaves_its_products_children_and_addresses),
        cmocka_unit_test(a_merge_that_would_make_two_of_one_name_changes_nothing),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
