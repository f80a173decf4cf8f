/* Claims about several vendors' offers of one item, in the database. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_offer_store.h"
#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all
/* The same number as a GTIN of 12, 13 and 14 digits, and another one. */
#define GTIN_12 "036000291452"
#define GTIN_13 "0036000291452"
#define GTIN_14 "00036000291452"
#define OTHER_GTIN "4006381333931"

static struct catalog_own_product make(const struct principal *who, const char *barcode,
                                       int64_t amount, int64_t stock)
{
    struct catalog_create_product wish = shelf_wish("Tape");
    wish.has_barcode = barcode != NULL;
    if (barcode != NULL) wish.barcode = text_of(barcode);
    wish.price.amount = amount;
    wish.stock = stock;
    struct catalog_own_product product;
    direct_advance(SHELF.market, 1000000);
    assert_int_equal(
        direct_call(SHELF.market, who, &catalog_create_product_message, &wish, &product),
        STATUS_OK);
    return product;
}

static enum status list(struct uuid product, struct catalog_item_offers *ret_offers)
{
    const struct catalog_list_item_offers query = { .product_id = product };
    return direct_call(SHELF.market, NULL, &catalog_list_item_offers_message, &query, ret_offers);
}

static struct catalog_item_offers offers_of(struct uuid product)
{
    struct catalog_item_offers offers;
    assert_int_equal(list(product, &offers), STATUS_OK);
    return offers;
}

static enum status set_apart(struct uuid product, bool is_separate, const char *reason)
{
    const struct catalog_separate_product command = { .product_id = product,
                                                      .is_separate = is_separate,
                                                      .reason = text_of(reason) };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_separate_product_message, &command,
                       NULL);
}

static void archive(const struct principal *who, struct uuid product)
{
    const struct catalog_archive_product command = { .product_id = product };
    assert_int_equal(
        direct_call(SHELF.market, who, &catalog_archive_product_message, &command, NULL),
        STATUS_OK);
}

/* Each claim begins without offers of the number. */
static int clear(void **state)
{
    (void)state;
    (void)direct_sql(SHELF.market, "UPDATE catalog.variant SET barcode = NULL");
    return 0;
}

static void offers_of_one_number_are_one_item_however_it_is_written(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_13, 450, 3);
    const struct catalog_own_product c = make(&SHELF.stranger, GTIN_14, 700, 3);
    (void)make(&SHELF.stranger, OTHER_GTIN, 1, 3);
    (void)make(&SHELF.stranger, NULL, 1, 3);
    const struct catalog_item_offers offers = offers_of(a.id);
    assert_int_equal(offers.data_count, 3);
    assert_true(uuid_equals(offers.data[0].product_id, b.id));
    assert_true(uuid_equals(offers.data[1].product_id, a.id));
    assert_true(uuid_equals(offers.data[2].product_id, c.id));
    assert_true(offers.data[0].is_best);
    assert_false(offers.data[1].is_best);
    assert_int_equal(offers.data[0].price.amount, 450);
    assert_true(text_equals_string(offers.data[0].vendor.name, "Elm"));
    assert_true(uuid_equals(offers.data[0].variant_id, a.variants[0].id));
    assert_true(uuid_equals(offers.data[0].offered_variant_id, b.variants[0].id));
    assert_int_equal(offers_of(c.id).data_count, 3);
}

static void what_cannot_be_bought_is_last_and_never_best(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 100, 0);
    const struct catalog_item_offers offers = offers_of(a.id);
    assert_true(uuid_equals(offers.data[0].product_id, a.id) && offers.data[0].is_best);
    assert_true(uuid_equals(offers.data[1].product_id, b.id) && !offers.data[1].in_stock);
    archive(&SHELF.vendor, a.id);
    assert_int_equal(offers_of(b.id).data_count, 1);
    assert_false(offers_of(b.id).data[0].is_best);
}

static void what_is_ordered_ahead_can_be_bought(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 100, 0);
    const struct catalog_set_stock_policy command = { .variant_id = b.variants[0].id,
                                                      .policy = CATALOG_STOCK_POLICY_BACKORDER,
                                                      .has_limit = true,
                                                      .limit = 5 };
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger, &catalog_set_stock_policy_message,
                                 &command, NULL),
                     STATUS_OK);
    const struct catalog_item_offers offers = offers_of(a.id);
    assert_true(uuid_equals(offers.data[0].product_id, b.id));
    assert_true(offers.data[0].is_best && offers.data[0].in_stock);
}

