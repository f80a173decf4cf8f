/* Claims about what comes back by chance, in any order: units are cancelled, returned, exchanged
 * claimed, and refunded by staff while they are kept, of an order that wallet and card have paid,
 * of whatever replaces it, and of these again. What was paid less what went back is at any time
 * what the units that are kept cost, to the cent. */
#include "tests/actors/order/card_words.h"

#include "actors/order/order_life.h"
#include "actors/order/refund_share.h"

enum { WALKS = 12, STEPS = 60, ORDERS_MAX = 20, UNITS = 7, DISCOUNT = 1000, STOCK = 1000 };

static uint64_t seed;
static int64_t card_paid; /* of the order that was paid; the wallet the rest */

static size_t chance(size_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)((seed >> 33) % below);
}

/* Mostly the newest one, so that something becomes of it. */
static size_t newest_of(size_t count)
{
    return chance(4) > 0 ? count - 1 : chance(count);
}

/* The order that was paid, and those that replace units of it, as they were met. */
static struct {
    struct uuid ids[ORDERS_MAX];
    size_t count;
} orders;

static void meet(struct uuid id)
{
    for (size_t i = 0; i < orders.count; i++)
        if (uuid_equals(orders.ids[i], id)) return;
    if (orders.count < ORDERS_MAX) orders.ids[orders.count++] = id;
}

/* Something was taken off that seven units cannot share evenly. */
static void take_off(void)
{
#define LAST "(SELECT id FROM \"order\".vendor_order ORDER BY id DESC LIMIT 1)"
    (void)scratch_sql(market.scratch, "order",
                      "WITH o AS (SELECT l.id, l.order_id, l.group_id FROM \"order\".order_line l "
                      "WHERE l.order_id = " LAST "), "
                      "l AS (UPDATE \"order\".order_line SET discount = 1000 WHERE id IN "
                      "(SELECT id FROM o)), "
                      "v AS (UPDATE \"order\".vendor_order SET discount = 1000, "
                      "total = total - 1000 WHERE id IN (SELECT order_id FROM o)), "
                      "g AS (UPDATE \"order\".order_group SET total = total - 1000 WHERE id IN "
                      "(SELECT group_id FROM o)) "
                      "INSERT INTO \"order\".order_discount SELECT order_id, id, id, 600, 400 "
                      "FROM o");
#undef LAST
}

/* ---- what may be tried ---- */

static void try_as(struct uuid who, const struct message *message, const void *body)
{
    struct order_order reply;
    const struct answer answer = market_call(&market, who, message, body, 0, &reply);
    assert_true(answer.status == STATUS_OK || answer.status == STATUS_ILLEGAL_TRANSITION ||
                answer.status == STATUS_UNITS_NOT_LEFT || answer.status == STATUS_NOT_FOUND ||
                answer.status == STATUS_TOO_MANY_CANCELLATIONS ||
                answer.status == STATUS_TOO_MANY_REFUNDS ||
                answer.status == STATUS_REFUND_EXCEEDS_CAPTURED);
    market_settle(&market);
}

#define VENDOR market.shop.variants[TEAPOT].vendor_id

static void try_to_send(const struct order_order *order, int64_t units)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const struct order_create_shipment pack = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .carrier = TEXT("Post")
    };
    struct order_shipment shipment;
    if (as_vendor(&order_create_shipment_message, &pack, &shipment).status != STATUS_OK) return;
    const struct order_hand_over_shipment send = { .order_id = order->id,
                                                   .shipment_id = shipment.id };
    assert_int_equal(as_vendor(&order_hand_over_shipment_message, &send, &shipment).status,
                     STATUS_OK);
    const struct order_confirm_delivery confirm = { .order_id = order->id };
    try_as(shopper, &order_confirm_delivery_message, &confirm);
}

static void try_to_cancel(const struct order_order *order, int64_t units)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const struct order_cancel_vendor_units part = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .reason = TEXT("No")
    };
    const struct order_cancel_vendor_order whole = { .order_id = order->id, .reason = TEXT("No") };
    if (chance(8) > 0)
        try_as(VENDOR, &order_cancel_vendor_units_message, &part);
    else
        try_as(VENDOR, &order_cancel_vendor_order_message, &whole);
}

/* All of the newest return, approved and arrived. */
static void try_to_receive(const struct order_order *order)
{
    const struct order_return_request *newest = &order->returns[order->returns_count - 1];
    const struct order_approve_return approve = { .order_id = order->id, .return_id = newest->id };
    const struct order_return_receipt receipts[] = {
        { order->lines[0].id, newest->lines[0].quantity, ORDER_RETURN_CONDITION_AS_NEW, true }
    };
    const struct order_receive_return arrive = {
        .order_id = order->id, .return_id = newest->id, .receipts = receipts, .receipts_count = 1
    };
    try_as(VENDOR, &order_approve_return_message, &approve);
    try_as(VENDOR, &order_receive_return_message, &arrive);
}

