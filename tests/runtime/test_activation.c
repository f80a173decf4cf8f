/* What a handler may do with its activation: remember, recall, forget, release, wait for its units.
 */
#include <string.h>

#include <sodium.h>

#include "runtime/actor.h"
#include "runtime/loop.h"
#include "tests/support/cmocka.h"

enum { MAILBOX_MAX = 8, ACTIVATIONS_MAX = 4 };

/* An aggregate with room for more than it usually has. */
struct cart {
    int32_t version;
    int32_t lines[100];
};

/* A message is what is to be done with the activation. */
struct message {
    void (*act)(struct activation *activation);
};

static struct loop *loop;
static struct fibers *fibers;
static struct actors *actors;
static struct activation *last;
static struct cart recalled;
static bool is_recalled;
static struct completion go;
static enum status outcome;
static int64_t deadline_us;
static size_t runs, waiters_done;

static void on_run(void *context, struct activation *activation, void *message)
{
    (void)context;
    runs++;
    last = activation;
    ((struct message *)message)->act(activation);
}

static int open_stage(void **state)
{
    (void)state;
    loop = loop_new();
    fibers = fibers_new(loop_timers(loop), loop_clock(loop));
    actors = actors_new(&(struct actors_options){ .fibers = fibers,
                                                  .activations_max = ACTIVATIONS_MAX,
                                                  .mailbox_max = MAILBOX_MAX,
                                                  .run = on_run });
    completion_init(&go, fibers);
    last = NULL;
    is_recalled = false;
    outcome = STATUS_INTERNAL;
    deadline_us = INT64_MAX;
    runs = waiters_done = 0;
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    actors_destroy(&actors);
    fibers_destroy(&fibers);
    loop_destroy(&loop);
    return 0;
}

static struct uuid key_of(uint8_t number)
{
    return (struct uuid){ .bytes = { number } };
}

/* Runs `act` as the next message of key 1. */
static void act(void (*function)(struct activation *activation))
{
    static struct message messages[16];
    static size_t next;
    struct message *message = &messages[next++ % ARRAY_LENGTH(messages)];
    message->act = function;
    assert_int_equal(actors_deliver(actors, key_of(1), message), STATUS_OK);
}

static void do_nothing(struct activation *activation)
{
    (void)activation;
}

/* ---- memory ---- */

static void remember_small(struct activation *activation)
{
    const struct cart cart = { .version = 7, .lines = { 11, 12 } };
    activation_remember(activation, &cart, sizeof cart);
}

static void remember_full(struct activation *activation)
{
    struct cart cart = { .version = 8 };
    for (int32_t i = 0; i < 100; i++)
        cart.lines[i] = i + 1;
    activation_remember(activation, &cart, sizeof cart);
}

static void remember_zeroes(struct activation *activation)
{
    const struct cart cart = { 0 };
    activation_remember(activation, &cart, sizeof cart);
}

static void recall(struct activation *activation)
{
    memset(&recalled, 0x55, sizeof recalled);
    is_recalled = activation_recall(activation, &recalled, sizeof recalled);
}

static void recall_as_something_shorter(struct activation *activation)
{
    is_recalled = activation_recall(activation, &recalled, sizeof recalled - 1);
}

static void new_activation_remembers_nothing(void **state)
{
    (void)state;
    act(recall);
    assert_false(is_recalled);
    assert_false(activation_has_memory(last));
    assert_int_equal(activation_units(last), 0);
}

static void activation_knows_its_key(void **state)
{
    (void)state;
    act(do_nothing);
    const struct uuid key = activation_key(last), expected = key_of(1);
    assert_memory_equal(key.bytes, expected.bytes, sizeof key.bytes);
}

static void next_message_recalls_what_one_remembered(void **state)
{
    (void)state;
    act(remember_full);
    act(recall);
    assert_true(is_recalled);
    assert_int_equal(recalled.version, 8);
    assert_int_equal(recalled.lines[99], 100);
}

static void unused_room_comes_back_as_zeroes(void **state)
{
    (void)state;
    act(remember_small);
    act(recall);
    assert_true(is_recalled);
    assert_int_equal(recalled.version, 7);
    assert_int_equal(recalled.lines[1], 12);
    for (size_t i = 2; i < 100; i++)
        assert_int_equal(recalled.lines[i], 0);
}

