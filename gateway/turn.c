/* The line of connections without credit, and how much of a turn is theirs. */
#include "gateway/turn.h"

#include <assert.h>

enum {
    SLICE_US = 300,
    CHEAP_US = 5,          /* a read that costs less is cheaper than to stand in the line */
    CHEAP_SLICE_US = 900,  /* for those whose last read was */
    BUSY_PERIOD_US = 1000, /* between the beginnings of two slices, while others wait */
    ANSWER_US = 200,       /* credit for an answer that was taken; to read a request costs 10 */
    CREDIT_MAX_US = 5000,  /* spent at most at once on who has behaved until now */
    READ_US_MAX = 20,      /* that a read may be thought to have cost, without its bytes */
    END_US_MAX = 1000,     /* the end of a connection with all its requests */
    SMALL_READ_BYTES = 128,
    SMALL_READS_MAX = 5, /* more than a handshake and a request take */
    CALLED_MAX = 4 /* at once: calling costs system calls, so not more than there is time for */
};

static void line_insert(struct turn *turn, struct turn_member *member, struct turn_member *next)
{
    member->is_late = true;
    member->next = next;
    member->previous = next == NULL ? turn->last_late : next->previous;
    if (member->previous != NULL)
        member->previous->next = member;
    else
        turn->first_late = member;
    if (next != NULL)
        next->previous = member;
    else
        turn->last_late = member;
}

static void line_remove(struct turn *turn, struct turn_member *member)
{
    assert(member->is_late);
    member->is_late = false;
    if (member->previous != NULL)
        member->previous->next = member->next;
    else
        turn->first_late = member->next;
    if (member->next != NULL)
        member->next->previous = member->previous;
    else
        turn->last_late = member->previous;
}

bool turn_may_read(struct turn *turn, struct turn_member *member)
{
    if (member->is_late) return false;
    if (member->credit_us > 0) {
        turn->has_credited = true;
        turn->is_stranger_read = false;
        return true;
    }
    /* Who has only just come stands behind those who wait, who was called before them. One that was
     * called is read in each slice, whatever the others cost. */
    struct turn_member *next = member->is_called ? turn->first_late : NULL;
    const bool is_turn = member->is_called ? turn->answers == 0 || turn_has_time(turn)
                                           : turn->first_late == NULL && turn_has_time(turn);
    if (member->is_called) turn->answers++;
    member->is_called = false;
    if (!is_turn && !(member->was_cheap && turn->spent_us < CHEAP_SLICE_US)) {
        line_insert(turn, member, next);
        return false;
    }
    turn->is_stranger_read = true;
    return true;
}

/* The clock also runs while the processor is taken from us, which is nobody's fault: no byte costs
 * more than a microsecond, by far. */
static int64_t turn_believe(size_t bytes, int64_t spent_us)
{
    const int64_t most_us = bytes == 0 ? END_US_MAX : READ_US_MAX + (int64_t)bytes;
    return spent_us < most_us ? spent_us : most_us;
}

void turn_charge(struct turn *turn, struct turn_member *member, size_t bytes, int64_t clock_us)
{
    assert(clock_us >= 0);
    const int64_t spent_us = turn_believe(bytes, clock_us);
    member->small_reads += 1 - (int64_t)(bytes / SMALL_READ_BYTES);
    if (member->small_reads < 0) member->small_reads = 0;
    member->was_cheap = spent_us < CHEAP_US;
    /* As it was when the reading began: a connection that ends lets go of all answers. */
    if (turn->is_stranger_read) {
        turn->spent_us += spent_us;
        return;
    }
    member->credit_us -= spent_us < member->credit_us ? spent_us : member->credit_us;
}

bool turn_must_rest(const struct turn_member *member)
{
    return member->credit_us <= 0 && member->small_reads > SMALL_READS_MAX;
}

void turn_queue(struct turn *turn, struct turn_member *member)
{
    if (!member->is_late) line_insert(turn, member, NULL);
}

void turn_reward(struct turn_member *member)
{
    member->small_reads = 0;
    member->credit_us += ANSWER_US;
    if (member->credit_us > CREDIT_MAX_US) member->credit_us = CREDIT_MAX_US;
}

void turn_forget(struct turn *turn, struct turn_member *member)
{
    if (member->is_late) line_remove(turn, member);
    member->is_called = false;
}

bool turn_has_time(const struct turn *turn)
{
    return turn->spent_us < SLICE_US;
}

void turn_charge_stranger(struct turn *turn, int64_t spent_us)
{
    assert(spent_us >= 0);
    turn->spent_us += spent_us;
}

void turn_end(struct turn *turn, bool is_busy, int64_t now_us)
{
    turn->is_busy = is_busy || turn->has_credited;
    turn->has_credited = false;
    if (turn->is_busy && now_us - turn->slice_began_us < BUSY_PERIOD_US) return;
    turn->slice_began_us = now_us;
    turn->spent_us = 0;
    turn->calls = turn->answers = 0;
}

struct turn_member *turn_call(struct turn *turn)
{
    struct turn_member *member = turn->first_late;
    const bool may_call = turn_has_time(turn) && turn->calls < turn->answers + CALLED_MAX;
    if (member == NULL || !may_call) return NULL;
    line_remove(turn, member);
    member->is_called = true;
    turn->calls++;
    return member;
}

int64_t turn_next_us(const struct turn *turn)
{
    if (turn->first_late == NULL && turn_has_time(turn)) return INT64_MAX;
    return turn->slice_began_us + (turn->is_busy ? BUSY_PERIOD_US : 0);
}
