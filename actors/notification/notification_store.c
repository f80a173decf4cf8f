/* SQL of messages: written, found, claimed, settled. */
#include "actors/notification/notification_store.h"

#include <string.h>

#include "actors/notification/notification_row.h"

static const struct statement add_rows = {
    .name = "notification_add",
    .sql = "INSERT INTO notification.message (id, person, locale, channel, state, suppressed_why,"
           " next_attempt_at, sent_at, shard, event_id, kind, topic, audience, recipient_id,"
           " ticket_id, subject_id, facts, created_at)"
           " SELECT r.id, r.person, r.locale, r.channel, r.state, nullif(r.why, ''),"
           " CASE WHEN r.state = 'queued' THEN $17 END, CASE WHEN r.state = 'sent' THEN $17 END,"
           " $7, $8, $9, $10, $11, $12, $13, nullif($14, ''),"
           " CASE WHEN r.why = 'erased' THEN $16 ELSE $15 END, $17"
           " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
           " AS r (id, person, locale, channel, state, why)"
           " ON CONFLICT (event_id, person, channel) DO NOTHING",
};

static const char *why_name(const struct notification_row *row)
{
    return row->state == NOTIFICATION_MESSAGE_STATE_SUPPRESSED
               ? notification_suppression_names[row->why]
               : "";
}

static void add_arrays(struct store_params *params, struct arena *arena,
                       const struct notification_row *rows, size_t count)
{
    struct uuid *ids = arena_allocate_array(arena, count, sizeof(*ids));
    struct text *texts[5]; /* person, locale, channel, state, why */
    for (size_t k = 0; k < ARRAY_LENGTH(texts); k++)
        texts[k] = arena_allocate_array(arena, count, sizeof(*texts[k]));
    for (size_t i = 0; i < count; i++) {
        ids[i] = rows[i].id;
        texts[0][i] = rows[i].person;
        texts[1][i] = rows[i].locale;
        texts[2][i] = text_of(notification_channel_names[rows[i].channel]);
        texts[3][i] = text_of(notification_message_state_names[rows[i].state]);
        texts[4][i] = text_of(why_name(&rows[i]));
    }
    param_uuid_array(params, arena, ids, count);
    for (size_t k = 0; k < ARRAY_LENGTH(texts); k++)
        param_text_array(params, arena, texts[k], count);
}

static void add_facts(struct store_params *params, struct arena *arena,
                      const struct notification_row *row)
{
    struct text *texts = arena_allocate_array(arena, 2 * row->facts_count, sizeof(*texts));
    for (size_t i = 0; i < row->facts_count; i++) {
        texts[2 * i] = row->facts[i].name;
        texts[2 * i + 1] = row->facts[i].value;
    }
    param_text_array(params, arena, texts, 2 * row->facts_count);
}

void notification_store_add(struct request *request, const struct notification_row *rows,
                            size_t count)
{
    assert(count > 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &add_rows);
    add_arrays(params, arena, rows, count);
    param_small(params, arena, (int16_t)uuid_shard(rows[0].id));
    param_uuid(params, arena, rows[0].event_id);
    param_text(params, arena, text_of(common_notice_kind_names[rows[0].kind]));
    param_text(params, arena, text_of(notification_topic_names[rows[0].topic]));
    param_text(params, arena, text_of(common_audience_names[rows[0].audience]));
    param_uuid(params, arena, rows[0].recipient_id);
    if (rows[0].has_ticket)
        param_uuid(params, arena, rows[0].ticket_id);
    else
        param_null_uuid(params);
    param_text(params, arena, rows[0].subject_id);
    add_facts(params, arena, &rows[0]);
    param_text_array(params, arena, NULL, 0);
    param_int(params, arena, rows[0].created_us);
}

/* ---- reading ---- */

/* A name that the table of the code does not know is a row of another version of the program. */
static size_t read_name(struct row *row, const char *const *names, size_t count)
{
    const size_t index = notification_find_name(names, count, row_text(row));
    assert(index < count);
    return index;
}

static bool read_time(struct row *row, int64_t *ret_us)
{
    if (row_skip_null(row)) return false;
    *ret_us = row_int(row);
    return true;
}

static struct text read_text(struct row *row)
{
    return row_skip_null(row) ? (struct text){ 0 } : row_text(row);
}

