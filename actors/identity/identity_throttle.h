/* How often something may be tried in vain before it is locked, and for how long. Pure; all times
 * are market time in microseconds. */
#pragma once

#include <stdint.h>

/* What is guarded. The position is stored (identity_guard.c): append only. */
enum identity_guard_kind {
    IDENTITY_GUARD_SIGN_IN,       /* wrong passwords, by address, known or not */
    IDENTITY_GUARD_SECOND_FACTOR, /* wrong codes, by person */
    IDENTITY_GUARD_RESET,         /* messages that anybody may ask for, by address */
    IDENTITY_GUARD_TICKET,        /* made-up one-time tokens, by client address */
    IDENTITY_GUARD_DEVICE,        /* wrong passwords from a device that was let in before, by it */
    IDENTITY_GUARD_PRESENCE,      /* wrong passwords of who is signed in, by person */
    IDENTITY_GUARD_OWN_MAIL,      /* messages asked for from such a device, or signed in, by id */
    IDENTITY_GUARD_TEXT,          /* text messages with a code, by number and by person */
    IDENTITY_GUARD_PHONE_CODE,    /* wrong codes of such a message, by person */
    IDENTITY_GUARD_INVITED,       /* invitations, by the address that they go to */
    IDENTITY_GUARD_SENDER,        /* messages to strangers, by the account that has them sent */
    IDENTITY_GUARD_NEW_SENDER,    /* the same of an account that nobody has looked at yet */
    IDENTITY_GUARD_REGISTRATION,  /* accounts that were opened, by the network of the client */
    IDENTITY_GUARD_COUNT
};

struct identity_limit {
    int64_t failures_max; /* within the window; the next attempt is refused */
    int64_t window_us;    /* the first lock is as long */
    int64_t doublings_max;
};
const struct identity_limit *identity_limit_of(enum identity_guard_kind kind);

/* A lock that follows another within this time is twice as long. */
#define IDENTITY_LOCKS_MEMORY_US (INT64_C(24) * 3600 * 1000000)

struct identity_failures {
    int64_t count, window_started_us;
    int64_t locks, locked_until_us;
    int64_t version; /* of its row; 0: there is none */
};

/* How long it is still locked; 0 when it is not. */
int64_t identity_failures_wait_us(const struct identity_failures *failures, int64_t now_us);
/* Counts a failure, and locks when it is the last of failures_max. */
void identity_failures_add(struct identity_failures *failures, const struct identity_limit *limit,
                           int64_t now_us);
/* From when on the record says no more than having none. */
int64_t identity_failures_end_us(const struct identity_failures *failures,
                                 const struct identity_limit *limit);
