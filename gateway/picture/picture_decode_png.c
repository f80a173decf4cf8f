/* PNG by libpng's simplified interface, which turns what there is (16 bits, palettes, other gammas)
 * into RGBA of sRGB. */
#include <png.h>

#include "gateway/picture/picture_decode.h"
#include "gateway/picture/picture_kind.h"

struct picture_pixels picture_decode_png(struct text bytes)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    if (png_image_begin_read_from_memory(&image, bytes.data, bytes.length) == 0)
        picture_end(PICTURE_END_BROKEN);
    image.format = PNG_FORMAT_RGBA;
    struct picture_pixels pixels = {
        .rgba = picture_allocate(image.width, image.height),
        .width = (int)image.width,
        .height = (int)image.height,
        .orientation = picture_orientation_of_png(bytes),
        .full_width = (int)image.width,
        .full_height = (int)image.height,
    };
    if (png_image_finish_read(&image, NULL, pixels.rgba, 0, NULL) == 0 || PNG_IMAGE_FAILED(image))
        picture_end(PICTURE_END_BROKEN);
    return pixels;
}
