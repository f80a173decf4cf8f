/* Inside souk-picture only: a file becomes pixels. Whatever is wrong ends the process: nobody waits
 * in it for anything else. */
#pragma once

#include <stdint.h>

#include "gateway/picture/picture_frame.h"
#include "runtime/text.h"

struct picture_pixels {
    int width, height;
    uint8_t *rgba;               /* four bytes each, not premultiplied; the process's */
    int orientation;             /* 1 to 8, still to be applied */
    int full_width, full_height; /* of the file, where less has been decoded */
};

/* Ends the process so. */
_Noreturn void picture_end(enum picture_end end);
/* Memory for a picture of that size, zeroed (transparent); ends the process when there are too many
 * pixels. To be called before anything is decoded. */
uint8_t *picture_allocate(int64_t width, int64_t height);
/* The same check alone. */
void picture_check_size(int64_t width, int64_t height);

struct picture_pixels picture_decode_jpeg(struct text bytes);
struct picture_pixels picture_decode_png(struct text bytes);
struct picture_pixels picture_decode_webp(struct text bytes);
struct picture_pixels picture_decode_gif(struct text bytes);
