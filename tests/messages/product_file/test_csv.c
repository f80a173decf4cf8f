/* CSV as RFC 4180 has it, and as files have it that were never near it. */
#include <stdlib.h>

#include "messages/product_file/csv.h"
#include "tests/messages/product_file/memory_source.h"
#include "tests/support/cmocka.h"

static struct memory_source memory;
static struct csv_reader *reader;
static struct csv_row row;

static void open_bytes(const char *bytes, size_t length)
{
    struct file_form form;
    csv_reader_destroy(&reader);
    memory = (struct memory_source){ .file = { bytes, length }, .step = 3 };
    const struct byte_source source = { .context = &memory, .read = memory_source_read };
    assert_int_equal(file_form_recognise(&source, ENCODING_UNSAID, &form), STATUS_OK);
    reader = csv_reader_new(&source, &form);
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
    next_row_has(2);
    assert_field(0, "a");
    assert_field(1, "bc");
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
    open_text("\"\",a\n\"\",\"\"\n\"\"\"\"");
    next_row_has(2);
    assert_field(0, "");
    next_row_has(1); /* the row of nothing is skipped */
    assert_field(0, "\"");
    assert_int_equal(row.line, 3);
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
    assert_field(0, "\xC3\xAF\xC2\xBB"); /* Windows-1252 */
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

/* ---- quotes ---- */

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
    assert_int_equal(row.taken_lines, 0);
    next_row_has(1);
}

static void
quote_that_is_never_closed_is_told_where_it_is_opened_and_takes_no_other_row(void **state)
{
    (void)state;
    open_text("a\nb,\"c,d\ne\nf\n");
    next_row_has(1);
    next_row_is_refused("not closed");
    assert_int_equal(row.problem_line, 2);
    assert_int_equal(row.taken_lines, 2);
    assert_int_equal(row.fields_count, 1);
    assert_field(0, "b");
    assert_int_equal(row.end_line, 3);
    next_row_has(1);
    assert_field(0, "e");
    assert_int_equal(row.line, 3);
    next_row_has(1);
    assert_field(0, "f");
    assert_end();
}

static void quote_that_the_quote_of_a_later_row_closes_takes_no_row_either(void **state)
{
    (void)state;
    open_text("a,\"b\nc,d\ne,\"f\"\n");
    next_row_is_refused("not closed");
    assert_int_equal(row.problem_line, 1);
    assert_int_equal(row.taken_lines, 2);
    next_row_has(2);
    assert_field(1, "d");
    next_row_has(2);
    assert_field(1, "f");
    assert_end();
}

static void quote_that_is_open_on_the_last_line_ends_the_file(void **state)
{
    (void)state;
    open_text("a\nb,\"c");
    next_row_has(1);
    next_row_is_refused("not closed");
    assert_int_equal(row.problem_line, 2);
    assert_int_equal(row.taken_lines, 0);
    assert_end();
}

static void quoted_text_of_a_mebibyte_counts_as_an_open_quote(void **state)
{
    (void)state;
    enum { LINES = CSV_QUOTED_MAX / 8 + 1, LENGTH = 8 * LINES + 2 };
    char *bytes = malloc(LENGTH);
    assert_non_null(bytes);
    memcpy(bytes, "\"", 1);
    for (size_t i = 0; i < LINES; i++)
        memcpy(bytes + 1 + 8 * i, "1234567\n", 8);
    bytes[LENGTH - 1] = '"';
    open_bytes(bytes, LENGTH);
    memory.step = ENCODING_CHUNK_BYTES;
    next_row_is_refused("not closed");
    for (size_t i = 1; i < LINES; i++)
        next_row_has(1);
    free(bytes);
}

/* ---- bounds ---- */

