/* Which sessions and API keys have ended lately: their tokens are good by their signature, and
 * refused all the same. The domains are asked every few seconds; what ends through this gateway is
 * known at once. */
#pragma once

#include "gateway/inquiry.h"

enum {
    ENDED_SESSIONS_MAX = 65536, /* remembered; then the oldest go */
    ENDED_POLL_US = 5000000,
    ENDED_PAGES_MAX = 200 /* in a row, of 500 */
};
/* A token lives 15 minutes at most; clocks may differ. */
#define ENDED_KEPT_US (INT64_C(17) * 60 * 1000000)
/* No word from a domain for so long is an alarm. */
#define ENDED_STALE_US (INT64_C(45) * 1000000)

struct ended_sessions;

struct ended_sessions *ended_sessions_new(const struct inquirer *inquirer);
/* No poll may be under way. */
void ended_sessions_destroy(struct ended_sessions **ended);
/* Remembers one, from now on. */
void ended_sessions_add(struct ended_sessions *ended, struct uuid session);
bool ended_sessions_have(const struct ended_sessions *ended, struct uuid session);
size_t ended_sessions_count(const struct ended_sessions *ended);
/* Forgets what is old, and asks the domain of a surface when it is time. From the loop. */
void ended_sessions_tick(struct ended_sessions *ended, enum principal_kind kind);
bool ended_sessions_is_polling(const struct ended_sessions *ended);
