/* The notification domain: what is raised elsewhere becomes messages (notification_queue.c), which
 * are sent (notification_delivery.c), read (notification_inbox.c), looked after by staff
 * (notification_staff.c) and forgotten (notification_erasure.c). */
#include "actors/host/domain.h"
#include "actors/notification/notification_delivery.h"
#include "actors/notification/notification_intake.h"
#include "notification_handlers.h"

static const struct domain_sweep sweeps[] = {
    { .name = "notification_due", .every_us = 500 * 1000LL, .run = notification_sweep_due },
    { .name = "notification_old", .every_us = 60 * 1000000LL, .run = notification_sweep_old },
};

static const struct domain_intake intake = {
    .size = sizeof(struct notification_intake),
    .end = notification_end_intake,
};

static const struct statement messages_violations = {
    .name = "notification_messages_violations",
    .sql = "SELECT 'one event is told twice', event_id || ' ' || person || ' by ' || channel "
           "FROM notification.message GROUP BY event_id, person, channel HAVING count(*) > 1 "
           "LIMIT $1",
};

static const struct statement messages_rows = {
    .name = "notification_messages_rows",
    .sql = "SELECT count(*) FROM notification.message",
};

static const struct domain_check checks[] = {
    { .name = "notification.messages",
      .covers = "I10 there is at most one message of an event, for a person, by a channel",
      .violations = &messages_violations,
      .compared = &messages_rows },
};

const struct domain_definition notification_domain = {
    .dispatch = &notification_dispatch,
    .sweeps = sweeps,
    .sweeps_count = ARRAY_LENGTH(sweeps),
    .intake = &intake,
    .checks = checks,
    .checks_count = ARRAY_LENGTH(checks),
};
