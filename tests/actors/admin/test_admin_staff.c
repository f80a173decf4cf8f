/* Claims about who is on the staff: owners, invitations, changes, API keys. */
#include "tests/actors/admin/admin_story.h"

#include "runtime/secret.h"

static struct principal owner_principal(const struct admin_staff *staff)
{
    struct admin_signed_in signed_in;
    assert_int_equal(login(staff->email, password, NULL, &signed_in), STATUS_OK);
    return principal_of(&signed_in);
}

static enum status change(const struct principal *principal, struct uuid staff_id, int role,
                          bool is_active, struct admin_staff *ret_staff)
{
    const struct admin_change_staff command = { .staff_id = staff_id,
                                                .has_role = role >= 0,
                                                .role = (enum admin_staff_role)role,
                                                .has_is_active = true,
                                                .is_active = is_active,
                                                .reason = TEXT("because") };
    return direct_call(market, principal, &admin_change_staff_message, &command, ret_staff);
}

static void set_owners_aside(void)
{
    (void)direct_sql(market, "UPDATE admin.staff SET is_active = false WHERE role = 'owner'");
    (void)direct_sql(market, "DELETE FROM admin.owners");
}

static void first_owner_is_made_once_per_address(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    assert_int_equal(staff.role, ADMIN_STAFF_ROLE_OWNER);
    assert_true(staff.is_active);
    struct admin_create_staff again = {
        .email = text_format(arena, " %.*s", (int)staff.email.length, staff.email.data),
        .password = password
    };
    assert_int_equal(direct_call(market, NULL, &admin_create_staff_message, &again, NULL),
                     STATUS_EMAIL_TAKEN);
    again.email = draw_email();
    again.password = TEXT("password");
    assert_int_equal(direct_call(market, NULL, &admin_create_staff_message, &again, NULL),
                     STATUS_PASSWORD_TOO_COMMON);
    again.password = password;
    again.has_name = true;
    again.name = TEXT("a\u202e"
                      "b");
    assert_int_equal(direct_call(market, NULL, &admin_create_staff_message, &again, NULL),
                     STATUS_INVALID_VALUE);
}

static void last_active_owner_can_neither_go_nor_become_less(void **state)
{
    (void)state;
    set_owners_aside();
    const struct admin_staff one = create_owner(), two = create_owner();
    const struct principal principal = owner_principal(&one);
    struct admin_staff reply;
    assert_int_equal(change(&principal, two.id, ADMIN_STAFF_ROLE_SUPPORT, true, &reply), STATUS_OK);
    assert_int_equal(change(&principal, one.id, -1, false, &reply), STATUS_LAST_OWNER);
    assert_int_equal(change(&principal, one.id, ADMIN_STAFF_ROLE_MANAGER, true, &reply),
                     STATUS_LAST_OWNER);
    assert_int_equal(change(&principal, two.id, ADMIN_STAFF_ROLE_OWNER, true, &reply), STATUS_OK);
    assert_int_equal(change(&principal, one.id, -1, false, &reply), STATUS_OK);
}

