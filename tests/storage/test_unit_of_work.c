/* Units of work over a real PostgreSQL: groups, culprits, repeats, fences, gapless numbers and lost
 * connections. */
#include <stdio.h>
#include <string.h>

#include "runtime/metrics.h"
#include "tests/storage/storage_world.h"
#include "tests/support/cmocka.h"

static const uint8_t some_key[32] = { 1 };
static const uint8_t some_fingerprint[16] = { 2 };
static const uint8_t other_fingerprint[16] = { 3 };

#define GAPS_SQL                                                                                   \
    "SELECT count(*) FROM (SELECT shard, seq - row_number() OVER (PARTITION BY shard ORDER BY "    \
    "seq) AS gap FROM host.outbox) o WHERE gap <> 0"

static void unit_commits_writes_inbox_and_events(void **state)
{
    struct world *world = *state;
    struct worker *worker = world_worker(world, write_insert_account);
    worker->events = 2;

    world_work(world);

    assert_int_equal(worker->status, STATUS_OK);
    assert_false(worker->is_repeat);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), 1);
    assert_int_equal(world_number(world, "SELECT http_status FROM host.inbox"), 201);
    assert_int_equal(world_number(world, "SELECT max(seq) FROM host.outbox WHERE shard = 5"), 2);
    assert_int_equal(world->last_outbox[WORLD_SHARD], 2);
}

static void sixty_four_units_of_one_turn_are_one_segment(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < UNITS_BATCH_MAX; i++)
        world_worker(world, write_insert_account)->shard = i % 32;
    const int64_t segments = metric_value(METRIC_SEGMENTS);

    world_work(world);

    assert_int_equal(metric_value(METRIC_SEGMENTS) - segments, 1);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), UNITS_BATCH_MAX);
}

static void culprit_is_dropped_and_the_others_commit_in_order(void **state)
{
    struct world *world = *state;
    struct worker *first = world_worker(world, write_insert_account);
    struct worker *culprit = world_worker(world, write_insert_account);
    struct worker *last = world_worker(world, write_insert_account);
    culprit->balance = -1;
    first->events = culprit->events = last->events = 1;

    world_work(world);

    assert_int_equal(first->status, STATUS_OK);
    assert_int_equal(culprit->status, STATUS_OUT_OF_RANGE);
    assert_int_equal(last->status, STATUS_OK);
    assert_int_equal(first->order, 1);
    assert_int_equal(culprit->order, 2);
    assert_int_equal(last->order, 3);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 2);
    assert_int_equal(world_number(world, GAPS_SQL), 0);
}

static void rows_of_many_units_are_added_by_one_statement(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < UNITS_BATCH_MAX; i++) {
        struct worker *worker = world_worker(world, write_add_account);
        worker->shard = i % 32;
        worker->balance = 100 + i;
    }
    const int64_t segments = metric_value(METRIC_SEGMENTS);

    world_work(world);

    assert_int_equal(metric_value(METRIC_SEGMENTS) - segments, 1);
    assert_int_equal(world_number(world, "SELECT count(DISTINCT xmin::text) FROM sample.account"),
                     1);
    assert_int_equal(world_number(world, "SELECT count(DISTINCT balance) FROM sample.account"),
                     UNITS_BATCH_MAX);
}

static void culprit_among_rows_that_are_added_together_is_found(void **state)
{
    struct world *world = *state;
    struct worker *first = world_worker(world, write_add_account);
    struct worker *culprit = world_worker(world, write_add_account);
    struct worker *last = world_worker(world, write_add_account);
    culprit->balance = -1;
    const int64_t segments = metric_value(METRIC_SEGMENTS);

    world_work(world);

    assert_int_equal(first->status, STATUS_OK);
    assert_int_equal(culprit->status, STATUS_OUT_OF_RANGE);
    assert_int_equal(last->status, STATUS_OK);
    assert_int_equal(culprit->order, 2);
    /* Together, apart, and without the culprit. */
    assert_int_equal(metric_value(METRIC_SEGMENTS) - segments, 3);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), 2);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 2);
}

