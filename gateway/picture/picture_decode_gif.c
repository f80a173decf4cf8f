/* The first frame of a GIF by giflib, record by record: its own DGifSlurp() would decode all frames
 * first. */
#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/picture/picture_decode.h"

enum { RECORDS_MAX = 1000, CONTROL_CODE = 0xf9, LACED_PASSES = 4 };

struct reader {
    struct text rest;
};

static int on_read(GifFileType *gif, GifByteType *bytes, int wanted)
{
    struct reader *reader = gif->UserData;
    size_t count = wanted < 0 ? 0 : (size_t)wanted;
    if (count > reader->rest.length) count = reader->rest.length;
    memcpy(bytes, reader->rest.data, count);
    reader->rest = (struct text){ reader->rest.data + count, reader->rest.length - count };
    return (int)count;
}

/* The transparent colour of the frame to come, if the extension says one; else what was known. */
static int transparent_of(GifFileType *gif, int known)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(gif, &code, &block) != GIF_OK) picture_end(PICTURE_END_BROKEN);
    if (code == CONTROL_CODE && block != NULL && block[0] >= 4)
        known = (block[1] & 1) != 0 ? block[4] : -1;
    for (int i = 0; block != NULL && i < PICTURE_INPUT_MAX; i++)
        if (DGifGetExtensionNext(gif, &block) != GIF_OK) picture_end(PICTURE_END_BROKEN);
    return known;
}

/* Reads on to the first frame. */
static int find_frame(GifFileType *gif)
{
    int transparent = -1;
    for (int i = 0; i < RECORDS_MAX; i++) {
        GifRecordType record;
        if (DGifGetRecordType(gif, &record) != GIF_OK) picture_end(PICTURE_END_BROKEN);
        if (record == IMAGE_DESC_RECORD_TYPE) return transparent;
        if (record != EXTENSION_RECORD_TYPE) break;
        transparent = transparent_of(gif, transparent);
    }
    picture_end(PICTURE_END_BROKEN);
}

static void put_line(const GifFileType *gif, const uint8_t *line, int transparent, uint8_t *rgba)
{
    const ColorMapObject *colours =
        gif->Image.ColorMap != NULL ? gif->Image.ColorMap : gif->SColorMap;
    if (colours == NULL) picture_end(PICTURE_END_BROKEN);
    for (int x = 0; x < gif->Image.Width; x++) {
        if (line[x] == transparent) continue;
        if (line[x] >= colours->ColorCount) picture_end(PICTURE_END_BROKEN);
        const GifColorType colour = colours->Colors[line[x]];
        const uint8_t pixel[4] = { colour.Red, colour.Green, colour.Blue, 255 };
        memcpy(rgba + 4 * x, pixel, sizeof pixel);
    }
}

static void read_frame(GifFileType *gif, int transparent, struct picture_pixels *pixels)
{
    static const int firsts[LACED_PASSES] = { 0, 4, 2, 1 }, steps[LACED_PASSES] = { 8, 8, 4, 2 };
    const GifImageDesc *image = &gif->Image;
    uint8_t *line = calloc((size_t)image->Width, 1);
    if (line == NULL) picture_end(PICTURE_END_FAULT);
    const int passes = image->Interlace ? LACED_PASSES : 1;
    for (int pass = 0; pass < passes; pass++) {
        const int step = image->Interlace ? steps[pass] : 1;
        for (int y = image->Interlace ? firsts[pass] : 0; y < image->Height; y += step) {
            if (DGifGetLine(gif, line, image->Width) != GIF_OK) picture_end(PICTURE_END_BROKEN);
            const size_t at = (size_t)(image->Top + y) * (size_t)pixels->width;
            put_line(gif, line, transparent, pixels->rgba + 4 * (at + (size_t)image->Left));
        }
    }
    free(line);
}

struct picture_pixels picture_decode_gif(struct text bytes)
{
    struct reader reader = { bytes };
    GifFileType *gif = DGifOpen(&reader, on_read, NULL);
    if (gif == NULL) picture_end(PICTURE_END_BROKEN);
    picture_check_size(gif->SWidth, gif->SHeight);
    const int transparent = find_frame(gif);
    if (DGifGetImageDesc(gif) != GIF_OK) picture_end(PICTURE_END_BROKEN);
    const GifImageDesc *image = &gif->Image;
    if (image->Left < 0 || image->Top < 0 || image->Width < 1 || image->Height < 1 ||
        image->Left > gif->SWidth - image->Width || image->Top > gif->SHeight - image->Height)
        picture_end(PICTURE_END_BROKEN);
    struct picture_pixels pixels = {
        .width = gif->SWidth,
        .height = gif->SHeight,
        .rgba = picture_allocate(gif->SWidth, gif->SHeight),
        .orientation = 1,
        .full_width = gif->SWidth,
        .full_height = gif->SHeight,
    };
    read_frame(gif, transparent, &pixels);
    return pixels;
}
