/* The database as a parameter, as the tables of runtime/platform.h are: what submits a segment of
 * statements, all or nothing, ended by one Sync. The production table is storage/connection.h's. */
#pragma once

#include "runtime/arena.h"
#include "runtime/base.h"

enum { STORE_PARAMS_MAX = 40, STORE_COLUMNS_MAX = 40 };

/* Static text of one statement. Statements are compared by address and prepared once per
 * connection. */
struct statement {
    const char *name; /* "wallet_load", for logs */
    const char *sql;
    enum status on_duplicate; /* what a unique violation means; STATUS_OK (0): a bug, answered as
                                 INTERNAL */
    enum status on_check;     /* what a check violation means; likewise */
    enum status on_reference; /* what it means that a foreign key leads nowhere; likewise */
    bool adds_rows; /* and does nothing else: calls of units that are committed together become one
                       (storage/columns.h says what the parameters are) */
};

/* Whose fault a failure is. In all cases but LOST nothing of the segment has been committed. */
enum store_fault {
    STORE_FAULT_NONE,
    STORE_FAULT_OWN,    /* of the statement: it would fail again */
    STORE_FAULT_LOCK,   /* somebody else's transaction is in the way */
    STORE_FAULT_SERVER, /* the server cannot do it at the moment: full, read-only, too slow */
    STORE_FAULT_LOST    /* the connection is gone, and the outcome is unknown */
};

/* A value in PostgreSQL's binary format; data NULL is SQL NULL. */
struct store_value {
    uint32_t type_oid;
    int32_t length; /* -1: NULL */
    const char *data;
};

struct store_params {
    struct store_value values[STORE_PARAMS_MAX];
    size_t count;
};

struct store_result {
    enum status
        status; /* OK; the meaning of an error; STATUS_UNAVAILABLE: not run, or outcome unknown */
    enum store_fault fault;
    char sqlstate[6];       /* "" when there was no error of the server */
    const char *constraint; /* name of the violated constraint, or "" */
    const char *detail;     /* DETAIL of the error, or "" */
    size_t rows_count, columns_count;
    struct store_value *cells; /* row by row */
    int64_t rows_affected;
};

struct store_call {
    const struct statement *statement;
    struct store_params params;
    struct store_result result; /* filled in, in the segment's arena */
};

struct store_segment {
    struct store_call *calls;
    size_t calls_count;
    struct arena *arena; /* where results are copied */
    void (*on_done)(struct store_segment *segment);
    /* NULL; or fills in the parameters at the last moment, each time that it is sent. */
    void (*on_send)(struct store_segment *segment);
    /* OK; the status of the first call that failed (its position in `failed_call`, everything
     * rolled back); UNAVAILABLE with STORE_FAULT_LOST: the connection was lost, the outcome of the
     * whole segment is unknown. */
    enum status status;
    enum store_fault fault; /* NONE when it is OK */
    size_t failed_call;
    /* One statement that may be sent twice: it can share its Sync with others of its turn, and is
     * sent again by itself when one of them fails. */
    bool is_read;
    bool is_sent;               /* its calls must not be changed any more */
    bool is_alone, is_aborted;  /* private */
    struct store_segment *next; /* private */
};

struct store {
    void *context;
    /* Queues the segment; on_done is called from the loop, never from inside this call. */
    void (*submit)(void *context, struct store_segment *segment);
};
