/* Signatures of others: the examples of the RFCs (tests/vectors/jws.json), and tokens of people who
 * mean no good. */
#include "actors/identity/identity_jose.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "runtime/secret.h"
#include "tests/actors/identity/oidc_tokens.h"
#include "tests/support/cmocka.h"

static struct arena *arena;
static struct oidc_key rsa, ec, other;
static const struct text payload = { "{\"sub\":\"ada\"}", 13 };
static const struct text nothing = { 0 };

static int open_keys(void **state)
{
    (void)state;
    secret_open();
    arena = arena_new(65536);
    rsa = oidc_key_new(true, "r1");
    ec = oidc_key_new(false, "e1");
    other = oidc_key_new(false, "e2");
    return 0;
}

static int close_keys(void **state)
{
    (void)state;
    oidc_key_destroy(&rsa);
    oidc_key_destroy(&ec);
    oidc_key_destroy(&other);
    arena_destroy(&arena);
    return 0;
}

static struct text both_keys(void)
{
    return oidc_keys_write(arena, oidc_key_write(arena, &rsa, ",\"use\":\"sig\",\"alg\":\"RS256\""),
                           oidc_key_write(arena, &ec, ""));
}

static enum status verify(struct text token, struct text jwks)
{
    struct text found = nothing;
    const enum status status = identity_jws_verify(arena, token, jwks, &found);
    if (status == STATUS_OK)
        assert_text_equal(found, payload);
    else
        assert_null(found.data);
    return status;
}

static void check_example(const json_t *vectors, const char *name)
{
    const json_t *example = json_object_get(vectors, name);
    char *jwks = json_dumps(json_object_get(example, "jwks"), JSON_COMPACT);
    struct text found = nothing;
    assert_int_equal(
        identity_jws_verify(arena, text_of(json_string_value(json_object_get(example, "token"))),
                            text_of(jwks), &found),
        STATUS_OK);
    assert_text_equal(found, text_of(json_string_value(json_object_get(vectors, "payload"))));
    free(jwks);
}

static void examples_of_the_rfcs_are_right(void **state)
{
    (void)state;
    json_t *vectors = json_load_file("tests/vectors/jws.json", 0, NULL);
    assert_non_null(vectors);
    check_example(vectors, "a2");
    check_example(vectors, "a3");
    const json_t *pkce = json_object_get(vectors, "pkce");
    assert_text_equal(identity_pkce_challenge(
                          arena, text_of(json_string_value(json_object_get(pkce, "verifier")))),
                      text_of(json_string_value(json_object_get(pkce, "challenge"))));
    json_decref(vectors);
}

static void both_algorithms_verify_by_the_key_that_the_token_names(void **state)
{
    (void)state;
    assert_int_equal(verify(oidc_token_write(arena, &rsa, payload), both_keys()), STATUS_OK);
    assert_int_equal(verify(oidc_token_write(arena, &ec, payload), both_keys()), STATUS_OK);
    assert_int_equal(verify(oidc_token_write(arena, &other, payload), both_keys()),
                     STATUS_NOT_FOUND);
}

static void token_without_kid_needs_a_set_of_one(void **state)
{
    (void)state;
    struct oidc_key nameless = ec;
    nameless.kid = NULL;
    const struct text token = oidc_token_write(arena, &nameless, payload);
    const struct text one = oidc_keys_write(arena, oidc_key_write(arena, &ec, ""), nothing);
    assert_int_equal(verify(token, one), STATUS_OK);
    assert_int_equal(verify(token, both_keys()), STATUS_NOT_FOUND);
}

static void signature_of_another_key_or_payload_is_refused(void **state)
{
    (void)state;
    struct oidc_key thief = other;
    thief.kid = "e1";
    const struct text token = oidc_token_write(arena, &ec, payload);
    char *changed = arena_copy(arena, token.data, token.length);
    const char *dot = memchr(changed, '.', token.length);
    changed[dot - changed + 3] = changed[dot - changed + 3] == 'A' ? 'B' : 'A';
    assert_int_equal(verify(oidc_token_write(arena, &thief, payload), both_keys()),
                     STATUS_UNAUTHENTICATED);
    assert_int_equal(verify((struct text){ changed, token.length }, both_keys()),
                     STATUS_UNAUTHENTICATED);
}

static struct text hmac_token(struct text header, struct text secret)
{
    const struct text a = base64url_encode(arena, header), b = base64url_encode(arena, payload);
    const struct text input =
        text_format(arena, "%.*s.%.*s", (int)a.length, a.data, (int)b.length, b.data);
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    assert_non_null(HMAC(EVP_sha256(), secret.data, (int)secret.length, (const uint8_t *)input.data,
                         input.length, mac, &length));
    const struct text c = base64url_encode(arena, (struct text){ (const char *)mac, length });
    return text_format(arena, "%.*s.%.*s", (int)input.length, input.data, (int)c.length, c.data);
}

