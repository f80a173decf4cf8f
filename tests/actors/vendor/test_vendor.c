/* Claims about the rules of vendors: where they may stand, when they are open, who may do what,
 * what is asked of them, how they may send. No database, no host. */
#include "actors/vendor/vendor.h"

#include <string.h>

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
    /* What was sold before is sent, and paid back, whatever becomes of its vendor. */
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_SUSPENDED),
                     limited | RIGHT(VIEW_ORDERS) | RIGHT(MANAGE_ORDERS) | RIGHT(MANAGE_STOCK));
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_TERMINATED), 0);
    assert_int_equal(vendor_rights(VENDOR_ROLE_OWNER, VENDOR_VENDOR_STATUS_TERMINATING),
                     limited | RIGHT(VIEW_ORDERS) | RIGHT(MANAGE_ORDERS) | RIGHT(MANAGE_STOCK) |
                         RIGHT(VIEW_MONEY));
    assert_int_equal(vendor_rights(VENDOR_ROLE_EDITOR, VENDOR_VENDOR_STATUS_SUSPENDED),
                     RIGHT(VIEW_VENDOR) | RIGHT(MANAGE_STOCK));
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

static void a_checklist_is_judged_item_by_item(void **state)
{
    (void)state;
    const struct vendor bare = { .description = TEXT("d"), .policies = TEXT("p") };
    const struct vendor whole = { .description = TEXT("d"),
                                  .policies = TEXT("p"),
                                  .contact_email = TEXT("desk@example.com") };
    const struct vendor_progress nothing = { 0 };
    const struct vendor_progress all = { .owners = 1,
                                         .owners_with_email = 1,
                                         .owners_with_second_factor = 1,
                                         .active_shipping_methods = 1 };
    struct vendor_checklist_result result;
    for (size_t i = 0; i < VENDOR_CHECKLIST_ITEM_COUNT; i++) {
        const struct text setting = text_of(vendor_checklist_item_names[i]);
        assert_int_equal(vendor_checklist_judge(setting, &bare, &nothing, &result), STATUS_OK);
        assert_int_equal(result.count, 1);
        assert_int_equal(result.items[0].code, i);
        assert_false(result.items[0].is_done);
        assert_int_equal(vendor_checklist_judge(setting, &whole, &all, &result), STATUS_OK);
        assert_true(result.items[0].is_done);
        assert_true(strlen(vendor_checklist_text((enum vendor_checklist_item)i)) > 0);
    }
}

static void a_setting_may_have_blanks_and_repeat_itself_but_nothing_unknown(void **state)
{
    (void)state;
    const struct vendor vendor = { .id = { { 1 } } };
    const struct vendor_progress progress = { .owners = 1 };
    struct vendor_checklist_result result = { .count = 3 };
    assert_int_equal(
        vendor_checklist_judge(TEXT(" , email , , email "), &vendor, &progress, &result),
        STATUS_OK);
    assert_int_equal(result.count, 1);
    static const char *const unknown[] = { "Email", "email;profile", "email profile",
                                           "emai",  "emails",        "email,x" };
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
        assert_int_equal(vendor_checklist_judge(text_of(unknown[i]), &vendor, &progress, &result),
                         STATUS_INVALID_VALUE);
    assert_int_equal(result.count, 1); /* as it was */
}

static void a_name_is_trimmed_and_two_hundred_bytes_long_at_most(void **state)
{
    (void)state;
    const struct uuid id = { { 9 } };
    char long_name[VENDOR_NAME_MAX + 1];
    struct vendor vendor;
    memset(long_name, 'x', sizeof long_name);
    const struct text longest = { long_name, VENDOR_NAME_MAX };
    assert_int_equal(vendor_admit(longest, id, VENDOR_VENDOR_STATUS_APPLIED, 7, &vendor),
                     STATUS_OK);
    assert_int_equal(vendor.name.length, VENDOR_NAME_MAX);
    assert_int_equal(vendor.version, 1);
    assert_int_equal(vendor.created_at_us, 7);
    assert_false(vendor.is_announced_open); /* an applicant sells nothing */
    const struct text too_long = { long_name, sizeof long_name };
    assert_int_equal(vendor_admit(too_long, id, VENDOR_VENDOR_STATUS_APPLIED, 7, &vendor),
                     STATUS_INVALID_VALUE);
    assert_int_equal(vendor_admit(TEXT(" \t "), id, VENDOR_VENDOR_STATUS_APPLIED, 7, &vendor),
                     STATUS_INVALID_VALUE);
    assert_true(uuid_equals(vendor.id, id)); /* that of the first */
}

