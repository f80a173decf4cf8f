/* Claims about sessions, passwords and keys of members: what opens them, what ends them, and how
 * little a refusal tells; against a scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#include <string.h>

#include "actors/identity/identity_secret.h"

#define SECOND_US INT64_C(1000000)

static enum status change_password(const struct shop *shop, const char *current, const char *new)
{
    const struct identity_change_password command = { .current_password = text_of(current),
                                                      .new_password = text_of(new) };
    return shops_call(shop, &vendor_change_password_message, &command, NULL);
}

static void set_status(const struct shop *shop, enum vendor_vendor_status status)
{
    const struct text sql =
        text_format(shops_arena, "UPDATE vendor.vendor SET status = %d WHERE name = '%.*s'",
                    (int)status, (int)shop->name.length, shop->name.data);
    (void)direct_sql(shops, text_string(shops_arena, sql));
}

/* ---- opened ---- */

static struct text proof_of(const struct shop *shop)
{
    const struct text sql =
        text_format(shops_arena, "SELECT password_hash FROM vendor.member WHERE email = '%.*s'",
                    (int)shop->email.length, shop->email.data);
    uint8_t digest[IDENTITY_DIGEST_BYTES];
    identity_digest(direct_sql(shops, text_string(shops_arena, sql)), digest);
    return (struct text){ arena_copy(shops_arena, digest, sizeof digest), sizeof digest };
}

static enum status open_session(struct uuid vendor_id, struct uuid member_id, struct text proof)
{
    const struct vendor_open_session command = { .vendor_id = vendor_id,
                                                 .member_id = member_id,
                                                 .proof = proof };
    return direct_call(shops, NULL, &vendor_open_session_message, &command, NULL);
}

static void a_password_that_was_changed_since_opens_nothing(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct text proof = proof_of(&shop);
    assert_int_equal(open_session(shop.principal.id, shop.principal.actor, proof), STATUS_OK);
    assert_int_equal(change_password(&shop, "correct horse", "battery staple"), STATUS_OK);
    assert_int_equal(open_session(shop.principal.id, shop.principal.actor, proof),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(open_session(shop.principal.id, shop.principal.actor, proof_of(&shop)),
                     STATUS_OK);
}

static void a_session_is_opened_in_the_team_that_one_is_in(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct text proof = proof_of(&shop);
    assert_int_equal(open_session(other.principal.id, shop.principal.actor, proof),
                     STATUS_NOT_FOUND);
    assert_int_equal(open_session(shop.principal.id, other.principal.actor, proof),
                     STATUS_NOT_FOUND);
    set_status(&shop, VENDOR_VENDOR_STATUS_TERMINATED);
    assert_int_equal(open_session(shop.principal.id, shop.principal.actor, proof),
                     STATUS_ACCOUNT_BLOCKED);
    /* Who does not know the password does not learn it either. */
    assert_int_equal(open_session(shop.principal.id, shop.principal.actor, proof_of(&other)),
                     STATUS_INVALID_CREDENTIALS);
}

static void a_refresh_is_for_members_of_a_vendor_that_is_there(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    struct vendor_signed_in reply;
    (void)direct_sql(
        shops, text_string(shops_arena, text_format(shops_arena,
                                                    "DELETE FROM vendor.member WHERE email"
                                                    " = '%.*s'",
                                                    (int)editor.email.length, editor.email.data)));
    assert_int_equal(shops_refresh(editor.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    set_status(&shop, VENDOR_VENDOR_STATUS_TERMINATED);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_ACCOUNT_BLOCKED);
    set_status(&shop, VENDOR_VENDOR_STATUS_APPROVED);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_OK);
    assert_int_equal(shops_refresh(TEXT("ses_nonsense"), &reply), STATUS_INVALID_REFRESH_TOKEN);
}

static void a_stolen_refresh_token_ends_the_session_and_no_other(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_signed_in here, there;
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &here), STATUS_OK);
    assert_int_equal(shops_refresh(here.refresh_token, &there), STATUS_OK);
    direct_advance(shops, 11 * SECOND_US);
    struct vendor_signed_in reply;
    assert_int_equal(shops_refresh(here.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_refresh(there.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_OK);
}

static void stepping_up_with_a_wrong_password_is_counted_apart_from_the_sign_in(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct identity_step_up guess = { .has_password = true, .password = TEXT("wrong horse") };
    for (int i = 0; i < 10; i++) {
        assert_int_equal(shops_call(&shop, &vendor_step_up_message, &guess, NULL),
                         STATUS_WRONG_PASSWORD);
        assert_string_equal(direct_last_fault(shops).pointer, "/password");
    }
    const struct identity_step_up right = { .has_password = true,
                                            .password = TEXT("correct horse") };
    struct vendor_signed_in reply;
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &right, NULL),
                     STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply), STATUS_OK);
}

