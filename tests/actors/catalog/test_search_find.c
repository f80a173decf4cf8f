/* Claims about what words find, and in which order. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "tests/actors/catalog/search_fixture.h"

static void parts_and_joined_words_find(void **state)
{
    (void)state;
    FILL("Red/Blue scarf", "Cotton T-Shirt", "USB-C cable", "Wi-Fi router", "iPhone15 case",
         "LibreOffice manual");
    assert_finds("blue", "Red/Blue scarf");
    assert_finds("tshirt", "Cotton T-Shirt");
    assert_finds("t shirt", "Cotton T-Shirt");
    assert_finds("t-shirt", "Cotton T-Shirt");
    assert_finds("T-SHIRTS", "Cotton T-Shirt");
    assert_finds("usbc", "USB-C cable");
    assert_finds("usb c", "USB-C cable");
    assert_finds("wifi", "Wi-Fi router");
    assert_finds("wi-fi", "Wi-Fi router");
    assert_finds("iphone 15", "iPhone15 case");
    assert_finds("iphone15", "iPhone15 case");
    assert_finds("libre office", "LibreOffice manual");
    assert_finds("libreoffice", "LibreOffice manual");
}

static void words_that_stand_joined_are_found_apart(void **state)
{
    (void)state;
    FILL("Wifi antenna", "Coffee pot", "iPhone 15 cover");
    assert_finds("wi-fi", "Wifi antenna");
    assert_finds("wi fi", "Wifi antenna");
    assert_finds("coffeepot", "Coffee pot");
    assert_finds("iphone15", "iPhone 15 cover");
}

static void accents_and_normal_forms_do_not_count(void **state)
{
    (void)state;
    FILL("Café crème set", "Jalapeño sauce", "Kaffeemühle groß", "Smørrebrød", "Muehle blau");
    assert_finds("cafe creme", "Café crème set");
    assert_finds("cafe\xCC\x81", "Café crème set");
    assert_finds("jalapeno", "Jalapeño sauce");
    assert_finds("kaffeemuhle", "Kaffeemühle groß");
    assert_finds("kaffeemuehle", "Kaffeemühle groß");
    assert_finds("KAFFEEMU\xCC\x88HLEN", "Kaffeemühle groß");
    assert_finds("gross", "Kaffeemühle groß");
    assert_finds("smorrebrod", "Smørrebrød");
    assert_finds("mühle", "Muehle blau");
}

static void stop_words_find_and_only_damp(void **state)
{
    (void)state;
    FILL("The Who", "It's On", "AT&T", "USB-C/HDMI Dock", "Who is the best", "Kettle");
    assert_finds("the who", "The Who|Who is the best");
    assert_finds("it's on", "It's On");
    assert_finds("AT&T", "AT&T");
    assert_finds("usb-c hdmi", "USB-C/HDMI Dock");
    assert_finds("the kettle", "Kettle");
    assert_finds("kettle for you", "Kettle");
}

/* The older one has the stop word, which lifts it until more than a thousand have it. */
static void a_stop_word_that_most_products_have_does_not_count(void **state)
{
    (void)state;
    struct search_document older = search_document_of(1, "Lamp one");
    older.description = TEXT("the");
    search_shelf_put(&shelf, &older);
    const struct search_document newer = search_document_of(2, "Lamp two");
    search_shelf_put(&shelf, &newer);
    for (uint32_t i = 3; i < 1000; i++) {
        const struct search_document other = search_document_of(i, "The thing");
        search_shelf_put(&shelf, &other);
        const struct search_document without = search_document_of(i + 2000, "Another thing");
        search_shelf_put(&shelf, &without);
    }
    search_shelf_show(&shelf);
    assert_finds("the lamp", "Lamp one|Lamp two");
    for (uint32_t i = 1000; i < 1010; i++) {
        const struct search_document other = search_document_of(i, "The thing");
        search_shelf_put(&shelf, &other);
    }
    search_shelf_show(&shelf);
    assert_finds("the lamp", "Lamp two|Lamp one");
    assert_finds("lamps lamp", "Lamp two|Lamp one");
}

static void the_exact_form_stands_above_others_and_those_above_typos(void **state)
{
    (void)state;
    FILL("Candle of wax", "Candles of wax", "Handle of wax");
    assert_finds("candles", "Candles of wax|Candle of wax");
    assert_finds("candle", "Candle of wax|Candles of wax");
}

static void names_count_more_than_descriptions(void **state)
{
    (void)state;
    struct search_document other = search_document_of(1, "Teapot");
    search_shelf_put(&shelf, &other);
    other = search_document_of(2, "Cosy");
    other.description = TEXT("A cosy for any teapot; teapot not included. Teapot, teapot!");
    search_shelf_put(&shelf, &other);
    other = search_document_of(3, "Lid");
    other.categories = &(struct search_reference){ search_id(500), TEXT("Teapot") };
    other.categories_count = 1;
    search_shelf_put(&shelf, &other);
    search_shelf_show(&shelf);
    assert_finds("teapot", "Teapot|Lid|Cosy");
}

