/* Claims about what vendors say beside a price, and what carts are told of it, against a scratch
 * database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static struct catalog_offer offer_of(struct uuid variant, const char *currency)
{
    const struct catalog_get_offers query = { .variant_ids = &variant,
                                              .variant_ids_count = 1,
                                              .currency = text_of(currency) };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 1);
    return offers.offers[0];
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

/* Of its only variant. */
static struct catalog_change_variant change_of(const struct catalog_own_product *product)
{
    return (struct catalog_change_variant){ .product_id = product->id,
                                            .variant_id = product->variants[0].id };
}

static enum status change(const struct catalog_change_variant *command,
                          struct catalog_own_product *ret_product)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, command,
                       ret_product);
}

static void assert_changed(const struct catalog_change_variant *command)
{
    assert_int_equal(change(command, NULL), STATUS_OK);
}

static void assert_refused_at(const struct catalog_change_variant *command, const char *pointer)
{
    assert_int_equal(change(command, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, pointer);
    assert_true(direct_last_fault(SHELF.market).detail.length > 0);
}

static void an_offer_of_nothing_special_says_so(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Plain");
    const struct catalog_offer offer = offer_of(made.variants[0].id, "EUR");
    assert_int_equal(offer.tax_class, COMMON_TAX_CLASS_STANDARD);
    assert_false(offer.is_digital);
    assert_int_equal(offer.weight_grams, 0);
    assert_int_equal(offer.categories_count, 2);
    assert_true(uuid_equals(offer.categories[1], SHELF.category));
    assert_false(offer.has_sale_price || offer.has_sale_from || offer.has_sale_to);
    assert_int_equal(offer.tiers_count, 0);
    assert_false(offer.has_profile_id);
    assert_false(offer.has_quantity_min || offer.has_quantity_step || offer.has_quantity_max);
}

static void a_product_that_moves_takes_its_variants_along(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Moving");
    const struct catalog_change_product move = { .product_id = made.id,
                                                 .has_category_id = true,
                                                 .category_id = SHELF.other_category };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &move, NULL),
        STATUS_OK);
    shelf_assert_derived(made.id);
    const struct catalog_offer offer = offer_of(made.variants[0].id, "EUR");
    assert_int_equal(offer.categories_count, 3);
    assert_true(uuid_equals(offer.categories[2], SHELF.other_category));
}

static void an_offer_brings_what_its_vendor_has_said(void **state)
{
    (void)state;
    const struct money prices[] = { { 500, "EUR" }, { 600, "USD" } };
    const struct catalog_price_sale sales[] = {
        { .price = { 400, "EUR" }, .has_starts_at = true, .starts_at_us = 1000000 },
        { .price = { 450, "USD" }, .has_ends_at = true, .ends_at_us = INT64_C(4000000000000000) }
    };
    const struct catalog_price_tier tiers[] = { { 2, { 490, "EUR" } },
                                                { 2, { 590, "USD" } },
                                                { 10, { 480, "EUR" } } };
    const struct catalog_own_product made = make("Special");
    struct catalog_change_variant command = change_of(&made);
    command.prices = prices;
    command.prices_count = 2;
    command.sales = sales;
    command.sales_count = 2;
    command.tiers = tiers;
    command.tiers_count = 3;
    command.has_quantity_min = command.has_quantity_step = command.has_quantity_max = true;
    command.quantity_min = 6;
    command.quantity_step = 3;
    command.quantity_max = 12;
    command.has_weight_grams = true;
    command.weight_grams = 10000000;
    assert_changed(&command);
    const struct catalog_change_product digital = { .product_id = made.id,
                                                    .has_tax_class = true,
                                                    .tax_class = COMMON_TAX_CLASS_REDUCED,
                                                    .has_is_digital = true,
                                                    .is_digital = true,
                                                    .has_shipping_profile_id = true,
                                                    .shipping_profile_id = SHELF.profile };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &digital, NULL),
        STATUS_OK);
    const struct catalog_offer euro = offer_of(made.variants[0].id, "EUR");
    assert_int_equal(euro.price.amount, 500);
    assert_true(money_equals(euro.sale_price, sales[0].price));
    assert_int_equal(euro.sale_from_us, 1000000);
    assert_false(euro.has_sale_to);
    assert_int_equal(euro.tiers_count, 2);
    assert_int_equal(euro.tiers[1].from_quantity, 10);
    assert_true(money_equals(euro.tiers[1].unit_price, tiers[2].unit_price));
    assert_int_equal(euro.quantity_min, 6);
    assert_int_equal(euro.quantity_step, 3);
    assert_int_equal(euro.quantity_max, 12);
    assert_int_equal(euro.weight_grams, 10000000);
    assert_int_equal(euro.tax_class, COMMON_TAX_CLASS_REDUCED);
    assert_true(euro.is_digital);
    assert_true(euro.has_profile_id && uuid_equals(euro.profile_id, SHELF.profile));
    const struct catalog_offer dollar = offer_of(made.variants[0].id, "USD");
    assert_false(dollar.has_sale_from);
    assert_int_equal(dollar.sale_to_us, INT64_C(4000000000000000));
    assert_int_equal(dollar.tiers_count, 1);
    assert_false(offer_of(made.variants[0].id, "GBP").has_sale_price);
}

