/* Claims about what staff says about searches, against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/shelf.h"

#define SHELF shelf_of_all

static size_t count_told(void)
{
    return direct_events(SHELF.market, catalog_search_rules_were_changed_message.number);
}

/* ---- synonyms ---- */

static enum status create(const struct text *words, size_t count,
                          struct catalog_synonym_group *ret_group)
{
    const struct catalog_create_synonyms command = { .word = words[0],
                                                     .synonyms = words + 1,
                                                     .synonyms_count = count - 1 };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_create_synonyms_message, &command,
                       ret_group);
}

static struct catalog_synonym_groups list_groups(void)
{
    const struct catalog_list_synonyms query = { .has_limit = true, .limit = 100 };
    struct catalog_synonym_groups groups;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_synonyms_message, &query, &groups),
        STATUS_OK);
    return groups;
}

static void group_of_synonyms_is_made_changed_and_taken_away(void **state)
{
    (void)state;
    const struct text words[] = { TEXT("trainers"), TEXT(" sneakers ") };
    const struct text more[] = { TEXT("trainers"), TEXT("running shoes") };
    struct catalog_synonym_group group;
    const size_t told = count_told();
    assert_int_equal(create(words, 2, &group), STATUS_OK);
    assert_true(text_equals_string(group.words[1], "sneakers"));
    const struct catalog_change_synonyms change = {
        .synonym_id = group.id, .word = more[0], .synonyms = more + 1, .synonyms_count = 1
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_change_synonyms_message, &change, &group),
        STATUS_OK);
    assert_int_equal(group.version, 2);
    assert_int_equal(list_groups().data_count, 1);
    assert_true(text_equals_string(list_groups().data[0].words[1], "running shoes"));
    const struct catalog_remove_synonyms gone = { .synonym_id = group.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_remove_synonyms_message, &gone, NULL),
        STATUS_OK);
    assert_int_equal(list_groups().data_count, 0);
    assert_int_equal(count_told(), told + 3);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_remove_synonyms_message, &gone, NULL),
        STATUS_NOT_FOUND);
}

static void group_changes_only_at_the_version_that_was_read(void **state)
{
    (void)state;
    const struct text words[] = { TEXT("mug"), TEXT("cup") };
    const int64_t stale = 7;
    struct catalog_synonym_group group;
    assert_int_equal(create(words, 2, &group), STATUS_OK);
    const struct catalog_change_synonyms change = { .synonym_id = group.id,
                                                    .word = words[0],
                                                    .synonyms = words + 1,
                                                    .synonyms_count = 1,
                                                    .versions = &stale,
                                                    .versions_count = 1 };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_change_synonyms_message, &change, &group),
        STATUS_PRECONDITION_FAILED);
}

static void words_that_make_no_group_are_refused(void **state)
{
    (void)state;
    const struct text one[] = { TEXT("alone") };
    const struct text same[] = { TEXT("Café"), TEXT("cafe") };
    const struct text blank[] = { TEXT("tea"), TEXT("  ") };
    const size_t told = count_told();
    assert_int_equal(create(one, 1, NULL), STATUS_INVALID_VALUE);
    assert_int_equal(create(same, 2, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(SHELF.market).pointer, "/synonyms/0");
    assert_int_equal(create(blank, 2, NULL), STATUS_INVALID_VALUE);
    assert_int_equal(count_told(), told);
}

static void more_groups_than_a_search_knows_are_refused(void **state)
{
    (void)state;
    const struct text words[] = { TEXT("sofa"), TEXT("couch") };
    (void)direct_sql(SHELF.market,
                     "WITH i AS (INSERT INTO catalog.search_synonym (id, words, created_at, "
                     "updated_at) SELECT gen_random_uuid(), '{a,b}', 0, 0 "
                     "FROM generate_series(1, 1000) RETURNING 1) SELECT count(*) FROM i");
    assert_int_equal(create(words, 2, NULL), STATUS_TOO_MANY_SYNONYMS);
    (void)direct_sql(SHELF.market, "WITH d AS (DELETE FROM catalog.search_synonym RETURNING 1) "
                                   "SELECT count(*) FROM d");
    assert_int_equal(create(words, 2, NULL), STATUS_OK);
}

/* ---- pins ---- */

static enum status pin(const char *query, struct uuid product, struct catalog_search_pin *ret_pin)
{
    const struct catalog_create_pin command = { .q = text_of(query),
                                                .product_id = product,
                                                .effect = CATALOG_PIN_EFFECT_PIN };
    return direct_call(SHELF.market, &SHELF.staff, &catalog_create_pin_message, &command, ret_pin);
}

static void product_has_one_place_in_a_search_however_that_is_written(void **state)
{
    (void)state;
    const struct catalog_create_product wish = shelf_wish("Pinned");
    const struct uuid product = shelf_make(&wish).id;
    struct catalog_search_pin made;
    const size_t told = count_told();
    assert_int_equal(pin("Green  Café", product, &made), STATUS_OK);
    assert_true(text_equals_string(made.q, "green cafe"));
    assert_int_equal(made.place, 1);
    assert_int_equal(pin("green cafe", product, NULL), STATUS_PIN_EXISTS);
    assert_int_equal(count_told(), told + 1);
    const struct catalog_list_pins query = { .has_q = true, .q = TEXT("GREEN CAFE") };
    struct catalog_search_pins pins;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_list_pins_message, &query, &pins),
        STATUS_OK);
    assert_int_equal(pins.data_count, 1);
    const struct catalog_remove_pin gone = { .pin_id = made.id };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_remove_pin_message, &gone, NULL),
        STATUS_OK);
    assert_int_equal(pin("green cafe", product, NULL), STATUS_OK);
}