static void owners_who_remove_each_other_at_once_leave_one(void **state)
{
    (void)state;
    set_owners_aside();
    const struct admin_staff one = create_owner(), two = create_owner();
    const struct principal first = owner_principal(&one), second = owner_principal(&two);
    struct admin_staff reply;
    direct_queue_units(market);
    assert_int_equal(change(&first, two.id, -1, false, &reply), STATUS_OK);
    assert_int_equal(change(&second, one.id, -1, false, &reply), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_text_equal(
        direct_sql(market, "SELECT count(*) FROM admin.staff WHERE role = 'owner' AND is_active"),
        TEXT("1"));
}

static void whoever_is_kept_out_is_out_at_once(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner(), other = create_owner();
    const struct principal principal = owner_principal(&boss);
    struct admin_signed_in signed_in, reply;
    struct admin_staff changed;
    assert_int_equal(login(other.email, password, NULL, &signed_in), STATUS_OK);
    assert_int_equal(change(&principal, other.id, -1, false, &changed), STATUS_OK);
    assert_false(changed.is_active);
    assert_int_equal(changed.version, other.version + 1);
    assert_int_equal(refresh(signed_in.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(login(other.email, password, NULL, &reply), STATUS_ACCOUNT_BLOCKED);
    assert_int_equal(login(other.email, TEXT("wrong horse"), NULL, &reply),
                     STATUS_INVALID_CREDENTIALS);
    const struct principal gone = principal_of(&signed_in);
    const struct admin_get_me me = { 0 };
    assert_int_equal(direct_call(market, &gone, &admin_get_me_message, &me, &changed),
                     STATUS_UNAUTHENTICATED);
}

static void nobody_changes_or_invites_above_his_own_rights(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    struct principal limited = owner_principal(&boss);
    limited.rights =
        UINT64_C(1) << ADMIN_PERMISSION_MANAGE_STAFF | UINT64_C(1) << ADMIN_PERMISSION_VIEW_STAFF;
    const struct admin_staff other = create_owner();
    struct admin_staff reply;
    assert_int_equal(change(&limited, other.id, ADMIN_STAFF_ROLE_AUDITOR, true, &reply),
                     STATUS_FORBIDDEN);
    const struct admin_invite_staff invite = { .email = draw_email(),
                                               .name = TEXT("Eve"),
                                               .role = ADMIN_STAFF_ROLE_OWNER };
    assert_int_equal(direct_call(market, &limited, &admin_invite_staff_message, &invite, NULL),
                     STATUS_FORBIDDEN);
    assert_string_equal(direct_last_fault(market).pointer, "/role");
}

static void an_invitation_too_many_leaves_the_one_before_it_good(void **state)
{
    (void)state;
    static const char open_tickets[] =
        "SELECT count(*) FROM identity.ticket WHERE email = 'often@example.com'"
        " AND used_at IS NULL";
    const struct admin_staff boss = create_owner();
    const struct principal principal = owner_principal(&boss);
    const struct admin_invite_staff invite = { .email = TEXT("often@example.com"),
                                               .name = TEXT("Eve"),
                                               .role = ADMIN_STAFF_ROLE_SUPPORT };
    for (int i = 0; i < 5; i++)
        assert_int_equal(direct_call(market, &principal, &admin_invite_staff_message, &invite, NULL),
                         STATUS_OK);
    assert_text_equal(direct_sql(market, open_tickets), TEXT("1"));
    assert_int_equal(direct_call(market, &principal, &admin_invite_staff_message, &invite, NULL),
                     STATUS_TOO_MANY_REQUESTS);
    assert_string_equal(direct_last_fault(market).pointer, "/email");
    assert_text_equal(direct_sql(market, open_tickets), TEXT("1"));
}

static void a_reason_that_nobody_can_read_is_none(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner(), other = create_owner();
    const struct principal principal = owner_principal(&boss);
    static const char *const unreadable[] = { " ", "\t", "\u3000", "\a", "\u202ea" };
    for (size_t i = 0; i < ARRAY_LENGTH(unreadable); i++) {
        const struct admin_change_staff command = { .staff_id = other.id,
                                                    .has_role = true,
                                                    .role = ADMIN_STAFF_ROLE_AUDITOR,
                                                    .reason = text_of(unreadable[i]) };
        assert_int_equal(
            direct_call(market, &principal, &admin_change_staff_message, &command, NULL),
            STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(market).pointer, "/reason");
    }
}

static void stale_version_changes_nobody(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner(), other = create_owner();
    const struct principal principal = owner_principal(&boss);
    const struct admin_change_staff command = { .staff_id = other.id,
                                                .has_role = true,
                                                .role = ADMIN_STAFF_ROLE_FINANCE,
                                                .reason = TEXT("because"),
                                                .versions = &(const int64_t){ 7 },
                                                .versions_count = 1 };
    struct admin_staff reply;
    assert_int_equal(direct_call(market, &principal, &admin_change_staff_message, &command, &reply),
                     STATUS_PRECONDITION_FAILED);
}

/* The token as the notification domain makes it: the tests' market key is known. */
static struct text ticket_token(struct text email)
{
    const char *sql = text_string(
        arena, text_format(arena, "SELECT ticket_id FROM admin.invitation WHERE email = '%.*s'",
                           (int)email.length, email.data));
    return direct_sql(market, sql);
}

static void invitation_is_kept_until_it_is_used_and_a_second_one_replaces_it(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    const struct principal principal = owner_principal(&boss);
    const struct admin_invite_staff invite = { .email = draw_email(),
                                               .name = TEXT("Grace"),
                                               .role = ADMIN_STAFF_ROLE_SUPPORT };
    struct admin_invited first, second;
    assert_int_equal(direct_call(market, &principal, &admin_invite_staff_message, &invite, &first),
                     STATUS_OK);
    const struct text old_ticket = ticket_token(invite.email);
    assert_int_equal(direct_call(market, &principal, &admin_invite_staff_message, &invite, &second),
                     STATUS_OK);
    assert_true(uuid_equals(first.staff_id, second.staff_id));
    assert_false(text_equals(old_ticket, ticket_token(invite.email)));
    const struct admin_invite_staff taken = { .email = boss.email,
                                              .name = TEXT("Grace"),
                                              .role = ADMIN_STAFF_ROLE_SUPPORT };
    assert_int_equal(direct_call(market, &principal, &admin_invite_staff_message, &taken, NULL),
                     STATUS_EMAIL_TAKEN);
}

static struct uuid uuid_of_sql(struct text text)
{
    struct uuid id = { { 0 } };
    size_t nibbles = 0;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (c == '-') continue;
        const unsigned value = (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
        id.bytes[nibbles / 2] = (uint8_t)((unsigned)id.bytes[nibbles / 2] << 4 | value);
        nibbles++;
    }
    assert_int_equal(nibbles, 32);
    return id;
}

static void invited_person_joins_once_with_the_role_of_the_invitation(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    const struct principal principal = owner_principal(&boss);
    const struct admin_invite_staff invite = { .email = draw_email(),
                                               .name = TEXT("Grace"),
                                               .role = ADMIN_STAFF_ROLE_SUPPORT };
    struct admin_invited invited;
    struct common_contacts contacts;
    assert_int_equal(
        direct_call(market, &principal, &admin_invite_staff_message, &invite, &invited), STATUS_OK);
    const struct uuid ticket_id = uuid_of_sql(ticket_token(invite.email));
    const struct admin_get_contacts ask = { .staff_id = invited.staff_id,
                                            .has_ticket_id = true,
                                            .ticket_id = ticket_id };
    assert_int_equal(direct_call(market, NULL, &admin_get_contacts_message, &ask, &contacts),
                     STATUS_OK);
    assert_int_equal(contacts.contacts_count, 1);
    assert_text_equal(contacts.contacts[0].email, invite.email);
    assert_true(text_starts_with(contacts.contacts[0].person_id, TEXT("tic_")));

    const struct admin_join_staff join = { .ticket_id = ticket_id, .password_hash = TEXT("x") };
    struct admin_staff staff;
    assert_int_equal(direct_call(market, NULL, &admin_join_staff_message, &join, &staff),
                     STATUS_OK);
    assert_true(uuid_equals(staff.id, invited.staff_id));
    assert_int_equal(staff.role, ADMIN_STAFF_ROLE_SUPPORT);
    assert_int_equal(direct_call(market, NULL, &admin_join_staff_message, &join, &staff),
                     STATUS_INVALID_TICKET);
    const struct admin_get_contacts later = { .staff_id = staff.id };
    assert_int_equal(direct_call(market, NULL, &admin_get_contacts_message, &later, &contacts),
                     STATUS_OK);
    assert_text_equal(contacts.contacts[0].name, TEXT("Grace"));
}

static struct admin_invitation_page pending(const struct principal *principal, int64_t limit,
                                            struct text after)
{
    const struct admin_list_invitations query = {
        .has_limit = true, .limit = limit, .has_after = after.length > 0, .after = after
    };
    struct admin_invitation_page page;
    assert_int_equal(direct_call(market, principal, &admin_list_invitations_message, &query, &page),
                     STATUS_OK);
    return page;
}

static void pending_invitations_are_listed_until_they_are_taken_back_or_too_old(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    struct principal principal = owner_principal(&boss);
    struct admin_invited invited[3];
    (void)direct_sql(market, "DELETE FROM admin.invitation");
    for (int i = 0; i < 3; i++) {
        const struct admin_invite_staff invite = { .email = draw_email(),
                                                   .name = TEXT("Grace"),
                                                   .role = ADMIN_STAFF_ROLE_SUPPORT };
        direct_advance(market, 1000);
        assert_int_equal(
            direct_call(market, &principal, &admin_invite_staff_message, &invite, &invited[i]),
            STATUS_OK);
    }
    const struct admin_invitation_page first = pending(&principal, 2, (struct text){ 0 });
    assert_int_equal(first.data_count, 2);
    assert_true(first.has_more);
    const struct admin_invitation_page second = pending(&principal, 2, first.next);
    assert_int_equal(second.data_count, 1);
    assert_false(second.has_more);
    assert_int_equal(first.data[0].role, ADMIN_STAFF_ROLE_SUPPORT);
    assert_true(uuid_equals(first.data[0].invited_by, boss.id));

    const struct text ticket = ticket_token(first.data[0].email);
    const struct admin_withdraw_invitation withdraw = { .staff_id = first.data[0].staff_id };
    struct principal lesser = principal;
    lesser.rights = UINT64_C(1) << ADMIN_PERMISSION_MANAGE_STAFF;
    assert_int_equal(
        direct_call(market, &lesser, &admin_withdraw_invitation_message, &withdraw, NULL),
        STATUS_FORBIDDEN);
    assert_int_equal(
        direct_call(market, &principal, &admin_withdraw_invitation_message, &withdraw, NULL),
        STATUS_OK);
    assert_int_equal(
        direct_call(market, &principal, &admin_withdraw_invitation_message, &withdraw, NULL),
        STATUS_NOT_FOUND);
    const struct admin_join_staff join = { .ticket_id = uuid_of_sql(ticket),
                                           .password_hash = TEXT("x") };
    struct admin_staff staff;
    assert_int_equal(direct_call(market, NULL, &admin_join_staff_message, &join, &staff),
                     STATUS_INVALID_TICKET);
    assert_int_equal(pending(&principal, 20, (struct text){ 0 }).data_count, 2);
    direct_advance(market, INT64_C(8) * 86400 * 1000000);
    assert_int_equal(pending(&principal, 20, (struct text){ 0 }).data_count, 0);
}

static void one_changes_ones_own_name_and_language(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    const struct principal principal = owner_principal(&boss);
    struct admin_change_me change_me = { .has_name = true,
                                         .name = TEXT("  Ada "),
                                         .has_locale = true,
                                         .locale = COMMON_LOCALE_DE,
                                         .versions = &(const int64_t){ boss.version },
                                         .versions_count = 1 };
    struct admin_staff changed;
    assert_int_equal(
        direct_call(market, &principal, &admin_change_me_message, &change_me, &changed), STATUS_OK);
    assert_text_equal(changed.name, TEXT("Ada"));
    assert_text_equal(changed.locale, TEXT("de"));
    assert_int_equal(changed.version, boss.version + 1);
    assert_int_equal(
        direct_call(market, &principal, &admin_change_me_message, &change_me, &changed),
        STATUS_PRECONDITION_FAILED);
    change_me = (struct admin_change_me){ .has_name = true, .name = TEXT("a\nb") };
    assert_int_equal(
        direct_call(market, &principal, &admin_change_me_message, &change_me, &changed),
        STATUS_INVALID_VALUE);
    assert_string_equal(direct_last_fault(market).pointer, "/name");
}

static void invitation_of_somebody_who_was_put_out_is_worth_nothing(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner(), other = create_owner();
    const struct principal principal = owner_principal(&boss), bad = owner_principal(&other);
    const struct admin_invite_staff invite = { .email = draw_email(),
                                               .name = TEXT("Mallory"),
                                               .role = ADMIN_STAFF_ROLE_OWNER };
    struct admin_staff staff;
    assert_int_equal(direct_call(market, &bad, &admin_invite_staff_message, &invite, NULL),
                     STATUS_OK);
    const struct admin_join_staff join = { .ticket_id = uuid_of_sql(ticket_token(invite.email)),
                                           .password_hash = TEXT("x") };
    assert_int_equal(change(&principal, other.id, -1, false, &staff), STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &admin_join_staff_message, &join, &staff),
                     STATUS_INVALID_TICKET);
    /* Nor does it come back with its sender. */
    assert_int_equal(change(&principal, other.id, -1, true, &staff), STATUS_OK);
    assert_int_equal(direct_call(market, NULL, &admin_join_staff_message, &join, &staff),
                     STATUS_INVALID_TICKET);
}

static void list_goes_on_where_it_ended(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)create_owner();
        direct_advance(market, 1000);
    }
    struct admin_list_staff list = { .has_limit = true, .limit = 2 };
    struct admin_staff_page first, second;
    assert_int_equal(direct_call(market, NULL, &admin_list_staff_message, &list, &first),
                     STATUS_OK);
    assert_true(first.has_more && first.data_count == 2);
    list.has_after = true;
    list.after = first.next;
    assert_int_equal(direct_call(market, NULL, &admin_list_staff_message, &list, &second),
                     STATUS_OK);
    assert_true(memcmp(second.data[0].id.bytes, first.data[1].id.bytes, 16) < 0);
    list.after = TEXT("nonsense");
    assert_int_equal(direct_call(market, NULL, &admin_list_staff_message, &list, &second),
                     STATUS_INVALID_PARAMETER);
}

