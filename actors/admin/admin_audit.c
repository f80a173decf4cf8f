/* The audit trail: what every domain tells, and the list of it. */
#include "actors/admin/admin_audit_store.h"
#include "admin_handlers.h"

enum { LIST_LIMIT_DEFAULT = 20 };

/* The command's id follows from the event's, so that an event that is told twice is one entry. */
static enum status record(struct request *request, const struct common_audit_entry *entry)
{
    const struct admin_record_entry command = { .place = entry->request_id, .entry = *entry };
    return request_ask(request, &admin_record_entry_message, &command, NULL);
}

enum status admin_handle_record_entry(struct request *request,
                                      const struct admin_record_entry *command)
{
    admin_audit_store_add(request, &command->entry);
    return STATUS_OK;
}

enum status admin_on_user_action_was_audited(struct request *request,
                                             const struct user_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_on_vendor_action_was_audited(struct request *request,
                                               const struct vendor_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_on_catalog_action_was_audited(struct request *request,
                                                const struct catalog_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_on_order_action_was_audited(struct request *request,
                                              const struct order_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_on_wallet_action_was_audited(struct request *request,
                                               const struct wallet_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status
admin_on_notification_action_was_audited(struct request *request,
                                         const struct notification_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_handle_list_audit(struct request *request, const struct admin_list_audit *query,
                                    struct admin_audit_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : LIST_LIMIT_DEFAULT;
    /* Before `to`: behind it with the least id. */
    struct admin_cursor cursor = { .at_us = query->has_to ? query->to_us : INT64_MAX };
    struct admin_audit_record *records;
    size_t count;
    if (query->has_after) TRY(admin_cursor_read(query->after, &cursor));
    TRY(admin_audit_store_list(request, query, &cursor, limit + 1, &records, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct admin_audit_page){
        .data = records, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more) {
        cursor = (struct admin_cursor){ records[count - 1].at_us, records[count - 1].id };
        ret_reply->next = admin_cursor_write(request_arena(request), &cursor);
    }
    return STATUS_OK;
}