static void pin_of_nothing_or_of_no_product_is_refused(void **state)
{
    (void)state;
    const struct uuid nobody = { { 9 } };
    const struct catalog_create_product wish = shelf_wish("Not pinned");
    assert_int_equal(pin("tea", nobody, NULL), STATUS_NOT_FOUND);
    assert_int_equal(pin(" \xcc\x81 ", shelf_make(&wish).id, NULL), STATUS_INVALID_VALUE);
}

/* ---- searches that found nothing ---- */

static void
searches_that_found_nothing_are_listed_by_their_number_and_forgotten_in_time(void **state)
{
    (void)state;
    const struct catalog_list_zero_results query = { .has_limit = true, .limit = 1 };
    struct catalog_zero_results results;
    (void)direct_sql(SHELF.market,
                     "WITH i AS (INSERT INTO catalog.zero_result VALUES ('tea', 2, 5, 6), "
                     "('coffee', 3, 5, 9000000000000000) RETURNING 1) SELECT count(*) FROM i");
    assert_int_equal(direct_call(SHELF.market, &SHELF.staff, &catalog_list_zero_results_message,
                                 &query, &results),
                     STATUS_OK);
    assert_int_equal(results.data_count, 1);
    assert_true(results.has_more);
    assert_true(text_equals_string(results.data[0].q, "coffee"));
    assert_int_equal(direct_sweep(SHELF.market, "unfound_searches"), STATUS_OK);
    assert_true(text_equals_string(
        direct_sql(SHELF.market, "SELECT string_agg(query, ',') FROM catalog.zero_result"),
        "coffee"));
}

/* ---- the index ---- */

static void wish_for_a_new_index_is_told_to_all_nodes(void **state)
{
    (void)state;
    const struct catalog_rebuild_search command = { 0 };
    const uint16_t number = catalog_search_rebuild_was_wanted_message.number;
    const size_t told = direct_events(SHELF.market, number);
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.staff, &catalog_rebuild_search_message, &command, NULL),
        STATUS_OK);
    assert_int_equal(direct_events(SHELF.market, number), told + 1);
}

static void without_an_index_search_says_so_and_lists_go_on(void **state)
{
    (void)state;
    const struct catalog_list_products search = { .has_q = true, .q = TEXT("tea") };
    const struct catalog_list_products list = { .has_limit = false };
    const struct catalog_suggest suggest = { .q = TEXT("te") };
    struct catalog_product_page page;
    assert_int_equal(
        direct_call(SHELF.market, NULL, &catalog_list_products_message, &search, &page),
        STATUS_SEARCH_IS_BUILDING);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_suggest_message, &suggest, NULL),
                     STATUS_SEARCH_IS_BUILDING);
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_list_products_message, &list, &page),
                     STATUS_OK);
    assert_true(status_is_outage(STATUS_SEARCH_IS_BUILDING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_of_synonyms_is_made_changed_and_taken_away),
        cmocka_unit_test(group_changes_only_at_the_version_that_was_read),
        cmocka_unit_test(words_that_make_no_group_are_refused),
        cmocka_unit_test(more_groups_than_a_search_knows_are_refused),
        cmocka_unit_test(product_has_one_place_in_a_search_however_that_is_written),
        cmocka_unit_test(pin_of_nothing_or_of_no_product_is_refused),
        cmocka_unit_test(
            searches_that_found_nothing_are_listed_by_their_number_and_forgotten_in_time),
        cmocka_unit_test(wish_for_a_new_index_is_told_to_all_nodes),
        cmocka_unit_test(without_an_index_search_says_so_and_lists_go_on),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
