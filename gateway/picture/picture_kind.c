/* Signatures, and the one tag of EXIF that is looked at. Every offset comes from outside. */
#include "gateway/picture/picture_kind.h"

#include <string.h>

enum {
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
    ENTRY_BYTES = 12,
    ENTRIES_MAX = 256,
    CHUNK_HEAD_BYTES = 8,
    CHUNK_BYTES = 12, /* without its data: length, name, checksum */
    CHUNKS_MAX = 64   /* before the pixels */
};

enum picture_kind picture_kind_of(struct text bytes)
{
    const struct text webp_at = bytes.length >= 12 ? (struct text){ bytes.data + 8, 4 } : TEXT("");
    if (text_starts_with(bytes, TEXT("\xff\xd8\xff"))) return PICTURE_JPEG;
    if (text_starts_with(bytes, TEXT("\x89PNG\r\n\x1a\n"))) return PICTURE_PNG;
    if (text_starts_with(bytes, TEXT("GIF87a")) || text_starts_with(bytes, TEXT("GIF89a")))
        return PICTURE_GIF;
    if (text_starts_with(bytes, TEXT("RIFF")) && text_equals(webp_at, TEXT("WEBP")))
        return PICTURE_WEBP;
    return PICTURE_NONE;
}

/* A number of two or four bytes; 0 behind the end. */
static uint32_t number_at(struct text bytes, size_t at, size_t size, bool is_little)
{
    if (at > bytes.length || bytes.length - at < size) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        const size_t next = is_little ? size - 1 - i : i;
        value = value << 8 | (unsigned char)bytes.data[at + next];
    }
    return value;
}

int picture_orientation(struct text tiff)
{
    const bool is_little = text_starts_with(tiff, TEXT("II"));
    if (!is_little && !text_starts_with(tiff, TEXT("MM"))) return 1;
    const size_t list = number_at(tiff, 4, 4, is_little);
    const uint32_t count = number_at(tiff, list, 2, is_little);
    for (uint32_t i = 0; i < count && i < ENTRIES_MAX; i++) {
        const size_t entry = list + 2 + (size_t)i * ENTRY_BYTES;
        if (number_at(tiff, entry, 2, is_little) != TAG_ORIENTATION) continue;
        if (number_at(tiff, entry + 2, 2, is_little) != TYPE_SHORT) return 1;
        const uint32_t value = number_at(tiff, entry + 8, 2, is_little);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int picture_orientation_of_png(struct text png)
{
    size_t at = 8; /* behind the signature */
    for (int i = 0; i < CHUNKS_MAX && at <= png.length; i++) {
        const struct text rest = { png.data + at, png.length - at };
        if (rest.length < CHUNK_HEAD_BYTES) return 1;
        const size_t length = number_at(rest, 0, 4, false);
        if (length > rest.length - CHUNK_HEAD_BYTES) return 1;
        const struct text name = { rest.data + 4, 4 };
        if (text_equals(name, TEXT("IDAT"))) return 1;
        if (text_equals(name, TEXT("eXIf")))
            return picture_orientation((struct text){ rest.data + CHUNK_HEAD_BYTES, length });
        at += CHUNK_BYTES + length;
    }
    return 1;
}