static void aggregate_of_zeroes_is_remembered_too(void **state)
{
    (void)state;
    act(remember_zeroes);
    assert_true(activation_has_memory(last));
    act(recall);
    assert_true(is_recalled);
    assert_int_equal(recalled.version, 0);
    assert_int_equal(recalled.lines[0], 0);
}

static void newest_memory_wins_whether_it_is_larger_or_smaller(void **state)
{
    (void)state;
    act(remember_small);
    act(remember_full);
    act(recall);
    assert_int_equal(recalled.lines[99], 100);
    act(remember_small);
    act(recall);
    assert_int_equal(recalled.version, 7);
    assert_int_equal(recalled.lines[99], 0);
}

static void aggregate_of_another_size_is_not_recalled(void **state)
{
    (void)state;
    act(remember_full);
    act(recall_as_something_shorter);
    assert_false(is_recalled);
}

static void what_is_forgotten_is_not_recalled(void **state)
{
    (void)state;
    act(remember_full);
    act(activation_forget);
    assert_false(activation_has_memory(last));
    act(recall);
    assert_false(is_recalled);
    act(remember_small);
    act(recall);
    assert_true(is_recalled);
    assert_int_equal(recalled.version, 7);
}

static void forgetting_begins_a_new_generation(void **state)
{
    (void)state;
    act(remember_full);
    const uint64_t generation = activation_generation(last);
    act(remember_small);
    assert_int_equal(activation_generation(last), generation);
    activation_forget(last);
    assert_int_equal(activation_generation(last), generation + 1);
    activation_forget(last); /* with nothing left to forget: what ran before it is wrong, too */
    assert_int_equal(activation_generation(last), generation + 2);
}

static void keys_do_not_share_memory(void **state)
{
    (void)state;
    act(remember_full);
    struct message message = { recall };
    assert_int_equal(actors_deliver(actors, key_of(2), &message), STATUS_OK);
    assert_false(is_recalled);
}

/* ---- release ---- */

static void release_twice_and_wait(struct activation *activation)
{
    activation_release(activation);
    activation_release(activation);
    outcome = completion_wait(&go, INT64_MAX);
}

static void second_release_does_not_free_the_key_of_the_next(void **state)
{
    (void)state;
    act(release_twice_and_wait);
    act(do_nothing);
    assert_int_equal(runs, 2);
    assert_int_equal(actors_busy(actors), 1);
    completion_finish(&go, STATUS_OK);
    assert_int_equal(actors_busy(actors), 0);
}

static struct completion second_go;

static void wait_second(struct activation *activation)
{
    (void)activation;
    outcome = completion_wait(&second_go, INT64_MAX);
}

static void release_when_the_next_has_the_key(struct activation *activation)
{
    activation_release(activation);
    outcome = completion_wait(&go, INT64_MAX);
    activation_release(activation); /* the key is another's by now */
}

static void late_release_does_not_take_the_key_from_its_holder(void **state)
{
    (void)state;
    completion_init(&second_go, fibers);
    act(release_when_the_next_has_the_key);
    act(wait_second);
    act(do_nothing);
    assert_int_equal(runs, 2);
    completion_finish(&go, STATUS_OK);
    assert_int_equal(runs, 2); /* the third waits for the second all the same */
    completion_finish(&second_go, STATUS_OK);
    assert_int_equal(runs, 3);
}

/* ---- units ---- */

static void wait_until_settled(struct activation *activation)
{
    outcome = activation_wait_settled(activation, deadline_us);
    waiters_done++;
}

static void release_and_wait_until_settled(struct activation *activation)
{
    activation_release(activation);
    wait_until_settled(activation);
}

static void nothing_unsettled_is_not_waited_for(void **state)
{
    (void)state;
    act(wait_until_settled);
    assert_int_equal(outcome, STATUS_OK);
    assert_int_equal(waiters_done, 1);
}

