/* Claims about what a team says of its vendor, what staff asks of it, and how it sends; against a
 * scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#define SECOND_US INT64_C(1000000)

static size_t announcements(void)
{
    return direct_events(shops, vendor_profile_was_changed_message.number);
}

static enum status change(const struct shop *shop, const struct vendor_change_vendor *command)
{
    return shops_call(shop, &vendor_change_vendor_message, command, NULL);
}

static struct vendor_own_vendor look(const struct shop *shop)
{
    const struct vendor_get_vendor query = { 0 };
    struct vendor_own_vendor vendor;
    assert_int_equal(shops_call(shop, &vendor_get_vendor_message, &query, &vendor), STATUS_OK);
    return vendor;
}

static const char *pointer(void)
{
    return direct_last_fault(shops).pointer;
}

/* ---- applying ---- */

static void an_application_is_refused_at_the_field_that_is_wrong(void **state)
{
    (void)state;
    const struct vendor_register_vendor good = { .name = TEXT("Field by Field"),
                                                 .email = TEXT("fields@example.com"),
                                                 .password = TEXT("correct horse") };
    struct vendor_register_vendor bad = good;
    bad.email = TEXT("fields@");
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &bad, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/email");
    bad = good;
    bad.has_description = true;
    bad.description = TEXT("hidden \u202e text");
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &bad, NULL),
                     STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/description");
    bad = good;
    bad.password = TEXT("Field by Field");
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &bad, NULL),
                     STATUS_PASSWORD_TOO_COMMON);
    assert_string_equal(pointer(), "/password");
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &good, NULL),
                     STATUS_OK);
}

static void the_first_owner_is_named_after_the_vendor_and_has_its_language(void **state)
{
    (void)state;
    const struct vendor_register_vendor command = { .name = TEXT("Langsam & Gut"),
                                                    .email = TEXT("Langsam@Example.com"),
                                                    .password = TEXT("correct horse"),
                                                    .has_description = true,
                                                    .description = TEXT("Seit 1905"),
                                                    .has_locale = true,
                                                    .locale = COMMON_LOCALE_DE };
    struct vendor_own_vendor vendor;
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &command, &vendor),
                     STATUS_OK);
    assert_text_equal(vendor.slug, TEXT("langsam-gut"));
    assert_text_equal(vendor.description, TEXT("Seit 1905"));
    assert_false(vendor.is_open);
    struct vendor_signed_in reply;
    assert_int_equal(shops_login(command.email, "correct horse", TEXT(""), &reply), STATUS_OK);
    assert_text_equal(reply.member.name, command.name);
    assert_text_equal(reply.member.email, TEXT("langsam@example.com"));
    assert_text_equal(reply.member.locale, TEXT("de"));
    assert_int_equal(reply.member.role, VENDOR_ROLE_OWNER);
    assert_text_equal(shops_apply().signed_in.member.locale, TEXT("en"));
}

/* ---- the profile ---- */

static void texts_are_trimmed_and_an_empty_one_is_taken_away(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_change_vendor command = {
        .has_policies = true,
        .policies = TEXT("  14 days\nunused "),
        .has_banner_url = true,
        .banner_url = TEXT("https://cdn.example/banner.png"),
        .has_contact_email = true,
        .contact_email = TEXT("desk@example.com"),
    };
    assert_int_equal(change(&shop, &command), STATUS_OK);
    struct vendor_own_vendor vendor = look(&shop);
    assert_text_equal(vendor.policies, TEXT("14 days\nunused"));
    assert_true(vendor.has_banner_url);
    assert_true(vendor.has_contact_email);
    command = (struct vendor_change_vendor){ .has_policies = true,
                                             .has_banner_url = true,
                                             .has_contact_email = true };
    command.policies = command.banner_url = command.contact_email = TEXT("");
    assert_int_equal(change(&shop, &command), STATUS_OK);
    vendor = look(&shop);
    assert_false(vendor.has_policies);
    assert_false(vendor.has_banner_url);
    assert_false(vendor.has_contact_email);
}

static void a_change_that_is_refused_in_one_field_changes_none(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const int64_t version = look(&shop).version;
    struct vendor_change_vendor command = { .has_description = true,
                                            .description = TEXT("New"),
                                            .has_contact_email = true,
                                            .contact_email = TEXT("nobody") };
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/contact_email");
    command.has_contact_email = false;
    command.has_banner_url = true;
    command.banner_url = TEXT("ftp://cdn.example/x");
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/banner_url");
    command.has_banner_url = false;
    command.has_policies = true;
    command.policies = TEXT("zero\u200bwidth");
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/policies");
    assert_false(look(&shop).has_description);
    assert_int_equal(look(&shop).version, version);
}

