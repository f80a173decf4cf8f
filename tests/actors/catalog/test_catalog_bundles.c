/* Claims about bundles: what their vendor does, what shoppers and carts are told. */
#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

#include <string.h>

#define SHELF shelf_of_all

static struct catalog_own_product set, cup, pot;

/* Three products of one variant, 10 units of each. */
static int stock_up(void **state)
{
    (void)state;
    static unsigned count;
    struct catalog_own_product *const made[] = { &set, &cup, &pot };
    for (size_t i = 0; i < ARRAY_LENGTH(made); i++) {
        const struct catalog_create_product wish =
            shelf_wish(text_format(SHELF.arena, "Goods %u", ++count).data);
        *made[i] = shelf_make(&wish);
    }
    return 0;
}

static int stock_is_sound(void **state)
{
    (void)state;
    return direct_sql_as_role(SHELF.market, "SELECT invariant FROM catalog.check_stock()"
                                            " UNION ALL SELECT invariant FROM"
                                            " catalog.check_bundles()")
                       .length == 0
               ? 0
               : -1;
}

static struct uuid variant_of(const struct catalog_own_product *product)
{
    return product->variants[0].id;
}

static enum status bundle(const struct principal *who, const struct catalog_own_product *product,
                          const struct catalog_new_part *parts, size_t count,
                          struct catalog_bundle *ret_bundle)
{
    const struct catalog_set_bundle command = { .product_id = product->id,
                                                .variant_id = variant_of(product),
                                                .parts = parts,
                                                .parts_count = count };
    return direct_call(SHELF.market, who, &catalog_set_bundle_message, &command, ret_bundle);
}

/* Two cups and a pot. */
static void make_set(void)
{
    const struct catalog_new_part parts[] = { { variant_of(&cup), 2 }, { variant_of(&pot), 1 } };
    struct catalog_bundle made;
    assert_int_equal(bundle(&SHELF.vendor, &set, parts, 2, &made), STATUS_OK);
    assert_int_equal(made.parts_count, 2);
    assert_int_equal(made.available, 5);
}

static struct catalog_offer offer_of(const struct catalog_own_product *product)
{
    const struct uuid variant = variant_of(product);
    const struct catalog_get_offers query = { .variant_ids = &variant,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("EUR") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers_count, 1);
    return offers.offers[0];
}

static bool is_listed_in_stock(const struct catalog_own_product *product)
{
    const struct catalog_list_products query = {
        .has_in_stock = true, .in_stock = true, .has_limit = true, .limit = 100
    };
    struct catalog_product_page page;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++)
        if (uuid_equals(page.data[i].id, product->id)) return true;
    return false;
}

static enum status count_stock(const struct catalog_own_product *product, int64_t on_hand)
{
    const struct catalog_set_stock command = { .variant_id = variant_of(product),
                                               .on_hand = on_hand };
    struct catalog_stock_level level;
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_message, &command, &level);
}

static enum status reserve(const struct catalog_own_product *product, uint8_t name,
                           int64_t quantity)
{
    const struct catalog_reserve_stock command = {
        .variant_id = variant_of(product),
        .reservation_id = { { name, 2 } },
        .quantity = quantity,
        .expires_at_us = direct_now_us(SHELF.market) + 600000000,
    };
    struct catalog_stock_reserved reply;
    return direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &command, &reply);
}

static void a_bundle_is_there_as_often_as_its_parts(void **state)
{
    (void)state;
    struct catalog_product shown;
    make_set();
    assert_int_equal(offer_of(&set).available, 5);
    assert_int_equal(offer_of(&set).parts_count, 2);
    assert_int_equal(offer_of(&set).parts[0].quantity, 2);
    assert_int_equal(offer_of(&set).parts[0].available, 10);
    assert_int_equal(reserve(&cup, 1, 7), STATUS_OK);
    assert_int_equal(offer_of(&set).available, 1);
    assert_int_equal(shelf_look(set.id, &shown), STATUS_OK);
    assert_int_equal(shown.variants[0].available, 1);
    assert_int_equal(shown.variants[0].parts_count, 2);
    assert_true(is_listed_in_stock(&set));
    assert_int_equal(reserve(&cup, 2, 3), STATUS_OK);
    assert_int_equal(offer_of(&set).available, 0);
    assert_false(is_listed_in_stock(&set));
    assert_int_equal(shelf_look(set.id, &shown), STATUS_OK);
    assert_int_equal(shown.availability, CATALOG_AVAILABILITY_OUT_OF_STOCK);
}

