/* Four eyes: what waits, who decides, and how it is done then. */
#include "actors/host/approval_store.h"

#include <string.h>

#include "actors/host/request_internal.h"
#include "admin_messages.h"
#include "messages/codec_json.h"
#include "messages/codec_msgpack.h"
#include "runtime/plain_text.h"

enum {
    PAGE_DEFAULT = 20,
    OPEN_MAX = 50,        /* that one member of the staff has waiting in a domain */
    REQUEST_MAX = 4096,   /* of JSON, as it is shown */
    BODY_MAX = 64 * 1024, /* of what is kept */
};

/* ---- judged ---- */

/* What was approved is what was asked for, to the last unit of money. */
static enum status use(struct request *request, const struct approval_wish *wish)
{
    struct approval *given = request->approval;
    if (!request->is_approval_used && uuid_equals(given->subject_id, wish->subject) &&
        money_equals(given->shown.amount, wish->amount)) {
        request->is_approval_used = true;
        return STATUS_OK;
    }
    return request_refuse(request, "", STATUS_APPROVAL_OUTDATED, NULL);
}

enum status approval_require(struct request *request, const struct approval_wish *wish)
{
    assert(wish->amount.amount >= 0);
    const int64_t from = config_int(request_config(request), SETTING_MARKET_REFUND_APPROVAL_FROM);
    int64_t alone, open;
    if (request->approval != NULL) return use(request, wish);
    if (request_principal(request)->kind != PRINCIPAL_ADMIN || wish->amount.amount == 0)
        return STATUS_OK;
    /* It is noted all the same: the sum of a day does not begin when somebody is asked for. */
    if (from == 0) {
        approval_store_note(request, wish, INT64_MAX);
        return STATUS_OK;
    }
    TRY(approval_store_count(request, wish, request_principal(request)->id, &alone, &open));
    if (alone + wish->amount.amount < from) {
        approval_store_note(request, wish, from);
        return STATUS_OK;
    }
    if (open >= OPEN_MAX)
        return request_refuse_full(request, "", STATUS_TOO_MANY_APPROVALS, OPEN_MAX,
                                   "So many of one person's wait at most.");
    request->approval_wish = arena_copy(request->arena, wish, sizeof *wish);
    return STATUS_NEEDS_APPROVAL;
}

struct uuid approval_requester(const struct request *request)
{
    return request->approval != NULL ? request->approval->shown.requested_by
                                     : request_principal(request)->id;
}

/* ---- asked for ---- */

/* A version that it is conditional on is no condition of what is done later. */
static const void *without_conditions(struct request *request, const struct schema *schema,
                                      const void *command)
{
    char *copy = arena_copy(request->arena, command, schema->size);
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->list_max == 0 || field->header == NULL || strcmp(field->header, "If-Match") != 0)
            continue;
        const size_t none = 0;
        memcpy(copy + field->presence_offset, &none, sizeof none);
    }
    return copy;
}

static struct text reason_of(const struct schema *schema, const void *command)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type != FIELD_TEXT || field->list_max > 0 ||
            !text_equals_string(TEXT("reason"), field->name))
            continue;
        if ((field->flags & FIELD_OPTIONAL) != 0 &&
            !*(const bool *)((const char *)command + field->presence_offset))
            break;
        return *(const struct text *)(const void *)((const char *)command + field->offset);
    }
    return TEXT("");
}

/* Longer ones are left out whole: half an object tells less than none. */
static struct text show_request(struct request *request, const struct schema *schema,
                                const void *command)
{
    struct text_builder json;
    text_builder_init(&json, request->arena, REQUEST_MAX);
    json_encode_open(schema, command, &json);
    return json.is_full ? TEXT("{}") : text_builder_view(&json);
}

/* The sums are of how much is moved, whichever way; whoever decides has to know which. */
static bool takes(const struct schema *schema, const void *command)
{
    for (size_t i = 0; i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type != FIELD_MONEY || field->list_max > 0 ||
            (field->flags & FIELD_OPTIONAL) != 0 ||
            !text_equals_string(TEXT("amount"), field->name))
            continue;
        const void *amount = (const char *)command + field->offset;
        return ((const struct money *)amount)->amount < 0;
    }
    return false;
}

