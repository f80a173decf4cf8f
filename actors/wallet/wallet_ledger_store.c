/* SQL that reads whole entries. */
#include "actors/wallet/wallet_ledger_store.h"

#include "actors/wallet/wallet_store_parts.h"

/* The entries `t` with their legs of house accounts, in the order of the legs. */
#define WITH_LEGS                                                                                  \
    "SELECT t.id, t.kind, t.created_at, t.reference, t.reason, t.wallet_id, t.currency, t.amount," \
    " t.balance_after, t.reverses, t.staff_id, l.accounts, l.currencies, l.amounts FROM t"         \
    " CROSS JOIN LATERAL (SELECT coalesce(array_agg(p.account ORDER BY p.leg), '{}') AS accounts," \
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
