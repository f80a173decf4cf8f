/* Claims about the index as a thing on disk: what opens, what a commit is, what is broken. */
#include "tests/support/cmocka.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/actors/catalog/search_fixture.h"

static enum status open_writer(const struct search_languages *languages, bool is_new,
                               struct search_writer **ret_writer)
{
    struct search_fault fault = { "" };
    const enum status status =
        search_writer_open(shelf.folder, languages, is_new, &fault, ret_writer);
    assert_int_equal(status == STATUS_OK, fault.text[0] == '\0');
    return status;
}

static enum status open_reader(const struct search_languages *languages)
{
    struct search_fault fault = { "" };
    struct search_reader *reader;
    const enum status status = search_reader_open(shelf.folder, languages, &fault, &reader);
    if (status == STATUS_OK) search_reader_destroy(&reader);
    return status;
}

static void put(uint32_t number, const char *name)
{
    const struct search_document document = search_document_of(number, name);
    search_shelf_put(&shelf, &document);
}

static void where_nothing_is_there_is_no_index(void **state)
{
    (void)state;
    struct search_fault fault = { "" };
    struct search_reader *reader;
    struct search_writer *writer;
    assert_int_equal(
        search_reader_open("/tmp/souk-search-none/x", search_shelf_languages(), &fault, &reader),
        STATUS_NOT_FOUND);
    assert_int_equal(search_writer_open("/tmp/souk-search-none/x", search_shelf_languages(), false,
                                        &fault, &writer),
                     STATUS_NOT_FOUND);
    assert_true(fault.text[0] != '\0');
}

static void a_new_index_is_empty_and_opens(void **state)
{
    (void)state;
    assert_int_equal(open_reader(search_shelf_languages()), STATUS_OK);
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, "anything"), "");
    assert_string_equal(search_shelf_find(&shelf, ""), "");
}

static void there_is_one_writer(void **state)
{
    (void)state;
    struct search_writer *second;
    assert_int_equal(open_writer(search_shelf_languages(), false, &second), STATUS_UNAVAILABLE);
}

static void what_is_committed_is_there_after_a_reopen(void **state)
{
    (void)state;
    put(1, "Kept");
    assert_int_equal(search_writer_set(shelf.writer, TEXT("cursor"), TEXT("17")), STATUS_OK);
    assert_int_equal(search_writer_commit(shelf.writer), STATUS_OK);
    put(2, "Lost");
    assert_int_equal(search_writer_set(shelf.writer, TEXT("cursor"), TEXT("18")), STATUS_OK);
    search_writer_destroy(&shelf.writer);
    assert_int_equal(open_writer(search_shelf_languages(), false, &shelf.writer), STATUS_OK);
    struct text value;
    assert_int_equal(search_writer_get(shelf.writer, shelf.arena, TEXT("cursor"), &value),
                     STATUS_OK);
    assert_text_equal(value, TEXT("17"));
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, ""), "Kept");
    assert_string_equal(search_shelf_find(&shelf, "lost"), "");
    int64_t count;
    assert_int_equal(search_writer_count(shelf.writer, &count), STATUS_OK);
    assert_int_equal(count, 1);
}

static void readers_see_a_commit_as_a_whole(void **state)
{
    (void)state;
    put(1, "First");
    search_shelf_show(&shelf);
    put(2, "Second");
    assert_int_equal(search_writer_set(shelf.writer, TEXT("k"), TEXT("v")), STATUS_OK);
    assert_int_equal(search_reader_refresh(shelf.reader), STATUS_OK);
    assert_string_equal(search_shelf_find(&shelf, ""), "First");
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, ""), "Second|First");
    struct text value;
    assert_int_equal(search_reader_get(shelf.reader, shelf.arena, TEXT("k"), &value), STATUS_OK);
    assert_text_equal(value, TEXT("v"));
    assert_int_equal(search_reader_get(shelf.reader, shelf.arena, TEXT("none"), &value), STATUS_OK);
    assert_int_equal(value.length, 0);
}

static void a_reader_that_was_overtaken_goes_on(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++)
        put(i + 1, "Thing of old");
    search_shelf_show(&shelf);
    for (uint32_t round = 0; round < 8; round++) {
        for (uint32_t i = 0; i < 200; i++)
            put(i + 1, round % 2 == 0 ? "Thing of new" : "Thing of now");
        assert_int_equal(search_writer_commit(shelf.writer), STATUS_OK);
        const struct search_query query = search_query_of("thing");
        assert_int_equal(search_shelf_ask(&shelf, &query).hits_count, 20);
    }
    assert_int_equal(search_reader_refresh(shelf.reader), STATUS_OK);
    assert_string_equal(search_shelf_find(&shelf, "old"), "");
}

static void a_product_is_there_once_and_as_it_was_put_last(void **state)
{
    (void)state;
    put(1, "Green kettle");
    put(1, "Blue kettle");
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, "kettle"), "Blue kettle");
    assert_string_equal(search_shelf_find(&shelf, "green"), "");
}