/* The classic confusion: the public key as the secret of a MAC. */
static void token_does_not_choose_the_algorithm(void **state)
{
    (void)state;
    const struct text jwk = oidc_key_write(arena, &rsa, "");
    const struct text jwks = oidc_keys_write(arena, jwk, oidc_key_write(arena, &ec, ""));
    const struct text none = base64url_encode(arena, TEXT("{\"alg\":\"none\",\"kid\":\"r1\"}"));
    const struct text body = base64url_encode(arena, payload);
    assert_int_equal(verify(hmac_token(TEXT("{\"alg\":\"HS256\",\"kid\":\"r1\"}"), jwk), jwks),
                     STATUS_MALFORMED);
    assert_int_equal(verify(text_format(arena, "%.*s.%.*s.", (int)none.length, none.data,
                                        (int)body.length, body.data),
                            jwks),
                     STATUS_MALFORMED);
    static const char *const headers[] = { "{\"alg\":\"RS256\",\"kid\":\"e1\"}",
                                           "{\"alg\":\"ES256\",\"kid\":\"r1\"}" };
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++)
        assert_int_equal(
            verify(oidc_token_sign(arena, i == 0 ? &ec : &rsa, text_of(headers[i]), payload), jwks),
            STATUS_UNAUTHENTICATED);
    static const char *const others[] = { "{\"alg\":\"RS512\",\"kid\":\"r1\"}",
                                          "{\"alg\":\"PS256\",\"kid\":\"r1\"}",
                                          "{\"kid\":\"r1\"}",
                                          "{\"alg\":[\"RS256\"],\"kid\":\"r1\"}",
                                          "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"r1\"}",
                                          "{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"b64\"]}",
                                          "{\"alg\":\"RS256\",\"kid\":7}" };
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        assert_int_equal(verify(oidc_token_sign(arena, &rsa, text_of(others[i]), payload), jwks),
                         STATUS_MALFORMED);
}

static void key_is_used_for_what_it_is_meant_for(void **state)
{
    (void)state;
    static const char *const wrong[] = { ",\"use\":\"enc\"", ",\"alg\":\"RS384\"",
                                         ",\"key_ops\":[\"encrypt\"]", ",\"use\":1" };
    const struct text token = oidc_token_write(arena, &rsa, payload);
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(
            verify(token, oidc_keys_write(arena, oidc_key_write(arena, &rsa, wrong[i]), nothing)),
            STATUS_NOT_FOUND);
    const struct text good = oidc_key_write(arena, &rsa, ",\"key_ops\":[\"verify\"]");
    assert_int_equal(verify(token, oidc_keys_write(arena, good, nothing)), STATUS_OK);
}

static void malformed_tokens_are_refused_at_every_cut(void **state)
{
    (void)state;
    const struct text token = oidc_token_write(arena, &ec, payload), jwks = both_keys();
    for (size_t length = 0; length < token.length; length++)
        assert_int_not_equal(verify((struct text){ token.data, length }, jwks), STATUS_OK);
    const struct text padded = text_format(arena, "%.*s=", (int)token.length, token.data);
    const struct text longer = text_format(arena, "%.*s.AA", (int)token.length, token.data);
    assert_int_equal(verify(padded, jwks), STATUS_MALFORMED);
    assert_int_equal(verify(longer, jwks), STATUS_MALFORMED);
    char *huge = arena_allocate(arena, IDENTITY_JWS_MAX + 1);
    memset(huge, 'A', IDENTITY_JWS_MAX + 1);
    assert_int_equal(verify((struct text){ huge, IDENTITY_JWS_MAX + 1 }, jwks), STATUS_MALFORMED);
}

static void sets_that_are_none_and_weak_keys_are_refused(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]", "{\"keys\":[],\"keys\":[]}"
    };
    const struct text token = oidc_token_write(arena, &rsa, payload);
    for (size_t i = 0; i < ARRAY_LENGTH(sets); i++)
        assert_int_equal(verify(token, text_of(sets[i])), STATUS_CORRUPT);
    static const char *const weak[] = {
        "{\"kty\":\"RSA\",\"kid\":\"r1\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"kid\":\"r1\",\"n\":\"\",\"e\":\"AQAB\"}",
        "{\"kty\":\"RSA\",\"kid\":\"r1\"}",
        "{\"kty\":\"oct\",\"kid\":\"r1\",\"k\":\"AQAB\"}",
    };
    size_t count;
    for (size_t i = 0; i < ARRAY_LENGTH(weak); i++) {
        const struct text jwks = oidc_keys_write(arena, text_of(weak[i]), nothing);
        assert_int_not_equal(verify(token, jwks), STATUS_OK);
        assert_int_equal(identity_jwks_count(arena, jwks, &count), STATUS_OK);
        assert_int_equal(count, 0);
    }
    /* A point that is not on the curve. */
    const struct text off = text_of("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e1\","
                                    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                                    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}");
    const struct text jwks = oidc_keys_write(arena, off, nothing);
    assert_int_equal(identity_jwks_count(arena, jwks, &count), STATUS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(identity_jwks_count(arena, both_keys(), &count), STATUS_OK);
    assert_int_equal(count, 2);
}

static void deep_and_wide_json_is_refused_before_it_is_parsed(void **state)
{
    (void)state;
    enum { DEPTH = 5000 };
    char *deep = arena_allocate(arena, DEPTH);
    memset(deep, '[', DEPTH);
    const struct text header = text_format(arena, "{\"alg\":\"ES256\",\"a\":%.*s", DEPTH, deep);
    assert_int_equal(verify(oidc_token_sign(arena, &ec, header, payload), both_keys()),
                     STATUS_MALFORMED);
    memset(deep, ',', DEPTH);
    assert_int_equal(verify(oidc_token_write(arena, &ec, payload),
                            text_format(arena, "{\"keys\":[%.*s]}", DEPTH, deep)),
                     STATUS_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfcs_are_right),
        cmocka_unit_test(both_algorithms_verify_by_the_key_that_the_token_names),
        cmocka_unit_test(token_without_kid_needs_a_set_of_one),
        cmocka_unit_test(signature_of_another_key_or_payload_is_refused),
        cmocka_unit_test(token_does_not_choose_the_algorithm),
        cmocka_unit_test(key_is_used_for_what_it_is_meant_for),
        cmocka_unit_test(malformed_tokens_are_refused_at_every_cut),
        cmocka_unit_test(sets_that_are_none_and_weak_keys_are_refused),
        cmocka_unit_test(deep_and_wide_json_is_refused_before_it_is_parsed),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
