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

static const struct statement location_save = {
    .name = "catalog_location_save",
    .sql = "WITH l AS (UPDATE catalog.stock_location SET name = $2, address = $3, priority = $4,"
           " is_active = $5, version = version + 1 WHERE id = $1 AND version = $6"
           " AND NOT is_removed RETURNING 1) SELECT require_one(count(*)) FROM l",
};

void catalog_location_save(struct request *request, const struct catalog_stock_location *location)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &location_save);
    param_uuid(params, arena, location->id);
    param_text(params, arena, location->name);
    param_text(params, arena, location->has_address ? location->address : TEXT(""));
    param_int(params, arena, location->priority);
    param_bool(params, arena, location->is_active);
    param_int(params, arena, location->version - 1);
}

/* Who places units there at the same moment holds the row shared: first it is waited for, then, by
 * another statement, looked at what it has placed. */
static const struct statement location_lock = {
    .name = "catalog_location_lock",
    .sql = "SELECT require_one(count(*)) FROM (SELECT 1 FROM catalog.stock_location WHERE id = $1"
           " AND version = $2 FOR UPDATE) l",
};

static const struct statement location_remove = {
    .name = "catalog_location_remove",
    .sql = "WITH l AS (UPDATE catalog.stock_location SET is_removed = true, version = version + 1"
           " WHERE id = $1 AND version = $2 AND NOT is_removed AND NOT EXISTS (SELECT 1"
           " FROM catalog.stock_at a WHERE a.location_id = $1 AND a.on_hand <> 0) RETURNING 1),"
           " a AS (DELETE FROM catalog.stock_at WHERE location_id = $1)"
           " SELECT require_one(count(*)) FROM l",
};

void catalog_location_remove(struct request *request, const struct catalog_stock_location *location)
{
    struct store_params *params = request_write(request, &location_lock);
    param_uuid(params, request_arena(request), location->id);
    param_int(params, request_arena(request), location->version);
    params = request_write(request, &location_remove);
    param_uuid(params, request_arena(request), location->id);
    param_int(params, request_arena(request), location->version);
}

static const struct statement location_is_empty = {
    .name = "catalog_location_is_empty",
    .sql = "SELECT NOT EXISTS (SELECT 1 FROM catalog.stock_at WHERE location_id = $1"
           " AND on_hand <> 0)",
};

enum status catalog_location_is_empty(struct request *request, struct uuid location_id,
                                      bool *ret_is_empty)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    struct rows rows;
    param_uuid(params, request_arena(request), location_id);
    TRY(request_query(request, &location_is_empty, params, &rows));
    if (rows.count != 1) return STATUS_CORRUPT;
    struct row row = rows_at(&rows, 0);
    *ret_is_empty = row_bool(&row);
    return STATUS_OK;
}
