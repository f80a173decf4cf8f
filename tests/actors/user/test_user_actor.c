/* Claims about the user domain's handlers and their SQL, against a scratch database. */
#include "tests/support/direct_request.h"

#include <string.h>

#include "runtime/paseto.h"
#include "tests/support/cmocka.h"
#include "user_handlers.h"

extern const struct domain_definition user_domain;

static struct direct_market *market;
static struct arena *arena;
static unsigned drawn;
static const int64_t second_us = 1000000;

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

static bool contains(struct text text, const char *part)
{
    return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

static void register_opens_account_and_session_in_one_shard(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;

    assert_int_equal(register_(&shopper, &reply), STATUS_OK);

    assert_true(text_equals(reply.user.email, shopper.email));
    assert_true(text_equals(reply.user.username, shopper.username));
    assert_int_equal(uuid_shard(reply.user.id), shard_of_text(shopper.email));
    struct uuid session;
    assert_int_equal(id_parse((struct text){ reply.refresh_token.data, 30 }, "ses", &session),
                     STATUS_OK);
    assert_int_equal(uuid_shard(session), uuid_shard(reply.user.id));
    assert_true(text_equals_string(reply.token_type, "Bearer"));
    assert_int_equal(direct_events(market, user_user_was_registered_message.number), 1);
}

static void access_token_carries_the_claims_and_verifies_with_the_published_key(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    const struct identity_get_token_keys query = { 0 };
    struct common_token_keys keys;
    assert_int_equal(direct_call(market, NULL, &user_get_token_keys_message, &query, &keys),
                     STATUS_OK);
    assert_int_equal(keys.keys_count, 1);

    struct text claims, footer;
    assert_int_equal(paseto_v4_verify(arena, (const uint8_t *)keys.keys[0].public_key.data,
                                      reply.access_token, TEXT("souk:v1"), &claims, &footer),
                     STATUS_OK);
    char user_id[ID_TEXT_MAX + 1];
    (void)id_format("usr", reply.user.id, user_id);
    assert_true(contains(claims, "{\"iss\":\"souk\",\"aud\":\"store\",\"sub\":\"usr_"));
    assert_true(contains(claims, user_id));
    assert_true(contains(claims, "\"sid\":\"ses_"));
    assert_true(contains(
        claims, "\"iat\":\"2026-01-01T00:00:00Z\",\"exp\":\"2026-01-01T00:15:00Z\",\"jti\":\""));
    assert_true(contains(footer, "{\"kid\":\"store-"));
    assert_true(contains(footer, text_string(arena, keys.keys[0].kid)));
    assert_int_equal(reply.expires_in, 900);
}

static void address_is_taken_in_whatever_spelling(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_register again = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    again.email =
        text_format(arena, " ADA%.*s", (int)shopper.email.length - 3, shopper.email.data + 3);
    assert_int_equal(register_(&again, &reply), STATUS_EMAIL_TAKEN);
}

static void other_spelling_lands_in_the_shard_of_the_normal_form(void **state)
{
    (void)state;
    struct user_register shopper = draw_shopper();
    const struct text normal = shopper.email;
    shopper.email = text_format(arena, "ADA%.*s ", (int)normal.length - 3, normal.data + 3);
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    assert_true(text_equals(reply.user.email, normal));
    assert_int_equal(uuid_shard(reply.user.id), shard_of_text(normal));
    assert_int_equal(login(shopper.email, shopper.password, &reply), STATUS_OK);
    assert_int_equal(login(normal, shopper.password, &reply), STATUS_OK);
}

static void user_name_is_taken_in_whatever_case(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_register again = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    again.username =
        text_format(arena, "aDA%.*s", (int)shopper.username.length - 3, shopper.username.data + 3);
    assert_int_equal(register_(&again, &reply), STATUS_USERNAME_TAKEN);
}

static void of_two_who_register_at_once_one_is_refused_whole(void **state)
{
    (void)state;
    const struct user_register first = draw_shopper();
    struct user_register second = draw_shopper();
    second.username = first.username;
    struct user_signed_in reply;
    direct_set(market, "--registration.per_network=0"); /* what is counted would be queued, too */
    direct_queue_units(market);
    assert_int_equal(register_(&first, &reply), STATUS_OK);
    assert_int_equal(register_(&second, &reply), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    direct_set(market, "--registration.per_network=100");
    assert_int_equal(login(first.email, first.password, &reply), STATUS_OK);
    assert_int_equal(login(second.email, second.password, &reply), STATUS_INVALID_CREDENTIALS);
}

static void malformed_fields_are_refused_with_their_place(void **state)
{
    (void)state;
    struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    shopper.email = TEXT("nobody");
    assert_int_equal(register_(&shopper, &reply), STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/email");
    assert_true(direct_last_fault(market).detail.length > 0);
    shopper = draw_shopper();
    shopper.username = TEXT("a b c");
    assert_int_equal(register_(&shopper, &reply), STATUS_INVALID_VALUE);
    const struct request_fault fault = direct_last_fault(market);
    assert_string_equal(fault.pointer, "/username");
    assert_true(fault.detail.length > 0);
    assert_true(fault.has_minimum && fault.minimum == 3);
    assert_true(fault.has_maximum && fault.maximum == 40);
}

static void wrong_password_and_unknown_address_are_told_apart_by_nobody(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    assert_int_equal(login(shopper.email, TEXT("wrong horse"), &reply), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(TEXT("nobody@example.com"), TEXT("wrong horse"), &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(login(TEXT("no address"), TEXT("wrong horse"), &reply),
                     STATUS_INVALID_CREDENTIALS);
}

static void refresh_gives_a_new_pair(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in first, second, third;
    assert_int_equal(register_(&shopper, &first), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &second), STATUS_OK);
    assert_false(text_equals(first.refresh_token, second.refresh_token));
    assert_true(uuid_equals(first.user.id, second.user.id));
    assert_int_equal(refresh(second.refresh_token, &third), STATUS_OK);
}

static void retry_within_ten_seconds_is_no_theft(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in first, lost, second, third;
    assert_int_equal(register_(&shopper, &first), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &lost), STATUS_OK);
    direct_advance(market, 9 * second_us);
    assert_int_equal(refresh(first.refresh_token, &second), STATUS_OK);
    assert_true(text_equals(second.refresh_token, lost.refresh_token));
    assert_int_equal(refresh(second.refresh_token, &third), STATUS_OK);
}

/* Two tabs refresh at once, and go on with what each was told. */
static void retries_share_one_successor(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in first, left, right, next;
    assert_int_equal(register_(&shopper, &first), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &left), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &right), STATUS_OK);
    assert_int_equal(refresh(left.refresh_token, &next), STATUS_OK);
    assert_int_equal(refresh(right.refresh_token, &next), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &next), STATUS_INVALID_REFRESH_TOKEN);
}

