/* Text views, numbers, UTF-8 and the builder. */
#include "runtime/arena.h"
#include "tests/support/cmocka.h"

static void whole_numbers_are_read_to_the_last_bit(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_int_equal(text_parse_int(TEXT("9223372036854775807"), &value), STATUS_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(text_parse_int(TEXT("-9223372036854775808"), &value), STATUS_OK);
    assert_true(value == INT64_MIN);
    assert_int_equal(text_parse_int(TEXT("0"), &value), STATUS_OK);
    assert_int_equal(value, 0);
}

static void what_is_no_whole_number_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_int_equal(text_parse_int(TEXT("9223372036854775808"), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT("-9223372036854775809"), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT(""), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT("-"), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT("+1"), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT(" 1"), &value), STATUS_MALFORMED);
    assert_int_equal(text_parse_int(TEXT("1x"), &value), STATUS_MALFORMED);
    assert_int_equal(value, 7);
}

static void utf8_is_accepted_in_all_four_widths(void **state)
{
    (void)state;
    assert_true(text_is_utf8(TEXT("")));
    assert_true(text_is_utf8(TEXT("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8D\xB5")));
    assert_true(text_is_utf8(TEXT("\xF4\x8F\xBF\xBF"))); /* U+10FFFF */
}

static void characters_are_written_in_all_four_widths(void **state)
{
    (void)state;
    static const uint32_t characters[] = { 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF };
    static const size_t widths[] = { 1, 2, 2, 3, 3, 4, 4 };
    for (size_t i = 0; i < ARRAY_LENGTH(widths); i++) {
        char bytes[TEXT_CHARACTER_BYTES_MAX];
        const size_t length = text_put_character(bytes, characters[i]);
        assert_int_equal(length, widths[i]);
        assert_int_equal(text_utf8_width((struct text){ bytes, length }), length);
    }
    char bytes[TEXT_CHARACTER_BYTES_MAX];
    assert_text_equal(((struct text){ bytes, text_put_character(bytes, 0x20AC) }),
                      TEXT("\xE2\x82\xAC"));
}

static void bytes_that_are_not_utf8_are_refused(void **state)
{
    (void)state;
    assert_false(text_is_utf8(TEXT("a\0b")));
    assert_false(text_is_utf8(TEXT("\x80")));
    assert_false(text_is_utf8(TEXT("\xC0\xAF")));         /* overlong */
    assert_false(text_is_utf8(TEXT("\xE0\x9F\xBF")));     /* overlong */
    assert_false(text_is_utf8(TEXT("\xF0\x8F\xBF\xBF"))); /* overlong */
    assert_false(text_is_utf8(TEXT("\xED\xA0\x80")));     /* surrogate */
    assert_false(text_is_utf8(TEXT("\xF4\x90\x80\x80"))); /* beyond U+10FFFF */
    assert_false(text_is_utf8(TEXT("\xE2\x82")));         /* cut short */
}

static void comparing_orders_by_bytes_then_length(void **state)
{
    (void)state;
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("ab"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT(""), (struct text){ 0 }), 0);
    assert_true(text_equals((struct text){ 0 }, text_of(NULL)));
    assert_true(text_starts_with(TEXT("souk"), TEXT("so")));
    assert_false(text_starts_with(TEXT("so"), TEXT("souk")));
}

static void trimming_takes_white_space_at_both_ends_only(void **state)
{
    (void)state;
    assert_text_equal(text_trim(TEXT(" \t a b\r\n")), TEXT("a b"));
    assert_int_equal(text_trim(TEXT("  ")).length, 0);
}

static void formatted_and_copied_texts_end_with_nul(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    const struct text text = text_format(arena, "%s-%d", "x", 42);
    assert_text_equal(text, TEXT("x-42"));
    assert_int_equal(text.data[4], '\0');
    assert_string_equal(text_string(arena, (struct text){ "abcdef", 3 }), "abc");
    arena_destroy(&arena);
}

static void builder_drops_what_goes_beyond_its_limit(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    struct text_builder builder;
    text_builder_init(&builder, arena, 8);
    text_builder_add(&builder, TEXT("abc"));
    text_builder_add_int(&builder, -123);
    text_builder_add_byte(&builder, '!');
    assert_false(builder.is_full);
    text_builder_add_byte(&builder, '?');
    assert_true(builder.is_full);
    assert_text_equal(text_builder_view(&builder), TEXT("abc-123!"));
    arena_destroy(&arena);
}

static void builder_grows_over_many_blocks(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64);
    struct text_builder builder;
    text_builder_init(&builder, arena, 100000);
    for (int i = 0; i < 100000; i++)
        text_builder_add_byte(&builder, (char)('a' + i % 26));
    assert_false(builder.is_full);
    assert_int_equal(builder.length, 100000);
    assert_int_equal(builder.data[99999], 'a' + 99999 % 26);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_read_to_the_last_bit),
        cmocka_unit_test(what_is_no_whole_number_is_refused_and_changes_nothing),
        cmocka_unit_test(utf8_is_accepted_in_all_four_widths),
        cmocka_unit_test(characters_are_written_in_all_four_widths),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused),
        cmocka_unit_test(comparing_orders_by_bytes_then_length),
        cmocka_unit_test(trimming_takes_white_space_at_both_ends_only),
        cmocka_unit_test(formatted_and_copied_texts_end_with_nul),
        cmocka_unit_test(builder_drops_what_goes_beyond_its_limit),
        cmocka_unit_test(builder_grows_over_many_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
