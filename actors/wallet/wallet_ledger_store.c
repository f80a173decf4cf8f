/* SQL that reads whole entries. */
#include "actors/wallet/wallet_ledger_store.h"

#include "actors/wallet/wallet_store_parts.h"

/* The entries `t` with their legs of house accounts, in the order of the legs. */
#define WITH_LEGS                                                                                  \
    "SELECT t.id, t.kind, t.created_at, t.reference, t.reason, t.wallet_id, t.currency, t.amount," \
    " t.balance_after, t.reverses, t.staff_id, l.accounts, l.currencies, l.amounts FROM t"         \
    " CROSS JOIN LATERAL (SELECT coalesce(array_agg(p.account::text ORDER BY p.leg), '{}') AS "    \
    "accounts,"                                                                                    \
    " coalesce(array_agg(p.currency ORDER BY p.leg), '{}') AS currencies,"                         \
    " coalesce(array_agg(p.amount ORDER BY p.leg), '{}') AS amounts"                               \
    " FROM wallet.posting p WHERE p.transaction_id = t.id AND p.leg > 0) l"

static enum wallet_house_account read_house(struct text name)
{
    for (size_t i = 0; i < WALLET_HOUSE_ACCOUNT_COUNT; i++) {
        if (text_equals_string(name, wallet_house_account_names[i]))
            return (enum wallet_house_account)i;
    }
    assert(false && "the table's check allows no other account");
    return WALLET_HOUSE_ACCOUNT_CLEARING;
}

static void read_legs(struct row *row, struct arena *arena, struct wallet_ledger_entry *entry)
{
    const struct text *accounts, *currencies;
    const int64_t *amounts;
    const size_t count = row_text_array(row, arena, &accounts);
    const size_t currencies_count = row_text_array(row, arena, &currencies);
    const size_t amounts_count = row_int_array(row, arena, &amounts);
    assert(currencies_count == count);
    assert(amounts_count == count);
    struct wallet_leg *legs = arena_allocate_array(arena, count, sizeof *legs);
    for (size_t i = 0; i < count; i++) {
        legs[i].account = read_house(accounts[i]);
        legs[i].amount = wallet_store_money(amounts[i], currencies[i]);
    }
    entry->legs = legs;
    entry->legs_count = count;
}

static void read_entry(struct row *row, struct arena *arena, struct wallet_ledger_entry *ret_entry)
{
    struct wallet_ledger_entry entry = { .id = row_uuid(row) };
    entry.kind = wallet_store_kind(row_text(row));
    entry.created_at_us = row_int(row);
    entry.reference = row_text(row);
    entry.has_reference = entry.reference.length > 0;
    entry.reason = row_text(row);
    entry.has_reason = entry.reason.length > 0;
    entry.has_user_id = !row_skip_null(row);
    if (entry.has_user_id) {
        entry.user_id = row_uuid(row);
        const struct text currency = row_text(row);
        entry.has_amount = entry.has_balance = true;
        entry.amount = wallet_store_money(row_int(row), currency);
        entry.balance = wallet_store_money(row_int(row), currency);
    } else {
        /* The three that are NULL with it. */
        (void)row_skip_null(row);
        (void)row_skip_null(row);
        (void)row_skip_null(row);
    }
    entry.has_reverses = !row_skip_null(row);
    if (entry.has_reverses) entry.reverses = row_uuid(row);
    entry.has_staff_id = !row_skip_null(row);
    if (entry.has_staff_id) entry.staff_id = row_uuid(row);
    read_legs(row, arena, &entry);
    *ret_entry = entry;
}

