/* A queue of the connections without credit, and the time of the loop that is theirs. */
#include "gateway/read_schedule.h"

#include <assert.h>

enum {
    SLICE_US = 300,
    CHEAP_US = 5,          /* a read that costs less is cheaper than a place in the queue */
    CHEAP_SLICE_US = 900,  /* of a slice, for connections whose last read was that cheap */
    BUSY_PERIOD_US = 1000, /* between the beginnings of two slices while others wait */
    ANSWER_US = 200,       /* credit for an answer; reading a request costs about 10 */
    CREDIT_MAX_US = 5000,  /* what a client that behaved until now can waste at once */
    READ_US_MAX = 20,      /* the most that a read is believed to cost, beside its bytes */
    END_US_MAX = 1000,     /* and the end of a connection with all its requests */
    SMALL_READ_BYTES = 128,
    SMALL_READS_MAX = 5, /* more than a handshake and a request take */
    CALLED_MAX = 4       /* called and not yet read: each call costs system calls */
};

/* Before `next`, or at the end. */
static void queue_insert(struct read_schedule *schedule, struct read_entry *entry,
                         struct read_entry *next)
{
    assert(!entry->is_queued);
    assert(next == NULL || next->is_queued);
    entry->is_queued = true;
    entry->next = next;
    entry->previous = next == NULL ? schedule->last : next->previous;
    if (entry->previous != NULL)
        entry->previous->next = entry;
    else
        schedule->first = entry;
    if (next != NULL)
        next->previous = entry;
    else
        schedule->last = entry;
}

static void queue_remove(struct read_schedule *schedule, struct read_entry *entry)
{
    assert(entry->is_queued);
    assert(schedule->first != NULL);
    entry->is_queued = false;
    if (entry->previous != NULL)
        entry->previous->next = entry->next;
    else
        schedule->first = entry->next;
    if (entry->next != NULL)
        entry->next->previous = entry->previous;
    else
        schedule->last = entry->previous;
}

bool read_schedule_allows(struct read_schedule *schedule, struct read_entry *entry)
{
    assert(entry->credit_us >= 0);
    if (entry->is_queued) return false;
    if (entry->credit_us > 0) {
        schedule->was_credited_read = true;
        schedule->is_uncredited_read = false;
        return true;
    }
    /* An entry that was called goes back to the front if there is no time left, because all that
     * are queued came after it. The first of a slice is read whatever others have spent: else a
     * storm of new connections could keep it waiting without end. */
    struct read_entry *next = entry->is_called ? schedule->first : NULL;
    const bool has_time = read_schedule_has_time(schedule);
    const bool is_turn =
        entry->is_called ? schedule->asked == 0 || has_time : schedule->first == NULL && has_time;
    if (entry->is_called) schedule->asked++;
    entry->is_called = false;
    if (!is_turn && !(entry->was_cheap && schedule->spent_us < CHEAP_SLICE_US)) {
        queue_insert(schedule, entry, next);
        return false;
    }
    schedule->is_uncredited_read = true;
    return true;
}

/* The clock also runs while other processes have the processor, and honest clients lost their
 * credit by that (gateway/README.md, Decisions: input has a rate). No byte costs as much as a
 * microsecond. */
static int64_t believable_us(size_t bytes, int64_t spent_us)
{
    const int64_t most_us = bytes == 0 ? END_US_MAX : READ_US_MAX + (int64_t)bytes;
    return spent_us < most_us ? spent_us : most_us;
}

void read_schedule_charge(struct read_schedule *schedule, struct read_entry *entry, size_t bytes,
                          int64_t clock_us)
{
    assert(clock_us >= 0);
    assert(!entry->is_queued);
    const int64_t spent_us = believable_us(bytes, clock_us);
    entry->small_reads += 1 - (int64_t)(bytes / SMALL_READ_BYTES);
    if (entry->small_reads < 0) entry->small_reads = 0;
    entry->was_cheap = spent_us < CHEAP_US;
    /* Who pays was settled when the read began. A connection that ends earns credit for all answers
     * that it never read, in this very read, and must not pay with it. */
    if (schedule->is_uncredited_read) {
        schedule->spent_us += spent_us;
        return;
    }
    entry->credit_us -= spent_us < entry->credit_us ? spent_us : entry->credit_us;
}

bool read_schedule_must_pause(const struct read_entry *entry)
{
    return entry->credit_us <= 0 && entry->small_reads > SMALL_READS_MAX;
}

void read_schedule_enqueue(struct read_schedule *schedule, struct read_entry *entry)
{
    if (!entry->is_queued) queue_insert(schedule, entry, NULL);
}

void read_schedule_reward(struct read_entry *entry)
{
    assert(entry->credit_us >= 0);
    entry->small_reads = 0;
    entry->credit_us += ANSWER_US;
    if (entry->credit_us > CREDIT_MAX_US) entry->credit_us = CREDIT_MAX_US;
}

void read_schedule_remove(struct read_schedule *schedule, struct read_entry *entry)
{
    if (entry->is_queued) queue_remove(schedule, entry);
    entry->is_called = false;
}

bool read_schedule_has_time(const struct read_schedule *schedule)
{
    return schedule->spent_us < SLICE_US;
}

void read_schedule_charge_new(struct read_schedule *schedule, int64_t spent_us)
{
    assert(spent_us >= 0);
    assert(schedule->spent_us >= 0);
    schedule->spent_us += spent_us;
}

void read_schedule_end_turn(struct read_schedule *schedule, bool is_busy, int64_t now_us)
{
    schedule->is_busy = is_busy || schedule->was_credited_read;
    schedule->was_credited_read = false;
    if (schedule->is_busy && now_us - schedule->slice_began_us < BUSY_PERIOD_US) return;
    schedule->slice_began_us = now_us;
    schedule->spent_us = 0;
    schedule->called = schedule->asked = 0;
}

struct read_entry *read_schedule_call(struct read_schedule *schedule)
{
    struct read_entry *entry = schedule->first;
    const bool may_call =
        read_schedule_has_time(schedule) && schedule->called < schedule->asked + CALLED_MAX;
    if (entry == NULL || !may_call) return NULL;
    queue_remove(schedule, entry);
    entry->is_called = true;
    schedule->called++;
    return entry;
}

int64_t read_schedule_wake_us(const struct read_schedule *schedule)
{
    if (schedule->first == NULL && read_schedule_has_time(schedule)) return INT64_MAX;
    return schedule->slice_began_us + (schedule->is_busy ? BUSY_PERIOD_US : 0);
}
