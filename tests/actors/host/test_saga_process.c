/* What the client of a saga hears, and that a saga runs once. */
#include <stdio.h>

#include "tests/actors/host/scripted_saga.h"
#include "tests/support/cmocka.h"

/* ---- the client ---- */

static struct stored_answer heard;
static enum status heard_status;
static char heard_body[256];

static void start_and_wait(struct host_stage *unused)
{
    (void)unused;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *process = saga_run_start(saga_commit_start(600LL * SECOND_US), true);
    assert_non_null(process);
    heard_status = saga_process_wait_answer(process, 5 * SECOND_US, arena, &heard);
    (void)snprintf(heard_body, sizeof heard_body, "%.*s", (int)heard.body.length,
                   heard.body.length > 0 ? heard.body.data : "");
    struct request_fault fault = { .pointer = "" };
    if (heard_status == STATUS_OK && heard.status != STATUS_OK &&
        faults_decode_first(arena, heard.body, &fault))
        (void)snprintf(heard_body, sizeof heard_body, "%s %.*s", fault.pointer,
                       (int)fault.detail.length, fault.detail.data);
}

static void settle(struct host_stage *unused)
{
    (void)unused;
    host_stage_settle(saga_stage);
}

static void client_hears_when_the_pivot_is_reached(void **state)
{
    (void)state;
    saga_post = (struct step_script){ STATUS_UNAVAILABLE, 5, 0 };
    host_stage_tell(saga_stage, start_and_wait);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.http_status, 201);
    assert_string_equal(heard_body, "placed");
    saga_assert_trace("price reserve hold place"); /* what is left needs no client */
    host_stage_tell(saga_stage, settle);
    saga_assert_trace("price reserve hold place post");
}

static void client_hears_the_refusal_when_all_is_undone(void **state)
{
    (void)state;
    saga_explains = true;
    saga_reserve = (struct step_script){ STATUS_INSUFFICIENT_STOCK, 1, 0 };
    host_stage_tell(saga_stage, start_and_wait);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_INSUFFICIENT_STOCK);
    assert_string_equal(heard_body, "/lines/1 Red chair");
    saga_assert_trace("price hold -reserve -hold -price end");
    host_stage_tell(saga_stage, settle);
}

static void wait_in_vain(struct host_stage *unused)
{
    (void)unused;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *process = saga_run_start(saga_commit_start(600LL * SECOND_US), true);
    time_skip_by(&saga_stage->skip, 5 * SECOND_US);
    heard_status = saga_process_wait_answer(process, 0, arena, &heard);
    host_stage_settle(saga_stage);
}

static void client_that_waits_no_longer_does_not_stop_the_saga(void **state)
{
    (void)state;
    saga_price = (struct step_script){ STATUS_UNAVAILABLE, 3, 0 };
    host_stage_tell(saga_stage, wait_in_vain);
    assert_int_equal(heard_status, STATUS_DEADLINE_EXCEEDED);
    saga_assert_trace("price reserve hold place post");
}

static void start_twice(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(saga_commit_start(600LL * SECOND_US), false));
    struct saga_process *again =
        saga_process_new(&saga_stage->hosted, &saga_purchase, saga_of_test, SAGA_SHARD);
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *joined = saga_run_start(again, true);
    assert_non_null(joined);
    heard_status = saga_process_wait_answer(joined, 60LL * SECOND_US, arena, &heard);
    host_stage_settle(saga_stage);
}

static void second_start_of_a_saga_joins_the_first(void **state)
{
    (void)state;
    saga_price = (struct step_script){ STATUS_UNAVAILABLE, 1, 0 };
    host_stage_tell(saga_stage, start_twice);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.http_status, 201);
    saga_assert_trace("price reserve hold place post");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, saga_open, host_stage_close)
    const struct CMUnitTest tests[] = {
        CLAIM(client_hears_when_the_pivot_is_reached),
        CLAIM(client_hears_the_refusal_when_all_is_undone),
        CLAIM(client_that_waits_no_longer_does_not_stop_the_saga),
        CLAIM(second_start_of_a_saga_joins_the_first),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
