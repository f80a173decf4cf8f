/* Two processes' buses and their agent on one loop: what is asked is answered, or refused in time
 * for a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>
#include <zmq.h>

#include "runtime/arena.h"
#include "runtime/bus.h"
#include "runtime/metrics.h"
#include "storage/agent.h"

enum { DOMAIN = 3, CREDIT = 4, QUEUE = 6, HELD_MAX = 64, WAIT_US = 8000000 };

/* What a node was asked and has not answered yet. */
struct held {
    struct return_address from;
    char body[64];
    size_t length;
};

struct process {
    struct stage *stage;
    struct bus *bus;
    bool is_holding; /* keeps requests instead of answering them */
    struct held held[HELD_MAX];
    size_t held_count;
    size_t requests_count;
    uint32_t budget_ms;
    uint64_t hint;
};

struct stage {
    char directory[32];
    char run_dir[64];
    struct loop *loop;
    struct fibers *fibers;
    struct mesh_keys keys;
    struct members configured;
    struct agent *agent;
    struct process gateway, node;
};

struct question {
    struct stage *stage;
    struct process *process;
    struct arena *arena;
    const char *body;
    int64_t wait_us;
    bool is_key_zero;
    bool is_done;
    enum status status;
    struct envelope reply;
};

static int64_t now_us(const struct stage *stage)
{
    return loop_clock(stage->loop)->monotonic_us(NULL);
}

static void answer(struct process *process, const struct return_address *to, struct text body)
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
    if (!process->is_holding) {
        answer(process, from, envelope->body);
        return;
    }
    assert_true(process->held_count < HELD_MAX);
    struct held *held = &process->held[process->held_count++];
    held->from = *from;
    held->length = envelope->body.length < sizeof(held->body) ? envelope->body.length : 0;
    memcpy(held->body, envelope->body.data, held->length);
}

static void on_hint(void *context, unsigned domain, unsigned shard, uint64_t sequence)
{
    struct process *process = context;
    assert_int_equal(domain, DOMAIN);
    assert_int_equal(shard, 5);
    process->hint = sequence;
}

static void answer_held(struct process *process)
{
    for (size_t i = 0; i < process->held_count; i++)
        answer(process, &process->held[i].from,
               (struct text){ process->held[i].body, process->held[i].length });
    process->held_count = 0;
}

static void turn(struct stage *stage)
{
    (void)uv_run(loop_uv(stage->loop), UV_RUN_ONCE);
}

static void rest(struct stage *stage, int64_t duration_us)
{
    const int64_t end_us = now_us(stage) + duration_us;
    while (now_us(stage) < end_us) {
        (void)uv_run(loop_uv(stage->loop), UV_RUN_NOWAIT);
        (void)usleep(1000);
    }
}

static void process_start(struct stage *stage, struct process *process, const char *name,
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
                                         .on_hint = on_hint };
    assert_int_equal(bus_new(&options, &process->bus), STATUS_OK);
}

static void node_start(struct stage *stage)
{
    process_start(stage, &stage->node, "node-1", MEMBER_NODE);
    bus_set_ready(stage->node.bus, true);
}

static bool gateway_sees_node(struct stage *stage)
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

static void wait_for_node(struct stage *stage)
{
    const int64_t end_us = now_us(stage) + WAIT_US;
    while (!gateway_sees_node(stage) || !node_sees_gateway(stage)) {
        assert_true(now_us(stage) < end_us);
        turn(stage);
    }
}

static void agent_start(struct stage *stage)
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
    (void)snprintf(member->name, sizeof(member->name), "%s", name);
}