static void try_to_ask(const struct order_order *order, int64_t units)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const struct order_request_return command = { .order_id = order->id,
                                                  .lines = lines,
                                                  .lines_count = 1,
                                                  .reason = TEXT("No"),
                                                  .has_wants = true,
                                                  .wants = chance(5) > 0 };
    if (order->returns_count >= ORDER_RETURNS_MAX) return;
    try_as(shopper, &order_request_return_message, &command);
    const struct order_order asked_for = seen(order->id);
    if (asked_for.returns_count > 0 && chance(3) > 0) try_to_receive(&asked_for);
}

static void try_to_claim(const struct order_order *order, int64_t units)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const struct order_file_claim command = { .order_id = order->id,
                                              .lines = lines,
                                              .lines_count = 1,
                                              .kind = ORDER_CLAIM_KIND_WRONG,
                                              .reason = TEXT("No") };
    if (order->claims_count < ORDER_CLAIMS_MAX)
        try_as(shopper, &order_file_claim_message, &command);
}

static void try_to_move_a_return(const struct order_order *order, int64_t units)
{
    if (order->returns_count == 0) return;
    const struct uuid id = order->returns[newest_of(order->returns_count)].id;
    const struct order_return_receipt receipts[] = {
        { order->lines[0].id, units, ORDER_RETURN_CONDITION_AS_NEW, chance(2) == 0 }
    };
    const struct order_approve_return approve = { .order_id = order->id, .return_id = id };
    const struct order_receive_return arrive = {
        .order_id = order->id, .return_id = id, .receipts = receipts, .receipts_count = 1
    };
    const struct order_refund_return back = { .order_id = order->id, .return_id = id };
    const struct order_exchange_return again = { .order_id = order->id, .return_id = id };
    const struct order_cancel_return leave = { .order_id = order->id, .return_id = id };
    switch (chance(12)) {
    case 0:
        try_as(shopper, &order_cancel_return_message, &leave);
        break;
    case 1:
        try_as(VENDOR, &order_refund_return_message, &back);
        break;
    case 2:
    case 3:
    case 6:
    case 7:
    case 8:
        if (orders.count < ORDERS_MAX) try_as(VENDOR, &order_exchange_return_message, &again);
        break;
    case 4:
    case 5:
        try_as(VENDOR, &order_approve_return_message, &approve);
        break;
    default:
        try_as(VENDOR, &order_receive_return_message, &arrive);
    }
}

static void try_to_move_a_claim(const struct order_order *order, int64_t units)
{
    if (order->claims_count == 0) return;
    const struct uuid id = order->claims[newest_of(order->claims_count)].id;
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const size_t count = chance(2);
    const struct order_refund_claim back = { order->id, id, lines, count, .versions_count = 0 };
    const struct order_replace_claim again = { order->id, id, lines, count, .versions_count = 0 };
    const struct order_withdraw_claim leave = { .order_id = order->id, .claim_id = id };
    const struct order_reject_claim reject = { order->id, id, .reason = TEXT("No") };
    const struct order_escalate_claim escalate = { .order_id = order->id, .claim_id = id };
    switch (chance(7)) {
    case 0:
        try_as(shopper, &order_withdraw_claim_message, &leave);
        break;
    case 1:
        try_as(VENDOR, &order_reject_claim_message, &reject);
        break;
    case 2:
        try_as(shopper, &order_escalate_claim_message, &escalate);
        break;
    case 3:
        try_as(VENDOR, &order_refund_claim_message, &back);
        break;
    default:
        if (orders.count < ORDERS_MAX) try_as(VENDOR, &order_replace_claim_message, &again);
    }
}

/* Units that stay with their buyer; of a replacement, which cost nothing, there is nothing. */
static void try_to_refund(const struct order_order *order, int64_t units)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, units } };
    const struct order_refund_order command = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .reason = TEXT("Scratched")
    };
    if (chance(4) == 0) try_as(shopper, &order_refund_order_message, &command);
}

/* ---- what must be so ---- */

/* Shares of the first units, whatever way and in whatever portions they went. */
static int64_t cost_of(int64_t units)
{
    static const struct refund_discount off[] = { { 600, 400 } };
    const struct refund_line line = {
        .quantity = UNITS, .unit_amount = TEAPOT_COSTS, .discounts = off, .discounts_count = 1
    };
    struct refund_share share;
    if (units == 0) return 0;
    assert_int_equal(refund_share_of(&line, 0, units, market.arena, &share), STATUS_OK);
    return share.total;
}

