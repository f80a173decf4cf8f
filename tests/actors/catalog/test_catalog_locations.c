/* Claims about stock locations: what vendors do with them, and that the places are the stock. */
#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

#define SHELF shelf_of_all

static struct uuid variant, north, south;

static struct catalog_stock_location add_location(const struct principal *who, const char *name,
                                                  int64_t priority)
{
    const struct catalog_add_stock_location command = { .name = text_of(name),
                                                        .has_priority = true,
                                                        .priority = priority };
    struct catalog_stock_location location;
    assert_int_equal(
        direct_call(SHELF.market, who, &catalog_add_stock_location_message, &command, &location),
        STATUS_OK);
    return location;
}

/* A variant with 10 units; a vendor with two locations. */
static int stock_up(void **state)
{
    (void)state;
    static unsigned count;
    struct catalog_create_product wish =
        shelf_wish(text_format(SHELF.arena, "Placed %u", ++count).data);
    variant = shelf_make(&wish).variants[0].id;
    if (count == 1) {
        north = add_location(&SHELF.vendor, "North", 1).id;
        south = add_location(&SHELF.vendor, "South", 2).id;
    }
    return 0;
}

static int stock_is_sound(void **state)
{
    (void)state;
    return direct_sql_as_role(SHELF.market, "SELECT invariant FROM catalog.check_stock()"
                                            " UNION ALL SELECT invariant FROM"
                                            " catalog.check_locations()")
                       .length == 0
               ? 0
               : -1;
}

static struct catalog_stock_places look(void)
{
    const struct catalog_list_stock_places query = { .variant_id = variant };
    struct catalog_stock_places places;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_stock_places_message,
                                 &query, &places),
                     STATUS_OK);
    return places;
}

static void assert_places(int64_t in_north, int64_t in_south)
{
    const struct catalog_stock_places places = look();
    assert_int_equal(places.places_count, 2);
    assert_int_equal(places.places[0].on_hand, in_north);
    assert_int_equal(places.places[1].on_hand, in_south);
    const struct text total =
        shelf_sql("SELECT on_hand FROM catalog.stock WHERE variant_id = '%s'", variant);
    assert_true(
        text_equals(total, text_format(SHELF.arena, "%lld", (long long)(in_north + in_south))));
}

static enum status transfer_as(const struct principal *who, struct uuid from, struct uuid to,
                               int64_t quantity)
{
    const struct catalog_transfer_stock command = {
        .variant_id = variant, .from_id = from, .to_id = to, .quantity = quantity
    };
    struct catalog_stock_places places;
    return direct_call(SHELF.market, who, &catalog_transfer_stock_message, &command, &places);
}

static enum status transfer(struct uuid from, struct uuid to, int64_t quantity)
{
    return transfer_as(&SHELF.vendor, from, to, quantity);
}

static void sell(uint8_t name, int64_t quantity)
{
    const struct catalog_reserve_stock reserve = {
        .variant_id = variant,
        .reservation_id = { { name, 3 } },
        .quantity = quantity,
        .expires_at_us = direct_now_us(SHELF.market) + 600000000,
    };
    const struct catalog_commit_stock commit = { .variant_id = variant,
                                                 .reservation_id = { { name, 3 } } };
    struct catalog_stock_reserved reply;
    struct empty none;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_reserve_stock_message, &reserve, &reply),
        STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_commit_stock_message, &commit, &none),
                     STATUS_OK);
}

static void goods_lie_at_the_first_location_until_they_are_placed(void **state)
{
    (void)state;
    assert_places(10, 0);
    assert_int_equal(transfer(north, south, 4), STATUS_OK);
    assert_places(6, 4);
    assert_true(text_equals_string(
        shelf_sql("SELECT string_agg(kind || ' ' || delta, ', ' ORDER BY version)"
                  " FROM catalog.stock_movement WHERE variant_id = '%s'",
                  variant),
        "0 10, 6 0"));
}

static enum status remove_location(struct uuid location)
{
    const struct catalog_remove_stock_location remove = { .location_id = location };
    struct empty none;
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_remove_stock_location_message, &remove,
                       &none);
}

