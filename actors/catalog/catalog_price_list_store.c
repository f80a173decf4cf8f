/* SQL of price lists and of their prices. */
#include "actors/catalog/catalog_price_list_store.h"

/* ---- lists ---- */

#define LIST_SELECT                                                                                \
    "SELECT l.id, l.vendor_id, l.name, l.group_ids, l.currency, l.starts_at, l.ends_at,"           \
    " l.is_active, l.prices, l.version, l.created_at, l.updated_at FROM catalog.price_list l "

static struct uuid uuid_or_zero(struct row *row)
{
    return row_skip_null(row) ? (struct uuid){ { 0 } } : row_uuid(row);
}

static void read_list(struct row *row, struct arena *arena, struct catalog_price_list_row *list)
{
    list->id = row_uuid(row);
    list->vendor_id = uuid_or_zero(row);
    list->name = row_text(row);
    list->group_ids_count = row_uuid_array(row, arena, &list->group_ids);
    list->currency = row_text(row);
    list->starts_us = row_int(row);
    list->ends_us = row_int(row);
    list->is_active = row_bool(row);
    list->prices = row_int(row);
    list->version = row_int(row);
    list->created_us = row_int(row);
    list->updated_us = row_int(row);
}

enum status catalog_price_list_store_find(struct request *request, struct uuid list_id,
                                          struct catalog_price_list_row *ret_list)
{
    static const struct statement find = {
        .name = "catalog_price_list_find",
        .sql = LIST_SELECT "WHERE l.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, list_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_list(&row, arena, ret_list);
    return STATUS_OK;
}

/* One range of the index by owner, for a vendor and for the market. */
static const struct statement page_of_vendor = {
    .name = "catalog_price_list_page",
    .sql = LIST_SELECT "WHERE l.vendor_id = $3 AND l.id < $1 ORDER BY l.id DESC LIMIT $2",
};
static const struct statement page_of_market = {
    .name = "catalog_price_list_page_of_market",
    .sql = LIST_SELECT "WHERE l.vendor_id IS NULL AND l.id < $1 ORDER BY l.id DESC LIMIT $2",
};

enum status catalog_price_list_store_page(struct request *request, struct uuid vendor_id,
                                          struct uuid before, int64_t limit,
                                          struct catalog_price_list_row **ret_lists,
                                          size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    if (!uuid_is_zero(vendor_id)) param_uuid(params, arena, vendor_id);
    TRY(request_query(request, uuid_is_zero(vendor_id) ? &page_of_market : &page_of_vendor, params,
                      &rows));
    struct catalog_price_list_row *lists = arena_allocate_array(arena, rows.count, sizeof *lists);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_list(&row, arena, &lists[i]);
    }
    *ret_lists = lists;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status catalog_price_list_store_count(struct request *request, struct uuid vendor_id,
                                           int64_t *ret_count)
{
    static const struct statement count_lists = {
        .name = "catalog_price_list_count",
        .sql = "SELECT count(*) FROM catalog.price_list l"
               " WHERE l.vendor_id IS NOT DISTINCT FROM $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_or_null(params, arena, vendor_id);
    TRY(request_query(request, &count_lists, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

/* Staff asks when a group is to go; there are few lists. */
enum status catalog_price_list_store_find_of_group(struct request *request, struct uuid group_id,
                                                   struct catalog_price_list_of_group *ret_list)
{
    static const struct statement find = {
        .name = "catalog_price_list_find_of_group",
        .sql = "SELECT l.id, l.name FROM catalog.price_list l WHERE $1 = ANY (l.group_ids)"
               " ORDER BY l.id LIMIT 1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, group_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_list->list_id = row_uuid(&row);
    ret_list->name = row_text(&row);
    return STATUS_OK;
}

void catalog_price_list_store_add(struct request *request,
                                  const struct catalog_price_list_row *list)
{
    static const struct statement add = {
        .name = "catalog_price_list_add",
        .sql = "INSERT INTO catalog.price_list (id, vendor_id, name, group_ids, currency,"
               " starts_at, ends_at, is_active, created_at, updated_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, list->id);
    param_uuid_or_null(params, arena, list->vendor_id);
    param_text(params, arena, list->name);
    param_uuid_array(params, arena, list->group_ids, list->group_ids_count);
    param_text(params, arena, list->currency);
    param_int(params, arena, list->starts_us);
    param_int(params, arena, list->ends_us);
    param_bool(params, arena, list->is_active);
    param_int(params, arena, list->created_us);
}

void catalog_price_list_store_save(struct request *request,
                                   const struct catalog_price_list_row *list)
{
    static const struct statement save = {
        .name = "catalog_price_list_save",
        .sql = "WITH u AS (UPDATE catalog.price_list SET name = $3, group_ids = $4,"
               " starts_at = $5, ends_at = $6, is_active = $7, prices = $8, updated_at = $9,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, list->id);
    param_int(params, arena, list->version - 1);
    param_text(params, arena, list->name);
    param_uuid_array(params, arena, list->group_ids, list->group_ids_count);
    param_int(params, arena, list->starts_us);
    param_int(params, arena, list->ends_us);
    param_bool(params, arena, list->is_active);
    param_int(params, arena, list->prices);
    param_int(params, arena, list->updated_us);
}

/* The prices go first, since they name the list; a version that is not the list's undoes that. */
void catalog_price_list_store_remove(struct request *request,
                                     const struct catalog_price_list_row *list)
{
    static const struct statement clear = {
        .name = "catalog_price_list_clear",
        .sql = "DELETE FROM catalog.price_list_price WHERE list_id = $1",
    };
    static const struct statement take_away = {
        .name = "catalog_price_list_remove",
        .sql = "WITH d AS (DELETE FROM catalog.price_list WHERE id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM d",
    };
    struct arena *arena = request_arena(request);
    param_uuid(request_write(request, &clear), arena, list->id);
    struct store_params *params = request_write(request, &take_away);
    param_uuid(params, arena, list->id);
    param_int(params, arena, list->version);
}

/* ---- prices ---- */

enum status catalog_price_list_store_look(struct request *request,
                                          const struct catalog_price_list_row *list,
                                          const struct uuid *variant_ids, size_t count,
                                          struct catalog_listed_variant **ret_variants,
                                          size_t *ret_count)
{
    static const struct statement look = {
        .name = "catalog_price_list_look",
        .sql = "SELECT w.id, p.vendor_id, k.is_active AND p.status <> 5, coalesce(r.amount, -1),"
               " (SELECT count(*) FROM catalog.price_list_price e WHERE e.variant_id = w.id"
               " AND e.list_id <> $2), ARRAY(SELECT e.from_quantity"
               " FROM catalog.price_list_price e WHERE e.variant_id = w.id AND e.list_id = $2)"
               " FROM catalog.variant w JOIN catalog.product p ON p.id = w.product_id"
               " JOIN catalog.stock k ON k.variant_id = w.id"
               " LEFT JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = $3"
               " WHERE w.id = ANY ($1) AND coalesce(p.vendor_id = $4, true)",
    };
    static_assert(CATALOG_PRODUCT_STATUS_ARCHIVED == 5, "the 5 of the statement");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, variant_ids, count);
    param_uuid(params, arena, list->id);
    param_text(params, arena, list->currency);
    param_uuid_or_null(params, arena, list->vendor_id);
    TRY(request_query(request, &look, params, &rows));
    struct catalog_listed_variant *variants =
        arena_allocate_array(arena, rows.count, sizeof *variants);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        variants[i].id = row_uuid(&row);
        variants[i].vendor_id = row_uuid(&row);
        variants[i].is_sold = row_bool(&row);
        variants[i].list_amount = row_int(&row);
        variants[i].elsewhere = row_int(&row);
        variants[i].quantities_count = row_int_array(&row, arena, &variants[i].quantities);
    }
    *ret_variants = variants;
    *ret_count = rows.count;
    return STATUS_OK;
}

static void read_price(struct row *row, const char *currency, struct uuid *ret_id,
                       struct catalog_listed_price *price)
{
    *ret_id = row_uuid(row);
    price->variant_id = row_uuid(row);
    price->product_id = row_uuid(row);
    price->name = row_text(row);
    price->sku = row_text(row);
    price->has_sku = price->sku.length > 0;
    price->from_quantity = row_int(row);
    price->unit_price = money_make(row_int(row), currency);
    price->list_price = money_make(row_int(row), currency);
    price->has_list_price = price->list_price.amount >= 0;
}

enum status catalog_price_list_store_prices(struct request *request,
                                            const struct catalog_price_list_row *list,
                                            struct uuid before, int64_t limit,
                                            struct catalog_listed_price **ret_prices,
                                            struct uuid **ret_ids, size_t *ret_count)
{
    static const struct statement page = {
        .name = "catalog_price_list_prices",
        .sql = "SELECT e.id, e.variant_id, w.product_id, p.name, coalesce(w.sku, ''),"
               " e.from_quantity, e.amount, coalesce(r.amount, -1)"
               " FROM (SELECT * FROM catalog.price_list_price e WHERE e.list_id = $1"
               " AND e.id < $2 ORDER BY e.id DESC LIMIT $3) e"
               " JOIN catalog.variant w ON w.id = e.variant_id"
               " JOIN catalog.product p ON p.id = w.product_id"
               " LEFT JOIN catalog.variant_price r ON r.variant_id = w.id AND r.currency = $4"
               " ORDER BY e.id DESC",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, list->id);
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    param_text(params, arena, list->currency);
    TRY(request_query(request, &page, params, &rows));
    const char *currency = text_string(arena, list->currency);
    struct catalog_listed_price *prices = arena_allocate_array(arena, rows.count, sizeof *prices);
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_price(&row, currency, &ids[i], &prices[i]);
    }
    *ret_prices = prices;
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Two parameters: variants and quantities. */
static void param_places(struct store_params *params, struct arena *arena,
                         const struct catalog_price_wish *wishes, size_t count)
{
    struct uuid *variants = arena_allocate_array(arena, count, sizeof *variants);
    int64_t *quantities = arena_allocate_array(arena, count, sizeof *quantities);
    for (size_t i = 0; i < count; i++) {
        variants[i] = wishes[i].variant_id;
        quantities[i] = catalog_price_wish_quantity(&wishes[i]);
    }
    param_uuid_array(params, arena, variants, count);
    param_int_array(params, arena, quantities, count);
}

void catalog_price_list_store_put_prices(struct request *request, struct uuid list_id,
                                         const struct catalog_price_wish *wishes, size_t count)
{
    static const struct statement put = {
        .name = "catalog_price_list_put",
        .sql = "INSERT INTO catalog.price_list_price (list_id, variant_id, from_quantity, amount,"
               " id) SELECT $1, u.* FROM unnest($2::uuid[], $3::bigint[], $4::bigint[],"
               " $5::uuid[]) AS u ON CONFLICT (list_id, variant_id, from_quantity)"
               " DO UPDATE SET amount = excluded.amount",
    };
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &put);
    int64_t *amounts = arena_allocate_array(arena, count, sizeof *amounts);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        amounts[i] = wishes[i].unit_price.amount;
        ids[i] = request_new_id_beside(request, list_id);
    }
    param_uuid(params, arena, list_id);
    param_places(params, arena, wishes, count);
    param_int_array(params, arena, amounts, count);
    param_uuid_array(params, arena, ids, count);
}

void catalog_price_list_store_drop_prices(struct request *request, struct uuid list_id,
                                          const struct catalog_price_wish *wishes, size_t count)
{
    static const struct statement drop = {
        .name = "catalog_price_list_drop",
        .sql = "DELETE FROM catalog.price_list_price e USING unnest($2::uuid[], $3::bigint[])"
               " AS u (variant_id, from_quantity) WHERE e.list_id = $1"
               " AND e.variant_id = u.variant_id AND e.from_quantity = u.from_quantity",
    };
    if (count == 0) return;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &drop);
    param_uuid(params, arena, list_id);
    param_places(params, arena, wishes, count);
}
