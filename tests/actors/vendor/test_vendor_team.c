/* Claims about members: sign-in, roles, invitations, sessions, and whom notices reach; against a
 * scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#include <string.h>

#include "actors/identity/identity_secret.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const struct uuid nothing = { { 0 } };

static void wrong_passwords_and_unknown_addresses_are_refused_alike(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    struct vendor_signed_in reply;
    assert_int_equal(shops_login(shop.email, "wrong horse", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(shops_login(TEXT("nobody@example.com"), "wrong horse", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
    for (int i = 1; i < 10; i++)
        assert_int_equal(shops_login(shop.email, "wrong horse", TEXT(""), &reply),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply),
                     STATUS_TOO_MANY_REQUESTS);
}

static void a_refresh_takes_the_rights_of_today(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    struct vendor_signed_in reply;
    assert_int_equal(shop.signed_in.member.permissions_count, 3);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_OK);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply), STATUS_OK);
    assert_int_equal(reply.member.permissions_count, VENDOR_PERMISSION_COUNT);
    direct_advance(shops, DAY_US);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
}

static void a_suspension_signs_out_and_leaves_what_was_sold_before(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_signed_in reply;
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply), STATUS_OK);
    assert_int_equal(reply.member.permissions_count, 6); /* profile, team, orders, stock */
}

static void an_invitation_is_accepted_once(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    assert_true(editor.signed_in.member.is_email_verified);
    assert_int_equal(editor.signed_in.member.permissions_count, 3);
    const struct vendor_accept_invitation again = { .token = shops_token(editor.email,
                                                                         IDENTITY_TICKET_INVITE),
                                                    .name = TEXT("Eve"),
                                                    .password = TEXT("correct horse") };
    assert_int_equal(direct_call(shops, NULL, &vendor_accept_invitation_message, &again, NULL),
                     STATUS_INVALID_TICKET);
    const struct vendor_invite_member twice = { .email = editor.email, .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &twice, NULL),
                     STATUS_EMAIL_TAKEN);
}

static enum status join_by(struct text token)
{
    const struct vendor_accept_invitation accept = { .token = token,
                                                     .name = TEXT("Eve"),
                                                     .password = TEXT("correct horse") };
    return direct_call(shops, NULL, &vendor_accept_invitation_message, &accept, NULL);
}

static void invitations_end_when_taken_back_repeated_or_old(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_invite_member invite = { .email = TEXT("late@example.com"),
                                                 .role = VENDOR_ROLE_MANAGER };
    struct vendor_invitation first, second;
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, &first), STATUS_OK);
    const struct text old = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    direct_advance(shops, 1000000);
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, &second), STATUS_OK);
    assert_true(uuid_equals(first.id, second.id));
    assert_int_equal(join_by(old), STATUS_INVALID_TICKET);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    const struct vendor_list_invitations query = { 0 };
    struct vendor_invitations list;
    assert_int_equal(shops_call(&shop, &vendor_list_invitations_message, &query, &list), STATUS_OK);
    assert_int_equal(list.data_count, 1);
    const struct vendor_remove_invitation remove = { .invitation_id = first.id };
    const struct shop other = shops_draw();
    assert_int_equal(shops_call(&other, &vendor_remove_invitation_message, &remove, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_remove_invitation_message, &remove, NULL),
                     STATUS_OK);
    assert_int_equal(join_by(token), STATUS_INVALID_TICKET);
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text last = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    direct_advance(shops, 7 * DAY_US);
    assert_int_equal(join_by(last), STATUS_INVALID_TICKET);
}