static void show(struct request *request, const struct schema *schema, const void *command,
                 struct common_approval *shown)
{
    shown->request = show_request(request, schema, command);
    shown->is_taken = takes(schema, command);
}

/* Its audit entry says that it waits, or it would read as if it were done. */
static void audit(struct request *request, const struct approval_wish *wish, struct uuid id)
{
    char text[ID_TEXT_MAX + 1];
    (void)id_format("apv", id, text);
    request_audit(request, wish->prefix, wish->subject,
                  text_format(request->arena, "{\"waits_for\":\"%s\"}", text));
}

enum status approval_wait(struct request *request, const struct message *message,
                          const void *command, struct common_approval *ret_approval,
                          struct uuid *ret_subject)
{
    const struct approval_wish *wish = request->approval_wish;
    assert(wish != NULL);
    assert(request->started == NULL);
    request->unit = NULL; /* what was queued is the arena's, and is sent by nobody */
    request->remembered = NULL;
    request->approval_wish = NULL;
    const void *kept = without_conditions(request, message->body, command);
    struct approval approval = {
        .shown = { .id = request_new_id(request),
                   .state = COMMON_APPROVAL_STATE_OPEN,
                   .action = text_of(message->name),
                   .amount = wish->amount,
                   .reason = reason_of(message->body, command),
                   .requested_by = request_principal(request)->id,
                   .requested_at_us = request_now_us(request) },
        .number = message->number,
        .subject_id = wish->subject,
        .counted = wish->counted,
    };
    show(request, message->body, kept, &approval.shown);
    char *subject = arena_allocate(request->arena, ID_TEXT_MAX + 1);
    approval.shown.subject =
        (struct text){ subject, id_format(wish->prefix, wish->subject, subject) };
    approval.shown.expires_at_us =
        approval.shown.requested_at_us +
        config_duration_us(request_config(request), SETTING_MARKET_REFUND_APPROVAL_DEADLINE);
    TRY(msgpack_encode(message->body, kept, request->arena, BODY_MAX, &approval.body));
    approval_store_add(request, &approval);
    audit(request, wish, approval.shown.id);
    request_set_http_status(request, 202);
    *ret_approval = approval.shown;
    if (ret_subject != NULL) *ret_subject = wish->subject;
    return STATUS_OK;
}

/* ---- decided ---- */

static const struct dispatch_entry *find_entry(const struct request *request, uint16_t number)
{
    const struct dispatch_table *table = request->hosted->definition->dispatch;
    for (size_t i = 0; i < table->entries_count; i++)
        if (table->entries[i].message->number == number) return &table->entries[i];
    return NULL;
}

/* What waits, if the sender may decide it. */
static enum status open_for(struct request *request, struct uuid approval_id, struct text reason,
                            struct approval *ret_approval, const struct dispatch_entry **ret_entry)
{
    const struct principal *principal = request_principal(request);
    if (!plain_text_is_reason(reason))
        return request_refuse(request, "/reason", STATUS_INVALID_VALUE, PLAIN_TEXT_REASON_RULE);
    TRY(approval_store_find(request, approval_id, ret_approval));
    const struct dispatch_entry *entry = find_entry(request, ret_approval->number);
    if (ret_approval->shown.state != COMMON_APPROVAL_STATE_OPEN || entry == NULL ||
        ret_approval->body.length == 0)
        return request_refuse(request, "", STATUS_APPROVAL_ENDED, NULL);
    if (uuid_equals(ret_approval->shown.requested_by, principal->id))
        return request_refuse(request, "", STATUS_OWN_REQUEST, NULL);
    if ((principal->rights & entry->message->right) == 0) return STATUS_FORBIDDEN;
    *ret_entry = entry;
    return STATUS_OK;
}