static void reuse_closes_the_session(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in first, second, third;
    assert_int_equal(register_(&shopper, &first), STATUS_OK);
    assert_int_equal(refresh(first.refresh_token, &second), STATUS_OK);
    direct_advance(market, 11 * second_us);
    assert_int_equal(refresh(first.refresh_token, &third), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(second.refresh_token, &third), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(login(shopper.email, shopper.password, &third), STATUS_OK);
}

static void refresh_token_expires(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in first, second;
    assert_int_equal(register_(&shopper, &first), STATUS_OK);
    direct_advance(market, 30 * 86400 * second_us);
    assert_int_equal(refresh(first.refresh_token, &second), STATUS_INVALID_REFRESH_TOKEN);
}

static void nonsense_is_no_refresh_token(void **state)
{
    (void)state;
    struct user_signed_in reply;
    assert_int_equal(refresh(TEXT("nonsense"), &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(TEXT("ses_01h455vb4pex5vsknk084sn02q.abc"), &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(
        refresh(TEXT("ses_01h455vb4pex5vsknk084sn02q.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                &reply),
        STATUS_INVALID_REFRESH_TOKEN);
}

static struct principal principal_of(const struct user_signed_in *signed_in)
{
    struct principal principal = { .kind = PRINCIPAL_SHOPPER, .id = signed_in->user.id };
    assert_int_equal(
        id_parse((struct text){ signed_in->refresh_token.data, 30 }, "ses", &principal.session),
        STATUS_OK);
    return principal;
}

static void logout_ends_this_session_only(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, there, reply;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    assert_int_equal(login(shopper.email, shopper.password, &there), STATUS_OK);
    const struct principal principal = principal_of(&here);
    const struct identity_logout command = { 0 };
    assert_int_equal(direct_call(market, &principal, &user_logout_message, &command, NULL),
                     STATUS_OK);
    assert_int_equal(direct_call(market, &principal, &user_logout_message, &command, NULL),
                     STATUS_OK);
    assert_int_equal(refresh(here.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(there.refresh_token, &reply), STATUS_OK);
}

static void logout_cannot_end_the_session_of_another(void **state)
{
    (void)state;
    const struct user_register ada = draw_shopper(), eve = draw_shopper();
    struct user_signed_in ada_in, eve_in, reply;
    assert_int_equal(register_(&ada, &ada_in), STATUS_OK);
    assert_int_equal(register_(&eve, &eve_in), STATUS_OK);
    struct principal principal = principal_of(&eve_in);
    principal.session = principal_of(&ada_in).session;
    const struct identity_logout command = { 0 };
    assert_int_equal(direct_call(market, &principal, &user_logout_message, &command, NULL),
                     STATUS_OK);
    assert_int_equal(refresh(ada_in.refresh_token, &reply), STATUS_OK);
}

static enum status list_sessions(const struct principal *principal,
                                 struct common_sign_ins *ret_list)
{
    const struct identity_list_sessions query = { 0 };
    return direct_call(market, principal, &user_list_sessions_message, &query, ret_list);
}

static enum status end_session(const struct principal *principal, struct uuid session_id)
{
    const struct identity_end_session command = { .session_id = session_id };
    return direct_call(market, principal, &user_end_session_message, &command, NULL);
}

static void open_sessions_are_listed_the_last_refreshed_first(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in here, there;
    struct common_sign_ins list;
    assert_int_equal(register_(&shopper, &here), STATUS_OK);
    direct_advance(market, second_us);
    assert_int_equal(login(shopper.email, shopper.password, &there), STATUS_OK);
    const struct principal at_here = principal_of(&here), at_there = principal_of(&there);
    direct_advance(market, second_us);
    assert_int_equal(refresh(here.refresh_token, &here), STATUS_OK);

    assert_int_equal(list_sessions(&at_here, &list), STATUS_OK);

    assert_int_equal(list.data_count, 2);
    assert_true(uuid_equals(list.data[0].id, at_here.session));
    assert_true(list.data[0].is_current);
    assert_int_equal(list.data[0].refreshed_at_us, direct_now_us(market));
    assert_int_equal(list.data[0].created_at_us, direct_now_us(market) - 2 * second_us);
    assert_true(uuid_equals(list.data[1].id, at_there.session));
    assert_false(list.data[1].is_current);
    direct_advance(market, 30 * 86400 * second_us);
    assert_int_equal(list_sessions(&at_here, &list), STATUS_OK);
    assert_int_equal(list.data_count, 0);
}

static void one_session_is_ended_by_its_owner_only(void **state)
{
    (void)state;
    const struct user_register ada = draw_shopper(), eve = draw_shopper();
    struct user_signed_in here, there, eve_in, reply;
    struct common_sign_ins list;
    assert_int_equal(register_(&ada, &here), STATUS_OK);
    assert_int_equal(login(ada.email, ada.password, &there), STATUS_OK);
    assert_int_equal(register_(&eve, &eve_in), STATUS_OK);
    const struct principal at_here = principal_of(&here), at_eve = principal_of(&eve_in);
    const struct uuid other = principal_of(&there).session;

    assert_int_equal(end_session(&at_eve, other), STATUS_NOT_FOUND);
    assert_int_equal(end_session(&at_here, here.user.id), STATUS_NOT_FOUND);
    assert_int_equal(end_session(&at_here, other), STATUS_OK);
    assert_int_equal(end_session(&at_here, other), STATUS_OK);

    assert_int_equal(refresh(there.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(here.refresh_token, &reply), STATUS_OK);
    assert_int_equal(list_sessions(&at_here, &list), STATUS_OK);
    assert_int_equal(list.data_count, 1);
}

static void every_session_but_this_one_is_ended_at_once(void **state)
{
    (void)state;
    const struct user_register ada = draw_shopper(), eve = draw_shopper();
    struct user_signed_in first, second, here, eve_in, reply;
    assert_int_equal(register_(&ada, &first), STATUS_OK);
    assert_int_equal(login(ada.email, ada.password, &second), STATUS_OK);
    assert_int_equal(login(ada.email, ada.password, &here), STATUS_OK);
    assert_int_equal(register_(&eve, &eve_in), STATUS_OK);
    const struct principal at_here = principal_of(&here);
    const struct identity_end_other_sessions command = { 0 };

    assert_int_equal(
        direct_call(market, &at_here, &user_end_other_sessions_message, &command, NULL), STATUS_OK);

    assert_int_equal(refresh(first.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(second.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(refresh(here.refresh_token, &reply), STATUS_OK);
    assert_int_equal(refresh(eve_in.refresh_token, &reply), STATUS_OK);
}

static void account_is_found_by_its_owner_and_by_operators(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    struct user_user user;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    const struct principal principal = principal_of(&reply), nobody = { .kind = PRINCIPAL_SHOPPER };
    const struct user_get_me me = { 0 };
    assert_int_equal(direct_call(market, &principal, &user_get_me_message, &me, &user), STATUS_OK);
    assert_true(text_equals(user.email, shopper.email));
    assert_int_equal(direct_call(market, &nobody, &user_get_me_message, &me, &user),
                     STATUS_NOT_FOUND);
    const struct user_find_user find = { .email = shopper.email },
                                find_none = { .email = TEXT("x@y.z") };
    assert_int_equal(direct_call(market, NULL, &user_find_user_message, &find, &user), STATUS_OK);
    assert_true(uuid_equals(user.id, reply.user.id));
    assert_int_equal(direct_call(market, NULL, &user_find_user_message, &find_none, &user),
                     STATUS_NOT_FOUND);
}

static void no_secret_is_stored(void **state)
{
    (void)state;
    const struct user_register shopper = draw_shopper();
    struct user_signed_in reply;
    assert_int_equal(register_(&shopper, &reply), STATUS_OK);
    assert_true(
        text_equals_string(direct_sql(market, "SELECT count(*) FROM \"user\".account"
                                              " WHERE password_hash NOT LIKE '$argon2id$%'"),
                           "0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register_opens_account_and_session_in_one_shard),
        cmocka_unit_test(access_token_carries_the_claims_and_verifies_with_the_published_key),
        cmocka_unit_test(address_is_taken_in_whatever_spelling),
        cmocka_unit_test(other_spelling_lands_in_the_shard_of_the_normal_form),
        cmocka_unit_test(user_name_is_taken_in_whatever_case),
        cmocka_unit_test(of_two_who_register_at_once_one_is_refused_whole),
        cmocka_unit_test(malformed_fields_are_refused_with_their_place),
        cmocka_unit_test(wrong_password_and_unknown_address_are_told_apart_by_nobody),
        cmocka_unit_test(refresh_gives_a_new_pair),
        cmocka_unit_test(retry_within_ten_seconds_is_no_theft),
        cmocka_unit_test(retries_share_one_successor),
        cmocka_unit_test(reuse_closes_the_session),
        cmocka_unit_test(refresh_token_expires),
        cmocka_unit_test(nonsense_is_no_refresh_token),
        cmocka_unit_test(logout_ends_this_session_only),
        cmocka_unit_test(logout_cannot_end_the_session_of_another),
        cmocka_unit_test(open_sessions_are_listed_the_last_refreshed_first),
        cmocka_unit_test(one_session_is_ended_by_its_owner_only),
        cmocka_unit_test(every_session_but_this_one_is_ended_at_once),
        cmocka_unit_test(account_is_found_by_its_owner_and_by_operators),
        cmocka_unit_test(no_secret_is_stored),
    };
    market = direct_market_new(&user_domain);
    arena = arena_new(65536);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(&arena);
    direct_market_destroy(&market);
    return failed;
}
