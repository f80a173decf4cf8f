/* SQL of what shoppers chose. */
#include "actors/notification/notification_choice_store.h"

enum status notification_choice_store_find(struct request *request, struct uuid user_id,
                                           struct notification_choices *ret_choices)
{
    static const struct statement find = {
        .name = "notification_choices",
        .sql = "SELECT chosen, enabled, version FROM notification.choices WHERE user_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_choices = (struct notification_choices){ .user_id = user_id, .version = 1 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_choices->chosen = row_int(&row);
    ret_choices->enabled = row_int(&row);
    ret_choices->version = row_int(&row);
    return STATUS_OK;
}

enum status notification_choice_store_find_many(struct request *request,
                                                const struct uuid *user_ids, size_t count,
                                                const struct notification_choices **ret_choices,
                                                size_t *ret_count)
{
    static const struct statement find = {
        .name = "notification_many_choices",
        .sql = "SELECT user_id, chosen, enabled, version FROM notification.choices"
               " WHERE user_id = ANY ($1)",
    };
    assert(count >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid_array(params, arena, user_ids, count);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    struct notification_choices *choices = arena_allocate_array(arena, rows.count, sizeof *choices);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        choices[i].user_id = row_uuid(&row);
        choices[i].chosen = row_int(&row);
        choices[i].enabled = row_int(&row);
        choices[i].version = row_int(&row);
    }
    *ret_choices = choices;
    *ret_count = rows.count;
    return STATUS_OK;
}

void notification_choice_store_save(struct request *request,
                                    const struct notification_choices *choices)
{
    static const struct statement add = {
        .name = "notification_add_choices",
        .sql = "INSERT INTO notification.choices (user_id, chosen, enabled, version)"
               " VALUES ($1, $2, $3, $4)",
        .on_duplicate = STATUS_CONFLICT,
    };
    static const struct statement save = {
        .name = "notification_save_choices",
        .sql = "WITH u AS (UPDATE notification.choices SET chosen = $2, enabled = $3, version = $4"
               " WHERE user_id = $1 AND version = $4 - 1 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    assert(choices->version >= 2);
    struct arena *arena = request_arena(request);
    /* Version 1 has no row: everything is as the defaults say. */
    struct store_params *params = request_write(request, choices->version == 2 ? &add : &save);
    param_uuid(params, arena, choices->user_id);
    param_int(params, arena, choices->chosen);
    param_int(params, arena, choices->enabled);
    param_int(params, arena, choices->version);
}
