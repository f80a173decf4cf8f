/* One count per number of search_names.h, and a list of those that are not zero. */
#include "actors/catalog/search_facets.h"

#include <stdlib.h>
#include <string.h>

#include "actors/catalog/search_row_bytes.h"

/* Minor units: wide enough apart that a page of them is short, for cheap goods and dear ones. */
static const int64_t bounds_of_ours[] = { 500,   1000,  2000,   5000,   10000,
                                          20000, 50000, 100000, 200000, 500000 };

struct search_counts {
    const struct search_names *names; /* lent from the begin to the end of counting */
    uint32_t *counts;                 /* by number */
    uint32_t *touched;                /* numbers with a count */
    size_t capacity;                  /* of both, in numbers */
    size_t touched_count;
    const int64_t *bounds;
    size_t bounds_count;
    int64_t ranges[SEARCH_PRICE_BOUNDS_MAX + 1];
    int64_t stars[SEARCH_STARS];
    int64_t in_stock, on_sale, total;
};

static void *checked(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

struct search_counts *search_counts_new(void)
{
    return checked(calloc(1, sizeof(struct search_counts)));
}

void search_counts_destroy(struct search_counts **counts)
{
    if (*counts == NULL) return;
    free((*counts)->counts);
    free((*counts)->touched);
    free(*counts);
    *counts = NULL;
}

void search_counts_begin(struct search_counts *counts, const struct search_names *names,
                         const int64_t *price_bounds, size_t price_bounds_count)
{
    assert(price_bounds_count <= SEARCH_PRICE_BOUNDS_MAX);
    static_assert(ARRAY_LENGTH(bounds_of_ours) <= SEARCH_PRICE_BOUNDS_MAX, "ours fit, too");
    for (size_t i = 0; i < counts->touched_count; i++)
        counts->counts[counts->touched[i]] = 0;
    const size_t names_count = search_names_count(names);
    if (names_count > counts->capacity) {
        counts->counts = checked(realloc(counts->counts, names_count * sizeof *counts->counts));
        counts->touched = checked(realloc(counts->touched, names_count * sizeof *counts->touched));
        memset(counts->counts + counts->capacity, 0,
               (names_count - counts->capacity) * sizeof *counts->counts);
        counts->capacity = names_count;
    }
    const bool is_ours = price_bounds_count == 0;
    *counts = (struct search_counts){
        .names = names,
        .counts = counts->counts,
        .touched = counts->touched,
        .capacity = counts->capacity,
        .bounds = is_ours ? bounds_of_ours : price_bounds,
        .bounds_count = is_ours ? ARRAY_LENGTH(bounds_of_ours) : price_bounds_count,
    };
}

static void count_one(struct search_counts *counts, uint32_t number)
{
    if (number >= counts->capacity) return;
    if (counts->counts[number]++ == 0) counts->touched[counts->touched_count++] = number;
}

/* Without a branch that depends on the price: few can be foreseen. */
static void count_price(struct search_counts *counts, int64_t price)
{
    size_t range = 0;
    for (size_t i = 0; i < counts->bounds_count; i++)
        range += price >= counts->bounds[i];
    counts->ranges[range]++;
}

static void count_stars(struct search_counts *counts, int rating_hundredths)
{
    for (int i = 0; i < SEARCH_STARS; i++)
        counts->stars[i] += rating_hundredths >= (i + 1) * 100;
}

static void count_categories(struct search_counts *counts, const struct search_row *row)
{
    for (size_t i = 0; i < row->categories_count; i++)
        count_one(counts, row->categories[i]);
}

/* Values of all attributes, or of one. */
static void count_attributes(struct search_counts *counts, const struct search_row *row,
                             uint32_t only)
{
    for (size_t i = 0; i < row->attributes_count; i++) {
        const uint32_t value = row->attributes[i];
        if (value >= counts->capacity) continue;
        const bool is_meant =
            only == SEARCH_NAME_NONE || search_names_get(counts->names, value).parent == only;
        if (is_meant) count_one(counts, value);
    }
}

/* But for attributes. */
static void count_in_all(struct search_counts *counts, const struct search_row *row)
{
    counts->total++;
    count_one(counts, row->vendor);
    count_categories(counts, row);
    count_price(counts, row->price);
    count_stars(counts, row->rating_hundredths);
    counts->in_stock += row->is_in_stock;
    counts->on_sale += row->is_on_sale;
}

/* The one dimension, which is none of the attributes, in which the row does not pass. */
static void count_missed(struct search_counts *counts, const struct search_row *row,
                         uint64_t missed)
{
    switch (missed) {
    case SEARCH_IN_CATEGORY:
        count_categories(counts, row);
        break;
    case SEARCH_OF_VENDOR:
        count_one(counts, row->vendor);
        break;
    case SEARCH_IN_PRICE:
        count_price(counts, row->price);
        break;
    case SEARCH_IN_RATING:
        count_stars(counts, row->rating_hundredths);
        break;
    case SEARCH_IN_STOCK:
        counts->in_stock += row->is_in_stock;
        break;
    case SEARCH_IN_SALE:
        counts->on_sale += row->is_on_sale;
        break;
    default: /* nowhere */
        break;
    }
}

/* Which group of the sieve the value's attribute is; groups_count: none. */
static size_t group_of(const struct search_counts *counts, const struct search_sieve *sieve,
                       uint32_t value)
{
    const uint32_t parent = search_names_get(counts->names, value).parent;
    size_t group = 0;
    while (group < sieve->groups_count && sieve->groups[group] != parent)
        group++;
    return group;
}

/* Values that are met in a variant which has all that is asked for of other attributes. */
static void count_together(struct search_counts *counts, const struct search_sieve *sieve,
                           const struct search_row *row)
{
    uint64_t values[SEARCH_FILTER_ATTRIBUTES_MAX + 1];
    for (size_t i = 0; i <= sieve->groups_count; i++)
        values[i] = search_sieve_values(sieve, row, i);
    for (size_t i = 0; i < row->attributes_count; i++) {
        if (row->attributes[i] >= counts->capacity) continue;
        const size_t group = group_of(counts, sieve, row->attributes[i]);
        if ((values[group] >> i & 1) != 0) count_one(counts, row->attributes[i]);
    }
}

/* A row whose variants have values of attributes that are asked for, each its own. */
static bool add_by_variants(struct search_counts *counts, const struct search_sieve *sieve,
                            const struct search_row *row, uint64_t misses)
{
    const uint64_t others = misses & (SEARCH_IN_ATTRIBUTE - 1);
    if (others == 0) count_together(counts, sieve, row);
    if (others == misses && others != 0 && (others & (others - 1)) == 0)
        count_missed(counts, row, others);
    if (misses == 0) count_in_all(counts, row);
    return misses == 0;
}

bool search_counts_add(struct search_counts *counts, const struct search_sieve *sieve,
                       const struct search_row *row)
{
    const uint64_t misses = search_sieve_misses(sieve, row);
    if (row->variants_count > 0 && sieve->groups_count > 0)
        return add_by_variants(counts, sieve, row, misses);
    if (misses == 0) {
        count_in_all(counts, row);
        count_attributes(counts, row, SEARCH_NAME_NONE);
        return true;
    }
    if ((misses & (misses - 1)) != 0) return false;
    if (misses < SEARCH_IN_ATTRIBUTE) {
        count_missed(counts, row, misses);
        return false;
    }
    for (size_t i = 0; i < sieve->groups_count; i++) {
        const bool is_it = misses == (uint64_t)SEARCH_IN_ATTRIBUTE << i;
        if (is_it && sieve->groups[i] != SEARCH_NAME_NONE)
            count_attributes(counts, row, sieve->groups[i]);
    }
    return false;
}

static bool count_list(struct search_counts *counts, struct search_row_cursor *cursor, size_t limit)
{
    uint64_t count;
    if (!search_row_varint(cursor, &count) || count > limit) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t number;
        if (!search_row_name(cursor, &number)) return false;
        count_one(counts, number);
    }
    return true;
}

