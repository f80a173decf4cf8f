/* How a row of notification.message is selected and read; for the store's own files only. */
#pragma once

#include "actors/notification/notification_store.h"

#define NOTIFICATION_SELECT NOTIFICATION_COLUMNS " FROM notification.message m"
#define NOTIFICATION_COLUMNS                                                                       \
    "SELECT m.id, m.event_id, m.recipient_id, m.ticket_id, m.kind, m.topic, m.audience,"           \
    " m.channel, m.state, m.suppressed_why, m.person, m.locale, m.subject_id, m.provider_id,"      \
    " m.last_error, m.facts, m.attempts, m.next_attempt_at, m.created_at, m.sent_at, m.read_at,"   \
    " m.version"

/* Reads the columns of NOTIFICATION_SELECT; texts are views into the arena. Statuses: OK, CORRUPT
 * (a name that this version of the program does not know). */
MUST_CHECK enum status notification_row_read(struct row *row, struct arena *arena,
                                             struct notification_row *ret_row);
