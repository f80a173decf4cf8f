/* Claims about money of a card that a bank holds, or has taken back: staff gives it back nowhere
 * else; and about who has no wallet to give it back to. */
#include "tests/actors/order/approval_words.h"

static struct answer refund_as(struct uuid who, const struct order_refund_order *command,
                               struct order_order *ret_order)
{
    const struct answer answer =
        market_call(&market, who, &order_refund_order_message, command, 0, ret_order);
    market_settle(&market);
    return answer;
}

static struct order_refund_order of_amount(struct uuid order_id, int64_t amount)
{
    return (struct order_refund_order){ .order_id = order_id,
                                        .has_amount = true,
                                        .amount = money_make(amount, "EUR"),
                                        .reason = TEXT("Sorry for the trouble") };
}

static struct order_refund_way way(enum order_refund_destination destination, int64_t amount)
{
    return (struct order_refund_way){ destination, money_make(amount, "EUR") };
}

static void assert_refused(struct answer answer, enum status status, const char *pointer,
                           int64_t available)
{
    assert_int_equal(answer.status, status);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_true(text_equals_string(answer.problem.errors[0].pointer, pointer));
    if (available < 0) return;
    assert_true(answer.problem.errors[0].has_available);
    assert_int_equal(answer.problem.errors[0].available, available);
}

/* ---- what a bank holds ---- */

static struct order_refund_order elsewhere(struct uuid order_id, const struct order_refund_way *way)
{
    struct order_refund_order command = of_amount(order_id, way->amount.amount);
    command.destinations = way;
    command.destinations_count = 1;
    return command;
}

/* 50.00 by card, 40.00 of them disputed: 10.00 may go elsewhere, once. */
static void what_a_bank_holds_is_not_given_back_elsewhere(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(247, 5, 5 * PRICE);
    const struct order_refund_way two[] = { way(ORDER_REFUND_DESTINATION_WALLET, 2 * PRICE),
                                            way(ORDER_REFUND_DESTINATION_MANUAL, 2 * PRICE) };
    const struct order_refund_way one[] = { way(ORDER_REFUND_DESTINATION_WALLET, PRICE),
                                            way(ORDER_REFUND_DESTINATION_MANUAL, PRICE) };
    struct order_refund_order command;
    market.shop.cards.disputed = 4 * PRICE;
    for (size_t i = 0; i < ARRAY_LENGTH(two); i++) {
        command = elsewhere(order.id, &two[i]);
        assert_refused(refund_as(ann, &command, NULL), STATUS_REFUND_EXCEEDS_CAPTURED,
                       "/destinations", PRICE);
    }
    assert_int_equal(seen(order.id).version, order.version);
    command = elsewhere(order.id, &one[0]);
    assert_int_equal(refund_as(ann, &command, NULL).status, STATUS_OK);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + PRICE);
    for (size_t i = 0; i < ARRAY_LENGTH(one); i++) {
        command = elsewhere(order.id, &one[i]);
        assert_refused(refund_as(ann, &command, NULL), STATUS_REFUND_EXCEEDS_CAPTURED,
                       "/destinations", 0);
    }
    market.shop.wallet.amount -= PRICE;
}

/* The payment is that of all orders of a checkout, and knows nothing of what went to a wallet. */
static void what_other_orders_of_the_payment_had_elsewhere_counts(void **state)
{
    (void)state;
    struct order_group group;
    const struct order_cart cart = filled_cart();
    const struct order_refund_way to_wallet = way(ORDER_REFUND_DESTINATION_WALLET, 300);
    assert_int_equal(check_out(&cart, 254, &group).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(group.orders_count, 2);
    const int64_t paid = group.orders[0].totals.total.amount + group.orders[1].totals.total.amount;
    write_card(group.id, 100);
    (void)scratch_sql(
        market.scratch, "order",
        "UPDATE \"order\".vendor_order o SET card_amount = o.total WHERE o.card_amount = 100 "
        "AND o.group_id IN (SELECT g.id FROM \"order\".order_group g WHERE g.card_amount = 100);"
        "UPDATE \"order\".order_group SET card_amount = total WHERE card_amount = 100");
    market.shop.cards.captured = paid;
    market.shop.cards.disputed = paid - 400;
    struct order_refund_order command = elsewhere(group.orders[0].id, &to_wallet);
    assert_int_equal(refund_as(ann, &command, NULL).status, STATUS_OK);
    command = elsewhere(group.orders[1].id, &to_wallet);
    assert_refused(refund_as(ann, &command, NULL), STATUS_REFUND_EXCEEDS_CAPTURED, "/destinations",
                   100);
}

/* A part of it is on its way to the card: what waits is seen, and credited when the bank lets go.
 */
static void a_credit_beside_a_cards_part_waits_for_the_bank(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(255, 2, 2 * PRICE);
    const struct order_refund_way ways[] = { way(ORDER_REFUND_DESTINATION_ORIGINAL, 500),
                                             way(ORDER_REFUND_DESTINATION_WALLET, 700) };
    struct order_refund_order command = of_amount(order.id, 1200);
    struct order_order reply;
    command.destinations = ways;
    command.destinations_count = ARRAY_LENGTH(ways);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_int_equal(refund_as(ann, &command, &reply).status, STATUS_OK);
    const struct uuid refund_id = reply.refunds[0].id;
    market.shop.cards.disputed = 2 * PRICE - 500;
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    struct order_order read = seen(order.id);
    assert_int_equal(read.refunds[0].card.amount.amount, 500);
    assert_true(text_equals_string(read.refunds[0].card.code, "refund_exceeds_captured"));
    market.shop.cards.disputed = 0;
    look_again(order.id, refund_id);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + 700);
    read = seen(order.id);
    assert_int_equal(read.refunds[0].card.code.length, 0);
    market.shop.wallet.amount -= 700;
}

