/* What staff sees of the provider's reports, and what it notes. */
#include "actors/payment/reconcile_office_store.h"
#include "payment_handlers.h"
#include "runtime/plain_text.h"

enum { PAGE_DEFAULT = 20 };

/* ---- days ---- */

/* Behind a page stand the days before its last one. */
enum status payment_handle_list_reconciliations(struct request *request,
                                                const struct payment_list_reconciliations *query,
                                                struct payment_reconciliation_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    int64_t before_day = INT64_MAX;
    if (query->has_after && reconcile_day_parse(query->after, &before_day) != STATUS_OK)
        return request_refuse_cursor(request);
    struct payment_reconciliation *days;
    size_t count;
    TRY(reconcile_store_list_days(request, before_day, limit + 1, &days, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct payment_reconciliation_page){
        .data = days, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) ret_reply->next = days[count - 1].day;
    return STATUS_OK;
}

/* ---- differences ---- */

static enum status read_filter(struct request *request,
                               const struct payment_list_differences *query,
                               struct reconcile_filter *ret_filter)
{
    struct reconcile_filter filter = {
        .before = { .at_us = INT64_MAX },
        .state = !query->has_open ? ""
                 : query->open    ? "open"
                                  : "over",
        .day = -1,
        .kind = query->has_kind ? payment_difference_kind_names[query->kind] : "",
    };
    if (query->has_difference_id) filter.difference_id = query->difference_id;
    if (query->has_day && reconcile_day_parse(query->day, &filter.day) != STATUS_OK)
        return request_refuse(request, "/day", STATUS_INVALID_PARAMETER,
                              "A day, as in 2026-12-01.");
    if (query->has_after) TRY(list_place_read(request, query->after, &filter.before));
    *ret_filter = filter;
    return STATUS_OK;
}

enum status payment_handle_list_differences(struct request *request,
                                            const struct payment_list_differences *query,
                                            struct payment_difference_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    struct reconcile_filter filter;
    struct payment_difference *differences;
    size_t count;
    TRY(read_filter(request, query, &filter));
    TRY(reconcile_store_list_differences(request, &filter, limit + 1, &differences, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct payment_difference_page){
        .data = differences, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next = list_place_write(
            request_arena(request), differences[count - 1].found_at_us, differences[count - 1].id);
    return STATUS_OK;
}

enum status payment_handle_settle_difference(struct request *request,
                                             const struct payment_settle_difference *command)
{
    const struct reconcile_filter filter = { .before = { .at_us = INT64_MAX },
                                             .difference_id = command->difference_id,
                                             .state = "",
                                             .day = -1,
                                             .kind = "" };
    struct payment_difference *found;
    size_t count;
    if (!plain_text_is_reason(command->reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    TRY(reconcile_store_list_differences(request, &filter, 1, &found, &count));
    if (count == 0) return STATUS_NOT_FOUND;
    if (found->state != PAYMENT_DIFFERENCE_STATE_OPEN) return STATUS_ILLEGAL_TRANSITION;
    reconcile_store_settle(request, command->difference_id, command->reason);
    return STATUS_OK;
}