static void a_bundle_has_no_stock_of_its_own(void **state)
{
    (void)state;
    make_set();
    assert_int_equal(count_stock(&set, 3), STATUS_VARIANT_IS_BUNDLE);
    assert_int_equal(reserve(&set, 11, 1), STATUS_INSUFFICIENT_STOCK);
    const struct catalog_receive_stock receipt = { .variant_id = variant_of(&set), .quantity = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &receipt, NULL),
        STATUS_VARIANT_IS_BUNDLE);
    struct catalog_bundle made;
    assert_int_equal(bundle(&SHELF.vendor, &set, NULL, 0, &made), STATUS_OK);
    assert_int_equal(offer_of(&set).available, 10);
    assert_int_equal(offer_of(&set).parts_count, 0);
    assert_int_equal(reserve(&set, 12, 1), STATUS_OK);
}

static void a_part_that_is_hidden_or_removed_makes_it_unavailable(void **state)
{
    (void)state;
    make_set();
    const struct catalog_hide_product hide = { .product_id = cup.id };
    struct catalog_own_product hidden;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_hide_product_message, &hide, &hidden),
        STATUS_OK);
    assert_int_equal(offer_of(&set).available, 0);
    assert_false(is_listed_in_stock(&set));
}

static void circles_are_refused_however_they_are_made(void **state)
{
    (void)state;
    struct catalog_bundle made;
    const struct catalog_new_part itself = { variant_of(&set), 1 };
    assert_int_equal(bundle(&SHELF.vendor, &set, &itself, 1, &made), STATUS_BUNDLE_CYCLE);
    make_set();
    assert_int_equal(bundle(&SHELF.vendor, &cup, &itself, 1, &made), STATUS_BUNDLE_CYCLE);
    const struct catalog_new_part another = { variant_of(&pot), 1 };
    assert_int_equal(bundle(&SHELF.vendor, &cup, &another, 1, &made), STATUS_BUNDLE_CYCLE);
}

/* Neither sees what the other has not committed yet: the rows of their stock decide. */
static void two_edits_at_once_make_no_circle(void **state)
{
    (void)state;
    struct catalog_bundle made;
    const struct catalog_new_part cups = { variant_of(&cup), 1 }, pots = { variant_of(&pot), 1 };
    direct_queue_units(SHELF.market);
    assert_int_equal(bundle(&SHELF.vendor, &pot, &cups, 1, &made), STATUS_OK);
    assert_int_equal(bundle(&SHELF.vendor, &cup, &pots, 1, &made), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_true(offer_of(&pot).parts_count + offer_of(&cup).parts_count == 1);
}

static void what_may_be_no_part_is_refused(void **state)
{
    (void)state;
    struct catalog_bundle made;
    struct catalog_new_part parts[] = { { variant_of(&cup), 1 }, { variant_of(&cup), 2 } };
    assert_int_equal(bundle(&SHELF.vendor, &set, parts, 2, &made), STATUS_INVALID_VALUE);
    parts[0].variant_id = (struct uuid){ { 99 } };
    assert_int_equal(bundle(&SHELF.vendor, &set, parts, 1, &made), STATUS_NOT_FOUND);
    assert_int_equal(bundle(&SHELF.stranger, &set, &parts[1], 1, &made), STATUS_NOT_FOUND);
    struct catalog_create_product wish = shelf_wish("Song");
    wish.has_is_digital = wish.is_digital = true;
    const struct catalog_own_product song = shelf_make(&wish);
    parts[0].variant_id = variant_of(&song);
    assert_int_equal(bundle(&SHELF.vendor, &set, parts, 1, &made), STATUS_INVALID_VALUE);
}

static void parts_that_change_are_told_to_search(void **state)
{
    (void)state;
    make_set();
    assert_int_equal(direct_sweep(SHELF.market, "bundles"), STATUS_OK);
    size_t told = direct_events(SHELF.market, catalog_product_was_changed_message.number);
    assert_int_equal(direct_sweep(SHELF.market, "bundles"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number), told);
    assert_int_equal(count_stock(&cup, 1), STATUS_OK);
    told = direct_events(SHELF.market, catalog_product_was_changed_message.number);
    assert_int_equal(direct_sweep(SHELF.market, "bundles"), STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, catalog_product_was_changed_message.number),
                     told + 1);
}

static size_t told(void)
{
    return direct_events(SHELF.market, catalog_product_was_changed_message.number);
}

static void a_part_tells_of_its_bundles_at_once_and_only_what_changes(void **state)
{
    (void)state;
    make_set();
    size_t before = told();
    assert_int_equal(reserve(&cup, 51, 7), STATUS_OK); /* one bundle is left */
    assert_int_equal(told(), before);
    assert_int_equal(reserve(&cup, 52, 2), STATUS_OK); /* one cup is left, and no bundle */
    assert_int_equal(told(), before + 1);
    const struct catalog_set_stock_policy ahead = { .variant_id = variant_of(&cup),
                                                    .policy = CATALOG_STOCK_POLICY_BACKORDER,
                                                    .has_limit = true,
                                                    .limit = 5 };
    struct catalog_stock_level level;
    before = told();
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_policy_message, &ahead, &level),
        STATUS_OK);
    assert_int_equal(told(), before + 2);
}

