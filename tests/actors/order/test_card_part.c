/* Claims about what a card pays of a checkout, and of each of its orders, in currencies of which
 * cards know fewer decimals. */
#include "tests/support/cmocka.h"

#include "actors/order/order.h"

static const struct order_payment_terms all_terms = { .has_wallet = true,
                                                      .has_card = true,
                                                      .may_use = { true, true, true } };

/* Of Kuwaiti dinars cards know two decimals of three; the wallet pays the rest. */
static void a_card_pays_amounts_that_cards_know(void **state)
{
    (void)state;
    static const struct {
        const char *currency;
        int64_t wallet, card; /* 0: refused */
    } cases[] = { { "KWD", 0, 0 },    { "KWD", 5, 1000 }, { "KWD", 4, 0 },    { "BHD", 5, 1000 },
                  { "JPY", 0, 1005 }, { "JPY", 4, 1001 }, { "MGA", 5, 1000 }, { "MGA", 15, 0 } };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *pointer = NULL;
        const struct money total = money_make(1005, cases[i].currency);
        struct order_checkout checkout = {
            .payment = { .has_card = true, .card = { .payment_method = TEXT("pm_ok") } },
        };
        struct order_paid_parts parts;
        checkout.expected_total = total;
        checkout.payment.has_wallet = true;
        checkout.payment.wallet = money_make(cases[i].wallet, cases[i].currency);
        const enum status status =
            order_check_payment(&checkout, total, all_terms, &parts, &pointer);
        assert_int_equal(status, cases[i].card == 0 ? STATUS_INVALID_VALUE : STATUS_OK);
        if (status == STATUS_OK)
            assert_int_equal(parts.card.amount, cases[i].card);
        else
            assert_string_equal(pointer, "/payment/card");
    }
}

static void assert_card_shares(const char *currency, int64_t card, const int64_t totals[3],
                               const int64_t expected[3])
{
    static const int64_t owed[3] = { 0 };
    struct order_split *split = test_calloc(1, sizeof *split);
    int64_t sum = 0, amounts[ORDER_PARTS_MAX];
    split->parts_count = 3;
    for (size_t i = 0; i < 3; i++) {
        split->parts[i].total = money_make(totals[i], currency);
        sum += totals[i];
    }
    const struct order_checkout_data checkout = { .total = money_make(sum, currency),
                                                  .has_card_amount = true,
                                                  .card_amount = money_make(card, currency) };
    assert_int_equal(order_share_card(&checkout, split, owed, amounts), STATUS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(amounts[i], expected[i]);
    test_free(split);
}

/* By largest remainder, in steps that can go back to a card where the wallet leaves room for that,
 * and otherwise to the last unit. */
static void each_orders_share_of_a_card_can_go_back_to_it_if_that_can_be(void **state)
{
    (void)state;
    const int64_t thirds[] = { 1005, 1005, 1005 };
    assert_card_shares("KWD", 3000, thirds, (const int64_t[]){ 1000, 1000, 1000 });
    assert_card_shares("KWD", 2000, thirds, (const int64_t[]){ 670, 670, 660 });
    assert_card_shares("KWD", 10, thirds, (const int64_t[]){ 10, 0, 0 });
    assert_card_shares("KWD", 3010, thirds, (const int64_t[]){ 1004, 1003, 1003 });
    assert_card_shares("JPY", 2000, thirds, (const int64_t[]){ 667, 667, 666 });
    assert_card_shares("EUR", 3015, thirds, thirds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_pays_amounts_that_cards_know),
        cmocka_unit_test(each_orders_share_of_a_card_can_go_back_to_it_if_that_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
