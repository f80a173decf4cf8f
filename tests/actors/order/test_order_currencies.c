/* Claims about money back to cards in currencies without, or with three, decimals: a card gets what
 * cards know of an amount, its buyer the rest in another way, and what makes no sense is refused
 * before anything happens. */
#include "tests/actors/order/card_words.h"

#include <string.h>

enum { DEAR = 1005 };

/* So many teapots, all of which the card has paid, in that currency. */
static struct order_order paid_in(const char *currency, uint8_t key, int64_t quantity)
{
    char sql[256];
    market.shop.variants[TEAPOT].price = DEAR;
    const struct order_order order = paid_by_card(key, quantity, quantity * DEAR);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE \"order\".order_group SET currency = '%s';"
                   "UPDATE \"order\".vendor_order SET currency = '%s'",
                   currency, currency);
    (void)scratch_sql(market.scratch, "order", sql);
    return seen(order.id);
}

/* It is one order's again, for what is checked of all of them. */
static void forget_currency(void)
{
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".order_group SET currency = 'EUR';"
                      "UPDATE \"order\".vendor_order SET currency = 'EUR'");
}

static struct answer refund(const struct order_order *order, int64_t amount, const char *currency,
                            const struct order_refund_way *way, struct order_order *ret_order)
{
    const struct order_refund_order command = { .order_id = order->id,
                                                .has_amount = true,
                                                .amount = money_make(amount, currency),
                                                .destinations = way,
                                                .destinations_count = way != NULL,
                                                .reason = TEXT("Scratched") };
    const struct answer answer =
        market_call(&market, ann, &order_refund_order_message, &command, 0, ret_order);
    market_settle(&market);
    return answer;
}

static void assert_refused(struct answer answer, const char *pointer, int64_t available)
{
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_int_equal(answer.problem.errors_count, 1);
    assert_true(text_equals_string(answer.problem.errors[0].pointer, pointer));
    assert_int_equal(answer.problem.errors[0].available, available);
}

static void units_in_dinars_go_to_the_card_but_for_the_last_digit(void **state)
{
    (void)state;
    const struct order_order order = paid_in("KWD", 150, 3);
    const struct order_order first = cancel_units(&order, 1);
    assert_int_equal(first.cancellations[0].card.amount.amount, 1000);
    assert_int_equal(first.cancellations[0].refunded.amount, 5);
    const struct order_order last = cancel_units(&order, 2);
    assert_int_equal(last.cancellations[1].card.amount.amount, 2010);
    assert_int_equal(last.cancellations[1].refunded.amount, 0);
    look_again(order.id, first.cancellations[0].id);
    assert_int_equal(market.shop.cards.given_back, 3010);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + 5);
    const struct order_order read = seen(order.id);
    assert_int_equal(read.card_refunded.amount + read.refunded.amount, 3 * DEAR);
    market.shop.wallet.amount -= 5; /* the card's */
    forget_currency();
}

static void an_amount_that_no_card_knows_is_refused_or_goes_another_way(void **state)
{
    (void)state;
    const struct order_order order = paid_in("KWD", 151, 1);
    struct order_order reply;
    assert_refused(refund(&order, 335, "KWD", NULL, NULL), "/amount", 330);
    assert_refused(refund(&order, 5, "KWD", NULL, NULL), "/amount", 0);
    const struct order_refund_way to_card = { ORDER_REFUND_DESTINATION_ORIGINAL,
                                              money_make(335, "KWD") };
    assert_refused(refund(&order, 335, "KWD", &to_card, NULL), "/destinations/0/amount", 330);
    assert_int_equal(seen(order.id).refunds_count, 0);
    assert_int_equal(refund(&order, DEAR + 1, "KWD", NULL, NULL).status,
                     STATUS_REFUND_EXCEEDS_CAPTURED);
    assert_int_equal(refund(&order, 330, "KWD", NULL, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[0].card.amount.amount, 330);
    const struct order_refund_way by_hand = { ORDER_REFUND_DESTINATION_MANUAL,
                                              money_make(335, "KWD") };
    assert_int_equal(refund(&order, 335, "KWD", &by_hand, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[1].manual.amount, 335);
    assert_int_equal(market.shop.cards.given_back, 330);
    forget_currency();
}

/* A statement about that id. */
static void change(struct uuid id, const char *sql)
{
    char statement[512], hex[2 * sizeof id.bytes + 1];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id.bytes[i]);
    const char *place = strstr(sql, "%s");
    (void)snprintf(statement, sizeof statement, "%.*s%s%s", (int)(place - sql), sql, hex,
                   place + 2);
    (void)scratch_sql(market.scratch, "order", statement);
}

/* What a bank holds of it is owed to the card, which can never get it. */
static void what_no_card_knows_is_not_asked_of_it_again(void **state)
{
    (void)state;
    const struct order_order order = paid_in("KWD", 152, 1);
    change(order.id, "UPDATE \"order\".vendor_order SET refunded = 335, card_refunded = 335 "
                     "WHERE id = '%s'");
    change(order.id, "INSERT INTO \"order\".order_refund (id, order_id, sequence, total, waived, "
                     "card, card_state, goodwill) SELECT id, id, version, 335, 0, 335, 'failed', "
                     "335 FROM \"order\".vendor_order WHERE id = '%s'");
    const struct order_redirect_refund command = { .refund_id = order.id,
                                                   .destination = ORDER_REFUND_TURN_ORIGINAL,
                                                   .reason = TEXT("Once more") };
    const struct answer answer =
        market_call(&market, ann, &order_redirect_refund_message, &command, 0, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_true(text_equals_string(answer.problem.errors[0].pointer, "/destination"));
    change(order.id, "UPDATE \"order\".vendor_order SET refunded = 0, card_refunded = 0 "
                     "WHERE id = '%s'");
    change(order.id, "DELETE FROM \"order\".order_refund WHERE id = '%s'");
    forget_currency();
}

static void a_yen_is_a_yen(void **state)
{
    (void)state;
    const struct order_order order = paid_in("JPY", 153, 2);
    struct order_order reply;
    assert_int_equal(refund(&order, 1, "JPY", NULL, &reply).status, STATUS_OK);
    assert_int_equal(reply.refunds[0].card.amount.amount, 1);
    const struct order_order one = cancel_units(&order, 1);
    assert_int_equal(one.cancellations[0].card.amount.amount, DEAR);
    assert_int_equal(one.cancellations[0].refunded.amount, 0);
    assert_int_equal(market.shop.cards.given_back, DEAR + 1);
    forget_currency();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM_OF(units_in_dinars_go_to_the_card_but_for_the_last_digit),
        CLAIM_OF(an_amount_that_no_card_knows_is_refused_or_goes_another_way),
        CLAIM_OF(what_no_card_knows_is_not_asked_of_it_again),
        CLAIM_OF(a_yen_is_a_yen),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
