/* Scaling and writing by libwebp; turning is done last, on the few pixels that are left. */
#include "gateway/picture/picture_show.h"

#include <stdlib.h>
#include <webp/encode.h>

enum { QUALITY = 82, EFFORT = 4 };

/* Where the pixel that is shown at (x, y) stands in a picture of width x height (EXIF 2.32, tag
 * 0x0112); a picture that is turned on its side is shown as height x width. */
static size_t source_of(int orientation, int width, int height, int x, int y)
{
    int from_x = x, from_y = y;
    if (orientation >= 5) {
        from_x = y;
        from_y = x;
    }
    const bool is_mirrored =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool is_upside_down =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    if (is_mirrored) from_x = width - 1 - from_x;
    if (is_upside_down) from_y = height - 1 - from_y;
    return (size_t)from_y * (size_t)width + (size_t)from_x;
}

static void turn(WebPPicture *picture, int orientation)
{
    if (orientation <= 1) return;
    const int width = picture->width, height = picture->height;
    WebPPicture turned;
    if (WebPPictureInit(&turned) == 0) picture_end(PICTURE_END_FAULT);
    turned.use_argb = 1;
    turned.width = orientation >= 5 ? height : width;
    turned.height = orientation >= 5 ? width : height;
    if (WebPPictureAlloc(&turned) == 0) picture_end(PICTURE_END_FAULT);
    for (int y = 0; y < turned.height; y++) {
        for (int x = 0; x < turned.width; x++) {
            const size_t from = source_of(orientation, width, height, x, y);
            const size_t line = from / (size_t)width, column = from % (size_t)width;
            turned.argb[(size_t)y * (size_t)turned.argb_stride + (size_t)x] =
                picture->argb[line * (size_t)picture->argb_stride + column];
        }
    }
    WebPPictureFree(picture);
    *picture = turned;
}

/* No side becomes less than a pixel. */
static int scaled(int side, int longest, int most)
{
    const int64_t made = ((int64_t)side * most + longest / 2) / longest;
    return made < 1 ? 1 : (int)made;
}

struct picture_output picture_show(const struct picture_pixels *pixels, int side)
{
    WebPPicture picture;
    WebPConfig config;
    WebPMemoryWriter writer;
    if (WebPPictureInit(&picture) == 0 ||
        WebPConfigPreset(&config, WEBP_PRESET_PHOTO, QUALITY) == 0)
        picture_end(PICTURE_END_FAULT);
    config.method = EFFORT;
    config.exact = 0;
    picture.use_argb = 1;
    picture.width = pixels->width;
    picture.height = pixels->height;
    if (WebPPictureImportRGBA(&picture, pixels->rgba, pixels->width * 4) == 0)
        picture_end(PICTURE_END_FAULT);
    const int longest = pixels->width > pixels->height ? pixels->width : pixels->height;
    if (longest > side && WebPPictureRescale(&picture, scaled(pixels->width, longest, side),
                                             scaled(pixels->height, longest, side)) == 0)
        picture_end(PICTURE_END_FAULT);
    turn(&picture, pixels->orientation);
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    if (WebPEncode(&config, &picture) == 0 || writer.size > PICTURE_OUTPUT_MAX)
        picture_end(PICTURE_END_FAULT);
    const struct picture_output output = {
        .width = picture.width,
        .height = picture.height,
        .webp = { (const char *)writer.mem, writer.size },
    };
    WebPPictureFree(&picture);
    return output;
}
