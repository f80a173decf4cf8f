/* The list of finished messages that is kept where `notification.capture` is set or in test mode,
 * in PostgreSQL. */
#pragma once

#include "actors/host/request.h"
#include "actors/notification/notification.h"

enum { NOTIFICATION_CAPTURED_MAX = 10000 }; /* entries that are kept, the newest */

struct notification_capture {
    struct notification_captured_message message;
    struct uuid recipient_id;
};

/* Queues entries (at least one) in order, by one statement. They share the time of the first. */
void notification_capture_store_add(struct request *request,
                                    const struct notification_capture *captures, size_t count);
/* Queues the deletion of all but the newest NOTIFICATION_CAPTURED_MAX entries. */
void notification_capture_store_trim(struct request *request);
/* Entries that the query asks for below place `before` in the list (INT64_MAX: from the newest),
 * the newest first, at most `limit` (>= 1), in the request's arena; `ret_seqs` has the place of
 * each. WAITS. Statuses: OK, CORRUPT (a name that this version of the program does not know) and
 * those of request_query(). */
MUST_CHECK enum status notification_capture_store_list(
    struct request *request, const struct notification_list_outbox *query, int64_t before,
    int64_t limit, const struct notification_captured_message **ret_messages,
    const int64_t **ret_seqs, size_t *ret_count);
