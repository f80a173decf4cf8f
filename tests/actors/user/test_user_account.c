/* Claims about user names and passwords that are changed, and about passwords that are guessed,
 * against a scratch database. */
#include "tests/support/cmocka.h"

#include "tests/support/direct_request.h"
#include "user_handlers.h"

extern const struct domain_definition user_domain;

static struct direct_market *market;
static struct arena *arena;
static unsigned drawn;

/* An address and a user name that no test had before. */
static struct user_register draw_shopper(void)
{
    drawn++;
    return (struct user_register){ .email = text_format(arena, "ada%u@example.com", drawn),
                                   .username = text_format(arena, "Ada%u", drawn),
                                   .password = TEXT("correct horse") };
}

static enum status register_(const struct user_register *command, struct user_signed_in *ret_reply)
{
    return direct_call(market, NULL, &user_register_message, command, ret_reply);
}

static enum status login(struct text email, struct text password, struct user_signed_in *ret_reply)
{
    const struct user_login command = { .email = email, .password = password };
    return direct_call(market, NULL, &user_login_message, &command, ret_reply);
}

static enum status refresh(struct text token, struct user_signed_in *ret_reply)
{
    const struct identity_refresh command = { .refresh_token = token };
    return direct_call(market, NULL, &user_refresh_message, &command, ret_reply);
}

static struct principal principal_of(const struct user_signed_in *signed_in)
{
    struct principal principal = { .kind = PRINCIPAL_SHOPPER, .id = signed_in->user.id };
    assert_int_equal(
        id_parse((struct text){ signed_in->refresh_token.data, 30 }, "ses", &principal.session),
        STATUS_OK);
    return principal;
}

static enum status change_password(const struct principal *principal, const char *current,
                                   const char *new)
{
    const struct identity_change_password command = { .current_password = text_of(current),
                                                      .new_password = text_of(new) };
    return direct_call(market, principal, &user_change_password_message, &command, NULL);
}

static void new_password_ends_every_other_session(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, there, reply;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    assert_int_equal(login(shopper.email, shopper.password, &there), STATUS_OK);
    const struct principal principal = principal_of(&here);

    assert_int_equal(change_password(&principal, "correct horse", "battery staple"), STATUS_OK);

    assert_int_equal(refresh(there.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(here.refresh_token, &reply), STATUS_OK);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(shopper.email, TEXT("battery staple"), &reply), STATUS_OK);
}

static void wrong_current_password_changes_nothing(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, there, reply;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    assert_int_equal(login(shopper.email, shopper.password, &there), STATUS_OK);
    const struct principal principal = principal_of(&here);

    assert_int_equal(change_password(&principal, "wrong horse", "battery staple"),
                     STATUS_WRONG_PASSWORD);

    assert_string_equal(direct_last_fault(market).pointer, "/current_password");
    assert_int_equal(refresh(there.refresh_token, &reply), STATUS_OK);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
}

static void session_is_not_opened_with_a_password_that_was_changed_meanwhile(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, reply;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    static const char stale[32];
    const struct user_open_session command = { .user_id = here.user.id,
                                               .proof = { stale, sizeof stale } };
    assert_int_equal(direct_call(market, NULL, &user_open_session_message, &command, &reply),
                     STATUS_INVALID_CREDENTIALS);
}

static enum status rename_to(const struct principal *principal, struct text name,
                             struct user_user *ret_user)
{
    const struct user_change_me command = { .has_username = true, .username = name };
    return direct_call(market, principal, &user_change_me_message, &command, ret_user);
}

