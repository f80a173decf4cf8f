/* What is asked is answered, or refused in time for a reason. */
#include "tests/support/cmocka.h"

#include "runtime/bus_internal.h"
#include "runtime/metrics.h"
#include "tests/runtime/bus_stage.h"

static void a_request_is_answered_by_its_owner(void **state)
{
    struct stage *stage = *state;
    struct question question;
    question_ask(stage, &question, &stage->gateway, "hello");
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

static void a_body_of_the_greatest_length_crosses_whole(void **state)
{
    static char body[ENVELOPE_BODY_MAX + 1];
    struct stage *stage = *state;
    for (size_t i = 0; i < ENVELOPE_BODY_MAX; i++)
        body[i] = (char)('a' + i % 25);
    struct question question;
    question_ask(stage, &question, &stage->gateway, body);
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_true(text_equals_string(question.reply.body, body));
    question_clear(&question);
}

static void many_requests_are_answered_in_few_frames(void **state)
{
    struct stage *stage = *state;
    for (size_t round = 0; round < 100; round++) {
        struct question questions[CREDIT];
        for (size_t i = 0; i < CREDIT; i++) {
            question_ask(stage, &questions[i], &stage->gateway, "x");
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
    question_ask(stage, &question, &stage->gateway, "slow");
    question.wait_us = 50000;
    const int64_t begin_us = stage_now_us(stage);
    question_spawn(&question);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_DEADLINE_EXCEEDED);
    assert_in_range(stage_now_us(stage) - begin_us, 50000, 1000000);
    /* The late answer finds nobody. */
    assert_int_equal(stage->node.held_count, 1);
    process_answer_held(&stage->node);
    stage_rest(stage, 50000);
    question_clear(&question);
}

static void beyond_credit_and_queue_is_overloaded_and_credit_lets_the_queue_go(void **state)
{
    struct stage *stage = *state;
    struct question questions[CREDIT + QUEUE], late;
    stage->node.is_holding = true;
    for (size_t i = 0; i < CREDIT + QUEUE; i++) {
        question_ask(stage, &questions[i], &stage->gateway, "x");
        question_spawn(&questions[i]);
    }
    question_ask(stage, &late, &stage->gateway, "late");
    question_spawn(&late);
    assert_true(late.is_done);
    assert_int_equal(late.status, STATUS_OVERLOADED);
    stage_rest(stage, 100000);
    assert_int_equal(stage->node.held_count, CREDIT); /* not one more than the credit */
    process_answer_held(&stage->node);
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
        question_ask(stage, &questions[i], &stage->gateway, "x");
        question_spawn(&questions[i]);
    }
    question_ask(stage, &waiting, &stage->gateway, "y");
    waiting.wait_us = 50000;
    question_spawn(&waiting);
    question_wait(&waiting);
    assert_int_equal(waiting.status, STATUS_DEADLINE_EXCEEDED);
    process_answer_held(&stage->node);
    for (size_t i = 0; i < CREDIT; i++) {
        question_wait(&questions[i]);
        question_clear(&questions[i]);
    }
    stage_rest(stage, 50000);
    assert_int_equal(stage->node.requests_count, CREDIT); /* the expired one was never sent */
    question_clear(&waiting);
}

static void a_node_asks_itself_without_a_socket(void **state)
{
    struct stage *stage = *state;
    struct question question;
    const int64_t frames = metric_value(METRIC_FRAMES_RECEIVED);
    question_ask(stage, &question, &stage->node, "self");
    question_spawn(&question);
    assert_false(question.is_done);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_true(text_equals_string(question.reply.body, "self"));
    assert_true(metric_value(METRIC_FRAMES_RECEIVED) - frames < 8); /* pings and snapshots only */
    question_clear(&question);
}

/* Asks this very process, and changes every text of the request before it is read. */
static void ask_and_change(void *argument)
{
    struct question *question = argument;
    char client[] = "10.0.0.1", body[] = "as it was", request_id[] = "req-1", trace[] = "00-abc";
    const struct envelope request = { .domain = DOMAIN,
                                      .shard = 5,
                                      .key = { .bytes = { 1 } },
                                      .request_id = text_of(request_id),
                                      .trace = text_of(trace),
                                      .client = text_of(client),
                                      .body = text_of(body) };
    struct bus *bus = question->process->bus;
    struct bus_ask *ask = NULL;
    const int64_t deadline_us = stage_now_us(question->stage) + question->wait_us;
    assert_int_equal(bus_ask_begin(bus, &request, deadline_us, question->arena, &ask), STATUS_OK);
    client[0] = body[0] = request_id[0] = trace[0] = '!';
    question->status = bus_ask_end(bus, &ask, &question->reply);
    question->is_done = true;
}

/* The asker may be gone before its request is read: its deadline may pass, or the program stop. */
static void a_request_to_itself_keeps_nothing_of_its_asker(void **state)
{
    struct stage *stage = *state;
    struct question question;
    question_ask(stage, &question, &stage->node, "");
    assert_int_equal(fiber_spawn(stage->fibers, ask_and_change, &question), STATUS_OK);
    question_wait(&question);
    assert_int_equal(question.status, STATUS_OK);
    assert_true(text_equals_string(question.reply.body, "as it was"));
    assert_string_equal(stage->node.client, "10.0.0.1");
    question_clear(&question);
}

static void a_zero_key_goes_to_any_node_of_the_domain(void **state)
{
    struct stage *stage = *state;
    struct question question;
    question_ask(stage, &question, &stage->gateway, "any");
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
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (stage_gateway_sees_node(stage)) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
    question_ask(stage, &question, &stage->gateway, "x");
    question_spawn(&question);
    assert_int_equal(question.status, STATUS_UNAVAILABLE);
    question_clear(&question);
}

static void a_hint_reaches_the_gateway(void **state)
{
    struct stage *stage = *state;
    struct hint hint;
    hint_begin(&hint, 5, 77);
    hint.domain = DOMAIN;
    hint_add(&hint, (struct uuid){ { 1, 2 } });
    bus_hint(stage->node.bus, &hint);
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (stage->gateway.hint.sequence != 77) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
    assert_int_equal(stage->gateway.hint.ids_count, 1);
    assert_memory_equal(&stage->gateway.hint.ids[0], &hint.ids[0], sizeof hint.ids[0]);
}

/* Hints do not wait in long lines, but nobody believes that there were none. */
static void hints_that_are_dropped_are_told_of(void **state)
{
    struct stage *stage = *state;
    struct hint hint;
    hint_begin(&hint, 5, 1);
    hint.domain = DOMAIN;
    struct outbox *line = &stage->node.bus->peers[0]->lanes[LANE_CONTROL];
    line->backlog_bytes += BUS_HINT_BACKLOG_MAX + 1; /* as when the gateway takes nothing */
    bus_hint(stage->node.bus, &hint);
    stage_rest(stage, 2 * BUS_TICK_US);
    assert_int_equal(stage->gateway.hints_count + stage->gateway.hints_lost_count, 0);
    line->backlog_bytes -= BUS_HINT_BACKLOG_MAX + 1;
    const int64_t end_us = stage_now_us(stage) + WAIT_US;
    while (stage->gateway.hints_lost_count == 0) {
        assert_true(stage_now_us(stage) < end_us);
        stage_turn(stage);
    }
    assert_int_equal(stage->gateway.hints_count, 0);
    bus_hint(stage->node.bus, &hint);
    stage_rest(stage, BUS_TICK_US);
    assert_int_equal(stage->gateway.hints_count, 1);
    assert_int_equal(stage->gateway.hints_lost_count, 1);
    assert_true(bus_hears_hints(stage->gateway.bus));
}

static void asks_under_way_end_when_the_bus_goes(void **state)
{
    struct stage *stage = *state;
    struct question question;
    stage->node.is_holding = true;
    question_ask(stage, &question, &stage->gateway, "x");
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
        STAGED(a_body_of_the_greatest_length_crosses_whole),
        STAGED(many_requests_are_answered_in_few_frames),
        STAGED(an_answer_that_does_not_come_ends_at_the_deadline),
        STAGED(beyond_credit_and_queue_is_overloaded_and_credit_lets_the_queue_go),
        STAGED(what_waits_for_credit_keeps_its_deadline),
        STAGED(a_node_asks_itself_without_a_socket),
        STAGED(a_request_to_itself_keeps_nothing_of_its_asker),
        STAGED(a_zero_key_goes_to_any_node_of_the_domain),
        STAGED(a_shard_that_nobody_serves_is_unavailable),
        STAGED(a_hint_reaches_the_gateway),
        STAGED(hints_that_are_dropped_are_told_of),
        STAGED(asks_under_way_end_when_the_bus_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