static void stale_version_is_a_conflict_and_changes_nothing(void **state)
{
    struct world *world = *state;
    struct worker *maker = world_worker(world, write_insert_account);
    world_work(world);
    struct worker *stale = world_worker(world, write_bump_account);
    struct worker *fresh = world_worker(world, write_bump_account);
    stale->account = fresh->account = maker->account;
    stale->version = 9;

    world_work(world);

    assert_int_equal(stale->status, STATUS_CONFLICT);
    assert_int_equal(fresh->status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT version FROM sample.account"), 2);
}

static void repeated_message_gets_the_stored_answer(void **state)
{
    struct world *world = *state;
    struct worker *first = world_worker(world, write_insert_account);
    world_work(world);
    struct worker *repeat = world_worker(world, write_bump_account);
    struct worker *other = world_worker(world, write_insert_account);
    repeat->msg_id = first->msg_id;
    repeat->answer = (struct stored_answer){ STATUS_CONFLICT, 409, TEXT("another") };

    world_work(world);

    assert_int_equal(repeat->status, STATUS_OK);
    assert_true(repeat->is_repeat);
    assert_int_equal(repeat->stored.status, STATUS_OK);
    assert_int_equal(repeat->stored.http_status, 201);
    assert_true(text_equals_string(repeat->stored.body, "body"));
    assert_int_equal(other->status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 2);
}

static void message_twice_in_one_segment_is_written_once(void **state)
{
    struct world *world = *state;
    struct worker *first = world_worker(world, write_insert_account);
    struct worker *second = world_worker(world, write_insert_account);
    second->msg_id = first->msg_id;

    world_work(world);

    assert_int_equal(first->status, STATUS_OK);
    assert_false(first->is_repeat);
    assert_int_equal(second->status, STATUS_OK);
    assert_true(second->is_repeat);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), 1);
}

static void failing_statement_is_internal_and_alone(void **state)
{
    struct world *world = *state;
    struct worker *broken = world_worker(world, write_nonsense);
    struct worker *sound = world_worker(world, write_insert_account);

    world_work(world);

    assert_int_equal(broken->status, STATUS_INTERNAL);
    assert_int_equal(sound->status, STATUS_OK);
}

static void barrier_settles_after_those_before_it(void **state)
{
    struct world *world = *state;
    struct worker *before = world_worker(world, write_insert_account);
    struct worker *barrier = world_worker(world, NULL);

    world_work(world);

    assert_int_equal(barrier->status, STATUS_OK);
    assert_int_equal(before->order, 1);
    assert_int_equal(barrier->order, 2);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 1);
}

static void shard_that_is_not_owned_has_moved(void **state)
{
    struct world *world = *state;
    struct worker *worker = world_worker(world, write_insert_account);
    worker->shard = 40;

    world_work(world);

    assert_int_equal(worker->enqueued, STATUS_MOVED);
}

static void stale_epoch_is_fenced_and_writes_nothing(void **state)
{
    struct world *world = *state;
    struct worker *stale = world_worker(world, write_insert_account);
    struct worker *again = world_worker(world, write_insert_account);
    struct worker *sound = world_worker(world, write_insert_account);
    sound->shard = 6;
    (void)scratch_sql(world->scratch, "sample",
                      "UPDATE host.shard_fence SET epoch = epoch + 1 WHERE shard = 5");

    world_work(world);

    assert_int_equal(stale->status, STATUS_FENCED);
    assert_int_equal(again->status, STATUS_FENCED);
    assert_int_equal(sound->status, STATUS_OK);
    assert_int_equal(world->fenced_count, 1);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 1);
    assert_int_equal(world_number(world, "SELECT next_seq FROM host.shard_fence WHERE shard = 5"),
                     1);
}

static void outbox_numbers_have_no_gaps_in_spite_of_failures(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < 100; i++) {
        struct worker *worker = world_worker(world, write_insert_account);
        worker->shard = i % 3;
        worker->events = i % 4;
        worker->balance = i % 11 == 0 ? -1 : 1;
    }

    world_work(world);

    assert_int_equal(world_number(world, "SELECT count(*) FROM host.inbox"), 90);
    assert_int_equal(world_number(world, GAPS_SQL), 0);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.shard_fence f WHERE next_seq "
                                         "- 1 <> (SELECT count(*) FROM host.outbox o WHERE "
                                         "o.shard = f.shard)"),
                     0);
}

static void write_running(struct worker *worker, struct unit *unit)
{
    (void)worker;
    unit_idempotency_running(unit, some_key, some_fingerprint);
}