static void names_are_compared_without_the_case_of_ascii_letters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *key;
    } names[] = {
        { "Oak & ASH", "oak & ash" },
        { "azAZ09[`{@", "azaz09[`{@" },
        { "\u00c4PFEL", "\u00c4pfel" },
        { "", "" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct vendor_name_key key;
        vendor_name_fold(text_of(names[i].name), &key);
        const struct text folded = { key.text, key.length };
        assert_text_equal(folded, text_of(names[i].key));
    }
}

static void everybody_sees_approved_vendors_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < VENDOR_VENDOR_STATUS_COUNT; i++) {
        const struct vendor vendor = { .status = (enum vendor_vendor_status)i };
        assert_int_equal(vendor_is_public(&vendor), i == VENDOR_VENDOR_STATUS_APPROVED);
        assert_int_equal(vendor_is_open(&vendor, 0), i == VENDOR_VENDOR_STATUS_APPROVED);
        assert_int_equal(vendor_due_us(&vendor, 0), 0); /* no window, nothing due */
    }
}

static void a_later_window_takes_the_place_of_the_first(void **state)
{
    (void)state;
    struct vendor vendor = { .status = VENDOR_VENDOR_STATUS_APPROVED };
    assert_int_equal(vendor_close(&vendor, 100, 200, 5), STATUS_OK);
    assert_int_equal(vendor_close(&vendor, 300, 400, 150), STATUS_OK);
    assert_true(vendor_is_open(&vendor, 150));
    assert_false(vendor_is_on_holiday(&vendor, 299));
    assert_true(vendor_is_on_holiday(&vendor, 300));
    /* One that has begun already may still be set: it closes at once. */
    assert_int_equal(vendor_close(&vendor, 1, 400, 350), STATUS_OK);
    assert_false(vendor_is_open(&vendor, 350));
    assert_int_equal(vendor_due_us(&vendor, 350), 400);
    assert_int_equal(vendor_close(&vendor, 500, 450, 350), STATUS_INVALID_VALUE);
    assert_int_equal(vendor.closed_to_us, 400); /* a refusal changes nothing */
}

static void a_status_gives_no_right_that_the_role_has_not(void **state)
{
    (void)state;
    for (size_t r = 0; r < VENDOR_ROLE_COUNT; r++) {
        const enum vendor_role role = (enum vendor_role)r;
        const uint64_t most = vendor_rights_of_role(role);
        assert_true((most & RIGHT(VIEW_VENDOR)) != 0);
        for (size_t s = 0; s < VENDOR_VENDOR_STATUS_COUNT; s++) {
            const enum vendor_vendor_status status = (enum vendor_vendor_status)s;
            const uint64_t rights = vendor_rights(role, status);
            assert_int_equal(rights & ~most, 0);
            assert_int_equal(rights & ~vendor_rights_of_status(status), 0);
        }
        assert_int_equal(vendor_rights(role, VENDOR_VENDOR_STATUS_APPROVED), most);
    }
}

static void only_owners_make_keys_and_only_a_working_vendor_sells(void **state)
{
    (void)state;
    for (size_t r = 0; r < VENDOR_ROLE_COUNT; r++) {
        const bool may_make_keys =
            (vendor_rights_of_role((enum vendor_role)r) & RIGHT(MANAGE_KEYS)) != 0;
        assert_int_equal(may_make_keys, r == VENDOR_ROLE_OWNER);
    }
    for (size_t s = 0; s < VENDOR_VENDOR_STATUS_COUNT; s++) {
        const uint64_t rights = vendor_rights_of_status((enum vendor_vendor_status)s);
        const bool is_working = s == VENDOR_VENDOR_STATUS_APPROVED;
        assert_int_equal((rights & RIGHT(MANAGE_PRODUCTS)) != 0, is_working);
        assert_int_equal((rights & RIGHT(MANAGE_KEYS)) != 0, is_working);
    }
}

