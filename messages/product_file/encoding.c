/* UTF-16 and Windows-1252 character by character; UTF-8 as it stands. */
#include "messages/product_file/encoding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    UNIT_BYTES = 2,
    PAIR_BYTES = 4,
    GUESS_BYTES = 256, /* of a file without mark, whose zeros are counted */
    REPLACEMENT = 0xFFFD,
    RAW_BYTES = 2048, /* of a file that is not UTF-8, in one chunk */
};
static_assert(RAW_BYTES / UNIT_BYTES * 3 <= ENCODING_CHUNK_BYTES, "a unit has 3 bytes of UTF-8");
static_assert(RAW_BYTES * 3 <= ENCODING_CHUNK_BYTES, "so has a byte of Windows-1252");

/* ---- recognising ---- */

struct mark {
    struct text bytes;
    enum encoding encoding;
};

static bool find_mark(struct text head, enum encoding *ret_encoding, uint64_t *ret_start)
{
    static const struct mark marks[] = {
        { { "\xEF\xBB\xBF", 3 }, ENCODING_UTF8 },
        { { "\xFF\xFE", 2 }, ENCODING_UTF16_LE },
        { { "\xFE\xFF", 2 }, ENCODING_UTF16_BE },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(marks); i++) {
        if (!text_starts_with(head, marks[i].bytes)) continue;
        *ret_encoding = marks[i].encoding;
        *ret_start = marks[i].bytes.length;
        return true;
    }
    return false;
}

/* A header has letters of ASCII, whose one half is zero in UTF-16; in other files nothing is. */
static bool find_zeros(struct text head, enum encoding *ret_encoding)
{
    size_t first = 0, second = 0;
    const size_t units = head.length / UNIT_BYTES;
    for (size_t i = 0; i < units; i++) {
        first += head.data[UNIT_BYTES * i] == '\0';
        second += head.data[UNIT_BYTES * i + 1] == '\0';
    }
    if (second > units / 2 && first == 0) {
        *ret_encoding = ENCODING_UTF16_LE;
    } else if (first > units / 2 && second == 0) {
        *ret_encoding = ENCODING_UTF16_BE;
    } else {
        return false;
    }
    return true;
}

/* What speaks for UTF-8 in a file, and what against it. */
struct evidence {
    uint64_t characters, bad_bytes;
};

/* Returns how many bytes were looked at: a character that is cut at the end is left, unless the
 * file ends there. */
static size_t count_characters(struct text bytes, bool is_end, struct evidence *evidence)
{
    size_t i = 0;
    while (i < bytes.length) {
        if ((unsigned char)bytes.data[i] < 0x80) {
            i++;
            continue;
        }
        const struct text rest = { bytes.data + i, bytes.length - i };
        const size_t width = text_utf8_width(rest);
        if (width == 0 && rest.length < TEXT_CHARACTER_BYTES_MAX && !is_end) break;
        evidence->characters += width > 1;
        evidence->bad_bytes += width == 0;
        i += width == 0 ? 1 : width;
    }
    return i;
}

static enum status is_windows_1252(const struct byte_source *source, bool *ret_is_it)
{
    struct encoding_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL) abort();
    struct evidence evidence = { 0 };
    uint64_t offset = 0;
    enum status status;
    do {
        status = byte_source_read(source, offset, chunk->text, TEXT_CHARACTER_BYTES_MAX,
                                  sizeof chunk->text, &chunk->length);
        if (status != STATUS_OK) break;
        const bool is_end = chunk->length < TEXT_CHARACTER_BYTES_MAX;
        offset += count_characters((struct text){ chunk->text, chunk->length }, is_end, &evidence);
        if (is_end) break;
    } while (true);
    free(chunk);
    if (status != STATUS_OK) return status;
    *ret_is_it = evidence.bad_bytes > evidence.characters;
    return STATUS_OK;
}

