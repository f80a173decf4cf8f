/* Claims about words: how texts are folded and split, and which words are near. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/search_text.h"
#include "actors/catalog/search_words.h"

/* All parts of a text, their other spellings in brackets, chunks between bars. */
static const char *parts_of(const char *string)
{
    static char shown[4096];
    struct search_text_reader reader;
    search_text_reader_init(&reader, text_of(string));
    struct search_chunk chunk;
    size_t length = 0;
    shown[0] = '\0';
    while (search_text_next(&reader, &chunk)) {
        if (length > 0) shown[length++] = '|';
        for (size_t i = 0; i < chunk.parts_count; i++) {
            const struct search_part part = chunk.parts[i];
            length += (size_t)snprintf(shown + length, sizeof shown - length, "%s%.*s",
                                       i == 0 ? "" : " ", (int)part.word.length, part.word.data);
            if (part.other.length == 0) continue;
            length += (size_t)snprintf(shown + length, sizeof shown - length, "(%.*s)",
                                       (int)part.other.length, part.other.data);
        }
    }
    return shown;
}

static const char *joined(const char *string)
{
    static char word[SEARCH_WORD_MAX + 1];
    struct search_text_reader reader;
    search_text_reader_init(&reader, text_of(string));
    struct search_chunk chunk;
    assert_true(search_text_next(&reader, &chunk));
    word[search_chunk_join(&chunk, 0, chunk.parts_count, false, word)] = '\0';
    return word;
}

static const char *squeezed(const char *string)
{
    static char bytes[SEARCH_FOLDED_MAX + 1];
    bytes[search_text_squeeze(text_of(string), bytes)] = '\0';
    return bytes;
}

static const char *folded(const char *string)
{
    static char bytes[SEARCH_FOLDED_MAX + 1];
    bytes[search_text_fold(text_of(string), bytes)] = '\0';
    return bytes;
}

static void punctuation_parts_words(void **state)
{
    (void)state;
    assert_string_equal(parts_of("Red/Blue scarf"), "red blue|scarf");
    assert_string_equal(parts_of("T-Shirt"), "t shirt");
    assert_string_equal(parts_of("AT&T"), "at t");
    assert_string_equal(parts_of("It's On"), "it s|on");
    assert_string_equal(parts_of("\"quoted\" (so), - ..."), "quoted|so");
    assert_string_equal(parts_of("1.2.3-4"), "1 2 3 4");
}

static void parts_join_to_one_word(void **state)
{
    (void)state;
    assert_string_equal(joined("T-Shirt"), "tshirt");
    assert_string_equal(joined("USB-C"), "usbc");
    assert_string_equal(joined("iPhone15"), "iphone15");
    assert_string_equal(joined("東京-x"), "");
}

static void letters_digits_and_camels_are_parts(void **state)
{
    (void)state;
    assert_string_equal(parts_of("iPhone15"), "iphone 15");
    assert_string_equal(parts_of("LibreOffice eBook MP3"), "libre office|ebook|mp 3");
}

static void signs_behind_a_letter_belong_to_it(void **state)
{
    (void)state;
    assert_string_equal(joined("C++"), "c++");
    assert_string_equal(joined("C#"), "c#");
    assert_string_equal(joined("a+b"), "ab");
    assert_string_equal(joined("C+++"), "c");
}

static void accents_and_case_do_not_count(void **state)
{
    (void)state;
    assert_string_equal(folded("CAFÉ Crème"), "cafe creme");
    assert_string_equal(folded("Cafe\xCC\x81"), "cafe");
    assert_string_equal(folded("ĄŽŁÓĐ"), "azlod");
    assert_string_equal(folded("groß GROẞ"), "gross gross");
    assert_string_equal(folded("smørrebrød Æsir œuvre"), "smorrebrod aesir oeuvre");
    assert_string_equal(folded("ΆΛΦΑ"), "αλφα");
}

static void compatible_forms_are_one(void **state)
{
    (void)state;
    assert_string_equal(folded("ｆｕｌｌ ﬁne ①"), "full fine 1");
    assert_string_equal(folded("ｶﾞ"), folded("ガ"));
    assert_string_equal(folded("か\u3099"), folded("が"));
    assert_string_equal(folded("は\u309A"), folded("ぱ"));
    assert_string_equal(folded("\u1112\u1161\u11AB"), "한");
    assert_string_equal(folded("so\u00ADft zero\u200Bwidth"), "soft zerowidth");
}

static void vowel_signs_of_other_scripts_stay(void **state)
{
    (void)state;
    assert_string_equal(folded("हिन्दी"), "हिन्दी");
}

