/* Invoices that are due: the buyer of a checkout is reminded when they are, and once more after
 * market.invoice_reminder, as long as something is owed. The row says when next, so nobody is
 * reminded twice of one day. */
#include "actors/order/invoice_reminder.h"

#include "actors/host/ask_each.h"
#include "actors/order/order_due.h"
#include "actors/order/order_life_door.h"
#include "actors/order/order_life_notice.h"
#include "actors/order/order_offline_store.h"
#include "order_handlers.h"

enum { INVOICES_SWEPT = 64 };

static enum status tell(struct request *request, const struct order_invoice_due *due)
{
    struct order_life *life;
    if (due->owed == 0) return STATUS_OK;
    TRY(order_life_open(request, due->order_id, TEXT(""), &life));
    return order_life_tell_due(request, life, due->owed);
}

/* Looked at again: it may have been paid since it was listed. */
enum status order_handle_remind_of_invoice(struct request *request,
                                           const struct order_remind_of_invoice *command)
{
    const int64_t now_us = request_now_us(request);
    const int64_t pause_us =
        config_duration_us(request_config(request), SETTING_MARKET_INVOICE_REMINDER);
    struct order_invoice_due due;
    const enum status found = order_offline_store_find_invoice(request, command->group_id, &due);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    if (due.remind_at_us > now_us) return STATUS_OK;
    order_offline_store_remind(request, command->group_id, due.remind_at_us,
                               order_offline_next_reminder(&due, now_us, pause_us));
    return tell(request, &due);
}

static enum status begin_reminder(struct request *request, const void *context, size_t index,
                                  struct request_ask **ret_ask)
{
    const struct due_object *due = context;
    const struct order_remind_of_invoice command = { .group_id = due[index].id };
    return request_ask_begin(request, &order_remind_of_invoice_message, &command, ret_ask);
}

static const struct statement due_statement = {
    .name = "order_invoices_due",
    .sql = "SELECT id, id FROM \"order\".order_group WHERE invoice_remind_at <= $1 "
           "AND get_byte(uuid_send(id), 15) & 63 BETWEEN $2 AND $3 "
           "ORDER BY invoice_remind_at LIMIT $4",
};

enum status invoice_reminder_sweep(struct request *request, unsigned shard_first,
                                   unsigned shard_last)
{
    const struct due_object *due;
    size_t count;
    TRY(order_due_list(request, &due_statement, shard_first, shard_last, INVOICES_SWEPT, &due,
                       &count));
    return request_ask_each(request, count, begin_reminder, due);
}
