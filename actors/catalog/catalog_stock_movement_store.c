/* SQL that reads movements of stock, and the cursors of their list. */
#include "actors/catalog/catalog_stock_movement_store.h"

#include <string.h>

#include "runtime/secret.h"

static const struct statement movement_list = {
    .name = "catalog_movement_list",
    .sql = "SELECT version, kind, delta, at, reference FROM catalog.stock_movement"
           " WHERE variant_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
};

enum status catalog_movement_list(struct request *request, struct uuid variant_id, int64_t before,
                                  int64_t limit, struct catalog_stock_movement **ret_movements,
                                  size_t *ret_count)
{
    assert(limit >= 1);
    assert(limit <= CATALOG_MOVEMENTS_MAX + 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, variant_id);
    param_int(params, arena, before);
    param_int(params, arena, limit);
    TRY(request_query(request, &movement_list, params, &rows));
    struct catalog_stock_movement *movements =
        arena_allocate_array(arena, rows.count, sizeof *movements);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        movements[i] = (struct catalog_stock_movement){ .version = row_int(&row) };
        movements[i].kind = (enum catalog_movement_kind)row_int(&row);
        assert((unsigned)movements[i].kind < CATALOG_MOVEMENT_KIND_COUNT);
        movements[i].delta = row_int(&row);
        movements[i].created_at_us = row_int(&row);
        movements[i].has_reference = !row_skip_null(&row);
        if (movements[i].has_reference) movements[i].reference = row_uuid(&row);
    }
    *ret_movements = movements;
    *ret_count = rows.count;
    return STATUS_OK;
}

struct text catalog_movement_cursor(struct arena *arena, int64_t version)
{
    return base64url_encode(arena, (struct text){ (const char *)&version, sizeof version });
}

enum status catalog_movement_cursor_read(struct arena *arena, struct text text,
                                         int64_t *ret_version)
{
    struct text bytes;
    if (base64url_decode(arena, text, &bytes) != STATUS_OK || bytes.length != sizeof *ret_version)
        return STATUS_INVALID_PARAMETER;
    memcpy(ret_version, bytes.data, sizeof *ret_version);
    return STATUS_OK;
}
