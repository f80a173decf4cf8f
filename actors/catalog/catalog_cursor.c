/* Positions in lists as base64url. */
#include "actors/catalog/catalog_cursor.h"

#include <sodium.h>
#include <string.h>

enum {
    CATALOG_CURSOR_NEWEST_BYTES = 16,
    CATALOG_CURSOR_RANKED_BYTES = 24,
    CATALOG_CURSOR_TEXT_MAX = 40,
};

struct text catalog_cursor_encode(struct arena *arena, struct catalog_position position,
                                  bool is_ranked)
{
    unsigned char bytes[CATALOG_CURSOR_RANKED_BYTES];
    size_t length = 0;
    for (int shift = 56; is_ranked && shift >= 0; shift -= 8)
        bytes[length++] = (unsigned char)((uint64_t)position.rank >> shift);
    memcpy(bytes + length, position.id.bytes, sizeof position.id.bytes);
    length += sizeof position.id.bytes;
    char *text = arena_allocate(arena, CATALOG_CURSOR_TEXT_MAX);
    (void)sodium_bin2base64(text, CATALOG_CURSOR_TEXT_MAX, bytes, length,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(text);
}

enum status catalog_cursor_decode(struct text text, bool is_ranked,
                                  struct catalog_position *ret_position)
{
    unsigned char bytes[CATALOG_CURSOR_RANKED_BYTES];
    const size_t wanted = is_ranked ? CATALOG_CURSOR_RANKED_BYTES : CATALOG_CURSOR_NEWEST_BYTES;
    const char *end;
    size_t length;
    if (sodium_base642bin(bytes, sizeof bytes, text.data, text.length, NULL, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return STATUS_INVALID_PARAMETER;
    if (length != wanted || end != text.data + text.length) return STATUS_INVALID_PARAMETER;
    struct catalog_position position = { 0 };
    uint64_t rank = 0;
    for (size_t i = 0; is_ranked && i < 8; i++)
        rank = rank << 8 | bytes[i];
    position.rank = (int64_t)rank;
    memcpy(position.id.bytes, bytes + length - sizeof position.id.bytes, sizeof position.id.bytes);
    *ret_position = position;
    return STATUS_OK;
}
