/* The runner of sagas, with a table of four steps that do as the test says: side by side, over the
 * pivot, back again, and again after a restart. */
#include <stdio.h>
#include <string.h>

#include "actors/host/saga_resume.h"
#include "actors/host/saga_run.h"
#include "messages/codec_msgpack.h"
#include "storage/saga_store.h"
#include "tests/actors/host/host_stage.h"
#include "tests/support/cmocka.h"

enum {
    TRACE_MAX = 1024,
    SHARD = 5,
    SECOND_US = 1000 * 1000,
    PATIENCE_US = 10 * 1000 * 1000,
    FAILURES_MAX = 64
};

static const uint8_t key[32] = { 7 };
static const uint8_t fingerprint[16] = { 9 };
static const struct uuid saga_id = { { 0xAA, [15] = SHARD } };

/* ---- the saga ---- */

struct saga_data {
    int64_t number;
};

static const struct field data_fields[] = { { .name = "number",
                                              .type = FIELD_INT,
                                              .min = INT64_MIN,
                                              .max = INT64_MAX,
                                              .offset = offsetof(struct saga_data, number) } };
static const struct schema data_schema = {
    .name = "test.data", .size = sizeof(struct saga_data), .fields = data_fields, .fields_count = 1
};

/* What a step does so many times before it goes well. */
struct script {
    enum status failure;
    unsigned times, seen;
};

static struct host_stage *stage;
static char trace[TRACE_MAX]; /* "price reserve hold place -hold ..." */
static struct script price, reserve, hold, place, post, unreserve, unhold;
static bool explains; /* whether a refused reservation says why */

static enum status follow(struct script *script, const char *name)
{
    if (script->seen++ < script->times) return script->failure;
    const size_t length = strlen(trace);
    (void)snprintf(trace + length, TRACE_MAX - length, "%s%s", length > 0 ? " " : "", name);
    return STATUS_OK;
}

static enum status act_price(struct saga *saga, void *data)
{
    (void)saga;
    assert_int_equal(((const struct saga_data *)data)->number, 42);
    return follow(&price, "price");
}

static enum status act_reserve(struct saga *saga, void *data)
{
    (void)data;
    const enum status status = follow(&reserve, "reserve");
    if (explains && status != STATUS_OK)
        saga_add_fault(saga, &(struct request_fault){ .pointer = "/lines/1",
                                                      .code = STATUS_INSUFFICIENT_STOCK,
                                                      .detail = TEXT("Red chair") });
    return status;
}

static enum status act_hold(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&hold, "hold");
}

static enum status undo_reserve(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&unreserve, "-reserve");
}

static enum status undo_hold(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&unhold, "-hold");
}

static enum status undo_price(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    static struct script nothing;
    return follow(&nothing, "-price");
}

/* What a handler of the domain would do in its unit. */
static enum status run_handler(enum status (*announce)(struct request *request), const char *name,
                               struct text reply)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct envelope envelope = { .domain = DOMAIN_ORDER,
                                       .shard = SHARD,
                                       .msg_id = uuid_derive_named(saga_id, text_of(name), 1) };
    struct request request;
    bool is_repeat;
    struct stored_answer answer;
    request_init(&request, &stage->hosted, arena, &envelope, INT64_MAX);
    request.activation = (void *)&request; /* there is one, and nobody looks into it */
    TRY(announce(&request));
    saga_process_join_unit(&request, reply);
    TRY(unit_enqueue(request.unit, stage->hosted.database));
    return unit_wait(request.unit, &is_repeat, &answer);
}

static enum status announce_pivot(struct request *request)
{
    return saga_reach_pivot(request, saga_id, 201);
}

static enum status announce_end(struct request *request)
{
    return saga_end_undone(request, saga_id, STATUS_INSUFFICIENT_STOCK);
}

static enum status act_place(struct saga *saga, void *data)
{
    (void)data;
    TRY(follow(&place, "place"));
    TRY(run_handler(announce_pivot, "place", TEXT("placed")));
    saga->last_body = TEXT("placed");
    saga->last_http_status = 201;
    return STATUS_OK;
}

static enum status act_post(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&post, "post");
}

static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    static struct script nothing;
    (void)saga;
    (void)data;
    assert_int_not_equal(refusal, STATUS_OK);
    TRY(follow(&nothing, "end"));
    return run_handler(announce_end, "end", (struct text){ 0 });
}

