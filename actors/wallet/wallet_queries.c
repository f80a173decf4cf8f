/* What shoppers see of their own wallet: balances and movements, from committed rows. */
#include "actors/wallet/wallet_lot_store.h"

#include "runtime/secret.h"
#include "wallet_handlers.h"

enum { CURSOR_BYTES = 8, PAGE_DEFAULT = 20 };

enum status wallet_handle_get_wallet(struct request *request, const struct wallet_get_wallet *query,
                                     struct wallet_balances *ret_reply)
{
    (void)query;
    struct wallet *wallet;
    /* A wallet has the id of its user (actors/wallet/README.md, Decisions). */
    TRY(wallet_store_read(request, request_principal(request)->id, &wallet));
    struct wallet_balance *balances;
    TRY(wallet_store_describe(request, wallet, &balances));
    ret_reply->balances = balances;
    ret_reply->balances_count = wallet->accounts_count;
    return STATUS_OK;
}

/* A cursor is the position of the last movement of a page in its shard's chain, big-endian, in
 * base64url: opaque to clients, who may send anything back. */
static struct text write_cursor(struct arena *arena, int64_t position)
{
    uint8_t bytes[CURSOR_BYTES];
    for (size_t i = 0; i < CURSOR_BYTES; i++)
        bytes[i] = (uint8_t)((uint64_t)position >> (8 * (CURSOR_BYTES - 1 - i)));
    return base64url_encode(arena, (struct text){ (const char *)bytes, CURSOR_BYTES });
}

static enum status read_cursor(struct request *request, struct text cursor, int64_t *ret_position)
{
    struct text bytes;
    if (base64url_decode(request_arena(request), cursor, &bytes) != STATUS_OK ||
        bytes.length != CURSOR_BYTES)
        return request_refuse_cursor(request);
    uint64_t position = 0;
    for (size_t i = 0; i < CURSOR_BYTES; i++)
        position = position << 8 | (uint8_t)bytes.data[i];
    if (position > INT64_MAX) return request_refuse_cursor(request);
    *ret_position = (int64_t)position;
    return STATUS_OK;
}

enum status wallet_handle_list_transactions(struct request *request,
                                            const struct wallet_list_transactions *query,
                                            struct wallet_transaction_page *ret_reply)
{
    struct arena *arena = request_arena(request);
    int64_t before = INT64_MAX;
    if (query->has_after) TRY(read_cursor(request, query->after, &before));
    const size_t limit = query->has_limit ? (size_t)query->limit : PAGE_DEFAULT;

    struct wallet_transaction *transactions;
    int64_t *positions;
    size_t count;
    TRY(wallet_store_list_transactions(request, request_principal(request)->id, before, limit + 1,
                                       &transactions, &positions, &count));
    ret_reply->has_more = count > limit;
    if (ret_reply->has_more) {
        count = limit;
        ret_reply->has_next = true;
        ret_reply->next = write_cursor(arena, positions[count - 1]);
    }
    ret_reply->data = transactions;
    ret_reply->data_count = count;
    return STATUS_OK;
}