static void what_is_added_later_moves_nothing(void **state)
{
    (void)state;
    const struct uuid later = add_location(&SHELF.vendor, "Later", 0).id;
    const struct catalog_stock_places places = look();
    assert_int_equal(places.places_count, 3);
    assert_true(uuid_equals(places.places[0].location_id, later));
    assert_int_equal(places.places[0].on_hand, 0);
    assert_int_equal(places.places[1].on_hand, 10);
    assert_int_equal(remove_location(north), STATUS_LOCATION_NOT_EMPTY);
    assert_int_equal(transfer(north, later, 4), STATUS_OK);
    assert_int_equal(transfer(later, north, 4), STATUS_OK);
    assert_int_equal(remove_location(later), STATUS_OK);
    assert_places(10, 0);
}

static enum status set_active(struct uuid location, bool is_active)
{
    const struct catalog_change_stock_location change = { .location_id = location,
                                                          .has_is_active = true,
                                                          .is_active = is_active };
    struct catalog_stock_location changed;
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_stock_location_message, &change,
                       &changed);
}

static enum status count_at(struct uuid location, int64_t on_hand)
{
    const struct catalog_set_stock_place count = { .variant_id = variant,
                                                   .location_id = location,
                                                   .on_hand = on_hand };
    struct catalog_stock_places places;
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_place_message, &count,
                       &places);
}

static void what_is_not_active_has_nothing_to_sell(void **state)
{
    (void)state;
    const struct uuid barn = add_location(&SHELF.vendor, "Barn", 6).id;
    const struct catalog_receive_stock receipt = {
        .variant_id = variant, .quantity = 3, .has_location_id = true, .location_id = barn
    };
    assert_int_equal(transfer(north, barn, 4), STATUS_OK);
    assert_int_equal(set_active(barn, false), STATUS_LOCATION_NOT_EMPTY);
    assert_int_equal(set_active(north, false), STATUS_INVALID_VALUE);
    assert_int_equal(transfer(barn, north, 4), STATUS_OK);
    assert_int_equal(set_active(barn, false), STATUS_OK);
    assert_int_equal(transfer(north, barn, 1), STATUS_INVALID_VALUE);
    assert_int_equal(count_at(barn, 1), STATUS_INVALID_VALUE);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &receipt, NULL),
        STATUS_INVALID_VALUE);
    sell(31, 10);
    assert_int_equal(look().places[2].on_hand, 0);
    assert_int_equal(set_active(barn, true), STATUS_OK);
    assert_int_equal(remove_location(barn), STATUS_OK);
    assert_places(0, 0);
}

/* Neither sees what the other has not committed yet: the row of the location decides. */
static void a_transfer_and_an_end_at_once_leave_nothing_behind(void **state)
{
    (void)state;
    const struct uuid fourth = add_location(&SHELF.vendor, "Fourth", 4).id;
    direct_queue_units(SHELF.market);
    assert_int_equal(set_active(fourth, false), STATUS_OK);
    assert_int_equal(transfer(north, fourth, 2), STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_int_equal(look().places[2].on_hand, 0);
    assert_int_equal(remove_location(fourth), STATUS_OK);
}

static void a_count_at_a_location_changes_the_stock_by_its_own_difference(void **state)
{
    (void)state;
    const struct catalog_set_stock_policy policy = {
        .variant_id = variant,
        .policy = CATALOG_STOCK_POLICY_BACKORDER,
        .has_limit = true,
        .limit = 5,
    };
    struct catalog_stock_level level;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_policy_message,
                                 &policy, &level),
                     STATUS_OK);
    sell(41, 12);
    const struct catalog_receive_stock receipt = {
        .variant_id = variant, .quantity = 1, .has_location_id = true, .location_id = south
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &receipt, &level),
        STATUS_OK);
    assert_int_equal(level.owed, 1);
    assert_int_equal(count_at(south, 0), STATUS_OK);
    assert_int_equal(look().places[0].on_hand, 0);
    assert_true(text_equals_string(
        shelf_sql("SELECT on_hand FROM catalog.stock WHERE variant_id = '%s'", variant), "-1"));
    assert_int_equal(count_at(south, 5), STATUS_OK);
    assert_places(0, 4);
    assert_int_equal(count_at(north, 2), STATUS_OK);
    assert_places(2, 4);
}