static void who_manages_a_role_may_do_all_that_it_may(void **state)
{
    (void)state;
    for (size_t mine = 0; mine < VENDOR_ROLE_COUNT; mine++) {
        const uint64_t rights = vendor_rights_of_role((enum vendor_role)mine);
        assert_true(vendor_may_manage_role(rights, (enum vendor_role)mine));
        assert_true(vendor_may_manage_role(vendor_rights_of_role(VENDOR_ROLE_OWNER),
                                           (enum vendor_role)mine));
        for (size_t other = 0; other < VENDOR_ROLE_COUNT; other++) {
            const uint64_t others = vendor_rights_of_role((enum vendor_role)other);
            assert_int_equal(vendor_may_manage_role(rights, (enum vendor_role)other),
                             (rights | others) == rights);
        }
    }
    /* Neither of the two may do all that the other may. */
    assert_false(
        vendor_may_manage_role(vendor_rights_of_role(VENDOR_ROLE_EDITOR), VENDOR_ROLE_FULFILMENT));
    assert_false(
        vendor_may_manage_role(vendor_rights_of_role(VENDOR_ROLE_FULFILMENT), VENDOR_ROLE_EDITOR));
}

/* The pointer of what is refused, which is always explained; NULL: nothing. */
static const char *normalise(struct vendor_shipping_method *method)
{
    struct vendor_shipping_fault fault = { .why = NULL };
    if (vendor_shipping_normalise(method, &fault)) return NULL;
    assert_non_null(fault.why);
    return fault.pointer;
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
    assert_null(normalise(&method));
    assert_true(text_equals(method.name, TEXT("Parcel")));
    method.kind = VENDOR_SHIPPING_KIND_WEIGHT;
    assert_string_equal(normalise(&method), "/price_per_kg");
    method.has_price_per_kg = true;
    method.price_per_kg = money_make(100, "USD");
    assert_string_equal(normalise(&method), "/price_per_kg");
    method.price_per_kg = money_make(100, "EUR");
    assert_null(normalise(&method));
    method = flat();
    method.has_free_above = true;
    method.free_above = money_make(100, "EUR");
    assert_string_equal(normalise(&method), "/free_above");
    method = flat();
    method.price = money_make(1, "XQX");
    assert_string_equal(normalise(&method), "/price");
}

static void countries_are_real_and_each_stands_once(void **state)
{
    (void)state;
    const struct text twice[] = { TEXT("DE"), TEXT("FR"), TEXT("DE") }, unknown[] = { TEXT("XX") };
    struct vendor_shipping_method method = flat();
    method.countries = twice;
    method.countries_count = 2;
    assert_null(normalise(&method));
    method.countries_count = 3;
    struct vendor_shipping_fault fault;
    assert_false(vendor_shipping_normalise(&method, &fault));
    assert_string_equal(fault.pointer, "/countries");
    assert_true(fault.is_in_list);
    assert_int_equal(fault.index, 2);
    method.countries = unknown;
    method.countries_count = 1;
    assert_false(vendor_shipping_normalise(&method, &fault));
    assert_int_equal(fault.index, 0);
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
    assert_null(normalise(&method));
    assert_false(method.has_free_above);
}

