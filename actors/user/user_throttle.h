/* How many wrong passwords an address takes before it is locked, and for how long. Pure; all times
 * are market time in microseconds. */
#pragma once

#include <stdint.h>

enum {
    USER_FAILURES_MAX = 10,     /* within the window; the next attempt is refused */
    USER_LOCK_DOUBLINGS_MAX = 4 /* 15 minutes to 4 hours */
};
#define USER_FAILURES_WINDOW_US (INT64_C(15) * 60 * 1000000)
/* A lock that follows another within this time is twice as long. */
#define USER_LOCKS_MEMORY_US (INT64_C(24) * 3600 * 1000000)

struct user_failures {
    int64_t count, window_started_us;
    int64_t locks, locked_until_us;
    int64_t version; /* of its row; 0: there is none */
};

/* How long the address is still locked; 0 when it is not. */
int64_t user_failures_wait_us(const struct user_failures *failures, int64_t now_us);
/* Counts a failure, and locks the address when it is the last of USER_FAILURES_MAX. */
void user_failures_add(struct user_failures *failures, int64_t now_us);
/* From when on the record says no more than having none. */
int64_t user_failures_end_us(const struct user_failures *failures);
