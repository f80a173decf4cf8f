/* A time, the low byte first, and an id. */
#include "actors/host/list_place.h"

#include <string.h>

#include "runtime/secret.h"

enum {
    BYTE_BITS = 8,
    TIME_BYTES = sizeof(int64_t),
    PLACE_BYTES = TIME_BYTES + sizeof(struct uuid)
};

struct text list_place_write(struct arena *arena, int64_t at_us, struct uuid id)
{
    assert(arena != NULL);
    assert(at_us >= 0);
    uint8_t bytes[PLACE_BYTES];
    for (size_t i = 0; i < TIME_BYTES; i++)
        bytes[i] = (uint8_t)((uint64_t)at_us >> (BYTE_BITS * i));
    memcpy(bytes + TIME_BYTES, id.bytes, sizeof id.bytes);
    return base64url_encode(arena, (struct text){ (const char *)bytes, sizeof bytes });
}

enum status list_place_read(struct request *request, struct text cursor,
                            struct list_place *ret_place)
{
    assert(ret_place != NULL);
    struct text bytes;
    uint64_t time = 0;
    if (base64url_decode(request_arena(request), cursor, &bytes) != STATUS_OK ||
        bytes.length != PLACE_BYTES)
        return request_refuse_cursor(request);
    for (size_t i = 0; i < TIME_BYTES; i++)
        time |= (uint64_t)(uint8_t)bytes.data[i] << (BYTE_BITS * i);
    if (time > INT64_MAX) return request_refuse_cursor(request);
    ret_place->at_us = (int64_t)time;
    memcpy(ret_place->id.bytes, bytes.data + TIME_BYTES, sizeof ret_place->id.bytes);
    return STATUS_OK;
}