static void offers_are_asked_for_in_a_currency(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 100, 3);
    const struct money prices[] = { { 500, "EUR" }, { 700, "USD" } };
    const struct catalog_change_variant command = {
        .product_id = a.id, .variant_id = a.variants[0].id, .prices = prices, .prices_count = 2
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    struct catalog_list_item_offers query = { .product_id = b.id,
                                              .has_currency = true,
                                              .currency = TEXT("USD") };
    struct catalog_item_offers offers;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_item_offers_message, &query, &offers),
        STATUS_OK);
    assert_int_equal(offers.data_count, 1);
    assert_true(money_equals(offers.data[0].price, money_make(700, "USD")));
    query.currency = TEXT("usd");
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_item_offers_message, &query, &offers),
        STATUS_INVALID_PARAMETER);
}

/* As rows have it that were written before such a number was refused. */
static void zeros_are_no_number_that_makes_an_item(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    (void)make(&SHELF.stranger, GTIN_12, 100, 3);
    (void)direct_sql(SHELF.market, "UPDATE catalog.variant SET barcode = '00000000'");
    assert_int_equal(offers_of(a.id).data_count, 0);
}

static void a_sale_counts_while_it_runs(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 490, 3);
    const struct catalog_price_sale sale = { .price = { 400, "EUR" },
                                             .has_ends_at = true,
                                             .ends_at_us = direct_now_us(SHELF.market) + 60000000 };
    const struct catalog_change_variant command = {
        .product_id = a.id, .variant_id = a.variants[0].id, .sales = &sale, .sales_count = 1
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    assert_true(uuid_equals(offers_of(b.id).data[0].product_id, a.id));
    assert_int_equal(offers_of(b.id).data[0].price.amount, 400);
    assert_int_equal(offers_of(b.id).data[0].list_price.amount, 500);
    direct_advance(SHELF.market, 61000000);
    assert_true(uuid_equals(offers_of(b.id).data[0].product_id, b.id));
}

static void set_open(struct uuid vendor, const char *name, int64_t version, bool is_open)
{
    const struct catalog_copy_vendor command = {
        .vendor_id = vendor, .version = version, .name = text_of(name), .is_open = is_open
    };
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_copy_vendor_message, &command, NULL),
                     STATUS_OK);
}

static void a_vendor_that_is_suspended_offers_nothing(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 450, 3);
    struct catalog_item_offers offers;
    set_open(SHELF.stranger.id, "Elm", 2, false);
    assert_int_equal(offers_of(a.id).data_count, 1);
    assert_true(offers_of(a.id).data[0].is_best);
    assert_int_equal(list(b.id, &offers), STATUS_NOT_FOUND);
    set_open(SHELF.stranger.id, "Elm", 3, true);
    assert_int_equal(offers_of(a.id).data_count, 2);
}

static void a_product_without_barcodes_has_no_offers_and_a_hidden_one_is_not_found(void **state)
{
    (void)state;
    struct catalog_item_offers offers;
    const struct catalog_own_product plain = make(&SHELF.vendor, NULL, 500, 3);
    assert_int_equal(offers_of(plain.id).data_count, 0);
    archive(&SHELF.vendor, plain.id);
    assert_int_equal(list(plain.id, &offers), STATUS_NOT_FOUND);
    assert_int_equal(list((struct uuid){ { 9 } }, &offers), STATUS_NOT_FOUND);
}

static void what_staff_sets_apart_is_an_item_of_its_own(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 450, 3);
    assert_int_equal(set_apart(b.id, true, " "), STATUS_INVALID_VALUE);
    assert_int_equal(set_apart((struct uuid){ { 9 } }, true, "Wrong number."), STATUS_NOT_FOUND);
    assert_int_equal(set_apart(b.id, true, "Wrong number."), STATUS_OK);
    assert_int_equal(set_apart(b.id, true, "Wrong number."), STATUS_OK);
    assert_int_equal(offers_of(a.id).data_count, 1);
    assert_int_equal(offers_of(b.id).data_count, 1);
    assert_int_equal(set_apart(b.id, false, "It was right."), STATUS_OK);
    assert_int_equal(offers_of(a.id).data_count, 2);
}

static struct catalog_variant look(struct uuid product)
{
    struct catalog_product seen;
    assert_int_equal(shelf_look(product, &seen), STATUS_OK);
    return seen.variants[0];
}

