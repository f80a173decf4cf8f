/* Which sessions have ended lately. Their tokens are still good by signature and time, and must be
 * refused all the same (gateway/README.md, Decisions: ended sessions are a list). The domains are
 * asked every second; what ends through this gateway is known at once. Each surface has a list
 * of its own, so that no crowd of shoppers can push the end of a member of staff out of memory. */
#pragma once

#include "gateway/api_keys.h"
#include "gateway/inquiry.h"

enum {
    ENDED_SESSIONS_MAX = 65536,  /* remembered of a surface */
    ENDED_POLL_US = 1000000,     /* between two questions to a domain */
    ENDED_RETRY_US = 100000,     /* the same, until it has told everything once */
    ENDED_PAGES_MAX = 200,       /* of one answer, in a row; of 500 each */
    ENDED_SKEW_US = 60 * 1000000 /* how far the clock that dates tokens may be ahead of ours */
};
/* How long one is remembered: a token lives for 15 minutes at most, and clocks may differ. */
#define ENDED_KEPT_US (INT64_C(17) * 60 * 1000000)
/* A domain that has not answered for so long is an alarm: its logouts are not heard. */
#define ENDED_STALE_US (INT64_C(45) * 1000000)

struct ended_sessions;

/* `inquirer` must outlive the lists, and so must `keys`, which forget the API keys that a domain
 * says have ended; NULL: nobody remembers keys. */
struct ended_sessions *ended_sessions_new(const struct inquirer *inquirer, struct api_keys *keys);
/* No question may be under way. Clears the pointer, which may be NULL. */
void ended_sessions_destroy(struct ended_sessions **ended);
/* Remembers a session of a surface, from now on for ENDED_KEPT_US. When ENDED_SESSIONS_MAX are
 * remembered the oldest is forgotten; then ended_sessions_not_before_us() takes its place. */
void ended_sessions_add(struct ended_sessions *ended, enum principal_kind kind,
                        struct uuid session);
/* True if the session of the surface is remembered; false for the zero id. */
bool ended_sessions_have(const struct ended_sessions *ended, enum principal_kind kind,
                         struct uuid session);
/* Tokens of the surface that were issued no later than that (real time) may be of a session whose
 * end had to be forgotten: they are to be exchanged for new ones, which ended sessions cannot. 0:
 * nothing was forgotten too early. */
int64_t ended_sessions_not_before_us(const struct ended_sessions *ended, enum principal_kind kind);
/* False until the domain of the surface has told once all that has ended: before that a token of
 * an ended session cannot be told from a good one. */
bool ended_sessions_are_known(const struct ended_sessions *ended, enum principal_kind kind);
/* How many are remembered of a surface. */
size_t ended_sessions_count(const struct ended_sessions *ended, enum principal_kind kind);
/* Forgets what is old, and asks the domain of a surface when it is time; to be called several times
 * a second. */
void ended_sessions_tick(struct ended_sessions *ended, enum principal_kind kind);
/* True while a domain is being asked. */
bool ended_sessions_is_polling(const struct ended_sessions *ended);
