/* Tokens taken apart, keys looked for, signatures verified by OpenSSL. */
#include "actors/identity/identity_jose.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "messages/json_document.h"
#include "runtime/secret.h"

enum {
    KEY_ID_MAX = 255,
    ALGORITHM_MAX = 16,
    COORDINATE_BYTES = 32, /* of P-256 */
    ES256_BYTES = 2 * COORDINATE_BYTES,
    EXPONENT_BYTES_MAX = 4,
    NUMBER_TEXT_MAX = 2048,
    DER_MAX = 80
};

enum algorithm { RS256, ES256 };
static const char *const algorithm_names[] = { [RS256] = "RS256", [ES256] = "ES256" };

/* A token taken apart: what is signed, by which key, and how it says so. */
struct jws {
    struct text signed_part, payload, signature;
    struct text algorithm, kid;
    bool has_kid;
};

/* ---- the token ---- */

static enum status split(struct text token, struct text ret_parts[3])
{
    size_t start = 0, count = 0;
    for (size_t i = 0; i <= token.length; i++) {
        if (i < token.length && token.data[i] != '.') continue;
        if (count == 3) return STATUS_MALFORMED;
        ret_parts[count++] = (struct text){ token.data + start, i - start };
        start = i + 1;
    }
    return count == 3 ? STATUS_OK : STATUS_MALFORMED;
}

static enum status read_header(struct arena *arena, struct text bytes, struct jws *jws)
{
    CLEANUP(json_document_release) json_t *header = NULL;
    TRY(json_document_read(bytes, &header));
    /* `crit` names extensions that must be understood (RFC 7515, 4.1.11), and none is understood
     * here. */
    if (json_object_get(header, "crit") != NULL) return STATUS_MALFORMED;
    if (json_document_text(header, "alg", ALGORITHM_MAX, arena, &jws->algorithm) != STATUS_OK)
        return STATUS_MALFORMED;
    const enum status status = json_document_text(header, "kid", KEY_ID_MAX, arena, &jws->kid);
    jws->has_kid = status == STATUS_OK;
    return status == STATUS_MALFORMED ? status : STATUS_OK;
}

static enum status parse(struct arena *arena, struct text token, struct jws *ret_jws)
{
    struct text parts[3], header;
    struct jws jws = { 0 };
    if (token.length > IDENTITY_JWS_MAX) return STATUS_MALFORMED;
    TRY(split(token, parts));
    TRY(base64url_decode(arena, parts[0], &header));
    TRY(base64url_decode(arena, parts[1], &jws.payload));
    TRY(base64url_decode(arena, parts[2], &jws.signature));
    TRY(read_header(arena, header, &jws));
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LENGTH(algorithm_names); i++)
        is_known = is_known || text_equals_string(jws.algorithm, algorithm_names[i]);
    if (!is_known) return STATUS_MALFORMED;
    jws.signed_part = (struct text){ token.data, parts[0].length + 1 + parts[1].length };
    *ret_jws = jws;
    return STATUS_OK;
}

/* ---- keys ---- */

static bool member_is(const json_t *key, const char *name, const char *value)
{
    const json_t *member = json_object_get(key, name);
    return json_is_string(member) && strcmp(json_string_value(member), value) == 0;
}

/* True if the key can verify signatures of RS256 or ES256, by what it says of itself. */
static bool is_usable(const json_t *key, enum algorithm *ret_algorithm)
{
    const bool is_rsa = member_is(key, "kty", "RSA");
    const bool is_ec = member_is(key, "kty", "EC") && member_is(key, "crv", "P-256");
    if (!is_rsa && !is_ec) return false;
    const enum algorithm algorithm = is_rsa ? RS256 : ES256;
    if (json_object_get(key, "use") != NULL && !member_is(key, "use", "sig")) return false;
    if (json_object_get(key, "alg") != NULL && !member_is(key, "alg", algorithm_names[algorithm]))
        return false;
    if (json_object_get(key, "key_ops") != NULL &&
        !json_document_lists(key, "key_ops", TEXT("verify")))
        return false;
    *ret_algorithm = algorithm;
    return true;
}

