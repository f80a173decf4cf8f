/* SQL of importing a product that is not shared with vendors: what is known before, and the stock.
 */
#include "actors/catalog/catalog_import_store.h"

#include "actors/catalog/catalog_attribute_store.h"
#include "actors/catalog/catalog_row.h"

static const struct statement import_load = {
    .name = "catalog_import_load",
    .sql = "SELECT u.place, c.ancestors, c.path, p.id, p.version, p.content_digest, p.created_at,"
           " p.status, p.is_blocked, p.review_note, o.ancestors, p.tax_class, p.is_digital,"
           " p.shipping_profile_id, p.import_id, p.imported_at, coalesce(p.seo_title, ''),"
           " coalesce(p.seo_description, '')," ATTRIBUTES_SQL
           " FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY"
           " AS u (category, vendor, handle, place)"
           " CROSS JOIN LATERAL (SELECT c.ancestors, c.path FROM catalog.category c"
           " WHERE c.id = u.category OFFSET 0) c"
           " LEFT JOIN LATERAL (SELECT p.id, p.version, p.content_digest, p.created_at, p.status,"
           " p.is_blocked, p.review_note, p.tax_class, p.is_digital, p.shipping_profile_id,"
           " p.import_id, p.imported_at, p.seo_title, p.seo_description, p.attributes,"
           " p.category_id FROM catalog.product p"
           " WHERE p.vendor_id = u.vendor AND p.handle = u.handle OFFSET 0) p ON true"
           " LEFT JOIN LATERAL (SELECT o.ancestors FROM catalog.category o"
           " WHERE o.id = p.category_id OFFSET 0) o ON true",
};

