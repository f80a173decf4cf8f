/* Secrets, their digests and their text form. */
#include "actors/identity/identity_secret.h"

#include <string.h>

#include "runtime/secret.h"

enum { SECRET_TEXT_LENGTH = 43, DECODE_ARENA_BYTES = 256 };

void identity_digest(struct text secret, uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    secret_digest(secret, ret_digest, IDENTITY_DIGEST_BYTES);
}

void identity_draw_secret(struct request *request, uint8_t ret_secret[IDENTITY_SECRET_BYTES],
                          uint8_t ret_digest[IDENTITY_DIGEST_BYTES])
{
    request_random(request, ret_secret, IDENTITY_SECRET_BYTES);
    identity_digest((struct text){ (const char *)ret_secret, IDENTITY_SECRET_BYTES }, ret_digest);
}

bool identity_digests_are_equal(const uint8_t a[IDENTITY_DIGEST_BYTES],
                                const uint8_t b[IDENTITY_DIGEST_BYTES])
{
    unsigned difference = 0;
    for (size_t i = 0; i < IDENTITY_DIGEST_BYTES; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

struct text identity_id_text(struct arena *arena, const char *prefix, struct uuid id)
{
    char *text = arena_allocate(arena, ID_TEXT_MAX + 1);
    const size_t length = id_format(prefix, id, text);
    return (struct text){ text, length };
}

struct text identity_time_text(struct arena *arena, int64_t time_us)
{
    char *text = arena_allocate(arena, TIME_TEXT_MAX + 1);
    const size_t length = time_format(time_us, text);
    return (struct text){ text, length };
}

struct text identity_write_credential(struct arena *arena, const char *prefix, struct uuid id,
                                      const uint8_t secret[IDENTITY_SECRET_BYTES])
{
    const struct text name = identity_id_text(arena, prefix, id);
    const struct text encoded =
        base64url_encode(arena, (struct text){ (const char *)secret, IDENTITY_SECRET_BYTES });
    return text_format(arena, "%.*s.%.*s", (int)name.length, name.data, (int)encoded.length,
                       encoded.data);
}

enum status identity_read_credential(struct text text, const char *prefix, struct uuid *ret_id,
                                     uint8_t ret_secret[IDENTITY_SECRET_BYTES])
{
    if (text.length <= SECRET_TEXT_LENGTH || text.length > IDENTITY_CREDENTIAL_MAX)
        return STATUS_MALFORMED;
    const size_t id_length = text.length - SECRET_TEXT_LENGTH - 1;
    if (text.data[id_length] != '.') return STATUS_MALFORMED;
    struct uuid id;
    TRY(id_parse((struct text){ text.data, id_length }, prefix, &id));
    CLEANUP(arena_destroy) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    struct text secret;
    TRY(base64url_decode(arena, (struct text){ text.data + id_length + 1, SECRET_TEXT_LENGTH },
                         &secret));
    assert(secret.length == IDENTITY_SECRET_BYTES);
    memcpy(ret_secret, secret.data, IDENTITY_SECRET_BYTES);
    *ret_id = id;
    return STATUS_OK;
}
