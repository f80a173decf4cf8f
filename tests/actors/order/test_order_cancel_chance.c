/* Claims about orders by chance that are cancelled in portions by chance: what was paid less what
 * came back is what is kept, line by line and in sum. Goods, promotions, deliveries and taxes are
 * those of price_chance.c, in currencies with 0, 2 and 3 decimals. */
#include "tests/actors/order/order_story.h"

#include <stdarg.h>
#include <stdio.h>

#include "actors/order/refund_share.h"
#include "messages/card_amount.h"
#include "tests/actors/order/price_case.h"

enum { CHANCE_ORDERS = 1000, PORTIONS_MAX = 4, SQL_MAX = 256 * 1024, SHARD = 9 };
#define TOTAL_MAX INT64_C(1000000000000)

/* One vendor's part of a cart, placed. */
struct placed {
    const struct price_case *shop;
    size_t lines[PRICE_LINES_MAX]; /* their places in the cart */
    struct uuid line_ids[PRICE_LINES_MAX];
    int64_t cancelled[PRICE_LINES_MAX];
    int64_t line_came_back[PRICE_LINES_MAX];
    size_t lines_count;
    struct uuid order_id, group_id;
    int64_t total, on_delivery, card;
    int64_t came_back, waived, to_card; /* so far */
    int64_t digits;                     /* what cards do not know of these amounts, at most */
    bool is_over;
    struct price_sums sums; /* of lines: goods, discount, tax; of deliveries: the next two */
    int64_t delivery_tax;
};

/* ---- written down as a checkout does ---- */

/* More than draw_id() has. */
static struct uuid new_id(unsigned shard)
{
    static uint32_t drawn;
    drawn++;
    const uint8_t random[10] = { (uint8_t)(drawn >> 24), (uint8_t)(drawn >> 16),
                                 (uint8_t)(drawn >> 8), (uint8_t)drawn, 1 };
    return uuid_make(1767225600000000, random, shard);
}

static char sql[SQL_MAX];
static size_t sql_length;

__attribute__((format(printf, 1, 2))) static void add_sql(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(sql + sql_length, SQL_MAX - sql_length, format, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < SQL_MAX - sql_length);
    sql_length += (size_t)length;
}

static const char *hex(struct uuid id)
{
    static char texts[16][33];
    static unsigned used;
    char *text = texts[used++ % ARRAY_LENGTH(texts)];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    return text;
}

#define AMOUNT(amount) ((long long)(amount))

static void write_shares(const struct placed *placed, struct uuid subject_id,
                         const struct price_cost *cost)
{
    for (size_t i = 0; i < cost->discounts_count; i++)
        if (cost->discounts[i].amount > 0)
            add_sql("INSERT INTO \"order\".order_discount VALUES ('%s','%s','%s',%lld,%lld);",
                    hex(placed->order_id), hex(subject_id),
                    hex(price_case_id('m', cost->discounts[i].promotion)),
                    AMOUNT(cost->discounts[i].market_amount),
                    AMOUNT(cost->discounts[i].vendor_amount));
    for (size_t i = 0; i < cost->taxes_count; i++) {
        const struct uuid rate_id = price_case_id('r', cost->taxes[i].rate);
        add_sql("INSERT INTO \"order\".order_tax VALUES ('%s','%s','%s',%lld,%lld);"
                "INSERT INTO \"order\".order_rate VALUES ('%s','%s',1,'VAT',1,%s)"
                " ON CONFLICT DO NOTHING;",
                hex(placed->order_id), hex(subject_id), hex(rate_id),
                AMOUNT(cost->taxes[i].base_amount), AMOUNT(cost->taxes[i].amount),
                hex(placed->order_id), hex(rate_id),
                placed->shop->request.prices_include_tax ? "true" : "false");
    }
}

