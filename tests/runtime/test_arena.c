/* The memory of a request. */
#include <string.h>

#include "runtime/arena.h"
#include "tests/support/cmocka.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    for (size_t size = 0; size < 2000; size += 7) {
        const char *data = arena_allocate(arena, size);
        assert_int_equal((uintptr_t)data % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(data[i], 0);
    }
    arena_destroy(&arena);
    assert_null(arena);
}

static void big_allocations_do_not_disturb_small_ones(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    char *small = arena_copy(arena, "small", 6);
    char *big = arena_allocate(arena, 1 << 20);
    memset(big, 'x', 1 << 20);
    char *other = arena_copy(arena, "other", 6);
    assert_string_equal(small, "small");
    assert_string_equal(other, "other");
    assert_int_equal(arena_used(arena), (1 << 20) + 12);
    arena_destroy(&arena);
}

static void reset_forgets_and_hands_out_zeroed_memory_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    memset(arena_allocate(arena, 100), 'x', 100);
    (void)arena_allocate_array(arena, 1000, 10);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    const char *data = arena_allocate(arena, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(data[i], 0);
    arena_destroy(&arena);
    arena_destroy(&arena);
}

static void reset_after_a_big_first_allocation_starts_anew(void **state)
{
    (void)state;
    struct arena *arena = arena_new(256);
    (void)arena_allocate(arena, 1 << 20);
    arena_reset(arena);
    assert_string_equal(arena_copy(arena, "small", 6), "small");
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(big_allocations_do_not_disturb_small_ones),
        cmocka_unit_test(reset_forgets_and_hands_out_zeroed_memory_again),
        cmocka_unit_test(reset_after_a_big_first_allocation_starts_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