static void a_change_of_a_shipping_method_leaves_the_rest_alone(void **state)
{
    (void)state;
    const struct text home[] = { TEXT("DE") }, near[] = { TEXT("AT"), TEXT("CH") };
    struct vendor_shipping_method method = flat();
    method.countries = home;
    method.countries_count = 1;
    method.is_active = true;
    const struct vendor_shipping_method before = method;

    struct vendor_change_shipping_method change = { .has_price = true,
                                                    .price = money_make(590, "EUR") };
    vendor_shipping_change(&method, &change);
    assert_int_equal(method.price.amount, 590);
    assert_int_equal(method.kind, before.kind);
    assert_ptr_equal(method.countries, home);
    assert_true(method.is_active);
    assert_text_equal(method.name, before.name);

    change = (struct vendor_change_shipping_method){ .has_name = true,
                                                     .name = TEXT("Letter"),
                                                     .has_is_active = true,
                                                     .countries = near,
                                                     .countries_count = 2 };
    vendor_shipping_change(&method, &change);
    assert_text_equal(method.name, TEXT("Letter"));
    assert_false(method.is_active);
    assert_ptr_equal(method.countries, near);
    assert_int_equal(method.countries_count, 2);
    assert_int_equal(method.price.amount, 590);

    change = (struct vendor_change_shipping_method){ .has_is_everywhere = true };
    vendor_shipping_change(&method, &change);
    assert_int_equal(method.countries_count, 2); /* "not everywhere" names no country */
    change.is_everywhere = true;
    vendor_shipping_change(&method, &change);
    assert_int_equal(method.countries_count, 0);
}

static void another_kind_comes_with_its_own_amount(void **state)
{
    (void)state;
    struct vendor_shipping_method method = flat();
    struct vendor_change_shipping_method change = { .has_kind = true,
                                                    .kind = VENDOR_SHIPPING_KIND_WEIGHT,
                                                    .has_price_per_kg = true,
                                                    .price_per_kg = money_make(90, "EUR") };
    vendor_shipping_change(&method, &change);
    assert_null(normalise(&method));
    assert_int_equal(method.price_per_kg.amount, 90);
    /* The same kind once more keeps its amount. */
    change = (struct vendor_change_shipping_method){ .has_kind = true,
                                                     .kind = VENDOR_SHIPPING_KIND_WEIGHT };
    vendor_shipping_change(&method, &change);
    assert_true(method.has_price_per_kg);
    change = (struct vendor_change_shipping_method){ .has_kind = true,
                                                     .kind = VENDOR_SHIPPING_KIND_FREE_ABOVE };
    vendor_shipping_change(&method, &change);
    assert_string_equal(normalise(&method), "/free_above");
    change.has_free_above = true;
    change.free_above = money_make(5000, "CHF");
    vendor_shipping_change(&method, &change);
    assert_string_equal(normalise(&method), "/free_above");
    change.free_above = money_make(5000, "EUR");
    vendor_shipping_change(&method, &change);
    assert_null(normalise(&method));
}

static void a_shipping_method_has_a_name_that_can_be_read(void **state)
{
    (void)state;
    static const char *const names[] = { "", "  ", "a\nb", "\u202eb", "\u200b" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct vendor_shipping_method method = flat();
        method.name = text_of(names[i]);
        assert_string_equal(normalise(&method), "/name");
    }
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
        cmocka_unit_test(a_checklist_is_judged_item_by_item),
        cmocka_unit_test(a_setting_may_have_blanks_and_repeat_itself_but_nothing_unknown),
        cmocka_unit_test(a_name_is_trimmed_and_two_hundred_bytes_long_at_most),
        cmocka_unit_test(names_are_compared_without_the_case_of_ascii_letters),
        cmocka_unit_test(everybody_sees_approved_vendors_only),
        cmocka_unit_test(a_later_window_takes_the_place_of_the_first),
        cmocka_unit_test(a_status_gives_no_right_that_the_role_has_not),
        cmocka_unit_test(only_owners_make_keys_and_only_a_working_vendor_sells),
        cmocka_unit_test(who_manages_a_role_may_do_all_that_it_may),
        cmocka_unit_test(a_shipping_method_has_the_amount_of_its_kind_and_no_other),
        cmocka_unit_test(countries_are_real_and_each_stands_once),
        cmocka_unit_test(another_kind_takes_the_old_amount_away),
        cmocka_unit_test(a_change_of_a_shipping_method_leaves_the_rest_alone),
        cmocka_unit_test(another_kind_comes_with_its_own_amount),
        cmocka_unit_test(a_shipping_method_has_a_name_that_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
