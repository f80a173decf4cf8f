/* Rows of messages. Nothing but SQL and its mapping. Loads WAIT and see committed rows only, in the
 * request's arena; their statuses are OK, CORRUPT (a name that this version of the program does not
 * know, as a newer one may have written it) and those of request_query(). Changes are queued. Times
 * are microseconds of market time. */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification.h"

enum {
    NOTIFICATION_ERROR_MAX = 256,          /* bytes of what the other side said */
    NOTIFICATION_ADDED_MAX = 1000,         /* rows of one statement */
    NOTIFICATION_ADDS_MAX = 16,            /* statements of one unit */
    NOTIFICATION_UNREAD_MAX = 1000,        /* counted */
    NOTIFICATION_READ_AT_ONCE_MAX = 10000, /* marked by one command */
    NOTIFICATION_TRIMMED_MAX = 5000,       /* deleted at a time */
    NOTIFICATION_EXPORTED_MAX = 1000       /* messages of one export */
};

/* A message as its row says it. */
struct notification_row {
    struct uuid id, event_id, recipient_id, ticket_id;
    enum common_notice_kind kind;
    enum notification_topic topic;
    enum common_audience audience;
    enum notification_channel channel;
    enum notification_message_state state;
    enum notification_suppression why; /* when suppressed */
    bool has_ticket;                   /* ticket_id is the one whose token the link carries */
    bool has_next_attempt, is_sent, is_read;
    struct text person; /* "usr_…", "mbr_…", "adm_…", "og_…", or "tic_…" of somebody invited */
    struct text locale;
    struct text subject_id, provider_id, last_error; /* empty: none */
    const struct text_pair *facts;
    size_t facts_count;
    int64_t attempts, next_attempt_us, created_us, sent_us, read_us, version;
};

/* Queues new rows (1 to NOTIFICATION_ADDED_MAX) by one statement. A row that its event has written
 * before (the same event, person and channel) is passed over. They share the time of the first, and
 * have no attempts yet. */
void notification_store_add(struct request *request, const struct notification_row *rows,
                            size_t count);
/* One row by its id. Also NOT_FOUND. */
MUST_CHECK enum status notification_store_find(struct request *request, struct uuid id,
                                               struct notification_row *ret_row);
/* Queues state, attempts and what belongs to them. When the row is not at the version that was
 * read, the unit ends with CONFLICT. */
void notification_store_save(struct request *request, const struct notification_row *row);
/* Ids of messages of the shards `shard_first` to `shard_last` that are to be sent now, the longest
 * due first, at most `max`. */
MUST_CHECK enum status notification_store_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last, size_t max,
                                              const struct uuid **ret_ids, size_t *ret_count);

/* Lists, the newest first: rows with an id below `before`, at most `limit` (>= 1). */
struct notification_rows {
    const struct notification_row *rows;
    size_t count;
};
/* The inbox of a person. */
MUST_CHECK enum status notification_store_inbox(struct request *request, struct text person,
                                                bool only_unread, struct uuid before, int64_t limit,
                                                struct notification_rows *ret_rows);
/* What has changed in an inbox behind a position, in the order of the positions; and the last of
 * them. WAIT. Statuses: OK, CORRUPT, those of request_query(). */
MUST_CHECK enum status notification_store_changes(struct request *request, struct text person,
                                                  int64_t after, int64_t limit,
                                                  struct notification_rows *ret_rows,
                                                  int64_t **ret_positions);
MUST_CHECK enum status notification_store_find_end(struct request *request, struct text person,
                                                   int64_t *ret_position);
/* How many entries of the inbox are unread, counted up to NOTIFICATION_UNREAD_MAX. */
MUST_CHECK enum status notification_store_unread(struct request *request, struct text person,
                                                 int64_t *ret_count);
/* Messages of all channels and people, narrowed by the query's state, channel and recipient. */
MUST_CHECK enum status
notification_store_deliveries(struct request *request,
                              const struct notification_list_deliveries *query, struct uuid before,
                              int64_t limit, struct notification_rows *ret_rows);
/* Queues that one entry of an inbox was read, or all of a person, the newest
 * NOTIFICATION_READ_AT_ONCE_MAX. */
void notification_store_read(struct request *request, struct text person, struct uuid id);
void notification_store_read_all(struct request *request, struct text person);

/* Queues the deletion of the oldest messages that have no next attempt and were made before
 * `before_us` (real time, from which ids are made), at most NOTIFICATION_TRIMMED_MAX. */
void notification_store_trim_messages(struct request *request, int64_t before_us);
/* Queues the erasure of a shopper: unsent messages are suppressed, facts blanked, inbox, choices
 * and captured messages deleted, and a mark is left for messages that are being written at this
 * moment. */
void notification_store_forget(struct request *request, struct uuid user_id);
