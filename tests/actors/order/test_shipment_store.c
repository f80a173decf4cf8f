/* Claims about parcels as vendors, carriers, shoppers and the clock move them. */
#include "tests/actors/order/shipment_words.h"

static void two_parcels_move_an_order_from_accepted_to_delivered(void **state)
{
    (void)state;
    const struct uuid first = sent(1);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_PARTIALLY_SHIPPED);
    const struct uuid second = sent(2);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_SHIPPED);
    assert_int_equal(deliver(second), STATUS_OK);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_PARTIALLY_DELIVERED);
    assert_int_equal(deliver(first), STATUS_OK);
    const struct order_order order = seen();
    assert_int_equal(order.status, ORDER_ORDER_STATUS_DELIVERED);
    assert_int_equal(order.fulfilment_status, ORDER_FULFILMENT_STATUS_DELIVERED);
    assert_int_equal(order.shipments_count, 2);
    assert_int_equal(order.shipments[0].lines[0].quantity, 1);
    assert_text_equal(order.shipments[1].tracking_url, TEXT("https://post.example/1"));
    assert_int_equal(order.shipments[1].status, ORDER_SHIPMENT_STATUS_DELIVERED);
    assert_int_equal(order.lines[0].delivered, 3);
    assert_int_equal(order.version, 12); /* 2 + three rows of each parcel + four of the order */
    assert_sql("SELECT fulfilment_status FROM \"order\".order_group", "partial");
    assert_int_equal(direct_events(market, order_order_was_changed_message.number), 6);
    assert_int_equal(direct_events(market, order_action_was_audited_message.number), 6);
}

static void parcels_hold_units_of_their_order_once(void **state)
{
    (void)state;
    struct order_shipment reply;
    (void)packed(2);
    assert_int_equal(create_of(&vendor, order_id, line_id, 2, &reply), STATUS_UNITS_NOT_LEFT);
    assert_fault(STATUS_UNITS_NOT_LEFT, "/lines/0/quantity");
    assert_int_equal(direct_last_fault(market).available, 1);
    assert_int_equal(create_of(&vendor, order_id, other_line_id, 1, &reply), STATUS_NOT_FOUND);
    assert_fault(STATUS_NOT_FOUND, "/lines/0/line_id");
    const struct order_create_shipment empty = { .order_id = order_id, .carrier = TEXT("Post") };
    assert_int_equal(direct_call(market, &vendor, &order_create_shipment_message, &empty, &reply),
                     STATUS_MISSING_FIELD);
    assert_sql("SELECT count(*) FROM \"order\".shipment", "1");
}

