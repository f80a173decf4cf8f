/* The writes of one handler, committed together or not at all: fence, inbox, domain writes,
 * idempotency answer, outbox. Units that wait together share one pipelined segment (group commit);
 * when one fails, it alone is dropped and the others are sent again (storage/README.md, Decisions:
 * group commit, drop the culprit). */
#pragma once

#include "runtime/envelope.h"
#include "storage/database.h"

enum { UNIT_WRITES_MAX = 48, UNIT_EVENTS_MAX = 16, UNIT_ANSWER_MAX = 256 * 1024 };

/* What a message was answered; kept in the inbox and in the idempotency table. */
struct stored_answer {
    enum status status;
    uint16_t http_status;
    struct text body; /* msgpack */
};

struct unit;

/* A unit of `shard` for message `msg_id`, in the arena. It may outlive the handler until it is
 * settled, so the arena must too. */
struct unit *unit_new(struct arena *arena, struct fibers *fibers, unsigned shard,
                      struct uuid msg_id, uint16_t number, int64_t market_us);
/* A unit that touches actors of several shards fences each of them; events and inbox stay with the
 * unit's own shard. */
void unit_add_shard(struct unit *unit, unsigned shard);
/* Queues a statement; fill in the parameters of the returned set at once (param_*). A check inside
 * the SQL must raise: `WITH u AS (UPDATE ... RETURNING 1) SELECT require_one(count(*)) FROM u` ends
 * the unit with CONFLICT. */
struct store_params *unit_write(struct unit *unit, const struct statement *statement);
/* Queues an event; its msg_id is derived from the unit's, its sequence is given by the fence. */
void unit_publish(struct unit *unit, uint16_t number, struct uuid key, struct text body);
/* Writes the idempotency row: still running, or its final answer. `is_new` inserts (a unique
 * violation ends the unit with DUPLICATE: look with idempotency_find()), else the running row is
 * completed. */
void unit_idempotency_running(struct unit *unit, const uint8_t key[32],
                              const uint8_t fingerprint[16]);
void unit_idempotency_answer(struct unit *unit, const uint8_t key[32],
                             const uint8_t fingerprint[16], bool is_new,
                             const struct stored_answer *answer);
/* The answer that the inbox keeps with msg_id. */
void unit_answer(struct unit *unit, const struct stored_answer *answer);
bool unit_is_empty(const struct unit *unit);

/* Queues the unit for the next segment. Units of one database settle in the order of their
 * enqueueing per shard. An empty unit settles after those before it and writes nothing (a barrier).
 * Statuses: OK, OVERLOADED (UNITS_QUEUE_MAX), MOVED (the shard is not owned). */
MUST_CHECK enum status unit_enqueue(struct unit *unit, struct database *database);
/* Waits until the unit is settled. WAITS, without deadline of its own: a unit is always settled; a
 * lost answer is settled by sending the unit again, where the inbox tells whether the first was
 * committed. Statuses: OK; CONFLICT (a version check); DUPLICATE or what the statement declares
 * (on_duplicate, on_check); FENCED; INTERNAL; UNAVAILABLE (never sent: the database is away);
 * STOPPING (outcome unknown). When msg_id was committed before: OK and *ret_is_repeat with the
 * stored answer in ret_answer (arena of the unit). */
MUST_CHECK enum status unit_wait(struct unit *unit, bool *ret_is_repeat,
                                 struct stored_answer *ret_answer);

/* Looks a message up in the inbox. WAITS. Statuses: OK, NOT_FOUND, and those of query_run(). */
MUST_CHECK enum status inbox_find(struct database *database, struct arena *arena,
                                  struct uuid msg_id, int64_t deadline_us,
                                  struct stored_answer *ret_answer);
/* Looks an idempotency key up. WAITS. Statuses: OK (answer), NOT_FOUND, REQUEST_IN_PROGRESS,
 * IDEMPOTENCY_KEY_REUSED (another fingerprint), and those of query_run(). */
MUST_CHECK enum status idempotency_find(struct database *database, struct arena *arena,
                                        const uint8_t key[32], const uint8_t fingerprint[16],
                                        int64_t deadline_us, struct stored_answer *ret_answer);