static void user_name_is_changed_unless_it_is_taken(void **state)
{
    (void)state;
    const struct user_register ada = draw_shopper();
    struct user_register eve = draw_shopper();
    struct user_signed_in ada_in, eve_in, reply;
    struct user_user user;
    assert_int_equal(register_(&ada, &ada_in), STATUS_OK);
    assert_int_equal(register_(&eve, &eve_in), STATUS_OK);
    const struct principal at_ada = principal_of(&ada_in), at_eve = principal_of(&eve_in);

    assert_int_equal(rename_to(&at_ada, eve.username, &user), STATUS_USERNAME_TAKEN);
    assert_int_equal(rename_to(&at_ada, TEXT("a b"), &user), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/username");
    assert_int_equal(rename_to(&at_ada, TEXT("Countess"), &user), STATUS_OK);
    assert_true(text_equals_string(user.username, "Countess"));
    assert_int_equal(rename_to(&at_ada, TEXT("COUNTESS"), &user), STATUS_OK);
    assert_int_equal(rename_to(&at_eve, ada.username, &user), STATUS_OK);

    const struct user_get_me me = { 0 };
    assert_int_equal(direct_call(market, &at_ada, &user_get_me_message, &me, &user), STATUS_OK);
    assert_true(text_equals_string(user.username, "COUNTESS"));
    eve = draw_shopper();
    eve.username = TEXT("countess");
    assert_int_equal(register_(&eve, &reply), STATUS_USERNAME_TAKEN);
}

static void a_change_of_what_was_not_seen_is_refused(void **state)
{
    (void)state;
    const struct user_register ada = draw_shopper();
    struct user_signed_in signed_in;
    assert_int_equal(register_(&ada, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    struct user_user user;
    assert_int_equal(
        direct_call(market, &principal, &user_get_me_message, &(struct user_get_me){ 0 }, &user),
        STATUS_OK);
    int64_t version = user.version + 1;
    const struct user_change_me command = {
        .has_locale = true, .locale = COMMON_LOCALE_DE, .versions = &version, .versions_count = 1
    };
    assert_int_equal(direct_call(market, &principal, &user_change_me_message, &command, NULL),
                     STATUS_PRECONDITION_FAILED);
    version = user.version;
    assert_int_equal(direct_call(market, &principal, &user_change_me_message, &command, &user),
                     STATUS_OK);
    assert_int_equal(user.version, version + 1);
}

static void change_of_nothing_answers_the_account(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here;
    struct user_user user;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    const struct principal principal = principal_of(&here);
    const struct user_change_me command = { 0 };
    assert_int_equal(direct_call(market, &principal, &user_change_me_message, &command, &user),
                     STATUS_OK);
    assert_true(text_equals(user.username, shopper.username));
}

static const int64_t second_us = 1000000;

static void guess(struct text email, int count)
{
    struct user_signed_in reply;
    for (int i = 0; i < count; i++)
        assert_int_equal(login(email, TEXT("wrong horse"), &reply), STATUS_INVALID_CREDENTIALS);
}

static void ten_failures_lock_the_address_for_a_while(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper(), other = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    assert_int_equal(register_(&other, &reply), STATUS_OK);
    guess(shopper.email, 10);

    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_TOO_MANY_REQUESTS);

    assert_int_equal(direct_last_fault(market).code, STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(direct_last_fault(market).available, 900);
    assert_int_equal(login(other.email, other.password, &reply), STATUS_OK);
    direct_forget(market);
    direct_advance(market, 899 * second_us);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(direct_last_fault(market).available, 1);
    direct_advance(market, second_us);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
}

static void unknown_address_is_locked_like_a_known_one(void **state)
{
    (void)state;
    struct user_signed_in reply;
    guess(TEXT("nobody@example.com"), 10);
    assert_int_equal(login(TEXT("nobody@example.com"), TEXT("wrong horse"), &reply),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(direct_last_fault(market).available, 900);
}

static void other_spelling_counts_for_the_same_address(void **state)
{
    (void)state;
    struct user_signed_in reply;
    guess(TEXT("somebody@example.com"), 5);
    guess(TEXT(" SomeBody@Example.com"), 5);
    assert_int_equal(login(TEXT("SOMEBODY@example.com"), TEXT("wrong horse"), &reply),
                     STATUS_TOO_MANY_REQUESTS);
}

static void right_password_ends_the_count(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    guess(shopper.email, 9);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
    guess(shopper.email, 9);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
}

static void guesses_at_the_current_password_are_counted_apart(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, reply;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    const struct principal principal = principal_of(&here);
    for (int i = 0; i < 10; i++)
        assert_int_equal(change_password(&principal, "wrong horse", "battery staple"),
                         STATUS_WRONG_PASSWORD);
    assert_int_equal(change_password(&principal, "correct horse", "battery staple"),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
}

static void counts_that_say_nothing_any_more_are_swept(void **state)
{
    (void)state;
    static const char count[] = "SELECT count(*) FROM identity.failures";
    direct_advance(market, 48 * 3600 * second_us);
    assert_int_equal(direct_sweep(market, "user_identity_trim"), STATUS_OK);
    assert_true(text_equals_string(direct_sql(market, count), "0"));
    guess(TEXT("nobody@example.com"), 1);
    assert_int_equal(direct_sweep(market, "user_identity_trim"), STATUS_OK);
    assert_true(text_equals_string(direct_sql(market, count), "1"));
    direct_advance(market, 15 * 60 * second_us + 1);
    assert_int_equal(direct_sweep(market, "user_identity_trim"), STATUS_OK);
    assert_true(text_equals_string(direct_sql(market, count), "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_what_was_not_seen_is_refused),
        cmocka_unit_test(new_password_ends_every_other_session),
        cmocka_unit_test(wrong_current_password_changes_nothing),
        cmocka_unit_test(session_is_not_opened_with_a_password_that_was_changed_meanwhile),
        cmocka_unit_test(user_name_is_changed_unless_it_is_taken),
        cmocka_unit_test(change_of_nothing_answers_the_account),
        cmocka_unit_test(ten_failures_lock_the_address_for_a_while),
        cmocka_unit_test(unknown_address_is_locked_like_a_known_one),
        cmocka_unit_test(other_spelling_counts_for_the_same_address),
        cmocka_unit_test(right_password_ends_the_count),
        cmocka_unit_test(guesses_at_the_current_password_are_counted_apart),
        cmocka_unit_test(counts_that_say_nothing_any_more_are_swept),
    };
    market = direct_market_new(&user_domain);
    arena = arena_new(65536);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(&arena);
    direct_market_destroy(&market);
    return failed;
}