static void write_answer(struct worker *worker, struct unit *unit)
{
    unit_idempotency_answer(unit, some_key, some_fingerprint, false, &worker->answer);
}

static enum status found;
static struct stored_answer found_answer;
static const uint8_t *asked_fingerprint;

static void story_find_idempotency(struct world *world)
{
    found_answer = (struct stored_answer){ 0 };
    found = idempotency_find(world->database, world->workers[0].arena, some_key, asked_fingerprint,
                             world_deadline_us(world, 5000000), &found_answer);
}

static enum status find_idempotency(struct world *world, const uint8_t *fingerprint)
{
    asked_fingerprint = fingerprint;
    world_run(world, story_find_idempotency);
    return found;
}

static void idempotency_key_runs_is_answered_and_not_reused(void **state)
{
    struct world *world = *state;
    struct worker *starter = world_worker(world, write_running);
    assert_int_equal(find_idempotency(world, some_fingerprint), STATUS_NOT_FOUND);

    world_work(world);
    assert_int_equal(starter->status, STATUS_OK);
    assert_int_equal(find_idempotency(world, some_fingerprint), STATUS_REQUEST_IN_PROGRESS);
    assert_int_equal(find_idempotency(world, other_fingerprint), STATUS_IDEMPOTENCY_KEY_REUSED);

    struct worker *second = world_worker(world, write_running);
    world_work(world);
    assert_int_equal(second->status, STATUS_DUPLICATE);

    struct worker *ender = world_worker(world, write_answer);
    world_work(world);
    assert_int_equal(ender->status, STATUS_OK);
    assert_int_equal(find_idempotency(world, some_fingerprint), STATUS_OK);
    assert_int_equal(found_answer.http_status, 201);
    assert_true(text_equals_string(found_answer.body, "body"));
}

static void story_find_inbox(struct world *world)
{
    found = inbox_find(world->database, world->workers[0].arena, world->workers[0].msg_id,
                       world_deadline_us(world, 5000000), &found_answer);
}

static void inbox_keeps_the_answer(void **state)
{
    struct world *world = *state;
    (void)world_worker(world, write_insert_account);
    world_run(world, story_find_inbox);
    assert_int_equal(found, STATUS_NOT_FOUND);

    world_work(world);
    world_run(world, story_find_inbox);

    assert_int_equal(found, STATUS_OK);
    assert_int_equal(found_answer.status, STATUS_OK);
    assert_int_equal(found_answer.http_status, 201);
}

struct killer {
    struct timer timer;
    struct world *world;
    unsigned left;
};

static void on_kill(struct timer *timer)
{
    struct killer *killer = CONTAINER_OF(timer, struct killer, timer);
    struct timers *timers = loop_timers(killer->world->loop);
    (void)scratch_sql(killer->world->scratch, "sample",
                      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                      "WHERE application_name = 'node:n1:7'");
    if (--killer->left > 0) timer_start(timers, timer, world_deadline_us(killer->world, 150000));
}

static void lost_connections_settle_every_unit_exactly_once(void **state)
{
    struct world *world = *state;
    struct killer killer = { .timer = { .on_fire = on_kill }, .world = world, .left = 4 };
    struct timers *timers = loop_timers(world->loop);
    /* Each unit holds its segment up a little, so that kills find one under way. */
    (void)scratch_sql(world->scratch, "sample",
                      "CREATE FUNCTION sample.slow() RETURNS trigger LANGUAGE plpgsql AS "
                      "'BEGIN PERFORM pg_sleep(0.004); RETURN NEW; END';"
                      "CREATE TRIGGER slow BEFORE INSERT ON sample.account FOR EACH ROW "
                      "EXECUTE FUNCTION sample.slow()");
    for (unsigned i = 0; i < WORKERS_MAX; i++) {
        struct worker *worker = world_worker(world, write_insert_account);
        worker->shard = i % 4;
        worker->events = 1;
    }
    timer_start(timers, &killer.timer, world_deadline_us(world, 100000));

    world_work(world);
    timer_stop(timers, &killer.timer);

    for (unsigned i = 0; i < WORKERS_MAX; i++)
        assert_int_equal(world->workers[i].status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), WORKERS_MAX);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.outbox"), WORKERS_MAX);
    assert_int_equal(world_number(world, GAPS_SQL), 0);
    assert_true(metric_value(METRIC_STORE_RECONNECTS) > 0);
}