/* Whoever holds a stolen token for a while must not be able to come back when it is taken away. */
static void invitations_end_with_who_has_sent_them(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop second = shops_join(&shop, VENDOR_ROLE_OWNER);
    const struct vendor_invite_member invite = { .email = TEXT("backdoor@example.com"),
                                                 .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_call(&second, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    const struct vendor_remove_member remove = { .member_id = second.principal.actor };
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
    const struct vendor_list_invitations query = { 0 };
    struct vendor_invitations list;
    assert_int_equal(shops_call(&shop, &vendor_list_invitations_message, &query, &list), STATUS_OK);
    assert_int_equal(list.data_count, 0);
    assert_int_equal(join_by(token), STATUS_INVALID_TICKET);
}

static void an_invitation_is_worth_what_its_sender_may_give_now(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop second = shops_join(&shop, VENDOR_ROLE_OWNER);
    const struct vendor_invite_member invite = { .email = TEXT("demoted@example.com"),
                                                 .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_call(&second, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    struct vendor_change_member change = { .member_id = second.principal.actor,
                                           .role = VENDOR_ROLE_MANAGER };
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &change, NULL), STATUS_OK);
    assert_int_equal(join_by(token), STATUS_INVALID_TICKET);
    change.role = VENDOR_ROLE_OWNER;
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &change, NULL), STATUS_OK);
    assert_int_equal(join_by(token), STATUS_OK);
}

static void the_last_owner_stays_one(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_change_member demote = { .member_id = shop.principal.actor,
                                                 .role = VENDOR_ROLE_EDITOR };
    const struct vendor_remove_member leave = { .member_id = shop.principal.actor };
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &demote, NULL),
                     STATUS_LAST_OWNER);
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &leave, NULL),
                     STATUS_LAST_OWNER);
    const struct shop second = shops_join(&shop, VENDOR_ROLE_OWNER);
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &demote, NULL), STATUS_OK);
    const struct vendor_remove_member last = { .member_id = second.principal.actor };
    assert_int_equal(shops_call(&second, &vendor_remove_member_message, &last, NULL),
                     STATUS_LAST_OWNER);
}

static void a_manager_makes_no_owners_and_touches_none(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop manager = shops_join(&shop, VENDOR_ROLE_MANAGER);
    const struct vendor_invite_member invite = { .email = TEXT("crown@example.com"),
                                                 .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_call(&manager, &vendor_invite_member_message, &invite, NULL),
                     STATUS_FORBIDDEN);
    struct vendor_invitation sent;
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, &sent), STATUS_OK);
    const struct vendor_invite_member lower = { .email = invite.email, .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&manager, &vendor_invite_member_message, &lower, NULL),
                     STATUS_FORBIDDEN);
    const struct vendor_remove_invitation withdraw = { .invitation_id = sent.id };
    assert_int_equal(shops_call(&manager, &vendor_remove_invitation_message, &withdraw, NULL),
                     STATUS_FORBIDDEN);
    assert_int_equal(shops_call(&shop, &vendor_remove_invitation_message, &withdraw, NULL),
                     STATUS_OK);
    struct vendor_change_member change = { .member_id = manager.principal.actor,
                                           .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_call(&manager, &vendor_change_member_message, &change, NULL),
                     STATUS_FORBIDDEN);
    change = (struct vendor_change_member){ .member_id = shop.principal.actor,
                                            .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&manager, &vendor_change_member_message, &change, NULL),
                     STATUS_FORBIDDEN);
    const struct vendor_remove_member remove = { .member_id = shop.principal.actor };
    assert_int_equal(shops_call(&manager, &vendor_remove_member_message, &remove, NULL),
                     STATUS_FORBIDDEN);
}