enum status catalog_import_store_load(struct request *request,
                                      const struct catalog_import_product *command,
                                      struct catalog_item *ret_item,
                                      struct catalog_import_mark *ret_mark)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, command->category_id);
    param_uuid(params, arena, command->vendor_id);
    param_text(params, arena, command->handle);
    TRY(request_query_row(request, &import_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    (void)row_int(&row);
    struct catalog_item item = { .vendor_id = command->vendor_id,
                                 .category_id = command->category_id,
                                 .handle = command->handle };
    item.ancestors_count = row_uuid_array(&row, arena, &item.ancestors);
    item.category_path = row_text(&row);
    item.created_at_us = request_now_us(request);
    *ret_mark = (struct catalog_import_mark){ 0 };
    if (!row_skip_null(&row)) {
        item.id = row_uuid(&row);
        item.version = row_int(&row);
        item.digest = row_bytes(&row);
        item.created_at_us = row_int(&row);
        item.status = (enum catalog_product_status)row_int(&row);
        assert((unsigned)item.status < CATALOG_PRODUCT_STATUS_COUNT);
        item.is_blocked = row_bool(&row);
        item.review_note = row_text(&row);
        item.old_ancestors_count = row_uuid_array(&row, arena, &item.old_ancestors);
        item.tax_class = (enum common_tax_class)row_int(&row);
        item.is_digital = row_bool(&row);
        item.has_profile = !row_skip_null(&row);
        if (item.has_profile) item.profile_id = row_uuid(&row);
        ret_mark->is_there = !row_skip_null(&row);
        if (ret_mark->is_there) {
            ret_mark->import_id = row_uuid(&row);
            ret_mark->at_us = row_int(&row);
        } else {
            (void)row_skip_null(&row);
        }
        item.seo_title = row_text(&row);
        item.seo_description = row_text(&row);
        item.attributes_count = catalog_attribute_store_read(&row, arena, &item.attributes);
    }
    *ret_item = item;
    return STATUS_OK;
}

static const struct statement product_knows = {
    .name = "catalog_import_knows",
    .sql = "SELECT EXISTS (SELECT 1 FROM catalog.product WHERE vendor_id = $1 AND handle = $2)",
};

enum status catalog_import_store_knows(struct request *request,
                                       const struct catalog_import_product *command,
                                       bool *ret_is_known)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, command->vendor_id);
    param_text(params, arena, command->handle);
    TRY(request_query(request, &product_knows, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_known = row_bool(&row);
    return STATUS_OK;
}

static const struct statement variants_list = {
    .name = "catalog_import_variants",
    .sql = "SELECT w.id, coalesce(w.sku, ''), k.is_active, w.options,"
           " coalesce(w.weight_grams, -1), coalesce(w.barcode, '')," QUANTITIES_SQL
           " FROM catalog.variant w JOIN catalog.stock k ON k.variant_id = w.id"
           " WHERE w.product_id = $1 ORDER BY NOT k.is_active, w.position, w.id LIMIT 200",
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
    static_assert(CATALOG_VARIANTS_KEPT == 200, "the LIMIT of variants_list");
    assert(rows.count <= CATALOG_VARIANTS_KEPT);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct catalog_known_variant *known = &ret_known[i];
        known->id = row_uuid(&row);
        known->sku = row_text(&row);
        known->is_active = row_bool(&row);
        known->options = row_text_pairs(&row, arena, &known->options_count);
        known->weight_grams = row_int(&row);
        known->barcode = row_text(&row);
        known->quantities = catalog_row_quantities(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- stock ---- */

/* The rows belong to the actors of their variants, which may remember them. So every change is
 * relative to what the row says, and moves its version, by which such an actor finds out. A
 * quantity that the file says again, or does not say (-1), is not set, and never fewer units than
 * are held and may not be owed; what is owed stays owed where the file has none (0). Rows that
 * exist are locked first, so that a movement is the difference to what was really there. */
#define LEVEL_SQL                                                                                  \
    "CASE WHEN s.imported_quantity = excluded.imported_quantity"                                   \
    " OR s.is_bundle OR (excluded.on_hand = 0 AND s.on_hand < 0) THEN s.on_hand"                   \
    " ELSE greatest(excluded.on_hand, least(s.on_hand, s.held - s.ahead_limit)) END"

static const struct statement stock_save = {
    .name = "catalog_stock_import",
    .sql = "WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::bigint[]) AS u (id, quantity)),"
           " before AS (SELECT k.variant_id, k.on_hand, k.imported_quantity FROM catalog.stock k"
           " WHERE k.variant_id = ANY ($2::uuid[]) FOR UPDATE),"
           " gone AS (UPDATE catalog.stock SET is_active = false, version = version + " STOCK_LEAP
           " WHERE product_id = $1 AND is_active AND variant_id <> ALL ($2::uuid[])),"
           " freed AS (UPDATE catalog.variant SET sku_key = NULL"
           " WHERE product_id = $1 AND sku_key IS NOT NULL AND id <> ALL ($2::uuid[])),"
           " after AS (INSERT INTO catalog.stock AS s"
           " (variant_id, product_id, on_hand, received, imported_quantity)"
           " SELECT id, $1, greatest(quantity, 0), greatest(quantity, 0),"
           " CASE WHEN quantity >= 0 THEN quantity ELSE coalesce(b.imported_quantity, 0) END"
           " FROM wanted LEFT JOIN before b ON b.variant_id = wanted.id"
           " ON CONFLICT (variant_id) DO UPDATE SET"
           " on_hand = " LEVEL_SQL ", received = s.sold + " LEVEL_SQL ","
           " imported_quantity = excluded.imported_quantity, is_active = true,"
           " version = s.version + " STOCK_LEAP
           " WHERE s.imported_quantity <> excluded.imported_quantity OR NOT s.is_active"
           " RETURNING s.variant_id, s.version, s.on_hand)"
           " INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)"
           " SELECT a.variant_id, a.version, CASE WHEN b.variant_id IS NULL THEN 0 ELSE 3 END,"
           " a.on_hand - coalesce(b.on_hand, 0), $4"
           " FROM after a LEFT JOIN before b ON b.variant_id = a.variant_id"
           " WHERE b.variant_id IS NULL OR b.on_hand <> a.on_hand",
};

void catalog_import_store_save_stock(struct request *request, const struct catalog_item *item,
                                     const struct catalog_import_product *command)
{
    struct arena *arena = request_arena(request);
    const size_t count = item->variants_count;
    assert(count == command->variants_count);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    for (size_t i = 0; i < count; i++) {
        ids[i] = item->variants[i].id;
        quantities[i] = command->variants[i].has_quantity ? command->variants[i].quantity : -1;
    }
    struct store_params *params = request_write(request, &stock_save);
    param_uuid(params, arena, item->id);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, quantities, count);
    param_int(params, arena, request_now_us(request));
}

/* ---- selling ahead ---- */

static const struct statement ahead_save = {
    .name = "catalog_import_ahead",
    .sql = "UPDATE catalog.stock k SET"
           " policy = CASE WHEN NOT u.sells THEN 0 WHEN u.day > 0 THEN 2 WHEN k.policy = 0 THEN 1"
           " ELSE k.policy END,"
           " ahead_limit = u.most,"
           " available_on = CASE WHEN u.sells THEN coalesce(nullif(u.day, 0), k.available_on) END,"
           " owed_max = greatest(u.most, k.held - k.on_hand), version = k.version + " STOCK_LEAP
           " FROM (SELECT w.id, w.sells, w.day, CASE WHEN NOT w.sells THEN 0"
           " WHEN w.most > 0 THEN w.most"
           " WHEN n.ahead_limit > 0 THEN n.ahead_limit ELSE 1000000 END AS most"
           " FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])"
           " AS v (id, sells, most, day)"
           " CROSS JOIN LATERAL (SELECT v.id, v.sells = 1 AS sells, v.most, v.day) w"
           " JOIN catalog.stock n ON n.variant_id = w.id AND NOT n.is_bundle) u"
           " WHERE k.variant_id = u.id AND ((k.policy > 0) IS DISTINCT FROM u.sells"
           " OR k.ahead_limit <> u.most"
           " OR u.sells AND u.day > 0 AND k.available_on IS DISTINCT FROM u.day)",
};

void catalog_import_store_save_ahead(struct request *request, const struct catalog_item *item,
                                     const struct catalog_import_product *command)
{
    static_assert(CATALOG_AHEAD_MAX == 1000000, "the limit of a file that names none");
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, item->variants_count, sizeof *ids);
    int64_t *sells = arena_allocate_array(arena, item->variants_count, sizeof *sells);
    int64_t *limits = arena_allocate_array(arena, item->variants_count, sizeof *limits);
    int64_t *days = arena_allocate_array(arena, item->variants_count, sizeof *days);
    size_t count = 0;
    for (size_t i = 0; i < item->variants_count; i++) {
        const struct catalog_imported_variant *imported = &command->variants[i];
        if (!imported->has_sells_ahead) continue;
        days[count] = imported->has_available_on ? imported->available_on_us : 0;
        ids[count] = item->variants[i].id;
        sells[count] = imported->sells_ahead;
        limits[count++] = imported->has_ahead_limit ? imported->ahead_limit : 0;
    }
    if (count == 0) return;
    struct store_params *params = request_write(request, &ahead_save);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, sells, count);
    param_int_array(params, arena, limits, count);
    param_int_array(params, arena, days, count);
}