static bool was_restarted;

static void on_restart(struct timer *timer)
{
    (void)timer;
    was_restarted = scratch_restart_cluster();
}

static void crashed_postgresql_settles_every_unit_exactly_once(void **state)
{
    struct world *world = *state;
    struct timer timer = { .on_fire = on_restart };
    struct timers *timers = loop_timers(world->loop);
    (void)scratch_sql(world->scratch, "sample",
                      "CREATE FUNCTION sample.slow() RETURNS trigger LANGUAGE plpgsql AS "
                      "'BEGIN PERFORM pg_sleep(0.004); RETURN NEW; END';"
                      "CREATE TRIGGER slow BEFORE INSERT ON sample.account FOR EACH ROW "
                      "EXECUTE FUNCTION sample.slow()");
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        world_worker(world, write_insert_account)->events = 1;
    timer_start(timers, &timer, world_deadline_us(world, 400000));

    world_work(world);
    timer_stop(timers, &timer);

    if (!was_restarted) skip();
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        assert_int_equal(world->workers[i].status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT count(*) FROM sample.account"), WORKERS_MAX);
    assert_int_equal(world_number(world, GAPS_SQL), 0);
}

static void story_claim_again(struct world *world)
{
    found = database_claim(world->database, 5, 5, world_deadline_us(world, 5000000));
}

static void claim_raises_the_epoch_and_names_the_owner(void **state)
{
    struct world *world = *state;

    world_run(world, story_claim_again);
    struct worker *worker = world_worker(world, write_insert_account);
    world_work(world);

    assert_int_equal(found, STATUS_OK);
    assert_int_equal(worker->status, STATUS_OK);
    assert_int_equal(world_number(world, "SELECT epoch FROM host.shard_fence WHERE shard = 5"), 2);
    assert_int_equal(world_number(world, "SELECT count(*) FROM host.shard_fence WHERE owner = 'n1' "
                                         "AND incarnation = 7"),
                     32);
}

static void on_stop_timer(struct timer *timer)
{
    struct killer *killer = CONTAINER_OF(timer, struct killer, timer);
    fibers_stop(killer->world->fibers);
}

static void write_slowly(struct worker *worker, struct unit *unit)
{
    static const struct statement slow = { "slow", "SELECT pg_sleep(1)::text", 0, 0, 0, false };
    (void)worker;
    (void)unit_write(unit, &slow);
}

static void stop_takes_units_back_from_the_committer(void **state)
{
    struct world *world = *state;
    struct killer stopper = { .timer = { .on_fire = on_stop_timer }, .world = world };
    struct timers *timers = loop_timers(world->loop);
    struct worker *worker = world_worker(world, write_slowly);
    timer_start(timers, &stopper.timer, world_deadline_us(world, 200000));

    world_work(world);
    /* What is under way must not need the unit's memory any more. */
    arena_destroy(&worker->arena);

    assert_int_equal(worker->status, STATUS_STOPPING);
    assert_int_equal(database_units_pending(world->database), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(unit_commits_writes_inbox_and_events),
        STORY(sixty_four_units_of_one_turn_are_one_segment),
        STORY(culprit_is_dropped_and_the_others_commit_in_order),
        STORY(rows_of_many_units_are_added_by_one_statement),
        STORY(culprit_among_rows_that_are_added_together_is_found),
        STORY(stale_version_is_a_conflict_and_changes_nothing),
        STORY(repeated_message_gets_the_stored_answer),
        STORY(message_twice_in_one_segment_is_written_once),
        STORY(failing_statement_is_internal_and_alone),
        STORY(barrier_settles_after_those_before_it),
        STORY(shard_that_is_not_owned_has_moved),
        STORY(stale_epoch_is_fenced_and_writes_nothing),
        STORY(outbox_numbers_have_no_gaps_in_spite_of_failures),
        STORY(idempotency_key_runs_is_answered_and_not_reused),
        STORY(inbox_keeps_the_answer),
        STORY(lost_connections_settle_every_unit_exactly_once),
        STORY(crashed_postgresql_settles_every_unit_exactly_once),
        STORY(claim_raises_the_epoch_and_names_the_owner),
        STORY(stop_takes_units_back_from_the_committer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
