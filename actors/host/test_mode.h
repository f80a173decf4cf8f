/* What a domain may do with a whole market in test mode: ask every node the same, move the market's
 * time. */
#pragma once

#include "actors/host/request.h"

/* Setting test_mode. */
bool test_mode_is_on(const struct request *request);

/* Takes one node's reply, a struct of the message's, and returns `shard_last` of it. */
typedef int64_t test_mode_take(void *context, const void *reply);

/* Asks every node of every domain, one after the other: each says how far its shards go, and the
 * next question goes to the owner of the shard behind. The message is one of messages/host.toml.
 * WAITS. Statuses: those of request_ask(); those before the first that refuses have done it. */
MUST_CHECK enum status test_mode_ask_all(struct request *request, const struct message *message,
                                         const void *body, test_mode_take *take, void *context);
/* The same of one domain. */
MUST_CHECK enum status test_mode_ask_domain(struct request *request, enum domain domain,
                                            const struct message *message, const void *body,
                                            test_mode_take *take, void *context);

/* Queues what the domain's database keeps of the market's time, `by_us` (>= 0) further ahead of
 * real time than it is there. `*ret_offset_us` is the new distance. WAITS. Statuses: as
 * request_query(); OUT_OF_RANGE (further than 100 years). */
MUST_CHECK enum status test_mode_move_clock(struct request *request, int64_t by_us,
                                            int64_t *ret_offset_us);
