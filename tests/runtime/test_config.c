/* Settings: which source wins, and what is refused with which words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config.h"
#include "tests/support/cmocka.h"

static struct config *config;
static char file_path[64];

static int open_config(void **state)
{
    (void)state;
    config = config_new();
    (void)snprintf(file_path, sizeof file_path, "/tmp/souk-test-config-%d", (int)getpid());
    return 0;
}

static int close_config(void **state)
{
    (void)state;
    config_destroy(&config);
    (void)unlink(file_path);
    return 0;
}

static enum status load_file(const char *content)
{
    FILE *file = fopen(file_path, "w");
    assert_non_null(file);
    (void)fputs(content, file);
    (void)fclose(file);
    return config_load_file(config, file_path);
}

static enum status load_argument(const char *argument)
{
    char program[] = "souk", copy[128];
    (void)snprintf(copy, sizeof copy, "%s", argument);
    char *argv[] = { program, copy, NULL };
    int first;
    return config_load_arguments(config, 2, argv, &first);
}

static enum status load_variable(const char *variable)
{
    char copy[256];
    (void)snprintf(copy, sizeof copy, "%s", variable);
    char *environment[] = { copy, NULL };
    return config_load_environment(config, environment);
}

static void assert_problem_says(const char *words)
{
    if (strstr(config_problem(config), words) == NULL)
        fail_msg("'%s' does not say '%s'", config_problem(config), words);
}

static void list_with_a_word_that_is_none_is_refused_at_the_start(void **state)
{
    (void)state;
    assert_int_equal(load_argument("--vendor.checklist= email , second_factor"), STATUS_OK);
    assert_int_equal(load_argument("--vendor.checklist="), STATUS_OK);
    assert_int_equal(load_argument("--vendor.checklist=email,emial"), STATUS_MALFORMED);
    assert_problem_says("vendor.checklist: 'email,emial' is not a list of "
                        "email|profile|shipping|second_factor");
    assert_int_equal(load_argument("--vendor.checklist=Email"), STATUS_MALFORMED);
}

static void defaults_hold_when_nothing_is_said(void **state)
{
    (void)state;
    assert_int_equal(config_check(config), STATUS_OK);
    assert_string_equal(config_text(config, SETTING_MARKET_CURRENCY), "EUR");
    assert_int_equal(config_int(config, SETTING_GATEWAY_PORT), 8443);
    assert_int_equal(config_int(config, SETTING_GATEWAY_CLEAR_PORT), 8444);
    assert_int_equal(config_int(config, SETTING_TTL_REFRESH_TOKEN), 30 * 86400);
    assert_true(config_duration_us(config, SETTING_SAGA_DEADLINE) == 600000000);
    assert_int_equal(config_int(config, SETTING_LOG_LEVEL), 1);
    assert_false(config_bool(config, SETTING_TEST_MODE));
    assert_true(config_text(config, SETTING_PATHS_DATA_DIR)[0] == '/');
    assert_string_equal(config_database(config, "wallet"), "");
    size_t count;
    assert_string_equal(config_members(config, &count)[0].name, "gateway-1");
    assert_int_equal(count, 2);
    assert_string_equal(config_problem(config), "");
}

static void later_source_wins_in_whatever_order_they_are_read(void **state)
{
    (void)state;
    assert_int_equal(load_argument("--store.batch_max=4"), STATUS_OK);
    assert_int_equal(load_variable("SOUK_STORE_BATCH_MAX=3"), STATUS_OK);
    assert_int_equal(load_variable("SOUK_GATEWAY_PORT=9003"), STATUS_OK);
    assert_int_equal(load_file("[store]\nbatch_max = 2\n[gateway]\nport = 9002\nbody_max = 2048\n"),
                     STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OK);
    assert_int_equal(config_int(config, SETTING_STORE_BATCH_MAX), 4);
    assert_int_equal(config_int(config, SETTING_GATEWAY_PORT), 9003);
    assert_int_equal(config_int(config, SETTING_GATEWAY_BODY_MAX), 2048);
}

static void short_forms_and_positionals_are_understood(void **state)
{
    (void)state;
    const char *argv[] = { "souk-node",
                           "--port",
                           "9000",
                           "--data-dir=/srv/souk",
                           "--test-mode",
                           "--log-level=debug",
                           "--database.order=host=db1 dbname=o",
                           "node-1",
                           "--port=1",
                           NULL };
    int first = 0;
    assert_int_equal(config_load_arguments(config, 9, (char *const *)argv, &first), STATUS_OK);
    assert_int_equal(first, 7);
    assert_int_equal(config_int(config, SETTING_GATEWAY_PORT), 9000);
    assert_string_equal(config_text(config, SETTING_PATHS_DATA_DIR), "/srv/souk");
    assert_true(config_bool(config, SETTING_TEST_MODE));
    assert_string_equal(config_text(config, SETTING_LOG_LEVEL), "debug");
    assert_string_equal(config_database(config, "order"), "host=db1 dbname=o");
    assert_false(config_wants_help(config));
    assert_int_equal(load_argument("--help"), STATUS_OK);
    assert_true(config_wants_help(config));
}

static void whole_load_reads_the_file_that_is_named(void **state)
{
    (void)state;
    assert_int_equal(load_file("test_mode = yes\n[member.node-9]\nkind = node\ndomains = wallet\n"
                               "[database]\nwallet = host=/run/pg dbname=w ; comment\n"),
                     STATUS_OK);
    config_destroy(&config);
    config = config_new();
    char option[128];
    (void)snprintf(option, sizeof option, "--config=%s", file_path);
    const char *argv[] = { "souk", option, NULL };
    const char *environment[] = { "SOUK_CONFIG=/nowhere", "HOME=/", "SOUK_OTHER=ignored", NULL };
    int first = 0;
    assert_int_equal(
        config_load(config, 2, (char *const *)argv, (char *const *)environment, &first), STATUS_OK);
    assert_int_equal(first, 2);
    assert_true(config_bool(config, SETTING_TEST_MODE));
    assert_string_equal(config_database(config, "wallet"), "host=/run/pg dbname=w");
    size_t count;
    assert_string_equal(config_members(config, &count)[0].domains[0], "wallet");
    assert_int_equal(count, 1);
}

static void unknown_keys_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_int_equal(load_file("# comment\n[gateway]\n\nprot = 1\n"), STATUS_UNKNOWN_FIELD);
    assert_problem_says(":4: there is no setting 'gateway.prot'");
    assert_problem_says(file_path);
    assert_int_equal(load_variable("SOUK_GATEWAY_PROT=1"), STATUS_UNKNOWN_FIELD);
    assert_problem_says("environment SOUK_GATEWAY_PROT: there is no such setting");
    assert_int_equal(load_argument("--gateway.prot=1"), STATUS_UNKNOWN_FIELD);
    assert_problem_says("--gateway.prot: there is no setting 'gateway.prot'");
}

static void malformed_values_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_int_equal(load_file("[gateway]\nport = many\n"), STATUS_MALFORMED);
    assert_problem_says(":2: gateway.port: 'many' is not a whole number");
    assert_int_equal(load_argument("--ttl.hold=3w"), STATUS_MALFORMED);
    assert_problem_says("--ttl.hold: ttl.hold: '3w' is not a duration");
    assert_int_equal(load_argument("--ttl.hold=9223372036854775807d"), STATUS_MALFORMED);
    assert_int_equal(load_argument("--test-mode=maybe"), STATUS_MALFORMED);
    assert_int_equal(load_argument("--log.level=loud"), STATUS_MALFORMED);
    assert_problem_says("'loud' is not debug|info|warning|error");
    assert_int_equal(load_argument("--port"), STATUS_MALFORMED);
    assert_problem_says("a value is missing");
    assert_int_equal(load_file("[gateway]\nthis is no line of ours\n"), STATUS_MALFORMED);
    assert_problem_says(":2: neither [section] nor key = value");
    assert_int_equal(load_file("[member.n]\nshards = 70\n"), STATUS_MALFORMED);
    assert_problem_says(":2: shards are a number or a range from 0 to 63");
    assert_int_equal(config_load_file(config, "/nowhere/souk.conf"), STATUS_UNAVAILABLE);
}

static void value_out_of_range_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(load_file("\n[gateway]\nport = 70000\n"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OUT_OF_RANGE);
    assert_problem_says(":3: gateway.port: '70000' is not between 1 and 65534 port");
    assert_int_equal(load_argument("--port=8443"), STATUS_OK);
    assert_int_equal(load_argument("--market.currency=EURO"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OUT_OF_RANGE);
    assert_problem_says("--market.currency");
}

static void setting_given_twice_in_a_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(load_file("[log]\nlevel = info\nlevel = debug\n"), STATUS_DUPLICATE_FIELD);
    assert_problem_says(":3: log.level is set twice, first at ");
}

static void lines_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    static char content[CONFIG_LINE_MAX * 2];
    memset(content, 'x', sizeof content - 1);
    memcpy(content, "[database]\nwallet = ", 20);
    assert_int_equal(load_file(content), STATUS_MALFORMED);
    assert_problem_says(":2: the line is too long");
    memset(content, 'x', sizeof content - 1);
    memcpy(content, "[database]\nwallet = ", 20);
    content[CONFIG_LINE_MAX - 100] = '\0'; /* a long connection string is fine */
    assert_int_equal(load_file(content), STATUS_OK);
    assert_int_equal(strlen(config_database(config, "wallet")), CONFIG_LINE_MAX - 120);
}

