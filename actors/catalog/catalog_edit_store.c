/* SQL of variants that vendors make and change. */
#include "actors/catalog/catalog_edit_store.h"

#include "actors/catalog/catalog_row.h"

/* By what tells SKUs apart; the place of the first that is taken. Who can be bought has a key.
 * OFFSET 0 makes sure that each is looked up: left to itself, the planner reads all products of the
 * vendor. */
static const struct statement sku_find = {
    .name = "catalog_edit_sku_find",
    .sql = "SELECT g.place, (SELECT min(u.place)"
           " FROM unnest(g.skus::text[]) WITH ORDINALITY AS u (sku, place)"
           " CROSS JOIN LATERAL (SELECT w.id FROM catalog.variant w"
           " WHERE w.vendor_id = g.vendor AND w.sku_key = catalog.same_name(u.sku)"
           " AND w.product_id <> g.product OFFSET 0) w WHERE u.sku <> '')"
           " FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WITH ORDINALITY"
           " AS g (vendor, skus, product, place)",
};

enum status catalog_edit_store_find_sku(struct request *request, const struct catalog_item *item,
                                        size_t first, size_t count, size_t *ret_index)
{
    assert(first + count <= item->variants_count);
    struct arena *arena = request_arena(request);
    struct text *skus = arena_allocate_array(arena, count, sizeof *skus);
    bool has_skus = false;
    for (size_t i = 0; i < count; i++) {
        skus[i] = item->variants[first + i].sku;
        if (skus[i].length == 0) skus[i] = TEXT("");
        has_skus = has_skus || skus[i].length > 0;
    }
    if (!has_skus) return STATUS_NOT_FOUND;
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, item->vendor_id);
    param_text_array(params, arena, skus, count);
    param_uuid(params, arena, item->id);
    TRY(request_query_row(request, &sku_find, params, &rows));
    struct row row = rows_at(&rows, 0);
    (void)row_int(&row);
    if (row_skip_null(&row)) return STATUS_NOT_FOUND;
    const int64_t place = row_int(&row);
    assert(place >= 1 && (size_t)place <= count);
    *ret_index = first + (size_t)place - 1;
    return STATUS_OK;
}

static const struct statement stock_add = {
    .name = "catalog_edit_stock_add",
    .sql = "WITH s AS (INSERT INTO catalog.stock"
           " (variant_id, product_id, on_hand, received, imported_quantity, version)"
           " SELECT u.id, u.product, u.quantity, u.quantity, u.quantity, 1"
           " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u (id, product, quantity))"
           " INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)"
           " SELECT u.id, 1, 0, u.quantity, u.at"
           " FROM unnest($1::uuid[], $3::bigint[], $4::bigint[]) AS u (id, quantity, at)",
    .on_duplicate = STATUS_CONFLICT,
    .adds_rows = true,
};

void catalog_edit_store_add_stock(struct request *request, const struct catalog_item *item,
                                  size_t first)
{
    assert(first < item->variants_count);
    struct arena *arena = request_arena(request);
    const size_t count = item->variants_count - first;
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *products = arena_allocate_array(arena, count, sizeof *products);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    int64_t *times = arena_allocate_array(arena, count, sizeof *times);
    for (size_t i = 0; i < count; i++) {
        ids[i] = item->variants[first + i].id;
        products[i] = item->id;
        quantities[i] = item->variants[first + i].on_hand;
        times[i] = request_now_us(request);
    }
    struct store_params *params = request_write(request, &stock_add);
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, products, count);
    param_int_array(params, arena, quantities, count);
    param_int_array(params, arena, times, count);
}

/* The row belongs to the actor of the variant, which may remember it. Its version moves, so that
 * such an actor finds out at its next change. What was sold ahead meanwhile is judged here. */
static const struct statement stock_retire = {
    .name = "catalog_edit_stock_retire",
    .sql = "WITH freed AS (UPDATE catalog.variant SET sku_key = NULL"
           " WHERE id = $1 AND sku_key IS NOT NULL)"
           " , u AS (UPDATE catalog.stock SET is_active = false, version = version + " STOCK_LEAP
           " WHERE variant_id = $1 AND is_active RETURNING held, on_hand)"
           " SELECT host.require_count(count(*), 0) FROM u WHERE held > on_hand",
};

void catalog_edit_store_retire(struct request *request, struct uuid variant_id)
{
    struct store_params *params = request_write(request, &stock_retire);
    param_uuid(params, request_arena(request), variant_id);
}

static const struct statement prices_drop = {
    .name = "catalog_edit_prices_drop",
    .sql = "WITH gone AS (DELETE FROM catalog.variant_price WHERE variant_id = ANY ($1)"
           " AND (variant_id, currency) NOT IN (SELECT k.id, k.currency FROM"
           " unnest($2::uuid[], $4::text[]) AS k (id, currency)) RETURNING *)"
           " INSERT INTO catalog.price_past (variant_id, currency, amount, sale_amount, sale_from,"
           " sale_to, since, until) SELECT g.variant_id, g.currency, g.amount, g.sale_amount,"
           " g.sale_from, g.sale_to, g.since, $3 FROM gone g WHERE g.since < $3"
           " ON CONFLICT (variant_id, currency, until) DO NOTHING",
};

void catalog_edit_store_drop_prices(struct request *request,
                                    const struct catalog_item_variant *variants, size_t count)
{
    struct arena *arena = request_arena(request);
    size_t prices_count = 0, place = 0;
    for (size_t i = 0; i < count; i++) {
        assert(variants[i].prices_count >= 1);
        prices_count += variants[i].prices_count;
    }
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *kept = arena_allocate_array(arena, prices_count, sizeof *kept);
    struct text *currencies = arena_allocate_array(arena, prices_count, sizeof *currencies);
    for (size_t i = 0; i < count; i++) {
        ids[i] = variants[i].id;
        for (size_t k = 0; k < variants[i].prices_count; k++, place++) {
            kept[place] = variants[i].id;
            currencies[place] = text_of(variants[i].prices[k].price.currency);
        }
    }
    struct store_params *params = request_write(request, &prices_drop);
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, kept, prices_count);
    param_int(params, arena, request_now_us(request));
    param_text_array(params, arena, currencies, prices_count);
}

static const struct statement seller_find = {
    .name = "catalog_edit_seller_find",
    .sql = "SELECT p.vendor_id FROM catalog.variant w"
           " JOIN catalog.product p ON p.id = w.product_id"
           " JOIN catalog.stock k ON k.variant_id = w.id"
           " WHERE w.id = $1 AND k.is_active AND p.status <> 5",
};

enum status catalog_edit_store_find_seller(struct request *request, struct uuid variant_id,
                                           struct uuid *ret_vendor_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, variant_id);
    TRY(request_query(request, &seller_find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_vendor_id = row_uuid(&row);
    return STATUS_OK;
}
