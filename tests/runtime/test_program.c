/* What every main() does alike: which exit code, and which member this process is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/program.h"
#include "tests/support/cmocka.h"

enum { ARGUMENTS_MAX = 6, OUTPUT_MAX = 65536 };

struct stage {
    const char *arguments[ARGUMENTS_MAX + 1];
    int count;
    int runs;
    int exit_code; /* that run() gives */
    char data_dir[64];
    char *output; /* of the last call, both streams */
    size_t output_length;
};

static struct stage stage;

static int open_stage(void **state)
{
    (void)state;
    stage = (struct stage){ .arguments = { "souk-test", "--config=/dev/null" }, .count = 2 };
    stage.output = malloc(OUTPUT_MAX);
    return stage.output != NULL ? 0 : -1;
}

static int close_stage(void **state)
{
    (void)state;
    free(stage.output);
    return 0;
}

static void argue(const char *argument)
{
    assert_true(stage.count < ARGUMENTS_MAX);
    stage.arguments[stage.count++] = argument;
}

static int run(const struct config *config, void *context)
{
    assert_ptr_equal(context, &stage);
    stage.runs++;
    (void)snprintf(stage.data_dir, sizeof stage.data_dir, "%s",
                   config_text(config, SETTING_PATHS_DATA_DIR));
    return stage.exit_code;
}

/* Calls program_main() with both outputs in a file, which is read afterwards. */
static int main_with_output(int (*function)(const struct config *config, void *context))
{
    char copies[ARGUMENTS_MAX][64];
    char *argv[ARGUMENTS_MAX + 1] = { NULL };
    for (int i = 0; i < stage.count; i++) {
        (void)snprintf(copies[i], sizeof copies[i], "%s", stage.arguments[i]);
        argv[i] = copies[i];
    }
    (void)fflush(stdout);
    FILE *file = tmpfile();
    assert_non_null(file);
    const int output = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
    (void)dup2(fileno(file), STDOUT_FILENO);
    (void)dup2(fileno(file), STDERR_FILENO);
    const int exit_code =
        program_main("souk-test", "for tests", stage.count, argv, function, &stage);
    (void)fflush(stdout);
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(error, STDERR_FILENO);
    (void)close(output);
    (void)close(error);
    rewind(file);
    stage.output_length = fread(stage.output, 1, OUTPUT_MAX - 1, file);
    stage.output[stage.output_length] = '\0';
    (void)fclose(file);
    return exit_code;
}

static void program_runs_with_what_its_arguments_say(void **state)
{
    (void)state;
    argue("--data-dir=/srv/market");
    assert_int_equal(main_with_output(run), 0);
    assert_int_equal(stage.runs, 1);
    assert_string_equal(stage.data_dir, "/srv/market");
    assert_int_equal(stage.output_length, 0);
}

static void exit_code_is_what_run_gives(void **state)
{
    (void)state;
    stage.exit_code = 75;
    assert_int_equal(main_with_output(run), 75);
}

static void help_is_printed_and_nothing_runs(void **state)
{
    (void)state;
    argue("--help");
    assert_int_equal(main_with_output(run), 0);
    assert_int_equal(stage.runs, 0);
    assert_memory_equal(stage.output, "souk-test: for tests\n\n", 22);
    assert_non_null(strstr(stage.output, "--paths.data_dir"));
}

/* Nothing ran, and a log line says why. */
static void assert_refused(const char *problem)
{
    assert_int_equal(main_with_output(run), PROGRAM_EXIT_USAGE);
    assert_int_equal(stage.runs, 0);
    assert_non_null(strstr(stage.output, "\"configuration_refused\""));
    if (strstr(stage.output, problem) == NULL)
        fail_msg("'%s' does not say '%s'", stage.output, problem);
}

static void setting_that_is_none_is_wrong_usage(void **state)
{
    (void)state;
    argue("--gateway.prot=1");
    assert_refused("there is no setting 'gateway.prot'");
}

static void value_beyond_its_limits_is_wrong_usage(void **state)
{
    (void)state;
    argue("--port=70000");
    assert_refused("is not between 1 and 65534");
}

static void argument_that_is_no_option_is_wrong_usage(void **state)
{
    (void)state;
    argue("node-1");
    assert_refused("unexpected argument");
}

static void file_that_is_not_there_is_wrong_usage(void **state)
{
    (void)state;
    stage.arguments[1] = "--config=/nowhere/souk.conf";
    assert_refused("/nowhere/souk.conf");
}

static void help_wins_over_what_is_wrong(void **state)
{
    (void)state;
    argue("--help");
    argue("node-1");
    assert_int_equal(main_with_output(run), 0);
    assert_int_equal(stage.runs, 0);
}

/* ---- the member that this process is ---- */

static char found[MEMBER_NAME_MAX + 1]; /* by look_up_node(); "" for none */

static int look_up_node(const struct config *config, void *context)
{
    (void)context;
    const struct config_member *member = program_member(config, MEMBER_NODE);
    (void)snprintf(found, sizeof found, "%s", member != NULL ? member->name : "");
    return 0;
}

/* A configuration file with a gateway and two nodes. */
static const char *site_of_three(void)
{
    static char option[64];
    char path[] = "/tmp/souk-program-XXXXXX";
    const char content[] = "[member.gate]\nkind = gateway\n"
                           "[member.west]\nkind = node\nshards = 0-31\n"
                           "[member.east]\nkind = node\nshards = 32-63\n";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, sizeof content - 1), sizeof content - 1);
    (void)close(file);
    (void)snprintf(option, sizeof option, "--config=%s", path);
    return option;
}

/* Which node a program that is given `argument` takes itself for. */
static void assert_node_is(const char *argument, const char *expected)
{
    stage.arguments[1] = site_of_three();
    if (argument != NULL) argue(argument);
    assert_int_equal(main_with_output(look_up_node), 0);
    (void)unlink(stage.arguments[1] + strlen("--config="));
    assert_string_equal(found, expected);
}

static void process_that_is_not_named_is_the_first_of_its_kind(void **state)
{
    (void)state;
    assert_node_is(NULL, "west");
}

static void process_is_the_member_that_it_is_told(void **state)
{
    (void)state;
    assert_node_is("--member=east", "east");
}

static void member_of_another_kind_is_none_and_logged(void **state)
{
    (void)state;
    assert_node_is("--member=gate", "");
    assert_non_null(strstr(stage.output, "\"member_unknown\""));
}

static void member_that_the_site_lacks_is_none_and_logged(void **state)
{
    (void)state;
    assert_node_is("--member=north", "");
    assert_non_null(strstr(stage.output, "\"north\""));
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(program_runs_with_what_its_arguments_say),
        STAGED(exit_code_is_what_run_gives),
        STAGED(help_is_printed_and_nothing_runs),
        STAGED(setting_that_is_none_is_wrong_usage),
        STAGED(value_beyond_its_limits_is_wrong_usage),
        STAGED(argument_that_is_no_option_is_wrong_usage),
        STAGED(file_that_is_not_there_is_wrong_usage),
        STAGED(help_wins_over_what_is_wrong),
        STAGED(process_that_is_not_named_is_the_first_of_its_kind),
        STAGED(process_is_the_member_that_it_is_told),
        STAGED(member_of_another_kind_is_none_and_logged),
        STAGED(member_that_the_site_lacks_is_none_and_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
