/* Claims about refunds as they are stored: what must hold of them, and what the database refuses.
 */
#include "actors/order/order_back_store.h"

#include "tests/actors/order/life_story.h"

/* One of the three units is cancelled: it cost 1, of which nothing was to be paid on delivery. */
static void cancel_one(void)
{
    char sql[2048];
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE \"order\".order_line SET cancelled = 1 WHERE order_id = '%s';"
        "UPDATE \"order\".vendor_order SET refunded = 1, payment_status = 'partially_refunded',"
        " version = 3 WHERE id = '%s';"
        "UPDATE \"order\".order_group SET refunded = 1, payment_status = 'partially_refunded';"
        "INSERT INTO \"order\".order_history (order_id, sequence, group_id, machine, object_id,"
        " trigger, from_state, to_state, is_late, actor_kind, actor, request_id, at) SELECT"
        " order_id, 3, group_id, machine, object_id, 'cancel_units', 'accepted', 'accepted',"
        " false, 'vendor', '', '', 5 FROM \"order\".order_history WHERE sequence = 2"
        " AND order_id = '%s';"
        "INSERT INTO \"order\".order_refund VALUES ('%s', '%s', 3, 1, 0);"
        "INSERT INTO \"order\".order_refund_part VALUES ('%s', '%s', 1, 1, 0, 0, 1)",
        sql_id(order_id), sql_id(order_id), sql_id(order_id), sql_id(group_id), sql_id(order_id),
        sql_id(group_id), sql_id(line_id));
    (void)direct_sql(market, sql);
}

static void a_cancellation_is_shown_with_its_order(void **state)
{
    (void)state;
    const struct order_get_vendor_order query = { .order_id = order_id };
    struct order_order order;
    cancel_one();
    assert_int_equal(direct_call(market, &vendor, &order_get_vendor_order_message, &query, &order),
                     STATUS_OK);
    assert_int_equal(order.cancellations_count, 1);
    assert_int_equal(order.cancellations[0].total.amount, 1);
    assert_int_equal(order.cancellations[0].refunded.amount, 1);
    assert_int_equal(order.cancellations[0].delivery.amount, 0);
    assert_int_equal(order.cancellations[0].at_us, 5);
    assert_int_equal(order.cancellations[0].actor, ORDER_HISTORY_ACTOR_VENDOR);
    assert_int_equal(order.cancellations[0].lines_count, 1);
}

/* Spoils one thing, looks, and puts it back. */
static void assert_violates(const char *spoil, const char *restore, const char *invariants)
{
    (void)direct_sql(market, spoil);
    const struct text got =
        direct_sql_as_role(market, "SELECT string_agg(DISTINCT invariant, ' ' ORDER BY invariant)"
                                   " FROM \"order\".check_prices()");
    if (!text_equals_string(got, invariants))
        fail_msg("%s: %.*s", spoil, (int)got.length, got.data);
    (void)direct_sql(market, restore);
}

static void what_does_not_add_up_is_named(void **state)
{
    (void)state;
    cancel_one();
    assert_violates("UPDATE \"order\".order_refund SET total = 2",
                    "UPDATE \"order\".order_refund SET total = 1",
                    "order_is_not_refunded_by_its_refunds refund_is_not_sum_of_its_parts");
    assert_violates("UPDATE \"order\".order_refund_part SET goods = 2",
                    "UPDATE \"order\".order_refund_part SET goods = 1",
                    "part_that_goes_back_does_not_add_up");
    assert_violates("UPDATE \"order\".order_refund_part SET goods = 4, total = 4",
                    "UPDATE \"order\".order_refund_part SET goods = 1, total = 1",
                    "more_went_back_than_there_was refund_is_not_sum_of_its_parts");
    assert_violates("UPDATE \"order\".order_refund_part SET quantity = 2",
                    "UPDATE \"order\".order_refund_part SET quantity = 1",
                    "units_that_went_back_are_not_refunded");
    assert_violates("UPDATE \"order\".order_refund_part SET quantity = 3;"
                    "UPDATE \"order\".order_line SET cancelled = 3 WHERE cancelled = 1",
                    "UPDATE \"order\".order_refund_part SET quantity = 1;"
                    "UPDATE \"order\".order_line SET cancelled = 1 WHERE cancelled = 3",
                    "all_went_back_but_not_what_it_cost");
    assert_violates("UPDATE \"order\".vendor_order SET refunded = 2 WHERE refunded = 1",
                    "UPDATE \"order\".vendor_order SET refunded = 1 WHERE refunded = 2",
                    "order_is_not_refunded_by_its_refunds");
    assert_violates("UPDATE \"order\".order_refund SET sequence = 2",
                    "UPDATE \"order\".order_refund SET sequence = 3",
                    "refund_that_no_history_tells");
}

static void shares_that_do_not_add_up_are_named(void **state)
{
    (void)state;
    cancel_one();
    assert_violates("INSERT INTO \"order\".order_refund_tax SELECT r.refund_id, r.subject_id,"
                    " r.subject_id, 1 FROM \"order\".order_refund_part r",
                    "DELETE FROM \"order\".order_refund_tax",
                    "more_of_a_rate_went_back_than_it_took tax_that_goes_back_is_not_sum_of_rates");
    assert_violates("INSERT INTO \"order\".order_refund_discount SELECT r.refund_id, r.subject_id,"
                    " r.subject_id, 1, 0 FROM \"order\".order_refund_part r",
                    "DELETE FROM \"order\".order_refund_discount",
                    "discount_that_goes_back_is_not_sum_of_promotions"
                    " more_of_a_promotion_went_back_than_it_took");
}

static void what_is_owed_is_waived_before_a_wallet_is_refunded(void **state)
{
    (void)state;
    cancel_one();
    assert_violates("UPDATE \"order\".vendor_order SET on_delivery = 1 WHERE refunded = 1",
                    "UPDATE \"order\".vendor_order SET on_delivery = 0 WHERE refunded = 1",
                    "wallet_is_refunded_while_something_is_owed");
}

static void sums_that_cannot_be_are_refused_by_the_database(void **state)
{
    (void)state;
    static const char *const wrong[] = { "UPDATE \"order\".vendor_order SET waived = 1",
                                         "UPDATE \"order\".order_group SET waived = 1",
                                         "UPDATE \"order\".order_refund SET waived = 2",
                                         "UPDATE \"order\".order_refund_part SET quantity = 0",
                                         "UPDATE \"order\".order_refund_part SET discount = 2" };
    cancel_one();
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        char sql[512];
        (void)snprintf(sql, sizeof sql,
                       "DO $$ BEGIN %s; RAISE EXCEPTION 'it was taken';"
                       " EXCEPTION WHEN check_violation THEN NULL; END $$",
                       wrong[i]);
        (void)direct_sql(market, sql);
    }
}

static int make_market(void **state)
{
    (void)state;
    market = direct_market_new(&order_domain);
    return 0;
}

static int drop_market(void **state)
{
    (void)state;
    direct_market_destroy(&market);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_cancellation_is_shown_with_its_order),
        CLAIM(what_does_not_add_up_is_named),
        CLAIM(shares_that_do_not_add_up_are_named),
        CLAIM(what_is_owed_is_waived_before_a_wallet_is_refunded),
        CLAIM(sums_that_cannot_be_are_refused_by_the_database),
    };
    return cmocka_run_group_tests(tests, make_market, drop_market);
}
