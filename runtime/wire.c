/* Writes and reads the msgpack of the runtime's own shapes: integers, text, bytes, nil, bool,
 * arrays. */
#include "runtime/wire.h"

#include <string.h>

/* ---- writing ---- */

static void wire_put(struct wire_writer *writer, const void *bytes, size_t length)
{
    if (writer->is_full || length > writer->capacity - writer->length) {
        writer->is_full = true;
        return;
    }
    if (length > 0) memcpy(writer->data + writer->length, bytes, length);
    writer->length += length;
}

/* One type byte, then the lowest `width` bytes of the value, most significant first. */
static void wire_put_tagged(struct wire_writer *writer, unsigned tag, uint64_t value, size_t width)
{
    unsigned char bytes[9] = { (unsigned char)tag };
    for (size_t i = 0; i < width; i++)
        bytes[1 + i] = (unsigned char)(value >> (8 * (width - 1 - i)));
    wire_put(writer, bytes, 1 + width);
}

void wire_put_array(struct wire_writer *writer, size_t count)
{
    assert(count <= UINT16_MAX);
    if (count < 16)
        wire_put_tagged(writer, 0x90u | (unsigned)count, 0, 0);
    else
        wire_put_tagged(writer, 0xdc, count, 2);
}

void wire_put_nil(struct wire_writer *writer)
{
    wire_put_tagged(writer, 0xc0, 0, 0);
}

void wire_put_bool(struct wire_writer *writer, bool value)
{
    wire_put_tagged(writer, value ? 0xc3 : 0xc2, 0, 0);
}

void wire_put_uint(struct wire_writer *writer, uint64_t value)
{
    if (value < 0x80)
        wire_put_tagged(writer, (unsigned)value, 0, 0);
    else if (value <= UINT8_MAX)
        wire_put_tagged(writer, 0xcc, value, 1);
    else if (value <= UINT16_MAX)
        wire_put_tagged(writer, 0xcd, value, 2);
    else if (value <= UINT32_MAX)
        wire_put_tagged(writer, 0xce, value, 4);
    else
        wire_put_tagged(writer, 0xcf, value, 8);
}

void wire_put_int(struct wire_writer *writer, int64_t value)
{
    if (value >= 0)
        wire_put_uint(writer, (uint64_t)value);
    else
        wire_put_tagged(writer, 0xd3, (uint64_t)value, 8);
}

void wire_put_uint16_fixed(struct wire_writer *writer, uint16_t value)
{
    wire_put_tagged(writer, 0xcd, value, 2);
}

void wire_put_text(struct wire_writer *writer, struct text value)
{
    assert(value.length <= UINT32_MAX);
    if (value.length < 32)
        wire_put_tagged(writer, 0xa0u | (unsigned)value.length, 0, 0);
    else if (value.length <= UINT8_MAX)
        wire_put_tagged(writer, 0xd9, value.length, 1);
    else
        wire_put_tagged(writer, 0xdb, value.length, 4);
    wire_put(writer, value.data, value.length);
}

void wire_put_bytes(struct wire_writer *writer, const void *bytes, size_t length)
{
    assert(length <= UINT32_MAX);
    if (length <= UINT8_MAX)
        wire_put_tagged(writer, 0xc4, length, 1);
    else
        wire_put_tagged(writer, 0xc6, length, 4);
    wire_put(writer, bytes, length);
}

/* ---- reading ---- */

static unsigned wire_read_tag(struct wire_reader *reader)
{
    if (reader->is_bad || reader->position >= reader->length) {
        reader->is_bad = true;
        return 0xc1; /* never used by msgpack, so nobody expects it */
    }
    return reader->data[reader->position++];
}

static uint64_t wire_read_big_endian(struct wire_reader *reader, size_t width)
{
    if (reader->is_bad || reader->length - reader->position < width) {
        reader->is_bad = true;
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | reader->data[reader->position++];
    return value;
}

static struct text wire_read_view(struct wire_reader *reader, uint64_t length, size_t max)
{
    if (reader->is_bad || length > max || length > reader->length - reader->position) {
        reader->is_bad = true;
        return (struct text){ 0 };
    }
    const struct text view = { (const char *)reader->data + reader->position, (size_t)length };
    reader->position += (size_t)length;
    return view;
}

void wire_read_array(struct wire_reader *reader, size_t count)
{
    const unsigned tag = wire_read_tag(reader);
    uint64_t found = UINT64_MAX;
    if ((tag & 0xf0u) == 0x90)
        found = tag & 0x0fu;
    else if (tag == 0xdc)
        found = wire_read_big_endian(reader, 2);
    if (found != count) reader->is_bad = true;
}

bool wire_read_bool(struct wire_reader *reader)
{
    const unsigned tag = wire_read_tag(reader);
    if (tag != 0xc2 && tag != 0xc3) reader->is_bad = true;
    return tag == 0xc3;
}

uint64_t wire_read_uint(struct wire_reader *reader, uint64_t max)
{
    const unsigned tag = wire_read_tag(reader);
    uint64_t value = 0;
    if (tag < 0x80)
        value = tag;
    else if (tag >= 0xcc && tag <= 0xcf)
        value = wire_read_big_endian(reader, (size_t)1 << (tag - 0xcc));
    else
        reader->is_bad = true;
    if (value > max) reader->is_bad = true;
    return reader->is_bad ? 0 : value;
}

int64_t wire_read_int(struct wire_reader *reader)
{
    if (!reader->is_bad && reader->position < reader->length &&
        reader->data[reader->position] == 0xd3) {
        reader->position++;
        return (int64_t)wire_read_big_endian(reader, 8);
    }
    return (int64_t)wire_read_uint(reader, INT64_MAX);
}

struct text wire_read_text(struct wire_reader *reader, size_t max)
{
    const unsigned tag = wire_read_tag(reader);
    uint64_t length = 0;
    if ((tag & 0xe0u) == 0xa0)
        length = tag & 0x1fu;
    else if (tag >= 0xd9 && tag <= 0xdb)
        length = wire_read_big_endian(reader, (size_t)1 << (tag - 0xd9));
    else
        reader->is_bad = true;
    return wire_read_view(reader, length, max);
}

static struct text wire_read_binary(struct wire_reader *reader, unsigned tag, size_t max)
{
    uint64_t length = 0;
    if (tag >= 0xc4 && tag <= 0xc6)
        length = wire_read_big_endian(reader, (size_t)1 << (tag - 0xc4));
    else
        reader->is_bad = true;
    return wire_read_view(reader, length, max);
}

struct text wire_read_bytes(struct wire_reader *reader, size_t max)
{
    return wire_read_binary(reader, wire_read_tag(reader), max);
}

bool wire_read_block(struct wire_reader *reader, uint8_t *ret_bytes, size_t length)
{
    memset(ret_bytes, 0, length);
    const unsigned tag = wire_read_tag(reader);
    if (tag == 0xc0) return false;
    const struct text view = wire_read_binary(reader, tag, length);
    if (reader->is_bad || view.length != length) {
        reader->is_bad = true;
        return false;
    }
    memcpy(ret_bytes, view.data, length);
    return true;
}