static void waiter_goes_on_after_the_last_unit(void **state)
{
    (void)state;
    act(activation_unit_begins);
    act(activation_unit_begins);
    act(wait_until_settled);
    activation_unit_ends(last);
    assert_int_equal(activation_units(last), 1);
    assert_int_equal(waiters_done, 0);
    activation_unit_ends(last);
    assert_int_equal(waiters_done, 1);
    assert_int_equal(outcome, STATUS_OK);
}

static void all_waiters_go_on_together(void **state)
{
    (void)state;
    act(activation_unit_begins);
    act(release_and_wait_until_settled);
    act(release_and_wait_until_settled);
    act(wait_until_settled);
    assert_int_equal(actors_busy(actors), 3);
    activation_unit_ends(last);
    assert_int_equal(waiters_done, 3);
    assert_int_equal(actors_busy(actors), 0);
}

static void wait_then_begin_a_unit(struct activation *activation)
{
    wait_until_settled(activation);
    activation_unit_begins(activation);
}

static void release_wait_and_begin(struct activation *activation)
{
    activation_release(activation);
    wait_then_begin_a_unit(activation);
}

static void waiter_that_begins_a_unit_lets_the_others_wait_on(void **state)
{
    (void)state;
    act(activation_unit_begins);
    act(release_wait_and_begin);
    act(wait_until_settled);
    activation_unit_ends(last);
    assert_int_equal(waiters_done, 1);
    activation_unit_ends(last);
    assert_int_equal(waiters_done, 2);
}

static void stop_loop(struct timer *timer)
{
    (void)timer;
    loop_stop(loop);
}

static void wait_for_units_ends_at_its_deadline(void **state)
{
    (void)state;
    struct timer end = { .on_fire = stop_loop };
    deadline_us = loop_now_us(loop) + 1000;
    act(activation_unit_begins);
    act(wait_until_settled);
    timer_start(loop_timers(loop), &end, deadline_us + 1);
    loop_run(loop);
    assert_int_equal(outcome, STATUS_DEADLINE_EXCEEDED);
    activation_unit_ends(last); /* nobody waits any more */
    assert_int_equal(waiters_done, 1);
}

static void wait_for_units_ends_when_the_program_stops(void **state)
{
    (void)state;
    act(activation_unit_begins);
    act(wait_until_settled);
    fibers_stop(fibers);
    assert_int_equal(outcome, STATUS_STOPPING);
    activation_unit_ends(last);
    assert_int_equal(waiters_done, 1);
}

static void activation_that_is_waited_in_stays_when_it_settles(void **state)
{
    (void)state;
    struct message message = { do_nothing };
    act(remember_full);
    act(activation_unit_begins);
    act(wait_until_settled);
    struct activation *waited = last;
    for (uint8_t key = 2; key < 2 + 2 * ACTIVATIONS_MAX; key++)
        assert_int_equal(actors_deliver(actors, key_of(key), &message), STATUS_OK);
    activation_unit_ends(waited);
    act(recall);
    assert_true(is_recalled);
    assert_ptr_equal(last, waited);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(new_activation_remembers_nothing),
        STAGED(activation_knows_its_key),
        STAGED(next_message_recalls_what_one_remembered),
        STAGED(unused_room_comes_back_as_zeroes),
        STAGED(aggregate_of_zeroes_is_remembered_too),
        STAGED(newest_memory_wins_whether_it_is_larger_or_smaller),
        STAGED(aggregate_of_another_size_is_not_recalled),
        STAGED(what_is_forgotten_is_not_recalled),
        STAGED(forgetting_begins_a_new_generation),
        STAGED(keys_do_not_share_memory),
        STAGED(second_release_does_not_free_the_key_of_the_next),
        STAGED(late_release_does_not_take_the_key_from_its_holder),
        STAGED(nothing_unsettled_is_not_waited_for),
        STAGED(waiter_goes_on_after_the_last_unit),
        STAGED(all_waiters_go_on_together),
        STAGED(waiter_that_begins_a_unit_lets_the_others_wait_on),
        STAGED(wait_for_units_ends_at_its_deadline),
        STAGED(wait_for_units_ends_when_the_program_stops),
        STAGED(activation_that_is_waited_in_stays_when_it_settles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
