/* Which positions keys find, and which is given away when all are taken. */
#include "gateway/lru.h"

#include "tests/support/cmocka.h"

enum { CAPACITY = 4, PLACES = 2 * CAPACITY };

static struct lru *lru;

static int open_lru(void **state)
{
    (void)state;
    lru = lru_new(CAPACITY);
    return 0;
}

static int close_lru(void **state)
{
    (void)state;
    lru_destroy(&lru);
    assert_null(lru);
    return 0;
}

/* Hashes 0 to 3, each at a place of its own. */
static void fill(void)
{
    for (uint32_t hash = 0; hash < CAPACITY; hash++)
        assert_int_equal(lru_add(lru, hash), hash + 1);
}

static void an_empty_table_has_nothing(void **state)
{
    (void)state;
    assert_int_equal(lru_size(lru), 0);
    assert_int_equal(lru_first(lru, 0), LRU_NONE);
    assert_int_equal(lru_first(lru, UINT32_MAX), LRU_NONE);
}

static void what_was_added_is_found_by_its_hash(void **state)
{
    (void)state;
    const uint32_t position = lru_add(lru, 7);
    assert_int_equal(lru_first(lru, 7), position);
    assert_int_equal(lru_next(lru, position), LRU_NONE);
    assert_int_equal(lru_size(lru), 1);
}

static void keys_of_one_hash_are_all_found(void **state)
{
    (void)state;
    const uint32_t first = lru_add(lru, 7), second = lru_add(lru, 7);
    const uint32_t found = lru_first(lru, 7), other = lru_next(lru, found);
    assert_int_not_equal(first, second);
    assert_true((found == first && other == second) || (found == second && other == first));
    assert_int_equal(lru_next(lru, other), LRU_NONE);
}

static void hashes_that_share_a_place_are_not_mixed_up(void **state)
{
    (void)state;
    const uint32_t one = lru_add(lru, 1), other = lru_add(lru, 1 + PLACES);
    assert_int_equal(lru_first(lru, 1), one);
    assert_int_equal(lru_next(lru, one), LRU_NONE);
    assert_int_equal(lru_first(lru, 1 + PLACES), other);
    assert_int_equal(lru_next(lru, other), LRU_NONE);
    assert_int_equal(lru_first(lru, 1 + 2 * PLACES), LRU_NONE);
}

static void the_least_recently_added_makes_room(void **state)
{
    (void)state;
    fill();
    assert_int_equal(lru_add(lru, 9), 1);
    assert_int_equal(lru_first(lru, 0), LRU_NONE);
    assert_int_equal(lru_first(lru, 9), 1);
    assert_int_equal(lru_size(lru), CAPACITY);
}

static void what_was_used_stays(void **state)
{
    (void)state;
    fill();
    lru_use(lru, 1);
    assert_int_equal(lru_add(lru, 9), 2);
    assert_int_equal(lru_first(lru, 0), 1);
    assert_int_equal(lru_first(lru, 1), LRU_NONE);
}

static void using_one_in_the_middle_keeps_the_order_of_the_others(void **state)
{
    (void)state;
    fill();
    lru_use(lru, 2);
    lru_use(lru, 2);
    assert_int_equal(lru_add(lru, 11), 1);
    assert_int_equal(lru_add(lru, 12), 3);
    assert_int_equal(lru_add(lru, 13), 4);
    assert_int_equal(lru_add(lru, 14), 2);
    assert_int_equal(lru_add(lru, 15), 1);
}

static void looking_is_not_using(void **state)
{
    (void)state;
    fill();
    assert_int_equal(lru_first(lru, 0), 1);
    assert_int_equal(lru_add(lru, 9), 1);
}

static void one_that_makes_room_leaves_its_chain_whole(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CAPACITY; i++)
        (void)lru_add(lru, 3 + i * PLACES); /* one chain */
    lru_use(lru, 1);
    assert_int_equal(lru_add(lru, 5), 2); /* from its middle */
    assert_int_equal(lru_first(lru, 3), 1);
    assert_int_equal(lru_first(lru, 3 + PLACES), LRU_NONE);
    assert_int_equal(lru_first(lru, 3 + 2 * PLACES), 3);
    assert_int_equal(lru_first(lru, 3 + 3 * PLACES), 4);
    assert_int_equal(lru_first(lru, 5), 2);
}

static void a_table_of_one_has_the_last(void **state)
{
    (void)state;
    struct lru *small = lru_new(1);
    assert_int_equal(lru_add(small, 1), 1);
    lru_use(small, 1);
    assert_int_equal(lru_add(small, 2), 1);
    assert_int_equal(lru_first(small, 1), LRU_NONE);
    assert_int_equal(lru_first(small, 2), 1);
    assert_int_equal(lru_size(small), 1);
    lru_destroy(&small);
}

/* Against a list in order of use, kept the slow way. */
static void any_sequence_is_as_a_list_would_have_it(void **state)
{
    (void)state;
    enum { STEPS = 20000, HASHES = 7 };
    uint32_t order[CAPACITY], count = 0, random = 1; /* hashes, oldest first */
    for (int step = 0; step < STEPS; step++) {
        random = random * 1103515245 + 12345;
        const uint32_t hash = (random >> 16) % HASHES * 3;
        uint32_t at = 0;
        while (at < count && order[at] != hash)
            at++;
        const uint32_t position = lru_first(lru, hash);
        assert_int_equal(position != LRU_NONE, at < count);
        if (position != LRU_NONE)
            lru_use(lru, position);
        else
            (void)lru_add(lru, hash);
        if (at == count && count == CAPACITY) at = 0;
        if (at == count) count++;
        for (uint32_t i = at; i + 1 < count; i++)
            order[i] = order[i + 1];
        order[count - 1] = hash;
    }
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_lru, close_lru)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(an_empty_table_has_nothing),
        CLAIM(what_was_added_is_found_by_its_hash),
        CLAIM(keys_of_one_hash_are_all_found),
        CLAIM(hashes_that_share_a_place_are_not_mixed_up),
        CLAIM(the_least_recently_added_makes_room),
        CLAIM(what_was_used_stays),
        CLAIM(using_one_in_the_middle_keeps_the_order_of_the_others),
        CLAIM(looking_is_not_using),
        CLAIM(one_that_makes_room_leaves_its_chain_whole),
        CLAIM(a_table_of_one_has_the_last),
        CLAIM(any_sequence_is_as_a_list_would_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
