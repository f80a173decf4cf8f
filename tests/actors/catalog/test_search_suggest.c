/* Claims about what is suggested to somebody who types, and in which order. */
#include <stdio.h>

#include "tests/actors/catalog/search_fixture.h"

static const char *suggested(const char *text, const struct search_filters *filters)
{
    static char shown[1000];
    struct search_suggestions suggestions;
    const struct search_query query = { .text = text_of(text), .limit = 8, .filters = *filters };
    assert_int_equal(search_reader_suggest(shelf.reader, shelf.arena, &query, &suggestions),
                     STATUS_OK);
    size_t length = 0;
    shown[0] = '\0';
    for (size_t i = 0; i < suggestions.count; i++) {
        const struct search_suggestion *one = &suggestions.list[i];
        const struct text told = one->kind == SEARCH_PRODUCT ? one->data : one->name;
        length +=
            (size_t)snprintf(shown + length, sizeof shown - length, "%s%c:%.*s", i == 0 ? "" : "|",
                             "pcv"[one->kind], (int)told.length, told.data);
    }
    return shown;
}

static void fill_for_suggestions(void)
{
    const struct search_reference kitchen[] = { { search_id(500), TEXT("Küche & Bad") },
                                                { search_id(501), TEXT("Kettles") } };
    struct search_document document = search_document_of(1, "Blue kettle");
    document.categories = kitchen;
    document.categories_count = 2;
    document.vendor = (struct search_reference){ search_id(901), TEXT("Ketty's Shop") };
    search_shelf_put(&shelf, &document);
    document = search_document_of(2, "Keyboard");
    document.sold = 5;
    search_shelf_put(&shelf, &document);
    document = search_document_of(3, "Keyring");
    search_shelf_put(&shelf, &document);
    search_shelf_show(&shelf);
}

static void beginnings_suggest_categories_vendors_and_products(void **state)
{
    (void)state;
    fill_for_suggestions();
    const struct search_filters none = { 0 };
    assert_string_equal(suggested("ket", &none), "c:Kettles|v:Ketty's Shop|p:Blue kettle");
    assert_string_equal(suggested("KE", &none),
                        "c:Kettles|v:Ketty's Shop|p:Keyboard|p:Keyring|p:Blue kettle");
    assert_string_equal(suggested("bad", &none), "c:Küche & Bad|p:Blue kettle");
    assert_string_equal(suggested("blue k", &none), "p:Blue kettle");
    assert_string_equal(suggested("", &none), "");
    assert_string_equal(suggested("qqq", &none), "");
}

static void the_likeliest_suggestions_come_first(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t sold;
    } products[] = { { "Lamp oil for a lamp", 0 },
                     { "Lamp", 2 },
                     { "Desk lamp", 50 },
                     { "Floor lamp", 90 },
                     { "Lampshade", 30 } };
    const struct search_reference categories[] = { { search_id(500), TEXT("Desk lamps") },
                                                   { search_id(501), TEXT("Lamps") } };
    for (uint32_t i = 0; i < ARRAY_LENGTH(products); i++) {
        struct search_document document = search_document_of(i + 1, products[i].name);
        document.sold = products[i].sold;
        document.categories = i == 1 ? categories + 1 : categories;
        document.categories_count = 1;
        search_shelf_put(&shelf, &document);
    }
    search_shelf_show(&shelf);
    const struct search_filters none = { 0 };
    assert_string_equal(suggested("lam", &none),
                        "c:Lamps|c:Desk lamps|p:Lampshade|p:Lamp|p:Lamp oil for a lamp|"
                        "p:Floor lamp|p:Desk lamp");
}

static void suggestions_forgive_typos(void **state)
{
    (void)state;
    fill_for_suggestions();
    const struct search_filters none = { 0 };
    assert_string_equal(suggested("keybaord", &none), "p:Keyboard");
    assert_string_equal(suggested("kyeb", &none), "p:Keyboard");
    struct search_document document = search_document_of(4, "Telephone");
    search_shelf_put(&shelf, &document);
    document = search_document_of(5, "Old telephones");
    search_shelf_put(&shelf, &document);
    search_shelf_show(&shelf);
    assert_string_equal(suggested("telefone", &none), "p:Telephone|p:Old telephones");
    assert_string_equal(suggested("telef", &none), "p:Telephone|p:Old telephones");
    assert_string_equal(suggested("blue telefone", &none), "");
}

static void suggestions_leave_excluded_vendors_out(void **state)
{
    (void)state;
    fill_for_suggestions();
    const struct uuid closed = search_id(901);
    const struct search_filters filters = { .excluded_vendors = &closed,
                                            .excluded_vendors_count = 1 };
    assert_string_equal(suggested("ketty", &filters), "");
    assert_string_equal(suggested("key", &filters), "p:Keyboard|p:Keyring");
}

static void names_without_products_are_not_suggested(void **state)
{
    (void)state;
    fill_for_suggestions();
    assert_int_equal(search_writer_delete(shelf.writer, search_id(1)), STATUS_OK);
    search_shelf_show(&shelf);
    const struct search_filters none = { 0 };
    assert_string_equal(suggested("kett", &none), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(beginnings_suggest_categories_vendors_and_products),
        TEST(the_likeliest_suggestions_come_first),
        TEST(suggestions_forgive_typos),
        TEST(suggestions_leave_excluded_vendors_out),
        TEST(names_without_products_are_not_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
