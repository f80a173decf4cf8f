/* Links that one side, or both, have closed and opened again within one life: whoever forgot what,
 * asks are answered afterwards, those under way end, and nothing old is heard twice. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "runtime/bus_internal.h"
#include "runtime/metrics.h"
#include "tests/runtime/bus_stage.h"

enum { SOON_US = 4000000, TALKS = 5 };

/* ---- what the agent would say, to one of them alone ---- */

struct story {
    struct members members; /* as both know them at first */
    uint64_t incarnation;   /* of this agent, newer than the stage's */
};

static struct story story; /* too large for a stack */

static void story_begin(struct stage *stage)
{
    story.members = *bus_members(stage->gateway.bus);
    story.incarnation = (uint64_t)loop_real_us(stage->loop) + 1000000;
    agent_destroy(&stage->agent);
}

static void send_raw(const char *endpoint, const void *data, size_t length)
{
    void *context = zmq_ctx_new();
    void *socket = zmq_socket(context, ZMQ_DEALER);
    assert_int_equal(zmq_connect(socket, endpoint), 0);
    assert_int_equal(zmq_send(socket, data, length, 0), length);
    (void)zmq_close(socket); /* sends before it closes */
    (void)zmq_ctx_term(context);
}

static void tell(struct stage *stage, struct process *to)
{
    struct frame_writer writer;
    struct frame_header header = { .sender = TEXT("agent"),
                                   .sender_kind = MEMBER_AGENT,
                                   .incarnation = story.incarnation,
                                   .sequence = 1 };
    struct arena *arena = arena_new(65536);
    story.members.version++;
    const struct envelope snapshot = { .kind = ENVELOPE_SNAPSHOT,
                                       .body = members_encode(arena, &story.members) };
    const char *name = to == &stage->gateway ? "gateway-1" : "node-1";
    const struct member *member = members_find(&story.members, text_of(name));
    frame_prove(stage->keys.mesh, 0, &header);
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &snapshot), STATUS_OK);
    send_raw(member->control_endpoint, writer.data, writer.length);
    frame_writer_clear(&writer);
    arena_destroy(&arena);
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (bus_members(to->bus)->version != story.members.version) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
}

/* One process is told that the other is gone, and that it is there again. */
static void forget_and_find(struct stage *stage, struct process *who)
{
    const char *name = who == &stage->gateway ? "node-1" : "gateway-1";
    for (size_t i = 0; i < story.members.count; i++) {
        struct member *member = &story.members.list[i];
        if (strcmp(member->name, name) != 0) continue;
        const uint64_t incarnation = member->incarnation;
        member->incarnation = 0;
        tell(stage, who);
        member->incarnation = incarnation;
        tell(stage, who);
    }
}

static void assert_is_answered(struct stage *stage, const char *body)
{
    struct question question;
    question_ask(stage, &question, &stage->gateway, body);
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_true(text_equals_string(question.reply.body, body));
    question_clear(&question);
}

/* More frames than those that a new opening counts at first. */
static void talk(struct stage *stage)
{
    struct hint hint;
    hint_begin(&hint, 5, 1);
    hint.domain = DOMAIN;
    for (int i = 0; i < TALKS; i++) {
        assert_is_answered(stage, "talk");
        bus_hint(stage->node.bus, &hint);
        stage_rest(stage, 2000);
    }
}

static void wait_for_end(struct stage *stage, const struct question *question)
{
    const int64_t end_us = stage_now_us(stage) + SOON_US;
    while (!question->is_done && stage_now_us(stage) < end_us)
        stage_turn(stage);
    assert_true(question->is_done);
}

/* ---- who forgot ---- */

static void an_asker_that_forgot_its_peer_is_answered_afterwards(void **state)
{
    struct stage *stage = *state;
    talk(stage);
    story_begin(stage);
    forget_and_find(stage, &stage->gateway);
    assert_is_answered(stage, "again");
}

static void a_peer_that_forgot_its_asker_answers_afterwards(void **state)
{
    struct stage *stage = *state;
    talk(stage);
    story_begin(stage);
    forget_and_find(stage, &stage->node);
    stage_rest(stage, 20000); /* the news of the opening is on its way */
    assert_is_answered(stage, "again");
}

static void two_that_forgot_each_other_are_on_speaking_terms_afterwards(void **state)
{
    struct stage *stage = *state;
    talk(stage);
    story_begin(stage);
    for (int i = 0; i < 3; i++) {
        forget_and_find(stage, &stage->node);
        forget_and_find(stage, &stage->gateway);
        stage_rest(stage, 20000);
        assert_is_answered(stage, "again");
        talk(stage);
    }
}

/* ---- what was under way ---- */

