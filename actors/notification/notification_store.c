/* SQL of messages: written, found, claimed, settled. */
#include "actors/notification/notification_store.h"

#include <string.h>

#include "actors/notification/notification_row.h"

/* A message may be written at the very moment when its shopper is erased; then notification.erased
 * says so, and the row gets no facts. */
static const struct statement add_rows = {
    .name = "notification_add",
    .sql = "WITH r AS (SELECT u.*, CASE WHEN u.channel = 'in_app' AND u.state = 'sent' THEN"
           " row_number() OVER (PARTITION BY u.person, u.channel, u.state ORDER BY u.place) END"
           " AS turn FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],"
           " $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],"
           " $13::text[], $14::text[], $15::text[], $16::text[]) WITH ORDINALITY AS u (shard, id,"
           " event_id, recipient_id, ticket_id, kind, topic, audience, person, channel, locale,"
           " subject_id, facts, state, why, place)),"
           " h AS (INSERT INTO notification.inbox_head AS i (person, last)"
           " SELECT r.person, max(r.turn) FROM r WHERE r.turn IS NOT NULL GROUP BY r.person"
           " ORDER BY r.person ON CONFLICT (person) DO UPDATE SET last = i.last + excluded.last"
           " RETURNING i.person, i.last),"
           " p AS (SELECT h.person, h.last - max(r.turn) AS before FROM h JOIN r"
           " ON r.person = h.person GROUP BY h.person, h.last)"
           " INSERT INTO notification.message (id, shard, event_id, created_at, recipient_id,"
           " ticket_id, kind, topic, audience, person, channel, locale, subject_id, facts, state,"
           " suppressed_why, next_attempt_at, sent_at, position)"
           " SELECT r.id, r.shard, r.event_id, $1, r.recipient_id,"
           " nullif(r.ticket_id, '00000000-0000-0000-0000-000000000000'), r.kind, r.topic,"
           " r.audience, r.person, r.channel, r.locale, nullif(r.subject_id, ''),"
           " CASE WHEN EXISTS (SELECT 1 FROM notification.erased e WHERE e.user_id ="
           " r.recipient_id AND r.kind <> 'account_erased') THEN '' ELSE r.facts END, r.state,"
           " nullif(r.why, ''), CASE WHEN r.state = 'queued' THEN $1 END,"
           " CASE WHEN r.state = 'sent' THEN $1 END, p.before + r.turn"
           " FROM r LEFT JOIN p ON p.person = r.person AND r.turn IS NOT NULL ORDER BY r.place"
           " ON CONFLICT (event_id, person, channel) DO NOTHING",
};

#define FACT_SEPARATOR '\x1f'

/* Facts are kept as one text: names and values in turns. A separator within a value becomes a
 * blank: it has no place in a text for people. */
static struct text join_facts(struct arena *arena, const struct notification_row *row)
{
    enum { FACTS_BYTES_MAX = 16 * 1024 };
    struct text_builder joined;
    text_builder_init(&joined, arena, FACTS_BYTES_MAX);
    for (size_t i = 0; i < 2 * row->facts_count; i++) {
        const struct text_pair *fact = &row->facts[i / 2];
        const struct text text = i % 2 == 0 ? fact->name : fact->value;
        if (i > 0) text_builder_add_byte(&joined, FACT_SEPARATOR);
        for (size_t k = 0; k < text.length; k++)
            text_builder_add_byte(&joined, text.data[k] == FACT_SEPARATOR ? ' ' : text.data[k]);
    }
    return text_builder_view(&joined);
}

static const char *why_name(const struct notification_row *row)
{
    assert((unsigned)row->why < NOTIFICATION_SUPPRESSION_COUNT);
    return row->state == NOTIFICATION_MESSAGE_STATE_SUPPRESSED
               ? notification_suppression_names[row->why]
               : "";
}

enum { ADDED_IDS = 4, ADDED_TEXTS = 10 };

