/* Claims about explanations: every rule with its reason, and figures that add up. */
#include "tests/actors/order/price_case.h"

static void s24_the_trace_says_what_was_rounded_away(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_s24("EUR", 2499, 644);
    price_case_price(shop);
    const struct price_trace_entry *tax = price_case_entry(shop, PRICE_RULE_TAX, 0);
    assert_non_null(tax);
    assert_int_equal(tax->base, 2499);
    assert_int_equal(tax->factor, 107500);
    assert_int_equal(tax->divisor, PRICE_PPM);
    assert_int_equal(tax->amount, 269);
    assert_int_equal(tax->remainder, -357500); /* 268.6425 = 269 - 0.3575 */
    assert_null(price_case_entry(shop, PRICE_RULE_TAX, 1));
    price_case_free(&shop);
}

static void refused_prices_say_why(void **state)
{
    (void)state;
    struct price_case *shop = price_case_new("EUR");
    struct price_line *line = price_case_add_line(shop, 0, 1000, 10);
    line->has_sale = true;
    line->sale_amount = 950;
    price_case_add_tier(shop, line, 10, 900);
    price_case_add_tier(shop, line, 11, 800);
    price_case_price(shop);
    const enum price_reason not_lowest = PRICE_REASON_NOT_LOWEST;
    assert_int_equal(price_case_entry(shop, PRICE_RULE_LIST_PRICE, 0)->reason, not_lowest);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_SALE_PRICE, 0)->reason, not_lowest);
    const struct price_trace_entry *tier = price_case_entry(shop, PRICE_RULE_TIER_PRICE, 0);
    assert_int_equal(tier->reason, PRICE_REASON_APPLIED);
    tier = price_case_entry(shop, PRICE_RULE_TIER_PRICE, 1);
    assert_int_equal(tier->reason, PRICE_REASON_QUANTITY_TOO_LOW);
    assert_int_equal(tier->object, 1);
    line->sale_period.starts_us = PRICE_CASE_NOW_US + 1;
    price_case_price(shop);
    assert_int_equal(price_case_entry(shop, PRICE_RULE_SALE_PRICE, 0)->reason,
                     PRICE_REASON_NOT_STARTED);
    price_case_free(&shop);
}

static void every_word_of_an_explanation_is_there_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRICE_RULE_COUNT; i++) {
        assert_true(strlen(price_rule_texts[i]) > 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(price_rule_names[i], price_rule_names[k]);
    }
    for (size_t i = 0; i < PRICE_REASON_COUNT; i++) {
        assert_true(strlen(price_reason_texts[i]) > 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(price_reason_names[i], price_reason_names[k]);
    }
    for (size_t i = 0; i < PRICE_PROBLEM_COUNT; i++) {
        assert_true(strlen(price_problem_texts[i]) > 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(price_problem_names[i], price_problem_names[k]);
    }
}

/* What moves money moves the replay; an entry whose figures do not agree is found. */
static void a_trace_that_was_changed_does_not_add_up(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_s24("EUR", 2499, 644);
    price_case_price(shop);
    const size_t count = shop->result.trace.count;
    struct price_trace_entry *entries =
        arena_copy(shop->arena, shop->result.trace.entries, count * sizeof *entries);
    const struct price_trace trace = { .entries = entries, .count = count };
    struct price_replay replay;
    unsigned checked = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].divisor == 0) continue;
        entries[i].amount++;
        assert_int_equal(price_replay(&shop->request, &trace, shop->arena, &replay),
                         STATUS_INVALID_VALUE);
        /* Rounded to something else than the nearest. */
        entries[i].remainder -= entries[i].divisor;
        assert_int_equal(price_replay(&shop->request, &trace, shop->arena, &replay),
                         STATUS_INVALID_VALUE);
        entries[i].remainder += entries[i].divisor;
        entries[i].amount--;
        checked++;
    }
    assert_int_equal(checked, 3); /* goods, tax, its share */
    entries[0].index = 1;
    assert_int_equal(price_replay(&shop->request, &trace, shop->arena, &replay),
                     STATUS_INVALID_VALUE);
    const struct price_trace shorter = { .entries = entries + 2, .count = count - 2 };
    assert_int_equal(price_replay(&shop->request, &shorter, shop->arena, &replay), STATUS_OK);
    assert_int_equal(replay.group.total, 3412 - 2499);
    price_case_free(&shop);
}

static void nobody_wants_a_trace_and_none_is_made(void **state)
{
    (void)state;
    struct price_case *shop = price_case_of_s24("EUR", 2499, 644);
    shop->request.is_explained = false;
    assert_int_equal(price_case_try(shop), STATUS_OK);
    assert_int_equal(shop->result.trace.count, 0);
    assert_int_equal(shop->result.group.sums.total, 3412);
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s24_the_trace_says_what_was_rounded_away),
        cmocka_unit_test(refused_prices_say_why),
        cmocka_unit_test(every_word_of_an_explanation_is_there_once),
        cmocka_unit_test(a_trace_that_was_changed_does_not_add_up),
        cmocka_unit_test(nobody_wants_a_trace_and_none_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
