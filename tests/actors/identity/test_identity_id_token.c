/* What an ID token must claim, and which providers can be worked with. */
#include "actors/identity/identity_id_token.h"

#include "runtime/secret.h"
#include "tests/actors/identity/oidc_tokens.h"
#include "tests/support/cmocka.h"

static struct arena *arena;
static struct oidc_key key;
static struct text jwks;

static const struct identity_id_expectation expected = {
    .issuer = { "https://id.example", 18 },
    .client_id = { "souk", 4 },
    .nonce = { "n1", 2 },
    .real_us = INT64_C(1000) * 1000000,
};
#define NEEDED                                                                                     \
    "\"iss\":\"https://id.example\",\"sub\":\"ada\",\"nonce\":\"n1\",\"iat\":1000,\"exp\":1300"

static int open_key(void **state)
{
    (void)state;
    secret_open();
    arena = arena_new(65536);
    key = oidc_key_new(false, "e1");
    jwks = oidc_keys_write(arena, oidc_key_write(arena, &key, ""), TEXT(""));
    return 0;
}

static int close_key(void **state)
{
    (void)state;
    oidc_key_destroy(&key);
    arena_destroy(&arena);
    return 0;
}

static enum status judge(const char *payload, struct identity_id_claims *ret_claims)
{
    const struct text token = oidc_token_write(arena, &key, text_of(payload));
    return identity_id_token_verify(arena, token, jwks, &expected, ret_claims);
}

static void assert_good(const char *payload)
{
    struct identity_id_claims claims;
    if (judge(payload, &claims) != STATUS_OK) fail_msg("refused: %s", payload);
}

static void assert_bad(const char *payload)
{
    struct identity_id_claims claims;
    if (judge(payload, &claims) != STATUS_UNAUTHENTICATED) fail_msg("taken: %s", payload);
}

static void good_token_tells_who_somebody_is(void **state)
{
    (void)state;
    struct identity_id_claims claims;
    assert_int_equal(
        judge("{" NEEDED ",\"aud\":\"souk\",\"email\":\"Ada@Example.com\",\"email_verified\":true,"
              "\"name\":\"Ada L\",\"preferred_username\":null,\"locale\":\"de-DE\"}",
              &claims),
        STATUS_OK);
    assert_text_equal(claims.subject, TEXT("ada"));
    assert_text_equal(claims.email, TEXT("Ada@Example.com"));
    assert_text_equal(claims.name, TEXT("Ada L"));
    assert_int_equal(claims.username.length, 0);
    assert_text_equal(claims.locale, TEXT("de-DE"));
    assert_true(claims.is_email_verified);
}

static void address_is_verified_only_when_the_provider_says_so(void **state)
{
    (void)state;
    static const char *const words[] = { "", ",\"email_verified\":false", ",\"email_verified\":1",
                                         ",\"email_verified\":\"yes\"",
                                         ",\"email_verified\":null" };
    struct identity_id_claims claims;
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        const struct text payload = text_format(
            arena, "{%s,\"aud\":\"souk\",\"email\":\"a@b.example\"%s}", NEEDED, words[i]);
        assert_int_equal(judge(payload.data, &claims), STATUS_OK);
        assert_false(claims.is_email_verified);
    }
    assert_int_equal(judge("{" NEEDED ",\"aud\":\"souk\",\"email_verified\":\"true\"}", &claims),
                     STATUS_OK);
    assert_true(claims.is_email_verified);
}

static void token_is_for_us_and_nobody_else(void **state)
{
    (void)state;
    assert_good("{" NEEDED ",\"aud\":[\"souk\"]}");
    assert_good("{" NEEDED ",\"aud\":[\"other\",\"souk\"],\"azp\":\"souk\"}");
    assert_bad("{" NEEDED ",\"aud\":[\"other\",\"souk\"]}");
    assert_bad("{" NEEDED ",\"aud\":[\"other\",\"souk\"],\"azp\":\"other\"}");
    assert_bad("{" NEEDED ",\"aud\":\"souk\",\"azp\":\"other\"}");
    assert_bad("{" NEEDED ",\"aud\":\"other\"}");
    assert_bad("{" NEEDED ",\"aud\":[]}");
    assert_bad("{" NEEDED ",\"aud\":[7]}");
    assert_bad("{" NEEDED "}");
}