static void describe_row(struct arena *arena, const struct notification_row *row,
                         struct uuid ret_ids[ADDED_IDS], struct text ret_texts[ADDED_TEXTS])
{
    assert((unsigned)row->kind < COMMON_NOTICE_KIND_COUNT);
    assert((unsigned)row->topic < NOTIFICATION_TOPIC_COUNT);
    assert((unsigned)row->audience < COMMON_AUDIENCE_COUNT);
    assert((unsigned)row->channel < NOTIFICATION_CHANNEL_COUNT);
    assert((unsigned)row->state < NOTIFICATION_MESSAGE_STATE_COUNT);
    const bool is_erased = row->state == NOTIFICATION_MESSAGE_STATE_SUPPRESSED &&
                           row->why == NOTIFICATION_SUPPRESSION_ERASED;
    const struct uuid ids[] = { row->id, row->event_id, row->recipient_id, row->ticket_id };
    const struct text texts[] = {
        text_of(common_notice_kind_names[row->kind]),
        text_of(notification_topic_names[row->topic]),
        text_of(common_audience_names[row->audience]),
        row->person,
        text_of(notification_channel_names[row->channel]),
        row->locale,
        row->subject_id,
        is_erased ? TEXT("") : join_facts(arena, row),
        text_of(notification_message_state_names[row->state]),
        text_of(why_name(row)),
    };
    static_assert(ARRAY_LENGTH(ids) == ADDED_IDS && ARRAY_LENGTH(texts) == ADDED_TEXTS, "columns");
    memcpy(ret_ids, ids, sizeof ids);
    memcpy(ret_texts, texts, sizeof texts);
}

void notification_store_add(struct request *request, const struct notification_row *rows,
                            size_t count)
{
    assert(count >= 1);
    assert(count <= NOTIFICATION_ADDED_MAX);
    struct arena *arena = request_arena(request);
    int16_t *shards = arena_allocate_array(arena, count, sizeof *shards);
    struct uuid *ids[ADDED_IDS];
    struct text *texts[ADDED_TEXTS];
    for (size_t k = 0; k < ADDED_IDS; k++)
        ids[k] = arena_allocate_array(arena, count, sizeof *ids[k]);
    for (size_t k = 0; k < ADDED_TEXTS; k++)
        texts[k] = arena_allocate_array(arena, count, sizeof *texts[k]);
    for (size_t i = 0; i < count; i++) {
        struct uuid row_ids[ADDED_IDS];
        struct text row_texts[ADDED_TEXTS];
        describe_row(arena, &rows[i], row_ids, row_texts);
        shards[i] = (int16_t)uuid_shard(rows[i].id);
        if (rows[i].channel == NOTIFICATION_CHANNEL_IN_APP) request_hint(request, rows[i].id);
        for (size_t k = 0; k < ADDED_IDS; k++)
            ids[k][i] = row_ids[k];
        for (size_t k = 0; k < ADDED_TEXTS; k++)
            texts[k][i] = row_texts[k];
    }
    struct store_params *params = request_write(request, &add_rows);
    param_int(params, arena, rows[0].created_us);
    param_small_array(params, arena, shards, count);
    for (size_t k = 0; k < ADDED_IDS; k++)
        param_uuid_array(params, arena, ids[k], count);
    for (size_t k = 0; k < ADDED_TEXTS; k++)
        param_text_array(params, arena, texts[k], count);
}

/* ---- reading ---- */

/* A name that is not in the list was written by a newer version of the program: kinds and topics
 * are added without a change of the tables. */
MUST_CHECK static enum status read_name(struct row *row, const char *const *names, size_t count,
                                        size_t *ret_index)
{
    *ret_index = notification_find_name(names, count, row_text(row));
    return *ret_index < count ? STATUS_OK : STATUS_CORRUPT;
}

/* The columns from kind to suppressed_why. */
MUST_CHECK static enum status read_names(struct row *row, struct notification_row *ret_row)
{
    size_t kind, topic, audience, channel, state, why = 0;
    TRY(read_name(row, common_notice_kind_names, COMMON_NOTICE_KIND_COUNT, &kind));
    TRY(read_name(row, notification_topic_names, NOTIFICATION_TOPIC_COUNT, &topic));
    TRY(read_name(row, common_audience_names, COMMON_AUDIENCE_COUNT, &audience));
    TRY(read_name(row, notification_channel_names, NOTIFICATION_CHANNEL_COUNT, &channel));
    TRY(read_name(row, notification_message_state_names, NOTIFICATION_MESSAGE_STATE_COUNT, &state));
    if (!row_skip_null(row))
        TRY(read_name(row, notification_suppression_names, NOTIFICATION_SUPPRESSION_COUNT, &why));
    ret_row->kind = (enum common_notice_kind)kind;
    ret_row->topic = (enum notification_topic)topic;
    ret_row->audience = (enum common_audience)audience;
    ret_row->channel = (enum notification_channel)channel;
    ret_row->state = (enum notification_message_state)state;
    ret_row->why = (enum notification_suppression)why;
    return STATUS_OK;
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

static struct text next_fact_part(struct text *rest)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->data, FACT_SEPARATOR, rest->length);
    const struct text part = { rest->data,
                               end == NULL ? rest->length : (size_t)(end - rest->data) };
    const size_t used = part.length + (end == NULL ? 0 : 1);
    rest->data += used;
    rest->length -= used;
    return part;
}

