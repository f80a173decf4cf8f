/* Who gets in, who waits, who is sent away. */
#include "actors/host/turnstile.h"
#include "tests/actors/host/host_stage.h"
#include "tests/support/cmocka.h"

enum { PLACES = 2, WAITING = 8, EACH = 2, VISITORS = 12, PATIENCE_US = 1000 * 1000 };

/* Somebody who wants in. */
struct visitor {
    struct envelope envelope;
    struct request request;
    struct arena *arena;
    enum status status;
    size_t place;
    bool has_come; /* in, or been sent away */
};

static struct host_stage *stage;
static struct offload *offload;
static struct turnstile *turnstile;
static struct visitor visitors[VISITORS];

static int open_turnstile(void **state)
{
    const int result = host_stage_open(state);
    stage = *state;
    offload = offload_new(stage->loop, stage->fibers, 1);
    turnstile = turnstile_new(offload, stage->fibers, PLACES, WAITING);
    for (size_t i = 0; i < VISITORS; i++)
        visitors[i] = (struct visitor){ .arena = arena_new(1024) };
    return result;
}

static int close_turnstile(void **state)
{
    for (size_t i = 0; i < VISITORS; i++)
        arena_destroy(&visitors[i].arena);
    turnstile_destroy(&turnstile);
    offload_destroy(&offload);
    return host_stage_close(state);
}

static void visit(void *argument)
{
    struct visitor *visitor = argument;
    visitor->status = turnstile_enter(turnstile, &visitor->request, &visitor->place);
    visitor->has_come = true;
}

static void send_in(size_t who)
{
    struct visitor *visitor = &visitors[who];
    request_init(&visitor->request, &stage->hosted, visitor->arena, &visitor->envelope,
                 loop_now_us(stage->loop) + PATIENCE_US);
    assert_int_equal(fiber_spawn(stage->fibers, visit, visitor), STATUS_OK);
}

static void leave(size_t who)
{
    turnstile_leave(turnstile, visitors[who].place);
    assert_int_equal(fiber_sleep(stage->fibers, 1000), STATUS_OK);
}

static void tell_order(struct host_stage *unused)
{
    (void)unused;
    for (size_t i = 0; i < 4; i++)
        send_in(i);
    assert_true(visitors[0].has_come && visitors[1].has_come);
    assert_int_not_equal(visitors[0].place, visitors[1].place);
    assert_false(visitors[2].has_come || visitors[3].has_come);
    leave(1);
    assert_true(visitors[2].has_come);
    assert_int_equal(visitors[2].place, visitors[1].place);
    assert_false(visitors[3].has_come);
    leave(0);
    leave(2);
    leave(3);
}

static void those_who_wait_get_in_in_their_order(void **state)
{
    (void)state;
    host_stage_tell(stage, tell_order);
}

static void tell_patience(struct host_stage *unused)
{
    (void)unused;
    for (size_t i = 0; i < 3; i++)
        send_in(i);
    host_stage_skip(stage, 2 * PATIENCE_US);
    assert_int_equal(visitors[2].status, STATUS_DEADLINE_EXCEEDED);
    leave(0);
    leave(1);
    send_in(3);
    assert_int_equal(visitors[3].status, STATUS_OK);
    leave(3);
}

static void who_has_waited_too_long_is_sent_away_and_keeps_no_place(void **state)
{
    (void)state;
    host_stage_tell(stage, tell_patience);
}

static void tell_fullness(struct host_stage *unused)
{
    (void)unused;
    for (size_t i = 0; i < PLACES + WAITING; i++)
        send_in(i);
    send_in(PLACES + WAITING);
    assert_int_equal(visitors[PLACES + WAITING].status, STATUS_OVERLOADED);
    for (size_t i = 0; i < PLACES + WAITING; i++)
        leave(i);
    for (size_t i = 0; i < PLACES + WAITING; i++)
        assert_int_equal(visitors[i].status, STATUS_OK);
}

static void when_as_many_wait_as_may_the_next_is_sent_away(void **state)
{
    (void)state;
    host_stage_tell(stage, tell_fullness);
}

static void tell_share(struct host_stage *unused)
{
    (void)unused;
    for (size_t i = 0; i < VISITORS; i++)
        visitors[i].envelope.principal.id = (struct uuid){ { i < PLACES + EACH + 1 ? 1 : 2 } };
    for (size_t i = 0; i < PLACES + EACH + 2; i++)
        send_in(i);
    assert_int_equal(visitors[PLACES + EACH].status, STATUS_OVERLOADED);
    assert_false(visitors[PLACES + EACH + 1].has_come); /* somebody else waits all the same */
    for (size_t i = 0; i < PLACES + EACH + 2; i++) {
        if (i != PLACES + EACH) leave(i);
    }
}

static void one_account_has_a_quarter_of_the_queue(void **state)
{
    (void)state;
    host_stage_tell(stage, tell_share);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, open_turnstile, close_turnstile)
    const struct CMUnitTest tests[] = {
        CLAIM(those_who_wait_get_in_in_their_order),
        CLAIM(who_has_waited_too_long_is_sent_away_and_keeps_no_place),
        CLAIM(when_as_many_wait_as_may_the_next_is_sent_away),
        CLAIM(one_account_has_a_quarter_of_the_queue),
    };
    return cmocka_run_group_tests(tests, host_stage_make_database, host_stage_drop_database);
}
