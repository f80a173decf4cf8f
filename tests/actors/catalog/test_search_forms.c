/* Claims about forms of words and about languages: what a text is in, and what is asked in. */
#include "tests/actors/catalog/search_fixture.h"

static void forms_of_a_word_find_each_other_in_each_language(void **state)
{
    (void)state;
    struct search_document german = search_document_of(1, "Blaue Tasche");
    german.language = TEXT("de");
    search_shelf_put(&shelf, &german);
    struct search_document french = search_document_of(2, "Chaussures noires");
    french.language = TEXT("fr");
    search_shelf_put(&shelf, &french);
    struct search_document guessed = search_document_of(3, "Kerzen");
    guessed.description = TEXT("Die Kerzen sind aus Wachs und für den Tisch.");
    search_shelf_put(&shelf, &guessed);
    const struct search_document english = search_document_of(4, "Running socks");
    search_shelf_put(&shelf, &english);
    search_shelf_show(&shelf);
    assert_finds("blauen taschen", "Blaue Tasche");
    assert_finds("chaussure noire", "Chaussures noires");
    assert_finds("kerze", "Kerzen");
    assert_finds("run sock", "Running socks");
}

static struct search_result ask_in(const char *text, const char *first, const char *second)
{
    static struct text languages[2];
    languages[0] = text_of(first);
    languages[1] = text_of(second);
    struct search_query query = search_query_of(text);
    query.languages = languages;
    query.languages_count = second == NULL ? 1 : 2;
    return search_shelf_ask(&shelf, &query);
}

static void assert_finds_in(const char *first, const char *second, const char *text,
                            const char *shown)
{
    const struct search_result result = ask_in(text, first, second);
    assert_string_equal(search_shown(&result), shown);
}

/* Each translation has the endings of its own language, whatever the text beside it is in. */
static void translations_are_found_by_the_forms_of_their_language(void **state)
{
    (void)state;
    static const struct search_translation translations[] = {
        { .language = { "de", 2 },
          .name = TEXT("Blaue Taschen aus Leinen"),
          .description = TEXT("Sie werden gewaschen.") },
        { .language = { "fr", 2 }, .name = TEXT("Chevaux de bois"), .categories = TEXT("Jouets") },
    };
    struct search_document made = search_document_of(1, "Blue bags");
    made.language = TEXT("en");
    made.translations = translations;
    made.translations_count = ARRAY_LENGTH(translations);
    search_shelf_put(&shelf, &made);
    search_shelf_show(&shelf);
    assert_finds_in("de", "en", "blauer tasche", "Blue bags");
    assert_finds_in("fr", "en", "cheval jouet", "Blue bags");
    assert_finds_in("en", NULL, "bag", "Blue bags");
    assert_finds("blauen tasche", "Blue bags");
}

/* "Chevaux" is a form of "cheval" in French only. */
static void words_have_the_forms_of_all_languages_whatever_is_asked_in(void **state)
{
    (void)state;
    struct search_document french = search_document_of(1, "Cheval");
    french.language = TEXT("fr");
    search_shelf_put(&shelf, &french);
    const struct search_document other = search_document_of(2, "Candles");
    search_shelf_put(&shelf, &other);
    search_shelf_show(&shelf);
    assert_finds_in("fr", "en", "chevaux", "Cheval");
    assert_false(ask_in("chevaux", "fr", "en").is_corrected);
    assert_finds_in("en", NULL, "chevaux", "Cheval");
    assert_false(ask_in("chevaux", "en", NULL).is_corrected);
    assert_finds_in("en", NULL, "candle", "Candles");
    assert_finds_in("xx", NULL, "candles", "Candles");
}

static void assert_is_found_in_any(const char *name, const char *text)
{
    static const char *const codes[] = { "en", "de", "fr" };
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        struct search_document document = search_document_of(1, name);
        document.language = text_of(codes[i]);
        search_shelf_put(&shelf, &document);
        search_shelf_show(&shelf);
        assert_finds(text, name);
        for (size_t j = 0; j < ARRAY_LENGTH(codes); j++) {
            assert_finds_in(codes[j], "en", text, name);
            assert_false(ask_in(text, codes[j], "en").is_corrected);
        }
    }
}

/* A product's language is guessed by its description, and its name may be in another one. */
static void plurals_are_found_whatever_language_a_text_seems_to_be_in(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "Bell", "bells" },
        { "Tree", "trees" },
        { "Flower", "flowers" },
        { "Tire", "tires" },
        { "Plate", "plates" },
        { "Shoe", "shoes" },
        { "Glove", "gloves" },
        { "Cookie", "cookies" },
        { "Battery", "batteries" },
        { "Berry", "berries" },
        { "Hats", "hat" },
        { "Cars", "car" },
        { "Zebra", "zebra's" },
        { "Zebras", "zebra's" },
        { "Batteries", "battery" },
        { "Glas", "Gl\xC3\xA4ser" },
        { "Buch", "B\xC3\xBC\x63her" },
        { "Cheval", "chevaux" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++)
        assert_is_found_in_any(pairs[i][0], pairs[i][1]);
}

/* "Batteries" is a form of "battery" in English, of "batter" in French. */
static void forms_in_the_language_asked_in_come_first(void **state)
{
    (void)state;
    FILL("Battery", "Batter");
    assert_finds_in("en", NULL, "batteries", "Battery|Batter");
    assert_finds_in("fr", NULL, "batteries", "Batter|Battery");
}

static void a_stop_word_of_another_language_is_an_ordinary_word(void **state)
{
    (void)state;
    FILL("Red hats", "Red scarf", "Fur coat", "Wool coat", "Lampe f\xC3\xBCr Kinder", "Kanne");
    assert_finds("red hat", "Red hats");
    assert_finds("fur coat", "Fur coat");
    assert_finds("kanne f\xC3\xBCr", "Kanne");
    assert_finds("wer hat die kanne", "Kanne");
}

static void what_is_said_in_two_languages_counts_once(void **state)
{
    (void)state;
    static const struct search_translation same[] = { { .language = { "de", 2 },
                                                        .name = TEXT("Ruby lamp") } };
    struct search_document older = search_document_of(1, "Ruby lamp");
    older.language = TEXT("en");
    older.translations = same;
    older.translations_count = ARRAY_LENGTH(same);
    search_shelf_put(&shelf, &older);
    const struct search_document newer = search_document_of(2, "Ruby lamp");
    search_shelf_put(&shelf, &newer);
    search_shelf_show(&shelf);
    const struct search_query query = search_query_of("lamp");
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_int_equal(result.hits_count, 2);
    const struct uuid first = search_id(2);
    assert_memory_equal(result.hits[0].id.bytes, first.bytes, sizeof first.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(forms_of_a_word_find_each_other_in_each_language),
        TEST(translations_are_found_by_the_forms_of_their_language),
        TEST(words_have_the_forms_of_all_languages_whatever_is_asked_in),
        TEST(plurals_are_found_whatever_language_a_text_seems_to_be_in),
        TEST(forms_in_the_language_asked_in_come_first),
        TEST(a_stop_word_of_another_language_is_an_ordinary_word),
        TEST(what_is_said_in_two_languages_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
