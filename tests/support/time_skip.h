/* A loop whose monotonic and market time a test moves ahead, so that nobody waits for seconds to
 * pass: timers that are due then fire in the next turns, deadlines that have passed have passed.
 * What others measure (libcurl, ZeroMQ, PostgreSQL) does not move, nor does real time. */
#pragma once

#include "runtime/loop.h"

struct time_skip {
    struct loop *loop;
    int64_t skipped_us;
    struct timer wake; /* makes the loop look at its timers again */
};

/* Takes the loop's clock over. The skip must live as long as the loop. */
void time_skip_init(struct time_skip *skip, struct loop *loop);
/* Moves the time ahead at once. */
void time_skip_by(struct time_skip *skip, int64_t duration_us);
