/* The inside of a consumer. Its fiber fetches (consumer.c); what was fetched is handed on in
 * batches or one by one (consumer_run.c) and committed (consumer_unit.c). */
#pragma once

#include "actors/host/host.h"
#include "host_messages.h"

/* An event that failed, or waits for an outage to pass; its shard waits for the next attempt. */
struct stall {
    bool is_alone;     /* it must not spoil a batch again */
    int64_t attempts;  /* failures that were no outages */
    int64_t retry_us;  /* monotonic */
    int64_t failed_us; /* market time of the first failure */
};

struct consumer {
    struct hosted *hosted;
    enum domain source;
    bool is_open[SHARD_COUNT];   /* the cursor is known */
    uint64_t after[SHARD_COUNT]; /* done up to there */
    uint64_t kept[SHARD_COUNT];  /* and committed up to there */
    struct stall stalls[SHARD_COUNT];
    bool is_dirty;   /* what was done, and not only passed over, is ahead of what is committed */
    int64_t kept_us; /* monotonic: when cursors were committed last */
    unsigned turn;   /* which shard comes first; a stuck one must not fill every answer */
    struct completion wakeup;
    struct consumer *next;
};
