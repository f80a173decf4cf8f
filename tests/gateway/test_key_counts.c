/* Counts per key: their limits, and that nothing is left of what was removed. */
#include "gateway/key_counts.h"

#include <string.h>

#include "tests/support/cmocka.h"

enum { LIMIT = 2, MANY = 10000 /* more keys than the table has places */ };

static struct key_counts *counts;

static int open_counts(void **state)
{
    static const uint8_t seed[16] = { 1, 2, 3 };
    (void)state;
    counts = key_counts_new(seed);
    return 0;
}

static int close_counts(void **state)
{
    (void)state;
    key_counts_destroy(&counts);
    assert_null(counts);
    return 0;
}

static struct rate_key key_of(uint32_t number)
{
    struct rate_key key = { .kind = RATE_BY_SHOPPER };
    memcpy(key.who, &number, sizeof number);
    return key;
}

static bool add(uint32_t number)
{
    const struct rate_key key = key_of(number);
    return key_counts_add(counts, &key, LIMIT);
}

static void drop(uint32_t number)
{
    const struct rate_key key = key_of(number);
    key_counts_remove(counts, &key);
}

static void a_key_has_as_many_as_its_limit(void **state)
{
    (void)state;
    assert_true(add(1));
    assert_true(add(1));
    assert_false(add(1));
    assert_int_equal(key_counts_size(counts), 1);
    drop(1);
    drop(1);
}

static void a_refused_one_is_not_counted(void **state)
{
    (void)state;
    assert_true(add(1));
    assert_true(add(1));
    assert_false(add(1));
    drop(1);
    drop(1);
    assert_int_equal(key_counts_size(counts), 0);
}

static void what_was_removed_makes_room(void **state)
{
    (void)state;
    assert_true(add(1));
    assert_true(add(1));
    drop(1);
    assert_true(add(1));
    assert_false(add(1));
    drop(1);
    drop(1);
}

static void keys_do_not_share_a_limit(void **state)
{
    (void)state;
    assert_true(add(1));
    assert_true(add(1));
    assert_true(add(2));
    assert_int_equal(key_counts_size(counts), 2);
    drop(1);
    drop(1);
    drop(2);
}

static void a_kind_is_part_of_a_key(void **state)
{
    (void)state;
    struct rate_key vendor = key_of(1);
    vendor.kind = RATE_BY_VENDOR;
    assert_true(add(1));
    assert_true(key_counts_add(counts, &vendor, 1));
    assert_int_equal(key_counts_size(counts), 2);
    key_counts_remove(counts, &vendor);
    drop(1);
}

static void a_limit_of_none_leaves_nothing_behind(void **state)
{
    (void)state;
    const struct rate_key key = key_of(1);
    assert_false(key_counts_add(counts, &key, 0));
    assert_int_equal(key_counts_size(counts), 0);
}

static void keys_that_share_a_place_are_told_apart(void **state)
{
    (void)state;
    for (uint32_t number = 0; number < MANY; number++) {
        assert_true(add(number));
        assert_true(add(number));
        assert_false(add(number));
    }
    assert_int_equal(key_counts_size(counts), MANY);
    for (uint32_t number = 0; number < MANY; number++) {
        drop(number);
        assert_true(add(number));
        drop(number);
        drop(number);
    }
    assert_int_equal(key_counts_size(counts), 0);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_counts, close_counts)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_key_has_as_many_as_its_limit),
        CLAIM(a_refused_one_is_not_counted),
        CLAIM(what_was_removed_makes_room),
        CLAIM(keys_do_not_share_a_limit),
        CLAIM(a_kind_is_part_of_a_key),
        CLAIM(a_limit_of_none_leaves_nothing_behind),
        CLAIM(keys_that_share_a_place_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
