/* Claims about applying, staff's decisions, the profile, closed windows, shipping methods and the
 * checklist, against a scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#include "catalog_messages.h"
#include "order_messages.h"

#define SECOND_US INT64_C(1000000)

static size_t announcements(void)
{
    return direct_events(shops, vendor_profile_was_changed_message.number);
}

static enum status apply(const char *name, const char *email, const char *password)
{
    const struct vendor_register_vendor command = { .name = text_of(name),
                                                    .email = text_of(email),
                                                    .password = text_of(password) };
    return direct_call(shops, NULL, &vendor_register_vendor_message, &command, NULL);
}

static void an_applicant_is_told_and_not_public(void **state)
{
    (void)state;
    const size_t notices = shops_notices(), changes = announcements();
    const struct shop shop = shops_apply();
    assert_int_equal(shops_notices(), notices + 2); /* vendor_applied, verify_email */
    assert_int_equal(announcements(), changes + 1);
    const struct vendor_get_profile query = { .vendor_id = shop.principal.id };
    struct vendor_profile profile;
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_message, &query, &profile),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_approve(&shop, NULL), STATUS_OK);
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_message, &query, &profile),
                     STATUS_OK);
}

static void names_and_addresses_are_taken_in_whatever_case(void **state)
{
    (void)state;
    assert_int_equal(apply("Blue Shoe", "blue@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(apply("BLUE shoe", "blue2@example.com", "correct horse"),
                     STATUS_VENDOR_NAME_TAKEN);
    assert_int_equal(apply("  Blue Shoe ", "blue2@example.com", "correct horse"),
                     STATUS_VENDOR_NAME_TAKEN);
    assert_int_equal(apply("Red Shoe", "BLUE@example.com", "correct horse"), STATUS_EMAIL_TAKEN);
}

static void what_hides_in_a_name_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = { "   ", "a\r\nb", "\u202ekcab", "zero\u200bwidth",
                                         "\ufeffx" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        assert_int_equal(apply(names[i], "hidden@example.com", "correct horse"),
                         STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(shops).pointer, "/name");
    }
    assert_int_equal(apply("Common", "common@example.com", "password1"),
                     STATUS_PASSWORD_TOO_COMMON);
    assert_int_equal(apply("No address", "nobody", "correct horse"), STATUS_INVALID_VALUE);
}

static void an_applicant_with_blanks_around_its_name_lives_where_the_name_lives(void **state)
{
    (void)state;
    assert_int_equal(apply("  Round  ", "round@example.com", "correct horse"), STATUS_OK);
    const struct text shard =
        direct_sql(shops, "SELECT shard::text FROM vendor.vendor WHERE name = 'Round'");
    assert_string_equal(text_string(shops_arena, shard),
                        text_format(shops_arena, "%u", shard_of_text(TEXT("Round"))).data);
}

static void staff_moves_a_vendor_and_each_move_leaves_a_row(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const size_t notices = shops_notices(), changes = announcements();
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
    assert_int_equal(shops_suspend(&shop), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(text_string(shops_arena, direct_last_fault(shops).detail),
                        "The vendor is suspended; allowed: reinstate, terminate.");
    const struct vendor_reinstate_vendor reinstate = { .vendor_id = shop.principal.id };
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_reinstate_vendor_message, &reinstate, NULL),
        STATUS_OK);
    assert_int_equal(shops_notices(), notices + 2);
    assert_int_equal(announcements(), changes + 2);
    const struct vendor_get_vendor_detail query = { .vendor_id = shop.principal.id };
    struct vendor_vendor_detail detail;
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_get_vendor_detail_message, &query, &detail),
        STATUS_OK);
    assert_int_equal(detail.history_count, 4); /* reinstate, suspend, approve, apply */
    assert_int_equal(detail.history[1].to, VENDOR_VENDOR_STATUS_SUSPENDED);
    assert_int_equal(detail.history[1].from, VENDOR_VENDOR_STATUS_APPROVED);
    assert_string_equal(text_string(shops_arena, detail.history[1].reason), "late");
    assert_true(text_starts_with(detail.history[1].actor, TEXT("adm_")));
    assert_false(detail.history[3].has_from);
    assert_int_equal(detail.members_count, 1);
}

