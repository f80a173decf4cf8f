/* Log lines, read back from standard error. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/log.h"
#include "tests/support/cmocka.h"

enum { LINE_MAX_BYTES = 16384 };

static char line[LINE_MAX_BYTES];
static int saved_stderr, pipe_read;

static void capture_begin(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    saved_stderr = dup(STDERR_FILENO);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    pipe_read = ends[0];
}

/* What was written since capture_begin(), and "" when there was nothing. */
static const char *capture_end(void)
{
    assert_true(dup2(saved_stderr, STDERR_FILENO) >= 0);
    (void)close(saved_stderr);
    const ssize_t length = read(pipe_read, line, sizeof line - 1);
    (void)close(pipe_read);
    line[length > 0 ? length : 0] = '\0';
    return line;
}

static void line_has_time_level_program_event_and_typed_fields(void **state)
{
    (void)state;
    const struct uuid uuid = { { 0x01, 0x93, 0xab, 0xcd, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255 } };
    log_open("souk-test", LOG_INFO);
    capture_begin();
    log_warning("unit_failed", LOG_INT("count", -3), LOG_UUID("key", uuid), LOG_STATUS(STATUS_OK));
    const char *text = capture_end();
    assert_non_null(strstr(text, "Z\",\"level\":\"warning\",\"program\":\"souk-test\","
                                 "\"event\":\"unit_failed\",\"count\":-3,"
                                 "\"key\":\"0193abcd-0001-0203-0405-060708090aff\","
                                 "\"status\":\"ok\"}\n"));
    int year, month, day, hour, minute, second, millisecond;
    assert_int_equal(sscanf(text, "{\"time\":\"%4d-%2d-%2dT%2d:%2d:%2d.%3dZ\"", &year, &month, &day,
                            &hour, &minute, &second, &millisecond),
                     7);
    assert_in_range(year, 2024, 2200);
    assert_in_range(month, 1, 12);
    assert_in_range(day, 1, 31);
    assert_in_range(hour, 0, 23);
}

static void levels_below_the_least_are_not_written(void **state)
{
    (void)state;
    log_open("souk-test", LOG_WARNING);
    capture_begin();
    log_info("not_heard", LOG_INT("n", 1));
    assert_string_equal(capture_end(), "");
}

static void event_may_have_no_fields(void **state)
{
    (void)state;
    log_open("souk-test", LOG_INFO);
    capture_begin();
    log_error("loop_stopped");
    assert_non_null(strstr(capture_end(), "\"event\":\"loop_stopped\"}\n"));
}

static void text_is_escaped(void **state)
{
    (void)state;
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_escaped",
              LOG_TEXT("value", TEXT("q\" b\\ \n\r\t\0\x1f\x7f \xE2\x82\xAC \xff\xC3")));
    assert_non_null(strstr(capture_end(), "\"value\":\"q\\\" b\\\\ \\n\\r\\t\\u0000\\u001f\x7f "
                                          "\xE2\x82\xAC \xEF\xBF\xBD\xEF\xBF\xBD\"}\n"));
}

static void long_values_are_cut_between_characters(void **state)
{
    (void)state;
    static char value[4001];
    for (size_t i = 0; i < 4000; i += 2)
        memcpy(value + i, "\xC3\xA9", 2);
    memmove(value + 1, value, 3999);
    value[0] = 'x'; /* the limit now falls inside a character */
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_cut", LOG_STRING("value", value));
    const struct text text = text_of(capture_end());
    assert_true(text_is_utf8(text));
    assert_null(strstr(line, "\xEF\xBF\xBD"));
    assert_true(text.length < 2300);
}

static void line_that_would_be_too_long_says_so_and_stays_whole(void **state)
{
    (void)state;
    static char value[2001];
    memset(value, '\x01', 2000); /* six bytes each when escaped */
    log_open("souk-test", LOG_DEBUG);
    capture_begin();
    log_debug("was_long", LOG_STRING("big", value), LOG_INT("small", 7));
    const struct text text = text_of(capture_end());
    assert_null(strstr(line, "\"big\""));
    assert_non_null(strstr(line, "\"small\":7,\"truncated\":true}\n"));
    assert_true(text.length <= 8192);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_has_time_level_program_event_and_typed_fields),
        cmocka_unit_test(levels_below_the_least_are_not_written),
        cmocka_unit_test(event_may_have_no_fields),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(line_that_would_be_too_long_says_so_and_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
