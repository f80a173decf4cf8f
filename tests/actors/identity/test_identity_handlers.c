/* Claims about sessions, API keys and sweeps as identity's handlers answer for them with what a
 * domain lends; against a scratch database. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_sweeps.h"
#include "identity_handlers.h"
#include "tests/actors/identity/lender.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"

static const struct uuid nobody;
static const int64_t second_us = 1000000;

/* ---- sessions ---- */

static enum status do_end(struct request *request, void *context)
{
    return identity_handle_end_session(request, stage_lent, context);
}

static enum status end_session(struct uuid here, struct uuid session_id)
{
    struct identity_end_session command = { .session_id = session_id };
    return lender_run(here, do_end, &command);
}

static enum status do_end_others(struct request *request, void *context)
{
    (void)context;
    const struct identity_end_other_sessions command = { 0 };
    return identity_handle_end_other_sessions(request, stage_lent, &command);
}

static enum status do_logout(struct request *request, void *context)
{
    (void)context;
    const struct identity_logout command = { 0 };
    return identity_handle_logout(request, stage_lent, &command);
}

static enum status do_list(struct request *request, void *context)
{
    const struct identity_list_sessions query = { 0 };
    return identity_handle_list_sessions(request, stage_lent, &query, context);
}

static void somebody_ends_his_own_sessions_and_nobody_elses(void **state)
{
    (void)state;
    lender_draw(TEXT("hal@example.com"), "correct horse");
    const struct uuid foreign = lender_sign_in(NULL);
    lender_draw(TEXT("ida@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL), there = lender_sign_in(NULL);
    assert_int_equal(end_session(here, foreign), STATUS_NOT_FOUND);
    assert_int_equal(end_session(here, stage_draw_account()), STATUS_NOT_FOUND);
    assert_true(lender_is_open(foreign));
    assert_int_equal(end_session(here, there), STATUS_OK);
    assert_false(lender_is_open(there));
    assert_int_equal(end_session(here, there), STATUS_OK); /* the first answer may be lost */
    assert_true(lender_is_open(here));
}

static void the_others_end_and_this_one_at_the_logout(void **state)
{
    (void)state;
    lender_draw(TEXT("joe@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL), there = lender_sign_in(NULL);
    struct common_sign_ins list;
    assert_int_equal(lender_run(here, do_list, &list), STATUS_OK);
    assert_int_equal(list.data_count, 2);
    assert_int_equal(lender_run(here, do_end_others, NULL), STATUS_OK);
    assert_true(lender_is_open(here));
    assert_false(lender_is_open(there));
    assert_int_equal(lender_run(here, do_list, &list), STATUS_OK);
    assert_int_equal(list.data_count, 1);
    assert_true(list.data[0].is_current);
    assert_int_equal(lender_run(here, do_logout, NULL), STATUS_OK);
    assert_false(lender_is_open(here));
}

struct refresh_case {
    struct text token;
    struct user_signed_in signed_in;
};

static enum status do_refresh(struct request *request, void *context)
{
    struct refresh_case *c = context;
    const struct identity_refresh command = { .refresh_token = c->token };
    return identity_handle_refresh(request, stage_lent, &command, &c->signed_in);
}

static void a_refresh_token_that_is_used_twice_ends_the_session_and_is_noted(void **state)
{
    (void)state;
    lender_draw(TEXT("kim@example.com"), "correct horse");
    struct refresh_case c;
    const struct uuid here = lender_sign_in(&c.token);
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_OK);
    const struct text first = c.token, next = c.signed_in.refresh_token;
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_OK); /* the answer was lost */
    assert_text_equal(c.signed_in.refresh_token, next);
    direct_advance(stage_market, 11 * second_us);
    c.token = first;
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(lender.thefts, 1);
    assert_false(lender_is_open(here));
    c.token = next;
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(lender.thefts, 1); /* it had ended */
}

/* Ids of sessions stand in lists and logs; the secret is what proves that somebody had the token.
 */
static void a_known_session_id_with_a_secret_that_was_made_up_ends_nothing(void **state)
{
    (void)state;
    lender_draw(TEXT("ian@example.com"), "correct horse");
    struct refresh_case c;
    const struct uuid here = lender_sign_in(&c.token);
    const struct text good = c.token;
    char *forged = arena_copy(stage_arena, good.data, good.length);
    forged[good.length - 2] = forged[good.length - 2] == 'A' ? 'B' : 'A';
    c.token = (struct text){ forged, good.length };
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(lender.thefts, 0);
    assert_true(lender_is_open(here));
    c.token = good;
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_OK);
}

static void a_refresh_token_of_many_exchanges_ago_ends_the_session(void **state)
{
    (void)state;
    enum { EXCHANGES = 40 };
    lender_draw(TEXT("jon@example.com"), "correct horse");
    struct refresh_case c;
    const struct uuid here = lender_sign_in(&c.token);
    const struct text first = c.token;
    for (int i = 0; i < EXCHANGES; i++) {
        assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_OK);
        c.token = text_copy(stage_arena, c.signed_in.refresh_token);
    }
    assert_true(lender_is_open(here));
    c.token = first;
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(lender.thefts, 1);
    assert_false(lender_is_open(here));
}

