/* Claims about units that are added to an order, in their host: when the buyer agrees, once, for
 * stock and money that are there; and that all of it goes back to where it came from. */
#include "tests/actors/order/edit_words.h"

static struct answer propose(const struct order_order *order, int64_t quantity,
                             struct order_edit *ret_edit)
{
    const struct order_shipment_line lines[] = { { order->lines[0].id, quantity } };
    const struct order_propose_edit command = {
        .order_id = order->id, .lines = lines, .lines_count = 1, .reason = TEXT("As you asked")
    };
    return as_vendor(&order_propose_edit_message, &command, ret_edit);
}

static struct order_edit proposed(const struct order_order *order, int64_t quantity)
{
    struct order_edit edit;
    assert_int_equal(propose(order, quantity, &edit).status, STATUS_OK);
    return edit;
}

static struct order_order accepted(const struct order_order *order, int64_t quantity)
{
    const struct order_edit edit = proposed(order, quantity);
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_APPLIED);
    market_settle(&market);
    return seen(order->id);
}

static void units_that_are_agreed_on_are_taken_and_paid(void **state)
{
    (void)state;
    const struct order_order order = bought(80, 2);
    const struct order_edit edit = proposed(&order, 3);
    assert_int_equal(edit.total.amount, 3 * TEAPOT_COSTS);
    assert_int_equal(edit.payment, ORDER_EDIT_PAYMENT_WALLET);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS); /* nothing happens without the buyer */
    assert_int_equal(seen(order.id).lines_count, 1);
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_APPLIED);
    assert_is(TEAPOTS - 5, 5 * TEAPOT_COSTS);
    const struct order_order after = seen(order.id);
    assert_int_equal(after.lines_count, 2);
    assert_int_equal(after.lines[1].quantity, 3);
    assert_true(uuid_equals(after.lines[1].id, edit.lines[0].new_line_id));
    assert_int_equal(after.totals.total.amount, 5 * TEAPOT_COSTS);
    assert_int_equal(after.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_EDIT_ENDED);
    assert_int_equal(decline_as(shopper, &edit, &reply).status, STATUS_EDIT_ENDED);
    assert_is(TEAPOTS - 5, 5 * TEAPOT_COSTS);
}

static void what_was_added_goes_back_like_the_rest(void **state)
{
    (void)state;
    static struct order_order order; /* large */
    order = bought(81, 2);
    static struct order_order after; /* large */
    after = accepted(&order, 3);
    assert_int_equal(cancel(&after, 1, 1), STATUS_OK);
    assert_is(TEAPOTS - 4, 4 * TEAPOT_COSTS);
    assert_int_equal(cancel(&after, 0, 2), STATUS_OK);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
    const struct order_cancel_order rest = { .order_id = order.id };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_order_message, &rest, 0, &reply).status,
        STATUS_OK);
    assert_is(TEAPOTS, 0);
    assert_int_equal(seen(order.id).payment_status, ORDER_PAYMENT_STATUS_REFUNDED);
}

static void who_has_too_little_is_asked_again(void **state)
{
    (void)state;
    const struct order_order order = bought(82, 1);
    const struct order_edit edit = proposed(&order, 2);
    struct order_edit reply;
    market.shop.wallet.amount -= SHOPPER_MONEY - TEAPOT_COSTS - 1;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_INSUFFICIENT_FUNDS);
    market_settle(&market);
    assert_int_equal(account_available(&market.shop.variants[TEAPOT].stock), TEAPOTS - 1);
    assert_int_equal(seen(order.id).lines_count, 1);
    market.shop.wallet.amount += SHOPPER_MONEY - TEAPOT_COSTS - 1;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
}

static void what_is_not_there_is_not_added(void **state)
{
    (void)state;
    const struct order_order order = bought(83, 1);
    const struct order_edit edit = proposed(&order, TEAPOTS);
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_INSUFFICIENT_STOCK);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
    assert_int_equal(decline_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_DECLINED);
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_EDIT_ENDED);
}

static void two_who_agree_at_once_buy_once(void **state)
{
    (void)state;
    const struct order_order order = bought(84, 1);
    const struct order_edit edit = proposed(&order, 2);
    const struct order_accept_edit command = { .order_id = order.id, .edit_id = edit.id };
    struct order_edit replies[2];
    struct call calls[2];
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_accept_edit_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_EDIT_ENDED);
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
}

