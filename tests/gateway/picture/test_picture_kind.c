/* What a file is by its first bytes, and how its camera was held. */
#include "gateway/picture/picture_kind.h"
#include "tests/support/cmocka.h"

static void signatures_decide(void **state)
{
    (void)state;
    assert_int_equal(picture_kind_of(TEXT("\xff\xd8\xff\xe0")), PICTURE_JPEG);
    assert_int_equal(picture_kind_of(TEXT("\x89PNG\r\n\x1a\n")), PICTURE_PNG);
    assert_int_equal(picture_kind_of(TEXT("GIF89a=1;alert(1)")), PICTURE_GIF);
    assert_int_equal(picture_kind_of(TEXT("GIF87a")), PICTURE_GIF);
    assert_int_equal(picture_kind_of(TEXT("RIFF\x08\0\0\0WEBP")), PICTURE_WEBP);
}

static void anything_else_is_none(void **state)
{
    (void)state;
    assert_int_equal(picture_kind_of(TEXT("")), PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("\xff\xd8")), PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("\x89PNG\n\x1a\n")), PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("RIFF\x08\0\0\0WAVE")), PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("RIFF\x08\0\0\0WEB")), PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")),
                     PICTURE_NONE);
    assert_int_equal(picture_kind_of(TEXT("PK\x03\x04")), PICTURE_NONE);
}

#define LITTLE "II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"
#define BIG "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0"

static void orientation_is_read_in_both_orders_of_bytes(void **state)
{
    (void)state;
    assert_int_equal(picture_orientation(TEXT(LITTLE)), 6);
    assert_int_equal(picture_orientation(TEXT(BIG)), 3);
}

static void a_block_that_is_cut_anywhere_says_upright(void **state)
{
    (void)state;
    const struct text whole = TEXT(LITTLE);
    for (size_t length = 0; length < whole.length - 3; length++)
        assert_int_equal(picture_orientation((struct text){ whole.data, length }), 1);
}

static void lies_of_a_block_are_bounded(void **state)
{
    (void)state;
    assert_int_equal(picture_orientation(TEXT("II\x2a\0\xff\xff\xff\xff")), 1);
    assert_int_equal(picture_orientation(TEXT("II\x2a\0\x08\0\0\0\xff\xff")), 1);
    assert_int_equal(
        picture_orientation(TEXT("II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0")), 1);
}

#define SIGNATURE "\x89PNG\r\n\x1a\n"

static void orientation_of_a_png_stands_before_its_pixels(void **state)
{
    (void)state;
    assert_int_equal(picture_orientation_of_png(TEXT(SIGNATURE "\0\0\0\x16"
                                                               "eXIf" BIG "\0\0\0\0")),
                     3);
    assert_int_equal(picture_orientation_of_png(TEXT(SIGNATURE "\0\0\0\0"
                                                               "IDAT"
                                                               "\0\0\0\0"
                                                               "\0\0\0\x16"
                                                               "eXIf" BIG "\0\0\0\0")),
                     1);
    assert_int_equal(picture_orientation_of_png(TEXT(SIGNATURE "\xff\xff\xff\xff"
                                                               "eXIf" BIG)),
                     1);
    assert_int_equal(picture_orientation_of_png(TEXT(SIGNATURE)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_decide),
        cmocka_unit_test(anything_else_is_none),
        cmocka_unit_test(orientation_is_read_in_both_orders_of_bytes),
        cmocka_unit_test(a_block_that_is_cut_anywhere_says_upright),
        cmocka_unit_test(lies_of_a_block_are_bounded),
        cmocka_unit_test(orientation_of_a_png_stands_before_its_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
