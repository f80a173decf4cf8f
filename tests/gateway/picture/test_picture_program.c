/* souk-picture itself, with files that the libraries' encoders make. */
#include <stdio.h> /* before jpeglib.h, which wants FILE */

#include <jpeglib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "gateway/picture/picture_frame.h"
#include "runtime/arena.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN); /* a program that refuses reads no more */
    arena = arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

/* ---- running it ---- */

static void give(int pipe, struct text bytes)
{
    while (bytes.length > 0) {
        const ssize_t written = write(pipe, bytes.data, bytes.length);
        if (written <= 0) break;
        bytes = (struct text){ bytes.data + written, bytes.length - (size_t)written };
    }
    (void)close(pipe);
}

static struct text take(int pipe)
{
    char *bytes = arena_allocate(arena, PICTURE_FRAME_MAX);
    size_t length = 0;
    for (ssize_t got; (got = read(pipe, bytes + length, PICTURE_FRAME_MAX - length)) > 0;)
        length += (size_t)got;
    (void)close(pipe);
    return (struct text){ bytes, length };
}

/* What the program writes for these bytes; `ret_end` is what waitpid() says. */
static struct text run(struct text bytes, int *ret_end)
{
    int in[2], out[2];
    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    const pid_t child = fork();
    if (child == 0) {
        (void)dup2(in[0], STDIN_FILENO);
        (void)dup2(out[1], STDOUT_FILENO);
        (void)close(in[1]);
        (void)close(out[0]);
        (void)execl(SOUK_PICTURE, SOUK_PICTURE, (char *)NULL);
        _exit(99);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    give(in[1], bytes); /* it reads all before it writes */
    const struct text written = take(out[0]);
    assert_int_equal(waitpid(child, ret_end, 0), child);
    return written;
}

static struct picture_frame made_of(struct text bytes)
{
    struct picture_frame frame;
    int end;
    const struct text written = run(bytes, &end);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), PICTURE_END_DONE);
    assert_int_equal(picture_frame_read(written, &frame), STATUS_OK);
    return frame;
}

static void assert_ends(struct text bytes, enum picture_end wanted)
{
    int end;
    assert_int_equal(run(bytes, &end).length, 0);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), wanted);
}

/* ---- pictures: the left half red, the right half blue ---- */

static struct text jpeg_of(unsigned width, unsigned height, struct text marker)
{
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = { .err = jpeg_std_error(&errors) };
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &length);
    jpeg.image_width = width;
    jpeg.image_height = height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (marker.length > 0)
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, (const JOCTET *)marker.data,
                          (unsigned)marker.length);
    JSAMPLE *line = arena_allocate(arena, (size_t)3 * width);
    for (unsigned x = 0; x < width; x++)
        line[3 * x + (x < width / 2 ? 0 : 2)] = 255;
    for (unsigned y = 0; y < height; y++)
        (void)jpeg_write_scanlines(&jpeg, &line, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    const struct text copy = text_copy(arena, (struct text){ (const char *)bytes, length });
    free(bytes);
    return copy;
}

static struct text webp_of(int width, int height, uint8_t red)
{
    uint8_t *rgb = arena_allocate(arena, (size_t)(3 * width * height)), *bytes = NULL;
    for (int i = 0; i < width * height; i++) {
        rgb[3 * i] = red;
        rgb[3 * i + 2] = (uint8_t)(255 - red);
    }
    const size_t length = WebPEncodeRGB(rgb, width, height, width * 3, 90, &bytes);
    const struct text copy = text_copy(arena, (struct text){ (const char *)bytes, length });
    WebPFree(bytes);
    return copy;
}

/* The colour at a place, in parts of its width and height. */
static bool is_red_at(const struct picture_output *output, double x, double y)
{
    int width, height;
    uint8_t *rgba =
        WebPDecodeRGBA((const uint8_t *)output->webp.data, output->webp.length, &width, &height);
    assert_non_null(rgba);
    assert_int_equal(width, output->width);
    assert_int_equal(height, output->height);
    const size_t at = 4 * ((size_t)(y * height) * (size_t)width + (size_t)(x * width));
    const bool is_red = rgba[at] > rgba[at + 2];
    WebPFree(rgba);
    return is_red;
}

static bool has(struct text bytes, const char *words)
{
    return memmem(bytes.data, bytes.length, words, strlen(words)) != NULL;
}

/* ---- claims ---- */

static void a_jpeg_is_shown_in_three_sizes(void **state)
{
    (void)state;
    const struct picture_frame frame = made_of(jpeg_of(4000, 1000, TEXT("")));
    assert_int_equal(frame.width, 4000);
    assert_int_equal(frame.height, 1000);
    assert_int_equal(frame.outputs[0].width, 2048);
    assert_int_equal(frame.outputs[0].height, 512);
    assert_int_equal(frame.outputs[1].width, 400);
    assert_int_equal(frame.outputs[2].height, 40);
    assert_true(is_red_at(&frame.outputs[2], 0.25, 0.5));
    assert_false(is_red_at(&frame.outputs[2], 0.75, 0.5));
}

static void a_small_picture_is_not_enlarged_and_a_thin_one_keeps_a_pixel(void **state)
{
    (void)state;
    const struct picture_frame small = made_of(jpeg_of(100, 50, TEXT("")));
    assert_int_equal(small.outputs[0].width, 100);
    assert_int_equal(small.outputs[2].width, 100);
    const struct picture_frame thin = made_of(jpeg_of(10000, 1, TEXT("")));
    assert_int_equal(thin.outputs[2].width, 160);
    assert_int_equal(thin.outputs[2].height, 1);
}

