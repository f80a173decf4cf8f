/* SQL of the wallet domain. A save names the version that the rule has seen; what it finds
 * otherwise ends the unit with CONFLICT. */
#include "actors/wallet/wallet_store_parts.h"

#include <string.h>

struct money wallet_store_money(int64_t amount, struct text currency)
{
    struct money money = { .amount = amount };
    assert(currency.length < sizeof money.currency);
    if (currency.length > 0) memcpy(money.currency, currency.data, currency.length);
    return money;
}

static void read_account(struct row *row, struct wallet *wallet)
{
    assert(wallet->accounts_count < WALLET_CURRENCIES_MAX);
    struct wallet_account *account = &wallet->accounts[wallet->accounts_count++];
    const struct text currency = row_text(row);
    const struct money balance = wallet_store_money(row_int(row), currency);
    memcpy(account->currency, balance.currency, sizeof account->currency);
    account->balance = balance.amount;
    account->held = row_int(row);
    account->version = row_int(row);
    account->overdraft = row_int(row);
    account->lots_expire_at_us = row_skip_null(row) ? 0 : row_int(row);
    assert(account->held >= 0);
    assert(account->held - account->overdraft <= account->balance);
}

static enum wallet_hold_state read_state(struct text name)
{
    for (size_t i = 0; i < WALLET_HOLD_STATE_COUNT; i++) {
        if (text_equals_string(name, wallet_hold_state_names[i])) return (enum wallet_hold_state)i;
    }
    assert(false && "the table's check allows no other state");
    return WALLET_HOLD_VOIDED;
}

enum status wallet_store_read(struct request *request, struct uuid wallet_id,
                              struct wallet **ret_wallet)
{
    static const struct statement load = {
        .name = "wallet_load",
        .sql = "SELECT currency, balance, held, version, overdraft, lots_expire_at"
               " FROM wallet.balance"
               " WHERE wallet_id = $1 ORDER BY currency",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, wallet_id);
    struct rows rows;
    TRY(request_query(request, &load, params, &rows));
    struct wallet *wallet = arena_allocate(arena, sizeof *wallet);
    wallet->id = wallet_id;
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_account(&row, wallet);
    }
    *ret_wallet = wallet;
    return STATUS_OK;
}

enum status wallet_store_load(struct request *request, struct uuid wallet_id,
                              struct wallet **ret_wallet)
{
    struct wallet *wallet = arena_allocate(request_arena(request), sizeof *wallet);
    if (!request_recall(request, wallet, sizeof *wallet))
        TRY(wallet_store_read(request, wallet_id, &wallet));
    assert(uuid_equals(wallet->id, wallet_id));
    *ret_wallet = wallet;
    return STATUS_OK;
}

#define HOLD_ROW                                                                                   \
    "SELECT state, currency, amount, expires_at,"                                                  \
    " CASE state WHEN 'posted' THEN coalesce(posted, amount) ELSE 0 END, 0, 0"                     \
    " FROM wallet.hold WHERE id = $1 AND wallet_id = $2"

/* The hold, and before it the wallet when that is wanted too: one statement, so that both are of
 * one moment. Rows without a state are the wallet's. */
static enum status query_hold(struct request *request, struct uuid wallet_id, struct uuid hold_id,
                              bool wants_wallet, struct rows *ret_rows)
{
    static const struct statement find = { .name = "wallet_find_hold", .sql = HOLD_ROW };
    static const struct statement load = {
        .name = "wallet_load_with_hold",
        .sql = "SELECT NULL::text, currency, balance, held, version, overdraft, lots_expire_at"
               " FROM wallet.balance WHERE wallet_id = $2 UNION ALL " HOLD_ROW,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, hold_id);
    param_uuid(params, arena, wallet_id);
    return request_query(request, wants_wallet ? &load : &find, params, ret_rows);
}

