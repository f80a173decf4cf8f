/* Claims about what lets a member in beside his password: second factor, mailed tokens, API keys;
 * against a scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#include <string.h>

#include "actors/identity/identity_secret.h"

static void a_second_factor_is_asked_for_and_a_code_works_once(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct common_recovery_codes codes;
    struct vendor_signed_in reply;
    const struct text secret = shops_enrol(&shop, &codes);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply),
                     STATUS_OTP_REQUIRED);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT("banana"), &reply),
                     STATUS_WRONG_OTP);
    direct_advance(shops, 60 * INT64_C(1000000));
    const struct text code = shops_code(secret);
    assert_int_equal(shops_login(shop.email, "correct horse", code, &reply), STATUS_OK);
    assert_true(reply.member.has_second_factor);
    assert_int_equal(shops_login(shop.email, "correct horse", code, &reply), STATUS_WRONG_OTP);
    const size_t notices = shops_notices();
    assert_int_equal(shops_login(shop.email, "correct horse", codes.codes[0], &reply), STATUS_OK);
    assert_int_equal(shops_notices(), notices + 1);
    assert_int_equal(shops_login(shop.email, "correct horse", codes.codes[0], &reply),
                     STATUS_WRONG_OTP);
    const struct identity_get_otp query = { 0 };
    struct common_otp_state otp;
    assert_int_equal(shops_call(&shop, &vendor_get_otp_message, &query, &otp), STATUS_OK);
    assert_int_equal(otp.recovery_codes_left, 9);
    const struct identity_disable_otp disable = { .current_password = TEXT("correct horse"),
                                                  .code = codes.codes[1] };
    assert_int_equal(shops_call(&shop, &vendor_disable_otp_message, &disable, NULL), STATUS_OK);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply), STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_disable_otp_message, &disable, NULL),
                     STATUS_ILLEGAL_TRANSITION);
}

/* The access token lives on for a while; no lasting way in is made of it. */
static void who_was_signed_out_puts_no_second_factor_in_force(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct identity_begin_otp begin = { .current_password = TEXT("correct horse") };
    const struct identity_logout logout = { 0 };
    struct common_otp_enrolment enrolment;
    struct common_recovery_codes codes;
    struct vendor_signed_in reply;
    assert_int_equal(shops_call(&shop, &vendor_begin_otp_message, &begin, &enrolment), STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_logout_message, &logout, NULL), STATUS_OK);
    const struct identity_confirm_otp confirm = { .code = shops_code(enrolment.secret) };
    assert_int_equal(shops_call(&shop, &vendor_confirm_otp_message, &confirm, &codes),
                     STATUS_UNAUTHENTICATED);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply), STATUS_OK);
}

static void stepping_up_takes_the_factor_where_there_is_one(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct identity_step_up step = { 0 };
    struct identity_stepped_up reply;
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply),
                     STATUS_MISSING_FIELD);
    assert_string_equal(direct_last_fault(shops).pointer, "/password");
    step.has_password = true;
    step.password = TEXT("correct horse");
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply), STATUS_OK);
    struct common_recovery_codes codes;
    const struct text secret = shops_enrol(&shop, &codes);
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply),
                     STATUS_MISSING_FIELD);
    assert_string_equal(direct_last_fault(shops).pointer, "/otp");
    direct_advance(shops, 60 * INT64_C(1000000));
    step = (struct identity_step_up){ .has_otp = true, .otp = shops_code(secret) };
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply), STATUS_OK);
    assert_true(reply.access_token.length > 0);
}

static void a_forgotten_password_is_set_by_the_token_once(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct identity_forgot_password forgot = { .email = TEXT("nobody@example.org") };
    size_t notices = shops_notices();
    assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    assert_int_equal(shops_notices(), notices);
    assert_string_equal(
        text_string(shops_arena, direct_sql(shops, "SELECT count(*)::text FROM identity.ticket t"
                                                   " WHERE t.email IS NULL AND t.purpose = 2")),
        "1"); /* as much is written for nobody */
    forgot.email = shop.email;
    assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    assert_int_equal(shops_notices(), notices + 1);
    struct identity_reset_password reset = {
        .token = shops_token(shop.email, IDENTITY_TICKET_RESET_PASSWORD), .password = shop.email
    };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_PASSWORD_TOO_COMMON);
    reset.password = TEXT("battery staple");
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_OK);
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_INVALID_TICKET);
    struct vendor_signed_in reply;
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_login(shop.email, "battery staple", TEXT(""), &reply), STATUS_OK);
}

static void an_address_is_proved_by_its_own_kind_of_token(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    assert_false(shop.signed_in.member.is_email_verified);
    const struct text token = shops_token(shop.email, IDENTITY_TICKET_VERIFY_EMAIL);
    const struct identity_reset_password reset = { .token = token,
                                                   .password = TEXT("battery staple") };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_INVALID_TICKET);
    const struct identity_verify_email verify = { .token = token };
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_OK);
    const struct vendor_get_me query = { 0 };
    struct vendor_member member;
    assert_int_equal(shops_call(&shop, &vendor_get_me_message, &query, &member), STATUS_OK);
    assert_true(member.is_email_verified);
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_INVALID_TICKET);
}

