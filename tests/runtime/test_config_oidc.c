/* Providers that sign people in: what the configuration takes, and what it refuses with which
 * words. */
#include <stdio.h>
#include <string.h>

#include "runtime/config_oidc.h"
#include "tests/support/cmocka.h"

static struct config *config;

static int open_config(void **state)
{
    (void)state;
    config = config_new();
    return 0;
}

static int close_config(void **state)
{
    (void)state;
    config_destroy(&config);
    return 0;
}

static void set(const char *argument)
{
    char program[] = "souk", copy[512];
    (void)snprintf(copy, sizeof copy, "%s", argument);
    char *argv[] = { program, copy, NULL };
    int first;
    assert_int_equal(config_load_arguments(config, 2, argv, &first), STATUS_OK);
}

static void set_provider(void)
{
    set("--oidc_2.name=acme");
    set("--oidc_2.title=Acme");
    set("--oidc_2.issuer=https://id.acme.example/realm");
    set("--oidc_2.client_id=souk");
    set("--oidc_2.redirect_uris=https://shop.example/back, http://localhost:3000/back");
}

static void assert_refused(const char *words)
{
    assert_int_equal(config_check(config), STATUS_INVALID_VALUE);
    if (strstr(config_problem(config), words) == NULL)
        fail_msg("'%s' does not say '%s'", config_problem(config), words);
}

static void provider_of_any_slot_is_found_by_its_name(void **state)
{
    (void)state;
    struct config_oidc_provider provider;
    set_provider();
    assert_int_equal(config_check(config), STATUS_OK);
    assert_true(config_oidc_find(config, TEXT("acme"), &provider));
    assert_text_equal(provider.title, TEXT("Acme"));
    assert_text_equal(provider.issuer, TEXT("https://id.acme.example/realm"));
    assert_text_equal(provider.scopes, TEXT("openid email profile"));
    assert_false(config_oidc_find(config, TEXT("other"), &provider));
    assert_false(config_oidc_find(config, TEXT(""), &provider));
    assert_false(config_oidc_at(config, 0, &provider));
}

static void redirect_is_taken_as_it_is_registered_only(void **state)
{
    (void)state;
    struct config_oidc_provider provider;
    set_provider();
    assert_true(config_oidc_find(config, TEXT("acme"), &provider));
    assert_true(config_oidc_allows_redirect(&provider, TEXT("https://shop.example/back")));
    assert_true(config_oidc_allows_redirect(&provider, TEXT("http://localhost:3000/back")));
    assert_false(config_oidc_allows_redirect(&provider, TEXT("https://shop.example/back/")));
    assert_false(config_oidc_allows_redirect(&provider, TEXT("https://shop.example/bac")));
    assert_false(config_oidc_allows_redirect(&provider, TEXT("https://SHOP.example/back")));
    assert_false(config_oidc_allows_redirect(&provider, TEXT("")));
}

static void incomplete_or_unsafe_providers_are_refused_with_the_setting_at_fault(void **state)
{
    (void)state;
    set("--oidc_1.client_id=souk");
    assert_refused("oidc_1.name: the provider has settings, but no name");
    set("--oidc_1.client_id=");
    set_provider();
    set("--oidc_2.name=Acme");
    assert_refused("oidc_2.name: a provider's name has only");
    set("--oidc_2.name=acme");
    set("--oidc_2.title=");
    assert_refused("oidc_2.title");
    set("--oidc_2.title=Acme");
    set("--oidc_2.issuer=http://id.acme.example");
    assert_refused("oidc_2.issuer");
    set("--oidc_2.issuer=https://id.acme.example");
    set("--oidc_2.client_id=");
    assert_refused("oidc_2.client_id");
    set("--oidc_2.client_id=souk");
    set("--oidc_2.redirect_uris=https://shop.example/back,http://shop.example/back");
    assert_refused("oidc_2.redirect_uris");
    set("--oidc_2.redirect_uris=");
    assert_refused("oidc_2.redirect_uris");
    set("--oidc_2.redirect_uris=https://shop.example/back");
    set("--oidc_2.scopes=email openidx");
    assert_refused("oidc_2.scopes: openid is not among them");
    set("--oidc_2.scopes=email openid");
    assert_int_equal(config_check(config), STATUS_OK);
}

static void providers_differ_in_name_and_issuer(void **state)
{
    (void)state;
    set_provider();
    set("--oidc_3.name=acme");
    assert_refused("oidc_3.name: another provider has this name");
    set("--oidc_3.name=other");
    set("--oidc_3.issuer=https://id.acme.example/realm");
    assert_refused("oidc_3.issuer: another provider has this issuer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(provider_of_any_slot_is_found_by_its_name, open_config,
                                        close_config),
        cmocka_unit_test_setup_teardown(redirect_is_taken_as_it_is_registered_only, open_config,
                                        close_config),
        cmocka_unit_test_setup_teardown(
            incomplete_or_unsafe_providers_are_refused_with_the_setting_at_fault, open_config,
            close_config),
        cmocka_unit_test_setup_teardown(providers_differ_in_name_and_issuer, open_config,
                                        close_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
