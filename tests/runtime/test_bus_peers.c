/* Who takes part: peers that die, agents that come back, and what strangers send. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include <sodium.h>
#include <zmq.h>

#include "runtime/metrics.h"
#include "tests/runtime/bus_stage.h"

static void a_peer_that_dies_ends_its_asks_and_its_next_life_is_found(void **state)
{
    struct stage *stage = *state;
    struct question question, next;
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    const struct return_address old = stage->node.held[0].from;
    bus_destroy(&stage->node.bus);
    stage_start_node(stage);
    stage->node.is_holding = false;
    question_wait(&question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    stage_wait_for_node(stage);
    /* An answer by the new life to what the old one was asked is nobody's. */
    process_answer(&stage->node, &old, TEXT("ghost"));
    question_ask(stage, &next, &stage->gateway, "again");
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
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    bus_destroy(&stage->node.bus);
    stage_skip(stage, 2000000);
    assert_false(question.is_done);
    stage_skip(stage, 2000000);
    assert_true(question.is_done);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_ask(stage, &next, &stage->gateway, "x");
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
    question_ask(stage, &question, &stage->gateway, "x");
    question_spawn(&question);
    question_wait(&question); /* nobody needs the agent to talk */
    assert_int_equal(question.status, STATUS_OK);
    stage_start_agent(stage);
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (bus_members(stage->gateway.bus)->version == version) {
        assert_true(stage_now_us(stage) < end_us);
        assert_true(stage_gateway_sees_node(stage));
        stage_turn(stage);
    }
    assert_true(stage_gateway_sees_node(stage));
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

/* ---- what others may send to a ROUTER ---- */

/* Sends, and lets the loop turn until so many frames have been dropped. */
static void send_as_stranger(struct stage *stage, const char *endpoint, const void *data,
                             size_t length, size_t parts, int64_t dropped)
{
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER);
    assert_int_equal(zmq_connect(socket, endpoint), 0);
    for (size_t i = 0; i < parts; i++)
        assert_int_equal(zmq_send(socket, data, length, i + 1 < parts ? ZMQ_SNDMORE : 0), length);
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (metric_value(METRIC_FRAMES_DROPPED) < dropped && stage_now_us(stage) < end_us)
        stage_rest(stage, 2000);
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
                                   .opening = 1000000,
                                   .sequence = 1 };
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
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1,
                     dropped + 1);
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
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1,
                     dropped + 1);
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
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 1,
                     dropped);
    stage_rest(stage, 100000);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped); /* it may be announced yet */
    stage_skip(stage, 2000000);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 1);
    assert_int_equal(stage->node.requests_count, 0);
    frame_writer_clear(&writer);
}

static void garbage_is_dropped_and_counted(void **state)
{
    struct stage *stage = *state;
    char garbage[300];
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    randombytes_buf(garbage, sizeof garbage);
    send_as_stranger(stage, node_member(stage)->data_endpoint, garbage, sizeof garbage, 1,
                     dropped + 1);
    send_as_stranger(stage, node_member(stage)->control_endpoint, garbage, 0, 1, dropped + 2);
    assert_int_equal(metric_value(METRIC_FRAMES_DROPPED), dropped + 2);
}

static void a_message_of_several_parts_is_dropped_whole(void **state)
{
    struct stage *stage = *state;
    struct frame_writer writer;
    const int64_t dropped = metric_value(METRIC_FRAMES_DROPPED);
    frame_of_gateway(stage, &writer, stage->keys.mesh, bus_incarnation(stage->gateway.bus),
                     bus_incarnation(stage->node.bus));
    send_as_stranger(stage, node_member(stage)->data_endpoint, writer.data, writer.length, 50,
                     dropped + 1);
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
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (members_owner(bus_members(client.bus), DOMAIN, 5) == NULL) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
    struct question question;
    question_ask(stage, &question, &client, "from outside");
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_int_equal(bus_members(intruder.bus)->count, 0);
    question_clear(&question);
    bus_destroy(&client.bus);
    bus_destroy(&intruder.bus);
}

static void wait_for_market(struct stage *stage, const struct process *client)
{
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (bus_members(client->bus)->count == 0) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
}

/* No time is skipped: nobody is given up for silence. */
static void a_client_that_ends_leaves_its_place_to_the_next(void **state)
{
    struct stage *stage = *state;
    static struct process first, second;
    char name[32];
    process_start(stage, &first, "client-first", MEMBER_CLIENT);
    wait_for_market(stage, &first);
    const size_t count = bus_members(first.bus)->count;
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "client-%d", i);
        process_start(stage, &second, name, MEMBER_CLIENT);
        wait_for_market(stage, &second);
        bus_destroy(&second.bus);
        const int64_t end_us = stage_now_us(stage) + 2000000;
        while (members_find(bus_members(first.bus), text_of(name)) != NULL &&
               stage_now_us(stage) < end_us)
            stage_turn(stage);
        assert_int_equal(bus_members(first.bus)->count, count);
    }
    assert_true(bus_reaches_agent(first.bus));
    bus_destroy(&first.bus);
}

static void an_agent_that_is_not_there_is_not_reached(void **state)
{
    struct stage *stage = *state;
    static struct process client;
    agent_destroy(&stage->agent);
    process_start(stage, &client, "client-1", MEMBER_CLIENT);
    stage_rest(stage, 50000);
    assert_false(bus_reaches_agent(client.bus));
    bus_destroy(&client.bus);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(a_peer_that_dies_ends_its_asks_and_its_next_life_is_found),
        STAGED(a_silent_peer_is_unavailable_within_seconds),
        STAGED(a_new_agent_learns_everybody_before_it_speaks),
        STAGED(a_second_agent_is_refused),
        STAGED(a_frame_with_a_bad_proof_is_dropped_and_counted),
        STAGED(a_frame_of_an_earlier_life_is_dropped_and_counted),
        STAGED(a_frame_of_a_life_never_announced_is_dropped_after_a_while),
        STAGED(garbage_is_dropped_and_counted),
        STAGED(a_message_of_several_parts_is_dropped_whole),
        STAGED(a_client_may_ask_and_needs_its_name),
        STAGED(a_client_that_ends_leaves_its_place_to_the_next),
        STAGED(an_agent_that_is_not_there_is_not_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
