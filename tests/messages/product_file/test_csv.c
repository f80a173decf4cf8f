/* CSV as RFC 4180 has it, and as files have it that were never near it. */
#include <stdlib.h>

#include "tests/messages/product_file/memory_source.h"
#include "tests/support/cmocka.h"

static struct memory_source memory;
static struct csv_reader *reader;
static struct csv_row row;

static void open_bytes(const char *bytes, size_t length)
{
    csv_reader_destroy(&reader);
    memory = (struct memory_source){ .left = { bytes, length }, .step = 3 };
    const struct csv_source source = { .context = &memory, .read = memory_source_read };
    reader = csv_reader_new(&source);
}

static void open_text(const char *text)
{
    open_bytes(text, strlen(text));
}

static int close_reader(void **state)
{
    (void)state;
    csv_reader_destroy(&reader);
    return 0;
}

static void next_row_has(size_t count)
{
    assert_int_equal(csv_reader_next(reader, &row), STATUS_OK);
    assert_null(row.problem);
    assert_int_equal(row.fields_count, count);
}

static void assert_field(size_t position, const char *expected)
{
    assert_true(position < row.fields_count);
    assert_text_equal(row.fields[position].text, text_of(expected));
}

static void assert_end(void)
{
    assert_int_equal(csv_reader_next(reader, &row), STATUS_NOT_FOUND);
}

static void next_row_is_refused(const char *words)
{
    assert_int_equal(csv_reader_next(reader, &row), STATUS_OK);
    assert_non_null(row.problem);
    assert_non_null(strstr(row.problem, words));
}

static void plain_fields_are_split_at_commas(void **state)
{
    (void)state;
    open_text("a,bc,\n,,d\n");
    next_row_has(3);
    assert_field(0, "a");
    assert_field(1, "bc");
    assert_field(2, "");
    next_row_has(3);
    assert_field(2, "d");
    assert_end();
}

static void quoted_fields_keep_commas_quotes_and_line_breaks(void **state)
{
    (void)state;
    open_text("\"a,b\",\"say \"\"hi\"\"\",\"one\r\ntwo\nthree\"\r\nnext\r\n");
    next_row_has(3);
    assert_field(0, "a,b");
    assert_field(1, "say \"hi\"");
    assert_field(2, "one\r\ntwo\nthree");
    next_row_has(1);
    assert_field(0, "next");
    assert_int_equal(row.line, 4);
    assert_end();
}

static void empty_quotes_are_an_empty_field(void **state)
{
    (void)state;
    open_text("\"\"\n\"\",\"\"\n\"\"\"\"");
    next_row_has(1);
    assert_field(0, "");
    next_row_has(2);
    next_row_has(1);
    assert_field(0, "\"");
    assert_end();
}

static void every_kind_of_line_end_ends_a_row(void **state)
{
    (void)state;
    open_text("a\r\nb\rc\nd");
    for (uint64_t line = 1; line <= 4; line++) {
        next_row_has(1);
        assert_int_equal(row.line, line);
    }
    assert_field(0, "d");
    assert_end();
}

static void empty_lines_are_skipped_and_counted(void **state)
{
    (void)state;
    open_text("\n\r\n\na\n\n");
    next_row_has(1);
    assert_int_equal(row.line, 4);
    assert_end();
}

static void byte_order_mark_is_no_data_at_the_start_only(void **state)
{
    (void)state;
    open_text("\xEF\xBB\xBF"
              "a\n\xEF\xBB\xBF"
              "b\n");
    next_row_has(1);
    assert_field(0, "a");
    assert_int_equal(row.end_offset, 5);
    next_row_has(1);
    assert_field(0, "\xEF\xBB\xBF"
                    "b");
    assert_end();
}

static void file_of_two_bytes_is_read(void **state)
{
    (void)state;
    open_text("\xEF\xBB");
    next_row_has(1);
    assert_field(0, "\xEF\xBB");
    assert_end();
}

static void empty_file_has_no_rows(void **state)
{
    (void)state;
    open_text("");
    assert_end();
    open_text("\xEF\xBB\xBF");
    assert_end();
}

static void quote_inside_a_plain_field_is_refused_and_reading_goes_on(void **state)
{
    (void)state;
    open_text("a,b\"c,d\nnext\n");
    next_row_is_refused("inside an unquoted field");
    assert_int_equal(row.fields_count, 1);
    assert_field(0, "a");
    next_row_has(1);
    assert_field(0, "next");
}

static void text_behind_a_closing_quote_is_refused(void **state)
{
    (void)state;
    open_text("\"a\"b,c\nnext\n");
    next_row_is_refused("follows a closing quote");
    next_row_has(1);
}