static const struct saga_step steps[] = {
    { "price", 0, act_price, undo_price, false, PATIENCE_US },
    { "reserve", 1, act_reserve, undo_reserve, false, PATIENCE_US },
    { "hold", 1, act_hold, undo_hold, false, PATIENCE_US },
    { "place", 2, act_place, NULL, true, PATIENCE_US },
    { "post", 3, act_post, NULL, false, 0 },
};
static const struct saga_kind purchase = { .name = "purchase",
                                           .version = 3,
                                           .data = &data_schema,
                                           .steps = steps,
                                           .steps_count = ARRAY_LENGTH(steps),
                                           .end_undone = end_undone };
static const struct saga_kind *const kinds[] = { &purchase };

static int open_saga(void **state)
{
    const int result = host_stage_open(state);
    stage = *state;
    stage->definition.sagas = kinds;
    stage->definition.sagas_count = 1;
    trace[0] = '\0';
    explains = false;
    price = reserve = hold = place = post = unreserve = unhold = (struct script){ 0 };
    return result;
}

/* ---- words ---- */

static int64_t deadline_us(int64_t from_now_us)
{
    return loop_market_us(stage->loop) + from_now_us;
}

/* Commits the row as the starting handler does, and gives what is to be run. */
static struct saga_process *begin(int64_t life_us)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct saga_data data = { .number = 42 };
    struct envelope envelope = {
        .domain = DOMAIN_ORDER, .shard = SHARD, .msg_id = { { 1 } }, .has_idempotency = true
    };
    memcpy(envelope.idempotency_key, key, sizeof key);
    memcpy(envelope.idempotency_fingerprint, fingerprint, sizeof fingerprint);
    struct request request;
    bool is_repeat;
    struct stored_answer answer;
    request_init(&request, &stage->hosted, arena, &envelope, INT64_MAX);
    request.activation = (void *)&request;
    assert_int_equal(saga_begin(&request, &purchase, saga_id, &data, deadline_us(life_us)),
                     STATUS_OK);
    saga_process_join_unit(&request, (struct text){ 0 });
    unit_idempotency_running(request.unit, key, fingerprint);
    assert_int_equal(unit_enqueue(request.unit, stage->hosted.database), STATUS_OK);
    assert_int_equal(unit_wait(request.unit, &is_repeat, &answer), STATUS_OK);
    return request.started;
}

static void run_to_its_end(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(begin(600LL * SECOND_US), false));
    host_stage_settle(stage);
    assert_null(stage->hosted.sagas);
}

static void assert_trace(const char *expected)
{
    assert_string_equal(trace, expected);
}

static void assert_row(const char *expected)
{
    assert_string_equal(
        host_stage_sql("SELECT is_done || ' ' || direction || ' ' || point FROM host.saga"),
        expected);
}

static void assert_key(const char *expected)
{
    assert_string_equal(
        host_stage_sql("SELECT coalesce(status || ' ' || http_status, 'running') FROM "
                       "host.idempotency"),
        expected);
}

/* ---- forward ---- */

static void saga_goes_over_its_pivot_to_its_end(void **state)
{
    (void)state;
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price reserve hold place post");
    assert_row("true 0 1");
    assert_key("ok 201");
}

