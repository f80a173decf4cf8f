/* Claims about pieces of files in memory: what is no file of products, and what merchants' programs
 * write. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_import_file.h"
#include "messages/codec_msgpack.h"

#define HEADER "handle,name,category,price,quantity\n"

static struct arena *arena;
static struct catalog_import_job job;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(65536);
    job = (struct catalog_import_job){ .preset = CATALOG_IMPORT_NO_PRESET,
                                       .encoding = ENCODING_UNSAID,
                                       .currency = TEXT("EUR") };
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct catalog_import_piece read_file(struct text file)
{
    struct catalog_import_piece piece = { .arena = arena, .file = file, .job = &job };
    catalog_import_file_read(&piece);
    return piece;
}

static struct catalog_import_product command_of(const struct catalog_import_piece *piece,
                                                size_t index)
{
    struct catalog_import_product command;
    assert_true(index < piece->items_count);
    assert_int_equal(msgpack_decode(&catalog_import_product_schema, piece->items[index].command,
                                    arena, &command),
                     STATUS_OK);
    return command;
}

static void assert_no_file(struct text file)
{
    const struct catalog_import_piece piece = read_file(file);
    assert_int_equal(piece.status, STATUS_MALFORMED);
    assert_true(piece.fault.detail.length > 0);
    assert_int_equal(piece.items_count, 0);
}

static void what_is_no_file_of_products_is_told(void **state)
{
    (void)state;
    assert_no_file(TEXT(""));
    assert_no_file(TEXT("\n\n"));
    assert_no_file(TEXT("who,knows\n1,2\n"));
    assert_no_file(TEXT("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
    assert_no_file(TEXT("{\"products\": []}"));
}

static void a_header_alone_is_a_file_of_no_products(void **state)
{
    (void)state;
    const struct catalog_import_piece piece = read_file(TEXT(HEADER));
    assert_int_equal(piece.status, STATUS_OK);
    assert_true(piece.is_end);
    assert_int_equal(piece.items_count + piece.notes_count, 0);
    assert_int_equal(piece.products, 0);
}

static void a_product_is_encoded_as_the_command_that_it_will_be(void **state)
{
    (void)state;
    const struct catalog_import_piece piece =
        read_file(TEXT(HEADER "cup,Cup,Home > Cups,3.50,4\nbad,,Home,x,1\npot,Pot,Home,7,2\n"));
    assert_int_equal(piece.status, STATUS_OK);
    assert_int_equal(piece.items_count, 2);
    assert_int_equal(piece.refused, 1);
    assert_true(piece.notes_count >= 1);
    assert_int_equal(piece.notes[0].line, 3);
    assert_true(text_equals_string(piece.items[0].category, "Home > Cups"));
    assert_int_equal(piece.items[1].lines[0], 4);
    const struct catalog_import_product cup = command_of(&piece, 0);
    assert_true(text_equals_string(cup.name, "Cup"));
    assert_int_equal(cup.variants[0].price.amount, 350);
    assert_int_equal(cup.variants[0].quantity, 4);
}

static void utf_16_and_windows_1252_are_read_as_what_they_say(void **state)
{
    (void)state;
    const char narrow[] = HEADER "cup,Tasse,Home,3,4\n";
    char wide[2 * sizeof narrow + 2];
    size_t length = 0;
    wide[length++] = '\xff';
    wide[length++] = '\xfe';
    for (size_t i = 0; i < sizeof narrow - 1; i++) {
        wide[length++] = narrow[i];
        wide[length++] = '\0';
    }
    struct catalog_import_piece piece = read_file((struct text){ wide, length });
    assert_int_equal(piece.status, STATUS_OK);
    assert_true(text_equals_string(command_of(&piece, 0).name, "Tasse"));
    piece = read_file(TEXT(HEADER "cup,T\xe4sschen \x80,Home,3,4\n"));
    assert_true(text_equals_string(command_of(&piece, 0).name, "T\xc3\xa4sschen \xe2\x82\xac"));
}

static void a_quote_that_is_left_open_is_told_at_its_line(void **state)
{
    (void)state;
    const struct catalog_import_piece piece =
        read_file(TEXT(HEADER "cup,Cup,Home,3,4\npot,\"Pot,Home,7,2\n"));
    assert_int_equal(piece.status, STATUS_OK);
    assert_int_equal(piece.items_count, 1);
    assert_int_equal(piece.refused, 1);
    assert_int_equal(piece.notes[0].line, 3);
    assert_true(piece.is_end);
}

static void zero_bytes_reach_no_product(void **state)
{
    (void)state;
    const struct catalog_import_piece piece =
        read_file(TEXT(HEADER "cup,Cu\0p,Home,3,4\npot,Pot,Home,7,2\n"));
    assert_int_equal(piece.status, STATUS_OK);
    for (size_t i = 0; i < piece.items_count; i++) {
        const struct text name = command_of(&piece, i).name;
        assert_null(memchr(name.data, '\0', name.length));
    }
    for (size_t i = 0; i < piece.notes_count; i++)
        assert_true(text_is_utf8(piece.notes[i].detail));
}

static void a_name_of_a_column_that_is_no_text_is_not_kept(void **state)
{
    (void)state;
    const struct catalog_import_piece piece =
        read_file(TEXT("handle,name,category,\"pr\0ice\"\ncup,Cup,Home,3\n"));
    for (size_t i = 0; i < piece.notes_count; i++)
        assert_true(text_is_utf8(piece.notes[i].column));
    if (piece.status != STATUS_OK) assert_true(text_is_utf8(piece.fault.column));
}

static void many_columns_and_long_fields_cost_their_row_only(void **state)
{
    (void)state;
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 20);
    text_builder_add(&file, TEXT("handle,name,category,price,quantity"));
    for (int i = 0; i < 300; i++)
        text_builder_add(&file, text_format(arena, ",more%d", i));
    text_builder_add(&file, TEXT("\ncup,Cup,Home,3,4\nlong,"));
    for (int i = 0; i < 140 * 1024; i++)
        text_builder_add_byte(&file, 'x');
    text_builder_add(&file, TEXT(",Home,3,4\nname,"));
    for (int i = 0; i < 65 * 1024; i++)
        text_builder_add_byte(&file, 'y');
    text_builder_add(&file, TEXT(",Home,3,4\npot,Pot,Home,7,2\n"));
    assert_false(file.is_full);
    const struct catalog_import_piece piece = read_file(text_builder_view(&file));
    assert_int_equal(piece.status, STATUS_OK);
    assert_int_equal(piece.items_count, 2);
    assert_int_equal(piece.refused, 2);
    assert_true(text_equals_string(command_of(&piece, 1).name, "Pot"));
}

static void formulas_are_texts(void **state)
{
    (void)state;
    const struct catalog_import_piece piece =
        read_file(TEXT(HEADER "cup,\"=HYPERLINK(\"\"x\"\")\",Home,3,4\n"));
    assert_true(text_equals_string(command_of(&piece, 0).name, "=HYPERLINK(\"x\")"));
}

static void vendors_in_a_file_are_ignored_with_a_word(void **state)
{
    (void)state;
    const struct catalog_import_piece piece = read_file(TEXT(
        "handle,name,vendor,category,price\na,A,Elm,Home,1\na,A,Oak,Home,2\nb,B,Ash,Home,3\n"));
    assert_int_equal(piece.status, STATUS_OK);
    assert_true(piece.notes[0].is_warning);
    assert_int_equal(piece.notes[0].line, 1);
    /* Two rows of one handle are one product, whomever they name. */
    assert_int_equal(piece.items_count + (size_t)piece.refused, 2);
}

