/* A request without a node, for tests of what handlers know and queue: no loop, no database. The
 * test may change everything before it calls. */
#pragma once

#include "actors/host/request_internal.h"

struct request_stage {
    struct arena *arena;
    struct config *config;
    struct timers timers; /* never used: nothing waits */
    struct clock clock;
    struct fibers *fibers;
    struct dispatch_table dispatch;
    struct domain_definition definition;
    struct host host;
    struct hosted hosted;
    struct envelope envelope;
    struct request request;
};

enum { REQUEST_STAGE_SHARD = 9 };

#define REQUEST_STAGE_NOW_US (INT64_C(1800000000) * 1000000)

/* A command to an actor of the vendor domain. */
void request_stage_open(struct request_stage *stage);
void request_stage_close(struct request_stage *stage);
/* As if the handler ran again: a new request for the same envelope. */
void request_stage_again(struct request_stage *stage);
