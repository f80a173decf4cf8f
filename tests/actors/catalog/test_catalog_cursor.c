/* Claims about the places of product lists, which clients send back as they like. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_cursor.h"

static struct uuid product(void)
{
    struct uuid id;
    for (uint8_t i = 0; i < sizeof id.bytes; i++)
        id.bytes[i] = (uint8_t)(0xf0 + i);
    return id;
}

static void a_cursor_comes_back_as_the_product_that_it_was(void **state)
{
    struct uuid read;
    const struct text cursor = catalog_cursor_encode(*state, product());
    assert_int_equal(cursor.length, 22);
    assert_int_equal(catalog_cursor_decode(cursor, &read), STATUS_OK);
    assert_true(uuid_equals(read, product()));
}

static void the_first_place_is_before_every_product(void **state)
{
    (void)state;
    const struct uuid first = catalog_cursor_first();
    const struct uuid last_product = product();
    assert_true(memcmp(first.bytes, last_product.bytes, sizeof first.bytes) > 0);
}

static void what_is_no_cursor_is_refused(void **state)
{
    struct uuid read = product();
    const struct text good = catalog_cursor_encode(*state, read);
    const struct {
        const char *name;
        struct text text;
    } cases[] = {
        { "nothing", TEXT("") },
        { "one byte too few", { good.data, good.length - 2 } },
        { "other characters", TEXT("!!!!!!!!!!!!!!!!!!!!!!") },
        { "a blank at the end", TEXT("AAAAAAAAAAAAAAAAAAAAAA ") },
        { "padding", TEXT("AAAAAAAAAAAAAAAAAAAAAA==") },
        { "standard base64", TEXT("++++++++++++++++++++++") },
        { "bits behind the end", TEXT("AAAAAAAAAAAAAAAAAAAAAB") },
        { "a place in a search", TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const enum status status = catalog_cursor_decode(cases[i].text, &read);
        if (status != STATUS_INVALID_PARAMETER)
            fail_msg("%s: %s", cases[i].name, status_name(status));
    }
    assert_true(uuid_equals(read, product())); /* untouched */
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
        cmocka_unit_test(a_cursor_comes_back_as_the_product_that_it_was),
        cmocka_unit_test(the_first_place_is_before_every_product),
        cmocka_unit_test(what_is_no_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