static void write_line(struct placed *placed, size_t index)
{
    const struct price_line_result *priced = &placed->shop->result.lines[index];
    const struct price_sums *sums = &priced->cost.sums;
    const struct uuid id = new_id(SHARD);
    const size_t place = placed->lines_count++;
    placed->lines[place] = index;
    placed->line_ids[place] = id;
    add_sql("INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id,"
            " product_id, name, quantity, unit_amount, total, discount, tax)"
            " VALUES ('%s','%s','%s',%zu,'%s','%s','Tea',%lld,%lld,%lld,%lld,%lld);",
            hex(id), hex(placed->order_id), hex(placed->group_id), index + 1, hex(new_id(3)),
            hex(id), AMOUNT(placed->shop->lines[index].quantity), AMOUNT(priced->unit_amount),
            AMOUNT(sums->goods), AMOUNT(sums->discount), AMOUNT(sums->tax));
    write_shares(placed, id, &priced->cost);
    placed->sums.goods += sums->goods;
    placed->sums.discount += sums->discount;
    placed->sums.tax += sums->tax;
}

static void write_delivery(struct placed *placed, size_t index)
{
    const struct price_cost *cost = &placed->shop->result.consignments[index].cost;
    const struct uuid id = new_id(SHARD);
    add_sql("INSERT INTO \"order\".order_delivery VALUES ('%s','%s',%zu,'%s','%s','Post',1,%lld,"
            "%lld,%lld);",
            hex(id), hex(placed->order_id), index + 1, hex(id), hex(id),
            AMOUNT(cost->sums.delivery), AMOUNT(cost->sums.delivery_discount),
            AMOUNT(cost->sums.tax));
    write_shares(placed, id, cost);
    placed->sums.delivery += cost->sums.delivery;
    placed->sums.delivery_discount += cost->sums.delivery_discount;
    placed->delivery_tax += cost->sums.tax;
}

static void write_order(const struct placed *placed, int64_t added_tax)
{
    const char *status = placed->on_delivery == 0               ? "paid"
                         : placed->on_delivery == placed->total ? "unpaid"
                                                                : "partially_paid";
    const char *currency = placed->shop->result.currency;
    const char *order = hex(placed->order_id), *group = hex(placed->group_id);
    add_sql("INSERT INTO \"order\".order_group (id, cart_id, user_id, status, payment_status,"
            " total, on_delivery, card_amount, currency, number, created_at, placed_at)"
            " VALUES ('%s', gen_random_uuid(), '%s', 'placed', '%s', %lld, %lld, %lld, '%s', %d,"
            " 1, 1);",
            group, hex(shopper), status, AMOUNT(placed->total), AMOUNT(placed->on_delivery),
            AMOUNT(placed->card), currency, 1);
    add_sql("INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, vendor_name,"
            " number, status, payment_status, items, discount, shipping, shipping_discount, tax,"
            " total, on_delivery, card_amount, currency, placed_at, version) VALUES ('%s','%s',"
            "'%s','%s','Teas','%s','accepted','%s',%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,'%s',"
            "1,2);",
            order, group, hex(shopper), hex(market.shop.variants[TEAPOT].vendor_id), order, status,
            AMOUNT(placed->sums.goods), AMOUNT(placed->sums.discount),
            AMOUNT(placed->sums.delivery), AMOUNT(placed->sums.delivery_discount),
            AMOUNT(added_tax), AMOUNT(placed->total), AMOUNT(placed->on_delivery),
            AMOUNT(placed->card), currency);
    add_sql("INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine,"
            " object_id, trigger, from_state, to_state, is_late, actor_kind, actor, request_id,"
            " at) SELECT '%s', s.n, '%s', 'vendor_order', '%s', s.t, s.f, s.o, false, 'system',"
            " '', '', 1 FROM (VALUES (1,'pay','pending_payment','placed'),"
            " (2,'accept','placed','accepted')) AS s (n, t, f, o);",
            order, group, order);
}

