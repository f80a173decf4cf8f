/* What operators ask about events that were set aside. Each answers with an encoded body. */
#pragma once

#include "actors/host/host.h"
#include "host_messages.h"
#include "storage/parked_store.h"

/* Answers host.list_parked_events. WAITS. Statuses: OK, those of the codec and of parked_list(). */
MUST_CHECK enum status parked_answer_list(struct hosted *hosted, struct arena *arena,
                                          struct text body, int64_t deadline_us,
                                          struct text *ret_body);
/* Answers host.settle_parked_event: replays the event or throws it away. WAITS. Statuses: OK,
 * NOT_FOUND, MOVED (the shard is another node's), those of consumer_replay(). */
MUST_CHECK enum status parked_answer_settle(struct hosted *hosted, struct arena *arena,
                                            struct text body, int64_t deadline_us,
                                            struct text *ret_body);
/* The same of an event whose name is read already; ret_found says whether it was there. WAITS.
 * Statuses: those of parked_answer_settle(). */
MUST_CHECK enum status parked_settle(struct hosted *hosted, struct arena *arena,
                                     struct parked_name *name, enum host_parked_fate fate,
                                     int64_t deadline_us, bool *ret_found);