static void a_vendor_may_write_its_own_name_otherwise(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const size_t before = announcements();
    struct vendor_change_vendor command = { .has_name = true, .name = shop.name };
    assert_int_equal(change(&shop, &command), STATUS_OK);
    assert_int_equal(announcements(), before); /* it is called that already */
    command.name = TEXT(" \n ");
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/name");
    const struct text lower =
        text_format(shops_arena, "s%s", text_string(shops_arena, shop.name) + 1);
    command.name = lower;
    assert_int_equal(change(&shop, &command), STATUS_OK);
    assert_text_equal(look(&shop).name, lower);
    assert_int_equal(announcements(), before + 1);
}

static struct vendor_vendor_imported import_vendor(const char *name)
{
    const struct vendor_import_vendor command = { .name = text_of(name) };
    struct vendor_vendor_imported reply;
    assert_int_equal(direct_call(shops, NULL, &vendor_import_vendor_message, &command, &reply),
                     STATUS_OK);
    return reply;
}

static void imported_names_may_look_alike_and_still_be_changed(void **state)
{
    (void)state;
    const struct vendor_vendor_imported first = import_vendor("Old Mill");
    const struct vendor_vendor_imported second = import_vendor("Old Mi11");
    assert_true(second.is_created);
    const struct vendor_register_vendor apply = { .name = TEXT("old mill"),
                                                  .email = TEXT("mill@example.com"),
                                                  .password = TEXT("correct horse") };
    assert_int_equal(direct_call(shops, NULL, &vendor_register_vendor_message, &apply, NULL),
                     STATUS_VENDOR_NAME_TAKEN);
    const struct shop elder = { .principal = { .kind = PRINCIPAL_VENDOR, .id = first.vendor_id } };
    const struct shop owner = { .principal = { .kind = PRINCIPAL_VENDOR, .id = second.vendor_id } };
    const struct vendor_change_vendor describe = { .has_description = true,
                                                   .description = TEXT("A mill") };
    assert_int_equal(change(&elder, &describe), STATUS_OK);
    assert_int_equal(change(&owner, &describe), STATUS_OK);
    const struct vendor_change_vendor rename = { .has_name = true, .name = TEXT("Old mill") };
    assert_int_equal(change(&owner, &rename), STATUS_VENDOR_NAME_TAKEN);
}

static void a_window_needs_both_ends_and_a_future(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const int64_t now_us = direct_now_us(shops);
    struct vendor_change_vendor command = { .has_closed_to = true,
                                            .closed_to_us = now_us + SECOND_US };
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/closed_from");
    command = (struct vendor_change_vendor){ .has_closed_from = true, .closed_from_us = now_us };
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/closed_to");
    command.has_closed_to = true;
    command.closed_to_us = now_us;
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/closed_to");
    command.closed_from_us = now_us - 9 * SECOND_US;
    command.closed_to_us = now_us - SECOND_US;
    assert_int_equal(change(&shop, &command), STATUS_INVALID_VALUE);
    assert_false(look(&shop).has_closed_from);
    command.closed_to_us = now_us + SECOND_US;
    assert_int_equal(change(&shop, &command), STATUS_OK);
    assert_true(look(&shop).is_on_holiday);
}

static void reopening_what_is_open_changes_nothing(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_reopen_vendor reopen = { 0 };
    struct vendor_own_vendor vendor;
    const int64_t version = look(&shop).version;
    const size_t before = announcements();
    assert_int_equal(shops_call(&shop, &vendor_reopen_vendor_message, &reopen, &vendor), STATUS_OK);
    assert_int_equal(vendor.version, version);
    assert_int_equal(announcements(), before);
}

static void a_holiday_is_shown_to_everybody_and_its_reasons_to_nobody(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct vendor_change_vendor close = { .has_closed_from = true,
                                                .closed_from_us = direct_now_us(shops),
                                                .has_closed_to = true,
                                                .closed_to_us = direct_now_us(shops) + SECOND_US };
    assert_int_equal(change(&shop, &close), STATUS_OK);
    const struct vendor_get_profile query = { .vendor_id = shop.principal.id };
    const struct vendor_get_standing ask = { .vendor_id = shop.principal.id };
    struct vendor_profile profile;
    struct vendor_standing standing;
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_message, &query, &profile),
                     STATUS_OK);
    assert_true(profile.is_on_holiday);
    assert_int_equal(direct_call(shops, NULL, &vendor_get_standing_message, &ask, &standing),
                     STATUS_OK);
    assert_false(standing.is_open);
    assert_int_equal(standing.status, VENDOR_VENDOR_STATUS_APPROVED);
    direct_advance(shops, SECOND_US);
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_message, &query, &profile),
                     STATUS_OK);
    assert_false(profile.is_on_holiday); /* also before the sweep has told */
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_message, &query, &profile),
                     STATUS_NOT_FOUND);
    const struct vendor_get_standing nobody = { .vendor_id = { { 1 } } };
    assert_int_equal(direct_call(shops, NULL, &vendor_get_standing_message, &nobody, &standing),
                     STATUS_NOT_FOUND);
}