static void names_of_locations_tell_them_apart(void **state)
{
    (void)state;
    struct catalog_add_stock_location add = { .name = TEXT("  ") };
    struct catalog_stock_location location;
    const enum status wanted = STATUS_INVALID_VALUE;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_add_stock_location_message,
                                 &add, &location),
                     wanted);
    add.name = TEXT("nORTH ");
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_add_stock_location_message,
                                 &add, &location),
                     wanted);
    struct catalog_change_stock_location change = { .location_id = south,
                                                    .has_name = true,
                                                    .name = TEXT("North") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_change_stock_location_message, &change, &location),
                     wanted);
    change.name = TEXT(" South ");
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_change_stock_location_message, &change, &location),
                     STATUS_OK);
    assert_true(text_equals_string(location.name, "South"));
}

static void a_transfer_of_more_than_there_is_is_refused(void **state)
{
    (void)state;
    assert_int_equal(transfer(north, south, 11), STATUS_NOT_ENOUGH_THERE);
    assert_int_equal(transfer(south, north, 1), STATUS_NOT_ENOUGH_THERE);
    assert_int_equal(transfer(north, north, 1), STATUS_INVALID_VALUE);
    assert_int_equal(transfer(north, (struct uuid){ { 99 } }, 1), STATUS_NOT_FOUND);
    assert_int_equal(transfer_as(&SHELF.stranger, north, south, 1), STATUS_NOT_FOUND);
    const struct uuid another = add_location(&SHELF.stranger, "Elsewhere", 0).id;
    assert_int_equal(transfer(north, another, 1), STATUS_NOT_FOUND);
    assert_places(10, 0);
}

static void a_slip_names_the_first_location_of_what_nobody_has_placed(void **state)
{
    (void)state;
    const struct catalog_find_stock_sources query = { .reservation_id = { { 61, 3 } },
                                                      .variant_ids = &variant,
                                                      .variant_ids_count = 1 };
    struct catalog_stock_sources sources;
    sell(61, 4);
    for (int i = 0; i < 2; i++) { /* and once it is placed, too */
        assert_int_equal(
            direct_call(SHELF.market, NULL, &catalog_find_stock_sources_message, &query, &sources),
            STATUS_OK);
        assert_int_equal(sources.data_count, 1);
        assert_true(uuid_equals(sources.data[0].location_id, north));
        assert_int_equal(sources.data[0].quantity, 4);
        assert_int_equal(transfer(north, south, 1), STATUS_OK);
    }
}

static void what_is_sold_is_settled_afterwards_once(void **state)
{
    (void)state;
    const struct catalog_find_stock_sources query = { .reservation_id = { { 1, 3 } },
                                                      .variant_ids = &variant,
                                                      .variant_ids_count = 1 };
    struct catalog_stock_sources sources;
    assert_int_equal(transfer(north, south, 7), STATUS_OK);
    sell(1, 5);
    assert_places(3, 2);
    assert_int_equal(direct_sweep(SHELF.market, "stock_places"), STATUS_OK);
    assert_int_equal(direct_sweep(SHELF.market, "stock_places"), STATUS_OK);
    assert_places(3, 2);
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_find_stock_sources_message, &query, &sources),
        STATUS_OK);
    assert_int_equal(sources.data_count, 1);
    assert_true(uuid_equals(sources.data[0].location_id, south));
    assert_int_equal(sources.data[0].quantity, 5);
    const struct catalog_restock_units back = {
        .variant_id = variant, .restock_id = { { 4 } }, .group_id = { { 1, 3 } }, .quantity = 2
    };
    struct empty none;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_restock_units_message, &back, &none),
                     STATUS_OK);
    assert_places(3, 4);
    assert_int_equal(direct_sweep(SHELF.market, "stock_places"), STATUS_OK);
    assert_places(3, 4);
}

