/* Steps that wait for somebody outside, and clients that are let go meanwhile. */
#include <stdio.h>
#include <string.h>

#include "tests/actors/host/scripted_saga.h"
#include "tests/support/cmocka.h"

static const uint8_t key_of_test[32] = { 7 };

static int64_t life_s = 600;

static struct saga_process *start(bool wants_answer)
{
    return saga_run_start(saga_commit_start(life_s * SECOND_US), wants_answer);
}

/* ---- pauses ---- */

static bool was_stuck;

static void pause_for_long(struct host_stage *unused)
{
    (void)unused;
    assert_null(start(false));
    host_stage_skip(saga_stage, 40LL * SECOND_US);
    const struct saga_process *process = saga_process_find(&saga_stage->hosted, saga_of_test);
    assert_non_null(process);
    was_stuck = process->stuck_step != NULL;
    host_stage_settle(saga_stage);
}

static void step_that_pauses_is_not_stuck(void **state)
{
    (void)state;
    saga_hold_pauses = 40;
    host_stage_tell(saga_stage, pause_for_long);
    assert_false(was_stuck);
    assert_int_equal(saga_hold_paused, 40);
    saga_assert_trace("price reserve hold place post");
    assert_int_equal(saga_stage->host.pauses, 0);
}

static void patience_with_an_outage_begins_after_the_pause(void **state)
{
    (void)state;
    saga_hold_pauses = 15; /* longer than the step's patience */
    saga_hold = (struct step_script){ STATUS_UNAVAILABLE, 3, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    saga_assert_trace("price reserve hold place post");
    saga_assert_row("true 0 1");
}

static void refusal_of_another_step_ends_the_pause(void **state)
{
    (void)state;
    saga_hold_pauses = 1000;
    saga_reserve = (struct step_script){ STATUS_INSUFFICIENT_STOCK, 1, 0 };
    host_stage_tell(saga_stage, saga_run_whole);
    assert_int_equal(saga_hold_paused, 1);
    saga_assert_trace("price -reserve -hold -price end");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "insufficient_stock");
}

static unsigned paused_before, paused_after;

static void wake_without_the_clock(struct host_stage *unused)
{
    (void)unused;
    assert_null(start(false));
    host_stage_skip(saga_stage, 20LL * SECOND_US);
    struct saga_process *process = saga_process_find(&saga_stage->hosted, saga_of_test);
    assert_non_null(process);
    paused_before = saga_hold_paused;
    saga_process_wake(process);
    assert_int_equal(fiber_sleep(saga_stage->fibers, 1), STATUS_OK);
    paused_after = saga_hold_paused;
    host_stage_settle(saga_stage);
}

static void whoever_calls_ends_the_pause(void **state)
{
    (void)state;
    saga_hold_pauses = 30;
    host_stage_tell(saga_stage, wake_without_the_clock);
    assert_int_equal(paused_after, paused_before + 1);
}

/* ---- clients ---- */

static struct stored_answer heard;
static enum status heard_status;
static char heard_body[64], shown_body[64];
static bool is_shown, is_shown_at_the_end;

static void copy(char ret_text[64], struct text body)
{
    (void)snprintf(ret_text, 64, "%.*s", (int)body.length, body.length > 0 ? body.data : "");
}

static void be_let_go(struct host_stage *unused)
{
    (void)unused;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *process = start(true);
    struct stored_answer shown;
    heard_status = saga_process_wait_answer(process, 5 * SECOND_US, arena, &heard);
    copy(heard_body, heard.body);
    const struct saga_process *found = saga_process_find_by_key(&saga_stage->hosted, key_of_test);
    is_shown = found != NULL && saga_process_show(found, arena, &shown);
    if (is_shown) copy(shown_body, shown.body);
    host_stage_settle(saga_stage);
    is_shown_at_the_end = saga_process_find_by_key(&saga_stage->hosted, key_of_test) != NULL;
}

static void client_that_is_let_go_hears_what_is_known(void **state)
{
    (void)state;
    saga_hold_pauses = 20;
    saga_hold_shows = "at the bank";
    host_stage_tell(saga_stage, be_let_go);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.http_status, 202);
    assert_string_equal(heard_body, "at the bank");
    assert_true(is_shown); /* to whoever comes again with the key */
    assert_string_equal(shown_body, "at the bank");
    assert_false(is_shown_at_the_end);
    saga_assert_key("ok 201");
}

static void nobody_is_let_go_while_another_step_may_refuse(void **state)
{
    (void)state;
    saga_hold_pauses = 20;
    saga_hold_shows = "at the bank";
    saga_reserve = (struct step_script){ STATUS_INSUFFICIENT_STOCK, 1, 0 };
    host_stage_tell(saga_stage, be_let_go);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_INSUFFICIENT_STOCK);
    saga_assert_key("insufficient_stock 0");
}

static void outage_while_the_client_is_let_go_is_waited_for(void **state)
{
    (void)state;
    saga_hold_pauses = 1;
    saga_hold_shows = "at the bank";
    saga_hold = (struct step_script){ STATUS_UNAVAILABLE, 20, 0 }; /* longer than patience */
    host_stage_tell(saga_stage, be_let_go);
    assert_int_equal(heard.http_status, 202);
    saga_assert_trace("price reserve hold place post");
    saga_assert_key("ok 201");
}

static void outage_while_the_client_is_let_go_ends_at_the_deadline(void **state)
{
    (void)state;
    saga_hold_pauses = 1;
    saga_hold_shows = "at the bank";
    saga_hold = (struct step_script){ STATUS_UNAVAILABLE, 100000, 0 };
    life_s = 30;
    host_stage_tell(saga_stage, be_let_go);
    life_s = 600;
    saga_assert_trace("price reserve -reserve -hold -price end");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, saga_open, host_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(step_that_pauses_is_not_stuck),
        CLAIM(patience_with_an_outage_begins_after_the_pause),
        CLAIM(refusal_of_another_step_ends_the_pause),
        CLAIM(whoever_calls_ends_the_pause),
        CLAIM(client_that_is_let_go_hears_what_is_known),
        CLAIM(nobody_is_let_go_while_another_step_may_refuse),
        CLAIM(outage_while_the_client_is_let_go_is_waited_for),
        CLAIM(outage_while_the_client_is_let_go_ends_at_the_deadline),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
