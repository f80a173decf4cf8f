/* What the order domain forgets by age, and what it keeps. */
#include <stdio.h>

#include "tests/support/cmocka.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition order_domain;

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static struct direct_market *market;

/* A function of SQL that writes a checkout and its cart with a line, both in the states of their
 * names. */
static const char write_checkout[] =
    "CREATE FUNCTION pg_temp.write_checkout(name text, cart text, checkout text, at bigint) "
    "RETURNS void LANGUAGE sql AS $$"
    "INSERT INTO \"order\".order_group (id, cart_id, user_id, status, payment_status, total, "
    "currency, refusal, number, created_at, placed_at) SELECT md5(name || 'group')::uuid, "
    "md5(name || 'cart')::uuid, md5(name)::uuid, checkout, 'paid', 0, 'EUR', "
    "CASE checkout WHEN 'failed' THEN 'overloaded' END, CASE checkout WHEN 'placed' THEN 1 END, "
    "at, CASE checkout WHEN 'placed' THEN at END;"
    "INSERT INTO \"order\".cart (id, user_id, shard, status, currency, version, group_id, "
    "created_at, updated_at) SELECT md5(name || 'cart')::uuid, md5(name)::uuid, 0, cart, 'EUR', 2, "
    "CASE WHEN cart <> 'active' THEN md5(name || 'group')::uuid END, at, at;"
    "INSERT INTO \"order\".cart_line (id, cart_id, variant_id, product_id, vendor_id, name, "
    "quantity, unit_amount, position) SELECT gen_random_uuid(), md5(name || 'cart')::uuid, "
    "gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'x', 1, 1, 1 $$";

static void write_one(const char *name, const char *cart, const char *checkout)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT pg_temp.write_checkout('%s', '%s', '%s', %lld)", name,
                   cart, checkout, (long long)direct_now_us(market));
    (void)direct_sql(market, sql);
}

static void assert_is(const char *sql, const char *expected)
{
    const struct text got = direct_sql(market, sql);
    if (!text_equals_string(got, expected)) fail_msg("%s: %.*s", sql, (int)got.length, got.data);
}

static void ordered_carts_and_failed_checkouts_are_forgotten_and_orders_kept(void **state)
{
    (void)state;
    (void)direct_sql(market, write_checkout);
    write_one("old", "ordered", "placed");
    write_one("failed", "active", "failed");
    write_one("stuck", "locked", "pending");
    direct_advance(market, 89 * DAY_US);
    write_one("young", "ordered", "placed");
    assert_int_equal(direct_sweep(market, "order_old_carts"), STATUS_OK);
    assert_is("SELECT count(*) FROM \"order\".cart", "4");
    direct_advance(market, 2 * DAY_US);
    assert_int_equal(direct_sweep(market, "order_old_carts"), STATUS_OK);
    assert_is("SELECT string_agg(status, ' ' ORDER BY status) FROM \"order\".cart",
              "active locked ordered");
    assert_is("SELECT string_agg(status, ' ' ORDER BY status) FROM \"order\".order_group",
              "pending placed placed");
    assert_is("SELECT count(*) FROM \"order\".cart_line", "3");
    /* These groups have no orders here. */
    assert_is("SELECT count(*) FROM \"order\".check_orders() "
              "WHERE invariant <> 'placed_group_without_orders'",
              "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordered_carts_and_failed_checkouts_are_forgotten_and_orders_kept),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
