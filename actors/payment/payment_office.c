/* What staff sees of payments, and what it may do: ask again, note what was looked at. */
#include "actors/payment/payment_begin.h"
#include "actors/payment/payment_office_store.h"
#include "actors/payment/payment_store.h"
#include "payment_handlers.h"
#include "runtime/plain_text.h"

enum {
    PAGE_DEFAULT = 20,
    OPERATIONS_MAX = 100 /* of the reply */
};

/* ---- lists ---- */

enum status payment_handle_list_payments(struct request *request,
                                         const struct payment_list_payments *query,
                                         struct payment_payment_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : PAGE_DEFAULT;
    struct list_place place = { .at_us = query->has_to ? query->to_us : INT64_MAX };
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    struct payment_managed_payment *payments;
    size_t count;
    TRY(payment_store_list(request, query, &place, limit + 1, &payments, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct payment_payment_page){
        .data = payments, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next = list_place_write(
            request_arena(request), payments[count - 1].created_at_us, payments[count - 1].id);
    return STATUS_OK;
}

enum status payment_handle_get_payment_details(struct request *request,
                                               const struct payment_get_payment_details *query,
                                               struct payment_payment_details *ret_reply)
{
    struct payment *payment;
    struct payment_payment_operation *operations;
    TRY(payment_store_find_managed(request, query->payment_id, &ret_reply->payment));
    TRY(payment_store_load(request, query->payment_id, &payment));
    TRY(payment_store_list_operations(request, payment->id, payment->amount.currency,
                                      OPERATIONS_MAX, &operations, &ret_reply->operations_count));
    ret_reply->operations = operations;
    ret_reply->facts = payment->facts;
    ret_reply->facts_count = payment->facts_count;
    return STATUS_OK;
}

/* ---- acts ---- */

static enum status load(struct request *request, struct uuid payment_id,
                        struct payment **ret_payment)
{
    TRY(payment_store_load(request, payment_id, ret_payment));
    return (*ret_payment)->is_mark ? STATUS_NOT_FOUND : STATUS_OK;
}

/* What is due after that is begun by the next look. */
enum status payment_handle_ask_provider(struct request *request,
                                        const struct payment_ask_provider *command,
                                        struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(load(request, command->payment_id, &payment));
    TRY(payment_ask_again(request, payment));
    request_audit(request, "pay", payment->id, (struct text){ 0 });
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

enum status payment_handle_settle_mismatch(struct request *request,
                                           const struct payment_settle_mismatch *command,
                                           struct payment_payment *ret_reply)
{
    struct payment *payment;
    TRY(load(request, command->payment_id, &payment));
    if (!plain_text_is_reason(command->reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    int64_t count = 0;
    for (size_t i = 0; i < payment->facts_count; i++)
        if (payment->facts[i].fact == PAYMENT_FACT_MISMATCH) count++;
    if (count == 0) return STATUS_ILLEGAL_TRANSITION;
    payment_store_see_mismatches(request, payment->id, count);
    request_audit(request, "pay", payment->id, (struct text){ 0 });
    *ret_reply = payment_show(payment);
    return STATUS_OK;
}

enum status payment_handle_discard_event(struct request *request,
                                         const struct payment_discard_event *command)
{
    bool has;
    TRY(payment_store_has_parked(request, command->event_id, &has));
    if (!has) return STATUS_NOT_FOUND;
    payment_store_discard_event(request, command->event_id);
    return STATUS_OK;
}

enum status payment_handle_list_stuck(struct request *request, const struct queue_list_stuck *query,
                                      struct common_stuck_items *ret_reply)
{
    return payment_store_list_stuck(request, query, ret_reply);
}
