/* What the table of names remembers, and when it forgets. */
#include "gateway/import/name_ids.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/cmocka.h"

static struct name_ids *names;
static const struct uuid seven = { { 7 } }, eight = { { 8 } };

static int open_names(void **state)
{
    (void)state;
    names = name_ids_new();
    return 0;
}

static int close_names(void **state)
{
    (void)state;
    name_ids_destroy(&names);
    assert_null(names);
    return 0;
}

static void a_name_is_found_once_it_was_added(void **state)
{
    (void)state;
    struct uuid found = { { 0 } };
    assert_false(name_ids_find(names, TEXT("first"), &found));
    name_ids_add(names, TEXT("first"), seven);
    assert_true(name_ids_find(names, TEXT("first"), &found));
    assert_int_equal(found.bytes[0], 7);
    assert_false(name_ids_find(names, TEXT("second"), &found));
}

static void a_name_is_copied(void **state)
{
    (void)state;
    char name[] = "first";
    struct uuid found;
    name_ids_add(names, text_of(name), seven);
    memset(name, 'x', sizeof name - 1);
    assert_true(name_ids_find(names, TEXT("first"), &found));
    assert_false(name_ids_find(names, text_of(name), &found));
}

static void a_name_that_is_added_again_has_its_new_id(void **state)
{
    (void)state;
    struct uuid found;
    name_ids_add(names, TEXT("first"), seven);
    name_ids_add(names, TEXT("first"), eight);
    assert_true(name_ids_find(names, TEXT("first"), &found));
    assert_int_equal(found.bytes[0], 8);
}

static void one_name_more_than_fit_makes_it_forget_all_others(void **state)
{
    (void)state;
    struct uuid found;
    char name[24];
    name_ids_add(names, TEXT("first"), seven);
    for (int i = 1; i < NAME_IDS_MAX; i++) {
        (void)snprintf(name, sizeof name, "name %d", i);
        name_ids_add(names, text_of(name), seven);
    }
    assert_true(name_ids_find(names, TEXT("first"), &found));
    name_ids_add(names, TEXT("last"), eight);
    assert_false(name_ids_find(names, TEXT("first"), &found));
    assert_false(name_ids_find(names, text_of(name), &found));
    assert_true(name_ids_find(names, TEXT("last"), &found));
}

static void long_names_fill_it_earlier(void **state)
{
    (void)state;
    enum { LENGTH = 1 << 20 };
    static char name[LENGTH];
    struct uuid found;
    memset(name, 'n', LENGTH);
    name_ids_add(names, TEXT("first"), seven);
    for (char c = 'a'; c < 'a' + NAME_IDS_BYTES_MAX / LENGTH - 1; c++) {
        name[0] = c;
        name_ids_add(names, (struct text){ name, LENGTH }, seven);
    }
    assert_true(name_ids_find(names, TEXT("first"), &found));
    name[0] = 'z';
    name_ids_add(names, (struct text){ name, LENGTH }, eight);
    assert_false(name_ids_find(names, TEXT("first"), &found));
    assert_true(name_ids_find(names, (struct text){ name, LENGTH }, &found));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_names, close_names)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_name_is_found_once_it_was_added),
        CLAIM(a_name_is_copied),
        CLAIM(a_name_that_is_added_again_has_its_new_id),
        CLAIM(one_name_more_than_fit_makes_it_forget_all_others),
        CLAIM(long_names_fill_it_earlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
