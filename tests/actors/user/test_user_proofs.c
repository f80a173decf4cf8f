/* Claims about verified addresses, forgotten passwords, second factors and API keys, against a
 * scratch database. */
#include <string.h>

#include "runtime/secret.h"
#include "tests/actors/user/user_people.h"

static const int64_t second_us = 1000000;
static const struct text no_code = { 0 };

static struct user_user me(const struct person *person)
{
    const struct user_get_me query = { 0 };
    struct user_user user;
    assert_int_equal(
        direct_call(people_market, &person->principal, &user_get_me_message, &query, &user),
        STATUS_OK);
    return user;
}

static void token_of_a_message_verifies_the_address_once(void **state)
{
    (void)state;
    const size_t notices = people_notices();
    const struct person ada = people_draw();
    assert_int_equal(people_notices(), notices + 1);
    const struct text token = people_token(&ada, IDENTITY_TICKET_VERIFY_EMAIL);
    assert_false(me(&ada).is_email_verified);

    assert_int_equal(people_verify(token), STATUS_OK);

    assert_true(me(&ada).is_email_verified);
    assert_int_equal(people_verify(token), STATUS_INVALID_TICKET);
}

static void tokens_that_are_late_replaced_or_of_another_purpose_do_nothing(void **state)
{
    (void)state;
    const struct person ada = people_draw(), eve = people_draw();
    const struct text old = people_token(&ada, IDENTITY_TICKET_VERIFY_EMAIL);
    const struct identity_send_verification again = { 0 };
    direct_advance(people_market, second_us);
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_send_verification_message, &again, NULL),
        STATUS_OK);
    assert_int_equal(people_verify(old), STATUS_INVALID_TICKET);
    const struct identity_forgot_password forgot = { .email = eve.email };
    assert_int_equal(direct_call(people_market, NULL, &user_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    assert_int_equal(people_verify(people_token(&eve, IDENTITY_TICKET_RESET_PASSWORD)),
                     STATUS_INVALID_TICKET);
    const struct text newest = people_token(&ada, IDENTITY_TICKET_VERIFY_EMAIL);
    direct_advance(people_market, 86400 * second_us);
    assert_int_equal(people_verify(newest), STATUS_INVALID_TICKET);
    assert_int_equal(people_verify(TEXT("tic_nonsense")), STATUS_INVALID_TICKET);
    assert_false(me(&ada).is_email_verified);
}

static enum status change_email(const struct person *person, struct text email)
{
    const struct user_change_email command = { .email = email,
                                               .current_password = TEXT("correct horse") };
    return direct_call(people_market, &person->principal, &user_change_email_message, &command,
                       NULL);
}

static struct common_contacts contacts(struct uuid user_id)
{
    const struct user_get_contacts query = { .user_id = user_id };
    struct common_contacts reply;
    assert_int_equal(direct_call(people_market, NULL, &user_get_contacts_message, &query, &reply),
                     STATUS_OK);
    return reply;
}

static void new_address_takes_effect_when_its_token_comes_back(void **state)
{
    (void)state;
    struct person ada = people_draw();
    const unsigned shard = uuid_shard(ada.signed_in.user.id);
    struct user_signed_in reply;
    assert_int_equal(change_email(&ada, TEXT(" Countess@Example.com ")), STATUS_OK);
    assert_true(text_equals(me(&ada).email, ada.email));

    assert_int_equal(people_verify(people_token(&ada, IDENTITY_TICKET_CHANGE_EMAIL)), STATUS_OK);

    assert_true(text_equals_string(me(&ada).email, "countess@example.com"));
    assert_true(me(&ada).is_email_verified);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply),
                     STATUS_INVALID_CREDENTIALS);
    ada.email = TEXT("COUNTESS@example.com");
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    assert_true(uuid_equals(reply.user.id, ada.signed_in.user.id));
    assert_int_equal(uuid_shard(reply.user.id), shard);
    assert_true(
        text_equals_string(contacts(reply.user.id).contacts[0].email, "countess@example.com"));
}

