/* What no single source of the configuration can decide: limits, computed defaults, test mode. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/config.h"
#include "tests/support/cmocka.h"

static struct config *config;

static int open_config(void **state)
{
    (void)state;
    config = config_new();
    return 0;
}

static int close_config(void **state)
{
    (void)state;
    config_destroy(&config);
    return 0;
}

static void set(const char *argument)
{
    char program[] = "souk", copy[2048];
    (void)snprintf(copy, sizeof copy, "%s", argument);
    char *argv[] = { program, copy, NULL };
    int first;
    assert_int_equal(config_load_arguments(config, 2, argv, &first), STATUS_OK);
}

/* Sets a text of so many letters. */
static void set_letters(const char *option, size_t length)
{
    char argument[2048];
    const size_t head = (size_t)snprintf(argument, sizeof argument, "%s=", option);
    assert_true(head + length < sizeof argument);
    memset(argument + head, 'x', length);
    argument[head + length] = '\0';
    set(argument);
}

static void assert_refused(enum status status, const char *words)
{
    assert_int_equal(config_check(config), status);
    if (strstr(config_problem(config), words) == NULL)
        fail_msg("'%s' does not say '%s'", config_problem(config), words);
}

static void assert_accepted(void)
{
    const enum status status = config_check(config);
    if (status != STATUS_OK) fail_msg("refused: %s", config_problem(config));
}

/* ---- limits ---- */

static void numbers_at_their_limits_are_fine(void **state)
{
    (void)state;
    set("--gateway.header_timeout=2");
    set("--gateway.body_timeout=300");
    assert_accepted();
}

static void number_below_its_limit_is_refused_with_its_unit(void **state)
{
    (void)state;
    set("--gateway.header_timeout=1");
    assert_refused(STATUS_OUT_OF_RANGE, "gateway.header_timeout: '1' is not between 2 and 60 s");
}

static void number_above_its_limit_is_refused(void **state)
{
    (void)state;
    set("--gateway.header_timeout=61");
    assert_refused(STATUS_OUT_OF_RANGE, "gateway.header_timeout: '61'");
}

static void negative_number_is_refused(void **state)
{
    (void)state;
    set("--gateway.body_max=-1");
    assert_refused(STATUS_OUT_OF_RANGE, "gateway.body_max: '-1'");
}

static void duration_counts_in_seconds_however_it_is_written(void **state)
{
    (void)state;
    set("--gateway.header_timeout=1m");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_GATEWAY_HEADER_TIMEOUT), 60);
    set("--gateway.header_timeout=2m");
    assert_refused(STATUS_OUT_OF_RANGE, "'2m' is not between 2 and 60 s");
}

static void text_that_is_too_short_is_refused_in_bytes(void **state)
{
    (void)state;
    set("--market.name=");
    assert_refused(STATUS_OUT_OF_RANGE, "market.name: '' is not between 1 and 60 bytes long");
}

static void text_may_be_as_long_as_its_limit(void **state)
{
    (void)state;
    set_letters("--market.name", 60);
    assert_accepted();
}

static void text_that_is_too_long_is_refused(void **state)
{
    (void)state;
    set_letters("--market.name", 61);
    assert_refused(STATUS_OUT_OF_RANGE, "is not between 1 and 60 bytes long");
}

static void refusal_quotes_no_more_than_a_hundred_bytes(void **state)
{
    (void)state;
    set_letters("--gateway.certificate", 1500);
    assert_refused(STATUS_OUT_OF_RANGE, "gateway.certificate");
    assert_true(strlen(config_problem(config)) < 256);
}

static void data_directory_must_leave_room_for_sockets(void **state)
{
    (void)state;
    set_letters("--data-dir", 81);
    assert_refused(STATUS_OUT_OF_RANGE, "paths.data_dir");
}

static void first_setting_of_the_table_that_is_wrong_is_named(void **state)
{
    (void)state;
    set("--gateway.body_max=1");
    set("--market.name=");
    assert_refused(STATUS_OUT_OF_RANGE, "market.name");
}

/* ---- computed defaults ---- */

static void clear_port_follows_the_port(void **state)
{
    (void)state;
    set("--port=9000");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_GATEWAY_CLEAR_PORT), 9001);
}