/* ---- what staff asks for ---- */

static const struct vendor_add_shipping_method parcel = { .name = TEXT(" Parcel "),
                                                          .kind = VENDOR_SHIPPING_KIND_FLAT,
                                                          .price = { .amount = 490,
                                                                     .currency = "EUR" } };

static size_t count_done(const struct shop *shop)
{
    const struct vendor_get_checklist query = { 0 };
    struct vendor_checklist list;
    size_t done = 0;
    assert_int_equal(shops_call(shop, &vendor_get_checklist_message, &query, &list), STATUS_OK);
    assert_int_equal(list.items_count, 3);
    for (size_t i = 0; i < list.items_count; i++)
        done += list.items[i].is_done;
    return done;
}

static void a_vendor_is_approved_when_its_checklist_is_done(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    direct_set(shops, "--vendor.checklist=email,profile,shipping");
    assert_int_equal(count_done(&shop), 0);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_CHECKLIST_INCOMPLETE);
    assert_string_equal(pointer(), "/email");
    const struct identity_verify_email verify = { .token = shops_token(
                                                      shop.email, IDENTITY_TICKET_VERIFY_EMAIL) };
    assert_int_equal(direct_call(shops, NULL, &vendor_verify_email_message, &verify, NULL),
                     STATUS_OK);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_CHECKLIST_INCOMPLETE);
    assert_string_equal(pointer(), "/profile");
    const struct vendor_change_vendor profile = { .has_description = true,
                                                  .description = TEXT("Shoes"),
                                                  .has_policies = true,
                                                  .policies = TEXT("14 days"),
                                                  .has_contact_email = true,
                                                  .contact_email = TEXT("desk@example.com") };
    assert_int_equal(change(&shop, &profile), STATUS_OK);
    assert_int_equal(count_done(&shop), 2);
    struct vendor_add_shipping_method add = parcel;
    add.has_is_active = true; /* and not active */
    struct vendor_shipping_method method;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, &method),
                     STATUS_OK);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_CHECKLIST_INCOMPLETE);
    assert_string_equal(pointer(), "/shipping");
    const struct vendor_change_shipping_method activate = { .method_id = method.id,
                                                            .has_is_active = true,
                                                            .is_active = true };
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &activate, NULL),
                     STATUS_OK);
    assert_int_equal(count_done(&shop), 3);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_OK);
    /* Where a vendor stands comes before what it lacks. */
    direct_set(shops, "--vendor.checklist=second_factor");
    assert_int_equal(shops_approve(&shop, NULL), STATUS_ILLEGAL_TRANSITION);
    direct_set(shops, "--vendor.checklist=");
}

static void a_decision_is_told_with_its_reason_or_without_one(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    struct vendor_approve_vendor approve = { .vendor_id = shop.principal.id,
                                             .has_reason = true,
                                             .reason = TEXT(" Welcome ") };
    struct vendor_own_vendor vendor;
    const size_t notices = shops_notices();
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_approve_vendor_message, &approve, &vendor),
        STATUS_OK);
    assert_text_equal(vendor.status_reason, TEXT("Welcome"));
    assert_int_equal(shops_notices(), notices + 1);
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    struct vendor_reinstate_vendor reinstate = { .vendor_id = shop.principal.id,
                                                 .has_reason = true,
                                                 .reason = TEXT("") };
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_reinstate_vendor_message, &reinstate, &vendor),
        STATUS_OK);
    assert_false(vendor.has_status_reason);
    const struct vendor_reject_vendor unknown = { .vendor_id = { { 1 } }, .reason = TEXT("late") };
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_reject_vendor_message, &unknown, NULL),
        STATUS_NOT_FOUND);
}

/* ---- shipping ---- */

static enum status change_method(const struct shop *shop,
                                 const struct vendor_change_shipping_method *command,
                                 struct vendor_shipping_method *ret_method)
{
    return shops_call(shop, &vendor_change_shipping_method_message, command, ret_method);
}

