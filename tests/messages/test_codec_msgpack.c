/* What the msgpack reader takes and refuses; round trips of every message are in test_schemas.c. */
#include <string.h>

#include "common_messages.h"
#include "messages/codec_msgpack.h"
#include "sample_messages.h"
#include "tests/support/cmocka.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new(64 << 10);
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static enum status decode_inner(struct text bytes, struct sample_inner *ret_inner)
{
    /* Exactly as long as the message, so that a read beyond its end is seen. */
    const struct text copy = { .data = arena_copy(arena, bytes.data, bytes.length),
                               .length = bytes.length };
    return msgpack_decode(&sample_inner_schema, copy, arena, ret_inner);
}

static void assert_refused(struct text bytes, enum status expected)
{
    struct sample_inner inner;
    assert_int_equal(decode_inner(bytes, &inner), expected);
}

static void integers_of_every_width_are_read(void **state)
{
    (void)state;
    struct sample_inner inner;
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\x07"), &inner), STATUS_OK);
    assert_true(inner.value == 7 && !inner.has_token);
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\xff"), &inner), STATUS_OK);
    assert_true(inner.value == -1);
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\xcc\xff"), &inner), STATUS_OK);
    assert_true(inner.value == 255);
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\xd0\x80"), &inner), STATUS_OK);
    assert_true(inner.value == -128);
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\xd1\x80\x00"), &inner), STATUS_OK);
    assert_true(inner.value == -32768);
    assert_int_equal(decode_inner(TEXT("\x81\xa5value\xd3\x80\0\0\0\0\0\0\0"), &inner), STATUS_OK);
    assert_true(inner.value == INT64_MIN);
    assert_int_equal(
        decode_inner(TEXT("\x81\xa5value\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), &inner), STATUS_OK);
    assert_true(inner.value == INT64_MAX);
}

static void an_integer_beyond_64_bits_is_out_of_range(void **state)
{
    (void)state;
    assert_refused(TEXT("\x81\xa5value\xcf\x80\0\0\0\0\0\0\0"), STATUS_OUT_OF_RANGE);
}

static void unknown_fields_are_skipped(void **state)
{
    (void)state;
    struct sample_inner inner;
    const struct text bytes = TEXT("\x83\xa3new\x92\xc0\x81\x01\xcb\0\0\0\0\0\0\0\0\xa5value\x07"
                                   "\xa3"
                                   "ext\xc7\x02\x05xy");
    assert_int_equal(decode_inner(bytes, &inner), STATUS_OK);
    assert_true(inner.value == 7);
}

static void an_unknown_field_nested_too_deep_is_malformed(void **state)
{
    (void)state;
    assert_refused(
        TEXT("\x81\xa3new\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91"
             "\x91\x91\x91\x91\x01"),
        STATUS_MALFORMED);
}

static void a_field_twice_is_a_duplicate(void **state)
{
    (void)state;
    assert_refused(TEXT("\x82\xa5value\x01\xa5value\x01"), STATUS_DUPLICATE_FIELD);
}

static void a_mandatory_field_must_be_there(void **state)
{
    (void)state;
    assert_refused(TEXT("\x80"), STATUS_MISSING_FIELD);
}

static void other_types_are_wrong(void **state)
{
    (void)state;
    assert_refused(TEXT("\x90"), STATUS_WRONG_TYPE);
    assert_refused(TEXT("\x81\xa5value\xc0"), STATUS_WRONG_TYPE);
    assert_refused(TEXT("\x81\xa5value\xc3"), STATUS_WRONG_TYPE);
    assert_refused(TEXT("\x81\xa5value\xca\0\0\0\0"), STATUS_WRONG_TYPE);
    assert_refused(TEXT("\x81\xa5value\xa1x"), STATUS_WRONG_TYPE);
    assert_refused(TEXT("\x81\x01\x01"), STATUS_WRONG_TYPE);
}

static void nothing_and_trailing_bytes_are_malformed(void **state)
{
    (void)state;
    assert_refused(TEXT(""), STATUS_MALFORMED);
    assert_refused(TEXT("\xc1"), STATUS_MALFORMED);
    assert_refused(TEXT("\x81\xa5value\x07\x07"), STATUS_MALFORMED);
}

static void announced_lengths_are_not_believed(void **state)
{
    (void)state;
    assert_refused(TEXT("\xdf\xff\xff\xff\xff"), STATUS_MALFORMED);
    assert_refused(TEXT("\x81\xdb\xff\xff\xff\xff"), STATUS_MALFORMED);
    assert_refused(TEXT("\x81\xa3new\xdd\xff\xff\xff\xff"), STATUS_MALFORMED);
    assert_refused(TEXT("\x81\xa3new\xc9\xff\xff\xff\xff"), STATUS_MALFORMED);
}

static void texts_are_checked(void **state)
{
    (void)state;
    assert_refused(TEXT("\x82\xa5value\x07\xa5token\xa1\xff"), STATUS_INVALID_VALUE);
    assert_refused(TEXT("\x82\xa5value\x07\xa5token\xa0"), STATUS_OUT_OF_RANGE);
    assert_refused(TEXT("\x82\xa5value\x07\xa5token\xb1xxxxxxxxxxxxxxxxx"), STATUS_OUT_OF_RANGE);
}

static void bytes_need_not_be_utf8_and_are_views(void **state)
{
    (void)state;
    struct sample_blob blob;
    const struct text bytes = TEXT("\x82\xa4"
                                   "data\xc4\x02\xff\xfe\xa3key\xa1k");
    assert_int_equal(msgpack_decode(&sample_blob_schema, bytes, arena, &blob), STATUS_OK);
    assert_int_equal(blob.data.length, 2);
    assert_ptr_equal(blob.data.data, bytes.data + 8);
}

static void an_encoding_beyond_its_limit_is_out_of_range(void **state)
{
    (void)state;
    const struct sample_inner inner = { .value = 7 };
    struct text bytes = TEXT("untouched");
    assert_int_equal(msgpack_encode(&sample_inner_schema, &inner, arena, 7, &bytes),
                     STATUS_OUT_OF_RANGE);
    assert_true(text_equals_string(bytes, "untouched"));
    assert_int_equal(msgpack_encode(&sample_inner_schema, &inner, arena, 8, &bytes), STATUS_OK);
    assert_true(text_equals(bytes, TEXT("\x81\xa5value\x07")));
}

static void an_enum_that_is_none_is_not_encoded(void **state)
{
    (void)state;
    struct sample_find_samples find = { 0 };
    const enum sample_state states[] = { (enum sample_state)2 };
    find.states = states;
    find.states_count = 1;
    struct text bytes;
    assert_int_equal(msgpack_encode(&sample_find_samples_schema, &find, arena, 100, &bytes),
                     STATUS_INVALID_VALUE);
    find.states_count = 3;
    assert_int_equal(msgpack_encode(&sample_find_samples_schema, &find, arena, 100, &bytes),
                     STATUS_OUT_OF_RANGE);
}

static enum status decode_change(struct text bytes)
{
    struct sample_change_sample change;
    return msgpack_decode(&sample_change_sample_schema, bytes, arena, &change);
}

static void maps_name_each_word_once(void **state)
{
    (void)state;
#define CHANGE                                                                                     \
    "\x83\xa2id\xc4\x10"                                                                           \
    "0123456789abcdef\xa4name\xa2xy\xa7options"
    assert_int_equal(decode_change(TEXT(CHANGE "\x82\xa1"
                                               "a\xa1x\xa1"
                                               "b\xa1x")),
                     STATUS_OK);
    assert_int_equal(decode_change(TEXT(CHANGE "\x82\xa1"
                                               "a\xa1x\xa1"
                                               "a\xa1x")),
                     STATUS_DUPLICATE_FIELD);
    assert_int_equal(decode_change(TEXT(CHANGE "\x84\xa1"
                                               "a\xa1x\xa1"
                                               "b\xa1x\xa1"
                                               "c\xa1x\xa1"
                                               "d\xa1x")),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(decode_change(TEXT("\x82\xa2id\xc4\x0f"
                                        "0123456789abcde\xa4name\xa2xy")),
                     STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_of_every_width_are_read),
        cmocka_unit_test(an_integer_beyond_64_bits_is_out_of_range),
        cmocka_unit_test(unknown_fields_are_skipped),
        cmocka_unit_test(an_unknown_field_nested_too_deep_is_malformed),
        cmocka_unit_test(a_field_twice_is_a_duplicate),
        cmocka_unit_test(a_mandatory_field_must_be_there),
        cmocka_unit_test(other_types_are_wrong),
        cmocka_unit_test(nothing_and_trailing_bytes_are_malformed),
        cmocka_unit_test(announced_lengths_are_not_believed),
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(bytes_need_not_be_utf8_and_are_views),
        cmocka_unit_test(an_encoding_beyond_its_limit_is_out_of_range),
        cmocka_unit_test(an_enum_that_is_none_is_not_encoded),
        cmocka_unit_test(maps_name_each_word_once),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
