/* Claims about price lists of groups of customers, as vendors and staff keep them and carts are
 * told of them, against a scratch database. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

enum { SECOND_US = 1000000 };

static struct uuid group;

static int draw_group(void **state)
{
    (void)state;
    static uint8_t drawn;
    group = (struct uuid){ .bytes = { [0] = 'g', [14] = ++drawn, [15] = 7 } };
    return 0;
}

static struct catalog_create_own_price_list wish(const char *name)
{
    return (struct catalog_create_own_price_list){
        .name = text_of(name), .group_ids = &group, .group_ids_count = 1, .currency = TEXT("EUR")
    };
}

static enum status create(const struct catalog_create_own_price_list *command,
                          struct catalog_price_list *ret_list)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_create_own_price_list_message, command,
                       ret_list);
}

static struct catalog_price_list made(const char *name)
{
    const struct catalog_create_own_price_list command = wish(name);
    struct catalog_price_list list;
    assert_int_equal(create(&command, &list), STATUS_OK);
    return list;
}

static struct catalog_price_list staffs(const char *name)
{
    const struct catalog_create_price_list command = {
        .name = text_of(name), .group_ids = &group, .group_ids_count = 1, .currency = TEXT("EUR")
    };
    struct catalog_price_list list;
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff, &catalog_create_price_list_message,
                                 &command, &list),
                     STATUS_OK);
    return list;
}

static struct catalog_own_product chair(const char *name)
{
    const struct catalog_create_product product = shelf_wish(name);
    return shelf_make(&product);
}

static struct catalog_price_wish price_of(const struct catalog_own_product *product,
                                          int64_t from_quantity, int64_t amount)
{
    return (struct catalog_price_wish){ .variant_id = product->variants[0].id,
                                        .has_from_quantity = true,
                                        .from_quantity = from_quantity,
                                        .has_unit_price = amount >= 0,
                                        .unit_price = { amount, "EUR" } };
}

static enum status set_as(const struct principal *who, struct uuid list_id,
                          const struct catalog_price_wish *wishes, size_t count,
                          struct catalog_prices_set *ret_set)
{
    const struct catalog_set_own_listed_prices own = { .list_id = list_id,
                                                       .prices = wishes,
                                                       .prices_count = count };
    const struct catalog_set_listed_prices any = { .list_id = list_id,
                                                   .prices = wishes,
                                                   .prices_count = count };
    return who->kind == PRINCIPAL_ADMIN
               ? direct_call(SHELF.market, who, &catalog_set_listed_prices_message, &any, ret_set)
               : direct_call(SHELF.market, who, &catalog_set_own_listed_prices_message, &own,
                             ret_set);
}

static struct catalog_prices_set set(struct uuid list_id, const struct catalog_price_wish *wishes,
                                     size_t count)
{
    struct catalog_prices_set reply;
    assert_int_equal(set_as(&SHELF.vendor, list_id, wishes, count, &reply), STATUS_OK);
    return reply;
}

static struct catalog_offer offer_of(const struct catalog_own_product *product,
                                     const char *currency)
{
    const struct catalog_get_offers query = { .variant_ids = &product->variants[0].id,
                                              .variant_ids_count = 1,
                                              .currency = text_of(currency) };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    return offers.offers[0];
}

static enum status change(struct catalog_change_own_price_list command,
                          struct catalog_price_list *ret_list)
{
    return direct_call(SHELF.market, &SHELF.vendor, &catalog_change_own_price_list_message,
                       &command, ret_list);
}

static void carts_are_told_what_groups_pay(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Told");
    const struct catalog_price_list list = made("Trade"), other = staffs("Everybody's");
    const struct catalog_price_wish wishes[] = { price_of(&product, 1, 450),
                                                 price_of(&product, 10, 400) };
    const struct catalog_prices_set done = set(list.id, wishes, 2);
    assert_int_equal(done.ok, 2);
    assert_int_equal(done.prices, 2);
    assert_int_equal(done.version, 2);
    struct catalog_prices_set reply;
    const struct catalog_price_wish lower = price_of(&product, 1, 420);
    assert_int_equal(set_as(&SHELF.staff, other.id, &lower, 1, &reply), STATUS_OK);
    assert_int_equal(reply.ok, 1);
    const struct catalog_offer offer = offer_of(&product, "EUR");
    assert_int_equal(offer.price.amount, 500);
    assert_int_equal(offer.group_prices_count, 3);
    assert_int_equal(offer.group_prices[0].unit_price.amount, 400);
    assert_int_equal(offer.group_prices[0].from_quantity, 10);
    assert_true(uuid_equals(offer.group_prices[0].list_id, list.id));
    assert_true(uuid_equals(offer.group_prices[0].group_id, group));
    assert_true(uuid_equals(offer.group_prices[1].list_id, other.id));
    assert_int_equal(offer_of(&product, "USD").group_prices_count, 0);
}

static void a_list_counts_while_it_is_active_and_runs(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Timed");
    const int64_t now_us = direct_now_us(SHELF.market);
    struct catalog_create_own_price_list command = wish("Timed");
    command.has_starts_at = command.has_ends_at = true;
    command.starts_at_us = now_us + 10 * SECOND_US;
    command.ends_at_us = now_us + 20 * SECOND_US;
    struct catalog_price_list list;
    assert_int_equal(create(&command, &list), STATUS_OK);
    const struct catalog_price_wish price = price_of(&product, 1, 450);
    (void)set(list.id, &price, 1);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 0);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 1);
    const struct catalog_change_own_price_list off = { .list_id = list.id,
                                                       .has_is_active = true,
                                                       .is_active = false };
    assert_int_equal(change(off, &list), STATUS_OK);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 0);
    const struct catalog_change_own_price_list on = { .list_id = list.id,
                                                      .has_is_active = true,
                                                      .is_active = true };
    assert_int_equal(change(on, &list), STATUS_OK);
    assert_int_equal(list.version, 4);
    direct_advance(SHELF.market, 10 * SECOND_US);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 0);
    const struct catalog_change_own_price_list longer = { .list_id = list.id,
                                                          .has_remove_ends_at = true,
                                                          .remove_ends_at = true };
    assert_int_equal(change(longer, &list), STATUS_OK);
    assert_false(list.has_ends_at);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 1);
}

static void wrong_lists_are_refused_at_their_field(void **state)
{
    (void)state;
    struct catalog_create_own_price_list command = wish("Wrong");
    struct catalog_price_list list;
    command.has_starts_at = command.has_ends_at = true;
    command.starts_at_us = command.ends_at_us = direct_now_us(SHELF.market);
    assert_int_equal(create(&command, &list), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/ends_at");
    command = wish("Over");
    command.has_ends_at = true;
    command.ends_at_us = direct_now_us(SHELF.market) - 1;
    assert_int_equal(create(&command, &list), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/ends_at");
    const char *const currencies[] = { "eur", "XYZ", "EU1" };
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        command = wish("Wrong");
        command.currency = text_of(currencies[i]);
        assert_int_equal(create(&command, &list), STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(SHELF.market).pointer, "/currency");
    }
    command = wish("Wrong");
    command.group_ids_count = 0;
    assert_int_equal(create(&command, &list), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/group_ids");
    command = wish("Wrong");
    command.group_ids = &SHELF.unknown_group;
    assert_int_equal(create(&command, &list), STATUS_NOT_FOUND);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/group_ids/0");
    command = wish(" \t ");
    assert_int_equal(create(&command, &list), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/name");
}

static void each_price_is_judged_by_itself(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Judged"), second = chair("Judged too");
    const struct catalog_price_list list = made("Judged");
    struct catalog_price_wish wishes[] = {
        price_of(&product, 1, 450), price_of(&product, 1, 440), price_of(&product, 2, 500),
        price_of(&product, 3, 501), price_of(&second, 1, 1),    price_of(&second, 2, 1),
    };
    memcpy(wishes[4].unit_price.currency, "JPY", 4);
    wishes[5].variant_id = SHELF.category; /* nobody's */
    const struct catalog_prices_set done = set(list.id, wishes, 6);
    assert_int_equal(done.ok, 1);
    assert_int_equal(done.refused, 5);
    assert_int_equal(done.prices, 1);
    const char *const codes[] = {
        "", "invalid_value", "invalid_value", "invalid_value", "invalid_value", "not_found"
    };
    for (size_t i = 1; i < 6; i++) {
        assert_int_equal(done.data[i].outcome, CATALOG_EDIT_OUTCOME_REFUSED);
        assert_text_equal(done.data[i].code, text_of(codes[i]));
    }
    assert_text_equal(done.data[2].pointer, TEXT("/prices/2/unit_price"));
    assert_text_equal(done.data[5].pointer, TEXT("/prices/5/variant_id"));
    struct catalog_prices_set reply;
    assert_int_equal(set_as(&SHELF.vendor, list.id, wishes, 0, &reply), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/prices");
}

