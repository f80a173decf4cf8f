/* SQL of the lists of staff. Each filter has a statement of its own, so that each has its index. */
#include "actors/user/user_staff_store.h"

#include "actors/identity/identity_otp_store.h"

#define MANAGED_COLUMNS                                                                            \
    "a.id, a.email, a.username, a.created_at, a.is_email_verified, a.locale, a.status,"            \
    " " IDENTITY_HAS_FACTOR_SQL("a.id") ", a.phone"
#define MANAGED_SELECT "SELECT " MANAGED_COLUMNS " FROM \"user\".account a "
#define PAGE_BEFORE "(a.created_at, a.id) < ($1, $2)"
#define PAGE_ORDER " ORDER BY a.created_at DESC, a.id DESC LIMIT $3"
/* Whose address or name begins with $4. chr(1114111) sorts behind every other character, so the
 * range is a prefix search that an index answers. */
#define WITH_PREFIX                                                                                \
    "a.id IN (SELECT e.id FROM \"user\".account e WHERE e.email ~>=~ $4"                           \
    " AND e.email ~<~ ($4 || chr(1114111)) UNION SELECT n.user_id FROM \"user\".username n"        \
    " WHERE n.name ~>=~ $4 AND n.name ~<~ ($4 || chr(1114111)))"

static const struct statement list_all = {
    .name = "user_staff_list",
    .sql = MANAGED_SELECT "WHERE " PAGE_BEFORE PAGE_ORDER,
};
static const struct statement list_prefix = {
    .name = "user_staff_list_prefix",
    .sql = MANAGED_SELECT "WHERE " WITH_PREFIX " AND " PAGE_BEFORE PAGE_ORDER,
};
static const struct statement list_status = {
    .name = "user_staff_list_status",
    .sql = MANAGED_SELECT "WHERE a.status = $4 AND " PAGE_BEFORE PAGE_ORDER,
};
static const struct statement list_prefix_status = {
    .name = "user_staff_list_prefix_status",
    .sql = MANAGED_SELECT "WHERE " WITH_PREFIX " AND a.status = $5 AND " PAGE_BEFORE PAGE_ORDER,
};

static enum status read_managed(struct row *row, struct user_managed_user *ret_user)
{
    struct user_managed_user user = { .id = row_uuid(row) };
    user.email = row_text(row);
    user.username = row_text(row);
    user.created_at_us = row_int(row);
    user.is_email_verified = row_bool(row);
    user.locale = row_text(row);
    const struct text status = row_text(row);
    size_t value = 0;
    while (value < USER_ACCOUNT_STATUS_COUNT &&
           !text_equals_string(status, user_account_status_names[value]))
        value++;
    if (value == USER_ACCOUNT_STATUS_COUNT) return STATUS_CORRUPT;
    user.status = (enum user_account_status)value;
    user.has_second_factor = row_bool(row);
    user.has_phone = !row_skip_null(row);
    if (user.has_phone) user.phone = row_text(row);
    *ret_user = user;
    return STATUS_OK;
}

static const struct statement *choose(const struct user_list_filter *filter)
{
    if (filter->has_prefix) return filter->has_status ? &list_prefix_status : &list_prefix;
    return filter->has_status ? &list_status : &list_all;
}

enum status user_staff_list(struct request *request, const struct user_list_filter *filter,
                            size_t max, struct user_managed_user **ret_users, size_t *ret_count)
{
    assert(filter != NULL);
    assert(ret_users != NULL);
    assert(ret_count != NULL);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, filter->before.at_us);
    param_uuid(params, arena, filter->before.id);
    param_int(params, arena, (int64_t)max);
    if (filter->has_prefix) param_text(params, arena, filter->prefix);
    if (filter->has_status)
        param_text(params, arena, text_of(user_account_status_names[filter->status]));
    struct rows rows;
    TRY(request_query(request, choose(filter), params, &rows));
    struct user_managed_user *users = arena_allocate_array(arena, rows.count, sizeof *users);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        TRY(read_managed(&row, &users[i]));
    }
    *ret_users = users;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status user_staff_find(struct request *request, struct uuid user_id,
                            struct user_managed_user *ret_user)
{
    assert(ret_user != NULL);
    static const struct statement find = {
        .name = "user_staff_find",
        .sql = MANAGED_SELECT "WHERE a.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return read_managed(&row, ret_user);
}
