/* Claims about the bounded set of ids. */
#include "tests/support/cmocka.h"

#include <stdlib.h>

#include "actors/catalog/catalog_id_map.h"

static struct uuid id_of(uint32_t number)
{
    struct uuid id = { .bytes = { 1 } };
    for (size_t i = 0; i < 4; i++)
        id.bytes[8 + i] = (uint8_t)(number >> 8 * i);
    return id;
}

static int empty_map(void **state)
{
    struct catalog_id_map *map = calloc(1, sizeof *map);
    map->max = 1000;
    *state = map;
    return 0;
}

static int drop_map(void **state)
{
    struct catalog_id_map *map = *state;
    catalog_id_map_clear(map);
    free(map);
    return 0;
}

static void an_id_is_found_with_its_last_number(void **state)
{
    struct catalog_id_map *map = *state;
    int64_t value = -1;
    assert_false(catalog_id_map_find(map, id_of(1), &value));
    assert_true(catalog_id_map_put(map, id_of(1), 5));
    assert_true(catalog_id_map_put(map, id_of(1), 6));
    assert_true(catalog_id_map_find(map, id_of(1), &value));
    assert_int_equal(value, 6);
    assert_int_equal(map->count, 1);
}

static void beyond_the_bound_only_known_ids_are_taken(void **state)
{
    struct catalog_id_map *map = *state;
    for (uint32_t i = 0; i < 1000; i++)
        assert_true(catalog_id_map_put(map, id_of(i), i));
    assert_false(catalog_id_map_put(map, id_of(1000), 1));
    assert_true(catalog_id_map_put(map, id_of(7), 1));
    assert_int_equal(map->count, 1000);
}

/* Against a plain table, through thousands of random additions and removals. */
static void it_says_what_a_plain_table_says(void **state)
{
    struct catalog_id_map *map = *state;
    static int64_t plain[300]; /* 0: not there */
    uint32_t seed = 20261130;
    for (unsigned step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;
        const uint32_t number = (seed >> 8) % ARRAY_LENGTH(plain);
        if ((seed >> 28) < 8) {
            plain[number] = (int64_t)step + 1;
            assert_true(catalog_id_map_put(map, id_of(number), plain[number]));
        } else {
            plain[number] = 0;
            catalog_id_map_remove(map, id_of(number));
        }
        const uint32_t other = (seed >> 4) % ARRAY_LENGTH(plain);
        int64_t value = 0;
        assert_int_equal(catalog_id_map_find(map, id_of(other), &value), plain[other] != 0);
        assert_int_equal(value, plain[other]);
    }
}

static void all_of_them_are_gone_through_once(void **state)
{
    struct catalog_id_map *map = *state;
    struct catalog_id_slot slot;
    int64_t sum = 0;
    for (uint32_t i = 1; i <= 100; i++)
        assert_true(catalog_id_map_put(map, id_of(i), i));
    for (size_t position = 0; catalog_id_map_next(map, &position, &slot);)
        sum += slot.value;
    assert_int_equal(sum, 5050);
}

static void those_below_a_number_are_dropped(void **state)
{
    struct catalog_id_map *map = *state;
    int64_t value;
    for (uint32_t i = 1; i <= 100; i++)
        assert_true(catalog_id_map_put(map, id_of(i), i));
    catalog_id_map_drop_below(map, 91);
    assert_int_equal(map->count, 10);
    assert_false(catalog_id_map_find(map, id_of(90), &value));
    assert_true(catalog_id_map_find(map, id_of(91), &value));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, empty_map, drop_map)
    const struct CMUnitTest tests[] = {
        CLAIM(an_id_is_found_with_its_last_number),
        CLAIM(beyond_the_bound_only_known_ids_are_taken),
        CLAIM(it_says_what_a_plain_table_says),
        CLAIM(all_of_them_are_gone_through_once),
        CLAIM(those_below_a_number_are_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