static void umlauts_are_also_spelt_by_two_letters(void **state)
{
    (void)state;
    assert_string_equal(parts_of("Kaffeemühle"), "kaffeemuhle(kaffeemuehle)");
    assert_string_equal(parts_of("Kaffeemu\xCC\x88hle"), "kaffeemuhle(kaffeemuehle)");
    assert_string_equal(parts_of("Ångström"), "angstrom(aangstroem)");
    assert_string_equal(parts_of("røre"), "rore(roere)");
    assert_string_equal(parts_of("naïve"), "naive");
}

static void scripts_without_spaces_are_runs(void **state)
{
    (void)state;
    assert_string_equal(parts_of("東京tower"), "東京 tower");
    assert_string_equal(parts_of("コーヒー・カップ"), "コーヒー カップ");
    struct search_text_reader reader;
    search_text_reader_init(&reader, TEXT("東"));
    struct search_chunk chunk;
    assert_true(search_text_next(&reader, &chunk));
    assert_int_equal(chunk.parts[0].kind, SEARCH_RUN);
}

static void a_long_run_loses_no_pair(void **state)
{
    (void)state;
    assert_string_equal(parts_of("一二三四五六七八九十一二三四五六七八"),
                        "一二三四五六七八九十一二三四五 五六七八");
}

static void emojis_are_words(void **state)
{
    (void)state;
    assert_string_equal(parts_of("☕️ mug 👍🏽"), "☕|mug|👍");
}

static void what_is_not_utf8_separates(void **state)
{
    (void)state;
    assert_string_equal(parts_of("a\xFFz \xC3 b"), "a|z|b");
    assert_string_equal(parts_of("\xED\xA0\x80 x"), "x");
    struct search_text_reader reader;
    search_text_reader_init(&reader, (struct text){ "one\0two", 7 });
    struct search_chunk chunk;
    assert_true(search_text_next(&reader, &chunk));
    assert_text_equal(chunk.parts[0].word, TEXT("one"));
    assert_true(search_text_next(&reader, &chunk));
    assert_text_equal(chunk.parts[0].word, TEXT("two"));
    assert_false(search_text_next(&reader, &chunk));
}

static void nothing_has_no_words(void **state)
{
    (void)state;
    assert_string_equal(parts_of(""), "");
    assert_string_equal(parts_of(" \t\n --- ... \u0301 "), "");
}

static void long_words_are_cut_between_characters(void **state)
{
    (void)state;
    char word[200];
    memset(word, 'x', sizeof word);
    word[47] = (char)0xCE; /* the first byte of an alpha */
    word[48] = (char)0xB1;
    word[199] = '\0';
    const char *shown = parts_of(word);
    assert_in_range(strlen(shown), 1, SEARCH_WORD_MAX);
    assert_true(text_is_utf8(text_of(shown)));
}

static void chunks_of_many_parts_go_on(void **state)
{
    (void)state;
    assert_string_equal(parts_of("a-b-c-d-e-f-g-h-i-j-k-l-m-n"), "a b c d e f g h i j k l|m n");
}

static void names_that_differ_in_punctuation_squeeze_alike(void **state)
{
    (void)state;
    assert_string_equal(squeezed("The Who!"), "thewho");
    assert_string_equal(squeezed("T-Shirt"), squeezed("t shirt"));
    assert_string_equal(squeezed("  +++ "), "");
}

static void folding_keeps_what_separates(void **state)
{
    (void)state;
    assert_string_equal(folded("  A+  \n B/C "), "a+ b/c");
    char long_text[1000];
    memset(long_text, 'a', sizeof long_text);
    char bytes[SEARCH_FOLDED_MAX];
    assert_int_equal(search_text_fold((struct text){ long_text, sizeof long_text }, bytes),
                     SEARCH_FOLDED_MAX);
}

static void stop_words_are_known_and_in_order(void **state)
{
    (void)state;
    assert_true(search_text_is_stop(TEXT("a")));
    assert_true(search_text_is_stop(TEXT("the")));
    assert_true(search_text_is_stop(TEXT("und")));
    assert_true(search_text_is_stop(TEXT("avec")));
    assert_true(search_text_is_stop(TEXT("zur")));
    assert_true(search_text_is_stop(TEXT("fur")));
    assert_false(search_text_is_stop(TEXT("scarf")));
    const struct text english[] = { TEXT("a"), TEXT("hat"), TEXT("in"), TEXT("red") };
    const struct text german[] = { TEXT("wer"), TEXT("hat"), TEXT("kannen") };
    assert_false(search_text_is_stop_among(TEXT("hat"), english, 4));
    assert_true(search_text_is_stop_among(TEXT("hat"), german, 3));
    assert_true(search_text_is_stop_among(TEXT("wer"), english, 4));
    assert_false(search_text_is_stop_among(TEXT("red"), german, 3));
    assert_false(search_text_is_stop(TEXT("")));
}