static void a_number_as_a_whole_comes_first(void **state)
{
    (void)state;
    struct search_document part = search_document_of(1, "Bolt");
    part.numbers = (struct text[]){ TEXT("AB-1234/5"), TEXT("4006381333931") };
    part.numbers_count = 2;
    search_shelf_put(&shelf, &part);
    const struct search_document other = search_document_of(2, "AB 1234 5 and more of AB");
    search_shelf_put(&shelf, &other);
    search_shelf_show(&shelf);
    assert_finds("ab-1234/5", "Bolt|AB 1234 5 and more of AB");
    assert_finds("ab 12345", "Bolt");
    assert_finds("4006381333931", "Bolt");
}

static void the_whole_name_comes_first(void **state)
{
    (void)state;
    FILL("Green tea", "Green tea green tea", "Tea, green");
    assert_finds("green tea", "Green tea|Green tea green tea|Tea, green");
    assert_finds("tea green", "Tea, green|Green tea green tea|Green tea");
}

static void vendors_categories_and_attributes_are_words(void **state)
{
    (void)state;
    struct search_document product = search_document_of(1, "Shirt");
    product.vendor.name = TEXT("Tansy Teas");
    product.categories = (struct search_reference[]){ { search_id(500), TEXT("Clothing") },
                                                      { search_id(501), TEXT("Tops") } };
    product.categories_count = 2;
    product.attributes = &(struct search_attribute){ TEXT("Colour"), TEXT("Petrol") };
    product.attributes_count = 1;
    search_shelf_put(&shelf, &product);
    search_shelf_show(&shelf);
    assert_finds("tansy", "Shirt");
    assert_finds("clothing top", "Shirt");
    assert_finds("petrol shirt", "Shirt");
}

static void runs_are_found_by_pairs_and_single_characters(void **state)
{
    (void)state;
    FILL("東京タワー模型", "京都の抹茶", "コーヒーカップ");
    assert_finds("東京", "東京タワー模型");
    assert_finds("京都", "京都の抹茶");
    assert_finds("抹", "京都の抹茶");
    assert_finds("カップ", "コーヒーカップ");
    assert_finds("ｶｯﾌﾟ", "コーヒーカップ");
    assert_finds("東京 模型", "東京タワー模型");
    assert_finds("模型東京", "東京タワー模型");
}

static void typos_are_forgiven_and_told(void **state)
{
    (void)state;
    FILL("Mechanical keyboard", "Wool scarf", "Cup");
    const struct search_query query = search_query_of("mechancial keybord");
    struct search_result result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Mechanical keyboard");
    assert_text_equal(result.did_you_mean, TEXT("mechanical keyboard"));
    assert_true(result.is_corrected);
    assert_false(result.is_relaxed);
    assert_finds("skarf", "Wool scarf");
    assert_finds("cap", "");
    const struct search_query known = search_query_of("wool scarf");
    result = search_shelf_ask(&shelf, &known);
    assert_int_equal(result.did_you_mean.length, 0);
    assert_false(result.is_corrected);
}

static void a_rare_word_is_taken_for_a_frequent_one(void **state)
{
    (void)state;
    static char names[31][16];
    const char *list[31];
    for (int i = 0; i < 31; i++) {
        (void)snprintf(names[i], sizeof names[i], i == 0 ? "Libary" : "Library %d", i);
        list[i] = names[i];
    }
    search_shelf_fill(&shelf, list, ARRAY_LENGTH(list));
    const struct search_query query = search_query_of("libary");
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_text_equal(result.did_you_mean, TEXT("library"));
    assert_text_equal(result.hits[0].data, TEXT("Libary"));
    assert_int_equal(result.hits_count, 20);
}

static void the_last_word_may_be_unfinished(void **state)
{
    (void)state;
    FILL("Blue keyboard", "Blue kettle", "Red kettle");
    struct search_query query = search_query_of("blue ke");
    query.is_prefix = true;
    struct search_result result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Blue kettle|Blue keyboard");
    query = search_query_of("blue keyb");
    query.is_prefix = true;
    result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Blue keyboard");
    assert_finds("red kettl", "Red kettle");
}

static void when_nothing_has_all_words_most_are_enough(void **state)
{
    (void)state;
    FILL("Blue wool scarf", "Blue cotton socks", "Green hat");
    const struct search_query query = search_query_of("blue wool socks");
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_true(result.is_relaxed);
    assert_string_equal(search_shown(&result), "Blue cotton socks|Blue wool scarf");
    assert_finds("blue wool xyzzyq", "Blue wool scarf");
    assert_finds("green socks", "Green hat|Blue cotton socks");
    assert_finds("xyzzyq", "");
}