static void lock_out(struct text email)
{
    struct vendor_signed_in reply;
    for (int i = 0; i < 10; i++)
        assert_int_equal(shops_login(email, "wrong horse", TEXT(""), &reply),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(shops_login(email, "correct horse", TEXT(""), &reply),
                     STATUS_TOO_MANY_REQUESTS);
}

static void strangers_keep_no_member_out_who_was_let_in_before(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_signed_in here, reply;
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &here), STATUS_OK);
    assert_true(here.has_device);
    lock_out(shop.email);
    const struct vendor_login login = { .email = shop.email,
                                        .password = TEXT("correct horse"),
                                        .has_device = true,
                                        .device = here.device };
    assert_int_equal(direct_call(shops, NULL, &vendor_login_message, &login, &reply), STATUS_OK);
    assert_text_equal(reply.device, here.device);
}

static void a_new_password_by_a_message_lifts_the_lock(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_signed_in reply;
    const struct identity_forgot_password forgot = { .email = shop.email };
    lock_out(shop.email);
    assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    const struct identity_reset_password reset = {
        .token = shops_token(shop.email, IDENTITY_TICKET_RESET_PASSWORD),
        .password = TEXT("battery staple"),
    };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_OK);
    assert_int_equal(shops_login(shop.email, "battery staple", TEXT(""), &reply), STATUS_OK);
}

static void stepping_up_by_a_recovery_code_is_told(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct common_recovery_codes codes;
    (void)shops_enrol(&shop, &codes);
    const size_t notices = shops_notices();
    const struct identity_step_up step = { .has_otp = true, .otp = codes.codes[3] };
    struct identity_stepped_up reply;
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply), STATUS_OK);
    assert_text_equal(reply.token_type, TEXT("Bearer"));
    assert_int_equal(shops_notices(), notices + 1);
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &step, &reply), STATUS_WRONG_OTP);
    const struct identity_logout logout = { 0 };
    assert_int_equal(shops_call(&shop, &vendor_logout_message, &logout, NULL), STATUS_OK);
    const struct identity_step_up again = { .has_otp = true, .otp = codes.codes[4] };
    assert_int_equal(shops_call(&shop, &vendor_step_up_message, &again, &reply),
                     STATUS_UNAUTHENTICATED);
}

/* ---- ended ---- */

static void a_new_password_ends_the_members_other_sessions_and_not_his_teams(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    struct vendor_signed_in second, reply;
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &second), STATUS_OK);
    const size_t notices = shops_notices();
    assert_int_equal(change_password(&shop, "correct horse", "battery staple"), STATUS_OK);
    assert_int_equal(shops_notices(), notices + 1);
    assert_int_equal(shops_refresh(second.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_OK);
    assert_int_equal(shops_refresh(editor.signed_in.refresh_token, &reply), STATUS_OK);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
}

