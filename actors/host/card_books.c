/* Rows of what is known of card payments. */
#include "actors/host/card_books.h"

#include "storage/values.h"

void card_books_read(const struct rows *rows, struct arena *arena,
                     struct common_card_books *ret_books)
{
    struct common_card_book *books = arena_allocate_array(arena, rows->count, sizeof *books);
    for (size_t i = 0; i < rows->count; i++) {
        struct row row = rows_at(rows, i);
        books[i].id = row_uuid(&row);
        books[i].currency = row_text(&row);
        books[i].is_topup = row_bool(&row);
        books[i].is_open = row_bool(&row);
        books[i].captured = row_int(&row);
        books[i].refunded = row_int(&row);
        books[i].refunding = row_int(&row);
        books[i].disputed = row_int(&row);
        books[i].has_lost = !row_skip_null(&row);
        if (books[i].has_lost) books[i].lost = row_int(&row);
        books[i].changed_at_us = row_int(&row);
    }
    *ret_books = (struct common_card_books){ .books = books, .books_count = rows->count };
}

enum status card_books_list(struct request *request, const struct statement *statement,
                            const struct books_list_card_books *query,
                            struct common_card_books *ret_books)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    param_uuid(params, arena, query->has_after ? query->after : (struct uuid){ { 0 } });
    param_int(params, arena, query->limit);
    TRY(request_query(request, statement, params, &rows));
    card_books_read(&rows, arena, ret_books);
    return STATUS_OK;
}
