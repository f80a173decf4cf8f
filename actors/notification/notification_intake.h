/* What the handlers of a batch of events collect, and the messages that are made of it at its end.
 * The host zeroes a struct notification_intake before each batch (actors/host/domain.h,
 * domain_intake). */
#pragma once

#include "actors/host/request.h"

struct collected;

struct notification_intake {
    struct collected *last; /* notices, each linked to the one before it, in the request's arena */
    size_t count;
};

/* Finds out who is told of all notices of the batch, and queues their messages. WAITS. Statuses:
 * OK, OUT_OF_RANGE (more messages than one unit should write; the host then halves the batch), and
 * those of notification_reach(). */
MUST_CHECK enum status notification_end_intake(struct request *request);
