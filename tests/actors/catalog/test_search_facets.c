/* Claims about filters and facets: what is counted equals a plain walk over the same products. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/catalog/search_facets.h"
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

enum dimension { CATEGORY, VENDOR, PRICE, RATING, STOCK, SALE, COLOUR, SIZE, NONE };

static bool has_colour(const struct search_good *product, int mask)
{
    return (product->colour >= 0 && (mask & 1 << product->colour) != 0) ||
           (product->colour_also >= 0 && (mask & 1 << product->colour_also) != 0);
}

static bool is_below(const struct search_good *product, int category)
{
    return (int)product->category == category || (int)product->category - 3 == category;
}

static bool passes_choice(enum search_choice choice, bool is_so)
{
    return choice == SEARCH_ANY || (choice == SEARCH_ONLY) == is_so;
}

static bool is_on_sale(const struct search_good *product, const struct search_wish *wish)
{
    return search_good_is_on_sale(product, wish->currency);
}

/* Whether the product passes all but the filter of `left_out`. */
static bool passes(const struct search_good *product, const struct search_wish *wish,
                   enum dimension left_out)
{
    const int64_t price = search_good_price(product, wish->currency);
    const bool by[] = {
        [CATEGORY] = wish->category < 0 || is_below(product, wish->category),
        [VENDOR] = wish->vendor < 0 || (int)product->vendor == wish->vendor,
        [PRICE] = price >= wish->from && (wish->to == 0 || price <= wish->to),
        [RATING] = product->rating >= wish->stars * 100,
        [STOCK] = passes_choice(wish->in_stock, product->is_in_stock),
        [SALE] = passes_choice(wish->on_sale, is_on_sale(product, wish)),
        [COLOUR] = wish->colours_mask == 0 || has_colour(product, wish->colours_mask),
        [SIZE] = wish->size < 0 || product->size == wish->size,
    };
    bool is_in = search_good_is_sold(product, wish->currency) &&
                 (int)product->vendor != wish->excluded && (!wish->has_word || product->is_ruby);
    for (enum dimension i = CATEGORY; i < NONE; i++)
        is_in = is_in && (by[i] || i == left_out);
    return is_in;
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

static void assert_facets_equal_a_walk(const struct search_facets *facets,
                                       const struct search_wish *wish)
{
    int64_t categories[SEARCH_CATEGORIES] = { 0 }, vendors[SEARCH_VENDORS] = { 0 },
            of_colour[SEARCH_COLOURS] = { 0 };
    int64_t of_size[SEARCH_SIZES] = { 0 }, stars[SEARCH_STARS] = { 0 }, in_stock = 0, on_sale = 0;
    int64_t cheap = 0;
    for (size_t i = 0; i < SEARCH_GOODS; i++) {
        const struct search_good *product = &search_goods[i];
        for (int j = 0; j < SEARCH_CATEGORIES; j++)
            categories[j] += passes(product, wish, CATEGORY) && is_below(product, j);
        vendors[product->vendor] += passes(product, wish, VENDOR);
        cheap += passes(product, wish, PRICE) && search_good_price(product, wish->currency) < 5000;
        for (int j = 0; j < SEARCH_STARS; j++)
            stars[j] += passes(product, wish, RATING) && product->rating >= (j + 1) * 100;
        in_stock += passes(product, wish, STOCK) && product->is_in_stock;
        on_sale += passes(product, wish, SALE) && is_on_sale(product, wish);
        for (int j = 0; j < SEARCH_COLOURS; j++)
            of_colour[j] += passes(product, wish, COLOUR) && has_colour(product, 1 << j);
        if (product->size >= 0) of_size[product->size] += passes(product, wish, SIZE);
    }
    for (uint32_t j = 0; j < SEARCH_CATEGORIES; j++)
        assert_int_equal(count_of_id(&facets->categories, search_id(500 + j)), categories[j]);
    for (uint32_t j = 0; j < SEARCH_VENDORS; j++)
        assert_int_equal(count_of_id(&facets->vendors, search_id(900 + j)), vendors[j]);
    for (int j = 0; j < SEARCH_COLOURS; j++)
        assert_int_equal(count_of_value(facets, "Colour", search_colours[j]), of_colour[j]);
    for (int j = 0; j < SEARCH_SIZES; j++)
        assert_int_equal(count_of_value(facets, "Size", search_sizes[j]), of_size[j]);
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
        const struct search_wish wish = search_any_wish();
        struct search_query query = search_query_of_wish(&wish);
        query.wants_facets = true;
        int64_t total = 0;
        for (size_t i = 0; i < SEARCH_GOODS; i++)
            total += passes(&search_goods[i], &wish, NONE);
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

/* Whatever vendors write into an attribute: what is told stays short, and right. */
static void a_hundred_thousand_values_of_an_attribute_are_counted_and_the_first_told(void **state)
{
    (void)state;
    enum { VALUES = 100000 };
    const struct search_sieve everything = { .price_max = INT64_MAX };
    struct search_names *names = search_names_new();
    struct search_counts *counts = search_counts_new();
    char record[SEARCH_NAME_RECORD_MAX];
    size_t length;
    const struct search_name attribute = { SEARCH_NAME_ATTRIBUTE, SEARCH_NAME_NONE,
                                           search_names_key(TEXT("Batch"), NULL), TEXT("Batch") };
    const uint32_t parent = search_names_put(names, &attribute, record, &length);
    for (uint32_t i = 0; i < VALUES; i++) {
        char value[16];
        (void)snprintf(value, sizeof value, "%06u", i);
        const struct text text = text_of(value);
        const struct search_name name = { SEARCH_NAME_VALUE, parent,
                                          search_names_key(TEXT("Batch"), &text), text };
        assert_int_equal(search_names_put(names, &name, record, &length), parent + 1 + i);
    }
    search_counts_begin(counts, names, NULL, 0);
    for (uint32_t i = 0; i < 2 * VALUES; i++) {
        struct search_row row = { .vendor = SEARCH_NAME_NONE, .attributes_count = 1 };
        row.attributes[0] = parent + 1 + (i < VALUES ? i : VALUES - 1 - i % 10);
        assert_true(search_counts_add(counts, &everything, &row));
    }
    const struct search_facets *facets = search_counts_tell(counts, shelf.arena);
    assert_int_equal(facets->attributes_count, 1);
    assert_int_equal(facets->attributes[0].count, SEARCH_FACET_VALUES_MAX);
    assert_text_equal(facets->attributes[0].values[0].name, TEXT("099990"));
    assert_int_equal(facets->attributes[0].values[0].count, VALUES / 10 + 1);
    assert_int_equal(facets->attributes[0].values[10].count, 1);
    assert_text_equal(facets->attributes[0].values[10].name, TEXT("000000"));
    search_counts_destroy(&counts);
    search_names_destroy(&names);
}

/* A shirt of which M is blue and L is red, one that comes in M and red, and one without options. */
static void put_shirts(void)
{
    static const struct search_attribute attributes[] = { { TEXT("Fit"), TEXT("Slim") },
                                                          { TEXT("Size"), TEXT("M") },
                                                          { TEXT("Colour"), TEXT("Blue") },
                                                          { TEXT("Size"), TEXT("L") },
                                                          { TEXT("Colour"), TEXT("Red") } };
    static const uint64_t apart[] = { 1 | 1 << 1 | 1 << 2, 1 | 1 << 3 | 1 << 4 };
    static const uint64_t together[] = { 1 | 1 << 1 | 1 << 4, 1 | 1 << 3 | 1 << 2 };
    static const uint64_t *const variants[] = { apart, together };
    for (uint32_t i = 0; i < ARRAY_LENGTH(variants); i++) {
        struct search_document document = search_document_of(i + 1, "shirt");
        document.attributes = attributes;
        document.attributes_count = ARRAY_LENGTH(attributes);
        document.variants = variants[i];
        document.variants_count = 2;
        search_shelf_put(&shelf, &document);
    }
    const struct search_document plain = search_document_of(3, "shirt");
    search_shelf_put(&shelf, &plain);
    search_shelf_show(&shelf);
}

static int64_t count_of(const struct search_facets *facets, const char *name, const char *value)
{
    for (size_t i = 0; i < facets->attributes_count; i++)
        for (size_t k = 0; k < facets->attributes[i].count; k++)
            if (text_equals_string(facets->attributes[i].name, name) &&
                text_equals_string(facets->attributes[i].values[k].name, value))
                return facets->attributes[i].values[k].count;
    return 0;
}

static void attributes_that_are_asked_for_are_met_in_one_variant(void **state)
{
    (void)state;
    static const struct search_attribute wanted[] = { { TEXT("Size"), TEXT("M") },
                                                      { TEXT("Colour"), TEXT("Red") },
                                                      { TEXT("Fit"), TEXT("Slim") } };
    static const char *const words[] = { "", "shirt" };
    put_shirts();
    for (size_t i = 0; i < 4; i++) {
        struct search_query query = search_query_of(words[i % 2]);
        query.filters.attributes = wanted;
        query.filters.attributes_count = ARRAY_LENGTH(wanted);
        query.wants_facets = i > 1;
        const struct search_result result = search_shelf_ask(&shelf, &query);
        assert_int_equal(result.hits_count, 1);
        assert_memory_equal(result.hits[0].id.bytes, search_id(2).bytes, 16);
        assert_int_equal(result.total, 1);
    }
}

static void facets_count_what_is_met_in_one_variant(void **state)
{
    (void)state;
    static const struct search_attribute wanted[] = { { TEXT("Size"), TEXT("M") },
                                                      { TEXT("Colour"), TEXT("Red") } };
    put_shirts();
    struct search_query query = search_query_of("");
    query.wants_facets = true;
    const struct search_facets *facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(count_of(facets, "Colour", "Red"), 2);
    query.filters.attributes = wanted;
    query.filters.attributes_count = 1; /* M */
    facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(count_of(facets, "Colour", "Red"), 1);
    assert_int_equal(count_of(facets, "Colour", "Blue"), 1);
    assert_int_equal(count_of(facets, "Size", "L"), 2); /* were it asked for instead */
    assert_int_equal(count_of(facets, "Fit", "Slim"), 2);
    query.filters.attributes_count = 2; /* and red */
    facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(count_of(facets, "Size", "M"), 1);
    assert_int_equal(count_of(facets, "Size", "L"), 1);
    assert_int_equal(count_of(facets, "Colour", "Red"), 1);
    assert_int_equal(count_of(facets, "Colour", "Blue"), 1);
    assert_int_equal(count_of(facets, "Fit", "Slim"), 1);
    query.filters.vendor = search_id(999); /* nobody: what is counted are other vendors */
    facets = search_shelf_ask(&shelf, &query).facets;
    assert_int_equal(count_of(facets, "Colour", "Red"), 0);
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

int main(void)
{
#define FILLED(name) cmocka_unit_test_setup_teardown(name, fill, tear_down)
#define EMPTY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FILLED(facets_and_totals_equal_a_walk_for_500_queries),
        EMPTY(the_most_frequent_values_are_told_in_order),
        EMPTY(a_hundred_thousand_values_of_an_attribute_are_counted_and_the_first_told),
        EMPTY(attributes_that_are_asked_for_are_met_in_one_variant),
        EMPTY(facets_count_what_is_met_in_one_variant),
        EMPTY(price_ranges_are_those_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
