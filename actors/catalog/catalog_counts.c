/* Counts of products by category. */
#include "actors/catalog/catalog_counts.h"

#include <stdlib.h>
#include <string.h>

#include "actors/catalog/catalog_search.h"
#include "actors/host/service.h"

enum { COUNTED_MAX = 5000, REST_FACTOR = 10, REST_US = 500000 };

/* A listing has a row for each category that a product is in, above its own, too. Products of a
 * vendor that is closed stay listed, and are not shown. */
static const struct statement listings_count = {
    .name = "catalog_listings_count",
    .sql = "WITH closed AS (SELECT p.id FROM catalog.vendor_copy v JOIN catalog.product p"
           " ON p.vendor_id = v.vendor_id AND p.is_listed WHERE NOT v.is_open)"
           " SELECT l.category_id, count(*) FROM catalog.listing l"
           " WHERE NOT EXISTS (SELECT FROM closed c WHERE c.id = l.product_id)"
           " GROUP BY l.category_id ORDER BY l.category_id LIMIT 5000",
};

void catalog_counts_clear(struct catalog_counts *counts)
{
    free(counts->ids);
    free(counts->numbers);
    *counts = (struct catalog_counts){ 0 };
}

/* Into the request's arena. */
static enum status count_listings(struct request *request, struct catalog_counts *ret_counts)
{
    static_assert(COUNTED_MAX == 5000, "the LIMIT of listings_count");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    TRY(request_query(request, &listings_count, params, &rows));
    struct catalog_counts counts = { .count = rows.count };
    counts.ids = arena_allocate_array(arena, rows.count, sizeof *counts.ids);
    counts.numbers = arena_allocate_array(arena, rows.count, sizeof *counts.numbers);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        counts.ids[i] = row_uuid(&row);
        counts.numbers[i] = row_int(&row);
    }
    *ret_counts = counts;
    return STATUS_OK;
}

static void *copy(const void *bytes, size_t count, size_t size)
{
    void *kept = calloc(count + 1, size);
    if (kept == NULL) abort();
    if (count > 0) memcpy(kept, bytes, count * size);
    return kept;
}

static void remember(struct catalog_counts *kept, const struct catalog_counts *counts,
                     int64_t good_until_us)
{
    catalog_counts_clear(kept);
    *kept = (struct catalog_counts){ .good_until_us = good_until_us,
                                     .ids = copy(counts->ids, counts->count, sizeof *counts->ids),
                                     .numbers = copy(counts->numbers, counts->count,
                                                     sizeof *counts->numbers),
                                     .count = counts->count };
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct uuid));
}

static void fill_in(const struct catalog_counts *counts, struct catalog_category *categories,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct uuid *found = counts->count == 0
                                       ? NULL
                                       : bsearch(&categories[i].id, counts->ids, counts->count,
                                                 sizeof *counts->ids, compare_ids);
        categories[i].has_products = true;
        categories[i].products = found != NULL ? counts->numbers[found - counts->ids] : 0;
    }
}

enum status catalog_counts_tell(struct request *request, struct catalog_category *categories,
                                size_t count)
{
    struct catalog_search *search = request_service(request); /* NULL: there is no node around */
    const int64_t begun_us = search != NULL ? service_now_us(search->service) : 0;
    if (search != NULL && begun_us < search->counts.good_until_us) {
        fill_in(&search->counts, categories, count);
        return STATUS_OK;
    }
    struct catalog_counts counts;
    TRY(count_listings(request, &counts));
    fill_in(&counts, categories, count);
    if (search == NULL) return STATUS_OK;
    const int64_t now_us = service_now_us(search->service);
    remember(&search->counts, &counts, now_us + REST_US + REST_FACTOR * (now_us - begun_us));
    return STATUS_OK;
}
