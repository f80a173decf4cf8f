/* Queue, group commit, and what to do when a segment fails. The units of the segment under way stay
 * in their queue until it has been committed, so sending them again is nothing but building the
 * next segment. */
#include "storage/committer.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/metrics.h"
#include "storage/batch.h"
#include "storage/waiting_room.h"

enum { BATCH_ARENA_BYTES = 256 * 1024 };

struct committer {
    struct committer_options options;
    struct unit_queue
        ready; /* at its head are those of the segment under way, unless it is a try */
    struct waiting_room room; /* of those that met a lock */
    bool is_up, is_under_way, is_stopping;
    bool is_try;   /* the segment is of units in the room */
    bool is_apart; /* until a segment is committed no calls are joined: a joined one has failed */
    size_t
        single_left; /* so many units are sent one by one, because a failure named none of them */
    struct timer send_timer, look_timer;
    struct timer try_timer; /* until the next try of the room */
    int64_t complained_us;  /* 0: never */
    struct batch batch;
};

static void committer_start_timer(struct committer *committer, struct timer *timer,
                                  int64_t delay_us)
{
    if (!timer_is_started(timer))
        timer_start(committer->options.timers, timer,
                    clock_now_us(committer->options.clock) + delay_us);
}

/* ---- queues ---- */

static int64_t committer_now_us(const struct committer *committer)
{
    return clock_now_us(committer->options.clock);
}

