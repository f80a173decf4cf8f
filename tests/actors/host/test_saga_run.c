/* The runner of sagas: side by side, over the pivot, and back again. */
#include "tests/actors/host/scripted_saga.h"
#include "tests/support/cmocka.h"

enum { FAILURES_MAX = 64 };

/* ---- forward ---- */

static void saga_goes_over_its_pivot_to_its_end(void **state)
{
    (void)state;
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price reserve hold place post");
    saga_assert_row("true 0 1");
    saga_assert_key("ok 201");
}

static void steps_of_a_stage_do_not_wait_for_each_other(void **state)
{
    (void)state;
    saga_reserve = (struct step_script){ STATUS_UNAVAILABLE, 1, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price hold reserve place post"); /* and the next saga_stage waits for both */
}

static void outage_is_waited_out(void **state)
{
    (void)state;
    saga_price = (struct step_script){ STATUS_OVERLOADED, 3, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    assert_int_equal(saga_price.seen, 4);
    saga_assert_trace("price reserve hold place post");
}

static void failure_of_ours_is_no_refusal(void **state)
{
    (void)state;
    saga_reserve = (struct step_script){ STATUS_INTERNAL, 2, 0 };
    saga_hold = (struct step_script){ STATUS_CONFLICT, 2, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_row("true 0 1");
}

static void pivot_never_gives_up_on_an_outage(void **state)
{
    (void)state;
    saga_place = (struct step_script){ STATUS_UNAVAILABLE, 20, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price reserve hold place post");
}

static void behind_the_pivot_a_refusal_is_tried_again(void **state)
{
    (void)state;
    saga_post = (struct step_script){ STATUS_INSUFFICIENT_FUNDS, 12, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    assert_int_equal(saga_post.seen, 13);
    saga_assert_trace("price reserve hold place post");
    saga_assert_row("true 0 1");
}

/* ---- back ---- */

static void refusal_undoes_what_may_have_happened(void **state)
{
    (void)state;
    saga_hold = (struct step_script){ STATUS_INSUFFICIENT_FUNDS, 1, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    /* What was refused is undone, too: nobody knows whether it has happened after all. */
    saga_assert_trace("price reserve -reserve -hold -price end");
    saga_assert_row("true 1 0");
    saga_assert_key("insufficient_stock 0");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "insufficient_funds");
}

static void refusal_at_once_undoes_all_the_same(void **state)
{
    (void)state;
    saga_price = (struct step_script){ STATUS_NOT_FOUND, 1, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("-reserve -hold -price end");
}

static void refusal_at_the_pivot_undoes_all_stages_before_it(void **state)
{
    (void)state;
    saga_place = (struct step_script){ STATUS_CART_MERGED, 1, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price reserve hold -reserve -hold -price end");
}

static void outage_that_outlasts_the_patience_of_a_step_undoes(void **state)
{
    (void)state;
    saga_reserve = (struct step_script){ STATUS_UNAVAILABLE, FAILURES_MAX, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price hold -reserve -hold -price end");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "unavailable");
}

static void undo_is_tried_until_it_is_done(void **state)
{
    (void)state;
    saga_hold = (struct step_script){ STATUS_INSUFFICIENT_FUNDS, 1, 0 };
    saga_unreserve = (struct step_script){ STATUS_UNAVAILABLE, 15, 0 };
    saga_unhold = (struct step_script){ STATUS_NOT_FOUND, 3, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price reserve -hold -reserve -price end");
    saga_assert_row("true 1 0");
}

static void run_past_its_deadline(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(saga_commit_start(-1), false));
    host_stage_settle(saga_stage);
}

static void saga_past_its_deadline_is_undone_before_anything_is_tried(void **state)
{
    (void)state;
    host_stage_tell(saga_stage, run_past_its_deadline);
    saga_assert_trace("-reserve -hold -price end");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "deadline_exceeded");
}

/* ---- operators ---- */

static void get_stuck(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(saga_commit_start(600LL * SECOND_US), false));
    host_stage_skip(saga_stage, 30LL * SECOND_US);
    const struct saga_process *process = saga_process_find(&saga_stage->hosted, saga_of_test);
    assert_non_null(process);
    assert_non_null(process->stuck_step);
    assert_string_equal(process->stuck_step->name, "post");
    assert_int_equal(process->stuck_status, STATUS_NOT_FOUND);
    host_stage_settle(saga_stage);
}

static void step_that_fails_again_and_again_is_named(void **state)
{
    (void)state;
    saga_post = (struct step_script){ STATUS_NOT_FOUND, 30, 0 };
    host_stage_tell(saga_stage, get_stuck);
    saga_assert_trace("price reserve hold place post");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, saga_open, host_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(saga_goes_over_its_pivot_to_its_end),
        CLAIM(steps_of_a_stage_do_not_wait_for_each_other),
        CLAIM(outage_is_waited_out),
        CLAIM(failure_of_ours_is_no_refusal),
        CLAIM(pivot_never_gives_up_on_an_outage),
        CLAIM(behind_the_pivot_a_refusal_is_tried_again),
        CLAIM(refusal_undoes_what_may_have_happened),
        CLAIM(refusal_at_once_undoes_all_the_same),
        CLAIM(refusal_at_the_pivot_undoes_all_stages_before_it),
        CLAIM(outage_that_outlasts_the_patience_of_a_step_undoes),
        CLAIM(undo_is_tried_until_it_is_done),
        CLAIM(saga_past_its_deadline_is_undone_before_anything_is_tried),
        CLAIM(step_that_fails_again_and_again_is_named),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
