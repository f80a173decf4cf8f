/* Builds the stage of bus_stage.h. */
#include "tests/runtime/bus_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "tests/support/cmocka.h"

enum { SKIP_STEP_US = 200000, SKIP_REST_US = 3000 };

int64_t stage_now_us(const struct stage *stage)
{
    return loop_now_us(stage->loop);
}

void process_answer(struct process *process, const struct return_address *to, struct text body)
{
    const struct envelope reply = { .status = STATUS_CONFLICT, .body = body, .http_status = 409 };
    bus_reply(process->bus, to, &reply);
}

static void on_request(void *context, const struct envelope *envelope,
                       const struct return_address *from)
{
    struct process *process = context;
    process->requests_count++;
    process->budget_ms = envelope->budget_ms;
    assert_true(envelope->client.length < sizeof process->client);
    memcpy(process->client, envelope->client.data, envelope->client.length);
    process->client[envelope->client.length] = '\0';
    if (!process->is_holding) {
        process_answer(process, from, envelope->body);
        return;
    }
    assert_true(process->held_count < HELD_MAX);
    struct held *held = &process->held[process->held_count++];
    held->from = *from;
    held->length = envelope->body.length < sizeof held->body ? envelope->body.length : 0;
    memcpy(held->body, envelope->body.data, held->length);
}

static void on_hint(void *context, const struct hint *hint)
{
    struct process *process = context;
    assert_int_equal(hint->domain, DOMAIN);
    assert_int_equal(hint->shard, 5);
    process->hint = *hint;
    process->hints_count++;
}

static void on_hints_lost(void *context)
{
    struct process *process = context;
    process->hints_lost_count++;
}

void process_answer_held(struct process *process)
{
    for (size_t i = 0; i < process->held_count; i++)
        process_answer(process, &process->held[i].from,
                       (struct text){ process->held[i].body, process->held[i].length });
    process->held_count = 0;
}

void stage_turn(struct stage *stage)
{
    (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE);
}

struct rest {
    struct timer timer;
    bool is_over;
};

static void on_rest(struct timer *timer)
{
    CONTAINER_OF(timer, struct rest, timer)->is_over = true;
}

void stage_rest(struct stage *stage, int64_t duration_us)
{
    struct rest rest = { .timer = { .on_fire = on_rest } };
    timer_start(loop_timers(stage->loop), &rest.timer, stage_now_us(stage) + duration_us);
    while (!rest.is_over)
        stage_turn(stage);
}

void stage_skip(struct stage *stage, int64_t duration_us)
{
    for (int64_t left_us = duration_us; left_us > 0; left_us -= SKIP_STEP_US) {
        time_skip_by(&stage->skip, left_us < SKIP_STEP_US ? left_us : SKIP_STEP_US);
        stage_rest(stage, SKIP_REST_US);
    }
}

void process_start(struct stage *stage, struct process *process, const char *name,
                   enum member_kind kind)
{
    process->stage = stage;
    const struct bus_options options = { .loop = stage->loop,
                                         .fibers = stage->fibers,
                                         .name = name,
                                         .kind = kind,
                                         .run_dir = stage->run_dir,
                                         .keys = &stage->keys,
                                         .credit_messages = CREDIT,
                                         .queue_max = QUEUE,
                                         .domains = kind == MEMBER_NODE ? (uint32_t)1 << DOMAIN : 0,
                                         .shard_last = 63,
                                         .context = process,
                                         .on_request = on_request,
                                         .on_hint = on_hint,
                                         .on_hints_lost = on_hints_lost };
    assert_int_equal(bus_new(&options, &process->bus), STATUS_OK);
}

void stage_start_node(struct stage *stage)
{
    process_start(stage, &stage->node, "node-1", MEMBER_NODE);
    bus_set_ready(stage->node.bus, true);
}

