/* Claims about what goes back for some units of a line. Carts by chance are in test_price_chance.c.
 */
#include "tests/support/cmocka.h"

#include "actors/order/refund_share.h"
#include "runtime/arena.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new(4096);
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static struct refund_share share_of(const struct refund_line *line, int64_t before, int64_t units)
{
    struct refund_share share;
    assert_int_equal(refund_share_of(line, before, units, arena, &share), STATUS_OK);
    return share;
}

/* Three of 10.00 less 5.00, of which the market bears 2.00, and 4.75 of tax on top. */
static const struct refund_discount five_off[] = { { .market_amount = 200, .vendor_amount = 300 } };
static const int64_t nineteen_percent[] = { 475 };
static const struct refund_line three_teas = { .quantity = 3,
                                               .unit_amount = 1000,
                                               .discounts = five_off,
                                               .discounts_count = 1,
                                               .taxes = nineteen_percent,
                                               .taxes_count = 1 };

static void units_go_back_one_after_the_other_and_end_at_the_whole(void **state)
{
    (void)state;
    static const int64_t market[] = { 67, 66, 67 }, vendor[] = { 100, 100, 100 },
                         tax[] = { 158, 159, 158 };
    int64_t total = 0;
    for (int64_t i = 0; i < 3; i++) {
        const struct refund_share share = share_of(&three_teas, i, 1);
        assert_int_equal(share.goods, 1000);
        assert_int_equal(share.discounts[0].market_amount, market[i]);
        assert_int_equal(share.discounts[0].vendor_amount, vendor[i]);
        assert_int_equal(share.taxes[0], tax[i]);
        assert_int_equal(share.total, 1000 - market[i] - vendor[i] + tax[i]);
        total += share.total;
    }
    assert_int_equal(total, 3000 - 500 + 475);
}

static void all_at_once_is_the_whole(void **state)
{
    (void)state;
    const struct refund_share share = share_of(&three_teas, 0, 3);
    assert_int_equal(share.goods, 3000);
    assert_int_equal(share.discount, 500);
    assert_int_equal(share.tax, 475);
    assert_int_equal(share.total, 2975);
}

static void portions_side_by_side_are_the_portion_over_both(void **state)
{
    (void)state;
    const int64_t taxes[] = { 77, 13 };
    const struct refund_discount discounts[] = { { 11, 0 }, { 3, 41 } };
    const struct refund_line line = { .quantity = 11,
                                      .unit_amount = 23,
                                      .prices_include_tax = true,
                                      .discounts = discounts,
                                      .discounts_count = 2,
                                      .taxes = taxes,
                                      .taxes_count = 2 };
    for (int64_t a = 0; a < 11; a++)
        for (int64_t b = a + 1; b < 11; b++)
            for (int64_t c = b + 1; c <= 11; c++) {
                const struct refund_share first = share_of(&line, a, b - a),
                                          second = share_of(&line, b, c - b),
                                          both = share_of(&line, a, c - a);
                assert_int_equal(first.total + second.total, both.total);
                assert_int_equal(first.discount + second.discount, both.discount);
                assert_int_equal(first.discounts[1].vendor_amount +
                                     second.discounts[1].vendor_amount,
                                 both.discounts[1].vendor_amount);
                assert_int_equal(first.taxes[0] + second.taxes[0], both.taxes[0]);
            }
}

/* Rounded each for itself, the four amounts would take 1 + 1 + 2 + 1 off the first four units,
 * which cost 4. */
static void what_cost_nothing_gives_nothing_back_at_any_step(void **state)
{
    (void)state;
    const struct refund_discount discounts[] = { { 1, 1 }, { 3, 2 } };
    const struct refund_line line = {
        .quantity = 7, .unit_amount = 1, .discounts = discounts, .discounts_count = 2
    };
    for (int64_t i = 0; i < 7; i++) {
        const struct refund_share share = share_of(&line, i, 1);
        assert_int_equal(share.discount, 1);
        assert_int_equal(share.total, 0);
    }
}

