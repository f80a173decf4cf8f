/* Claims about what may be seen of an order's history, what is to be packed, and what is told. */
#include "catalog_messages.h"
#include "tests/actors/order/shipment_words.h"

static struct order_order_event_page events_for(const struct principal *who, int64_t after,
                                                int64_t limit)
{
    const struct order_list_order_events own = { order_id, true, after, true, limit, false, { 0 } };
    const struct order_list_vendor_order_events vendors = { order_id, true, after, true, limit };
    const struct order_list_any_order_events any = { order_id, true, after, true, limit };
    struct order_order_event_page page;
    enum status status;
    if (who->kind == PRINCIPAL_ADMIN)
        status = direct_call(market, who, &order_list_any_order_events_message, &any, &page);
    else if (who->kind == PRINCIPAL_VENDOR)
        status = direct_call(market, who, &order_list_vendor_order_events_message, &vendors, &page);
    else
        status = direct_call(market, who, &order_list_order_events_message, &own, &page);
    assert_int_equal(status, STATUS_OK);
    return page;
}

static void whoever_comes_back_reads_only_what_was_missed(void **state)
{
    (void)state;
    const struct uuid shipment_id = sent(3);
    const struct order_order_event_page first = events_for(&shopper, 0, 3);
    assert_int_equal(first.data_count, 3);
    assert_true(first.has_more);
    assert_int_equal(first.next, 3);
    assert_text_equal(first.data[0].to, TEXT("placed"));
    assert_text_equal(first.data[2].trigger, TEXT("pack"));
    assert_true(uuid_equals(first.data[2].shipment_id, shipment_id));
    const struct order_order_event_page rest = events_for(&shopper, first.next, 3);
    assert_int_equal(rest.data_count, 2);
    assert_false(rest.has_more);
    assert_int_equal(rest.data[0].sequence, 4);
    assert_text_equal(rest.data[1].to, TEXT("shipped"));
    assert_false(rest.data[1].has_shipment_id);
    assert_int_equal(events_for(&shopper, 5, 3).data_count, 0);
}

static void staff_alone_sees_who_exactly_did_it(void **state)
{
    (void)state;
    vendor.actor = draw_id(3);
    (void)packed(1);
    const struct order_order_event_page all = events_for(&staff, 2, 3);
    assert_int_equal(all.data[0].actor, ORDER_HISTORY_ACTOR_VENDOR);
    assert_true(text_starts_with(all.data[0].actor_id, TEXT("mbr_")));
    const struct order_order_event_page seen_by_others[] = { events_for(&shopper, 2, 3),
                                                             events_for(&vendor, 2, 3) };
    for (size_t i = 0; i < ARRAY_LENGTH(seen_by_others); i++) {
        assert_int_equal(seen_by_others[i].data[0].actor, ORDER_HISTORY_ACTOR_VENDOR);
        assert_false(seen_by_others[i].data[0].has_actor_id);
        assert_false(seen_by_others[i].data[0].has_request_id);
    }
}

static void histories_of_others_are_not_found(void **state)
{
    (void)state;
    const struct principal stranger = someone(PRINCIPAL_SHOPPER, 8);
    const struct order_list_order_events own = { .order_id = order_id };
    const struct order_list_vendor_order_events vendors = { .order_id = order_id };
    struct order_order_event_page page;
    assert_int_equal(direct_call(market, &stranger, &order_list_order_events_message, &own, &page),
                     STATUS_NOT_FOUND);
    assert_int_equal(direct_call(market, &nobody, &order_list_order_events_message, &own, &page),
                     STATUS_NOT_FOUND);
    assert_int_equal(
        direct_call(market, &other, &order_list_vendor_order_events_message, &vendors, &page),
        STATUS_NOT_FOUND);
}

static int64_t sources_quantity = 2;

/* The catalogue: some of them lie at one location; or it cannot be asked now. */
static enum status answer_sources(void *context, const struct message *message, const void *body,
                                  void *ret_reply)
{
    const struct catalog_find_stock_sources *query = body;
    static struct catalog_stock_source source;
    assert_ptr_equal(message, &catalog_find_stock_sources_message);
    if (context != NULL) return STATUS_UNAVAILABLE;
    source = (struct catalog_stock_source){ .variant_id = query->variant_ids[0],
                                            .location_id = { { 9 } },
                                            .name = TEXT("North"),
                                            .quantity = sources_quantity };
    *(struct catalog_stock_sources *)ret_reply =
        (struct catalog_stock_sources){ .data = &source, .data_count = 1 };
    return STATUS_OK;
}