static void clear_port_that_is_said_stays(void **state)
{
    (void)state;
    set("--port=9000");
    set("--gateway.clear_port=8000");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_GATEWAY_CLEAR_PORT), 8000);
}

static void highest_port_has_a_clear_one_behind_it(void **state)
{
    (void)state;
    set("--port=65534");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_GATEWAY_CLEAR_PORT), 65535);
}

static void both_ports_the_same_are_refused(void **state)
{
    (void)state;
    set("--port=9000");
    set("--gateway.clear_port=9000");
    assert_refused(STATUS_INVALID_VALUE, "gateway.clear_port and gateway.port are the same");
}

/* ---- test mode ---- */

static void test_mode_hashes_cheaply(void **state)
{
    (void)state;
    set("--test-mode");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_ARGON2_MEMORY_KIB), 8);
    assert_int_equal(config_int(config, SETTING_ARGON2_PASSES), 1);
}

static void what_was_said_about_hashes_holds_in_test_mode_too(void **state)
{
    (void)state;
    set("--test-mode");
    set("--argon2.memory_kib=1024");
    set("--argon2.passes=3");
    assert_accepted();
    assert_int_equal(config_int(config, SETTING_ARGON2_MEMORY_KIB), 1024);
    assert_int_equal(config_int(config, SETTING_ARGON2_PASSES), 3);
}

static void cheap_hashes_are_refused_outside_test_mode(void **state)
{
    (void)state;
    set("--argon2.memory_kib=8");
    assert_refused(STATUS_OUT_OF_RANGE, "argon2.memory_kib: '8'");
}

static void memory_below_eight_is_refused_in_test_mode_too(void **state)
{
    (void)state;
    set("--test-mode");
    set("--argon2.memory_kib=7");
    assert_refused(STATUS_OUT_OF_RANGE, "'7' is not between 8 and");
}

static void durations_may_be_a_second_in_test_mode(void **state)
{
    (void)state;
    set("--test-mode");
    set("--ttl.access_token=1");
    assert_accepted();
    set("--ttl.access_token=0");
    assert_refused(STATUS_OUT_OF_RANGE, "ttl.access_token: '0' is not between 1 and 900 s");
}

static void upper_limits_hold_in_test_mode_too(void **state)
{
    (void)state;
    set("--test-mode");
    set("--ttl.access_token=901");
    assert_refused(STATUS_OUT_OF_RANGE, "ttl.access_token: '901'");
}

/* ---- parts that are checked elsewhere ---- */

static void provider_without_an_issuer_is_refused(void **state)
{
    (void)state;
    set("--oidc_1.name=acme");
    assert_refused(STATUS_INVALID_VALUE, "oidc_1");
}

static void a_market_that_is_paid_by_transfer_says_where_to(void **state)
{
    (void)state;
    set("--market.invoice_payment=known");
    assert_refused(STATUS_INVALID_VALUE, "market.transfer_account");
    set("--market.transfer_account=DE02 1203 0000 0000 2020 51");
    assert_accepted();
}

static void a_providers_key_travels_over_tls_or_stays_on_this_machine(void **state)
{
    (void)state;
    static const char *const urls[] = { "http://api.stripe.com", "http://10.0.0.1:12111",
                                        "https://key@api.stripe.com", "ftp://127.0.0.1", "x" };
    char argument[128];
    set("--payment.stripe_url=http://127.0.0.1:12111");
    assert_accepted(); /* nobody takes cards */
    set("--payment.provider=stripe");
    assert_refused(STATUS_INVALID_VALUE,
                   "payment.stripe_url: 'http://127.0.0.1:12111' is not https");
    set("--payment.play_money=true");
    assert_accepted();
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        (void)snprintf(argument, sizeof argument, "--payment.stripe_url=%s", urls[i]);
        set(argument);
        assert_refused(STATUS_INVALID_VALUE, "is not https");
    }
    set("--payment.stripe_url=https://api.stripe.com");
    set("--payment.play_money=false");
    assert_accepted();
}

