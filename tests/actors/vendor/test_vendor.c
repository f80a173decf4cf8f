/* Claims about the rules of vendors: where they may stand, when they are open, who may do what,
 * what is asked of them, how they may send. No database, no host. */
#include "actors/vendor/vendor.h"

#include "actors/vendor/vendor_checklist.h"
#include "actors/vendor/vendor_rights.h"
#include "actors/vendor/vendor_shipping_rules.h"
#include "runtime/config_internal.h"
#include "tests/support/cmocka.h"

#define RIGHT(permission) (UINT64_C(1) << VENDOR_PERMISSION_##permission)

static void only_the_transitions_of_the_table_are_legal(void **state)
{
    (void)state;
    static const char *const expected[VENDOR_ACT_COUNT] = {
        /* from applied, approved, rejected, suspended, terminated, terminating;
         * '.' is refused */
        [VENDOR_ACT_APPLY] = "..0...",     [VENDOR_ACT_APPROVE] = "1.....",
        [VENDOR_ACT_REJECT] = "2.....",    [VENDOR_ACT_SUSPEND] = ".3....",
        [VENDOR_ACT_REINSTATE] = "...1..", [VENDOR_ACT_TERMINATE] = ".5.5..",
        [VENDOR_ACT_LEAVE] = ".....4",
    };
    for (size_t act = 0; act < VENDOR_ACT_COUNT; act++) {
        for (size_t from = 0; from < VENDOR_VENDOR_STATUS_COUNT; from++) {
            enum vendor_vendor_status to = VENDOR_VENDOR_STATUS_APPLIED;
            const enum status status =
                vendor_status_after((enum vendor_act)act, (enum vendor_vendor_status)from, &to);
            const char mark = expected[act][from];
            assert_int_equal(status, mark == '.' ? STATUS_ILLEGAL_TRANSITION : STATUS_OK);
            if (mark != '.') assert_int_equal(to, mark - '0');
        }
    }
}

static void a_vendor_leaves_only_without_orders_and_checkouts(void **state)
{
    (void)state;
    assert_true(vendor_can_leave(0, 0));
    assert_false(vendor_can_leave(1, 0));
    assert_false(vendor_can_leave(0, 1));
}

static void a_window_closes_an_approved_vendor_from_its_begin_to_its_end(void **state)
{
    (void)state;
    struct vendor vendor;
    assert_int_equal(vendor_admit(TEXT(" Oak "), (struct uuid){ { 1 } },
                                  VENDOR_VENDOR_STATUS_APPROVED, 5, &vendor),
                     STATUS_OK);
    assert_true(vendor.is_announced_open);
    assert_int_equal(vendor_close(&vendor, 100, 200, 5), STATUS_OK);
    assert_true(vendor_is_open(&vendor, 99));
    assert_false(vendor_is_open(&vendor, 100));
    assert_false(vendor_is_open(&vendor, 199));
    assert_true(vendor_is_open(&vendor, 200));
    assert_int_equal(vendor_due_us(&vendor, 99), 100);
    assert_int_equal(vendor_due_us(&vendor, 100), 200);
    assert_int_equal(vendor_due_us(&vendor, 200), 0);
    vendor.status = VENDOR_VENDOR_STATUS_SUSPENDED;
    assert_false(vendor_is_open(&vendor, 99));
}

static void a_window_that_is_over_or_turned_round_is_refused(void **state)
{
    (void)state;
    struct vendor vendor = { .status = VENDOR_VENDOR_STATUS_APPROVED };
    assert_int_equal(vendor_close(&vendor, 100, 100, 5), STATUS_INVALID_VALUE);
    assert_int_equal(vendor_close(&vendor, 200, 100, 5), STATUS_INVALID_VALUE);
    assert_int_equal(vendor_close(&vendor, 100, 200, 200), STATUS_INVALID_VALUE);
    assert_false(vendor.has_window);
}

static void rights_are_those_of_role_and_status(void **state)
{
    (void)state;
    const uint64_t all = (UINT64_C(1) << VENDOR_PERMISSION_COUNT) - 1;
    const uint64_t limited = RIGHT(VIEW_VENDOR) | RIGHT(MANAGE_PROFILE) | RIGHT(MANAGE_TEAM);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_APPROVED), all);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_APPLIED), limited);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_REJECTED), limited);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_SUSPENDED), limited);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_TERMINATED), 0);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_TERMINATING),
                     limited | RIGHT(VIEW_ORDERS) | RIGHT(MANAGE_ORDERS) | RIGHT(VIEW_MONEY));
    assert_int_equal(vendor_rights(VENDOR_ROLE_EDITOR, VENDOR_VENDOR_STATUS_SUSPENDED),
                     RIGHT(VIEW_VENDOR));
    assert_int_equal(vendor_rights_of_role(VENDOR_ROLE_EDITOR),
                     RIGHT(VIEW_VENDOR) | RIGHT(MANAGE_PRODUCTS) | RIGHT(MANAGE_STOCK));
    assert_int_equal(vendor_rights_of_role(VENDOR_ROLE_ACCOUNTANT) & RIGHT(MANAGE_ORDERS), 0);
    assert_int_equal(vendor_rights_of_role(VENDOR_ROLE_FULFILMENT) & RIGHT(VIEW_MONEY), 0);
}

