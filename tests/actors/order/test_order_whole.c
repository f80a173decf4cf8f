/* Claims about a purchase with the real catalogue and wallet on one node. */
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "order_messages.h"
#include "tests/actors/catalog/goods.h"
#include "wallet_messages.h"

enum { BUYERS = 12, UNITS = 5, SETTLE_TRIES = 400, SETTLE_PAUSE_US = 10000 };

static struct stage *the_stage;

static int open_stage(void **state)
{
    static const char *const domains[] = { "vendor", "catalog", "wallet", "order" };
    (void)state;
    the_stage = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&the_stage);
    return 0;
}

/* --- words --- */

static struct uuid sell(struct stage *stage, const char *name, int64_t units)
{
    struct goods goods;
    const struct uuid vendor = goods_vendor(stage, name);
    const struct uuid category = goods_category(stage, "Home");
    goods_describe(stage, &goods, vendor, category, name);
    goods.variants[0].quantity = units;
    return goods_variant(stage, goods_import(stage, &goods).product_id);
}

static struct uuid shopper_with(struct stage *stage, int64_t amount)
{
    const struct uuid shopper = stage_new_id(stage, 9);
    const struct wallet_grant command = { .wallet_id = shopper,
                                          .amount = money_make(amount, "EUR") };
    struct wallet_granted reply;
    const struct uuid nobody = { 0 };
    assert_int_equal(stage_ask(stage, nobody, &wallet_grant_message, &command, &reply), STATUS_OK);
    return shopper;
}

static struct order_cart cart_with(struct stage *stage, struct uuid shopper, struct uuid variant,
                                   int64_t quantity)
{
    struct order_cart cart;
    const struct order_create_cart command = { 0 };
    assert_int_equal(stage_ask(stage, shopper, &order_create_cart_message, &command, &cart),
                     STATUS_OK);
    const struct order_add_line line = { .cart_id = cart.id,
                                         .variant_id = variant,
                                         .quantity = quantity };
    assert_int_equal(stage_ask(stage, shopper, &order_add_line_message, &line, &cart), STATUS_OK);
    return cart;
}

static enum status check_out(struct stage *stage, struct uuid shopper, const char *key,
                             const struct order_cart *cart, struct order_group *ret_group)
{
    const struct order_checkout command = { .cart_id = cart->id,
                                            .expected_total = cart->totals.total,
                                            .payment = { .has_wallet = true,
                                                         .wallet = cart->totals.total } };
    bool is_replay;
    int http_status;
    return stage_ask_with_key(stage, shopper, key, &order_checkout_message, &command, ret_group,
                              &is_replay, &http_status);
}

static void settle(struct stage *stage)
{
    const char *sql = "SELECT count(*) FROM host.saga WHERE NOT is_done";
    for (int i = 0; i < SETTLE_TRIES && strcmp(stage_sql(stage, "order", sql), "0") != 0; i++)
        stage_sleep(stage, SETTLE_PAUSE_US);
    assert_string_equal(stage_sql(stage, "order", sql), "0");
    assert_string_equal(stage_sql(stage, "order", "SELECT count(*) FROM \"order\".check_orders()"),
                        "0");
    assert_string_equal(
        stage_sql(stage, "order", "SELECT count(*) FROM \"order\".check_promotions()"), "0");
}

static void assert_wallet(struct stage *stage, struct uuid shopper, int64_t available)
{
    const struct wallet_get_wallet query = { 0 };
    struct wallet_balances reply;
    assert_int_equal(stage_ask(stage, shopper, &wallet_get_wallet_message, &query, &reply),
                     STATUS_OK);
    assert_int_equal(reply.balances[0].available.amount, available);
    assert_int_equal(reply.balances[0].held.amount, 0);
}

/* --- stories --- */

static void tell_purchase(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = sell(stage, "Teapots", 10);
    const struct uuid shopper = shopper_with(stage, 2000);
    const struct order_cart cart = cart_with(stage, shopper, variant, 3);
    assert_int_equal(cart.totals.total.amount, 1500);
    struct order_group group;
    assert_int_equal(check_out(stage, shopper, "purchase", &cart, &group), STATUS_OK);
    assert_int_equal(group.orders_count, 1);
    assert_text_equal(group.orders[0].vendor.name, TEXT("Teapots"));
    settle(stage);
    assert_wallet(stage, shopper, 500);
    const struct order_cart next = cart_with(stage, shopper, variant, 7);
    const struct order_add_line more = { .cart_id = next.id, .variant_id = variant, .quantity = 1 };
    assert_int_equal(stage_ask(stage, shopper, &order_add_line_message, &more, NULL),
                     STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(check_out(stage, shopper, "too much", &next, NULL), STATUS_INSUFFICIENT_FUNDS);
    settle(stage);
    assert_wallet(stage, shopper, 500);
}

static void purchase_moves_stock_and_money(void **state)
{
    (void)state;
    stage_run(the_stage, tell_purchase, NULL);
}

struct buyer {
    struct stage *stage;
    struct uuid shopper;
    struct order_cart cart;
    char key[16];
    enum status status;
    size_t *left;
    struct completion *done;
};

static void buy(void *argument)
{
    struct buyer *buyer = argument;
    buyer->status = check_out(buyer->stage, buyer->shopper, buyer->key, &buyer->cart, NULL);
    if (--*buyer->left == 0) completion_finish(buyer->done, STATUS_OK);
}

static void tell_rush(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = sell(stage, "Lamps", UNITS);
    struct fibers *fibers = stage_host(stage)->fibers;
    size_t left = BUYERS, sold = 0;
    struct completion done;
    completion_init(&done, fibers);
    struct buyer *buyers = arena_allocate_array(stage_arena(stage), BUYERS, sizeof *buyers);
    for (size_t i = 0; i < BUYERS; i++) {
        buyers[i].stage = stage;
        buyers[i].shopper = shopper_with(stage, 500);
        buyers[i].cart = cart_with(stage, buyers[i].shopper, variant, 1);
        buyers[i].left = &left;
        buyers[i].done = &done;
        (void)snprintf(buyers[i].key, sizeof buyers[i].key, "rush-%zu", i);
    }
    for (size_t i = 0; i < BUYERS; i++)
        assert_int_equal(fiber_spawn(fibers, buy, &buyers[i]), STATUS_OK);
    assert_int_equal(completion_wait(&done, INT64_MAX), STATUS_OK);
    settle(stage);
    for (size_t i = 0; i < BUYERS; i++) {
        if (buyers[i].status != STATUS_OK)
            assert_int_equal(buyers[i].status, STATUS_INSUFFICIENT_STOCK);
        sold += buyers[i].status == STATUS_OK;
        assert_wallet(stage, buyers[i].shopper, buyers[i].status == STATUS_OK ? 0 : 500);
    }
    assert_int_equal(sold, UNITS);
}

static void rush_sells_exactly_what_there_is(void **state)
{
    (void)state;
    stage_run(the_stage, tell_rush, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(purchase_moves_stock_and_money),
        cmocka_unit_test(rush_sells_exactly_what_there_is),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
