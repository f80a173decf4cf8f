/* Claims about the states of a product and what it may say. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_item.h"
#include "messages/codec_msgpack.h"

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
    [CATALOG_MOVE_CHANGE] = { AT(DRAFT), AT(IN_REVIEW), AT(PUBLISHED), AT(HIDDEN), AT(REJECTED),
                              NONE, AT(HIDDEN) + BLOCKED },
    [CATALOG_MOVE_APPROVE] = { NONE, AT(PUBLISHED), NONE, NONE, NONE, NONE, NONE },
    [CATALOG_MOVE_REJECT] = { NONE, AT(REJECTED), NONE, NONE, NONE, NONE, NONE },
    [CATALOG_MOVE_BLOCK] = { NONE, AT(HIDDEN) + BLOCKED, AT(HIDDEN) + BLOCKED, AT(HIDDEN) + BLOCKED,
                             NONE, NONE, NONE },
    [CATALOG_MOVE_RESTORE] = { NONE, NONE, NONE, NONE, NONE, AT(HIDDEN), AT(PUBLISHED) },
};

static void check_move(enum catalog_move move, const char *name, int from)
{
    struct catalog_item item = {
        .status = from == 6 ? AT(HIDDEN) : (enum catalog_product_status)from,
        .is_blocked = from == 6,
    };
    const struct catalog_item before = item;
    const enum status status = catalog_item_move(&item, move, false);
    const int to = wanted[move][from];
    const bool is_right =
        to == NONE
            ? status == STATUS_ILLEGAL_TRANSITION && memcmp(&item, &before, sizeof item) == 0
            : status == STATUS_OK && (int)item.status + (item.is_blocked ? BLOCKED : 0) == to;
    if (!is_right)
        fail_msg("%s from %s%s: %s, %s", name, catalog_product_status_names[before.status],
                 before.is_blocked ? " by staff" : "", status_name(status),
                 catalog_product_status_names[item.status]);
}

static void every_move_from_every_state_is_as_the_table_says(void **state)
{
    (void)state;
    static const char *const names[CATALOG_MOVE_COUNT] = {
        [CATALOG_MOVE_PUBLISH] = "publish", [CATALOG_MOVE_HIDE] = "hide",
        [CATALOG_MOVE_ARCHIVE] = "archive", [CATALOG_MOVE_CHANGE] = "change",
        [CATALOG_MOVE_APPROVE] = "approve", [CATALOG_MOVE_REJECT] = "reject",
        [CATALOG_MOVE_BLOCK] = "block",     [CATALOG_MOVE_RESTORE] = "restore",
    };
    for (enum catalog_move move = 0; move < CATALOG_MOVE_COUNT; move++)
        for (int from = 0; from < 7; from++)
            check_move(move, names[move], from);
}

static void
where_approval_is_needed_publishing_leads_into_review_and_changing_does_not(void **state)
{
    (void)state;
    struct catalog_item item = { .status = AT(DRAFT) };
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_PUBLISH, true), STATUS_OK);
    assert_int_equal(item.status, AT(IN_REVIEW));
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_APPROVE, true), STATUS_OK);
    assert_int_equal(item.status, AT(PUBLISHED));
    assert_int_equal(catalog_item_move(&item, CATALOG_MOVE_CHANGE, true), STATUS_OK);
    assert_int_equal(item.status, AT(PUBLISHED));
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
        if (item.status != kept[i])
            fail_msg("%s became %s", catalog_product_status_names[kept[i]],
                     catalog_product_status_names[item.status]);
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
    const struct catalog_item_price dollars = { .price = { 100, "USD" },
                                                .compare_at = CATALOG_ITEM_NONE };
    const struct catalog_item_price both[] = {
        { .price = { 900, "EUR" }, .compare_at = CATALOG_ITEM_NONE },
        { .price = { 90, "USD" }, .compare_at = CATALOG_ITEM_NONE }
    };
    const struct catalog_item_price euros = { .price = { 800, "EUR" },
                                              .compare_at = CATALOG_ITEM_NONE };
    const struct catalog_item_variant variants[] = {
        { .prices = &dollars, .prices_count = 1 },
        { .prices = both, .prices_count = 2 },
        { .prices = &euros, .prices_count = 1 },
    };
    const struct catalog_item item = { .variants = variants, .variants_count = 3 };
    assert_ptr_equal(catalog_item_cheapest(&item, "EUR"), &euros);
    assert_ptr_equal(catalog_item_cheapest(&item, "GBP"), &both[1]);
}

static struct catalog_sale sale_after(const struct catalog_item_price *prices, size_t count,
                                      int64_t now_us)
{
    struct catalog_item_variant variants[3];
    assert_true(count <= ARRAY_LENGTH(variants));
    for (size_t i = 0; i < count; i++)
        variants[i] = (struct catalog_item_variant){ .prices = &prices[i], .prices_count = 1 };
    const struct catalog_item item = { .variants = variants, .variants_count = count };
    return catalog_item_sale_after(&item, "EUR", now_us);
}

static void assert_sale(struct catalog_sale sale, int64_t amount, int64_t from_us, int64_t to_us)
{
    assert_int_equal(sale.amount, amount);
    assert_int_equal(sale.from_us, from_us);
    assert_int_equal(sale.to_us, to_us);
}

static void the_sale_of_a_product_is_the_one_that_runs_or_comes_next(void **state)
{
    (void)state;
    const struct catalog_item_price price = { .price = { 1000, "EUR" }, .sale = { 800, 10, 20 } };
    assert_sale(sale_after(&price, 1, 5), 800, 10, 20);
    assert_sale(sale_after(&price, 1, 15), 800, 15, 20);
    assert_sale(sale_after(&price, 1, 20), 0, 0, 0);
    const struct catalog_item_price plain = { .price = { 1000, "EUR" } };
    assert_sale(sale_after(&plain, 1, 5), 0, 0, 0);
    const struct catalog_item_price for_good = { .price = { 1000, "EUR" },
                                                 .sale = { 800, 0, CATALOG_SALE_FOR_GOOD } };
    assert_sale(sale_after(&for_good, 1, 5), 800, 5, CATALOG_SALE_FOR_GOOD);
}

static void sales_of_several_variants_take_turns(void **state)
{
    (void)state;
    const struct catalog_item_price prices[] = {
        { .price = { 1000, "EUR" }, .sale = { 800, 10, 40 } },
        { .price = { 1500, "EUR" }, .sale = { 700, 20, 30 } },
        { .price = { 1000, "EUR" }, .sale = { 800, 40, 50 } },
    };
    assert_sale(sale_after(prices, 3, 0), 800, 10, 20);
    assert_sale(sale_after(prices, 3, 20), 700, 20, 30);
    assert_sale(sale_after(prices, 3, 30), 800, 30, 50);
    assert_sale(sale_after(prices, 3, 50), 0, 0, 0);
}

static void a_sale_that_is_dearer_than_the_cheapest_is_none_of_the_product(void **state)
{
    (void)state;
    const struct catalog_item_price prices[] = {
        { .price = { 500, "EUR" } },
        { .price = { 1500, "EUR" }, .sale = { 500, 10, 20 } },
        { .price = { 1500, "USD" }, .sale = { 5, 10, 20 } },
    };
    assert_sale(sale_after(prices, 3, 0), 0, 0, 0);
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

static void a_variant_without_an_sku_repeats_none(void **state)
{
    (void)state;
    const struct text_pair red = { TEXT("Colour"), TEXT("Red") };
    const struct catalog_item_variant variants[] = {
        { .sku = TEXT("a"), .options = &red, .options_count = 1 },
        { .sku = TEXT("a") },
        { .options = &red, .options_count = 1 },
        { .sku = TEXT("A") },
    };
    const struct catalog_item item = { .variants = variants, .variants_count = 4 };
    assert_true(catalog_item_repeats_sku(&item, 0));
    assert_true(catalog_item_repeats_sku(&item, 1));
    assert_false(catalog_item_repeats_sku(&item, 2));
    assert_false(catalog_item_repeats_sku(&item, 3));
    assert_true(catalog_item_repeats_options(&item, 0));
    assert_true(catalog_item_repeats_options(&item, 2));
    assert_true(catalog_item_repeats_options(&item, 3)); /* none, as the second */
}

