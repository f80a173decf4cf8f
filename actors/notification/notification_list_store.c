/* SQL of what is listed, read, kept for tests, and forgotten. */
#include <string.h>

#include "actors/notification/notification_row.h"

static enum status run_list(struct request *request, const struct statement *statement,
                            const struct store_params *params, struct notification_rows *ret_rows)
{
    struct arena *arena = request_arena(request);
    struct rows rows;
    TRY(request_query(request, statement, params, &rows));
    struct notification_row *read = arena_allocate_array(arena, rows.count, sizeof *read);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        notification_row_read(&row, arena, &read[i]);
    }
    *ret_rows = (struct notification_rows){ .rows = read, .count = rows.count };
    return STATUS_OK;
}

#define INBOX_SQL " WHERE m.person = $1 AND m.channel = 'in_app' AND m.state = 'sent' AND m.id < $2"
#define NEWEST_SQL " ORDER BY m.id DESC LIMIT $3"

enum status notification_store_inbox(struct request *request, struct text person, bool only_unread,
                                     struct uuid before, int64_t limit,
                                     struct notification_rows *ret_rows)
{
    static const struct statement inbox = {
        .name = "notification_inbox",
        .sql = NOTIFICATION_SELECT INBOX_SQL NEWEST_SQL,
    };
    static const struct statement unread = {
        .name = "notification_inbox_unread",
        .sql = NOTIFICATION_SELECT INBOX_SQL " AND m.read_at IS NULL" NEWEST_SQL,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, person);
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    return run_list(request, only_unread ? &unread : &inbox, params, ret_rows);
}

