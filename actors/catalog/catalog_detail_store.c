/* SQL of one product, of the category tree and of offers for carts: one round trip each. */
#include <string.h>

#include "actors/catalog/catalog_list_store.h"

static struct money read_money(int64_t amount, struct text currency)
{
    struct money money = { .amount = amount };
    assert(currency.length == 3);
    memcpy(money.currency, currency.data, 3);
    return money;
}

/* `options` are name, value, name, value ... */
static const struct text_pair *read_options(struct arena *arena, const struct text *options,
                                            size_t count)
{
    struct text_pair *pairs = arena_allocate_array(arena, count, sizeof *pairs);
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct text_pair){ .name = options[2 * i], .value = options[2 * i + 1] };
    return pairs;
}

/* ---- one product ---- */

/* One row; the columns of its variants are arrays in the order of the variants, their options one
 * array for all. */
static const struct statement product_get = {
    .name = "catalog_product_get",
    .sql = "SELECT p.id, p.vendor_id, v.name, p.name, p.slug, p.description, p.category_id, c.path,"
           " p.price_amount, p.price_currency, coalesce(p.compare_at_amount, -1), p.images,"
           " p.created_at, x.ids, x.skus, x.options_counts, x.options, x.amounts, x.compare_at,"
           " x.available"
           " FROM catalog.product p"
           " JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open"
           " JOIN catalog.category c ON c.id = p.category_id"
           " CROSS JOIN LATERAL (SELECT coalesce(array_agg(y.id), '{}') AS ids,"
           " coalesce(array_agg(y.sku), '{}') AS skus,"
           " coalesce(array_agg(y.options_count), '{}') AS options_counts,"
           " coalesce(catalog.text_concat(y.options), '{}') AS options,"
           " coalesce(array_agg(y.amount), '{}') AS amounts,"
           " coalesce(array_agg(y.compare_at), '{}') AS compare_at,"
           " coalesce(array_agg(y.available), '{}') AS available"
           " FROM (SELECT w.id, coalesce(w.sku, '') AS sku, cardinality(w.options) / 2 AS "
           "options_count,"
           " w.options, r.amount, coalesce(r.compare_at_amount, -1) AS compare_at,"
           " k.on_hand - k.held AS available"
           " FROM catalog.variant w"
           " JOIN catalog.stock k ON k.variant_id = w.id AND k.is_active"
           " JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = p.price_currency"
           " WHERE w.product_id = p.id ORDER BY w.position LIMIT 100) y) x"
           " WHERE p.id = $1 AND p.is_listed",
};

static void read_variants(struct row *row, struct arena *arena, struct catalog_product *product)
{
    const struct uuid *ids;
    const struct text *skus, *options;
    const int64_t *options_counts, *amounts, *compare_at, *available;
    const size_t count = row_uuid_array(row, arena, &ids);
    (void)row_text_array(row, arena, &skus);
    (void)row_int_array(row, arena, &options_counts);
    (void)row_text_array(row, arena, &options);
    (void)row_int_array(row, arena, &amounts);
    (void)row_int_array(row, arena, &compare_at);
    (void)row_int_array(row, arena, &available);
    struct catalog_variant *variants = arena_allocate_array(arena, count, sizeof *variants);
    for (size_t i = 0; i < count; i++) {
        struct catalog_variant *variant = &variants[i];
        variant->id = ids[i];
        variant->sku = skus[i];
        variant->has_sku = skus[i].length > 0;
        variant->options_count = (size_t)options_counts[i];
        variant->options = read_options(arena, options, variant->options_count);
        options += 2 * variant->options_count;
        variant->price = money_make(amounts[i], product->price.currency);
        variant->compare_at_price = money_make(compare_at[i], product->price.currency);
        variant->has_compare_at_price = compare_at[i] >= 0;
        variant->available = available[i];
        if (available[i] > 0) product->in_stock = true;
    }
    product->variants = variants;
    product->variants_count = count;
}