/* The second finds too little of what the first has set aside, which it has to hear as what it is.
 */
static void
of_two_who_agree_at_once_with_money_for_one_the_second_hears_that_it_is_done(void **state)
{
    (void)state;
    const struct order_order order = bought(240, 1);
    const struct order_edit edit = proposed(&order, 2);
    const struct order_accept_edit command = { .order_id = order.id, .edit_id = edit.id };
    struct order_edit replies[2];
    struct call calls[2];
    market.shop.wallet.amount = 2 * TEAPOT_COSTS;
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_accept_edit_message,
                                  .body = &command,
                                  .reply = &replies[i] };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    market_settle(&market);
    const size_t refused = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - refused].answer.status, STATUS_OK);
    assert_int_equal(calls[refused].answer.status, STATUS_EDIT_ENDED);
    assert_int_equal(market.shop.wallet.amount, 0);
    market.shop.wallet.amount = SHOPPER_MONEY - 3 * TEAPOT_COSTS;
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
}

static void units_that_are_added_and_not_there_yet_say_so(void **state)
{
    (void)state;
    market.shop.variants[TEAPOT].ahead = TEAPOTS - 2;
    const struct order_order order = bought(241, 1);
    assert_false(order.lines[0].has_backordered);
    const struct order_order after = accepted(&order, 3); /* of which 1 is there */
    assert_int_equal(after.lines[1].backordered, 2);
    market.shop.variants[TEAPOT].ahead = 0;
}

static void who_agrees_and_cancels_at_once_loses_nothing(void **state)
{
    (void)state;
    const struct order_order order = bought(85, 1);
    const struct order_edit edit = proposed(&order, 2);
    const struct order_accept_edit accept = { .order_id = order.id, .edit_id = edit.id };
    const struct order_cancel_order cancel_all = { .order_id = order.id };
    struct order_edit edited;
    struct order_order cancelled;
    struct call calls[] = { { .user_id = shopper,
                              .message = &order_accept_edit_message,
                              .body = &accept,
                              .reply = &edited },
                            { .user_id = shopper,
                              .message = &order_cancel_order_message,
                              .body = &cancel_all,
                              .reply = &cancelled } };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    assert_int_equal(calls[1].answer.status, STATUS_OK);
    assert_is(TEAPOTS, 0);
}

static void a_wallet_that_is_away_behind_the_pivot_is_waited_for(void **state)
{
    (void)state;
    const struct order_order order = bought(86, 1);
    const struct order_edit edit = proposed(&order, 1);
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_post_hold_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 2 });
    shop_fail(&market.shop, (struct shop_failure){ .message = &catalog_commit_stock_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = 1,
                                                   .is_answer_lost = true });
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_OK);
    assert_is(TEAPOTS - 2, 2 * TEAPOT_COSTS);
}

static void one_is_proposed_at_a_time_until_its_time_is_over(void **state)
{
    (void)state;
    const struct order_order order = bought(87, 1);
    const struct order_edit first = proposed(&order, 1);
    struct order_edit reply;
    assert_int_equal(propose(&order, 1, &reply).status, STATUS_EDIT_OPEN);
    market.shop.market_offset_us += 3 * DAY_US;
    assert_int_equal(accept_as(shopper, &first, &reply).status, STATUS_EDIT_ENDED);
    const struct order_edit second = proposed(&order, 1);
    const struct order_list_edits query = { .order_id = order.id };
    struct order_edit_list edits;
    assert_int_equal(
        market_call(&market, shopper, &order_list_edits_message, &query, 0, &edits).status,
        STATUS_OK);
    assert_int_equal(edits.data_count, 2);
    assert_int_equal(edits.data[0].status, ORDER_EDIT_STATUS_EXPIRED);
    assert_true(uuid_equals(edits.data[1].id, second.id));
    assert_int_equal(edits.data[1].status, ORDER_EDIT_STATUS_OPEN);
}

