/* Claims about who is in a team, who may change that, and where its people are reached; against a
 * scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const char *pointer(void)
{
    return direct_last_fault(shops).pointer;
}

static enum status list(const struct shop *shop, int64_t limit, struct text after,
                        struct vendor_members *ret_members)
{
    const struct vendor_list_members query = {
        .has_limit = limit > 0, .limit = limit, .has_after = after.length > 0, .after = after
    };
    return shops_call(shop, &vendor_list_members_message, &query, ret_members);
}

/* Members that nobody has invited, so many that a limit is near. */
static void fill_team(const struct shop *shop, int count)
{
    const struct text sql = text_format(
        shops_arena,
        "INSERT INTO vendor.member (id, vendor_id, email, name, locale, password_hash, role,"
        " is_email_verified, created_at) SELECT gen_random_uuid(), m.vendor_id,"
        " gen_random_uuid() || '@example.com', 'Filler', 'en', '', 2, true, 0"
        " FROM vendor.member m, generate_series(1, %d) WHERE m.email = '%.*s'",
        count, (int)shop->email.length, shop->email.data);
    (void)direct_sql(shops, text_string(shops_arena, sql));
}

/* ---- who is there ---- */

static void a_team_is_listed_page_by_page(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    (void)shops_join(&shop, VENDOR_ROLE_EDITOR);
    (void)shops_join(&shop, VENDOR_ROLE_MANAGER);
    struct vendor_members page;
    assert_int_equal(list(&shop, 0, TEXT(""), &page), STATUS_OK);
    assert_int_equal(page.data_count, 3);
    assert_false(page.has_more);
    assert_int_equal(list(&shop, 2, TEXT(""), &page), STATUS_OK);
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more);
    const struct uuid first = page.data[0].id, second = page.data[1].id;
    const struct text next = page.next;
    assert_int_equal(list(&shop, 2, next, &page), STATUS_OK);
    assert_int_equal(page.data_count, 1);
    assert_false(page.has_next);
    assert_false(uuid_equals(page.data[0].id, first) || uuid_equals(page.data[0].id, second));
    assert_int_equal(list(&shop, 2, TEXT("no cursor"), &page), STATUS_INVALID_PARAMETER);
    assert_int_equal(list(&other, 0, TEXT(""), &page), STATUS_OK);
    assert_int_equal(page.data_count, 1);
}

static void a_member_is_shown_with_what_he_may_do_now(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop accountant = shops_join(&shop, VENDOR_ROLE_ACCOUNTANT);
    const struct vendor_get_me query = { 0 };
    struct vendor_member me;
    assert_int_equal(shops_call(&accountant, &vendor_get_me_message, &query, &me), STATUS_OK);
    assert_int_equal(me.permissions_count, 3);
    assert_int_equal(me.permissions[0], VENDOR_PERMISSION_VIEW_VENDOR);
    assert_int_equal(me.permissions[1], VENDOR_PERMISSION_VIEW_ORDERS);
    assert_int_equal(me.permissions[2], VENDOR_PERMISSION_VIEW_MONEY);
    assert_false(me.has_phone);
    assert_false(me.has_second_factor);
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(shops_call(&accountant, &vendor_get_me_message, &query, &me), STATUS_OK);
    assert_int_equal(me.permissions_count, 2);
    assert_int_equal(me.permissions[1], VENDOR_PERMISSION_VIEW_ORDERS);
}

static void a_member_changes_one_field_at_a_time_and_by_version(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_change_me change = { .has_phone = true,
                                       .phone = TEXT("+4930123456"),
                                       .versions =
                                           &(const int64_t){ shop.signed_in.member.version },
                                       .versions_count = 1 };
    struct vendor_member me;
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, &me), STATUS_OK);
    assert_text_equal(me.name, shop.signed_in.member.name);
    assert_int_equal(me.version, shop.signed_in.member.version + 1);
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, NULL),
                     STATUS_PRECONDITION_FAILED);
    change = (struct vendor_change_me){ .has_phone = true, .phone = TEXT("") };
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, &me), STATUS_OK);
    assert_false(me.has_phone);
    change = (struct vendor_change_me){ .has_name = true, .name = TEXT(" \u202e ") };
    assert_int_equal(shops_call(&shop, &vendor_change_me_message, &change, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/name");
}

/* ---- who joins ---- */

static void a_full_team_invites_nobody_but_may_repeat_itself(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    fill_team(&shop, 48);
    struct vendor_invite_member invite = { .email = TEXT("fiftieth@example.com"),
                                           .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    invite.email = TEXT("one-too-many@example.com");
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL),
                     STATUS_TEAM_FULL);
}

