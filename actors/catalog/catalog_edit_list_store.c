/* SQL of the lists of vendors and staff. Each page is one index range, read backwards; the comment
 * at the top of catalog_list_store.c says what shapes the statements. */
#include "actors/catalog/catalog_edit_store.h"
#include "actors/catalog/catalog_row.h"

/* $1 behind this id, $2 status or -1, $3 part of the name or '', $4 limit. */
#define SUMMARY_SQL                                                                                \
    "SELECT p.id, p.vendor_id, p.name, p.handle, p.category_id,"                                   \
    " (SELECT c.path FROM catalog.category c WHERE c.id = p.category_id), p.status,"               \
    " p.is_blocked, p.price_amount, p.price_currency, coalesce(p.picture, p.images[1], ''),"       \
    " (SELECT coalesce(sum(greatest(k.on_hand, 0)), 0)::bigint FROM catalog.stock k"               \
    " WHERE k.product_id = p.id AND k.is_active),"                                                 \
    " (SELECT coalesce(sum(k.held), 0)::bigint FROM catalog.stock k"                               \
    " WHERE k.product_id = p.id AND k.is_active),"                                                 \
    " p.version, p.created_at, p.updated_at"
#define COLUMNS_SQL SUMMARY_SQL " FROM (SELECT * FROM catalog.product p WHERE"
#define FILTER_SQL                                                                                 \
    " p.id < $1 AND CASE WHEN $2 = -1 THEN p.status <> 5 ELSE p.status = $2 END"                   \
    " AND CASE WHEN $3 = '' THEN true ELSE strpos(lower(p.name), lower($3)) > 0 END"
#define END_SQL " ORDER BY p.id DESC LIMIT 101) p ORDER BY p.id DESC LIMIT $4"

static const struct statement list_all = {
    .name = "catalog_edit_list_all",
    .sql = COLUMNS_SQL FILTER_SQL END_SQL,
};

static const struct statement list_published = {
    .name = "catalog_edit_list_published",
    .sql = COLUMNS_SQL " p.is_listed AND" FILTER_SQL END_SQL,
};

static const struct statement list_unlisted = {
    .name = "catalog_edit_list_unlisted",
    .sql = COLUMNS_SQL " NOT p.is_listed AND p.status = $2 AND" FILTER_SQL END_SQL,
};

/* $5 vendor, $6 category or null. Listed products and the others have an index each; what is asked
 * of $2 alone is asked once, so that a status never walks the index of the other half. */
#define OF_VENDOR_SQL                                                                              \
    " p.vendor_id = $5 AND" FILTER_SQL                                                             \
    " AND CASE WHEN $6 IS NULL THEN true ELSE $6 = ANY ((SELECT c.ancestors"                       \
    " FROM catalog.category c WHERE c.id = p.category_id)::uuid[]) END"                            \
    " ORDER BY p.id DESC LIMIT 101"

static const struct statement list_vendor = {
    .name = "catalog_edit_list_vendor",
    .sql = SUMMARY_SQL " FROM ((SELECT * FROM catalog.product p WHERE p.is_listed"
                       " AND ($2 = -1 OR $2 = 2) AND" OF_VENDOR_SQL ")"
                       " UNION ALL (SELECT * FROM catalog.product p WHERE NOT p.is_listed"
                       " AND $2 <> 2 AND" OF_VENDOR_SQL ")) p ORDER BY p.id DESC LIMIT $4",
};

static const struct statement *choose_statement(struct store_params *params, struct arena *arena,
                                                const struct catalog_edit_filter *filter)
{
    if (filter->has_vendor) {
        param_uuid(params, arena, filter->vendor_id);
        if (filter->has_category) {
            param_uuid(params, arena, filter->category_id);
        } else {
            param_null_uuid(params);
        }
        return &list_vendor;
    }
    if (!filter->has_status) return &list_all;
    return filter->status == CATALOG_PRODUCT_STATUS_PUBLISHED ? &list_published : &list_unlisted;
}

static void read_summary(struct row *row, struct catalog_own_summary *product)
{
    product->id = row_uuid(row);
    product->vendor_id = row_uuid(row);
    product->name = row_text(row);
    product->handle = row_text(row);
    product->category.id = row_uuid(row);
    product->category.path = row_text(row);
    product->status = (enum catalog_product_status)row_int(row);
    assert((unsigned)product->status < CATALOG_PRODUCT_STATUS_COUNT);
    product->is_hidden_by_staff = row_bool(row);
    product->price = catalog_row_money(row);
    product->image = row_text(row);
    product->has_image = product->image.length > 0;
    product->on_hand = row_int(row);
    product->reserved = row_int(row);
    product->version = row_int(row);
    product->created_at_us = row_int(row);
    product->updated_at_us = row_int(row);
}

enum status catalog_edit_store_list(struct request *request,
                                    const struct catalog_edit_filter *filter, struct uuid after,
                                    struct catalog_own_summary **ret_products, size_t *ret_count)
{
    assert(filter->limit >= 1);
    assert(filter->limit <= CATALOG_PAGE_MAX);
    assert(!filter->has_category || filter->has_vendor);
    static_assert(CATALOG_PRODUCT_STATUS_PUBLISHED == 2, "the 2 of the statements");
    static_assert(CATALOG_PRODUCT_STATUS_ARCHIVED == 5, "the 5 of the statements");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, after);
    param_small(params, arena, filter->has_status ? (int16_t)filter->status : -1);
    param_text(params, arena, filter->q);
    param_int(params, arena, filter->limit + 1);
    const struct statement *statement = choose_statement(params, arena, filter);
    TRY(request_query(request, statement, params, &rows));
    assert(rows.count <= (size_t)filter->limit + 1);
    struct catalog_own_summary *products =
        arena_allocate_array(arena, rows.count, sizeof *products);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_summary(&row, &products[i]);
    }
    *ret_products = products;
    *ret_count = rows.count;
    return STATUS_OK;
}