static void nobody_else_proposes_sees_or_agrees(void **state)
{
    (void)state;
    const struct order_order order = bought(88, 1);
    const struct order_shipment_line lines[] = { { order.lines[0].id, 1 } };
    const struct order_propose_edit command = {
        .order_id = order.id, .lines = lines, .lines_count = 1, .reason = TEXT("No")
    };
    struct order_edit reply;
    const struct uuid other_vendor = market.shop.variants[BOWL].vendor_id;
    assert_int_equal(
        market_call(&market, other_vendor, &order_propose_edit_message, &command, 0, &reply).status,
        STATUS_NOT_FOUND);
    const struct order_edit edit = proposed(&order, 1);
    const struct uuid stranger = draw_id(3);
    const struct order_list_edits query = { .order_id = order.id };
    struct order_edit_list edits;
    assert_int_equal(accept_as(stranger, &edit, &reply).status, STATUS_NOT_FOUND);
    assert_int_equal(decline_as(stranger, &edit, &reply).status, STATUS_NOT_FOUND);
    assert_int_equal(
        market_call(&market, stranger, &order_list_edits_message, &query, 0, &edits).status,
        STATUS_NOT_FOUND);
    const struct order_edit unknown = { .order_id = order.id, .id = draw_id(4) };
    assert_int_equal(accept_as(shopper, &unknown, &reply).status, STATUS_NOT_FOUND);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void what_is_sent_is_not_edited(void **state)
{
    (void)state;
    const struct order_order order = delivered(89, 1);
    struct order_edit reply;
    assert_int_equal(propose(&order, 1, &reply).status, STATUS_ILLEGAL_TRANSITION);
}

static void goods_that_stand_in_two_lines_are_named_once(void **state)
{
    (void)state;
    const struct order_order order = bought(90, 1);
    const struct order_order after = accepted(&order, 1);
    const struct order_shipment_line lines[] = { { after.lines[0].id, 1 },
                                                 { after.lines[1].id, 1 } };
    const struct order_propose_edit command = {
        .order_id = order.id, .lines = lines, .lines_count = 2, .reason = TEXT("Both")
    };
    struct order_edit reply;
    assert_int_equal(as_vendor(&order_propose_edit_message, &command, &reply).status,
                     STATUS_INVALID_VALUE);
    const struct order_order again = accepted(&after, 1);
    assert_int_equal(again.lines_count, 3);
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
}

static void what_is_set_aside_for_an_edit_is_kept_once_it_is_applied(void **state)
{
    (void)state;
    const struct order_order order = bought(91, 1);
    const struct order_edit edit = proposed(&order, TEAPOTS);
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(decline_as(shopper, &edit, &reply).status, STATUS_OK);
    market_settle(&market);
    const struct account *wallet = &market.shop.wallet;
    const struct uuid given_up = wallet->marks[wallet->marks_count - 1].id;
    (void)accepted(&order, 1);
    const struct uuid asked_about[] = { wallet->marks[wallet->marks_count - 1].id, given_up };
    const struct order_find_lapsed_groups query = { .group_ids = asked_about,
                                                    .group_ids_count = 2 };
    struct order_lapsed_groups lapsed;
    assert_int_equal(
        market_call(&market, nobody, &order_find_lapsed_groups_message, &query, 0, &lapsed).status,
        STATUS_OK);
    assert_int_equal(lapsed.group_ids_count, 1);
    assert_true(uuid_equals(lapsed.group_ids[0], given_up));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(units_that_are_agreed_on_are_taken_and_paid),
        SOUND(what_was_added_goes_back_like_the_rest),
        SOUND(who_has_too_little_is_asked_again),
        SOUND(what_is_not_there_is_not_added),
        SOUND(two_who_agree_at_once_buy_once),
        SOUND(of_two_who_agree_at_once_with_money_for_one_the_second_hears_that_it_is_done),
        SOUND(units_that_are_added_and_not_there_yet_say_so),
        SOUND(who_agrees_and_cancels_at_once_loses_nothing),
        SOUND(a_wallet_that_is_away_behind_the_pivot_is_waited_for),
        SOUND(one_is_proposed_at_a_time_until_its_time_is_over),
        SOUND(nobody_else_proposes_sees_or_agrees),
        SOUND(what_is_sent_is_not_edited),
        SOUND(goods_that_stand_in_two_lines_are_named_once),
        SOUND(what_is_set_aside_for_an_edit_is_kept_once_it_is_applied),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
