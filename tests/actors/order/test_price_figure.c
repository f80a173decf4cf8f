/* The figures of the pricing function for 10 lines and 20 promotions: its time is reported, its
 * memory is bounded. */
#include "tests/actors/order/price_case.h"

#include <time.h>

enum { BYTES_MAX = 256 * 1024, BATCHES = 50, BATCH = 200 };

static int64_t processor_ns(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Of two vendors, with all kinds of promotions that apply, two rates, and three ways of sending. */
static struct price_case *usual_case(void)
{
    struct price_case *shop = price_case_new("EUR");
    for (size_t i = 0; i < 10; i++) {
        struct price_line *line =
            price_case_add_line(shop, i % 2, 999 + (int64_t)i * 137, 1 + (int64_t)i % 4);
        line->tax_class = (unsigned)i % 2;
        line->categories_count = PRICE_CASE_CATEGORIES;
        for (size_t k = 0; k < PRICE_CASE_CATEGORIES; k++)
            shop->categories[i][k] = price_case_id('c', i % 3 + k);
        price_case_add_tier(shop, line, 3, 990);
    }
    for (size_t i = 0; i < 20; i++) {
        struct price_promotion *promotion =
            price_case_add_promotion(shop, (enum price_promotion_kind)(i % 4));
        promotion->ppm = 50000;
        promotion->fixed_amount = 100;
        promotion->buy_quantity = 2;
        promotion->bearer = (enum price_bearer)(i % 3);
        promotion->market_ppm = 333333;
        promotion->is_exclusive = i % 5 == 4;
        if (i % 3 == 0)
            promotion->target = (struct price_selection){ .kind = PRICE_SELECT_CATEGORY,
                                                          .category_id = price_case_id('c', 2) };
    }
    price_case_add_rate(shop, 0, 190000);
    price_case_add_rate(shop, 1, 70000);
    for (size_t i = 0; i < 2; i++)
        for (int64_t k = 0; k < 3; k++)
            shop->consignments[i].chosen_method_id =
                price_case_add_method(shop, i, 400 + 100 * k)->id;
    shop->consignments[0].has_choice = shop->consignments[1].has_choice = true;
    shop->request.delivery_tax = PRICE_DELIVERY_TAX_AS_GOODS;
    return shop;
}

/* The best batch: what the work costs when nothing disturbs it. */
static int64_t best_ns(struct price_case *shop)
{
    int64_t best = INT64_MAX;
    for (unsigned i = 0; i < BATCHES; i++) {
        const int64_t start = processor_ns();
        for (unsigned k = 0; k < BATCH; k++)
            assert_int_equal(price_case_try(shop), STATUS_OK);
        const int64_t each = (processor_ns() - start) / BATCH;
        if (each < best) best = each;
    }
    return best;
}

static void ten_lines_and_twenty_promotions_fit_into_a_quarter_of_a_mebibyte(void **state)
{
    (void)state;
    struct price_case *shop = usual_case();
    price_case_price(shop);
    const size_t used = arena_used(shop->arena), entries = shop->result.trace.count;
    const int64_t explained = best_ns(shop);
    shop->request.is_explained = false;
    const int64_t plain = best_ns(shop);
    print_message("10 lines, 20 promotions: %lld ns, explained %lld ns (%zu entries, %zu bytes)\n",
                  (long long)plain, (long long)explained, entries, used);
    assert_in_range(used, 1, BYTES_MAX);
    assert_in_range(entries, 1, price_trace_bound(&shop->request));
    price_case_free(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_lines_and_twenty_promotions_fit_into_a_quarter_of_a_mebibyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
