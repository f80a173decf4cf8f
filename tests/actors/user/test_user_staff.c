/* Claims about what staff sees of accounts and does to them, against a scratch database. */
#include "runtime/secret.h"
#include "tests/actors/user/user_people.h"

static const struct text no_code = { 0 };
static const struct principal staff = {
    .kind = PRINCIPAL_ADMIN,
    .id = { { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16 } },
    .rights = UINT64_MAX,
};

static enum status block(const struct person *person, const char *reason)
{
    const struct user_block_user command = { .user_id = person->signed_in.user.id,
                                             .reason = text_of(reason) };
    struct user_managed_user reply;
    return direct_call(people_market, &staff, &user_block_user_message, &command, &reply);
}

static enum status unblock(const struct person *person)
{
    const struct user_unblock_user command = { .user_id = person->signed_in.user.id,
                                               .reason = TEXT("mistake") };
    struct user_managed_user reply;
    return direct_call(people_market, &staff, &user_unblock_user_message, &command, &reply);
}

static void blocked_account_is_shut_and_opens_again(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in reply;

    assert_int_equal(block(&ada, "fraud"), STATUS_OK);

    assert_int_equal(people_login(&ada, "wrong horse", no_code, &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_ACCOUNT_BLOCKED);
    assert_int_equal(people_refresh(ada.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(block(&ada, "fraud"), STATUS_ILLEGAL_TRANSITION);
    const struct user_get_shopper_standing query = { .user_id = ada.signed_in.user.id };
    struct user_shopper_standing standing;
    assert_int_equal(
        direct_call(people_market, NULL, &user_get_shopper_standing_message, &query, &standing),
        STATUS_OK);
    assert_false(standing.is_active);
    assert_int_equal(unblock(&ada), STATUS_OK);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    assert_int_equal(unblock(&ada), STATUS_ILLEGAL_TRANSITION);
}

static void session_that_was_being_opened_is_not_when_the_account_is_blocked(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct user_signed_in reply;
    direct_queue_units(people_market);
    assert_int_equal(block(&ada, "fraud"), STATUS_OK);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    assert_int_equal(direct_commit_units(people_market), 1);
}

static void api_keys_of_a_blocked_account_are_refused(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    const struct text scopes[] = { TEXT("account") };
    const struct user_make_api_key make = { .name = TEXT("k"),
                                            .scopes = scopes,
                                            .scopes_count = 1 };
    struct common_made_api_key made;
    struct common_api_key_use use;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_make_api_key_message, &make, &made),
        STATUS_OK);
    struct identity_use_api_key command = { .key_id = made.id };
    assert_int_equal(
        base64url_decode(people_arena,
                         (struct text){ made.secret.data + made.secret.length - 43, 43 },
                         &command.secret),
        STATUS_OK);
    assert_int_equal(direct_call(people_market, NULL, &user_use_api_key_message, &command, &use),
                     STATUS_OK);
    assert_int_equal(block(&ada, "fraud"), STATUS_OK);
    assert_int_equal(direct_call(people_market, NULL, &user_use_api_key_message, &command, &use),
                     STATUS_UNAUTHENTICATED);
}

static void token_that_outlives_its_account_for_a_moment_changes_nothing(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    assert_int_equal(block(&ada, "fraud"), STATUS_OK);
    const struct user_change_me rename = { .has_username = true, .username = TEXT("Another") };
    struct user_user user;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_change_me_message, &rename, &user),
        STATUS_UNAUTHENTICATED);
    const struct user_get_me query = { 0 };
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_get_me_message, &query, &user),
        STATUS_UNAUTHENTICATED);
    const struct user_add_address add = { .name = TEXT("Ada"),
                                          .line1 = TEXT("1 Main St"),
                                          .city = TEXT("London"),
                                          .country = TEXT("GB") };
    struct user_address address;
    assert_int_equal(
        direct_call(people_market, &ada.principal, &user_add_address_message, &add, &address),
        STATUS_NOT_FOUND);
}

static void reasons_are_plain_text_that_says_something(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    assert_int_equal(block(&ada, " "), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(people_market).pointer, "/reason");
    assert_int_equal(block(&ada, "a\ab"), STATUS_INVALID_VALUE);
    assert_true(direct_last_fault(people_market).detail.length > 0);
}

