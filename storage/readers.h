/* The read connections of a database, and who may use them when: reads wait here, not on a
 * connection, so that one asker's many or slow reads do not hold up the others. Askers take turns;
 * how many reads of one are under way follows from how long its reads take; and no asker has more
 * than half of the connections. For the files of storage/. */
#pragma once

#include "storage/connection.h"

enum {
    READERS_COUNT_MAX = 16,   /* connections */
    READERS_DEPTH = 32,       /* reads under way on one connection */
    READERS_QUEUE_MAX = 8192, /* reads that wait; more end as not sent */
    READERS_SHARE_US = 4000   /* of a connection's time, that one asker's reads may take at once */
};

/* Whose read it is. Askers are told apart by a hash; 0: the node's own work (what is read by key
 * for many at once, events, sagas), which goes first, because others wait for it. */
typedef uint64_t read_asker;

struct readers;
struct share;

/* One read. Zeroed before its first use; the caller's memory, until on_done. */
struct read {
    struct store_segment segment; /* of one call; `on_done` is set by readers_submit() */
    void (*on_done)(struct read *read);
    read_asker asker;
    /* Private. */
    struct readers *readers;
    struct share *share;
    struct read *previous, *next;
    bool is_queued;
    unsigned connection;
    int64_t sent_us;
};

struct readers_options {
    struct loop *loop;
    size_t count; /* connections, at most READERS_COUNT_MAX */
    struct connection_options connection;
};

struct readers *readers_new(const struct readers_options *options);
/* Reads that wait or are under way end as UNAVAILABLE. */
void readers_destroy(struct readers **readers);
/* Queues the read; on_done is called from the loop, never from inside this call. The read may take
 * in more parameters until segment.is_sent. */
void readers_submit(struct readers *readers, struct read *read);
/* Nobody waits for the read any more. True: it was not sent and will not be, the caller may free
 * it. False: on_done is still to come, and drops the results because the segment's arena is NULL
 * now. */
bool readers_withdraw(struct read *read);
/* Reads that wait. */
size_t readers_waiting(const struct readers *readers);
/* How many connections are up. */
size_t readers_up(const struct readers *readers);