#define EXIF(orientation)                                                                          \
    TEXT("Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0" orientation                    \
         "\0\0\0\0\0\0\0GPS 52.5 13.4")

static void assert_turned(struct text exif, bool is_on_its_side, bool left_top, bool right_bottom)
{
    const struct picture_frame frame = made_of(jpeg_of(600, 300, exif));
    const struct picture_output *output = &frame.outputs[1];
    assert_int_equal(frame.width, is_on_its_side ? 300 : 600);
    assert_int_equal(output->width, is_on_its_side ? 200 : 400);
    assert_int_equal(is_red_at(output, 0.1, 0.1), left_top);
    assert_int_equal(is_red_at(output, 0.9, 0.9), right_bottom);
    assert_false(has(output->webp, "GPS"));
    assert_false(has(output->webp, "EXIF"));
}

static void a_picture_is_turned_as_the_camera_was_held_and_says_nothing_of_it(void **state)
{
    (void)state;
    assert_turned(EXIF("\x01"), false, true, false);
    assert_turned(EXIF("\x02"), false, false, true); /* mirrored */
    assert_turned(EXIF("\x03"), false, false, true); /* upside down */
    assert_turned(EXIF("\x04"), false, true, false);
    assert_turned(EXIF("\x05"), true, true, false);
    assert_turned(EXIF("\x06"), true, true, false); /* a quarter clockwise: the left is on top */
    assert_turned(EXIF("\x07"), true, false, true);
    assert_turned(EXIF("\x08"), true, false, true);
}

static void of_an_animation_the_first_frame_is_shown(void **state)
{
    (void)state;
    WebPAnimEncoderOptions options;
    assert_true(WebPAnimEncoderOptionsInit(&options));
    WebPAnimEncoder *encoder = WebPAnimEncoderNew(64, 48, &options);
    const uint8_t reds[] = { 255, 0 };
    for (int i = 0; i < 2; i++) {
        WebPPicture picture;
        assert_true(WebPPictureInit(&picture));
        picture.use_argb = 1;
        picture.width = 64;
        picture.height = 48;
        assert_true(WebPPictureAlloc(&picture));
        for (int k = 0; k < 64 * 48; k++)
            picture.argb[k] = 0xff000000u | (uint32_t)reds[i] << 16 | (uint32_t)(255 - reds[i]);
        assert_true(WebPAnimEncoderAdd(encoder, &picture, i * 100, NULL));
        WebPPictureFree(&picture);
    }
    WebPData data;
    WebPDataInit(&data);
    assert_true(WebPAnimEncoderAdd(encoder, NULL, 200, NULL));
    assert_true(WebPAnimEncoderAssemble(encoder, &data));
    const struct text bytes =
        text_copy(arena, (struct text){ (const char *)data.bytes, data.size });
    WebPDataClear(&data);
    WebPAnimEncoderDelete(encoder);
    assert_true(has(bytes, "ANIM"));
    const struct picture_frame frame = made_of(bytes);
    assert_int_equal(frame.width, 64);
    assert_true(is_red_at(&frame.outputs[0], 0.5, 0.5));
    assert_false(has(frame.outputs[0].webp, "ANIM"));
}

static void whatever_follows_a_picture_is_dropped(void **state)
{
    (void)state;
    const struct text jpeg = jpeg_of(60, 40, TEXT(""));
    char *both = arena_allocate(arena, jpeg.length + 22);
    memcpy(both, jpeg.data, jpeg.length);
    memcpy(both + jpeg.length, "PK\x05\x06zip in a picture!", 22);
    const struct picture_frame clean = made_of((struct text){ both, jpeg.length + 22 });
    for (size_t i = 0; i < PICTURE_SIZES; i++)
        assert_false(has(clean.outputs[i].webp, "zip in"));
}

static void what_is_cut_short_is_refused(void **state)
{
    (void)state;
    const struct text jpeg = jpeg_of(600, 300, TEXT("")), webp = webp_of(300, 200, 200);
    assert_ends((struct text){ jpeg.data, jpeg.length / 2 }, PICTURE_END_BROKEN);
    assert_ends((struct text){ jpeg.data, 3 }, PICTURE_END_BROKEN);
    assert_ends((struct text){ webp.data, webp.length / 2 }, PICTURE_END_BROKEN);
}

static void what_is_no_picture_is_refused(void **state)
{
    (void)state;
    assert_ends(TEXT(""), PICTURE_END_UNKNOWN);
    assert_ends(TEXT("<svg/>"), PICTURE_END_UNKNOWN);
}

static void too_many_pixels_are_refused(void **state)
{
    (void)state;
    assert_ends(jpeg_of(10000, 5001, TEXT("")), PICTURE_END_TOO_LARGE);
    assert_ends(TEXT("GIF89a\xff\xff\xff\xff\0\0\0;"), PICTURE_END_TOO_LARGE);
}

static void too_many_bytes_are_refused(void **state)
{
    (void)state;
    char *bytes = arena_allocate(arena, PICTURE_INPUT_MAX + 1);
    memcpy(bytes, "GIF89a", 6);
    assert_ends((struct text){ bytes, PICTURE_INPUT_MAX + 1 }, PICTURE_END_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_is_shown_in_three_sizes),
        cmocka_unit_test(a_small_picture_is_not_enlarged_and_a_thin_one_keeps_a_pixel),
        cmocka_unit_test(a_picture_is_turned_as_the_camera_was_held_and_says_nothing_of_it),
        cmocka_unit_test(of_an_animation_the_first_frame_is_shown),
        cmocka_unit_test(whatever_follows_a_picture_is_dropped),
        cmocka_unit_test(what_is_cut_short_is_refused),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(too_many_pixels_are_refused),
        cmocka_unit_test(too_many_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