/* A token that was good when it was asked for says nothing of the days since. */
static enum status require_right(struct request *request, const struct approval *approval,
                                 const struct message *message)
{
    const struct admin_get_staff_rights query = { .staff_id = approval->shown.requested_by };
    struct admin_staff_rights standing;
    TRY(request_ask(request, &admin_get_staff_rights_message, &query, &standing));
    return ((uint64_t)standing.rights & message->right) != 0
               ? STATUS_OK
               : request_refuse(request, "", STATUS_REQUESTER_LOST_RIGHT, NULL);
}

static void decide(struct request *request, struct common_approval *shown,
                   enum common_approval_state state, struct text reason)
{
    shown->state = state;
    shown->has_decided_by = true;
    shown->decided_by = request_principal(request)->id;
    shown->has_decided_at = true;
    shown->decided_at_us = request_now_us(request);
    shown->has_decision = true;
    shown->decision = reason;
    approval_store_decide(request, shown);
}

enum status approval_approve(struct request *request, struct uuid approval_id, struct text reason,
                             const struct message **ret_message, void **ret_reply,
                             struct common_approval *ret_approval)
{
    struct approval *approval = arena_allocate(request->arena, sizeof *approval);
    const struct dispatch_entry *entry;
    TRY(open_for(request, approval_id, reason, approval, &entry));
    const struct message *message = entry->message;
    TRY(require_right(request, approval, message));
    void *command = arena_allocate(request->arena, message->body->size);
    void *reply = arena_allocate(request->arena, message->reply->size);
    TRY(msgpack_decode(message->body, approval->body, request->arena, command));
    request->approval = approval;
    TRY(entry->handle(request, command, reply));
    if (!request->is_approval_used)
        return request_refuse(request, "", STATUS_APPROVAL_OUTDATED, NULL);
    /* The next message of this key decides anew: what it would be told is the subject's. */
    request_forget(request);
    decide(request, &approval->shown, COMMON_APPROVAL_STATE_APPROVED, reason);
    show(request, message->body, command, &approval->shown);
    *ret_message = message;
    *ret_reply = reply;
    *ret_approval = approval->shown;
    return STATUS_OK;
}

enum status approval_decline(struct request *request, struct uuid approval_id, struct text reason,
                             struct common_approval *ret_approval)
{
    struct approval approval;
    const struct dispatch_entry *entry;
    TRY(open_for(request, approval_id, reason, &approval, &entry));
    void *command = arena_allocate(request->arena, entry->message->body->size);
    TRY(msgpack_decode(entry->message->body, approval.body, request->arena, command));
    show(request, entry->message->body, command, &approval.shown);
    decide(request, &approval.shown, COMMON_APPROVAL_STATE_DECLINED, reason);
    *ret_approval = approval.shown;
    return STATUS_OK;
}

/* ---- looked at ---- */

static void fill_request(struct request *request, struct approval *approval)
{
    const struct message *message = message_find(approval->number);
    approval->shown.request = TEXT("{}");
    if (message == NULL || approval->body.length == 0) return;
    void *command = arena_allocate(request->arena, message->body->size);
    if (msgpack_decode(message->body, approval->body, request->arena, command) == STATUS_OK)
        show(request, message->body, command, &approval->shown);
}

enum status approval_list(struct request *request, const struct approvals_list_requests *query,
                          struct common_approvals *ret_page)
{
    const size_t limit = query->has_limit ? (size_t)query->limit : PAGE_DEFAULT;
    struct list_place place = { .at_us = INT64_MAX };
    struct approval *found;
    size_t count;
    if (query->has_after && query->after.length > 0)
        TRY(list_place_read(request, query->after, &place));
    TRY(approval_store_list(request, query, &place, (int64_t)limit + 1, &found, &count));
    const bool has_more = count > limit;
    if (has_more) count = limit;
    struct common_approval *data = arena_allocate_array(request->arena, count, sizeof *data);
    for (size_t i = 0; i < count; i++) {
        fill_request(request, &found[i]);
        data[i] = found[i].shown;
    }
    *ret_page = (struct common_approvals){
        .data = data, .data_count = count, .has_more = has_more, .has_next = has_more
    };
    if (has_more)
        ret_page->next =
            list_place_write(request->arena, data[count - 1].requested_at_us, data[count - 1].id);
    return STATUS_OK;
}