static void another_role_and_a_removal_end_sessions_at_once(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    struct vendor_signed_in reply;
    struct vendor_change_member change = { .member_id = editor.principal.actor,
                                           .role = VENDOR_ROLE_ACCOUNTANT };
    assert_int_equal(shops_call(&other, &vendor_change_member_message, &change, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &change, NULL), STATUS_OK);
    assert_int_equal(shops_refresh(editor.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_login(editor.email, "correct horse", TEXT(""), &reply), STATUS_OK);
    assert_int_equal(reply.member.role, VENDOR_ROLE_ACCOUNTANT);
    const struct vendor_remove_member remove = { .member_id = editor.principal.actor };
    assert_int_equal(shops_call(&other, &vendor_remove_member_message, &remove, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
    struct vendor_signed_in after;
    assert_int_equal(shops_refresh(reply.refresh_token, &after), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(shops_login(editor.email, "correct horse", TEXT(""), &after),
                     STATUS_INVALID_CREDENTIALS);
    const struct vendor_get_me query = { 0 };
    assert_int_equal(shops_call(&editor, &vendor_get_me_message, &query, NULL),
                     STATUS_UNAUTHENTICATED);
}

static void a_member_changes_what_is_his(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_change_me change = { .has_name = true,
                                       .name = TEXT(" Ada L. "),
                                       .has_locale = true,
                                       .locale = COMMON_LOCALE_DE,
                                       .has_phone = true,
                                       .phone = TEXT("+4930123456") };
    struct vendor_member member;
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, &member), STATUS_OK);
    assert_string_equal(text_string(shops_arena, member.name), "Ada L.");
    assert_true(member.has_phone);
    change.phone = TEXT("030 123");
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, NULL),
                     STATUS_INVALID_VALUE);
    const struct identity_change_password password = { .current_password = TEXT("wrong horse"),
                                                       .new_password = TEXT("battery staple") };
    assert_int_equal(shops_call(&shop, &vendor_change_password_message, &password, NULL),
                     STATUS_WRONG_PASSWORD);
}

static size_t contacts(const struct vendor_get_contacts *query, struct common_contacts *ret_reply)
{
    assert_int_equal(direct_call(shops, NULL, &vendor_get_contacts_message, query, ret_reply),
                     STATUS_OK);
    return ret_reply->contacts_count;
}

static void notices_reach_owners_and_managers_or_the_one_they_are_for(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    (void)shops_join(&shop, VENDOR_ROLE_MANAGER);
    struct vendor_get_contacts query = { .vendor_id = shop.principal.id };
    struct common_contacts reply;
    assert_int_equal(contacts(&query, &reply), 2);
    query.has_member_id = true;
    query.member_id = editor.principal.actor;
    assert_int_equal(contacts(&query, &reply), 1);
    assert_true(text_equals(reply.contacts[0].email, editor.email));

    const struct vendor_invite_member invite = { .email = TEXT("new@example.com"),
                                                 .has_name = true,
                                                 .name = TEXT("Newcomer"),
                                                 .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    query = (struct vendor_get_contacts){ .vendor_id = shop.principal.id, .has_ticket_id = true };
    assert_int_equal(id_parse((struct text){ token.data, 30 }, "tic", &query.ticket_id), STATUS_OK);
    assert_int_equal(contacts(&query, &reply), 1);
    assert_true(text_equals(reply.contacts[0].email, invite.email));
    assert_true(text_starts_with(reply.contacts[0].person_id, TEXT("tic_")));
    query.vendor_id = nothing;
    assert_int_equal(contacts(&query, &reply), 0);
}

static void a_member_ends_only_his_own_sessions(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    const struct identity_end_session end = { .session_id = editor.principal.session };
    assert_int_equal(shops_call(&shop, &vendor_end_session_message, &end, NULL), STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&editor, &vendor_end_session_message, &end, NULL), STATUS_OK);
    struct vendor_signed_in reply;
    assert_int_equal(shops_refresh(editor.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_passwords_and_unknown_addresses_are_refused_alike),
        cmocka_unit_test(a_refresh_takes_the_rights_of_today),
        cmocka_unit_test(a_suspension_signs_out_and_leaves_what_was_sold_before),
        cmocka_unit_test(an_invitation_is_accepted_once),
        cmocka_unit_test(invitations_end_when_taken_back_repeated_or_old),
        cmocka_unit_test(invitations_end_with_who_has_sent_them),
        cmocka_unit_test(an_invitation_is_worth_what_its_sender_may_give_now),
        cmocka_unit_test(the_last_owner_stays_one),
        cmocka_unit_test(a_manager_makes_no_owners_and_touches_none),
        cmocka_unit_test(another_role_and_a_removal_end_sessions_at_once),
        cmocka_unit_test(a_member_changes_what_is_his),
        cmocka_unit_test(notices_reach_owners_and_managers_or_the_one_they_are_for),
        cmocka_unit_test(a_member_ends_only_his_own_sessions),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
