/* SQL of card payments in the ledger. */
#include "actors/wallet/wallet_payment_store.h"

#include "actors/wallet/wallet_store_parts.h"

enum status wallet_store_find_booked(struct request *request, struct uuid payment_id,
                                     struct wallet_booked *ret_booked, int64_t *ret_version)
{
    static const struct statement find = {
        .name = "wallet_find_booked",
        .sql = "SELECT captured, refunded, disputed, version FROM wallet.payment_book"
               " WHERE payment_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    *ret_booked = (struct wallet_booked){ .captured = 0 };
    *ret_version = 0;
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_booked->captured = row_int(&row);
    ret_booked->refunded = row_int(&row);
    ret_booked->disputed = row_int(&row);
    *ret_version = row_int(&row);
    return STATUS_OK;
}

enum status wallet_store_list_booked(struct request *request, const struct wallet_get_booked *query,
                                     struct wallet_payment_bookings *ret_bookings)
{
    static const struct statement list = {
        .name = "wallet_list_booked",
        .sql = "SELECT payment_id, currency, captured, refunded, disputed FROM wallet.payment_book"
               " WHERE payment_id = ANY ($1)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid_array(params, arena, query->payment_ids, query->payment_ids_count);
    TRY(request_query(request, &list, params, &rows));
    struct wallet_payment_booking *bookings =
        arena_allocate_array(arena, rows.count, sizeof *bookings);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        bookings[i].payment_id = row_uuid(&row);
        const struct text currency = row_text(&row);
        bookings[i].captured = wallet_store_money(row_int(&row), currency);
        bookings[i].refunded = wallet_store_money(row_int(&row), currency);
        bookings[i].disputed = wallet_store_money(row_int(&row), currency);
    }
    *ret_bookings = (struct wallet_payment_bookings){ .data = bookings, .data_count = rows.count };
    return STATUS_OK;
}

void wallet_store_save_booked(struct request *request, const struct wallet_book_payment *command,
                              int64_t version_before)
{
    static const struct statement save = {
        .name = "wallet_save_booked",
        .sql = "WITH u AS (UPDATE wallet.payment_book SET captured = $4, refunded = $5,"
               " disputed = $6, version = $7 WHERE payment_id = $1 AND version = $8 RETURNING 1),"
               " i AS (INSERT INTO wallet.payment_book (payment_id, wallet_id, currency, captured,"
               " refunded, disputed, version) SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $8 = 0"
               " RETURNING 1)"
               " SELECT host.require_one((SELECT count(*) FROM u) + (SELECT count(*) FROM i))",
        .on_duplicate = STATUS_CONFLICT,
    };
    const struct uuid none = { { 0 } };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, command->payment_id);
    param_uuid_or_null(params, arena, command->is_topup ? command->wallet_id : none);
    param_text(params, arena, text_of(command->captured.currency));
    param_int(params, arena, command->captured.amount);
    param_int(params, arena, command->refunded.amount);
    param_int(params, arena, command->disputed.amount);
    param_int(params, arena, command->version);
    param_int(params, arena, version_before);
}

void wallet_store_add_booking(struct request *request, struct uuid transaction_id,
                              struct uuid payment_id)
{
    static const struct statement add = {
        .name = "wallet_add_booking",
        .sql = "INSERT INTO wallet.payment_booking (transaction_id, payment_id) VALUES ($1, $2)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, transaction_id);
    param_uuid(params, arena, payment_id);
}

enum status wallet_store_count_topups(struct request *request, struct uuid wallet_id,
                                      const char *currency, int64_t since_us,
                                      struct wallet_topups *ret_topups)
{
    static const struct statement count = {
        .name = "wallet_count_topups",
        .sql = "SELECT count(*) FILTER (WHERE created_at >= $3),"
               " coalesce(sum(amount) FILTER (WHERE created_at >= $3), 0)::bigint,"
               " coalesce(sum(amount) FILTER (WHERE state = 'pending'), 0)::bigint"
               " FROM wallet.topup WHERE wallet_id = $1 AND currency = $2 AND state <> 'failed'"
               " AND (created_at >= $3 OR (state = 'pending' AND created_at >= $4))",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wallet_id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, since_us);
    param_int(params, arena,
              since_us - config_duration_us(request_config(request), SETTING_PAYMENT_PENDING_MAX));
    TRY(request_query(request, &count, params, &rows));
    assert(rows.count == 1);
    struct row row = rows_at(&rows, 0);
    ret_topups->count = row_int(&row);
    ret_topups->sum = row_int(&row);
    ret_topups->pending = row_int(&row);
    return STATUS_OK;
}

enum status wallet_store_has_pending_topup(struct request *request, struct uuid wallet_id,
                                           bool *ret_has)
{
    static const struct statement find = {
        .name = "wallet_find_pending_topup",
        .sql = "SELECT 1::bigint FROM wallet.topup WHERE wallet_id = $1 AND state = 'pending'"
               " AND created_at >= $2 LIMIT 1",
    };
    const int64_t day_us = INT64_C(86400) * 1000000;
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wallet_id);
    param_int(params, arena,
              request_now_us(request) - day_us -
                  config_duration_us(request_config(request), SETTING_PAYMENT_PENDING_MAX));
    TRY(request_query(request, &find, params, &rows));
    *ret_has = rows.count > 0;
    return STATUS_OK;
}

