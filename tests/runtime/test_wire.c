/* The runtime's own msgpack: which bytes a value becomes, which bytes are read as it, and that
 * nothing is read or written beyond its bound. */
#include <string.h>

#include "runtime/wire.h"
#include "tests/support/cmocka.h"

enum { ROOM = 512 };

static char room[ROOM];

static struct wire_writer writer_of(size_t capacity)
{
    assert_true(capacity <= ROOM);
    memset(room, 0x55, sizeof room);
    return (struct wire_writer){ .data = room, .capacity = capacity };
}

static struct wire_reader reader_of(const void *bytes, size_t length)
{
    return (struct wire_reader){ .data = bytes, .length = length };
}

/* A reader of a literal, without its NUL. */
#define READER(literal) reader_of(literal, sizeof literal - 1)

#define assert_written(writer, literal)                                                            \
    do {                                                                                           \
        assert_false((writer).is_full);                                                            \
        assert_int_equal((writer).length, sizeof literal - 1);                                     \
        assert_memory_equal((writer).data, literal, sizeof literal - 1);                           \
    } while (0)

/* Everything was read, and nothing of it was wrong. */
static void assert_read_out(const struct wire_reader *reader)
{
    assert_false(reader->is_bad);
    assert_int_equal(reader->position, reader->length);
}

/* ---- whole numbers ---- */

static void assert_uint_is(uint64_t value, const char *bytes, size_t length)
{
    struct wire_writer writer = writer_of(ROOM);
    wire_put_uint(&writer, value);
    assert_int_equal(writer.length, length);
    assert_memory_equal(writer.data, bytes, length);
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_true(wire_read_uint(&reader, UINT64_MAX) == value);
    assert_read_out(&reader);
}

#define ASSERT_UINT_IS(value, literal) assert_uint_is(value, literal, sizeof literal - 1)

static void number_below_128_is_one_byte(void **state)
{
    (void)state;
    ASSERT_UINT_IS(0, "\x00");
    ASSERT_UINT_IS(127, "\x7f");
}

static void number_of_8_bits_is_tagged_cc(void **state)
{
    (void)state;
    ASSERT_UINT_IS(128, "\xcc\x80");
    ASSERT_UINT_IS(255, "\xcc\xff");
}

static void number_of_16_bits_is_tagged_cd(void **state)
{
    (void)state;
    ASSERT_UINT_IS(256, "\xcd\x01\x00");
    ASSERT_UINT_IS(65535, "\xcd\xff\xff");
}

static void number_of_32_bits_is_tagged_ce(void **state)
{
    (void)state;
    ASSERT_UINT_IS(65536, "\xce\x00\x01\x00\x00");
    ASSERT_UINT_IS(UINT32_MAX, "\xce\xff\xff\xff\xff");
}

