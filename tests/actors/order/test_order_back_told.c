/* Claims about what buyers are told of money that goes back: by which way, and how much of it goes
 * each. */
#include "tests/actors/order/card_words.h"

/* What the last notice to a buyer has about a way; 0: nothing. */
static int64_t said(const char *kind, const char *way)
{
    char sql[512];
    /* Lengths stand before texts as one byte, which is a backslash and three digits here. */
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce((SELECT replace(substring(t FROM '%s.[0-9]{3}([0-9]+[.][0-9]+) "
                   "EUR'), '.', '')::bigint FROM (SELECT encode(body, 'escape') AS t, at, seq "
                   "FROM host.outbox WHERE number = %u) n WHERE t ~ 'kind.[0-9]{3}%s' "
                   "ORDER BY at DESC, seq DESC LIMIT 1), 0)",
                   way, (unsigned)order_notice_was_raised_message.number, kind);
    return market_number(&market, sql);
}

static void assert_said(const char *kind, int64_t card, int64_t wallet, int64_t by_hand,
                        int64_t waived)
{
    assert_int_equal(said(kind, "to_card"), card);
    assert_int_equal(said(kind, "to_wallet"), wallet);
    assert_int_equal(said(kind, "by_hand"), by_hand);
    assert_int_equal(said(kind, "waived"), waived);
}

/* As a member of the staff; an answer is large. */
static void send_as_staff(const struct message *message, const void *command)
{
    assert_int_equal(market_call(&market, ann, message, command, 0, NULL).status, STATUS_OK);
    market_settle(&market);
}

static void cancel_order(struct uuid order_id)
{
    const struct order_cancel_any_order command = { .order_id = order_id,
                                                    .reason = TEXT("Sold out") };
    send_as_staff(&order_cancel_any_order_message, &command);
}

static void what_a_card_has_paid_is_said_to_go_to_the_card(void **state)
{
    (void)state;
    cancel_order(paid_by_card(60, 2, 2 * PRICE).id);
    assert_said("order_cancelled", 2 * PRICE, 0, 0, 0);
}

static void what_a_wallet_has_paid_is_said_to_go_there(void **state)
{
    (void)state;
    cancel_order(paid_by_card(61, 2, 0).id);
    assert_said("order_cancelled", 0, 2 * PRICE, 0, 0);
}

static void of_card_and_wallet_both_are_said_with_their_amounts(void **state)
{
    (void)state;
    cancel_order(paid_by_card(62, 3, PRICE).id);
    assert_said("order_cancelled", PRICE, 2 * PRICE, 0, 0);
}

/* The card first: the rest of it is the wallet's. */
static void of_a_part_what_goes_of_it_is_said(void **state)
{
    (void)state;
    const struct order_order order = paid_by_card(63, 4, PRICE);
    (void)cancel_units(&order, 2);
    assert_said("order_units_cancelled", PRICE, PRICE, 0, 0);
}

static struct uuid paid_for(uint8_t key)
{
    return paid_by_card(key, 2, 2 * PRICE).id;
}

static void what_staff_refunds_is_said_where_it_goes(void **state)
{
    (void)state;
    const struct order_refund_way ways[] = {
        { ORDER_REFUND_DESTINATION_ORIGINAL, money_make(PRICE, "EUR") },
        { ORDER_REFUND_DESTINATION_WALLET, money_make(PRICE / 2, "EUR") },
    };
    const struct order_refund_order command = { .order_id = paid_for(64),
                                                .has_amount = true,
                                                .amount = money_make(PRICE + PRICE / 2, "EUR"),
                                                .destinations = ways,
                                                .destinations_count = 2,
                                                .reason = TEXT("Sorry") };
    send_as_staff(&order_refund_order_message, &command);
    assert_said("order_refunded", PRICE, PRICE / 2, 0, 0);
    market.shop.wallet.amount -= PRICE / 2; /* it was the card's */
}

static struct order_order paid_one, cancelled;

static void cancel_one(void)
{
    cancelled = cancel_units(&paid_one, 1);
}

static void another_way_is_said(void **state)
{
    (void)state;
    paid_one = paid_by_card(65, 1, PRICE);
    cancel_one();
    const struct uuid refund_id = cancelled.cancellations[0].id;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_FAILED;
    market.shop.cards.code = "expired_or_canceled_card";
    look_again(paid_one.id, refund_id);
    const struct order_redirect_refund command = { .refund_id = refund_id,
                                                   .destination = ORDER_REFUND_TURN_MANUAL,
                                                   .reason = TEXT("The card was closed") };
    send_as_staff(&order_redirect_refund_message, &command);
    assert_said("order_refund_redirected", 0, 0, PRICE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM_OF(what_a_card_has_paid_is_said_to_go_to_the_card),
        CLAIM_OF(what_a_wallet_has_paid_is_said_to_go_there),
        CLAIM_OF(of_card_and_wallet_both_are_said_with_their_amounts),
        CLAIM_OF(of_a_part_what_goes_of_it_is_said),
        CLAIM_OF(what_staff_refunds_is_said_where_it_goes),
        CLAIM_OF(another_way_is_said),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
