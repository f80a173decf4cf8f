/* What a node does by the clock: sweeps, and forgetting what nobody can ask for any more. */
#include <stdio.h>
#include <string.h>

#include "actors/host/background.h"
#include "storage/retention.h"
#include "tests/actors/host/host_stage.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000 * 1000, EVERY_US = 2 * SECOND_US };

static struct host_stage *stage;
static unsigned runs, failures;
static enum status failure;
static unsigned first_shard, last_shard;
static bool has_key;
static uint64_t rows_due; /* what the sweep finds, a few at a time */

static enum status sweep(struct request *request, unsigned shard_first, unsigned shard_last)
{
    runs++;
    first_shard = shard_first;
    last_shard = shard_last;
    has_key = request->activation != NULL || !uuid_is_zero(request->envelope->key);
    const uint64_t found = rows_due < 20 ? rows_due : 20;
    rows_due -= found;
    request->asks_count += found;
    return runs <= failures ? failure : STATUS_OK;
}

static const struct domain_sweep sweeps[] = { { "test", EVERY_US, sweep } };

static int open_stage(void **state)
{
    const int result = host_stage_open(state);
    stage = *state;
    stage->definition.sweeps = sweeps;
    stage->definition.sweeps_count = 1;
    runs = failures = 0;
    rows_due = 0;
    return result;
}

/* ---- sweeps ---- */

static void sweep_for_seven_seconds(struct host_stage *unused)
{
    (void)unused;
    background_start_sweeps(&stage->hosted);
    assert_int_equal(runs, 1); /* at once: rows may have become due while nobody looked */
    host_stage_skip(stage, 7LL * SECOND_US);
}

static void sweep_runs_at_once_and_then_every_so_often(void **state)
{
    (void)state;
    host_stage_tell(stage, sweep_for_seven_seconds);
    assert_in_range(runs, 4, 5);
}

static void sweep_looks_at_all_shards_of_the_node_and_has_no_key(void **state)
{
    (void)state;
    host_stage_tell(stage, sweep_for_seven_seconds);
    assert_int_equal(first_shard, 0);
    assert_int_equal(last_shard, SHARD_COUNT - 1);
    assert_false(has_key);
}

static void sweep_for_a_second(struct host_stage *unused)
{
    (void)unused;
    background_start_sweeps(&stage->hosted);
    host_stage_skip(stage, SECOND_US);
}

static void sweep_that_met_an_outage_does_not_wait_for_its_turn(void **state)
{
    (void)state;
    failures = 2;
    failure = STATUS_UNAVAILABLE;
    host_stage_tell(stage, sweep_for_a_second);
    assert_int_equal(runs, 3);
}

static void sweep_that_fails_is_tried_again_soon(void **state)
{
    (void)state;
    failures = 1;
    failure = STATUS_OUT_OF_RANGE;
    host_stage_tell(stage, sweep_for_a_second);
    assert_int_equal(runs, 2);
}

static void stop_of_the_host_ends_sweeps(void **state)
{
    (void)state;
    host_stage_tell(stage, sweep_for_a_second);
    assert_int_equal(stage->host.services, 1);
    stage->host.is_stopping = true;
    fibers_stop(stage->fibers);
    assert_int_equal(stage->host.services, 0);
}

static void run_sweeps_now(struct host_stage *unused)
{
    (void)unused;
    failure = background_run_sweeps(&stage->hosted, loop_now_us(stage->loop) + SECOND_US);
}

static void sweeps_run_on_demand_until_little_is_left(void **state)
{
    (void)state;
    rows_due = 50;
    host_stage_tell(stage, run_sweeps_now);
    assert_int_equal(failure, STATUS_OK);
    assert_int_equal(rows_due, 0);
    assert_int_equal(runs, 4); /* 20, 20, 10, none */
}

/* ---- retention ---- */

static void insert_answers(int64_t at_us, unsigned count)
{
    char sql[400];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.inbox (msg_id, number, status, http_status, body, at) "
                   "SELECT gen_random_uuid(), 1, 'ok', 200, '', %lld FROM generate_series(1, %u)",
                   (long long)at_us, count);
    (void)host_stage_sql(sql);
}

static void for_an_hour(struct host_stage *unused)
{
    (void)unused;
    background_start_retention(&stage->hosted);
    time_skip_by(&stage->skip, 3601LL * SECOND_US);
    host_stage_skip(stage, 2LL * SECOND_US);
}

static void old_answers_are_forgotten_within_the_hour_and_new_ones_kept(void **state)
{
    (void)state;
    const int64_t now_us = loop_market_us(stage->loop);
    insert_answers(now_us - RETENTION_US - 60LL * SECOND_US, 3);
    insert_answers(now_us, 2);
    host_stage_tell(stage, for_an_hour);
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "2");
}

static void more_than_a_batch_is_forgotten_in_several(void **state)
{
    (void)state;
    insert_answers(1, 2 * RETENTION_ROWS_MAX + 5);
    host_stage_tell(stage, for_an_hour);
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "0");
}

static void for_half_an_hour(struct host_stage *unused)
{
    (void)unused;
    background_start_retention(&stage->hosted);
    time_skip_by(&stage->skip, 1800LL * SECOND_US);
    host_stage_skip(stage, SECOND_US);
}

static void nothing_is_forgotten_before_its_time(void **state)
{
    (void)state;
    insert_answers(1, 3);
    host_stage_tell(stage, for_half_an_hour);
    assert_string_equal(host_stage_sql("SELECT count(*) FROM host.inbox"), "3");
}

/* ---- memory ---- */

static void a_burst_and_quiet(struct host_stage *unused)
{
    (void)unused;
    background_start_tidying(&stage->host);
    stage->host.jobs = 1;
    host_stage_skip(stage, 2LL * SECOND_US);
    assert_true(stage->host.is_untidy);
    stage->host.jobs = 0;
    host_stage_skip(stage, 2LL * SECOND_US);
    assert_false(stage->host.is_untidy);
}

static void memory_is_given_back_when_it_is_quiet_again(void **state)
{
    (void)state;
    host_stage_tell(stage, a_burst_and_quiet);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_stage, host_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(sweep_runs_at_once_and_then_every_so_often),
        CLAIM(sweep_looks_at_all_shards_of_the_node_and_has_no_key),
        CLAIM(sweep_that_met_an_outage_does_not_wait_for_its_turn),
        CLAIM(sweep_that_fails_is_tried_again_soon),
        CLAIM(stop_of_the_host_ends_sweeps),
        CLAIM(sweeps_run_on_demand_until_little_is_left),
        CLAIM(old_answers_are_forgotten_within_the_hour_and_new_ones_kept),
        CLAIM(more_than_a_batch_is_forgotten_in_several),
        CLAIM(nothing_is_forgotten_before_its_time),
        CLAIM(memory_is_given_back_when_it_is_quiet_again),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
