/* Claims about which names of vendors are one to whoever reads them; against a scratch database. */
#include "tests/actors/vendor/vendor_people.h"

static enum status apply(const char *name, const char *email, const char *password)
{
    const struct vendor_register_vendor command = { .name = text_of(name),
                                                    .email = text_of(email),
                                                    .password = text_of(password) };
    return direct_call(shops, NULL, &vendor_register_vendor_message, &command, NULL);
}

/* What shoppers cannot tell apart is one name. */
static void names_that_look_alike_are_taken(void **state)
{
    (void)state;
    static const char *const alike[] = {
        "Souk",
        "s0uk",
        "Souk Support",
        "Official Souk", /* the market's own */
        "Green  Hill",
        "green-hill!",
        "Gr\xc3\xa9\xc3\xa8n Hill",
        "Green H1ll",
        "Gr\xd0\xb5\xd0\xb5n Hill",
        "GREEN H\xce\x99LL",
        "\xef\xbc\xa7reen Hill",
        "Gr33n Hi11",                                                  /* digits for letters */
        "Green \xd0\x9dill",                                           /* a Cyrillic En for H */
        "Gree\xd0\xbf Hill",                                           /* a Cyrillic Pe for n */
        "Gree\xce\xb7 Hill",                                           /* a Greek eta for n */
        "\xc9\xa1\xd0\xb3\xd2\xbd\xd0\xb5n \xd2\xbbi\xc5\x82\xc9\xa9", /* nearly all of them */
        "G\xe1\xaa\xb0reen Hill", /* marks beyond the usual ones */
    };
    assert_int_equal(apply("Green Hill", "green@example.com", "correct horse"), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(alike); i++)
        assert_int_equal(apply(alike[i], "other@example.com", "correct horse"),
                         STATUS_VENDOR_NAME_TAKEN);
    assert_int_equal(apply("Greene Hill", "greene@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(apply("Green Hill 6", "six@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(apply("Green Hill 8", "eight@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(apply("\xe6\x97\xa5\xe6\x9c\xac", "ja@example.com", "correct horse"),
                     STATUS_OK);
    assert_int_equal(apply("\xe4\xb8\xad\xe5\x9b\xbd", "zh@example.com", "correct horse"),
                     STATUS_OK);
}

/* A number tells branches apart, though digits look like letters. */
static void numbers_are_told_apart(void **state)
{
    (void)state;
    static const char digits[] = "0123456789";
    for (size_t i = 0; digits[i] != '\0'; i++) {
        const struct text name = text_format(shops_arena, "Branch %c", digits[i]);
        const struct text email = text_format(shops_arena, "branch%c@example.com", digits[i]);
        assert_int_equal(apply(name.data, email.data, "correct horse"), STATUS_OK);
    }
}

/* ---- addresses ---- */

static struct vendor_profile look_up(const char *slug)
{
    const struct vendor_get_profile_by_slug query = { .slug = text_of(slug) };
    struct vendor_profile profile;
    assert_int_equal(
        direct_call(shops, NULL, &vendor_get_profile_by_slug_message, &query, &profile), STATUS_OK);
    return profile;
}

static void a_former_address_of_a_vendor_leads_to_it_under_its_present_one(void **state)
{
    (void)state;
    const struct vendor_import_vendor first = { .name = TEXT("Reed & Rush") },
                                      second = { .name = TEXT("Reed Rush") };
    struct vendor_vendor_imported reed, rush;
    assert_int_equal(direct_call(shops, NULL, &vendor_import_vendor_message, &first, &reed),
                     STATUS_OK);
    assert_int_equal(direct_call(shops, NULL, &vendor_import_vendor_message, &second, &rush),
                     STATUS_OK);
    assert_true(uuid_equals(look_up("reed-rush").id, reed.vendor_id));
    const struct principal owner = { .kind = PRINCIPAL_VENDOR,
                                     .id = reed.vendor_id,
                                     .rights = UINT64_MAX };
    const struct vendor_change_vendor command = { .has_name = true,
                                                  .name = TEXT("Willow"),
                                                  .has_seo_title = true,
                                                  .seo_title = TEXT("Baskets of willow") };
    assert_int_equal(direct_call(shops, &owner, &vendor_change_vendor_message, &command, NULL),
                     STATUS_OK);
    const struct vendor_profile profile = look_up("reed-rush");
    assert_true(uuid_equals(profile.id, reed.vendor_id));
    assert_text_equal(profile.slug, TEXT("willow"));
    assert_text_equal(profile.seo_title, TEXT("Baskets of willow"));
    assert_true(uuid_equals(look_up("willow").id, reed.vendor_id));
    const struct vendor_get_profile_by_slug nobody = { .slug = TEXT("rush") };
    assert_int_equal(direct_call(shops, NULL, &vendor_get_profile_by_slug_message, &nobody, NULL),
                     STATUS_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_look_alike_are_taken),
        cmocka_unit_test(numbers_are_told_apart),
        cmocka_unit_test(a_former_address_of_a_vendor_leads_to_it_under_its_present_one),
    };
    return cmocka_run_group_tests(tests, shops_open, shops_close);
}