/* The card gets 5.00 and the wallet should get 7.00, of 20.00 of which the bank has taken so much.
 */
static struct order_refund after_a_dispute(uint8_t key, int64_t disputed, int64_t lost)
{
    const struct order_order order = delivered_by_card(key, 2, 2 * PRICE);
    const struct order_refund_way ways[] = { way(ORDER_REFUND_DESTINATION_ORIGINAL, 500),
                                             way(ORDER_REFUND_DESTINATION_WALLET, 700) };
    struct order_refund_order command = of_amount(order.id, 1200);
    static struct order_order reply;
    command.destinations = ways;
    command.destinations_count = ARRAY_LENGTH(ways);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_transfer_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1 });
    assert_int_equal(refund_as(ann, &command, &reply).status, STATUS_OK);
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    market.shop.cards.disputed = disputed;
    market.shop.cards.lost = lost;
    for (size_t i = 0; i < 3; i++)
        look_again(order.id, reply.refunds[0].id);
    static struct order_order read;
    read = seen(order.id);
    assert_int_equal(read.payment_status, lost == disputed ? ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED
                                                           : ORDER_PAYMENT_STATUS_REFUND_PENDING);
    return read.refunds[0];
}

static void a_credit_is_closed_when_the_dispute_is_lost(void **state)
{
    (void)state;
    const struct order_refund refund = after_a_dispute(150, 1500, 1500);
    assert_int_equal(refund.card.amount.amount, 500);
    assert_int_equal(refund.card.by_bank.amount, 700);
    assert_int_equal(refund.refunded.amount, 0);
    assert_int_equal(refund.card.code.length, 0);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    assert_int_equal(number_of("\"order\".refund_credit WHERE refund_id", refund.id), 0);
    assert_true(market_number(&market, "SELECT count(*) FROM \"order\".order_history "
                                       "WHERE note = 'charged_back'") > 0);
}

/* The bank has taken 10.00: 5.00 of the 7.00 are there. */
static void what_is_left_of_a_credit_is_made_when_the_dispute_is_lost(void **state)
{
    (void)state;
    const struct order_refund refund = after_a_dispute(151, 1000, 1000);
    assert_int_equal(refund.card.amount.amount, 500);
    assert_int_equal(refund.card.by_bank.amount, 200);
    assert_int_equal(refund.refunded.amount, 500);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + 500);
    market.shop.wallet.amount -= 500;
}

static void a_credit_waits_while_another_dispute_is_open(void **state)
{
    (void)state;
    const struct order_refund refund = after_a_dispute(152, 1500, 1400);
    assert_false(refund.card.has_by_bank);
    assert_int_equal(refund.refunded.amount, 700);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

static void who_is_blocked_or_gone_has_no_wallet_to_refund_to(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(229, 2, 2 * PRICE);
    const struct order_refund_way to_wallet = way(ORDER_REFUND_DESTINATION_WALLET, PRICE);
    const struct order_refund_order command = elsewhere(order.id, &to_wallet);
    market.shop.is_shopper_blocked = true;
    assert_refused(refund_as(ann, &command, NULL), STATUS_INVALID_VALUE,
                   "/destinations/0/destination", -1);
    market.shop.is_shopper_blocked = false;
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
}

/* ---- in twos ---- */

static void what_a_bank_takes_before_another_one_approves_is_not_made(void **state)
{
    (void)state;
    const struct order_order order = delivered_by_card(248, 2, 2 * PRICE);
    const struct order_refund_way to_wallet = way(ORDER_REFUND_DESTINATION_WALLET, PRICE);
    const struct order_refund_order command = elsewhere(order.id, &to_wallet);
    struct order_order reply;
    set("--market.refund_approval_from=500");
    assert_int_equal(refund_as(bob, &command, &reply).http_status, 202);
    market.shop.cards.disputed = 2 * PRICE;
    assert_refused(approve(ann, reply.approvals[0].id, NULL), STATUS_REFUND_EXCEEDS_CAPTURED,
                   "/destinations", 0);
    assert_int_equal(decline(ann, reply.approvals[0].id).status, STATUS_OK);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    set("--market.refund_approval_from=0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM_OF(what_a_bank_holds_is_not_given_back_elsewhere),
        CLAIM_OF(what_other_orders_of_the_payment_had_elsewhere_counts),
        CLAIM_OF(a_credit_beside_a_cards_part_waits_for_the_bank),
        CLAIM_OF(a_credit_is_closed_when_the_dispute_is_lost),
        CLAIM_OF(what_is_left_of_a_credit_is_made_when_the_dispute_is_lost),
        CLAIM_OF(a_credit_waits_while_another_dispute_is_open),
        CLAIM_OF(who_is_blocked_or_gone_has_no_wallet_to_refund_to),
        CLAIM_OF(what_a_bank_takes_before_another_one_approves_is_not_made),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
