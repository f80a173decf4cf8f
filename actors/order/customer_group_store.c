/* SQL of groups of customers. */
#include "actors/order/customer_group_store.h"

/* ---- groups ---- */

#define GROUP_SELECT                                                                               \
    "SELECT g.id, g.name, (SELECT count(*) FROM \"order\".customer_group_member m"                 \
    " WHERE m.group_id = g.id), g.version, g.created_at, g.updated_at"                             \
    " FROM \"order\".customer_group g "

static void read_group(struct row *row, struct order_customer_group *group)
{
    group->id = row_uuid(row);
    group->name = row_text(row);
    group->members = row_int(row);
    group->version = row_int(row);
    group->created_at_us = row_int(row);
    group->updated_at_us = row_int(row);
}

enum status customer_group_store_find(struct request *request, struct uuid group_id,
                                      struct order_customer_group *ret_group)
{
    static const struct statement find = { .name = "order_customer_group_find",
                                           .sql = GROUP_SELECT "WHERE g.id = $1" };
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    TRY(request_query(request, &find, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_group(&row, ret_group);
    return STATUS_OK;
}

enum status customer_group_store_list(struct request *request, struct uuid user_id,
                                      struct uuid before, int64_t limit,
                                      struct order_customer_group **ret_groups, size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_customer_group_list",
        .sql = GROUP_SELECT "WHERE g.id < $1 AND ($2::uuid IS NULL OR EXISTS (SELECT 1"
                            " FROM \"order\".customer_group_member o WHERE o.user_id = $2"
                            " AND o.group_id = g.id)) ORDER BY g.id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, before);
    param_uuid_or_null(&params, arena, user_id);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list, &params, &rows));
    struct order_customer_group *groups = arena_allocate_array(arena, rows.count, sizeof *groups);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_group(&row, &groups[i]);
    }
    *ret_groups = groups;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status customer_group_store_list_names(struct request *request,
                                            struct order_vendor_customer_group **ret_groups,
                                            size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_customer_group_names",
        .sql = "SELECT id, name FROM \"order\".customer_group ORDER BY lower(name), id LIMIT $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_int(&params, arena, CUSTOMER_GROUPS_MAX);
    TRY(request_query(request, &list, &params, &rows));
    struct order_vendor_customer_group *groups =
        arena_allocate_array(arena, rows.count, sizeof *groups);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        groups[i].id = row_uuid(&row);
        groups[i].name = row_text(&row);
    }
    *ret_groups = groups;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status customer_group_store_find_many(struct request *request, const struct uuid *group_ids,
                                           size_t count, const struct uuid **ret_known,
                                           size_t *ret_known_count)
{
    static const struct statement find = {
        .name = "order_customer_group_find_many",
        .sql = "SELECT ARRAY(SELECT g.id FROM \"order\".customer_group g"
               " WHERE g.id = ANY ($1::uuid[]))",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid_array(&params, arena, group_ids, count);
    TRY(request_query(request, &find, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_known_count = row_uuid_array(&row, arena, ret_known);
    return STATUS_OK;
}

enum status customer_group_store_look(struct request *request, struct uuid group_id,
                                      struct text name, bool *ret_is_taken, int64_t *ret_count)
{
    static const struct statement look = {
        .name = "order_customer_group_look",
        .sql = "SELECT EXISTS (SELECT 1 FROM \"order\".customer_group WHERE name_key = lower($2)"
               " AND id <> $1), (SELECT count(*) FROM \"order\".customer_group)",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    param_text(&params, arena, name);
    TRY(request_query(request, &look, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_is_taken = row_bool(&row);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

#define USES_OF_GROUP                                                                              \
    "FROM \"order\".promotion p WHERE p.status <> 'archived' AND $1 = ANY (p.group_ids)"

enum status customer_group_store_find_use(struct request *request, struct uuid group_id,
                                          struct uuid *ret_promotion_id, struct text *ret_name)
{
    static const struct statement find = { .name = "order_customer_group_find_use",
                                           .sql = "SELECT p.id, p.name " USES_OF_GROUP
                                                  " ORDER BY p.id LIMIT 1" };
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), group_id);
    TRY(request_query(request, &find, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_promotion_id = row_uuid(&row);
    *ret_name = row_text(&row);
    return STATUS_OK;
}

/* Without a free place the place is null, and the table refuses it: who comes here has counted. */
static const struct statement add_group = {
    .name = "order_customer_group_add",
    .sql = "INSERT INTO \"order\".customer_group (id, name, name_key, place, version, created_at,"
           " updated_at) VALUES ($1, $2, lower($2), (SELECT min(s) FROM generate_series(0, 99) s"
           " WHERE NOT EXISTS (SELECT 1 FROM \"order\".customer_group g WHERE g.place = s)), $3,"
           " $4, $4)",
    .on_duplicate = STATUS_CONFLICT,
};

void customer_group_store_add(struct request *request, const struct order_customer_group *group)
{
    static_assert(CUSTOMER_GROUPS_MAX == 100, "the places above");
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_group);
    param_uuid(params, arena, group->id);
    param_text(params, arena, group->name);
    param_int(params, arena, group->version);
    param_int(params, arena, group->created_at_us);
}

void customer_group_store_rename(struct request *request, const struct order_customer_group *group)
{
    static const struct statement rename_group = {
        .name = "order_customer_group_rename",
        .sql = "WITH u AS (UPDATE \"order\".customer_group SET name = $3, name_key = lower($3),"
               " version = version + 1, updated_at = $4 WHERE id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &rename_group);
    param_uuid(params, arena, group->id);
    param_int(params, arena, group->version - 1);
    param_text(params, arena, group->name);
    param_int(params, arena, group->updated_at_us);
}

void customer_group_store_remove(struct request *request, const struct order_customer_group *group)
{
    static const struct statement remove_group = {
        .name = "order_customer_group_remove",
        .sql = "WITH u AS (DELETE FROM \"order\".customer_group WHERE id = $1 AND version = $2"
               " AND NOT EXISTS (SELECT 1 " USES_OF_GROUP
               ") RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove_group);
    param_uuid(params, arena, group->id);
    param_int(params, arena, group->version);
}

/* ---- members ---- */

enum status customer_group_store_has(struct request *request, struct uuid group_id,
                                     struct uuid user_id, bool *ret_has, bool *ret_is_erased)
{
    static const struct statement has = {
        .name = "order_customer_group_has",
        .sql = "SELECT EXISTS (SELECT 1 FROM \"order\".customer_group_member WHERE user_id = $2"
               " AND group_id = $1), EXISTS (SELECT 1 FROM \"order\".leaving_shopper"
               " WHERE user_id = $2 AND until = $3)",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, INT64_MAX); /* held for ever */
    TRY(request_query(request, &has, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_has = row_bool(&row);
    *ret_is_erased = row_bool(&row);
    return STATUS_OK;
}

void customer_group_store_put(struct request *request, struct uuid group_id, struct uuid user_id)
{
    static const struct statement put = {
        .name = "order_customer_group_put",
        .sql = "WITH g AS (SELECT id FROM \"order\".customer_group WHERE id = $1 FOR KEY SHARE),"
               " m AS (INSERT INTO \"order\".customer_group_member (user_id, group_id, added_at)"
               " SELECT $2, g.id, $3 FROM g ON CONFLICT (user_id, group_id) DO NOTHING)"
               " SELECT require_one(count(*)) FROM g",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &put);
    param_uuid(params, arena, group_id);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

void customer_group_store_take(struct request *request, struct uuid group_id, struct uuid user_id)
{
    static const struct statement take = {
        .name = "order_customer_group_take",
        .sql = "DELETE FROM \"order\".customer_group_member WHERE user_id = $2 AND group_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &take);
    param_uuid(params, arena, group_id);
    param_uuid(params, arena, user_id);
}

enum status customer_group_store_members(struct request *request, struct uuid group_id,
                                         struct uuid before, int64_t limit,
                                         struct order_customer_group_member **ret_members,
                                         size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_customer_group_members",
        .sql = "SELECT user_id, added_at FROM \"order\".customer_group_member WHERE group_id = $1"
               " AND user_id < $2 ORDER BY user_id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, group_id);
    param_uuid(&params, arena, before);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list, &params, &rows));
    struct order_customer_group_member *members =
        arena_allocate_array(arena, rows.count, sizeof *members);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        members[i].user_id = row_uuid(&row);
        members[i].added_at_us = row_int(&row);
    }
    *ret_members = members;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status customer_group_store_ids_of(struct request *request, struct uuid user_id,
                                        const struct uuid **ret_groups, size_t *ret_count)
{
    struct order_customer_group_membership *memberships;
    size_t count;
    TRY(customer_group_store_list_of(request, user_id, &memberships, &count));
    struct uuid *groups = arena_allocate_array(request_arena(request), count, sizeof *groups);
    for (size_t i = 0; i < count; i++)
        groups[i] = memberships[i].id;
    *ret_groups = groups;
    *ret_count = count;
    return STATUS_OK;
}

enum status customer_group_store_list_of(struct request *request, struct uuid user_id,
                                         struct order_customer_group_membership **ret_memberships,
                                         size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_customer_group_list_of",
        .sql = "SELECT g.id, g.name, m.added_at FROM \"order\".customer_group_member m"
               " JOIN \"order\".customer_group g ON g.id = m.group_id WHERE m.user_id = $1"
               " ORDER BY g.id LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, user_id);
    param_int(&params, arena, CUSTOMER_GROUPS_MAX);
    TRY(request_query(request, &list, &params, &rows));
    struct order_customer_group_membership *memberships =
        arena_allocate_array(arena, rows.count, sizeof *memberships);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        memberships[i].id = row_uuid(&row);
        memberships[i].name = row_text(&row);
        memberships[i].added_at_us = row_int(&row);
    }
    *ret_memberships = memberships;
    *ret_count = rows.count;
    return STATUS_OK;
}

void customer_group_store_forget(struct request *request, struct uuid user_id)
{
    static const struct statement forget = {
        .name = "order_customer_group_forget",
        .sql = "DELETE FROM \"order\".customer_group_member WHERE user_id = $1",
    };
    struct store_params *params = request_write(request, &forget);
    param_uuid(params, request_arena(request), user_id);
}
