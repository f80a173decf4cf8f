/* The inside of a consumer: one domain's reader of another domain's events. Its fiber fetches
 * (consumer.c), and what was fetched is handed on and committed (consumer_run.c). */
#pragma once

#include "actors/host/host.h"
#include "host_messages.h"
#include "storage/feed.h"
#include "storage/parked_store.h"

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

/* Cursors that are to be moved. */
struct consumer_moves {
    const char *source;
    struct feed_move moves[SHARD_COUNT];
    size_t count;
};

/* What is handed on. */
struct consumer_handing {
    const struct dispatch_entry *entry;
    struct uuid id;
    struct text body;
};

/* ---- consumer_unit.c ---- */

/* What takes events of that number; NULL: nothing. */
const struct dispatch_entry *consumer_find_entry(const struct hosted *hosted, int64_t number);
struct consumer_handing consumer_hand(const struct consumer *consumer,
                                      const struct host_event *event);
/* Decodes the event and calls its handler; `context` is the handing. */
MUST_CHECK enum status consumer_call_handler(struct request *request, void *context);
void consumer_add_move(const struct consumer *consumer, unsigned shard, uint64_t to,
                       struct consumer_moves *moves);
/* Queues the moves; `context` is them. */
void consumer_add_moves(struct unit *unit, struct arena *arena, void *context);
/* After the unit that moved them, or did not. */
void consumer_note_moved(struct consumer *consumer, const struct consumer_moves *moves,
                         enum status status);
/* Runs the handlers of a batch and queues what they wrote, with what `add` does, as one unit. The
 * unit is fenced by one shard only: that nobody else consumes the same events at the same time is
 * what the cursors' own check is for. WAITS. Statuses: of the handlers, of unit_wait(). */
MUST_CHECK enum status
consumer_run_batch(struct hosted *hosted, unsigned shard, const struct consumer_handing *handings,
                   size_t count, void (*add)(struct unit *unit, struct arena *arena, void *context),
                   void *context);
/* Sets an event aside; its shard goes on behind it. WAITS. Statuses as unit_wait(). */
MUST_CHECK enum status consumer_park(struct consumer *consumer, const struct host_event *event,
                                     const struct message *message, enum status why);

/* Commits cursors that lag behind: at once if is_dirty, else now and then. WAITS. */
void consumer_keep(struct consumer *consumer);
/* Hands a parked event on once more, and removes its row when that went well. WAITS. Statuses: of
 * the handler; CONFLICT (somebody else has settled it). */
MUST_CHECK enum status consumer_replay(struct hosted *hosted, enum domain source,
                                       const struct parked_row *row);
/* Runs a unit of one statement: `add` queues it. WAITS. Statuses as unit_wait(). */
MUST_CHECK enum status
consumer_commit(struct hosted *hosted, unsigned shard,
                void (*add)(struct unit *unit, struct arena *arena, void *context), void *context);

/* ---- consumer_run.c ---- */

/* Hands on what was fetched as far as that goes and commits the cursors; where an event fails, its
 * shard stays behind until stall.retry_us. `arena` is the fetch's. Returns true if any shard has
 * moved. WAITS. */
bool consumer_receive(struct consumer *consumer, const struct host_events *events,
                      struct arena *arena);
