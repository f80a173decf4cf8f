/* What a decoder writes is believed no more than what a stranger sends. */
#include <string.h>

#include "gateway/picture/picture_frame.h"
#include "tests/support/cmocka.h"

enum { ROOM = 256 };

static const struct text webp = { "RIFF\x04\0\0\0WEBP", 12 };

/* A frame of a picture of 3000 x 2000. */
static size_t good_frame(char bytes[ROOM])
{
    const struct picture_frame frame = { .width = 3000, .height = 2000 };
    size_t length = PICTURE_FRAME_HEAD;
    picture_frame_write_head(&frame, (uint8_t *)bytes);
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        const struct picture_output output = { picture_sizes[i], 10, webp };
        picture_frame_write_output_head(&output, (uint8_t *)bytes + length);
        memcpy(bytes + length + PICTURE_OUTPUT_HEAD, webp.data, webp.length);
        length += PICTURE_OUTPUT_HEAD + webp.length;
    }
    return length;
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    char bytes[ROOM];
    struct picture_frame frame;
    assert_int_equal(picture_frame_read((struct text){ bytes, good_frame(bytes) }, &frame),
                     STATUS_OK);
    assert_int_equal(frame.width, 3000);
    assert_int_equal(frame.height, 2000);
    assert_int_equal(frame.outputs[2].width, 160);
    assert_text_equal(frame.outputs[1].webp, webp);
}

static void a_frame_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    char bytes[ROOM];
    struct picture_frame frame;
    const size_t length = good_frame(bytes);
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(picture_frame_read((struct text){ bytes, cut }, &frame), STATUS_CORRUPT);
}

static void assert_refused_with(size_t at, char value)
{
    char bytes[ROOM];
    struct picture_frame frame;
    const size_t length = good_frame(bytes);
    bytes[at] = value;
    assert_int_equal(picture_frame_read((struct text){ bytes, length }, &frame), STATUS_CORRUPT);
}

static void lies_are_refused(void **state)
{
    (void)state;
    char bytes[ROOM];
    struct picture_frame frame;
    assert_int_equal(picture_frame_read((struct text){ bytes, good_frame(bytes) + 1 }, &frame),
                     STATUS_CORRUPT);
    assert_refused_with(0, 'X');                       /* another magic */
    assert_refused_with(5, 1);                         /* a side above 65,535 */
    assert_refused_with(PICTURE_FRAME_HEAD + 2, 0x7f); /* a side above its size */
    assert_refused_with(PICTURE_FRAME_HEAD + 7, 0);    /* no height */
    assert_refused_with(PICTURE_FRAME_HEAD + 8, 0x7f); /* more bytes than there are */
    assert_refused_with(PICTURE_FRAME_HEAD + 12, 'X'); /* no WebP */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_frame_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(lies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
