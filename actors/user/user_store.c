/* SQL of accounts. Unique indexes make sure that an address and a user name belong to one account,
 * whatever runs at the same time. */
#include "actors/user/user_store.h"

#include "actors/identity/identity_phone.h"

#define ACCOUNT_COLUMNS                                                                            \
    "a.id, a.email, a.username, a.password_hash, a.created_at, a.version, a.status,"               \
    " a.is_email_verified, a.is_holder_proved, a.locale, a.phone,"                                 \
    " " IDENTITY_PHONE_IS_PROVED_SQL("a.id", "a.phone")

enum status user_store_check_free(struct request *request, struct text email, struct text name,
                                  bool *ret_email_is_taken, bool *ret_name_is_taken)
{
    assert(ret_email_is_taken != NULL);
    assert(ret_name_is_taken != NULL);
    static const struct statement check = {
        .name = "user_check_free",
        .sql = "SELECT EXISTS (SELECT 1 FROM \"user\".account WHERE email = $1),"
               " EXISTS (SELECT 1 FROM \"user\".username WHERE name = $2)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, email);
    param_text(params, arena, name);
    struct rows rows;
    TRY(request_query(request, &check, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_email_is_taken = row_bool(&row);
    *ret_name_is_taken = row_bool(&row);
    return STATUS_OK;
}

static enum status read_status(struct text name, enum user_account_status *ret_status)
{
    for (size_t i = 0; i < USER_ACCOUNT_STATUS_COUNT; i++) {
        if (!text_equals_string(name, user_account_status_names[i])) continue;
        *ret_status = (enum user_account_status)i;
        return STATUS_OK;
    }
    return STATUS_CORRUPT;
}

static enum status read_account(struct row *row, struct user_account *ret_account)
{
    *ret_account = (struct user_account){ 0 };
    ret_account->id = row_uuid(row);
    ret_account->email = row_text(row);
    ret_account->username = row_text(row);
    ret_account->password_hash = row_text(row);
    ret_account->created_at_us = row_int(row);
    ret_account->version = row_int(row);
    TRY(read_status(row_text(row), &ret_account->status));
    ret_account->is_email_verified = row_bool(row);
    ret_account->is_holder_proved = row_bool(row);
    ret_account->locale = row_text(row);
    ret_account->has_phone = !row_skip_null(row);
    if (ret_account->has_phone) ret_account->phone = row_text(row);
    ret_account->is_phone_proved = row_bool(row);
    return STATUS_OK;
}

static enum status find_account(struct request *request, const struct statement *statement,
                                const struct store_params *params, struct user_account *ret_account)
{
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return read_account(&row, ret_account);
}

enum status user_store_find_by_email(struct request *request, struct text email,
                                     struct user_account *ret_account)
{
    assert(ret_account != NULL);
    static const struct statement find = {
        .name = "user_find_by_email",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM \"user\".account a WHERE a.email = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, email);
    return find_account(request, &find, params, ret_account);
}

enum status user_store_find(struct request *request, struct uuid user_id,
                            struct user_account *ret_account)
{
    assert(ret_account != NULL);
    static const struct statement find = {
        .name = "user_find",
        .sql = "SELECT " ACCOUNT_COLUMNS " FROM \"user\".account a WHERE a.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    return find_account(request, &find, params, ret_account);
}

enum status user_store_find_own(struct request *request, struct user_account *ret_account)
{
    assert(ret_account != NULL);
    struct user_account account;
    TRY(user_store_find(request, request_principal(request)->id, &account));
    if (account.status != USER_ACCOUNT_STATUS_ACTIVE) return STATUS_UNAUTHENTICATED;
    *ret_account = account;
    return STATUS_OK;
}

void user_store_add(struct request *request, const struct user_account *account, struct text name)
{
    assert(account != NULL);
    assert(account->version == 1);
    assert(account->locale.length > 0);
    static const struct statement add = {
        .name = "user_add",
        .sql = "INSERT INTO \"user\".account (id, email, username, password_hash, created_at,"
               " locale, is_email_verified, is_holder_proved)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    static const struct statement add_name = {
        .name = "user_add_name",
        .sql = "INSERT INTO \"user\".username (name, user_id) VALUES ($1, $2)",
        .on_duplicate = STATUS_USERNAME_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->email);
    param_text(params, arena, account->username);
    param_text(params, arena, account->password_hash);
    param_int(params, arena, account->created_at_us);
    param_text(params, arena, account->locale);
    param_bool(params, arena, account->is_email_verified);
    param_bool(params, arena, account->is_holder_proved);
    params = request_write(request, &add_name);
    param_text(params, arena, name);
    param_uuid(params, arena, account->id);
}

void user_store_save(struct request *request, const struct user_account *account)
{
    assert(account != NULL);
    assert(account->version > 1);
    assert((unsigned)account->status < USER_ACCOUNT_STATUS_COUNT);
    static const struct statement save = {
        .name = "user_save",
        .sql = "WITH u AS (UPDATE \"user\".account SET username = $3, password_hash = $4,"
               " email = $5, status = $6, is_email_verified = $7, locale = $8, phone = $9,"
               " is_holder_proved = $10, version = version + 1 WHERE id = $1 AND version = $2 "
               "RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
        .on_duplicate = STATUS_EMAIL_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, account->id);
    param_int(params, arena, account->version - 1);
    param_text(params, arena, account->username);
    param_text(params, arena, account->password_hash);
    param_text(params, arena, account->email);
    param_text(params, arena, text_of(user_account_status_names[account->status]));
    param_bool(params, arena, account->is_email_verified);
    param_text(params, arena, account->locale);
    if (account->has_phone)
        param_text(params, arena, account->phone);
    else
        param_null_text(params);
    param_bool(params, arena, account->is_holder_proved);
}

void user_store_save_name(struct request *request, struct uuid user_id, struct text name)
{
    static const struct statement save = {
        .name = "user_save_name",
        .sql = "UPDATE \"user\".username SET name = $2 WHERE user_id = $1",
        .on_duplicate = STATUS_USERNAME_TAKEN,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, user_id);
    param_text(params, arena, name);
}

void user_store_require_active(struct request *request, const struct user_account *account)
{
    assert(account != NULL);
    static const struct statement require = {
        .name = "user_require_active",
        .sql = "SELECT require_one(count(*)) FROM \"user\".account"
               " WHERE id = $1 AND password_hash = $2 AND status = 'active'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &require);
    param_uuid(params, arena, account->id);
    param_text(params, arena, account->password_hash);
}

void user_describe(const struct user_account *account, struct user_user *ret_user)
{
    assert(account != NULL);
    assert(ret_user != NULL);
    *ret_user = (struct user_user){ .id = account->id,
                                    .email = account->email,
                                    .username = account->username,
                                    .created_at_us = account->created_at_us,
                                    .is_email_verified = account->is_email_verified,
                                    .locale = account->locale,
                                    .has_phone = account->has_phone,
                                    .phone = account->phone,
                                    .version = account->version,
                                    .has_is_phone_verified = account->has_phone,
                                    .is_phone_verified = account->is_phone_proved };
}