static int stage_open(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    (void)snprintf(stage->directory, sizeof(stage->directory), "/tmp/souk-bus-XXXXXX");
    assert_non_null(mkdtemp(stage->directory));
    (void)snprintf(stage->run_dir, sizeof(stage->run_dir), "%s/mesh", stage->directory);
    randombytes_buf(&stage->keys, sizeof(stage->keys));
    configure(stage, "node-1", MEMBER_NODE);
    configure(stage, "gateway-1", MEMBER_GATEWAY);
    stage->loop = loop_new();
    stage->fibers = fibers_new(loop_timers(stage->loop), loop_clock(stage->loop));
    agent_start(stage);
    process_start(stage, &stage->gateway, "gateway-1", MEMBER_GATEWAY);
    node_start(stage);
    wait_for_node(stage);
    *state = stage;
    return 0;
}

static int stage_close(void **state)
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
    (void)snprintf(path, sizeof(path), "%s/agent.lock", stage->run_dir);
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
        bus_ask(question->process->bus, &request, now_us(question->stage) + question->wait_us,
                question->arena, &question->reply);
    question->is_done = true;
    loop_wake(question->stage->loop); /* the test looks between turns */
}

static void ask(struct stage *stage, struct question *question, struct process *process,
                const char *body)
{
    *question = (struct question){ .stage = stage,
                                   .process = process,
                                   .body = body,
                                   .arena = arena_new(1024),
                                   .wait_us = 2000000,
                                   .status = STATUS_INTERNAL };
}

static void question_spawn(struct question *question)
{
    assert_int_equal(fiber_spawn(question->stage->fibers, ask_fiber, question), STATUS_OK);
}

static void question_wait(struct question *question)
{
    const int64_t end_us = now_us(question->stage) + WAIT_US;
    while (!question->is_done) {
        assert_true(now_us(question->stage) < end_us);
        turn(question->stage);
    }
}

static void question_clear(struct question *question)
{
    arena_destroy(&question->arena);
}

static void a_request_is_answered_by_its_owner(void **state)
{
    struct stage *stage = *state;
    struct question question;
    ask(stage, &question, &stage->gateway, "hello");
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_int_equal(question.reply.status, STATUS_CONFLICT);
    assert_int_equal(question.reply.http_status, 409);
    assert_int_equal(question.reply.number, 3001);
    assert_true(text_equals_string(question.reply.body, "hello"));
    assert_in_range(stage->node.budget_ms, 1000, 2000);
    question_clear(&question);
}

static void many_requests_are_answered_in_few_frames(void **state)
{
    struct stage *stage = *state;
    for (size_t round = 0; round < 100; round++) {
        struct question questions[CREDIT];
        for (size_t i = 0; i < CREDIT; i++) {
            ask(stage, &questions[i], &stage->gateway, "x");
            question_spawn(&questions[i]);
        }
        for (size_t i = 0; i < CREDIT; i++) {
            question_wait(&questions[i]);
            assert_int_equal(questions[i].status, STATUS_OK);
            question_clear(&questions[i]);
        }
    }
    assert_int_equal(stage->node.requests_count, 100 * CREDIT);
}

static void an_answer_that_does_not_come_ends_at_the_deadline(void **state)
{
    struct stage *stage = *state;
    struct question question;
    stage->node.is_holding = true;
    ask(stage, &question, &stage->gateway, "slow");
    question.wait_us = 50000;
    const int64_t begin_us = now_us(stage);
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_DEADLINE_EXCEEDED);
    assert_in_range(now_us(stage) - begin_us, 50000, 1000000);
    /* The late answer finds nobody. */
    assert_int_equal(stage->node.held_count, 1);
    answer_held(&stage->node);
    rest(stage, 50000);
    question_clear(&question);
}

static void beyond_credit_and_queue_is_overloaded_and_credit_lets_the_queue_go(void **state)
{
    struct stage *stage = *state;
    struct question questions[CREDIT + QUEUE], late;
    stage->node.is_holding = true;
    for (size_t i = 0; i < CREDIT + QUEUE; i++) {
        ask(stage, &questions[i], &stage->gateway, "x");
        question_spawn(&questions[i]);
    }
    ask(stage, &late, &stage->gateway, "late");
    question_spawn(&late);
    assert_true(late.is_done);
    assert_int_equal(late.status, STATUS_OVERLOADED);
    rest(stage, 100000);
    assert_int_equal(stage->node.held_count, CREDIT); /* not one more than the credit */
    answer_held(&stage->node);
    stage->node.is_holding = false;
    for (size_t i = 0; i < CREDIT + QUEUE; i++) {
        question_wait(&questions[i]);
        assert_int_equal(questions[i].status, STATUS_OK);
        question_clear(&questions[i]);
    }
    question_clear(&late);
}

