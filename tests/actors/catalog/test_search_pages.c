/* Claims about pages of hits: filters, facets, orders, cursors, pins. What is counted and sorted is
 * compared with a plain walk over the same products. */
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "tests/actors/catalog/search_shelf.h"

enum { PRODUCTS = 400, COLOURS = 5, SIZES = 3, VENDORS = 4, CATEGORIES = 6 };

struct product {
    int64_t price, sold;
    int rating;
    bool is_in_stock, is_on_sale;
    uint32_t vendor, category;     /* a category above 2 is below category - 3 */
    int colour, colour_also, size; /* -1: none */
    bool is_red_word;
};

static struct search_shelf shelf;
static struct product products[PRODUCTS];
static uint64_t random_state;

static const char *const colours[COLOURS] = { "Red", "Green", "Blue", "Grün-Weiß", "Black" };
static const char *const sizes[SIZES] = { "S", "M", "XL" };

static uint32_t any_below(uint32_t bound)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(random_state >> 33) % bound;
}

static struct product any_product(void)
{
    return (struct product){
        .price = 100 + any_below(40) * 400,
        .sold = any_below(20),
        .rating = any_below(3) == 0 ? 0 : 100 + (int)any_below(9) * 50,
        .is_in_stock = any_below(4) != 0,
        .is_on_sale = any_below(5) == 0,
        .vendor = any_below(VENDORS),
        .category = any_below(CATEGORIES),
        .colour = (int)any_below(COLOURS + 1) - 1,
        .colour_also = (int)any_below(COLOURS + 3) - 3,
        .size = (int)any_below(SIZES + 1) - 1,
        .is_red_word = any_below(3) != 0,
    };
}

static void put_product(struct search_shelf *to, uint32_t number)
{
    const struct product *product = &products[number];
    char name[64];
    (void)snprintf(name, sizeof name, "%s thing", product->is_red_word ? "ruby" : "amber");
    struct search_document document = search_document_of(number + 1, name);
    document.price = product->price;
    document.sold = product->sold;
    document.rating_hundredths = product->rating;
    document.is_in_stock = product->is_in_stock;
    document.is_on_sale = product->is_on_sale;
    static const struct text vendors[VENDORS] = { TEXT("Ann"), TEXT("Bob"), TEXT("Cid"),
                                                  TEXT("Cid") };
    document.vendor =
        (struct search_reference){ search_id(900 + product->vendor), vendors[product->vendor] };
    struct search_reference path[2];
    size_t depth = 0;
    if (product->category > 2)
        path[depth++] =
            (struct search_reference){ search_id(500 + product->category - 3), TEXT("Above") };
    path[depth++] =
        (struct search_reference){ search_id(500 + product->category),
                                   product->category > 2 ? TEXT("Below") : TEXT("Above") };
    document.categories = path;
    document.categories_count = depth;
    struct search_attribute attributes[3];
    size_t count = 0;
    const int of_colour[] = { product->colour, product->colour_also };
    for (size_t i = 0; i < ARRAY_LENGTH(of_colour); i++) {
        if (of_colour[i] < 0) continue;
        attributes[count++] =
            (struct search_attribute){ TEXT("Colour"), text_of(colours[of_colour[i]]) };
    }
    if (product->size >= 0) {
        attributes[count++] =
            (struct search_attribute){ TEXT("Size"), text_of(sizes[product->size]) };
    }
    document.attributes = attributes;
    document.attributes_count = count;
    search_shelf_put(to, &document);
}

static int set_up(void **state)
{
    (void)state;
    random_state = 2026;
    search_shelf_open(&shelf);
    return 0;
}

static int fill(void **state)
{
    (void)set_up(state);
    for (uint32_t i = 0; i < PRODUCTS; i++) {
        products[i] = any_product();
        put_product(&shelf, i);
    }
    search_shelf_show(&shelf);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    search_shelf_close(&shelf);
    return 0;
}

/* ---- filters and facets ---- */

/* What is asked, in the test's own terms. -1 or 0: anything. */
struct wish {
    bool has_word;
    int category, vendor, excluded, stars, colours_mask, size;
    int64_t from, to;
    enum search_choice in_stock, on_sale;
};

