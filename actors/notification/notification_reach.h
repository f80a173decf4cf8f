/* Whom notices reach, for many notices at once: few questions, whatever their number. */
#pragma once

#include "actors/notification/notification_contact.h"
#include "actors/notification/notification_store.h"

/* A notice with the event that it came with, and what is found out about its people. */
struct notification_told {
    struct uuid event_id;
    const struct common_notice *notice;
    struct common_contacts contacts;     /* none: the account is gone, or never had anybody */
    struct notification_choices choices; /* of a shopper */
};

/* Fills in contacts and choices. WAITS. Statuses: those of request_ask() and request_query(). */
MUST_CHECK enum status notification_reach(struct request *request, struct notification_told *told,
                                          size_t count);