static void
asks_of_a_peer_that_forgot_its_asker_end_without_waiting_for_their_deadline(void **state)
{
    struct stage *stage = *state;
    struct question question;
    talk(stage);
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    assert_int_equal(stage->node.held_count, 1);
    story_begin(stage);
    forget_and_find(stage, &stage->node);
    wait_for_end(stage, &question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    process_answer_held(&stage->node); /* nobody waits for it */
    stage->node.is_holding = false;
    assert_is_answered(stage, "again");
    question_clear(&question);
}

/* A window of asks under way, all of which the node gets to hold. */
static void hold_a_window(struct stage *stage, struct question questions[CREDIT])
{
    const size_t before = stage->node.held_count;
    const int64_t end_us = stage_now_us(stage) + SOON_US;
    for (size_t i = 0; i < CREDIT; i++) {
        question_ask(stage, &questions[i], &stage->gateway, "x");
        questions[i].wait_us = WAIT_US;
        question_spawn(&questions[i]);
    }
    while (stage->node.held_count < before + CREDIT && stage_now_us(stage) < end_us)
        stage_turn(stage);
    assert_int_equal(stage->node.held_count, before + CREDIT);
}

static void credit_is_whole_and_no_more_after_each_forgets(void **state)
{
    struct stage *stage = *state;
    struct question questions[CREDIT], more;
    talk(stage); /* an opening ends asks of the one that was heard before it, not of an unheard one
                  */
    story_begin(stage);
    for (int round = 0; round < 4; round++) {
        stage->node.is_holding = true;
        hold_a_window(stage, questions);
        forget_and_find(stage, round % 2 == 0 ? &stage->node : &stage->gateway);
        for (size_t i = 0; i < CREDIT; i++) {
            wait_for_end(stage, &questions[i]);
            assert_int_equal(questions[i].status, STATUS_UNAVAILABLE);
            question_clear(&questions[i]);
        }
        process_answer_held(&stage->node); /* of the window before: must not count for the next */
        stage_rest(stage, 20000);
        hold_a_window(stage, questions);
        question_ask(stage, &more, &stage->gateway, "one more");
        more.wait_us = WAIT_US;
        question_spawn(&more);
        stage_rest(stage, 50000);
        assert_int_equal(stage->node.held_count, CREDIT);
        stage->node.is_holding = false;
        process_answer_held(&stage->node);
        for (size_t i = 0; i < CREDIT; i++) {
            question_wait(&questions[i]);
            assert_int_equal(questions[i].status, STATUS_OK);
            question_clear(&questions[i]);
        }
        question_wait(&more);
        assert_int_equal(more.status, STATUS_OK);
        question_clear(&more);
    }
}

/* ---- frames that come too late, twice, or not at all ---- */

/* A frame of one process to the other, with a request or a count. */
static void send_frame(struct stage *stage, struct process *from, uint64_t opening,
                       uint64_t sequence, enum envelope_kind kind)
{
    const bool is_gateway = from == &stage->gateway;
    const struct member *to =
        members_find(&story.members, text_of(is_gateway ? "node-1" : "gateway-1"));
    struct frame_header header = { .sender = text_of(is_gateway ? "gateway-1" : "node-1"),
                                   .sender_kind = is_gateway ? MEMBER_GATEWAY : MEMBER_NODE,
                                   .incarnation = bus_incarnation(from->bus),
                                   .opening = opening,
                                   .sequence = sequence };
    const struct envelope envelope = { .kind = kind, .sequence = 1 };
    struct frame_writer writer;
    frame_prove(stage->keys.mesh, to->incarnation, &header);
    frame_writer_init(&writer);
    frame_begin(&writer, &header);
    assert_int_equal(frame_add(&writer, &envelope), STATUS_OK);
    const int64_t received = metric_value(METRIC_FRAMES_RECEIVED);
    send_raw(to->data_endpoint, writer.data, writer.length);
    frame_writer_clear(&writer);
    const int64_t end_us = stage_now_us(stage) + SOON_US;
    while (metric_value(METRIC_FRAMES_RECEIVED) == received && stage_now_us(stage) < end_us)
        stage_turn(stage);
    stage_rest(stage, 20000);
}

static void a_frame_of_an_earlier_opening_is_dropped(void **state)
{
    struct stage *stage = *state;
    talk(stage);
    story_begin(stage);
    forget_and_find(stage, &stage->gateway); /* its second opening */
    assert_is_answered(stage, "again");
    const size_t before = stage->node.requests_count;
    send_frame(stage, &stage->gateway, 1, 1000000, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, before);
    assert_is_answered(stage, "and again");
}

static void a_frame_without_an_opening_is_dropped(void **state)
{
    struct stage *stage = *state;
    story_begin(stage);
    send_frame(stage, &stage->gateway, 0, 1000000, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 0);
}

static void a_frame_is_heard_once_in_its_opening(void **state)
{
    struct stage *stage = *state;
    story_begin(stage);
    send_frame(stage, &stage->gateway, 9, 1, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 1);
    send_frame(stage, &stage->gateway, 9, 1, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 1);
}

static void a_frame_is_heard_once_although_its_peer_was_forgotten_meanwhile(void **state)
{
    struct stage *stage = *state;
    story_begin(stage);
    send_frame(stage, &stage->gateway, 9, 5, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 1);
    forget_and_find(stage, &stage->node);
    send_frame(stage, &stage->gateway, 9, 5, ENVELOPE_REQUEST);
    send_frame(stage, &stage->gateway, 8, 6, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 1);
    send_frame(stage, &stage->gateway, 9, 6, ENVELOPE_REQUEST);
    assert_int_equal(stage->node.requests_count, 2);
}

static void an_opening_is_proved(void **state)
{
    (void)state;
    const uint8_t key[32] = { 1 };
    struct frame_header header = { .sender = TEXT("node-1"), .incarnation = 5, .opening = 1 };
    frame_prove(key, 7, &header);
    assert_true(frame_is_proved(key, 7, &header));
    header.opening = 2;
    assert_false(frame_is_proved(key, 7, &header));
}

static void frames_that_were_lost_end_the_asks_whose_answers_may_have_been_in_them(void **state)
{
    struct stage *stage = *state;
    struct question question;
    talk(stage);
    story_begin(stage);
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    assert_false(question.is_done);
    send_frame(stage, &stage->node, 1, 1000000, ENVELOPE_PING);
    wait_for_end(stage, &question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_clear(&question);
}

static void requests_that_were_lost_end_at_their_asker(void **state)
{
    struct stage *stage = *state;
    struct question question;
    talk(stage);
    story_begin(stage);
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    assert_false(question.is_done);
    /* The node finds a hole in what the gateway said, and says so by an opening. */
    send_frame(stage, &stage->gateway, 1, 1000000, ENVELOPE_PING);
    wait_for_end(stage, &question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_clear(&question);
}

static void an_answer_that_was_lost_is_missed_although_nothing_else_is_said(void **state)
{
    struct stage *stage = *state;
    struct question question;
    talk(stage);
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = WAIT_US;
    question_spawn(&question);
    stage_rest(stage, 50000);
    struct peer *peer = bus_find_peer(stage->node.bus, bus_incarnation(stage->gateway.bus));
    peer->lanes[LANE_DATA].header.sequence++; /* a frame that never arrives */
    stage_skip(stage, 2 * BUS_TICK_US);
    assert_true(question.is_done);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_clear(&question);
}

/* ---- silence ---- */

static void an_owner_that_says_nothing_is_not_heard_although_it_is_known(void **state)
{
    struct stage *stage = *state;
    const int64_t end_us = stage_now_us(stage) + SOON_US;
    while (!bus_hears_owner(stage->gateway.bus, DOMAIN, 5) && stage_now_us(stage) < end_us)
        stage_turn(stage);
    assert_true(bus_hears_owner(stage->gateway.bus, DOMAIN, 5));
    assert_true(bus_hears_owner(stage->node.bus, DOMAIN, 5)); /* itself */
    assert_false(bus_hears_owner(stage->gateway.bus, DOMAIN + 1, 5));
    stage_skip(stage, 2 * BUS_HEARD_US); /* peers speak without being asked */
    assert_true(bus_hears_owner(stage->gateway.bus, DOMAIN, 5));
    agent_destroy(&stage->agent);
    bus_destroy(&stage->node.bus);
    stage_skip(stage, BUS_HEARD_US + 500000);
    assert_non_null(members_owner(bus_members(stage->gateway.bus), DOMAIN, 5));
    assert_false(bus_hears_owner(stage->gateway.bus, DOMAIN, 5));
}

static void a_pause_of_everybody_loses_nobody(void **state)
{
    struct stage *stage = *state;
    struct question question;
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
    question.wait_us = 60000000;
    question_spawn(&question);
    stage_rest(stage, 50000);
    const uint64_t version = bus_members(stage->gateway.bus)->version;
    for (int i = 0; i < 3; i++) {
        time_skip_by(&stage->skip, 8000000);
        stage_rest(stage, 700000);
    }
    assert_true(stage_gateway_sees_node(stage));
    assert_true(bus_members(stage->gateway.bus)->version == version);
    assert_false(question.is_done);
    process_answer_held(&stage->node);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    question_clear(&question);
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_open, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(an_asker_that_forgot_its_peer_is_answered_afterwards),
        STAGED(a_peer_that_forgot_its_asker_answers_afterwards),
        STAGED(two_that_forgot_each_other_are_on_speaking_terms_afterwards),
        STAGED(asks_of_a_peer_that_forgot_its_asker_end_without_waiting_for_their_deadline),
        STAGED(credit_is_whole_and_no_more_after_each_forgets),
        STAGED(a_frame_of_an_earlier_opening_is_dropped),
        STAGED(a_frame_without_an_opening_is_dropped),
        STAGED(a_frame_is_heard_once_in_its_opening),
        STAGED(a_frame_is_heard_once_although_its_peer_was_forgotten_meanwhile),
        cmocka_unit_test(an_opening_is_proved),
        STAGED(frames_that_were_lost_end_the_asks_whose_answers_may_have_been_in_them),
        STAGED(requests_that_were_lost_end_at_their_asker),
        STAGED(an_answer_that_was_lost_is_missed_although_nothing_else_is_said),
        STAGED(an_owner_that_says_nothing_is_not_heard_although_it_is_known),
        STAGED(a_pause_of_everybody_loses_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
