/* Claims about files that vendors are given, against a scratch database. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/import_shelf.h"

#define SHELF shelf_of_all

static struct catalog_exported_file export(const struct catalog_export_own_products *query)
{
    struct catalog_exported_file file;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 query, &file),
                     STATUS_OK);
    return file;
}

static void an_export_that_is_handed_in_again_changes_nothing(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("=SUM(A1), \"quoted\"");
    wish.description = TEXT("Two\nlines; one, more.");
    wish.has_sku = true;
    wish.sku = TEXT("+49");
    (void)shelf_make(&wish);
    wish = shelf_wish("Draft");
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    (void)shelf_make(&wish);
    const char *const state_of_all =
        "SELECT md5(string_agg(p.id::text || p.version || k.version, ',' ORDER BY k.variant_id))"
        " FROM catalog.product p JOIN catalog.stock k ON k.product_id = p.id"
        " WHERE p.status <> 5";
    const struct text before = direct_sql(SHELF.market, state_of_all);
    const struct catalog_export_own_products query = { .has_format = false };
    const struct catalog_exported_file file = export(&query);
    assert_false(file.has_more);
    const struct catalog_vendor_import import = import_run(file.file);
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_DONE);
    assert_true(import.unchanged >= 2);
    assert_int_equal(import.created + import.changed + import.refused, 0);
    assert_true(text_equals(direct_sql(SHELF.market, state_of_all), before));
}

static void define_colour(void)
{
    const struct catalog_create_category_attribute command = { .category_id = SHELF.category,
                                                               .key = TEXT("colour"),
                                                               .name = TEXT("Colour"),
                                                               .type =
                                                                   CATALOG_ATTRIBUTE_TYPE_TEXT };
    struct catalog_category_attribute reply;
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff,
                                 &catalog_create_category_attribute_message, &command, &reply),
                     STATUS_OK);
}

static struct catalog_own_product make_rich(const char *name)
{
    static const struct text_pair colour[] = { { { "colour", 6 }, { "Red, deep", 9 } } };
    const struct money prices[] = { { 500, "EUR" }, { 800, "JPY" }, { 1500, "KWD" } };
    const struct catalog_price_sale sale = { .price = { 400, "EUR" },
                                             .has_starts_at = true,
                                             .starts_at_us = 1767225600123456,
                                             .has_ends_at = true,
                                             .ends_at_us = 1867225600000001 };
    struct catalog_create_product wish = shelf_wish(name);
    wish.attributes = colour;
    wish.attributes_count = 1;
    const struct catalog_own_product made = shelf_make(&wish);
    const struct catalog_change_variant command = { .product_id = made.id,
                                                    .variant_id = made.variants[0].id,
                                                    .prices = prices,
                                                    .prices_count = 3,
                                                    .sales = &sale,
                                                    .sales_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_change_variant_message, &command, NULL),
        STATUS_OK);
    return made;
}

static void attributes_sales_and_other_currencies_come_back_as_they_were(void **state)
{
    (void)state;
    define_colour();
    const struct catalog_own_product made = make_rich("Rich");
    struct catalog_create_product wish = shelf_wish("Elsewhere");
    wish.category_id = SHELF.other_category; /* which has no attribute of that key */
    (void)shelf_make(&wish);
    const struct catalog_own_product before = shelf_inspect(made.id);
    const struct catalog_export_own_products query = { .has_format = false };
    const struct text file = export(&query).file;
    const char *text = text_string(SHELF.arena, file);
    assert_non_null(strstr(text, ",price:JPY,price:KWD,attr:colour\r\n"));
    assert_non_null(strstr(text, ",4.00,2026-01-01T00:00:00.123456Z,"));
    assert_non_null(strstr(text, ",800,1.500,\"Red, deep\"\r\n"));
    const struct catalog_vendor_import import = import_run(file);
    assert_int_equal(import.created + import.changed + import.refused, 0);
    assert_int_equal(shelf_inspect(made.id).version, before.version);
}

#define FILE_FORM                                                                                  \
    "handle,name,category,price,price:JPY,price:KWD,price:USD\n"                                   \
    "%s,Many prices,Home > Chairs,5,900,,%s\n"

