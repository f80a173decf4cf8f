/* SQL of business numbers. */
#include "actors/order/business_store.h"

#define BUSINESS_SELECT                                                                            \
    "SELECT user_id, country, number, company, status, reason, version, created_at, updated_at "   \
    "FROM \"order\".business "

static enum status read_business(struct row *row, struct order_business *business)
{
    *business = (struct order_business){ .user_id = row_uuid(row) };
    business->country = row_text(row);
    business->number = row_text(row);
    business->company = row_text(row);
    const struct text name = row_text(row);
    int status = 0;
    while (status < ORDER_BUSINESS_STATUS_COUNT &&
           !text_equals_string(name, order_business_status_names[status]))
        status++;
    if (status == ORDER_BUSINESS_STATUS_COUNT) return STATUS_CORRUPT;
    business->status = (enum order_business_status)status;
    business->has_reason = !row_skip_null(row);
    if (business->has_reason) business->reason = row_text(row);
    business->version = row_int(row);
    business->created_at_us = row_int(row);
    business->updated_at_us = row_int(row);
    return STATUS_OK;
}

enum status business_store_find(struct request *request, struct uuid user_id,
                                struct order_business *ret_business)
{
    static const struct statement find = { .name = "order_business_find",
                                           .sql = BUSINESS_SELECT "WHERE user_id = $1" };
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), user_id);
    TRY(request_query(request, &find, &params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return read_business(&row, ret_business);
}

enum status business_store_list(struct request *request, enum order_business_status status,
                                struct uuid before, int64_t limit,
                                struct order_business **ret_businesses, size_t *ret_count)
{
    static const struct statement list = {
        .name = "order_business_list",
        .sql = BUSINESS_SELECT "WHERE status = $1 AND user_id < $2 ORDER BY user_id DESC LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_text(&params, arena, text_of(order_business_status_names[status]));
    param_uuid(&params, arena, before);
    param_int(&params, arena, limit);
    TRY(request_query(request, &list, &params, &rows));
    struct order_business *businesses = arena_allocate_array(arena, rows.count, sizeof *businesses);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_business(&row, &businesses[i]));
    }
    *ret_businesses = businesses;
    *ret_count = rows.count;
    return STATUS_OK;
}

static const struct statement save_business = {
    .name = "order_business_save",
    .sql = "WITH b AS (INSERT INTO \"order\".business AS b (user_id, country, number, company,"
           " status, reason, version, created_at, updated_at)"
           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (user_id) DO UPDATE SET"
           " country = excluded.country, number = excluded.number, company = excluded.company,"
           " status = excluded.status, reason = excluded.reason, version = excluded.version,"
           " updated_at = excluded.updated_at WHERE b.version = excluded.version - 1 RETURNING 1)"
           " SELECT require_one(count(*)) FROM b",
};

void business_store_save(struct request *request, const struct order_business *business)
{
    assert(business->version >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save_business);
    param_uuid(params, arena, business->user_id);
    param_text(params, arena, business->country);
    param_text(params, arena, business->number);
    param_text(params, arena, business->company);
    param_text(params, arena, text_of(order_business_status_names[business->status]));
    param_optional_text(params, arena, business->has_reason, business->reason);
    param_int(params, arena, business->version);
    param_int(params, arena, business->created_at_us);
    param_int(params, arena, business->updated_at_us);
}

void business_store_remove(struct request *request, struct uuid user_id)
{
    static const struct statement remove_business = {
        .name = "order_business_remove",
        .sql = "DELETE FROM \"order\".business WHERE user_id = $1",
    };
    struct store_params *params = request_write(request, &remove_business);
    param_uuid(params, request_arena(request), user_id);
}
