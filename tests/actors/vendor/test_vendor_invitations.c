/* Claims about how many strangers a vendor may write to, and how many vendors a network may open;
 * against a scratch database. */
#include "tests/actors/vendor/vendor_people.h"

#define DAY_US (INT64_C(86400) * 1000000)

enum { OF_AN_ADDRESS = 5, OF_AN_APPLICANT = 5, OF_A_VENDOR = 25 };

static enum status invite(const struct shop *shop, struct text email,
                          struct vendor_invitation *ret_sent)
{
    const struct vendor_invite_member command = { .email = email, .role = VENDOR_ROLE_EDITOR };
    return shops_call(shop, &vendor_invite_member_message, &command, ret_sent);
}

static struct text stranger(const char *of, int number)
{
    return text_format(shops_arena, "%s.%d@example.com", of, number);
}

static void an_invitation_too_many_leaves_the_one_before_it_good(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    const struct text email = TEXT("often@example.com");
    for (int i = 0; i < OF_AN_ADDRESS; i++) {
        direct_advance(shops, 1000000);
        assert_int_equal(invite(&shop, email, NULL), STATUS_OK);
    }
    const struct text token = shops_token(email, IDENTITY_TICKET_INVITE);
    assert_int_equal(invite(&shop, email, NULL), STATUS_TOO_MANY_REQUESTS);
    const struct request_fault fault = direct_last_fault(shops);
    assert_string_equal(fault.pointer, "/email");
    assert_true(fault.has_amounts && fault.available > 0);
    const struct vendor_accept_invitation accept = { .token = token,
                                                     .name = TEXT("Eve"),
                                                     .password = TEXT("correct horse") };
    assert_int_equal(direct_call(shops, NULL, &vendor_accept_invitation_message, &accept, NULL),
                     STATUS_OK);
}

static void an_address_is_invited_five_times_a_day_by_all_together(void **state)
{
    (void)state;
    const struct text email = TEXT("wanted@example.com");
    for (int i = 0; i < OF_AN_ADDRESS; i++) {
        const struct shop each = shops_draw();
        assert_int_equal(invite(&each, email, NULL), STATUS_OK);
    }
    const struct shop last = shops_draw();
    assert_int_equal(invite(&last, email, NULL), STATUS_TOO_MANY_REQUESTS);
    direct_advance(shops, DAY_US);
    const struct shop later = shops_draw();
    assert_int_equal(invite(&later, email, NULL), STATUS_OK);
}

/* Sends are counted, so taking an invitation back makes no room for the next. */
static void send_and_take_back(const struct shop *shop, const char *of, int count)
{
    for (int i = 0; i < count; i++) {
        struct vendor_invitation sent;
        assert_int_equal(invite(shop, stranger(of, i), &sent), STATUS_OK);
        const struct vendor_remove_invitation remove = { .invitation_id = sent.id };
        assert_int_equal(shops_call(shop, &vendor_remove_invitation_message, &remove, NULL),
                         STATUS_OK);
    }
    assert_int_equal(invite(shop, stranger(of, count), NULL), STATUS_TOO_MANY_REQUESTS);
}

static void a_vendor_that_nobody_has_approved_writes_to_five_strangers_a_day(void **state)
{
    (void)state;
    const struct shop shop = shops_apply();
    send_and_take_back(&shop, "applicant", OF_AN_APPLICANT);
    assert_string_equal(direct_last_fault(shops).pointer, "");
    direct_forget(shops); /* a restart forgets nothing of it */
    assert_int_equal(invite(&shop, stranger("again", 0), NULL), STATUS_TOO_MANY_REQUESTS);
    const struct shop other = shops_apply();
    assert_int_equal(invite(&other, stranger("other", 0), NULL), STATUS_OK);
    direct_advance(shops, DAY_US);
    struct shop next_day = shop;
    struct vendor_signed_in signed_in;
    assert_int_equal(shops_login(shop.email, "correct horse", TEXT(""), &signed_in), STATUS_OK);
    next_day.principal = shops_principal(&signed_in);
    assert_int_equal(invite(&next_day, stranger("next", 0), NULL), STATUS_OK);
}

static void one_that_staff_has_approved_writes_to_more(void **state)
{
    (void)state;
    const struct shop shop = shops_draw();
    send_and_take_back(&shop, "approved", OF_A_VENDOR);
}

static enum status apply(const char *name)
{
    const struct vendor_register_vendor command = {
        .name = text_of(name),
        .email = text_format(shops_arena, "%s@example.com", name),
        .password = TEXT("correct horse"),
    };
    return direct_call(shops, NULL, &vendor_register_vendor_message, &command, NULL);
}

static void a_network_opens_so_many_vendors_a_day(void **state)
{
    (void)state;
    direct_advance(shops, 2 * DAY_US);
    direct_set(shops, "--registration.per_network=2");
    assert_int_equal(apply("netone"), STATUS_OK);
    assert_int_equal(apply("netone"), STATUS_VENDOR_NAME_TAKEN); /* opens nothing */
    assert_int_equal(apply("nettwo"), STATUS_OK);
    assert_int_equal(apply("netthree"), STATUS_TOO_MANY_REQUESTS);
    assert_true(direct_last_fault(shops).available > 80000);
    direct_advance(shops, DAY_US);
    assert_int_equal(apply("netthree"), STATUS_OK);
    direct_set(shops, "--registration.per_network=0");
    assert_int_equal(apply("netfour"), STATUS_OK);
    assert_int_equal(apply("netfive"), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_too_many_leaves_the_one_before_it_good),
        cmocka_unit_test(an_address_is_invited_five_times_a_day_by_all_together),
        cmocka_unit_test(a_vendor_that_nobody_has_approved_writes_to_five_strangers_a_day),
        cmocka_unit_test(one_that_staff_has_approved_writes_to_more),
        cmocka_unit_test(a_network_opens_so_many_vendors_a_day),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