static void assert_filtered(const struct search_document *made, struct search_filters filters,
                            const char *shown)
{
    search_shelf_put(&shelf, made);
    search_shelf_show(&shelf);
    struct search_query query = search_query_of("");
    query.filters = filters;
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), shown);
}

static void assert_reader_finds(const struct search_document *made, const char *text,
                                const char *shown)
{
    search_shelf_put(&shelf, made);
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, text), shown);
}

/* Each thing that may change is changed alone. */
static void whatever_changes_of_a_product_is_found_as_it_is_now(void **state)
{
    (void)state;
    struct search_document made = search_document_of(1, "Kettle");
    struct text number = TEXT("KT-1");
    struct search_reference category = { search_id(800), TEXT("Kitchen") };
    struct search_attribute attribute = { TEXT("Colour"), TEXT("Turquoise") };
    made.is_in_stock = false;
    assert_reader_finds(&made, "kettle", "Kettle");
    made.data = TEXT("It");
    assert_reader_finds(&made, "kettle", "It");
    made.price = 77;
    assert_filtered(&made, (struct search_filters){ .price_max = 77 }, "It");
    made.rating_hundredths = 450;
    assert_filtered(&made, (struct search_filters){ .rating_min_hundredths = 450 }, "It");
    made.description = TEXT("The horses that are called chevaux");
    assert_reader_finds(&made, "horses", "It");
    assert_reader_finds(&made, "cheval", "");
    made.language = TEXT("fr");
    assert_reader_finds(&made, "cheval", "It");
    made.numbers = &number;
    made.numbers_count = 1;
    assert_reader_finds(&made, "KT-1", "It");
    number = TEXT("XY-9");
    assert_reader_finds(&made, "XY-9", "It");
    made.categories = &category;
    made.categories_count = 1;
    assert_reader_finds(&made, "kitchen", "It");
    category.name = TEXT("Cuisine");
    assert_reader_finds(&made, "cuisine", "It");
    category.id = search_id(801);
    assert_filtered(&made, (struct search_filters){ .category = category.id }, "It");
    made.attributes = &attribute;
    made.attributes_count = 1;
    assert_reader_finds(&made, "turquoise", "It");
    attribute.value = TEXT("Amber");
    assert_reader_finds(&made, "amber", "It");
    attribute.name = TEXT("Tint");
    assert_filtered(
        &made, (struct search_filters){ .attributes = &attribute, .attributes_count = 1 }, "It");
    made.vendor.name = TEXT("Boilers");
    assert_reader_finds(&made, "boilers", "It");
    made.vendor.id = search_id(901);
    assert_filtered(&made, (struct search_filters){ .vendor = made.vendor.id }, "It");
    made.is_in_stock = true;
    assert_filtered(&made, (struct search_filters){ .in_stock = SEARCH_ONLY }, "It");
    made.is_on_sale = true;
    assert_filtered(&made, (struct search_filters){ .on_sale = SEARCH_ONLY }, "It");
    made.name = TEXT("Pot");
    assert_reader_finds(&made, "pot", "It");
    assert_reader_finds(&made, "kettle", "");
}

static void deleted_products_are_gone(void **state)
{
    (void)state;
    put(1, "One");
    put(2, "Two");
    struct search_document other = search_document_of(3, "Three");
    other.vendor.id = search_id(901);
    search_shelf_put(&shelf, &other);
    assert_int_equal(search_writer_delete(shelf.writer, search_id(1)), STATUS_OK);
    assert_int_equal(search_writer_delete(shelf.writer, search_id(77)), STATUS_OK);
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, ""), "Three|Two");
    assert_int_equal(search_writer_delete_of_vendor(shelf.writer, search_id(900)), STATUS_OK);
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, ""), "Three");
}

static void data_comes_back_as_it_was(void **state)
{
    (void)state;
    static char bytes[SEARCH_DATA_MAX + 1];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    struct search_document document = search_document_of(1, "Thing");
    document.data = (struct text){ bytes, SEARCH_DATA_MAX };
    search_shelf_put(&shelf, &document);
    search_shelf_show(&shelf);
    const struct search_query query = search_query_of("thing");
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_text_equal(result.hits[0].data, document.data);
    assert_memory_equal(result.hits[0].id.bytes, document.id.bytes, sizeof document.id.bytes);
    document.data.length++;
    assert_int_equal(search_writer_put(shelf.writer, &document), STATUS_OUT_OF_RANGE);
}

static void other_languages_are_another_index(void **state)
{
    (void)state;
    search_writer_destroy(&shelf.writer);
    const struct search_languages english = { { "en" }, 1 };
    struct search_writer *writer;
    assert_int_equal(open_reader(&english), STATUS_CORRUPT);
    assert_int_equal(open_writer(&english, false, &writer), STATUS_CORRUPT);
    assert_int_equal(open_writer(&english, true, &shelf.writer), STATUS_OK);
    assert_int_equal(open_reader(&english), STATUS_OK);
    assert_int_equal(open_reader(search_shelf_languages()), STATUS_CORRUPT);
}