static void a_refresh_token_of_nobody_ends_nothing(void **state)
{
    (void)state;
    lender_draw(TEXT("lea@example.com"), "correct horse");
    const struct uuid here = lender_sign_in(NULL);
    struct refresh_case c = { .token = TEXT("ses_nonsense") };
    assert_int_equal(lender_run(nobody, do_refresh, &c), STATUS_INVALID_REFRESH_TOKEN);
    const struct identity_revoke_session unknown = { .session_id = stage_draw_account() };
    assert_int_equal(direct_call(stage_market, NULL, &user_revoke_session_message, &unknown, NULL),
                     STATUS_OK);
    assert_int_equal(lender.thefts, 0);
    stage_lent = &lender_bare;
    const struct identity_revoke_session revoke = { .session_id = here };
    assert_int_equal(direct_call(stage_market, NULL, &user_revoke_session_message, &revoke, NULL),
                     STATUS_OK);
    assert_false(lender_is_open(here));
}

/* ---- API keys ---- */

struct key_case {
    uint64_t rights;
    struct common_made_api_key made;
    struct identity_use_api_key sent;
    struct common_api_key_use use;
    struct common_api_keys list;
};

static enum status do_make_key(struct request *request, void *context)
{
    struct key_case *c = context;
    const struct identity_api_key key = { .account_id = lender.person.account_id,
                                          .person_id = lender.person.id,
                                          .name = TEXT("till"),
                                          .rights = c->rights };
    return identity_api_key_make(request, COMMON_AUDIENCE_STORE, &key, &c->made);
}

static enum status do_change_password(struct request *request, void *context)
{
    return identity_handle_change_password(request, stage_lent, context);
}

static enum status do_use_key(struct request *request, void *context)
{
    struct key_case *c = context;
    return identity_handle_use_api_key(request, stage_lent, &c->sent, &c->use);
}

static enum status do_list_keys(struct request *request, void *context)
{
    const struct identity_list_api_keys query = { 0 };
    return identity_handle_list_api_keys(request, stage_lent, &query,
                                         &((struct key_case *)context)->list);
}

static enum status do_revoke_key(struct request *request, void *context)
{
    const struct identity_revoke_api_key command = { .key_id =
                                                         ((struct key_case *)context)->made.id };
    return identity_handle_revoke_api_key(request, stage_lent, &command);
}

static struct key_case make_key(uint64_t rights)
{
    const size_t lead = sizeof "sk_store_" - 1;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    struct key_case c = { .rights = rights };
    assert_int_equal(lender_run(nobody, do_make_key, &c), STATUS_OK);
    const struct text credential = { c.made.secret.data + lead, c.made.secret.length - lead };
    assert_int_equal(credential_read(credential, "key", &c.sent.key_id, secret), STATUS_OK);
    c.sent.secret = (struct text){ arena_copy(stage_arena, secret, sizeof secret), sizeof secret };
    return c;
}

static void a_key_may_do_what_the_domain_lets_it_do_now(void **state)
{
    (void)state;
    lender_draw(TEXT("max@example.com"), "correct horse");
    struct key_case c = make_key(1 | 4);
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_OK);
    assert_int_equal(c.use.rights, 1 | 4);
    lender.rights_now = 2 | 4;
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_OK);
    assert_int_equal(c.use.rights, 4);
    assert_int_equal(lender_run(nobody, do_list_keys, &c), STATUS_OK);
    assert_int_equal(c.list.data_count, 1);
    assert_int_equal(c.list.data[0].scopes_count, 2); /* as it was made */
    assert_text_equal(c.list.data[0].scopes[0], TEXT("look"));
    assert_text_equal(c.list.data[0].scopes[1], TEXT("take"));
}

