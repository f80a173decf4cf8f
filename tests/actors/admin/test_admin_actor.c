/* Claims about sign-in of staff, second factors and passwords, against a scratch database. The test
 * market wants a second factor, as markets do. */
#include "tests/actors/admin/admin_story.h"

#include "actors/admin/admin.h"

#include "runtime/secret.h"

/* What a token says; the test believes it. */
static bool token_says(struct text token, const char *claim)
{
    const struct text body = { token.data + strlen("v4.public."),
                               token.length - strlen("v4.public.") };
    struct text bytes;
    const char *dot = memchr(body.data, '.', body.length);
    const size_t length = dot == NULL ? body.length : (size_t)(dot - body.data);
    assert_int_equal(base64url_decode(arena, (struct text){ body.data, length }, &bytes),
                     STATUS_OK);
    return memmem(bytes.data, bytes.length, claim, strlen(claim)) != NULL;
}

static void item_27_first_sign_in_may_only_enrol_a_second_factor(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in, refreshed;
    struct common_recovery_codes codes;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    assert_true(signed_in.needs_second_factor);
    assert_true(token_says(signed_in.access_token, "\"rgt\":\"0\""));
    assert_false(token_says(signed_in.access_token, "\"cnf\""));
    const struct principal principal = principal_of(&signed_in);

    (void)enrol(&principal, &codes);

    assert_int_equal(codes.codes_count, 10);
    assert_int_equal(refresh(signed_in.refresh_token, &refreshed), STATUS_OK);
    assert_false(refreshed.needs_second_factor);
    assert_true(token_says(refreshed.access_token, "\"rgt\":\"1ffff\""));
    assert_true(token_says(refreshed.access_token, "\"cnf\""));
}