static void what_stands_beside_a_price_comes_with_a_new_variant(void **state)
{
    (void)state;
    const struct money price = { 500, "EUR" };
    const struct catalog_price_sale sale = { .price = { 400, "EUR" } };
    const struct catalog_price_tier tier = { 2, { 490, "EUR" } };
    const struct text_pair option = { TEXT("Size"), TEXT("S") };
    struct catalog_new_variant variant = { .prices = &price,
                                           .prices_count = 1,
                                           .sales = &sale,
                                           .sales_count = 1,
                                           .tiers = &tier,
                                           .tiers_count = 1,
                                           .has_quantity_step = true,
                                           .quantity_step = 7 };
    struct catalog_create_product wish = shelf_wish("Whole");
    wish.has_price = wish.has_stock = false;
    wish.variants = &variant;
    wish.variants_count = 1;
    const struct catalog_own_product made = shelf_make(&wish);
    assert_int_equal(made.variants[0].sales_count, 1);
    const struct catalog_add_variant add = { .product_id = made.id,
                                             .options = &option,
                                             .options_count = 1,
                                             .prices = &price,
                                             .prices_count = 1,
                                             .sales = &sale,
                                             .sales_count = 1,
                                             .tiers = &tier,
                                             .tiers_count = 1,
                                             .has_quantity_max = true,
                                             .quantity_max = 9 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_add_variant_message, &add, NULL),
        STATUS_OK);
    const struct catalog_own_product kept = shelf_inspect(made.id);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(kept.variants[i].sales[0].price.amount, 400);
        assert_int_equal(kept.variants[i].tiers[0].unit_price.amount, 490);
    }
    assert_int_equal(kept.variants[0].quantity_step, 7);
    assert_int_equal(kept.variants[1].quantity_max, 9);
    variant.has_quantity_min = true;
    variant.quantity_min = 6;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/variants/0/quantity_min");
}

static void sales_tiers_and_quantities_stay_until_they_are_changed_or_removed(void **state)
{
    (void)state;
    const struct catalog_price_sale sale = { .price = { 400, "EUR" } };
    const struct catalog_price_tier tier = { 2, { 490, "EUR" } };
    const struct money dearer[] = { { 700, "EUR" } };
    const struct catalog_own_product made = make("Lasting");
    struct catalog_change_variant command = change_of(&made);
    command.sales = &sale;
    command.sales_count = 1;
    command.tiers = &tier;
    command.tiers_count = 1;
    command.has_quantity_min = true;
    command.quantity_min = 4;
    assert_changed(&command);
    struct catalog_change_variant other = change_of(&made);
    other.prices = dearer;
    other.prices_count = 1;
    assert_changed(&other);
    struct catalog_own_product kept = shelf_inspect(made.id);
    assert_int_equal(kept.variants[0].prices[0].amount, 700);
    assert_int_equal(kept.variants[0].sales_count, 1);
    assert_int_equal(kept.variants[0].tiers_count, 1);
    assert_int_equal(kept.variants[0].quantity_min, 4);
    struct catalog_change_variant removal = change_of(&made);
    removal.has_remove_sales = removal.remove_sales = true;
    removal.has_remove_tiers = removal.remove_tiers = true;
    removal.has_remove_quantities = removal.remove_quantities = true;
    removal.has_quantity_max = true;
    removal.quantity_max = 2;
    assert_changed(&removal);
    kept = shelf_inspect(made.id);
    assert_int_equal(kept.variants[0].sales_count, 0);
    assert_int_equal(kept.variants[0].tiers_count, 0);
    assert_false(kept.variants[0].has_quantity_min);
    assert_int_equal(kept.variants[0].quantity_max, 2);
    removal.tiers = &tier;
    removal.tiers_count = 1;
    assert_refused_at(&removal, "/remove_tiers");
}

