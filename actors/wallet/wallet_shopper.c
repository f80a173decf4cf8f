/* What the export of a shopper's data says of the wallet, and what blocks the erasure of an
 * account: money. The ledger itself names nobody and stays. */
#include "actors/wallet/wallet_lot_store.h"

#include "actors/wallet/wallet_payment_store.h"
#include "messages/codec_json.h"
#include "wallet_handlers.h"

enum {
    BLOCKERS_MAX = 16,
    EXPORT_BYTES_MAX = 262144,
    EXPORT_TAIL_BYTES = 64, /* kept free for the end of the text */
    EXPORT_TRANSACTIONS_MAX = 1000
};

enum status wallet_handle_get_erasure_blockers(struct request *request,
                                               const struct people_get_erasure_blockers *query,
                                               struct common_blockers *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct wallet *wallet;
    TRY(wallet_store_read(request, query->user_id, &wallet));
    struct common_blocker *blockers =
        arena_allocate_array(arena, BLOCKERS_MAX + 1, sizeof *blockers);
    size_t count = 0;
    bool has_topup;
    TRY(wallet_store_has_pending_topup(request, query->user_id, &has_topup));
    if (has_topup)
        blockers[count++] = (struct common_blocker){
            .code = TEXT("open_topup"),
            .detail = TEXT("A top-up is under way: wait until it has ended, or take it back."),
        };
    for (size_t i = 0; i < wallet->accounts_count && count < BLOCKERS_MAX; i++) {
        const struct wallet_account *account = &wallet->accounts[i];
        if (account->balance == 0 && account->held == 0) continue;
        const bool is_debt = account->balance < 0;
        const int64_t shown = is_debt ? -account->balance : account->balance;
        char amount[MONEY_TEXT_MAX + 1];
        (void)money_format(money_make(shown, account->currency), amount);
        blockers[count++] = (struct common_blocker){
            .code = TEXT("wallet_balance"),
            .detail = text_format(arena,
                                  is_debt ? "The wallet owes %s: top it up."
                                          : "The wallet holds %s: spend it, or have it paid out.",
                                  amount),
        };
    }
    *ret_reply = (struct common_blockers){ .blockers = blockers, .blockers_count = count };
    return STATUS_OK;
}

/* Adds one item to a JSON list, unless the text would become too long. */
static bool add_item(struct text_builder *out, struct arena *arena, const struct schema *schema,
                     const void *value, bool is_first)
{
    struct text_builder item;
    text_builder_init(&item, arena, EXPORT_BYTES_MAX);
    json_encode(schema, value, &item);
    if (item.is_full || out->length + item.length + EXPORT_TAIL_BYTES > out->limit) return false;
    if (!is_first) text_builder_add_byte(out, ',');
    text_builder_add(out, text_builder_view(&item));
    return true;
}

static enum status add_balances(struct request *request, const struct wallet *wallet,
                                struct text_builder *out)
{
    struct wallet_balance *balances;
    TRY(wallet_store_describe(request, wallet, &balances));
    for (size_t i = 0; i < wallet->accounts_count; i++)
        (void)add_item(out, request_arena(request), &wallet_balance_schema, &balances[i], i == 0);
    return STATUS_OK;
}

enum status wallet_handle_export_shopper(struct request *request,
                                         const struct people_export_shopper *query,
                                         struct common_export_part *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct wallet *wallet;
    struct wallet_transaction *transactions;
    int64_t *positions;
    size_t count, written = 0;
    TRY(wallet_store_read(request, query->user_id, &wallet));
    TRY(wallet_store_list_transactions(request, query->user_id, INT64_MAX,
                                       EXPORT_TRANSACTIONS_MAX + 1, &transactions, &positions,
                                       &count));
    struct text_builder out;
    text_builder_init(&out, arena, EXPORT_BYTES_MAX);
    text_builder_add(&out, TEXT("{\"balances\":["));
    TRY(add_balances(request, wallet, &out));
    text_builder_add(&out, TEXT("],\"transactions\":["));
    while (written < count && written < EXPORT_TRANSACTIONS_MAX &&
           add_item(&out, arena, &wallet_transaction_schema, &transactions[written], written == 0))
        written++;
    text_builder_add(&out, written == count ? TEXT("],\"is_complete\":true}")
                                            : TEXT("],\"is_complete\":false}"));
    ret_reply->json = text_builder_view(&out);
    return STATUS_OK;
}