static void steps_of_a_stage_do_not_wait_for_each_other(void **state)
{
    (void)state;
    reserve = (struct script){ STATUS_UNAVAILABLE, 1, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price hold reserve place post"); /* and the next stage waits for both */
}

static void outage_is_waited_out(void **state)
{
    (void)state;
    price = (struct script){ STATUS_OVERLOADED, 3, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_int_equal(price.seen, 4);
    assert_trace("price reserve hold place post");
}

static void failure_of_ours_is_no_refusal(void **state)
{
    (void)state;
    reserve = (struct script){ STATUS_INTERNAL, 2, 0 };
    hold = (struct script){ STATUS_CONFLICT, 2, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_row("true 0 1");
}

static void pivot_never_gives_up_on_an_outage(void **state)
{
    (void)state;
    place = (struct script){ STATUS_UNAVAILABLE, 20, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price reserve hold place post");
}

static void behind_the_pivot_a_refusal_is_tried_again(void **state)
{
    (void)state;
    post = (struct script){ STATUS_INSUFFICIENT_FUNDS, 12, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_int_equal(post.seen, 13);
    assert_trace("price reserve hold place post");
    assert_row("true 0 1");
}

/* ---- back ---- */

static void refusal_undoes_what_may_have_happened(void **state)
{
    (void)state;
    hold = (struct script){ STATUS_INSUFFICIENT_FUNDS, 1, 0 };
    host_stage_tell(stage, run_to_its_end);
    /* What was refused is undone, too: nobody knows whether it has happened after all. */
    assert_trace("price reserve -reserve -hold -price end");
    assert_row("true 1 0");
    assert_key("insufficient_stock 0");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "insufficient_funds");
}

static void refusal_at_once_undoes_all_the_same(void **state)
{
    (void)state;
    price = (struct script){ STATUS_NOT_FOUND, 1, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("-reserve -hold -price end");
}

static void refusal_at_the_pivot_undoes_all_stages_before_it(void **state)
{
    (void)state;
    place = (struct script){ STATUS_CART_MERGED, 1, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price reserve hold -reserve -hold -price end");
}

static void outage_that_outlasts_the_patience_of_a_step_undoes(void **state)
{
    (void)state;
    reserve = (struct script){ STATUS_UNAVAILABLE, FAILURES_MAX, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price hold -reserve -hold -price end");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "unavailable");
}

static void undo_is_tried_until_it_is_done(void **state)
{
    (void)state;
    hold = (struct script){ STATUS_INSUFFICIENT_FUNDS, 1, 0 };
    unreserve = (struct script){ STATUS_UNAVAILABLE, 15, 0 };
    unhold = (struct script){ STATUS_NOT_FOUND, 3, 0 };
    host_stage_tell(stage, run_to_its_end);
    assert_trace("price reserve -hold -reserve -price end");
    assert_row("true 1 0");
}

static void run_past_its_deadline(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(begin(-1), false));
    host_stage_settle(stage);
}

static void saga_past_its_deadline_is_undone_before_anything_is_tried(void **state)
{
    (void)state;
    host_stage_tell(stage, run_past_its_deadline);
    assert_trace("-reserve -hold -price end");
    assert_string_equal(host_stage_sql("SELECT refusal FROM host.saga"), "deadline_exceeded");
}

/* ---- the client ---- */

static struct stored_answer heard;
static enum status heard_status;
static char heard_body[256];

static void start_and_wait(struct host_stage *unused)
{
    (void)unused;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *process = saga_run_start(begin(600LL * SECOND_US), true);
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
    host_stage_settle(stage);
}

static void client_hears_when_the_pivot_is_reached(void **state)
{
    (void)state;
    post = (struct script){ STATUS_UNAVAILABLE, 5, 0 };
    host_stage_tell(stage, start_and_wait);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_OK);
    assert_int_equal(heard.http_status, 201);
    assert_string_equal(heard_body, "placed");
    assert_trace("price reserve hold place"); /* what is left needs no client */
    host_stage_tell(stage, settle);
    assert_trace("price reserve hold place post");
}

static void client_hears_the_refusal_when_all_is_undone(void **state)
{
    (void)state;
    explains = true;
    reserve = (struct script){ STATUS_INSUFFICIENT_STOCK, 1, 0 };
    host_stage_tell(stage, start_and_wait);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.status, STATUS_INSUFFICIENT_STOCK);
    assert_string_equal(heard_body, "/lines/1 Red chair");
    assert_trace("price hold -reserve -hold -price end");
    host_stage_tell(stage, settle);
}

static void wait_in_vain(struct host_stage *unused)
{
    (void)unused;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *process = saga_run_start(begin(600LL * SECOND_US), true);
    time_skip_by(&stage->skip, 5 * SECOND_US);
    heard_status = saga_process_wait_answer(process, 0, arena, &heard);
    host_stage_settle(stage);
}

static void client_that_waits_no_longer_does_not_stop_the_saga(void **state)
{
    (void)state;
    price = (struct script){ STATUS_UNAVAILABLE, 3, 0 };
    host_stage_tell(stage, wait_in_vain);
    assert_int_equal(heard_status, STATUS_DEADLINE_EXCEEDED);
    assert_trace("price reserve hold place post");
}

static void start_twice(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(begin(600LL * SECOND_US), false));
    struct saga_process *again = saga_process_new(&stage->hosted, &purchase, saga_id, SHARD);
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct saga_process *joined = saga_run_start(again, true);
    assert_non_null(joined);
    heard_status = saga_process_wait_answer(joined, 60LL * SECOND_US, arena, &heard);
    host_stage_settle(stage);
}

static void second_start_of_a_saga_joins_the_first(void **state)
{
    (void)state;
    price = (struct script){ STATUS_UNAVAILABLE, 1, 0 };
    host_stage_tell(stage, start_twice);
    assert_int_equal(heard_status, STATUS_OK);
    assert_int_equal(heard.http_status, 201);
    assert_trace("price reserve hold place post");
}

/* ---- restarts ---- */

static void insert_row(const char *kind, int version, int direction, int point)
{
    char sql[600];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO host.saga (id, shard, kind, version, direction, refusal, point, "
                   "data, started_at, deadline) VALUES ('aa000000-0000-0000-0000-0000000000%02x', "
                   "%d, '%s', %d, %d, %s, %d, decode('81a66e756d6265722a', 'hex'), 1, "
                   "9000000000000000)",
                   SHARD, SHARD, kind, version, direction,
                   direction == 1 ? "'insufficient_stock'" : "NULL", point);
    (void)host_stage_sql(sql);
}

static void resume(struct host_stage *unused)
{
    (void)unused;
    assert_int_equal(saga_resume_all(&stage->hosted), STATUS_OK);
    host_stage_settle(stage);
}

static void restart_before_the_pivot_begins_anew(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 0);
    host_stage_tell(stage, resume);
    assert_trace("price reserve hold place post");
    assert_row("true 0 1");
}

static void restart_behind_the_pivot_does_only_what_is_left(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 1);
    host_stage_tell(stage, resume);
    assert_trace("post");
    assert_row("true 0 1");
}

static void restart_in_the_undo_goes_on_undoing(void **state)
{
    (void)state;
    insert_row("purchase", 3, 1, 0);
    host_stage_tell(stage, resume);
    assert_trace("-reserve -hold -price end");
    assert_row("true 1 0");
}

static void saga_of_an_unknown_kind_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("barter", 3, 0, 0);
    host_stage_tell(stage, resume);
    assert_trace("");
    assert_row("false 0 0");
}

