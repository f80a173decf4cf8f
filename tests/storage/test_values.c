/* Parameters come back as cells: what is written in PostgreSQL's binary format is read as it was.
 */
#include <string.h>

#include "storage/values.h"
#include "tests/support/cmocka.h"

static struct arena *arena;
static struct store_params params;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(65536);
    params = (struct store_params){ .count = 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* The parameters as the cells of one row. */
static struct row as_row(void)
{
    struct store_result *result = arena_allocate(arena, sizeof *result);
    *result = (struct store_result){ .rows_count = 1,
                                     .columns_count = params.count,
                                     .cells = params.values };
    return (struct row){ .result = result };
}

static int64_t int_again(int64_t value)
{
    params.count = 0;
    param_int(&params, arena, value);
    struct row row = as_row();
    return row_int(&row);
}

static int64_t small_again(int16_t value)
{
    params.count = 0;
    param_small(&params, arena, value);
    struct row row = as_row();
    return row_int(&row);
}

static void integers_are_big_endian(void **state)
{
    (void)state;
    param_int(&params, arena, 0x0102030405060708);
    assert_int_equal(params.values[0].length, 8);
    assert_memory_equal(params.values[0].data, "\1\2\3\4\5\6\7\10", 8);
}

static void integers_come_back_at_their_limits(void **state)
{
    (void)state;
    assert_true(int_again(0) == 0);
    assert_true(int_again(-1) == -1);
    assert_true(int_again(INT64_MAX) == INT64_MAX);
    assert_true(int_again(INT64_MIN) == INT64_MIN);
}

static void small_integers_keep_their_sign(void **state)
{
    (void)state;
    assert_int_equal(small_again(INT16_MAX), INT16_MAX);
    assert_true(small_again(INT16_MIN) == INT16_MIN);
    assert_true(small_again(-1) == -1);
}

static void booleans_come_back(void **state)
{
    (void)state;
    param_bool(&params, arena, true);
    param_bool(&params, arena, false);
    struct row row = as_row();
    assert_true(row_bool(&row));
    assert_false(row_bool(&row));
}

static void ids_come_back(void **state)
{
    (void)state;
    const struct uuid id = { { 1, 2, 3, [15] = 255 } };
    param_uuid(&params, arena, id);
    struct row row = as_row();
    assert_true(uuid_equals(row_uuid(&row), id));
}

static void texts_and_bytes_come_back_with_what_is_in_them(void **state)
{
    (void)state;
    param_text(&params, arena, TEXT("Søn"));
    param_bytes(&params, arena, TEXT("a\0b"));
    struct row row = as_row();
    assert_text_equal(row_text(&row), TEXT("Søn"));
    assert_text_equal(row_bytes(&row), TEXT("a\0b"));
}

static void empty_text_is_not_null(void **state)
{
    (void)state;
    param_text(&params, arena, (struct text){ 0 });
    assert_non_null(params.values[0].data);
    assert_int_equal(params.values[0].length, 0);
    struct row row = as_row();
    assert_false(row_skip_null(&row));
    assert_int_equal(row_text(&row).length, 0);
}

static void parameters_do_not_need_what_they_were_made_of(void **state)
{
    (void)state;
    char text[] = "before";
    param_text(&params, arena, text_of(text));
    memset(text, 'x', sizeof text - 1);
    struct row row = as_row();
    assert_text_equal(row_text(&row), TEXT("before"));
}

static void nulls_have_a_type_and_are_passed_over(void **state)
{
    (void)state;
    param_null_int(&params);
    param_null_uuid(&params);
    param_null_text(&params);
    param_null_bytes(&params);
    param_int(&params, arena, 7);
    struct row row = as_row();
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(params.values[i].length, -1);
        assert_true(params.values[i].type_oid != 0);
        assert_true(row_skip_null(&row));
    }
    assert_false(row_skip_null(&row));
    assert_int_equal(row_int(&row), 7);
}