static void session_that_gave_no_factor_gains_nothing_by_another_ones_enrolment(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in thief, owner, reply;
    struct common_recovery_codes codes;
    assert_int_equal(login(staff.email, password, NULL, &thief), STATUS_OK);
    assert_int_equal(login(staff.email, password, NULL, &owner), STATUS_OK);
    const struct principal principal = principal_of(&owner);
    (void)enrol(&principal, &codes);
    assert_int_equal(refresh(thief.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
}

static void second_factor_is_asked_for_and_no_code_works_twice(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in first, reply;
    struct common_recovery_codes codes;
    assert_int_equal(login(staff.email, password, NULL, &first), STATUS_OK);
    const struct principal principal = principal_of(&first);
    const struct text secret = enrol(&principal, &codes);

    assert_int_equal(login(staff.email, password, NULL, &reply), STATUS_OTP_REQUIRED);
    assert_string_equal(direct_last_fault(market).pointer, "/otp");
    assert_int_equal(login(staff.email, password, "nonsense", &reply), STATUS_WRONG_OTP);
    assert_int_equal(login(staff.email, TEXT("wrong horse"), code_of(secret), &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(staff.email, password, code_of(secret), &reply), STATUS_OK);
    assert_false(reply.needs_second_factor);
    assert_int_equal(login(staff.email, password, code_of(secret), &reply), STATUS_WRONG_OTP);

    const char *recovery = text_string(arena, codes.codes[3]);
    assert_int_equal(login(staff.email, password, recovery, &reply), STATUS_OK);
    assert_int_equal(login(staff.email, password, recovery, &reply), STATUS_WRONG_OTP);
    struct common_otp_state otp;
    const struct identity_get_otp get = { 0 };
    assert_int_equal(direct_call(market, &principal, &admin_get_otp_message, &get, &otp),
                     STATUS_OK);
    assert_true(otp.is_enabled && otp.recovery_codes_left == 9);
}

static void known_and_unknown_addresses_are_locked_alike(void **state)
{
    (void)state;
    const struct text known = create_owner().email, unknown = TEXT("nobody@example.com");
    struct admin_signed_in reply;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(login(known, TEXT("wrong horse"), NULL, &reply),
                         STATUS_INVALID_CREDENTIALS);
        assert_int_equal(login(unknown, TEXT("wrong horse"), NULL, &reply),
                         STATUS_INVALID_CREDENTIALS);
    }
    assert_int_equal(login(known, password, NULL, &reply), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(login(unknown, password, NULL, &reply), STATUS_TOO_MANY_REQUESTS);
}

static void item_25_refresh_token_used_twice_ends_the_session(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in first, second, reply;
    assert_int_equal(login(staff.email, password, NULL, &first), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &second), STATUS_OK);
    direct_advance(market, INT64_C(11) * 1000000);
    assert_int_equal(refresh(first.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(second.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
}

static void step_up_takes_the_factor_where_there_is_one(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in;
    struct identity_stepped_up up;
    struct common_recovery_codes codes;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    const struct text secret = enrol(&principal, &codes);

    const struct identity_step_up by_password = { .has_password = true, .password = password };
    assert_int_equal(direct_call(market, &principal, &admin_step_up_message, &by_password, &up),
                     STATUS_MISSING_FIELD);
    assert_string_equal(direct_last_fault(market).pointer, "/otp");
    const struct identity_step_up by_code = { .has_otp = true, .otp = text_of(code_of(secret)) };
    assert_int_equal(direct_call(market, &principal, &admin_step_up_message, &by_code, &up),
                     STATUS_OK);
    assert_true(token_says(up.access_token, "\"cnf\""));
    assert_true(token_says(up.access_token, "\"rgt\":\"1ffff\""));
}

static void step_up_needs_a_proof_and_a_right_one(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in;
    struct identity_stepped_up up;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    const struct identity_step_up nothing = { 0 };
    assert_int_equal(direct_call(market, &principal, &admin_step_up_message, &nothing, &up),
                     STATUS_MISSING_FIELD);
    const struct identity_step_up wrong = { .has_password = true, .password = TEXT("wrong horse") };
    assert_int_equal(direct_call(market, &principal, &admin_step_up_message, &wrong, &up),
                     STATUS_WRONG_PASSWORD);
}

static void factor_cannot_be_ended_while_the_market_wants_one(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    const struct identity_disable_otp disable = { .current_password = password,
                                                  .code = TEXT("000000") };
    assert_int_equal(direct_call(market, &principal, &admin_disable_otp_message, &disable, NULL),
                     STATUS_SECOND_FACTOR_REQUIRED);
}

static void new_recovery_codes_replace_the_old_ones(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in, reply;
    struct common_recovery_codes old, new;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    const struct text secret = enrol(&principal, &old);
    const struct identity_renew_recovery_codes renew = { .code = text_of(code_of(secret)) };
    assert_int_equal(
        direct_call(market, &principal, &admin_renew_recovery_codes_message, &renew, &new),
        STATUS_OK);
    assert_int_equal(login(staff.email, password, text_string(arena, old.codes[0]), &reply),
                     STATUS_WRONG_OTP);
    assert_int_equal(login(staff.email, password, text_string(arena, new.codes[0]), &reply),
                     STATUS_OK);
}

static void item_26_new_password_ends_other_sessions_and_a_common_one_is_refused(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in here, there, reply;
    assert_int_equal(login(staff.email, password, NULL, &here), STATUS_OK);
    assert_int_equal(login(staff.email, password, NULL, &there), STATUS_OK);
    const struct principal principal = principal_of(&here);
    struct identity_change_password change = { .current_password = password,
                                               .new_password = TEXT("password1") };
    assert_int_equal(direct_call(market, &principal, &admin_change_password_message, &change, NULL),
                     STATUS_PASSWORD_TOO_COMMON);
    assert_string_equal(direct_last_fault(market).pointer, "/new_password");
    change.new_password = TEXT("battery staple");
    assert_int_equal(direct_call(market, &principal, &admin_change_password_message, &change, NULL),
                     STATUS_OK);

    struct common_ended_sessions ended;
    const struct identity_list_ended_sessions list = { .after_us = 0 };
    assert_int_equal(direct_call(market, NULL, &admin_list_ended_sessions_message, &list, &ended),
                     STATUS_OK);
    const struct principal gone = principal_of(&there);
    bool is_listed = false;
    for (size_t i = 0; i < ended.session_ids_count; i++)
        is_listed = is_listed || uuid_equals(ended.session_ids[i], gone.session);
    assert_true(is_listed);
    assert_int_equal(refresh(there.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(here.refresh_token, &reply), STATUS_OK);
    assert_int_equal(login(staff.email, TEXT("battery staple"), NULL, &reply), STATUS_OK);
}

static void forgotten_password_is_answered_alike_and_leaves_a_ticket_for_the_known_one(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    const size_t before = direct_events(market, admin_notice_was_raised_message.number);
    const struct identity_forgot_password unknown = { .email = TEXT("Nobody.Else@example.com") };
    const struct identity_forgot_password known = { .email = staff.email };
    const struct identity_forgot_password nonsense = { .email = TEXT("no address") };
    assert_int_equal(direct_call(market, NULL, &admin_forgot_password_message, &nonsense, NULL),
                     STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &admin_forgot_password_message, &unknown, NULL),
                     STATUS_OK);
    assert_int_equal(direct_events(market, admin_notice_was_raised_message.number), before);
    assert_int_equal(direct_call(market, NULL, &admin_forgot_password_message, &known, NULL),
                     STATUS_OK);
    assert_int_equal(direct_events(market, admin_notice_was_raised_message.number), before + 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(direct_call(market, NULL, &admin_forgot_password_message, &known, NULL),
                         STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &admin_forgot_password_message, &known, NULL),
                     STATUS_TOO_MANY_REQUESTS);
}

static void foreign_or_malformed_tokens_reset_nothing(void **state)
{
    (void)state;
    static const char *const tokens[] = { "x", "tic_", "tic_00000000000000000000000000.",
                                          ("tic_00000000000000000000000000."
                                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") };
    for (size_t i = 0; i < ARRAY_LENGTH(tokens); i++) {
        const struct identity_reset_password reset = { .token = text_of(tokens[i]),
                                                       .password = TEXT("battery staple") };
        const struct admin_accept_invitation accept = { .token = text_of(tokens[i]),
                                                        .password = TEXT("battery staple") };
        assert_int_equal(direct_call(market, NULL, &admin_reset_password_message, &reset, NULL),
                         STATUS_INVALID_TICKET);
        assert_int_equal(direct_call(market, NULL, &admin_accept_invitation_message, &accept, NULL),
                         STATUS_INVALID_TICKET);
    }
}

static void signing_key_is_made_before_anybody_signs_in(void **state)
{
    (void)state;
    struct common_token_keys keys;
    const struct identity_get_token_keys get = { 0 };
    assert_int_equal(direct_sweep(market, "admin_signing_key"), STATUS_OK);
    assert_int_equal(direct_sweep(market, "admin_identity_trim"), STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &admin_get_token_keys_message, &get, &keys),
                     STATUS_OK);
    assert_true(keys.keys_count >= 1);
    assert_int_equal(keys.keys[0].audience, COMMON_AUDIENCE_ADMIN);
}

static void strangers_keep_no_staff_out_that_was_let_in_before(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in here, reply;
    assert_int_equal(login(staff.email, password, NULL, &here), STATUS_OK);
    assert_true(here.has_device);
    for (int i = 0; i < 10; i++)
        assert_int_equal(login(staff.email, TEXT("wrong horse"), NULL, &reply),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(staff.email, password, NULL, &reply), STATUS_TOO_MANY_REQUESTS);
    const struct admin_login from_here = {
        .email = staff.email, .password = password, .has_device = true, .device = here.device
    };
    assert_int_equal(direct_call(market, NULL, &admin_login_message, &from_here, &reply),
                     STATUS_OK);
}

static int64_t rights_now(struct uuid staff_id)
{
    const struct admin_get_staff_rights query = { .staff_id = staff_id };
    struct admin_staff_rights reply;
    assert_int_equal(direct_call(market, NULL, &admin_get_staff_rights_message, &query, &reply),
                     STATUS_OK);
    return reply.rights;
}

/* Whatever he has asked for before, and whatever his tokens say. */
static void what_somebody_may_do_now_goes_by_his_role_and_ends_with_his_place(void **state)
{
    (void)state;
    const struct admin_staff owner = create_owner(), other = create_owner();
    struct admin_signed_in signed_in;
    struct admin_staff reply;
    assert_int_equal(login(owner.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    assert_int_equal(rights_now(other.id), (int64_t)ADMIN_RIGHTS_ALL);
    struct admin_change_staff command = { .staff_id = other.id,
                                          .has_role = true,
                                          .role = ADMIN_STAFF_ROLE_FINANCE,
                                          .reason = TEXT("because") };
    assert_int_equal(direct_call(market, &principal, &admin_change_staff_message, &command, &reply),
                     STATUS_OK);
    assert_int_equal(rights_now(other.id), (int64_t)admin_rights_of(ADMIN_STAFF_ROLE_FINANCE));
    command.has_is_active = true;
    command.is_active = false;
    assert_int_equal(direct_call(market, &principal, &admin_change_staff_message, &command, &reply),
                     STATUS_OK);
    assert_int_equal(rights_now(other.id), 0);
    assert_int_equal(rights_now((struct uuid){ { 7 } }), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_somebody_may_do_now_goes_by_his_role_and_ends_with_his_place),
        cmocka_unit_test(strangers_keep_no_staff_out_that_was_let_in_before),
        cmocka_unit_test(signing_key_is_made_before_anybody_signs_in),
        cmocka_unit_test(item_27_first_sign_in_may_only_enrol_a_second_factor),
        cmocka_unit_test(session_that_gave_no_factor_gains_nothing_by_another_ones_enrolment),
        cmocka_unit_test(second_factor_is_asked_for_and_no_code_works_twice),
        cmocka_unit_test(known_and_unknown_addresses_are_locked_alike),
        cmocka_unit_test(item_25_refresh_token_used_twice_ends_the_session),
        cmocka_unit_test(step_up_takes_the_factor_where_there_is_one),
        cmocka_unit_test(step_up_needs_a_proof_and_a_right_one),
        cmocka_unit_test(factor_cannot_be_ended_while_the_market_wants_one),
        cmocka_unit_test(new_recovery_codes_replace_the_old_ones),
        cmocka_unit_test(item_26_new_password_ends_other_sessions_and_a_common_one_is_refused),
        cmocka_unit_test(
            forgotten_password_is_answered_alike_and_leaves_a_ticket_for_the_known_one),
        cmocka_unit_test(foreign_or_malformed_tokens_reset_nothing),
    };
    return cmocka_run_group_tests(tests, story_open, story_close);
}