static void address_that_somebody_took_meanwhile_is_refused_at_the_end(void **state)
{
    (void)state;
    const struct person ada = people_draw(), eve = people_draw();
    assert_int_equal(change_email(&ada, eve.email), STATUS_OK);
    assert_int_equal(people_verify(people_token(&ada, IDENTITY_TICKET_CHANGE_EMAIL)),
                     STATUS_EMAIL_TAKEN);
    assert_true(text_equals(me(&ada).email, ada.email));
}

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

static void forgotten_password_is_set_by_a_token_and_ends_every_session(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in reply;
    assert_int_equal(forget(ada.email), STATUS_OK);
    const struct text token = people_token(&ada, IDENTITY_TICKET_RESET_PASSWORD);
    assert_int_equal(reset(token, "password1"), STATUS_PASSWORD_TOO_COMMON);
    assert_int_equal(reset(token, text_string(people_arena, ada.email)),
                     STATUS_PASSWORD_TOO_COMMON);
    assert_string_equal(direct_last_fault(people_market).pointer, "/password");

    assert_int_equal(reset(token, "battery staple"), STATUS_OK);

    assert_int_equal(people_refresh(ada.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(people_login(&ada, "battery staple", no_code, &reply), STATUS_OK);
    assert_true(reply.user.is_email_verified);
    assert_int_equal(reset(token, "once more please"), STATUS_INVALID_TICKET);
}

static void nobody_learns_whose_password_was_forgotten(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    const size_t notices = people_notices();
    for (int i = 0; i < 5; i++) {
        assert_int_equal(forget(TEXT("nobody.there@example.com")), STATUS_OK);
        assert_int_equal(forget(ada.email), STATUS_OK);
        assert_int_equal(forget(TEXT("no address")), STATUS_OK);
    }
    assert_int_equal(people_notices(), notices + 5);
    assert_int_equal(forget(TEXT("nobody.there@example.com")), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(forget(ada.email), STATUS_TOO_MANY_REQUESTS);
}

static void second_factor_is_asked_for_and_no_code_works_twice(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in reply;
    const struct text secret = people_enrol(&ada, &codes);
    direct_advance(people_market, 60 * second_us);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OTP_REQUIRED);
    assert_string_equal(direct_last_fault(people_market).pointer, "/otp");
    assert_int_equal(people_login(&ada, "wrong horse", people_code(secret), &reply),
                     STATUS_INVALID_CREDENTIALS);
    const struct text code = people_code(secret);
    assert_int_equal(people_login(&ada, "correct horse", code, &reply), STATUS_OK);
    assert_int_equal(people_login(&ada, "correct horse", code, &reply), STATUS_WRONG_OTP);
    const size_t notices = people_notices();
    assert_int_equal(people_login(&ada, "correct horse", codes.codes[0], &reply), STATUS_OK);
    assert_int_equal(people_notices(), notices + 1);
    assert_int_equal(people_login(&ada, "correct horse", codes.codes[0], &reply), STATUS_WRONG_OTP);

    const struct identity_get_otp query = { 0 };
    struct common_otp_state otp;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_get_otp_message, &query, &otp), STATUS_OK);
    assert_true(otp.is_enabled);
    assert_int_equal(otp.recovery_codes_left, 9);
}

static void code_in_two_hands_at_once_lets_one_in(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in first, second;
    const struct text secret = people_enrol(&ada, &codes);
    direct_advance(people_market, 60 * second_us);
    const struct text code = people_code(secret);
    direct_queue_units(people_market);
    assert_int_equal(people_login(&ada, "correct horse", code, &first), STATUS_OK);
    assert_int_equal(people_login(&ada, "correct horse", code, &second), STATUS_OK);
    assert_int_equal(direct_commit_units(people_market), 1);
}