static void a_reason_that_nobody_can_read_is_none(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    static const char *const unreadable[] = {
        " ", "\n\t", "\u3000", "\u00a0\u2800", "\a", "\u202ea"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(unreadable); i++) {
        const struct vendor_suspend_vendor suspend = {
            .vendor_id = shop.principal.id,
            .reason = text_of(unreadable[i]),
        };
        assert_int_equal(
            direct_call(shops, &shops_staff, &vendor_suspend_vendor_message, &suspend, NULL),
            STATUS_INVALID_VALUE);
    }
    assert_int_equal(shops_suspend(&shop), STATUS_OK);
}

static void a_rejected_vendor_applies_again(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    const struct vendor_reapply_vendor again = { 0 };
    assert_int_equal(shops_call(&shop, &vendor_reapply_vendor_message, &again, NULL),
                     STATUS_ILLEGAL_TRANSITION);
    const struct vendor_reject_vendor reject = { .vendor_id = shop.principal.id,
                                                 .reason = TEXT("no photos") };
    struct vendor_own_vendor vendor;
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_reject_vendor_message, &reject, NULL),
                     STATUS_OK);
    const struct vendor_get_vendor query = { 0 };
    assert_int_equal(shops_call(&shop, &vendor_get_vendor_message, &query, &vendor), STATUS_OK);
    assert_string_equal(text_string(shops_arena, vendor.status_reason), "no photos");
    assert_int_equal(shops_call(&shop, &vendor_reapply_vendor_message, &again, &vendor), STATUS_OK);
    assert_int_equal(vendor.status, VENDOR_VENDOR_STATUS_APPLIED);
    assert_false(vendor.has_status_reason);
}

static void staff_finds_vendors_by_status_and_begin_of_the_name(void **state)
{
    (void)state;
    assert_int_equal(apply("Zebra One", "zebra1@example.com", "correct horse"), STATUS_OK);
    direct_advance(shops, SECOND_US);
    assert_int_equal(apply("zebra two", "zebra2@example.com", "correct horse"), STATUS_OK);
    struct vendor_list_vendors query = {
        .has_q = true, .q = TEXT("ZEBRA"), .has_limit = true, .limit = 1
    };
    struct vendor_vendor_page page;
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_list_vendors_message, &query, &page),
                     STATUS_OK);
    assert_true(page.has_more);
    assert_string_equal(text_string(shops_arena, page.data[0].name), "zebra two");
    query.has_after = true;
    query.after = page.next;
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_list_vendors_message, &query, &page),
                     STATUS_OK);
    assert_false(page.has_more);
    assert_string_equal(text_string(shops_arena, page.data[0].name), "Zebra One");
    query.has_after = false;
    query.has_status = true;
    query.status = VENDOR_VENDOR_STATUS_APPROVED;
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_list_vendors_message, &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 0);
    query.has_q = false;
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_list_vendors_message, &query, &page),
                     STATUS_OK);
    query.has_after = true;
    query.after = TEXT("no cursor");
    assert_int_equal(direct_call(shops, &shops_staff, &vendor_list_vendors_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

static void a_profile_is_changed_field_by_field_and_by_version(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_change_vendor change = { .has_description = true,
                                           .description = TEXT("Two\nlines"),
                                           .has_logo_url = true,
                                           .logo_url = TEXT("https://cdn.example/logo.png"),
                                           .has_contact_email = true,
                                           .contact_email = TEXT("Desk@Example.com"),
                                           .versions = &(const int64_t){ 2 },
                                           .versions_count = 1 };
    struct vendor_own_vendor vendor;
    const size_t changes = announcements();
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &vendor), STATUS_OK);
    assert_int_equal(vendor.version, 3);
    assert_string_equal(text_string(shops_arena, vendor.contact_email), "desk@example.com");
    assert_int_equal(announcements(), changes); /* nothing that others keep */
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, NULL),
                     STATUS_PRECONDITION_FAILED);
    change = (struct vendor_change_vendor){ .has_logo_url = true, .logo_url = TEXT("") };
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &vendor), STATUS_OK);
    assert_false(vendor.has_logo_url);
    assert_true(vendor.has_description);
    static const char *const bad[] = { "http://cdn.example/x", "https://", "https://a b",
                                       "javascript:alert(1)", "https://u:p@host/" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        change.logo_url = text_of(bad[i]);
        assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, NULL),
                         STATUS_INVALID_VALUE);
        assert_string_equal(direct_last_fault(shops).pointer, "/logo_url");
    }
}

