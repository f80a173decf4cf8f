/* One message per key at a time, in order, unless released early; bounded mailboxes; idle
 * activations are dropped. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "runtime/actor.h"
#include "runtime/loop.h"
#include "tests/support/cmocka.h"

enum { MAILBOX_MAX = 40, ACTIVATIONS_MAX = 3, LOG_MAX = 256 };

enum step { STEP_WAIT, STEP_RELEASE_AND_WAIT, STEP_RETURN, STEP_REMEMBER, STEP_SETTLE };

struct order {
    struct stage *stage;
    char name;
    enum step step;
    struct completion go;
};

struct stage {
    struct loop *loop;
    struct fibers *fibers;
    struct actors *actors;
    char log[LOG_MAX]; /* a lower-case letter for a start, its capital for an end */
    size_t log_length;
    struct activation *last;
    int remembered;
    bool is_recalled;
    enum status status;
};

static void note(struct stage *stage, char what)
{
    assert_true(stage->log_length + 1 < LOG_MAX);
    stage->log[stage->log_length++] = what;
    stage->log[stage->log_length] = '\0';
}

static void on_run(void *context, struct activation *activation, void *message)
{
    struct stage *stage = context;
    struct order *order = message;
    stage->last = activation;
    note(stage, order->name);
    stage->is_recalled =
        activation_recall(activation, &stage->remembered, sizeof stage->remembered);
    if (order->step == STEP_RELEASE_AND_WAIT) activation_release(activation);
    if (order->step == STEP_REMEMBER) activation_remember(activation, &(int){ 42 }, sizeof(int));
    if (order->step == STEP_WAIT || order->step == STEP_RELEASE_AND_WAIT)
        stage->status = completion_wait(&order->go, INT64_MAX);
    if (order->step == STEP_SETTLE) stage->status = activation_wait_settled(activation, INT64_MAX);
    note(stage, (char)(order->name - 'a' + 'A'));
}

static struct stage stage_open(void)
{
    struct stage stage = { .loop = loop_new() };
    stage.fibers = fibers_new(loop_timers(stage.loop), loop_clock(stage.loop));
    return stage;
}

static void stage_people(struct stage *stage)
{
    stage->actors = actors_new(&(struct actors_options){ .fibers = stage->fibers,
                                                         .activations_max = ACTIVATIONS_MAX,
                                                         .mailbox_max = MAILBOX_MAX,
                                                         .context = stage,
                                                         .run = on_run });
}

static void stage_close(struct stage *stage)
{
    assert_int_equal(actors_busy(stage->actors), 0);
    actors_destroy(&stage->actors);
    fibers_destroy(&stage->fibers);
    loop_destroy(&stage->loop);
}

static enum status deliver(struct stage *stage, struct order *order, char name, uint8_t key,
                           enum step step)
{
    *order = (struct order){ .stage = stage, .name = name, .step = step };
    completion_init(&order->go, stage->fibers);
    return actors_deliver(stage->actors, (struct uuid){ .bytes = { key } }, order);
}

static void messages_of_one_key_run_one_after_another(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order a, b, c;
    assert_int_equal(deliver(&stage, &a, 'a', 1, STEP_WAIT), STATUS_OK);
    assert_int_equal(deliver(&stage, &b, 'b', 1, STEP_WAIT), STATUS_OK);
    assert_int_equal(deliver(&stage, &c, 'c', 1, STEP_RETURN), STATUS_OK);
    assert_string_equal(stage.log, "a");
    assert_int_equal(actors_busy(stage.actors), 3);
    completion_finish(&a.go, STATUS_OK);
    assert_string_equal(stage.log, "aAb");
    completion_finish(&b.go, STATUS_OK);
    assert_string_equal(stage.log, "aAbBcC");
    stage_close(&stage);
}

static void messages_of_two_keys_run_side_by_side(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order a, b;
    assert_int_equal(deliver(&stage, &a, 'a', 1, STEP_WAIT), STATUS_OK);
    assert_int_equal(deliver(&stage, &b, 'b', 2, STEP_WAIT), STATUS_OK);
    assert_string_equal(stage.log, "ab");
    completion_finish(&b.go, STATUS_OK);
    completion_finish(&a.go, STATUS_OK);
    assert_string_equal(stage.log, "abBA");
    stage_close(&stage);
}

