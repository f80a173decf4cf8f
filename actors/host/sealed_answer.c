/* Seals answers that hold secrets while they are kept. */
#include "actors/host/sealed_answer.h"

#include <string.h>

#include "runtime/secret.h"

/* No msgpack starts so ("never used", MessagePack specification). */
enum { SEALED_MARK = 0xc1 };

bool sealed_answer_holds_secret(const struct schema *schema, const void *reply_or_null)
{
    for (size_t i = 0; schema != NULL && i < schema->fields_count; i++) {
        const struct field *field = &schema->fields[i];
        if ((field->flags & FIELD_SECRET) == 0) continue;
        const bool may_lack = reply_or_null != NULL && (field->flags & FIELD_OPTIONAL) != 0;
        if (!may_lack || *((const bool *)reply_or_null + field->presence_offset)) return true;
    }
    return false;
}

static void derive_key(const struct host *host, uint8_t ret_key[SECRET_KEY_BYTES])
{
    secret_digest_keyed(host->principal_key, TEXT("souk kept answer"), ret_key, SECRET_KEY_BYTES);
}

struct text sealed_answer_close(const struct host *host, struct arena *arena, struct text body)
{
    assert(host != NULL);
    assert(arena != NULL);
    uint8_t key[SECRET_KEY_BYTES], nonce[SECRET_NONCE_BYTES];
    const struct rng *rng = loop_rng(host->loop);
    rng->fill(rng->context, nonce, sizeof nonce);
    derive_key(host, key);
    const struct text sealed = secret_seal(arena, key, nonce, body);
    secret_wipe(key, sizeof key);
    char *kept = arena_allocate(arena, 1 + sealed.length);
    kept[0] = (char)SEALED_MARK;
    memcpy(kept + 1, sealed.data, sealed.length);
    return (struct text){ kept, 1 + sealed.length };
}

enum status sealed_answer_open(const struct host *host, struct arena *arena, struct text kept,
                               struct text *ret_body)
{
    assert(host != NULL);
    assert(arena != NULL);
    assert(ret_body != NULL);
    uint8_t key[SECRET_KEY_BYTES];
    if (kept.length == 0 || (uint8_t)kept.data[0] != SEALED_MARK) {
        *ret_body = kept;
        return STATUS_OK;
    }
    derive_key(host, key);
    const enum status status =
        secret_unseal(arena, key, (struct text){ kept.data + 1, kept.length - 1 }, ret_body);
    secret_wipe(key, sizeof key);
    return status;
}
