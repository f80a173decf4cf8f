/* What payments know of themselves, to be held against orders and ledger (messages/books.toml). */
#include "actors/host/card_books.h"
#include "payment_handlers.h"
#include "storage/values.h"

/* Open is what has something due or under way, and what stands in staff's queue for a reason that
 * keeps it from being what it should be. */
#define BOOKS                                                                                      \
    "SELECT p.id, p.currency, p.purpose = 'topup', p.operation_id IS NOT NULL "                    \
    "OR p.due_at IS NOT NULL OR p.status = 'authorised' "                                          \
    "OR (p.has_mismatch AND p.mismatches_seen < (SELECT count(*) FROM payment.fact f "             \
    "WHERE f.payment_id = p.id AND f.fact = 'mismatch')) "                                         \
    "OR EXISTS (SELECT FROM payment.operation o WHERE o.payment_id = p.id "                        \
    "AND o.state IN ('unknown', 'not_taken', 'shut') AND (p.goal <> 'take' "                       \
    "OR (o.state = 'unknown' AND NOT EXISTS (SELECT FROM payment.operation n "                     \
    "WHERE n.payment_id = p.id AND n.state = 'said' AND n.began_at > o.began_at)))), "             \
    "p.captured, p.refunded, p.refunding + coalesce((SELECT sum(r.amount)::bigint "                \
    "FROM payment.refund r WHERE r.payment_id = p.id "                                             \
    "AND r.state IN ('requested', 'unknown')), 0), p.disputed + p.lost, p.lost, p.updated_at "     \
    "FROM payment.payment p WHERE p.amount > 0 "

static const struct statement books_statement = {
    .name = "payment_card_books",
    .sql = BOOKS "AND p.id > $1 AND (p.captured > 0 OR p.authorised > 0) ORDER BY p.id LIMIT $2",
};

enum status payment_handle_list_card_books(struct request *request,
                                           const struct books_list_card_books *query,
                                           struct common_card_books *ret_reply)
{
    return card_books_list(request, &books_statement, query, ret_reply);
}

static const struct statement book_statement = {
    .name = "payment_card_book",
    .sql = BOOKS "AND p.id = $1",
};

enum status payment_handle_get_card_book(struct request *request,
                                         const struct books_get_card_book *query,
                                         struct common_card_books *ret_reply)
{
    struct store_params params = { 0 };
    struct rows rows;
    param_uuid(&params, request_arena(request), query->payment_id);
    TRY(request_query(request, &book_statement, &params, &rows));
    card_books_read(&rows, request_arena(request), ret_reply);
    return STATUS_OK;
}