enum status notification_store_unread(struct request *request, struct text person,
                                      int64_t *ret_count)
{
    static const struct statement count = {
        .name = "notification_count_unread",
        .sql = "SELECT count(*) FROM (SELECT 1 FROM notification.message WHERE person = $1"
               " AND channel = 'in_app' AND state = 'sent' AND read_at IS NULL LIMIT $2) u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_text(params, arena, person);
    param_int(params, arena, NOTIFICATION_UNREAD_MAX);
    struct rows rows;
    TRY(request_query(request, &count, params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_count = row_int(&row);
    return STATUS_OK;
}

/* $1 before, $2 limit, $3 state or '', $4 channel or ''. */
#define FILTER_SQL                                                                                 \
    " AND CASE WHEN $3 = '' THEN true ELSE m.state = $3 END"                                       \
    " AND CASE WHEN $4 = '' THEN true ELSE m.channel = $4 END ORDER BY m.id DESC LIMIT $2"

/* Those that still need somebody are few and have an index of their own. */
static bool is_open_state(enum notification_message_state state)
{
    return state != NOTIFICATION_MESSAGE_STATE_SENT &&
           state != NOTIFICATION_MESSAGE_STATE_SUPPRESSED;
}

enum status notification_store_deliveries(struct request *request,
                                          const struct notification_list_deliveries *query,
                                          struct uuid before, int64_t limit,
                                          struct notification_rows *ret_rows)
{
    static const struct statement all = {
        .name = "notification_deliveries",
        .sql = NOTIFICATION_SELECT " WHERE m.id < $1" FILTER_SQL,
    };
    static const struct statement open = {
        .name = "notification_deliveries_open",
        .sql = NOTIFICATION_SELECT " WHERE m.id < $1 AND m.state = $3"
                                   " AND m.state IN ('queued', 'sending', 'retrying', 'dead')"
                                   " AND CASE WHEN $4 = '' THEN true ELSE m.channel = $4 END"
                                   " ORDER BY m.id DESC LIMIT $2",
    };
    static const struct statement of_recipient = {
        .name = "notification_deliveries_of",
        .sql = NOTIFICATION_SELECT " WHERE m.recipient_id = $5 AND m.id < $1" FILTER_SQL,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    param_text(params, arena,
               text_of(query->has_state ? notification_message_state_names[query->state] : ""));
    param_text(params, arena,
               text_of(query->has_channel ? notification_channel_names[query->channel] : ""));
    if (query->has_recipient) param_uuid(params, arena, query->recipient);
    const bool is_open = query->has_state && is_open_state(query->state);
    return run_list(request, query->has_recipient ? &of_recipient : (is_open ? &open : &all),
                    params, ret_rows);
}

void notification_store_read(struct request *request, struct uuid id)
{
    static const struct statement read = {
        .name = "notification_read",
        .sql = "UPDATE notification.message SET read_at = $2 WHERE id = $1 AND read_at IS NULL",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &read);
    param_uuid(params, arena, id);
    param_int(params, arena, request_now_us(request));
}

void notification_store_read_all(struct request *request, struct text person)
{
    static const struct statement read = {
        .name = "notification_read_all",
        .sql = "UPDATE notification.message SET read_at = $2 WHERE id IN (SELECT id"
               " FROM notification.message WHERE person = $1 AND channel = 'in_app'"
               " AND state = 'sent' AND read_at IS NULL ORDER BY id DESC LIMIT $3)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &read);
    param_text(params, arena, person);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, NOTIFICATION_READ_AT_ONCE_MAX);
}

/* ---- choices ---- */

enum status notification_store_choices(struct request *request, struct uuid user_id,
                                       struct notification_choices *ret_choices)
{
    static const struct statement find = {
        .name = "notification_choices",
        .sql = "SELECT chosen, enabled, version FROM notification.choices WHERE user_id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, user_id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    *ret_choices = (struct notification_choices){ .user_id = user_id, .version = 1 };
    if (rows.count == 0) return STATUS_OK;
    struct row row = rows_at(&rows, 0);
    ret_choices->chosen = row_int(&row);
    ret_choices->enabled = row_int(&row);
    ret_choices->version = row_int(&row);
    return STATUS_OK;
}

enum status notification_store_many_choices(struct request *request, const struct uuid *user_ids,
                                            size_t count,
                                            const struct notification_choices **ret_choices,
                                            size_t *ret_count)
{
    static const struct statement find = {
        .name = "notification_many_choices",
        .sql = "SELECT user_id, chosen, enabled, version FROM notification.choices"
               " WHERE user_id = ANY ($1)",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid_array(params, arena, user_ids, count);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    struct notification_choices *choices = arena_allocate_array(arena, rows.count, sizeof *choices);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        choices[i].user_id = row_uuid(&row);
        choices[i].chosen = row_int(&row);
        choices[i].enabled = row_int(&row);
        choices[i].version = row_int(&row);
    }
    *ret_choices = choices;
    *ret_count = rows.count;
    return STATUS_OK;
}

void notification_store_save_choices(struct request *request,
                                     const struct notification_choices *choices)
{
    static const struct statement add = {
        .name = "notification_add_choices",
        .sql = "INSERT INTO notification.choices (user_id, chosen, enabled, version)"
               " VALUES ($1, $2, $3, $4)",
        .on_duplicate = STATUS_CONFLICT,
    };
    static const struct statement save = {
        .name = "notification_save_choices",
        .sql = "WITH u AS (UPDATE notification.choices SET chosen = $2, enabled = $3, version = $4"
               " WHERE user_id = $1 AND version = $4 - 1 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, choices->version == 2 ? &add : &save);
    param_uuid(params, arena, choices->user_id);
    param_int(params, arena, choices->chosen);
    param_int(params, arena, choices->enabled);
    param_int(params, arena, choices->version);
}

/* ---- what was sent ---- */

enum { CAPTURED_TEXTS = 6 };

static void describe_capture(const struct notification_captured_message *message,
                             struct text ret_texts[CAPTURED_TEXTS])
{
    const struct text texts[] = {
        text_of(notification_channel_names[message->channel]),
        message->to,
        message->subject,
        message->text,
        text_of(common_notice_kind_names[message->kind]),
        message->message_id,
    };
    static_assert(ARRAY_LENGTH(texts) == CAPTURED_TEXTS, "columns");
    memcpy(ret_texts, texts, sizeof texts);
}

void notification_store_capture(struct request *request,
                                const struct notification_capture *captures, size_t count)
{
    static const struct statement add = {
        .name = "notification_capture",
        .sql = "INSERT INTO notification.captured (at, notification_id, recipient_id, channel,"
               " recipient, subject, body, kind, message_id)"
               " SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[],"
               " $6::text[], $7::text[], $8::text[], $9::text[])",
    };
    assert(count > 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add);
    struct uuid *ids = arena_allocate_array(arena, count, sizeof *ids);
    struct uuid *recipient_ids = arena_allocate_array(arena, count, sizeof *recipient_ids);
    struct text *texts[CAPTURED_TEXTS];
    for (size_t k = 0; k < CAPTURED_TEXTS; k++)
        texts[k] = arena_allocate_array(arena, count, sizeof *texts[k]);
    for (size_t i = 0; i < count; i++) {
        struct text row_texts[CAPTURED_TEXTS];
        describe_capture(&captures[i].message, row_texts);
        ids[i] = captures[i].message.notification_id;
        recipient_ids[i] = captures[i].recipient_id;
        for (size_t k = 0; k < CAPTURED_TEXTS; k++)
            texts[k][i] = row_texts[k];
    }
    param_int(params, arena, captures[0].message.at_us);
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, recipient_ids, count);
    for (size_t k = 0; k < CAPTURED_TEXTS; k++)
        param_text_array(params, arena, texts[k], count);
}

void notification_store_trim_captured(struct request *request)
{
    static const struct statement trim = {
        .name = "notification_trim_captured",
        .sql = "DELETE FROM notification.captured"
               " WHERE seq <= (SELECT max(seq) FROM notification.captured) - $1",
    };
    param_int(request_write(request, &trim), request_arena(request), NOTIFICATION_CAPTURED_MAX);
}

/* Ids are in the order of time, so the oldest are the first of the primary key. */
void notification_store_trim_messages(struct request *request, int64_t before_us)
{
    static const struct statement trim = {
        .name = "notification_trim_messages",
        .sql = "DELETE FROM notification.message WHERE id IN (SELECT id FROM notification.message"
               " WHERE id < $1 AND next_attempt_at IS NULL ORDER BY id LIMIT $2)",
    };
    static const uint8_t first[10];
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &trim);
    param_uuid(params, arena, uuid_make(before_us, first, 0));
    param_int(params, arena, NOTIFICATION_TRIMMED_MAX);
}

static void read_captured(struct row *row, struct notification_captured_message *ret_message)
{
    ret_message->at_us = row_int(row);
    const size_t channel = notification_find_name(notification_channel_names,
                                                  NOTIFICATION_CHANNEL_COUNT, row_text(row));
    ret_message->to = row_text(row);
    ret_message->subject = row_text(row);
    ret_message->text = row_text(row);
    ret_message->notification_id = row_uuid(row);
    const size_t kind =
        notification_find_name(common_notice_kind_names, COMMON_NOTICE_KIND_COUNT, row_text(row));
    assert(channel < NOTIFICATION_CHANNEL_COUNT && kind < COMMON_NOTICE_KIND_COUNT);
    ret_message->channel = (enum notification_channel)channel;
    ret_message->kind = (enum common_notice_kind)kind;
    ret_message->message_id = row_text(row);
}

#define CAPTURED_SQL                                                                               \
    "SELECT seq, at, channel, recipient, subject, body, notification_id, kind, message_id"         \
    " FROM notification.captured WHERE seq < $1"
#define CAPTURED_END_SQL                                                                           \
    " AND CASE WHEN $3 = '' THEN true ELSE channel = $3 END ORDER BY seq DESC LIMIT $2"

enum status notification_store_captured(struct request *request,
                                        const struct notification_list_outbox *query,
                                        int64_t before, int64_t limit,
                                        const struct notification_captured_message **ret_messages,
                                        const int64_t **ret_seqs, size_t *ret_count)
{
    static const struct statement all = {
        .name = "notification_captured",
        .sql = CAPTURED_SQL CAPTURED_END_SQL,
    };
    static const struct statement to = {
        .name = "notification_captured_to",
        .sql = CAPTURED_SQL " AND recipient = $4" CAPTURED_END_SQL,
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, before);
    param_int(params, arena, limit);
    param_text(params, arena,
               text_of(query->has_channel ? notification_channel_names[query->channel] : ""));
    if (query->has_recipient) param_text(params, arena, query->recipient);
    struct rows rows;
    TRY(request_query(request, query->has_recipient ? &to : &all, params, &rows));
    struct notification_captured_message *messages =
        arena_allocate_array(arena, rows.count, sizeof *messages);
    int64_t *seqs = arena_allocate_array(arena, rows.count, sizeof *seqs);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        seqs[i] = row_int(&row);
        read_captured(&row, &messages[i]);
    }
    *ret_messages = messages;
    *ret_seqs = seqs;
    *ret_count = rows.count;
    return STATUS_OK;
}

/* ---- forgetting ---- */

/* The last message, that the account is erased, is still sent: it says nothing of the person. */
void notification_store_forget(struct request *request, struct uuid user_id)
{
    static const struct statement forget = {
        .name = "notification_forget",
        .sql = "UPDATE notification.message SET facts = '', version = version + 1,"
               " suppressed_why = CASE WHEN state IN ('queued', 'sending', 'retrying', 'dead')"
               " THEN 'erased' ELSE suppressed_why END,"
               " state = CASE WHEN state IN ('queued', 'sending', 'retrying', 'dead')"
               " THEN 'suppressed' ELSE state END, next_attempt_at = NULL"
               " WHERE recipient_id = $1 AND kind <> 'account_erased' AND channel <> 'in_app'",
    };
    static const struct statement empty_inbox = {
        .name = "notification_forget_inbox",
        .sql = "DELETE FROM notification.message WHERE recipient_id = $1 AND channel = 'in_app'",
    };
    static const struct statement mark = {
        .name = "notification_mark_erased",
        .sql = "INSERT INTO notification.erased (user_id) VALUES ($1) ON CONFLICT DO NOTHING",
    };
    static const struct statement forget_choices = {
        .name = "notification_forget_choices",
        .sql = "DELETE FROM notification.choices WHERE user_id = $1",
    };
    static const struct statement forget_captured = {
        .name = "notification_forget_captured",
        .sql = "DELETE FROM notification.captured WHERE recipient_id = $1",
    };
    struct arena *arena = request_arena(request);
    param_uuid(request_write(request, &mark), arena, user_id);
    param_uuid(request_write(request, &forget), arena, user_id);
    param_uuid(request_write(request, &empty_inbox), arena, user_id);
    param_uuid(request_write(request, &forget_choices), arena, user_id);
    param_uuid(request_write(request, &forget_captured), arena, user_id);
}