static void sessions_are_listed_and_ended_by_member(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    const struct identity_list_sessions query = { 0 };
    struct common_sign_ins list;
    assert_int_equal(shops_call(&editor, &vendor_list_sessions_message, &query, &list), STATUS_OK);
    assert_int_equal(list.data_count, 1); /* not those of the owner */
    assert_true(list.data[0].is_current);
    struct vendor_signed_in second, reply;
    assert_int_equal(shops_login(editor.email, "correct horse", TEXT(""), &second), STATUS_OK);
    const struct identity_end_other_sessions others = { 0 };
    assert_int_equal(shops_call(&editor, &vendor_end_other_sessions_message, &others, NULL),
                     STATUS_OK);
    assert_int_equal(shops_refresh(second.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_OK);
    const struct identity_list_ended_sessions ask = { .after_us = 0 };
    struct common_ended_sessions ended;
    assert_int_equal(direct_call(shops, NULL, &vendor_list_ended_sessions_message, &ask, &ended),
                     STATUS_OK);
    assert_true(ended.session_ids_count > 0);
}

/* ---- forgotten and proved ---- */

static enum status forget_password(const char *email)
{
    const struct identity_forgot_password command = { .email = text_of(email) };
    return direct_call(shops, NULL, &vendor_forgot_password_message, &command, NULL);
}

static void an_address_is_asked_after_five_times_an_hour_known_or_not(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const char *const addresses[] = { text_string(shops_arena, shop.email),
                                      "stranger@example.net" };
    for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
        for (int round = 0; round < 5; round++)
            assert_int_equal(forget_password(addresses[i]), STATUS_OK);
        assert_int_equal(forget_password(addresses[i]), STATUS_TOO_MANY_REQUESTS);
    }
    assert_int_equal(forget_password("no address"), STATUS_OK); /* nothing is told, nothing sent */
    direct_advance(shops, 3600 * SECOND_US);
    assert_int_equal(forget_password(addresses[0]), STATUS_OK);
}

static void a_later_token_ends_the_one_before(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const char *email = text_string(shops_arena, shop.email);
    assert_int_equal(forget_password(email), STATUS_OK);
    const struct text old = shops_token(shop.email, IDENTITY_TICKET_RESET_PASSWORD);
    direct_advance(shops, SECOND_US);
    assert_int_equal(forget_password(email), STATUS_OK);
    struct identity_reset_password reset = { .token = old, .password = TEXT("battery staple") };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_INVALID_TICKET);
    reset.token = shops_token(shop.email, IDENTITY_TICKET_RESET_PASSWORD);
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_OK);
}

static void a_proof_of_an_address_is_sent_again_until_it_came(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    const struct identity_send_verification send = { 0 };
    const struct text first = shops_token(shop.email, IDENTITY_TICKET_VERIFY_EMAIL);
    const size_t notices = shops_notices();
    direct_advance(shops, SECOND_US);
    assert_int_equal(shops_call(&shop, &vendor_send_verification_message, &send, NULL), STATUS_OK);
    assert_int_equal(shops_notices(), notices + 1);
    struct identity_verify_email verify = { .token = first };
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_INVALID_TICKET);
    for (int i = 1; i < 5; i++) {
        direct_advance(shops, SECOND_US);
        assert_int_equal(shops_call(&shop, &vendor_send_verification_message, &send, NULL),
                         STATUS_OK);
    }
    assert_int_equal(shops_call(&shop, &vendor_send_verification_message, &send, NULL),
                     STATUS_TOO_MANY_REQUESTS);
    verify.token = shops_token(shop.email, IDENTITY_TICKET_VERIFY_EMAIL);
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_OK);
    const size_t after = shops_notices();
    assert_int_equal(shops_call(&shop, &vendor_send_verification_message, &send, NULL), STATUS_OK);
    assert_int_equal(shops_notices(), after);
}

static void a_token_proves_the_address_that_it_was_sent_to(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    const struct identity_verify_email verify = { .token = shops_token(
                                                      shop.email, IDENTITY_TICKET_VERIFY_EMAIL) };
    const struct text sql = text_format(shops_arena,
                                        "UPDATE vendor.member SET email = 'moved-' || email"
                                        " WHERE email = '%.*s'",
                                        (int)shop.email.length, shop.email.data);
    (void)direct_sql(shops, text_string(shops_arena, sql));
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_INVALID_TICKET);
    const struct vendor_get_me query = { 0 };
    struct vendor_member me;
    assert_int_equal(shops_call(&shop, &vendor_get_me_message, &query, &me), STATUS_OK);
    assert_false(me.is_email_verified);
}

