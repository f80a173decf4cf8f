/* SQL of where units lie. */
#include "actors/catalog/catalog_places_store.h"

/* ---- loading ---- */

static const struct statement places_load = {
    .name = "catalog_places_load",
    .sql =
        "SELECT k.on_hand, k.version, coalesce(d.settled_version, -1), l.id, l.name, l.is_active,"
        " l.created_at, coalesce(a.on_hand, 0)"
        " FROM catalog.stock k JOIN catalog.product p ON p.id = k.product_id"
        " JOIN catalog.stock_location l ON l.vendor_id = p.vendor_id AND NOT l.is_removed"
        " LEFT JOIN catalog.located_stock d ON d.variant_id = k.variant_id"
        " LEFT JOIN catalog.stock_at a ON a.variant_id = k.variant_id AND a.location_id = l.id"
        " WHERE k.variant_id = $1 ORDER BY l.priority, l.id LIMIT 20",
};

static const struct statement unsettled_load = {
    .name = "catalog_places_unsettled",
    .sql = "SELECT version, delta, kind, reference FROM catalog.stock_movement"
           " WHERE variant_id = $1 AND version > $2 AND version <= $3 ORDER BY version LIMIT 201",
};

static const struct statement given_load = {
    .name = "catalog_places_given",
    .sql = "SELECT reference, location_id, -sum(delta)::bigint FROM catalog.stock_split"
           " WHERE variant_id = $1 AND reference = ANY ($2) GROUP BY reference, location_id"
           " LIMIT 4000",
};

/* What places have given for the sales of these restocks, as settled before. */
static enum status load_given(struct request *request, const struct catalog_located *located,
                              struct catalog_unsettled *movements, size_t count)
{
    struct arena *arena = request_arena(request);
    struct uuid *references = arena_allocate_array(arena, count, sizeof *references);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (movements[i].is_restock) references[found++] = movements[i].reference;
    if (found == 0) return STATUS_OK;
    param_uuid(params, arena, located->variant_id);
    param_uuid_array(params, arena, references, found);
    TRY(request_query(request, &given_load, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct uuid reference = row_uuid(&row);
        const size_t place = catalog_places_find(&located->places, row_uuid(&row));
        const int64_t given = row_int(&row);
        for (size_t k = 0; place < located->places.count && k < count; k++)
            if (movements[k].is_restock && uuid_equals(movements[k].reference, reference))
                movements[k].given[place] = given;
    }
    return STATUS_OK;
}

/* A row of a movement never changes, so both statements see the same ones up to the version. */
static enum status settle(struct request *request, struct catalog_located *located, int64_t version)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, located->variant_id);
    param_int(params, arena, located->before);
    param_int(params, arena, version);
    TRY(request_query(request, &unsettled_load, params, &rows));
    static_assert(CATALOG_SETTLED_MAX == 200, "the LIMIT of unsettled_load, less one");
    located->is_settled = rows.count <= CATALOG_SETTLED_MAX;
    const size_t count = located->is_settled ? rows.count : CATALOG_SETTLED_MAX;
    struct catalog_unsettled *movements = arena_allocate_array(arena, count, sizeof *movements);
    for (size_t i = 0; i < count; i++) {
        struct row row = rows_at(&rows, i);
        movements[i].version = row_int(&row);
        movements[i].delta = row_int(&row);
        movements[i].is_restock = row_int(&row) == CATALOG_MOVEMENT_KIND_RESTOCK;
        if (row_skip_null(&row))
            movements[i].is_restock = false;
        else
            movements[i].reference = row_uuid(&row);
    }
    TRY(load_given(request, located, movements, count));
    for (size_t i = 0; i < count; i++)
        catalog_places_settle(&located->places, &movements[i]);
    located->settled_version = located->is_settled ? version : movements[count - 1].version;
    return STATUS_OK;
}