static void counts_and_receipts_at_a_location_are_the_stocks(void **state)
{
    (void)state;
    struct catalog_set_stock_place count = { .variant_id = variant,
                                             .location_id = south,
                                             .on_hand = 5 };
    const struct catalog_receive_stock receipt = {
        .variant_id = variant, .quantity = 3, .has_location_id = true, .location_id = south
    };
    struct catalog_stock_places places;
    struct catalog_stock_level level;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_place_message, &count, &places),
        STATUS_OK);
    assert_places(10, 5);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_receive_stock_message, &receipt, &level),
        STATUS_OK);
    assert_int_equal(level.on_hand, 18);
    assert_places(10, 8);
    sell(11, 9);
    count.on_hand = 8;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_place_message, &count, &places),
        STATUS_OK);
    assert_places(1, 8);
    count.location_id = (struct uuid){ { 98 } };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_stock_place_message, &count, &places),
        STATUS_NOT_FOUND);
}

/* A settling and a transfer that begin with the same rows: one of them goes again. */
static void two_at_once_count_nothing_twice(void **state)
{
    (void)state;
    const struct catalog_settle_stock settle = { .variant_id = variant };
    struct empty none;
    assert_int_equal(transfer(north, south, 6), STATUS_OK);
    sell(21, 2);
    direct_queue_units(SHELF.market);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_settle_stock_message, &settle, &none),
                     STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_settle_stock_message, &settle, &none),
                     STATUS_OK);
    assert_int_equal(direct_commit_units(SHELF.market), 1);
    assert_places(2, 6);
}

static void a_location_with_something_stays_and_an_empty_one_goes(void **state)
{
    (void)state;
    const struct uuid third = add_location(&SHELF.vendor, "Third", 3).id;
    const struct catalog_remove_stock_location remove = { .location_id = third };
    struct empty none;
    assert_int_equal(transfer(north, third, 2), STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_remove_stock_location_message, &remove, &none),
                     STATUS_LOCATION_NOT_EMPTY);
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                 &catalog_remove_stock_location_message, &remove, &none),
                     STATUS_NOT_FOUND);
    assert_int_equal(transfer(third, south, 2), STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_remove_stock_location_message, &remove, &none),
                     STATUS_OK);
    assert_int_equal(transfer(north, third, 2), STATUS_NOT_FOUND);
    assert_places(8, 2);
}

static void a_vendor_has_twenty_locations_at_most(void **state)
{
    (void)state;
    struct catalog_stock_locations all;
    const struct catalog_list_stock_locations query = { 0 };
    for (;;) {
        assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                     &catalog_list_stock_locations_message, &query, &all),
                         STATUS_OK);
        if (all.data_count == 20) break;
        (void)add_location(&SHELF.stranger,
                           text_format(SHELF.arena, "Number %zu", all.data_count).data, 5);
    }
    const struct catalog_add_stock_location command = { .name = TEXT("Too many") };
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger, &catalog_add_stock_location_message,
                                 &command, NULL),
                     STATUS_TOO_MANY_LOCATIONS);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, stock_up, stock_is_sound)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(goods_lie_at_the_first_location_until_they_are_placed),
        CLAIM(what_is_added_later_moves_nothing),
        CLAIM(what_is_not_active_has_nothing_to_sell),
        CLAIM(a_transfer_and_an_end_at_once_leave_nothing_behind),
        CLAIM(a_count_at_a_location_changes_the_stock_by_its_own_difference),
        CLAIM(names_of_locations_tell_them_apart),
        CLAIM(a_transfer_of_more_than_there_is_is_refused),
        CLAIM(a_slip_names_the_first_location_of_what_nobody_has_placed),
        CLAIM(what_is_sold_is_settled_afterwards_once),
        CLAIM(counts_and_receipts_at_a_location_are_the_stocks),
        CLAIM(two_at_once_count_nothing_twice),
        CLAIM(a_location_with_something_stays_and_an_empty_one_goes),
        CLAIM(a_vendor_has_twenty_locations_at_most),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