/* Units of the order that was paid which were refunded, gone or kept. */
static int64_t units_refunded(void)
{
    char sql[256], id[33];
    for (size_t i = 0; i < sizeof orders.ids[0].bytes; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", orders.ids[0].bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(sum(p.quantity), 0)::bigint FROM \"order\".order_refund r "
                   "JOIN \"order\".order_refund_part p ON p.refund_id = r.id "
                   "WHERE r.order_id = '%s'",
                   id);
    return market_number(&market, sql);
}

static void assert_adds_up(void)
{
    const struct order_order order = seen(orders.ids[0]);
    const int64_t refunded = units_refunded();
    assert_true(refunded >= order.lines[0].cancelled + order.lines[0].returned);
    assert_int_equal(market.shop.wallet.amount - card_paid + market.shop.cards.given_back,
                     SHOPPER_MONEY - UNITS * TEAPOT_COSTS + cost_of(refunded));
    assert_true(market.shop.cards.given_back <= card_paid);
    assert_int_equal(order.card_refunded.amount, market.shop.cards.given_back);
    assert_string_equal(
        scratch_sql(market.scratch, "order",
                    "SELECT coalesce(string_agg(DISTINCT c.invariant, ' '), '') FROM "
                    "(SELECT * FROM \"order\".check_orders() UNION ALL "
                    "SELECT * FROM \"order\".check_prices() UNION ALL "
                    "SELECT * FROM \"order\".check_lives() UNION ALL "
                    "SELECT * FROM \"order\".check_returns() UNION ALL "
                    "SELECT * FROM \"order\".check_claims()) c"),
        "");
}

static void step(void)
{
    const struct order_order order = seen(orders.ids[newest_of(orders.count)]);
    const int64_t units = 1 + (int64_t)chance(2);
    static void (*const tries[])(const struct order_order *, int64_t) = {
        try_to_send,          try_to_send,          try_to_cancel,        try_to_ask,
        try_to_ask,           try_to_claim,         try_to_move_a_claim,  try_to_move_a_return,
        try_to_move_a_return, try_to_move_a_return, try_to_move_a_return, try_to_refund
    };
    tries[chance(ARRAY_LENGTH(tries))](&order, units);
}

static void meet_replacements(struct uuid order_id)
{
    const struct order_order order = seen(order_id);
    for (size_t i = 0; i < order.returns_count; i++)
        if (order.returns[i].has_replacement_id) meet(order.returns[i].replacement_id);
    for (size_t i = 0; i < order.claims_count; i++)
        if (order.claims[i].has_replacement_id) meet(order.claims[i].replacement_id);
}

static void whatever_comes_back_by_chance_is_paid_back_to_the_cent(void **state)
{
    (void)state;
    market.shop.variants[TEAPOT].stock.amount = STOCK;
    for (unsigned walk = 0; walk < WALKS; walk++) {
        seed = 7919 * (walk + 1);
        market.shop.wallet.amount = SHOPPER_MONEY;
        market.shop.cards = (struct shop_cards){ .becomes = PAYMENT_REFUND_STATE_SUCCEEDED };
        (void)scratch_sql(market.scratch, "order",
                          "UPDATE \"order\".order_refund SET look_at = NULL");
        orders.count = 0;
        static struct order_cart cart;
        static struct order_group group;
        assert_int_equal(create(&cart).status, STATUS_OK);
        assert_int_equal(add(&cart, TEAPOT, UNITS, &cart).status, STATUS_OK);
        assert_int_equal(check_out(&cart, (uint8_t)(walk + 1), &group).status, STATUS_OK);
        market_settle(&market);
        take_off();
        meet(group.orders[0].id);
        card_paid = (int64_t)chance(3) * 3000;
        if (card_paid > 0) write_card(group.id, card_paid);
        static struct order_order paid;
        paid = seen(group.orders[0].id);
        try_to_send(&paid, UNITS);
        for (unsigned i = 0; i < STEPS; i++) {
            step();
            for (size_t k = 0; k < orders.count; k++)
                meet_replacements(orders.ids[k]);
            if (i % 6 == 0) assert_adds_up();
        }
        assert_adds_up();
    }
    /* All of that has happened: units were sent again, also of what was, and went back from there.
     */
    assert_true(market_number(&market, "SELECT count(*) FROM \"order\".vendor_order o JOIN "
                                       "\"order\".vendor_order r ON r.id = o.replaces_id "
                                       "WHERE r.replaces_id IS NOT NULL") >= 1);
    assert_true(market_number(&market, "SELECT count(*) FROM \"order\".units_given_back() g "
                                       "JOIN \"order\".order_line l ON l.id = g.line_id "
                                       "WHERE l.total > 0") >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(whatever_comes_back_by_chance_is_paid_back_to_the_cent),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