static void read_facts(struct row *row, struct arena *arena, struct notification_row *ret_row)
{
    const struct text *texts = NULL;
    const size_t count = row_text_array(row, arena, &texts);
    struct text_pair *facts = arena_allocate_array(arena, count / 2, sizeof(*facts));
    for (size_t i = 0; i < count / 2; i++)
        facts[i] = (struct text_pair){ .name = texts[2 * i], .value = texts[2 * i + 1] };
    ret_row->facts = facts;
    ret_row->facts_count = count / 2;
}

void notification_row_read(struct row *row, struct arena *arena, struct notification_row *ret_row)
{
    *ret_row = (struct notification_row){ .id = row_uuid(row) };
    ret_row->event_id = row_uuid(row);
    ret_row->recipient_id = row_uuid(row);
    ret_row->has_ticket = !row_skip_null(row);
    if (ret_row->has_ticket) ret_row->ticket_id = row_uuid(row);
    ret_row->kind =
        (enum common_notice_kind)read_name(row, common_notice_kind_names, COMMON_NOTICE_KIND_COUNT);
    ret_row->topic =
        (enum notification_topic)read_name(row, notification_topic_names, NOTIFICATION_TOPIC_COUNT);
    ret_row->audience =
        (enum common_audience)read_name(row, common_audience_names, COMMON_AUDIENCE_COUNT);
    ret_row->channel = (enum notification_channel)read_name(row, notification_channel_names,
                                                            NOTIFICATION_CHANNEL_COUNT);
    ret_row->state = (enum notification_message_state)read_name(
        row, notification_message_state_names, NOTIFICATION_MESSAGE_STATE_COUNT);
    if (!row_skip_null(row))
        ret_row->why = (enum notification_suppression)read_name(row, notification_suppression_names,
                                                                NOTIFICATION_SUPPRESSION_COUNT);
    ret_row->person = row_text(row);
    ret_row->locale = row_text(row);
    ret_row->subject_id = read_text(row);
    ret_row->provider_id = read_text(row);
    ret_row->last_error = read_text(row);
    read_facts(row, arena, ret_row);
    ret_row->attempts = row_int(row);
    ret_row->is_due_some_time = read_time(row, &ret_row->next_attempt_us);
    ret_row->created_us = row_int(row);
    ret_row->is_sent = read_time(row, &ret_row->sent_us);
    ret_row->is_read = read_time(row, &ret_row->read_us);
    ret_row->version = row_int(row);
}

enum status notification_store_find(struct request *request, struct uuid id,
                                    struct notification_row *ret_row)
{
    static const struct statement find = {
        .name = "notification_find",
        .sql = NOTIFICATION_SELECT " WHERE m.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_uuid(params, arena, id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    notification_row_read(&row, arena, ret_row);
    return STATUS_OK;
}

static void param_optional_int(struct store_params *params, struct arena *arena, bool is_there,
                               int64_t value)
{
    if (is_there)
        param_int(params, arena, value);
    else
        param_null_int(params);
}

void notification_store_save(struct request *request, const struct notification_row *row)
{
    static const struct statement save = {
        .name = "notification_save",
        .sql = "WITH u AS (UPDATE notification.message SET state = $3,"
               " suppressed_why = nullif($4, ''), attempts = $5, next_attempt_at = $6,"
               " provider_id = nullif($7, ''), last_error = nullif($8, ''), sent_at = $9,"
               " facts = CASE WHEN $4 = 'erased' THEN $10 ELSE facts END, version = version + 1"
               " WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, row->id);
    param_int(params, arena, row->version);
    param_text(params, arena, text_of(notification_message_state_names[row->state]));
    param_text(params, arena, text_of(why_name(row)));
    param_int(params, arena, row->attempts);
    param_optional_int(params, arena, row->is_due_some_time, row->next_attempt_us);
    param_text(params, arena, row->provider_id);
    param_text(params, arena, row->last_error);
    param_optional_int(params, arena, row->is_sent, row->sent_us);
    param_text_array(params, arena, NULL, 0);
}

enum status notification_store_due(struct request *request, unsigned shard_first,
                                   unsigned shard_last, size_t max, const struct uuid **ret_ids,
                                   size_t *ret_count)
{
    static const struct statement due = {
        .name = "notification_due",
        .sql = "SELECT id FROM notification.message WHERE state IN ('queued', 'sending',"
               " 'retrying') AND next_attempt_at <= $1 AND shard BETWEEN $2 AND $3"
               " ORDER BY next_attempt_at LIMIT $4",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof(*params));
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)max);
    struct rows rows;
    TRY(request_query(request, &due, params, &rows));
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof(*ids));
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
