/* Numbers of four bytes, the highest first, and the bytes of three files. */
#include "gateway/picture/picture_frame.h"

#include <string.h>

#include "gateway/picture/picture_kind.h"

const int picture_sizes[PICTURE_SIZES] = { 2048, 400, 160 };

static_assert(PICTURE_FRAME_MAX >=
                  PICTURE_FRAME_HEAD + PICTURE_SIZES * (PICTURE_OUTPUT_HEAD + PICTURE_OUTPUT_MAX),
              "the largest frame fits");

static const char magic[4] = { 'S', 'P', 'I', '1' };

static void put_number(uint8_t *bytes, size_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t get_number(const char *bytes)
{
    size_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

void picture_frame_write_head(const struct picture_frame *frame,
                              uint8_t ret_bytes[PICTURE_FRAME_HEAD])
{
    memcpy(ret_bytes, magic, sizeof magic);
    put_number(ret_bytes + 4, (size_t)frame->width);
    put_number(ret_bytes + 8, (size_t)frame->height);
}

void picture_frame_write_output_head(const struct picture_output *output,
                                     uint8_t ret_bytes[PICTURE_OUTPUT_HEAD])
{
    put_number(ret_bytes, (size_t)output->width);
    put_number(ret_bytes + 4, (size_t)output->height);
    put_number(ret_bytes + 8, output->webp.length);
}

/* A side of 1 to `most` pixels. */
static bool read_side(const char *bytes, size_t most, int *ret_side)
{
    const size_t side = get_number(bytes);
    if (side < 1 || side > most) return false;
    *ret_side = (int)side;
    return true;
}

static bool read_output(struct text *rest, size_t side_max, struct picture_output *ret_output)
{
    if (rest->length < PICTURE_OUTPUT_HEAD) return false;
    if (!read_side(rest->data, side_max, &ret_output->width) ||
        !read_side(rest->data + 4, side_max, &ret_output->height))
        return false;
    const size_t length = get_number(rest->data + 8), left = rest->length - PICTURE_OUTPUT_HEAD;
    if (length > PICTURE_OUTPUT_MAX || length > left) return false;
    ret_output->webp = (struct text){ rest->data + PICTURE_OUTPUT_HEAD, length };
    *rest = (struct text){ ret_output->webp.data + length, left - length };
    return picture_kind_of(ret_output->webp) == PICTURE_WEBP;
}

enum status picture_frame_read(struct text bytes, struct picture_frame *ret_frame)
{
    struct picture_frame frame = { .width = 0 };
    if (bytes.length < PICTURE_FRAME_HEAD || memcmp(bytes.data, magic, sizeof magic) != 0)
        return STATUS_CORRUPT;
    if (!read_side(bytes.data + 4, PICTURE_SIDE_MAX, &frame.width) ||
        !read_side(bytes.data + 8, PICTURE_SIDE_MAX, &frame.height))
        return STATUS_CORRUPT;
    struct text rest = { bytes.data + PICTURE_FRAME_HEAD, bytes.length - PICTURE_FRAME_HEAD };
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        if (!read_output(&rest, (size_t)picture_sizes[i], &frame.outputs[i])) return STATUS_CORRUPT;
    }
    if (rest.length > 0) return STATUS_CORRUPT;
    *ret_frame = frame;
    return STATUS_OK;
}
