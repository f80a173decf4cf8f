/* What the ledger knows of card payments, to be held against them (messages/books.toml). */
#include "actors/host/card_books.h"
#include "wallet_handlers.h"

static const struct statement books_statement = {
    .name = "wallet_card_books",
    .sql = "SELECT b.payment_id, b.currency, b.wallet_id IS NOT NULL, false, b.captured, "
           "b.refunded, 0::bigint, b.disputed, NULL::bigint, 0::bigint FROM wallet.payment_book b "
           "WHERE b.payment_id > $1 "
           "ORDER BY b.payment_id LIMIT $2",
};

enum status wallet_handle_list_card_books(struct request *request,
                                          const struct books_list_card_books *query,
                                          struct common_card_books *ret_reply)
{
    return card_books_list(request, &books_statement, query, ret_reply);
}
