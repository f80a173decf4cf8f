/* How a domain lists what it knows of card payments (messages/books.toml): all list in one form. */
#pragma once

#include "actors/host/request.h"
#include "books_messages.h"

/* The columns of each row: id, currency, is_topup, is_open, captured, refunded, refunding,
 * disputed, lost (NULL: nobody here knows), changed_at. */
void card_books_read(const struct rows *rows, struct arena *arena,
                     struct common_card_books *ret_books);
/* `$1` of the statement is the id behind which it goes on, `$2` how many it lists at most. WAITS.
 * Statuses: those of request_query(). */
MUST_CHECK enum status card_books_list(struct request *request, const struct statement *statement,
                                       const struct books_list_card_books *query,
                                       struct common_card_books *ret_books);