static void what_waits_for_credit_keeps_its_deadline(void **state)
{
    struct stage *stage = *state;
    struct question questions[CREDIT], waiting;
    stage->node.is_holding = true;
    for (size_t i = 0; i < CREDIT; i++) {
        ask(stage, &questions[i], &stage->gateway, "x");
        question_spawn(&questions[i]);
    }
    ask(stage, &waiting, &stage->gateway, "y");
    waiting.wait_us = 50000;
    question_spawn(&waiting);
    question_wait(&waiting);
    assert_int_equal(waiting.status, STATUS_DEADLINE_EXCEEDED);
    answer_held(&stage->node);
    for (size_t i = 0; i < CREDIT; i++) {
        question_wait(&questions[i]);
        question_clear(&questions[i]);
    }
    rest(stage, 50000);
    assert_int_equal(stage->node.requests_count, CREDIT); /* the expired one was never sent */
    question_clear(&waiting);
}

static void a_peer_that_dies_ends_its_asks_and_its_next_life_is_found(void **state)
{
    struct stage *stage = *state;
    struct question question, next;
    stage->node.is_holding = true;
    ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    rest(stage, 50000);
    const struct return_address old = stage->node.held[0].from;
    bus_destroy(&stage->node.bus);
    node_start(stage);
    stage->node.is_holding = false;
    question_wait(&question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    wait_for_node(stage);
    /* An answer by the new life to what the old one was asked is nobody's. */
    answer(&stage->node, &old, TEXT("ghost"));
    ask(stage, &next, &stage->gateway, "again");
    question_spawn(&next);
    question_wait(&next);
    assert_int_equal(next.status, STATUS_OK);
    assert_true(text_equals_string(next.reply.body, "again"));
    question_clear(&question);
    question_clear(&next);
}

static void a_silent_peer_is_unavailable_within_seconds(void **state)
{
    struct stage *stage = *state;
    struct question question, next;
    stage->node.is_holding = true;
    ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    rest(stage, 50000);
    bus_destroy(&stage->node.bus);
    const int64_t begin_us = now_us(stage);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    assert_in_range(now_us(stage) - begin_us, 0, 4500000);
    ask(stage, &next, &stage->gateway, "x");
    question_spawn(&next);
    assert_int_equal(next.status, STATUS_UNAVAILABLE);
    question_clear(&question);
    question_clear(&next);
}

static void a_new_agent_learns_everybody_before_it_speaks(void **state)
{
    struct stage *stage = *state;
    struct question question;
    const uint64_t version = bus_members(stage->gateway.bus)->version;
    agent_destroy(&stage->agent);
    ask(stage, &question, &stage->gateway, "x");
    question_spawn(&question);
    question_wait(&question); /* nobody needs the agent to talk */
    assert_int_equal(question.status, STATUS_OK);
    agent_start(stage);
    const int64_t end_us = now_us(stage) + WAIT_US;
    while (bus_members(stage->gateway.bus)->version == version) {
        assert_true(now_us(stage) < end_us);
        assert_true(gateway_sees_node(stage));
        turn(stage);
    }
    assert_true(gateway_sees_node(stage));
    assert_true(bus_members(stage->gateway.bus)->version > version);
    question_clear(&question);
}

static void a_second_agent_is_refused(void **state)
{
    struct stage *stage = *state;
    struct agent *second = NULL;
    const struct agent_options options = { .loop = stage->loop,
                                           .run_dir = stage->run_dir,
                                           .keys = &stage->keys,
                                           .configured = &stage->configured };
    assert_int_equal(agent_new(&options, &second), STATUS_CONFLICT);
    assert_null(second);
}

static void a_node_asks_itself_without_a_socket(void **state)
{
    struct stage *stage = *state;
    struct question question;
    const int64_t frames = metric_value(METRIC_FRAMES_RECEIVED);
    ask(stage, &question, &stage->node, "self");
    question_spawn(&question);
    assert_false(question.is_done);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_true(text_equals_string(question.reply.body, "self"));
    assert_true(metric_value(METRIC_FRAMES_RECEIVED) - frames < 8); /* pings and snapshots only */
    question_clear(&question);
}

static void a_zero_key_goes_to_any_node_of_the_domain(void **state)
{
    struct stage *stage = *state;
    struct question question;
    ask(stage, &question, &stage->gateway, "any");
    question.is_key_zero = true;
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    question_clear(&question);
}

static void a_shard_that_nobody_serves_is_unavailable(void **state)
{
    struct stage *stage = *state;
    struct question question;
    bus_set_ready(stage->node.bus, false);
    const int64_t end_us = now_us(stage) + WAIT_US;
    while (gateway_sees_node(stage)) {
        assert_true(now_us(stage) < end_us);
        turn(stage);
    }
    ask(stage, &question, &stage->gateway, "x");
    question_spawn(&question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_clear(&question);
}

static void a_hint_reaches_the_gateway(void **state)
{
    struct stage *stage = *state;
    bus_hint(stage->node.bus, DOMAIN, 5, 77);
    const int64_t end_us = now_us(stage) + WAIT_US;
    while (stage->gateway.hint != 77) {
        assert_true(now_us(stage) < end_us);
        turn(stage);
    }
}

/* ---- what others may send to a ROUTER ---- */

static void send_as_stranger(struct stage *stage, const char *endpoint, const void *data,
                             size_t length, size_t parts)
{
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER);
    assert_int_equal(zmq_connect(socket, endpoint), 0);
    for (size_t i = 0; i < parts; i++)
        assert_int_equal(zmq_send(socket, data, length, i + 1 < parts ? ZMQ_SNDMORE : 0), length);
    rest(stage, 200000);
    (void)zmq_close(socket);
    (void)zmq_ctx_term(context);
}

static const struct member *node_member(struct stage *stage)
{
    return members_find(bus_members(stage->gateway.bus), TEXT("node-1"));
}

static void frame_of_gateway(struct stage *stage, struct frame_writer *writer, const uint8_t *key,
                             uint64_t incarnation, uint64_t receiver)
{
    struct frame_header header = { .sender = TEXT("gateway-1"),
                                   .sender_kind = MEMBER_GATEWAY,
                                   .incarnation = incarnation,
                                   .sequence = 1000000 };
    const struct envelope request = { .kind = ENVELOPE_REQUEST, .sequence = 1 };
    (void)stage;
    frame_prove(key, receiver, &header);
    frame_writer_init(writer);
    frame_begin(writer, &header);
    assert_int_equal(frame_add(writer, &request), STATUS_OK);
}

static void a_frame_with_a_bad_proof_is_dropped_and_counted(void **state)
{
    struct stage *stage = *state;
    struct frame_writer writer;
    const uint8_t wrong_key[32] = { 1 };
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    frame_of_gateway(stage, &writer, wrong_key, bus_incarnation(stage->gateway.bus),
                     bus_incarnation(stage->node.bus));
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 1);
    assert_int_equal(stage->node.requests_count, 0);
    frame_writer_clear(&writer);
}