static void a_test_key_is_taken_where_money_is_played_only(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        bool is_test;
    } keys[] = { { "sk_test_1\n", true },  { "rk_test_1\n", true }, { "sk_live_1\n", false },
                 { "rk_live_1\n", false }, { "sk", false },         { "", false } };
    char path[] = "/tmp/souk-key-XXXXXX", argument[128];
    const int file = mkstemp(path);
    assert_true(file >= 0);
    (void)snprintf(argument, sizeof argument, "--payment.stripe_key_file=%s", path);
    set("--payment.provider=stripe");
    set(argument);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        const size_t length = strlen(keys[i].key);
        assert_int_equal(ftruncate(file, 0), 0);
        assert_int_equal(pwrite(file, keys[i].key, length, 0), length);
        set("--payment.play_money=false");
        if (keys[i].is_test)
            assert_refused(STATUS_INVALID_VALUE, "payment.stripe_key_file has a test key");
        else
            assert_accepted();
        set("--payment.play_money=true");
        assert_accepted();
    }
    (void)close(file);
    (void)unlink(path);
    set("--payment.play_money=false");
    assert_accepted(); /* what cannot be read is found out by whoever needs it */
}

static void currencies_are_codes_in_capitals(void **state)
{
    (void)state;
    set("--market.currencies=usd");
    assert_refused(STATUS_INVALID_VALUE, "market.currencies");
    set("--market.currencies=USD;JPY");
    assert_refused(STATUS_INVALID_VALUE, "market.currencies");
    set("--market.currencies=USD, JPY,KWD");
    assert_accepted();
    set("--market.currency=eur");
    assert_refused(STATUS_INVALID_VALUE, "market.currency");
}

static void member_without_a_kind_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/souk-config-XXXXXX";
    const char content[] = "[member.west]\nshards = 0-31\n";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, sizeof content - 1), sizeof content - 1);
    (void)close(file);
    assert_int_equal(config_load_file(config, path), STATUS_OK);
    (void)unlink(path);
    assert_refused(STATUS_MISSING_FIELD, "members:");
}

static void checking_twice_changes_nothing(void **state)
{
    (void)state;
    size_t first, second;
    assert_accepted();
    (void)config_members(config, &first);
    assert_accepted();
    (void)config_members(config, &second);
    assert_int_equal(first, second);
}

int main(void)
{
#define FRESH(test) cmocka_unit_test_setup_teardown(test, open_config, close_config)
    const struct CMUnitTest tests[] = {
        FRESH(numbers_at_their_limits_are_fine),
        FRESH(number_below_its_limit_is_refused_with_its_unit),
        FRESH(number_above_its_limit_is_refused),
        FRESH(negative_number_is_refused),
        FRESH(duration_counts_in_seconds_however_it_is_written),
        FRESH(text_that_is_too_short_is_refused_in_bytes),
        FRESH(text_may_be_as_long_as_its_limit),
        FRESH(text_that_is_too_long_is_refused),
        FRESH(refusal_quotes_no_more_than_a_hundred_bytes),
        FRESH(data_directory_must_leave_room_for_sockets),
        FRESH(first_setting_of_the_table_that_is_wrong_is_named),
        FRESH(clear_port_follows_the_port),
        FRESH(clear_port_that_is_said_stays),
        FRESH(highest_port_has_a_clear_one_behind_it),
        FRESH(both_ports_the_same_are_refused),
        FRESH(test_mode_hashes_cheaply),
        FRESH(what_was_said_about_hashes_holds_in_test_mode_too),
        FRESH(cheap_hashes_are_refused_outside_test_mode),
        FRESH(memory_below_eight_is_refused_in_test_mode_too),
        FRESH(durations_may_be_a_second_in_test_mode),
        FRESH(upper_limits_hold_in_test_mode_too),
        FRESH(provider_without_an_issuer_is_refused),
        FRESH(a_market_that_is_paid_by_transfer_says_where_to),
        FRESH(a_providers_key_travels_over_tls_or_stays_on_this_machine),
        FRESH(a_test_key_is_taken_where_money_is_played_only),
        FRESH(currencies_are_codes_in_capitals),
        FRESH(member_without_a_kind_is_refused),
        FRESH(checking_twice_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