static void issuer_subject_and_nonce_must_be_there_and_right(void **state)
{
    (void)state;
#define REST "\"aud\":\"souk\",\"iat\":1000,\"exp\":1300"
    assert_bad("{" REST ",\"sub\":\"ada\",\"nonce\":\"n1\"}");
    assert_bad("{" REST ",\"sub\":\"ada\",\"nonce\":\"n1\",\"iss\":\"https://id.example/\"}");
    assert_bad("{" REST ",\"sub\":\"ada\",\"iss\":\"https://id.example\"}");
    assert_bad("{" REST ",\"sub\":\"ada\",\"nonce\":\"n2\",\"iss\":\"https://id.example\"}");
    assert_bad("{" REST ",\"nonce\":\"n1\",\"iss\":\"https://id.example\"}");
    assert_bad("{" REST ",\"sub\":\"\",\"nonce\":\"n1\",\"iss\":\"https://id.example\"}");
    assert_bad("{" REST ",\"sub\":7,\"nonce\":\"n1\",\"iss\":\"https://id.example\"}");
    assert_bad("{" REST ",\"sub\":\"a\",\"sub\":\"b\",\"nonce\":\"n1\","
               "\"iss\":\"https://id.example\"}");
    const struct text longest = text_format(
        arena, "{" REST ",\"nonce\":\"n1\",\"iss\":\"https://id.example\",\"sub\":\"%0255d\"}", 0);
    const struct text longer = text_format(
        arena, "{" REST ",\"nonce\":\"n1\",\"iss\":\"https://id.example\",\"sub\":\"%0256d\"}", 0);
    assert_good(longest.data);
    assert_bad(longer.data);
#undef REST
}

static void times_have_a_minute_of_leeway_and_no_more(void **state)
{
    (void)state;
#define REST "\"iss\":\"https://id.example\",\"sub\":\"ada\",\"nonce\":\"n1\",\"aud\":\"souk\""
    assert_good("{" REST ",\"iat\":1060,\"exp\":941}");
    assert_bad("{" REST ",\"iat\":1061,\"exp\":1300}");
    assert_bad("{" REST ",\"iat\":900,\"exp\":940}");
    assert_good("{" REST ",\"iat\":900,\"exp\":1300,\"nbf\":1060}");
    assert_bad("{" REST ",\"iat\":900,\"exp\":1300,\"nbf\":1061}");
    assert_bad("{" REST ",\"iat\":900,\"exp\":1300,\"nbf\":\"soon\"}");
    assert_bad("{" REST ",\"exp\":1300}");
    assert_bad("{" REST ",\"iat\":900}");
    assert_bad("{" REST ",\"iat\":900,\"exp\":\"1300\"}");
    assert_bad("{" REST ",\"iat\":-1,\"exp\":1300}");
    assert_bad("{" REST ",\"iat\":900,\"exp\":9223372036854775807}");
#undef REST
}

static void payload_that_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const payloads[] = { "", "null", "[]", "\"a\"", "{", "{} {}" };
    for (size_t i = 0; i < ARRAY_LENGTH(payloads); i++)
        assert_bad(payloads[i]);
}

/* ---- discovery ---- */

#define ENDPOINTS                                                                                  \
    "\"authorization_endpoint\":\"https://id.example/a\",\"token_endpoint\":\"https://id.example/" \
    "t\",\"jwks_uri\":\"https://keys.example/k\""

static enum status discover(const char *document, struct identity_provider_metadata *ret_metadata)
{
    return identity_provider_read(arena, text_of(document), TEXT("https://id.example"),
                                  ret_metadata);
}

