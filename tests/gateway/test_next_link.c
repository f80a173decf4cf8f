/* Claims about where the next page of a file is. */
#include "gateway/next_link.h"
#include "tests/support/cmocka.h"

static void assert_link(const char *query, const char *next, const char *expected)
{
    struct arena *arena = arena_new(1024);
    const struct text link = next_link(arena, TEXT("/v1/x"), text_of(query), text_of(next));
    assert_true(text_equals_string(link, expected));
    arena_destroy(&arena);
}

static void parameters_stay_but_the_place(void **state)
{
    (void)state;
    assert_link("", "abc", "</v1/x?after=abc>; rel=\"next\"");
    assert_link("format=plain&after=old&limit=2", "n-_.~1",
                "</v1/x?format=plain&limit=2&after=n-_.~1>; rel=\"next\"");
    assert_link("afterwards=1&&after=", "n", "</v1/x?afterwards=1&after=n>; rel=\"next\"");
}

static void what_would_end_the_address_is_told_by_its_bytes(void **state)
{
    (void)state;
    assert_link("", "a>\"&\n", "</v1/x?after=a%3E%22%26%0A>; rel=\"next\"");
}

static void an_address_that_is_too_long_is_none(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct text_builder query;
    text_builder_init(&query, arena, 1 << 16);
    for (int i = 0; i < 20000; i++)
        text_builder_add_byte(&query, 'x');
    assert_int_equal(next_link(arena, TEXT("/"), text_builder_view(&query), TEXT("n")).length, 0);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_stay_but_the_place),
        cmocka_unit_test(what_would_end_the_address_is_told_by_its_bytes),
        cmocka_unit_test(an_address_that_is_too_long_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