static enum status read_keys(struct text jwks, json_t **ret_set, json_t **ret_keys)
{
    if (jwks.length > IDENTITY_JWKS_MAX) return STATUS_CORRUPT;
    json_t *set = NULL;
    if (json_document_read(jwks, &set) != STATUS_OK) return STATUS_CORRUPT;
    json_t *keys = json_object_get(set, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > IDENTITY_JWKS_KEYS_MAX) {
        json_decref(set);
        return STATUS_CORRUPT;
    }
    *ret_set = set;
    *ret_keys = keys;
    return STATUS_OK;
}

static bool has_kid(const json_t *key, struct text kid)
{
    const json_t *member = json_object_get(key, "kid");
    if (!json_is_string(member)) return false;
    return text_equals(kid, (struct text){ json_string_value(member), json_string_length(member) });
}

/* The one key that the token can mean. */
static enum status find_key(const json_t *keys, const struct jws *jws, const json_t **ret_key,
                            enum algorithm *ret_algorithm)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        enum algorithm algorithm;
        if (!is_usable(key, &algorithm) || (jws->has_kid && !has_kid(key, jws->kid))) continue;
        if (count++ > 0) break;
        *ret_key = key;
        *ret_algorithm = algorithm;
    }
    return count == 1 ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status read_number(struct arena *arena, const json_t *key, const char *name,
                               struct text *ret_bytes)
{
    struct text encoded;
    if (json_document_text(key, name, NUMBER_TEXT_MAX, arena, &encoded) != STATUS_OK ||
        base64url_decode(arena, encoded, ret_bytes) != STATUS_OK || ret_bytes->length == 0)
        return STATUS_UNAUTHENTICATED;
    return STATUS_OK;
}