enum dimension { CATEGORY, VENDOR, PRICE, RATING, STOCK, SALE, COLOUR, SIZE, NONE };

static bool has_colour(const struct product *product, int mask)
{
    return (product->colour >= 0 && (mask & 1 << product->colour) != 0) ||
           (product->colour_also >= 0 && (mask & 1 << product->colour_also) != 0);
}

static bool is_below(const struct product *product, int category)
{
    return (int)product->category == category || (int)product->category - 3 == category;
}

static bool passes_choice(enum search_choice choice, bool is_so)
{
    return choice == SEARCH_ANY || (choice == SEARCH_ONLY) == is_so;
}

/* Whether the product passes all but the filter of `left_out`. */
static bool passes(const struct product *product, const struct wish *wish, enum dimension left_out)
{
    const bool by[] = {
        [CATEGORY] = wish->category < 0 || is_below(product, wish->category),
        [VENDOR] = wish->vendor < 0 || (int)product->vendor == wish->vendor,
        [PRICE] = product->price >= wish->from && (wish->to == 0 || product->price <= wish->to),
        [RATING] = product->rating >= wish->stars * 100,
        [STOCK] = passes_choice(wish->in_stock, product->is_in_stock),
        [SALE] = passes_choice(wish->on_sale, product->is_on_sale),
        [COLOUR] = wish->colours_mask == 0 || has_colour(product, wish->colours_mask),
        [SIZE] = wish->size < 0 || product->size == wish->size,
    };
    bool is_in =
        (int)product->vendor != wish->excluded && (!wish->has_word || product->is_red_word);
    for (enum dimension i = CATEGORY; i < NONE; i++)
        is_in = is_in && (by[i] || i == left_out);
    return is_in;
}

static struct wish any_wish(void)
{
    return (struct wish){
        .has_word = any_below(2) == 0,
        .category = any_below(2) == 0 ? -1 : (int)any_below(CATEGORIES),
        .vendor = any_below(3) != 0 ? -1 : (int)any_below(VENDORS),
        .excluded = any_below(3) != 0 ? -1 : (int)any_below(VENDORS),
        .stars = any_below(2) == 0 ? 0 : (int)any_below(4) + 1,
        .colours_mask = any_below(2) == 0 ? 0 : 1 + (int)any_below((1 << COLOURS) - 1),
        .size = any_below(3) != 0 ? -1 : (int)any_below(SIZES),
        .from = any_below(2) == 0 ? 0 : any_below(20) * 400,
        .to = any_below(2) == 0 ? 0 : 4000 + any_below(20) * 400,
        .in_stock = (enum search_choice)any_below(3),
        .on_sale = any_below(2) == 0 ? SEARCH_ANY : (enum search_choice)any_below(3),
    };
}

/* Its lists are static: of the last wish. */
static struct search_query query_of_wish(const struct wish *wish)
{
    static struct uuid excluded;
    static struct search_attribute attributes[COLOURS + 1];
    size_t count = 0;
    /* In other spellings than the products'. */
    static const char *const asked[COLOURS] = { "red", "GREEN", "blue", "GRUN-WEISS", "Black" };
    for (int i = 0; i < COLOURS; i++) {
        if ((wish->colours_mask & 1 << i) == 0) continue;
        attributes[count++] = (struct search_attribute){ TEXT("colour"), text_of(asked[i]) };
    }
    if (wish->size >= 0)
        attributes[count++] = (struct search_attribute){ TEXT("Size"), text_of(sizes[wish->size]) };
    excluded = search_id(900 + (uint32_t)wish->excluded);
    struct search_query query = search_query_of(wish->has_word ? "ruby" : "");
    query.filters = (struct search_filters){
        .excluded_vendors = &excluded,
        .excluded_vendors_count = wish->excluded >= 0,
        .price_min = wish->from,
        .price_max = wish->to,
        .rating_min_hundredths = wish->stars * 100,
        .in_stock = wish->in_stock,
        .on_sale = wish->on_sale,
        .attributes = attributes,
        .attributes_count = count,
    };
    if (wish->category >= 0) query.filters.category = search_id(500 + (uint32_t)wish->category);
    if (wish->vendor >= 0) query.filters.vendor = search_id(900 + (uint32_t)wish->vendor);
    return query;
}

