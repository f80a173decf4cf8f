/* Who leaves, told by the user domain before it looks what keeps the account. */
#include "actors/wallet/wallet_leaving.h"

#include "wallet_handlers.h"

static const struct statement find_statement = {
    .name = "wallet_find_leaving",
    .sql = "SELECT EXISTS (SELECT 1 FROM wallet.leaving WHERE user_id = $1 AND until > $2)",
};

static const struct statement require_statement = {
    .name = "wallet_require_staying",
    .sql = "SELECT wallet.require_staying($1, $2)",
};

static void add_params(struct request *request, struct store_params *params, struct uuid user_id)
{
    param_uuid(params, request_arena(request), user_id);
    param_int(params, request_arena(request), request_now_us(request));
}

enum status wallet_require_staying(struct request *request, struct uuid user_id)
{
    struct store_params *params = arena_allocate(request_arena(request), sizeof *params);
    struct rows rows;
    add_params(request, params, user_id);
    TRY(request_query(request, &find_statement, params, &rows));
    struct row row = rows_at(&rows, 0);
    if (row_bool(&row)) return request_refuse(request, "", STATUS_ACCOUNT_CLOSING, NULL);
    add_params(request, request_write(request, &require_statement), user_id);
    return STATUS_OK;
}

enum status wallet_handle_hold_shopper(struct request *request,
                                       const struct people_hold_shopper *command)
{
    static const struct statement hold = {
        .name = "wallet_hold_owner",
        .sql = "SELECT wallet.hold_owner($1, $2)",
    };
    struct store_params *params = request_write(request, &hold);
    param_uuid(params, request_arena(request), command->user_id);
    param_int(params, request_arena(request), command->until_us);
    return STATUS_OK;
}

enum status wallet_handle_free_shopper(struct request *request,
                                       const struct people_free_shopper *command)
{
    static const struct statement free_one = {
        .name = "wallet_free_owner",
        .sql = "DELETE FROM wallet.leaving WHERE user_id = $1",
    };
    struct store_params *params = request_write(request, &free_one);
    param_uuid(params, request_arena(request), command->user_id);
    return STATUS_OK;
}
