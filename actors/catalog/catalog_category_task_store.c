/* SQL of products that are brought in line with the tree. What is listed of a category and below it
 * is one range of the listing, before and after it has moved. */
#include "actors/catalog/catalog_category_edit_store.h"

static const struct statement task_begin = {
    .name = "catalog_category_begin_task",
    .sql = "INSERT INTO catalog.category_task AS t"
           " (category_id, into_id, old, after, due_at, shard) VALUES ($1, $2, $3,"
           " '00000000-0000-0000-0000-000000000000', $4, $5)"
           " ON CONFLICT (category_id) DO UPDATE SET into_id = excluded.into_id,"
           " old = t.old || excluded.old, after = excluded.after, is_again = false,"
           " due_at = excluded.due_at",
};

void catalog_category_edit_begin_task(struct request *request, struct uuid id, struct uuid into,
                                      const struct uuid *old, size_t old_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &task_begin);
    param_uuid(params, arena, id);
    param_uuid_or_null(params, arena, into);
    param_uuid_array(params, arena, old, old_count);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)uuid_shard(id));
}

static const struct statement tasks_due = {
    .name = "catalog_category_tasks_due",
    .sql = "SELECT category_id FROM catalog.category_task WHERE due_at <= $1"
           " AND shard BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4",
};

enum status catalog_category_edit_list_tasks(struct request *request, unsigned shard_first,
                                             unsigned shard_last, size_t max, struct uuid *ret_ids,
                                             size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)max);
    TRY(request_query(request, &tasks_due, params, &rows));
    assert(rows.count <= max);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ret_ids[i] = row_uuid(&row);
    }
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement task_load = {
    .name = "catalog_category_load_task",
    .sql = "SELECT t.into_id, t.old, t.after, t.is_again, ARRAY("
           "(SELECT l.product_id FROM catalog.listing l WHERE l.category_id = $1"
           " AND l.product_id > t.after ORDER BY l.product_id LIMIT 200)"
           " UNION (SELECT p.id FROM catalog.product p WHERE NOT p.is_listed AND p.id > t.after"
           " AND p.category_id IN (SELECT c.id FROM catalog.category c"
           " WHERE c.id = $1 OR c.ancestors @> ARRAY[$1::uuid]) ORDER BY p.id LIMIT 200)"
           " ORDER BY 1 LIMIT 200) FROM catalog.category_task t WHERE t.category_id = $1",
};

enum status catalog_category_edit_load_task(struct request *request, struct uuid id,
                                            struct catalog_category_task *ret_task,
                                            const struct uuid **ret_products, size_t *ret_count)
{
    static_assert(CATALOG_TASK_BATCH_MAX == 200, "the LIMIT of task_load");
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, id);
    TRY(request_query(request, &task_load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    struct catalog_category_task task = { .id = id };
    if (!row_skip_null(&row)) task.into = row_uuid(&row);
    task.old_count = row_uuid_array(&row, arena, &task.old);
    task.after = row_uuid(&row);
    task.is_again = row_bool(&row);
    *ret_count = row_uuid_array(&row, arena, ret_products);
    *ret_task = task;
    return STATUS_OK;
}

/* Whoever writes a product writes its row first: behind this lock nobody hides or lists one while
 * its derived rows are made. */
static const struct statement align_lock = {
    .name = "catalog_category_align_lock",
    .sql = "SELECT count(*) FROM (SELECT 1 FROM catalog.product WHERE id = ANY ($1)"
           " ORDER BY id FOR UPDATE) l",
};

static const struct statement align_move = {
    .name = "catalog_category_align_move",
    .sql = "WITH moved AS (UPDATE catalog.product SET category_id = $3, version = version + 1"
           " WHERE id = ANY ($1) AND category_id = $2 RETURNING id)"
           " UPDATE catalog.product_document d SET category_id = $3 FROM moved m"
           " WHERE d.product_id = m.id",
};

static const struct statement align_variants = {
    .name = "catalog_category_align_variants",
    .sql = "UPDATE catalog.variant w SET category_ids = c.ancestors FROM catalog.product p"
           " JOIN catalog.category c ON c.id = p.category_id WHERE w.product_id = ANY ($1)"
           " AND p.id = w.product_id AND w.category_ids <> c.ancestors",
};

static const struct statement align_unlist = {
    .name = "catalog_category_align_unlist",
    .sql = "DELETE FROM catalog.listing l USING catalog.product p"
           " JOIN catalog.category c ON c.id = p.category_id"
           " WHERE l.category_id = ANY ($2) AND l.product_id = ANY ($1) AND p.id = l.product_id"
           " AND (NOT p.is_listed OR l.category_id <> ALL (c.ancestors))",
};

static const struct statement align_list = {
    .name = "catalog_category_align_list",
    .sql =
        "INSERT INTO catalog.listing (category_id, product_id, price_amount)"
        " SELECT a.id, p.id, CASE WHEN p.sale_amount IS NULL THEN p.price_amount END"
        " FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id"
        " CROSS JOIN LATERAL unnest(c.ancestors) AS a (id)"
        " WHERE p.id = ANY ($1) AND p.is_listed ON CONFLICT (category_id, product_id) DO NOTHING",
};

static const struct statement align_after = {
    .name = "catalog_category_align_after",
    .sql = "UPDATE catalog.category_task SET after = $2 WHERE category_id = $1",
};

void catalog_category_edit_align(struct request *request, const struct catalog_category_task *task,
                                 const struct uuid *products, size_t count)
{
    assert(count >= 1 && count <= CATALOG_TASK_BATCH_MAX);
    struct arena *arena = request_arena(request);
    param_uuid_array(request_write(request, &align_lock), arena, products, count);
    if (!uuid_is_zero(task->into)) {
        struct store_params *move = request_write(request, &align_move);
        param_uuid_array(move, arena, products, count);
        param_uuid(move, arena, task->id);
        param_uuid(move, arena, task->into);
    }
    param_uuid_array(request_write(request, &align_variants), arena, products, count);
    struct store_params *unlist = request_write(request, &align_unlist);
    param_uuid_array(unlist, arena, products, count);
    param_uuid_array(unlist, arena, task->old, task->old_count);
    param_uuid_array(request_write(request, &align_list), arena, products, count);
    struct store_params *after = request_write(request, &align_after);
    param_uuid(after, arena, task->id);
    param_uuid(after, arena, products[count - 1]);
}

static const struct statement task_repeat = {
    .name = "catalog_category_repeat_task",
    .sql = "UPDATE catalog.category_task SET after = '00000000-0000-0000-0000-000000000000',"
           " is_again = true, due_at = $2 WHERE category_id = $1",
};

void catalog_category_edit_repeat_task(struct request *request, struct uuid id)
{
    struct store_params *params = request_write(request, &task_repeat);
    param_uuid(params, request_arena(request), id);
    param_int(params, request_arena(request), request_now_us(request) + CATALOG_TASK_AGAIN_US);
}
