/* Claims about pages of hits: orders, cursors, pins, and two indexes of the same products. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "tests/actors/catalog/search_goods.h"

static struct search_shelf shelf;

static int set_up(void **state)
{
    (void)state;
    search_shelf_open(&shelf);
    return 0;
}

static int fill(void **state)
{
    (void)set_up(state);
    search_goods_fill(&shelf);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    search_shelf_close(&shelf);
    return 0;
}

/* ---- orders and cursors ---- */

static int64_t key_of(const struct search_good *product, enum search_sort sort,
                      const char *currency)
{
    switch (sort) {
    case SEARCH_BY_PRICE:
        return -search_good_price(product, currency);
    case SEARCH_BY_PRICE_FALLING:
        return search_good_price(product, currency);
    case SEARCH_BY_RATING:
        return product->rating;
    case SEARCH_BY_POPULAR:
        return product->sold;
    default:
        return 0;
    }
}

/* Walks all pages; returns how many hits there were. */
static size_t walk_pages(struct search_query query, uint32_t ret_numbers[SEARCH_GOODS])
{
    size_t count = 0;
    struct search_position after;
    for (;;) {
        const struct search_result result = search_shelf_ask(&shelf, &query);
        for (size_t i = 0; i < result.hits_count; i++) {
            assert_true(count < SEARCH_GOODS);
            ret_numbers[count++] = search_goods_number(result.hits[i].id);
        }
        if (!result.has_more) return count;
        assert_int_equal(result.hits_count, query.limit);
        uint8_t bytes[SEARCH_POSITION_BYTES];
        search_position_pack(&result.next, bytes);
        assert_int_equal(search_position_unpack(bytes, sizeof bytes, &after), STATUS_OK);
        query.after = &after;
    }
}

static void assert_in_order(enum search_sort sort, const char *currency)
{
    struct search_query query = search_query_of("ruby");
    query.sort = sort;
    query.limit = 7;
    query.filters.is_own_currency = strcmp(currency, "EUR") == 0;
    memcpy(query.filters.currency, currency, strlen(currency));
    uint32_t numbers[SEARCH_GOODS];
    const size_t count = walk_pages(query, numbers);
    size_t expected = 0;
    for (size_t i = 0; i < SEARCH_GOODS; i++)
        expected += search_goods[i].is_ruby && search_good_is_sold(&search_goods[i], currency);
    assert_int_equal(count, expected);
    for (size_t i = 1; i < count; i++) {
        const int64_t before = key_of(&search_goods[numbers[i - 1]], sort, currency);
        const int64_t key = key_of(&search_goods[numbers[i]], sort, currency);
        assert_true(before > key || (before == key && numbers[i - 1] > numbers[i]));
    }
    arena_reset(shelf.arena);
}

static void each_sort_orders_by_its_key_then_newest(void **state)
{
    (void)state;
    for (enum search_sort sort = SEARCH_BY_NEWEST; sort < SEARCH_SORTS; sort++)
        assert_in_order(sort, "");
}

static void prices_are_sorted_in_the_currency_that_was_asked_for(void **state)
{
    (void)state;
    static const char *const currencies[] = { "EUR", "USD", "JPY" };
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        assert_in_order(SEARCH_BY_NEWEST, currencies[i]);
        assert_in_order(SEARCH_BY_PRICE, currencies[i]);
        assert_in_order(SEARCH_BY_PRICE_FALLING, currencies[i]);
    }
}

static void pages_are_one_long_page_cut_up(void **state)
{
    (void)state;
    static const char *const texts[] = { "ruby", "thing", "", "rubi thing", "ruby amber" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        for (enum search_sort sort = SEARCH_BY_RELEVANCE; sort < SEARCH_SORTS; sort++) {
            struct search_query query = search_query_of(texts[i]);
            query.sort = sort;
            query.limit = 100;
            uint32_t whole[SEARCH_GOODS], cut[SEARCH_GOODS];
            const size_t count = walk_pages(query, whole);
            assert_true(count > 100);
            query.limit = 9;
            assert_int_equal(walk_pages(query, cut), count);
            assert_memory_equal(cut, whole, count * sizeof *whole);
            arena_reset(shelf.arena);
        }
    }
}