/* False: the cart has nothing of this vendor, or costs a fortune. */
static bool place(struct price_chance *chance, const struct price_case *shop, struct placed *placed)
{
    *placed = (struct placed){ .shop = shop, .order_id = new_id(SHARD), .group_id = new_id(SHARD) };
    sql_length = 0;
    if (shop->result.group.sums.total > TOTAL_MAX) return false;
    for (size_t i = 0; i < shop->request.lines_count; i++)
        if (shop->lines[i].vendor == 0) write_line(placed, i);
    if (placed->lines_count == 0) return false;
    for (size_t i = 0; i < shop->request.consignments_count; i++)
        if (shop->consignments[i].vendor == 0 && shop->result.consignments[i].has_method)
            write_delivery(placed, i);
    const int64_t added_tax =
        shop->request.prices_include_tax ? 0 : placed->sums.tax + placed->delivery_tax;
    placed->total = placed->sums.goods - placed->sums.discount + placed->sums.delivery -
                    placed->sums.delivery_discount + added_tax;
    const int64_t owed[] = { 0, placed->total, price_chance_below(chance, placed->total + 1) };
    placed->on_delivery = owed[price_chance_below(chance, 3)];
    const int64_t paid = placed->total - placed->on_delivery;
    const int64_t by_card[] = { 0, paid, price_chance_below(chance, paid + 1) };
    placed->card = by_card[price_chance_below(chance, 3)];
    write_order(placed, added_tax);
    (void)scratch_sql(market.scratch, "order", sql);
    /* Its purchase was posted. */
    market.shop.backs_count = 0;
    market.shop.wallet.marks_count = 1;
    market.shop.wallet.marks[0].id = placed->group_id;
    market.shop.wallet.marks[0].state = MARK_TAKEN;
    market.shop.wallet.marks[0].amount = paid - placed->card;
    market.shop.wallet.marks[0].given_back = 0;
    market.shop.cards.captured += placed->card;
    return true;
}

/* ---- cancelled in portions ---- */

static int64_t left_of(const struct placed *placed, size_t line)
{
    return placed->shop->lines[placed->lines[line]].quantity - placed->cancelled[line];
}

static size_t choose(struct price_chance *chance, struct placed *placed,
                     struct order_shipment_line ret_lines[])
{
    size_t count = 0;
    for (size_t i = 0; i < placed->lines_count; i++) {
        const int64_t left = left_of(placed, i);
        if (left == 0 || price_chance_below(chance, 2) == 0) continue;
        ret_lines[count++] = (struct order_shipment_line){ placed->line_ids[i],
                                                           1 + price_chance_below(chance, left) };
    }
    return count;
}

static void take(struct placed *placed, const struct order_cancellation *cancellation)
{
    int64_t sum = cancellation->delivery.amount;
    for (size_t i = 0; i < cancellation->lines_count; i++) {
        const struct order_cancelled_line *line = &cancellation->lines[i];
        size_t place = 0;
        while (!uuid_equals(placed->line_ids[place], line->line_id))
            place++;
        placed->cancelled[place] += line->quantity;
        placed->line_came_back[place] += line->total.amount;
        sum += line->total.amount;
    }
    assert_int_equal(cancellation->total.amount, sum);
    assert_int_equal(cancellation->waived.amount + cancellation->refunded.amount +
                         cancellation->card.amount.amount,
                     sum);
    placed->to_card += cancellation->card.amount.amount;
    placed->came_back += sum;
    placed->waived += cancellation->waived.amount;
}

static void cancel_portion(struct price_chance *chance, struct placed *placed)
{
    struct order_shipment_line lines[PRICE_LINES_MAX];
    const struct order_cancel_units command = { .order_id = placed->order_id,
                                                .lines = lines,
                                                .lines_count = choose(chance, placed, lines) };
    if (command.lines_count == 0) return;
    struct order_order order;
    const struct answer answer =
        market_call(&market, shopper, &order_cancel_units_message, &command, 0, &order);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    placed->is_over = order.status == ORDER_ORDER_STATUS_CANCELLED;
    take(placed, &order.cancellations[order.cancellations_count - 1]);
    assert_int_equal(order.refunded.amount, placed->came_back - placed->waived - placed->to_card);
    assert_int_equal(order.card_refunded.amount, placed->to_card);
    /* The card is first, and gets no more than it has paid; of an amount that cards do not know the
     * wallet gets the last digit. */
    const int64_t step = card_amount_step(order.totals.total.currency);
    placed->digits += step - 1;
    assert_true(placed->to_card <= placed->card);
    assert_true(order.refunded.amount <= placed->digits || placed->card - placed->to_card < step);
    assert_int_equal(order.on_delivery.amount, placed->on_delivery - placed->waived);
}

/* ---- what is kept ---- */

/* Rows are read in the order of their ids, in which shares stand in a row. */
static void sort_discounts(const struct price_cost *cost, struct refund_discount ret_discounts[])
{
    size_t count = 0;
    for (size_t promotion = 0; promotion < PRICE_PROMOTIONS_MAX; promotion++)
        for (size_t i = 0; i < cost->discounts_count; i++)
            if (cost->discounts[i].promotion == promotion)
                ret_discounts[count++] =
                    (struct refund_discount){ cost->discounts[i].market_amount,
                                              cost->discounts[i].vendor_amount };
    assert_int_equal(count, cost->discounts_count);
}