static void links_that_are_none_are_refused(void **state)
{
    (void)state;
    const struct order_shipment_line lines[] = { { line_id, 1 } };
    const struct order_create_shipment command = { .order_id = order_id,
                                                   .lines = lines,
                                                   .lines_count = 1,
                                                   .carrier = TEXT("Post"),
                                                   .has_tracking_url = true,
                                                   .tracking_url = TEXT("javascript:alert(1)") };
    struct order_shipment reply;
    assert_int_equal(direct_call(market, &vendor, &order_create_shipment_message, &command, &reply),
                     STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/tracking_url");
}

static void nothing_is_packed_of_an_order_that_waits(void **state)
{
    (void)state;
    (void)direct_sql(market, "TRUNCATE \"order\".order_group, \"order\".vendor_order,"
                             " \"order\".order_line, \"order\".order_history");
    write_group("awaiting_acceptance");
    struct order_shipment reply;
    assert_int_equal(create_of(&vendor, order_id, line_id, 1, &reply), STATUS_ILLEGAL_TRANSITION);
    assert_fault(STATUS_ILLEGAL_TRANSITION, "");
}

static void an_order_has_fifty_parcels_at_most(void **state)
{
    (void)state;
    struct order_shipment reply;
    (void)direct_sql(market, "UPDATE \"order\".vendor_order SET shipments_count = 50");
    assert_int_equal(create_of(&vendor, order_id, line_id, 1, &reply), STATUS_TOO_MANY_SHIPMENTS);
    (void)direct_sql(market, "UPDATE \"order\".vendor_order SET shipments_count = 0");
}

static enum status call_off(struct uuid shipment_id)
{
    struct order_shipment reply;
    const struct order_cancel_shipment command = { .order_id = order_id,
                                                   .shipment_id = shipment_id };
    return direct_call(market, &vendor, &order_cancel_shipment_message, &command, &reply);
}

/* However often a vendor changes its mind. */
static void parcels_that_were_called_off_give_way_the_oldest_first(void **state)
{
    (void)state;
    enum { KEPT = 50 };
    const struct uuid kept = packed(1), first = packed(1);
    assert_int_equal(call_off(first), STATUS_OK);
    for (int i = 2; i < KEPT + 3; i++)
        assert_int_equal(call_off(packed(1)), STATUS_OK);
    const struct order_order order = seen();
    assert_int_equal(order.shipments_count, KEPT);
    assert_true(uuid_equals(order.shipments[0].id, kept));
    for (size_t i = 1; i < KEPT; i++)
        assert_false(uuid_equals(order.shipments[i].id, first));
    assert_sql("SELECT count(*) FROM \"order\".shipment_line", "50");
    assert_sql("SELECT count(*) FROM \"order\".order_history WHERE trigger = 'pack'", "53");
    assert_int_equal(hand_over_of(&vendor, order_id, kept), STATUS_OK);
}

static void parcels_of_others_are_not_found(void **state)
{
    (void)state;
    const struct uuid shipment_id = packed(1);
    struct order_shipment reply;
    assert_int_equal(create_of(&other, order_id, line_id, 1, &reply), STATUS_NOT_FOUND);
    assert_int_equal(hand_over_of(&other, order_id, shipment_id), STATUS_NOT_FOUND);
    assert_int_equal(hand_over_of(&other, other_order_id, shipment_id), STATUS_NOT_FOUND);
    assert_int_equal(hand_over_of(&vendor, order_id, draw_id(9)), STATUS_NOT_FOUND);
    const struct order_list_shipments list = { .order_id = order_id };
    struct order_shipment_list page;
    assert_int_equal(direct_call(market, &other, &order_list_shipments_message, &list, &page),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, &vendor, &order_list_shipments_message, &list, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 1);
}

static void who_names_an_old_version_of_a_parcel_changes_nothing(void **state)
{
    (void)state;
    const int64_t versions[] = { 2 };
    const struct order_cancel_shipment command = {
        .order_id = order_id, .shipment_id = packed(1), .versions = versions, .versions_count = 1
    };
    struct order_shipment reply;
    assert_int_equal(direct_call(market, &vendor, &order_cancel_shipment_message, &command, &reply),
                     STATUS_PRECONDITION_FAILED);
}

/* ---- at once ---- */

/* Both see the units; the second one's unit fails and would run again. */
static void units_that_two_want_to_send_go_into_one_parcel(void **state)
{
    (void)state;
    direct_queue_units(market);
    (void)packed(2);
    (void)packed(2);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT count(*) FROM \"order\".shipment", "1");
    assert_sql("SELECT packed FROM \"order\".order_line WHERE quantity = 3", "2");
}

/* Two orders of a group have actors of their own; each sums up the group with what it sees. */
static void summaries_of_a_group_do_not_miss_each_other(void **state)
{
    (void)state;
    const struct uuid mine = packed(3);
    struct order_shipment others;
    assert_int_equal(create_of(&other, other_order_id, other_line_id, 2, &others), STATUS_OK);
    direct_queue_units(market);
    assert_int_equal(hand_over_of(&vendor, order_id, mine), STATUS_OK);
    assert_int_equal(hand_over_of(&other, other_order_id, others.id), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT fulfilment_status FROM \"order\".order_group", "partial");
    assert_int_equal(hand_over_of(&other, other_order_id, others.id), STATUS_OK);
    assert_sql("SELECT fulfilment_status FROM \"order\".order_group", "shipped");
}

