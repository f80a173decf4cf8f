/* The steps, handlers and words of scripted_saga.h. */
#include "tests/actors/host/scripted_saga.h"

#include <stdio.h>
#include <string.h>

#include "storage/saga_store.h"
#include "tests/support/cmocka.h"

enum { TRACE_MAX = 1024, PATIENCE_US = 10 * 1000 * 1000 };

static const uint8_t key[32] = { 7 };
static const uint8_t fingerprint[16] = { 9 };
const struct uuid saga_of_test = { { 0xAA, [15] = SAGA_SHARD } };

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

struct host_stage *saga_stage;
static char trace[TRACE_MAX]; /* "price reserve hold place -hold ..." */
struct step_script saga_price, saga_reserve, saga_hold, saga_place, saga_post, saga_unreserve,
    saga_unhold;
bool saga_explains;
unsigned saga_hold_pauses, saga_hold_paused;
const char *saga_hold_shows;

static enum status follow(struct step_script *script, const char *name)
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
    return follow(&saga_price, "price");
}

static enum status act_reserve(struct saga *saga, void *data)
{
    (void)data;
    const enum status status = follow(&saga_reserve, "reserve");
    if (saga_explains && status != STATUS_OK)
        saga_add_fault(saga, &(struct request_fault){ .pointer = "/lines/1",
                                                      .code = STATUS_INSUFFICIENT_STOCK,
                                                      .detail = TEXT("Red chair") });
    return status;
}

static enum status act_hold(struct saga *saga, void *data)
{
    (void)data;
    while (saga_hold_paused < saga_hold_pauses) {
        saga->last_body = text_of(saga_hold_shows == NULL ? "" : saga_hold_shows);
        if (saga_hold_shows != NULL) (void)saga_let_go(saga);
        saga_hold_paused++;
        TRY(saga_pause(saga));
    }
    return follow(&saga_hold, "hold");
}

static enum status undo_reserve(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&saga_unreserve, "-reserve");
}

static enum status undo_hold(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&saga_unhold, "-hold");
}

static enum status undo_price(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    static struct step_script nothing;
    return follow(&nothing, "-price");
}

/* What a handler of the domain would do in its unit. */
static enum status run_handler(enum status (*announce)(struct request *request), const char *name,
                               struct text reply)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct envelope envelope = { .domain = DOMAIN_ORDER,
                                       .shard = SAGA_SHARD,
                                       .msg_id =
                                           uuid_derive_named(saga_of_test, text_of(name), 1) };
    struct request request;
    bool is_repeat;
    struct stored_answer answer;
    request_init(&request, &saga_stage->hosted, arena, &envelope, INT64_MAX);
    request.activation = (void *)&request; /* there is one, and nobody looks into it */
    TRY(announce(&request));
    saga_process_join_unit(&request, reply);
    TRY(unit_enqueue(request.unit, saga_stage->hosted.database));
    return unit_wait(request.unit, &is_repeat, &answer);
}

static enum status announce_pivot(struct request *request)
{
    return saga_reach_pivot(request, saga_of_test, 201);
}

static enum status announce_end(struct request *request)
{
    return saga_end_undone(request, saga_of_test, STATUS_INSUFFICIENT_STOCK);
}

static enum status act_place(struct saga *saga, void *data)
{
    (void)data;
    TRY(follow(&saga_place, "place"));
    TRY(run_handler(announce_pivot, "place", TEXT("placed")));
    saga->last_body = TEXT("placed");
    saga->last_http_status = 201;
    return STATUS_OK;
}

static enum status act_post(struct saga *saga, void *data)
{
    (void)saga;
    (void)data;
    return follow(&saga_post, "post");
}

static enum status end_undone(struct saga *saga, void *data, enum status refusal)
{
    static struct step_script nothing;
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
const struct saga_kind saga_purchase = { .name = "purchase",
                                         .version = 3,
                                         .data = &data_schema,
                                         .steps = steps,
                                         .steps_count = ARRAY_LENGTH(steps),
                                         .end_undone = end_undone };
static const struct saga_kind *const kinds[] = { &saga_purchase };

int saga_open(void **state)
{
    const int result = host_stage_open(state);
    saga_stage = *state;
    saga_stage->definition.sagas = kinds;
    saga_stage->definition.sagas_count = 1;
    trace[0] = '\0';
    saga_explains = false;
    saga_hold_pauses = saga_hold_paused = 0;
    saga_hold_shows = NULL;
    saga_price = saga_reserve = saga_hold = saga_place = saga_post = saga_unreserve = saga_unhold =
        (struct step_script){ 0 };
    return result;
}

/* ---- words ---- */

static int64_t deadline_us(int64_t from_now_us)
{
    return loop_market_us(saga_stage->loop) + from_now_us;
}

struct saga_process *saga_commit_start(int64_t life_us)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    const struct saga_data data = { .number = 42 };
    struct envelope envelope = {
        .domain = DOMAIN_ORDER, .shard = SAGA_SHARD, .msg_id = { { 1 } }, .has_idempotency = true
    };
    memcpy(envelope.idempotency_key, key, sizeof key);
    memcpy(envelope.idempotency_fingerprint, fingerprint, sizeof fingerprint);
    struct request request;
    bool is_repeat;
    struct stored_answer answer;
    request_init(&request, &saga_stage->hosted, arena, &envelope, INT64_MAX);
    request.activation = (void *)&request;
    assert_int_equal(
        saga_begin(&request, &saga_purchase, saga_of_test, &data, deadline_us(life_us)), STATUS_OK);
    saga_process_join_unit(&request, (struct text){ 0 });
    unit_idempotency_running(request.unit, key, fingerprint);
    assert_int_equal(unit_enqueue(request.unit, saga_stage->hosted.database), STATUS_OK);
    assert_int_equal(unit_wait(request.unit, &is_repeat, &answer), STATUS_OK);
    return request.started;
}

void saga_run_whole(struct host_stage *unused)
{
    (void)unused;
    assert_null(saga_run_start(saga_commit_start(600LL * SECOND_US), false));
    host_stage_settle(saga_stage);
    assert_null(saga_stage->hosted.sagas);
}

void saga_assert_trace(const char *expected)
{
    assert_string_equal(trace, expected);
}

void saga_assert_row(const char *expected)
{
    assert_string_equal(
        host_stage_sql("SELECT is_done || ' ' || direction || ' ' || point FROM host.saga"),
        expected);
}

void saga_assert_key(const char *expected)
{
    assert_string_equal(
        host_stage_sql("SELECT coalesce(status || ' ' || http_status, 'running') FROM "
                       "host.idempotency"),
        expected);
}
