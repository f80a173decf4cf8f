/* What the ledger knows of card payments, to be held against them (messages/books.toml). */
#include "actors/host/request.h"
#include "storage/values.h"
#include "wallet_handlers.h"

static const struct statement books_statement = {
    .name = "wallet_card_books",
    .sql = "SELECT b.payment_id, b.currency, b.wallet_id IS NOT NULL, b.captured, b.refunded, "
           "b.disputed FROM wallet.payment_book b WHERE b.payment_id > $1 "
           "ORDER BY b.payment_id LIMIT $2",
};

enum status wallet_handle_list_card_books(struct request *request,
                                          const struct books_list_card_books *query,
                                          struct common_card_books *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, arena, query->has_after ? query->after : (struct uuid){ 0 });
    param_int(&params, arena, query->limit);
    TRY(request_query(request, &books_statement, &params, &rows));
    struct common_card_book *books = arena_allocate_array(arena, rows.count, sizeof *books);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        books[i].id = row_uuid(&row);
        books[i].currency = row_text(&row);
        books[i].is_topup = row_bool(&row);
        books[i].captured = row_int(&row);
        books[i].refunded = row_int(&row);
        books[i].disputed = row_int(&row);
    }
    *ret_reply = (struct common_card_books){ .books = books, .books_count = rows.count };
    return STATUS_OK;
}