static void a_detail_names_the_offer_that_wins_and_how_many_others_there_are(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    assert_false(look(a.id).has_buy_box); /* nobody else has it */
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_13, 450, 3);
    const struct catalog_own_product c = make(&SHELF.stranger, GTIN_14, 100, 0);
    const struct catalog_own_product other = make(&SHELF.stranger, OTHER_GTIN, 1, 3);
    const struct catalog_variant variant = look(a.id);
    assert_true(variant.has_buy_box);
    assert_true(uuid_equals(variant.buy_box.product_id, b.id));
    assert_true(uuid_equals(variant.buy_box.variant_id, b.variants[0].id));
    assert_true(text_equals(variant.buy_box.slug, b.slug));
    assert_true(text_equals_string(variant.buy_box.vendor.name, "Elm"));
    assert_true(money_equals(variant.buy_box.price, money_make(450, "EUR")));
    assert_int_equal(variant.buy_box.others, 2);
    assert_true(uuid_equals(look(c.id).buy_box.product_id, b.id));
    assert_false(look(other.id).has_buy_box);
}

static void what_is_hidden_suspended_set_apart_or_sold_out_wins_nothing(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 450, 3);
    const struct catalog_own_product c = make(&SHELF.vendor, GTIN_12, 600, 3);
    assert_true(uuid_equals(look(a.id).buy_box.product_id, b.id));
    set_open(SHELF.stranger.id, "Elm", 4, false);
    assert_true(uuid_equals(look(a.id).buy_box.product_id, a.id));
    assert_int_equal(look(a.id).buy_box.others, 1);
    set_open(SHELF.stranger.id, "Elm", 5, true);
    assert_int_equal(set_apart(b.id, true, "Wrong number."), STATUS_OK);
    assert_true(uuid_equals(look(a.id).buy_box.product_id, a.id));
    assert_false(look(b.id).has_buy_box);
    archive(&SHELF.vendor, c.id);
    assert_false(look(a.id).has_buy_box);
    const struct catalog_own_product d = make(&SHELF.vendor, GTIN_12, 100, 0);
    assert_true(uuid_equals(look(d.id).buy_box.product_id, a.id));
    const struct catalog_set_stock command = { .variant_id = a.variants[0].id, .on_hand = 0 };
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_message, &command, &level),
        STATUS_OK);
    assert_false(look(d.id).has_buy_box);
}

/* The way in which a vendor sends everything. */
static struct vendor_terms sends(struct uuid vendor_id, struct vendor_method_terms *method,
                                 struct vendor_shipping_profile_terms *profile)
{
    method->is_sent_there = true;
    *profile = (struct vendor_shipping_profile_terms){ .is_default = true,
                                                       .methods = method,
                                                       .methods_count = 1 };
    return (
        struct vendor_terms){ .vendor_id = vendor_id, .profiles = profile, .profiles_count = 1 };
}

static void what_costs_least_with_delivery_wins_and_of_equals_the_sooner(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product b = make(&SHELF.stranger, GTIN_12, 450, 3);
    struct vendor_method_terms mine = { .price = { 100, "EUR" }, .handling_days = 2 };
    struct vendor_method_terms theirs = { .price = { 200, "EUR" }, .handling_days = 1 };
    struct vendor_shipping_profile_terms profiles[2];
    const struct vendor_terms terms[] = { sends(SHELF.vendor.id, &mine, &profiles[0]),
                                          sends(SHELF.stranger.id, &theirs, &profiles[1]) };
    SHELF.terms = terms;
    SHELF.terms_count = 2;
    struct catalog_variant variant = look(b.id);
    assert_true(uuid_equals(variant.buy_box.product_id, a.id));
    assert_int_equal(variant.buy_box.price.amount, 500);
    assert_int_equal(variant.buy_box.delivery.amount, 100);
    assert_int_equal(variant.buy_box.handling_days, 2);
    assert_true(uuid_equals(offers_of(a.id).data[0].product_id, a.id));
    assert_true(offers_of(a.id).data[0].is_best);
    theirs.price.amount = 150;
    assert_true(uuid_equals(look(a.id).buy_box.product_id, b.id)); /* the sooner */
    theirs.is_sent_there = false;
    assert_true(uuid_equals(look(a.id).buy_box.product_id, a.id));
    assert_int_equal(look(a.id).buy_box.others, 1);
    /* Who does not answer in time keeps no page away. */
    SHELF.terms_status = STATUS_UNAVAILABLE;
    variant = look(a.id);
    assert_true(uuid_equals(variant.buy_box.product_id, b.id));
    assert_false(variant.buy_box.has_delivery);
    SHELF.terms_status = STATUS_OK;
    SHELF.terms_count = 0;
}

