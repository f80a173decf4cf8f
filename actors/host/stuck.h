/* What the operators' queue has of every domain: events that were set aside, and sagas past their
 * deadline. Ids are "event_parked.CONSUMER.SHARD.SOURCE.NUMBER" and "process_late.DOMAIN.SHARD.ID".
 */
#pragma once

#include "actors/host/host.h"

/* Answers host.list_stuck with an encoded body. WAITS. Statuses: OK, those of the codec, of
 * parked_list() and of saga_store_late(). */
MUST_CHECK enum status stuck_answer_list(struct hosted *hosted, struct arena *arena,
                                         struct text body, int64_t deadline_us,
                                         struct text *ret_body);
/* Answers host.settle_stuck. WAITS. Statuses: OK (the reply says whether it helped), NOT_FOUND,
 * MOVED (the shard is another node's), those of status_is_outage(). */
MUST_CHECK enum status stuck_answer_settle(struct hosted *hosted, struct arena *arena,
                                           struct text body, int64_t deadline_us,
                                           struct text *ret_body);