static void guessed_codes_lock_the_person(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in reply;
    const struct text secret = people_enrol(&ada, &codes);
    static const char *const guesses[] = { "000000x", "12345", "\xd9\xa1\xd9\xa2", "aaaa", "-1" };
    for (size_t i = 0; i < ARRAY_LENGTH(guesses); i++)
        assert_int_equal(people_login(&ada, "correct horse", text_of(guesses[i]), &reply),
                         STATUS_WRONG_OTP);
    direct_advance(people_market, 60 * second_us);
    assert_int_equal(people_login(&ada, "correct horse", people_code(secret), &reply),
                     STATUS_TOO_MANY_REQUESTS);
    assert_true(direct_last_fault(people_market).available > 0);
}

static void factor_is_disabled_with_password_and_code(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in reply;
    (void)people_enrol(&ada, &codes);
    struct identity_disable_otp disable = { .current_password = TEXT("wrong horse"),
                                            .code = codes.codes[0] };
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_disable_otp_message, &disable, NULL),
        STATUS_WRONG_PASSWORD);
    disable.current_password = TEXT("correct horse");
    disable.code = TEXT("123");
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_disable_otp_message, &disable, NULL),
        STATUS_WRONG_OTP);
    assert_string_equal(direct_last_fault(people_market).pointer, "/code");
    disable.code = codes.codes[0];
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_disable_otp_message, &disable, NULL),
        STATUS_OK);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    disable.code = codes.codes[1];
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_disable_otp_message, &disable, NULL),
        STATUS_ILLEGAL_TRANSITION);
}

static enum status use_key(const struct common_made_api_key *made,
                           struct common_api_key_use *ret_use)
{
    struct identity_use_api_key command = { .key_id = made->id };
    struct text secret;
    assert_int_equal(made->secret.length, sizeof("sk_store_key_") - 1 + 26 + 1 + 43);
    assert_int_equal(
        base64url_decode(people_arena,
                         (struct text){ made->secret.data + made->secret.length - 43, 43 },
                         &secret),
        STATUS_OK);
    command.secret = secret;
    return direct_call(people_market, NULL, &user_use_api_key_message, &command, ret_use);
}

static void api_key_speaks_for_its_maker_within_its_scopes_until_it_ends(void **state)
{
    (void)state;
    const struct person ada = people_draw(), eve = people_draw();
    const struct text scopes[] = { TEXT("shopping"), TEXT("wallet") };
    struct user_make_api_key make = { .name = TEXT("shop"), .scopes = scopes, .scopes_count = 2 };
    struct common_made_api_key made;
    struct common_api_key_use use;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_make_api_key_message, &make, &made),
        STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_true(uuid_equals(use.account_id, ada.signed_in.user.id));
    assert_int_equal(use.rights, 1 << USER_PERMISSION_SHOPPING | 1 << USER_PERMISSION_WALLET);
    const struct identity_revoke_api_key revoke = { .key_id = made.id };
    assert_int_equal(
        direct_call(people_market, &eve.principal, &user_revoke_api_key_message, &revoke, NULL),
        STATUS_NOT_FOUND);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_revoke_api_key_message, &revoke, NULL),
        STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

/* A token that was stolen minutes ago must not become a key that lives for ever. */
static void an_api_key_takes_a_fresh_session_or_the_password(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    const struct text scopes[] = { TEXT("account") };
    struct user_make_api_key make = { .name = TEXT("shop"), .scopes = scopes, .scopes_count = 1 };
    struct common_made_api_key made;
    direct_advance(people_market, 600 * 1000000LL);
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_make_api_key_message, &make, &made),
        STATUS_STEP_UP_REQUIRED);
    make.has_current_password = true;
    make.current_password = TEXT("wrong horse");
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_make_api_key_message, &make, &made),
        STATUS_WRONG_PASSWORD);
    make.current_password = TEXT("correct horse");
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_make_api_key_message, &make, &made),
        STATUS_OK);
}