static void pages_of_a_changed_index_repeat_nothing_at_its_place(void **state)
{
    (void)state;
    for (enum search_sort sort = SEARCH_BY_NEWEST; sort < SEARCH_SORTS; sort++) {
        bool is_seen[SEARCH_GOODS] = { false };
        struct search_query query = search_query_of("thing");
        query.sort = sort;
        query.limit = 10;
        struct search_position after;
        size_t seen = 0;
        for (;;) {
            const struct search_result result = search_shelf_ask(&shelf, &query);
            for (size_t i = 0; i < result.hits_count; i++) {
                const uint32_t number = search_goods_number(result.hits[i].id);
                assert_false(is_seen[number]);
                is_seen[number] = true;
                seen++;
            }
            if (!result.has_more) break;
            after = result.next;
            query.after = &after;
            /* What was seen is written again, and a new one comes in, above. */
            search_goods_put(&shelf, search_goods_number(result.hits[0].id));
            search_shelf_show(&shelf);
        }
        assert_int_equal(seen, SEARCH_GOODS);
    }
}

static void a_position_that_is_none_is_refused(void **state)
{
    (void)state;
    struct search_position position = { .part = 1, .plan = 3, .depth = 7, .key = -5 };
    uint8_t bytes[SEARCH_POSITION_BYTES];
    search_position_pack(&position, bytes);
    struct search_position back;
    assert_int_equal(search_position_unpack(bytes, sizeof bytes, &back), STATUS_OK);
    assert_int_equal(back.key, -5);
    assert_int_equal(search_position_unpack(bytes, sizeof bytes - 1, &back),
                     STATUS_INVALID_PARAMETER);
    bytes[0] = 9;
    assert_int_equal(search_position_unpack(bytes, sizeof bytes, &back), STATUS_INVALID_PARAMETER);
    bytes[0] = 1;
    bytes[1] = 200;
    assert_int_equal(search_position_unpack(bytes, sizeof bytes, &back), STATUS_INVALID_PARAMETER);
    bytes[1] = 0;
    bytes[2] = 0xFF;
    assert_int_equal(search_position_unpack(bytes, sizeof bytes, &back), STATUS_INVALID_PARAMETER);
}

/* A client may send any position; pages of it are pages. */
static void any_position_gives_a_page(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct search_position after = { .part = (uint8_t)search_any_below(3),
                                         .plan = (uint8_t)search_any_below(4),
                                         .depth = search_any_below(SEARCH_DEPTH_MAX + 1),
                                         .key = (int64_t)search_any_below(50000) - 20000,
                                         .id = search_id(search_any_below(SEARCH_GOODS)) };
        if (search_any_below(10) == 0) after.key = search_any_below(2) == 0 ? INT64_MIN : INT64_MAX;
        const struct uuid pin = search_id(3);
        struct search_query query = search_query_of(search_any_below(2) == 0 ? "ruby" : "");
        query.after = &after;
        query.sort = (enum search_sort)search_any_below(SEARCH_SORTS);
        query.pins = &pin;
        query.pins_count = 1;
        const struct search_result result = search_shelf_ask(&shelf, &query);
        assert_in_range(result.hits_count, 0, 20);
        arena_reset(shelf.arena);
    }
}

/* ---- pins and boosts ---- */

static void pins_come_first_in_their_order_if_they_pass(void **state)
{
    (void)state;
    static const char *const names[] = { "Tea one", "Tea two", "Tea three", "Coffee", "Cocoa" };
    search_shelf_fill(&shelf, names, ARRAY_LENGTH(names));
    struct search_document gone = search_document_of(5, "Cocoa");
    gone.is_in_stock = false;
    search_shelf_put(&shelf, &gone);
    search_shelf_show(&shelf);
    const struct uuid pins[] = { search_id(4), search_id(5), search_id(77), search_id(1) };
    struct search_query query = search_query_of("tea");
    query.pins = pins;
    query.pins_count = ARRAY_LENGTH(pins);
    query.filters.in_stock = SEARCH_ONLY;
    struct search_result result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Coffee|Tea one|Tea three|Tea two");
    assert_int_equal(result.total, 4);
    query.limit = 1;
    uint32_t numbers[SEARCH_GOODS];
    assert_int_equal(walk_pages(query, numbers), 4);
    assert_int_equal(numbers[0], 3);
    assert_int_equal(numbers[1], 0);
    assert_int_equal(numbers[3], 1);
    query.limit = 20;
    query.sort = SEARCH_BY_NEWEST;
    result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Tea three|Tea two|Tea one");
}

