/* The rules of throttled attempts. */
#include "actors/identity/identity_throttle.h"

#include "runtime/base.h"

#define MINUTE_US (INT64_C(60) * 1000000)
#define DAY_US (24 * 60 * MINUTE_US)

const struct identity_limit *identity_limit_of(enum identity_guard_kind kind)
{
    static const struct identity_limit limits[] = {
        [IDENTITY_GUARD_SIGN_IN] = { 10, 15 * MINUTE_US, 4 }, /* 15 minutes to 4 hours */
        [IDENTITY_GUARD_SECOND_FACTOR] = { 5, 15 * MINUTE_US, 4 },
        [IDENTITY_GUARD_RESET] = { 5, 60 * MINUTE_US, 0 },
        [IDENTITY_GUARD_TICKET] = { 20, 15 * MINUTE_US, 0 },
        [IDENTITY_GUARD_DEVICE] = { 10, 15 * MINUTE_US, 4 },
        [IDENTITY_GUARD_PRESENCE] = { 10, 15 * MINUTE_US, 4 },
        [IDENTITY_GUARD_OWN_MAIL] = { 5, 60 * MINUTE_US, 0 },
        [IDENTITY_GUARD_TEXT] = { 3, 24 * 60 * MINUTE_US, 0 },
        [IDENTITY_GUARD_PHONE_CODE] = { 5, 15 * MINUTE_US, 4 },
        [IDENTITY_GUARD_INVITED] = { 5, DAY_US, 0 },
        [IDENTITY_GUARD_SENDER] = { 25, DAY_US, 0 },
        [IDENTITY_GUARD_NEW_SENDER] = { 5, DAY_US, 0 },
        [IDENTITY_GUARD_REGISTRATION] = { 100, DAY_US, 0 }, /* unless a setting says otherwise */
    };
    static_assert(ARRAY_LENGTH(limits) == IDENTITY_GUARD_COUNT, "each kind has its limit");
    assert((unsigned)kind < IDENTITY_GUARD_COUNT);
    return &limits[kind];
}

int64_t identity_failures_wait_us(const struct identity_failures *failures, int64_t now_us)
{
    assert(failures != NULL);
    const int64_t wait_us = failures->locked_until_us - now_us;
    return wait_us > 0 ? wait_us : 0;
}

void identity_failures_add(struct identity_failures *failures, const struct identity_limit *limit,
                           int64_t now_us)
{
    assert(failures != NULL);
    assert(limit != NULL);
    if (failures->count == 0 || now_us - failures->window_started_us > limit->window_us) {
        failures->count = 0;
        failures->window_started_us = now_us;
    }
    if (now_us - failures->locked_until_us > IDENTITY_LOCKS_MEMORY_US) failures->locks = 0;
    failures->version++;
    failures->count++;
    if (failures->count < limit->failures_max) return;

    const int64_t doublings =
        failures->locks < limit->doublings_max ? failures->locks : limit->doublings_max;
    failures->locked_until_us = now_us + (limit->window_us << doublings);
    failures->locks++;
    failures->count = 0;
}

int64_t identity_failures_end_us(const struct identity_failures *failures,
                                 const struct identity_limit *limit)
{
    assert(failures != NULL);
    assert(limit != NULL);
    const int64_t window_us = failures->window_started_us + limit->window_us;
    const int64_t locks_us =
        failures->locks > 0 ? failures->locked_until_us + IDENTITY_LOCKS_MEMORY_US : 0;
    return window_us > locks_us ? window_us : locks_us;
}
