/* What the files of connections share. Included by these only. */
#pragma once

#include "gateway/connection.h"
#include "gateway/key_counts.h"

struct connections {
    struct connection_limits limits;
    struct loop *loop;
    struct key_counts *addresses; /* connections per address */
    struct rate_limiter *faults;  /* of addresses whose connections were ended for what they sent */
    struct connection *first;     /* of all, in no order */
    size_t count;
    size_t head_bytes;             /* of all connections */
    size_t cuts_left;              /* of this check of deadlines */
    struct read_schedule schedule; /* when they are read */
    int64_t read_began_us;         /* of the read that is under way */
    struct timer slice;            /* runs while the next slice of time is awaited */
    struct timer held_tick;        /* runs while a connection is held */
    bool is_ticking;               /* held_tick runs */
};

/* Prepares and stops the timers of reading. */
void connection_input_open(struct connections *connections);
void connection_input_close(struct connections *connections);
/* Lets a new connection be read as the rate of input and the schedule allow. */
void connection_input_begin(struct connection *connection, int64_t now_us);
/* Does not let a connection be read for READ_PAUSE_US. */
void connection_input_wait(struct connection *connection, int64_t now_us);
/* Lets it be read only if it begins with what is a protocol: of one in clear text. */
void connection_input_expect_preface(struct connection *connection);
/* Gives back what a request that is complete has used up of its connection's input. */
void connection_input_refund(struct connection *connection, size_t body_bytes);
