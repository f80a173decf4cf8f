/* What a connection is made of, and the half of it that speaks the pipeline. For the files of
 * storage/. The pipeline never touches the socket's watch or the connection's state: it says what
 * it wants, and connection.c does it. */
#pragma once

#include <libpq-fe.h>

#include "storage/connection.h"
#include "storage/prepared.h"

enum {
    EXPECTED_START = 256,
    /* Segments on the wire at once; more wait in the queue, so that a lost connection leaves few of
       them unsure. */
    CONNECTION_SENT_MAX = 128,
    /* Reads that share a Sync: it costs the server a commit and a system call, but nobody is
       answered before the slowest. */
    CONNECTION_GROUP_MAX = 16
};

enum connection_state { CONNECTION_DOWN, CONNECTION_CONNECTING, CONNECTION_UP };

enum expected_kind { EXPECTED_CALL, EXPECTED_PREPARE, EXPECTED_SYNC };

/* One answer that the server owes us. */
struct expected {
    enum expected_kind kind;
    const struct statement *statement; /* PREPARE */
    struct store_segment *segment;     /* CALL; SYNC: the last that it ends, NULL: none */
    size_t call;
    bool has_result; /* the result has been read, its terminating NULL has not */
};

struct segment_list {
    struct store_segment *head, *tail;
    size_t count;
};

struct connection {
    struct store store;
    struct loop *loop;
    char *conninfo, *application_name;
    int64_t wait_down_us;
    void *context;
    void (*on_state)(void *context, bool is_up);
    PGconn *pg;
    uv_poll_t *poll; /* on the heap: libuv lets go of it later than we do */
    int poll_events, poll_socket;
    enum connection_state state;
    bool was_up, is_destroyed;
    int64_t backoff_us;
    struct timer retry_timer; /* the next attempt, or the end of the present one */
    struct timer send_timer;  /* sends what was queued from fibers, on the loop's own stack */
    struct timer give_up_timer;
    struct segment_list queued, sent;
    struct segment_list refused; /* too many were queued; answered by send_timer */
    struct expected *ring;
    size_t ring_capacity, ring_head, ring_count;
    struct store_segment *group_last; /* of reads on the wire that still lack their Sync, or NULL */
    size_t group_count;
    struct prepared_table *prepared;
    /* Of the latest Prepare that failed. */
    char prepare_sqlstate[6], prepare_error[160];
};

void segment_list_push(struct segment_list *list, struct store_segment *segment);
/* NULL when the list is empty. */
struct store_segment *segment_list_pop(struct segment_list *list);
/* Tells the owner that the connection was lost, before the segment was sent or afterwards; the
 * segment may be gone then. */
void segment_finish_lost(struct store_segment *segment, bool was_sent);

/* What the pipeline wants of its connection. */
enum pipeline_wish {
    PIPELINE_WANTS_NOTHING, /* it is down */
    PIPELINE_WANTS_INPUT,
    PIPELINE_WANTS_ROOM, /* and input: there is something left to write */
    PIPELINE_WANTS_END   /* it is unusable */
};

/* Sends what is queued. Only from the loop's own stack: TLS needs more than a fiber's. */
enum pipeline_wish pipeline_send_queue(struct connection *connection);
/* Writes what libpq has buffered. */
enum pipeline_wish pipeline_flush(struct connection *connection);
/* Reads every result that has arrived. False: the connection is unusable. */
bool pipeline_drain(struct connection *connection);
