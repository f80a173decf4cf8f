/* Claims about where the units of a variant are taken from and come to. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/catalog_places.h"

enum { NORTH, SOUTH, WEST };

/* Three locations in the order in which units are taken. */
static struct catalog_places *places_with(int64_t north, int64_t south, int64_t west)
{
    static struct catalog_places places;
    const int64_t levels[] = { north, south, west };
    places.count = ARRAY_LENGTH(levels);
    places.splits_count = 0;
    for (uint8_t i = 0; i < places.count; i++)
        places.places[i] = (struct catalog_place){ .location_id = { { i + 1 } },
                                                   .is_active = true,
                                                   .on_hand = levels[i] };
    return &places;
}

static void assert_levels(const struct catalog_places *places, int64_t north, int64_t south,
                          int64_t west)
{
    assert_int_equal(places->places[NORTH].on_hand, north);
    assert_int_equal(places->places[SOUTH].on_hand, south);
    assert_int_equal(places->places[WEST].on_hand, west);
}

static void settle(struct catalog_places *places, int64_t version, int64_t delta)
{
    catalog_places_settle(places,
                          &(struct catalog_unsettled){ .version = version, .delta = delta });
}

static void a_sale_is_taken_from_the_first_location_that_has_all(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(2, 5, 9);
    settle(places, 1, -4);
    assert_levels(places, 2, 1, 9);
    settle(places, 2, -2);
    assert_levels(places, 0, 1, 9);
}

static void a_sale_that_none_has_is_taken_from_each_in_turn(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(2, 5, 3);
    settle(places, 1, -9);
    assert_levels(places, 0, 0, 1);
    assert_int_equal(places->splits_count, 3);
}

static void a_location_that_is_not_active_is_taken_from_last(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(9, 2, 2);
    places->places[NORTH].is_active = false;
    settle(places, 1, -5);
    assert_levels(places, 8, 0, 0);
}

static void the_default_is_what_was_made_first_in_whatever_order(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(0, 0, 0);
    places->places[NORTH].created_at_us = 2;
    places->places[SOUTH].created_at_us = 1;
    places->places[WEST].created_at_us = 3;
    assert_int_equal(catalog_places_default(places), SOUTH);
    settle(places, 1, 5);
    assert_levels(places, 0, 5, 0);
}

static void what_is_owed_is_taken_from_where_something_lies(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(0, 0, 0);
    settle(places, 1, -2);
    assert_levels(places, -2, 0, 0);
    catalog_places_put(places, 2, WEST, 5); /* a count */
    assert_levels(places, 0, 0, 3);
    places = places_with(-2, 0, 0);
    catalog_places_put(places, 1, SOUTH, 1); /* a receipt */
    assert_levels(places, -1, 0, 0);
}

static void nothing_comes_back_to_where_nothing_may_come(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(0, 0, 0);
    places->places[WEST].is_active = false;
    catalog_places_settle(places, &(struct catalog_unsettled){ .version = 1,
                                                               .delta = 2,
                                                               .is_restock = true,
                                                               .reference = { { 8 } },
                                                               .given = { [WEST] = 2 } });
    assert_levels(places, 2, 0, 0);
}

static void what_nobody_has_is_owed_by_the_default_and_filled_first(void **state)
{
    (void)state;
    struct catalog_places *places = places_with(1, 1, 0);
    settle(places, 1, -5);
    assert_levels(places, -3, 0, 0);
    settle(places, 2, 4);
    assert_levels(places, 1, 0, 0);
}

static void what_comes_back_goes_where_it_was_taken(void **state)
{
    (void)state;
    const struct uuid sale = { { 7 } };
    struct catalog_places *places = places_with(1, 2, 9);
    catalog_places_settle(
        places, &(struct catalog_unsettled){ .version = 1, .delta = -2, .reference = sale });
    assert_levels(places, 1, 0, 9);
    settle(places, 2, -9);
    assert_levels(places, 1, 0, 0);
    catalog_places_settle(places,
                          &(struct catalog_unsettled){
                              .version = 3, .delta = 1, .is_restock = true, .reference = sale });
    assert_levels(places, 1, 1, 0);
    /* More than was taken there: the rest goes where units come by themselves. */
    catalog_places_settle(places,
                          &(struct catalog_unsettled){
                              .version = 4, .delta = 3, .is_restock = true, .reference = sale });
    assert_levels(places, 3, 2, 0);
    /* Of a sale that was settled before. */
    catalog_places_settle(places, &(struct catalog_unsettled){ .version = 5,
                                                               .delta = 2,
                                                               .is_restock = true,
                                                               .reference = { { 8 } },
                                                               .given = { [WEST] = 2 } });
    assert_levels(places, 3, 2, 2);
}

static uint64_t draw(uint64_t *seed, uint64_t end)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % end;
}

/* Whatever happens, in whatever order: the places are the stock, and splits their movements. */
static void no_walk_loses_a_unit(void **state)
{
    (void)state;
    for (uint64_t start = 1; start <= 200; start++) {
        uint64_t seed = start;
        struct catalog_places *places = places_with(5, 5, 5);
        int64_t total = 15, deltas[CATALOG_SETTLED_MAX + 1] = { 0 };
        for (int64_t version = 1; version <= CATALOG_SETTLED_MAX; version++) {
            const int64_t delta = (int64_t)draw(&seed, 15) - 8;
            const size_t place = draw(&seed, 3);
            places->places[draw(&seed, 3)].is_active = draw(&seed, 2) == 0;
            if (draw(&seed, 5) == 0) { /* a transfer */
                catalog_places_put(places, version, place, -3);
                catalog_places_put(places, version, (place + 1) % 3, 3);
                continue;
            }
            catalog_places_settle(places, &(struct catalog_unsettled){
                                              .version = version,
                                              .delta = delta,
                                              .is_restock = delta > 0 && draw(&seed, 2) == 0,
                                              .reference = { { (uint8_t)(1 + draw(&seed, 4)) } } });
            deltas[version] = delta;
            total += delta;
            assert_int_equal(places->places[0].on_hand + places->places[1].on_hand +
                                 places->places[2].on_hand,
                             total);
            for (size_t i = 0; total >= 0 && i < 3; i++)
                assert_true(places->places[i].on_hand >= 0);
        }
        for (size_t i = 0; i < places->splits_count; i++)
            deltas[places->splits[i].version] -= places->splits[i].delta;
        for (size_t i = 0; i <= CATALOG_SETTLED_MAX; i++)
            assert_int_equal(deltas[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_is_taken_from_the_first_location_that_has_all),
        cmocka_unit_test(a_sale_that_none_has_is_taken_from_each_in_turn),
        cmocka_unit_test(a_location_that_is_not_active_is_taken_from_last),
        cmocka_unit_test(the_default_is_what_was_made_first_in_whatever_order),
        cmocka_unit_test(what_is_owed_is_taken_from_where_something_lies),
        cmocka_unit_test(nothing_comes_back_to_where_nothing_may_come),
        cmocka_unit_test(what_nobody_has_is_owed_by_the_default_and_filled_first),
        cmocka_unit_test(what_comes_back_goes_where_it_was_taken),
        cmocka_unit_test(no_walk_loses_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
