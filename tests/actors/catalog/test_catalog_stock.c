/* Claims about stock, through a node and PostgreSQL. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "tests/actors/catalog/goods.h"

static const struct uuid nobody;

/* A fresh variant with 10 units. */
static struct uuid ten_of(struct stage *stage, const char *name)
{
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Stock and Sons"),
                   goods_category(stage, "Stock"), name);
    return goods_variant(stage, goods_import(stage, &goods).product_id);
}

static enum status reserve(struct stage *stage, struct uuid variant, struct uuid reservation,
                           int64_t quantity)
{
    const struct catalog_reserve_stock command = { .variant_id = variant,
                                                   .reservation_id = reservation,
                                                   .quantity = quantity,
                                                   .expires_at_us =
                                                       stage_now_us(stage) + 600000000 };
    struct catalog_stock_reserved reply;
    return stage_ask(stage, nobody, &catalog_reserve_stock_message, &command, &reply);
}

static enum status release(struct stage *stage, struct uuid variant, struct uuid reservation)
{
    const struct catalog_release_stock command = { .variant_id = variant,
                                                   .reservation_id = reservation };
    struct empty reply;
    return stage_ask(stage, nobody, &catalog_release_stock_message, &command, &reply);
}

static enum status commit(struct stage *stage, struct uuid variant, struct uuid reservation)
{
    const struct catalog_commit_stock command = { .variant_id = variant,
                                                  .reservation_id = reservation };
    struct empty reply;
    return stage_ask(stage, nobody, &catalog_commit_stock_message, &command, &reply);
}

static const char *row_of(struct stage *stage, struct uuid variant)
{
    return goods_sql(stage,
                     "SELECT concat_ws(' ', on_hand, held, sold, received) FROM catalog.stock"
                     " WHERE variant_id = '%s'",
                     variant);
}

static void reserve_and_commit_sell_the_units(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "sold");
    const struct uuid reservation = stage_new_id(stage, 1);
    assert_int_equal(reserve(stage, variant, reservation, 4), STATUS_OK);
    assert_int_equal(reserve(stage, variant, reservation, 4), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "10 4 0 10");
    assert_int_equal(reserve(stage, variant, reservation, 5), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(commit(stage, variant, reservation), STATUS_OK);
    assert_int_equal(commit(stage, variant, reservation), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "6 0 4 10");
    assert_int_equal(release(stage, variant, reservation), STATUS_ILLEGAL_TRANSITION);
}

static void reserve_beyond_the_stock_is_refused(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "scarce");
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 7), STATUS_OK);
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 4), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 3), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "10 10 0 10");
}

static void reserve_of_an_unknown_variant_is_not_found(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid unknown = stage_new_id(stage, 3);
    assert_int_equal(reserve(stage, unknown, stage_new_id(stage, 1), 1), STATUS_NOT_FOUND);
    assert_int_equal(release(stage, unknown, stage_new_id(stage, 1)), STATUS_OK);
}

static void released_before_its_reserve_is_refused_later(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "late");
    const struct uuid reservation = stage_new_id(stage, 1);
    assert_int_equal(release(stage, variant, reservation), STATUS_OK);
    assert_int_equal(release(stage, variant, reservation), STATUS_OK);
    assert_int_equal(reserve(stage, variant, reservation, 1), STATUS_RESERVATION_RELEASED);
    assert_int_equal(commit(stage, variant, reservation), STATUS_RESERVATION_RELEASED);
    assert_string_equal(row_of(stage, variant), "10 0 0 10");
}

static void commit_of_an_unknown_reservation_is_not_found(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "unknown");
    assert_int_equal(commit(stage, variant, stage_new_id(stage, 1)), STATUS_NOT_FOUND);
}

/* More reservations than an activation remembers: the first is then repeated from its row. */
static void a_forgotten_reservation_is_found_in_its_row(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "forgotten");
    const struct uuid first = stage_new_id(stage, 1);
    assert_int_equal(reserve(stage, variant, first, 1), STATUS_OK);
    for (int i = 0; i < 70; i++) {
        const struct uuid other = stage_new_id(stage, 1);
        assert_int_equal(reserve(stage, variant, other, 1), STATUS_OK);
        assert_int_equal(release(stage, variant, other), STATUS_OK);
    }
    assert_int_equal(reserve(stage, variant, first, 1), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "10 1 0 10");
    assert_int_equal(commit(stage, variant, first), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "9 0 1 10");
}

/* The answer was lost, others were served meanwhile, and nothing is left: it still holds its unit.
 */
static void a_forgotten_reservation_of_the_last_unit_is_no_shortage(struct stage *stage,
                                                                    void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "last");
    const struct uuid first = stage_new_id(stage, 1);
    assert_int_equal(reserve(stage, variant, first, 1), STATUS_OK);
    for (int i = 0; i < 70; i++) {
        const struct uuid other = stage_new_id(stage, 1);
        assert_int_equal(reserve(stage, variant, other, 1), STATUS_OK);
        assert_int_equal(release(stage, variant, other), STATUS_OK);
    }
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 9), STATUS_OK);
    assert_int_equal(reserve(stage, variant, first, 1), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "10 10 0 10");
}