static void an_early_release_lets_the_next_one_start(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order a, b, c;
    assert_int_equal(deliver(&stage, &a, 'a', 1, STEP_RELEASE_AND_WAIT), STATUS_OK);
    assert_int_equal(deliver(&stage, &b, 'b', 1, STEP_WAIT), STATUS_OK);
    assert_int_equal(deliver(&stage, &c, 'c', 1, STEP_RETURN), STATUS_OK);
    assert_string_equal(stage.log, "ab");
    completion_finish(&a.go, STATUS_OK); /* the end of a does not free the key that b has */
    assert_string_equal(stage.log, "abA");
    completion_finish(&b.go, STATUS_OK);
    assert_string_equal(stage.log, "abABcC");
    stage_close(&stage);
}

static void a_long_chain_of_early_releases_does_not_nest(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order first, rest[MAILBOX_MAX];
    assert_int_equal(deliver(&stage, &first, 'z', 1, STEP_WAIT), STATUS_OK);
    for (size_t i = 0; i < MAILBOX_MAX; i++)
        assert_int_equal(deliver(&stage, &rest[i], 'a', 1, STEP_RELEASE_AND_WAIT), STATUS_OK);
    completion_finish(&first.go, STATUS_OK);
    assert_int_equal(stage.log_length, 2 + MAILBOX_MAX);
    for (size_t i = 0; i < MAILBOX_MAX; i++)
        completion_finish(&rest[i].go, STATUS_OK);
    assert_int_equal(stage.log_length, 2 + 2 * MAILBOX_MAX);
    stage_close(&stage);
}

static void a_full_mailbox_refuses(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order first, rest[MAILBOX_MAX], late;
    assert_int_equal(deliver(&stage, &first, 'z', 1, STEP_WAIT), STATUS_OK);
    for (size_t i = 0; i < MAILBOX_MAX; i++)
        assert_int_equal(deliver(&stage, &rest[i], 'a', 1, STEP_RETURN), STATUS_OK);
    assert_int_equal(deliver(&stage, &late, 'l', 1, STEP_RETURN), STATUS_OVERLOADED);
    assert_int_equal(deliver(&stage, &late, 'l', 2, STEP_RETURN), STATUS_OK);
    completion_finish(&first.go, STATUS_OK);
    stage_close(&stage);
}

static void the_least_recently_used_idle_activation_is_dropped(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order order;
    for (uint8_t key = 1; key <= ACTIVATIONS_MAX; key++)
        assert_int_equal(deliver(&stage, &order, 'a', key, STEP_REMEMBER), STATUS_OK);
    assert_int_equal(deliver(&stage, &order, 'a', 1, STEP_RETURN), STATUS_OK);
    assert_true(stage.is_recalled);
    assert_int_equal(stage.remembered, 42);
    assert_int_equal(deliver(&stage, &order, 'a', 9, STEP_RETURN), STATUS_OK); /* drops key 2 */
    assert_int_equal(actors_count(stage.actors), ACTIVATIONS_MAX);
    assert_int_equal(deliver(&stage, &order, 'a', 1, STEP_RETURN), STATUS_OK);
    assert_true(stage.is_recalled);
    assert_int_equal(deliver(&stage, &order, 'a', 2, STEP_RETURN), STATUS_OK);
    assert_false(stage.is_recalled);
    stage_close(&stage);
}

static void an_activation_with_unsettled_units_stays(void **state)
{
    (void)state;
    struct stage stage = stage_open();
    stage_people(&stage);
    struct order order, waiter;
    assert_int_equal(deliver(&stage, &order, 'a', 1, STEP_REMEMBER), STATUS_OK);
    struct activation *kept = stage.last;
    activation_unit_begins(kept);
    for (uint8_t key = 2; key < 12; key++)
        assert_int_equal(deliver(&stage, &order, 'a', key, STEP_RETURN), STATUS_OK);
    assert_int_equal(deliver(&stage, &waiter, 'w', 1, STEP_SETTLE), STATUS_OK);
    assert_true(stage.is_recalled);
    assert_int_equal(actors_busy(stage.actors), 1);
    activation_unit_ends(kept);
    assert_int_equal(actors_busy(stage.actors), 0);
    assert_int_equal(stage.status, STATUS_OK);
    stage_close(&stage);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_one_key_run_one_after_another),
        cmocka_unit_test(messages_of_two_keys_run_side_by_side),
        cmocka_unit_test(an_early_release_lets_the_next_one_start),
        cmocka_unit_test(a_long_chain_of_early_releases_does_not_nest),
        cmocka_unit_test(a_full_mailbox_refuses),
        cmocka_unit_test(the_least_recently_used_idle_activation_is_dropped),
        cmocka_unit_test(an_activation_with_unsettled_units_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
