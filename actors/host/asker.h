/* Whose reads a request makes, so that the many of one do not hold up those of others
 * (storage/readers.h). */
#pragma once

#include "runtime/envelope.h"
#include "storage/readers.h"

/* The principal; of messages without one, or that another actor sends in somebody's service, the
 * network (/24, /64) that the request came from; 0 for the node's own work. The seed keeps
 * outsiders from choosing with whom they are mixed up. */
read_asker asker_of(const struct envelope *envelope, const uint8_t seed[16]);