static void only_published_products_are_listed(void **state)
{
    (void)state;
    for (int status = 0; status < CATALOG_PRODUCT_STATUS_COUNT; status++) {
        const struct catalog_item item = { .status = (enum catalog_product_status)status };
        if (catalog_item_is_listed(&item) != (item.status == AT(PUBLISHED)))
            fail_msg("%s", catalog_product_status_names[status]);
    }
}

static void a_price_is_found_by_its_currency(void **state)
{
    (void)state;
    const struct catalog_item_price prices[] = { { .price = { 900, "EUR" },
                                                   .compare_at = CATALOG_ITEM_NONE },
                                                 { .price = { 90, "USD" }, .compare_at = 120 } };
    const struct catalog_item_variant variant = { .prices = prices, .prices_count = 2 };
    assert_ptr_equal(catalog_item_price_in(&variant, "USD"), &prices[1]);
    assert_null(catalog_item_price_in(&variant, "GBP"));
}

/* All that can be said of prices, each number at its longest. */
struct dear {
    struct money money[CATALOG_ITEM_PRICES_MAX];
    struct catalog_tier own_tiers[CATALOG_TIERS_MAX];
    struct catalog_item_price prices[CATALOG_ITEM_PRICES_MAX];
    struct catalog_price_sale sales[CATALOG_ITEM_PRICES_MAX];
    struct catalog_price_tier tiers[CATALOG_TIERS_MAX * CATALOG_ITEM_PRICES_MAX];
};

