/* PASETO v4.public: sign and verify over the pre-authentication encoding of header, payload,
 * footer, implicit assertion. */
#include "runtime/paseto.h"

#include <sodium.h>
#include <string.h>

#include "runtime/secret.h"

static const struct text paseto_header = TEXT("v4.public.");

static_assert(PASETO_SECRET_KEY_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");
static_assert(PASETO_PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(PASETO_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");

void paseto_v4_keys(const uint8_t seed[PASETO_SEED_BYTES],
                    uint8_t ret_public_key[PASETO_PUBLIC_KEY_BYTES],
                    uint8_t ret_secret_key[PASETO_SECRET_KEY_BYTES])
{
    const int result = crypto_sign_seed_keypair(ret_public_key, ret_secret_key, seed);
    assert(result == 0);
}

/* Little-endian 64 bits; the highest bit stays clear, for languages without unsigned numbers. */
static void pae_add_number(struct text_builder *builder, uint64_t number)
{
    assert(number < (uint64_t)1 << 63);
    for (unsigned i = 0; i < 8; i++)
        text_builder_add_byte(builder, (char)(number >> (8 * i) & 0xFF));
}

/* Pre-authentication encoding: how many pieces, then each with its length, so that no two lists
 * read alike. */
static struct text pae_encode(struct arena *arena, const struct text *pieces, size_t count)
{
    size_t limit = 8;
    for (size_t i = 0; i < count; i++)
        limit += 8 + pieces[i].length;
    struct text_builder builder;
    text_builder_init(&builder, arena, limit);
    pae_add_number(&builder, count);
    for (size_t i = 0; i < count; i++) {
        pae_add_number(&builder, pieces[i].length);
        text_builder_add(&builder, pieces[i]);
    }
    assert(!builder.is_full);
    return text_builder_view(&builder);
}

static struct text paseto_signed_text(struct arena *arena, struct text payload, struct text footer,
                                      struct text implicit)
{
    const struct text pieces[] = { paseto_header, payload, footer, implicit };
    return pae_encode(arena, pieces, ARRAY_LENGTH(pieces));
}

enum status paseto_v4_sign(struct arena *arena, const uint8_t secret_key[PASETO_SECRET_KEY_BYTES],
                           struct text payload, struct text footer, struct text implicit,
                           struct text *ret_token)
{
    assert(arena != NULL);
    assert(ret_token != NULL);
    if (payload.length > PASETO_TOKEN_MAX || footer.length > PASETO_TOKEN_MAX)
        return STATUS_OUT_OF_RANGE;
    const struct text message = paseto_signed_text(arena, payload, footer, implicit);
    unsigned char *body = arena_allocate(arena, payload.length + crypto_sign_BYTES);
    if (payload.length > 0) memcpy(body, payload.data, payload.length);
    const int result =
        crypto_sign_detached(body + payload.length, NULL /* always 64 bytes */,
                             (const unsigned char *)message.data, message.length, secret_key);
    assert(result == 0);

    struct text_builder token;
    text_builder_init(&token, arena, PASETO_TOKEN_MAX);
    text_builder_add(&token, paseto_header);
    text_builder_add(&token,
                     base64url_encode(arena, (struct text){ (const char *)body,
                                                            payload.length + crypto_sign_BYTES }));
    if (footer.length > 0) {
        text_builder_add_byte(&token, '.');
        text_builder_add(&token, base64url_encode(arena, footer));
    }
    if (token.is_full) return STATUS_OUT_OF_RANGE;
    *ret_token = text_builder_view(&token);
    return STATUS_OK;
}

/* Splits a token into its decoded body and footer. */
static enum status paseto_unpack(struct arena *arena, struct text token, struct text *ret_body,
                                 struct text *ret_footer)
{
    if (token.length > PASETO_TOKEN_MAX) return STATUS_MALFORMED;
    if (!text_starts_with(token, paseto_header)) return STATUS_MALFORMED;
    struct text body = { token.data + paseto_header.length, token.length - paseto_header.length };
    struct text footer = { 0 };
    const char *dot = memchr(body.data, '.', body.length);
    if (dot != NULL) {
        const size_t body_length = (size_t)(dot - body.data);
        footer = (struct text){ dot + 1, body.length - body_length - 1 };
        body.length = body_length;
        if (footer.length == 0) return STATUS_MALFORMED; /* a second spelling of "no footer" */
    }
    TRY(base64url_decode(arena, body, &body));
    if (body.length < crypto_sign_BYTES) return STATUS_MALFORMED;
    TRY(base64url_decode(arena, footer, &footer));
    *ret_body = body;
    *ret_footer = footer;
    return STATUS_OK;
}

enum status paseto_v4_verify(struct arena *arena, const uint8_t public_key[PASETO_PUBLIC_KEY_BYTES],
                             struct text token, struct text implicit, struct text *ret_payload,
                             struct text *ret_footer)
{
    assert(arena != NULL);
    assert(ret_payload != NULL);
    assert(ret_footer != NULL);
    struct text body, footer;
    TRY(paseto_unpack(arena, token, &body, &footer));
    const struct text payload = { body.data, body.length - crypto_sign_BYTES };
    const struct text message = paseto_signed_text(arena, payload, footer, implicit);
    const unsigned char *signature = (const unsigned char *)body.data + payload.length;
    if (crypto_sign_verify_detached(signature, (const unsigned char *)message.data, message.length,
                                    public_key) != 0)
        return STATUS_UNAUTHENTICATED;
    *ret_payload = payload;
    *ret_footer = footer;
    return STATUS_OK;
}

enum status paseto_v4_footer(struct arena *arena, struct text token, struct text *ret_footer)
{
    assert(arena != NULL);
    assert(ret_footer != NULL);
    struct text body;
    return paseto_unpack(arena, token, &body, ret_footer);
}
