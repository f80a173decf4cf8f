/* What validation finds in structs that were built by hand; bounds off by one are in
 * test_schemas.c. */
#include <string.h>

#include "messages/validate.h"
#include "sample_messages.h"
#include "tests/support/cmocka.h"

static struct field_faults faults;

static struct sample_everything valid_sample(void)
{
    return (struct sample_everything){ .price = money_make(5, "EUR"), .name = TEXT("ab") };
}

static enum status check(const struct sample_everything *value)
{
    memset(&faults, 0, sizeof faults);
    return validate(&sample_everything_schema, value, &faults);
}

static void assert_only_fault(const char *pointer, enum status status)
{
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.entries[0].pointer, pointer);
    assert_int_equal(faults.entries[0].status, status);
}

static void a_valid_struct_has_no_faults(void **state)
{
    (void)state;
    const struct sample_everything value = valid_sample();
    assert_int_equal(check(&value), STATUS_OK);
    assert_int_equal(faults.count, 0);
    assert_int_equal(validate(&sample_everything_schema, &value, NULL), STATUS_OK);
}

static void an_absent_optional_is_not_looked_at(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    value.maybe_int = 0;
    assert_int_equal(check(&value), STATUS_OK);
    value.has_maybe_int = true;
    assert_int_equal(check(&value), STATUS_OUT_OF_RANGE);
    assert_only_fault("/maybe_int", STATUS_OUT_OF_RANGE);
}

static void unknown_currencies_and_enums_are_invalid(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    memcpy(value.price.currency, "EEE", 3);
    assert_int_equal(check(&value), STATUS_INVALID_VALUE);
    assert_only_fault("/price", STATUS_INVALID_VALUE);
    value = valid_sample();
    value.state = (enum sample_state)SAMPLE_STATE_COUNT;
    assert_int_equal(check(&value), STATUS_INVALID_VALUE);
    assert_only_fault("/state", STATUS_INVALID_VALUE);
}

static void faults_inside_records_and_lists_are_named(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    const struct common_point points[] = { { .x = 1 }, { .x = -11 } };
    value.outer.points = points;
    value.outer.points_count = 2;
    assert_int_equal(check(&value), STATUS_OUT_OF_RANGE);
    assert_only_fault("/outer/points/1/x", STATUS_OUT_OF_RANGE);
}

static void a_text_that_is_not_utf8_is_invalid(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    value.name = TEXT("a\xc3");
    assert_int_equal(check(&value), STATUS_INVALID_VALUE);
    assert_only_fault("/name", STATUS_INVALID_VALUE);
}

static enum status check_words(enum field_words words, struct text text)
{
    const struct field field = { .name = "reason", .type = FIELD_TEXT, .words = words, .max = 200 };
    struct field_path path = { .length = 0 };
    memset(&faults, 0, sizeof faults);
    return validate_field(&field, &text, &path, &faults);
}

static void what_people_write_for_others_can_be_read_and_hides_nothing(void **state)
{
    (void)state;
    assert_int_equal(check_words(WORDS_REASON, TEXT("Sold out.\nSorry.")), STATUS_OK);
    assert_int_equal(check_words(WORDS_NAME, TEXT("Post")), STATUS_OK);
    assert_int_equal(check_words(WORDS_REASON, TEXT("")), STATUS_OK); /* the lengths allow it */
    assert_int_equal(check_words(WORDS_ANY, TEXT(" \x1b")), STATUS_OK);
    const struct text bad[] = { TEXT("  "),    TEXT("\xe2\x80\x8b"), TEXT("a\x1b[31mb"),
                                TEXT("a\x7f"), TEXT("a\xc2\x9b"),    TEXT("a\xe2\x80\xae") };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(check_words(WORDS_REASON, bad[i]), STATUS_INVALID_VALUE);
        assert_int_equal(check_words(WORDS_NAME, bad[i]), STATUS_INVALID_VALUE);
    }
    assert_int_equal(check_words(WORDS_NAME, TEXT("two\nlines")), STATUS_INVALID_VALUE);
}