enum status catalog_list_store_product(struct request *request, struct uuid product_id,
                                       struct catalog_product *ret_product)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    TRY(request_query(request, &product_get, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_product product = { .id = row_uuid(&row) };
    product.vendor.id = row_uuid(&row);
    product.vendor.name = row_text(&row);
    product.name = row_text(&row);
    product.slug = row_text(&row);
    product.description = row_text(&row);
    product.category.id = row_uuid(&row);
    product.category.path = row_text(&row);
    const int64_t amount = row_int(&row);
    product.price = read_money(amount, row_text(&row));
    product.compare_at_price = money_make(row_int(&row), product.price.currency);
    product.has_compare_at_price = product.compare_at_price.amount >= 0;
    product.images_count = row_text_array(&row, arena, &product.images);
    product.created_at_us = row_int(&row);
    read_variants(&row, arena, &product);
    *ret_product = product;
    return STATUS_OK;
}

/* ---- categories ---- */

static const struct statement categories_list = {
    .name = "catalog_categories_list",
    .sql = "SELECT id, name, slug, path, depth, parent_id FROM catalog.category"
           " ORDER BY path LIMIT 5001",
};

enum status catalog_list_store_categories(struct request *request,
                                          struct catalog_category **ret_categories,
                                          size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    TRY(request_query(request, &categories_list, params, &rows));
    assert(rows.count <= CATALOG_TREE_MAX + 1);
    struct catalog_category *categories =
        arena_allocate_array(arena, rows.count, sizeof *categories);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        categories[i].id = row_uuid(&row);
        categories[i].name = row_text(&row);
        categories[i].slug = row_text(&row);
        categories[i].path = row_text(&row);
        categories[i].depth = row_int(&row);
        categories[i].has_parent_id = !row_skip_null(&row);
        if (categories[i].has_parent_id) categories[i].parent_id = row_uuid(&row);
    }
    *ret_categories = categories;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- offers ---- */

static const struct statement offers_get = {
    .name = "catalog_offers_get",
    .sql = "SELECT w.id, p.id, p.vendor_id, coalesce(v.name, ''), p.name, coalesce(w.sku, ''),"
           " w.options, coalesce(r.amount, -1),"
           " CASE WHEN k.is_active THEN k.on_hand - k.held ELSE 0 END,"
           " p.is_listed AND k.is_active, v.is_open IS TRUE"
           " FROM catalog.variant w"
           " JOIN catalog.product p ON p.id = w.product_id"
           " JOIN catalog.stock k ON k.variant_id = w.id"
           " LEFT JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id"
           " LEFT JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = $2"
           " WHERE w.id = ANY ($1)",
};

static void read_offer(struct row *row, struct arena *arena, const char *currency,
                       struct catalog_offer *offer)
{
    const struct text *options;
    offer->variant_id = row_uuid(row);
    offer->product_id = row_uuid(row);
    offer->vendor_id = row_uuid(row);
    offer->vendor_name = row_text(row);
    offer->name = row_text(row);
    offer->sku = row_text(row);
    offer->has_sku = offer->sku.length > 0;
    offer->options_count = row_text_array(row, arena, &options) / 2;
    offer->options = read_options(arena, options, offer->options_count);
    offer->price = money_make(row_int(row), currency);
    offer->has_price = offer->price.amount >= 0;
    offer->available = row_int(row);
    offer->is_listed = row_bool(row);
    offer->is_vendor_open = row_bool(row);
}

enum status catalog_list_store_offers(struct request *request,
                                      const struct catalog_get_offers *query,
                                      struct catalog_offers *ret_offers)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->variant_ids, query->variant_ids_count);
    param_text(params, arena, query->currency);
    TRY(request_query(request, &offers_get, params, &rows));
    const char *currency = text_string(arena, query->currency);
    struct catalog_offer *offers = arena_allocate_array(arena, rows.count, sizeof *offers);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_offer(&row, arena, currency, &offers[i]);
    }
    *ret_offers = (struct catalog_offers){ .offers = offers, .offers_count = rows.count };
    return STATUS_OK;
}