static void field_beyond_its_bound_is_cut_and_the_others_are_whole(void **state)
{
    (void)state;
    char *bytes = malloc(CSV_FIELD_MAX + 16);
    assert_non_null(bytes);
    memset(bytes, 'x', CSV_FIELD_MAX + 16);
    memcpy(bytes + CSV_FIELD_MAX, ",b\nnext\n", 8);
    open_bytes(bytes, CSV_FIELD_MAX + 8);
    memory.step = ENCODING_CHUNK_BYTES;
    next_row_has(2);
    assert_int_equal(row.fields[0].text.length, CSV_FIELD_MAX);
    assert_false(row.fields[0].is_cut);
    memset(bytes, 'x', CSV_FIELD_MAX + 16);
    memcpy(bytes + CSV_FIELD_MAX + 1, ",b\nnext\n", 8);
    open_bytes(bytes, CSV_FIELD_MAX + 9);
    next_row_has(2);
    assert_true(row.fields[0].is_cut);
    assert_false(row.fields[1].is_cut);
    assert_field(1, "b");
    next_row_has(1);
    assert_field(0, "next");
    free(bytes);
}

static void columns_that_are_not_kept_take_no_room(void **state)
{
    (void)state;
    enum { FIELDS = 40, FIELD = CSV_FIELD_MAX, LENGTH = FIELDS * (FIELD + 1) };
    char *bytes = malloc(LENGTH);
    assert_non_null(bytes);
    memset(bytes, 'x', LENGTH);
    for (size_t i = 1; i < FIELDS; i++)
        bytes[i * (FIELD + 1) - 1] = ',';
    bytes[LENGTH - 1] = '\n';
    open_bytes(bytes, LENGTH);
    memory.step = ENCODING_CHUNK_BYTES;
    csv_reader_keep(reader, FIELDS - 1);
    next_row_has(FIELDS);
    assert_int_equal(row.fields[0].text.length, 0);
    assert_int_equal(row.fields[FIELDS - 1].text.length, FIELD);
    assert_false(row.fields[FIELDS - 1].is_cut);
    open_bytes(bytes, LENGTH);
    memory.step = ENCODING_CHUNK_BYTES;
    next_row_has(FIELDS);
    assert_true(row.fields[FIELDS - 1].is_cut);
    free(bytes);
}

static void fields_beyond_the_last_column_are_counted(void **state)
{
    (void)state;
    enum { FIELDS = CSV_COLUMNS_MAX + 2 };
    static char bytes[2 * FIELDS];
    for (size_t i = 0; i < FIELDS; i++)
        memcpy(bytes + 2 * i, i + 1 < FIELDS ? "x," : "x\n", 2);
    open_bytes(bytes, sizeof bytes);
    memory.step = ENCODING_CHUNK_BYTES;
    next_row_has(FIELDS);
    assert_field(CSV_COLUMNS_MAX - 1, "x");
    assert_end();
}

static void rows_of_separators_and_spaces_are_skipped(void **state)
{
    (void)state;
    open_text("a,b\n,,\n , \t,\"\"\nc\n,,,");
    next_row_has(2);
    next_row_has(1);
    assert_field(0, "c");
    assert_int_equal(row.line, 4);
    assert_end();
}

/* ---- forms ---- */

static void separator_is_the_one_that_the_header_has_most(void **state)
{
    (void)state;
    open_text("a;b,c;d\n1,5;2\n");
    next_row_has(3);
    assert_field(1, "b,c");
    next_row_has(2);
    assert_field(0, "1,5");
    open_text("a\tb\tc\n1,5\t2;3\n");
    next_row_has(3);
    next_row_has(2);
    assert_field(1, "2;3");
    open_text("a|b|\"c;;;;d\"\n");
    next_row_has(3);
    assert_field(2, "c;;;;d");
}

static void separator_may_be_named_in_front(void **state)
{
    (void)state;
    open_text("\nsep=;\r\na,b;c\r\n");
    next_row_has(2);
    assert_field(0, "a,b");
    assert_int_equal(row.line, 3);
    open_text("sep=x,b\n");
    next_row_has(2);
}