static void an_invitation_is_for_an_address_and_a_name_that_can_be_read(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_invite_member invite = { .email = TEXT("not an address"),
                                           .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/email");
    invite.email = TEXT(" Reader@Example.com");
    invite.has_name = true;
    invite.name = TEXT("a\nb");
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/name");
    invite.name = TEXT(" Reader ");
    struct vendor_invitation sent;
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, &sent), STATUS_OK);
    assert_text_equal(sent.email, TEXT("reader@example.com"));
    assert_text_equal(sent.name, TEXT("Reader"));
    assert_int_equal(sent.expires_at_us - sent.created_at_us, 7 * DAY_US);
}

static enum status accept_invitation(struct text token, struct text name, const char *password)
{
    const struct vendor_accept_invitation command = { .token = token,
                                                      .name = name,
                                                      .password = text_of(password) };
    return direct_call(shops, NULL, &vendor_accept_invitation_message, &command, NULL);
}

static void an_invitation_survives_a_name_or_a_password_that_is_refused(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_invite_member invite = { .email = TEXT("careful@example.com"),
                                                 .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    assert_int_equal(accept_invitation(token, TEXT("  "), "correct horse"), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/name");
    assert_int_equal(accept_invitation(token, TEXT("Eve"), "careful1"), STATUS_PASSWORD_TOO_COMMON);
    assert_string_equal(pointer(), "/password");
    assert_int_equal(accept_invitation(token, TEXT("Eve"), "correct horse"), STATUS_OK);
}

static void an_address_joins_one_team_only(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct vendor_invite_member invite = { .email = TEXT("wanted@example.com"),
                                                 .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text first = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    direct_advance(shops, 1000000);
    assert_int_equal(shops_call(&other, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text second = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    assert_int_equal(accept_invitation(second, TEXT("Eve"), "correct horse"), STATUS_OK);
    assert_int_equal(accept_invitation(first, TEXT("Eve"), "correct horse"), STATUS_EMAIL_TAKEN);
}

static void nobody_joins_a_vendor_that_is_gone(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_invite_member invite = { .email = TEXT("too-late@example.com"),
                                                 .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&shop, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text token = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    const struct text sql =
        text_format(shops_arena,
                    "UPDATE vendor.vendor SET status = %d"
                    " WHERE name = '%.*s'",
                    VENDOR_VENDOR_STATUS_TERMINATED, (int)shop.name.length, shop.name.data);
    (void)direct_sql(shops, text_string(shops_arena, sql));
    assert_int_equal(accept_invitation(token, TEXT("Eve"), "correct horse"),
                     STATUS_ACCOUNT_BLOCKED);
    struct vendor_signed_in reply;
    assert_int_equal(shops_login(invite.email, "correct horse", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
}

/* ---- who changes whom ---- */

static void the_same_role_once_more_changes_nothing(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    int64_t version = editor.signed_in.member.version;
    const struct vendor_change_member change = { .member_id = editor.principal.actor,
                                                 .role = VENDOR_ROLE_EDITOR,
                                                 .versions = &version,
                                                 .versions_count = 1 };
    struct vendor_member member;
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &change, &member), STATUS_OK);
    assert_int_equal(member.version, version);
    struct vendor_signed_in reply;
    assert_int_equal(shops_refresh(editor.signed_in.refresh_token, &reply), STATUS_OK);
    version++;
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &change, NULL),
                     STATUS_PRECONDITION_FAILED);
    /* The only owner may be made what he is. */
    const struct vendor_change_member self = { .member_id = shop.principal.actor,
                                               .role = VENDOR_ROLE_OWNER };
    assert_int_equal(shops_call(&shop, &vendor_change_member_message, &self, NULL), STATUS_OK);
}

static void a_key_manages_no_more_than_it_may_do_itself(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    struct shop key = shop;
    key.principal.is_api_key = true;
    key.principal.rights = 1 << VENDOR_PERMISSION_MANAGE_TEAM | 1 << VENDOR_PERMISSION_VIEW_VENDOR;
    const struct vendor_invite_member invite = { .email = TEXT("by-key@example.com"),
                                                 .role = VENDOR_ROLE_EDITOR };
    assert_int_equal(shops_call(&key, &vendor_invite_member_message, &invite, NULL),
                     STATUS_FORBIDDEN);
    assert_string_equal(pointer(), "/role");
    const struct vendor_remove_member remove = { .member_id = editor.principal.actor };
    assert_int_equal(shops_call(&key, &vendor_remove_member_message, &remove, NULL),
                     STATUS_FORBIDDEN);
    key.principal.rights |=
        1 << VENDOR_PERMISSION_MANAGE_PRODUCTS | 1 << VENDOR_PERMISSION_MANAGE_STOCK;
    assert_int_equal(shops_call(&key, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    assert_int_equal(shops_call(&key, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
}

static void of_a_removed_member_nothing_acts_on(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct shop second = shops_join(&shop, VENDOR_ROLE_OWNER);
    const enum vendor_permission scopes[] = { VENDOR_PERMISSION_VIEW_VENDOR };
    const struct vendor_make_api_key make = { .name = TEXT("till"),
                                              .scopes = scopes,
                                              .scopes_count = 1 };
    struct common_recovery_codes codes;
    assert_int_equal(shops_call(&second, &vendor_make_api_key_message, &make, NULL), STATUS_OK);
    (void)shops_enrol(&second, &codes);
    const struct identity_forgot_password forgot = { .email = second.email };
    assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    const struct text token = shops_token(second.email, IDENTITY_TICKET_RESET_PASSWORD);
    const struct vendor_remove_member remove = { .member_id = second.principal.actor };
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
    const struct text unused = text_format(
        shops_arena,
        "SELECT count(*)::text FROM identity.ticket WHERE email = '%.*s' AND used_at IS NULL",
        (int)second.email.length, second.email.data);
    assert_text_equal(direct_sql(shops, text_string(shops_arena, unused)), TEXT("0"));
    const struct identity_reset_password reset = { .token = token,
                                                   .password = TEXT("battery staple") };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_INVALID_TICKET);
    const struct identity_list_api_keys query = { 0 };
    struct common_api_keys keys;
    assert_int_equal(shops_call(&shop, &vendor_list_api_keys_message, &query, &keys), STATUS_OK);
    assert_int_equal(keys.data_count, 0);
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL),
                     STATUS_NOT_FOUND);
}

/* ---- where they are reached ---- */

static size_t contacts(const struct vendor_get_contacts *query, struct common_contacts *ret_reply)
{
    assert_int_equal(direct_call(shops, NULL, &vendor_get_contacts_message, query, ret_reply),
                     STATUS_OK);
    return ret_reply->contacts_count;
}

static void a_member_is_reached_through_his_vendor_while_he_is_in_its_team(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct shop editor = shops_join(&shop, VENDOR_ROLE_EDITOR);
    const struct vendor_change_me change = { .has_phone = true, .phone = TEXT("+4930123456") };
    assert_int_equal(shops_call(&editor, &vendor_change_me_message, &change, NULL), STATUS_OK);
    struct vendor_get_contacts query = { .vendor_id = shop.principal.id,
                                         .has_member_id = true,
                                         .member_id = editor.principal.actor };
    struct common_contacts reply;
    assert_int_equal(contacts(&query, &reply), 1);
    assert_false(reply.contacts[0].has_phone); /* no code has come back from it */
    const struct identity_send_phone_code send = { 0 };
    assert_int_equal(shops_call(&editor, &vendor_send_phone_code_message, &send, NULL), STATUS_OK);
    (void)direct_sql(shops, "INSERT INTO identity.phone (person_id, phone, proved_at)"
                            " SELECT id, phone, 0 FROM vendor.member WHERE phone IS NOT NULL"
                            " ON CONFLICT DO NOTHING");
    assert_int_equal(contacts(&query, &reply), 1);
    assert_text_equal(reply.contacts[0].phone, change.phone);
    assert_true(text_starts_with(reply.contacts[0].person_id, TEXT("mbr_")));
    query.vendor_id = other.principal.id;
    assert_int_equal(contacts(&query, &reply), 0);
    const struct vendor_remove_member remove = { .member_id = editor.principal.actor };
    assert_int_equal(shops_call(&shop, &vendor_remove_member_message, &remove, NULL), STATUS_OK);
    query.vendor_id = shop.principal.id;
    assert_int_equal(contacts(&query, &reply), 0);
}

static void a_token_finds_its_person_until_it_is_used_or_old(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct identity_forgot_password forgot = { .email = shop.email };
    assert_int_equal(direct_call(shops, NULL, &vendor_forgot_password_message, &forgot, NULL),
                     STATUS_OK);
    const struct text token = shops_token(shop.email, IDENTITY_TICKET_RESET_PASSWORD);
    struct vendor_get_contacts query = { .vendor_id = shop.principal.id, .has_ticket_id = true };
    struct common_contacts reply;
    assert_int_equal(id_parse((struct text){ token.data, 30 }, "tic", &query.ticket_id), STATUS_OK);
    assert_int_equal(contacts(&query, &reply), 1);
    assert_text_equal(reply.contacts[0].email, shop.email);
    assert_true(text_starts_with(reply.contacts[0].person_id, TEXT("mbr_")));
    const struct identity_reset_password reset = { .token = token,
                                                   .password = TEXT("battery staple") };
    assert_int_equal(direct_call(shops, NULL, &vendor_reset_password_message, &reset, NULL),
                     STATUS_OK);
    assert_int_equal(contacts(&query, &reply), 0);

    const struct vendor_invite_member invite = { .email = TEXT("soon-old@example.com"),
                                                 .role = VENDOR_ROLE_EDITOR };
    const struct shop other = shops_draw(); /* the reset has signed the first one out */
    assert_int_equal(shops_call(&other, &vendor_invite_member_message, &invite, NULL), STATUS_OK);
    const struct text invitation = shops_token(invite.email, IDENTITY_TICKET_INVITE);
    query.vendor_id = other.principal.id;
    assert_int_equal(id_parse((struct text){ invitation.data, 30 }, "tic", &query.ticket_id),
                     STATUS_OK);
    assert_int_equal(contacts(&query, &reply), 1);
    direct_advance(shops, 7 * DAY_US);
    assert_int_equal(contacts(&query, &reply), 0);
}

static void many_teams_are_answered_at_once_or_cut(void **state)
{
    (void)state;
    const struct shop shops_asked[] = { shops_draw(), shops_draw() };
    (void)shops_join(&shops_asked[0], VENDOR_ROLE_MANAGER);
    (void)shops_join(&shops_asked[0], VENDOR_ROLE_FULFILMENT);
    const struct uuid ids[] = { shops_asked[0].principal.id,
                                shops_asked[1].principal.id,
                                { { 1 } } };
    const struct vendor_get_many_contacts query = { .vendor_ids = ids, .vendor_ids_count = 3 };
    struct vendor_many_contacts reply;
    assert_int_equal(direct_call(shops, NULL, &vendor_get_many_contacts_message, &query, &reply),
                     STATUS_OK);
    assert_false(reply.is_cut);
    assert_int_equal(reply.contacts_count, 3); /* two of the first, one of the second */
    size_t first = 0;
    for (size_t i = 0; i < reply.contacts_count; i++)
        first += uuid_equals(reply.contacts[i].vendor_id, ids[0]);
    assert_int_equal(first, 2);
    fill_team(&shops_asked[1], 398);
    (void)direct_sql(shops, "UPDATE vendor.member SET role = 1 WHERE name = 'Filler'");
    assert_int_equal(direct_call(shops, NULL, &vendor_get_many_contacts_message, &query, &reply),
                     STATUS_OK);
    assert_true(reply.is_cut);
    assert_int_equal(reply.contacts_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_team_is_listed_page_by_page),
        cmocka_unit_test(a_member_is_shown_with_what_he_may_do_now),
        cmocka_unit_test(a_member_changes_one_field_at_a_time_and_by_version),
        cmocka_unit_test(a_full_team_invites_nobody_but_may_repeat_itself),
        cmocka_unit_test(an_invitation_is_for_an_address_and_a_name_that_can_be_read),
        cmocka_unit_test(an_invitation_survives_a_name_or_a_password_that_is_refused),
        cmocka_unit_test(an_address_joins_one_team_only),
        cmocka_unit_test(nobody_joins_a_vendor_that_is_gone),
        cmocka_unit_test(the_same_role_once_more_changes_nothing),
        cmocka_unit_test(a_key_manages_no_more_than_it_may_do_itself),
        cmocka_unit_test(of_a_removed_member_nothing_acts_on),
        cmocka_unit_test(a_member_is_reached_through_his_vendor_while_he_is_in_its_team),
        cmocka_unit_test(a_token_finds_its_person_until_it_is_used_or_old),
        cmocka_unit_test(many_teams_are_answered_at_once_or_cut),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
