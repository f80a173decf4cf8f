/* The writes of one handler as they are gathered; unit_of_work.h commits them. Building a unit asks
 * nothing of a database, and a unit that is never committed costs nothing but memory. */
#pragma once

#include "runtime/fiber.h"
#include "storage/values.h"

enum {
    UNIT_WRITES_MAX = 256,
    UNIT_EVENTS_MAX = 32,
    UNIT_ANSWER_MAX = 256 * 1024,
    UNITS_BATCH_MAX = 64,   /* in one segment */
    UNITS_QUEUE_MAX = 16384 /* that wait for one database */
};

/* What a message was answered; kept in the inbox and in the idempotency table. */
struct stored_answer {
    enum status status;
    uint16_t http_status;
    struct text body; /* msgpack */
};

/* Reads one from status, http_status and body, the next three columns of the row; its body is a
 * view into the row's arena. A status that only a newer version knows is read as INTERNAL. */
struct stored_answer stored_answer_read(struct row *row);

struct unit;

/* A unit of `shard` for message `msg_id`, in the arena. It may outlive the handler until it is
 * settled, so the arena must too. */
struct unit *unit_new(struct arena *arena, struct fibers *fibers, unsigned shard,
                      struct uuid msg_id, uint16_t number, int64_t market_us);
/* A unit that touches actors of several shards fences each of them; events and inbox stay with the
 * unit's own shard. */
void unit_add_shard(struct unit *unit, unsigned shard);
/* Units of one key are committed in the order of their enqueueing (of others only those that share
 * a segment, or meet no lock); and nobody waits for the unit after `deadline_us` (monotonic), so
 * that it gives up then, unless its outcome is unknown. Without this it has no key, and 30 s. */
void unit_set_order(struct unit *unit, struct uuid key, int64_t deadline_us);
/* Queues a statement; fill in the parameters of the returned set at once (param_*). A check inside
 * the SQL must raise: `WITH u AS (UPDATE ... RETURNING 1) SELECT require_one(count(*)) FROM u` ends
 * the unit with CONFLICT. */
struct store_params *unit_write(struct unit *unit, const struct statement *statement);
/* How many more it has room for. */
size_t unit_writes_left(const struct unit *unit);
/* Queues an event; its msg_id is derived from the unit's, its sequence is given by the fence. */
void unit_publish(struct unit *unit, uint16_t number, struct uuid key, struct text body);
/* Those who wait for something new of that id (a shopper, an order) are told when the unit is
 * committed, whatever it publishes or writes. */
void unit_hint(struct unit *unit, struct uuid id);
/* Writes the idempotency row: still running, or its final answer. `is_new` inserts (a unique
 * violation ends the unit with DUPLICATE: look with idempotency_find()), else the running row is
 * completed. */
void unit_idempotency_running(struct unit *unit, const uint8_t key[32],
                              const uint8_t fingerprint[16]);
void unit_idempotency_answer(struct unit *unit, const uint8_t key[32],
                             const uint8_t fingerprint[16], bool is_new,
                             const struct stored_answer *answer);
/* Takes a running row back: what it was for has come to nothing, and the key may be tried again. */
void unit_idempotency_release(struct unit *unit, const uint8_t key[32]);
/* The answer that the inbox keeps with msg_id. */
void unit_answer(struct unit *unit, const struct stored_answer *answer);
/* True while it has nothing to write. */
bool unit_is_empty(const struct unit *unit);
/* True if the unit has room for all that the part has, and `writes` more of its own. */
bool unit_has_room(const struct unit *unit, const struct unit *part, size_t writes);
/* Moves all that the part has behind what the unit has, its answer excepted; the part is not used
 * any more. Both are of one message, in one arena. */
void unit_take(struct unit *unit, struct unit *part);
