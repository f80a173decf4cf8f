/* A provider, or whoever poses as one, may send anything: tokens, sets of keys, documents, answers.
 */
#include "actors/identity/identity_id_token.h"
#include "runtime/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The key and the token of RFC 7515, A.3. */
static const char keys[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
                           "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                           "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
static const char token[] =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text input = { (const char *)data, size };
    const struct identity_id_expectation expected = { .issuer = TEXT("https://id.example"),
                                                      .client_id = TEXT("souk"),
                                                      .nonce = TEXT("n1"),
                                                      .real_us = INT64_C(1300819300) * 1000000 };
    secret_open();
    CLEANUP(arena_destroy) struct arena *arena = arena_new(4096);
    struct identity_id_claims claims;
    struct identity_provider_metadata metadata;
    struct text text;
    size_t count;
    /* What is signed by that key claims nothing that is wanted, so nothing may pass. */
    assert(identity_id_token_verify(arena, input, TEXT(keys), &expected, &claims) != STATUS_OK);
    assert(identity_id_token_verify(arena, TEXT(token), input, &expected, &claims) != STATUS_OK);
    if (identity_jws_verify(arena, input, TEXT(keys), &text) == STATUS_OK)
        assert(text_starts_with(text, TEXT("{\"iss\":\"joe\"")));
    if (identity_jwks_count(arena, input, &count) == STATUS_OK)
        assert(count <= IDENTITY_JWKS_KEYS_MAX);
    if (identity_provider_read(arena, input, expected.issuer, &metadata) == STATUS_OK)
        assert(metadata.token_endpoint.length > 0);
    if (identity_token_answer_read(arena, input, &text) == STATUS_OK)
        assert(text.length <= IDENTITY_JWS_MAX);
    return 0;
}
