/* The audit trail: what every domain tells, and the list of it. */
#include "actors/admin/admin_audit_store.h"
#include "actors/admin/admin_guard.h"
#include "actors/identity/identity_guard.h"
#include "actors/identity/identity_secret.h"
#include "admin_handlers.h"

enum { LIST_LIMIT_DEFAULT = 20 };

/* An event may be delivered twice. The id of this command follows from the event's, so it is one
 * entry all the same. */
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

/* ---- by whom there was no principal yet ---- */

void admin_audit_self(struct request *request, const struct message *action, struct uuid staff_id,
                      struct text reason)
{
    assert(action != NULL);
    const struct text client = request_client(request);
    const struct text who = identity_id_text(request_arena(request), "adm", staff_id);
    const struct common_audit_entry entry = {
        .at_us = request_now_us(request),
        .request_id = request_id_text(request),
        .action = text_of(action->name),
        .principal = who,
        .subject = who,
        .has_reason = reason.length > 0,
        .reason = reason,
        .request = TEXT("{}"),
        .has_client = client.length > 0,
        .client = client,
    };
    admin_audit_store_add(request, &entry);
}

/* Asked for an unknown address, too, under an id that nobody has: the time must not tell. */
enum status admin_audit_lockout(struct request *request, enum identity_guard_kind kind,
                                struct text subject, struct uuid staff_id)
{
    bool is_locked;
    TRY(identity_guard_is_locked(request, kind, subject, &is_locked));
    if (!is_locked) return STATUS_OK;
    const struct admin_record_lockout command = {
        .place = request_id_text(request),
        .staff_id = uuid_is_zero(staff_id) ? request_new_root_id(request) : staff_id,
        .proof = kind == IDENTITY_GUARD_SECOND_FACTOR ? TEXT("one-time code") : TEXT("password"),
    };
    return request_ask(request, &admin_record_lockout_message, &command, NULL);
}

/* A refused sign-in commits nothing, so the entry is written by a message of its own. */
enum status admin_handle_record_lockout(struct request *request,
                                        const struct admin_record_lockout *command)
{
    struct admin_account account;
    const enum status found = admin_store_find(request, command->staff_id, &account);
    if (found == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(found);
    const struct text reason = text_format(request_arena(request), "too many wrong tries: %.*s",
                                           (int)command->proof.length, command->proof.data);
    admin_audit_self(request, &admin_record_lockout_message, account.id, reason);
    return STATUS_OK;
}

/* ---- told and listed ---- */

enum status admin_on_told_action_was_audited(struct request *request,
                                             const struct told_action_was_audited *event)
{
    return record(request, &event->entry);
}

enum status admin_handle_list_audit(struct request *request, const struct admin_list_audit *query,
                                    struct admin_audit_page *ret_reply)
{
    const int64_t limit = query->has_limit ? query->limit : LIST_LIMIT_DEFAULT;
    /* A place at `to` with the least id: everything before that time. */
    struct list_place place = { .at_us = query->has_to ? query->to_us : INT64_MAX };
    struct admin_audit_record *records;
    size_t count;
    if (query->has_after) TRY(list_place_read(request, query->after, &place));
    TRY(admin_audit_store_list(request, query, &place, limit + 1, &records, &count));
    const bool has_more = count > (size_t)limit;
    if (has_more) count = (size_t)limit;
    *ret_reply = (struct admin_audit_page){
        .data = records, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_reply->next = list_place_write(request_arena(request), records[count - 1].created_at_us,
                                           records[count - 1].id);
    return STATUS_OK;
}
