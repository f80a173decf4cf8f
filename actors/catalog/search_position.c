/* Positions in a search as bytes, most significant first. */
#include "actors/catalog/search_index.h"

#include <string.h>

enum { SEARCH_PARTS = 3, SEARCH_PLANS = 8 };

static void put_number(uint8_t *bytes, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(number >> 8 * (width - 1 - i));
}

static uint64_t take_number(const uint8_t *bytes, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | bytes[i];
    return number;
}

void search_position_pack(const struct search_position *position,
                          uint8_t ret_bytes[SEARCH_POSITION_BYTES])
{
    ret_bytes[0] = position->part;
    ret_bytes[1] = position->plan;
    put_number(ret_bytes + 2, position->depth, 4);
    put_number(ret_bytes + 6, (uint64_t)position->key, 8);
    memcpy(ret_bytes + 14, position->id.bytes, sizeof position->id.bytes);
}

enum status search_position_unpack(const uint8_t *bytes, size_t length,
                                   struct search_position *ret_position)
{
    if (length != SEARCH_POSITION_BYTES) return STATUS_INVALID_PARAMETER;
    struct search_position position = {
        .part = bytes[0],
        .plan = bytes[1],
        .depth = (uint32_t)take_number(bytes + 2, 4),
        .key = (int64_t)take_number(bytes + 6, 8),
    };
    if (position.part >= SEARCH_PARTS || position.plan >= SEARCH_PLANS) {
        return STATUS_INVALID_PARAMETER;
    }
    if (position.depth > SEARCH_DEPTH_MAX) return STATUS_INVALID_PARAMETER;
    memcpy(position.id.bytes, bytes + 14, sizeof position.id.bytes);
    *ret_position = position;
    return STATUS_OK;
}
