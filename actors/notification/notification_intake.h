/* What the handlers of a batch of events collect, and the messages that are made of it. */
#pragma once

#include "actors/host/request.h"

struct collected;

struct notification_intake {
    struct collected *last; /* notices, linked backwards */
    size_t count;
};

/* Queues the messages of all notices of the batch. WAITS. Statuses: OK, OUT_OF_RANGE (more than one
 * unit should write), those of notification_reach(). */
MUST_CHECK enum status notification_end_intake(struct request *request);
