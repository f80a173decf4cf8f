/* When the domains are asked which sessions have ended, what is remembered of it and for how long.
 */
#include "gateway/ended_sessions.h"

#include <string.h>

#include "common_messages.h"
#include "gateway/authenticate.h"
#include "messages/codec_msgpack.h"
#include "runtime/paseto.h"
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
    ended = ended_sessions_new(&stage.inquirer, NULL);
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
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(2)));
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(3)));
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), 2);
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
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
}

static void a_domain_that_does_not_know_the_question_has_no_sessions(void **state)
{
    (void)state;
    stage.status = STATUS_UNSUPPORTED;
    tick();
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), 0);
    assert_false(ended_sessions_is_polling(ended));
}

/* ---- remembering ---- */

static void a_session_that_ended_here_is_had_at_once(void **state)
{
    (void)state;
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
    ended_sessions_add(ended, PRINCIPAL_SHOPPER, numbered(1));
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
}

/* A token without a parent has the zero id there. */
static void the_zero_id_never_ends(void **state)
{
    (void)state;
    list[0] = (struct uuid){ { 0 } };
    list[1] = numbered(1);
    reply.session_ids_count = 2;
    tick();
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, list[0]));
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), 1);
}

static void a_session_is_forgotten_when_no_token_of_it_can_live(void **state)
{
    (void)state;
    ended_sessions_add(ended, PRINCIPAL_SHOPPER, numbered(1));
    stage.now_us += SECOND_US;
    ended_sessions_add(ended, PRINCIPAL_SHOPPER, numbered(2));
    stage.now_us += ENDED_KEPT_US - SECOND_US;
    tick();
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
    stage.now_us += 1;
    tick();
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(2)));
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), 1);
}

/* ---- full ---- */

static void fill(uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        ended_sessions_add(ended, PRINCIPAL_SHOPPER, numbered(i));
}

static void the_set_is_bounded_and_the_oldest_go(void **state)
{
    (void)state;
    fill(0, ENDED_SESSIONS_MAX);
    fill(5, 1); /* known: nothing goes for it */
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), ENDED_SESSIONS_MAX);
    assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(0)));
    fill(ENDED_SESSIONS_MAX, 1);
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_SHOPPER), ENDED_SESSIONS_MAX);
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(0)));
    for (uint32_t i = 1; i <= ENDED_SESSIONS_MAX; i++)
        assert_true(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(i)));
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(ENDED_SESSIONS_MAX + 1)));
}

static void a_flood_of_shoppers_forgets_no_end_of_staff(void **state)
{
    (void)state;
    const struct uuid staff = numbered(UINT32_MAX);
    ended_sessions_add(ended, PRINCIPAL_ADMIN, staff);
    fill(0, 2 * ENDED_SESSIONS_MAX);
    assert_true(ended_sessions_have(ended, PRINCIPAL_ADMIN, staff));
    assert_int_equal(ended_sessions_count(ended, PRINCIPAL_ADMIN), 1);
    assert_int_equal(ended_sessions_not_before_us(ended, PRINCIPAL_ADMIN), 0);
    assert_int_equal(ended_sessions_not_before_us(ended, PRINCIPAL_VENDOR), 0);
}

static void a_session_of_one_surface_ends_none_of_another(void **state)
{
    (void)state;
    ended_sessions_add(ended, PRINCIPAL_VENDOR, numbered(1));
    assert_true(ended_sessions_have(ended, PRINCIPAL_VENDOR, numbered(1)));
    assert_false(ended_sessions_have(ended, PRINCIPAL_SHOPPER, numbered(1)));
}

/* A token of the forgotten session was issued before its end was heard of, give or take what clocks
 * differ. */
static void what_is_forgotten_too_early_takes_all_tokens_as_old_with_it(void **state)
{
    (void)state;
    fill(0, 1);
    const int64_t heard_us = stage.now_us;
    stage.now_us += 120 * (int64_t)SECOND_US;
    fill(1, ENDED_SESSIONS_MAX - 1);
    assert_int_equal(ended_sessions_not_before_us(ended, PRINCIPAL_SHOPPER), 0);
    fill(ENDED_SESSIONS_MAX, 1);
    assert_int_equal(ended_sessions_not_before_us(ended, PRINCIPAL_SHOPPER),
                     heard_us + ENDED_SKEW_US);
}

static void what_is_forgotten_in_time_takes_nothing_with_it(void **state)
{
    (void)state;
    fill(0, ENDED_SESSIONS_MAX);
    stage.now_us += ENDED_KEPT_US + 1;
    tick();
    fill(ENDED_SESSIONS_MAX, ENDED_SESSIONS_MAX);
    assert_int_equal(ended_sessions_not_before_us(ended, PRINCIPAL_SHOPPER), 0);
}

/* ---- beginning ---- */

static void nothing_is_known_before_the_domain_has_told_everything(void **state)
{
    (void)state;
    stage.transport = STATUS_UNAVAILABLE;
    tick();
    assert_false(ended_sessions_are_known(ended, PRINCIPAL_SHOPPER));
    stage.transport = STATUS_OK;
    stage.now_us += ENDED_RETRY_US - 1;
    tick();
    assert_int_equal(stage.asks, 1);
    stage.now_us += 1;
    tick();
    assert_int_equal(stage.asks, 2);
    assert_true(ended_sessions_are_known(ended, PRINCIPAL_SHOPPER));
    assert_false(ended_sessions_are_known(ended, PRINCIPAL_ADMIN));
    stage.transport = STATUS_UNAVAILABLE;
    stage.now_us += ENDED_POLL_US;
    tick();
    assert_true(ended_sessions_are_known(ended, PRINCIPAL_SHOPPER));
}

