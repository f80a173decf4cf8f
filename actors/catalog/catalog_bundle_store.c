/* SQL of bundles. */
#include "actors/catalog/catalog_bundle_store.h"

#include "actors/catalog/catalog_due.h"
#include "actors/catalog/catalog_row.h"

#define PART_COLUMNS_SQL                                                                           \
    " k.variant_id, p.id, p.name, coalesce(w.sku, ''), b.quantity,"                                \
    " k.is_active AND p.is_listed AND NOT k.is_bundle, k.on_hand - k.held," AHEAD_SQL ","          \
    " coalesce(w.weight_grams, 0)"
#define PART_TABLES_SQL                                                                            \
    " JOIN catalog.stock k ON k.variant_id = b.part_id"                                            \
    " JOIN catalog.variant w ON w.id = b.part_id JOIN catalog.product p ON p.id = k.product_id"

static const struct statement parts_load = {
    .name = "catalog_bundle_parts",
    .sql = "SELECT b.bundle_id," PART_COLUMNS_SQL " FROM catalog.bundle_part b" PART_TABLES_SQL
           " WHERE b.bundle_id = ANY ($1) ORDER BY b.bundle_id, b.position LIMIT 2000",
};

/* 50 bundles of 20 parts each. */
static const struct statement parts_around = {
    .name = "catalog_bundle_parts_around",
    .sql = "SELECT b.bundle_id," PART_COLUMNS_SQL ", a.product_id FROM (SELECT o.bundle_id,"
           " t.product_id FROM catalog.bundle_part o JOIN catalog.stock t"
           " ON t.variant_id = o.bundle_id AND t.is_active WHERE o.part_id = $1 LIMIT 50) a"
           " JOIN catalog.bundle_part b ON b.bundle_id = a.bundle_id" PART_TABLES_SQL
           " ORDER BY b.bundle_id, b.position LIMIT 1000",
};

static const struct statement parts_look = {
    .name = "catalog_bundle_look",
    .sql = "SELECT b.part_id," PART_COLUMNS_SQL " FROM (SELECT u.part_id, 1 AS quantity, u.position"
           " FROM unnest($1::uuid[]) WITH ORDINALITY AS u (part_id, position)) b" PART_TABLES_SQL
           " ORDER BY b.position LIMIT 20",
};