/* ---- carriers ---- */

static void what_a_carrier_says_late_stands_in_the_history_only(void **state)
{
    (void)state;
    const struct uuid shipment_id = sent(3);
    const int64_t now_us = direct_now_us(market);
    struct order_shipment reply;
    assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_DELIVERED, now_us - 10, &reply),
                     STATUS_OK);
    assert_int_equal(reply.status, ORDER_SHIPMENT_STATUS_DELIVERED);
    assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_IN_TRANSIT, now_us - 90, &reply),
                     STATUS_OK);
    assert_int_equal(reply.status, ORDER_SHIPMENT_STATUS_DELIVERED);
    assert_int_equal(reply.carrier_status, ORDER_SHIPMENT_STATUS_DELIVERED);
    assert_int_equal(reply.version, 4);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_DELIVERED);
    assert_sql("SELECT trigger || ' ' || from_state || ' ' || to_state || ' ' || note"
               " FROM \"order\".order_history WHERE is_late",
               "transit delivered delivered Leeds");
}

static void reports_before_their_time_are_refused(void **state)
{
    (void)state;
    const struct uuid shipment_id = packed(3);
    const int64_t now_us = direct_now_us(market);
    struct order_shipment reply;
    assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_IN_TRANSIT, now_us, &reply),
                     STATUS_ILLEGAL_TRANSITION);
    assert_fault(STATUS_ILLEGAL_TRANSITION, "");
    assert_int_equal(hand_over_of(&vendor, order_id, shipment_id), STATUS_OK);
    assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_DELIVERED,
                            now_us + INT64_C(301) * 1000000, &reply),
                     STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/at");
    assert_sql("SELECT count(*) FROM \"order\".order_history WHERE reported_at IS NOT NULL", "0");
}

static void a_carrier_that_never_ends_is_cut_off(void **state)
{
    (void)state;
    const struct uuid shipment_id = sent(3);
    struct order_shipment reply;
    const int64_t at_us = direct_now_us(market);
    for (int i = 0; i < 100; i++)
        assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_IN_TRANSIT, at_us, &reply),
                         STATUS_OK);
    assert_int_equal(report(shipment_id, ORDER_CARRIER_REPORT_DELIVERED, at_us, &reply),
                     STATUS_TOO_MANY_REPORTS);
    assert_int_equal(deliver(shipment_id), STATUS_OK);
}

/* ---- shoppers ---- */

static void what_is_under_way_arrives_by_the_shoppers_word(void **state)
{
    (void)state;
    struct order_order order;
    assert_int_equal(confirm(&shopper, &order), STATUS_ILLEGAL_TRANSITION);
    assert_fault(STATUS_ILLEGAL_TRANSITION, "");
    (void)sent(1);
    (void)sent(1);
    (void)packed(1);
    assert_int_equal(confirm(&shopper, &order), STATUS_OK);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_PARTIALLY_DELIVERED);
    assert_int_equal(order.shipments_count, 3);
    assert_int_equal(order.shipments[1].status, ORDER_SHIPMENT_STATUS_DELIVERED);
    assert_int_equal(order.shipments[2].status, ORDER_SHIPMENT_STATUS_CREATED);
    assert_int_equal(order.lines[0].delivered, 2);
    assert_int_equal(order.version, seen().version);
    assert_sql("SELECT DISTINCT actor_kind FROM \"order\".order_history WHERE trigger = 'deliver'",
               "shopper");
}

static void saying_again_that_everything_came_changes_nothing(void **state)
{
    (void)state;
    struct order_order order;
    (void)sent(3);
    assert_int_equal(confirm(&shopper, &order), STATUS_OK);
    const int64_t version = order.version;
    assert_int_equal(confirm(&shopper, &order), STATUS_OK);
    assert_int_equal(order.version, version);
}