/* ---- tokens ---- */

static uint8_t secret_key[PASETO_SECRET_KEY_BYTES];

/* Keys that the domain of staff has named, and whoever judges tokens by them. */
static struct token_keys *learn_keys(void)
{
    const uint8_t seed[PASETO_SEED_BYTES] = { 1 };
    uint8_t public_key[PASETO_PUBLIC_KEY_BYTES];
    paseto_v4_keys(seed, public_key, secret_key);
    const struct common_token_key key = { .kid = TEXT("k"),
                                          .public_key = { (const char *)public_key,
                                                          sizeof public_key },
                                          .audience = COMMON_AUDIENCE_ADMIN };
    const struct common_token_keys named = { .keys = &key, .keys_count = 1 };
    struct token_keys *keys = token_keys_new(&stage.inquirer, inquiry_stage_on_settled, &stage);
    stage.schema = &common_token_keys_schema;
    stage.value = &named;
    stage.wanted = admin_identity_messages.get_token_keys;
    assert_true(token_keys_refresh(keys, PRINCIPAL_ADMIN));
    assert_true(token_keys_are_known(keys, PRINCIPAL_ADMIN));
    stage.schema = &common_ended_sessions_schema;
    stage.value = &reply;
    stage.wanted = NULL;
    return keys;
}

/* The header of a token of staff, dated now. */
static struct text token_of(struct uuid session)
{
    char id[ID_TEXT_MAX + 1], subject[ID_TEXT_MAX + 1], issued[TIME_TEXT_MAX + 1],
        expires[TIME_TEXT_MAX + 1];
    (void)id_format("ses", session, id);
    (void)id_format("adm", session, subject);
    (void)time_format(stage.now_us, issued);
    (void)time_format(stage.now_us + 900 * (int64_t)SECOND_US, expires);
    const struct text payload = text_format(
        stage.arena,
        "{\"iss\":\"souk\",\"aud\":\"admin\",\"sub\":\"%s\",\"sid\":\"%s\",\"iat\":\"%s\","
        "\"exp\":\"%s\",\"jti\":\"x\"}",
        subject, id, issued, expires);
    struct text token;
    assert_int_equal(paseto_v4_sign(stage.arena, secret_key, payload, TEXT("{\"kid\":\"k\"}"),
                                    TEXT("souk:v1"), &token),
                     STATUS_OK);
    return text_format(stage.arena, "Bearer %.*s", (int)token.length, token.data);
}

static enum status judge(struct authenticator *authenticator, struct text header)
{
    struct principal principal;
    bool is_key_unknown;
    return authenticate(authenticator, header, PRINCIPAL_ADMIN, stage.now_us, stage.arena,
                        &principal, &is_key_unknown);
}

/* An ended session cannot exchange its token; all others get one that is young enough. */
static void a_token_as_old_as_what_was_forgotten_must_be_exchanged(void **state)
{
    (void)state;
    const struct uuid gone = { .bytes = { 2, [6] = 0x70, [8] = 0x80 } };
    const struct uuid good = { .bytes = { 3, [6] = 0x70, [8] = 0x80 } };
    CLEANUP(token_keys_destroy) struct token_keys *keys = learn_keys();
    CLEANUP(authenticator_destroy)
    struct authenticator *authenticator = authenticator_new(keys, ended);
    const struct text of_gone = token_of(gone), of_good = token_of(good);
    assert_int_equal(judge(authenticator, of_good), STATUS_UNAVAILABLE); /* nothing was told yet */
    ended_sessions_tick(ended, PRINCIPAL_ADMIN);
    assert_int_equal(judge(authenticator, of_gone), STATUS_OK);
    ended_sessions_add(ended, PRINCIPAL_ADMIN, gone);
    assert_int_equal(judge(authenticator, of_gone), STATUS_UNAUTHENTICATED);
    fill(0, 2 * ENDED_SESSIONS_MAX);
    assert_int_equal(judge(authenticator, of_good), STATUS_OK); /* shoppers cost staff nothing */
    for (uint32_t i = 0; i < ENDED_SESSIONS_MAX; i++)
        ended_sessions_add(ended, PRINCIPAL_ADMIN, numbered(i));
    assert_int_equal(judge(authenticator, of_gone), STATUS_TOKEN_EXPIRED);
    assert_int_equal(judge(authenticator, of_good), STATUS_TOKEN_EXPIRED);
    stage.now_us += ENDED_SKEW_US + 1;
    assert_int_equal(judge(authenticator, token_of(good)), STATUS_OK);
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
        CLAIM(a_flood_of_shoppers_forgets_no_end_of_staff),
        CLAIM(a_session_of_one_surface_ends_none_of_another),
        CLAIM(what_is_forgotten_too_early_takes_all_tokens_as_old_with_it),
        CLAIM(what_is_forgotten_in_time_takes_nothing_with_it),
        CLAIM(nothing_is_known_before_the_domain_has_told_everything),
        CLAIM(a_token_as_old_as_what_was_forgotten_must_be_exchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
