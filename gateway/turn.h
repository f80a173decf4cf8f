/* Shares the loop between connections, so that what one client makes us do does not add to what
 * another waits. Who has taken answers has credit and is read at once; all others (new, silent,
 * flooding, deaf) share slices of time, in the order in which they came, but for those whose reads
 * cost less than to let them wait. A slice follows the other
 * while nothing else is to be done, else there is one per millisecond, and the processor is left to
 * those who work for the answers. Pure: no clock, no input; the caller measures. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A connection's part. Zeroed before its first use. */
struct turn_member {
    struct turn_member *previous, *next; /* with is_late */
    int64_t credit_us;                   /* time that may be spent on it at once */
    bool is_late;                        /* waits in the line */
    bool is_called;                      /* was in the line, and may be read now */
    bool was_cheap;                      /* the last time */
    int64_t small_reads; /* since its last answer, less those that larger ones make up for */
};

enum { TURN_REST_US = 1000000 };

/* Zeroed before its first use; members are the caller's. */
struct turn {
    struct turn_member *first_late, *last_late;
    int64_t slice_began_us;
    int64_t spent_us;      /* of the slice */
    size_t calls, answers; /* how many were called in the slice; how many of them tried to read */
    bool is_busy;          /* somebody else waits for something */
    bool has_credited;     /* somebody with credit was read since the last turn's end */
    bool is_stranger_read; /* who was allowed last had none */
};

/* May the member be read now? False: it stands in the line and must not be read until turn_call()
 * has returned it. */
bool turn_may_read(struct turn *turn, struct turn_member *member);
/* `clock_us` passed while `bytes` of the member were read and what followed from it was done (0:
 * its end). At most what such a read can cost is charged. */
void turn_charge(struct turn *turn, struct turn_member *member, size_t bytes, int64_t clock_us);
/* Does the member send so little at a time that it costs less to let it gather for TURN_REST_US? A
 * read costs what it costs, however few the bytes (slow heads and bodies, "Slowloris"). */
bool turn_must_rest(const struct turn_member *member);
/* The member has rested; it stands in the line now, unless it does already. */
void turn_queue(struct turn *turn, struct turn_member *member);
/* The member has taken an answer. */
void turn_reward(struct turn_member *member);
/* The member is not to be called any more. */
void turn_forget(struct turn *turn, struct turn_member *member);

/* Is there time for another stranger, such as one to be accepted? */
bool turn_has_time(const struct turn *turn);
/* `spent_us` went into a stranger that is no member yet. */
void turn_charge_stranger(struct turn *turn, int64_t spent_us);

/* To be called at the end of each turn of the loop. `is_busy`: somebody waits for something that is
 * under way. turn_call() is then to be called until it returns NULL. */
void turn_end(struct turn *turn, bool is_busy, int64_t now_us);
/* The next in the line that may be read; NULL when the others have to wait. */
struct turn_member *turn_call(struct turn *turn);
/* By when the loop must have another turn, a time that may be past; INT64_MAX: whenever there is
 * something to do. */
int64_t turn_next_us(const struct turn *turn);
