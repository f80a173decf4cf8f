/* The ids travel as they are, 16 bytes each. */
#include "runtime/hint.h"

#include <sodium.h>
#include <string.h>

enum { ID_BYTES = sizeof(struct uuid) };

static_assert(ID_BYTES == 16, "ids stand behind one another");

static bool hint_has(const struct hint *hint, struct uuid id)
{
    for (size_t i = 0; i < hint->ids_count; i++)
        if (memcmp(&hint->ids[i], &id, ID_BYTES) == 0) return true;
    return false;
}

void hint_begin(struct hint *hint, unsigned shard, uint64_t sequence)
{
    hint->domain = 0;
    hint->shard = shard;
    hint->sequence = sequence;
    hint->ids_count = 0;
    hint->is_about_any = false;
}

void hint_add(struct hint *hint, struct uuid id)
{
    assert(hint->ids_count <= HINT_IDS_MAX);
    if (hint->is_about_any || hint_has(hint, id)) return;
    if (sodium_is_zero(id.bytes, ID_BYTES) != 0 || hint->ids_count == HINT_IDS_MAX) {
        hint->is_about_any = true;
        hint->ids_count = 0;
        return;
    }
    hint->ids[hint->ids_count++] = id;
}

struct envelope hint_write(const struct hint *hint)
{
    assert(hint->domain <= UINT8_MAX);
    assert(hint->shard <= UINT8_MAX);
    return (struct envelope){ .kind = ENVELOPE_HINT,
                              .domain = (uint8_t)hint->domain,
                              .shard = (uint8_t)hint->shard,
                              .sequence = hint->sequence,
                              .body = { (const char *)hint->ids, hint->ids_count * ID_BYTES } };
}

enum status hint_read(const struct envelope *envelope, struct hint *ret_hint)
{
    const struct text body = envelope->body;
    if (body.length % ID_BYTES != 0 || body.length > HINT_IDS_MAX * ID_BYTES) return STATUS_CORRUPT;
    ret_hint->domain = envelope->domain;
    ret_hint->shard = envelope->shard;
    ret_hint->sequence = envelope->sequence;
    ret_hint->ids_count = body.length / ID_BYTES;
    ret_hint->is_about_any = body.length == 0;
    if (body.length > 0) memcpy(ret_hint->ids, body.data, body.length);
    return STATUS_OK;
}

/* By random bits of ids that begin with the time and end with the shard (RFC 9562, version 7). */
uint64_t hint_mark(struct uuid id)
{
    return UINT64_C(1) << ((id.bytes[13] ^ id.bytes[14]) & 63);
}

uint64_t hint_marks(const struct hint *hint)
{
    if (hint->ids_count == 0) return UINT64_MAX;
    uint64_t marks = 0;
    for (size_t i = 0; i < hint->ids_count; i++)
        marks |= hint_mark(hint->ids[i]);
    return marks;
}
