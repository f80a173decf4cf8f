/* Sagas after a restart: from the last written point, by the very table that they began with. */
#include <stdio.h>

#include "actors/host/saga_resume.h"
#include "tests/actors/host/scripted_saga.h"
#include "tests/support/cmocka.h"

enum { FAILURES_MAX = 64 };

/* ---- restarts ---- */

static void insert_row(const char *kind, int version, int direction, int point)
{
    char sql[600];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.saga (id, shard, kind, version, direction, refusal, point, "
                   "data, started_at, deadline) VALUES ('aa000000-0000-0000-0000-0000000000%02x', "
                   "%d, '%s', %d, %d, %s, %d, decode('81a66e756d6265722a', 'hex'), 1, "
                   "9000000000000000)",
                   SAGA_SHARD, SAGA_SHARD, kind, version, direction,
                   direction == 1 ? "'insufficient_stock'" : "NULL", point);
    (void)host_stage_sql(sql);
}

static void resume(struct host_stage *unused)
{
    (void)unused;
    assert_int_equal(saga_resume_all(&saga_stage->hosted), STATUS_OK);
    host_stage_settle(saga_stage);
}

static void restart_before_the_pivot_begins_anew(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 0);
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("price reserve hold place post");
    saga_assert_row("true 0 1");
}

static void restart_behind_the_pivot_does_only_what_is_left(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 1);
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("post");
    saga_assert_row("true 0 1");
}

static void restart_in_the_undo_goes_on_undoing(void **state)
{
    (void)state;
    insert_row("purchase", 3, 1, 0);
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("-reserve -hold -price end");
    saga_assert_row("true 1 0");
}

static void saga_of_an_unknown_kind_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("barter", 3, 0, 0);
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("");
    saga_assert_row("false 0 0");
}

static void saga_of_a_version_that_nobody_has_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("purchase", 4, 0, 0);
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("");
    saga_assert_row("false 0 0");
}

static void saga_whose_data_cannot_be_read_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 0);
    (void)host_stage_sql("UPDATE host.saga SET data = 'xyz'");
    host_stage_tell(saga_stage, resume);
    saga_assert_trace("");
    saga_assert_row("false 0 0");
}

static void stop_in_the_middle(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(saga_commit_start(600LL * SECOND_US), false));
    host_stage_skip(saga_stage, SECOND_US);
    assert_int_equal(saga_stage->host.services, 2); /* the saga and the step that hinders it */
}

static void stopping_ends_the_runner_and_leaves_the_row_open(void **state)
{
    (void)state;
    saga_reserve = (struct step_script){ STATUS_UNAVAILABLE, FAILURES_MAX, 0 };
    host_stage_tell(saga_stage, stop_in_the_middle);
    saga_stage->host.is_stopping = true;
    fibers_stop(saga_stage->fibers);
    assert_int_equal(saga_stage->host.services, 0);
    assert_null(saga_stage->hosted.sagas);
    saga_assert_row("false 0 0");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, saga_open, host_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(restart_before_the_pivot_begins_anew),
        CLAIM(restart_behind_the_pivot_does_only_what_is_left),
        CLAIM(restart_in_the_undo_goes_on_undoing),
        CLAIM(saga_of_an_unknown_kind_stays_where_it_is),
        CLAIM(saga_of_a_version_that_nobody_has_stays_where_it_is),
        CLAIM(saga_whose_data_cannot_be_read_stays_where_it_is),
        CLAIM(stopping_ends_the_runner_and_leaves_the_row_open),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
