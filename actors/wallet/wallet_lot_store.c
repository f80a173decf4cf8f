/* SQL of credit that expires. */
#include "actors/wallet/wallet_lot_store.h"

#include <string.h>

#include "actors/wallet/wallet_store_parts.h"

enum status wallet_store_load_lots(struct request *request, const struct wallet *wallet,
                                   const char *currency, struct wallet_lots **ret_lots)
{
    static const struct statement load = {
        .name = "wallet_load_lots",
        .sql = "SELECT id, remaining, expires_at FROM wallet.lot"
               " WHERE wallet_id = $1 AND currency = $2 AND remaining > 0"
               " ORDER BY expires_at, id LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct wallet_lots *lots = arena_allocate(arena, sizeof *lots);
    *ret_lots = lots;
    if (!wallet_has_lots(wallet_account(wallet, currency))) return STATUS_OK;
    TRY(request_settle(request));
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wallet->id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, WALLET_LOTS_MAX);
    TRY(request_query(request, &load, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct wallet_lot *lot = &lots->lots[lots->count++];
        lot->id = row_uuid(&row);
        lot->left = row_int(&row);
        lot->expires_at_us = row_int(&row);
    }
    return STATUS_OK;
}

enum status wallet_store_load_lot_uses(struct request *request, const struct wallet *wallet,
                                       const char *currency, struct uuid purchase_id,
                                       struct wallet_lot_uses **ret_uses)
{
    static const struct statement load = {
        .name = "wallet_load_lot_uses",
        .sql = "SELECT m.lot_id, -m.amount, (SELECT coalesce(sum(r.amount), 0)::bigint"
               " FROM wallet.transaction t JOIN wallet.lot_move r ON r.transaction_id = t.id"
               " WHERE t.reverses = $1 AND r.lot_id = m.lot_id), l.expires_at"
               " FROM wallet.lot_move m JOIN wallet.lot l ON l.id = m.lot_id"
               " WHERE m.transaction_id = $1 ORDER BY m.place LIMIT $2",
    };
    struct arena *arena = request_arena(request);
    struct wallet_lot_uses *uses = arena_allocate(arena, sizeof *uses);
    const struct wallet_account *account = wallet_account(wallet, currency);
    *ret_uses = uses;
    if (account == NULL || account->lots_expire_at_us == 0) return STATUS_OK;
    TRY(request_settle(request));
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, purchase_id);
    param_int(params, arena, WALLET_LOTS_MAX);
    TRY(request_query(request, &load, params, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        struct wallet_lot_use *use = &uses->uses[uses->count++];
        use->lot_id = row_uuid(&row);
        use->used = row_int(&row);
        use->returned = row_int(&row);
        use->expires_at_us = row_int(&row);
    }
    return STATUS_OK;
}

/* ---- saves ---- */

void wallet_store_save_lot(struct request *request, struct wallet *wallet, const char *currency,
                           const struct wallet_lots *lots, const struct wallet_lot *lot)
{
    static const struct statement add = {
        .name = "wallet_add_lot",
        .sql = "WITH b AS (UPDATE wallet.balance SET lots_expire_at = $7"
               " WHERE wallet_id = $2 AND currency = $4 RETURNING 1),"
               " l AS (INSERT INTO wallet.lot (id, wallet_id, shard, currency, amount, remaining,"
               " expires_at, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $5, $6, $6, $8)"
               " RETURNING 1)"
               " SELECT require_one((SELECT count(*) FROM b)),"
               " require_one((SELECT count(*) FROM l))",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(lot->left > 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    const int64_t first_us = wallet_lots_expire_at(lots);
    param_uuid(params, arena, lot->id);
    param_uuid(params, arena, wallet->id);
    param_small(params, arena, (int16_t)request_shard(request));
    param_text(params, arena, text_of(currency));
    param_int(params, arena, lot->left);
    param_int(params, arena, lot->expires_at_us);
    param_int(params, arena, first_us);
    param_int(params, arena, request_now_us(request));
    wallet_note_lots(wallet, currency, first_us);
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_save_lot_moves(struct request *request, struct wallet *wallet,
                                 const char *currency, const struct wallet_lots *lots,
                                 const struct wallet_lot_moves *moves, struct uuid transaction_id)
{
    static const struct statement move = {
        .name = "wallet_move_lots",
        .sql = "SELECT require_count(wallet.move_lots($1, $2, $3, $4, $5, $6, $7), $8)",
        .on_duplicate = STATUS_CONFLICT,
        .on_check = STATUS_CONFLICT,
    };
    assert(moves->count > 0);
    struct arena *arena = request_arena(request);
    struct uuid *ids = arena_allocate_array(arena, moves->count, sizeof *ids);
    int64_t *amounts = arena_allocate_array(arena, moves->count, sizeof *amounts);
    int64_t *expiries = arena_allocate_array(arena, moves->count, sizeof *expiries);
    for (size_t i = 0; i < moves->count; i++) {
        ids[i] = moves->moves[i].lot_id;
        amounts[i] = moves->moves[i].amount;
        expiries[i] = moves->moves[i].expires_at_us;
    }
    struct store_params *params = request_write(request, &move);
    const int64_t first_us = wallet_lots_expire_at(lots);
    param_uuid(params, arena, transaction_id);
    param_uuid(params, arena, wallet->id);
    param_text(params, arena, text_of(currency));
    param_uuid_array(params, arena, ids, moves->count);
    param_int_array(params, arena, amounts, moves->count);
    param_int_array(params, arena, expiries, moves->count);
    param_int(params, arena, first_us);
    param_int(params, arena, (int64_t)moves->count);
    wallet_note_lots(wallet, currency, first_us);
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_defer_lots(struct request *request, const struct wallet *wallet,
                             const char *currency, int64_t now_us, int64_t until_us)
{
    static const struct statement defer = {
        .name = "wallet_defer_lots",
        .sql = "UPDATE wallet.lot SET due_at = $4 WHERE wallet_id = $1 AND currency = $2"
               " AND remaining > 0 AND due_at <= $3",
    };
    assert(until_us > now_us);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &defer);
    param_uuid(params, arena, wallet->id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, now_us);
    param_int(params, arena, until_us);
}

/* ---- by the clock ---- */

static enum status list_due(struct request *request, const struct statement *statement,
                            struct store_params *params, struct wallet_due_lots **ret_due,
                            size_t *ret_count)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct wallet_due_lots *due = arena_allocate_array(arena, rows.count, sizeof *due);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        due[i].wallet_id = row_uuid(&row);
        due[i].currency = row_text(&row);
    }
    *ret_due = due;
    *ret_count = rows.count;
    return STATUS_OK;
}

static struct store_params *due_params(struct arena *arena, int64_t until_us, unsigned shard_first,
                                       unsigned shard_last)
{
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, until_us);
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, WALLET_DUE_LOTS_MAX);
    return params;
}