bool stage_gateway_sees_node(struct stage *stage)
{
    const struct member *owner = members_owner(bus_members(stage->gateway.bus), DOMAIN, 5);
    return owner != NULL && stage->node.bus != NULL &&
           owner->incarnation == bus_incarnation(stage->node.bus);
}

static bool node_sees_gateway(struct stage *stage)
{
    const struct member *member = members_find(bus_members(stage->node.bus), TEXT("gateway-1"));
    return member != NULL && member->incarnation == bus_incarnation(stage->gateway.bus);
}

void stage_wait_for_node(struct stage *stage)
{
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (!stage_gateway_sees_node(stage) || !node_sees_gateway(stage)) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
}

void stage_start_agent(struct stage *stage)
{
    const struct agent_options options = { .loop = stage->loop,
                                           .run_dir = stage->run_dir,
                                           .keys = &stage->keys,
                                           .configured = &stage->configured };
    assert_int_equal(agent_new(&options, &stage->agent), STATUS_OK);
}

static void configure(struct stage *stage, const char *name, enum member_kind kind)
{
    struct member *member = &stage->configured.list[stage->configured.count++];
    member->kind = kind;
    (void)snprintf(member->name, sizeof member->name, "%s", name);
}

int stage_open(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    (void)snprintf(stage->directory, sizeof stage->directory, "/tmp/souk-bus-XXXXXX");
    assert_non_null(mkdtemp(stage->directory));
    (void)snprintf(stage->run_dir, sizeof stage->run_dir, "%s/mesh", stage->directory);
    randombytes_buf(&stage->keys, sizeof stage->keys);
    configure(stage, "node-1", MEMBER_NODE);
    configure(stage, "gateway-1", MEMBER_GATEWAY);
    stage->loop = loop_new();
    time_skip_init(&stage->skip, stage->loop);
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    stage_start_agent(stage);
    process_start(stage, &stage->gateway, "gateway-1", MEMBER_GATEWAY);
    stage_start_node(stage);
    stage_wait_for_node(stage);
    *state = stage;
    return 0;
}

int stage_close(void **state)
{
    struct stage *stage = *state;
    char path[96];
    fibers_stop(stage->fibers);
    bus_destroy(&stage->gateway.bus);
    bus_destroy(&stage->node.bus);
    agent_destroy(&stage->agent);
    assert_int_equal(fibers_alive(stage->fibers), 0);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
    (void)snprintf(path, sizeof path, "%s/agent.lock", stage->run_dir);
    (void)unlink(path);
    assert_int_equal(rmdir(stage->run_dir), 0); /* no socket is left behind */
    (void)rmdir(stage->directory);
    free(stage);
    return 0;
}

static void ask_fiber(void *argument)
{
    struct question *question = argument;
    struct envelope request = { .domain = DOMAIN,
                                .shard = 5,
                                .number = 3001,
                                .request_id = TEXT("req-7"),
                                .body = text_of(question->body) };
    if (!question->is_key_zero) request.key.bytes[0] = 1;
    question->status =
        bus_ask(question->process->bus, &request, stage_now_us(question->stage) + question->wait_us,
                question->arena, &question->reply);
    question->is_done = true;
    loop_wake(question->stage->loop); /* the test looks between turns */
}

void question_ask(struct stage *stage, struct question *question, struct process *process,
                  const char *body)
{
    *question = (struct question){ .stage = stage,
                                   .process = process,
                                   .body = body,
                                   .arena = arena_new(1024),
                                   .wait_us = 2000000,
                                   .status = STATUS_INTERNAL };
}

void question_spawn(struct question *question)
{
    assert_int_equal(fiber_spawn(question->stage->fibers, ask_fiber, question), STATUS_OK);
}

void question_wait(struct question *question)
{
    const int64_t end_us = stage_now_us(question->stage) + WAIT_US;
    while (!question->is_done) {
        assert_true(stage_now_us(question->stage) < end_us);
        stage_turn(question->stage);
    }
}

void question_clear(struct question *question)
{
    arena_destroy(&question->arena);
}