/* An answer that shows an old reason is not refused for it. */
static void words_that_were_taken_once_are_not_judged_again(void **state)
{
    (void)state;
    const struct field field = {
        .name = "reason", .type = FIELD_TEXT, .words = WORDS_REASON, .max = 200
    };
    const struct schema schema = {
        .name = "old", .size = sizeof(struct text), .fields = &field, .fields_count = 1
    };
    const struct text reason = TEXT(" \x1b");
    assert_int_equal(validate(&schema, &reason, &faults), STATUS_OK);
}

static enum status check_flags(unsigned flags, struct text text)
{
    const struct field field = { .name = "note", .type = FIELD_TEXT, .flags = flags, .max = 200 };
    const struct field_path path = { .length = 0 };
    return validate_field(&field, &text, &path, &faults);
}

static void the_number_of_a_card_is_taken_in_no_text_but_where_long_numbers_belong(void **state)
{
    (void)state;
    const struct text number = TEXT("my card: 4242-4242-4242-4242, thanks");
    assert_int_equal(check_flags(0, number), STATUS_INVALID_VALUE);
    assert_int_equal(check_flags(FIELD_IN_PATH, TEXT("4242424242424242")), STATUS_INVALID_VALUE);
    assert_int_equal(check_flags(FIELD_DIGITS, number), STATUS_OK);
    assert_int_equal(check_flags(FIELD_PHONE, number), STATUS_INVALID_VALUE);
    assert_int_equal(check_flags(FIELD_PHONE, TEXT("4222222222222")), STATUS_OK);
    assert_int_equal(check_flags(FIELD_SECRET, number), STATUS_OK);
    assert_int_equal(check_flags(0, TEXT("4242-4242-4242-4243")), STATUS_OK);
    const struct text_pair pair = { TEXT("size"), TEXT("4242424242424242") };
    struct {
        const struct text_pair *pairs;
        size_t count;
    } map = { &pair, 1 };
    const struct field field = { .name = "options",
                                 .type = FIELD_MAP,
                                 .offset = offsetof(typeof(map), pairs),
                                 .presence_offset = offsetof(typeof(map), count),
                                 .max = 3,
                                 .text_max = 100 };
    const struct field_path path = { .length = 0 };
    assert_int_equal(validate_field(&field, &map, &path, &faults), STATUS_INVALID_VALUE);
}

static void a_word_twice_in_a_map_is_a_duplicate(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    const struct text_pair pairs[] = { { TEXT("a"), TEXT("1") }, { TEXT("a"), TEXT("2") } };
    value.options = pairs;
    value.options_count = 2;
    assert_int_equal(check(&value), STATUS_DUPLICATE_FIELD);
    assert_only_fault("/options/a", STATUS_DUPLICATE_FIELD);
}

static void a_time_beyond_the_calendar_is_out_of_range(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    value.at_us = TIME_MAX_US + 1;
    assert_int_equal(check(&value), STATUS_OUT_OF_RANGE);
    assert_only_fault("/at", STATUS_OUT_OF_RANGE);
}

static void the_first_status_is_returned_and_all_faults_are_kept(void **state)
{
    (void)state;
    struct sample_everything value = valid_sample();
    value.small = 101;
    value.name = TEXT("a\xff");
    assert_int_equal(check(&value), STATUS_OUT_OF_RANGE);
    assert_int_equal(faults.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_struct_has_no_faults),
        cmocka_unit_test(an_absent_optional_is_not_looked_at),
        cmocka_unit_test(unknown_currencies_and_enums_are_invalid),
        cmocka_unit_test(faults_inside_records_and_lists_are_named),
        cmocka_unit_test(a_text_that_is_not_utf8_is_invalid),
        cmocka_unit_test(what_people_write_for_others_can_be_read_and_hides_nothing),
        cmocka_unit_test(words_that_were_taken_once_are_not_judged_again),
        cmocka_unit_test(the_number_of_a_card_is_taken_in_no_text_but_where_long_numbers_belong),
        cmocka_unit_test(a_word_twice_in_a_map_is_a_duplicate),
        cmocka_unit_test(a_time_beyond_the_calendar_is_out_of_range),
        cmocka_unit_test(the_first_status_is_returned_and_all_faults_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
