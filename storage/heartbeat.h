/* Whether a database answers: one trivial statement a second on the connection that writes, and one
 * as a read. A server that stands still ends no connection, so only its silence tells. For the
 * files of storage/. */
#pragma once

#include "storage/readers.h"

enum {
    HEARTBEAT_EVERY_US = 1000 * 1000,
    HEARTBEAT_SILENCE_US = 3 * 1000 * 1000 /* after that the database counts as silent */
};

struct heartbeat;

/* `writer` and `readers` must live until heartbeat_stop(). */
struct heartbeat *heartbeat_new(struct loop *loop, struct store *writer, struct readers *readers);
/* Asks nothing more. What is under way is still answered by the connections, which then may go. */
void heartbeat_stop(struct heartbeat *heartbeat);
/* Nothing may be under way. */
void heartbeat_destroy(struct heartbeat **heartbeat);
/* True if both have answered lately. */
bool heartbeat_is_heard(const struct heartbeat *heartbeat);
