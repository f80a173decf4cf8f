/* SQL of categories. */
#include "actors/catalog/catalog_category_store.h"

#include "runtime/slug.h"

static enum status query_category(struct request *request, const struct statement *statement,
                                  const struct store_params *params,
                                  struct catalog_category_row *ret_category)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    const struct uuid *ancestors;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    ret_category->id = row_uuid(&row);
    ret_category->path = row_text(&row);
    ret_category->ancestors_count = row_uuid_array(&row, arena, &ancestors);
    /* The table's check: a category is at most CATALOG_LEVELS_MAX - 1 deep. */
    assert(ret_category->ancestors_count >= 1);
    assert(ret_category->ancestors_count <= CATALOG_LEVELS_MAX);
    for (size_t i = 0; i < ret_category->ancestors_count; i++)
        ret_category->ancestors[i] = ancestors[i];
    return STATUS_OK;
}

static const struct statement category_find = {
    .name = "catalog_category_find",
    .sql = "SELECT id, path, ancestors FROM catalog.category WHERE id = coalesce("
           "(SELECT id FROM catalog.category WHERE path = $1),"
           " (SELECT id FROM catalog.category WHERE same_path = catalog.same_name($1)))",
};

enum status catalog_category_store_find(struct request *request, struct text path,
                                        struct catalog_category_row *ret_category)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_text(params, request_arena(request), path);
    return query_category(request, &category_find, params, ret_category);
}

static const struct statement category_get = {
    .name = "catalog_store_category_get",
    .sql = "SELECT id, path, ancestors FROM catalog.category WHERE id = $1",
};

enum status catalog_category_store_get(struct request *request, struct uuid id,
                                       struct catalog_category_row *ret_category)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid(params, request_arena(request), id);
    return query_category(request, &category_get, params, ret_category);
}

static const struct statement category_count_levels = {
    .name = "catalog_category_count_levels",
    .sql = "SELECT count(*) FROM unnest($1::text[]) AS p WHERE EXISTS (SELECT 1"
           " FROM catalog.category c WHERE c.path = p OR c.same_path = catalog.same_name(p))",
};

/* A category is never without its parents, so that the number of those that exist is the number of
 * levels. */
enum status catalog_category_store_count_levels(struct request *request,
                                                const struct catalog_path *path, size_t *ret_levels)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_text_array(params, arena, path->paths, path->levels);
    TRY(request_query(request, &category_count_levels, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_levels = (size_t)row_int(&row);
    return STATUS_OK;
}

static const struct statement category_insert = {
    .name = "catalog_category_insert",
    .sql = "INSERT INTO catalog.category"
           " (id, parent_id, name, slug, path, depth, ancestors, created_at, same_path)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, catalog.same_name($5))",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_category_store_insert(struct request *request, struct uuid id,
                                   const struct catalog_path *path,
                                   const struct catalog_category_row *parent)
{
    struct arena *arena = request_arena(request);
    const size_t depth = path->levels - 1;
    assert((parent == NULL ? 0 : parent->ancestors_count) == depth);
    struct uuid ancestors[CATALOG_LEVELS_MAX];
    for (size_t i = 0; i < depth; i++)
        ancestors[i] = parent->ancestors[i];
    ancestors[depth] = id;

    struct store_params *params = request_write(request, &category_insert);
    param_uuid(params, arena, id);
    if (parent == NULL) {
        param_null_uuid(params);
    } else {
        param_uuid(params, arena, parent->id);
    }
    param_text(params, arena, path->names[depth]);
    param_text(params, arena, slug_of_text(arena, path->names[depth], CATALOG_SLUG_MAX));
    param_text(params, arena, path->paths[depth]);
    param_small(params, arena, (int16_t)depth);
    param_uuid_array(params, arena, ancestors, path->levels);
    param_int(params, arena, request_now_us(request));
}
