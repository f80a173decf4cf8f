/* What is kept from the JSON parser. */
#include "runtime/json_bounds.h"
#include "tests/support/cmocka.h"

enum { PLENTY = 100 };

/* One claim: the text is, or is not, within a depth and a number of values. */
#define WITHIN(name, literal, depth, values)                                                       \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_true(json_is_bounded(TEXT(literal), depth, values));                                \
    }
#define BEYOND(name, literal, depth, values)                                                       \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        assert_false(json_is_bounded(TEXT(literal), depth, values));                               \
    }

WITHIN(empty_text_is_bounded, "", 1, 1)
WITHIN(single_value_needs_no_depth, "17", 0, 1)
WITHIN(arrays_as_deep_as_allowed, "[[1]]", 2, PLENTY)
BEYOND(arrays_deeper_than_allowed, "[[[1]]]", 2, PLENTY)
WITHIN(objects_as_deep_as_allowed, "{\"a\":{\"b\":1}}", 2, PLENTY)
BEYOND(objects_deeper_than_allowed, "{\"a\":{\"b\":{}}}", 2, PLENTY)
BEYOND(objects_in_arrays_count_both, "[{\"a\":[1]}]", 2, PLENTY)
WITHIN(arrays_side_by_side_are_not_deep, "[[1],[2],[3]]", 2, PLENTY)
BEYOND(text_that_never_closes_is_still_measured, "[[[[[[[[", 4, PLENTY)

WITHIN(brackets_in_strings_are_not_depth, "[\"[[[{{{\"]", 1, PLENTY)
WITHIN(escaped_quote_ends_no_string, "[\"\\\"[[[\"]", 1, PLENTY)
BEYOND(escaped_backslash_escapes_no_quote, "[\"\\\\\",[1]]", 1, PLENTY)
WITHIN(backslash_at_the_end_is_not_read_beyond, "[\"\\", 1, PLENTY)
BEYOND(brackets_after_a_string_are_depth, "[\"a\",[[1]]]", 2, PLENTY)

WITHIN(as_many_values_as_allowed, "[1,2,3]", 1, 4)
BEYOND(more_values_than_allowed, "[1,2,3,4]", 1, 4)
WITHIN(commas_in_strings_are_no_values, "[\",,,,,,\"]", 1, 4)
BEYOND(members_of_objects_are_values, "{\"a\":1,\"b\":2,\"c\":3}", 1, 3)

BEYOND(closing_too_often_gives_no_depth_back, "]]]][[[", 2, PLENTY)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_text_is_bounded),
        cmocka_unit_test(single_value_needs_no_depth),
        cmocka_unit_test(arrays_as_deep_as_allowed),
        cmocka_unit_test(arrays_deeper_than_allowed),
        cmocka_unit_test(objects_as_deep_as_allowed),
        cmocka_unit_test(objects_deeper_than_allowed),
        cmocka_unit_test(objects_in_arrays_count_both),
        cmocka_unit_test(arrays_side_by_side_are_not_deep),
        cmocka_unit_test(text_that_never_closes_is_still_measured),
        cmocka_unit_test(brackets_in_strings_are_not_depth),
        cmocka_unit_test(escaped_quote_ends_no_string),
        cmocka_unit_test(escaped_backslash_escapes_no_quote),
        cmocka_unit_test(backslash_at_the_end_is_not_read_beyond),
        cmocka_unit_test(brackets_after_a_string_are_depth),
        cmocka_unit_test(as_many_values_as_allowed),
        cmocka_unit_test(more_values_than_allowed),
        cmocka_unit_test(commas_in_strings_are_no_values),
        cmocka_unit_test(members_of_objects_are_values),
        cmocka_unit_test(closing_too_often_gives_no_depth_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
