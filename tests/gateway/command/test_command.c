/* The frame of the operator's programs: which arguments lead where, and what is told. */
#include "gateway/command/command.h"

#include <string.h>
#include <unistd.h>

#include "gateway/command/arguments.h"
#include "tests/gateway/command/market_stage.h"
#include "tests/support/cmocka.h"

static const char usage[] = "usage: souk test --name N\n";

static struct told {
    const char *output, *errors;
    int exit_code;
} told;

static struct arena *arena;
static struct market_stage stage;
static const char *name; /* what the program was told */
static size_t runs;
static struct client *client; /* what it opened */

static bool read_arguments(void *context, int *argc, char **argv)
{
    (void)context;
    return arguments_extract_option(argc, argv, "--name", &name) == STATUS_OK && name != NULL;
}

static int run(void *context, const struct config *config)
{
    (void)context;
    runs++;
    client = command_open_client("souk-test", config);
    const bool is_open = client != NULL;
    client_close(&client);
    return is_open ? 0 : COMMAND_NO_MARKET;
}

static enum status answer(void *context, const struct envelope *request, struct arena *for_reply,
                          struct envelope *ret_reply)
{
    (void)context, (void)request, (void)for_reply, (void)ret_reply;
    return STATUS_UNAVAILABLE;
}

static int make_market(void **state)
{
    (void)state;
    arena = arena_new(4096);
    market_stage_make(&stage, answer, NULL);
    name = NULL;
    runs = 0;
    return 0;
}

static int remove_market(void **state)
{
    (void)state;
    market_stage_remove(&stage);
    arena_destroy(&arena);
    return 0;
}

/* Runs the program with up to three arguments. */
static void command(const char *first, const char *second, const char *third)
{
    const struct command frame = { "souk-test", usage, read_arguments, run, NULL };
    const char *words[] = { "souk-test", first, second, third };
    char *argv[ARRAY_LENGTH(words) + 1] = { NULL };
    int argc = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(words) && words[i] != NULL; i++)
        argv[argc++] = (char *)(uintptr_t)text_string(arena, text_of(words[i]));
    struct capture output = capture_begin(STDOUT_FILENO), errors = capture_begin(STDERR_FILENO);
    told.exit_code = command_main(&frame, argc, argv);
    told.errors = capture_end(&errors, arena);
    told.output = capture_end(&output, arena);
}

static void help_is_printed_whatever_else_is_said(void **state)
{
    (void)state;
    command("--help", NULL, NULL);
    assert_int_equal(told.exit_code, 0);
    assert_string_equal(told.output, usage);
    assert_string_equal(told.errors, "");
    assert_int_equal(runs, 0);
}

static void without_its_arguments_the_usage_is_an_error(void **state)
{
    (void)state;
    command(NULL, NULL, NULL);
    assert_int_equal(told.exit_code, COMMAND_USAGE);
    assert_string_equal(told.errors, usage);
    assert_string_equal(told.output, "");
    assert_int_equal(runs, 0);
}

static void an_unknown_setting_is_named(void **state)
{
    (void)state;
    command("--name=x", "--bogus.setting=1", NULL);
    assert_int_equal(told.exit_code, COMMAND_USAGE);
    assert_non_null(strstr(told.errors, "souk-test: --bogus.setting: "));
    assert_int_equal(runs, 0);
}

static void with_its_arguments_it_runs_and_its_code_is_the_programs(void **state)
{
    (void)state;
    command("--name=x", "--data-dir", stage.data_dir);
    assert_int_equal(runs, 1);
    assert_string_equal(name, "x");
    assert_int_equal(told.exit_code, 0);
    assert_string_equal(told.errors, "");
}

static void a_market_that_is_not_there_is_told_with_its_directory(void **state)
{
    (void)state;
    market_stage_stop(&stage);
    command("--name=x", "--data-dir", stage.data_dir);
    assert_int_equal(runs, 1);
    assert_int_equal(told.exit_code, COMMAND_NO_MARKET);
    assert_string_equal(told.errors,
                        text_string(arena, text_format(arena,
                                                       "souk-test: no market is running in %s "
                                                       "(not_found)\n",
                                                       stage.data_dir)));
}

static const char *printed(enum status status, const struct client_fault *fault)
{
    struct capture errors = capture_begin(STDERR_FILENO);
    command_print_refusal(status, fault);
    return capture_end(&errors, arena);
}

static void a_refusal_is_told_with_its_field_and_its_reason(void **state)
{
    (void)state;
    const struct client_fault fault = { TEXT("/email"), TEXT("It is taken.") };
    assert_string_equal(printed(STATUS_FORBIDDEN, &fault), "forbidden /email: It is taken.\n");
}

static void a_refusal_without_reasons_is_its_name(void **state)
{
    (void)state;
    const struct client_fault fault = { .pointer = { .length = 0 } };
    assert_string_equal(printed(STATUS_FORBIDDEN, &fault), "forbidden\n");
}

static int outage_code;

static const char *outage(enum status status, bool may_be_done)
{
    struct capture errors = capture_begin(STDERR_FILENO);
    outage_code = command_report_outage("souk-test", status, may_be_done);
    return capture_end(&errors, arena);
}

static void silence_before_anything_was_sent_means_that_nothing_was_done(void **state)
{
    (void)state;
    assert_non_null(strstr(outage(STATUS_UNAVAILABLE, false), "no market is running"));
    assert_int_equal(outage_code, COMMAND_NO_MARKET);
    const char *text = outage(STATUS_OVERLOADED, false);
    assert_non_null(strstr(text, "too many programs of operators"));
    assert_null(strstr(text, "no market is running"));
    assert_int_equal(outage_code, COMMAND_NO_MARKET);
}

static void silence_after_a_command_was_sent_is_an_unknown_outcome(void **state)
{
    (void)state;
    static const enum status statuses[] = { STATUS_UNAVAILABLE, STATUS_DEADLINE_EXCEEDED,
                                            STATUS_OVERLOADED, STATUS_STOPPING, STATUS_CONFLICT };
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        const char *text = outage(statuses[i], true);
        assert_non_null(strstr(text, "the outcome is not known"));
        assert_null(strstr(text, "no market is running"));
        assert_int_equal(outage_code, COMMAND_UNKNOWN);
    }
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, make_market, remove_market)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(help_is_printed_whatever_else_is_said),
        CLAIM(without_its_arguments_the_usage_is_an_error),
        CLAIM(an_unknown_setting_is_named),
        CLAIM(with_its_arguments_it_runs_and_its_code_is_the_programs),
        CLAIM(a_market_that_is_not_there_is_told_with_its_directory),
        CLAIM(a_refusal_is_told_with_its_field_and_its_reason),
        CLAIM(a_refusal_without_reasons_is_its_name),
        CLAIM(silence_before_anything_was_sent_means_that_nothing_was_done),
        CLAIM(silence_after_a_command_was_sent_is_an_unknown_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
