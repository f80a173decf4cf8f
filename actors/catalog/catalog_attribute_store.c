/* SQL of attributes of categories. */
#include "actors/catalog/catalog_attribute_store.h"

enum { CELLS = 5 /* of ATTRIBUTES_SQL, of one attribute */ };

size_t catalog_attribute_store_read(struct row *row, struct arena *arena,
                                    const struct catalog_item_attribute **ret_attributes)
{
    const struct text *cells;
    const size_t count = row_text_array(row, arena, &cells) / CELLS;
    struct catalog_item_attribute *attributes =
        arena_allocate_array(arena, count, sizeof *attributes);
    for (size_t i = 0; i < count; i++) {
        const struct text *cell = cells + CELLS * i;
        int64_t type;
        const enum status status = text_parse_int(cell[2], &type);
        assert(status == STATUS_OK && type >= 0 && type < CATALOG_ATTRIBUTE_TYPE_COUNT);
        attributes[i] = (struct catalog_item_attribute){ .key = cell[0],
                                                         .name = cell[1],
                                                         .type = (enum catalog_attribute_type)type,
                                                         .unit = cell[3],
                                                         .value = cell[4] };
    }
    *ret_attributes = attributes;
    return count;
}

#define COLUMNS_SQL                                                                                \
    "a.id, a.category_id, a.key, a.name, a.type, coalesce(a.unit, ''), a.choices, a.is_required,"  \
    " a.is_filterable, a.version"

static void read_attribute(struct row *row, struct arena *arena,
                           struct catalog_category_attribute *attribute)
{
    *attribute = (struct catalog_category_attribute){ .id = row_uuid(row) };
    attribute->category_id = row_uuid(row);
    attribute->key = row_text(row);
    attribute->name = row_text(row);
    attribute->type = (enum catalog_attribute_type)row_int(row);
    assert((unsigned)attribute->type < CATALOG_ATTRIBUTE_TYPE_COUNT); /* the table's check */
    attribute->unit = row_text(row);
    attribute->has_unit = attribute->unit.length > 0;
    attribute->choices_count = row_text_array(row, arena, &attribute->choices);
    attribute->is_required = row_bool(row);
    attribute->is_filterable = row_bool(row);
    attribute->version = row_int(row);
}

static const struct statement attributes_list = {
    .name = "catalog_attributes_list",
    .sql = "SELECT " COLUMNS_SQL " FROM (SELECT DISTINCT ON (b.key) b.*,"
           " array_position($1::uuid[], b.category_id) AS place FROM catalog.category_attribute b"
           " WHERE b.category_id = ANY ($1::uuid[])"
           " ORDER BY b.key, array_position($1::uuid[], b.category_id) DESC) a"
           " ORDER BY a.place, a.created_at, a.key LIMIT 750",
};

enum status catalog_attribute_store_list(struct request *request, const struct uuid *ancestors,
                                         size_t count,
                                         const struct catalog_category_attribute **ret_attributes,
                                         size_t *ret_count)
{
    static_assert(CATALOG_ATTRIBUTES_EFFECTIVE_MAX == 750, "the LIMIT of attributes_list");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, ancestors, count);
    TRY(request_query(request, &attributes_list, params, &rows));
    struct catalog_category_attribute *attributes =
        arena_allocate_array(arena, rows.count, sizeof *attributes);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_attribute(&row, arena, &attributes[i]);
    }
    *ret_attributes = attributes;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement attributes_name = {
    .name = "catalog_attributes_name",
    .sql = "SELECT u.place, d.name, coalesce(d.unit, '')"
           " FROM unnest($2::text[]) WITH ORDINALITY AS u (key, place)"
           " CROSS JOIN LATERAL (SELECT a.name, a.unit FROM catalog.category_attribute a"
           " WHERE a.key = u.key AND a.category_id = ANY ($1::uuid[])"
           " ORDER BY array_position($1::uuid[], a.category_id) DESC LIMIT 1) d"
           " ORDER BY u.place",
};

