/* Claims about cards that guests try out: by network, as they have no account. */
#include "tests/actors/order/order_guests.h"

#define CARD (&market.shop.card)

static int set_up_cards(void **state)
{
    market_setting = "--payment.provider=stripe";
    return set_up_group(state);
}

/* A guest tries a card, which is declined. */
static enum status guest_tries(uint8_t key)
{
    struct guest guest = filled_guest();
    struct order_checkout command = guest_checkout_of(&guest, "try@example.com");
    struct order_group group;
    command.payment =
        (struct order_payment){ .has_card = true, .card = { .payment_method = TEXT("pm_bad") } };
    CARD->begins = PAYMENT_STATUS_FAILED;
    CARD->decline_code = "card_declined";
    CARD->is_there = false;
    const enum status status =
        market_call(&market, nobody, &order_checkout_message, &command, key, &group).status;
    market_settle(&market);
    return status;
}

static void guests_of_a_network_try_no_more_than_so_many_cards(void **state)
{
    (void)state;
    char *some[] = { (char *)"test", (char *)"--payment.declines_max=2", NULL };
    char *usual[] = { (char *)"test", (char *)"--payment.declines_max=20", NULL };
    int first;
    assert_int_equal(config_load_arguments(market.config, 2, some, &first), STATUS_OK);
    market.client = "2001:db8:1:2::7";
    assert_int_equal(guest_tries(201), STATUS_PAYMENT_FAILED);
    assert_int_equal(guest_tries(202), STATUS_PAYMENT_FAILED);
    assert_int_equal(guest_tries(203), STATUS_TOO_MANY_DECLINES);
    market.client = "2001:db8:1:2:9::1"; /* of the same house */
    assert_int_equal(guest_tries(204), STATUS_TOO_MANY_DECLINES);
    market.client = "2001:db8:1:3::7";
    assert_int_equal(guest_tries(205), STATUS_PAYMENT_FAILED);
    market.client = "2001:db8:1:2::7";
    market.shop.market_offset_us += INT64_C(3601) * 1000000;
    assert_int_equal(guest_tries(206), STATUS_PAYMENT_FAILED);
    /* Those that are too old to count have gone with it. */
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".guest_card_try"), 1);
    market.client = NULL;
    assert_int_equal(config_load_arguments(market.config, 2, usual, &first), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(guests_of_a_network_try_no_more_than_so_many_cards, set_up),
    };
    return cmocka_run_group_tests(tests, set_up_cards, tear_down_group);
}
