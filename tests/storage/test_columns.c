/* Rows as columns: values of a row become arrays of one element, calls of several rows become one,
 * and arrays within rows become the texts that PostgreSQL reads. */
#include <string.h>

#include "storage/columns.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* The parameters as the cells of one row. */
static struct row as_row(struct store_params *params)
{
    struct store_result *result = arena_allocate(arena, sizeof *result);
    *result = (struct store_result){ .rows_count = 1,
                                     .columns_count = params->count,
                                     .cells = params->values };
    return (struct row){ .result = result };
}

static void row_becomes_columns_of_one(void **state)
{
    (void)state;
    struct store_params params = { .count = 0 };
    const int64_t *numbers;
    const struct uuid *ids;
    const struct text *texts;
    param_int(&params, arena, -7);
    param_uuid(&params, arena, (struct uuid){ { 9 } });
    param_text(&params, arena, TEXT("seven"));
    param_text(&params, arena, TEXT(""));
    columns_of_row(&params, arena);
    struct row row = as_row(&params);
    assert_int_equal(row_int_array(&row, arena, &numbers), 1);
    assert_int_equal(numbers[0], -7);
    assert_int_equal(row_uuid_array(&row, arena, &ids), 1);
    assert_int_equal(ids[0].bytes[0], 9);
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_true(text_equals(texts[0], TEXT("seven")));
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_int_equal(texts[0].length, 0);
}

static void null_is_an_element_that_says_so(void **state)
{
    (void)state;
    struct store_params params = { .count = 0 };
    param_null_int(&params);
    columns_of_row(&params, arena);
    assert_int_equal(params.values[0].length, 24);
    assert_memory_equal(params.values[0].data + 4, "\0\0\0\1", 4); /* has NULLs */
    assert_memory_equal(params.values[0].data + 20, "\377\377\377\377", 4);
}

static void arrays_of_a_row_become_their_text(void **state)
{
    (void)state;
    struct store_params params = { .count = 0 };
    const struct text *texts;
    param_text_array(&params, arena, (const struct text[]){ TEXT("a,b"), TEXT("\"c\\") }, 2);
    param_int_array(&params, arena, (const int64_t[]){ -1, 2 }, 2);
    param_uuid_array(&params, arena, (const struct uuid[]){ { { 0xAB } } }, 1);
    param_text_array(&params, arena, NULL, 0);
    columns_of_row(&params, arena);
    struct row row = as_row(&params);
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_true(text_equals(texts[0], TEXT("{\"a,b\",\"\\\"c\\\\\"}")));
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_true(text_equals(texts[0], TEXT("{\"-1\",\"2\"}")));
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_true(text_equals(texts[0], TEXT("{ab000000000000000000000000000000}")));
    assert_int_equal(row_text_array(&row, arena, &texts), 1);
    assert_true(text_equals(texts[0], TEXT("{}")));
}

static void joined_columns_have_all_rows_and_their_nulls(void **state)
{
    (void)state;
    struct store_params first = { .count = 0 }, second = { .count = 0 }, third = { .count = 0 };
    struct store_params joined = { .count = 0 };
    param_int(&first, arena, 1);
    columns_of_row(&first, arena);
    param_null_int(&second);
    columns_of_row(&second, arena);
    param_int_array(&third, arena, NULL, 0);
    const struct store_params *const all[] = { &first, &second, &third };
    columns_join(arena, all, 3, &joined);
    assert_int_equal(joined.count, 1);
    const char *bytes = joined.values[0].data;
    assert_memory_equal(bytes, "\0\0\0\1\0\0\0\1", 8);
    assert_memory_equal(bytes + 12, "\0\0\0\2", 4);
    assert_int_equal(joined.values[0].length, 20 + 12 + 4);
}

static void nothing_joined_with_nothing_is_empty(void **state)
{
    (void)state;
    struct store_params none = { .count = 0 }, joined = { .count = 0 };
    const int64_t *numbers;
    param_int_array(&none, arena, NULL, 0);
    const struct store_params *const all[] = { &none, &none };
    columns_join(arena, all, 2, &joined);
    struct row row = as_row(&joined);
    assert_int_equal(row_int_array(&row, arena, &numbers), 0);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(row_becomes_columns_of_one),
        CLAIM(null_is_an_element_that_says_so),
        CLAIM(arrays_of_a_row_become_their_text),
        CLAIM(joined_columns_have_all_rows_and_their_nulls),
        CLAIM(nothing_joined_with_nothing_is_empty),
    };
#undef CLAIM
    return cmocka_run_group_tests(tests, NULL, NULL);
}