static void a_slip_says_what_is_still_to_be_packed(void **state)
{
    (void)state;
    static int outage;
    direct_set_peer(market, answer_sources, NULL);
    (void)packed(2);
    const struct order_get_packing_slip query = { .order_id = order_id };
    struct order_packing_slip slip;
    assert_int_equal(direct_call(market, &vendor, &order_get_packing_slip_message, &query, &slip),
                     STATUS_OK);
    assert_text_equal(slip.number, TEXT("1-1"));
    assert_int_equal(slip.lines_count, 1);
    assert_int_equal(slip.lines[0].quantity, 3);
    assert_int_equal(slip.lines[0].to_pack, 1);
    assert_int_equal(slip.sources_count, 1);
    assert_text_equal(slip.sources[0].name, TEXT("North"));
    assert_int_equal(slip.sources[0].quantity, 2);
    assert_false(slip.lines[0].has_backordered);
    /* None was there when it was ordered; two are in a parcel, so at most one is still to come. */
    (void)direct_sql_as_role(market,
                             "UPDATE \"order\".order_line SET backordered = quantity RETURNING id");
    sources_quantity = 5;
    assert_int_equal(direct_call(market, &vendor, &order_get_packing_slip_message, &query, &slip),
                     STATUS_OK);
    assert_int_equal(slip.lines[0].backordered, 1);
    assert_int_equal(slip.sources[0].quantity, 3);
    direct_set_peer(market, answer_sources, &outage);
    assert_int_equal(direct_call(market, &vendor, &order_get_packing_slip_message, &query, &slip),
                     STATUS_OK);
    assert_int_equal(slip.lines[0].to_pack, 1);
    assert_int_equal(slip.sources_count, 0);
    assert_int_equal(direct_call(market, &other, &order_get_packing_slip_message, &query, &slip),
                     STATUS_NOT_FOUND);
}

static size_t found_of(enum order_fulfilment_status status)
{
    const struct order_list_vendor_orders query = { .has_fulfilment_status = true,
                                                    .fulfilment_status = status };
    struct order_order_page page;
    assert_int_equal(direct_call(market, &vendor, &order_list_vendor_orders_message, &query, &page),
                     STATUS_OK);
    return page.data_count;
}

static void lists_find_orders_by_how_far_they_have_come(void **state)
{
    (void)state;
    assert_int_equal(found_of(ORDER_FULFILMENT_STATUS_UNFULFILLED), 1);
    (void)sent(1);
    assert_int_equal(found_of(ORDER_FULFILMENT_STATUS_UNFULFILLED), 0);
    assert_int_equal(found_of(ORDER_FULFILMENT_STATUS_PARTIAL), 1);
}

/* ---- what is told ---- */

/* How many were raised since it was asked last. */
static size_t new_notices(void)
{
    static size_t seen_before;
    const size_t now = direct_events(market, order_notice_was_raised_message.number);
    const size_t more = now - seen_before;
    seen_before = now;
    return more;
}

static void the_buyer_hears_of_each_parcel_and_of_the_last_arrival(void **state)
{
    (void)state;
    (void)new_notices();
    const struct uuid first = packed(1), second = packed(2);
    assert_int_equal(new_notices(), 0);
    assert_int_equal(hand_over_of(&vendor, order_id, first), STATUS_OK);
    assert_int_equal(hand_over_of(&vendor, order_id, second), STATUS_OK);
    assert_int_equal(new_notices(), 2);
    assert_int_equal(deliver(first), STATUS_OK);
    assert_int_equal(new_notices(), 0);
    assert_int_equal(deliver(second), STATUS_OK);
    assert_int_equal(new_notices(), 1);
}

static void what_the_buyer_has_said_himself_he_is_not_told(void **state)
{
    (void)state;
    struct order_order order;
    (void)sent(3);
    (void)new_notices();
    assert_int_equal(confirm(&shopper, &order), STATUS_OK);
    assert_int_equal(order.status, ORDER_ORDER_STATUS_DELIVERED);
    assert_int_equal(new_notices(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(whoever_comes_back_reads_only_what_was_missed),
        CLAIM(staff_alone_sees_who_exactly_did_it),
        CLAIM(histories_of_others_are_not_found),
        CLAIM(a_slip_says_what_is_still_to_be_packed),
        CLAIM(lists_find_orders_by_how_far_they_have_come),
        CLAIM(the_buyer_hears_of_each_parcel_and_of_the_last_arrival),
        CLAIM(what_the_buyer_has_said_himself_he_is_not_told),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