static void the_same_again_changes_nothing_and_prices_are_replaced_and_taken_away(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Again");
    const struct catalog_price_list list = made("Again");
    struct catalog_price_wish price = price_of(&product, 1, 450);
    (void)set(list.id, &price, 1);
    (void)set(list.id, &price, 1);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 1);
    price.unit_price.amount = 0;
    assert_int_equal(set(list.id, &price, 1).prices, 1);
    assert_int_equal(offer_of(&product, "EUR").group_prices[0].unit_price.amount, 0);
    price.has_unit_price = false;
    assert_int_equal(set(list.id, &price, 1).prices, 0);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 0);
    const struct catalog_prices_set none = set(list.id, &price, 1);
    assert_int_equal(none.ok, 1);
    assert_int_equal(none.version, 5); /* nothing was written */
}

static void a_vendors_list_is_nobody_elses(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Own");
    const struct catalog_price_list list = made("Own"), staff_list = staffs("Own");
    const struct catalog_price_wish price = price_of(&product, 1, 450);
    struct catalog_prices_set reply;
    assert_int_equal(set_as(&SHELF.stranger, list.id, &price, 1, &reply), STATUS_NOT_FOUND);
    assert_int_equal(set_as(&SHELF.staff, list.id, &price, 1, &reply), STATUS_NOT_FOUND);
    assert_int_equal(set_as(&SHELF.vendor, staff_list.id, &price, 1, &reply), STATUS_NOT_FOUND);
    const struct catalog_get_own_price_list query = { .list_id = list.id };
    struct catalog_price_list seen;
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger, &catalog_get_own_price_list_message,
                                 &query, &seen),
                     STATUS_NOT_FOUND);
    const struct catalog_get_price_list any = { .list_id = list.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_get_price_list_message, &any, &seen),
        STATUS_OK);
    assert_true(seen.has_vendor_id);
    const struct catalog_remove_own_price_list take_away = { .list_id = list.id };
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                 &catalog_remove_own_price_list_message, &take_away, NULL),
                     STATUS_NOT_FOUND);
}

