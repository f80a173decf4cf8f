/* SQL of vendors. */
#include "actors/vendor/vendor_store.h"

#define VENDOR_COLUMNS_SQL "id, name, slug, status, created_at, version, description"

static void read_vendor(struct row *row, struct vendor *vendor)
{
    vendor->id = row_uuid(row);
    vendor->name = row_text(row);
    vendor->slug = row_text(row);
    vendor->status = (enum vendor_vendor_status)row_int(row);
    vendor->created_at_us = row_int(row);
    vendor->version = row_int(row);
    vendor->has_description = !row_skip_null(row);
    if (vendor->has_description) vendor->description = row_text(row);
}

static enum status read_one(const struct rows *rows, struct vendor *ret_vendor)
{
    if (rows->count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(rows, 0);
    read_vendor(&row, ret_vendor);
    return STATUS_OK;
}

static const struct statement vendor_load = {
    .name = "vendor_load",
    .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE id = $1",
};

enum status vendor_store_load(struct request *request, struct uuid id, struct vendor *ret_vendor)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, id);
    TRY(request_query(request, &vendor_load, params, &rows));
    return read_one(&rows, ret_vendor);
}

static const struct statement vendor_find = {
    .name = "vendor_find",
    .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE name = $1",
};

enum status vendor_store_find(struct request *request, struct text name, struct vendor *ret_vendor)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, name);
    TRY(request_query(request, &vendor_find, params, &rows));
    return read_one(&rows, ret_vendor);
}

static const struct statement vendor_list = {
    .name = "vendor_list",
    .sql = "SELECT " VENDOR_COLUMNS_SQL " FROM vendor.vendor WHERE status = 1 AND id < $1"
           " ORDER BY id DESC LIMIT $2",
};

enum status vendor_store_list(struct request *request, struct uuid before, int64_t limit,
                              struct vendor **ret_vendors, size_t *ret_count)
{
    assert(limit >= 1);
    assert(limit <= VENDOR_PAGE_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, before);
    param_int(params, arena, limit + 1);
    TRY(request_query(request, &vendor_list, params, &rows));
    struct vendor *vendors = arena_allocate_array(arena, rows.count, sizeof *vendors);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_vendor(&row, &vendors[i]);
    }
    *ret_vendors = vendors;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement vendor_insert = {
    .name = "vendor_insert",
    .sql = "INSERT INTO vendor.vendor (id, name, slug, status, created_at, version)"
           " VALUES ($1, $2, $3, $4, $5, $6)",
    .on_duplicate = STATUS_CONFLICT,
};

void vendor_store_insert(struct request *request, const struct vendor *vendor)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &vendor_insert);
    param_uuid(params, arena, vendor->id);
    param_text(params, arena, vendor->name);
    param_text(params, arena, vendor->slug);
    param_small(params, arena, (int16_t)vendor->status);
    param_int(params, arena, vendor->created_at_us);
    param_int(params, arena, vendor->version);
}