static void a_frame_of_an_earlier_life_is_dropped_and_counted(void **state)
{
    struct stage *stage = *state;
    struct frame_writer writer;
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    frame_of_gateway(stage, &writer, stage->keys.mesh, bus_incarnation(stage->gateway.bus) - 1,
                     bus_incarnation(stage->node.bus));
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 1);
    assert_int_equal(stage->node.requests_count, 0);
    frame_writer_clear(&writer);
}

static void a_frame_of_a_life_never_announced_is_dropped_after_a_while(void **state)
{
    struct stage *stage = *state;
    struct frame_writer writer;
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    frame_of_gateway(stage, &writer, stage->keys.mesh, bus_incarnation(stage->gateway.bus) + 1,
                     bus_incarnation(stage->node.bus));
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1);
    rest(stage, 2000000);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 1);
    assert_int_equal(stage->node.requests_count, 0);
    frame_writer_clear(&writer);
}

static void garbage_is_dropped_and_counted(void **state)
{
    struct stage *stage = *state;
    char garbage[300];
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    randombytes_buf(garbage, sizeof(garbage));
    send_as_stranger(stage, node_member(stage)->data_endpoint, garbage, sizeof(garbage), 1);
    send_as_stranger(stage, node_member(stage)->control_endpoint, garbage, 0, 1);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 2);
}