static void nobody_manages_a_role_that_may_do_more(void **state)
{
    (void)state;
    const uint64_t manager = vendor_rights_of_role(VENDOR_ROLE_MANAGER);
    assert_false(vendor_may_manage_role(manager, VENDOR_ROLE_OWNER));
    assert_true(vendor_may_manage_role(manager, VENDOR_ROLE_MANAGER));
    assert_true(vendor_may_manage_role(manager, VENDOR_ROLE_ACCOUNTANT));
    assert_true(
        vendor_may_manage_role(vendor_rights_of_role(VENDOR_ROLE_OWNER), VENDOR_ROLE_OWNER));
    assert_true(vendor_is_last_owner(VENDOR_ROLE_OWNER, 1));
    assert_false(vendor_is_last_owner(VENDOR_ROLE_OWNER, 2));
    assert_false(vendor_is_last_owner(VENDOR_ROLE_EDITOR, 1));
}

static void the_checklist_asks_for_what_the_setting_names(void **state)
{
    (void)state;
    const struct vendor vendor = { .description = TEXT("d"), .policies = TEXT("p") };
    const struct vendor_progress progress = { .owners = 2,
                                              .owners_with_email = 2,
                                              .owners_with_second_factor = 1,
                                              .active_shipping_methods = 1 };
    struct vendor_checklist_result result;
    assert_int_equal(vendor_checklist_judge(TEXT(""), &vendor, &progress, &result), STATUS_OK);
    assert_int_equal(result.count, 0);
    const struct text all = TEXT("second_factor, shipping,email,profile,email,");
    assert_int_equal(vendor_checklist_judge(all, &vendor, &progress, &result), STATUS_OK);
    assert_int_equal(result.count, 4);
    assert_true(result.items[0].is_done);  /* email */
    assert_false(result.items[1].is_done); /* profile: no contact address */
    assert_true(result.items[2].is_done);  /* shipping */
    assert_false(result.items[3].is_done); /* second_factor: one of two owners */
    /* The setting's words are said in two places. */
    struct config *config = config_new();
    const struct config_place place = { SOURCE_ARGUMENT, "test" };
    for (size_t i = 0; i < VENDOR_CHECKLIST_ITEM_COUNT; i++)
        assert_int_equal(config_set(config, TEXT("vendor.checklist"),
                                    text_of(vendor_checklist_item_names[i]), place),
                         STATUS_OK);
    config_destroy(&config);
    assert_int_equal(vendor_checklist_judge(TEXT("emial"), &vendor, &progress, &result),
                     STATUS_INVALID_VALUE);
}

static struct vendor_shipping_method flat(void)
{
    return (struct vendor_shipping_method){ .name = TEXT(" Parcel "),
                                            .kind = VENDOR_SHIPPING_KIND_FLAT,
                                            .price = money_make(490, "EUR") };
}

static void a_shipping_method_has_the_amount_of_its_kind_and_no_other(void **state)
{
    (void)state;
    struct vendor_shipping_method method = flat();
    assert_null(vendor_shipping_normalise(&method));
    assert_true(text_equals(method.name, TEXT("Parcel")));
    method.kind = VENDOR_SHIPPING_KIND_WEIGHT;
    assert_string_equal(vendor_shipping_normalise(&method), "/price_per_kg");
    method.has_price_per_kg = true;
    method.price_per_kg = money_make(100, "USD");
    assert_string_equal(vendor_shipping_normalise(&method), "/price_per_kg");
    method.price_per_kg = money_make(100, "EUR");
    assert_null(vendor_shipping_normalise(&method));
    method = flat();
    method.has_free_above = true;
    method.free_above = money_make(100, "EUR");
    assert_string_equal(vendor_shipping_normalise(&method), "/free_above");
    method = flat();
    method.price = money_make(1, "XQX");
    assert_string_equal(vendor_shipping_normalise(&method), "/price");
}

static void countries_are_real_and_each_stands_once(void **state)
{
    (void)state;
    const struct text twice[] = { TEXT("DE"), TEXT("FR"), TEXT("DE") }, unknown[] = { TEXT("XX") };
    struct vendor_shipping_method method = flat();
    method.countries = twice;
    method.countries_count = 2;
    assert_null(vendor_shipping_normalise(&method));
    method.countries_count = 3;
    assert_string_equal(vendor_shipping_normalise(&method), "/countries");
    method.countries = unknown;
    method.countries_count = 1;
    assert_string_equal(vendor_shipping_normalise(&method), "/countries");
}

static void another_kind_takes_the_old_amount_away(void **state)
{
    (void)state;
    struct vendor_shipping_method method = flat();
    method.kind = VENDOR_SHIPPING_KIND_FREE_ABOVE;
    method.has_free_above = true;
    method.free_above = money_make(5000, "EUR");
    const struct vendor_change_shipping_method change = { .has_kind = true,
                                                          .kind = VENDOR_SHIPPING_KIND_FLAT };
    vendor_shipping_change(&method, &change);
    assert_null(vendor_shipping_normalise(&method));
    assert_false(method.has_free_above);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_transitions_of_the_table_are_legal),
        cmocka_unit_test(a_vendor_leaves_only_without_orders_and_checkouts),
        cmocka_unit_test(a_window_closes_an_approved_vendor_from_its_begin_to_its_end),
        cmocka_unit_test(a_window_that_is_over_or_turned_round_is_refused),
        cmocka_unit_test(rights_are_those_of_role_and_status),
        cmocka_unit_test(nobody_manages_a_role_that_may_do_more),
        cmocka_unit_test(the_checklist_asks_for_what_the_setting_names),
        cmocka_unit_test(a_shipping_method_has_the_amount_of_its_kind_and_no_other),
        cmocka_unit_test(countries_are_real_and_each_stands_once),
        cmocka_unit_test(another_kind_takes_the_old_amount_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
