/* What operators ask about events that were set aside. Each answers with an encoded body. */
#pragma once

#include "actors/host/host.h"

/* Answers host.list_parked_events. WAITS. Statuses: OK, those of the codec and of parked_list(). */
MUST_CHECK enum status parked_answer_list(struct hosted *hosted, struct arena *arena,
                                          struct text body, int64_t deadline_us,
                                          struct text *ret_body);
/* Answers host.settle_parked_event: replays the event or throws it away. WAITS. Statuses: OK,
 * NOT_FOUND, MOVED (the shard is another node's), those of consumer_replay(). */
MUST_CHECK enum status parked_answer_settle(struct hosted *hosted, struct arena *arena,
                                            struct text body, int64_t deadline_us,
                                            struct text *ret_body);
