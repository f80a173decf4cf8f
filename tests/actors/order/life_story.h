/* Words that the stories of orders are told with: one market without a host, staff, two vendors of
 * whom each has an order of one group, and who bought. Rows of one claim are gone before the next;
 * after each, what is stored must be sound. Each program that includes this has a market of its
 * own. */
#pragma once

#include "tests/support/cmocka.h"

#include <stdio.h>

#include "order_handlers.h"
#include "order_messages.h"
#include "tests/support/direct_request.h"

extern const struct domain_definition order_domain;

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static struct direct_market *market;
static struct principal staff, vendor, other, shopper, nobody;
/* An accepted order of three units and one of the other vendor with two units. */
static struct uuid group_id, order_id, line_id, other_order_id, other_line_id;

static inline struct uuid draw_id(unsigned shard)
{
    static unsigned drawn;
    const uint8_t random[10] = { (uint8_t)(drawn >> 8), (uint8_t)drawn };
    drawn++;
    return uuid_make(1767225600000000, random, shard);
}

static inline struct principal someone(enum principal_kind kind, unsigned shard)
{
    return (struct principal){ .kind = kind, .id = draw_id(shard), .rights = UINT64_MAX };
}

/* An id as SQL wants it, in the market's arena until the next claim. */
static inline const char *sql_id(struct uuid id)
{
    static char texts[16][33];
    static unsigned used;
    char *text = texts[used++ % ARRAY_LENGTH(texts)];
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    return text;
}

static inline void assert_sql(const char *sql, const char *expected)
{
    const struct text got = direct_sql(market, sql);
    if (!text_equals_string(got, expected)) fail_msg("%s: %.*s", sql, (int)got.length, got.data);
}

static inline void assert_fault(enum status code, const char *pointer)
{
    const struct request_fault fault = direct_last_fault(market);
    assert_int_equal(fault.code, code);
    assert_string_equal(fault.pointer, pointer);
    assert_true(fault.detail.length > 0);
}

/* An order with one line, in the state that a checkout leaves. */
static inline void write_order(struct uuid id, struct uuid line, struct uuid vendor_id,
                               const char *number, int quantity, const char *status)
{
    char sql[2048];
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id, vendor_name, number,"
        " status, payment_status, items, total, currency, placed_at, version) VALUES ('%s', '%s',"
        " '%s', '%s', 'Tea house', '%s', '%s', 'paid', %d, %d, 'EUR', 1, 2);"
        "INSERT INTO \"order\".order_line (id, order_id, group_id, position, variant_id, "
        "product_id,"
        " name, quantity, unit_amount, total) VALUES ('%s', '%s', '%s', 1, '%s', '%s', 'Teapot',"
        " %d, 1, %d);"
        "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine, object_id,"
        " trigger, from_state, to_state, is_late, actor_kind, actor, request_id, at) VALUES"
        " ('%s', 1, '%s', 'vendor_order', '%s', 'pay', 'pending_payment', 'placed', false,"
        " 'system', '', '', 1), ('%s', 2, '%s', 'vendor_order', '%s', '%s', 'placed', '%s',"
        " false, 'system', '', '', 1)",
        sql_id(id), sql_id(group_id), sql_id(shopper.id), sql_id(vendor_id), number, status,
        quantity, quantity, sql_id(line), sql_id(id), sql_id(group_id), sql_id(line), sql_id(line),
        quantity, quantity, sql_id(id), sql_id(group_id), sql_id(id), sql_id(id), sql_id(group_id),
        sql_id(id), status[1] == 'w' ? "ask_acceptance" : "accept", status);
    (void)direct_sql(market, sql);
}

static inline void write_group(const char *status)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_group (id, cart_id, user_id, status,"
                   " payment_status, total, currency, number, created_at, placed_at)"
                   " VALUES ('%s', gen_random_uuid(), '%s', 'placed', 'paid', 5, 'EUR', 1, 1, 1)",
                   sql_id(group_id), sql_id(shopper.id));
    (void)direct_sql(market, sql);
    write_order(order_id, line_id, vendor.id, "1-1", 3, status);
    write_order(other_order_id, other_line_id, other.id, "1-2", 2, status);
}

static inline int begin_story(void **state)
{
    (void)state;
    direct_forget(market);
    (void)direct_sql(market, "TRUNCATE \"order\".order_group, \"order\".vendor_order,"
                             " \"order\".order_line, \"order\".order_history, \"order\".shipment,"
                             " \"order\".shipment_line, \"order\".order_refund,"
                             " \"order\".order_refund_part, \"order\".order_refund_discount,"
                             " \"order\".order_refund_tax");
    staff = someone(PRINCIPAL_ADMIN, 5);
    vendor = someone(PRINCIPAL_VENDOR, 3);
    other = someone(PRINCIPAL_VENDOR, 4);
    shopper = someone(PRINCIPAL_SHOPPER, 9);
    nobody = (struct principal){ .kind = PRINCIPAL_NONE };
    group_id = draw_id(9);
    order_id = draw_id(9);
    other_order_id = draw_id(9);
    line_id = draw_id(9);
    other_line_id = draw_id(9);
    write_group("accepted");
    return 0;
}

static inline int lives_are_sound(void **state)
{
    (void)state;
    const struct text violated = direct_sql_as_role(
        market, "SELECT string_agg(invariant, ' ') FROM (SELECT invariant FROM"
                " \"order\".check_orders() UNION ALL SELECT invariant FROM \"order\".check_lives()"
                " UNION ALL SELECT invariant FROM \"order\".check_shipments()"
                " UNION ALL SELECT invariant FROM \"order\".check_prices()) v");
    if (violated.length > 0) print_error("%.*s\n", (int)violated.length, violated.data);
    return violated.length == 0 ? 0 : -1;
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, begin_story, lives_are_sound)
