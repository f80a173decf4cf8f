/* SQL of the address book. Which address is the default stands in the account, so there is never
 * more than one. */
#include "actors/user/user_address_store.h"

#define ADDRESS_SELECT                                                                             \
    "SELECT d.id, d.name, d.line1, d.city, d.country, d.version,"                                  \
    " a.default_address_id IS NOT DISTINCT FROM d.id, d.line2, d.postal_code, d.region, d.phone"   \
    " FROM \"user\".address d JOIN \"user\".account a ON a.id = d.user_id"

enum status user_address_load_book(struct request *request, struct uuid user_id,
                                   struct uuid left_out, struct user_book *ret_book)
{
    assert(ret_book != NULL);
    static const struct statement load = {
        .name = "user_load_book",
        .sql = "SELECT a.version, (SELECT count(*) FROM \"user\".address WHERE user_id = $1),"
               " a.default_address_id, (SELECT id FROM \"user\".address"
               " WHERE user_id = $1 AND id <> $2 ORDER BY created_at DESC, id DESC LIMIT 1)"
               " FROM \"user\".account a WHERE a.id = $1 AND a.status = 'active'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    param_uuid(params, arena, left_out);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_book = (struct user_book){ .user_id = user_id };
    ret_book->version = row_int(&row);
    ret_book->count = row_int(&row);
    ret_book->has_default = !row_skip_null(&row);
    if (ret_book->has_default) ret_book->default_id = row_uuid(&row);
    ret_book->has_newest_other = !row_skip_null(&row);
    if (ret_book->has_newest_other) ret_book->newest_other_id = row_uuid(&row);
    return STATUS_OK;
}

void user_address_save_book(struct request *request, const struct user_book *book)
{
    assert(book != NULL);
    static const struct statement save = {
        .name = "user_save_book",
        .sql = "WITH u AS (UPDATE \"user\".account SET default_address_id = $3,"
               " version = version + 1 WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, book->user_id);
    param_int(params, arena, book->version);
    if (book->has_default)
        param_uuid(params, arena, book->default_id);
    else
        param_null_uuid(params);
}

static void read_optional(struct row *row, bool *ret_has, struct text *ret_text)
{
    *ret_has = !row_skip_null(row);
    if (*ret_has) *ret_text = row_text(row);
}

static void read_address(struct row *row, struct user_address *ret_address)
{
    *ret_address = (struct user_address){ .id = row_uuid(row) };
    ret_address->name = row_text(row);
    ret_address->line1 = row_text(row);
    ret_address->city = row_text(row);
    ret_address->country = row_text(row);
    ret_address->version = row_int(row);
    ret_address->is_default = row_bool(row);
    read_optional(row, &ret_address->has_line2, &ret_address->line2);
    read_optional(row, &ret_address->has_postal_code, &ret_address->postal_code);
    read_optional(row, &ret_address->has_region, &ret_address->region);
    read_optional(row, &ret_address->has_phone, &ret_address->phone);
}

enum status user_address_find(struct request *request, struct uuid address_id, struct uuid user_id,
                              struct user_address *ret_address)
{
    assert(ret_address != NULL);
    static const struct statement find = {
        .name = "user_find_address",
        .sql = ADDRESS_SELECT " WHERE d.id = $1 AND d.user_id = $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, address_id);
    param_uuid(params, arena, user_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    read_address(&row, ret_address);
    return STATUS_OK;
}

enum status user_address_list(struct request *request, struct uuid user_id,
                              const struct user_address **ret_addresses, size_t *ret_count)
{
    assert(ret_addresses != NULL);
    assert(ret_count != NULL);
    static const struct statement list = {
        .name = "user_list_addresses",
        .sql = ADDRESS_SELECT " WHERE d.user_id = $1 ORDER BY d.created_at DESC, d.id DESC"
                              " LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    param_int(params, arena, USER_ADDRESSES_MAX);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct user_address *addresses = arena_allocate_array(arena, rows.count, sizeof *addresses);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_address(&row, &addresses[i]);
    }
    *ret_addresses = addresses;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* Parameters 2 to 9. */
static void param_fields(struct store_params *params, struct arena *arena,
                         const struct user_address *address)
{
    param_text(params, arena, address->name);
    param_text(params, arena, address->line1);
    param_optional_text(params, arena, address->has_line2, address->line2);
    param_text(params, arena, address->city);
    param_optional_text(params, arena, address->has_postal_code, address->postal_code);
    param_optional_text(params, arena, address->has_region, address->region);
    param_text(params, arena, address->country);
    param_optional_text(params, arena, address->has_phone, address->phone);
}

void user_address_add(struct request *request, const struct user_address *address,
                      struct uuid user_id)
{
    assert(address != NULL);
    static const struct statement add = {
        .name = "user_add_address",
        .sql = "INSERT INTO \"user\".address (id, name, line1, line2, city, postal_code, region,"
               " country, phone, user_id, created_at)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, address->id);
    param_fields(params, arena, address);
    param_uuid(params, arena, user_id);
    param_int(params, arena, request_now_us(request));
}

void user_address_save(struct request *request, const struct user_address *address)
{
    assert(address != NULL);
    static const struct statement save = {
        .name = "user_save_address",
        .sql = "WITH u AS (UPDATE \"user\".address SET name = $2, line1 = $3, line2 = $4,"
               " city = $5, postal_code = $6, region = $7, country = $8, phone = $9,"
               " version = version + 1 WHERE id = $1 AND version = $10 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, address->id);
    param_fields(params, arena, address);
    param_int(params, arena, address->version - 1);
}

void user_address_remove(struct request *request, const struct user_address *address)
{
    assert(address != NULL);
    static const struct statement remove = {
        .name = "user_remove_address",
        .sql = "WITH u AS (DELETE FROM \"user\".address WHERE id = $1 AND version = $2"
               " RETURNING 1) SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &remove);
    param_uuid(params, arena, address->id);
    param_int(params, arena, address->version);
}

void user_address_remove_all(struct request *request, struct uuid user_id)
{
    static const struct statement remove_all = {
        .name = "user_address_remove_all",
        .sql = "WITH a AS (UPDATE \"user\".account SET default_address_id = NULL WHERE id = $1)"
               " DELETE FROM \"user\".address WHERE user_id = $1",
    };
    param_uuid(request_write(request, &remove_all), request_arena(request), user_id);
}

void user_address_touch(struct request *request, struct uuid address_id)
{
    static const struct statement touch = {
        .name = "user_touch_address",
        .sql = "UPDATE \"user\".address SET version = version + 1 WHERE id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &touch);
    param_uuid(params, arena, address_id);
}