static void a_file_changes_and_takes_away_prices_in_other_currencies(void **state)
{
    (void)state;
    const struct catalog_own_product made = make_rich("Many prices");
    const struct catalog_own_product before = shelf_inspect(made.id);
    const char *handle = text_string(SHELF.arena, before.handle);
    const struct catalog_vendor_import import =
        import_run(text_format(SHELF.arena, FILE_FORM, handle, "6.5"));
    assert_int_equal(import.changed, 1);
    const struct catalog_own_product after = shelf_inspect(made.id);
    assert_int_equal(after.variants[0].prices_count, 3);
    assert_true(money_equals(after.variants[0].prices[1], money_make(900, "JPY")));
    assert_true(money_equals(after.variants[0].prices[2], money_make(650, "USD")));
    assert_int_equal(after.variants[0].sales_count, 1);
    direct_set(SHELF.market, "--market.currencies=JPY");
    const struct catalog_vendor_import wrong =
        import_run(text_format(SHELF.arena, FILE_FORM, handle, "6.6"));
    direct_set(SHELF.market, "--market.currencies=");
    assert_int_equal(wrong.refused, 1);
}

static struct catalog_exported_file export_in(const char *currency)
{
    const struct catalog_export_own_products query = { .has_currency = true,
                                                       .currency = text_of(currency) };
    return export(&query);
}

static struct catalog_vendor_import import_in(const char *currency, struct text file)
{
    const struct catalog_start_import command = { .file = file,
                                                  .has_currency = true,
                                                  .currency = text_of(currency) };
    struct catalog_vendor_import import;
    direct_advance(SHELF.market, 1000000);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_start_import_message, &command, &import),
        STATUS_OK);
    return import_finish(import.id);
}

static void assert_unchanged(struct catalog_vendor_import import)
{
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_DONE);
    assert_true(import.unchanged > 0);
    assert_int_equal(import.created + import.changed + import.refused, 0);
}

/* One size has no price in dollars. Either way of handing the file in. */
static void a_file_in_another_currency_takes_no_variant_away(void **state)
{
    (void)state;
    const struct text file =
        TEXT("handle,name,category,price,price:USD,option1_name,option1_value,published\n"
             "two-sizes,Two sizes,Home > Chairs,5,6,Size,S,true\n"
             "two-sizes,,,7,,Size,M,\n");
    assert_int_equal(import_run(file).created, 1);
    const struct catalog_exported_file dollars = export_in("USD");
    assert_non_null(strstr(text_string(SHELF.arena, dollars.file), "Size,M,,,,,,,,,"));
    assert_unchanged(import_in("USD", dollars.file));
    assert_unchanged(import_run(dollars.file));
    const struct text form = TEXT("handle,name,category,price,currency,price:EUR,option1_name,"
                                  "option1_value,published\n"
                                  "two-sizes,Two sizes,Home > Chairs,6.5,USD,5,Size,S,true\n"
                                  "two-sizes,,,,USD,7.5,Size,M,\n");
    assert_int_equal(import_run(form).changed, 1);
    assert_true(text_equals_string(
        direct_sql(
            SHELF.market,
            "SELECT string_agg(r.currency || r.amount, ',' ORDER BY r.currency, r.amount) FROM"
            " catalog.variant_price r"
            " JOIN catalog.stock k ON k.variant_id = r.variant_id"
            " JOIN catalog.product p ON p.id = k.product_id"
            " WHERE p.handle = 'two-sizes' AND k.is_active"),
        "EUR500,EUR750,USD650"));
}

static void prices_that_the_market_no_longer_sells_at_stay(void **state)
{
    (void)state;
    const struct catalog_own_product made = make_rich("No more yen");
    const struct text before = export_in("EUR").file;
    direct_set(SHELF.market, "--market.currencies=KWD");
    const struct text after = export_in("EUR").file;
    const struct catalog_vendor_import old = import_run(before), new = import_run(after);
    const struct catalog_vendor_import wrong =
        import_run(TEXT("handle,name,category,price,price:USD\nnone,None,Home > Chairs,5,6\n"));
    direct_set(SHELF.market, "--market.currencies=");
    assert_null(strstr(text_string(SHELF.arena, after), "JPY"));
    assert_unchanged(old);
    assert_unchanged(new);
    assert_int_equal(wrong.refused, 1);
    import_assert_problem(wrong.id, 0, 2, "price:USD", "invalid_value");
    assert_int_equal(shelf_inspect(made.id).variants[0].prices_count, 3);
}

static const char *ahead_of(const char *handle)
{
    return text_string(
        SHELF.arena,
        direct_sql(SHELF.market, text_format(SHELF.arena,
                                             "SELECT concat_ws('|', k.policy, k.ahead_limit,"
                                             " k.available_on) FROM catalog.stock k"
                                             " JOIN catalog.product p ON p.id = k.product_id"
                                             " WHERE p.handle = '%s'",
                                             handle)
                                     .data));
}