static void an_offer_that_nobody_rivals_says_how_it_is_sent_too(void **state)
{
    (void)state;
    const struct catalog_own_product a = make(&SHELF.vendor, GTIN_12, 500, 3);
    struct vendor_method_terms mine = { .price = { 100, "EUR" }, .handling_days = 2 };
    struct vendor_shipping_profile_terms profile;
    const struct vendor_terms terms[] = { sends(SHELF.vendor.id, &mine, &profile) };
    SHELF.terms = terms;
    SHELF.terms_count = 1;
    const struct catalog_item_offers offers = offers_of(a.id);
    SHELF.terms_count = 0;
    assert_int_equal(offers.data_count, 1);
    assert_true(offers.data[0].has_delivery && offers.data[0].has_handling_days);
    assert_int_equal(offers.data[0].delivery.amount, 100);
    assert_int_equal(offers.data[0].handling_days, 2);
    assert_false(look(a.id).has_buy_box);
}

static void of_many_offers_the_best_are_shown(void **state)
{
    (void)state;
    const struct catalog_own_product dear = make(&SHELF.vendor, GTIN_12, 9000, 3);
    for (int64_t i = 0; i < 25; i++)
        (void)make(&SHELF.stranger, GTIN_12, 1000 - i, 3);
    const struct catalog_item_offers offers = offers_of(dear.id);
    assert_int_equal(offers.data_count, 20);
    assert_int_equal(offers.data[0].price.amount, 976);
    assert_int_equal(offers.data[19].price.amount, 995);
}

static void change_shipping(const struct principal *vendor)
{
    static uint8_t events;
    const struct vendor_shipping_was_changed event = { .vendor_id = vendor->id };
    direct_forget_hints(SHELF.market);
    assert_int_equal(direct_consume(SHELF.market, &vendor_shipping_was_changed_message, &event,
                                    (struct uuid){ { 0x77, ++events } }),
                     STATUS_OK);
}

static void who_keeps_pages_hears_when_a_rival_sends_in_another_way(void **state)
{
    (void)state;
    const struct catalog_own_product mine = make(&SHELF.vendor, GTIN_12, 500, 3);
    const struct catalog_own_product rival = make(&SHELF.stranger, GTIN_13, 450, 3);
    const struct catalog_own_product other = make(&SHELF.stranger, OTHER_GTIN, 450, 3);
    const struct catalog_own_product plain = make(&SHELF.vendor, NULL, 450, 3);
    change_shipping(&SHELF.vendor);
    assert_int_equal(direct_hints(SHELF.market, mine.id), 1);
    assert_int_equal(direct_hints(SHELF.market, rival.id), 1);
    assert_int_equal(direct_hints(SHELF.market, other.id), 0);
    assert_int_equal(direct_hints(SHELF.market, plain.id), 0);
    assert_int_equal(direct_hints(SHELF.market, (struct uuid){ { 0 } }), 0);
}

static void all_of_a_vendors_offers_are_looked_at_some_at_a_time(void **state)
{
    (void)state;
    for (int i = 0; i < CATALOG_OFFER_PAGE_MAX; i++)
        (void)make(&SHELF.vendor, NULL, 500, 3);
    const struct catalog_own_product last = make(&SHELF.vendor, GTIN_12, 500, 3);
    change_shipping(&SHELF.vendor);
    assert_int_equal(direct_hints(SHELF.market, last.id), 1);
    const struct catalog_tell_of_shipping all = { .vendor_id = SHELF.vendor.id,
                                                  .has_is_about_all = true,
                                                  .is_about_all = true };
    struct catalog_shipping_told told;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_tell_of_shipping_message, &all, &told), STATUS_OK);
    assert_int_equal(direct_hints(SHELF.market, (struct uuid){ { 0 } }), 1);
    assert_false(told.has_next);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, clear)
    const struct CMUnitTest tests[] = {
        CLAIM(offers_of_one_number_are_one_item_however_it_is_written),
        CLAIM(what_cannot_be_bought_is_last_and_never_best),
        CLAIM(what_is_ordered_ahead_can_be_bought),
        CLAIM(offers_are_asked_for_in_a_currency),
        CLAIM(who_keeps_pages_hears_when_a_rival_sends_in_another_way),
        CLAIM(all_of_a_vendors_offers_are_looked_at_some_at_a_time),
        CLAIM(zeros_are_no_number_that_makes_an_item),
        CLAIM(a_sale_counts_while_it_runs),
        CLAIM(a_vendor_that_is_suspended_offers_nothing),
        CLAIM(a_product_without_barcodes_has_no_offers_and_a_hidden_one_is_not_found),
        CLAIM(what_staff_sets_apart_is_an_item_of_its_own),
        CLAIM(a_detail_names_the_offer_that_wins_and_how_many_others_there_are),
        CLAIM(what_is_hidden_suspended_set_apart_or_sold_out_wins_nothing),
        CLAIM(what_costs_least_with_delivery_wins_and_of_equals_the_sooner),
        CLAIM(an_offer_that_nobody_rivals_says_how_it_is_sent_too),
        CLAIM(of_many_offers_the_best_are_shown),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
