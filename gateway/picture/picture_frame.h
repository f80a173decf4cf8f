/* What souk-picture writes to its standard output: a picture in the sizes that are shown, each as
 * WebP. Whoever reads it trusts nothing of it: a decoder may have been taken over. Pure. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    PICTURE_SIZES = 3,
    PICTURE_INPUT_MAX = 10 << 20,  /* bytes of a file */
    PICTURE_PIXELS_MAX = 50000000, /* of a picture, before anything of it is decoded */
    PICTURE_SIDE_MAX = 65535,      /* pixels */
    PICTURE_OUTPUT_MAX = 4 << 20,  /* bytes of one size */
    PICTURE_FRAME_MAX = 3 * (4 << 20) + 128,
};

/* The longest sides, in pixels, the largest first. A smaller picture is never enlarged. */
extern const int picture_sizes[PICTURE_SIZES];

struct picture_output {
    int width, height; /* pixels */
    struct text webp;
};

struct picture_frame {
    int width, height; /* of the picture as it is held, pixels */
    struct picture_output outputs[PICTURE_SIZES];
};

/* How souk-picture ends. */
enum picture_end {
    PICTURE_END_DONE = 0,
    PICTURE_END_UNKNOWN = 10, /* of no kind that is taken */
    PICTURE_END_BROKEN = 11,
    PICTURE_END_TOO_LARGE = 12, /* more pixels than are decoded */
    PICTURE_END_FAULT = 13,     /* of the program or the host */
};

/* Bytes of the frame's beginning and of what stands before each output. */
enum { PICTURE_FRAME_HEAD = 12, PICTURE_OUTPUT_HEAD = 12 };

void picture_frame_write_head(const struct picture_frame *frame,
                              uint8_t ret_bytes[PICTURE_FRAME_HEAD]);
void picture_frame_write_output_head(const struct picture_output *output,
                                     uint8_t ret_bytes[PICTURE_OUTPUT_HEAD]);
/* Reads all of it; outputs are views into `bytes`. Statuses: OK, CORRUPT (anything missing, left
 * over, out of bounds, or not WebP). */
MUST_CHECK enum status picture_frame_read(struct text bytes, struct picture_frame *ret_frame);