static void a_vendor_prices_its_own_goods_only(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Vendor's");
    const struct catalog_create_own_price_list command = wish("Stranger's");
    struct catalog_price_list list;
    assert_int_equal(direct_call(SHELF.market, &SHELF.stranger,
                                 &catalog_create_own_price_list_message, &command, &list),
                     STATUS_OK);
    const struct catalog_price_wish price = price_of(&product, 1, 450);
    struct catalog_prices_set reply;
    assert_int_equal(set_as(&SHELF.stranger, list.id, &price, 1, &reply), STATUS_OK);
    assert_int_equal(reply.refused, 1);
    assert_text_equal(reply.data[0].code, TEXT("not_found"));
}

static void prices_come_in_pages_and_go_with_their_list(void **state)
{
    (void)state;
    const struct catalog_own_product product = chair("Paged");
    const struct catalog_price_list list = made("Paged");
    const struct catalog_price_wish wishes[] = { price_of(&product, 1, 450),
                                                 price_of(&product, 2, 440),
                                                 price_of(&product, 3, 430) };
    (void)set(list.id, wishes, 3);
    struct catalog_list_own_listed_prices query = { .list_id = list.id,
                                                    .has_limit = true,
                                                    .limit = 2 };
    struct catalog_listed_prices page;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_list_own_listed_prices_message, &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 2);
    const int64_t others = page.data[0].from_quantity + page.data[1].from_quantity;
    assert_int_equal(page.data[0].list_price.amount, 500);
    assert_true(page.has_more);
    query.has_after = true;
    query.after = page.next;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_list_own_listed_prices_message, &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_int_equal(others + page.data[0].from_quantity, 6);
    assert_false(page.has_more);
    const int64_t old = 1;
    struct catalog_remove_own_price_list take_away = { .list_id = list.id,
                                                       .versions = &old,
                                                       .versions_count = 1 };
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_remove_own_price_list_message, &take_away, NULL),
                     STATUS_PRECONDITION_FAILED);
    take_away.versions_count = 0;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor,
                                 &catalog_remove_own_price_list_message, &take_away, NULL),
                     STATUS_OK);
    assert_int_equal(offer_of(&product, "EUR").group_prices_count, 0);
    assert_text_equal(shelf_sql("SELECT count(*) FROM catalog.price_list_price"
                                " WHERE list_id = '%s'",
                                list.id),
                      TEXT("0"));
}