static void what_does_not_fit_the_price_is_refused_at_its_place(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Strict");
    const struct catalog_price_sale same = { .price = { 500, "EUR" } };
    const struct catalog_price_sale foreign = { .price = { 1, "USD" } };
    const struct catalog_price_sale twice[] = { { .price = { 400, "EUR" } },
                                                { .price = { 300, "EUR" } } };
    const struct catalog_price_sale backwards = { .price = { 400, "EUR" },
                                                  .has_starts_at = true,
                                                  .starts_at_us = 9000000,
                                                  .has_ends_at = true,
                                                  .ends_at_us = 8000000 };
    struct catalog_change_variant command = change_of(&made);
    command.sales = &same;
    command.sales_count = 1;
    assert_refused_at(&command, "/sales/0");
    command.sales = &foreign;
    assert_refused_at(&command, "/sales/0");
    command.sales = &backwards;
    assert_refused_at(&command, "/sales/0");
    command.sales = twice;
    command.sales_count = 2;
    assert_refused_at(&command, "/sales/1");
    const struct catalog_price_tier rising[] = { { 2, { 400, "EUR" } }, { 3, { 401, "EUR" } } };
    const struct catalog_price_tier falling[] = { { 3, { 400, "EUR" } }, { 2, { 399, "EUR" } } };
    const struct catalog_price_tier above = { 2, { 501, "EUR" } };
    struct catalog_change_variant tiered = change_of(&made);
    tiered.tiers = rising;
    tiered.tiers_count = 2;
    assert_refused_at(&tiered, "/tiers/1");
    tiered.tiers = falling;
    assert_refused_at(&tiered, "/tiers/1");
    tiered.tiers = &above;
    tiered.tiers_count = 1;
    assert_refused_at(&tiered, "/tiers/0");
    assert_int_equal(shelf_inspect(made.id).version, made.version);
}

static void a_price_is_not_put_below_what_stands_beside_it(void **state)
{
    (void)state;
    const struct money cheap = { 450, "EUR" };
    const struct catalog_price_sale sale = { .price = { 450, "EUR" } };
    const struct catalog_price_tier tier = { 2, { 460, "EUR" } };
    const struct catalog_own_product made = make("Cheaper");
    struct catalog_change_variant command = change_of(&made);
    command.sales = &sale;
    command.sales_count = 1;
    command.tiers = &tier;
    command.tiers_count = 1;
    assert_changed(&command);
    struct catalog_change_variant lower = change_of(&made);
    lower.prices = &cheap;
    lower.prices_count = 1;
    assert_refused_at(&lower, "/prices");
    lower.has_remove_sales = lower.remove_sales = true;
    assert_refused_at(&lower, "/prices");
    lower.has_remove_tiers = lower.remove_tiers = true;
    assert_changed(&lower);
}