static void a_message_of_several_parts_is_dropped_whole(void **state)
{
    struct stage *stage = *state;
    struct frame_writer writer;
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    frame_of_gateway(stage, &writer, stage->keys.mesh, bus_incarnation(stage->gateway.bus),
                     bus_incarnation(stage->node.bus));
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 50);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 1);
    assert_int_equal(stage->node.requests_count, 0);
    frame_writer_clear(&writer);
}

static void a_client_may_ask_and_needs_its_name(void **state)
{
    struct stage *stage = *state;
    static struct process client, intruder;
    process_start(stage, &intruder, "operator", MEMBER_CLIENT);
    process_start(stage, &client, "client-1", MEMBER_CLIENT);
    const int64_t end_us = now_us(stage) + WAIT_US;
    while (members_owner(bus_members(client.bus), DOMAIN, 5) == NULL) {
        assert_true(now_us(stage) < end_us);
        turn(stage);
    }
    struct question question;
    ask(stage, &question, &client, "from outside");
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_int_equal(bus_members(intruder.bus)->count, 0);
    question_clear(&question);
    bus_destroy(&client.bus);
    bus_destroy(&intruder.bus);
}

static void asks_under_way_end_when_the_bus_goes(void **state)
{
    struct stage *stage = *state;
    struct question question;
    stage->node.is_holding = true;
    ask(stage, &question, &stage->gateway, "x");
    question_spawn(&question);
    bus_destroy(&stage->gateway.bus);
    assert_true(question.is_done);
    assert_int_equal(question.status, STATUS_STOPPING);
    question_clear(&question);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_request_is_answered_by_its_owner),
        STAGED(many_requests_are_answered_in_few_frames),
        STAGED(an_answer_that_does_not_come_ends_at_the_deadline),
        STAGED(beyond_credit_and_queue_is_overloaded_and_credit_lets_the_queue_go),
        STAGED(what_waits_for_credit_keeps_its_deadline),
        STAGED(a_peer_that_dies_ends_its_asks_and_its_next_life_is_found),
        STAGED(a_silent_peer_is_unavailable_within_seconds),
        STAGED(a_new_agent_learns_everybody_before_it_speaks),
        STAGED(a_second_agent_is_refused),
        STAGED(a_node_asks_itself_without_a_socket),
        STAGED(a_zero_key_goes_to_any_node_of_the_domain),
        STAGED(a_shard_that_nobody_serves_is_unavailable),
        STAGED(a_hint_reaches_the_gateway),
        STAGED(a_frame_with_a_bad_proof_is_dropped_and_counted),
        STAGED(a_frame_of_an_earlier_life_is_dropped_and_counted),
        STAGED(a_frame_of_a_life_never_announced_is_dropped_after_a_while),
        STAGED(garbage_is_dropped_and_counted),
        STAGED(a_message_of_several_parts_is_dropped_whole),
        STAGED(a_client_may_ask_and_needs_its_name),
        STAGED(asks_under_way_end_when_the_bus_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
