/* Claims about the currencies that a market sells in. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include "actors/host/market_currency.h"

/* A market of euros and of these. */
static struct config *market_with(const char *others)
{
    char setting[64];
    int first;
    struct config *config = config_new();
    (void)snprintf(setting, sizeof setting, "--market.currencies=%s", others);
    char program[] = "test";
    char *const arguments[] = { program, setting };
    assert_int_equal(config_load_arguments(config, 2, arguments, &first), STATUS_OK);
    return config;
}

static void a_market_that_names_none_sells_in_any(void **state)
{
    (void)state;
    CLEANUP(config_destroy) struct config *config = market_with("");
    assert_true(market_sells_in(config, TEXT("EUR")));
    assert_true(market_sells_in(config, TEXT("KWD")));
    assert_true(market_is_own_currency(config, TEXT("EUR")));
    assert_false(market_is_own_currency(config, TEXT("KWD")));
}

static void a_market_that_names_some_sells_in_these_and_its_own(void **state)
{
    (void)state;
    CLEANUP(config_destroy) struct config *config = market_with("USD,JPY, KWD");
    assert_true(market_sells_in(config, TEXT("EUR")));
    assert_true(market_sells_in(config, TEXT("USD")));
    assert_true(market_sells_in(config, TEXT("JPY")));
    assert_true(market_sells_in(config, TEXT("KWD")));
    assert_false(market_sells_in(config, TEXT("GBP")));
}

static void what_is_no_currency_is_never_sold_in(void **state)
{
    (void)state;
    CLEANUP(config_destroy) struct config *any = market_with("");
    CLEANUP(config_destroy) struct config *odd = market_with("usd,XX,ABCD,,EU1");
    const char *const wrong[] = { "", "usd", "XX", "ABC", "ABCD", "EU1", "US", "USDX" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_false(market_sells_in(any, text_of(wrong[i])));
        assert_false(market_sells_in(odd, text_of(wrong[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_market_that_names_none_sells_in_any),
        cmocka_unit_test(a_market_that_names_some_sells_in_these_and_its_own),
        cmocka_unit_test(what_is_no_currency_is_never_sold_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