static int64_t count_of_id(const struct search_facet *facet, struct uuid id)
{
    for (size_t i = 0; i < facet->count; i++) {
        if (memcmp(facet->values[i].id.bytes, id.bytes, sizeof id.bytes) == 0) {
            return facet->values[i].count;
        }
    }
    return 0;
}

static int64_t count_of_value(const struct search_facets *facets, const char *name,
                              const char *value)
{
    for (size_t i = 0; i < facets->attributes_count; i++) {
        const struct search_facet *facet = &facets->attributes[i];
        if (!text_equals_string(facet->name, name)) continue;
        for (size_t j = 0; j < facet->count; j++) {
            if (text_equals_string(facet->values[j].name, value)) return facet->values[j].count;
        }
    }
    return 0;
}

static void assert_facets_equal_a_walk(const struct search_facets *facets, const struct wish *wish)
{
    int64_t categories[CATEGORIES] = { 0 }, vendors[VENDORS] = { 0 }, of_colour[COLOURS] = { 0 };
    int64_t of_size[SIZES] = { 0 }, stars[SEARCH_STARS] = { 0 }, in_stock = 0, on_sale = 0;
    int64_t cheap = 0;
    for (size_t i = 0; i < PRODUCTS; i++) {
        const struct product *product = &products[i];
        for (int j = 0; j < CATEGORIES; j++)
            categories[j] += passes(product, wish, CATEGORY) && is_below(product, j);
        vendors[product->vendor] += passes(product, wish, VENDOR);
        cheap += passes(product, wish, PRICE) && product->price < 5000;
        for (int j = 0; j < SEARCH_STARS; j++)
            stars[j] += passes(product, wish, RATING) && product->rating >= (j + 1) * 100;
        in_stock += passes(product, wish, STOCK) && product->is_in_stock;
        on_sale += passes(product, wish, SALE) && product->is_on_sale;
        for (int j = 0; j < COLOURS; j++)
            of_colour[j] += passes(product, wish, COLOUR) && has_colour(product, 1 << j);
        if (product->size >= 0) of_size[product->size] += passes(product, wish, SIZE);
    }
    for (uint32_t j = 0; j < CATEGORIES; j++)
        assert_int_equal(count_of_id(&facets->categories, search_id(500 + j)), categories[j]);
    for (uint32_t j = 0; j < VENDORS; j++)
        assert_int_equal(count_of_id(&facets->vendors, search_id(900 + j)), vendors[j]);
    for (int j = 0; j < COLOURS; j++)
        assert_int_equal(count_of_value(facets, "Colour", colours[j]), of_colour[j]);
    for (int j = 0; j < SIZES; j++)
        assert_int_equal(count_of_value(facets, "Size", sizes[j]), of_size[j]);
    for (int j = 0; j < SEARCH_STARS; j++)
        assert_int_equal(facets->stars[j], stars[j]);
    assert_int_equal(facets->in_stock, in_stock);
    assert_int_equal(facets->on_sale, on_sale);
    for (size_t i = 0; i < facets->prices_count; i++) {
        if (facets->prices[i].to <= 5000) cheap -= facets->prices[i].count;
    }
    assert_int_equal(cheap, 0);
}

static void facets_and_totals_equal_a_walk_for_500_queries(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        const struct wish wish = any_wish();
        struct search_query query = query_of_wish(&wish);
        query.wants_facets = true;
        int64_t total = 0;
        for (size_t i = 0; i < PRODUCTS; i++)
            total += passes(&products[i], &wish, NONE);
        const struct search_result result = search_shelf_ask(&shelf, &query);
        assert_true(result.is_total_exact);
        assert_int_equal(result.total, total);
        assert_int_equal(result.hits_count, total < 20 ? total : 20);
        assert_facets_equal_a_walk(result.facets, &wish);
        query.wants_facets = false;
        const struct search_result plain = search_shelf_ask(&shelf, &query);
        assert_null(plain.facets);
        assert_int_equal(plain.hits_count, result.hits_count);
        if (plain.is_total_exact) assert_int_equal(plain.total, total);
        arena_reset(shelf.arena);
    }
}

