/* SQL of the list of what was sent, for tests and demonstrations. */
#include "actors/notification/notification_capture_store.h"

#include <string.h>

enum { CAPTURED_TEXTS = 6 };

static void describe_capture(const struct notification_captured_message *message,
                             struct text ret_texts[CAPTURED_TEXTS])
{
    assert((unsigned)message->channel < NOTIFICATION_CHANNEL_COUNT);
    assert((unsigned)message->kind < COMMON_NOTICE_KIND_COUNT);
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

void notification_capture_store_add(struct request *request,
                                    const struct notification_capture *captures, size_t count)
{
    static const struct statement add = {
        .name = "notification_capture",
        .sql = "INSERT INTO notification.captured (at, notification_id, recipient_id, channel,"
               " recipient, subject, body, kind, message_id)"
               " SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[],"
               " $6::text[], $7::text[], $8::text[], $9::text[])",
    };
    assert(count >= 1);
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
    param_int(params, arena, captures[0].message.created_at_us);
    param_uuid_array(params, arena, ids, count);
    param_uuid_array(params, arena, recipient_ids, count);
    for (size_t k = 0; k < CAPTURED_TEXTS; k++)
        param_text_array(params, arena, texts[k], count);
}

void notification_capture_store_trim(struct request *request)
{
    static const struct statement trim = {
        .name = "notification_trim_captured",
        .sql = "DELETE FROM notification.captured"
               " WHERE seq <= (SELECT max(seq) FROM notification.captured) - $1",
    };
    param_int(request_write(request, &trim), request_arena(request), NOTIFICATION_CAPTURED_MAX);
}

MUST_CHECK static enum status read_captured(struct row *row,
                                            struct notification_captured_message *ret_message)
{
    ret_message->created_at_us = row_int(row);
    const size_t channel = notification_find_name(notification_channel_names,
                                                  NOTIFICATION_CHANNEL_COUNT, row_text(row));
    ret_message->to = row_text(row);
    ret_message->subject = row_text(row);
    ret_message->text = row_text(row);
    ret_message->notification_id = row_uuid(row);
    const size_t kind =
        notification_find_name(common_notice_kind_names, COMMON_NOTICE_KIND_COUNT, row_text(row));
    if (channel == NOTIFICATION_CHANNEL_COUNT || kind == COMMON_NOTICE_KIND_COUNT)
        return STATUS_CORRUPT;
    ret_message->channel = (enum notification_channel)channel;
    ret_message->kind = (enum common_notice_kind)kind;
    ret_message->message_id = row_text(row);
    return STATUS_OK;
}

/* $1 before, $2 limit, $3 channel or '', $4 recipient. */
#define CAPTURED_SQL                                                                               \
    "SELECT seq, at, channel, recipient, subject, body, notification_id, kind, message_id"         \
    " FROM notification.captured WHERE seq < $1"
#define CAPTURED_END_SQL                                                                           \
    " AND CASE WHEN $3 = '' THEN true ELSE channel = $3 END ORDER BY seq DESC LIMIT $2"

enum status notification_capture_store_list(
    struct request *request, const struct notification_list_outbox *query, int64_t before,
    int64_t limit, const struct notification_captured_message **ret_messages,
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
    assert(limit >= 1);
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
        TRY(read_captured(&row, &messages[i]));
    }
    *ret_messages = messages;
    *ret_seqs = seqs;
    *ret_count = rows.count;
    return STATUS_OK;
}
