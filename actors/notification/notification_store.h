/* Rows of messages and choices. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification.h"

enum {
    NOTIFICATION_ERROR_MAX = 256,
    NOTIFICATION_PAGE_MAX = 100,
    NOTIFICATION_ADDED_MAX = 1000,         /* rows of one statement */
    NOTIFICATION_ADDS_MAX = 16,            /* statements of one unit */
    NOTIFICATION_UNREAD_MAX = 1000,        /* counted */
    NOTIFICATION_READ_AT_ONCE_MAX = 10000, /* marked by one command */
    NOTIFICATION_CAPTURED_MAX = 10000,
    NOTIFICATION_TRIMMED_MAX = 5000, /* at a time */
    NOTIFICATION_EXPORTED_MAX = 1000
};

/* A message as its row says it. Its texts live in the request's arena. */
struct notification_row {
    struct uuid id, event_id, recipient_id, ticket_id;
    enum common_notice_kind kind;
    enum notification_topic topic;
    enum common_audience audience;
    enum notification_channel channel;
    enum notification_message_state state;
    enum notification_suppression why; /* when suppressed */
    bool has_ticket, is_due_some_time, is_sent, is_read;
    struct text person, locale;
    struct text subject_id, provider_id, last_error; /* empty: none */
    const struct text_pair *facts;
    size_t facts_count;
    int64_t attempts, next_attempt_us, created_us, sent_us, read_us, version;
};

/* Queues new rows; one that its event has written before is passed over. They share the time, and
 * have no attempts yet. At most NOTIFICATION_ADDED_MAX. */
void notification_store_add(struct request *request, const struct notification_row *rows,
                            size_t count);
/* One row by its id. WAITS. Statuses: OK, NOT_FOUND, those of request_query(). */
MUST_CHECK enum status notification_store_find(struct request *request, struct uuid id,
                                               struct notification_row *ret_row);
/* Queues state, attempts and what belongs to them; the row must have the version that was read. */
void notification_store_save(struct request *request, const struct notification_row *row);
/* Messages of these shards that are to be sent now, the longest due first. WAITS. */
MUST_CHECK enum status notification_store_due(struct request *request, unsigned shard_first,
                                              unsigned shard_last, size_t max,
                                              const struct uuid **ret_ids, size_t *ret_count);

/* Newest first, those with an id below `before`. WAITS. */
struct notification_rows {
    const struct notification_row *rows;
    size_t count;
};
MUST_CHECK enum status notification_store_inbox(struct request *request, struct text person,
                                                bool only_unread, struct uuid before, int64_t limit,
                                                struct notification_rows *ret_rows);
MUST_CHECK enum status notification_store_unread(struct request *request, struct text person,
                                                 int64_t *ret_count);
MUST_CHECK enum status
notification_store_deliveries(struct request *request,
                              const struct notification_list_deliveries *query, struct uuid before,
                              int64_t limit, struct notification_rows *ret_rows);
/* Queues the reading of one inbox row, or of all of a person. */
void notification_store_read(struct request *request, struct uuid id);
void notification_store_read_all(struct request *request, struct text person);

/* What a shopper chose; the defaults when that is nothing. WAITS. */
MUST_CHECK enum status notification_store_choices(struct request *request, struct uuid user_id,
                                                  struct notification_choices *ret_choices);
/* Of several shoppers: of those who chose anything. WAITS. */
MUST_CHECK enum status
notification_store_many_choices(struct request *request, const struct uuid *user_ids, size_t count,
                                const struct notification_choices **ret_choices, size_t *ret_count);
/* Queues choices whose version has grown by one. */
void notification_store_save_choices(struct request *request,
                                     const struct notification_choices *choices);

/* Finished messages, in order. */
struct notification_capture {
    struct notification_captured_message message;
    struct uuid recipient_id;
};
void notification_store_capture(struct request *request,
                                const struct notification_capture *captures, size_t count);
void notification_store_trim_captured(struct request *request);
/* Queues the deletion of messages that are done with and were made before that real time. */
void notification_store_trim_messages(struct request *request, int64_t before_us);
/* Newest first, below `before`; ret_seqs are their places. WAITS. */
MUST_CHECK enum status
notification_store_captured(struct request *request, const struct notification_list_outbox *query,
                            int64_t before, int64_t limit,
                            const struct notification_captured_message **ret_messages,
                            const int64_t **ret_seqs, size_t *ret_count);

/* Queues the erasure of a shopper. */
void notification_store_forget(struct request *request, struct uuid user_id);
