/* Queue, group commit, and what to do when a segment fails. The units of the segment under way stay
 * at the head of the queue until it has been committed, so sending them again is nothing but
 * building the next segment. */
#include "storage/committer.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/metrics.h"
#include "storage/batch.h"

enum { BATCH_ARENA_BYTES = 256 * 1024 };

struct committer {
    struct committer_options options;
    struct unit *head, *tail;
    size_t count;
    bool is_up, is_under_way, is_stopping;
    size_t
        single_left; /* so many units are sent one by one, because a failure named none of them */
    struct timer send_timer, look_timer;
    struct batch batch;
};

static void committer_start_timer(struct committer *committer, struct timer *timer,
                                  int64_t delay_us)
{
    if (!timer_is_started(timer))
        timer_start(committer->options.timers, timer,
                    clock_now_us(committer->options.clock) + delay_us);
}

/* ---- queue ---- */

static void committer_append(struct committer *committer, struct unit *unit)
{
    unit->previous = committer->tail;
    unit->next = NULL;
    if (committer->tail == NULL)
        committer->head = unit;
    else
        committer->tail->next = unit;
    committer->tail = unit;
    committer->count++;
    unit->committer = committer;
}

static void committer_unlink(struct committer *committer, struct unit *unit)
{
    if (unit->previous == NULL)
        committer->head = unit->next;
    else
        unit->previous->next = unit->next;
    if (unit->next == NULL)
        committer->tail = unit->previous;
    else
        unit->next->previous = unit->previous;
    committer->count--;
    unit->committer = NULL;
    for (size_t i = 0; i < committer->batch.count; i++)
        if (committer->batch.units[i] == unit) committer->batch.units[i] = NULL;
}

/* The waiter runs inside, and the unit may be gone afterwards. */
static void committer_settle(struct committer *committer, struct unit *unit, enum status status)
{
    committer_unlink(committer, unit);
    completion_finish(&unit->completion, status);
}

static void committer_give_up(struct committer *committer)
{
    const int64_t before_us = clock_now_us(committer->options.clock) - COMMITTER_GIVE_UP_US;
    struct unit *unit = committer->head;
    while (unit != NULL) {
        struct unit *next = unit->next;
        if (!unit->is_sent && unit->enqueued_us <= before_us) {
            metric_add(METRIC_UNITS_FAILED, 1);
            /* A waiter may queue new units behind, but never takes another one out: `next` stays
             * valid unless it is withdrawn, which only happens when everything stops. */
            committer_settle(committer, unit, STATUS_UNAVAILABLE);
            if (committer->is_stopping) return;
        }
        unit = next;
    }
}

static void on_look_timer(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, look_timer);
    if (committer->is_up) return;
    committer_give_up(committer);
    committer_start_timer(committer, &committer->look_timer, COMMITTER_LOOK_US);
}

/* ---- outcomes ---- */

static void committer_settle_committed(struct committer *committer, struct unit *unit)
{
    enum status status = STATUS_OK;
    if (unit->verdict == UNIT_REFUSED) {
        metric_add(METRIC_UNITS_FAILED, 1);
        status = unit->refusal;
    } else if (unit->verdict == UNIT_REPEATS) {
        metric_add(METRIC_INBOX_HITS, 1);
        if (batch_find_answer(&committer->batch, unit, &unit->stored) != STATUS_OK)
            status = STATUS_INTERNAL;
    } else if (!unit_is_empty(unit)) {
        metric_add(METRIC_UNITS, 1);
    }
    committer_settle(committer, unit, status);
}

/* The batch is done with: announces its events, then wakes the waiters in the order of the queue.
 */
static void committer_finish_committed(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    for (size_t i = 0; i < batch->shards_count && committer->options.on_outbox != NULL; i++)
        if (batch->shard_events[i] > 0)
            committer->options.on_outbox(committer->options.context, batch->shards[i],
                                         batch_last_sequence(batch, i));
    for (size_t i = 0; i < batch->count; i++)
        if (batch->units[i] != NULL) committer_settle_committed(committer, batch->units[i]);
    batch->count = 0;
}

static void committer_refuse(struct unit *unit, enum status status)
{
    unit->verdict = UNIT_REFUSED;
    unit->refusal = status;
}

/* Every unit of the shard that DETAIL names is refused; of all shards, should it name none. */
static void committer_refuse_fenced(struct committer *committer, const struct store_result *result)
{
    int64_t shard = -1;
    struct batch *batch = &committer->batch;
    if (text_parse_int(text_of(result->detail), &shard) != STATUS_OK || shard < 0 ||
        shard >= SHARD_COUNT)
        shard = -1;
    for (size_t i = 0; i < batch->count; i++) {
        struct unit *unit = batch->units[i];
        if (unit == NULL || unit->verdict != UNIT_WRITES || unit_is_empty(unit)) continue;
        if (shard == -1 || (unit->shards >> shard & 1) != 0) committer_refuse(unit, STATUS_FENCED);
    }
    committer->options.on_fenced(committer->options.context, shard == -1 ? 0 : (unsigned)shard);
}

/* Nobody above sees more of an SQL error than INTERNAL, so it is written down here. */
static void committer_log_bug(const struct store_call *call)
{
    log_error("statement_failed", LOG_STRING("statement", call->statement->name),
              LOG_STRING("sqlstate", call->result.sqlstate),
              LOG_STRING("message", call->result.detail));
}

