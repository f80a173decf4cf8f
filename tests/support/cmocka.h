/* cmocka, what it wants included before it, and a filter for every program: its first argument names
 * the tests to run ("hold_*": '*' and '?' as in a shell). A filter that matches nothing fails. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fnmatch.h>
#include <stdio.h>

#include "runtime/text.h"

static const char *test_filter; /* NULL: all tests */

/* Before main(), which need not know: glibc gives constructors the arguments of the program. */
__attribute__((constructor)) static void test_filter_read(int argc, char **argv)
{
    if (argc > 1) test_filter = argv[1];
}

/* The number of tests that failed, as cmocka counts them; 1 if the filter matches none. */
static inline int test_group_run(const char *name, const struct CMUnitTest *tests, size_t count,
                                 CMFixtureFunction setup, CMFixtureFunction teardown)
{
    size_t matching = 0;
    for (size_t i = 0; i < count; i++)
        matching += test_filter == NULL || fnmatch(test_filter, tests[i].name, 0) == 0;
    if (matching == 0) {
        (void)fprintf(stderr, "no test is named '%s'\n", test_filter);
        return 1;
    }
    if (test_filter != NULL) cmocka_set_test_filter(test_filter);
    return _cmocka_run_group_tests(name, tests, count, setup, teardown);
}

#undef cmocka_run_group_tests
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    test_group_run(#tests, (tests), sizeof(tests) / sizeof *(tests), (setup), (teardown))

/* Both texts have the same bytes. */
#define assert_text_equal(actual, expected)                                                        \
    do {                                                                                           \
        const struct text actual_ = (actual), expected_ = (expected);                              \
        assert_int_equal(actual_.length, expected_.length);                                        \
        assert_memory_equal(actual_.data, expected_.data, expected_.length);                       \
    } while (0)