static void a_new_name_is_announced_unless_somebody_has_it(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    struct vendor_change_vendor change = { .has_name = true, .name = other.name };
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, NULL),
                     STATUS_VENDOR_NAME_TAKEN);
    const size_t changes = announcements();
    change.name = text_format(shops_arena, "%s renamed", shop.name.data);
    struct vendor_own_vendor vendor;
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &vendor), STATUS_OK);
    assert_int_equal(announcements(), changes + 1);
    assert_true(text_equals(vendor.name, change.name));
    assert_int_equal(apply(shop.name.data, "again@example.com", "correct horse"), STATUS_OK);
}

static bool is_open(const struct shop *shop)
{
    const struct vendor_get_standing query = { .vendor_id = shop->principal.id };
    struct vendor_standing standing;
    assert_int_equal(direct_call(shops, NULL, &vendor_get_standing_message, &query, &standing),
                     STATUS_OK);
    return standing.is_open;
}

static void a_closed_window_is_announced_when_it_begins_and_when_it_ends(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const int64_t now_us = direct_now_us(shops);
    struct vendor_change_vendor change = { .has_closed_from = true,
                                           .closed_from_us = now_us + 10 * SECOND_US };
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, NULL),
                     STATUS_INVALID_VALUE);
    change.has_closed_to = true;
    change.closed_to_us = now_us + 20 * SECOND_US;
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, NULL), STATUS_OK);
    size_t changes = announcements();
    assert_int_equal(direct_sweep(shops, "vendor_opening"), STATUS_OK);
    assert_int_equal(announcements(), changes);
    assert_true(is_open(&shop));

    direct_advance(shops, 10 * SECOND_US);
    assert_int_equal(direct_sweep(shops, "vendor_opening"), STATUS_OK);
    assert_int_equal(direct_sweep(shops, "vendor_opening"), STATUS_OK);
    assert_int_equal(announcements(), changes + 1);
    assert_false(is_open(&shop));

    direct_advance(shops, 10 * SECOND_US);
    assert_int_equal(direct_sweep(shops, "vendor_opening"), STATUS_OK);
    assert_int_equal(direct_sweep(shops, "vendor_opening"), STATUS_OK);
    assert_int_equal(announcements(), changes + 2);
    assert_true(is_open(&shop));
}

static void reopening_ends_a_window_that_runs(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const int64_t now_us = direct_now_us(shops);
    const struct vendor_change_vendor change = { .has_closed_from = true,
                                                 .closed_from_us = now_us - SECOND_US,
                                                 .has_closed_to = true,
                                                 .closed_to_us = now_us + 20 * SECOND_US };
    struct vendor_own_vendor vendor;
    const size_t changes = announcements();
    assert_int_equal(shops_call(&shop, &vendor_change_vendor_message, &change, &vendor), STATUS_OK);
    assert_true(vendor.is_on_holiday);
    assert_false(vendor.is_open);
    const struct vendor_reopen_vendor reopen = { 0 };
    assert_int_equal(shops_call(&shop, &vendor_reopen_vendor_message, &reopen, &vendor), STATUS_OK);
    assert_true(vendor.is_open);
    assert_false(vendor.has_closed_from);
    assert_int_equal(announcements(), changes + 2);
}