static void a_language_is_guessed_by_its_stop_words(void **state)
{
    (void)state;
    static const char *const codes[] = { "en", "de", "fr" };
    assert_string_equal(search_text_guess(TEXT("Die Mühle für den Kaffee und das Brot"), codes, 3),
                        "de");
    assert_string_equal(
        search_text_guess(TEXT("Le moulin pour les grains avec une poignée"), codes, 3), "fr");
    assert_string_equal(search_text_guess(TEXT("The mill with a handle for you"), codes, 3), "en");
    assert_string_equal(search_text_guess(TEXT("Moulin"), codes + 1, 2), "de");
    assert_string_equal(search_text_guess(TEXT("The mill"), codes + 1, 2), "de");
}

/* Any bytes give words that are UTF-8 and bounded; the generator is fixed. */
static void any_bytes_are_a_text(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (int round = 0; round < 3000; round++) {
        char bytes[300];
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            bytes[i] = round % 2 == 0 ? (char)(random >> 56) : "aÀ\xCC\x88\xE3\x82"[random >> 61];
        }
        struct search_text_reader reader;
        search_text_reader_init(&reader, (struct text){ bytes, sizeof bytes });
        struct search_chunk chunk;
        size_t chunks = 0;
        while (search_text_next(&reader, &chunk)) {
            assert_in_range(chunk.parts_count, 1, SEARCH_PARTS_MAX);
            for (size_t i = 0; i < chunk.parts_count; i++) {
                assert_in_range(chunk.parts[i].word.length, 1, SEARCH_WORD_MAX);
                assert_true(text_is_utf8(chunk.parts[i].word));
                assert_true(text_is_utf8(chunk.parts[i].other));
            }
            assert_true(++chunks <= sizeof bytes);
        }
    }
}

/* ---- words that are near ---- */

static size_t near_in(const char *lines, const char *word, int edits, bool is_prefix,
                      struct search_near ret_near[SEARCH_NEAR_MAX])
{
    static struct search_words *words; /* what is found is lent by it */
    search_words_destroy(&words);
    if (lines == NULL) return 0;
    words = search_words_new();
    search_words_add(words, text_of(lines));
    search_words_sort(words);
    return search_words_near(words, text_of(word), edits, is_prefix, ret_near);
}

static int forget_words(void **state)
{
    (void)state;
    return (int)near_in(NULL, "", 1, false, NULL);
}

static void one_edit_of_each_kind_is_near(void **state)
{
    (void)state;
    struct search_near near[SEARCH_NEAR_MAX];
    assert_int_equal(near_in("scarf\nscarfs\nscar\nsacrf\nscalf\nscalfs", "scarf", 1, false, near),
                     4);
    assert_text_equal(near[0].word, TEXT("sacrf"));
    assert_text_equal(near[1].word, TEXT("scalf"));
    assert_text_equal(near[2].word, TEXT("scar"));
    assert_text_equal(near[3].word, TEXT("scarfs"));
}

static void nearer_words_come_first(void **state)
{
    (void)state;
    struct search_near near[SEARCH_NEAR_MAX];
    assert_int_equal(near_in("abcdefxy\nzbcdefgh\nabcdefgx", "abcdefgh", 2, false, near), 3);
    assert_int_equal(near[0].edits, 1);
    assert_text_equal(near[0].word, TEXT("abcdefgx"));
    assert_text_equal(near[1].word, TEXT("zbcdefgh"));
    assert_int_equal(near[2].edits, 2);
}

static void characters_count_and_not_bytes(void **state)
{
    (void)state;
    struct search_near near[SEARCH_NEAR_MAX];
    assert_int_equal(near_in("молоко", "малоко", 1, false, near), 1);
    assert_int_equal(near_in("молоко", "мааако", 1, false, near), 0);
}

static void a_beginning_may_be_near(void **state)
{
    (void)state;
    struct search_near near[SEARCH_NEAR_MAX];
    assert_int_equal(near_in("keyboards\nkeynote", "keybaord", 2, true, near), 1);
    assert_text_equal(near[0].word, TEXT("keyboards"));
    assert_int_equal(near_in("keyboards", "kyeb", 1, true, near), 1);
}