static void committer_judge_failed(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    const size_t failed = batch->segment.failed_call;
    const struct store_call *call = &batch->segment.calls[failed];
    const size_t culprit = batch->call_units[failed];
    if (batch->segment.status == STATUS_INTERNAL) committer_log_bug(call);
    if (failed == batch->fence_call && batch->segment.status == STATUS_FENCED) {
        committer_refuse_fenced(committer, &call->result);
        return;
    }
    struct unit *repeat = failed == batch->inbox_call ? batch_find_repeat(batch) : NULL;
    if (repeat != NULL) {
        repeat->verdict = UNIT_REPEATS;
        return;
    }
    if (culprit != BATCH_NO_UNIT) {
        if (batch->units[culprit] != NULL)
            committer_refuse(batch->units[culprit], batch->segment.status);
        return;
    }
    if (batch->count > 1) {
        committer->single_left = batch->count;
        return;
    }
    if (batch->units[0] != NULL) committer_refuse(batch->units[0], batch->segment.status);
}

/* ---- sending ---- */

static void committer_send(struct committer *committer);

static void on_batch_done(struct store_segment *segment)
{
    struct committer *committer = CONTAINER_OF(segment, struct committer, batch.segment);
    committer->is_under_way = false;
    if (committer->is_stopping) return;
    if (segment->status == STATUS_OK)
        committer_finish_committed(committer);
    else if (segment->status == STATUS_UNAVAILABLE && segment->failed_call == SIZE_MAX)
        committer->batch.count = 0; /* never sent: the units wait at the head of the queue */
    else {
        for (size_t i = 0; i < committer->batch.count; i++)
            if (committer->batch.units[i] != NULL)
                committer->batch.units[i]->is_sent =
                    segment->status == STATUS_UNAVAILABLE || committer->batch.units[i]->is_sent;
        if (segment->status != STATUS_UNAVAILABLE) committer_judge_failed(committer);
        committer->batch.count = 0;
    }
    committer_send(committer);
}

static void committer_fill_batch(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    const size_t most = committer->single_left > 0 ? 1 : committer->options.batch_max;
    if (committer->single_left > 0) committer->single_left--;
    batch->count = 0;
    for (struct unit *unit = committer->head; unit != NULL && batch->count < most;
         unit = unit->next)
        batch->units[batch->count++] = unit;
}

/* Sends the units at the head of the queue; those that need nothing of the database are settled at
 * once. */
static void committer_send(struct committer *committer)
{
    size_t rounds = UNITS_QUEUE_MAX;
    while (committer->is_up && !committer->is_under_way && !committer->is_stopping &&
           committer->head != NULL && rounds-- > 0) {
        committer_fill_batch(committer);
        batch_build(&committer->batch, committer->options.epochs);
        if (committer->batch.segment.calls_count == 0) {
            committer_finish_committed(committer);
            continue;
        }
        committer->is_under_way = true;
        committer->batch.segment.on_done = on_batch_done;
        metric_add(METRIC_SEGMENTS, 1);
        struct store *store = committer->options.store;
        store->submit(store->context, &committer->batch.segment);
    }
}

static void on_send_timer(struct timer *timer)
{
    committer_send(CONTAINER_OF(timer, struct committer, send_timer));
}

enum status committer_enqueue(struct committer *committer, struct unit *unit)
{
    assert(unit->committer == NULL);
    if (committer->count >= UNITS_QUEUE_MAX) return STATUS_OVERLOADED;
    unit->enqueued_us = clock_now_us(committer->options.clock);
    committer_append(committer, unit);
    /* Not at once: what is queued in the same turn shares the segment. */
    if (committer->is_up && !committer->is_under_way)
        committer_start_timer(committer, &committer->send_timer, 0);
    return STATUS_OK;
}

void committer_withdraw(struct unit *unit)
{
    if (unit->committer != NULL) committer_unlink(unit->committer, unit);
}

void committer_set_up(struct committer *committer, bool is_up)
{
    committer->is_up = is_up;
    if (is_up)
        committer_start_timer(committer, &committer->send_timer, 0);
    else
        committer_start_timer(committer, &committer->look_timer, COMMITTER_LOOK_US);
}

size_t committer_pending(const struct committer *committer)
{
    return committer->count;
}

/* ---- life ---- */

struct committer *committer_new(const struct committer_options *options)
{
    assert(options->batch_max >= 1);
    assert(options->batch_max <= UNITS_BATCH_MAX);
    struct committer *committer = calloc(1, sizeof *committer);
    if (committer == NULL) abort();
    committer->options = *options;
    committer->send_timer.on_fire = on_send_timer;
    committer->look_timer.on_fire = on_look_timer;
    committer->batch.arena = arena_new(BATCH_ARENA_BYTES);
    committer_start_timer(committer, &committer->look_timer, COMMITTER_LOOK_US);
    return committer;
}

void committer_stop(struct committer *committer)
{
    committer->is_stopping = true;
    committer->is_up = false;
}

void committer_destroy(struct committer **committer_pointer)
{
    struct committer *committer = *committer_pointer;
    if (committer == NULL) return;
    *committer_pointer = NULL;
    committer_stop(committer);
    assert(!committer->is_under_way);
    timer_stop(committer->options.timers, &committer->send_timer);
    timer_stop(committer->options.timers, &committer->look_timer);
    while (committer->head != NULL)
        committer_settle(committer, committer->head, STATUS_STOPPING);
    arena_destroy(&committer->batch.arena);
    free(committer);
}
