/* Events that could not be consumed and were set aside: rows of host.parked_event in the consumer's
 * database. */
#pragma once

#include "storage/unit_of_work.h"

enum { PARKED_LISTED_MAX = 200 };

/* Which event it is, in the consumer's database. */
struct parked_name {
    struct text source; /* the domain that published it */
    unsigned shard;
    uint64_t sequence;
};

struct parked_row {
    struct parked_name name;
    struct uuid msg_id;
    uint16_t number;
    struct text kind, body, reason;
    int64_t attempts;
    int64_t published_us, failed_us, parked_us; /* market time */
};

/* Adds to a unit: the row; that it was consumed or discarded (CONFLICT when it is not there any
 * more); that it failed again. */
void parked_add(struct unit *unit, struct arena *arena, const struct parked_row *row);
void parked_remove(struct unit *unit, struct arena *arena, const struct parked_name *name);
void parked_fail(struct unit *unit, struct arena *arena, const struct parked_name *name,
                 struct text reason);

/* One row, in `arena`. WAITS. Statuses: OK, NOT_FOUND, those of query_run(). */
MUST_CHECK enum status parked_find(struct database *database, struct arena *arena,
                                   const struct parked_name *name, int64_t deadline_us,
                                   struct parked_row *ret_row);
/* The oldest `max` rows, without their bodies. WAITS. Statuses as query_run(). */
MUST_CHECK enum status parked_list(struct database *database, struct arena *arena, size_t max,
                                   int64_t deadline_us, const struct parked_row **ret_rows,
                                   size_t *ret_count);
