/* How souk-picture ends, and how large a picture may be. */
#include <stdlib.h>
#include <unistd.h>

#include "gateway/picture/picture_decode.h"

_Noreturn void picture_end(enum picture_end end)
{
    _exit((int)end);
}

void picture_check_size(int64_t width, int64_t height)
{
    if (width < 1 || height < 1) picture_end(PICTURE_END_BROKEN);
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX ||
        width * height > PICTURE_PIXELS_MAX)
        picture_end(PICTURE_END_TOO_LARGE);
}

uint8_t *picture_allocate(int64_t width, int64_t height)
{
    picture_check_size(width, height);
    uint8_t *rgba = calloc((size_t)(width * height), 4);
    if (rgba == NULL) picture_end(PICTURE_END_FAULT);
    return rgba;
}