/* A key and a second factor of his, whatever they are worth. */
static void plant(struct text email)
{
    (void)direct_sql(
        shops, text_string(shops_arena,
                           text_format(shops_arena,
                                       "WITH m AS (SELECT id, vendor_id FROM vendor.member"
                                       " WHERE email = '%.*s'), o AS (INSERT INTO identity.otp"
                                       " (person_id, secret, created_at, confirmed_at)"
                                       " SELECT id, '', 0, 0 FROM m) INSERT INTO identity.api_key"
                                       " (id, account_id, person_id, name, digest, rights,"
                                       " created_at) SELECT gen_random_uuid(), vendor_id, id, 'k',"
                                       " decode(repeat('00', 32), 'hex'), 1, 0 FROM m",
                                       (int)email.length, email.data)));
}

static const char *planted(struct text email)
{
    return text_string(
        shops_arena,
        direct_sql(shops,
                   text_string(shops_arena,
                               text_format(shops_arena,
                                           "SELECT (SELECT count(*) FROM identity.otp o WHERE"
                                           " o.person_id = m.id) || ' ' || (SELECT count(*) FROM"
                                           " identity.api_key k WHERE k.person_id = m.id AND"
                                           " k.revoked_at IS NULL) FROM vendor.member m"
                                           " WHERE m.email = '%.*s'",
                                           (int)email.length, email.data))));
}

static void a_reset_ends_keys_and_of_who_never_proved_his_address_the_factor(void **state)
{
    (void)state;
    const struct shop thief = shops_apply(), proved = shops_apply();
    const struct identity_verify_email verify = { .token = shops_token(
                                                      proved.email, IDENTITY_TICKET_VERIFY_EMAIL) };
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_OK);
    const struct shop *const both[] = { &thief, &proved };
    for (size_t i = 0; i < ARRAY_LENGTH(both); i++) {
        const struct identity_forgot_password forgot = { .email = both[i]->email };
        plant(both[i]->email);
        assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                         STATUS_OK);
        const struct identity_reset_password reset = {
            .token = shops_token(both[i]->email, IDENTITY_TICKET_RESET_PASSWORD),
            .password = TEXT("battery staple")
        };
        assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                         STATUS_OK);
    }
    assert_string_equal(planted(thief.email), "0 0");
    assert_string_equal(planted(proved.email), "1 0");
}

static enum status use_key(const struct common_made_api_key *made,
                           struct common_api_key_use *ret_use)
{
    struct uuid id;
    uint8_t secret[IDENTITY_SECRET_BYTES];
    const size_t lead = strlen("sk_vendor_");
    const struct text credential = { made->secret.data + lead, made->secret.length - lead };
    assert_int_equal(credential_read(credential, "key", &id, secret), STATUS_OK);
    const struct identity_use_api_key command = {
        .key_id = id, .secret = { (const char *)secret, sizeof secret }
    };
    return direct_call(shops, NULL, &vendor_use_api_key_message, &command, ret_use);
}

static void an_api_key_may_do_what_its_maker_and_the_vendor_may_now(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const enum vendor_permission scopes[] = { VENDOR_PERMISSION_VIEW_VENDOR,
                                              VENDOR_PERMISSION_MANAGE_PRODUCTS };
    const struct vendor_make_api_key make = { .name = TEXT("ERP"),
                                              .scopes = scopes,
                                              .scopes_count = 2 };
    struct common_made_api_key made;
    struct common_api_key_use use;
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, &made), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_true(uuid_equals(use.account_id, shop.principal.id));
    assert_int_equal(use.rights,
                     1 << VENDOR_PERMISSION_VIEW_VENDOR | 1 << VENDOR_PERMISSION_MANAGE_PRODUCTS);
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_int_equal(use.rights, 1 << VENDOR_PERMISSION_VIEW_VENDOR);
    const struct identity_revoke_api_key revoke = { .key_id = made.id };
    assert_int_equal(shops_call(&other, &vendor_revoke_api_key_message, &revoke, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_revoke_api_key_message, &revoke, NULL), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

/* Its tokens live on for a moment, and say what it might do before. */
static void a_team_that_was_suspended_makes_neither_keys_nor_members(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const enum vendor_permission scopes[] = { VENDOR_PERMISSION_VIEW_VENDOR };
    const struct vendor_make_api_key make = { .name = TEXT("ERP"),
                                              .scopes = scopes,
                                              .scopes_count = 1 };
    const struct vendor_invite_member invite = { .email = TEXT("late.friend@example.com"),
                                                 .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, NULL),
                     STATUS_UNAUTHENTICATED);
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL),
                     STATUS_UNAUTHENTICATED);
}

static void a_key_may_not_do_more_than_its_maker(void **state)
{
    (void)state;
    struct shop shop = shops_draw();
    shop.principal.rights = 1 << VENDOR_PERMISSION_MANAGE_KEYS;
    const enum vendor_permission scopes[] = { VENDOR_PERMISSION_VIEW_MONEY };
    struct vendor_make_api_key make = { .name = TEXT("ERP"), .scopes = scopes, .scopes_count = 1 };
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, NULL),
                     STATUS_FORBIDDEN);
    make.scopes_count = 0;
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, NULL),
                     STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_factor_is_asked_for_and_a_code_works_once),
        cmocka_unit_test(who_was_signed_out_puts_no_second_factor_in_force),
        cmocka_unit_test(stepping_up_takes_the_factor_where_there_is_one),
        cmocka_unit_test(a_forgotten_password_is_set_by_the_token_once),
        cmocka_unit_test(an_address_is_proved_by_its_own_kind_of_token),
        cmocka_unit_test(a_reset_ends_keys_and_of_who_never_proved_his_address_the_factor),
        cmocka_unit_test(an_api_key_may_do_what_its_maker_and_the_vendor_may_now),
        cmocka_unit_test(a_team_that_was_suspended_makes_neither_keys_nor_members),
        cmocka_unit_test(a_key_may_not_do_more_than_its_maker),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
