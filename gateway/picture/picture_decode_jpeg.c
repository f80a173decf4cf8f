/* JPEG by libjpeg-turbo. A picture much larger than what is shown is decoded at a fraction of its
 * size, which libjpeg does on the way. */
#include <stdio.h> /* before jpeglib.h, which wants FILE */

#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/picture/picture_decode.h"
#include "gateway/picture/picture_kind.h"

enum { EXIF_LEAD = 6, SCALE_OF = 8, SCANS_MAX = 100 };

static _Noreturn void on_error(j_common_ptr info)
{
    (void)info;
    picture_end(PICTURE_END_BROKEN);
}

/* A warning is a file that has lost something: half a picture is none. */
static void on_message(j_common_ptr info, int level)
{
    (void)info;
    if (level < 0) picture_end(PICTURE_END_BROKEN);
}

/* Each scan of a progressive file goes over the whole picture, and a small file has many. */
static void on_progress(j_common_ptr info)
{
    const struct jpeg_decompress_struct *jpeg = (const void *)info;
    if (jpeg->input_scan_number > SCANS_MAX) picture_end(PICTURE_END_TOO_LARGE);
}

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m != NULL; m = m->next) {
        const struct text data = { (const char *)m->data, m->data_length };
        if (!text_starts_with(data, TEXT("Exif\0\0"))) continue;
        return picture_orientation((struct text){ data.data + EXIF_LEAD, data.length - EXIF_LEAD });
    }
    return 1;
}

/* The smallest fraction in eighths that still fills the largest size. */
static unsigned eighths_of(unsigned longest)
{
    for (unsigned eighths = 1; eighths < SCALE_OF; eighths++)
        if (longest / SCALE_OF * eighths >= (unsigned)picture_sizes[0]) return eighths;
    return SCALE_OF;
}

/* Colours of print (CMYK) are inverted in the files that there are, as Adobe writes them. */
static void line_of_print(const uint8_t *line, int width, uint8_t *rgba)
{
    for (int x = 0; x < width; x++) {
        const unsigned black = line[4 * x + 3];
        for (int c = 0; c < 3; c++)
            rgba[4 * x + c] = (uint8_t)(line[4 * x + c] * black / 255);
        rgba[4 * x + 3] = 255;
    }
}

static void read_lines(struct jpeg_decompress_struct *jpeg, struct picture_pixels *pixels)
{
    const bool is_print = jpeg->out_color_space == JCS_CMYK;
    uint8_t *line = is_print ? calloc((size_t)pixels->width, 4) : NULL;
    if (is_print && line == NULL) picture_end(PICTURE_END_FAULT);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *rgba = pixels->rgba + (size_t)jpeg->output_scanline * (size_t)pixels->width * 4;
        JSAMPROW row = is_print ? line : rgba;
        if (jpeg_read_scanlines(jpeg, &row, 1) != 1) picture_end(PICTURE_END_BROKEN);
        if (is_print) line_of_print(line, pixels->width, rgba);
    }
    free(line);
}

struct picture_pixels picture_decode_jpeg(struct text bytes)
{
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress = { .progress_monitor = on_progress };
    struct jpeg_decompress_struct jpeg = { .err = jpeg_std_error(&errors) };
    errors.error_exit = on_error;
    errors.emit_message = on_message;
    jpeg_create_decompress(&jpeg);
    jpeg.progress = &progress;
    jpeg_mem_src(&jpeg, (const unsigned char *)bytes.data, (unsigned long)bytes.length);
    jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
    if (jpeg_read_header(&jpeg, TRUE) != JPEG_HEADER_OK) picture_end(PICTURE_END_BROKEN);
    picture_check_size(jpeg.image_width, jpeg.image_height);
    const bool is_print = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
    jpeg.out_color_space = is_print ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg.scale_denom = SCALE_OF;
    jpeg.scale_num =
        eighths_of(jpeg.image_width > jpeg.image_height ? jpeg.image_width : jpeg.image_height);
    if (!jpeg_start_decompress(&jpeg)) picture_end(PICTURE_END_BROKEN);
    struct picture_pixels pixels = {
        .width = (int)jpeg.output_width,
        .height = (int)jpeg.output_height,
        .rgba = picture_allocate(jpeg.output_width, jpeg.output_height),
        .orientation = orientation_of(&jpeg),
        .full_width = (int)jpeg.image_width,
        .full_height = (int)jpeg.image_height,
    };
    read_lines(&jpeg, &pixels);
    (void)jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    return pixels;
}