static enum status list_parts(struct request *request, const struct statement *statement,
                              struct store_params *params,
                              struct catalog_bundle_part_row **ret_rows, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    const int64_t now_us = request_now_us(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct catalog_bundle_part_row *parts = arena_allocate_array(arena, rows.count, sizeof *parts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct catalog_bundle_part *part = &parts[i].part;
        struct catalog_part_stock *stock = &parts[i].stock;
        parts[i].bundle_id = row_uuid(&row);
        part->variant_id = row_uuid(&row);
        part->product_id = row_uuid(&row);
        part->name = row_text(&row);
        part->sku = row_text(&row);
        part->has_sku = part->sku.length > 0;
        part->quantity = stock->quantity = row_int(&row);
        stock->is_sold = row_bool(&row);
        stock->free = row_int(&row);
        stock->ahead = catalog_row_ahead(&row);
        parts[i].weight_grams = row_int(&row);
        if (statement == &parts_around) parts[i].bundle_product_id = row_uuid(&row);
        part->available =
            stock->is_sold ? catalog_ahead_available(stock->ahead, stock->free, now_us) : 0;
    }
    *ret_rows = parts;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status catalog_bundle_store_load(struct request *request, const struct uuid *ids,
                                      size_t ids_count, struct catalog_bundle_part_row **ret_rows,
                                      size_t *ret_count)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid_array(params, request_arena(request), ids, ids_count);
    return list_parts(request, &parts_load, params, ret_rows, ret_count);
}

enum status catalog_bundle_store_load_around(struct request *request, struct uuid variant_id,
                                             struct catalog_bundle_part_row **ret_rows,
                                             size_t *ret_count)
{
    static_assert(CATALOG_PART_BUNDLES_MAX == 50 && CATALOG_PARTS_MAX == 20,
                  "the LIMITs of parts_around");
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid(params, request_arena(request), variant_id);
    return list_parts(request, &parts_around, params, ret_rows, ret_count);
}

enum status catalog_bundle_store_look(struct request *request, const struct uuid *ids,
                                      size_t ids_count, struct catalog_bundle_part_row **ret_rows,
                                      size_t *ret_count)
{
    assert(ids_count <= CATALOG_PARTS_MAX);
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid_array(params, request_arena(request), ids, ids_count);
    return list_parts(request, &parts_look, params, ret_rows, ret_count);
}

static const struct statement facts_load = {
    .name = "catalog_bundle_facts",
    .sql = "SELECT k.variant_id, p.vendor_id, k.is_active AND p.status <> 5, p.is_digital,"
           " k.is_bundle, k.is_part, (SELECT count(*) FROM catalog.bundle_part b"
           " WHERE b.part_id = k.variant_id AND b.bundle_id <> $2)"
           " FROM catalog.stock k JOIN catalog.product p ON p.id = k.product_id"
           " WHERE k.variant_id = ANY ($1) OR k.variant_id = $2 LIMIT 21",
};

enum status catalog_bundle_store_facts(struct request *request,
                                       const struct catalog_set_bundle *command,
                                       struct catalog_bundle_wish *wish)
{
    static_assert(CATALOG_PARTS_MAX == 20, "the LIMIT of facts_load, less one");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct uuid ids[CATALOG_PARTS_MAX];
    struct rows rows;
    assert(command->parts_count <= CATALOG_PARTS_MAX);
    for (size_t i = 0; i < command->parts_count; i++)
        ids[i] = command->parts[i].variant_id;
    param_uuid_array(params, arena, ids, command->parts_count);
    param_uuid(params, arena, command->variant_id);
    TRY(request_query(request, &facts_load, params, &rows));
    struct catalog_part_facts *facts = arena_allocate_array(arena, rows.count, sizeof *facts);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        facts[i].variant_id = row_uuid(&row);
        facts[i].vendor_id = row_uuid(&row);
        facts[i].is_sold = row_bool(&row);
        facts[i].is_digital = row_bool(&row);
        facts[i].is_bundle = row_bool(&row);
        const bool is_part = row_bool(&row);
        facts[i].bundles_count = row_int(&row);
        if (!uuid_equals(facts[i].variant_id, command->variant_id)) continue;
        wish->is_part = is_part;
        wish->is_digital = facts[i].is_digital;
    }
    wish->facts = facts;
    wish->facts_count = rows.count;
    return STATUS_OK;
}

/* The marks come first: they lock the rows of all variants, and refuse what has become a bundle or
 * a part meanwhile. Their actors find out by the versions. */
static const struct statement marks_save = {
    .name = "catalog_bundle_marks",
    .sql = "WITH b AS (UPDATE catalog.stock SET is_bundle = cardinality($2::uuid[]) > 0,"
           " policy = CASE WHEN cardinality($2::uuid[]) > 0 THEN 0 ELSE policy END,"
           " ahead_limit = CASE WHEN cardinality($2::uuid[]) > 0 THEN 0 ELSE ahead_limit END,"
           " available_on = CASE WHEN cardinality($2::uuid[]) > 0 THEN NULL ELSE available_on END,"
           " version = version + " STOCK_LEAP " WHERE variant_id = $1"
           " AND (cardinality($2::uuid[]) = 0 OR NOT is_part) RETURNING 1),"
           " p AS (UPDATE catalog.stock SET is_part = true, version = version + " STOCK_LEAP
           " WHERE variant_id = ANY ($2::uuid[]) AND NOT is_bundle RETURNING 1),"
           " g AS (UPDATE catalog.stock SET is_part = false, version = version + " STOCK_LEAP
           " WHERE variant_id <> ALL ($2::uuid[]) AND variant_id IN (SELECT o.part_id"
           " FROM catalog.bundle_part o WHERE o.bundle_id = $1 AND NOT EXISTS (SELECT 1"
           " FROM catalog.bundle_part n WHERE n.part_id = o.part_id AND n.bundle_id <> $1)))"
           " SELECT host.require_count((SELECT count(*) FROM b) + (SELECT count(*) FROM p),"
           " 1 + cardinality($2::uuid[]))",
};