static void what_is_no_api_key_is_refused_with_its_place(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    const struct text unknown[] = { TEXT("admin") }, known[] = { TEXT("account") };
    const struct user_make_api_key wrong[] = {
        { .name = TEXT("a\xe2\x80\xae") },
        { .name = TEXT(" "), .scopes = known, .scopes_count = 1 },
        { .name = TEXT("shop") },
        { .name = TEXT("shop"), .scopes = unknown, .scopes_count = 1 },
        { .name = TEXT("shop"), .scopes = known, .scopes_count = 1, .has_expires_at = true },
    };
    static const char *const places[] = { "/name", "/name", "/scopes", "/scopes/0", "/expires_at" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct common_made_api_key made;
        assert_int_equal(direct_call(people_market, &ada.principal, &user_make_api_key_message,
                                     &wrong[i], &made),
                         STATUS_INVALID_VALUE);
        const struct request_fault fault = direct_last_fault(people_market);
        assert_string_equal(fault.pointer, places[i]);
        assert_true(fault.detail.length > 0);
        if (strncmp(places[i], "/scopes", 7) == 0)
            assert_int_equal(fault.allowed_count, USER_PERMISSION_COUNT);
    }
}

static enum status make_key(const struct person *person, struct common_made_api_key *ret_made)
{
    const struct text scopes[] = { TEXT("account") };
    const struct user_make_api_key make = { .name = TEXT("shop"),
                                            .scopes = scopes,
                                            .scopes_count = 1 };
    return direct_call(people_market, &person->principal, &user_make_api_key_message, &make,
                       ret_made);
}

static struct text reset_token_of(const struct person *person)
{
    assert_int_equal(forget(person->email), STATUS_OK);
    return people_token(person, IDENTITY_TICKET_RESET_PASSWORD);
}

static void give_address(const struct person *person)
{
    const struct user_add_address add = { .name = TEXT("Eve"),
                                          .line1 = TEXT("1 Back Alley"),
                                          .city = TEXT("Berlin"),
                                          .country = TEXT("DE") };
    assert_int_equal(
        direct_call(people_market, &person->principal, &user_add_address_message, &add, NULL),
        STATUS_OK);
}

static size_t addresses_of(const struct person *person)
{
    const struct user_list_addresses list = { 0 };
    struct user_addresses page;
    assert_int_equal(
        direct_call(people_market, &person->principal, &user_list_addresses_message, &list, &page),
        STATUS_OK);
    return page.data_count;
}

static void reset_of_an_address_that_was_never_proved_ends_whatever_was_there(void **state)
{
    (void)state;
    const struct person thief = people_draw();
    struct common_recovery_codes codes;
    struct common_made_api_key made;
    struct common_api_key_use use;
    struct user_signed_in reply;
    assert_int_equal(make_key(&thief, &made), STATUS_OK);
    give_address(&thief);
    (void)people_enrol(&thief, &codes);
    assert_int_equal(change_email(&thief, TEXT("thief@example.org")), STATUS_OK);
    const struct text change = people_token(&thief, IDENTITY_TICKET_CHANGE_EMAIL);

    assert_int_equal(reset(reset_token_of(&thief), "battery staple"), STATUS_OK);

    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
    assert_int_equal(people_verify(change), STATUS_INVALID_TICKET);
    assert_int_equal(people_login(&thief, "battery staple", no_code, &reply), STATUS_OK);
    assert_int_equal(people_refresh(thief.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(make_key(&thief, &made), STATUS_UNAUTHENTICATED);
    assert_int_equal(addresses_of(&thief), 0);
}

static void reset_of_who_has_proved_his_address_leaves_factor_and_addresses(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct common_made_api_key made;
    struct common_api_key_use use;
    struct user_signed_in reply;
    const struct identity_verify_email verify = { .token = people_token(
                                                      &ada, IDENTITY_TICKET_VERIFY_EMAIL) };
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_verify_email_message, &verify, NULL),
        STATUS_OK);
    assert_int_equal(make_key(&ada, &made), STATUS_OK);
    give_address(&ada);
    (void)people_enrol(&ada, &codes);
    assert_int_equal(change_email(&ada, TEXT("ada.elsewhere@example.org")), STATUS_OK);

    assert_int_equal(reset(reset_token_of(&ada), "battery staple"), STATUS_OK);

    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED); /* a thief may have made it */
    assert_int_equal(addresses_of(&ada), 1);
    assert_int_equal(people_login(&ada, "battery staple", no_code, &reply), STATUS_OTP_REQUIRED);
    assert_int_equal(people_verify(people_token(&ada, IDENTITY_TICKET_CHANGE_EMAIL)),
                     STATUS_INVALID_TICKET);
}