static void languages_are_known_by_their_codes(void **state)
{
    (void)state;
    assert_true(search_language_is_known("en"));
    assert_true(search_language_is_known("de"));
    assert_true(search_language_is_known("nl"));
    assert_false(search_language_is_known("ja"));
    assert_false(search_language_is_known("none"));
    assert_false(search_language_is_known(""));
}

/* Overwrites a file of the index from an offset on. */
static void damage(const char *file, off_t offset, size_t length, bool is_cut)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", shelf.folder, file);
    const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(descriptor >= 0);
    static char junk[64 * 1024];
    memset(junk, 0xA5, sizeof junk);
    for (size_t done = 0; done < length; done += sizeof junk)
        assert_true(pwrite(descriptor, junk, sizeof junk, offset + (off_t)done) > 0);
    if (is_cut) assert_int_equal(ftruncate(descriptor, offset), 0);
    (void)close(descriptor);
}

static void fill_and_close(void)
{
    for (uint32_t i = 0; i < 500; i++)
        put(i + 1, "Thing of wood and of iron");
    search_shelf_show(&shelf);
    search_reader_destroy(&shelf.reader);
    search_writer_destroy(&shelf.writer);
}

/* What a damaged index says, opened and asked: anything but a crash or a hit that is not there. */
static enum status ask_damaged(void)
{
    struct search_fault fault = { "" };
    struct search_reader *reader;
    enum status status =
        search_reader_open(shelf.folder, search_shelf_languages(), &fault, &reader);
    if (status != STATUS_OK) return status;
    const struct search_query query = search_query_of("wood iron");
    struct search_result result;
    status = search_reader_find(reader, shelf.arena, &query, &result);
    search_reader_destroy(&reader);
    return status;
}

static void a_damaged_head_is_to_be_rebuilt(void **state)
{
    (void)state;
    fill_and_close();
    damage("iamglass", 0, 1, false);
    assert_int_equal(ask_damaged(), STATUS_CORRUPT);
}

static void damaged_tables_are_to_be_rebuilt(void **state)
{
    (void)state;
    fill_and_close();
    damage("postlist.glass", 0, 256 * 1024, false);
    assert_int_equal(ask_damaged(), STATUS_CORRUPT);
}

static void a_table_that_was_cut_is_to_be_rebuilt(void **state)
{
    (void)state;
    fill_and_close();
    damage("postlist.glass", 0, 0, true);
    assert_int_equal(ask_damaged(), STATUS_CORRUPT);
}

static void a_missing_table_is_to_be_rebuilt(void **state)
{
    (void)state;
    fill_and_close();
    char path[128];
    (void)snprintf(path, sizeof path, "%s/docdata.glass", shelf.folder);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ask_damaged(), STATUS_CORRUPT);
}

/* Each commit adds to the log of words; opening puts many chunks into one, and readers follow. */
static void a_long_log_is_put_into_one_and_readers_follow(void **state)
{
    (void)state;
    static const char letters[] = "abcdefghijklmnopqrst";
    for (uint32_t i = 0; i < 100; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "fine %c%c%cword", letters[i % 20], letters[i / 20],
                       letters[i * 7 % 20]);
        put(i + 1, name);
        search_shelf_show(&shelf);
    }
    search_writer_destroy(&shelf.writer);
    assert_int_equal(open_writer(search_shelf_languages(), false, &shelf.writer), STATUS_OK);
    put(200, "Added afterwards");
    search_shelf_show(&shelf);
    assert_string_equal(search_shelf_find(&shelf, "aftrewards"), "Added afterwards");
    assert_string_equal(search_shelf_find(&shelf, "aaawrod"), "fine aaaword");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(where_nothing_is_there_is_no_index),
        TEST(a_new_index_is_empty_and_opens),
        TEST(there_is_one_writer),
        TEST(what_is_committed_is_there_after_a_reopen),
        TEST(readers_see_a_commit_as_a_whole),
        TEST(a_reader_that_was_overtaken_goes_on),
        TEST(a_product_is_there_once_and_as_it_was_put_last),
        TEST(whatever_changes_of_a_product_is_found_as_it_is_now),
        TEST(deleted_products_are_gone),
        TEST(data_comes_back_as_it_was),
        TEST(other_languages_are_another_index),
        TEST(languages_are_known_by_their_codes),
        TEST(a_damaged_head_is_to_be_rebuilt),
        TEST(damaged_tables_are_to_be_rebuilt),
        TEST(a_table_that_was_cut_is_to_be_rebuilt),
        TEST(a_missing_table_is_to_be_rebuilt),
        TEST(a_long_log_is_put_into_one_and_readers_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
