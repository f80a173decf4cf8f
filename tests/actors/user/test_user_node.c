/* Claims about accounts on a whole node: messages that ask other actors, over bus, dispatch and
 * PostgreSQL. */
#include "tests/support/cmocka.h"

#include "tests/support/node_stage.h"
#include "user_messages.h"

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
    const struct user_refresh command = { .refresh_token = token };
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
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