static void quote_that_is_never_closed_is_refused(void **state)
{
    (void)state;
    open_text("a\n\"b,c\nd\n");
    next_row_has(1);
    next_row_is_refused("not closed");
    assert_int_equal(row.line, 2);
    assert_end();
}

static void field_of_64_kib_is_taken_and_one_byte_more_refused(void **state)
{
    (void)state;
    char *bytes = malloc(CSV_FIELD_MAX + 16);
    assert_non_null(bytes);
    memset(bytes, 'x', CSV_FIELD_MAX + 16);
    memcpy(bytes + CSV_FIELD_MAX, "\nnext\n", 6);
    open_bytes(bytes, CSV_FIELD_MAX + 6);
    memory.step = CSV_BUFFER_BYTES;
    next_row_has(1);
    assert_int_equal(row.fields[0].text.length, CSV_FIELD_MAX);
    next_row_has(1);
    memset(bytes, 'x', CSV_FIELD_MAX + 16);
    memcpy(bytes + CSV_FIELD_MAX + 1, "\nnext\n", 6);
    open_bytes(bytes, CSV_FIELD_MAX + 7);
    next_row_is_refused("longer than 65536");
    next_row_has(1);
    assert_field(0, "next");
    free(bytes);
}

static void row_of_more_than_256_fields_is_refused(void **state)
{
    (void)state;
    char bytes[CSV_COLUMNS_MAX + 8];
    memset(bytes, ',', sizeof bytes);
    bytes[CSV_COLUMNS_MAX - 1] = '\n';
    open_bytes(bytes, CSV_COLUMNS_MAX);
    next_row_has(CSV_COLUMNS_MAX);
    bytes[CSV_COLUMNS_MAX - 1] = ',';
    bytes[CSV_COLUMNS_MAX] = '\n';
    open_bytes(bytes, CSV_COLUMNS_MAX + 1);
    next_row_is_refused("256 fields");
    assert_end();
}

static void row_longer_than_its_bound_is_refused(void **state)
{
    (void)state;
    enum { FIELDS = 9, FIELD = CSV_FIELD_MAX - 1, LENGTH = FIELDS * (FIELD + 1) };
    char *bytes = malloc(LENGTH);
    assert_non_null(bytes);
    memset(bytes, 'x', LENGTH);
    for (size_t i = 1; i < FIELDS; i++)
        bytes[i * (FIELD + 1) - 1] = ',';
    bytes[LENGTH - 1] = '\n';
    open_bytes(bytes, LENGTH);
    memory.step = CSV_BUFFER_BYTES;
    next_row_is_refused("a row is longer");
    assert_end();
    free(bytes);
}

static void field_knows_its_own_line(void **state)
{
    (void)state;
    open_text("\"one\ntwo\",three,\"four\n\",five\n");
    next_row_has(4);
    assert_int_equal(row.fields[0].line, 1);
    assert_int_equal(row.fields[1].line, 2);
    assert_int_equal(row.fields[3].line, 3);
    assert_int_equal(row.end_line, 4);
}

static void reading_resumes_at_an_offset_with_the_same_rows(void **state)
{
    (void)state;
    static const char file[] = "a,1\r\n\"b\n\",2\r\nc,3\n";
    open_text(file);
    next_row_has(2);
    next_row_has(2);
    const uint64_t offset = row.end_offset, line = row.end_line;
    open_text(file);
    next_row_has(2);
    memory.left = (struct text){ file + offset, sizeof file - 1 - (size_t)offset };
    csv_reader_resume(reader, offset, line);
    next_row_has(2);
    assert_field(0, "c");
    assert_int_equal(row.line, 4);
    assert_int_equal(row.end_offset, sizeof file - 1);
    assert_end();
}

#define CLAIM(function) cmocka_unit_test_teardown(function, close_reader)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(plain_fields_are_split_at_commas),
        CLAIM(quoted_fields_keep_commas_quotes_and_line_breaks),
        CLAIM(empty_quotes_are_an_empty_field),
        CLAIM(every_kind_of_line_end_ends_a_row),
        CLAIM(empty_lines_are_skipped_and_counted),
        CLAIM(byte_order_mark_is_no_data_at_the_start_only),
        CLAIM(file_of_two_bytes_is_read),
        CLAIM(empty_file_has_no_rows),
        CLAIM(quote_inside_a_plain_field_is_refused_and_reading_goes_on),
        CLAIM(text_behind_a_closing_quote_is_refused),
        CLAIM(quote_that_is_never_closed_is_refused),
        CLAIM(field_of_64_kib_is_taken_and_one_byte_more_refused),
        CLAIM(row_of_more_than_256_fields_is_refused),
        CLAIM(row_longer_than_its_bound_is_refused),
        CLAIM(field_knows_its_own_line),
        CLAIM(reading_resumes_at_an_offset_with_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
