/* The text form of secrets that are handed out. */
#include "messages/credential.h"

#include <string.h>

#include "messages/values.h"
#include "runtime/secret.h"

enum { SECRET_TEXT_LENGTH = 43, DECODE_ARENA_BYTES = 256 };

struct text credential_write(struct arena *arena, const char *prefix, struct uuid id,
                             const uint8_t secret[CREDENTIAL_SECRET_BYTES])
{
    assert(prefix != NULL);
    char name[ID_TEXT_MAX + 1];
    const size_t length = id_format(prefix, id, name);
    const struct text encoded =
        base64url_encode(arena, (struct text){ (const char *)secret, CREDENTIAL_SECRET_BYTES });
    assert(encoded.length == SECRET_TEXT_LENGTH);
    return text_format(arena, "%.*s.%.*s", (int)length, name, (int)encoded.length, encoded.data);
}

enum status credential_read(struct text text, const char *prefix, struct uuid *ret_id,
                            uint8_t ret_secret[CREDENTIAL_SECRET_BYTES])
{
    assert(prefix != NULL);
    if (text.length <= SECRET_TEXT_LENGTH || text.length > CREDENTIAL_MAX) return STATUS_MALFORMED;
    const size_t id_length = text.length - SECRET_TEXT_LENGTH - 1;
    if (text.data[id_length] != '.') return STATUS_MALFORMED;
    struct uuid id;
    TRY(id_parse((struct text){ text.data, id_length }, prefix, &id));
    CLEANUP(arena_destroy) struct arena *arena = arena_new(DECODE_ARENA_BYTES);
    struct text secret;
    TRY(base64url_decode(arena, (struct text){ text.data + id_length + 1, SECRET_TEXT_LENGTH },
                         &secret));
    assert(secret.length == CREDENTIAL_SECRET_BYTES);
    memcpy(ret_secret, secret.data, CREDENTIAL_SECRET_BYTES);
    /* The memory of an arena is used again. */
    secret_wipe((char *)(uintptr_t)secret.data, secret.length);
    *ret_id = id;
    return STATUS_OK;
}