enum status wallet_store_list_due_lots(struct request *request, unsigned shard_first,
                                       unsigned shard_last, struct wallet_due_lots **ret_due,
                                       size_t *ret_count)
{
    static const struct statement due = {
        .name = "wallet_due_lots",
        .sql = "SELECT DISTINCT d.wallet_id, d.currency FROM (SELECT wallet_id, currency"
               " FROM wallet.lot WHERE remaining > 0 AND due_at <= $1"
               " AND shard BETWEEN $2 AND $3 ORDER BY due_at LIMIT $4) d",
    };
    struct arena *arena = request_arena(request);
    return list_due(request, &due,
                    due_params(arena, request_now_us(request), shard_first, shard_last), ret_due,
                    ret_count);
}

enum status wallet_store_list_untold_lots(struct request *request, unsigned shard_first,
                                          unsigned shard_last, int64_t until_us,
                                          struct wallet_due_lots **ret_due, size_t *ret_count)
{
    static const struct statement untold = {
        .name = "wallet_untold_lots",
        .sql = "SELECT DISTINCT d.wallet_id, d.currency FROM (SELECT wallet_id, currency"
               " FROM wallet.lot WHERE remaining > 0 AND told_at IS NULL AND expires_at <= $1"
               " AND expires_at > $5 AND shard BETWEEN $2 AND $3 ORDER BY expires_at LIMIT $4) d",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = due_params(arena, until_us, shard_first, shard_last);
    param_int(params, arena, request_now_us(request));
    return list_due(request, &untold, params, ret_due, ret_count);
}

enum status wallet_store_find_untold_lots(struct request *request, struct uuid wallet_id,
                                          struct text currency, int64_t until_us,
                                          struct wallet_lot **ret_lots, size_t *ret_count)
{
    static const struct statement find = {
        .name = "wallet_find_untold_lots",
        .sql = "SELECT id, remaining, expires_at FROM wallet.lot WHERE wallet_id = $1"
               " AND currency = $2 AND remaining > 0 AND told_at IS NULL AND expires_at <= $3"
               " AND expires_at > $4 ORDER BY expires_at, id LIMIT $5",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wallet_id);
    param_text(params, arena, currency);
    param_int(params, arena, until_us);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, WALLET_LOTS_TOLD_MAX);
    TRY(request_query(request, &find, params, &rows));
    struct wallet_lot *lots = arena_allocate_array(arena, rows.count, sizeof *lots);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        lots[i].id = row_uuid(&row);
        lots[i].left = row_int(&row);
        lots[i].expires_at_us = row_int(&row);
    }
    *ret_lots = lots;
    *ret_count = rows.count;
    return STATUS_OK;
}