enum status wallet_store_load_with_hold(struct request *request, struct uuid wallet_id,
                                        struct uuid hold_id, struct wallet **ret_wallet,
                                        struct wallet_hold *ret_hold, bool *ret_hold_exists)
{
    struct wallet *wallet = arena_allocate(request_arena(request), sizeof *wallet);
    const bool is_remembered = request_recall(request, wallet, sizeof *wallet);
    assert(!is_remembered || uuid_equals(wallet->id, wallet_id));
    wallet->id = wallet_id;
    const struct wallet_hold *remembered = wallet_find_hold(wallet, hold_id);
    bool exists = remembered != NULL;
    if (exists) {
        *ret_hold = *remembered;
    } else {
        struct rows rows;
        TRY(query_hold(request, wallet_id, hold_id, !is_remembered, &rows));
        for (size_t i = 0; i < rows.count; i++) {
            struct row row = rows_at(&rows, i);
            if (row_skip_null(&row)) {
                read_account(&row, wallet);
                continue;
            }
            exists = true;
            const enum wallet_hold_state state = read_state(row_text(&row));
            const struct text currency = row_text(&row);
            const struct money amount = wallet_store_money(row_int(&row), currency);
            *ret_hold = (struct wallet_hold){
                .id = hold_id, .amount = amount, .expires_at_us = row_int(&row), .state = state
            };
            ret_hold->posted = row_int(&row);
        }
    }
    *ret_wallet = wallet;
    *ret_hold_exists = exists;
    return STATUS_OK;
}

void wallet_store_add_account(struct store_params *params, struct arena *arena,
                              const struct wallet *wallet, const char *currency)
{
    static const struct wallet_account none = { .version = 1 };
    const struct wallet_account *account = wallet_account(wallet, currency);
    if (account == NULL) account = &none;
    param_uuid(params, arena, wallet->id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, account->balance);
    param_int(params, arena, account->held);
    param_int(params, arena, account->version - 1);
    param_int(params, arena, account == &none ? 0 : 1);
}

