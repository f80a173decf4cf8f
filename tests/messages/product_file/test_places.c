/* Where names stand: the first two lines of each, however many there are. */
#include "messages/product_file/places.h"

#include <stdio.h>

#include "tests/support/cmocka.h"

static struct places *places;
static struct place place;

static int open_places(void **state)
{
    (void)state;
    places = places_new();
    return 0;
}

static int close_places(void **state)
{
    (void)state;
    places_destroy(&places);
    assert_null(places);
    return 0;
}

static void a_name_that_stands_once_has_no_second_line(void **state)
{
    (void)state;
    assert_false(places_find(places, TEXT("a"), &place));
    assert_int_equal(places_note(places, TEXT("a"), 7), STATUS_OK);
    assert_true(places_find(places, TEXT("a"), &place));
    assert_int_equal(place.first, 7);
    assert_int_equal(place.second, 0);
}

static void a_name_that_comes_back_has_the_line_of_its_second_place(void **state)
{
    (void)state;
    for (uint64_t line = 3; line <= 9; line += 3)
        assert_int_equal(places_note(places, TEXT("a"), line), STATUS_OK);
    assert_true(places_find(places, TEXT("a"), &place));
    assert_int_equal(place.first, 3);
    assert_int_equal(place.second, 6);
}

static void noting_once_keeps_the_first_line_only(void **state)
{
    (void)state;
    assert_int_equal(places_note_once(places, TEXT("a"), 3), STATUS_OK);
    assert_int_equal(places_note_once(places, TEXT("a"), 6), STATUS_OK);
    assert_true(places_find(places, TEXT("a"), &place));
    assert_int_equal(place.second, 0);
}

static void names_stay_known_while_the_table_grows(void **state)
{
    (void)state;
    enum { NAMES = 20000 };
    char name[16];
    for (uint64_t i = 1; i <= NAMES; i++) {
        const int length = snprintf(name, sizeof name, "n%d", (int)i);
        assert_int_equal(places_note(places, (struct text){ name, (size_t)length }, i), STATUS_OK);
    }
    for (uint64_t i = 1; i <= NAMES; i++) {
        const int length = snprintf(name, sizeof name, "n%d", (int)i);
        assert_true(places_find(places, (struct text){ name, (size_t)length }, &place));
        assert_int_equal(place.first, i);
        assert_int_equal(place.second, 0);
    }
    assert_false(places_find(places, TEXT("n0"), &place));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_places, close_places)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_name_that_stands_once_has_no_second_line),
        CLAIM(a_name_that_comes_back_has_the_line_of_its_second_place),
        CLAIM(noting_once_keeps_the_first_line_only),
        CLAIM(names_stay_known_while_the_table_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