/* As many as a unit has events for, and one more than that. */
static void a_part_of_many_bundles_tells_of_some_at_once(void **state)
{
    (void)state;
    const struct catalog_new_part part = { variant_of(&cup), 1 };
    struct catalog_bundle made;
    for (int i = 0; i < 17; i++) {
        const struct catalog_create_product wish =
            shelf_wish(text_format(SHELF.arena, "Box %d", i).data);
        const struct catalog_own_product box = shelf_make(&wish);
        assert_int_equal(bundle(&SHELF.vendor, &box, &part, 1, &made), STATUS_OK);
    }
    const size_t before = told();
    assert_int_equal(count_stock(&cup, 0), STATUS_OK);
    assert_int_equal(told(), before + 1 + 12);
    assert_int_equal(direct_sweep(SHELF.market, "bundles"), STATUS_OK);
    assert_true(told() >= before + 1 + 17);
}

static void a_bundle_weighs_what_its_parts_do_unless_it_says_so(void **state)
{
    (void)state;
    struct catalog_own_product heavy;
    const struct catalog_change_variant change = { .product_id = cup.id,
                                                   .variant_id = variant_of(&cup),
                                                   .has_weight_grams = true,
                                                   .weight_grams = 150 };
    make_set();
    const int64_t before = offer_of(&set).weight_grams;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &change, &heavy),
        STATUS_OK);
    if (!set.variants[0].has_weight_grams)
        assert_int_equal(offer_of(&set).weight_grams, before + 2 * 150);
    else
        assert_int_equal(offer_of(&set).weight_grams, before);
}

static bool feed_says(const char *availability)
{
    const struct catalog_export_own_feed query = { .has_currency = true, .currency = TEXT("EUR") };
    struct catalog_exported_feed reply;
    char id[ID_TEXT_MAX + 1];
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_feed_message, &query, &reply),
        STATUS_OK);
    (void)id_format("var", variant_of(&set), id);
    const char *item = strstr(text_string(SHELF.arena, reply.file), id);
    assert_non_null(item);
    const char *said = strstr(item, "<g:availability>");
    assert_non_null(said);
    said += strlen("<g:availability>");
    return strncmp(said, availability, strlen(availability)) == 0;
}

static void a_list_says_when_a_bundle_is_there(void **state)
{
    (void)state;
    make_set();
    const int64_t day_us = direct_now_us(SHELF.market) + 86400000000;
    struct catalog_set_stock_policy ahead = { .variant_id = variant_of(&cup),
                                              .policy = CATALOG_STOCK_POLICY_PREORDER,
                                              .has_limit = true,
                                              .limit = 2,
                                              .has_available_on = true,
                                              .available_on_us = day_us };
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_policy_message, &ahead, &level),
        STATUS_OK);
    const struct catalog_list_products query = { .has_limit = true, .limit = 100 };
    struct catalog_product_page page;
    size_t found = 0;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &query, &page),
                     STATUS_OK);
    for (size_t i = 0; i < page.data_count; i++) {
        if (!uuid_equals(page.data[i].id, set.id)) continue;
        assert_int_equal(page.data[i].availability, CATALOG_AVAILABILITY_PREORDER);
        assert_true(page.data[i].has_available_on);
        assert_int_equal(page.data[i].available_on_us, day_us);
        found++;
    }
    assert_int_equal(found, 1);
}

static void a_feed_says_how_a_bundle_can_be_bought(void **state)
{
    (void)state;
    make_set();
    assert_true(feed_says("in_stock<"));
    const struct catalog_set_stock_policy ahead = {
        .variant_id = variant_of(&cup),
        .policy = CATALOG_STOCK_POLICY_PREORDER,
        .has_limit = true,
        .limit = 2,
        .has_available_on = true,
        .available_on_us = direct_now_us(SHELF.market) + 86400000000,
    };
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_policy_message, &ahead, &level),
        STATUS_OK);
    assert_true(feed_says("preorder</g:availability>\n<g:availability_date>"));
    assert_int_equal(count_stock(&pot, 0), STATUS_OK);
    assert_true(feed_says("out_of_stock<"));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, stock_up, stock_is_sound)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_bundle_is_there_as_often_as_its_parts),
        CLAIM(a_bundle_has_no_stock_of_its_own),
        CLAIM(a_part_that_is_hidden_or_removed_makes_it_unavailable),
        CLAIM(circles_are_refused_however_they_are_made),
        CLAIM(two_edits_at_once_make_no_circle),
        CLAIM(what_may_be_no_part_is_refused),
        CLAIM(parts_that_change_are_told_to_search),
        CLAIM(a_list_says_when_a_bundle_is_there),
        CLAIM(a_feed_says_how_a_bundle_can_be_bought),
        CLAIM(a_part_tells_of_its_bundles_at_once_and_only_what_changes),
        CLAIM(a_part_of_many_bundles_tells_of_some_at_once),
        CLAIM(a_bundle_weighs_what_its_parts_do_unless_it_says_so),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