static void boosts_lift_and_bury(void **state)
{
    (void)state;
    static const char *const names[] = { "Tea", "Tea of the hills", "Tea of the lower hills",
                                         "Coffee" };
    search_shelf_fill(&shelf, names, ARRAY_LENGTH(names));
    const struct search_boost boosts[] = { { search_id(3), 100 },
                                           { search_id(1), -1 },
                                           { search_id(4), 50 } };
    struct search_query query = search_query_of("tea");
    query.boosts = boosts;
    query.boosts_count = ARRAY_LENGTH(boosts);
    const struct search_result result = search_shelf_ask(&shelf, &query);
    assert_string_equal(search_shown(&result), "Tea of the lower hills|Tea of the hills|Tea");
    assert_int_equal(result.total, 3);
    query.limit = 1;
    uint32_t numbers[SEARCH_GOODS];
    assert_int_equal(walk_pages(query, numbers), 3);
    assert_int_equal(numbers[2], 0);
}

/* ---- two indexes ---- */

static void indexes_fed_in_another_order_answer_alike(void **state)
{
    (void)state;
    struct search_shelf other;
    search_shelf_open(&other);
    for (uint32_t i = 0; i < SEARCH_GOODS; i++) {
        const uint32_t number = i * 37 % SEARCH_GOODS; /* each once: 37 and 400 share no factor */
        if (i % 5 == 0) search_goods_put(&other, (number + 1) % SEARCH_GOODS);
        search_goods_put(&other, number);
        if (i % 50 == 0) search_shelf_show(&other);
    }
    search_shelf_show(&other);
    static const char *const texts[] = { "ruby", "thing", "", "rubi tihng", "amber ruby", "th" };
    for (int round = 0; round < 300; round++) {
        struct search_wish wish = search_any_wish();
        wish.has_word = false;
        struct search_query query = search_query_of_wish(&wish);
        query.text = text_of(texts[search_any_below(ARRAY_LENGTH(texts))]);
        query.sort = (enum search_sort)search_any_below(SEARCH_SORTS);
        query.wants_facets = round % 2 == 0;
        query.is_prefix = round % 3 == 0;
        const struct search_result here = search_shelf_ask(&shelf, &query);
        const struct search_result there = search_shelf_ask(&other, &query);
        assert_int_equal(here.hits_count, there.hits_count);
        assert_int_equal(here.is_corrected, there.is_corrected);
        assert_text_equal(here.did_you_mean, there.did_you_mean);
        for (size_t i = 0; i < here.hits_count; i++)
            assert_int_equal(search_goods_number(here.hits[i].id),
                             search_goods_number(there.hits[i].id));
        if (!query.wants_facets) continue;
        assert_int_equal(here.total, there.total);
        assert_int_equal(here.facets->vendors.count, there.facets->vendors.count);
        for (size_t i = 0; i < here.facets->vendors.count; i++) {
            assert_memory_equal(here.facets->vendors.values[i].id.bytes,
                                there.facets->vendors.values[i].id.bytes, 16);
        }
    }
    search_shelf_close(&other);
}

int main(void)
{
#define FILLED(name) cmocka_unit_test_setup_teardown(name, fill, tear_down)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FILLED(each_sort_orders_by_its_key_then_newest),
        FILLED(prices_are_sorted_in_the_currency_that_was_asked_for),
        FILLED(pages_are_one_long_page_cut_up),
        FILLED(pages_of_a_changed_index_repeat_nothing_at_its_place),
        EMPTY(a_position_that_is_none_is_refused),
        FILLED(any_position_gives_a_page),
        EMPTY(pins_come_first_in_their_order_if_they_pass),
        EMPTY(boosts_lift_and_bury),
        FILLED(indexes_fed_in_another_order_answer_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
