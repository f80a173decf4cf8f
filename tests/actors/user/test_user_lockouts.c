/* Claims about who is kept out by failures: strangers, and not the owner; against a scratch
 * database. */
#include "runtime/secret.h"
#include "tests/actors/user/user_people.h"

static const struct text no_code = { 0 };

static enum status forget(struct text email)
{
    const struct identity_forgot_password command = { .email = email };
    return direct_call(people_market, NULL, &user_forgot_password_message, &command, NULL);
}

static enum status reset(struct text token, const char *password)
{
    const struct identity_reset_password command = { .token = token,
                                                     .password = text_of(password) };
    return direct_call(people_market, NULL, &user_reset_password_message, &command, NULL);
}

static void lock_out(const struct person *person)
{
    struct user_signed_in reply;
    for (int i = 0; i < 10; i++)
        assert_int_equal(people_login(person, "wrong horse", no_code, &reply),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(people_login(person, "correct horse", no_code, &reply),
                     STATUS_TOO_MANY_REQUESTS);
}

static void strangers_keep_nobody_out_who_was_let_in_before(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in here = ada.signed_in, reply;
    assert_true(here.has_device); /* the one that registered, too */
    lock_out(&ada);
    const struct user_login login = { .email = ada.email,
                                      .password = TEXT("correct horse"),
                                      .has_device = true,
                                      .device = here.device };
    assert_int_equal(direct_call(people_market, NULL, &user_login_message, &login, &reply),
                     STATUS_OK);
    assert_text_equal(reply.device, here.device);
}

static void a_new_password_by_a_message_lifts_the_lock(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in reply;
    lock_out(&ada);
    assert_int_equal(forget(ada.email), STATUS_OK);
    assert_int_equal(reset(people_token(&ada, IDENTITY_TICKET_RESET_PASSWORD), "battery staple"),
                     STATUS_OK);
    assert_int_equal(people_login(&ada, "battery staple", no_code, &reply), STATUS_OK);
}

static void strangers_keep_nobody_from_asking_for_a_new_password(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in here;
    assert_int_equal(people_login(&ada, "correct horse", no_code, &here), STATUS_OK);
    struct identity_forgot_password forgot = { .email = ada.email };
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            direct_call(people_market, NULL, &user_forgot_password_message, &forgot, NULL),
            STATUS_OK);
    assert_int_equal(direct_call(people_market, NULL, &user_forgot_password_message, &forgot, NULL),
                     STATUS_TOO_MANY_REQUESTS);
    const struct identity_send_verification verify = { 0 };
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_send_verification_message, &verify, NULL),
        STATUS_OK);
    forgot.has_device = true;
    forgot.device = here.device;
    assert_int_equal(direct_call(people_market, NULL, &user_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
}

/* A hash of the time when passwords were hashed as they were typed, here with combining accents. */
static void plant_old_hash(const struct person *person, const char *password)
{
    char hash[PASSWORD_HASH_MAX];
    assert_int_equal(password_hash(text_of(password), 1, 8 * 1024 * 1024, hash), STATUS_OK);
    (void)direct_sql(people_market,
                     text_string(people_arena,
                                 text_format(people_arena,
                                             "UPDATE \"user\".account SET password_hash = '%s'"
                                             " WHERE email = '%.*s'",
                                             hash, (int)person->email.length, person->email.data)));
}

static void a_hash_of_before_still_works_and_is_renewed(void **state)
{
    (void)state;
    static const char typed[] = "cafe\xcc\x81 au lait", composed[] = "caf\xc3\xa9 au lait";
    const struct person ada = people_draw();
    struct user_signed_in reply;
    plant_old_hash(&ada, typed);
    assert_int_equal(people_login(&ada, composed, no_code, &reply), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(people_login(&ada, typed, no_code, &reply), STATUS_OK);
    assert_int_equal(people_login(&ada, composed, no_code, &reply), STATUS_OK);
    assert_int_equal(people_login(&ada, typed, no_code, &reply), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_of_before_still_works_and_is_renewed),
        cmocka_unit_test(strangers_keep_nobody_out_who_was_let_in_before),
        cmocka_unit_test(a_new_password_by_a_message_lifts_the_lock),
        cmocka_unit_test(strangers_keep_nobody_from_asking_for_a_new_password),
    };
    people_open();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    people_close();
    return failed;
}
