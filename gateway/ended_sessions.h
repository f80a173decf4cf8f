/* Which sessions and API keys have ended lately. Their tokens are still good by signature and time,
 * and must be refused all the same (gateway/README.md, Decisions: ended sessions are a list). The
 * domains are asked every few seconds; what ends through this gateway is known at once. */
#pragma once

#include "gateway/inquiry.h"

enum {
    ENDED_SESSIONS_MAX = 65536, /* remembered; then the oldest are forgotten, and it is an alarm */
    ENDED_POLL_US = 5000000,    /* between two questions to a domain */
    ENDED_PAGES_MAX = 200       /* of one answer, in a row; of 500 each */
};
/* How long one is remembered: a token lives for 15 minutes at most, and clocks may differ. */
#define ENDED_KEPT_US (INT64_C(17) * 60 * 1000000)
/* A domain that has not answered for so long is an alarm: its logouts are not heard. */
#define ENDED_STALE_US (INT64_C(45) * 1000000)

struct ended_sessions;

/* `inquirer` must outlive the set. */
struct ended_sessions *ended_sessions_new(const struct inquirer *inquirer);
/* No question may be under way. Clears the pointer, which may be NULL. */
void ended_sessions_destroy(struct ended_sessions **ended);
/* Remembers a session, from now on for ENDED_KEPT_US. */
void ended_sessions_add(struct ended_sessions *ended, struct uuid session);
/* True if the session is remembered; false for the zero id. */
bool ended_sessions_have(const struct ended_sessions *ended, struct uuid session);
/* How many are remembered. */
size_t ended_sessions_count(const struct ended_sessions *ended);
/* Forgets what is old, and asks the domain of a surface when it is time; to be called several times
 * a second. */
void ended_sessions_tick(struct ended_sessions *ended, enum principal_kind kind);
/* True while a domain is being asked. */
bool ended_sessions_is_polling(const struct ended_sessions *ended);