static void sort_taxes(const struct price_cost *cost, int64_t ret_taxes[])
{
    size_t count = 0;
    for (size_t rate = 0; rate < PRICE_RATES_MAX; rate++)
        for (size_t i = 0; i < cost->taxes_count; i++)
            if (cost->taxes[i].rate == rate) ret_taxes[count++] = cost->taxes[i].amount;
    assert_int_equal(count, cost->taxes_count);
}

/* The share of the units that are left of a line, which no cancellation has computed. */
static int64_t kept_of(const struct placed *placed, size_t line)
{
    const size_t index = placed->lines[line];
    const struct price_line_result *priced = &placed->shop->result.lines[index];
    struct refund_discount discounts[PRICE_PROMOTIONS_MAX];
    int64_t taxes[PRICE_RATES_MAX];
    const struct refund_line stored = { .quantity = placed->shop->lines[index].quantity,
                                        .unit_amount = priced->unit_amount,
                                        .prices_include_tax =
                                            placed->shop->request.prices_include_tax,
                                        .discounts = discounts,
                                        .discounts_count = priced->cost.discounts_count,
                                        .taxes = taxes,
                                        .taxes_count = priced->cost.taxes_count };
    if (placed->cancelled[line] == stored.quantity) return 0;
    sort_discounts(&priced->cost, discounts);
    sort_taxes(&priced->cost, taxes);
    struct refund_share share;
    assert_int_equal(refund_share_of(&stored, placed->cancelled[line], left_of(placed, line),
                                     placed->shop->arena, &share),
                     STATUS_OK);
    return share.total;
}

static void assert_kept(const struct placed *placed)
{
    int64_t sum = 0;
    for (size_t i = 0; i < placed->lines_count; i++) {
        const struct price_sums *paid = &placed->shop->result.lines[placed->lines[i]].cost.sums;
        const int64_t kept = kept_of(placed, i);
        assert_int_equal(paid->total - placed->line_came_back[i], kept);
        sum += kept;
    }
    const int64_t deliveries =
        placed->sums.delivery - placed->sums.delivery_discount +
        (placed->shop->request.prices_include_tax ? 0 : placed->delivery_tax);
    assert_int_equal(placed->total - placed->came_back, placed->is_over ? 0 : sum + deliveries);
}

/* What is stored of all orders, counted once more by the database (check_prices() is looked at
 * after the claim). */
static void what_was_paid_less_what_came_back_is_what_is_kept(void **state)
{
    (void)state;
    struct price_chance chance = { .seed = 26 };
    size_t ended = 0;
    market.shop.cards.becomes = PAYMENT_REFUND_STATE_SUCCEEDED;
    int64_t refunded = 0, to_cards = 0;
    for (unsigned placed_count = 0; placed_count < CHANCE_ORDERS;) {
        struct price_case *shop = price_chance_case(&chance);
        static struct placed placed;
        shop->request.is_tax_exempt = false;
        if (price_case_try(shop) == STATUS_OK && place(&chance, shop, &placed)) {
            placed_count++;
            for (int64_t i = 1 + price_chance_below(&chance, PORTIONS_MAX); i > 0; i--)
                if (!placed.is_over) cancel_portion(&chance, &placed);
            market_settle(&market);
            assert_kept(&placed);
            ended += placed.is_over;
            refunded += placed.came_back - placed.waived - placed.to_card;
            to_cards += placed.to_card;
            assert_int_equal(market.shop.cards.given_back, to_cards);
            arena_reset(market.arena);
        }
        price_case_free(&shop);
    }
    assert_true(ended > 50);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY + refunded);
    assert_int_equal(market_number(&market, "SELECT sum(refunded)::bigint"
                                            " FROM \"order\".vendor_order"),
                     refunded + to_cards);
    assert_true(to_cards > 0);
    assert_true(market_number(&market, "SELECT count(*) FROM \"order\".order_refund") >
                CHANCE_ORDERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(what_was_paid_less_what_came_back_is_what_is_kept),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