static EVP_PKEY *key_from(const char *kind, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (params == NULL || context == NULL) abort();
    EVP_PKEY *key = NULL;
    if (EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *make_rsa(struct text modulus, struct text exponent)
{
    BIGNUM *n = BN_bin2bn((const uint8_t *)modulus.data, (int)modulus.length, NULL);
    BIGNUM *e = BN_bin2bn((const uint8_t *)exponent.data, (int)exponent.length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n == NULL || e == NULL || builder == NULL) abort();
    EVP_PKEY *key = NULL;
    const int bits = BN_num_bits(n);
    if (bits >= IDENTITY_RSA_BITS_MIN && bits <= IDENTITY_RSA_BITS_MAX && BN_is_odd(n) &&
        BN_is_odd(e) && !BN_is_one(e) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_from("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

/* OpenSSL refuses points that are not on the curve. */
static EVP_PKEY *make_ec(struct text x, struct text y)
{
    uint8_t point[1 + ES256_BYTES] = { 4 }; /* uncompressed */
    memcpy(point + 1, x.data, COORDINATE_BYTES);
    memcpy(point + 1 + COORDINATE_BYTES, y.data, COORDINATE_BYTES);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder == NULL) abort();
    EVP_PKEY *key = NULL;
    if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
            1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) ==
            1)
        key = key_from("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static enum status load_key(struct arena *arena, const json_t *json, enum algorithm algorithm,
                            EVP_PKEY **ret_key)
{
    struct text first, second;
    TRY(read_number(arena, json, algorithm == RS256 ? "n" : "x", &first));
    TRY(read_number(arena, json, algorithm == RS256 ? "e" : "y", &second));
    if (algorithm == ES256 &&
        (first.length != COORDINATE_BYTES || second.length != COORDINATE_BYTES))
        return STATUS_UNAUTHENTICATED;
    if (algorithm == RS256 && second.length > EXPONENT_BYTES_MAX) return STATUS_UNAUTHENTICATED;
    EVP_PKEY *key = algorithm == RS256 ? make_rsa(first, second) : make_ec(first, second);
    if (key == NULL) return STATUS_UNAUTHENTICATED;
    *ret_key = key;
    return STATUS_OK;
}

/* ---- signatures ---- */

/* OpenSSL wants the two numbers in DER; RFC 7518, 3.4 has them side by side. */
static enum status to_der(struct text raw, uint8_t ret_der[DER_MAX], size_t *ret_length)
{
    if (raw.length != ES256_BYTES) return STATUS_UNAUTHENTICATED;
    const uint8_t *bytes = (const uint8_t *)raw.data;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(bytes, COORDINATE_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(bytes + COORDINATE_BYTES, COORDINATE_BYTES, NULL);
    if (signature == NULL || r == NULL || s == NULL) abort();
    if (ECDSA_SIG_set0(signature, r, s) != 1) abort();
    uint8_t *end = ret_der;
    const int length = i2d_ECDSA_SIG(signature, NULL);
    const bool fits = length > 0 && length <= DER_MAX;
    if (fits) *ret_length = (size_t)i2d_ECDSA_SIG(signature, &end);
    ECDSA_SIG_free(signature);
    return fits ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

static bool is_signed(EVP_PKEY *key, struct text signature, struct text message)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) abort();
    const bool is_right =
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(context, (const uint8_t *)signature.data, signature.length,
                         (const uint8_t *)message.data, message.length) == 1;
    EVP_MD_CTX_free(context);
    return is_right;
}

static enum status verify(struct arena *arena, const struct jws *jws, const json_t *keys)
{
    const json_t *json = NULL;
    enum algorithm algorithm = RS256;
    EVP_PKEY *key = NULL;
    uint8_t der[DER_MAX];
    struct text signature = jws->signature;
    TRY(find_key(keys, jws, &json, &algorithm));
    if (!text_equals_string(jws->algorithm, algorithm_names[algorithm]))
        return STATUS_UNAUTHENTICATED;
    if (algorithm == ES256) {
        size_t length;
        TRY(to_der(jws->signature, der, &length));
        signature = (struct text){ (const char *)der, length };
    }
    TRY(load_key(arena, json, algorithm, &key));
    const bool is_right = is_signed(key, signature, jws->signed_part);
    EVP_PKEY_free(key);
    return is_right ? STATUS_OK : STATUS_UNAUTHENTICATED;
}

enum status identity_jws_verify(struct arena *arena, struct text token, struct text jwks,
                                struct text *ret_payload)
{
    assert(ret_payload != NULL);
    struct jws jws;
    json_t *keys = NULL;
    TRY(parse(arena, token, &jws));
    CLEANUP(json_document_release) json_t *set = NULL;
    TRY(read_keys(jwks, &set, &keys));
    TRY(verify(arena, &jws, keys));
    *ret_payload = jws.payload;
    return STATUS_OK;
}

enum status identity_jwks_count(struct arena *arena, struct text jwks, size_t *ret_count)
{
    assert(ret_count != NULL);
    json_t *keys = NULL;
    CLEANUP(json_document_release) json_t *set = NULL;
    TRY(read_keys(jwks, &set, &keys));
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        enum algorithm algorithm;
        EVP_PKEY *key = NULL;
        const json_t *json = json_array_get(keys, i);
        if (!is_usable(json, &algorithm) || load_key(arena, json, algorithm, &key) != STATUS_OK)
            continue;
        EVP_PKEY_free(key);
        count++;
    }
    *ret_count = count;
    return STATUS_OK;
}

struct text identity_pkce_challenge(struct arena *arena, struct text verifier)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    (void)SHA256((const uint8_t *)verifier.data, verifier.length, digest);
    return base64url_encode(arena, (struct text){ (const char *)digest, sizeof digest });
}
