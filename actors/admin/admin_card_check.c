/* Asks for a page of all three, compares it, and goes on behind it. Each page is a question of its
 * own, whose memory ends with it. */
#include "actors/admin/admin_card_check.h"

#include "actors/admin/admin_card_books.h"
#include "admin_handlers.h"
#include "books_messages.h"

enum { PAGE = 500, VIOLATIONS_MAX = 20 };

/* Payments are read last: what moves while the others are read shows as just changed there. */
enum status admin_handle_compare_card_books(struct request *request,
                                            const struct admin_compare_card_books *query,
                                            struct admin_compared_card_books *ret_reply)
{
    const struct books_list_card_books question = { .has_after = query->has_after,
                                                    .after = query->after,
                                                    .limit = query->limit };
    struct admin_card_pages pages = { .limit = (size_t)query->limit };
    TRY(request_ask(request, books_messages_of(DOMAIN_WALLET)->list_card_books, &question,
                    &pages.ledger));
    TRY(request_ask(request, books_messages_of(DOMAIN_ORDER)->list_card_books, &question,
                    &pages.orders));
    TRY(request_ask(request, books_messages_of(DOMAIN_PAYMENT)->list_card_books, &question,
                    &pages.payments));
    const int64_t margin_us =
        config_duration_us(request_config(request), SETTING_BOOKS_SETTLED_AFTER);
    admin_card_compare(&pages, request_now_us(request) - margin_us, request_arena(request),
                       VIOLATIONS_MAX, ret_reply);
    return STATUS_OK;
}

bool admin_card_check(struct request *request, size_t most, struct admin_check *check)
{
    struct admin_compare_card_books query = { .limit = PAGE };
    struct admin_violation *violations =
        arena_allocate_array(request_arena(request), most, sizeof *violations);
    size_t found = 0;
    check->violations = violations;
    do {
        struct admin_compared_card_books compared;
        if (request_ask(request, &admin_compare_card_books_message, &query, &compared) != STATUS_OK)
            return false;
        for (size_t i = 0; i < compared.violations_count && found < most; i++)
            violations[found++] = compared.violations[i];
        check->compared += compared.compared;
        check->violations_count = found;
        query.has_after = compared.has_last;
        query.after = compared.last;
    } while (query.has_after && found < most);
    return true;
}
