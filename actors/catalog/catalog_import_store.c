/* SQL of importing a product: every table takes one statement, whatever the number of variants. */
#include "actors/catalog/catalog_import_store.h"

#include "runtime/slug.h"

static const struct statement import_load = {
    .name = "catalog_import_load",
    .sql = "SELECT c.ancestors, c.path, p.id, p.version, p.content_digest, p.created_at,"
           " o.ancestors"
           " FROM catalog.category c"
           " LEFT JOIN catalog.product p ON p.vendor_id = $2 AND p.handle = $3"
           " LEFT JOIN catalog.category o ON o.id = p.category_id"
           " WHERE c.id = $1",
};

enum status catalog_import_store_load(struct request *request,
                                      const struct catalog_import_product *command,
                                      struct catalog_import_base *ret_base)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, command->category_id);
    param_uuid(params, arena, command->vendor_id);
    param_text(params, arena, command->handle);
    TRY(request_query(request, &import_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_import_base base = { 0 };
    base.ancestors_count = row_uuid_array(&row, arena, &base.ancestors);
    base.category_path = row_text(&row);
    base.created_at_us = request_now_us(request);
    if (!row_skip_null(&row)) {
        base.is_known = true;
        base.product_id = row_uuid(&row);
        base.version = row_int(&row);
        base.digest = row_bytes(&row);
        base.created_at_us = row_int(&row);
        base.old_ancestors_count = row_uuid_array(&row, arena, &base.old_ancestors);
    }
    *ret_base = base;
    return STATUS_OK;
}

static const struct statement variants_list = {
    .name = "catalog_import_variants",
    .sql = "SELECT x.id, coalesce(x.sku, ''), x.position, k.is_active, x.options"
           " FROM catalog.variant x JOIN catalog.stock k ON k.variant_id = x.id"
           " WHERE x.product_id = $1 ORDER BY NOT k.is_active, x.position, x.id LIMIT 200",
};

enum status catalog_import_store_list_variants(struct request *request, struct uuid product_id,
                                               struct catalog_known_variant *ret_known,
                                               size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, product_id);
    TRY(request_query(request, &variants_list, params, &rows));
    assert(rows.count <= CATALOG_VARIANTS_KEPT);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct catalog_known_variant *known = &ret_known[i];
        known->id = row_uuid(&row);
        known->sku = row_text(&row);
        known->position = row_int(&row);
        known->is_active = row_bool(&row);
        known->options_count = row_text_array(&row, arena, &known->options);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- product ---- */

/* $1 .. $15 are the same in both statements; an absent price before a reduction is -1. */
#define VENDOR_NAME_SQL                                                                            \
    "coalesce((SELECT v.name FROM catalog.vendor_copy v WHERE v.vendor_id = $2), '')"
#define SEARCH_SQL "catalog.search_vector($5, " VENDOR_NAME_SQL ", $7)"
#define TITLE_SQL "catalog.title_vector($5, " VENDOR_NAME_SQL ")"

static const struct statement product_insert = {
    .name = "catalog_product_insert",
    .sql =
        "INSERT INTO catalog.product (id, vendor_id, category_id, handle, name, slug, description,"
        " images, is_listed, price_amount, price_currency, compare_at_amount, content_digest,"
        " created_at, updated_at, category_path, search, title)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, -1), $13,"
        " $14, $14, $15, " SEARCH_SQL ", " TITLE_SQL ")",
    .on_duplicate = STATUS_CONFLICT,
};

static const struct statement product_update = {
    .name = "catalog_product_update",
    .sql = "WITH u AS (UPDATE catalog.product SET vendor_id = $2, category_id = $3, handle = $4,"
           " name = $5, slug = $6, description = $7, images = $8, is_listed = $9,"
           " price_amount = $10, price_currency = $11, compare_at_amount = nullif($12, -1),"
           " content_digest = $13, updated_at = $14, category_path = $15, search = " SEARCH_SQL
           ", title = " TITLE_SQL
           ", version = version + 1 WHERE id = $1 AND version = $16 RETURNING 1)"
           " SELECT require_one(count(*)) FROM u",
};

static void save_product(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const struct catalog_import_product *command = import->command;
    const struct catalog_imported_variant *cheapest = import->cheapest;
    struct store_params *params =
        request_write(request, import->base->is_known ? &product_update : &product_insert);
    param_uuid(params, arena, import->product_id);
    param_uuid(params, arena, command->vendor_id);
    param_uuid(params, arena, command->category_id);
    param_text(params, arena, command->handle);
    param_text(params, arena, command->name);
    param_text(params, arena, slug_of_text(arena, command->name, CATALOG_PRODUCT_SLUG_MAX));
    param_text(params, arena, command->description);
    param_text_array(params, arena, command->images, command->images_count);
    param_bool(params, arena, command->is_listed);
    param_int(params, arena, cheapest->price.amount);
    param_text(params, arena, text_of(cheapest->price.currency));
    param_int(params, arena,
              cheapest->has_compare_at_price ? cheapest->compare_at_price.amount : -1);
    param_bytes(params, arena, import->digest);
    param_int(params, arena, request_now_us(request));
    param_text(params, arena, import->base->category_path);
    if (import->base->is_known) param_int(params, arena, import->base->version);
}

/* ---- variants ---- */

/* The options of all variants stand in one array; each variant has its slice of it. */
static const struct statement variants_save = {
    .name = "catalog_variants_save",
    .sql = "INSERT INTO catalog.variant (id, product_id, position, sku, options, weight_grams)"
           " SELECT u.id, $1, u.position - 1, nullif(u.sku, ''),"
           " ($4::text[])[u.options_end - u.options_count + 1 : u.options_end],"
           " nullif(u.weight_grams, -1)"
           " FROM unnest($2::uuid[], $3::text[], $5::bigint[], $6::bigint[], $7::bigint[])"
           " WITH ORDINALITY AS u (id, sku, options_count, options_end, weight_grams, position)"
           " ON CONFLICT (id) DO UPDATE SET position = excluded.position, sku = excluded.sku,"
           " options = excluded.options, weight_grams = excluded.weight_grams",
};

static void save_variants(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const struct catalog_imported_variant *variants = import->command->variants;
    const size_t count = import->command->variants_count;
    struct text *skus = arena_allocate_array(arena, count, sizeof *skus);
    struct text *options =
        arena_allocate_array(arena, 2 * CATALOG_OPTIONS_MAX * count, sizeof *options);
    int64_t *counts = arena_allocate_array(arena, count, sizeof *counts);
    int64_t *ends = arena_allocate_array(arena, count, sizeof *ends);
    int64_t *weights = arena_allocate_array(arena, count, sizeof *weights);
    size_t options_count = 0;
    for (size_t i = 0; i < count; i++) {
        assert(variants[i].options_count <= CATALOG_OPTIONS_MAX);
        if (variants[i].has_sku) skus[i] = variants[i].sku;
        for (size_t k = 0; k < variants[i].options_count; k++) {
            options[options_count++] = variants[i].options[k].name;
            options[options_count++] = variants[i].options[k].value;
        }
        counts[i] = (int64_t)(2 * variants[i].options_count);
        ends[i] = (int64_t)options_count;
        weights[i] = variants[i].has_weight_grams ? variants[i].weight_grams : -1;
    }
    struct store_params *params = request_write(request, &variants_save);
    param_uuid(params, arena, import->product_id);
    param_uuid_array(params, arena, import->variant_ids, count);
    param_text_array(params, arena, skus, count);
    param_text_array(params, arena, options, options_count);
    param_int_array(params, arena, counts, count);
    param_int_array(params, arena, ends, count);
    param_int_array(params, arena, weights, count);
}

static const struct statement prices_save = {
    .name = "catalog_prices_save",
    .sql = "INSERT INTO catalog.variant_price (variant_id, currency, amount, compare_at_amount)"
           " SELECT u.id, u.currency, u.amount, nullif(u.compare_at, -1)"
           " FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])"
           " AS u (id, currency, amount, compare_at)"
           " ON CONFLICT (variant_id, currency) DO UPDATE SET amount = excluded.amount,"
           " compare_at_amount = excluded.compare_at_amount",
};

static void save_prices(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const struct catalog_imported_variant *variants = import->command->variants;
    const size_t count = import->command->variants_count;
    struct text *currencies = arena_allocate_array(arena, count, sizeof *currencies);
    int64_t *amounts = arena_allocate_array(arena, count, sizeof *amounts);
    int64_t *compare_at = arena_allocate_array(arena, count, sizeof *compare_at);
    for (size_t i = 0; i < count; i++) {
        currencies[i] = text_of(variants[i].price.currency);
        amounts[i] = variants[i].price.amount;
        compare_at[i] = variants[i].has_compare_at_price ? variants[i].compare_at_price.amount : -1;
    }
    struct store_params *params = request_write(request, &prices_save);
    param_uuid_array(params, arena, import->variant_ids, count);
    param_text_array(params, arena, currencies, count);
    param_int_array(params, arena, amounts, count);
    param_int_array(params, arena, compare_at, count);
}

/* ---- stock ---- */

/* The rows belong to other actors, so everything is relative to what stands there, and the version
 * moves: an actor that remembers the row finds out. A quantity that the file repeats is not taken
 * again, and what is held is never lost. */
static const struct statement stock_save = {
    .name = "catalog_stock_import",
    .sql = "WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::bigint[]) AS u (id, quantity)),"
           " gone AS (UPDATE catalog.stock SET is_active = false, version = version + 1"
           " WHERE product_id = $1 AND is_active AND variant_id <> ALL ($2::uuid[]))"
           " INSERT INTO catalog.stock AS s"
           " (variant_id, product_id, on_hand, received, imported_quantity)"
           " SELECT id, $1, quantity, quantity, quantity FROM wanted"
           " ON CONFLICT (variant_id) DO UPDATE SET"
           " on_hand = CASE WHEN s.imported_quantity = excluded.imported_quantity THEN s.on_hand"
           " ELSE greatest(excluded.on_hand, s.held) END,"
           " received = s.sold + CASE WHEN s.imported_quantity = excluded.imported_quantity"
           " THEN s.on_hand ELSE greatest(excluded.on_hand, s.held) END,"
           " imported_quantity = excluded.imported_quantity, is_active = true,"
           " version = s.version + 1"
           " WHERE s.imported_quantity <> excluded.imported_quantity OR NOT s.is_active",
};

static void save_stock(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const size_t count = import->command->variants_count;
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    for (size_t i = 0; i < count; i++)
        quantities[i] = import->command->variants[i].quantity;
    struct store_params *params = request_write(request, &stock_save);
    param_uuid(params, arena, import->product_id);
    param_uuid_array(params, arena, import->variant_ids, count);
    param_int_array(params, arena, quantities, count);
}

/* ---- listing ---- */

static const struct statement listing_save = {
    .name = "catalog_listing_save",
    .sql = "WITH gone AS (DELETE FROM catalog.listing WHERE product_id = $1"
           " AND category_id = ANY ($2::uuid[]) AND category_id <> ALL ($3::uuid[]))"
           " INSERT INTO catalog.listing AS l (category_id, product_id, price_amount)"
           " SELECT a, $1, $4 FROM unnest($3::uuid[]) AS a"
           " ON CONFLICT (category_id, product_id) DO UPDATE"
           " SET price_amount = excluded.price_amount"
           " WHERE l.price_amount <> excluded.price_amount",
};

static void save_listing(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const struct catalog_import_base *base = import->base;
    struct store_params *params = request_write(request, &listing_save);
    param_uuid(params, arena, import->product_id);
    param_uuid_array(params, arena, base->old_ancestors, base->old_ancestors_count);
    param_uuid_array(params, arena, base->ancestors,
                     import->command->is_listed ? base->ancestors_count : 0);
    param_int(params, arena, import->cheapest->price.amount);
}

/* ---- document ---- */

static const struct statement document_save = {
    .name = "catalog_document_save",
    .sql = "INSERT INTO catalog.product_document (product_id, vendor_id, document)"
           " VALUES ($1, $2, $3) ON CONFLICT (product_id) DO UPDATE"
           " SET vendor_id = excluded.vendor_id, document = excluded.document",
};

static const struct statement document_delete = {
    .name = "catalog_document_delete",
    .sql = "DELETE FROM catalog.product_document WHERE product_id = $1",
};

static void save_document(struct request *request, const struct catalog_import *import)
{
    struct arena *arena = request_arena(request);
    const bool is_listed = import->command->is_listed;
    if (!is_listed && !import->base->is_known) return;
    struct store_params *params =
        request_write(request, is_listed ? &document_save : &document_delete);
    param_uuid(params, arena, import->product_id);
    if (!is_listed) return;
    param_uuid(params, arena, import->command->vendor_id);
    param_bytes(params, arena, import->document);
}

void catalog_import_store_save(struct request *request, const struct catalog_import *import)
{
    save_product(request, import);
    save_variants(request, import);
    save_prices(request, import);
    save_stock(request, import);
    save_listing(request, import);
    save_document(request, import);
}