static void a_key_of_who_is_kept_out_is_not_even_noted_as_used(void **state)
{
    (void)state;
    lender_draw(TEXT("ned@example.com"), "correct horse");
    struct key_case c = make_key(1);
    lender.is_kept_out = true;
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_UNAUTHENTICATED);
    assert_int_equal(lender_run(nobody, do_list_keys, &c), STATUS_OK);
    assert_false(c.list.data[0].has_last_used_at);
    lender.is_kept_out = false;
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_list_keys, &c), STATUS_OK);
    assert_true(c.list.data[0].has_last_used_at);
}

static void who_signs_out_everywhere_ends_his_keys(void **state)
{
    (void)state;
    lender_draw(TEXT("may@example.com"), "correct horse");
    lender.rights_now = 1;
    const struct uuid here = lender_sign_in(NULL);
    struct key_case c = make_key(1);
    assert_int_equal(lender_run(here, do_end_others, NULL), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_UNAUTHENTICATED);
}

static void a_new_password_ends_the_keys_of_who_has_it(void **state)
{
    (void)state;
    lender_draw(TEXT("mia@example.com"), "correct horse");
    lender.rights_now = 1;
    struct key_case c = make_key(1);
    const struct identity_change_password change = { .current_password = TEXT("correct horse"),
                                                     .new_password = TEXT("battery staple") };
    assert_int_equal(lender_run(nobody, do_change_password, (void *)(uintptr_t)&change), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_UNAUTHENTICATED);
}

static void a_key_is_ended_by_its_account_only(void **state)
{
    (void)state;
    lender_draw(TEXT("oda@example.com"), "correct horse");
    struct key_case c = make_key(1);
    assert_int_equal(stage_run(stage_draw_account(), nobody, do_revoke_key, &c), STATUS_NOT_FOUND);
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_revoke_key, &c), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_use_key, &c), STATUS_UNAUTHENTICATED);
}

/* ---- what ends by the clock ---- */

struct sweep_case {
    enum status (*sweep)(struct request *request, unsigned shard_first, unsigned shard_last);
    unsigned shard_first, shard_last;
};

static enum status do_sweep(struct request *request, void *context)
{
    const struct sweep_case *c = context;
    return c->sweep(request, c->shard_first, c->shard_last);
}

static void sweep(enum status (*function)(struct request *, unsigned, unsigned), unsigned first,
                  unsigned last)
{
    struct sweep_case c = { .sweep = function, .shard_first = first, .shard_last = last };
    assert_int_equal(stage_run(stage_draw_account(), nobody, do_sweep, &c), STATUS_OK);
}

static void one_node_alone_makes_keys_and_trims(void **state)
{
    (void)state;
    static const char count[] = "SELECT count(*) FROM identity.signing_key";
    const unsigned shard = shard_of_text(TEXT("store"));
    lender_draw(TEXT("pia@example.com"), "correct horse");
    (void)direct_sql(stage_market, "DELETE FROM identity.signing_key");
    if (shard > 0) {
        sweep(identity_keys_sweep, 0, shard - 1);
        sweep(identity_trim_sweep, 0, shard - 1);
    }
    if (shard + 1 < SHARD_COUNT) {
        sweep(identity_keys_sweep, shard + 1, SHARD_COUNT - 1);
        sweep(identity_trim_sweep, shard + 1, SHARD_COUNT - 1);
    }
    assert_string_equal(stage_cell(count), "0");
    assert_int_equal(lender.trims, 0);
    sweep(identity_keys_sweep, shard, shard);
    sweep(identity_trim_sweep, shard, shard);
    assert_string_equal(stage_cell(count), "1");
    assert_int_equal(lender.trims, 1);
    stage_lent = &lender_bare;
    sweep(identity_trim_sweep, 0, SHARD_COUNT - 1);
    assert_int_equal(lender.trims, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(somebody_ends_his_own_sessions_and_nobody_elses),
        cmocka_unit_test(the_others_end_and_this_one_at_the_logout),
        cmocka_unit_test(a_refresh_token_that_is_used_twice_ends_the_session_and_is_noted),
        cmocka_unit_test(a_known_session_id_with_a_secret_that_was_made_up_ends_nothing),
        cmocka_unit_test(a_refresh_token_of_many_exchanges_ago_ends_the_session),
        cmocka_unit_test(a_refresh_token_of_nobody_ends_nothing),
        cmocka_unit_test(a_key_may_do_what_the_domain_lets_it_do_now),
        cmocka_unit_test(a_key_of_who_is_kept_out_is_not_even_noted_as_used),
        cmocka_unit_test(who_signs_out_everywhere_ends_his_keys),
        cmocka_unit_test(a_new_password_ends_the_keys_of_who_has_it),
        cmocka_unit_test(a_key_is_ended_by_its_account_only),
        cmocka_unit_test(one_node_alone_makes_keys_and_trims),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}