void wallet_store_save_placed_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct text reference)
{
    static const struct statement place = {
        .name = "wallet_place_hold",
        .sql = "WITH " WALLET_UPDATE_BALANCE
               ", h AS (INSERT INTO wallet.hold (id, wallet_id, shard, currency, amount, state,"
               " reference, expires_at, created_at)"
               " VALUES ($7, $1, $8, $2, $9, 'pending', $10, $11, $12))"
               " SELECT require_count(count(*), $6) FROM b",
        .on_duplicate = STATUS_CONFLICT,
        .on_check = STATUS_INSUFFICIENT_FUNDS,
    };
    assert(hold->state == WALLET_HOLD_PENDING);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &place);
    wallet_store_add_account(params, arena, wallet, hold->amount.currency);
    param_uuid(params, arena, hold->id);
    param_small(params, arena, (int16_t)request_shard(request));
    param_int(params, arena, hold->amount.amount);
    param_text(params, arena, reference);
    param_int(params, arena, hold->expires_at_us);
    param_int(params, arena, request_now_us(request));
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_save_mark(struct request *request, const struct wallet *wallet,
                            const struct wallet_hold *hold)
{
    static const struct statement mark = {
        .name = "wallet_mark_hold",
        .sql = "INSERT INTO wallet.hold (id, wallet_id, shard, currency, amount, state, reference,"
               " expires_at, created_at, settled_at)"
               " VALUES ($1, $2, $3, '', 0, 'voided', '', $4, $5, $5)",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(hold->state == WALLET_HOLD_VOIDED);
    assert(hold->amount.amount == 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &mark);
    param_uuid(params, arena, hold->id);
    param_uuid(params, arena, wallet->id);
    param_small(params, arena, (int16_t)request_shard(request));
    param_int(params, arena, hold->expires_at_us);
    param_int(params, arena, request_now_us(request));
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_save_freed_hold(struct request *request, const struct wallet *wallet,
                                  const struct wallet_hold *hold)
{
    static const struct statement free_hold = {
        .name = "wallet_free_hold",
        .sql = "WITH " WALLET_UPDATE_BALANCE
               ", h AS (UPDATE wallet.hold SET state = $8, settled_at = $9"
               " WHERE id = $7 AND wallet_id = $1 AND state = 'pending' RETURNING 1)"
               " SELECT require_count((SELECT count(*) FROM b), $6),"
               " require_one((SELECT count(*) FROM h))",
    };
    assert(hold->state == WALLET_HOLD_VOIDED || hold->state == WALLET_HOLD_EXPIRED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &free_hold);
    wallet_store_add_account(params, arena, wallet, hold->amount.currency);
    param_uuid(params, arena, hold->id);
    param_text(params, arena, text_of(wallet_hold_state_names[hold->state]));
    param_int(params, arena, request_now_us(request));
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_save_kept_hold(struct request *request, const struct wallet *wallet,
                                 const struct wallet_hold *hold)
{
    static const struct statement keep = {
        .name = "wallet_keep_hold",
        .sql = "WITH h AS (UPDATE wallet.hold SET expires_at = $3"
               " WHERE id = $1 AND wallet_id = $2 AND state = 'pending' RETURNING 1)"
               " SELECT require_one(count(*)) FROM h",
    };
    assert(hold->state == WALLET_HOLD_PENDING);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &keep);
    param_uuid(params, arena, hold->id);
    param_uuid(params, arena, wallet->id);
    param_int(params, arena, hold->expires_at_us);
    request_remember(request, wallet, sizeof *wallet);
}

enum status wallet_store_list_due_holds(struct request *request, unsigned shard_first,
                                        unsigned shard_last,
                                        const struct wallet_due_hold **ret_holds, size_t *ret_count)
{
    static const struct statement due = {
        .name = "wallet_due_holds",
        .sql = "SELECT id, wallet_id FROM wallet.hold WHERE state = 'pending' AND expires_at <= $1"
               " AND shard BETWEEN $2 AND $3 ORDER BY expires_at LIMIT $4",
    };
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, WALLET_DUE_HOLDS_MAX);
    struct rows rows;
    TRY(request_query(request, &due, params, &rows));
    assert(rows.count <= WALLET_DUE_HOLDS_MAX);
    struct wallet_due_hold *holds = arena_allocate_array(arena, rows.count, sizeof *holds);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        holds[i].id = row_uuid(&row);
        holds[i].wallet_id = row_uuid(&row);
    }
    *ret_holds = holds;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum wallet_transaction_kind wallet_store_kind(struct text name)
{
    for (size_t i = 0; i < WALLET_TRANSACTION_KIND_COUNT; i++) {
        if (text_equals_string(name, wallet_transaction_kind_names[i]))
            return (enum wallet_transaction_kind)i;
    }
    assert(false && "the table's check allows no other kind");
    return WALLET_TRANSACTION_KIND_GRANT;
}

enum status wallet_store_list_transactions(struct request *request, struct uuid wallet_id,
                                           int64_t before, size_t max,
                                           struct wallet_transaction **ret_transactions,
                                           int64_t **ret_positions, size_t *ret_count)
{
    static const struct statement list = {
        .name = "wallet_transactions",
        .sql = "SELECT seq, id, kind, currency, amount, balance_after, reference, created_at"
               " FROM wallet.transaction"
               " WHERE wallet_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
    };
    assert(before >= 0);
    assert(max >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, wallet_id);
    param_int(params, arena, before);
    param_int(params, arena, (int64_t)max);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    struct wallet_transaction *transactions =
        arena_allocate_array(arena, rows.count, sizeof *transactions);
    int64_t *positions = arena_allocate_array(arena, rows.count, sizeof *positions);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        positions[i] = row_int(&row);
        transactions[i].id = row_uuid(&row);
        transactions[i].kind = wallet_store_kind(row_text(&row));
        const struct text currency = row_text(&row);
        transactions[i].amount = wallet_store_money(row_int(&row), currency);
        transactions[i].balance = wallet_store_money(row_int(&row), currency);
        transactions[i].reference = row_text(&row);
        transactions[i].has_reference = transactions[i].reference.length > 0;
        transactions[i].created_at_us = row_int(&row);
    }
    *ret_transactions = transactions;
    *ret_positions = positions;
    *ret_count = rows.count;
    return STATUS_OK;
}