static void saga_of_a_version_that_nobody_has_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("purchase", 4, 0, 0);
    host_stage_tell(stage, resume);
    assert_trace("");
    assert_row("false 0 0");
}

static void saga_whose_data_cannot_be_read_stays_where_it_is(void **state)
{
    (void)state;
    insert_row("purchase", 3, 0, 0);
    (void)host_stage_sql("UPDATE host.saga SET data = 'xyz'");
    host_stage_tell(stage, resume);
    assert_trace("");
    assert_row("false 0 0");
}

static void stop_in_the_middle(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(begin(600LL * SECOND_US), false));
    host_stage_skip(stage, SECOND_US);
    assert_int_equal(stage->host.services, 2); /* the saga and the step that hinders it */
}

static void stopping_ends_the_runner_and_leaves_the_row_open(void **state)
{
    (void)state;
    reserve = (struct script){ STATUS_UNAVAILABLE, FAILURES_MAX, 0 };
    host_stage_tell(stage, stop_in_the_middle);
    stage->host.is_stopping = true;
    fibers_stop(stage->fibers);
    assert_int_equal(stage->host.services, 0);
    assert_null(stage->hosted.sagas);
    assert_row("false 0 0");
}

/* ---- operators ---- */

static void get_stuck(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(begin(600LL * SECOND_US), false));
    host_stage_skip(stage, 30LL * SECOND_US);
    const struct saga_process *process = saga_process_find(&stage->hosted, saga_id);
    assert_non_null(process);
    assert_non_null(process->stuck_step);
    assert_string_equal(process->stuck_step->name, "post");
    assert_int_equal(process->stuck_status, STATUS_NOT_FOUND);
    host_stage_settle(stage);
}

static void step_that_fails_again_and_again_is_named(void **state)
{
    (void)state;
    post = (struct script){ STATUS_NOT_FOUND, 30, 0 };
    host_stage_tell(stage, get_stuck);
    assert_trace("price reserve hold place post");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_saga, host_stage_close)
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
        CLAIM(client_hears_when_the_pivot_is_reached),
        CLAIM(client_hears_the_refusal_when_all_is_undone),
        CLAIM(client_that_waits_no_longer_does_not_stop_the_saga),
        CLAIM(second_start_of_a_saga_joins_the_first),
        CLAIM(restart_before_the_pivot_begins_anew),
        CLAIM(restart_behind_the_pivot_does_only_what_is_left),
        CLAIM(restart_in_the_undo_goes_on_undoing),
        CLAIM(saga_of_an_unknown_kind_stays_where_it_is),
        CLAIM(saga_of_a_version_that_nobody_has_stays_where_it_is),
        CLAIM(saga_whose_data_cannot_be_read_stays_where_it_is),
        CLAIM(stopping_ends_the_runner_and_leaves_the_row_open),
        CLAIM(step_that_fails_again_and_again_is_named),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
