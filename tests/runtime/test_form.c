/* Claims about forms as they are sent. */
#include "tests/support/cmocka.h"

#include "runtime/arena.h"
#include "runtime/form.h"

static struct arena *arena;
static struct text_builder form;

static int begin(void **state)
{
    (void)state;
    arena = arena_new(1024);
    text_builder_init(&form, arena, 256);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static void assert_form(const char *expected)
{
    const struct text text = text_builder_view(&form);
    assert_true(text_equals_string(text, expected));
}

static void fields_stand_apart(void **state)
{
    (void)state;
    form_add(&form, "a[b]", TEXT("1"));
    form_add_int(&form, "amount", -9223372036854775807 - 1);
    form_add(&form, "empty", (struct text){ 0 });
    assert_form("a[b]=1&amount=-9223372036854775808&empty=");
}

static void the_first_behind_a_question_mark_has_no_separator(void **state)
{
    (void)state;
    text_builder_add(&form, TEXT("https://example.org/?"));
    form_add(&form, "x", TEXT("y"));
    form_add(&form, "z", TEXT("w"));
    assert_form("https://example.org/?x=y&z=w");
}

static void what_means_something_is_escaped(void **state)
{
    (void)state;
    form_add(&form, "v", TEXT("a b&c=d%+/~\xc3\xa9\n.-_9Z"));
    assert_form("v=a%20b%26c%3Dd%25%2B%2F%7E%C3%A9%0A.-_9Z");
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct text_builder small;
    text_builder_init(&small, arena, 4);
    form_add(&small, "v", TEXT("&&"));
    assert_true(small.is_full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_stand_apart, begin, end),
        cmocka_unit_test_setup_teardown(the_first_behind_a_question_mark_has_no_separator, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_means_something_is_escaped, begin, end),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
