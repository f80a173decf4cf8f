/* Whether a database answers: a trivial statement every half second on the connection that writes,
 * and one as a read. A server that stands still ends no connection, so only its silence tells. And
 * whether it can be written: a write now and then (host.beat()), since a server whose disk is full
 * answers everything else. For the files of storage/. */
#pragma once

#include "storage/readers.h"

enum {
    HEARTBEAT_EVERY_US = 500 * 1000,
    HEARTBEAT_SILENCE_US = 2 * 1000 * 1000,    /* after that the database counts as silent */
    HEARTBEAT_WRITE_EVERY_US = 5 * 1000 * 1000 /* while it works; else with every other beat */
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
/* True if the last write that has an answer was done. */
bool heartbeat_is_written(const struct heartbeat *heartbeat);