enum status search_counts_add_packed(struct search_counts *counts, struct text packed)
{
    struct search_row_cursor cursor = { packed.data, packed.data + packed.length };
    struct search_row_head head;
    uint32_t vendor;
    if (!search_row_read_head(&cursor, &head) || !search_row_name(&cursor, &vendor))
        return STATUS_CORRUPT;
    count_one(counts, vendor);
    if (!count_list(counts, &cursor, SEARCH_CATEGORIES_MAX) ||
        !count_list(counts, &cursor, SEARCH_ATTRIBUTES_MAX))
        return STATUS_CORRUPT;
    counts->total++;
    count_price(counts, (int64_t)head.price);
    count_stars(counts, (int)head.rating_hundredths);
    counts->in_stock += (head.flags & SEARCH_ROW_IN_STOCK) != 0;
    counts->on_sale += (head.flags & SEARCH_ROW_ON_SALE) != 0;
    return STATUS_OK;
}

int64_t search_counts_total(const struct search_counts *counts)
{
    return counts->total;
}

/* ---- what is told ---- */

static int compare_values(const void *a, const void *b, void *context)
{
    const struct search_counts *counts = context;
    const uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    const uint32_t first_count = counts->counts[first];
    const uint32_t second_count = counts->counts[second];
    if (first_count != second_count) return first_count > second_count ? -1 : 1;
    const struct search_name first_name = search_names_get(counts->names, first);
    const struct search_name second_name = search_names_get(counts->names, second);
    const int order = text_compare(first_name.name, second_name.name);
    return order != 0
               ? order
               : memcmp(first_name.key.bytes, second_name.key.bytes, sizeof first_name.key.bytes);
}