static void a_vendor_keeps_its_ways_of_sending_to_itself(void **state)
{
    (void)state;
    const struct shop shop = shops_draw(), other = shops_draw();
    const struct text countries[] = { TEXT("DE"), TEXT("AT") };
    const struct vendor_add_shipping_method add = { .name = TEXT("By weight"),
                                                    .kind = VENDOR_SHIPPING_KIND_WEIGHT,
                                                    .price = money_make(300, "EUR"),
                                                    .has_price_per_kg = true,
                                                    .price_per_kg = money_make(120, "EUR"),
                                                    .countries = countries,
                                                    .countries_count = 2 };
    struct vendor_shipping_method method;
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, &method),
                     STATUS_OK);
    const struct vendor_get_shipping_method query = { .method_id = method.id };
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &query, &method),
                     STATUS_OK);
    assert_int_equal(method.price_per_kg.amount, 120);
    assert_int_equal(method.countries_count, 2);
    assert_true(method.is_active);
    assert_int_equal(shops_call(&other, &vendor_get_shipping_method_message, &query, NULL),
                     STATUS_NOT_FOUND);
    struct vendor_change_shipping_method change = { .method_id = method.id,
                                                    .has_is_everywhere = true,
                                                    .is_everywhere = true,
                                                    .versions = &(const int64_t){ 1 },
                                                    .versions_count = 1 };
    assert_int_equal(shops_call(&other, &vendor_change_shipping_method_message, &change, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &change, &method),
                     STATUS_OK);
    assert_int_equal(method.countries_count, 0);
    assert_int_equal(method.version, 2);
    assert_int_equal(shops_call(&shop, &vendor_change_shipping_method_message, &change, NULL),
                     STATUS_PRECONDITION_FAILED);
    struct vendor_remove_shipping_method remove = { .method_id = method.id };
    assert_int_equal(shops_call(&other, &vendor_remove_shipping_method_message, &remove, NULL),
                     STATUS_NOT_FOUND);
    assert_int_equal(shops_call(&shop, &vendor_remove_shipping_method_message, &remove, NULL),
                     STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_get_shipping_method_message, &query, NULL),
                     STATUS_NOT_FOUND);
}

static void there_are_at_most_fifty_ways_of_sending(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    struct vendor_add_shipping_method add = { .name = TEXT("Parcel"),
                                              .kind = VENDOR_SHIPPING_KIND_FLAT,
                                              .price = money_make(0, "EUR"),
                                              .has_is_active = true };
    for (int i = 0; i < 50; i++)
        assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                         STATUS_OK);
    assert_int_equal(shops_call(&shop, &vendor_add_shipping_method_message, &add, NULL),
                     STATUS_TOO_MANY_SHIPPING_METHODS);
}

/* What the catalogue has heard and what is open in the order domain. */
struct others {
    int64_t heard_version;
    bool is_open;
    int64_t orders, checkouts;
};

static enum status answer_others(void *context, const struct message *message, const void *body,
                                 void *ret_reply)
{
    (void)body;
    const struct others *others = context;
    if (message == &catalog_get_vendor_copy_message) {
        const struct catalog_vendor_copy copy = { .version = others->heard_version,
                                                  .is_open = others->is_open };
        *(struct catalog_vendor_copy *)ret_reply = copy;
        return STATUS_OK;
    }
    assert_ptr_equal(message, &order_count_open_orders_of_vendor_message);
    const struct order_vendor_openings openings = { .open_orders = others->orders,
                                                    .open_checkouts = others->checkouts };
    *(struct order_vendor_openings *)ret_reply = openings;
    return STATUS_OK;
}

static enum vendor_vendor_status look(const struct shop *shop, int64_t later_us,
                                      struct vendor_vendor_detail *ret_detail)
{
    const struct vendor_get_vendor_detail query = { .vendor_id = shop->principal.id };
    direct_advance(shops, later_us);
    assert_int_equal(direct_sweep(shops, "vendor_leaving"), STATUS_OK);
    assert_int_equal(
        direct_call(shops, &shops_staff, &vendor_get_vendor_detail_message, &query, ret_detail),
        STATUS_OK);
    return ret_detail->vendor.status;
}

