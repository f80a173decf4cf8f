/* Claims about the rules of stock and of category paths. */
#include <string.h>

#include "tests/actors/catalog/stock_builders.h"

static void reserve_takes_what_is_available(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation wish = wish_for(1, 5);
    bool is_changed = false;
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(stock->on_hand, 5);
    assert_int_equal(stock->held, 5);
    assert_int_equal(stock->version, 2);
    assert_int_equal(catalog_stock_available(stock), 0);
}

static void reserve_beyond_the_stock_changes_nothing(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation wish = wish_for(1, 6);
    bool is_changed;
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(stock->held, 0);
    assert_int_equal(stock->version, 1);
    assert_null(catalog_stock_recall(stock, wish.id));
}

static void reserve_of_an_inactive_variant_is_refused(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation wish = wish_for(1, 1);
    bool is_changed;
    stock->is_active = false;
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_INSUFFICIENT_STOCK);
}

static void repeated_reserve_changes_nothing(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed = true;
    assert_int_equal(catalog_stock_reserve(stock, &reservation, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(stock->held, 3);
    assert_int_equal(stock->version, 2);
}

static void release_gives_the_units_back(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed = false;
    assert_int_equal(catalog_stock_release(stock, &reservation, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(stock->held, 0);
    assert_int_equal(catalog_stock_recall(stock, reservation.id)->state,
                     CATALOG_RESERVATION_RELEASED);
    assert_int_equal(catalog_stock_release(stock, &reservation, &is_changed), STATUS_OK);
    assert_false(is_changed);
}

static void release_of_an_unknown_reservation_refuses_a_late_reserve(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation unknown = { .id = { .bytes = { 7 } } };
    bool is_changed = false;
    assert_int_equal(catalog_stock_release(stock, &unknown, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(unknown.quantity, 0);
    assert_int_equal(stock->version, 1);
    struct catalog_reservation late = *catalog_stock_recall(stock, unknown.id);
    assert_int_equal(catalog_stock_reserve(stock, &late, &is_changed), STATUS_RESERVATION_RELEASED);
}

static void commit_sells_what_is_held(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed = false;
    assert_int_equal(catalog_stock_commit(stock, &reservation, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(stock->on_hand, 2);
    assert_int_equal(stock->held, 0);
    assert_int_equal(stock->sold, 3);
    assert_int_equal(catalog_stock_commit(stock, &reservation, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(catalog_stock_release(stock, &reservation, &is_changed),
                     STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(stock->sold, 3);
}

static void commit_of_what_is_not_held_is_refused(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation unknown = { .id = { .bytes = { 9 } } };
    struct catalog_reservation released = held(stock, 1, 3);
    bool is_changed;
    assert_int_equal(catalog_stock_commit(stock, &unknown, &is_changed), STATUS_NOT_FOUND);
    assert_int_equal(catalog_stock_release(stock, &released, &is_changed), STATUS_OK);
    assert_int_equal(catalog_stock_commit(stock, &released, &is_changed),
                     STATUS_RESERVATION_RELEASED);
    assert_int_equal(stock->sold, 0);
}

static void a_reservation_expires_at_its_time_and_not_before(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed = true;
    catalog_stock_expire(stock, &reservation, 999, &is_changed);
    assert_false(is_changed);
    assert_int_equal(stock->held, 3);
    catalog_stock_expire(stock, &reservation, 1000, &is_changed);
    assert_true(is_changed);
    assert_int_equal(stock->held, 0);
    assert_int_equal(reservation.state, CATALOG_RESERVATION_EXPIRED);
    catalog_stock_expire(stock, &reservation, 2000, &is_changed);
    assert_false(is_changed);
}

static void a_reservation_that_is_kept_stays_until_the_new_time(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed;
    catalog_stock_keep(stock, &reservation, 999, 5000, &is_changed);
    assert_false(is_changed); /* its time is not over */
    catalog_stock_keep(stock, &reservation, 1000, 5000, &is_changed);
    assert_true(is_changed);
    assert_int_equal(catalog_stock_recall(stock, reservation.id)->expires_at_us, 5000);
    catalog_stock_expire(stock, &reservation, 4999, &is_changed);
    assert_false(is_changed);
    assert_int_equal(stock->held, 3);
}

static void an_expired_reservation_is_sold_while_the_units_are_free(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation late = held(stock, 1, 3), later = held(stock, 2, 2);
    bool is_changed;
    catalog_stock_expire(stock, &late, 1000, &is_changed);
    catalog_stock_expire(stock, &later, 1000, &is_changed);
    (void)held(stock, 3, 1);
    assert_int_equal(catalog_stock_commit(stock, &late, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(catalog_stock_commit(stock, &later, &is_changed), STATUS_RESERVATION_RELEASED);
    assert_int_equal(stock->on_hand, 2);
    assert_int_equal(stock->held, 1);
    assert_int_equal(stock->sold, 3);
}

static void stock_is_set_down_to_what_is_held(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    bool is_changed = true;
    (void)held(stock, 1, 3);
    assert_int_equal(catalog_stock_set(stock, 5, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(stock->version, 2);
    assert_int_equal(catalog_stock_set(stock, 3, &is_changed), STATUS_OK);
    assert_true(is_changed);
    assert_int_equal(catalog_stock_available(stock), 0);
    assert_int_equal(stock->version, 3);
    assert_int_equal(catalog_stock_set(stock, 2, &is_changed), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(stock->on_hand, 3);
    assert_int_equal(stock->version, 3);
}

static void what_was_held_of_a_variant_that_is_gone_is_still_sold(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation sold = held(stock, 1, 3), freed = held(stock, 2, 1);
    bool is_changed;
    stock->is_active = false;
    assert_int_equal(catalog_stock_available(stock), 0);
    assert_int_equal(catalog_stock_commit(stock, &sold, &is_changed), STATUS_OK);
    assert_int_equal(catalog_stock_release(stock, &freed, &is_changed), STATUS_OK);
    assert_int_equal(stock->on_hand, 2);
    assert_int_equal(stock->held, 0);
}

static void the_memory_keeps_a_reservation_once_in_its_newest_state(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(5);
    struct catalog_reservation reservation = held(stock, 1, 3);
    bool is_changed;
    assert_int_equal(catalog_stock_commit(stock, &reservation, &is_changed), STATUS_OK);
    assert_int_equal(stock->recent_count, 1);
    assert_int_equal(catalog_stock_recall(stock, reservation.id)->state,
                     CATALOG_RESERVATION_COMMITTED);
}

static void the_memory_keeps_the_newest_reservations(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(1000);
    for (uint8_t name = 1; name <= CATALOG_RECENT_MAX + 2; name++)
        (void)held(stock, name, 1);
    assert_int_equal(stock->recent_count, CATALOG_RECENT_MAX);
    assert_null(catalog_stock_recall(stock, wish_for(1, 1).id));
    assert_null(catalog_stock_recall(stock, wish_for(2, 1).id));
    assert_non_null(catalog_stock_recall(stock, wish_for(3, 1).id));
    assert_non_null(catalog_stock_recall(stock, wish_for(CATALOG_RECENT_MAX + 2, 1).id));
    assert_int_equal(stock->held, CATALOG_RECENT_MAX + 2);
}

static void a_path_is_split_trimmed_and_joined_again(void **state)
{
    struct catalog_path path;
    assert_int_equal(catalog_path_split(*state, TEXT(" Home >  Kitchen & Bar > A>B"), &path),
                     STATUS_OK);
    assert_int_equal(path.levels, 3);
    assert_true(text_equals_string(path.names[1], "Kitchen & Bar"));
    assert_true(text_equals_string(path.paths[0], "Home"));
    assert_true(text_equals_string(path.paths[2], "Home > Kitchen & Bar > A>B"));
}

static void a_path_with_an_empty_name_is_refused(void **state)
{
    struct catalog_path path;
    assert_int_equal(catalog_path_split(*state, TEXT(""), &path), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_path_split(*state, TEXT("   "), &path), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_path_split(*state, TEXT("A > "), &path), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_path_split(*state, TEXT(" > A"), &path), STATUS_INVALID_VALUE);
    assert_int_equal(catalog_path_split(*state, TEXT("A > > B"), &path), STATUS_INVALID_VALUE);
}

static void a_path_of_sixteen_levels_is_refused(void **state)
{
    struct catalog_path path;
    assert_int_equal(
        catalog_path_split(
            *state, TEXT("a > b > c > d > e > f > g > h > i > j > k > l > m > n > o"), &path),
        STATUS_OK);
    assert_int_equal(path.levels, CATALOG_LEVELS_MAX);
    assert_int_equal(
        catalog_path_split(
            *state, TEXT("a > b > c > d > e > f > g > h > i > j > k > l > m > n > o > p"), &path),
        STATUS_INVALID_VALUE);
}

static void names_and_paths_that_are_too_long_are_refused(void **state)
{
    char bytes[CATALOG_PATH_MAX + 1];
    struct catalog_path path;
    memset(bytes, 'x', sizeof bytes);
    struct text text = { .data = bytes, .length = CATALOG_CATEGORY_NAME_MAX };
    assert_int_equal(catalog_path_split(*state, text, &path), STATUS_OK);
    text.length++;
    assert_int_equal(catalog_path_split(*state, text, &path), STATUS_INVALID_VALUE);
    memcpy(bytes + 150, " > ", 3);
    memcpy(bytes + 300, " > ", 3);
    text.length = CATALOG_PATH_MAX;
    assert_int_equal(catalog_path_split(*state, text, &path), STATUS_OK);
    text.length++;
    assert_int_equal(catalog_path_split(*state, text, &path), STATUS_INVALID_VALUE);
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
        cmocka_unit_test(reserve_takes_what_is_available),
        cmocka_unit_test(reserve_beyond_the_stock_changes_nothing),
        cmocka_unit_test(reserve_of_an_inactive_variant_is_refused),
        cmocka_unit_test(repeated_reserve_changes_nothing),
        cmocka_unit_test(release_gives_the_units_back),
        cmocka_unit_test(release_of_an_unknown_reservation_refuses_a_late_reserve),
        cmocka_unit_test(commit_sells_what_is_held),
        cmocka_unit_test(commit_of_what_is_not_held_is_refused),
        cmocka_unit_test(a_reservation_expires_at_its_time_and_not_before),
        cmocka_unit_test(a_reservation_that_is_kept_stays_until_the_new_time),
        cmocka_unit_test(an_expired_reservation_is_sold_while_the_units_are_free),
        cmocka_unit_test(stock_is_set_down_to_what_is_held),
        cmocka_unit_test(what_was_held_of_a_variant_that_is_gone_is_still_sold),
        cmocka_unit_test(the_memory_keeps_a_reservation_once_in_its_newest_state),
        cmocka_unit_test(the_memory_keeps_the_newest_reservations),
        cmocka_unit_test(a_path_is_split_trimmed_and_joined_again),
        cmocka_unit_test(a_path_with_an_empty_name_is_refused),
        cmocka_unit_test(a_path_of_sixteen_levels_is_refused),
        cmocka_unit_test(names_and_paths_that_are_too_long_are_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
