/* What a program of the command line finds among its arguments, and what is left for the settings.
 */
#include "gateway/command/arguments.h"

#include <string.h>

#include "tests/support/cmocka.h"

enum { WORDS_MAX = 12, WORD_MAX = 24 };

/* Arguments that may be shifted, as main() has them. */
struct line {
    char words[WORDS_MAX][WORD_MAX];
    char *argv[WORDS_MAX + 1];
    int argc;
};

static struct line line_of(const char *const *words, size_t count)
{
    struct line line = { .argc = (int)count };
    assert_true(count <= WORDS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(words[i]) < WORD_MAX);
        memcpy(line.words[i], words[i], strlen(words[i]) + 1);
    }
    return line;
}

#define LINE(...)                                                                                  \
    line_of((const char *const[]){ __VA_ARGS__ },                                                  \
            sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* After the line has its place. */
static char **argv_of(struct line *line)
{
    for (int i = 0; i < line->argc; i++)
        line->argv[i] = line->words[i];
    return line->argv;
}

static void options_and_operands_stand_in_any_order(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendor=A", "file.csv", "--data-dir", "/tmp/x",
                            "--currency", "EUR", "--dry-run", "more", "--test-mode");
    char **argv = argv_of(&line);
    const char *vendor = NULL, *currency = NULL, *operands[ARGUMENTS_OPERANDS_MAX];
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor), STATUS_OK);
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--currency", &currency),
                     STATUS_OK);
    assert_string_equal(vendor, "A");
    assert_string_equal(currency, "EUR");
    assert_true(arguments_extract_flag(&line.argc, argv, "--dry-run"));
    assert_false(arguments_extract_flag(&line.argc, argv, "--dry-run"));
    assert_int_equal(arguments_extract_operands(&line.argc, argv, operands), 2);
    assert_string_equal(operands[0], "file.csv");
    assert_string_equal(operands[1], "more");
}

static void what_is_not_the_programs_own_stays(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendor=A", "--data-dir", "/tmp/x", "--test-mode");
    char **argv = argv_of(&line);
    const char *vendor = NULL, *operands[ARGUMENTS_OPERANDS_MAX];
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor), STATUS_OK);
    assert_int_equal(arguments_extract_operands(&line.argc, argv, operands), 0);
    assert_int_equal(line.argc, 4);
    assert_string_equal(argv[1], "--data-dir");
    assert_string_equal(argv[2], "/tmp/x");
    assert_string_equal(argv[3], "--test-mode");
    assert_null(argv[line.argc]);
}

static void an_option_that_was_not_given_changes_nothing(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendors", "A");
    char **argv = argv_of(&line);
    const char *vendor = "before";
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor), STATUS_OK);
    assert_string_equal(vendor, "before");
    assert_int_equal(line.argc, 3);
}

static void the_last_of_an_option_wins(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendor", "A", "--vendor=B");
    char **argv = argv_of(&line);
    const char *vendor = NULL;
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor), STATUS_OK);
    assert_string_equal(vendor, "B");
    assert_int_equal(line.argc, 1);
}

static void an_option_may_have_an_empty_value(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendor=");
    char **argv = argv_of(&line);
    const char *vendor = NULL;
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor), STATUS_OK);
    assert_string_equal(vendor, "");
}

static void an_option_without_its_value_is_told(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--vendor");
    char **argv = argv_of(&line);
    const char *vendor = NULL;
    assert_int_equal(arguments_extract_option(&line.argc, argv, "--vendor", &vendor),
                     STATUS_MISSING_FIELD);
    assert_null(vendor);
}

static void an_option_that_may_be_repeated_is_taken_one_by_one(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "--map", "a=price", "file.csv", "--map=b=sku", "--map");
    char **argv = argv_of(&line);
    const char *map = NULL;
    assert_int_equal(arguments_extract_first(&line.argc, argv, "--map", &map), STATUS_OK);
    assert_string_equal(map, "a=price");
    assert_int_equal(arguments_extract_first(&line.argc, argv, "--map", &map), STATUS_OK);
    assert_string_equal(map, "b=sku");
    assert_int_equal(arguments_extract_first(&line.argc, argv, "--map", &map),
                     STATUS_MISSING_FIELD);
    assert_int_equal(arguments_extract_first(&line.argc, argv, "--vendor", &map), STATUS_NOT_FOUND);
    assert_string_equal(argv[1], "file.csv");
}

static void more_operands_than_fit_are_counted(void **state)
{
    (void)state;
    struct line line = LINE("souk-import", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
    char **argv = argv_of(&line);
    const char *operands[ARGUMENTS_OPERANDS_MAX];
    assert_int_equal(arguments_extract_operands(&line.argc, argv, operands), 10);
    assert_string_equal(operands[ARGUMENTS_OPERANDS_MAX - 1], "h");
    assert_int_equal(line.argc, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_stand_in_any_order),
        cmocka_unit_test(what_is_not_the_programs_own_stays),
        cmocka_unit_test(an_option_that_was_not_given_changes_nothing),
        cmocka_unit_test(the_last_of_an_option_wins),
        cmocka_unit_test(an_option_may_have_an_empty_value),
        cmocka_unit_test(an_option_without_its_value_is_told),
        cmocka_unit_test(an_option_that_may_be_repeated_is_taken_one_by_one),
        cmocka_unit_test(more_operands_than_fit_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
