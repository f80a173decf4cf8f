/* Claims about carts that were left: of which their owners are told, and how often. */
#include "tests/support/cmocka.h"

#include <stdio.h>

#include "order_handlers.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition order_domain;

#define HOUR_US (INT64_C(3600) * 1000000)
enum { DAY_H = 24 };

static struct direct_market *market;
static size_t told_before;

/* A cart of somebody, changed so many hours ago. */
struct left_cart {
    const char *status;
    int hours;
    bool is_guests, is_empty;
};

static struct uuid id_of(uint8_t number)
{
    return (struct uuid){ .bytes = { [6] = 0x70, [8] = 0x80, [14] = number } };
}

static void leave(uint8_t number, struct left_cart cart)
{
    char sql[1024];
    const int64_t at_us = direct_now_us(market) - cart.hours * HOUR_US;
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO \"order\".cart (id, user_id, shard, status, currency, version, created_at,"
        " updated_at, group_id) VALUES ('00000000-0000-7000-8000-00000000%02x00', %s, 0, '%s',"
        " 'EUR', 1, %lld, %lld, %s)",
        number, cart.is_guests ? "NULL" : "gen_random_uuid()", cart.status, (long long)at_us,
        (long long)at_us, cart.status[0] == 'l' ? "gen_random_uuid()" : "NULL");
    (void)direct_sql(market, sql);
    if (cart.is_empty) return;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".cart_line (id, cart_id, variant_id, product_id,"
                   " vendor_id, name, quantity, unit_amount, position) VALUES (gen_random_uuid(),"
                   " '00000000-0000-7000-8000-00000000%02x00', gen_random_uuid(),"
                   " gen_random_uuid(), gen_random_uuid(), 'Mug', 1, 1, 1)",
                   number);
    (void)direct_sql(market, sql);
}

static void remind(uint8_t number)
{
    const struct order_remind_of_cart command = { .cart_id = id_of(number) };
    assert_int_equal(direct_call(market, NULL, &order_remind_of_cart_message, &command, NULL),
                     STATUS_OK);
}

static size_t told(void)
{
    return direct_events(market, order_notice_was_raised_message.number) - told_before;
}

static int begin(void **state)
{
    (void)state;
    direct_forget(market);
    (void)direct_sql(market, "TRUNCATE \"order\".cart, \"order\".cart_line");
    direct_set(market, "--cart.reminder=86400");
    told_before = direct_events(market, order_notice_was_raised_message.number);
    return 0;
}

static void a_cart_that_was_left_is_told_of_once(void **state)
{
    (void)state;
    leave(1, (struct left_cart){ "active", DAY_H + 1, false, false });
    remind(1);
    assert_int_equal(told(), 1);
    remind(1);
    direct_advance(market, DAY_H * HOUR_US);
    remind(1);
    assert_int_equal(told(), 1);
}

static void nobody_is_told_of_other_carts(void **state)
{
    (void)state;
    leave(1, (struct left_cart){ "active", DAY_H - 1, false, false }); /* in use */
    leave(2, (struct left_cart){ "active", 9 * DAY_H, false, false }); /* long ago */
    leave(3, (struct left_cart){ "active", DAY_H + 1, true, false });  /* a guest's */
    leave(4, (struct left_cart){ "active", DAY_H + 1, false, true });  /* empty */
    leave(5, (struct left_cart){ "locked", DAY_H + 1, false, false }); /* being paid */
    leave(6, (struct left_cart){ "ordered", DAY_H + 1, false, false });
    for (uint8_t number = 1; number <= 7; number++)
        remind(number);
    assert_int_equal(told(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_cart_that_was_left_is_told_of_once, begin),
        cmocka_unit_test_setup(nobody_is_told_of_other_carts, begin),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