static void the_most_frequent_values_are_told_in_order(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        struct search_document document = search_document_of(i + 1, "Thing");
        char name[16];
        (void)snprintf(name, sizeof name, "Value %03u", i * 7 % 100);
        document.vendor = (struct search_reference){ search_id(900 + i * 7 % 100), text_of(name) };
        document.attributes = &(struct search_attribute){ TEXT("Kind"), text_of(name) };
        document.attributes_count = 1;
        if (i < 10) document.vendor.id = search_id(999);
        search_shelf_put(&shelf, &document);
    }
    search_shelf_show(&shelf);
    struct search_query query = search_query_of("thing");
    query.wants_facets = true;
    const struct search_facets *facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(facets->vendors.count, SEARCH_FACET_VALUES_MAX);
    assert_memory_equal(facets->vendors.values[0].id.bytes, search_id(999).bytes, 16);
    assert_int_equal(facets->attributes_count, 1);
    assert_text_equal(facets->attributes[0].name, TEXT("Kind"));
    assert_int_equal(facets->attributes[0].count, SEARCH_FACET_VALUES_MAX);
    for (uint32_t i = 0; i < SEARCH_FACET_VALUES_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "Value %03u", i);
        assert_text_equal(facets->attributes[0].values[i].name, text_of(name));
        assert_int_equal(facets->attributes[0].values[i].count, 2);
    }
}

static void price_ranges_are_those_asked_for(void **state)
{
    (void)state;
    static const int64_t bounds[] = { 1000, 2000 };
    for (uint32_t i = 0; i < 5; i++) {
        struct search_document document = search_document_of(i + 1, "Thing");
        document.price = 500 + i * 500; /* 500 1000 1500 2000 2500 */
        search_shelf_put(&shelf, &document);
    }
    search_shelf_show(&shelf);
    struct search_query query = search_query_of("");
    query.wants_facets = true;
    query.price_bounds = bounds;
    query.price_bounds_count = 2;
    const struct search_facets *facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(facets->prices_count, 3);
    assert_int_equal(facets->prices[0].count, 1);
    assert_int_equal(facets->prices[1].from, 1000);
    assert_int_equal(facets->prices[1].to, 2000);
    assert_int_equal(facets->prices[1].count, 2);
    assert_int_equal(facets->prices[2].count, 2);
    assert_true(facets->prices[2].to == INT64_MAX);
}

/* ---- orders and cursors ---- */

static int64_t key_of(const struct product *product, enum search_sort sort)
{
    switch (sort) {
    case SEARCH_BY_PRICE:
        return -product->price;
    case SEARCH_BY_PRICE_FALLING:
        return product->price;
    case SEARCH_BY_RATING:
        return product->rating;
    case SEARCH_BY_POPULAR:
        return product->sold;
    default:
        return 0;
    }
}

static uint32_t number_of(struct uuid id)
{
    return (uint32_t)(id.bytes[2] << 24 | id.bytes[3] << 16 | id.bytes[4] << 8 | id.bytes[5]) - 1;
}

/* Walks all pages; returns how many hits there were. */
static size_t walk_pages(struct search_query query, uint32_t ret_numbers[PRODUCTS])
{
    size_t count = 0;
    struct search_position after;
    for (;;) {
        const struct search_result result = search_shelf_ask(&shelf, &query);
        for (size_t i = 0; i < result.hits_count; i++) {
            assert_true(count < PRODUCTS);
            ret_numbers[count++] = number_of(result.hits[i].id);
        }
        if (!result.has_more) return count;
        assert_int_equal(result.hits_count, query.limit);
        uint8_t bytes[SEARCH_POSITION_BYTES];
        search_position_pack(&result.next, bytes);
        assert_int_equal(search_position_unpack(bytes, sizeof bytes, &after), STATUS_OK);
        query.after = &after;
    }
}

