/* SQL of the ledger's entries. */
#include "actors/wallet/wallet_entry_store.h"

#include "actors/wallet/wallet_store_parts.h"

void wallet_store_save_posted_hold(struct request *request, const struct wallet *wallet,
                                   const struct wallet_hold *hold, struct uuid transaction_id)
{
    static const struct statement post = {
        .name = "wallet_post_hold",
        .sql = "WITH " WALLET_UPDATE_BALANCE
               ", h AS (UPDATE wallet.hold SET state = 'posted', settled_at = $8, posted = $11"
               " WHERE id = $7 AND wallet_id = $1 AND state IN ('pending', 'expired')"
               " RETURNING reference)"
               " SELECT require_count((SELECT count(*) FROM b), $6),"
               " require_one((SELECT count(*) FROM h)),"
               " (SELECT wallet.post_entry($9, $10, 'purchase', $1, $2, -$11, $3,"
               " ARRAY['clearing'], ARRAY[$2], ARRAY[$11], h.reference, $8) FROM h)",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(hold->state == WALLET_HOLD_POSTED);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &post);
    wallet_store_add_account(params, arena, wallet, hold->amount.currency);
    param_uuid(params, arena, hold->id);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)request_shard(request));
    param_uuid(params, arena, transaction_id);
    param_int(params, arena, hold->posted);
    request_remember(request, wallet, sizeof *wallet);
}

/* Three parameters: accounts, currencies and amounts of the legs of house accounts. */
static void add_legs(struct store_params *params, struct arena *arena,
                     const struct wallet_entry *entry)
{
    struct text accounts[WALLET_LEGS_MAX], currencies[WALLET_LEGS_MAX];
    int64_t amounts[WALLET_LEGS_MAX];
    assert(entry->legs_count <= WALLET_LEGS_MAX);
    for (size_t i = 0; i < entry->legs_count; i++) {
        accounts[i] = text_of(wallet_house_account_names[entry->legs[i].account]);
        currencies[i] = text_of(entry->legs[i].amount.currency);
        amounts[i] = entry->legs[i].amount.amount;
    }
    param_text_array(params, arena, accounts, entry->legs_count);
    param_text_array(params, arena, currencies, entry->legs_count);
    param_int_array(params, arena, amounts, entry->legs_count);
}

/* The balance as it shall be, whose row may have to be made. */
#define WRITE_BALANCE_BY(update)                                                                   \
    "WITH " update ", i AS (INSERT INTO wallet.balance (wallet_id, currency, balance, held)"       \
    " SELECT $1, $2, $3, $4 WHERE $5 = 0 RETURNING 1)"                                             \
    " SELECT require_count((SELECT count(*) FROM b) + (SELECT count(*) FROM i), $6),"
#define WRITE_BALANCE WRITE_BALANCE_BY(WALLET_UPDATE_BALANCE)
/* Where a bank takes something back, what is missing may become more. */
#define WRITE_OWED_BALANCE                                                                         \
    WRITE_BALANCE_BY(WALLET_UPDATE_BALANCE_OWING("greatest(0, $4::bigint - $3::bigint)"))
#define POST_ENTRY " wallet.post_entry($7, $8, $9, $1, $2, $10, $3, $11, $12, $13, $14, $15, $16)"

void wallet_store_save_entry(struct request *request, const struct wallet *wallet,
                             const struct wallet_entry *entry)
{
    static const struct statement post = {
        .name = "wallet_post_entry",
        .sql = WRITE_BALANCE POST_ENTRY,
        .on_duplicate = STATUS_CONFLICT,
    };
    static const struct statement take_back = {
        .name = "wallet_take_back",
        .sql = WRITE_OWED_BALANCE POST_ENTRY,
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(wallet_entry_has_wallet(entry));
    struct arena *arena = request_arena(request);
    const bool is_taken_back = entry->kind == WALLET_TRANSACTION_KIND_TOPUP_RETURN;
    struct store_params *params = request_write(request, is_taken_back ? &take_back : &post);
    wallet_store_add_account(params, arena, wallet, entry->amount.currency);
    param_small(params, arena, (int16_t)request_shard(request));
    param_uuid(params, arena, entry->id);
    param_text(params, arena, text_of(wallet_transaction_kind_names[entry->kind]));
    param_int(params, arena, entry->amount.amount);
    add_legs(params, arena, entry);
    param_text(params, arena, entry->reference);
    param_int(params, arena, request_now_us(request));
    param_uuid_or_null(params, arena, entry->reverses);
    request_remember(request, wallet, sizeof *wallet);
}

void wallet_store_save_house_entry(struct request *request, const struct wallet_entry *entry)
{
    static const struct statement post = {
        .name = "wallet_post_house_entry",
        .sql = "SELECT wallet.post_entry($1, $2, $3, NULL, NULL, NULL, NULL, $4, $5, $6, $7, $8)",
        .on_duplicate = STATUS_CONFLICT,
    };
    assert(!wallet_entry_has_wallet(entry));
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &post);
    param_small(params, arena, (int16_t)request_shard(request));
    param_uuid(params, arena, entry->id);
    param_text(params, arena, text_of(wallet_transaction_kind_names[entry->kind]));
    add_legs(params, arena, entry);
    param_text(params, arena, entry->reference);
    param_int(params, arena, request_now_us(request));
}

