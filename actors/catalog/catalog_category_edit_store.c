/* SQL of staff's changes of the category tree. */
#include "actors/catalog/catalog_category_edit_store.h"

#include "actors/catalog/catalog_list_store.h"

static const struct statement edit_load = {
    .name = "catalog_category_edit_load",
    .sql = "SELECT c.name, c.slug, c.path, c.parent_id, c.ancestors, c.crumbs,"
           " coalesce(c.seo_title, ''), coalesce(c.seo_description, ''), c.position, c.version,"
           " (SELECT g.version FROM catalog.category_guard g), s.depth - c.depth + 1, s.characters,"
           " length(c.path)"
           " FROM catalog.category c, LATERAL (SELECT max(b.depth) AS depth,"
           " max(length(b.path)) AS characters FROM catalog.category b"
           " WHERE b.ancestors @> ARRAY[c.id]) s WHERE c.id = $1 AND NOT EXISTS (SELECT 1"
           " FROM catalog.category_task t WHERE t.category_id = c.id AND t.into_id IS NOT NULL)",
};

enum status catalog_category_edit_load(struct request *request, struct uuid id,
                                       struct catalog_category_edit *ret_category)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, id);
    TRY(request_query(request, &edit_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_category_edit category = { .id = id, .name = row_text(&row) };
    category.slug = row_text(&row);
    category.path = row_text(&row);
    category.has_parent = !row_skip_null(&row);
    if (category.has_parent) category.parent_id = row_uuid(&row);
    category.ancestors_count = row_uuid_array(&row, arena, &category.ancestors);
    category.crumbs_count = row_text_array(&row, arena, &category.crumbs);
    category.seo_title = row_text(&row);
    category.seo_description = row_text(&row);
    category.position = row_int(&row);
    category.version = row_int(&row);
    category.guard = row_int(&row);
    category.levels = (size_t)row_int(&row);
    category.path_characters = (size_t)row_int(&row);
    category.own_characters = (size_t)row_int(&row);
    assert(category.ancestors_count >= 1); /* the table's check */
    *ret_category = category;
    return STATUS_OK;
}

static const struct statement edit_siblings = {
    .name = "catalog_category_siblings",
    .sql = "SELECT c.id FROM catalog.category c WHERE c.parent_id IS NOT DISTINCT FROM $1"
           " ORDER BY c.position, c.path LIMIT 5000",
};

enum status catalog_category_edit_siblings(struct request *request, struct uuid parent,
                                           const struct uuid **ret_ids, size_t *ret_count)
{
    static_assert(CATALOG_TREE_MAX == 5000, "the LIMIT of edit_siblings");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_or_null(params, arena, parent);
    TRY(request_query(request, &edit_siblings, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}

#define IS_EMPTY_SQL                                                                               \
    " NOT EXISTS (SELECT 1 FROM catalog.category b WHERE b.parent_id = $1)"                        \
    " AND NOT EXISTS (SELECT 1 FROM catalog.listing l WHERE l.category_id = $1)"                   \
    " AND NOT EXISTS (SELECT 1 FROM catalog.product p WHERE p.category_id = $1"                    \
    " AND NOT p.is_listed)"

static const struct statement edit_is_empty = {
    .name = "catalog_category_is_empty",
    .sql = "SELECT" IS_EMPTY_SQL,
};

enum status catalog_category_edit_is_empty(struct request *request, struct uuid id,
                                           bool *ret_is_empty)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, id);
    TRY(request_query(request, &edit_is_empty, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_empty = row_bool(&row);
    return STATUS_OK;
}

/* ---- changes ---- */

static const struct statement edit_lock = {
    .name = "catalog_category_lock",
    .sql = "WITH u AS (UPDATE catalog.category_guard SET version = version + 1"
           " WHERE version = $1 RETURNING 1) SELECT require_one(count(*)) FROM u",
};

void catalog_category_edit_lock(struct request *request, int64_t guard)
{
    param_int(request_write(request, &edit_lock), request_arena(request), guard);
}

static const struct statement edit_shift = {
    .name = "catalog_category_shift",
    .sql = "UPDATE catalog.category c SET path = $4 || substr(c.path, length($3) + 1),"
           " same_path = CASE WHEN c.same_path IS NOT NULL OR c.id = $1"
           " THEN catalog.same_name($4 || substr(c.path, length($3) + 1)) END,"
           " depth = c.depth + $5, ancestors = $6::uuid[] || c.ancestors[$7 + 1 :],"
           " crumbs = $8::text[] || c.crumbs[$9 + 1 :]"
           " WHERE c.ancestors @> ARRAY[$1::uuid] AND ($2 OR c.id <> $1)",
    .on_duplicate = STATUS_CATEGORY_EXISTS,
};

void catalog_category_edit_shift(struct request *request,
                                 const struct catalog_category_shift *shift)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &edit_shift);
    param_uuid(params, arena, shift->id);
    param_bool(params, arena, shift->with_itself);
    param_text(params, arena, shift->old_path);
    param_text(params, arena, shift->new_path);
    param_int(params, arena, shift->deeper);
    param_uuid_array(params, arena, shift->above, shift->above_count);
    param_int(params, arena, (int64_t)shift->dropped);
    param_text_array(params, arena, shift->crumbs, shift->crumbs_count);
    param_int(params, arena, (int64_t)shift->crumbs_dropped);
}

static const struct statement edit_save = {
    .name = "catalog_category_save",
    .sql = "WITH u AS (UPDATE catalog.category SET name = $3, slug = $4, parent_id = $5,"
           " seo_title = $6, seo_description = $7, version = version + 1"
           " WHERE id = $1 AND version = $2 RETURNING 1) SELECT require_one(count(*)) FROM u",
};

void catalog_category_edit_save(struct request *request,
                                const struct catalog_category_edit *category)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &edit_save);
    param_uuid(params, arena, category->id);
    param_int(params, arena, category->version);
    param_text(params, arena, category->name);
    param_text(params, arena, category->slug);
    param_uuid_or_null(params, arena,
                       category->has_parent ? category->parent_id : (struct uuid){ { 0 } });
    param_optional_text(params, arena, category->seo_title.length > 0, category->seo_title);
    param_optional_text(params, arena, category->seo_description.length > 0,
                        category->seo_description);
}