static void each_sort_orders_by_its_key_then_newest(void **state)
{
    (void)state;
    for (enum search_sort sort = SEARCH_BY_NEWEST; sort < SEARCH_SORTS; sort++) {
        struct search_query query = search_query_of("ruby");
        query.sort = sort;
        query.limit = 7;
        uint32_t numbers[PRODUCTS];
        const size_t count = walk_pages(query, numbers);
        size_t expected = 0;
        for (size_t i = 0; i < PRODUCTS; i++)
            expected += products[i].is_red_word;
        assert_int_equal(count, expected);
        for (size_t i = 1; i < count; i++) {
            const int64_t before = key_of(&products[numbers[i - 1]], sort);
            const int64_t key = key_of(&products[numbers[i]], sort);
            assert_true(before > key || (before == key && numbers[i - 1] > numbers[i]));
        }
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
            uint32_t whole[PRODUCTS], cut[PRODUCTS];
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
        bool is_seen[PRODUCTS] = { false };
        struct search_query query = search_query_of("thing");
        query.sort = sort;
        query.limit = 10;
        struct search_position after;
        size_t seen = 0;
        for (;;) {
            const struct search_result result = search_shelf_ask(&shelf, &query);
            for (size_t i = 0; i < result.hits_count; i++) {
                const uint32_t number = number_of(result.hits[i].id);
                assert_false(is_seen[number]);
                is_seen[number] = true;
                seen++;
            }
            if (!result.has_more) break;
            after = result.next;
            query.after = &after;
            /* What was seen is written again, and a new one comes in, above. */
            put_product(&shelf, number_of(result.hits[0].id));
            search_shelf_show(&shelf);
        }
        assert_int_equal(seen, PRODUCTS);
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
        struct search_position after = { .part = (uint8_t)any_below(3),
                                         .plan = (uint8_t)any_below(4),
                                         .depth = any_below(SEARCH_DEPTH_MAX + 1),
                                         .key = (int64_t)any_below(50000) - 20000,
                                         .id = search_id(any_below(PRODUCTS)) };
        if (any_below(10) == 0) after.key = any_below(2) == 0 ? INT64_MIN : INT64_MAX;
        const struct uuid pin = search_id(3);
        struct search_query query = search_query_of(any_below(2) == 0 ? "ruby" : "");
        query.after = &after;
        query.sort = (enum search_sort)any_below(SEARCH_SORTS);
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
    uint32_t numbers[PRODUCTS];
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
    uint32_t numbers[PRODUCTS];
    assert_int_equal(walk_pages(query, numbers), 3);
    assert_int_equal(numbers[2], 0);
}

/* ---- two indexes ---- */

static void indexes_fed_in_another_order_answer_alike(void **state)
{
    (void)state;
    struct search_shelf other;
    search_shelf_open(&other);
    for (uint32_t i = 0; i < PRODUCTS; i++) {
        const uint32_t number = i * 37 % PRODUCTS; /* each once: 37 and 400 share no factor */
        if (i % 5 == 0) put_product(&other, (number + 1) % PRODUCTS);
        put_product(&other, number);
        if (i % 50 == 0) search_shelf_show(&other);
    }
    search_shelf_show(&other);
    static const char *const texts[] = { "ruby", "thing", "", "rubi tihng", "amber ruby", "th" };
    for (int round = 0; round < 300; round++) {
        struct wish wish = any_wish();
        wish.has_word = false;
        struct search_query query = query_of_wish(&wish);
        query.text = text_of(texts[any_below(ARRAY_LENGTH(texts))]);
        query.sort = (enum search_sort)any_below(SEARCH_SORTS);
        query.wants_facets = round % 2 == 0;
        query.is_prefix = round % 3 == 0;
        const struct search_result here = search_shelf_ask(&shelf, &query);
        const struct search_result there = search_shelf_ask(&other, &query);
        assert_int_equal(here.hits_count, there.hits_count);
        assert_int_equal(here.is_corrected, there.is_corrected);
        assert_text_equal(here.did_you_mean, there.did_you_mean);
        for (size_t i = 0; i < here.hits_count; i++)
            assert_int_equal(number_of(here.hits[i].id), number_of(there.hits[i].id));
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
        FILLED(facets_and_totals_equal_a_walk_for_500_queries),
        EMPTY(the_most_frequent_values_are_told_in_order),
        EMPTY(price_ranges_are_those_asked_for),
        FILLED(each_sort_orders_by_its_key_then_newest),
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