static void nobody_else_says_that_it_came(void **state)
{
    (void)state;
    struct order_order order;
    (void)sent(3);
    const struct principal stranger = someone(PRINCIPAL_SHOPPER, 8);
    assert_int_equal(confirm(&stranger, &order), STATUS_NOT_FOUND);
    assert_int_equal(confirm(&nobody, &order), STATUS_NOT_FOUND);
}

/* ---- by the clock ---- */

static void sweep(void)
{
    assert_int_equal(direct_sweep(market, "order_due_shipments"), STATUS_OK);
    assert_int_equal(direct_sweep(market, "order_due_orders"), STATUS_OK);
}

static int64_t open_orders(void)
{
    const struct order_count_open_orders_of_vendor query = { .vendor_id = vendor.id };
    struct order_vendor_openings found;
    assert_int_equal(
        direct_call(market, NULL, &order_count_open_orders_of_vendor_message, &query, &found),
        STATUS_OK);
    return found.open_orders;
}

static size_t blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = shopper.id };
    struct common_blockers found;
    assert_int_equal(direct_call(market, NULL, &order_get_erasure_blockers_message, &query, &found),
                     STATUS_OK);
    return found.blockers_count;
}

static void time_delivers_and_completes_and_lets_go(void **state)
{
    (void)state;
    (void)sent(3);
    direct_advance(market, 13 * DAY_US);
    sweep();
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_SHIPPED);
    direct_advance(market, 2 * DAY_US);
    sweep();
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_DELIVERED);
    direct_advance(market, 13 * DAY_US);
    sweep();
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_DELIVERED);
    assert_int_equal(open_orders(), 1);
    assert_int_equal(blockers(), 2);
    direct_advance(market, 2 * DAY_US);
    sweep();
    sweep();
    const struct order_order order = seen();
    assert_int_equal(order.status, ORDER_ORDER_STATUS_COMPLETED);
    assert_int_equal(order.version, 8);
    assert_int_equal(open_orders(), 0);
    assert_int_equal(blockers(), 1); /* the other vendor's */
    assert_sql("SELECT string_agg(actor_kind, ' ' ORDER BY sequence) FROM \"order\".order_history"
               " WHERE trigger IN ('deliver', 'deliver_all', 'complete')",
               "system system system");
}

static void a_parcel_with_a_problem_is_not_delivered_by_time(void **state)
{
    (void)state;
    const struct uuid shipment_id = sent(3);
    struct order_shipment reply;
    assert_int_equal(
        report(shipment_id, ORDER_CARRIER_REPORT_EXCEPTION, direct_now_us(market), &reply),
        STATUS_OK);
    direct_advance(market, 30 * DAY_US);
    sweep();
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_SHIPPED);
}

/* ---- back at its sender's ---- */

static enum status take_back(const struct principal *who, struct uuid shipment_id)
{
    struct order_shipment reply;
    const struct order_take_shipment_back command = { .order_id = order_id,
                                                      .shipment_id = shipment_id };
    return direct_call(market, who, &order_take_shipment_back_message, &command, &reply);
}

