/* Who may ask: the matrix of tokens and routes, over HTTP. */
#include <unistd.h>

#include "tests/gateway/fixture.h"

static struct answer approve(struct fixture *fixture, const char *headers)
{
    const struct text path =
        text_format(fixture->arena, "/v1/admin%s/approve", fixture->thing_path + 3);
    return client_ask(fixture, "POST", text_string(fixture->arena, path), headers, "");
}

static void assert_unauthenticated(const struct answer *answer, const char *code)
{
    assert_int_equal(answer->status, 401);
    assert_true(answer_contains(answer, code));
    assert_text_equal(answer_header(answer, "www-authenticate"), TEXT("Bearer"));
}

static void a_token_of_the_audience_is_taken(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.reply_schema = NULL;
    assert_int_equal(approve(fixture, token_header(fixture, "admin", "admin-key", 60)).status, 200);
    assert_int_equal(fixture->seen.last.principal.kind, PRINCIPAL_ADMIN);
    assert_true(fixture->seen.last.principal.rights == UINT64_MAX);
    assert_int_equal(fixture->seen.last.principal.confirmed_us, 0);
    assert_int_equal(client_ask(fixture, "DELETE", fixture->thing_path,
                                token_header(fixture, "vendor", "vendor-key", 60), "")
                         .status,
                     204);
    const struct principal *member = &fixture->seen.last.principal;
    assert_int_equal(member->kind, PRINCIPAL_VENDOR);
    assert_true(uuid_equals(member->actor, fixture->thing.id));
    assert_int_equal(member->rights, 0x1f);
    assert_true(member->confirmed_us > 0);
    fixture->script.reply_schema = &thing_schema;
}

static void no_token_is_unauthenticated(void **state)
{
    struct fixture *fixture = *state;
    const size_t asks = fixture->seen.asks;
    const struct answer answer = approve(fixture, "");
    assert_unauthenticated(&answer, "\"code\":\"unauthenticated\"");
    assert_int_equal(fixture->seen.asks, asks);
}

static void a_malformed_token_is_unauthenticated(void **state)
{
    struct fixture *fixture = *state;
    const struct answer word = approve(fixture, "Authorization: Bearer nonsense\r\n");
    assert_unauthenticated(&word, "\"code\":\"unauthenticated\"");
    const struct answer basic = approve(fixture, "Authorization: Basic dTpw\r\n");
    assert_unauthenticated(&basic, "\"code\":\"unauthenticated\"");
    const struct answer local = approve(fixture, "Authorization: Bearer v4.local.AAAA\r\n");
    assert_unauthenticated(&local, "\"code\":\"unauthenticated\"");
    const struct answer empty = approve(fixture, "Authorization: Bearer \r\n");
    assert_unauthenticated(&empty, "\"code\":\"unauthenticated\"");
}

static void item_24_a_token_of_another_audience_is_unauthenticated(void **state)
{
    struct fixture *fixture = *state;
    const struct answer store = approve(fixture, token_header(fixture, "store", "good", 60));
    assert_unauthenticated(&store, "\"code\":\"unauthenticated\"");
    /* An audience that the key does not sign for. */
    const struct answer forged = approve(fixture, token_header(fixture, "admin", "good", 60));
    assert_unauthenticated(&forged, "\"code\":\"unauthenticated\"");
    /* And one that is remembered from its own surface. */
    const char *vendor = token_header(fixture, "vendor", "vendor-key", 60);
    assert_int_equal(client_ask(fixture, "DELETE", fixture->thing_path, vendor, "").status, 204);
    const struct answer elsewhere = approve(fixture, vendor);
    assert_unauthenticated(&elsewhere, "\"code\":\"unauthenticated\"");
}

static void an_expired_token_says_so(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = approve(fixture, token_header(fixture, "admin", "admin-key", -1));
    assert_unauthenticated(&answer, "\"code\":\"token_expired\"");
}

static void a_remembered_token_expires_too(void **state)
{
    struct fixture *fixture = *state;
    const char *token = token_header(fixture, "admin", "admin-key", 2);
    assert_int_equal(approve(fixture, token).status, 200);
    (void)sleep(3);
    const struct answer answer = approve(fixture, token);
    assert_unauthenticated(&answer, "\"code\":\"token_expired\"");
}

static void item_24_a_forged_signature_is_unauthenticated(void **state)
{
    struct fixture *fixture = *state;
    fixture->secret_key[0] ^= 1;
    const char *token = token_header(fixture, "admin", "admin-key", 60);
    fixture->secret_key[0] ^= 1;
    const struct answer answer = approve(fixture, token);
    assert_unauthenticated(&answer, "\"code\":\"unauthenticated\"");
}

static void an_unknown_key_is_asked_for_once_a_second_and_refused(void **state)
{
    struct fixture *fixture = *state;
    (void)sleep(1);
    const size_t asks = fixture->seen.key_asks;
    const char *token = token_header(fixture, "admin", "nobody", 60);
    for (int i = 0; i < 5; i++) {
        const struct answer answer = approve(fixture, token);
        assert_unauthenticated(&answer, "\"code\":\"unauthenticated\"");
    }
    assert_in_range(fixture->seen.key_asks, asks + 1, asks + 2);
}