/* Sorts the numbers in place and tells the first of them. */
static struct search_facet tell_values(const struct search_counts *counts, struct arena *arena,
                                       uint32_t *numbers, size_t count)
{
    qsort_r(numbers, count, sizeof *numbers, compare_values, (void *)counts);
    if (count > SEARCH_FACET_VALUES_MAX) count = SEARCH_FACET_VALUES_MAX;
    struct search_facet_value *values = arena_allocate_array(arena, count, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        const struct search_name name = search_names_get(counts->names, numbers[i]);
        const bool has_id = name.kind <= SEARCH_NAME_VENDOR;
        values[i] = (struct search_facet_value){ .id = has_id ? name.key : (struct uuid){ { 0 } },
                                                 .name = text_copy(arena, name.name),
                                                 .count = counts->counts[numbers[i]] };
    }
    return (struct search_facet){ .values = values, .count = count };
}

/* Numbers of the kind that have a count, in the arena. */
static uint32_t *choose(const struct search_counts *counts, struct arena *arena,
                        enum search_name_kind kind, size_t *ret_count)
{
    uint32_t *numbers = arena_allocate_array(arena, counts->touched_count, sizeof *numbers);
    size_t count = 0;
    for (size_t i = 0; i < counts->touched_count; i++) {
        if (search_names_get(counts->names, counts->touched[i]).kind != kind) continue;
        numbers[count++] = counts->touched[i];
    }
    *ret_count = count;
    return numbers;
}

static int compare_parents(const void *a, const void *b, void *context)
{
    const struct search_counts *counts = context;
    const uint32_t first = search_names_get(counts->names, *(const uint32_t *)a).parent;
    const uint32_t second = search_names_get(counts->names, *(const uint32_t *)b).parent;
    return (first > second) - (first < second);
}

struct attribute {
    struct search_name name;
    uint32_t *numbers;
    size_t count;
    int64_t sum;
};

static int compare_attributes(const void *a, const void *b)
{
    const struct attribute *first = a, *second = b;
    if (first->sum != second->sum) return first->sum > second->sum ? -1 : 1;
    const int order = text_compare(first->name.name, second->name.name);
    return order != 0 ? order
                      : memcmp(first->name.key.bytes, second->name.key.bytes,
                               sizeof first->name.key.bytes);
}

static void tell_attributes(const struct search_counts *counts, struct arena *arena,
                            struct search_facets *facets)
{
    size_t values_count;
    uint32_t *numbers = choose(counts, arena, SEARCH_NAME_VALUE, &values_count);
    qsort_r(numbers, values_count, sizeof *numbers, compare_parents, (void *)counts);
    struct attribute *list = arena_allocate_array(arena, values_count, sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < values_count; i++) {
        const uint32_t parent = search_names_get(counts->names, numbers[i]).parent;
        if (parent >= search_names_count(counts->names)) continue;
        const bool is_new =
            i == 0 || parent != search_names_get(counts->names, numbers[i - 1]).parent;
        if (is_new) {
            list[count++] = (struct attribute){ .name = search_names_get(counts->names, parent),
                                                .numbers = numbers + i };
        }
        list[count - 1].count++;
        list[count - 1].sum += counts->counts[numbers[i]];
    }
    if (count > 0) qsort(list, count, sizeof *list, compare_attributes);
    if (count > SEARCH_FACET_ATTRIBUTES_MAX) count = SEARCH_FACET_ATTRIBUTES_MAX;
    struct search_facet *attributes = arena_allocate_array(arena, count, sizeof *attributes);
    for (size_t i = 0; i < count; i++) {
        attributes[i] = tell_values(counts, arena, list[i].numbers, list[i].count);
        attributes[i].name = text_copy(arena, list[i].name.name);
    }
    facets->attributes = attributes;
    facets->attributes_count = count;
}

static void tell_prices(const struct search_counts *counts, struct arena *arena,
                        struct search_facets *facets)
{
    struct search_price_range *prices =
        arena_allocate_array(arena, counts->bounds_count + 1, sizeof *prices);
    for (size_t i = 0; i <= counts->bounds_count; i++) {
        if (counts->ranges[i] == 0) continue;
        prices[facets->prices_count++] = (struct search_price_range){
            .from = i == 0 ? 0 : counts->bounds[i - 1],
            .to = i == counts->bounds_count ? INT64_MAX : counts->bounds[i],
            .count = counts->ranges[i],
        };
    }
    facets->prices = prices;
}

const struct search_facets *search_counts_tell(const struct search_counts *counts,
                                               struct arena *arena)
{
    struct search_facets *facets = arena_allocate(arena, sizeof *facets);
    size_t count;
    uint32_t *numbers = choose(counts, arena, SEARCH_NAME_CATEGORY, &count);
    facets->categories = tell_values(counts, arena, numbers, count);
    numbers = choose(counts, arena, SEARCH_NAME_VENDOR, &count);
    facets->vendors = tell_values(counts, arena, numbers, count);
    tell_attributes(counts, arena, facets);
    tell_prices(counts, arena, facets);
    memcpy(facets->stars, counts->stars, sizeof facets->stars);
    facets->in_stock = counts->in_stock;
    facets->on_sale = counts->on_sale;
    return facets;
}
