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

static enum status change_email(const struct person *person, const char *address)
{
    const struct user_change_email command = { .email = text_of(address),
                                               .current_password = TEXT("correct horse") };
    return direct_call(people_market, &person->principal, &user_change_email_message, &command,
                       NULL);
}

static void a_shopper_has_few_strangers_written_to_a_day(void **state)
{
    (void)state;
    static const char *const strangers[] = { "s1@example.com", "s2@example.com", "s3@example.com",
                                             "s4@example.com", "s5@example.com" };
    const struct person ada = people_draw();
    for (size_t i = 0; i < ARRAY_LENGTH(strangers); i++) {
        assert_int_equal(change_email(&ada, strangers[i]), STATUS_OK);
        direct_advance(people_market, INT64_C(2) * 3600 * 1000000);
    }
    assert_int_equal(change_email(&ada, "s6@example.com"), STATUS_TOO_MANY_REQUESTS);
    direct_advance(people_market, INT64_C(24) * 3600 * 1000000);
    assert_int_equal(change_email(&ada, "s6@example.com"), STATUS_OK);
}

static enum status register_as(const char *name)
{
    const struct user_register command = {
        .email = text_format(people_arena, "%s@example.com", name),
        .username = text_of(name),
        .password = TEXT("correct horse"),
    };
    return direct_call(people_market, NULL, &user_register_message, &command, NULL);
}

/* Who is there already is not kept out by those who came too many. */
static void a_network_opens_so_many_accounts_a_day(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in reply;
    direct_advance(people_market, INT64_C(48) * 3600 * 1000000);
    direct_set(people_market, "--registration.per_network=2");
    assert_int_equal(register_as("net1"), STATUS_OK);
    assert_int_equal(register_as("net1"), STATUS_EMAIL_TAKEN); /* opens nothing */
    assert_int_equal(register_as("net2"), STATUS_OK);
    assert_int_equal(register_as("net3"), STATUS_TOO_MANY_REQUESTS);
    direct_forget(people_market); /* a restart forgets nothing of it */
    assert_int_equal(register_as("net3"), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    direct_advance(people_market, INT64_C(24) * 3600 * 1000000);
    assert_int_equal(register_as("net3"), STATUS_OK);
    direct_set(people_market, "--registration.per_network=100");
}

/* By the person, in whichever session; only who knows the password comes that far. */
static void wrong_codes_lock_the_person_and_not_the_session(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in reply;
    const struct text secret = people_enrol(&ada, &codes);
    direct_advance(people_market, INT64_C(60) * 1000000);
    for (int i = 0; i < 10; i++)
        assert_int_equal(people_login(&ada, "wrong horse", TEXT("000000"), &reply),
                         STATUS_INVALID_CREDENTIALS);
    direct_advance(people_market, INT64_C(16) * 60 * 1000000);
    assert_int_equal(people_login(&ada, "correct horse", people_code(secret), &reply), STATUS_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(people_login(&ada, "correct horse", TEXT("000000"), &reply),
                         STATUS_WRONG_OTP);
    assert_int_equal(people_login(&ada, "correct horse", codes.codes[0], &reply),
                     STATUS_TOO_MANY_REQUESTS);
    const struct identity_renew_recovery_codes renew = { .code = codes.codes[0] };
    assert_int_equal(direct_call(people_market, &ada.principal, &user_renew_recovery_codes_message,
                                 &renew, NULL),
                     STATUS_TOO_MANY_REQUESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_of_before_still_works_and_is_renewed),
        cmocka_unit_test(strangers_keep_nobody_out_who_was_let_in_before),
        cmocka_unit_test(a_new_password_by_a_message_lifts_the_lock),
        cmocka_unit_test(strangers_keep_nobody_from_asking_for_a_new_password),
        cmocka_unit_test(a_shopper_has_few_strangers_written_to_a_day),
        cmocka_unit_test(a_network_opens_so_many_accounts_a_day),
        cmocka_unit_test(wrong_codes_lock_the_person_and_not_the_session),
    };
    people_open();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    people_close();
    return failed;
}