static void what_is_due_is_given_back_by_the_clock(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "due");
    const struct catalog_reserve_stock command = { .variant_id = variant,
                                                   .reservation_id = stage_new_id(stage, 1),
                                                   .quantity = 2,
                                                   .expires_at_us = stage_now_us(stage) - 1 };
    struct catalog_stock_reserved reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_reserve_stock_message, &command, &reply),
                     STATUS_OK);
    assert_int_equal(reply.available, 8);
    for (int i = 0; i < 200 && strcmp(row_of(stage, variant), "10 0 0 10") != 0; i++)
        stage_sleep(stage, 25000);
    assert_string_equal(row_of(stage, variant), "10 0 0 10");
    assert_int_equal(commit(stage, variant, command.reservation_id), STATUS_OK);
    assert_int_equal(commit(stage, variant, command.reservation_id), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "8 0 2 10");
}

/* (actors/catalog/README.md, Decisions: a promise outlives its time) */
static void what_was_promised_to_an_order_stays_beyond_its_time(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "promised");
    const struct catalog_reserve_stock command = { .variant_id = variant,
                                                   .reservation_id = stage_new_id(stage, 1),
                                                   .quantity = 8,
                                                   .expires_at_us = stage_now_us(stage) - 1 };
    char hex[33], sql[512];
    for (size_t i = 0; i < sizeof command.reservation_id.bytes; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", command.reservation_id.bytes[i]);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO \"order\".order_group (id, cart_id, user_id, status,"
                   " payment_status, total, currency, number, created_at, placed_at) VALUES ('%s',"
                   " gen_random_uuid(), gen_random_uuid(), 'placed', 'unpaid', 1, 'EUR', 1, 1, 1)"
                   " RETURNING 1",
                   hex);
    assert_string_equal(stage_sql(stage, "order", sql), "1");
    struct catalog_stock_reserved reply;
    assert_int_equal(stage_ask(stage, nobody, &catalog_reserve_stock_message, &command, &reply),
                     STATUS_OK);
    const char *overdue = "SELECT count(*) FROM catalog.reservation WHERE state = 1"
                          " AND expires_at <= extract(epoch FROM clock_timestamp()) * 1000000";
    for (int i = 0; i < 200 && strcmp(stage_sql(stage, "catalog", overdue), "0") != 0; i++)
        stage_sleep(stage, 25000);
    assert_string_equal(stage_sql(stage, "catalog", overdue), "0");
    assert_string_equal(row_of(stage, variant), "10 8 0 10");
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 3), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(commit(stage, variant, command.reservation_id), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "2 0 8 10");
}

/* An import writes the row behind the back of the actor that remembers it. */
static void an_import_reaches_an_actor_that_is_sold_out(struct stage *stage, void *context)
{
    (void)context;
    struct goods goods;
    goods_describe(stage, &goods, goods_vendor(stage, "Stock and Sons"),
                   goods_category(stage, "Stock"), "refill");
    const struct uuid variant = goods_variant(stage, goods_import(stage, &goods).product_id);
    const struct uuid reservation = stage_new_id(stage, 1);
    assert_int_equal(reserve(stage, variant, reservation, 10), STATUS_OK);
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 1), STATUS_INSUFFICIENT_STOCK);
    goods.variants[0].quantity = 12;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    assert_int_equal(reserve(stage, variant, stage_new_id(stage, 1), 2), STATUS_OK);
    assert_int_equal(commit(stage, variant, reservation), STATUS_OK);
    assert_string_equal(row_of(stage, variant), "2 2 10 12");
    goods.variants[0].quantity = 1;
    assert_int_equal(goods_import(stage, &goods).outcome, CATALOG_IMPORT_OUTCOME_UPDATED);
    assert_string_equal(row_of(stage, variant), "2 2 10 12");
    assert_int_equal(commit(stage, variant, reservation), STATUS_OK);
    /* What there was, what the file said later, what was sold; a file that would undo a
     * reservation changes nothing. */
    assert_string_equal(goods_sql(stage,
                                  "SELECT string_agg(concat_ws(' ', kind, delta), ',' ORDER BY"
                                  " version) FROM catalog.stock_movement WHERE variant_id = '%s'",
                                  variant),
                        "0 10,3 2,2 -10");
}

/* After all of the above: every row of the stock is the sum of its movements. */
static void stock_is_the_sum_of_its_movements(struct stage *stage, void *context)
{
    (void)context;
    const struct uuid variant = ten_of(stage, "summed");
    assert_string_equal(goods_sql(stage,
                                  "SELECT concat_ws(' ', invariant, id, '%s') FROM"
                                  " catalog.check_stock()",
                                  variant),
                        "");
    (void)goods_sql(stage,
                    "UPDATE catalog.stock SET on_hand = 9, received = 9 WHERE variant_id = '%s'",
                    variant);
    assert_string_equal(
        goods_sql(stage, "SELECT invariant FROM catalog.check_stock() WHERE id = '%s'", variant),
        "on_hand_is_not_sum_of_movements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(reserve_and_commit_sell_the_units),
        STORY(reserve_beyond_the_stock_is_refused),
        STORY(reserve_of_an_unknown_variant_is_not_found),
        STORY(released_before_its_reserve_is_refused_later),
        STORY(commit_of_an_unknown_reservation_is_not_found),
        STORY(a_forgotten_reservation_is_found_in_its_row),
        STORY(a_forgotten_reservation_of_the_last_unit_is_no_shortage),
        STORY(what_is_due_is_given_back_by_the_clock),
        STORY(what_was_promised_to_an_order_stays_beyond_its_time),
        STORY(an_import_reaches_an_actor_that_is_sold_out),
        STORY(stock_is_the_sum_of_its_movements),
    };
    return cmocka_run_group_tests(tests, goods_open, goods_close);
}