enum status catalog_places_load(struct request *request, struct uuid variant_id,
                                struct catalog_located *ret_located)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    int64_t on_hand = 0, version = 0;
    param_uuid(params, arena, variant_id);
    TRY(request_query(request, &places_load, params, &rows));
    static_assert(CATALOG_LOCATIONS_MAX == 20, "the LIMIT of places_load");
    if (rows.count == 0) return STATUS_NOT_FOUND;
    ret_located->variant_id = variant_id;
    ret_located->places.count = rows.count;
    ret_located->places.splits_count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct catalog_place *place = &ret_located->places.places[i];
        on_hand = row_int(&row);
        version = row_int(&row);
        ret_located->before = row_int(&row);
        place->location_id = row_uuid(&row);
        place->name = row_text(&row);
        place->is_active = row_bool(&row);
        place->created_at_us = row_int(&row);
        place->on_hand = row_int(&row);
    }
    if (ret_located->before >= 0) return settle(request, ret_located, version);
    struct catalog_places *places = &ret_located->places;
    places->places[catalog_places_default(places)].on_hand = on_hand;
    ret_located->settled_version = version;
    ret_located->is_settled = true;
    return STATUS_OK;
}

/* ---- saving ---- */

static const struct statement places_save = {
    .name = "catalog_places_save",
    .sql = "WITH d AS (INSERT INTO catalog.located_stock AS o (variant_id, settled_version)"
           " VALUES ($1, $3) ON CONFLICT (variant_id) DO UPDATE SET settled_version = $3"
           " WHERE o.settled_version = $2 RETURNING 1),"
           " a AS (INSERT INTO catalog.stock_at (variant_id, location_id, on_hand)"
           " SELECT $1, u.id, u.on_hand FROM unnest($4::uuid[], $5::bigint[]) AS u (id, on_hand)"
           " ON CONFLICT (variant_id, location_id) DO UPDATE SET on_hand = excluded.on_hand"
           " WHERE stock_at.on_hand <> excluded.on_hand),"
           " s AS (INSERT INTO catalog.stock_split (variant_id, version, location_id, delta,"
           " reference) SELECT $1, u.version, u.id, u.delta,"
           " nullif(u.reference, '00000000-0000-0000-0000-000000000000')"
           " FROM unnest($6::bigint[], $7::uuid[], $8::bigint[], $9::uuid[])"
           " AS u (version, id, delta, reference)),"
           " l AS (SELECT 1 FROM unnest($4::uuid[], $5::bigint[]) AS u (id, on_hand)"
           " JOIN catalog.stock_location t ON t.id = u.id"
           " LEFT JOIN catalog.stock_at o ON o.variant_id = $1 AND o.location_id = u.id"
           " WHERE NOT t.is_removed AND (t.is_active OR u.on_hand <= coalesce(o.on_hand, 0))"
           " FOR SHARE OF t)"
           " SELECT host.require_count((SELECT count(*) FROM d) + (SELECT count(*) FROM l),"
           " 1 + cardinality($4::uuid[]))",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_places_save(struct request *request, const struct catalog_located *located,
                         int64_t settled_version)
{
    struct arena *arena = request_arena(request);
    const struct catalog_places *places = &located->places;
    const size_t count = places->splits_count;
    struct uuid ids[CATALOG_LOCATIONS_MAX];
    int64_t levels[CATALOG_LOCATIONS_MAX];
    struct uuid *split_ids = arena_allocate_array(arena, count, sizeof *split_ids);
    struct uuid *references = arena_allocate_array(arena, count, sizeof *references);
    int64_t *versions = arena_allocate_array(arena, count, sizeof *versions);
    int64_t *deltas = arena_allocate_array(arena, count, sizeof *deltas);
    for (size_t i = 0; i < places->count; i++) {
        ids[i] = places->places[i].location_id;
        levels[i] = places->places[i].on_hand;
    }
    for (size_t i = 0; i < count; i++) {
        const struct catalog_split *split = &places->splits[i];
        split_ids[i] = ids[split->place];
        references[i] = split->reference;
        versions[i] = split->version;
        deltas[i] = split->delta;
    }
    struct store_params *params = request_write(request, &places_save);
    param_uuid(params, arena, located->variant_id);
    param_int(params, arena, located->before);
    param_int(params, arena, settled_version);
    param_uuid_array(params, arena, ids, places->count);
    param_int_array(params, arena, levels, places->count);
    param_int_array(params, arena, versions, count);
    param_uuid_array(params, arena, split_ids, count);
    param_int_array(params, arena, deltas, count);
    param_uuid_array(params, arena, references, count);
}

static const struct statement places_forget = {
    .name = "catalog_places_forget",
    .sql = "WITH d AS (DELETE FROM catalog.located_stock d WHERE variant_id = $1"
           " AND NOT EXISTS (SELECT 1 FROM catalog.stock_at a WHERE a.variant_id = $1"
           " AND a.on_hand <> 0) RETURNING 1)"
           " DELETE FROM catalog.stock_at WHERE variant_id = $1 AND on_hand = 0"
           " AND EXISTS (SELECT 1 FROM d)",
};

void catalog_places_forget(struct request *request, struct uuid variant_id)
{
    struct store_params *params = request_write(request, &places_forget);
    param_uuid(params, request_arena(request), variant_id);
}

static const struct statement transfer_save = {
    .name = "catalog_places_transfer",
    .sql = "WITH s AS (UPDATE catalog.stock SET version = version + 1"
           " WHERE variant_id = $1 AND version = $2 RETURNING 1),"
           " m AS (INSERT INTO catalog.stock_movement (variant_id, version, kind, delta, at)"
           " SELECT $1, $2 + 1, 6, 0, $3 FROM s)"
           " SELECT require_one(count(*)) FROM s",
};

void catalog_places_save_transfer(struct request *request, const struct catalog_stock *stock)
{
    static_assert(CATALOG_MOVEMENT_KIND_TRANSFER == 6, "the kind of transfer_save");
    struct store_params *params = request_write(request, &transfer_save);
    param_uuid(params, request_arena(request), stock->variant_id);
    param_int(params, request_arena(request), stock->version - 1);
    param_int(params, request_arena(request), request_now_us(request));
    request_remember(request, stock, sizeof *stock);
}

/* ---- lists ---- */

static const struct statement unsettled_list = {
    .name = "catalog_places_list_unsettled",
    .sql = "SELECT d.variant_id FROM catalog.located_stock d"
           " JOIN catalog.stock k ON k.variant_id = d.variant_id AND k.version > d.settled_version"
           " WHERE (get_byte(uuid_send(d.variant_id), 15) & 63) BETWEEN $1 AND $2 LIMIT 200",
};

enum status catalog_places_list_unsettled(struct request *request, unsigned shard_first,
                                          unsigned shard_last, struct uuid **ret_ids,
                                          size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, shard_first);
    param_int(params, arena, shard_last);
    TRY(request_query(request, &unsettled_list, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* What was sold before anybody placed the variant lay at the location that was made first. */
static const struct statement sources_list = {
    .name = "catalog_places_sources",
    .sql = "SELECT s.variant_id, l.id, l.name, -sum(s.delta)::bigint FROM catalog.stock_split s"
           " JOIN catalog.stock_location l ON l.id = s.location_id"
           " WHERE s.reference = $1 AND s.variant_id = ANY ($2)"
           " GROUP BY s.variant_id, l.id HAVING sum(s.delta) < 0"
           " UNION ALL"
           " SELECT r.variant_id, l.id, l.name, r.quantity FROM catalog.reservation r"
           " JOIN catalog.stock k ON k.variant_id = r.variant_id"
           " JOIN catalog.product p ON p.id = k.product_id"
           " CROSS JOIN LATERAL (SELECT o.id, o.name FROM catalog.stock_location o"
           " WHERE o.vendor_id = p.vendor_id AND NOT o.is_removed ORDER BY o.created_at, o.id"
           " LIMIT 1) l WHERE r.reservation_id = $1 AND r.variant_id = ANY ($2) AND r.state = 3"
           " AND NOT EXISTS (SELECT 1 FROM catalog.stock_split s WHERE s.reference = $1"
           " AND s.variant_id = r.variant_id) AND NOT EXISTS (SELECT 1 FROM catalog.located_stock d"
           " WHERE d.variant_id = r.variant_id AND d.settled_version < k.version)"
           " ORDER BY 1, 2 LIMIT 200",
};

enum status catalog_places_sources(struct request *request, struct uuid reference,
                                   const struct uuid *variant_ids, size_t ids_count,
                                   struct catalog_stock_source **ret_sources, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, reference);
    param_uuid_array(params, arena, variant_ids, ids_count);
    TRY(request_query(request, &sources_list, params, &rows));
    struct catalog_stock_source *sources = arena_allocate_array(arena, rows.count, sizeof *sources);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        sources[i].variant_id = row_uuid(&row);
        sources[i].location_id = row_uuid(&row);
        sources[i].name = row_text(&row);
        sources[i].quantity = row_int(&row);
    }
    *ret_sources = sources;
    *ret_count = rows.count;
    return STATUS_OK;
}