static void synonyms_find_each_other(void **state)
{
    (void)state;
    FILL("Red trainers", "Red sneaker", "Red boots", "Mobile phone case");
    const struct text shoes[] = { TEXT("trainers"), TEXT("sneakers") };
    const struct text phones[] = { TEXT("cell phone"), TEXT("mobile phone"), TEXT("handset") };
    const struct search_synonyms groups[] = { { shoes, 2 }, { phones, 3 } };
    search_reader_set_synonyms(shelf.reader, groups, 2);
    assert_finds("red sneakers", "Red sneaker|Red trainers");
    assert_finds("red trainer", "Red trainers|Red sneaker");
    assert_finds("handset case", "Mobile phone case");
    assert_finds("cell phone case", "Mobile phone case");
    search_reader_set_synonyms(shelf.reader, NULL, 0);
    assert_finds("handset", "");
}

static void operators_are_words(void **state)
{
    (void)state;
    FILL("Salt and pepper", "Salt");
    assert_finds("salt AND pepper", "Salt and pepper");
    assert_finds("salt OR vinegar*", "Salt|Salt and pepper");
    assert_finds("+salt -pepper", "Salt and pepper");
    assert_finds("\"salt\" (pepper)^2 NEAR/3 [x TO y] name:pepper", "Salt and pepper");
    assert_finds("Qsalt", "Salt|Salt and pepper");
}

static void queries_of_nothing_find_everything(void **state)
{
    (void)state;
    FILL("One", "Two");
    assert_finds("", "Two|One");
    assert_finds(" ... ", "Two|One");
    assert_finds("🦄", "");
    assert_finds("x", "");
}

static void long_queries_end(void **state)
{
    (void)state;
    FILL("Word word", "Other");
    static char query[25001];
    for (size_t i = 0; i + 5 < sizeof query; i += 5)
        memcpy(query + i, "word ", 5);
    assert_finds(query, "Word word");
    memset(query, 'x', 10000);
    query[10000] = '\0';
    assert_finds(query, "");
}

/* Terms, values and queries of any bytes; the generator is fixed. */
static void any_bytes_can_be_put_and_asked(void **state)
{
    (void)state;
    uint64_t random = 3;
    char bytes[600];
    for (uint32_t round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            bytes[i] =
                round % 3 == 0 ? (char)(random >> 56) : "ab -Qs\0\xC3\x9F\n"[random >> 60 & 7];
        }
        struct search_document document = search_document_of(round + 1, "Thing");
        document.name = (struct text){ bytes, 100 };
        document.description = (struct text){ bytes + 100, 300 };
        document.language = (struct text){ bytes, 2 };
        document.numbers = (struct text[]){ { bytes + 400, 50 }, { bytes + 450, 50 } };
        document.numbers_count = 2;
        document.vendor.name = (struct text){ bytes + 500, 20 };
        document.attributes =
            &(struct search_attribute){ { bytes + 520, 20 }, { bytes + 540, 30 } };
        document.attributes_count = 1;
        search_shelf_put(&shelf, &document);
        if (round % 50 == 0) search_shelf_show(&shelf);
        const struct search_query query = { .text = { bytes + random % 300, 1 + random % 250 },
                                            .limit = 5,
                                            .is_prefix = round % 2 == 0,
                                            .wants_facets = round % 5 == 0 };
        (void)search_shelf_ask(&shelf, &query);
        struct search_suggestions suggestions;
        const struct search_query begun = { .text = query.text, .limit = 8 };
        assert_int_equal(search_reader_suggest(shelf.reader, shelf.arena, &begun, &suggestions),
                         STATUS_OK);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(parts_and_joined_words_find),
        TEST(words_that_stand_joined_are_found_apart),
        TEST(accents_and_normal_forms_do_not_count),
        TEST(stop_words_find_and_only_damp),
        TEST(a_stop_word_that_most_products_have_does_not_count),
        TEST(the_exact_form_stands_above_others_and_those_above_typos),
        TEST(names_count_more_than_descriptions),
        TEST(a_number_as_a_whole_comes_first),
        TEST(the_whole_name_comes_first),
        TEST(vendors_categories_and_attributes_are_words),
        TEST(runs_are_found_by_pairs_and_single_characters),
        TEST(typos_are_forgiven_and_told),
        TEST(a_rare_word_is_taken_for_a_frequent_one),
        TEST(the_last_word_may_be_unfinished),
        TEST(when_nothing_has_all_words_most_are_enough),
        TEST(synonyms_find_each_other),
        TEST(operators_are_words),
        TEST(queries_of_nothing_find_everything),
        TEST(long_queries_end),
        TEST(any_bytes_can_be_put_and_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