static void the_last_judge_of_a_price_is_the_table(void **state)
{
    (void)state;
    const struct catalog_own_product made = make("Judged");
    static const char *const wrong[] = {
        "variant_price SET sale_amount = 500, sale_from = 0, sale_to = 1 WHERE variant_id",
        "variant_price SET sale_amount = 1, sale_from = 0 WHERE variant_id",
        "variant_price SET sale_to = 9 WHERE variant_id",
        "variant_price SET sale_amount = 1, sale_from = 2, sale_to = 2 WHERE variant_id",
        "variant_price SET tier_quantities = '{2}' WHERE variant_id",
        "variant_price SET tier_amounts = '{2}' WHERE variant_id",
        "variant_price SET tier_quantities = '{}', tier_amounts = '{}' WHERE variant_id",
        "variant_price SET tier_quantities = '{1}', tier_amounts = '{4}' WHERE variant_id",
        "variant_price SET tier_quantities = '{2}', tier_amounts = '{501}' WHERE variant_id",
        "variant_price SET tier_quantities = '{2,3}', tier_amounts = '{4,5}' WHERE variant_id",
        "variant_price SET tier_quantities = '{3,2}', tier_amounts = '{4,3}' WHERE variant_id",
        "variant SET quantity_step = 0 WHERE id",
        "variant SET quantity_min = 10001 WHERE id",
        "variant SET quantity_min = 2, quantity_max = 1 WHERE id",
        "variant SET quantity_max = 5, quantity_step = 2 WHERE id",
        "product SET sale_amount = 1 WHERE true OR id",
    };
    (void)direct_sql(SHELF.market,
                     "CREATE FUNCTION public.is_refused(statement text) RETURNS boolean"
                     " LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN false;"
                     " EXCEPTION WHEN check_violation THEN RETURN true; END $$");
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        const struct text statement = text_format(
            SHELF.arena, "SELECT public.is_refused($$UPDATE catalog.%s = '%%s'$$)", wrong[i]);
        if (!text_equals(shelf_sql(statement.data, made.variants[0].id), TEXT("t")))
            fail_msg("%s", wrong[i]);
    }
}

static void a_product_names_a_shipping_profile_of_its_vendor(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Sent");
    wish.has_shipping_profile_id = true;
    wish.shipping_profile_id = (struct uuid){ { 9 } };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_create_product_message, &wish, NULL),
        STATUS_NOT_FOUND);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/shipping_profile_id");
    wish.shipping_profile_id = SHELF.profile;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.stranger, &catalog_create_product_message, &wish, NULL),
        STATUS_NOT_FOUND);
    const struct catalog_own_product made = shelf_make(&wish);
    assert_true(uuid_equals(made.shipping_profile_id, SHELF.profile));
    struct catalog_change_product command = { .product_id = made.id,
                                              .has_shipping_profile_id = true,
                                              .shipping_profile_id = { { 9 } } };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &command, NULL),
        STATUS_NOT_FOUND);
    command.has_shipping_profile_id = false;
    command.has_remove_shipping_profile = command.remove_shipping_profile = true;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &command, NULL),
        STATUS_OK);
    assert_false(shelf_inspect(made.id).has_shipping_profile_id);
}

static void a_change_of_numbers_needs_no_approval(void **state)
{
    (void)state;
    const struct catalog_price_sale sale = { .price = { 400, "EUR" } };
    const struct catalog_own_product made = make("Approved");
    struct catalog_change_variant command = change_of(&made);
    command.sales = &sale;
    command.sales_count = 1;
    const struct catalog_change_product profile = { .product_id = made.id,
                                                    .has_shipping_profile_id = true,
                                                    .shipping_profile_id = SHELF.profile };
    direct_set(SHELF.market, "--market.product_approval=true");
    assert_changed(&command);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &profile, NULL),
        STATUS_OK);
    direct_set(SHELF.market, "--market.product_approval=false");
    assert_int_equal(shelf_inspect(made.id).status, CATALOG_PRODUCT_STATUS_PUBLISHED);
}

