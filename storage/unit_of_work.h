/* Commits units: the writes of a handler together or not at all, as fence, inbox, domain writes,
 * idempotency answer and outbox. Units that wait together share one pipelined segment (group
 * commit); when one fails, it alone is dropped and the others are sent again (storage/README.md,
 * Decisions: group commit, drop the culprit). */
#pragma once

#include "storage/database.h"
#include "storage/unit.h"

/* Queues the unit for the next segment. Units of one database settle in the order of their
 * enqueueing per key (unit_set_order()). An empty unit settles after those before it and writes
 * nothing (a barrier). Statuses: OK, OVERLOADED (UNITS_QUEUE_MAX), MOVED (the shard is not owned).
 */
MUST_CHECK enum status unit_enqueue(struct unit *unit, struct database *database);
/* Waits until the unit is settled. WAITS, without deadline of its own: a unit is always settled; a
 * lost answer is settled by sending the unit again, where the inbox tells whether the first was
 * committed. Statuses: OK; CONFLICT (a version check); DUPLICATE or what the statement declares
 * (on_duplicate, on_check); FENCED; INTERNAL; UNAVAILABLE (not committed: the database is away, or
 * full, or somebody else held a lock until the unit's deadline); DEADLINE_EXCEEDED (not committed:
 * a statement took too long); STOPPING (outcome unknown). When msg_id was committed before: OK and
 * *ret_is_repeat with the stored answer in ret_answer (arena of the unit). */
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