static void each_kind_of_sending_is_kept_with_its_amounts(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct money more = money_make(5000, "EUR");
    for (size_t kind = 0; kind < VENDOR_SHIPPING_KIND_COUNT; kind++) {
        struct vendor_add_shipping_method add = parcel;
        add.kind = (enum vendor_shipping_kind)kind;
        add.has_free_above = kind == VENDOR_SHIPPING_KIND_FREE_ABOVE;
        add.has_price_per_kg = kind == VENDOR_SHIPPING_KIND_WEIGHT;
        add.free_above = add.price_per_kg = more;
        struct vendor_shipping_method method, kept;
        assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, &method),
                         STATUS_OK);
        const struct vendor_get_shipping_method query = { .method_id = method.id };
        assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &query, &kept),
                         STATUS_OK);
        assert_text_equal(kept.name, TEXT("Parcel"));
        assert_int_equal(kept.kind, kind);
        assert_int_equal(kept.price.amount, 490);
        assert_int_equal(kept.has_free_above, add.has_free_above);
        assert_int_equal(kept.has_price_per_kg, add.has_price_per_kg);
        if (kept.has_free_above) assert_true(money_equals(kept.free_above, more));
        if (kept.has_price_per_kg) assert_true(money_equals(kept.price_per_kg, more));
        assert_true(kept.is_active);
    }
}

static void methods_are_listed_by_name_and_to_their_vendor(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    static const char *const names[] = { "Courier", "Air mail", "Boat" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct vendor_add_shipping_method add = parcel;
        add.name = text_of(names[i]);
        assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                         STATUS_OK);
    }
    const struct vendor_list_shipping_methods query = { 0 };
    struct vendor_shipping_methods list;
    assert_int_equal(shops_call(&shop, &vendor_list_shipping_methods_message, &query, &list),
                     STATUS_OK);
    assert_int_equal(list.data_count, 3);
    assert_text_equal(list.data[0].name, TEXT("Air mail"));
    assert_text_equal(list.data[1].name, TEXT("Boat"));
    assert_text_equal(list.data[2].name, TEXT("Courier"));
    assert_int_equal(shops_call(&other, &vendor_list_shipping_methods_message, &query, &list),
                     STATUS_OK);
    assert_int_equal(list.data_count, 0);
}

static void a_method_is_changed_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_shipping_method method, after;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &parcel, &method),
                     STATUS_OK);
    struct vendor_change_shipping_method command = { .method_id = method.id,
                                                     .has_name = true,
                                                     .name = TEXT("Heavy"),
                                                     .has_kind = true,
                                                     .kind = VENDOR_SHIPPING_KIND_WEIGHT };
    assert_int_equal(change_method(&shop, &command, NULL), STATUS_INVALID_VALUE);
    assert_string_equal(pointer(), "/price_per_kg");
    command.has_price_per_kg = true;
    command.price_per_kg = money_make(90, "USD");
    assert_int_equal(change_method(&shop, &command, NULL), STATUS_INVALID_VALUE);
    const struct vendor_get_shipping_method query = { .method_id = method.id };
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &query, &after),
                     STATUS_OK);
    assert_text_equal(after.name, TEXT("Parcel"));
    assert_int_equal(after.version, method.version);
    command.price_per_kg = money_make(90, "EUR");
    assert_int_equal(change_method(&shop, &command, &after), STATUS_OK);
    assert_int_equal(after.version, method.version + 1);
    assert_text_equal(after.name, TEXT("Heavy"));
}

static void a_method_is_removed_at_the_version_that_was_seen(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_shipping_method method;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &parcel, &method),
                     STATUS_OK);
    int64_t version = method.version + 1;
    const struct vendor_remove_shipping_method remove = { .method_id = method.id,
                                                          .versions = &version,
                                                          .versions_count = 1 };
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_method_message, &remove, NULL),
                     STATUS_PRECONDITION_FAILED);
    version = method.version;
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_method_message, &remove, NULL),
                     STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_method_message, &remove, NULL),
                     STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_is_refused_at_the_field_that_is_wrong),
        cmocka_unit_test(the_first_owner_is_named_after_the_vendor_and_has_its_language),
        cmocka_unit_test(texts_are_trimmed_and_an_empty_one_is_taken_away),
        cmocka_unit_test(a_change_that_is_refused_in_one_field_changes_none),
        cmocka_unit_test(a_vendor_may_write_its_own_name_otherwise),
        cmocka_unit_test(imported_names_may_look_alike_and_still_be_changed),
        cmocka_unit_test(a_window_needs_both_ends_and_a_future),
        cmocka_unit_test(reopening_what_is_open_changes_nothing),
        cmocka_unit_test(a_holiday_is_shown_to_everybody_and_its_reasons_to_nobody),
        cmocka_unit_test(a_vendor_is_approved_when_its_checklist_is_done),
        cmocka_unit_test(a_decision_is_told_with_its_reason_or_without_one),
        cmocka_unit_test(each_kind_of_sending_is_kept_with_its_amounts),
        cmocka_unit_test(methods_are_listed_by_name_and_to_their_vendor),
        cmocka_unit_test(a_method_is_changed_whole_or_not_at_all),
        cmocka_unit_test(a_method_is_removed_at_the_version_that_was_seen),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
