/* Keys and tokens of a provider, by OpenSSL. */
#include "tests/actors/identity/oidc_tokens.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <string.h>

#include "runtime/secret.h"
#include "tests/support/cmocka.h"

enum { NUMBER_BYTES_MAX = 512, COORDINATE_BYTES = 32, SIGNATURE_MAX = 1024 };

struct oidc_key oidc_key_new(bool is_rsa, const char *kid)
{
    EVP_PKEY *pair =
        is_rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_EC_gen("P-256");
    assert_non_null(pair);
    return (struct oidc_key){ .pair = pair, .kid = kid, .is_rsa = is_rsa };
}

void oidc_key_destroy(struct oidc_key *key)
{
    EVP_PKEY_free(key->pair);
    key->pair = NULL;
}

static struct text number(struct arena *arena, const struct oidc_key *key, const char *name)
{
    BIGNUM *value = NULL;
    uint8_t bytes[NUMBER_BYTES_MAX];
    assert_int_equal(EVP_PKEY_get_bn_param(key->pair, name, &value), 1);
    const int length = key->is_rsa ? BN_num_bytes(value) : COORDINATE_BYTES;
    assert_int_equal(BN_bn2binpad(value, bytes, length), length);
    BN_free(value);
    return base64url_encode(arena, (struct text){ (const char *)bytes, (size_t)length });
}

struct text oidc_key_write(struct arena *arena, const struct oidc_key *key, const char *more)
{
    const struct text kid =
        key->kid == NULL ? TEXT("") : text_format(arena, ",\"kid\":\"%s\"", key->kid);
    const char *first_name = key->is_rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X;
    const char *second_name = key->is_rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y;
    const struct text first = number(arena, key, first_name);
    const struct text second = number(arena, key, second_name);
    return text_format(arena, "{%s,\"%s\":\"%.*s\",\"%s\":\"%.*s\"%.*s%s}",
                       key->is_rsa ? "\"kty\":\"RSA\"" : "\"kty\":\"EC\",\"crv\":\"P-256\"",
                       key->is_rsa ? "n" : "x", (int)first.length, first.data,
                       key->is_rsa ? "e" : "y", (int)second.length, second.data, (int)kid.length,
                       kid.data, more);
}

struct text oidc_keys_write(struct arena *arena, struct text first, struct text second)
{
    return text_format(arena, "{\"keys\":[%.*s%s%.*s]}", (int)first.length, first.data,
                       second.length > 0 ? "," : "", (int)second.length,
                       second.length > 0 ? second.data : "");
}

/* DER to the two numbers side by side. */
static size_t to_raw(uint8_t *bytes, size_t length)
{
    const uint8_t *start = bytes;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &start, (long)length);
    assert_non_null(signature);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, COORDINATE_BYTES),
                     COORDINATE_BYTES);
    assert_int_equal(
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + COORDINATE_BYTES, COORDINATE_BYTES),
        COORDINATE_BYTES);
    ECDSA_SIG_free(signature);
    return (size_t)2 * COORDINATE_BYTES;
}

struct text oidc_token_sign(struct arena *arena, const struct oidc_key *key, struct text header,
                            struct text payload)
{
    const struct text a = base64url_encode(arena, header), b = base64url_encode(arena, payload);
    const struct text input =
        text_format(arena, "%.*s.%.*s", (int)a.length, a.data, (int)b.length, b.data);
    uint8_t bytes[SIGNATURE_MAX];
    size_t length = sizeof bytes;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pair), 1);
    assert_int_equal(
        EVP_DigestSign(context, bytes, &length, (const uint8_t *)input.data, input.length), 1);
    EVP_MD_CTX_free(context);
    if (!key->is_rsa) length = to_raw(bytes, length);
    const struct text c = base64url_encode(arena, (struct text){ (const char *)bytes, length });
    return text_format(arena, "%.*s.%.*s", (int)input.length, input.data, (int)c.length, c.data);
}

struct text oidc_token_write(struct arena *arena, const struct oidc_key *key, struct text payload)
{
    const char *algorithm = key->is_rsa ? "RS256" : "ES256";
    const struct text header =
        key->kid == NULL
            ? text_format(arena, "{\"alg\":\"%s\"}", algorithm)
            : text_format(arena, "{\"alg\":\"%s\",\"kid\":\"%s\"}", algorithm, key->kid);
    return oidc_token_sign(arena, key, header, payload);
}
