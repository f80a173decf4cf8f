/* What the catalogue forgets by age: reservations that have ended, and never their effect. */
#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static struct direct_market *market;
static struct uuid variant;
static uint8_t drawn;

static struct uuid reserve(int64_t quantity)
{
    const struct uuid id = { { ++drawn } };
    const struct catalog_reserve_stock command = { .variant_id = variant,
                                                   .reservation_id = id,
                                                   .quantity = quantity,
                                                   .expires_at_us =
                                                       direct_now_us(market) + 600000000 };
    struct catalog_stock_reserved reply;
    assert_int_equal(direct_call(market, NULL, &catalog_reserve_stock_message, &command, &reply),
                     STATUS_OK);
    return id;
}

static void commit(struct uuid reservation)
{
    const struct catalog_commit_stock command = { .variant_id = variant,
                                                  .reservation_id = reservation };
    struct empty reply;
    assert_int_equal(direct_call(market, NULL, &catalog_commit_stock_message, &command, &reply),
                     STATUS_OK);
}

static void release(struct uuid reservation)
{
    const struct catalog_release_stock command = { .variant_id = variant,
                                                   .reservation_id = reservation };
    struct empty reply;
    assert_int_equal(direct_call(market, NULL, &catalog_release_stock_message, &command, &reply),
                     STATUS_OK);
}

static void assert_is(const char *sql, const char *expected)
{
    assert_true(text_equals_string(direct_sql(market, sql), expected));
}

static void reservations_that_ended_long_ago_are_forgotten_and_sales_kept(void **state)
{
    (void)state;
    market = shelf_of_all.market;
    const struct catalog_create_product wish = shelf_wish("kept");
    variant = shelf_make(&wish).variants[0].id;
    commit(reserve(3));
    release((struct uuid){ { 99 } }); /* the mark of one that has not come */
    (void)reserve(1);                 /* still held, however old it is */
    direct_advance(market, 89 * DAY_US);
    commit(reserve(2));
    assert_int_equal(direct_sweep(market, "old_reservations"), STATUS_OK);
    assert_is("SELECT count(*) FROM catalog.reservation", "4");
    direct_advance(market, 2 * DAY_US);
    assert_int_equal(direct_sweep(market, "old_reservations"), STATUS_OK);
    assert_is("SELECT string_agg(state::text, ' ' ORDER BY state) FROM catalog.reservation", "1 3");
    assert_is("SELECT on_hand || ' ' || held || ' ' || sold FROM catalog.stock", "5 1 5");
    assert_is("SELECT count(*) FROM catalog.check_stock()", "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reservations_that_ended_long_ago_are_forgotten_and_sales_kept),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