static void a_vendor_leaves_when_the_catalogue_knows_and_its_last_order_has_ended(void **state)
{
    (void)state;
    struct others others = { .heard_version = 2, .is_open = false, .orders = 1, .checkouts = 1 };
    struct vendor_vendor_detail detail;
    direct_set_peer(shops, answer_others, &others);
    const struct shop shop = shops_draw();
    struct vendor_signed_in reply;
    assert_int_equal(shops_terminate(&shop), STATUS_OK);
    const size_t notices = shops_notices();

    assert_int_equal(look(&shop, 0, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    assert_int_equal(detail.open_orders, 1);
    assert_int_equal(detail.open_checkouts, 1);
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply), STATUS_OK);
    others.heard_version = detail.vendor.version;
    others.orders = 0;
    /* From here on a checkout that was priced before may still begin. */
    assert_int_equal(look(&shop, 2 * SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    others.checkouts = 0;
    assert_int_equal(look(&shop, 59 * SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    others.checkouts = 1;
    assert_int_equal(look(&shop, SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    others.checkouts = 0;
    assert_int_equal(look(&shop, 29 * SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    assert_int_equal(shops_notices(), notices);
    assert_int_equal(look(&shop, SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATED);
    assert_false(detail.has_open_orders);
    assert_int_equal(shops_notices(), notices + 1);
    assert_string_equal(text_string(shops_arena, detail.vendor.status_reason), "gone");
    assert_string_equal(
        text_string(shops_arena, direct_sql(shops, "SELECT count(*)::text FROM vendor.leaving")),
        "0");
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply),
                     STATUS_ACCOUNT_BLOCKED);
}

static void a_terminated_vendor_is_gone_for_good(void **state)
{
    (void)state;
    struct others others = { .heard_version = 1000 };
    struct vendor_vendor_detail detail;
    direct_set_peer(shops, answer_others, &others);
    const struct shop shop = shops_draw();
    struct vendor_signed_in reply;
    assert_int_equal(shops_terminate(&shop), STATUS_OK);
    assert_int_equal(shops_terminate(&shop), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(text_string(shops_arena, direct_last_fault(shops).detail),
                        "The vendor is terminating; allowed: nothing.");
    assert_int_equal(look(&shop, 0, &detail), VENDOR_VENDOR_STATUS_TERMINATING);
    assert_int_equal(look(&shop, 60 * SECOND_US, &detail), VENDOR_VENDOR_STATUS_TERMINATED);
    assert_int_equal(shops_terminate(&shop), STATUS_ILLEGAL_TRANSITION);
    assert_string_equal(text_string(shops_arena, direct_last_fault(shops).detail),
                        "The vendor is terminated; allowed: nothing.");
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &reply),
                     STATUS_ACCOUNT_BLOCKED);
    assert_int_equal(shops_login(shop.email, "wrong horse", TEXT(""), &reply),
                     STATUS_INVALID_CREDENTIALS);
    assert_int_equal(shops_refresh(shop.signed_in.refresh_token, &reply),
                     STATUS_INVALID_REFRESH_TOKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_applicant_is_told_and_not_public),
        cmocka_unit_test(names_and_addresses_are_taken_in_whatever_case),
        cmocka_unit_test(what_hides_in_a_name_is_refused),
        cmocka_unit_test(an_applicant_with_blanks_around_its_name_lives_where_the_name_lives),
        cmocka_unit_test(staff_moves_a_vendor_and_each_move_leaves_a_row),
        cmocka_unit_test(a_reason_that_nobody_can_read_is_none),
        cmocka_unit_test(a_rejected_vendor_applies_again),
        cmocka_unit_test(staff_finds_vendors_by_status_and_begin_of_the_name),
        cmocka_unit_test(a_profile_is_changed_field_by_field_and_by_version),
        cmocka_unit_test(a_new_name_is_announced_unless_somebody_has_it),
        cmocka_unit_test(a_closed_window_is_announced_when_it_begins_and_when_it_ends),
        cmocka_unit_test(reopening_ends_a_window_that_runs),
        cmocka_unit_test(a_vendor_keeps_its_ways_of_sending_to_itself),
        cmocka_unit_test(there_are_at_most_fifty_ways_of_sending),
        cmocka_unit_test(a_vendor_leaves_when_the_catalogue_knows_and_its_last_order_has_ended),
        cmocka_unit_test(a_terminated_vendor_is_gone_for_good),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
