/* The rules of throttled sign-ins. */
#include "actors/user/user_throttle.h"

#include "runtime/base.h"

int64_t user_failures_wait_us(const struct user_failures *failures, int64_t now_us)
{
    const int64_t wait_us = failures->locked_until_us - now_us;
    return wait_us > 0 ? wait_us : 0;
}

void user_failures_add(struct user_failures *failures, int64_t now_us)
{
    if (failures->count == 0 || now_us - failures->window_started_us > USER_FAILURES_WINDOW_US) {
        failures->count = 0;
        failures->window_started_us = now_us;
    }
    if (now_us - failures->locked_until_us > USER_LOCKS_MEMORY_US) failures->locks = 0;
    failures->version++;
    failures->count++;
    if (failures->count < USER_FAILURES_MAX) return;

    const int64_t doublings =
        failures->locks < USER_LOCK_DOUBLINGS_MAX ? failures->locks : USER_LOCK_DOUBLINGS_MAX;
    failures->locked_until_us = now_us + (USER_FAILURES_WINDOW_US << doublings);
    failures->locks++;
    failures->count = 0;
}

int64_t user_failures_end_us(const struct user_failures *failures)
{
    const int64_t window_us = failures->window_started_us + USER_FAILURES_WINDOW_US;
    const int64_t locks_us =
        failures->locks > 0 ? failures->locked_until_us + USER_LOCKS_MEMORY_US : 0;
    return window_us > locks_us ? window_us : locks_us;
}
