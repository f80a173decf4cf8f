/* What a unit consists of. For the files of storage/ and for tests. */
#pragma once

#include "storage/store.h"
#include "storage/unit.h"

struct committer;
struct unit_queue;

struct unit_write {
    struct store_call call;
    struct unit_write *next;
};

struct unit_event {
    struct uuid msg_id, key;
    uint16_t number;
    struct text body;
};

/* Somebody who has something new. */
struct unit_hint {
    struct uuid id;
    struct unit_hint *next;
};

/* What is known of a unit before its segment has been committed. */
enum unit_verdict {
    UNIT_WRITES,  /* is to be written */
    UNIT_REPEATS, /* its msg_id is in the inbox: only the stored answer is to be read */
    UNIT_REFUSED  /* its writes were refused with `refusal`; waits for its turn to say so */
};

struct unit {
    struct arena *arena;
    unsigned shard;
    uint64_t shards; /* every shard that it fences, as bits */
    uint64_t hinted; /* every shard of `hints`, as bits */
    struct unit_hint *hints;
    struct uuid msg_id;
    uint16_t number;
    int64_t market_us;
    struct unit_write *first_write, *last_write;
    size_t writes_count;
    struct unit_event *events;
    size_t events_count;
    struct stored_answer answer;
    struct uuid key;     /* whose units are committed in their order; zero: no other's */
    int64_t deadline_us; /* monotonic; of its waiter */

    /* Of the committer. */
    struct committer *committer; /* NULL: not queued */
    struct completion completion;
    struct unit_queue *queue; /* NULL: in none */
    struct unit *previous, *next;
    int64_t give_up_us; /* monotonic; as long as it has not been sent */
    bool is_sent;       /* its outcome may be unknown */
    bool met_lock;      /* it is tried again at retry_us, which comes later each time */
    int64_t retry_us, backoff_us;
    enum unit_verdict verdict;
    enum status refusal;
    struct stored_answer stored;
};
