/* SQL of categories. */
#include "actors/catalog/catalog_category_store.h"

#include "actors/catalog/catalog_slugs.h"

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
    ret_category->crumbs_count = row_text_array(&row, arena, &ret_category->crumbs);
    return STATUS_OK;
}

static const struct statement category_find = {
    .name = "catalog_category_find",
    .sql = "SELECT id, path, ancestors, crumbs FROM catalog.category WHERE id = coalesce("
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
    .sql = "SELECT c.id, c.path, c.ancestors, c.crumbs FROM catalog.category c WHERE c.id = $1"
           " AND NOT EXISTS (SELECT 1 FROM catalog.category_task t"
           " WHERE t.category_id = $1 AND t.into_id IS NOT NULL)",
};

enum status catalog_category_store_get(struct request *request, struct uuid id,
                                       struct catalog_category_row *ret_category)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    param_uuid(params, request_arena(request), id);
    return query_category(request, &category_get, params, ret_category);
}

static const struct statement category_describe = {
    .name = "catalog_category_describe",
    .sql = "SELECT c.name, c.slug, c.path, c.parent_id, c.depth, coalesce(c.seo_title, ''),"
           " coalesce(c.seo_description, ''), c.position, c.version, c.ancestors,"
           " ARRAY(SELECT a.name FROM unnest(c.ancestors) WITH ORDINALITY AS u (id, place)"
           " JOIN catalog.category a ON a.id = u.id ORDER BY u.place),"
           " ARRAY(SELECT a.slug FROM unnest(c.ancestors) WITH ORDINALITY AS u (id, place)"
           " JOIN catalog.category a ON a.id = u.id ORDER BY u.place)"
           " FROM catalog.category c WHERE c.id = $1",
};

static void read_breadcrumbs(struct row *row, struct arena *arena,
                             struct catalog_category_detail *detail)
{
    const struct uuid *ids;
    const struct text *names, *slugs;
    const size_t count = row_uuid_array(row, arena, &ids);
    const size_t names_count = row_text_array(row, arena, &names);
    const size_t slugs_count = row_text_array(row, arena, &slugs);
    assert(names_count == count && slugs_count == count); /* a foreign key keeps parents */
    struct catalog_breadcrumb *crumbs = arena_allocate_array(arena, count, sizeof *crumbs);
    for (size_t i = 0; i < count; i++)
        crumbs[i] = (struct catalog_breadcrumb){ .id = ids[i], .name = names[i], .slug = slugs[i] };
    detail->breadcrumbs = crumbs;
    detail->breadcrumbs_count = count;
}

enum status catalog_category_store_describe(struct request *request, struct uuid id,
                                            struct catalog_category_detail *ret_detail)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, id);
    TRY(request_query(request, &category_describe, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_category_detail detail = { .id = id, .name = row_text(&row) };
    detail.slug = row_text(&row);
    detail.path = row_text(&row);
    detail.has_parent_id = !row_skip_null(&row);
    if (detail.has_parent_id) detail.parent_id = row_uuid(&row);
    detail.depth = row_int(&row);
    detail.seo_title = row_text(&row);
    detail.has_seo_title = detail.seo_title.length > 0;
    detail.seo_description = row_text(&row);
    detail.has_seo_description = detail.seo_description.length > 0;
    detail.position = row_int(&row);
    detail.version = row_int(&row);
    read_breadcrumbs(&row, arena, &detail);
    *ret_detail = detail;
    return STATUS_OK;
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

/* Behind the lock, by a statement of its own, the parent is seen as whoever held it has left it. */
static const struct statement category_share = {
    .name = "catalog_category_share",
    .sql = "WITH g AS (SELECT 1 FROM catalog.category_guard FOR SHARE)"
           " SELECT require_one(count(*)) FROM g",
};

static const struct statement category_insert = {
    .name = "catalog_category_insert",
    .sql = "WITH made AS (INSERT INTO catalog.category"
           " (id, parent_id, name, slug, path, depth, ancestors, created_at, same_path, crumbs)"
           " SELECT $1, $2, $3, $4, $5, $6, $7, $8, catalog.same_name($5),"
           " coalesce(p.crumbs, '{}') || ARRAY[$3, $4]"
           " FROM (SELECT $2::uuid AS id) u LEFT JOIN catalog.category p ON p.id = u.id"
           " WHERE u.id IS NULL OR (p.path || ' > ' || $3 = $5 AND p.ancestors || $1 = $7)"
           " RETURNING 1) SELECT require_one(count(*)) FROM made",
    .on_duplicate = STATUS_CONFLICT,
};

void catalog_category_store_insert(struct request *request, struct uuid id, struct text slug,
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

    (void)request_write(request, &category_share);
    struct store_params *params = request_write(request, &category_insert);
    param_uuid(params, arena, id);
    if (parent == NULL) {
        param_null_uuid(params);
    } else {
        param_uuid(params, arena, parent->id);
    }
    param_text(params, arena, path->names[depth]);
    param_text(params, arena, slug);
    param_text(params, arena, path->paths[depth]);
    param_small(params, arena, (int16_t)depth);
    param_uuid_array(params, arena, ancestors, path->levels);
    param_int(params, arena, request_now_us(request));
    slug_book_give(request, &catalog_category_slugs, id, slug, true);
}
