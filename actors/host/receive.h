/* Where a message enters the node. */
#pragma once

#include "runtime/bus.h"

/* Takes a message from the bus: finds the domain and the handler, judges the sender, decodes the
 * body, and hands the job to dispatch.c. Whatever it is refused for is answered at once. `context`
 * is the struct host. */
void receive_request(void *context, const struct envelope *envelope,
                     const struct return_address *from);
