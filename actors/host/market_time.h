/* The market's time, which tests may move forward: an offset from real time that every domain's
 * database keeps, that every node takes from there when it starts, and that all nodes are told when
 * it grows. */
#pragma once

#include "actors/host/domain.h"
#include "actors/host/host.h"

/* Lets the node's time be at least what the domain's database says. WAITS. Statuses: as
 * query_run(). */
MUST_CHECK enum status market_time_take_over(struct hosted *hosted);

/* Answer host.set_market_time and host.run_due; see host_answers.h. Statuses: OK, those of the
 * codec and of query_run(). */
MUST_CHECK enum status market_time_answer_set(struct hosted *hosted, struct arena *arena,
                                              struct text body, int64_t deadline_us,
                                              struct text *ret_body);
MUST_CHECK enum status market_time_answer_run_due(struct hosted *hosted, struct arena *arena,
                                                  struct text body, int64_t deadline_us,
                                                  struct text *ret_body);