void wallet_store_save_told_lots(struct request *request, const struct wallet_lot *lots,
                                 size_t count)
{
    static const struct statement told = {
        .name = "wallet_tell_lots",
        .sql = "UPDATE wallet.lot SET told_at = $2 WHERE id = ANY ($1) AND told_at IS NULL",
    };
    struct uuid ids[WALLET_LOTS_TOLD_MAX];
    assert(count <= WALLET_LOTS_TOLD_MAX);
    for (size_t i = 0; i < count; i++)
        ids[i] = lots[i].id;
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &told);
    param_uuid_array(params, arena, ids, count);
    param_int(params, arena, request_now_us(request));
}

/* ---- what shoppers see ---- */

static enum status add_expiring(struct request *request, const struct wallet *wallet,
                                struct wallet_balance *balances)
{
    static const struct statement list = {
        .name = "wallet_expiring",
        .sql = "SELECT l.currency, l.remaining, l.expires_at FROM (SELECT currency, remaining,"
               " expires_at, id, row_number() OVER (PARTITION BY currency ORDER BY expires_at, id)"
               " AS place FROM wallet.lot WHERE wallet_id = $1 AND remaining > 0) l"
               " WHERE l.place <= $2 ORDER BY l.currency, l.place",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, wallet->id);
    param_int(params, arena, WALLET_LOTS_TOLD_MAX);
    TRY(request_query(request, &list, params, &rows));
    struct wallet_expiring *expiring = arena_allocate_array(arena, rows.count, sizeof *expiring);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const struct text currency = row_text(&row);
        expiring[i].amount = wallet_store_money(row_int(&row), currency);
        expiring[i].expires_at_us = row_int(&row);
        for (size_t j = 0; j < wallet->accounts_count; j++) {
            if (!text_equals_string(currency, wallet->accounts[j].currency)) continue;
            if (balances[j].expiring_count++ == 0) balances[j].expiring = &expiring[i];
        }
    }
    return STATUS_OK;
}

enum status wallet_store_describe(struct request *request, const struct wallet *wallet,
                                  struct wallet_balance **ret_balances)
{
    struct arena *arena = request_arena(request);
    struct wallet_balance *balances =
        arena_allocate_array(arena, wallet->accounts_count, sizeof *balances);
    bool has_lots = false;
    for (size_t i = 0; i < wallet->accounts_count; i++) {
        balances[i] = wallet_describe_account(&wallet->accounts[i]);
        has_lots = has_lots || wallet_has_lots(&wallet->accounts[i]);
    }
    *ret_balances = balances;
    return has_lots ? add_expiring(request, wallet, balances) : STATUS_OK;
}
