/* When the domains are asked which sessions have ended, what is remembered of it and for how long.
 */
#include "gateway/ended_sessions.h"

#include <string.h>

#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "tests/gateway/inquiry_stage.h"
#include "tests/support/cmocka.h"

enum { SECOND_US = 1000000 };

static struct inquiry_stage stage;
static struct ended_sessions *ended;
static struct uuid list[4]; /* what the domain answers */
static struct common_ended_sessions reply;

static int open_set(void **state)
{
    (void)state;
    inquiry_stage_open(&stage);
    memset(list, 0, sizeof list);
    reply = (struct common_ended_sessions){ .session_ids = list };
    stage.schema = &common_ended_sessions_schema;
    stage.value = &reply;
    stage.wanted = user_identity_messages.list_ended_sessions;
    ended = ended_sessions_new(&stage.inquirer);
    return 0;
}

static int close_set(void **state)
{
    (void)state;
    ended_sessions_destroy(&ended);
    assert_null(ended);
    inquiry_stage_close(&stage);
    return 0;
}

static struct uuid numbered(uint32_t number)
{
    struct uuid id = { { 1 } };
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static void tick(void)
{
    ended_sessions_tick(ended, PRINCIPAL_SHOPPER);
}

static int64_t asked_after_us(void)
{
    struct identity_list_ended_sessions question;
    assert_int_equal(msgpack_decode(&identity_list_ended_sessions_schema, stage.question,
                                    stage.arena, &question),
                     STATUS_OK);
    return question.after_us;
}

/* ---- asking ---- */

static void what_a_domain_says_has_ended_is_had(void **state)
{
    (void)state;
    list[0] = numbered(1);
    list[1] = numbered(2);
    reply.session_ids_count = 2;
    tick();
    assert_true(ended_sessions_have(ended, numbered(1)));
    assert_true(ended_sessions_have(ended, numbered(2)));
    assert_false(ended_sessions_have(ended, numbered(3)));
    assert_int_equal(ended_sessions_count(ended), 2);
}

static void the_first_question_goes_back_as_far_as_a_token_may_live(void **state)
{
    (void)state;
    tick();
    assert_int_equal(asked_after_us(), stage.now_us - ENDED_KEPT_US);
}

static void the_next_question_goes_on_where_the_answer_ended(void **state)
{
    (void)state;
    reply.ended_through_us = stage.now_us - 3 * SECOND_US;
    tick();
    stage.now_us += ENDED_POLL_US;
    tick();
    assert_int_equal(stage.asks, 2);
    assert_int_equal(asked_after_us(), reply.ended_through_us);
}

static void a_domain_is_asked_every_few_seconds_and_no_more(void **state)
{
    (void)state;
    tick();
    tick();
    stage.now_us += ENDED_POLL_US - 1;
    tick();
    assert_int_equal(stage.asks, 1);
    stage.now_us += 1;
    tick();
    assert_int_equal(stage.asks, 2);
}

static void a_long_list_is_asked_for_page_by_page(void **state)
{
    (void)state;
    reply.has_more = true;
    reply.ended_through_us = stage.now_us; /* and never later: it must not go on for ever */
    tick();
    assert_int_equal(stage.asks, 2);
    assert_false(ended_sessions_is_polling(ended));
}

static void a_slow_domain_is_not_asked_twice_at_once(void **state)
{
    (void)state;
    stage.is_slow = true;
    tick();
    assert_true(ended_sessions_is_polling(ended));
    stage.now_us += 2 * ENDED_POLL_US;
    tick();
    assert_int_equal(stage.asks, 1);
    inquiry_stage_let_go(&stage);
    assert_false(ended_sessions_is_polling(ended));
}

static void the_surfaces_are_asked_apart(void **state)
{
    (void)state;
    tick();
    stage.wanted = vendor_identity_messages.list_ended_sessions;
    ended_sessions_tick(ended, PRINCIPAL_VENDOR);
    stage.wanted = admin_identity_messages.list_ended_sessions;
    ended_sessions_tick(ended, PRINCIPAL_ADMIN);
    assert_int_equal(stage.asks, 3);
}

static void a_domain_that_is_away_is_asked_again_for_the_same(void **state)
{
    (void)state;
    reply.ended_through_us = stage.now_us;
    stage.transport = STATUS_UNAVAILABLE;
    tick();
    const int64_t after_us = asked_after_us();
    for (int64_t away_us = 0; away_us < 2 * ENDED_STALE_US; away_us += ENDED_POLL_US) {
        stage.now_us += ENDED_POLL_US;
        tick();
        assert_int_equal(asked_after_us(), after_us);
    }
    stage.transport = STATUS_OK;
    list[0] = numbered(1);
    reply.session_ids_count = 1;
    stage.now_us += ENDED_POLL_US;
    tick();
    assert_int_equal(asked_after_us(), after_us);
    assert_true(ended_sessions_have(ended, numbered(1)));
}

static void a_domain_that_does_not_know_the_question_has_no_sessions(void **state)
{
    (void)state;
    stage.status = STATUS_UNSUPPORTED;
    tick();
    assert_int_equal(ended_sessions_count(ended), 0);
    assert_false(ended_sessions_is_polling(ended));
}

/* ---- remembering ---- */

static void a_session_that_ended_here_is_had_at_once(void **state)
{
    (void)state;
    assert_false(ended_sessions_have(ended, numbered(1)));
    ended_sessions_add(ended, numbered(1));
    assert_true(ended_sessions_have(ended, numbered(1)));
}

/* A token without a parent has the zero id there. */
static void the_zero_id_never_ends(void **state)
{
    (void)state;
    list[0] = (struct uuid){ { 0 } };
    list[1] = numbered(1);
    reply.session_ids_count = 2;
    tick();
    assert_false(ended_sessions_have(ended, list[0]));
    assert_true(ended_sessions_have(ended, numbered(1)));
    assert_int_equal(ended_sessions_count(ended), 1);
}

static void a_session_is_forgotten_when_no_token_of_it_can_live(void **state)
{
    (void)state;
    ended_sessions_add(ended, numbered(1));
    stage.now_us += SECOND_US;
    ended_sessions_add(ended, numbered(2));
    stage.now_us += ENDED_KEPT_US - SECOND_US;
    tick();
    assert_true(ended_sessions_have(ended, numbered(1)));
    stage.now_us += 1;
    tick();
    assert_false(ended_sessions_have(ended, numbered(1)));
    assert_true(ended_sessions_have(ended, numbered(2)));
    assert_int_equal(ended_sessions_count(ended), 1);
}

static void the_set_is_bounded_and_the_oldest_go(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < ENDED_SESSIONS_MAX; i++)
        ended_sessions_add(ended, numbered(i));
    ended_sessions_add(ended, numbered(5)); /* known: nothing goes for it */
    assert_int_equal(ended_sessions_count(ended), ENDED_SESSIONS_MAX);
    assert_true(ended_sessions_have(ended, numbered(0)));
    ended_sessions_add(ended, numbered(ENDED_SESSIONS_MAX));
    assert_int_equal(ended_sessions_count(ended), ENDED_SESSIONS_MAX);
    assert_false(ended_sessions_have(ended, numbered(0)));
    for (uint32_t i = 1; i <= ENDED_SESSIONS_MAX; i++)
        assert_true(ended_sessions_have(ended, numbered(i)));
    assert_false(ended_sessions_have(ended, numbered(ENDED_SESSIONS_MAX + 1)));
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_set, close_set)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(what_a_domain_says_has_ended_is_had),
        CLAIM(the_first_question_goes_back_as_far_as_a_token_may_live),
        CLAIM(the_next_question_goes_on_where_the_answer_ended),
        CLAIM(a_domain_is_asked_every_few_seconds_and_no_more),
        CLAIM(a_long_list_is_asked_for_page_by_page),
        CLAIM(a_slow_domain_is_not_asked_twice_at_once),
        CLAIM(the_surfaces_are_asked_apart),
        CLAIM(a_domain_that_is_away_is_asked_again_for_the_same),
        CLAIM(a_domain_that_does_not_know_the_question_has_no_sessions),
        CLAIM(a_session_that_ended_here_is_had_at_once),
        CLAIM(the_zero_id_never_ends),
        CLAIM(a_session_is_forgotten_when_no_token_of_it_can_live),
        CLAIM(the_set_is_bounded_and_the_oldest_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