/* ---- API keys ---- */

static enum status make_key(const struct principal *principal, const char *scope,
                            struct common_made_api_key *ret_made)
{
    const struct text scopes[] = { text_of(scope) };
    const struct admin_make_api_key command = { .name = TEXT("robot"),
                                                .scopes = scopes,
                                                .scopes_count = 1 };
    return direct_call(market, principal, &admin_make_api_key_message, &command, ret_made);
}

static enum status use_key(const struct common_made_api_key *made,
                           struct common_api_key_use *ret_use)
{
    struct text bytes;
    const char *dot = memchr(made->secret.data, '.', made->secret.length);
    const struct text part = { dot + 1,
                               made->secret.length - (size_t)(dot + 1 - made->secret.data) };
    assert_int_equal(base64url_decode(arena, part, &bytes), STATUS_OK);
    const struct identity_use_api_key command = { .key_id = made->id, .secret = bytes };
    return direct_call(market, NULL, &admin_use_api_key_message, &command, ret_use);
}

static void api_key_may_do_what_its_maker_may_and_no_more(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner(), other = create_owner();
    const struct principal principal = owner_principal(&boss);
    struct principal maker = owner_principal(&other);
    struct common_made_api_key made;
    struct common_api_key_use use;
    maker.rights &= ~(UINT64_C(1) << ADMIN_PERMISSION_MANAGE_MONEY);
    assert_int_equal(make_key(&maker, "manage_money", &made), STATUS_FORBIDDEN);
    assert_int_equal(make_key(&maker, "fly", &made), STATUS_INVALID_VALUE);
    assert_int_equal(make_key(&maker, "manage_orders", &made), STATUS_OK);

    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_true(uuid_equals(use.account_id, other.id));
    assert_int_equal(use.rights, 1 << ADMIN_PERMISSION_MANAGE_ORDERS);
    struct admin_staff changed;
    assert_int_equal(change(&principal, other.id, ADMIN_STAFF_ROLE_AUDITOR, true, &changed),
                     STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_OK);
    assert_int_equal(use.rights, 0);
    assert_int_equal(change(&principal, other.id, -1, false, &changed), STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
}

static void revoked_key_is_refused_and_not_listed(void **state)
{
    (void)state;
    const struct admin_staff boss = create_owner();
    const struct principal principal = owner_principal(&boss);
    struct common_made_api_key made;
    struct common_api_key_use use;
    struct common_api_keys keys;
    const struct identity_list_api_keys list = { 0 };
    assert_int_equal(make_key(&principal, "view_audit", &made), STATUS_OK);
    assert_int_equal(direct_call(market, &principal, &admin_list_api_keys_message, &list, &keys),
                     STATUS_OK);
    assert_int_equal(keys.data_count, 1);
    assert_text_equal(keys.data[0].scopes[0], TEXT("view_audit"));
    const struct identity_revoke_api_key revoke = { .key_id = made.id };
    const struct principal stranger = { .kind = PRINCIPAL_ADMIN, .id = made.id };
    assert_int_equal(direct_call(market, &stranger, &admin_revoke_api_key_message, &revoke, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, &principal, &admin_revoke_api_key_message, &revoke, NULL),
                     STATUS_OK);
    assert_int_equal(use_key(&made, &use), STATUS_UNAUTHENTICATED);
    assert_int_equal(direct_call(market, &principal, &admin_list_api_keys_message, &list, &keys),
                     STATUS_OK);
    assert_int_equal(keys.data_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_owner_is_made_once_per_address),
        cmocka_unit_test(last_active_owner_can_neither_go_nor_become_less),
        cmocka_unit_test(owners_who_remove_each_other_at_once_leave_one),
        cmocka_unit_test(whoever_is_kept_out_is_out_at_once),
        cmocka_unit_test(nobody_changes_or_invites_above_his_own_rights),
        cmocka_unit_test(a_reason_that_nobody_can_read_is_none),
        cmocka_unit_test(an_invitation_too_many_leaves_the_one_before_it_good),
        cmocka_unit_test(stale_version_changes_nobody),
        cmocka_unit_test(invitation_is_kept_until_it_is_used_and_a_second_one_replaces_it),
        cmocka_unit_test(invited_person_joins_once_with_the_role_of_the_invitation),
        cmocka_unit_test(pending_invitations_are_listed_until_they_are_taken_back_or_too_old),
        cmocka_unit_test(one_changes_ones_own_name_and_language),
        cmocka_unit_test(invitation_of_somebody_who_was_put_out_is_worth_nothing),
        cmocka_unit_test(list_goes_on_where_it_ended),
        cmocka_unit_test(api_key_may_do_what_its_maker_may_and_no_more),
        cmocka_unit_test(revoked_key_is_refused_and_not_listed),
    };
    return cmocka_run_group_tests(tests, story_open, story_close);
}
