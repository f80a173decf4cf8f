/* Claims about the rules of staff. */
#include "actors/admin/admin.h"
#include "tests/support/cmocka.h"

static bool may(enum admin_staff_role role, enum admin_permission permission)
{
    return (admin_rights_of(role) >> permission & 1) != 0;
}

static bool starts_with(const char *text, const char *start)
{
    return text_starts_with(text_of(text), text_of(start));
}

static void owner_may_do_everything_and_nobody_more(void **state)
{
    (void)state;
    assert_true(admin_rights_of(ADMIN_STAFF_ROLE_OWNER) == ADMIN_RIGHTS_ALL);
    for (int role = 0; role < ADMIN_STAFF_ROLE_COUNT; role++)
        assert_true((admin_rights_of((enum admin_staff_role)role) & ~ADMIN_RIGHTS_ALL) == 0);
}

static void auditor_sees_everything_and_changes_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < ADMIN_PERMISSION_COUNT; i++)
        assert_int_equal(may(ADMIN_STAFF_ROLE_AUDITOR, (enum admin_permission)i),
                         starts_with(admin_permission_names[i], "view_"));
}

static void only_owners_manage_the_staff(void **state)
{
    (void)state;
    for (int role = ADMIN_STAFF_ROLE_OWNER + 1; role < ADMIN_STAFF_ROLE_COUNT; role++)
        assert_false(may((enum admin_staff_role)role, ADMIN_PERMISSION_MANAGE_STAFF));
}

static void managers_run_the_market_and_nobody_below_them(void **state)
{
    (void)state;
    assert_true(may(ADMIN_STAFF_ROLE_MANAGER, ADMIN_PERMISSION_MANAGE_MARKET));
    for (int role = ADMIN_STAFF_ROLE_MANAGER + 1; role < ADMIN_STAFF_ROLE_COUNT; role++)
        assert_false(may((enum admin_staff_role)role, ADMIN_PERMISSION_MANAGE_MARKET));
}

static void money_is_for_finance_and_not_for_support_or_catalogue(void **state)
{
    (void)state;
    assert_true(may(ADMIN_STAFF_ROLE_FINANCE, ADMIN_PERMISSION_MANAGE_MONEY));
    assert_false(may(ADMIN_STAFF_ROLE_SUPPORT, ADMIN_PERMISSION_VIEW_MONEY));
    assert_false(may(ADMIN_STAFF_ROLE_CATALOGUE, ADMIN_PERMISSION_VIEW_ORDERS));
    assert_false(may(ADMIN_STAFF_ROLE_FINANCE, ADMIN_PERMISSION_IMPERSONATE));
}

static void item_27_session_without_the_wanted_factor_may_do_nothing(void **state)
{
    (void)state;
    const enum admin_staff_role owner = ADMIN_STAFF_ROLE_OWNER;
    const struct admin_standing not_enrolled = admin_judge_session(owner, true, false, 0);
    assert_int_equal(not_enrolled.rights, 0);
    assert_true(not_enrolled.needs_second_factor);
    /* Confirmed by a password while none was wanted: no factor, whatever the time says. */
    assert_int_equal(admin_judge_session(owner, true, false, 5).rights, 0);
    /* Enrolled, but not given in this session. */
    assert_int_equal(admin_judge_session(owner, true, true, 0).rights, 0);
    assert_int_equal(admin_judge_session(owner, false, true, 0).rights, 0);
    assert_true(admin_judge_session(owner, true, true, 5).rights == ADMIN_RIGHTS_ALL);
    assert_false(admin_judge_session(owner, true, true, 5).needs_second_factor);
    assert_true(admin_judge_session(owner, false, false, 0).rights == ADMIN_RIGHTS_ALL);
}

static void only_active_owners_count(void **state)
{
    (void)state;
    const enum admin_staff_role owner = ADMIN_STAFF_ROLE_OWNER, other = ADMIN_STAFF_ROLE_SUPPORT;
    assert_int_equal(admin_owners_gained(owner, true, other, true), -1);
    assert_int_equal(admin_owners_gained(owner, true, owner, false), -1);
    assert_int_equal(admin_owners_gained(other, true, owner, true), 1);
    assert_int_equal(admin_owners_gained(owner, false, owner, true), 1);
    assert_int_equal(admin_owners_gained(owner, false, other, false), 0);
    assert_int_equal(admin_owners_gained(other, true, owner, false), 0);
    assert_int_equal(admin_owners_gained(owner, true, owner, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owner_may_do_everything_and_nobody_more),
        cmocka_unit_test(auditor_sees_everything_and_changes_nothing),
        cmocka_unit_test(only_owners_manage_the_staff),
        cmocka_unit_test(managers_run_the_market_and_nobody_below_them),
        cmocka_unit_test(money_is_for_finance_and_not_for_support_or_catalogue),
        cmocka_unit_test(item_27_session_without_the_wanted_factor_may_do_nothing),
        cmocka_unit_test(only_active_owners_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