static void a_pre_order_comes_back_with_its_day(void **state)
{
    (void)state;
    const struct text file =
        TEXT("handle,name,category,price,published,sells_ahead,ahead_limit,available_on\n"
             "soon,Soon,Home > Chairs,5,true,preorder,7,2027-01-02\n");
    assert_int_equal(import_run(file).created, 1);
    assert_string_equal(ahead_of("soon"), "2|7|1798848000000000");
    const struct text written = export_in("EUR").file;
    assert_non_null(strstr(text_string(SHELF.arena, written), ",preorder,7,2027-01-02T00:00:00Z,"));
    assert_unchanged(import_run(written));
    const struct catalog_export_own_products shopify = { .has_format = true,
                                                         .format = CATALOG_EXPORT_FORMAT_SHOPIFY };
    assert_unchanged(import_run(export(&shopify).file)); /* which has no column for the day */
    assert_string_equal(ahead_of("soon"), "2|7|1798848000000000");
    const struct text later =
        TEXT("handle,name,category,price,published,sells_ahead,ahead_limit,available_on\n"
             "soon,Soon,Home > Chairs,5,true,preorder,7,2027-02-02\n");
    assert_int_equal(import_run(later).changed, 1);
    assert_string_equal(ahead_of("soon"), "2|7|1801526400000000");
}

static void texts_in_other_languages_come_back(void **state)
{
    (void)state;
    direct_set(SHELF.market, "--market.languages=en, de");
    const struct text file =
        TEXT("handle,name,category,price,name:de,description:de\n"
             "stool,Stool,Home > Chairs,5,\"Hocker, klein\",\nplain,Plain,Home > Chairs,5,,\n");
    assert_int_equal(import_run(file).created, 2);
    const struct text written = export_in("EUR").file;
    const char *text = text_string(SHELF.arena, written);
    assert_non_null(strstr(text, ",name:de\r\n"));
    assert_non_null(strstr(text, ",\"Hocker, klein\"\r\n"));
    assert_unchanged(import_run(written));
    direct_set(SHELF.market, "--market.languages=");
}

/* More variants than a unit has writes, and more than one of them in a step. */
static void products_of_many_variants_lose_their_prices_of_a_currency(void **state)
{
    (void)state;
    enum { PRODUCTS = 3, VARIANTS = 70 };
    struct text files[] = {
        TEXT("handle,name,category,price,price:JPY,option1_name,option1_value\n"),
        TEXT("handle,name,category,price,price:JPY,option1_name,option1_value\n")
    };
    for (int i = 0; i < PRODUCTS * VARIANTS; i++) {
        const int product = i / VARIANTS;
        for (int file = 0; file < 2; file++)
            files[file] =
                text_format(SHELF.arena, "%.*smany-%d,Many %d,Home > Chairs,5,%s,Size,%d\n",
                            (int)files[file].length, files[file].data, product, product,
                            file == 0 ? "900" : "", i);
    }
    assert_int_equal(import_run(files[0]).created, PRODUCTS);
    assert_int_equal(import_run(files[1]).changed, PRODUCTS);
    assert_true(text_equals_string(
        direct_sql(SHELF.market,
                   "SELECT count(*) FILTER (WHERE r.currency = 'JPY') || ' ' || count(*) FROM"
                   " catalog.variant_price r JOIN catalog.variant w ON w.id = r.variant_id"
                   " JOIN catalog.product p ON p.id = w.product_id WHERE p.name LIKE 'Many _'"),
        "0 210"));
}

/* ---- feeds ---- */

static const char *feed(const char *currency)
{
    const struct catalog_export_own_feed query = { .has_currency = true,
                                                   .currency = text_of(currency) };
    struct catalog_exported_feed reply;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_feed_message, &query, &reply),
        STATUS_OK);
    assert_false(reply.has_more);
    return text_string(SHELF.arena, reply.file);
}

