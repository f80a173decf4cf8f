/* When each connection is read, so that the work that one client causes does not delay the others.
 *
 * A connection earns credit, which is time, by reading answers. With credit it is read at once and
 * pays with it. Without credit (it is new, silent, floods us, or reads nothing) it shares short
 * slices of time with all others of that kind, first come, first served. While somebody waits for
 * an answer, a slice begins once per millisecond at most, so that the processor is left to the
 * work for those answers; otherwise slices follow one another.
 *
 * Two exceptions: a connection whose last read cost less than queueing would is read out of turn,
 * and one that sends a few bytes at a time must pause, so that more bytes gather for a read.
 *
 * Pure: no clock, no input; the caller measures. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long a connection that sends a few bytes at a time is left alone. */
enum { READ_PAUSE_US = 1000000 };

/* What is known of one connection. Zeroed before its first use; the caller's memory. */
struct read_entry {
    struct read_entry *previous, *next; /* with is_queued */
    int64_t credit_us;                  /* of the loop's time; at least 0 */
    int64_t small_reads; /* since its last answer, less those that larger ones offset */
    bool is_queued;      /* waits for a slice */
    bool is_called;      /* its slice has come; not read since */
    bool was_cheap;      /* its last read cost next to nothing */
};

/* Zeroed before its first use. */
struct read_schedule {
    struct read_entry *first, *last; /* of those that wait for a slice */
    int64_t slice_began_us;
    int64_t spent_us;       /* of the slice */
    size_t called, asked;   /* in the slice: entries called, and those that then asked for a read */
    bool is_busy;           /* somebody waits for an answer */
    bool was_credited_read; /* a connection with credit was read since the last turn's end */
    bool is_uncredited_read; /* the one that was allowed last had no credit */
};

/* Asks for a read. True: it may be read now, and read_schedule_charge() must follow. False: it
 * waits for a slice, and must not be read before read_schedule_call() has returned it. */
bool read_schedule_allows(struct read_schedule *schedule, struct read_entry *entry);
/* Charges a read and what followed from it: `bytes` were read (0: the end of the connection) while
 * the clock moved by `clock_us`. */
void read_schedule_charge(struct read_schedule *schedule, struct read_entry *entry, size_t bytes,
                          int64_t clock_us);
/* True if the connection sends so little at a time that it should not be read for READ_PAUSE_US: a
 * read costs the same however few its bytes are (slow heads and bodies, "Slowloris"). */
bool read_schedule_must_pause(const struct read_entry *entry);
/* Lets an entry wait for a slice, at the end of the queue; one that waits already keeps its place.
 */
void read_schedule_enqueue(struct read_schedule *schedule, struct read_entry *entry);
/* Gives credit for an answer that the connection has read to its end. */
void read_schedule_reward(struct read_entry *entry);
/* The connection is closed: the entry is not called any more. */
void read_schedule_remove(struct read_schedule *schedule, struct read_entry *entry);

/* True while the slice has time for one more connection without credit, such as a new one. */
bool read_schedule_has_time(const struct read_schedule *schedule);
/* Charges work for a connection that has no entry yet, such as accepting it. */
void read_schedule_charge_new(struct read_schedule *schedule, int64_t spent_us);

/* Ends a turn of the loop, and begins the next slice when it is time. `is_busy`: somebody waits for
 * an answer. read_schedule_call() is then to be called until it returns NULL. */
void read_schedule_end_turn(struct read_schedule *schedule, bool is_busy, int64_t now_us);
/* Removes the entry from the queue that may be read next; NULL when the others have to wait. */
struct read_entry *read_schedule_call(struct read_schedule *schedule);
/* When the loop must have another turn, at the latest; may be past. INT64_MAX: only when there is
 * something to do. */
int64_t read_schedule_wake_us(const struct read_schedule *schedule);