static void document_of_the_very_issuer_tells_the_endpoints(void **state)
{
    (void)state;
    struct identity_provider_metadata metadata;
    assert_int_equal(discover("{\"issuer\":\"https://id.example\"," ENDPOINTS "}", &metadata),
                     STATUS_OK);
    assert_text_equal(metadata.authorization_endpoint, TEXT("https://id.example/a"));
    assert_text_equal(metadata.token_endpoint, TEXT("https://id.example/t"));
    assert_text_equal(metadata.jwks_uri, TEXT("https://keys.example/k"));
    assert_int_equal(metadata.client_proof, IDENTITY_CLIENT_BASIC);
    assert_int_equal(
        discover("{\"issuer\":\"https://id.example\"," ENDPOINTS
                 ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}",
                 &metadata),
        STATUS_OK);
    assert_int_equal(metadata.client_proof, IDENTITY_CLIENT_POST);
}

static void documents_of_others_and_unfit_providers_are_refused(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "",
        "{" ENDPOINTS "}",
        "{\"issuer\":\"https://id.example/\"," ENDPOINTS "}",
        "{\"issuer\":\"https://evil.example\"," ENDPOINTS "}",
        "{\"issuer\":\"https://id.example\",\"authorization_endpoint\":\"http://id.example/a\","
        "\"token_endpoint\":\"https://id.example/t\",\"jwks_uri\":\"https://id.example/k\"}",
        "{\"issuer\":\"https://id.example\",\"authorization_endpoint\":\"https://id.example/a\","
        "\"token_endpoint\":\"http://127.0.0.1:5432/\",\"jwks_uri\":\"https://id.example/k\"}",
        "{\"issuer\":\"https://id.example\",\"token_endpoint\":\"https://id.example/t\","
        "\"jwks_uri\":\"https://id.example/k\"}",
        "{\"issuer\":\"https://id.example\"," ENDPOINTS
        ",\"code_challenge_methods_supported\":[\"plain\"]}",
        "{\"issuer\":\"https://id.example\"," ENDPOINTS
        ",\"id_token_signing_alg_values_supported\":[\"HS256\"]}",
        "{\"issuer\":\"https://id.example\"," ENDPOINTS
        ",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]}",
    };
    struct identity_provider_metadata metadata;
    for (size_t i = 0; i < ARRAY_LENGTH(documents); i++)
        if (discover(documents[i], &metadata) != STATUS_CORRUPT)
            fail_msg("taken: %s", documents[i]);
}

static void answer_of_the_token_endpoint_has_an_id_token(void **state)
{
    (void)state;
    struct text token;
    assert_int_equal(identity_token_answer_read(
                         arena, TEXT("{\"access_token\":\"x\",\"id_token\":\"a.b.c\"}"), &token),
                     STATUS_OK);
    assert_text_equal(token, TEXT("a.b.c"));
    assert_int_equal(identity_token_answer_read(arena, TEXT("{\"access_token\":\"x\"}"), &token),
                     STATUS_CORRUPT);
    assert_int_equal(identity_token_answer_read(arena, TEXT("<html>"), &token), STATUS_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_token_tells_who_somebody_is),
        cmocka_unit_test(address_is_verified_only_when_the_provider_says_so),
        cmocka_unit_test(token_is_for_us_and_nobody_else),
        cmocka_unit_test(issuer_subject_and_nonce_must_be_there_and_right),
        cmocka_unit_test(times_have_a_minute_of_leeway_and_no_more),
        cmocka_unit_test(payload_that_is_no_object_is_refused),
        cmocka_unit_test(document_of_the_very_issuer_tells_the_endpoints),
        cmocka_unit_test(documents_of_others_and_unfit_providers_are_refused),
        cmocka_unit_test(answer_of_the_token_endpoint_has_an_id_token),
    };
    return cmocka_run_group_tests(tests, open_key, close_key);
}
