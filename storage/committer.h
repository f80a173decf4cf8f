/* Commits units of one database in groups over one store: one segment is under way at a time, so
 * that the units that arrive meanwhile gather for the next one. */
#pragma once

#include "runtime/hint.h"
#include "storage/unit_private.h"

struct committer;

struct committer_options {
    struct store *store;
    struct timers *timers;
    struct clock *clock;
    size_t batch_max;
    const int64_t *epochs; /* of each of the SHARD_COUNT shards; read when a segment is built */
    void *context;
    void (*on_fenced)(void *context, unsigned shard);
    /* What was committed in a shard; its domain is left open. Valid during the call. */
    void (*on_outbox)(void *context, struct hint *hint);
};

enum {
    COMMITTER_GIVE_UP_US =
        30 * 1000000,           /* how long an unsent unit waits for the database, or for a lock */
    COMMITTER_LOOK_US = 500000, /* how often that is checked */
    COMMITTER_COMPLAIN_US = 10 * 1000 * 1000 /* between two lines about the same trouble */
};

struct committer *committer_new(const struct committer_options *options);
/* Sends nothing more; what the store still answers is not looked at. */
void committer_stop(struct committer *committer);
/* Units that are left are settled as STOPPING. Nothing may be under way. */
void committer_destroy(struct committer **committer);
/* The store has come up or gone down. */
void committer_set_up(struct committer *committer, bool is_up);
/* Statuses: OK, OVERLOADED. */
MUST_CHECK enum status committer_enqueue(struct committer *committer, struct unit *unit);
/* Forgets a unit that nobody waits for any more. */
void committer_withdraw(struct unit *unit);
size_t committer_pending(const struct committer *committer);