static void test_mode_allows_short_lives_and_cheap_hashes(void **state)
{
    (void)state;
    assert_int_equal(load_argument("--ttl.access_token=2s"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OUT_OF_RANGE);
    assert_int_equal(config_int(config, SETTING_ARGON2_MEMORY_KIB), 19456);
    assert_int_equal(load_argument("--test-mode"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OK);
    assert_int_equal(config_int(config, SETTING_TTL_ACCESS_TOKEN), 2);
    assert_int_equal(config_int(config, SETTING_ARGON2_MEMORY_KIB), 8);
    assert_int_equal(config_int(config, SETTING_ARGON2_PASSES), 1);
}

static void what_is_never_done_is_never_done_in_test_mode_either(void **state)
{
    (void)state;
    static const char *const settings[] = { "--cart.reminder=0", "--market.transfer_reminder=0",
                                            "--market.payment_undo=0" };
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
        assert_int_equal(load_argument(settings[i]), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OK);
    assert_int_equal(load_argument("--test-mode"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OK);
    assert_int_equal(load_argument("--ttl.access_token=0"), STATUS_OK);
    assert_int_equal(config_check(config), STATUS_OUT_OF_RANGE);
}

static void help_lists_every_setting(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    config_help(file);
    (void)fclose(file);
    assert_non_null(strstr(text, "--gateway.port"));
    assert_non_null(strstr(text, "--password.checks_max"));
    assert_non_null(strstr(text, "[member.<name>]"));
    free(text);
}

static void files_that_settings_name_are_listed(void **state)
{
    (void)state;
    static char settings[][40] = { "souk", "--gateway.key=/k", "--config=/c",
                                   "--gateway.access_log=/a", "--oidc_4.client_secret_file=/s" };
    char *arguments[ARRAY_LENGTH(settings) + 1] = { NULL };
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++)
        arguments[i] = settings[i];
    int first;
    assert_int_equal(config_load_arguments(config, 5, arguments, &first), STATUS_OK);
    static const char *const wanted[] = { "gateway.key", "/k",       "oidc_4.client_secret_file",
                                          "/s",          "--config", "/c" };
    const char *key, *path;
    size_t place = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i += 2) {
        assert_true(config_next_file(config, &place, &key, &path));
        assert_string_equal(key, wanted[i]);
        assert_string_equal(path, wanted[i + 1]);
    }
    assert_false(config_next_file(config, &place, &key, &path));
    assert_false(config_next_file(config, &place, &key, &path));
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, open_config, close_config)
    const struct CMUnitTest tests[] = {
        FRESH(list_with_a_word_that_is_none_is_refused_at_the_start),
        FRESH(defaults_hold_when_nothing_is_said),
        FRESH(later_source_wins_in_whatever_order_they_are_read),
        FRESH(short_forms_and_positionals_are_understood),
        FRESH(whole_load_reads_the_file_that_is_named),
        FRESH(unknown_keys_are_refused_with_their_place),
        FRESH(malformed_values_are_refused_with_their_place),
        FRESH(value_out_of_range_is_refused_with_its_place),
        FRESH(setting_given_twice_in_a_file_is_refused),
        FRESH(lines_beyond_the_limit_are_refused),
        FRESH(test_mode_allows_short_lives_and_cheap_hashes),
        FRESH(what_is_never_done_is_never_done_in_test_mode_either),
        FRESH(help_lists_every_setting),
        FRESH(files_that_settings_name_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
