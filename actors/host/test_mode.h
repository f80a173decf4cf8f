/* What only tests may do. */
#pragma once

#include "actors/host/request.h"

/* Setting test_mode. */
bool test_mode_is_on(const struct request *request);

/* Queues what the domain's database keeps of the market's time, `by_us` (>= 0) further ahead of
 * real time than it is there. `*ret_offset_us` is the new distance. WAITS. Statuses: as
 * request_query(); OUT_OF_RANGE (further than 100 years). */
MUST_CHECK enum status test_mode_move_clock(struct request *request, int64_t by_us,
                                            int64_t *ret_offset_us);
