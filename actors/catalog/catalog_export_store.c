/* SQL of exports. */
#include "actors/catalog/catalog_export_store.h"

static const struct statement vendor_find = {
    .name = "catalog_export_vendor",
    .sql = "SELECT vendor_id FROM catalog.vendor_copy WHERE vendor_id = coalesce("
           "(SELECT vendor_id FROM catalog.vendor_copy WHERE name = $1 LIMIT 1),"
           " (SELECT vendor_id FROM catalog.vendor_copy"
           " WHERE catalog.same_name(name) = catalog.same_name($1) LIMIT 1))",
};

enum status catalog_export_store_find_vendor(struct request *request, struct text name,
                                             struct uuid *ret_vendor_id)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text(params, arena, name);
    TRY(request_query(request, &vendor_find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_vendor_id = row_uuid(&row);
    return STATUS_OK;
}

#define EXPORTED_SQL                                                                               \
    "SELECT p.id, coalesce(v.name, '') FROM catalog.product p"                                     \
    " LEFT JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id WHERE p.id > $1"                \
    " AND p.status <> 5"
static const struct statement list_all = {
    .name = "catalog_export_list",
    .sql = EXPORTED_SQL " ORDER BY p.id LIMIT $2",
};
static const struct statement list_of_vendor = {
    .name = "catalog_export_list_of_vendor",
    .sql = EXPORTED_SQL " AND p.vendor_id = $3 ORDER BY p.id LIMIT $2",
};

enum status catalog_export_store_list(struct request *request, const struct uuid *vendor_id,
                                      struct uuid after, int64_t limit,
                                      struct catalog_exported **ret_products, size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, after);
    param_int(params, arena, limit);
    if (vendor_id != NULL) param_uuid(params, arena, *vendor_id);
    TRY(request_query(request, vendor_id == NULL ? &list_all : &list_of_vendor, params, &rows));
    struct catalog_exported *products = arena_allocate_array(arena, rows.count, sizeof *products);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        products[i].product_id = row_uuid(&row);
        products[i].vendor_name = row_text(&row);
    }
    *ret_products = products;
    *ret_count = rows.count;
    return STATUS_OK;
}
