/* One domain's database as one node sees it: read connections, a write connection whose units are
 * committed in groups, and the shards that this node has claimed. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/hint.h"
#include "runtime/loop.h"
#include "storage/values.h"

struct database;

struct database_options {
    struct loop *loop;
    struct fibers *fibers;
    const char *conninfo;
    const char *domain; /* "wallet"; also the SQL schema */
    const char *member; /* application_name is "node:MEMBER:INCARNATION" */
    uint64_t incarnation;
    size_t batch_max; /* units in one segment, <= UNITS_BATCH_MAX */
    size_t readers;   /* read connections, <= READERS_COUNT_MAX (storage/readers.h); 0: one */
    /* The fence refused this node: a newer owner exists. Called once; the process should exit 75.
     */
    void *context;
    void (*on_fenced)(void *context, const char *domain);
    /* What was committed in a shard; the hint's domain is left open. Valid during the call. May be
     * NULL. */
    void (*on_outbox)(void *context, const char *domain, struct hint *hint);
};

struct database *database_new(const struct database_options *options);
void database_destroy(struct database **database);

/* Takes over shards first..last: ends other sessions with an application_name of "node:..." that
 * hold the role and own any of them, sets epoch + 1, owner and incarnation in one statement. WAITS
 * (also for the database to come up, until the deadline). Statuses: OK, UNAVAILABLE,
 * DEADLINE_EXCEEDED, STOPPING. */
MUST_CHECK enum status database_claim(struct database *database, unsigned first, unsigned last,
                                      int64_t deadline_us);
bool database_owns(const struct database *database, unsigned shard);
/* False when it has not answered for HEARTBEAT_SILENCE_US (storage/heartbeat.h), to a read or on
 * the connection that writes. */
bool database_is_answering(const struct database *database);
/* False when the last write that it was asked for, a moment ago, failed: its disk may be full. */
bool database_is_writable(const struct database *database);
/* Units queued or in flight. */
size_t database_units_pending(const struct database *database);