static void what_came_back_is_sent_again_or_cancelled(void **state)
{
    (void)state;
    const struct uuid first = sent(2), second = sent(1);
    struct order_shipment reply;
    assert_int_equal(take_back(&vendor, first), STATUS_ILLEGAL_TRANSITION);
    const int64_t now_us = direct_now_us(market);
    assert_int_equal(report(first, ORDER_CARRIER_REPORT_RETURNED_TO_SENDER, now_us, &reply),
                     STATUS_OK);
    assert_int_equal(report(second, ORDER_CARRIER_REPORT_RETURNED_TO_SENDER, now_us, &reply),
                     STATUS_OK);
    assert_int_equal(take_back(&other, first), STATUS_NOT_FOUND);
    assert_int_equal(take_back(&vendor, first), STATUS_OK);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_PARTIALLY_SHIPPED);
    assert_int_equal(take_back(&vendor, first), STATUS_ILLEGAL_TRANSITION);
    const struct order_take_any_shipment_back command = { .order_id = order_id,
                                                          .shipment_id = second };
    assert_int_equal(
        direct_call(market, &staff, &order_take_any_shipment_back_message, &command, &reply),
        STATUS_OK);
    assert_int_equal(reply.status, ORDER_SHIPMENT_STATUS_TAKEN_BACK);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_PROCESSING);
    (void)sent(1);
    assert_int_equal(call_off(packed(2)), STATUS_OK);
    assert_int_equal(seen().status, ORDER_ORDER_STATUS_PARTIALLY_SHIPPED);
}

/* ---- what must hold ---- */

static void assert_violates(const char *spoil, const char *restore, const char *invariant)
{
    (void)direct_sql(market, spoil);
    const struct text got = direct_sql_as_role(
        market, "SELECT string_agg(DISTINCT invariant, ' ') FROM \"order\".check_shipments()");
    if (!text_equals_string(got, invariant)) fail_msg("%s: %.*s", spoil, (int)got.length, got.data);
    (void)direct_sql(market, restore);
}

static void parcels_that_do_not_add_up_are_named(void **state)
{
    (void)state;
    (void)packed(2);
    assert_violates("UPDATE \"order\".order_line SET packed = 1 WHERE packed = 2",
                    "UPDATE \"order\".order_line SET packed = 2 WHERE packed = 1",
                    "line_does_not_count_its_parcels");
    assert_violates("UPDATE \"order\".vendor_order SET shipments_count = shipments_count + 1",
                    "UPDATE \"order\".vendor_order SET shipments_count = shipments_count - 1",
                    "order_does_not_count_its_parcels");
    assert_violates("UPDATE \"order\".shipment SET status = 'ready'",
                    "UPDATE \"order\".shipment SET status = 'created'",
                    "parcel_is_not_where_its_history_ends");
    assert_violates("DELETE FROM \"order\".shipment_line",
                    "UPDATE \"order\".order_line SET packed = 0; UPDATE \"order\".vendor_order SET"
                    " shipments_count = 0, version = 2; DELETE FROM \"order\".shipment;"
                    " DELETE FROM \"order\".order_history WHERE sequence > 2",
                    "line_does_not_count_its_parcels parcel_holds_nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(two_parcels_move_an_order_from_accepted_to_delivered),
        CLAIM(parcels_hold_units_of_their_order_once),
        CLAIM(links_that_are_none_are_refused),
        CLAIM(nothing_is_packed_of_an_order_that_waits),
        CLAIM(an_order_has_fifty_parcels_at_most),
        CLAIM(parcels_that_were_called_off_give_way_the_oldest_first),
        CLAIM(parcels_of_others_are_not_found),
        CLAIM(who_names_an_old_version_of_a_parcel_changes_nothing),
        CLAIM(units_that_two_want_to_send_go_into_one_parcel),
        CLAIM(summaries_of_a_group_do_not_miss_each_other),
        CLAIM(what_a_carrier_says_late_stands_in_the_history_only),
        CLAIM(reports_before_their_time_are_refused),
        CLAIM(a_carrier_that_never_ends_is_cut_off),
        CLAIM(what_is_under_way_arrives_by_the_shoppers_word),
        CLAIM(saying_again_that_everything_came_changes_nothing),
        CLAIM(nobody_else_says_that_it_came),
        CLAIM(time_delivers_and_completes_and_lets_go),
        CLAIM(a_parcel_with_a_problem_is_not_delivered_by_time),
        CLAIM(what_came_back_is_sent_again_or_cancelled),
        CLAIM(parcels_that_do_not_add_up_are_named),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