static void a_long_file_is_read_in_pieces_that_lose_nothing(void **state)
{
    (void)state;
    enum { COUNT = 501 };
    struct text_builder file;
    text_builder_init(&file, arena, 1 << 20);
    text_builder_add(&file, TEXT(HEADER));
    for (int i = 0; i < COUNT; i++)
        text_builder_add(&file, text_format(arena, "p%d,Product %d,Home,%d,1\n", i, i, i + 1));
    size_t found = 0;
    int64_t rows = 0;
    for (int pieces = 0; pieces < 4; pieces++) {
        const struct catalog_import_piece piece = read_file(text_builder_view(&file));
        assert_int_equal(piece.status, STATUS_OK);
        for (size_t i = 0; i < piece.items_count; i++, found++) {
            const struct catalog_import_product command = command_of(&piece, i);
            assert_true(text_equals(command.handle, text_format(arena, "p%zu", found)));
            assert_int_equal(piece.items[i].place, found);
            assert_int_equal(piece.items[i].lines[0], found + 2);
        }
        rows += piece.rows;
        job.places += (int64_t)piece.items_count;
        job.read_offset = piece.end_offset;
        job.read_line = piece.end_line;
        if (piece.is_end) break;
    }
    assert_int_equal(found, COUNT);
    assert_int_equal(rows, COUNT);
}

static void columns_may_be_named(void **state)
{
    (void)state;
    job.mapping = TEXT("Ref=handle; Titel = name;");
    const struct catalog_import_piece piece =
        read_file(TEXT("Ref,Titel,category,price\ncup,Cup,Home,3\n"));
    assert_int_equal(piece.status, STATUS_OK);
    assert_true(text_equals_string(command_of(&piece, 0).name, "Cup"));
    assert_int_equal(catalog_import_file_check_mapping(TEXT("Ref=nothing")), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_import_file_check_mapping(TEXT("name")), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_import_file_check_mapping(TEXT("")), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_file_of_products_is_told, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_header_alone_is_a_file_of_no_products, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_product_is_encoded_as_the_command_that_it_will_be,
                                        open_arena, close_arena),
        cmocka_unit_test_setup_teardown(utf_16_and_windows_1252_are_read_as_what_they_say,
                                        open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_quote_that_is_left_open_is_told_at_its_line, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(zero_bytes_reach_no_product, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_name_of_a_column_that_is_no_text_is_not_kept, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(many_columns_and_long_fields_cost_their_row_only,
                                        open_arena, close_arena),
        cmocka_unit_test_setup_teardown(formulas_are_texts, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(vendors_in_a_file_are_ignored_with_a_word, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_long_file_is_read_in_pieces_that_lose_nothing, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(columns_may_be_named, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