static void a_file_leaves_what_it_has_no_column_for(void **state)
{
    (void)state;
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    struct catalog_imported_variant variant = { .price = { 500, "EUR" },
                                                .has_quantity = true,
                                                .quantity = 10 };
    const struct catalog_import_product file = {
        .identity = text_format(SHELF.arena, "%s/filed", vendor),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = TEXT("filed"),
        .name = TEXT("Filed"),
        .is_listed = true,
        .variants = &variant,
        .variants_count = 1,
    };
    struct catalog_product_imported imported;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &file, &imported),
        STATUS_OK);
    const struct catalog_own_product made = shelf_inspect(imported.product_id);
    const struct catalog_price_sale sale = { .price = { 400, "EUR" } };
    const struct catalog_price_tier tier = { 2, { 300, "EUR" } };
    struct catalog_change_variant command = change_of(&made);
    command.sales = &sale;
    command.sales_count = 1;
    command.tiers = &tier;
    command.tiers_count = 1;
    command.has_quantity_step = true;
    command.quantity_step = 2;
    assert_changed(&command);
    const struct catalog_change_product taxed = { .product_id = made.id,
                                                  .has_tax_class = true,
                                                  .tax_class = COMMON_TAX_CLASS_ZERO };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_product_message, &taxed, NULL),
        STATUS_OK);
    variant.price.amount = 350;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, &file, &imported),
        STATUS_OK);
    assert_int_equal(imported.outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    const struct catalog_own_product again = shelf_inspect(made.id);
    assert_int_equal(again.variants[0].prices[0].amount, 350);
    assert_int_equal(again.variants[0].sales_count, 0); /* dearer than the new price */
    assert_int_equal(again.variants[0].tiers_count, 1);
    assert_int_equal(again.variants[0].quantity_step, 2);
    assert_int_equal(again.tax_class, COMMON_TAX_CLASS_ZERO);
}

static struct catalog_own_product import(const struct catalog_import_product *file)
{
    struct catalog_product_imported imported;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_import_product_message, file, &imported),
        STATUS_OK);
    return shelf_inspect(imported.product_id);
}

static void a_file_says_sales_and_tax_classes_when_it_has_columns_for_them(void **state)
{
    (void)state;
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", SHELF.vendor.id, vendor);
    struct catalog_imported_variant variant = { .price = { 500, "EUR" },
                                                .has_sale_price = true,
                                                .sale_price = { 500, "EUR" } };
    struct catalog_import_product file = {
        .identity = text_format(SHELF.arena, "%s/sold", vendor),
        .vendor_id = SHELF.vendor.id,
        .category_id = SHELF.category,
        .handle = TEXT("sold"),
        .name = TEXT("Sold"),
        .is_listed = true,
        .has_tax_class = true,
        .tax_class = COMMON_TAX_CLASS_REDUCED,
        .variants = &variant,
        .variants_count = 1,
    };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_import_product_message, &file, NULL),
                     STATUS_INVALID_VALUE);
    variant.sale_price.amount = 499;
    struct catalog_own_product made = import(&file);
    assert_int_equal(made.variants[0].sales[0].price.amount, 499);
    assert_false(made.variants[0].sales[0].has_ends_at);
    assert_int_equal(made.tax_class, COMMON_TAX_CLASS_REDUCED);
    variant.has_sale_price = file.has_tax_class = false;
    variant.quantity = 1;
    made = import(&file);
    assert_int_equal(made.variants[0].sales_count, 1);
    assert_int_equal(made.tax_class, COMMON_TAX_CLASS_REDUCED);
    variant.has_sale_price = true;
    variant.sale_price.amount = 0;
    assert_int_equal(import(&file).variants[0].sales_count, 0);
    file.has_tax_class = true;
    file.tax_class = COMMON_TAX_CLASS_DELIVERY;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_import_product_message, &file, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/tax_class");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_of_nothing_special_says_so),
        cmocka_unit_test(a_product_that_moves_takes_its_variants_along),
        cmocka_unit_test(an_offer_brings_what_its_vendor_has_said),
        cmocka_unit_test(what_stands_beside_a_price_comes_with_a_new_variant),
        cmocka_unit_test(sales_tiers_and_quantities_stay_until_they_are_changed_or_removed),
        cmocka_unit_test(what_does_not_fit_the_price_is_refused_at_its_place),
        cmocka_unit_test(a_price_is_not_put_below_what_stands_beside_it),
        cmocka_unit_test(the_last_judge_of_a_price_is_the_table),
        cmocka_unit_test(a_product_names_a_shipping_profile_of_its_vendor),
        cmocka_unit_test(a_change_of_numbers_needs_no_approval),
        cmocka_unit_test(a_file_leaves_what_it_has_no_column_for),
        cmocka_unit_test(a_file_says_sales_and_tax_classes_when_it_has_columns_for_them),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
