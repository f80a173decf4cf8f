/* SQL of exports. */
#include "actors/catalog/catalog_export_store.h"

#include "actors/host/market_currency.h"

static const struct statement vendor_find = {
    .name = "catalog_export_vendor",
    .sql = "SELECT vendor_id FROM catalog.vendor_copy WHERE vendor_id = coalesce("
           "(SELECT vendor_id FROM catalog.vendor_copy WHERE name = $1 LIMIT 1),"
           " (SELECT vendor_id FROM catalog.vendor_copy"
           " WHERE catalog.same_name(name) = catalog.same_name($1) LIMIT 1))",
};

enum status catalog_export_store_find_vendor(struct request *request, struct text name,
                                             struct uuid *ret_vendor_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, name);
    TRY(request_query(request, &vendor_find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_vendor_id = row_uuid(&row);
    return STATUS_OK;
}

#define EXPORTED_SQL                                                                               \
    "SELECT p.id, coalesce(v.name, '') FROM catalog.product p"                                     \
    " LEFT JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id WHERE p.id > $1"                \
    " AND p.status <> 5"
static const struct statement list_any[] = {
    { .name = "catalog_export_list", .sql = EXPORTED_SQL " ORDER BY p.id LIMIT $2" },
    { .name = "catalog_export_list_of_vendor",
      .sql = EXPORTED_SQL " AND p.vendor_id = $3 ORDER BY p.id LIMIT $2" },
};

/* What shoppers see. */
#define VISIBLE_SQL                                                                                \
    "SELECT p.id, v.name FROM catalog.product p JOIN catalog.vendor_copy v"                        \
    " ON v.vendor_id = p.vendor_id AND v.is_open WHERE p.is_listed AND p.id > $1"
static const struct statement list_visible[] = {
    { .name = "catalog_export_visible", .sql = VISIBLE_SQL " ORDER BY p.id LIMIT $2" },
    { .name = "catalog_export_visible_of_vendor",
      .sql = VISIBLE_SQL " AND p.vendor_id = $3 ORDER BY p.id LIMIT $2" },
};

static enum status list(struct request *request, const struct statement statements[2],
                        const struct uuid *vendor_id, struct uuid after, int64_t limit,
                        struct catalog_exported **ret_products, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, after);
    param_int(params, arena, limit);
    if (vendor_id != NULL) param_uuid(params, arena, *vendor_id);
    TRY(request_query(request, &statements[vendor_id != NULL], params, &rows));
    struct catalog_exported *products = arena_allocate_array(arena, rows.count, sizeof *products);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        products[i].product_id = row_uuid(&row);
        products[i].vendor_name = row_text(&row);
    }
    *ret_products = products;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status catalog_export_store_list(struct request *request, const struct uuid *vendor_id,
                                      struct uuid after, int64_t limit,
                                      struct catalog_exported **ret_products, size_t *ret_count)
{
    return list(request, list_any, vendor_id, after, limit, ret_products, ret_count);
}

enum status catalog_export_store_list_visible(struct request *request, const struct uuid *vendor_id,
                                              struct uuid after, int64_t limit,
                                              struct catalog_exported **ret_products,
                                              size_t *ret_count)
{
    return list(request, list_visible, vendor_id, after, limit, ret_products, ret_count);
}

/* Deleted products have none. */
static const struct statement columns_find = {
    .name = "catalog_export_columns",
    .sql = "SELECT ARRAY(SELECT DISTINCT p.attributes[i] FROM catalog.product p"
           " CROSS JOIN LATERAL generate_series(1, cardinality(p.attributes), 2) AS i"
           " WHERE p.status <> 5 AND coalesce(p.vendor_id = $1, true) ORDER BY 1 LIMIT 50),"
           " ARRAY(SELECT DISTINCT r.currency FROM catalog.product p"
           " JOIN catalog.variant w ON w.product_id = p.id"
           " JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency <> $2"
           " WHERE p.status <> 5 AND coalesce(p.vendor_id = $1, true) ORDER BY 1),"
           " ARRAY(SELECT DISTINCT t.field || ':' || l.language FROM catalog.product p"
           " JOIN catalog.product_translation l ON l.product_id = p.id"
           " CROSS JOIN LATERAL (VALUES ('name', l.name), ('description', l.description),"
           " ('seo_title', l.seo_title), ('seo_description', l.seo_description)) AS t (field, said)"
           " WHERE p.status <> 5 AND coalesce(p.vendor_id = $1, true) AND t.said IS NOT NULL"
           " ORDER BY 1 LIMIT 28)",
};

/* An import refuses prices in currencies that the market does not sell in. */
static void keep_sold(struct request *request, size_t count, const struct text *currencies,
                      struct product_more_columns *ret_columns)
{
    struct text *sold =
        arena_allocate_array(request_arena(request), PRODUCT_PRICE_COLUMNS_MAX, sizeof *sold);
    ret_columns->currencies = sold;
    ret_columns->currencies_count = 0;
    for (size_t i = 0; i < count && ret_columns->currencies_count < PRODUCT_PRICE_COLUMNS_MAX; i++)
        if (market_sells_in(request_config(request), currencies[i]))
            sold[ret_columns->currencies_count++] = currencies[i];
}

enum status catalog_export_store_columns(struct request *request, const struct uuid *vendor_id,
                                         const char *currency,
                                         struct product_more_columns *ret_columns)
{
    static_assert(PRODUCT_ATTRIBUTE_COLUMNS_MAX == 50, "the first LIMIT");
    static_assert(PRODUCT_TEXT_COLUMNS_MAX == 28, "the second LIMIT");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    const struct text *currencies;
    param_uuid_or_null(params, arena, vendor_id == NULL ? (struct uuid){ { 0 } } : *vendor_id);
    param_text(params, arena, text_of(currency));
    TRY(request_query(request, &columns_find, params, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    ret_columns->attribute_keys_count = row_text_array(&row, arena, &ret_columns->attribute_keys);
    const size_t currencies_count = row_text_array(&row, arena, &currencies);
    keep_sold(request, currencies_count, currencies, ret_columns);
    ret_columns->texts_count = row_text_array(&row, arena, &ret_columns->texts);
    return STATUS_OK;
}