void wallet_store_save_correction(struct request *request, const struct wallet *wallet,
                                  const struct wallet_correction *correction)
{
    static const struct statement post = {
        .name = "wallet_post_correction",
        .sql = WRITE_BALANCE " wallet.post_correction($7, $8, $1, $2, $9, $3, $10, $11, $12, $13,"
                             " $14, $15)",
        .on_duplicate = STATUS_CONFLICT,
    };
    static const struct statement post_credit = {
        .name = "wallet_post_credit",
        .sql = WRITE_BALANCE " wallet.post_credit($7, $8, $1, $2, $9, $3, $10, $11, $12, $13, $14,"
                             " $15)",
        .on_duplicate = STATUS_CONFLICT,
    };
    const bool is_credit = correction->kind == WALLET_TRANSACTION_KIND_CREDIT;
    assert(is_credit || correction->kind == WALLET_TRANSACTION_KIND_CORRECTION);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, is_credit ? &post_credit : &post);
    wallet_store_add_account(params, arena, wallet, correction->amount.currency);
    param_small(params, arena, (int16_t)request_shard(request));
    param_uuid(params, arena, correction->id);
    param_int(params, arena, correction->amount.amount);
    param_text(params, arena, correction->reference);
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, correction->staff_id);
    param_text(params, arena, correction->reason);
    param_int(params, arena, correction->since_us);
    param_int(params, arena, correction->limit);
    request_remember(request, wallet, sizeof *wallet);
}

enum status wallet_store_sum_corrections(struct request *request, struct uuid staff_id,
                                         const char *currency, int64_t since_us, int64_t *ret_sum)
{
    static const struct statement sum = {
        .name = "wallet_sum_corrections",
        .sql = "SELECT wallet.staff_total($1, $2, $3)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, staff_id);
    param_text(params, arena, text_of(currency));
    param_int(params, arena, since_us);
    struct rows rows;
    TRY(request_query(request, &sum, params, &rows));
    assert(rows.count == 1);
    struct row row = rows_at(&rows, 0);
    *ret_sum = row_int(&row);
    return STATUS_OK;
}

/* $1 the purchase, $2 the refund, $3 the wallet. */
static const struct statement find_refund = {
    .name = "wallet_find_refund",
    .sql = "SELECT t.id = $1, t.kind = 'purchase' AND t.wallet_id = $3, t.currency, t.amount,"
           " (SELECT coalesce(sum(r.amount), 0)::bigint FROM wallet.transaction r"
           " WHERE r.reverses = t.id), t.reverses"
           " FROM wallet.transaction t WHERE t.id IN ($1, $2) AND t.wallet_id IS NOT NULL",
};

enum status wallet_store_find_refund(struct request *request, struct uuid wallet_id,
                                     struct uuid purchase_id, struct uuid refund_id,
                                     struct wallet_refund_history *ret_history)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, purchase_id);
    param_uuid(params, arena, refund_id);
    param_uuid(params, arena, wallet_id);
    struct rows rows;
    TRY(request_query(request, &find_refund, params, &rows));
    struct wallet_refund_history history = { .is_paid = false };
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        const bool is_purchase = row_bool(&row), is_ours = row_bool(&row);
        const struct text currency = row_text(&row);
        const struct money amount = wallet_store_money(row_int(&row), currency);
        const int64_t refunded = row_int(&row);
        if (!is_purchase) {
            history.is_refunded = true;
            history.refund = amount;
            if (!row_skip_null(&row)) history.refund_reverses = row_uuid(&row);
        } else if (is_ours) {
            history.is_paid = true;
            history.purchase =
                (struct wallet_purchase){ purchase_id, money_make(-amount.amount, amount.currency),
                                          refunded };
        }
    }
    *ret_history = history;
    return STATUS_OK;
}
