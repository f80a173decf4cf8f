/* What is kept from the JSON parser. */
#include "runtime/json_bounds.h"
#include "tests/support/cmocka.h"

static void depth_is_bounded_and_brackets_in_strings_do_not_count(void **state)
{
    (void)state;
    assert_true(json_is_bounded(TEXT("[[1]]"), 2, 10));
    assert_false(json_is_bounded(TEXT("[[[1]]]"), 2, 10));
    assert_true(json_is_bounded(TEXT("[\"[[[{{{\"]"), 1, 10));
    assert_true(json_is_bounded(TEXT("[\"\\\"[[[\"]"), 1, 10)); /* an escaped quote ends nothing */
    assert_false(
        json_is_bounded(TEXT("[\"\\\\\",[1]]"), 1, 10)); /* an escaped backslash does not */
}

static void values_are_bounded_and_closing_too_often_opens_nothing(void **state)
{
    (void)state;
    assert_true(json_is_bounded(TEXT("[1,2,3]"), 1, 4));
    assert_false(json_is_bounded(TEXT("[1,2,3,4]"), 1, 4));
    assert_true(json_is_bounded(TEXT("[\",,,,,,\"]"), 1, 4));
    assert_false(json_is_bounded(TEXT("]]]][[["), 2, 10));
    assert_true(json_is_bounded(TEXT(""), 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_bounded_and_brackets_in_strings_do_not_count),
        cmocka_unit_test(values_are_bounded_and_closing_too_often_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
