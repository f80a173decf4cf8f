/* Signatures of webhooks. */
#include "actors/payment/stripe_signature.h"

#include <sodium.h>
#include <string.h>

#include "status.h"

enum { MAC_BYTES = crypto_auth_hmacsha256_BYTES, US_PER_SECOND = 1000000 };

struct signature {
    struct text time_text;
    int64_t time_us;
    uint8_t macs[STRIPE_SIGNATURES_MAX][MAC_BYTES];
    size_t macs_count;
};

static struct text take_until(struct text *rest, char separator)
{
    const char *end = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
    struct text part = *rest;
    if (end == NULL) {
        *rest = (struct text){ 0 };
        return part;
    }
    part.length = (size_t)(end - rest->data);
    rest->data = end + 1;
    rest->length -= part.length + 1;
    return part;
}

static void read_mac(struct text hex, struct signature *signature)
{
    size_t length;
    if (signature->macs_count == STRIPE_SIGNATURES_MAX || hex.length != 2 * (size_t)MAC_BYTES)
        return;
    if (sodium_hex2bin(signature->macs[signature->macs_count], MAC_BYTES, hex.data, hex.length,
                       NULL, &length, NULL) == 0 &&
        length == MAC_BYTES)
        signature->macs_count++;
}

/* Schemes that are not v1 are passed over: an older one beside it would be the weakest link. */
static enum status read_header(struct text header, struct signature *signature)
{
    if (header.length > STRIPE_SIGNATURE_HEADER_MAX) return STATUS_SIGNATURE_INVALID;
    while (header.length > 0) {
        struct text value = take_until(&header, ',');
        const struct text name = text_trim(take_until(&value, '='));
        if (text_equals(name, TEXT("t"))) signature->time_text = text_trim(value);
        if (text_equals(name, TEXT("v1"))) read_mac(text_trim(value), signature);
    }
    int64_t seconds;
    if (text_parse_int(signature->time_text, &seconds) != STATUS_OK || seconds < 0 ||
        seconds > INT64_MAX / US_PER_SECOND)
        return STATUS_SIGNATURE_INVALID;
    signature->time_us = seconds * US_PER_SECOND;
    return signature->macs_count == 0 ? STATUS_SIGNATURE_INVALID : STATUS_OK;
}

static void authenticate(struct text secret, struct text time_text, struct text body,
                         uint8_t ret_mac[MAC_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.data, secret.length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time_text.data, time_text.length);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    if (body.length > 0)
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.data, body.length);
    crypto_auth_hmacsha256_final(&state, ret_mac);
}

enum status stripe_signature_verify(const struct text *secrets, size_t secrets_count,
                                    struct text header, struct text body, int64_t now_us)
{
    assert(secrets != NULL || secrets_count == 0);
    struct signature signature = { .macs_count = 0 };
    TRY(read_header(header, &signature));
    const int64_t age_us = now_us - signature.time_us;
    if (age_us > STRIPE_TOLERANCE_US || age_us < -STRIPE_TOLERANCE_US)
        return STATUS_SIGNATURE_INVALID;
    bool is_good = false;
    for (size_t i = 0; i < secrets_count; i++) {
        uint8_t mac[MAC_BYTES];
        if (secrets[i].length == 0) continue;
        authenticate(secrets[i], signature.time_text, body, mac);
        for (size_t k = 0; k < signature.macs_count; k++)
            is_good |= sodium_memcmp(mac, signature.macs[k], MAC_BYTES) == 0;
    }
    return is_good ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}
