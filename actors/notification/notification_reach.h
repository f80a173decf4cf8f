/* Whom notices reach, for many notices at once: a few questions to other domains, however many
 * notices there are (actors/notification/README.md, Decisions: batches). */
#pragma once

#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_store.h"

/* A notice with the event that it came with, and what is found out about its people. */
struct notification_told {
    struct uuid event_id;
    const struct common_notice *notice;
    struct common_contacts contacts;     /* none: the account is gone, or never had anybody */
    struct notification_choices choices; /* of a shopper; else the defaults */
};

/* Fills in contacts and choices of `count` notices, in the request's arena. WAITS. Statuses: OK and
 * those of request_ask() and request_query(). */
MUST_CHECK enum status notification_reach(struct request *request, struct notification_told *told,
                                          size_t count);