static void price_dearly(struct dear *dear)
{
    for (size_t i = 0; i < CATALOG_TIERS_MAX; i++)
        dear->own_tiers[i] = (struct catalog_tier){ 10000, INT64_C(1000000000000) };
    for (size_t i = 0; i < CATALOG_ITEM_PRICES_MAX; i++) {
        dear->money[i] = money_make(INT64_C(1000000000000), "EUR");
        dear->prices[i] = (struct catalog_item_price){ .price = dear->money[i],
                                                       .compare_at = dear->money[i].amount,
                                                       .sale = { 999999999999, 1, TIME_MAX_US },
                                                       .tiers = dear->own_tiers,
                                                       .tiers_count = CATALOG_TIERS_MAX };
        dear->sales[i] = catalog_sale_describe(&dear->prices[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(dear->tiers); i++)
        dear->tiers[i] = catalog_tier_describe(&dear->own_tiers[0], "EUR");
}

static struct catalog_own_variant shown_dearly(const struct dear *dear, struct text longest,
                                               const struct text_pair options[3])
{
    return (struct catalog_own_variant){ .has_sku = true,
                                         .sku = longest,
                                         .options = options,
                                         .options_count = 3,
                                         .prices = dear->money,
                                         .prices_count = CATALOG_ITEM_PRICES_MAX,
                                         .has_compare_at_price = true,
                                         .compare_at_price = dear->money[0],
                                         .sales = dear->sales,
                                         .sales_count = CATALOG_ITEM_PRICES_MAX,
                                         .tiers = dear->tiers,
                                         .tiers_count = ARRAY_LENGTH(dear->tiers),
                                         .has_quantity_min = true,
                                         .quantity_min = 10000,
                                         .has_quantity_step = true,
                                         .quantity_step = 10000,
                                         .has_quantity_max = true,
                                         .quantity_max = 10000,
                                         .has_weight_grams = true,
                                         .weight_grams = 10000000,
                                         .on_hand = 1000000000,
                                         .reserved = 1000000000,
                                         .available = 1000000000,
                                         .stock_version = INT64_MAX };
}

/* The bound must hold for what is really sent: every text at its longest, every number too. */
static void an_item_is_never_larger_than_its_bytes_say(void **state)
{
    struct arena *arena = *state;
    char filler[100];
    memset(filler, 'x', sizeof filler);
    const struct text long_text = { filler, sizeof filler };
    const struct text_pair options[] = { { long_text, long_text },
                                         { long_text, long_text },
                                         { long_text, long_text } };
    static struct dear dear;
    price_dearly(&dear);
    static struct catalog_item_variant variants[20];
    static struct catalog_own_variant shown[ARRAY_LENGTH(variants)];
    for (size_t i = 0; i < ARRAY_LENGTH(variants); i++) {
        variants[i] = (struct catalog_item_variant){ .sku = long_text,
                                                     .options = options,
                                                     .options_count = 3,
                                                     .prices = dear.prices,
                                                     .prices_count = CATALOG_ITEM_PRICES_MAX };
        shown[i] = shown_dearly(&dear, long_text, options);
    }
    const struct text images[] = { long_text, long_text };
    const struct catalog_item item = { .name = long_text,
                                       .handle = long_text,
                                       .description = long_text,
                                       .category_path = long_text,
                                       .review_note = long_text,
                                       .images = images,
                                       .images_count = 2,
                                       .variants = variants,
                                       .variants_count = ARRAY_LENGTH(variants) };
    const struct catalog_own_product product = { .name = long_text,
                                                 .slug = long_text,
                                                 .handle = long_text,
                                                 .description = long_text,
                                                 .category.path = long_text,
                                                 .has_review_note = true,
                                                 .review_note = long_text,
                                                 .price = dear.money[0],
                                                 .images = images,
                                                 .images_count = 2,
                                                 .has_shipping_profile_id = true,
                                                 .variants = shown,
                                                 .variants_count = ARRAY_LENGTH(shown),
                                                 .version = INT64_MAX,
                                                 .created_at_us = TIME_MAX_US,
                                                 .updated_at_us = TIME_MAX_US };
    struct text bytes;
    assert_int_equal(
        msgpack_encode(&catalog_own_product_schema, &product, arena, 1024 * 1024, &bytes),
        STATUS_OK);
    assert_in_range(catalog_item_bytes(&item), bytes.length, 2 * bytes.length);
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
        cmocka_unit_test(
            where_approval_is_needed_publishing_leads_into_review_and_changing_does_not),
        cmocka_unit_test(an_explanation_names_the_state_and_what_is_possible),
        cmocka_unit_test(an_import_never_undoes_what_staff_or_a_deletion_did),
        cmocka_unit_test(the_cheapest_is_sought_in_the_market_currency),
        cmocka_unit_test(the_sale_of_a_product_is_the_one_that_runs_or_comes_next),
        cmocka_unit_test(sales_of_several_variants_take_turns),
        cmocka_unit_test(a_sale_that_is_dearer_than_the_cheapest_is_none_of_the_product),
        cmocka_unit_test(options_are_the_same_in_any_order),
        cmocka_unit_test(a_variant_without_an_sku_repeats_none),
        cmocka_unit_test(only_published_products_are_listed),
        cmocka_unit_test(a_price_is_found_by_its_currency),
        cmocka_unit_test(an_item_is_never_larger_than_its_bytes_say),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