static void what_is_written_beside_the_reset_is_no_way_in(void **state)
{
    (void)state;
    const struct person thief = people_draw();
    struct common_made_api_key made;
    struct common_api_key_use use;
    const struct text token = reset_token_of(&thief);
    direct_queue_units(people_market);
    assert_int_equal(reset(token, "battery staple"), STATUS_OK);
    assert_int_equal(make_key(&thief, &made), STATUS_OK);
    assert_int_equal(change_email(&thief, TEXT("thief.beside@example.org")), STATUS_OK);
    assert_int_equal(direct_commit_units(people_market), 2);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

static void link_that_is_followed_without_a_session_brings_nothing_to_the_account(void **state)
{
    (void)state;
    const struct person thief = people_draw(), ada = people_draw();
    const size_t told = direct_events(people_market, user_email_was_verified_message.number);
    assert_int_equal(people_verify(people_token(&thief, IDENTITY_TICKET_VERIFY_EMAIL)), STATUS_OK);
    assert_true(me(&thief).is_email_verified);
    assert_int_equal(direct_events(people_market, user_email_was_verified_message.number), told);

    const struct identity_verify_email verify = { .token = people_token(
                                                      &ada, IDENTITY_TICKET_VERIFY_EMAIL) };
    assert_int_equal(
        direct_call(people_market, &thief.principal, &user_verify_email_message, &verify, NULL),
        STATUS_OK);
    assert_int_equal(direct_events(people_market, user_email_was_verified_message.number), told);
    assert_int_equal(reset(reset_token_of(&ada), "battery staple"), STATUS_OK);
    assert_int_equal(direct_events(people_market, user_email_was_verified_message.number),
                     told + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_of_a_message_verifies_the_address_once),
        cmocka_unit_test(tokens_that_are_late_replaced_or_of_another_purpose_do_nothing),
        cmocka_unit_test(new_address_takes_effect_when_its_token_comes_back),
        cmocka_unit_test(address_that_somebody_took_meanwhile_is_refused_at_the_end),
        cmocka_unit_test(forgotten_password_is_set_by_a_token_and_ends_every_session),
        cmocka_unit_test(nobody_learns_whose_password_was_forgotten),
        cmocka_unit_test(second_factor_is_asked_for_and_no_code_works_twice),
        cmocka_unit_test(code_in_two_hands_at_once_lets_one_in),
        cmocka_unit_test(guessed_codes_lock_the_person),
        cmocka_unit_test(factor_is_disabled_with_password_and_code),
        cmocka_unit_test(api_key_speaks_for_its_maker_within_its_scopes_until_it_ends),
        cmocka_unit_test(an_api_key_takes_a_fresh_session_or_the_password),
        cmocka_unit_test(what_is_no_api_key_is_refused_with_its_place),
        cmocka_unit_test(reset_of_an_address_that_was_never_proved_ends_whatever_was_there),
        cmocka_unit_test(reset_of_who_has_proved_his_address_leaves_factor_and_addresses),
        cmocka_unit_test(what_is_written_beside_the_reset_is_no_way_in),
        cmocka_unit_test(link_that_is_followed_without_a_session_brings_nothing_to_the_account),
    };
    people_open();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    people_close();
    return failed;
}