enum status encoding_named(struct text name, int *ret_encoding)
{
    static const struct {
        const char *name;
        int encoding;
    } names[] = {
        { "utf-8", ENCODING_UTF8 },
        { "utf8", ENCODING_UTF8 },
        { "us-ascii", ENCODING_UTF8 },
        { "utf-16", ENCODING_UNSAID },
        { "utf-16le", ENCODING_UTF16_LE },
        { "utf-16be", ENCODING_UTF16_BE },
        { "windows-1252", ENCODING_WINDOWS_1252 },
        { "cp1252", ENCODING_WINDOWS_1252 },
        { "iso-8859-1", ENCODING_WINDOWS_1252 },
        { "latin1", ENCODING_WINDOWS_1252 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        const size_t length = strlen(names[i].name);
        if (name.length != length || strncasecmp(name.data, names[i].name, length) != 0) continue;
        *ret_encoding = names[i].encoding;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

enum status encoding_recognise(const struct byte_source *source, int said,
                               enum encoding *ret_encoding, uint64_t *ret_start)
{
    char bytes[GUESS_BYTES];
    struct text head = { .data = bytes };
    TRY(byte_source_read(source, 0, bytes, sizeof bytes, sizeof bytes, &head.length));
    if (find_mark(head, ret_encoding, ret_start)) return STATUS_OK;
    *ret_start = 0;
    if (said != ENCODING_UNSAID) {
        *ret_encoding = (enum encoding)said;
        return STATUS_OK;
    }
    if (find_zeros(head, ret_encoding)) return STATUS_OK;
    bool is_it;
    TRY(is_windows_1252(source, &is_it));
    *ret_encoding = is_it ? ENCODING_WINDOWS_1252 : ENCODING_UTF8;
    return STATUS_OK;
}

/* ---- chunks ---- */

/* 0x80 to 0x9F of Windows-1252; five bytes are no characters. The rest is as in Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20AC,      REPLACEMENT, 0x201A, 0x0192, 0x201E, 0x2026,      0x2020, 0x2021,
    0x02C6,      0x2030,      0x0160, 0x2039, 0x0152, REPLACEMENT, 0x017D, REPLACEMENT,
    REPLACEMENT, 0x2018,      0x2019, 0x201C, 0x201D, 0x2022,      0x2013, 0x2014,
    0x02DC,      0x2122,      0x0161, 0x203A, 0x0153, REPLACEMENT, 0x017E, 0x0178,
};

static void add_character(struct encoding_chunk *chunk, uint32_t code_point)
{
    assert(chunk->length + TEXT_CHARACTER_BYTES_MAX <= sizeof chunk->text);
    chunk->length += text_put_character(chunk->text + chunk->length, code_point);
}

static void decode_windows_1252(struct text raw, struct encoding_chunk *chunk)
{
    for (size_t i = 0; i < raw.length; i++) {
        const unsigned char byte = (unsigned char)raw.data[i];
        add_character(chunk, byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte);
    }
}

static uint32_t unit_at(struct text raw, size_t at, enum encoding encoding)
{
    const unsigned char *bytes = (const unsigned char *)raw.data + at;
    return encoding == ENCODING_UTF16_LE ? bytes[0] | (uint32_t)bytes[1] << 8
                                         : bytes[1] | (uint32_t)bytes[0] << 8;
}

/* Returns how many bytes were taken: a pair that is cut at the end is left, and the odd last byte
 * of a file is no character. */
static size_t decode_utf16(struct text raw, enum encoding encoding, bool is_end,
                           struct encoding_chunk *chunk)
{
    size_t i = 0;
    while (i + UNIT_BYTES <= raw.length) {
        const uint32_t unit = unit_at(raw, i, encoding);
        const bool is_high = unit >= 0xD800 && unit < 0xDC00;
        if (is_high && i + PAIR_BYTES > raw.length && !is_end) return i;
        const uint32_t low =
            is_high && i + PAIR_BYTES <= raw.length ? unit_at(raw, i + UNIT_BYTES, encoding) : 0;
        if (low >= 0xDC00 && low < 0xE000) {
            add_character(chunk, 0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00)));
            i += PAIR_BYTES;
        } else {
            add_character(chunk, unit >= 0xD800 && unit < 0xE000 ? REPLACEMENT : unit);
            i += UNIT_BYTES;
        }
    }
    return is_end ? raw.length : i;
}

enum status encoding_read(const struct byte_source *source, enum encoding encoding, uint64_t offset,
                          struct encoding_chunk *ret_chunk)
{
    ret_chunk->length = 0;
    ret_chunk->end = offset;
    if (encoding == ENCODING_UTF8) {
        TRY(byte_source_read(source, offset, ret_chunk->text, 1, sizeof ret_chunk->text,
                             &ret_chunk->length));
        ret_chunk->end += ret_chunk->length;
        return STATUS_OK;
    }
    char bytes[RAW_BYTES];
    struct text raw = { .data = bytes };
    TRY(byte_source_read(source, offset, bytes, PAIR_BYTES, sizeof bytes, &raw.length));
    if (encoding == ENCODING_WINDOWS_1252) {
        decode_windows_1252(raw, ret_chunk);
        ret_chunk->end += raw.length;
    } else {
        ret_chunk->end += decode_utf16(raw, encoding, raw.length < PAIR_BYTES, ret_chunk);
    }
    return STATUS_OK;
}

uint64_t encoding_bytes(enum encoding encoding, struct text text)
{
    if (encoding == ENCODING_UTF8) return text.length;
    uint64_t bytes = 0;
    for (size_t i = 0; i < text.length;) {
        const size_t width = text_utf8_width((struct text){ text.data + i, text.length - i });
        assert(width > 0);
        i += width;
        bytes += encoding == ENCODING_WINDOWS_1252 ? 1 : width == 4 ? PAIR_BYTES : UNIT_BYTES;
    }
    return bytes;
}