enum status catalog_attribute_store_name(struct request *request, struct catalog_product *product)
{
    const size_t count = product->attributes_count, depth = product->breadcrumbs_count;
    if (count == 0 || depth == 0) return STATUS_OK;
    struct arena *arena = request_arena(request);
    struct uuid *ancestors = arena_allocate_array(arena, depth, sizeof *ancestors);
    struct text *keys = arena_allocate_array(arena, count, sizeof *keys);
    struct catalog_product_attribute *attributes =
        arena_allocate_array(arena, count, sizeof *attributes);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    for (size_t i = 0; i < depth; i++)
        ancestors[i] = product->breadcrumbs[i].id;
    for (size_t i = 0; i < count; i++)
        keys[i] = product->attributes[i].key;
    param_uuid_array(params, arena, ancestors, depth);
    param_text_array(params, arena, keys, count);
    TRY(request_query(request, &attributes_name, params, &rows));
    assert(rows.count <= count);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        attributes[i] = product->attributes[row_int(&row) - 1];
        attributes[i].name = row_text(&row);
        attributes[i].unit = row_text(&row);
        attributes[i].has_unit = attributes[i].unit.length > 0;
    }
    product->attributes = attributes;
    product->attributes_count = rows.count;
    return STATUS_OK;
}

static const struct statement attribute_load = {
    .name = "catalog_attribute_load",
    .sql = "SELECT " COLUMNS_SQL " FROM catalog.category_attribute a"
           " WHERE a.category_id = $1 AND a.id = $2",
};

enum status catalog_attribute_store_load(struct request *request, struct uuid category,
                                         struct uuid attribute,
                                         struct catalog_category_attribute *ret_attribute)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, category);
    param_uuid(params, arena, attribute);
    TRY(request_query(request, &attribute_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_attribute(&row, arena, ret_attribute);
    return STATUS_OK;
}

static const struct statement attributes_count = {
    .name = "catalog_attributes_count",
    .sql = "SELECT count(*) FILTER (WHERE a.category_id = $1),"
           " coalesce(bool_or(a.key = $2), false) FROM catalog.category_attribute a"
           " WHERE a.category_id = $1 OR (a.key = $2 AND EXISTS (SELECT FROM catalog.category c"
           " JOIN catalog.category d ON d.id = $1 WHERE c.id = a.category_id"
           " AND (c.id = ANY (d.ancestors) OR d.id = ANY (c.ancestors))))",
};

enum status catalog_attribute_store_count(struct request *request, struct uuid category,
                                          struct text key, int64_t *ret_count, bool *ret_is_taken)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, category);
    param_text(params, arena, key);
    TRY(request_query(request, &attributes_count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    *ret_is_taken = row_bool(&row);
    return STATUS_OK;
}

static const struct statement attribute_insert = {
    .name = "catalog_attribute_insert",
    .sql = "INSERT INTO catalog.category_attribute (id, category_id, key, name, type, unit,"
           " choices, is_required, is_filterable, created_at)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    .on_duplicate = STATUS_CONFLICT,
    .on_reference = STATUS_CONFLICT,
};

void catalog_attribute_store_insert(struct request *request,
                                    const struct catalog_category_attribute *attribute)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &attribute_insert);
    param_uuid(params, arena, attribute->id);
    param_uuid(params, arena, attribute->category_id);
    param_text(params, arena, attribute->key);
    param_text(params, arena, attribute->name);
    param_small(params, arena, (int16_t)attribute->type);
    param_optional_text(params, arena, attribute->has_unit, attribute->unit);
    param_text_array(params, arena, attribute->choices, attribute->choices_count);
    param_bool(params, arena, attribute->is_required);
    param_bool(params, arena, attribute->is_filterable);
    param_int(params, arena, request_now_us(request));
}

static const struct statement attribute_save = {
    .name = "catalog_attribute_save",
    .sql = "WITH u AS (UPDATE catalog.category_attribute SET name = $3, unit = $4, choices = $5,"
           " is_required = $6, is_filterable = $7, version = version + 1"
           " WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
};

void catalog_attribute_store_save(struct request *request,
                                  const struct catalog_category_attribute *attribute)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &attribute_save);
    param_uuid(params, arena, attribute->id);
    param_int(params, arena, attribute->version);
    param_text(params, arena, attribute->name);
    param_optional_text(params, arena, attribute->has_unit, attribute->unit);
    param_text_array(params, arena, attribute->choices, attribute->choices_count);
    param_bool(params, arena, attribute->is_required);
    param_bool(params, arena, attribute->is_filterable);
}

static const struct statement attribute_delete = {
    .name = "catalog_attribute_delete",
    .sql = "WITH gone AS (DELETE FROM catalog.category_attribute WHERE id = $1 AND version = $2"
           " RETURNING 1) SELECT require_one(count(*)) FROM gone",
};

void catalog_attribute_store_delete(struct request *request,
                                    const struct catalog_category_attribute *attribute)
{
    struct store_params *params = request_write(request, &attribute_delete);
    param_uuid(params, request_arena(request), attribute->id);
    param_int(params, request_arena(request), attribute->version);
}