static void without_keys_the_answer_is_unavailable(void **state)
{
    struct fixture *fixture = *state;
    (void)sleep(1);
    fixture->script.keys_are_away = true;
    const struct answer answer = approve(fixture, token_header(fixture, "admin", "nobody", 60));
    const struct answer ready = client_ask(fixture, "GET", "/readyz", "", "");
    fixture->script.keys_are_away = false;
    assert_int_equal(answer.status, 503);
    assert_text_equal(answer_header(&answer, "retry-after"), TEXT("1"));
    assert_int_equal(ready.status, 503);
}

static void item_24_a_token_that_lives_too_long_is_unauthenticated(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.reply_schema = NULL;
    assert_int_equal(approve(fixture, token_header(fixture, "admin", "admin-key", 900)).status,
                     200);
    const struct answer answer = approve(fixture, token_header(fixture, "admin", "admin-key", 901));
    assert_unauthenticated(&answer, "\"code\":\"unauthenticated\"");
}

static void item_24_a_domain_names_keys_of_its_own_surface_only(void **state)
{
    struct fixture *fixture = *state;
    const struct answer answer = approve(fixture, token_header(fixture, "admin", "foreign", 60));
    assert_unauthenticated(&answer, "\"code\":\"unauthenticated\"");
}

static void while_one_domain_is_away_the_tokens_of_the_others_are_good(void **state)
{
    struct fixture *fixture = *state;
    (void)sleep(1);
    fixture->script.away = PRINCIPAL_VENDOR;
    fixture->script.reply_schema = NULL;
    /* The gateway notices that the domain is away, and keeps its last keys. */
    const struct answer unknown = client_ask(fixture, "DELETE", fixture->thing_path,
                                             token_header(fixture, "vendor", "nobody", 60), "");
    const struct answer vendor = client_ask(fixture, "DELETE", fixture->thing_path,
                                            token_header(fixture, "vendor", "vendor-key", 61), "");
    const struct answer admin = approve(fixture, token_header(fixture, "admin", "admin-key", 62));
    fixture->script.away = PRINCIPAL_NONE;
    assert_int_equal(unknown.status, 503);
    assert_int_equal(vendor.status, 204);
    assert_int_equal(admin.status, 200);
}

static void a_domain_without_tokens_makes_nobody_wait(void **state)
{
    struct fixture *fixture = *state;
    (void)sleep(1);
    fixture->script.unsupported = PRINCIPAL_VENDOR;
    const struct answer unknown = client_ask(fixture, "DELETE", fixture->thing_path,
                                             token_header(fixture, "vendor", "none", 60), "");
    fixture->script.unsupported = PRINCIPAL_NONE;
    assert_unauthenticated(&unknown, "\"code\":\"unauthenticated\"");
}

static void an_optional_token_may_be_absent_but_not_wrong(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(client_ask(fixture, "PATCH", fixture->thing_path, "", "").status, 200);
    assert_int_equal(fixture->seen.last.principal.kind, PRINCIPAL_NONE);
    const char *token = token_header(fixture, "store", "good", 60);
    assert_int_equal(client_ask(fixture, "PATCH", fixture->thing_path, token, "").status, 200);
    assert_int_equal(fixture->seen.last.principal.kind, PRINCIPAL_SHOPPER);
    const struct answer wrong =
        client_ask(fixture, "PATCH", fixture->thing_path, "Authorization: Bearer x\r\n", "");
    assert_unauthenticated(&wrong, "\"code\":\"unauthenticated\"");
}

static void a_public_route_ignores_tokens(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.reply_schema = &thing_schema;
    assert_int_equal(
        client_ask(fixture, "GET", fixture->thing_path, "Authorization: Bearer x\r\n", "").status,
        200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_the_audience_is_taken),
        cmocka_unit_test(no_token_is_unauthenticated),
        cmocka_unit_test(a_malformed_token_is_unauthenticated),
        cmocka_unit_test(item_24_a_token_of_another_audience_is_unauthenticated),
        cmocka_unit_test(item_24_a_domain_names_keys_of_its_own_surface_only),
        cmocka_unit_test(an_expired_token_says_so),
        cmocka_unit_test(a_remembered_token_expires_too),
        cmocka_unit_test(item_24_a_forged_signature_is_unauthenticated),
        cmocka_unit_test(an_unknown_key_is_asked_for_once_a_second_and_refused),
        cmocka_unit_test(without_keys_the_answer_is_unavailable),
        cmocka_unit_test(item_24_a_token_that_lives_too_long_is_unauthenticated),
        cmocka_unit_test(while_one_domain_is_away_the_tokens_of_the_others_are_good),
        cmocka_unit_test(a_domain_without_tokens_makes_nobody_wait),
        cmocka_unit_test(an_optional_token_may_be_absent_but_not_wrong),
        cmocka_unit_test(a_public_route_ignores_tokens),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