static void read_facts(struct text joined, struct arena *arena, struct notification_row *ret_row)
{
    size_t parts = joined.length == 0 ? 0 : 1;
    for (size_t i = 0; i < joined.length; i++)
        parts += joined.data[i] == FACT_SEPARATOR;
    struct text_pair *facts = arena_allocate_array(arena, parts / 2, sizeof *facts);
    for (size_t i = 0; i < parts / 2; i++) {
        facts[i].name = next_fact_part(&joined);
        facts[i].value = next_fact_part(&joined);
    }
    ret_row->facts = facts;
    ret_row->facts_count = parts / 2;
}

enum status notification_row_read(struct row *row, struct arena *arena,
                                  struct notification_row *ret_row)
{
    *ret_row = (struct notification_row){ .id = row_uuid(row) };
    ret_row->event_id = row_uuid(row);
    ret_row->recipient_id = row_uuid(row);
    ret_row->has_ticket = !row_skip_null(row);
    if (ret_row->has_ticket) ret_row->ticket_id = row_uuid(row);
    TRY(read_names(row, ret_row));
    ret_row->person = row_text(row);
    ret_row->locale = row_text(row);
    ret_row->subject_id = read_text(row);
    ret_row->provider_id = read_text(row);
    ret_row->last_error = read_text(row);
    read_facts(row_text(row), arena, ret_row);
    ret_row->attempts = row_int(row);
    ret_row->has_next_attempt = read_time(row, &ret_row->next_attempt_us);
    ret_row->created_us = row_int(row);
    ret_row->is_sent = read_time(row, &ret_row->sent_us);
    ret_row->is_read = read_time(row, &ret_row->read_us);
    ret_row->version = row_int(row);
    return STATUS_OK;
}

enum status notification_store_find(struct request *request, struct uuid id,
                                    struct notification_row *ret_row)
{
    static const struct statement find = {
        .name = "notification_find",
        .sql = NOTIFICATION_SELECT " WHERE m.id = $1",
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, id);
    struct rows rows;
    TRY(request_query(request, &find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    return notification_row_read(&row, arena, ret_row);
}

void notification_store_save(struct request *request, const struct notification_row *row)
{
    static const struct statement save = {
        .name = "notification_save",
        .sql = "WITH u AS (UPDATE notification.message SET state = $3,"
               " suppressed_why = nullif($4, ''), attempts = $5, next_attempt_at = $6,"
               " provider_id = nullif($7, ''), last_error = nullif($8, ''), sent_at = $9,"
               " facts = CASE WHEN $4 = 'erased' THEN '' ELSE facts END, version = version + 1"
               " WHERE id = $1 AND version = $2 RETURNING 1)"
               " SELECT require_one(count(*)) FROM u",
    };
    assert(row->version >= 1);
    assert(row->attempts >= 0);
    assert(row->last_error.length <= NOTIFICATION_ERROR_MAX);
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &save);
    param_uuid(params, arena, row->id);
    param_int(params, arena, row->version);
    param_text(params, arena, text_of(notification_message_state_names[row->state]));
    param_text(params, arena, text_of(why_name(row)));
    param_int(params, arena, row->attempts);
    param_optional_int(params, arena, row->has_next_attempt, row->next_attempt_us);
    param_text(params, arena, row->provider_id);
    param_text(params, arena, row->last_error);
    param_optional_int(params, arena, row->is_sent, row->sent_us);
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
    assert(shard_first <= shard_last);
    assert(shard_last < SHARD_COUNT);
    assert(max >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_int(params, arena, request_now_us(request));
    param_small(params, arena, (int16_t)shard_first);
    param_small(params, arena, (int16_t)shard_last);
    param_int(params, arena, (int64_t)max);
    struct rows rows;
    TRY(request_query(request, &due, params, &rows));
    assert(rows.count <= max);
    struct uuid *ids = arena_allocate_array(arena, rows.count, sizeof *ids);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        ids[i] = row_uuid(&row);
    }
    *ret_ids = ids;
    *ret_count = rows.count;
    return STATUS_OK;
}