enum status wallet_store_has_topup(struct request *request, struct uuid payment_id, bool *ret_has)
{
    static const struct statement find = {
        .name = "wallet_find_topup",
        .sql = "SELECT 1::bigint FROM wallet.topup WHERE payment_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, payment_id);
    TRY(request_query(request, &find, params, &rows));
    *ret_has = rows.count > 0;
    return STATUS_OK;
}

void wallet_store_add_topup(struct request *request, const struct wallet_reserve_topup *command)
{
    static const struct statement add = {
        .name = "wallet_add_topup",
        .sql = "INSERT INTO wallet.topup (payment_id, wallet_id, currency, amount, created_at)"
               " VALUES ($1, $2, $3, $4, $5)",
        .on_duplicate = STATUS_CONFLICT,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    param_uuid(params, arena, command->payment_id);
    param_uuid(params, arena, command->wallet_id);
    param_text(params, arena, text_of(command->amount.currency));
    param_int(params, arena, command->amount.amount);
    param_int(params, arena, request_now_us(request));
}

void wallet_store_end_topup(struct request *request, struct uuid payment_id, bool is_credited)
{
    static const struct statement end = {
        .name = "wallet_end_topup",
        .sql = "UPDATE wallet.topup SET state = $2 WHERE payment_id = $1 AND state <> 'credited'",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &end);
    param_uuid(params, arena, payment_id);
    param_text(params, arena, is_credited ? TEXT("credited") : TEXT("failed"));
}

/* $1, $2 the place; $3 how many. */
enum status wallet_store_list_debts(struct request *request, const struct queue_list_stuck *query,
                                    struct common_stuck_items *ret_items)
{
    static const struct statement list = {
        .name = "wallet_list_debts",
        .sql = "WITH d AS (SELECT b.wallet_id, b.currency, b.held - b.balance AS missing,"
               " (SELECT max(t.created_at) FROM wallet.transaction t WHERE t.wallet_id ="
               " b.wallet_id AND t.kind = 'topup_return') AS since,"
               " ('wallet_debt.' || encode(uuid_send(b.wallet_id), 'hex') || '.' ||"
               " lower(b.currency)) COLLATE \"C\" AS id FROM wallet.balance b"
               " WHERE b.overdraft > 0)"
               " SELECT d.id, d.wallet_id, d.currency, d.missing, d.since FROM d"
               " WHERE $2 = '' OR (d.since, d.id) > ($1, $2) ORDER BY d.since, d.id LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_int(params, arena, query->after_since_us);
    param_text(params, arena, query->after_id);
    param_int(params, arena, query->limit);
    TRY(request_query(request, &list, params, &rows));
    struct common_stuck_item *items = arena_allocate_array(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        char *wallet = arena_allocate(arena, ID_TEXT_MAX + 1), amount[MONEY_TEXT_MAX + 1];
        items[i].id = row_text(&row);
        items[i].cause = COMMON_STUCK_CAUSE_WALLET_DEBT;
        items[i].subject = (struct text){ wallet, id_format("usr", row_uuid(&row), wallet) };
        const struct text currency = row_text(&row);
        (void)money_format(wallet_store_money(row_int(&row), currency), amount);
        items[i].detail = text_format(
            arena, "A bank has taken back %s that are not in the wallet any more.", amount);
        items[i].since_us = row_int(&row);
    }
    *ret_items = (struct common_stuck_items){ .items = items, .items_count = rows.count };
    return STATUS_OK;
}