static void lost_factor_and_password_are_helped(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    struct common_recovery_codes codes;
    struct user_signed_in reply;
    (void)people_enrol(&ada, &codes);
    const struct user_disable_otp_of_user disable = { .user_id = ada.signed_in.user.id,
                                                      .reason = TEXT("lost phone") };
    assert_int_equal(
        direct_call(people_market, &staff, &user_disable_otp_of_user_message, &disable, NULL),
        STATUS_OK);
    assert_int_equal(
        direct_call(people_market, &staff, &user_disable_otp_of_user_message, &disable, NULL),
        STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(people_login(&ada, "correct horse", no_code, &reply), STATUS_OK);
    const struct user_send_reset_to_user send = { .user_id = ada.signed_in.user.id,
                                                  .reason = TEXT("asked by telephone") };
    assert_int_equal(
        direct_call(people_market, &staff, &user_send_reset_to_user_message, &send, NULL),
        STATUS_OK);
    const struct identity_reset_password reset = {
        .token = people_token(&ada, IDENTITY_TICKET_RESET_PASSWORD),
        .password = TEXT("battery staple"),
    };
    assert_int_equal(direct_call(people_market, NULL, &user_reset_password_message, &reset, NULL),
                     STATUS_OK);
    assert_int_equal(people_login(&ada, "battery staple", no_code, &reply), STATUS_OK);
    const struct user_sign_out_user out = { .user_id = ada.signed_in.user.id,
                                            .reason = TEXT("asked by telephone") };
    assert_int_equal(direct_call(people_market, &staff, &user_sign_out_user_message, &out, NULL),
                     STATUS_OK);
    assert_int_equal(people_refresh(reply.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
}

static void impersonation_is_short_and_names_both(void **state)
{
    (void)state;
    const struct person ada = people_draw();
    const struct user_impersonate command = { .user_id = ada.signed_in.user.id,
                                              .reason = TEXT("ticket 7") };
    struct user_impersonation reply;

    assert_int_equal(
        direct_call(people_market, &staff, &user_impersonate_message, &command, &reply), STATUS_OK);

    assert_int_equal(reply.expires_in, 900);
    assert_true(uuid_equals(reply.user.id, ada.signed_in.user.id));
    assert_true(text_equals_string(
        direct_sql(people_market,
                   "SELECT count(*) || ' ' || max(expires_at - rotated_at) FROM identity.session"
                   " WHERE impersonator_id = '01020304-0506-7008-800a-0b0c0d0e0f10'"),
        "1 900000000"));
    assert_int_equal(block(&ada, "fraud"), STATUS_OK);
    assert_int_equal(
        direct_call(people_market, &staff, &user_impersonate_message, &command, &reply),
        STATUS_ILLEGAL_TRANSITION);
}

static struct user_managed_users list(const struct user_list_users *query)
{
    struct user_managed_users page;
    assert_int_equal(direct_call(people_market, &staff, &user_list_users_message, query, &page),
                     STATUS_OK);
    return page;
}

static void lists_are_searched_by_prefix_and_status_and_paged(void **state)
{
    (void)state;
    direct_advance(people_market, 1000000);
    const struct person ada = people_draw();
    direct_advance(people_market, 1000000);
    const struct person eve = people_draw();
    struct user_managed_users page =
        list(&(struct user_list_users){ .has_limit = true, .limit = 1 });
    assert_true(page.has_more);
    assert_true(uuid_equals(page.data[0].id, eve.signed_in.user.id));
    page = list(&(struct user_list_users){
        .has_limit = true, .limit = 1, .has_after = true, .after = page.next });
    assert_true(uuid_equals(page.data[0].id, ada.signed_in.user.id));

    page = list(&(struct user_list_users){ .has_q = true, .q = ada.email });
    assert_int_equal(page.data_count, 1);
    page = list(&(struct user_list_users){ .has_q = true, .q = TEXT("ADA") });
    assert_true(page.data_count > 1);
    page = list(&(struct user_list_users){ .has_q = true, .q = TEXT("%") });
    assert_int_equal(page.data_count, 0);
    assert_int_equal(block(&ada, "fraud"), STATUS_OK);
    const struct user_list_users blocked = {
        .has_q = true, .q = ada.username, .has_status = true, .status = USER_ACCOUNT_STATUS_BLOCKED
    };
    page = list(&blocked);
    assert_true(uuid_equals(page.data[0].id, ada.signed_in.user.id));
    assert_int_equal(page.data[0].status, USER_ACCOUNT_STATUS_BLOCKED);
    page =
        list(&(struct user_list_users){ .has_status = true, .status = USER_ACCOUNT_STATUS_ERASED });
    assert_int_equal(page.data_count, 0);
    const struct user_list_users wrong = { .has_after = true, .after = TEXT("nonsense") };
    assert_int_equal(direct_call(people_market, &staff, &user_list_users_message, &wrong, &page),
                     STATUS_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocked_account_is_shut_and_opens_again),
        cmocka_unit_test(session_that_was_being_opened_is_not_when_the_account_is_blocked),
        cmocka_unit_test(api_keys_of_a_blocked_account_are_refused),
        cmocka_unit_test(token_that_outlives_its_account_for_a_moment_changes_nothing),
        cmocka_unit_test(reasons_are_plain_text_that_says_something),
        cmocka_unit_test(lost_factor_and_password_are_helped),
        cmocka_unit_test(impersonation_is_short_and_names_both),
        cmocka_unit_test(lists_are_searched_by_prefix_and_status_and_paged),
    };
    people_open();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    people_close();
    return failed;
}