static void words_added_again_are_there_once(void **state)
{
    (void)state;
    struct search_words *words = search_words_new();
    search_words_add(words, TEXT("b\na\nb\n"));
    search_words_sort(words);
    assert_int_equal(search_words_count(words), 2);
    search_words_add(words, TEXT("a\nc"));
    search_words_sort(words);
    assert_int_equal(search_words_count(words), 3);
    search_words_destroy(&words);
    assert_null(words);
}

static void short_words_and_numbers_are_not_forgiven(void **state)
{
    (void)state;
    assert_int_equal(search_edits_forgiven(TEXT("cup")), 0);
    assert_int_equal(search_edits_forgiven(TEXT("cups")), 1);
    assert_int_equal(search_edits_forgiven(TEXT("scarves")), 1);
    assert_int_equal(search_edits_forgiven(TEXT("keyboard")), 2);
    assert_int_equal(search_edits_forgiven(TEXT("keyboard7")), 0);
    assert_int_equal(search_edits_forgiven(TEXT("čupš")), 1);
}

/* The distance by the whole table, of ASCII words. */
static int distance(const char *a, const char *b)
{
    const size_t rows = strlen(a), columns = strlen(b);
    int table[16][16];
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = (int)(i + j);
                continue;
            }
            int least = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (table[i - 1][j] + 1 < least) least = table[i - 1][j] + 1;
            if (table[i][j - 1] + 1 < least) least = table[i][j - 1] + 1;
            const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swapped && table[i - 2][j - 2] + 1 < least) least = table[i - 2][j - 2] + 1;
            table[i][j] = least;
        }
    }
    return table[rows][columns];
}

static void what_is_near_equals_the_whole_table(void **state)
{
    (void)state;
    uint64_t random = 99;
    for (int round = 0; round < 3000; round++) {
        char all[60][12];
        char lines[sizeof all];
        size_t lines_length = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            const size_t length = 1 + (random >> 60) % 11;
            for (size_t j = 0; j < length; j++)
                all[i][j] = (char)('a' + (random >> (40 + j)) % 2);
            all[i][length] = '\0';
            memcpy(lines + lines_length, all[i], length);
            lines_length += length;
            lines[lines_length++] = '\n';
        }
        lines[lines_length - 1] = '\0';
        const int edits = 1 + round % 2;
        struct search_near near[SEARCH_NEAR_MAX];
        const size_t count = near_in(lines, all[0], edits, false, near);
        for (size_t i = 1; i < ARRAY_LENGTH(all); i++) {
            const int away = distance(all[0], all[i]);
            int told = 0;
            for (size_t j = 0; j < count; j++)
                told += text_equals_string(near[j].word, all[i]) && near[j].edits == away;
            assert_int_equal(told, away > 0 && away <= edits);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(punctuation_parts_words),
        cmocka_unit_test(parts_join_to_one_word),
        cmocka_unit_test(letters_digits_and_camels_are_parts),
        cmocka_unit_test(signs_behind_a_letter_belong_to_it),
        cmocka_unit_test(accents_and_case_do_not_count),
        cmocka_unit_test(compatible_forms_are_one),
        cmocka_unit_test(vowel_signs_of_other_scripts_stay),
        cmocka_unit_test(umlauts_are_also_spelt_by_two_letters),
        cmocka_unit_test(scripts_without_spaces_are_runs),
        cmocka_unit_test(a_long_run_loses_no_pair),
        cmocka_unit_test(emojis_are_words),
        cmocka_unit_test(what_is_not_utf8_separates),
        cmocka_unit_test(nothing_has_no_words),
        cmocka_unit_test(long_words_are_cut_between_characters),
        cmocka_unit_test(chunks_of_many_parts_go_on),
        cmocka_unit_test(names_that_differ_in_punctuation_squeeze_alike),
        cmocka_unit_test(folding_keeps_what_separates),
        cmocka_unit_test(stop_words_are_known_and_in_order),
        cmocka_unit_test(a_language_is_guessed_by_its_stop_words),
        cmocka_unit_test(any_bytes_are_a_text),
        cmocka_unit_test(one_edit_of_each_kind_is_near),
        cmocka_unit_test(nearer_words_come_first),
        cmocka_unit_test(characters_count_and_not_bytes),
        cmocka_unit_test(a_beginning_may_be_near),
        cmocka_unit_test(words_added_again_are_there_once),
        cmocka_unit_test(short_words_and_numbers_are_not_forgiven),
        cmocka_unit_test(what_is_near_equals_the_whole_table),
    };
    return cmocka_run_group_tests(tests, NULL, forget_words);
}
