/* SQL of messages: listed, marked as read, and forgotten. */
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
        TRY(notification_row_read(&row, arena, &read[i]));
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
    assert(limit >= 1);
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

/* Messages that are not done with are few, and have an index of their own (message_open). */
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
    assert(limit >= 1);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    param_uuid(params, arena, before);
    param_int(params, arena, limit);
    param_text(params, arena,
               text_of(query->has_status ? notification_message_state_names[query->status] : ""));
    param_text(params, arena,
               text_of(query->has_channel ? notification_channel_names[query->channel] : ""));
    if (query->has_recipient) param_uuid(params, arena, query->recipient);
    const bool is_open = query->has_status && is_open_state(query->status);
    return run_list(request, query->has_recipient ? &of_recipient : (is_open ? &open : &all),
                    params, ret_rows);
}

/* What was read is a change of the inbox. $1 person, $2 when; `rows` names what is unread of it. */
#define READ_SQL(rows)                                                                             \
    "WITH r AS (SELECT m.id, row_number() OVER (ORDER BY m.id) AS turn, count(*) OVER () AS count" \
    " FROM notification.message m WHERE m.person = $1 AND m.channel = 'in_app'"                    \
    " AND m.state = 'sent' AND m.read_at IS NULL" rows "),"                                        \
    " h AS (INSERT INTO notification.inbox_head AS i (person, last)"                               \
    " SELECT $1, max(r.count) FROM r HAVING count(*) > 0 ON CONFLICT (person)"                     \
    " DO UPDATE SET last = i.last + excluded.last RETURNING i.last)"                               \
    " UPDATE notification.message m SET read_at = $2, position = h.last - r.count + r.turn"        \
    " FROM r, h WHERE m.id = r.id AND m.read_at IS NULL"

void notification_store_read(struct request *request, struct text person, struct uuid id)
{
    static const struct statement read = {
        .name = "notification_read",
        .sql = READ_SQL(" AND m.id = $3"),
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &read);
    param_text(params, arena, person);
    param_int(params, arena, request_now_us(request));
    param_uuid(params, arena, id);
    request_hint(request, request_principal(request)->id);
}

void notification_store_read_all(struct request *request, struct text person)
{
    static const struct statement read = {
        .name = "notification_read_all",
        .sql = READ_SQL(" AND m.id IN (SELECT u.id FROM notification.message u"
                        " WHERE u.person = $1 AND u.channel = 'in_app' AND u.state = 'sent'"
                        " AND u.read_at IS NULL ORDER BY u.id DESC LIMIT $3)"),
    };
    struct arena *arena = request_arena(request);
    struct store_params *params = request_write(request, &read);
    param_text(params, arena, person);
    param_int(params, arena, request_now_us(request));
    param_int(params, arena, NOTIFICATION_READ_AT_ONCE_MAX);
    request_hint(request, request_principal(request)->id);
}

/* ---- changes ---- */

enum status notification_store_changes(struct request *request, struct text person, int64_t after,
                                       int64_t limit, struct notification_rows *ret_rows,
                                       int64_t **ret_positions)
{
    static const struct statement changes = {
        .name = "notification_inbox_changes",
        .sql = "SELECT m.position, x.* FROM notification.message m CROSS JOIN LATERAL"
               " (" NOTIFICATION_COLUMNS ") x WHERE m.person = $1"
               " AND m.channel = 'in_app' AND m.state = 'sent' AND m.position > $2"
               " ORDER BY m.position LIMIT $3",
    };
    struct arena *arena = request_arena(request);
    struct store_params params = { 0 };
    struct rows rows;
    assert(limit >= 1);
    param_text(&params, arena, person);
    param_int(&params, arena, after);
    param_int(&params, arena, limit);
    TRY(request_query(request, &changes, &params, &rows));
    struct notification_row *read = arena_allocate_array(arena, rows.count, sizeof *read);
    int64_t *positions = arena_allocate_array(arena, rows.count, sizeof *positions);
    for (size_t i = 0; i < rows.count; i++) {
        struct row row = rows_at(&rows, i);
        positions[i] = row_int(&row);
        TRY(notification_row_read(&row, arena, &read[i]));
    }
    *ret_rows = (struct notification_rows){ .rows = read, .count = rows.count };
    *ret_positions = positions;
    return STATUS_OK;
}

enum status notification_store_find_end(struct request *request, struct text person,
                                        int64_t *ret_position)
{
    static const struct statement end = {
        .name = "notification_inbox_end",
        .sql = "SELECT coalesce((SELECT last FROM notification.inbox_head WHERE person = $1), 0)",
    };
    struct store_params params = { 0 };
    struct rows rows;
    param_text(&params, request_arena(request), person);
    TRY(request_query(request, &end, &params, &rows));
    struct row row = rows_at(&rows, 0);
    *ret_position = row_int(&row);
    return STATUS_OK;
}

/* ---- forgetting ---- */

/* Ids are in the order of real time, so the oldest are the first of the primary key. */
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