static void a_feed_says_what_shoppers_see(void **state)
{
    (void)state;
    struct catalog_create_product wish = shelf_wish("Chair & <table>");
    wish.has_sku = true;
    wish.sku = TEXT("SKU-77");
    const struct catalog_own_product made = shelf_make(&wish);
    (void)make_rich("On sale in the feed");
    wish = shelf_wish("Hidden draft");
    wish.has_status = true;
    wish.status = CATALOG_WANTED_STATUS_DRAFT;
    (void)shelf_make(&wish);
    const char *text = feed("EUR");
    char id[ID_TEXT_MAX + 1];
    (void)id_format("prd", made.id, id);
    assert_non_null(strstr(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\""
                                 " xmlns:g=\"http://base.google.com/ns/1.0\">"));
    assert_non_null(strstr(text, "<g:title>Chair &amp; &lt;table&gt;</g:title>"));
    assert_non_null(strstr(text, text_format(SHELF.arena, "/%s</g:link>", id).data));
    assert_non_null(strstr(text, "<g:price>5.00 EUR</g:price>"));
    assert_non_null(strstr(text, "<g:sale_price>4.00 EUR</g:sale_price>\n"
                                 "<g:sale_price_effective_date>2026-01-01T00:00:00.123456Z/"
                                 "2029-03-03T"));
    assert_non_null(strstr(text, "<g:mpn>SKU-77</g:mpn>"));
    assert_non_null(strstr(text, "<g:brand>Oak &amp; Ash</g:brand>"));
    assert_non_null(strstr(text, "<g:product_type>Home &gt; Chairs</g:product_type>"));
    assert_non_null(strstr(text, "<g:identifier_exists>no</g:identifier_exists>"));
    assert_null(strstr(text, "Hidden draft"));
    assert_non_null(strstr(text, "</channel>\n</rss>\n"));
}

static void a_feed_in_another_currency_has_what_is_sold_in_it(void **state)
{
    (void)state;
    (void)make_rich("Sold in yen");
    const struct catalog_create_product euros = shelf_wish("Sold in euros");
    (void)shelf_make(&euros);
    const char *text = feed("JPY");
    assert_non_null(strstr(text, "<g:price>800 JPY</g:price>"));
    assert_null(strstr(text, "Sold in euros"));
    assert_null(strstr(text, "sale_price"));
    const struct catalog_export_own_feed wrong = { .has_currency = true, .currency = TEXT("jpy") };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_feed_message, &wrong, NULL),
        STATUS_INVALID_PARAMETER);
}

static void an_export_has_other_columns_and_currencies(void **state)
{
    (void)state;
    const struct catalog_export_own_products shopify = { .has_format = true,
                                                         .format = CATALOG_EXPORT_FORMAT_SHOPIFY };
    assert_true(text_starts_with(export(&shopify).file, TEXT("Title,")));
    const struct catalog_export_own_products none = { .has_currency = true,
                                                      .currency = TEXT("CHF") };
    const struct text file = export(&none).file;
    assert_non_null(memchr(file.data, '\n', file.length - 1)); /* what is not sold in it, too */
    const struct catalog_export_own_products wrong = { .has_currency = true,
                                                       .currency = TEXT("EUX") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 &wrong, NULL),
                     STATUS_INVALID_PARAMETER);
    const struct catalog_export_own_products after = { .has_after = true, .after = TEXT("?") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_export_own_products_message,
                                 &after, NULL),
                     STATUS_INVALID_PARAMETER);
}

static void problems_are_a_file_for_those_who_take_one(void **state)
{
    (void)state;
    const struct uuid job =
        import_run(
            TEXT("handle,name,category,\"=cmd|x\",price\nbad,Bad,Nowhere,1,1\nworse,,Home,1,x\n"))
            .id;
    struct catalog_list_import_problems query = { .job_id = job,
                                                  .has_accept = true,
                                                  .accept = TEXT("text/csv") };
    struct catalog_import_problems problems;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &query, &problems),
                     STATUS_OK);
    assert_true(problems.has_file);
    assert_true(text_starts_with(problems.file, TEXT("line,column,kind,code,detail\r\n1,,warning,"
                                                     "warning,\"columns are ignored: '=cmd|x'\"\r\n"
                                                     "2,category,error,invalid_value,")));
    query.accept = TEXT("application/json, text/csv");
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &query, &problems),
                     STATUS_OK);
    assert_false(problems.has_file);
    assert_true(problems.data_count >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_that_is_handed_in_again_changes_nothing),
        cmocka_unit_test(attributes_sales_and_other_currencies_come_back_as_they_were),
        cmocka_unit_test(a_file_changes_and_takes_away_prices_in_other_currencies),
        cmocka_unit_test(a_file_in_another_currency_takes_no_variant_away),
        cmocka_unit_test(prices_that_the_market_no_longer_sells_at_stay),
        cmocka_unit_test(a_pre_order_comes_back_with_its_day),
        cmocka_unit_test(texts_in_other_languages_come_back),
        cmocka_unit_test(products_of_many_variants_lose_their_prices_of_a_currency),
        cmocka_unit_test(a_feed_says_what_shoppers_see),
        cmocka_unit_test(a_feed_in_another_currency_has_what_is_sold_in_it),
        cmocka_unit_test(an_export_has_other_columns_and_currencies),
        cmocka_unit_test(problems_are_a_file_for_those_who_take_one),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