static void array_of_integers_comes_back(void **state)
{
    (void)state;
    const int64_t values[] = { 1, -1, INT64_MAX };
    const int64_t *read;
    param_int_array(&params, arena, values, 3);
    struct row row = as_row();
    assert_int_equal(row_int_array(&row, arena, &read), 3);
    assert_memory_equal(read, values, sizeof values);
}

static void array_of_small_integers_comes_back_widened(void **state)
{
    (void)state;
    const int16_t values[] = { -5, 6 };
    const int64_t *read;
    param_small_array(&params, arena, values, 2);
    struct row row = as_row();
    assert_int_equal(row_int_array(&row, arena, &read), 2);
    assert_true(read[0] == -5);
    assert_true(read[1] == 6);
}

static void array_of_ids_comes_back(void **state)
{
    (void)state;
    const struct uuid values[] = { { { 1 } }, { { 2 } } };
    const struct uuid *read;
    param_uuid_array(&params, arena, values, 2);
    struct row row = as_row();
    assert_int_equal(row_uuid_array(&row, arena, &read), 2);
    assert_true(uuid_equals(read[0], values[0]));
    assert_true(uuid_equals(read[1], values[1]));
}

static void array_of_texts_comes_back_with_its_empty_ones(void **state)
{
    (void)state;
    const struct text values[] = { TEXT("one"), TEXT(""), TEXT("three") };
    const struct text *read;
    param_text_array(&params, arena, values, 3);
    struct row row = as_row();
    assert_int_equal(row_text_array(&row, arena, &read), 3);
    assert_text_equal(read[0], values[0]);
    assert_int_equal(read[1].length, 0);
    assert_text_equal(read[2], values[2]);
}

static void array_of_bytes_comes_back(void **state)
{
    (void)state;
    const struct text values[] = { TEXT("\0\1"), TEXT("\377") };
    const struct text *read;
    param_bytes_array(&params, arena, values, 2);
    struct row row = as_row();
    assert_int_equal(row_bytes_array(&row, arena, &read), 2);
    assert_text_equal(read[0], values[0]);
    assert_text_equal(read[1], values[1]);
}

static void empty_array_comes_back_empty(void **state)
{
    (void)state;
    const struct text *read;
    param_text_array(&params, arena, NULL, 0);
    struct row row = as_row();
    assert_int_equal(row_text_array(&row, arena, &read), 0);
}

static void columns_are_read_from_left_to_right(void **state)
{
    (void)state;
    param_int(&params, arena, 1);
    param_text(&params, arena, TEXT("two"));
    param_int(&params, arena, 3);
    struct row row = as_row();
    assert_int_equal(row_int(&row), 1);
    assert_text_equal(row_text(&row), TEXT("two"));
    assert_int_equal(row_int(&row), 3);
    assert_int_equal(row.column, 3);
}

static void rows_are_told_apart(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 4; i++)
        param_int(&params, arena, i);
    const struct store_result result = { .rows_count = 2,
                                         .columns_count = 2,
                                         .cells = params.values };
    const struct rows rows = { .result = &result, .count = 2 };
    struct row second = rows_at(&rows, 1);
    assert_int_equal(row_int(&second), 2);
    assert_int_equal(row_int(&second), 3);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(integers_are_big_endian),
        CLAIM(integers_come_back_at_their_limits),
        CLAIM(small_integers_keep_their_sign),
        CLAIM(booleans_come_back),
        CLAIM(ids_come_back),
        CLAIM(texts_and_bytes_come_back_with_what_is_in_them),
        CLAIM(empty_text_is_not_null),
        CLAIM(parameters_do_not_need_what_they_were_made_of),
        CLAIM(nulls_have_a_type_and_are_passed_over),
        CLAIM(array_of_integers_comes_back),
        CLAIM(array_of_small_integers_comes_back_widened),
        CLAIM(array_of_ids_comes_back),
        CLAIM(array_of_texts_comes_back_with_its_empty_ones),
        CLAIM(array_of_bytes_comes_back),
        CLAIM(empty_array_comes_back_empty),
        CLAIM(columns_are_read_from_left_to_right),
        CLAIM(rows_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
