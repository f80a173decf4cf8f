/* The shopper, the shop, and what is checked after every claim. */
#include "tests/actors/order/order_story.h"

#include <string.h>

struct order_market market;
struct uuid shopper;

struct uuid draw_id(unsigned shard)
{
    static uint16_t drawn;
    drawn++;
    const uint8_t random[10] = { (uint8_t)(drawn >> 8), (uint8_t)drawn };
    return uuid_make(1767225600000000, random, shard);
}

static void stock_shop(void)
{
    static const struct {
        const char *name;
        int64_t price, amount;
        bool is_other_vendor;
    } goods[VARIANTS] = { { "Teapot", 1999, 10, false },
                          { "Bowl", 500, 5, true },
                          { "Lamp", 10000, 3, false } };
    const struct uuid vendors[] = { draw_id(1), draw_id(2) };
    memset(&market.shop, 0, sizeof market.shop);
    market.shop.user_id = shopper;
    market.shop.wallet.amount = SHOPPER_MONEY;
    market.shop.variants_count = VARIANTS;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct shop_variant *variant = &market.shop.variants[i];
        variant->id = draw_id(3);
        variant->product_id = draw_id(3);
        variant->vendor_id = vendors[goods[i].is_other_vendor];
        variant->vendor_name = goods[i].is_other_vendor ? "Bowls" : "Teas";
        variant->name = goods[i].name;
        variant->price = goods[i].price;
        variant->shown_available = -1;
        variant->stock.amount = goods[i].amount;
    }
}

int set_up_group(void **state)
{
    (void)state;
    market_new(&market);
    return 0;
}

int tear_down_group(void **state)
{
    (void)state;
    market_destroy(&market);
    return 0;
}

int set_up(void **state)
{
    (void)state;
    shopper = draw_id(7);
    market.arena = arena_new(64 * 1024);
    stock_shop();
    market_open(&market);
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    market_settle(&market);
    market_close(&market);
    arena_destroy(&market.arena);
    const char *violated =
        scratch_sql(market.scratch, "order",
                    "SELECT invariant FROM \"order\".check_orders()"
                    " UNION ALL SELECT invariant FROM \"order\".check_prices()"
                    " UNION ALL SELECT invariant FROM \"order\".check_promotions()"
                    " UNION ALL SELECT invariant FROM \"order\".check_cards()"
                    " UNION ALL SELECT invariant FROM \"order\".check_lives()"
                    " UNION ALL SELECT invariant FROM \"order\".check_shipments()");
    if (violated[0] != '\0') {
        print_error("violated: %s\n", violated);
        return -1;
    }
    return market_number(&market, "SELECT count(*) FROM host.saga WHERE NOT is_done") == 0 ? 0 : -1;
}

/* --- words --- */

struct answer create(struct order_cart *ret_cart)
{
    const struct order_create_cart command = { 0 };
    return market_call(&market, shopper, &order_create_cart_message, &command, 0, ret_cart);
}

struct answer add(const struct order_cart *cart, size_t variant, int64_t quantity,
                  struct order_cart *ret_cart)
{
    const struct order_add_line command = { .cart_id = cart->id,
                                            .variant_id = market.shop.variants[variant].id,
                                            .quantity = quantity };
    return market_call(&market, shopper, &order_add_line_message, &command, 0, ret_cart);
}

/* Two teapots and a bowl: 44.98, of two vendors. */
struct order_cart filled_cart(void)
{
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, TEAPOT, 2, &cart).status, STATUS_OK);
    assert_int_equal(add(&cart, BOWL, 1, &cart).status, STATUS_OK);
    return cart;
}

struct order_checkout checkout_of(const struct order_cart *cart)
{
    return (
        struct order_checkout){ .cart_id = cart->id,
                                .expected_total = cart->totals.total,
                                .payment = { .has_wallet = true, .wallet = cart->totals.total } };
}

struct answer check_out(const struct order_cart *cart, uint8_t key, struct order_group *ret_group)
{
    const struct order_checkout command = checkout_of(cart);
    return market_call(&market, shopper, &order_checkout_message, &command, key, ret_group);
}

struct answer get_cart(struct uuid user_id, struct uuid cart_id, struct order_cart *ret_cart)
{
    const struct order_get_cart query = { .cart_id = cart_id };
    return market_call(&market, user_id, &order_get_cart_message, &query, 0, ret_cart);
}

struct text fault_code(const struct answer *answer, size_t index)
{
    assert_true(index < answer->problem.errors_count);
    return answer->problem.errors[index].code;
}

/* Money and stock are what they were, and the cart is the shopper's again. */
void assert_nothing_happened(const struct order_cart *cart)
{
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.wallet), SHOPPER_MONEY);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 10);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), 5);
    struct order_cart now;
    assert_int_equal(get_cart(shopper, cart->id, &now).status, STATUS_OK);
    assert_int_equal(now.status, ORDER_CART_STATUS_ACTIVE);
    assert_int_equal(now.lines_count, cart->lines_count);
}

/* The filled cart was bought, once. */
void assert_sold(const struct order_cart *cart)
{
    market_settle(&market);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4498);
    assert_int_equal(account_available(&market.shop.wallet), SHOPPER_MONEY - 4498);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 8);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), 8);
    assert_int_equal(account_available(&market.shop.variants[BOWL].stock), 4);
    struct order_cart now;
    assert_int_equal(get_cart(shopper, cart->id, &now).status, STATUS_OK);
    assert_int_equal(now.status, ORDER_CART_STATUS_ORDERED);
}