static const struct statement parts_save = {
    .name = "catalog_bundle_save",
    .sql = "WITH g AS (DELETE FROM catalog.bundle_part WHERE bundle_id = $1"
           " AND part_id <> ALL ($2::uuid[]))"
           " INSERT INTO catalog.bundle_part (bundle_id, part_id, quantity, position)"
           " SELECT $1, u.id, u.quantity, u.position FROM unnest($2::uuid[], $3::bigint[])"
           " WITH ORDINALITY AS u (id, quantity, position)"
           " ON CONFLICT (bundle_id, part_id) DO UPDATE SET quantity = excluded.quantity,"
           " position = excluded.position",
};

void catalog_bundle_store_save(struct request *request, struct uuid variant_id,
                               const struct catalog_new_part *parts, size_t count)
{
    assert(count <= CATALOG_PARTS_MAX);
    struct arena *arena = request_arena(request);
    struct uuid ids[CATALOG_PARTS_MAX];
    int64_t quantities[CATALOG_PARTS_MAX];
    for (size_t i = 0; i < count; i++) {
        ids[i] = parts[i].variant_id;
        quantities[i] = parts[i].quantity;
    }
    struct store_params *params = request_write(request, &marks_save);
    param_uuid(params, arena, variant_id);
    param_uuid_array(params, arena, ids, count);
    params = request_write(request, &parts_save);
    param_uuid(params, arena, variant_id);
    param_uuid_array(params, arena, ids, count);
    param_int_array(params, arena, quantities, count);
}

/* Few variants are bundles, and each is looked at by key. */
static const struct statement untold_list = {
    .name = "catalog_bundles_untold",
    .sql = "SELECT k.variant_id FROM catalog.stock k WHERE k.is_bundle AND k.is_active"
           " AND (get_byte(uuid_send(k.variant_id), 15) & 63) BETWEEN $2 AND $3"
           " AND k.bundle_told <> catalog.bundle_availability(k.variant_id, $1) LIMIT 200",
};

enum status catalog_bundle_store_list_untold(struct request *request, unsigned shard_first,
                                             unsigned shard_last, struct uuid **ret_ids,
                                             size_t *ret_count)
{
    return catalog_due_ids(request, &untold_list, shard_first, shard_last, ret_ids, ret_count);
}

/* No number of the stock changes, so its version does not. */
static const struct statement told_save = {
    .name = "catalog_bundle_told",
    .sql = "UPDATE catalog.stock SET bundle_told = catalog.bundle_availability(variant_id, $2)"
           " WHERE variant_id = $1 AND is_bundle",
};

void catalog_bundle_store_save_told(struct request *request, struct uuid variant_id)
{
    struct store_params *params = request_write(request, &told_save);
    param_uuid(params, request_arena(request), variant_id);
    param_int(params, request_arena(request), request_now_us(request));
}

struct catalog_bundle_stock catalog_bundle_of(struct request *request, struct uuid bundle_id,
                                              const struct catalog_bundle_part_row *rows,
                                              size_t rows_count,
                                              const struct catalog_bundle_part **ret_parts,
                                              size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct catalog_bundle_part *parts =
        arena_allocate_array(arena, CATALOG_PARTS_MAX, sizeof *parts);
    struct catalog_part_stock stock[CATALOG_PARTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < rows_count && count < CATALOG_PARTS_MAX; i++) {
        if (!uuid_equals(rows[i].bundle_id, bundle_id)) continue;
        parts[count] = rows[i].part;
        stock[count++] = rows[i].stock;
    }
    *ret_parts = parts;
    *ret_count = count;
    return catalog_bundle_reckon(stock, count, request_now_us(request));
}