static void committer_unlink(struct committer *committer, struct unit *unit)
{
    if (unit->queue == &committer->room.queue)
        waiting_room_remove(&committer->room, unit);
    else
        unit_queue_remove(unit);
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

/* One unit that has waited for long enough; NULL: none. Of those under way none gives up: they will
 * be told. */
static struct unit *committer_find_late(const struct committer *committer,
                                        const struct unit_queue *queue)
{
    const int64_t now_us = committer_now_us(committer);
    for (struct unit *unit = queue->head; unit != NULL; unit = unit->next) {
        bool is_under_way = false;
        for (size_t i = 0; i < committer->batch.count; i++)
            is_under_way = is_under_way || committer->batch.units[i] == unit;
        if (!unit->is_sent && !is_under_way && unit->give_up_us <= now_us) return unit;
    }
    return NULL;
}

/* Looked for anew after each, since a waiter may queue or withdraw what it likes. */
static void committer_give_up(struct committer *committer)
{
    struct unit *unit;
    for (size_t i = 0; i < UNITS_QUEUE_MAX && !committer->is_stopping; i++) {
        unit = committer_find_late(committer, &committer->room.queue);
        if (unit == NULL && !committer->is_up)
            unit = committer_find_late(committer, &committer->ready);
        if (unit == NULL) return;
        metric_add(METRIC_UNITS_FAILED, 1);
        committer_settle(committer, unit, STATUS_UNAVAILABLE);
    }
}

static void on_look_timer(struct timer *timer)
{
    struct committer *committer = CONTAINER_OF(timer, struct committer, look_timer);
    committer_give_up(committer);
    if (!committer->is_up || committer->room.queue.count > 0)
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

static void committer_announce_events(const struct committer *committer, size_t shard_index)
{
    const struct batch *batch = &committer->batch;
    struct hint hint;
    hint_begin(&hint, batch->shards[shard_index], batch_last_sequence(batch, shard_index));
    for (size_t i = 0; i < batch->count; i++) {
        const struct unit *unit = batch->units[i];
        if (unit == NULL) {
            hint_add(&hint, (struct uuid){ { 0 } }); /* what it was about is gone */
            continue;
        }
        if (!unit_is_written(unit) || unit->shard != hint.shard || unit->events_count == 0)
            continue;
        if (!uuid_is_zero(unit->key)) hint_add(&hint, unit->key);
        for (size_t k = 0; k < unit->events_count; k++)
            hint_add(&hint, unit->events[k].key);
    }
    committer->options.on_outbox(committer->options.context, &hint);
}

static void committer_announce_hints(const struct committer *committer, unsigned shard)
{
    const struct batch *batch = &committer->batch;
    struct hint hint;
    hint_begin(&hint, shard, 0);
    for (size_t i = 0; i < batch->count; i++) {
        if (!unit_is_written(batch->units[i])) continue;
        for (const struct unit_hint *one = batch->units[i]->hints; one != NULL; one = one->next)
            if (uuid_shard(one->id) == shard) hint_add(&hint, one->id);
    }
    committer->options.on_outbox(committer->options.context, &hint);
}

static void committer_announce(const struct committer *committer)
{
    const struct batch *batch = &committer->batch;
    uint64_t hinted = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (unit_is_written(batch->units[i])) hinted |= batch->units[i]->hinted;
    for (size_t i = 0; i < batch->shards_count; i++)
        if (batch->shard_events[i] > 0) committer_announce_events(committer, i);
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++)
        if ((hinted >> shard & 1) != 0) committer_announce_hints(committer, shard);
}

/* The batch is done with: announces its events, then wakes the waiters in the order of the queue.
 */
static void committer_finish_committed(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    if (committer->options.on_outbox != NULL) committer_announce(committer);
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

/* The same for what passes by itself, now and then: a full disk refuses every unit. */
static void committer_complain(struct committer *committer, const struct store_call *call)
{
    const int64_t now_us = committer_now_us(committer);
    if (committer->complained_us > 0 && now_us - committer->complained_us < COMMITTER_COMPLAIN_US)
        return;
    committer->complained_us = now_us;
    log_warning("database_refused", LOG_STRING("statement", call->statement->name),
                LOG_STRING("sqlstate", call->result.sqlstate),
                LOG_STRING("message", call->result.detail));
}

/* The unit's writes, or what it shares with nobody else, have failed. */
static void committer_judge_unit(struct committer *committer, struct unit *unit)
{
    const struct store_segment *segment = &committer->batch.segment;
    const bool is_lock = segment->fault == STORE_FAULT_LOCK;
    /* An outage may be told only to a unit that is known not to have been committed before. */
    const bool must_wait = is_lock || (segment->fault == STORE_FAULT_SERVER && unit->is_sent);
    if (must_wait && (unit->is_sent || unit->queue == &committer->room.queue ||
                      !waiting_room_is_full(&committer->room))) {
        if (is_lock) metric_add(METRIC_UNITS_LOCKED, 1);
        waiting_room_admit(&committer->room, unit, committer_now_us(committer));
        committer_start_timer(committer, &committer->look_timer, COMMITTER_LOOK_US);
        return;
    }
    committer_refuse(unit, segment->status);
    if (unit->queue != &committer->room.queue) return;
    /* Nobody whom it must not overtake stands before it there. */
    metric_add(METRIC_UNITS_FAILED, 1);
    committer_settle(committer, unit, segment->status);
}

/* What stands behind the inbox runs only when the inbox knows none of the units. */
static void committer_note_unknown_to_inbox(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    if (batch->inbox_call == SIZE_MAX || batch->segment.failed_call <= batch->inbox_call) return;
    for (size_t i = 0; i < batch->count; i++)
        if (batch->units[i] != NULL && batch->units[i]->verdict == UNIT_WRITES)
            batch->units[i]->is_sent = false;
}

static void committer_judge_failed(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    const size_t failed = batch->segment.failed_call;
    const struct store_call *call = &batch->segment.calls[failed];
    const size_t culprit = batch->count == 1 ? 0 : batch->call_units[failed];
    if (culprit == BATCH_JOINED) {
        /* The same units once more, so that the call that fails names one of them. */
        committer_note_unknown_to_inbox(committer);
        committer->is_apart = true;
        return;
    }
    if (batch->segment.status == STATUS_INTERNAL) committer_log_bug(call);
    if (batch->segment.fault == STORE_FAULT_SERVER) committer_complain(committer, call);
    if (failed == batch->fence_call && batch->segment.status == STATUS_FENCED) {
        committer_refuse_fenced(committer, &call->result);
        return;
    }
    struct unit *repeat = failed == batch->inbox_call ? batch_find_repeat(batch) : NULL;
    if (repeat != NULL) {
        repeat->verdict = UNIT_REPEATS;
        repeat->is_sent = true; /* long ago */
        return;
    }
    committer_note_unknown_to_inbox(committer);
    if (culprit != BATCH_NO_UNIT) {
        if (batch->units[culprit] != NULL) committer_judge_unit(committer, batch->units[culprit]);
        return;
    }
    if (committer->is_try)
        committer->room.width = 1;
    else
        committer->single_left = batch->count;
}

/* ---- sending ---- */

static void committer_send(struct committer *committer);

static void committer_take_failure(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    const bool is_lost = batch->segment.fault == STORE_FAULT_LOST;
    for (size_t i = 0; i < batch->count && is_lost; i++)
        if (batch->units[i] != NULL && batch->segment.failed_call != SIZE_MAX)
            batch->units[i]->is_sent = true;
    if (!is_lost) committer_judge_failed(committer);
    batch->count = 0;
}

static void on_batch_done(struct store_segment *segment)
{
    struct committer *committer = CONTAINER_OF(segment, struct committer, batch.segment);
    committer->is_under_way = false;
    if (committer->is_stopping) return;
    const bool is_committed = segment->status == STATUS_OK;
    const bool was_named = !is_committed && segment->fault == STORE_FAULT_OWN;
    if (committer->is_try && !was_named)
        waiting_room_note_try(&committer->room, is_committed, committer_now_us(committer));
    if (is_committed) {
        committer->is_apart = committer->is_apart && committer->is_try;
        committer_finish_committed(committer);
    } else {
        committer_take_failure(committer);
    }
    committer_send(committer);
}

static void committer_fill_batch(struct committer *committer)
{
    struct batch *batch = &committer->batch;
    batch->count =
        waiting_room_collect(&committer->room, committer_now_us(committer), batch->units);
    committer->is_try = batch->count > 0;
    batch->is_apart = committer->is_apart || committer->is_try;
    if (committer->is_try) return;
    const size_t most = committer->single_left > 0 ? 1 : committer->options.batch_max;
    if (committer->single_left > 0) committer->single_left--;
    for (struct unit *unit = committer->ready.head; unit != NULL && batch->count < most;
         unit = unit->next)
        batch->units[batch->count++] = unit;
}

/* The room may be tried later than anything else wants to be sent. */
static void committer_plan_try(struct committer *committer)
{
    const int64_t next_us = waiting_room_next_us(&committer->room);
    const int64_t now_us = committer_now_us(committer);
    timer_stop(committer->options.timers, &committer->try_timer);
    if (next_us == INT64_MAX || !committer->is_up) return;
    committer_start_timer(committer, &committer->try_timer,
                          next_us > now_us ? next_us - now_us : 0);
}

/* Sends units whose time has come in the room, else those at the head of the queue; those that need
 * nothing of the database are settled at once. */
static void committer_send(struct committer *committer)
{
    size_t rounds = UNITS_QUEUE_MAX;
    while (committer->is_up && !committer->is_under_way && !committer->is_stopping &&
           rounds-- > 0) {
        committer_fill_batch(committer);
        if (committer->batch.count == 0) break;
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
    if (!committer->is_under_way) committer_plan_try(committer);
}

static void on_try_timer(struct timer *timer)
{
    committer_send(CONTAINER_OF(timer, struct committer, try_timer));
}

static void on_send_timer(struct timer *timer)
{
    committer_send(CONTAINER_OF(timer, struct committer, send_timer));
}

enum status committer_enqueue(struct committer *committer, struct unit *unit)
{
    assert(unit->committer == NULL);
    const bool must_follow = waiting_room_has_key(&committer->room, unit->key);
    if (committer_pending(committer) >= UNITS_QUEUE_MAX ||
        (must_follow && waiting_room_is_full(&committer->room)))
        return STATUS_OVERLOADED;
    const int64_t latest_us = committer_now_us(committer) + COMMITTER_GIVE_UP_US;
    unit->give_up_us = unit->deadline_us < latest_us ? unit->deadline_us : latest_us;
    unit->committer = committer;
    if (must_follow) {
        waiting_room_follow(&committer->room, unit);
        return STATUS_OK;
    }
    unit_queue_append(&committer->ready, unit);
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
    return committer->ready.count + committer->room.queue.count;
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
    committer->try_timer.on_fire = on_try_timer;
    committer->room.width = 1;
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
    timer_stop(committer->options.timers, &committer->try_timer);
    while (committer->room.queue.head != NULL)
        committer_settle(committer, committer->room.queue.head, STATUS_STOPPING);
    while (committer->ready.head != NULL)
        committer_settle(committer, committer->ready.head, STATUS_STOPPING);
    arena_destroy(&committer->batch.arena);
    free(committer);
}