static void included_tax_goes_back_within_the_price(void **state)
{
    (void)state;
    const int64_t taxes[] = { 4, 2 };
    const struct refund_line line = { .quantity = 4,
                                      .unit_amount = 2,
                                      .prices_include_tax = true,
                                      .taxes = taxes,
                                      .taxes_count = 2 };
    int64_t tax = 0;
    for (int64_t i = 0; i < 4; i++) {
        const struct refund_share share = share_of(&line, i, 1);
        assert_int_equal(share.total, 2);
        assert_true(share.tax <= share.total);
        tax += share.tax;
    }
    assert_int_equal(tax, 6);
}

static void exempted_tax_was_never_paid_and_does_not_come_back(void **state)
{
    (void)state;
    const struct refund_line line = {
        .quantity = 2, .unit_amount = 1190, .prices_include_tax = true, .exempted_amount = 380
    };
    assert_int_equal(share_of(&line, 0, 1).total, 1000);
    assert_int_equal(share_of(&line, 1, 1).total, 1000);
}

static void a_delivery_is_a_line_of_one_unit(void **state)
{
    (void)state;
    const int64_t taxes[] = { 76 };
    const struct refund_discount discounts[] = { { 0, 100 } };
    const struct refund_line line = { .quantity = 1,
                                      .unit_amount = 500,
                                      .discounts = discounts,
                                      .discounts_count = 1,
                                      .taxes = taxes,
                                      .taxes_count = 1 };
    assert_int_equal(share_of(&line, 0, 1).total, 500 - 100 + 76);
}

static void units_that_are_not_left_are_refused(void **state)
{
    (void)state;
    static const int64_t wrong[][2] = { { 0, 0 }, { 0, -1 }, { 0, 4 },        { 3, 1 },
                                        { 4, 1 }, { -1, 1 }, { 1, INT64_MAX } };
    struct refund_share share = { .total = 7 };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
        assert_int_equal(refund_share_of(&three_teas, wrong[i][0], wrong[i][1], arena, &share),
                         STATUS_OUT_OF_RANGE);
    assert_int_equal(share.total, 7);
}

static void a_line_that_does_not_add_up_is_refused(void **state)
{
    (void)state;
    struct refund_share share = { .total = 7 };
    const int64_t taxes[] = { 2501 }, negative_tax[] = { -1 };
    const struct refund_discount too_much[] = { { 2000, 1001 } }, negative[] = { { -1, 0 } };
    struct refund_line line = three_teas;
    line.discounts = too_much;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_INVALID_VALUE);
    line.discounts = negative;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_INVALID_VALUE);
    line = three_teas;
    line.exempted_amount = 2501;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_INVALID_VALUE);
    line = three_teas;
    line.taxes = negative_tax;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_INVALID_VALUE);
    line.taxes = taxes;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_OK);
    line.prices_include_tax = true;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_INVALID_VALUE);
    line = three_teas;
    line.unit_amount = INT64_MAX / 2;
    assert_int_equal(refund_share_of(&line, 0, 1, arena, &share), STATUS_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_go_back_one_after_the_other_and_end_at_the_whole),
        cmocka_unit_test(all_at_once_is_the_whole),
        cmocka_unit_test(portions_side_by_side_are_the_portion_over_both),
        cmocka_unit_test(what_cost_nothing_gives_nothing_back_at_any_step),
        cmocka_unit_test(included_tax_goes_back_within_the_price),
        cmocka_unit_test(exempted_tax_was_never_paid_and_does_not_come_back),
        cmocka_unit_test(a_delivery_is_a_line_of_one_unit),
        cmocka_unit_test(units_that_are_not_left_are_refused),
        cmocka_unit_test(a_line_that_does_not_add_up_is_refused),
    };
    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
