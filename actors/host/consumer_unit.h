/* The units of a consumer: what it commits, and when. */
#pragma once

#include "actors/host/consumer_internal.h"
#include "actors/host/request.h"
#include "storage/feed.h"
#include "storage/parked_store.h"

/* Cursors that are to be moved. */
struct consumer_moves {
    const char *source;
    struct feed_move moves[SHARD_COUNT];
    size_t count;
};

/* An event on its way to its handler. */
struct consumer_handing {
    const struct dispatch_entry *entry; /* NULL: the domain does not look at such events */
    struct uuid id;                     /* of the work; follows from the event */
    struct text body;
};

/* Queues what one unit of a consumer writes. */
typedef void consumer_writes(struct unit *unit, struct arena *arena, void *context);

/* ---- events ---- */

/* What takes events of that number; NULL: nothing. */
const struct dispatch_entry *consumer_find_entry(const struct hosted *hosted, int64_t number);
struct consumer_handing consumer_hand(const struct consumer *consumer,
                                      const struct host_event *event);
/* Decodes the event and calls its handler; `context` is the handing. WAITS. Statuses: of the codec,
 * of the handler. */
MUST_CHECK enum status consumer_call_handler(struct request *request, void *context);

/* ---- cursors ---- */

void consumer_add_move(const struct consumer *consumer, unsigned shard, uint64_t to,
                       struct consumer_moves *moves);
/* Queues the moves; `context` is them. */
void consumer_add_moves(struct unit *unit, struct arena *arena, void *context);
/* After the unit that moved them. When it did not, what is known of them is read again. */
void consumer_note_moved(struct consumer *consumer, const struct consumer_moves *moves,
                         enum status status);
/* Commits cursors that lag behind: at once if is_dirty, else now and then. WAITS. */
void consumer_keep(struct consumer *consumer);

/* ---- units ---- */

/* Commits a unit of what `add` queues. WAITS. Statuses as unit_wait(). */
MUST_CHECK enum status consumer_commit(struct hosted *hosted, unsigned shard, consumer_writes *add,
                                       void *context);
/* Runs the handlers of a batch and queues what they wrote, with what `add` does, as one unit. The
 * unit is fenced by one shard only: that nobody else consumes the same events at the same time is
 * what the cursors' own check is for. WAITS. Statuses: of the handlers, of unit_wait(). */
MUST_CHECK enum status consumer_run_batch(struct hosted *hosted, unsigned shard,
                                          const struct consumer_handing *handings, size_t count,
                                          consumer_writes *add, void *context);

/* ---- events that are set aside ---- */

/* Sets an event aside; its shard goes on behind it. WAITS. Statuses as unit_wait(). */
MUST_CHECK enum status consumer_park(struct consumer *consumer, const struct host_event *event,
                                     const struct message *message, enum status why);
/* Hands a parked event on once more, and removes its row when that went well. WAITS. Statuses: of
 * the handler; UNSUPPORTED (the domain does not consume such events any more); CONFLICT (somebody
 * else has settled it). */
MUST_CHECK enum status consumer_replay(struct hosted *hosted, enum domain source,
                                       const struct parked_row *row);
