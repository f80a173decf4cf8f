/* The ports that a market listens on are its own: its gateways share them by SO_REUSEPORT, and the
 * kernel would deal requests to a second market's just as well. */
#pragma once

#include "runtime/base.h"

/* Claims an address and port for this process among all markets of the host (of the network
 * namespace, to be exact), until the descriptor is closed; whether somebody listens there is
 * another question. Statuses: OK, CONFLICT (another market has it), UNAVAILABLE. */
MUST_CHECK enum status port_claim(const char *address, uint16_t port, int *ret_fd);
/* True if nobody listens there, in whatever way; false, too, if the address is not ours. */
bool port_is_free(const char *address, uint16_t port);