static const struct statement edit_arrange = {
    .name = "catalog_category_arrange",
    .sql = "UPDATE catalog.category c SET position = u.place - 1"
           " FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, place)"
           " WHERE c.id = u.id AND c.position <> u.place - 1",
};

void catalog_category_edit_arrange(struct request *request, const struct uuid *ids, size_t count)
{
    param_uuid_array(request_write(request, &edit_arrange), request_arena(request), ids, count);
}

static const struct statement edit_adopt = {
    .name = "catalog_category_adopt",
    .sql = "UPDATE catalog.category SET parent_id = $2 WHERE parent_id = $1",
};

void catalog_category_edit_adopt(struct request *request, struct uuid parent,
                                 struct uuid new_parent)
{
    struct store_params *params = request_write(request, &edit_adopt);
    param_uuid(params, request_arena(request), parent);
    param_uuid(params, request_arena(request), new_parent);
}

static const struct statement edit_end_task = {
    .name = "catalog_category_end_task",
    .sql = "DELETE FROM catalog.category_task WHERE category_id = $1",
};

void catalog_category_edit_end_task(struct request *request, struct uuid id)
{
    param_uuid(request_write(request, &edit_end_task), request_arena(request), id);
}

static const struct statement edit_drop_slugs = {
    .name = "catalog_category_drop_slugs",
    .sql = "DELETE FROM catalog.category_slug WHERE subject_id = $1",
};

static const struct statement edit_give_slugs = {
    .name = "catalog_category_give_slugs",
    .sql = "UPDATE catalog.category_slug SET subject_id = $2, is_current = false"
           " WHERE subject_id = $1",
};

static const struct statement edit_delete = {
    .name = "catalog_category_delete",
    .sql = "WITH gone AS (DELETE FROM catalog.category c WHERE c.id = $1 AND" IS_EMPTY_SQL
           " RETURNING 1) SELECT require_one(count(*)) FROM gone",
};

void catalog_category_edit_delete(struct request *request, struct uuid id, struct uuid into)
{
    struct arena *arena = request_arena(request);
    if (uuid_is_zero(into)) {
        param_uuid(request_write(request, &edit_drop_slugs), arena, id);
    } else {
        struct store_params *params = request_write(request, &edit_give_slugs);
        param_uuid(params, arena, id);
        param_uuid(params, arena, into);
    }
    catalog_category_edit_end_task(request, id);
    param_uuid(request_write(request, &edit_delete), arena, id);
}
