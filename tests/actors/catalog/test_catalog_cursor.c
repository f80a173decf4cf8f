/* Claims about the cursors of product lists, which clients send back as they like. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_cursor.h"

static struct catalog_position position_of(int64_t rank)
{
    struct catalog_position position = { .rank = rank };
    for (uint8_t i = 0; i < sizeof position.id.bytes; i++)
        position.id.bytes[i] = (uint8_t)(0xf0 + i);
    return position;
}

static void a_cursor_comes_back_as_the_position_that_it_was(void **state)
{
    static const int64_t ranks[] = { 0, 1, 607927, INT64_MAX, -1 };
    for (size_t i = 0; i < ARRAY_LENGTH(ranks); i++) {
        const struct catalog_position position = position_of(ranks[i]);
        struct catalog_position read;
        const struct text cursor = catalog_cursor_encode(*state, position, true);
        assert_int_equal(catalog_cursor_decode(cursor, true, &read), STATUS_OK);
        if (read.rank != ranks[i]) fail_msg("a rank of %lld", (long long)ranks[i]);
        assert_true(uuid_equals(read.id, position.id));
    }
}

static void a_cursor_of_the_newest_has_no_rank(void **state)
{
    const struct catalog_position position = position_of(7);
    struct catalog_position read;
    const struct text cursor = catalog_cursor_encode(*state, position, false);
    assert_int_equal(cursor.length, 22);
    assert_int_equal(catalog_cursor_decode(cursor, false, &read), STATUS_OK);
    assert_int_equal(read.rank, 0);
    assert_true(uuid_equals(read.id, position.id));
}

static void what_is_no_cursor_of_this_list_is_refused(void **state)
{
    struct catalog_position read = position_of(1);
    const struct text newest = catalog_cursor_encode(*state, read, false);
    const struct text ranked = catalog_cursor_encode(*state, read, true);
    const struct {
        const char *name;
        struct text text;
        bool is_ranked;
    } cases[] = {
        { "a cursor of the newest in a search", newest, true },
        { "a cursor of a search among the newest", ranked, false },
        { "nothing", TEXT(""), false },
        { "nothing in a search", TEXT(""), true },
        { "one byte too few", { newest.data, newest.length - 2 }, false },
        { "other characters", TEXT("!!!!!!!!!!!!!!!!!!!!!!"), false },
        { "a blank at the end", TEXT("AAAAAAAAAAAAAAAAAAAAAA "), false },
        { "padding", TEXT("AAAAAAAAAAAAAAAAAAAAAA=="), false },
        { "standard base64", TEXT("++++++++++++++++++++++"), false },
        { "bits behind the end", TEXT("AAAAAAAAAAAAAAAAAAAAAB"), false },
        { "a long text", TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), true },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const enum status status = catalog_cursor_decode(cases[i].text, cases[i].is_ranked, &read);
        if (status != STATUS_INVALID_PARAMETER)
            fail_msg("%s: %s", cases[i].name, status_name(status));
    }
    assert_int_equal(read.rank, 1); /* untouched */
}

static int make_arena(void **state)
{
    *state = arena_new(4096);
    return 0;
}

static int drop_arena(void **state)
{
    struct arena *arena = *state;
    arena_destroy(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_comes_back_as_the_position_that_it_was),
        cmocka_unit_test(a_cursor_of_the_newest_has_no_rank),
        cmocka_unit_test(what_is_no_cursor_of_this_list_is_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