static void assert_rows_of_utf16(const char *bytes, size_t length)
{
    open_bytes(bytes, length);
    next_row_has(2);
    assert_field(0, "a");
    assert_field(1, "\xC3\xA9");
    next_row_has(1);
    assert_field(0, "\xF0\x9F\x8D\xB5");
    assert_int_equal(row.end_offset, length);
    assert_end();
}

static void utf16_is_read_with_a_mark_and_without(void **state)
{
    (void)state;
    static const char little[] = "\xFF\xFE"
                                 "a\0,\0\xE9\0\n\0\x3C\xD8\x75\xDF\n\0";
    static const char big[] = "\xFE\xFF\0a\0,\0\xE9\0\n\xD8\x3C\xDF\x75\0\n";
    assert_rows_of_utf16(little, sizeof little - 1);
    assert_rows_of_utf16(little + 2, sizeof little - 3);
    assert_rows_of_utf16(big, sizeof big - 1);
    assert_rows_of_utf16(big + 2, sizeof big - 3);
}

static void half_a_pair_of_utf16_is_the_mark_of_replacement(void **state)
{
    (void)state;
    static const char bytes[] = "\xFF\xFE"
                                "a\0\x3C\xD8,\0\x75\xDF\n\0b";
    open_bytes(bytes, sizeof bytes - 1);
    next_row_has(2);
    assert_field(0, "a\xEF\xBF\xBD");
    assert_field(1, "\xEF\xBF\xBD");
    assert_end();
}

static void bytes_that_are_no_utf8_are_windows_1252(void **state)
{
    (void)state;
    open_text("K\xE4se,\x80 5\n\x93quoted\x94,\x81\n");
    next_row_has(2);
    assert_field(0, "K\xC3\xA4se");
    assert_field(1, "\xE2\x82\xAC 5");
    assert_int_equal(row.end_offset, 9);
    next_row_has(2);
    assert_field(0, "\xE2\x80\x9Cquoted\xE2\x80\x9D");
    assert_field(1, "\xEF\xBF\xBD");
    assert_end();
}

static void utf8_with_a_bad_byte_stays_utf8(void **state)
{
    (void)state;
    open_text("K\xC3\xA4se,Caf\xC3\xA9,F\xFF\n");
    next_row_has(3);
    assert_field(0, "K\xC3\xA4se");
    assert_field(2, "F\xFF");
}

static void reading_goes_back_in_utf16_as_well(void **state)
{
    (void)state;
    static const char bytes[] = "\xFF\xFE"
                                "a\0,\0\"\0b\0\n\0\xE9\0\n\0";
    open_bytes(bytes, sizeof bytes - 1);
    next_row_is_refused("not closed");
    assert_int_equal(row.taken_lines, 1);
    next_row_has(1);
    assert_field(0, "\xC3\xA9");
    assert_end();
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
    csv_reader_seek(reader, offset, line);
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
        CLAIM(quote_that_is_never_closed_is_told_where_it_is_opened_and_takes_no_other_row),
        CLAIM(quote_that_the_quote_of_a_later_row_closes_takes_no_row_either),
        CLAIM(quote_that_is_open_on_the_last_line_ends_the_file),
        CLAIM(quoted_text_of_a_mebibyte_counts_as_an_open_quote),
        CLAIM(field_beyond_its_bound_is_cut_and_the_others_are_whole),
        CLAIM(columns_that_are_not_kept_take_no_room),
        CLAIM(fields_beyond_the_last_column_are_counted),
        CLAIM(rows_of_separators_and_spaces_are_skipped),
        CLAIM(separator_is_the_one_that_the_header_has_most),
        CLAIM(separator_may_be_named_in_front),
        CLAIM(utf16_is_read_with_a_mark_and_without),
        CLAIM(half_a_pair_of_utf16_is_the_mark_of_replacement),
        CLAIM(bytes_that_are_no_utf8_are_windows_1252),
        CLAIM(utf8_with_a_bad_byte_stays_utf8),
        CLAIM(reading_goes_back_in_utf16_as_well),
        CLAIM(field_knows_its_own_line),
        CLAIM(reading_resumes_at_an_offset_with_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
