/* Numbers in groups of seven bits, the lowest first; the last group of a number has no high bit. */
#include "actors/order/order_stream_place.h"

#include "runtime/secret.h"

enum { GROUP_BITS = 7, GROUPS_MAX = 9, MORE = 0x80 };

struct text order_stream_place_write(const struct order_stream_place *place, struct arena *arena)
{
    char bytes[SHARD_COUNT * GROUPS_MAX];
    size_t length = 0;
    for (size_t i = 0; i < SHARD_COUNT; i++) {
        uint64_t rest = (uint64_t)place->after[i];
        assert(place->after[i] >= 0);
        for (; rest >= MORE; rest >>= GROUP_BITS)
            bytes[length++] = (char)(MORE | (rest & (MORE - 1)));
        bytes[length++] = (char)rest;
    }
    return base64url_encode(arena, (struct text){ bytes, length });
}

static enum status read_number(const uint8_t **at, const uint8_t *end, int64_t *ret_number)
{
    uint64_t number = 0;
    for (unsigned group = 0; group < GROUPS_MAX && *at < end; group++) {
        const uint8_t byte = *(*at)++;
        number |= (uint64_t)(byte & (MORE - 1)) << (GROUP_BITS * group);
        if ((byte & MORE) != 0) continue;
        *ret_number = (int64_t)number; /* 63 bits at most */
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}

enum status order_stream_place_read(struct text text, struct arena *arena,
                                    struct order_stream_place *ret_place)
{
    struct text bytes;
    struct order_stream_place place;
    TRY(base64url_decode(arena, text, &bytes));
    const uint8_t *at = (const uint8_t *)bytes.data, *end = at + bytes.length;
    for (size_t i = 0; i < SHARD_COUNT; i++)
        TRY(read_number(&at, end, &place.after[i]));
    if (at != end) return STATUS_MALFORMED;
    *ret_place = place;
    return STATUS_OK;
}
