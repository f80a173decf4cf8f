/* What the clock deletes of the schema identity. */
#pragma once

#include "actors/host/request.h"

/* Queues the deletion of what says nothing any more, a bounded number of each. For the handler of a
 * command that a sweep asks every minute. */
void identity_trim(struct request *request);
