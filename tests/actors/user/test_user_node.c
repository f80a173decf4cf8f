/* Claims about accounts on a whole node: messages that ask other actors, over bus, dispatch and
 * PostgreSQL. */
#include "tests/support/cmocka.h"

#include "tests/support/node_stage.h"
#include "user_messages.h"

enum { WAIT_US = 5000000 };

static const struct uuid nobody;
static struct stage *stage_of_all;

static enum status register_(struct stage *stage, const char *email, const char *name,
                             struct user_signed_in *ret_reply)
{
    const struct user_register command = { .email = text_of(email),
                                           .username = text_of(name),
                                           .password = TEXT("correct horse") };
    return stage_ask(stage, nobody, &user_register_message, &command, ret_reply);
}

static enum status login(struct stage *stage, const char *email, const char *password,
                         struct user_signed_in *ret_reply)
{
    const struct user_login command = { .email = text_of(email), .password = text_of(password) };
    return stage_ask(stage, nobody, &user_login_message, &command, ret_reply);
}

static enum status refresh(struct stage *stage, struct text token, struct user_signed_in *ret_reply)
{
    const struct identity_refresh command = { .refresh_token = token };
    return stage_ask(stage, nobody, &user_refresh_message, &command, ret_reply);
}

static void tell_register_and_login(struct stage *stage, void *context)
{
    (void)context;
    struct user_signed_in first, second;
    assert_int_equal(register_(stage, "  Ada@Example.com", "Ada", &first), STATUS_OK);
    assert_true(text_equals_string(first.user.email, "ada@example.com"));
    assert_int_equal(uuid_shard(first.user.id), shard_of_text(TEXT("ada@example.com")));
    assert_int_equal(register_(stage, "ada@example.com", "Eve", &second), STATUS_EMAIL_TAKEN);
    assert_int_equal(register_(stage, "eve@example.com", "ADA", &second), STATUS_USERNAME_TAKEN);
    assert_int_equal(login(stage, "ADA@example.com", "correct horse", &second), STATUS_OK);
    assert_true(uuid_equals(first.user.id, second.user.id));
    assert_int_equal(login(stage, "ada@example.com", "wrong horse", &second),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(stage, "bob@example.com", "wrong horse", &second),
                     STATUS_INVALID_CREDENTIALS);
    const struct user_get_me query = { 0 };
    struct user_user me;
    assert_int_equal(stage_ask(stage, first.user.id, &user_get_me_message, &query, &me), STATUS_OK);
    assert_true(text_equals_string(me.username, "Ada"));
    assert_string_equal(stage_sql(stage, "user", "SELECT count(*) FROM identity.signing_key"), "1");
}

static void tell_refresh(struct stage *stage, void *context)
{
    (void)context;
    struct user_signed_in first, second, third;
    assert_int_equal(register_(stage, "grace@example.com", "Grace", &first), STATUS_OK);
    assert_int_equal(refresh(stage, first.refresh_token, &second), STATUS_OK);
    assert_int_equal(refresh(stage, second.refresh_token, &third), STATUS_OK);
    assert_int_equal(refresh(stage, first.refresh_token, &second), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(stage, third.refresh_token, &second), STATUS_INVALID_REFRESH_TOKEN);
}

static void addresses_are_one_account_in_every_spelling(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_register_and_login, NULL);
}

static void reuse_of_a_refresh_token_closes_the_session(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_refresh, NULL);
}

static void tell_guesses(struct stage *stage, void *context)
{
    (void)context;
    struct user_signed_in reply;
    assert_int_equal(register_(stage, "mary@example.com", "Mary", &reply), STATUS_OK);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(login(stage, "mary@example.com", "wrong horse", &reply),
                         STATUS_INVALID_CREDENTIALS);
        assert_int_equal(login(stage, "no.mary@example.com", "wrong horse", &reply),
                         STATUS_INVALID_CREDENTIALS);
    }
}

static void tell_locked(struct stage *stage, void *context)
{
    (void)context;
    struct user_signed_in reply;
    assert_int_equal(login(stage, "mary@example.com", "correct horse", &reply),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(login(stage, "no.mary@example.com", "correct horse", &reply),
                     STATUS_TOO_MANY_REQUESTS);
}

static void lock_of_an_address_outlives_the_node(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_guesses, NULL);
    stage_run(stage_of_all, tell_locked, NULL);
    stage_restart_node(stage_of_all);
    stage_run(stage_of_all, tell_locked, NULL);
}

