/* Claims about the states of a product and what it may say. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_item.h"
#include "runtime/arena.h"

enum { NONE = -1, BLOCKED = 10 };

#define AT(status) CATALOG_PRODUCT_STATUS_##status

/* Where each move leads from draft, in_review, published, hidden, rejected, archived and from
 * hidden by staff; NONE: refused. */
static const int wanted[CATALOG_MOVE_COUNT][7] = {
    [CATALOG_MOVE_PUBLISH] = { AT(PUBLISHED), NONE, NONE, AT(PUBLISHED), AT(IN_REVIEW), NONE,
                               NONE },
    [CATALOG_MOVE_HIDE] = { NONE, AT(HIDDEN), AT(HIDDEN), NONE, NONE, NONE, NONE },
    [CATALOG_MOVE_ARCHIVE] = { AT(ARCHIVED), AT(ARCHIVED), AT(ARCHIVED), AT(ARCHIVED), AT(ARCHIVED),
                               NONE, AT(ARCHIVED) + BLOCKED },
    [CATALOG_MOVE_EDIT] = { AT(DRAFT), AT(IN_REVIEW), AT(PUBLISHED), AT(HIDDEN), AT(REJECTED), NONE,
                            AT(HIDDEN) + BLOCKED },
    [CATALOG_MOVE_CHANGE] = { AT(DRAFT), AT(IN_REVIEW), AT(PUBLISHED), AT(HIDDEN), AT(REJECTED),
                              NONE, AT(HIDDEN) + BLOCKED },
    [CATALOG_MOVE_APPROVE] = { NONE, AT(PUBLISHED), NONE, NONE, NONE, NONE, NONE },
    [CATALOG_MOVE_REJECT] = { NONE, AT(REJECTED), NONE, NONE, NONE, NONE, NONE },
    [CATALOG_MOVE_BLOCK] = { NONE, AT(HIDDEN) + BLOCKED, AT(HIDDEN) + BLOCKED, AT(HIDDEN) + BLOCKED,
                             NONE, NONE, NONE },
    [CATALOG_MOVE_RESTORE] = { NONE, NONE, NONE, NONE, NONE, AT(HIDDEN), AT(PUBLISHED) },
};

static void every_move_from_every_state_is_as_the_table_says(void **state)
{
    (void)state;
    for (enum catalog_move move = 0; move < CATALOG_MOVE_COUNT; move++) {
        for (int from = 0; from < 7; from++) {
            struct catalog_item item = {
                .status = from == 6 ? AT(HIDDEN) : (enum catalog_product_status)from,
                .is_blocked = from == 6,
            };
            const struct catalog_item before = item;
            const enum status status = catalog_item_move(&item, move, false);
            const int to = wanted[move][from];
            assert_int_equal(status, to == NONE ? STATUS_ILLEGAL_TRANSITION : STATUS_OK);
            if (to == NONE) assert_memory_equal(&item, &before, sizeof item);
            if (to != NONE) assert_int_equal(item.status + (item.is_blocked ? BLOCKED : 0), to);
        }
    }
}

static void where_approval_is_needed_publishing_and_editing_lead_into_review(void **state)
{
    (void)state;
    struct catalog_item item = { .status = AT(DRAFT) };
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_PUBLISH, true), STATUS_OK);
    assert_int_equal(item.status, AT(IN_REVIEW));
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_APPROVE, true), STATUS_OK);
    assert_int_equal(item.status, AT(PUBLISHED));
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_CHANGE, true), STATUS_OK);
    assert_int_equal(item.status, AT(PUBLISHED));
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_EDIT, true), STATUS_OK);
    assert_int_equal(item.status, AT(IN_REVIEW));
}

static void an_explanation_names_the_state_and_what_is_possible(void **state)
{
    const struct catalog_item archived = { .status = AT(ARCHIVED) };
    const struct catalog_item blocked = { .status = AT(HIDDEN), .is_blocked = true };
    assert_true(text_equals_string(catalog_item_explain(*state, &archived),
                                   "The product is archived; possible now: restore (staff)"));
    assert_true(text_equals_string(
        catalog_item_explain(*state, &blocked),
        "The product is hidden by staff; possible now: delete change restore (staff)"));
}

static void an_import_never_undoes_what_staff_or_a_deletion_did(void **state)
{
    (void)state;
    const enum catalog_product_status kept[] = { AT(IN_REVIEW), AT(REJECTED), AT(ARCHIVED) };
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++) {
        struct catalog_item item = { .status = kept[i] };
        catalog_item_import_status(&item, true, true);
        assert_int_equal(item.status, kept[i]);
    }
    struct catalog_item blocked = { .status = AT(HIDDEN), .is_blocked = true };
    catalog_item_import_status(&blocked, true, true);
    assert_int_equal(blocked.status, AT(HIDDEN));
    struct catalog_item draft = { .status = AT(DRAFT) };
    catalog_item_import_status(&draft, true, true);
    assert_int_equal(draft.status, AT(PUBLISHED));
    catalog_item_import_status(&draft, true, false);
    assert_int_equal(draft.status, AT(HIDDEN));
}

static void the_cheapest_is_sought_in_the_market_currency(void **state)
{
    (void)state;
    const struct catalog_item_price dollars = { { 100, "USD" }, CATALOG_ITEM_NONE };
    const struct catalog_item_price both[] = { { { 900, "EUR" }, CATALOG_ITEM_NONE },
                                               { { 90, "USD" }, CATALOG_ITEM_NONE } };
    const struct catalog_item_price euros = { { 800, "EUR" }, CATALOG_ITEM_NONE };
    const struct catalog_item_variant variants[] = {
        { .prices = &dollars, .prices_count = 1 },
        { .prices = both, .prices_count = 2 },
        { .prices = &euros, .prices_count = 1 },
    };
    const struct catalog_item item = { .variants = variants, .variants_count = 3 };
    assert_ptr_equal(catalog_item_cheapest(&item, "EUR"), &euros);
    assert_ptr_equal(catalog_item_cheapest(&item, "GBP"), &both[1]);
}

static void options_are_the_same_in_any_order(void **state)
{
    (void)state;
    const struct text_pair a[] = { { TEXT("Size"), TEXT("XL") }, { TEXT("Colour"), TEXT("Red") } };
    const struct text_pair b[] = { { TEXT("Colour"), TEXT("Red") }, { TEXT("Size"), TEXT("XL") } };
    const struct text_pair c[] = { { TEXT("Colour"), TEXT("Red") }, { TEXT("Size"), TEXT("L") } };
    assert_true(catalog_options_are_same(a, 2, b, 2));
    assert_false(catalog_options_are_same(a, 2, c, 2));
    assert_false(catalog_options_are_same(a, 2, a, 1));
    assert_true(catalog_options_are_same(NULL, 0, NULL, 0));
}

static int make_arena(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int drop_arena(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_from_every_state_is_as_the_table_says),
        cmocka_unit_test(where_approval_is_needed_publishing_and_editing_lead_into_review),
        cmocka_unit_test(an_explanation_names_the_state_and_what_is_possible),
        cmocka_unit_test(an_import_never_undoes_what_staff_or_a_deletion_did),
        cmocka_unit_test(the_cheapest_is_sought_in_the_market_currency),
        cmocka_unit_test(options_are_the_same_in_any_order),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
