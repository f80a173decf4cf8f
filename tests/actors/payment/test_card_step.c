/* Claims about the amounts that orders ask cards for: they are just those that Stripe takes. */
#include "tests/support/cmocka.h"

#include "actors/payment/stripe_amount.h"
#include "messages/card_amount.h"

static void what_orders_ask_for_is_what_stripe_takes(void **state)
{
    (void)state;
    static const char *const currencies[] = { "EUR", "USD", "JPY", "KRW", "VND", "CLP", "XAF",
                                              "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
                                              "ISK", "UGX", "MGA", "HUF", "TWD", "CLF" };
    for (size_t i = 0; i < ARRAY_LENGTH(currencies); i++) {
        const int64_t step = card_amount_step(currencies[i]);
        for (int64_t amount = 0; amount <= 1000; amount++) {
            int64_t theirs;
            const enum status status = stripe_amount_of(money_make(amount, currencies[i]), &theirs);
            assert_int_equal(status == STATUS_OK, amount % step == 0);
            assert_int_equal(card_amount_floor(amount, step), amount - amount % step);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_orders_ask_for_is_what_stripe_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