struct tried {
    const struct message *message;
    const void *body;
};

static enum status say(struct stage *stage, const struct principal *principal,
                       const struct tried *tried)
{
    struct envelope envelope, reply;
    stage_address(stage, principal->id, tried->message, tried->body, &envelope);
    stage_sign(stage, principal, &envelope);
    assert_int_equal(stage_send(stage, ROLE_STORE, &envelope, WAIT_US, &reply), STATUS_OK);
    return reply.status;
}

static const struct identity_change_password change_password = {
    .current_password = { "x", 1 }, .new_password = { "battery st", 10 }
};
static const struct user_change_email change_email = { .email = { "a@b.c", 5 },
                                                       .current_password = { "x", 1 } };
static const struct identity_begin_otp begin_otp = { .current_password = { "x", 1 } };
static const struct identity_confirm_otp confirm_otp = { .code = { "1", 1 } };
static const struct identity_disable_otp disable_otp = { .current_password = { "x", 1 },
                                                         .code = { "1", 1 } };
static const struct identity_renew_recovery_codes renew_codes = { .code = { "1", 1 } };
static const struct user_make_api_key make_key = { .name = { "k", 1 } };
static const struct identity_revoke_api_key revoke_key = { 0 };
static const struct identity_end_session end_session = { 0 };
static const struct empty nothing;
static const struct user_erase_me erase_me = { 0 };

/* What neither staff in a shopper's name nor a shopper's server may do. */
static const struct tried own_hand_only[] = {
    { &user_change_password_message, &change_password },
    { &user_change_email_message, &change_email },
    { &user_send_verification_message, &nothing },
    { &user_get_otp_message, &nothing },
    { &user_begin_otp_message, &begin_otp },
    { &user_confirm_otp_message, &confirm_otp },
    { &user_disable_otp_message, &disable_otp },
    { &user_renew_recovery_codes_message, &renew_codes },
    { &user_make_api_key_message, &make_key },
    { &user_list_api_keys_message, &nothing },
    { &user_revoke_api_key_message, &revoke_key },
    { &user_list_sessions_message, &nothing },
    { &user_end_session_message, &end_session },
    { &user_end_other_sessions_message, &nothing },
    { &user_export_me_message, &nothing },
    { &user_erase_me_message, &erase_me },
};

static void tell_other_hands(struct stage *stage, void *context)
{
    (void)context;
    struct user_signed_in ada;
    assert_int_equal(register_(stage, "hands@example.com", "Hands", &ada), STATUS_OK);
    const struct principal staff = { .kind = PRINCIPAL_SHOPPER,
                                     .id = ada.user.id,
                                     .actor = stage_new_id(stage, 1),
                                     .rights = UINT64_MAX };
    const struct principal server = {
        .kind = PRINCIPAL_SHOPPER, .id = ada.user.id, .is_api_key = true, .rights = UINT64_MAX
    };
    for (size_t i = 0; i < ARRAY_LENGTH(own_hand_only); i++) {
        assert_int_equal(say(stage, &staff, &own_hand_only[i]), STATUS_IMPERSONATION_REFUSED);
        assert_int_equal(say(stage, &server, &own_hand_only[i]), STATUS_FORBIDDEN);
    }
    const struct tried look = { &user_get_me_message, &nothing };
    assert_int_equal(say(stage, &staff, &look), STATUS_OK);
    assert_int_equal(say(stage, &server, &look), STATUS_OK);
    struct principal shop = server;
    shop.rights = UINT64_C(1) << USER_PERMISSION_SHOPPING;
    assert_int_equal(say(stage, &shop, &look), STATUS_FORBIDDEN);
}

static void proofs_are_given_by_the_shoppers_own_hand(void **state)
{
    (void)state;
    stage_run(stage_of_all, tell_other_hands, NULL);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "user" };
    (void)state;
    stage_of_all = stage_new(domains, 1);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_one_account_in_every_spelling),
        cmocka_unit_test(reuse_of_a_refresh_token_closes_the_session),
        cmocka_unit_test(lock_of_an_address_outlives_the_node),
        cmocka_unit_test(proofs_are_given_by_the_shoppers_own_hand),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