enum status wallet_store_find_entry(struct request *request, struct uuid id,
                                    struct wallet_ledger_entry *ret_entry, bool *ret_exists)
{
    static const struct statement find = {
        .name = "wallet_find_entry",
        .sql = "WITH t AS (SELECT * FROM wallet.transaction WHERE id = $1) " WITH_LEGS,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_exists = rows.count > 0;
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    read_entry(&row, arena, ret_entry);
    return STATUS_OK;
}

/* A list begins with the filter that lets the least through, so that an index finds it. */
#define SELECT_ENTRIES                                                                             \
    "WITH t AS (SELECT * FROM wallet.transaction WHERE created_at >= $1"                           \
    " AND (created_at, id) < ($2, $3)"
#define SIFT_ENTRIES                                                                               \
    " AND ($5::uuid IS NULL OR wallet_id = $5) AND ($6::text IS NULL OR kind = $6)"                \
    " AND ($7::text IS NULL OR reference = $7) ORDER BY created_at DESC, id DESC LIMIT "           \
    "$4) " WITH_LEGS " ORDER BY t.created_at DESC, t.id DESC"

static const struct statement *choose_list(const struct wallet_list_ledger *query)
{
    static const struct statement of_wallet = {
        .name = "wallet_list_ledger_of_wallet",
        .sql = SELECT_ENTRIES " AND wallet_id = $5" SIFT_ENTRIES,
    };
    static const struct statement of_reference = {
        .name = "wallet_list_ledger_of_reference",
        .sql = SELECT_ENTRIES " AND reference = $7 AND reference <> ''" SIFT_ENTRIES,
    };
    static const struct statement of_kind = {
        .name = "wallet_list_ledger_of_kind",
        .sql = SELECT_ENTRIES " AND kind = $6 AND kind <> 'purchase'" SIFT_ENTRIES,
    };
    static const struct statement of_all = {
        .name = "wallet_list_ledger",
        .sql = SELECT_ENTRIES SIFT_ENTRIES,
    };
    if (query->has_reference) return &of_reference;
    if (query->has_user_id) return &of_wallet;
    const bool is_rare = query->has_kind && query->kind != WALLET_TRANSACTION_KIND_PURCHASE;
    return is_rare ? &of_kind : &of_all;
}

static struct store_params *list_params(struct arena *arena, const struct wallet_list_ledger *query,
                                        const struct list_place *place, int64_t max)
{
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, query->has_from ? query->from_us : 0);
    param_int(params, arena, place->at_us);
    param_uuid(params, arena, place->id);
    param_int(params, arena, max);
    if (query->has_user_id)
        param_uuid(params, arena, query->user_id);
    else
        param_null_uuid(params);
    if (query->has_kind)
        param_text(params, arena, text_of(wallet_transaction_kind_names[query->kind]));
    else
        param_null_text(params);
    if (query->has_reference)
        param_text(params, arena, query->reference);
    else
        param_null_text(params);
    return params;
}

enum status wallet_store_list_ledger(struct request *request,
                                     const struct wallet_list_ledger *query,
                                     const struct list_place *place, int64_t max,
                                     struct wallet_ledger_entry **ret_entries, size_t *ret_count)
{
    assert(max >= 1);
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, choose_list(query), list_params(arena, query, place, max), &rows));
    struct wallet_ledger_entry *entries = arena_allocate_array(arena, rows.count, sizeof *entries);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        read_entry(&row, arena, &entries[i]);
    }
    *ret_entries = entries;
    *ret_count = rows.count;
    return STATUS_OK;
}

enum status wallet_store_list_balances(struct request *request, struct uuid wallet_id,
                                       int64_t as_of_us,
                                       struct wallet_managed_balance **ret_balances,
                                       size_t *ret_count)
{
    static const struct statement list = {
        .name = "wallet_balances_as_of",
        .sql = "SELECT currency, sum(amount)::bigint FROM wallet.transaction"
               " WHERE wallet_id = $1 AND created_at <= $2 GROUP BY currency ORDER BY currency",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, wallet_id);
    param_int(params, arena, as_of_us);
    struct rows rows;
    TRY(request_query(request, &list, params, &rows));
    assert(rows.count <= WALLET_CURRENCIES_MAX);
    struct wallet_managed_balance *balances =
        arena_allocate_array(arena, rows.count, sizeof *balances);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        balances[i].currency = row_text(&row);
        balances[i].balance = wallet_store_money(row_int(&row), balances[i].currency);
    }
    *ret_balances = balances;
    *ret_count = rows.count;
    return STATUS_OK;
}
