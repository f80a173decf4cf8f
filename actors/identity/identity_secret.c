/* Secrets and their digests; ids and times as text. */
#include "actors/identity/identity_secret.h"

#include "runtime/secret.h"

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
    assert(prefix != NULL);
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