static void number_of_64_bits_is_tagged_cf(void **state)
{
    (void)state;
    ASSERT_UINT_IS((uint64_t)UINT32_MAX + 1, "\xcf\x00\x00\x00\x01\x00\x00\x00\x00");
    ASSERT_UINT_IS(UINT64_MAX, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
}

static void negative_number_takes_eight_bytes(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_int(&writer, -2);
    assert_written(writer, "\xd3\xff\xff\xff\xff\xff\xff\xff\xfe");
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_int_equal(wire_read_int(&reader), -2);
    assert_read_out(&reader);
}

static void signed_numbers_come_back_at_both_ends(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_int(&writer, INT64_MIN);
    wire_put_int(&writer, INT64_MAX);
    wire_put_int(&writer, 0);
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_true(wire_read_int(&reader) == INT64_MIN);
    assert_true(wire_read_int(&reader) == INT64_MAX);
    assert_int_equal(wire_read_int(&reader), 0);
    assert_read_out(&reader);
}

static void unsigned_number_beyond_int64_is_no_signed_number(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xcf\x80\x00\x00\x00\x00\x00\x00\x00");
    assert_int_equal(wire_read_int(&reader), 0);
    assert_true(reader.is_bad);
}

static void number_beyond_the_readers_maximum_is_bad(void **state)
{
    (void)state;
    struct wire_reader fits = READER("\x40");
    assert_int_equal(wire_read_uint(&fits, 64), 64);
    assert_false(fits.is_bad);
    struct wire_reader too_great = READER("\x41");
    assert_int_equal(wire_read_uint(&too_great, 64), 0);
    assert_true(too_great.is_bad);
}

static void negative_number_is_no_unsigned_number(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xd3\xff\xff\xff\xff\xff\xff\xff\xff");
    assert_int_equal(wire_read_uint(&reader, UINT64_MAX), 0);
    assert_true(reader.is_bad);
}

static void fixed_number_is_as_long_for_small_values(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_uint16_fixed(&writer, 1);
    assert_written(writer, "\xcd\x00\x01");
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_int_equal(wire_read_uint(&reader, UINT16_MAX), 1);
    assert_read_out(&reader);
}

/* ---- nil, bool, arrays ---- */

static void nil_and_bool_are_one_byte_each(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_nil(&writer);
    wire_put_bool(&writer, true);
    wire_put_bool(&writer, false);
    assert_written(writer, "\xc0\xc3\xc2");
    struct wire_reader reader = READER("\xc3\xc2");
    assert_true(wire_read_bool(&reader));
    assert_false(wire_read_bool(&reader));
    assert_read_out(&reader);
}

static void number_is_no_bool(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\x01");
    assert_false(wire_read_bool(&reader));
    assert_true(reader.is_bad);
}

static void array_of_up_to_15_is_one_byte(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_array(&writer, 15);
    assert_written(writer, "\x9f");
    struct wire_reader reader = reader_of(writer.data, writer.length);
    wire_read_array(&reader, 15);
    assert_read_out(&reader);
}

static void array_of_16_is_tagged_dc(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_array(&writer, 16);
    assert_written(writer, "\xdc\x00\x10");
    struct wire_reader reader = reader_of(writer.data, writer.length);
    wire_read_array(&reader, 16);
    assert_read_out(&reader);
}

static void array_of_another_count_is_bad(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\x93\x01\x02\x03");
    wire_read_array(&reader, 4);
    assert_true(reader.is_bad);
}

static void text_is_no_array(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xa1x");
    wire_read_array(&reader, 1);
    assert_true(reader.is_bad);
}

/* ---- text and bytes ---- */

/* Writes a text of `length` letters and reads it again. */
static void assert_text_comes_back(size_t length, size_t head_bytes)
{
    static char letters[300];
    memset(letters, 'a', sizeof letters);
    const struct text text = { letters, length };
    struct wire_writer writer = writer_of(ROOM);
    wire_put_text(&writer, text);
    assert_false(writer.is_full);
    assert_int_equal(writer.length, head_bytes + length);
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_text_equal(wire_read_text(&reader, length), text);
    assert_read_out(&reader);
}

static void text_of_up_to_31_has_a_head_of_one_byte(void **state)
{
    (void)state;
    assert_text_comes_back(0, 1);
    assert_text_comes_back(31, 1);
}

static void text_of_up_to_255_has_a_head_of_two_bytes(void **state)
{
    (void)state;
    assert_text_comes_back(32, 2);
    assert_text_comes_back(255, 2);
}

static void longer_text_has_a_head_of_five_bytes(void **state)
{
    (void)state;
    assert_text_comes_back(256, 5);
}

static void text_with_a_16_bit_head_is_read_too(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xda\x00\x03yes");
    assert_text_equal(wire_read_text(&reader, 3), TEXT("yes"));
    assert_read_out(&reader);
}

static void text_longer_than_allowed_is_bad_and_empty(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xa3yes");
    assert_int_equal(wire_read_text(&reader, 2).length, 0);
    assert_true(reader.is_bad);
}

static void text_that_claims_more_than_there_is_is_bad(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xa4yes");
    assert_int_equal(wire_read_text(&reader, 100).length, 0);
    assert_true(reader.is_bad);
}

static void length_of_32_bits_cannot_reach_beyond_the_input(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xdb\xff\xff\xff\xff!");
    assert_int_equal(wire_read_text(&reader, SIZE_MAX).length, 0);
    assert_true(reader.is_bad);
}

static void bytes_are_no_text_and_text_is_no_bytes(void **state)
{
    (void)state;
    struct wire_reader bytes = READER("\xc4\x01x"), text = READER("\xa1x");
    (void)wire_read_text(&bytes, 1);
    assert_true(bytes.is_bad);
    (void)wire_read_bytes(&text, 1);
    assert_true(text.is_bad);
}

static void bytes_come_back_with_their_zeroes(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(ROOM);
    wire_put_bytes(&writer, "a\0b", 3);
    assert_written(writer, "\xc4\x03"
                           "a\0b");
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_text_equal(wire_read_bytes(&reader, 3), ((struct text){ "a\0b", 3 }));
    assert_read_out(&reader);
}

static void more_than_255_bytes_have_a_head_of_five(void **state)
{
    (void)state;
    static const char zeroes[256];
    struct wire_writer writer = writer_of(ROOM);
    wire_put_bytes(&writer, zeroes, sizeof zeroes);
    assert_int_equal(writer.length, 5 + sizeof zeroes);
    assert_memory_equal(writer.data, "\xc6\x00\x00\x01\x00", 5);
    struct wire_reader reader = reader_of(writer.data, writer.length);
    assert_int_equal(wire_read_bytes(&reader, sizeof zeroes).length, sizeof zeroes);
    assert_read_out(&reader);
}

/* ---- blocks ---- */

static void block_is_read_whole(void **state)
{
    (void)state;
    uint8_t block[4];
    struct wire_reader reader = READER("\xc4\x04\x01\x02\x03\x04");
    assert_true(wire_read_block(&reader, block, sizeof block));
    assert_memory_equal(block, "\x01\x02\x03\x04", 4);
    assert_read_out(&reader);
}

static void nil_is_a_block_of_zeroes_that_is_not_there(void **state)
{
    (void)state;
    uint8_t block[4] = { 1, 2, 3, 4 };
    struct wire_reader reader = READER("\xc0");
    assert_false(wire_read_block(&reader, block, sizeof block));
    assert_memory_equal(block, "\0\0\0\0", 4);
    assert_read_out(&reader);
}

static void shorter_block_is_bad_and_leaves_zeroes(void **state)
{
    (void)state;
    uint8_t block[4] = { 1, 2, 3, 4 };
    struct wire_reader reader = READER("\xc4\x03\x01\x02\x03");
    assert_false(wire_read_block(&reader, block, sizeof block));
    assert_true(reader.is_bad);
    assert_memory_equal(block, "\0\0\0\0", 4);
}

static void longer_block_is_bad(void **state)
{
    (void)state;
    uint8_t block[2];
    struct wire_reader reader = READER("\xc4\x03\x01\x02\x03");
    assert_false(wire_read_block(&reader, block, sizeof block));
    assert_true(reader.is_bad);
}

/* ---- bounds ---- */

static void full_writer_writes_nothing_beyond_its_end(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(4);
    wire_put_uint(&writer, 7);
    wire_put_uint(&writer, UINT32_MAX); /* five bytes into three */
    assert_true(writer.is_full);
    assert_int_equal(writer.length, 1);
    for (size_t i = writer.length; i < ROOM; i++)
        assert_int_equal(room[i], 0x55);
}

static void full_writer_stays_full_for_what_would_fit(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(2);
    wire_put_uint(&writer, UINT32_MAX);
    wire_put_nil(&writer);
    assert_true(writer.is_full);
    assert_int_equal(writer.length, 0);
}

static void value_that_fits_exactly_is_written(void **state)
{
    (void)state;
    struct wire_writer writer = writer_of(5);
    wire_put_uint(&writer, UINT32_MAX);
    assert_written(writer, "\xce\xff\xff\xff\xff");
}

static void bad_reader_gives_zero_for_all_that_follows(void **state)
{
    (void)state;
    uint8_t block[1] = { 9 };
    struct wire_reader reader = READER("\xc1\x05\xc3\xa1x\xc4\x01x\xc4\x01x");
    assert_int_equal(wire_read_uint(&reader, 9), 0); /* 0xc1 is never used by msgpack */
    assert_int_equal(wire_read_uint(&reader, 9), 0);
    assert_false(wire_read_bool(&reader));
    assert_int_equal(wire_read_text(&reader, 9).length, 0);
    assert_int_equal(wire_read_bytes(&reader, 9).length, 0);
    assert_false(wire_read_block(&reader, block, 1));
    assert_int_equal(block[0], 0);
    assert_true(reader.is_bad);
}

static void empty_input_is_bad_at_the_first_read(void **state)
{
    (void)state;
    struct wire_reader reader = reader_of("", 0);
    assert_int_equal(wire_read_int(&reader), 0);
    assert_true(reader.is_bad);
}

static void number_cut_short_is_bad(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xcf\x00\x00\x00");
    assert_int_equal(wire_read_uint(&reader, UINT64_MAX), 0);
    assert_true(reader.is_bad);
}

static void negative_number_cut_short_is_bad(void **state)
{
    (void)state;
    struct wire_reader reader = READER("\xd3\xff\xff");
    assert_int_equal(wire_read_int(&reader), 0);
    assert_true(reader.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_below_128_is_one_byte),
        cmocka_unit_test(number_of_8_bits_is_tagged_cc),
        cmocka_unit_test(number_of_16_bits_is_tagged_cd),
        cmocka_unit_test(number_of_32_bits_is_tagged_ce),
        cmocka_unit_test(number_of_64_bits_is_tagged_cf),
        cmocka_unit_test(negative_number_takes_eight_bytes),
        cmocka_unit_test(signed_numbers_come_back_at_both_ends),
        cmocka_unit_test(unsigned_number_beyond_int64_is_no_signed_number),
        cmocka_unit_test(number_beyond_the_readers_maximum_is_bad),
        cmocka_unit_test(negative_number_is_no_unsigned_number),
        cmocka_unit_test(fixed_number_is_as_long_for_small_values),
        cmocka_unit_test(nil_and_bool_are_one_byte_each),
        cmocka_unit_test(number_is_no_bool),
        cmocka_unit_test(array_of_up_to_15_is_one_byte),
        cmocka_unit_test(array_of_16_is_tagged_dc),
        cmocka_unit_test(array_of_another_count_is_bad),
        cmocka_unit_test(text_is_no_array),
        cmocka_unit_test(text_of_up_to_31_has_a_head_of_one_byte),
        cmocka_unit_test(text_of_up_to_255_has_a_head_of_two_bytes),
        cmocka_unit_test(longer_text_has_a_head_of_five_bytes),
        cmocka_unit_test(text_with_a_16_bit_head_is_read_too),
        cmocka_unit_test(text_longer_than_allowed_is_bad_and_empty),
        cmocka_unit_test(text_that_claims_more_than_there_is_is_bad),
        cmocka_unit_test(length_of_32_bits_cannot_reach_beyond_the_input),
        cmocka_unit_test(bytes_are_no_text_and_text_is_no_bytes),
        cmocka_unit_test(bytes_come_back_with_their_zeroes),
        cmocka_unit_test(more_than_255_bytes_have_a_head_of_five),
        cmocka_unit_test(block_is_read_whole),
        cmocka_unit_test(nil_is_a_block_of_zeroes_that_is_not_there),
        cmocka_unit_test(shorter_block_is_bad_and_leaves_zeroes),
        cmocka_unit_test(longer_block_is_bad),
        cmocka_unit_test(full_writer_writes_nothing_beyond_its_end),
        cmocka_unit_test(full_writer_stays_full_for_what_would_fit),
        cmocka_unit_test(value_that_fits_exactly_is_written),
        cmocka_unit_test(bad_reader_gives_zero_for_all_that_follows),
        cmocka_unit_test(empty_input_is_bad_at_the_first_read),
        cmocka_unit_test(number_cut_short_is_bad),
        cmocka_unit_test(negative_number_cut_short_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