static void the_list_of_a_group_is_found(void **state)
{
    (void)state;
    const struct catalog_find_price_list_of_group query = { .group_id = group };
    struct catalog_price_list_of_group found;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_find_price_list_of_group_message, &query, &found),
        STATUS_NOT_FOUND);
    const struct catalog_price_list list = made("Found");
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_find_price_list_of_group_message, &query, &found),
        STATUS_OK);
    assert_true(uuid_equals(found.list_id, list.id));
}

static void the_database_judges_last(void **state)
{
    (void)state;
    const struct catalog_price_list list = made("Judge");
    assert_text_equal(shelf_sql("SELECT catalog.price_list_is_sound(name, group_ids, currency, 5,"
                                " 5, 0)::text FROM catalog.price_list WHERE id = '%s'",
                                list.id),
                      TEXT("false"));
    assert_text_equal(shelf_sql("SELECT catalog.price_list_is_sound(name, group_ids, currency,"
                                " starts_at, ends_at, 5001)::text FROM catalog.price_list"
                                " WHERE id = '%s'",
                                list.id),
                      TEXT("false"));
    assert_text_equal(shelf_sql("SELECT catalog.price_list_is_sound(name, '{}', currency,"
                                " starts_at, ends_at, 0)::text FROM catalog.price_list"
                                " WHERE id = '%s'",
                                list.id),
                      TEXT("false"));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup(name, draw_group)
    const struct CMUnitTest tests[] = {
        CLAIM(carts_are_told_what_groups_pay),
        CLAIM(a_list_counts_while_it_is_active_and_runs),
        CLAIM(wrong_lists_are_refused_at_their_field),
        CLAIM(each_price_is_judged_by_itself),
        CLAIM(the_same_again_changes_nothing_and_prices_are_replaced_and_taken_away),
        CLAIM(a_vendors_list_is_nobody_elses),
        CLAIM(a_vendor_prices_its_own_goods_only),
        CLAIM(prices_come_in_pages_and_go_with_their_list),
        CLAIM(the_list_of_a_group_is_found),
        CLAIM(the_database_judges_last),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