/* ---- keys ---- */

static const enum vendor_permission scopes[] = { VENDOR_PERMISSION_VIEW_VENDOR,
                                                 VENDOR_PERMISSION_VIEW_ORDERS,
                                                 VENDOR_PERMISSION_MANAGE_PRODUCTS };

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

static void a_key_is_made_for_a_time_to_come_and_ends_then(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_make_api_key make = { .name = TEXT("\u200b"),
                                        .scopes = scopes,
                                        .scopes_count = ARRAY_LENGTH(scopes),
                                        .has_expires_at = true,
                                        .expires_at_us = direct_now_us(shops) };
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(shops).pointer, "/name");
    make.name = TEXT(" ERP ");
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(shops).pointer, "/expires_at");
    make.expires_at_us += 60 * SECOND_US;
    struct common_made_api_key made;
    const size_t notices = shops_notices();
    assert_int_equal(shops_call(&shop, &vendor_make_api_key_message, &make, &made), STATUS_OK);
    assert_int_equal(shops_notices(), notices + 1);
    const struct identity_list_api_keys query = { 0 };
    struct common_api_keys list;
    assert_int_equal(shops_call(&shop, &vendor_list_api_keys_message, &query, &list), STATUS_OK);
    assert_int_equal(list.data_count, 1);
    assert_text_equal(list.data[0].name, TEXT("ERP"));
    assert_int_equal(list.data[0].scopes_count, ARRAY_LENGTH(scopes));
    assert_text_equal(list.data[0].scopes[2], TEXT("view_orders"));
    struct common_api_key_use use;
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    direct_advance(shops, 60 * SECOND_US);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

static void a_key_loses_what_its_maker_loses(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop maker = shops_join(&shop, VENDOR_ROLE_OWNER);
    const struct vendor_make_api_key make = { .name = TEXT("ERP"),
                                              .scopes = scopes,
                                              .scopes_count = ARRAY_LENGTH(scopes) };
    struct common_made_api_key made;
    struct common_api_key_use use;
    assert_int_equal(shops_call(&maker, &vendor_make_api_key_message, &make, &made), STATUS_OK);
    const struct vendor_change_member demote = { .member_id = maker.principal.actor,
                                                 .role = VENDOR_ROLE_FULFILMENT };
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &demote, NULL), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_int_equal(use.rights,
                     1 << VENDOR_PERMISSION_VIEW_VENDOR | 1 << VENDOR_PERMISSION_VIEW_ORDERS);
    set_status(&shop, VENDOR_VENDOR_STATUS_TERMINATED);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
    set_status(&shop, VENDOR_VENDOR_STATUS_APPROVED);
    const struct vendor_remove_member remove = { .member_id = maker.principal.actor };
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_that_was_changed_since_opens_nothing),
        cmocka_unit_test(a_session_is_opened_in_the_team_that_one_is_in),
        cmocka_unit_test(a_refresh_is_for_members_of_a_vendor_that_is_there),
        cmocka_unit_test(a_stolen_refresh_token_ends_the_session_and_no_other),
        cmocka_unit_test(stepping_up_with_a_wrong_password_is_counted_apart_from_the_sign_in),
        cmocka_unit_test(strangers_keep_no_member_out_who_was_let_in_before),
        cmocka_unit_test(a_new_password_by_a_message_lifts_the_lock),
        cmocka_unit_test(stepping_up_by_a_recovery_code_is_told),
        cmocka_unit_test(a_new_password_ends_the_members_other_sessions_and_not_his_teams),
        cmocka_unit_test(sessions_are_listed_and_ended_by_member),
        cmocka_unit_test(an_address_is_asked_after_five_times_an_hour_known_or_not),
        cmocka_unit_test(a_later_token_ends_the_one_before),
        cmocka_unit_test(a_proof_of_an_address_is_sent_again_until_it_came),
        cmocka_unit_test(a_token_proves_the_address_that_it_was_sent_to),
        cmocka_unit_test(a_key_is_made_for_a_time_to_come_and_ends_then),
        cmocka_unit_test(a_key_loses_what_its_maker_loses),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
