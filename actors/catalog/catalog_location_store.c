/* SQL of a vendor's locations. */
#include "actors/catalog/catalog_places_store.h"

static const struct statement location_list = {
    .name = "catalog_location_list",
    .sql = "SELECT id, name, address, priority, is_active, created_at, version"
           " FROM catalog.stock_location WHERE vendor_id = $1 AND NOT is_removed"
           " ORDER BY priority, id LIMIT 20",
};

enum status catalog_location_list(struct request *request, struct uuid vendor_id,
                                  struct catalog_stock_location **ret_locations, size_t *ret_count)
{
    static_assert(CATALOG_LOCATIONS_MAX == 20, "the LIMIT of location_list");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, vendor_id);
    TRY(request_query(request, &location_list, params, &rows));
    struct catalog_stock_location *locations =
        arena_allocate_array(arena, rows.count, sizeof *locations);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        locations[i].id = row_uuid(&row);
        locations[i].name = row_text(&row);
        locations[i].address = row_text(&row);
        locations[i].has_address = locations[i].address.length > 0;
        locations[i].priority = row_int(&row);
        locations[i].is_active = row_bool(&row);
        locations[i].created_at_us = row_int(&row);
        locations[i].version = row_int(&row);
    }
    *ret_locations = locations;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement location_add = {
    .name = "catalog_location_add",
    .sql = "INSERT INTO catalog.stock_location (id, vendor_id, name, address, priority, is_active,"
           " version, created_at) VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
};

void catalog_location_add(struct request *request, struct uuid vendor_id,
                          const struct catalog_stock_location *location)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &location_add);
    param_uuid(params, arena, location->id);
    param_uuid(params, arena, vendor_id);
    param_text(params, arena, location->name);
    param_text(params, arena, location->has_address ? location->address : TEXT(""));
    param_int(params, arena, location->priority);
    param_bool(params, arena, location->is_active);
    param_int(params, arena, location->created_at_us);
}

/* Who places units there at the same moment holds the row shared: first it is waited for, then, by
 * another statement, looked at what it has placed. All of the vendor's wait, as which one is the
 * first depends on the others. */
static const struct statement location_lock = {
    .name = "catalog_location_lock",
    .sql = "SELECT require_one(count(*) FILTER (WHERE l.id = $1 AND l.version = $2)) FROM (SELECT"
           " t.id, t.version FROM catalog.stock_location t WHERE t.vendor_id = (SELECT vendor_id"
           " FROM catalog.stock_location WHERE id = $1) AND NOT t.is_removed ORDER BY t.id"
           " FOR UPDATE) l",
};

static void lock(struct request *request, struct uuid location_id, int64_t version)
{
    struct store_params *params = request_write(request, &location_lock);
    param_uuid(params, request_arena(request), location_id);
    param_int(params, request_arena(request), version);
}

static const struct statement location_save = {
    .name = "catalog_location_save",
    .sql = "WITH l AS (UPDATE catalog.stock_location t SET name = $2, address = $3, priority = $4,"
           " is_active = $5, version = version + 1 WHERE id = $1 AND version = $6"
           " AND NOT is_removed AND ($5 OR NOT is_active OR (NOT EXISTS (SELECT 1"
           " FROM catalog.stock_at a WHERE a.location_id = $1 AND a.on_hand <> 0)"
           " AND EXISTS (SELECT 1 FROM catalog.stock_location o WHERE o.vendor_id = t.vendor_id"
           " AND NOT o.is_removed AND (o.created_at, o.id) < (t.created_at, t.id))))"
           " RETURNING 1) SELECT require_one(count(*)) FROM l",
};

void catalog_location_save(struct request *request, const struct catalog_stock_location *location)
{
    struct arena *arena = request_arena(request);
    if (!location->is_active) lock(request, location->id, location->version - 1);
    struct store_params *params = request_write(request, &location_save);
    param_uuid(params, arena, location->id);
    param_text(params, arena, location->name);
    param_text(params, arena, location->has_address ? location->address : TEXT(""));
    param_int(params, arena, location->priority);
    param_bool(params, arena, location->is_active);
    param_int(params, arena, location->version - 1);
}

static const struct statement location_remove = {
    .name = "catalog_location_remove",
    .sql = "WITH l AS (UPDATE catalog.stock_location t SET is_removed = true,"
           " version = version + 1 WHERE id = $1 AND version = $2 AND NOT is_removed"
           " AND NOT EXISTS (SELECT 1 FROM catalog.stock_at a WHERE a.location_id = $1"
           " AND a.on_hand <> 0) AND coalesce((SELECT o.is_active FROM catalog.stock_location o"
           " WHERE o.vendor_id = t.vendor_id AND NOT o.is_removed AND o.id <> $1"
           " ORDER BY o.created_at, o.id LIMIT 1), true) RETURNING 1),"
           " a AS (DELETE FROM catalog.stock_at WHERE location_id = $1)"
           " SELECT require_one(count(*)) FROM l",
};

void catalog_location_remove(struct request *request, const struct catalog_stock_location *location)
{
    lock(request, location->id, location->version);
    struct store_params *params = request_write(request, &location_remove);
    param_uuid(params, request_arena(request), location->id);
    param_int(params, request_arena(request), location->version);
}

static const struct statement location_is_empty = {
    .name = "catalog_location_is_empty",
    .sql = "SELECT NOT EXISTS (SELECT 1 FROM catalog.stock_at WHERE location_id = $1"
           " AND on_hand <> 0) AND ($2 = 0 OR NOT EXISTS (SELECT 1 FROM catalog.stock_location l"
           " JOIN catalog.product p ON p.vendor_id = l.vendor_id"
           " JOIN catalog.stock k ON k.product_id = p.id AND k.on_hand <> 0"
           " WHERE l.id = $1 AND NOT EXISTS (SELECT 1 FROM catalog.located_stock d"
           " WHERE d.variant_id = k.variant_id)))",
};

enum status catalog_location_is_empty(struct request *request, struct uuid location_id,
                                      bool with_unplaced, bool *ret_is_empty)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    struct rows rows;
    param_uuid(params, request_arena(request), location_id);
    param_int(params, request_arena(request), with_unplaced ? 1 : 0);
    TRY(request_query(request, &location_is_empty, params, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_is_empty = row_bool(&row);
    return STATUS_OK;
}
