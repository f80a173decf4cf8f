/* Units in the order of their enqueueing; a unit is in one queue at most. For the files of
 * storage/. */
#pragma once

#include "storage/unit_private.h"

struct unit_queue {
    struct unit *head, *tail;
    size_t count;
};

/* The unit must be in no queue. */
void unit_queue_append(struct unit_queue *queue, struct unit *unit);
/* Takes the unit out of the queue that it is in. */
void unit_queue_remove(struct unit *unit);
