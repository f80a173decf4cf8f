/* Claims about orders of which units go and to which other goods come, in their host: only the
 * difference is paid or given back, once, and nothing moves where it cannot be made. */
#include "tests/actors/order/edit_words.h"

enum { LAMP_COSTS = 10000, LAMPS = 3 };

struct changes {
    struct order_shipment_line more[2], fewer[2];
    struct order_edit_wish goods[2];
    size_t more_count, fewer_count, goods_count;
};

static struct answer propose(const struct order_order *order, const struct changes *changes,
                             struct order_edit *ret_edit)
{
    const struct order_propose_edit command = { .order_id = order->id,
                                                .lines = changes->more,
                                                .lines_count = changes->more_count,
                                                .fewer = changes->fewer,
                                                .fewer_count = changes->fewer_count,
                                                .variants = changes->goods,
                                                .variants_count = changes->goods_count,
                                                .reason = TEXT("As you asked") };
    return as_vendor(&order_propose_edit_message, &command, ret_edit);
}

static struct changes swap_of(const struct order_order *order, int64_t fewer, size_t variant,
                              int64_t quantity)
{
    return (struct changes){ .fewer = { { order->lines[0].id, fewer } },
                             .fewer_count = fewer > 0,
                             .goods = { { market.shop.variants[variant].id, quantity } },
                             .goods_count = quantity > 0 };
}

static struct order_edit proposed(const struct order_order *order, const struct changes *changes)
{
    struct order_edit edit;
    assert_int_equal(propose(order, changes, &edit).status, STATUS_OK);
    return edit;
}

static struct order_edit agreed(const struct order_edit *edit)
{
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_APPLIED);
    market_settle(&market);
    return reply;
}

static struct order_order bought_lamps(uint8_t key, int64_t quantity)
{
    struct order_cart cart;
    struct order_group group;
    assert_int_equal(create(&cart).status, STATUS_OK);
    assert_int_equal(add(&cart, LAMP, quantity, &cart).status, STATUS_OK);
    assert_int_equal(check_out(&cart, key, &group).status, STATUS_OK);
    market_settle(&market);
    return group.orders[0];
}

static void assert_shelves(int64_t teapots, int64_t lamps, int64_t paid)
{
    assert_is(teapots, paid);
    assert_int_equal(account_available(&market.shop.variants[LAMP].stock), lamps);
}

static void call_off(struct uuid order_id)
{
    const struct order_cancel_order rest = { .order_id = order_id };
    struct order_order reply;
    assert_int_equal(
        market_call(&market, shopper, &order_cancel_order_message, &rest, 0, &reply).status,
        STATUS_OK);
}

static struct answer withdraw_as(struct uuid who, const struct order_edit *edit,
                                 struct order_edit *ret_edit)
{
    const struct order_withdraw_edit command = { .order_id = edit->order_id,
                                                 .edit_id = edit->id,
                                                 .reason = TEXT("Sold out") };
    return market_call(&market, who, &order_withdraw_edit_message, &command, 0, ret_edit);
}

static struct uuid the_vendor(void)
{
    return market.shop.variants[TEAPOT].vendor_id;
}

static void a_dearer_swap_takes_the_difference(void **state)
{
    (void)state;
    const struct order_order order = bought(100, 2);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    assert_int_equal(edit.added.amount, LAMP_COSTS);
    assert_int_equal(edit.given_back.amount, TEAPOT_COSTS);
    assert_int_equal(edit.total.amount, LAMP_COSTS - TEAPOT_COSTS);
    assert_int_equal(edit.payment, ORDER_EDIT_PAYMENT_WALLET);
    assert_false(edit.has_to_wallet);
    assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS - 1, LAMPS - 1, TEAPOT_COSTS + LAMP_COSTS);
    const struct order_order after = seen(order.id);
    assert_int_equal(after.lines_count, 2);
    assert_int_equal(after.lines[0].cancelled, 1);
    assert_true(text_equals_string(after.lines[1].name, "Lamp"));
    assert_true(text_equals_string(after.lines[1].sku, "SKU-1"));
    assert_int_equal(after.lines[1].options_count, 2);
    assert_int_equal(after.lines[1].unit_price.amount, LAMP_COSTS);
    assert_int_equal(after.payment_status, ORDER_PAYMENT_STATUS_PAID);
    assert_false(after.has_refunded);
    assert_false(after.has_offline);
    assert_int_equal(after.cancellations_count, 1);
    assert_int_equal(after.cancellations[0].waived.amount, TEAPOT_COSTS);
    assert_int_equal(after.cancellations[0].refunded.amount, 0);
    assert_int_equal(cancel(&after, 1, 1), STATUS_OK);
    assert_shelves(TEAPOTS - 1, LAMPS, TEAPOT_COSTS);
    call_off(order.id);
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static uint8_t next_group;

/* The lamp costs less for members of a group, and the buyer is one. */
static void price_for_members(int64_t amount)
{
    const struct order_create_customer_group command = {
        .name = text_format(market.arena, "Trade %u", ++next_group)
    };
    struct order_customer_group group;
    assert_int_equal(
        market_call(&market, draw_id(9), &order_create_customer_group_message, &command, 0, &group)
            .status,
        STATUS_OK);
    const struct order_add_customer_group_member membership = { .group_id = group.id,
                                                                .user_id = shopper };
    assert_int_equal(market_call(&market, draw_id(9), &order_add_customer_group_member_message,
                                 &membership, 0, NULL)
                         .status,
                     STATUS_OK);
    market.shop.variants[LAMP].group_id = group.id;
    market.shop.variants[LAMP].list_id = draw_id(5);
    market.shop.variants[LAMP].group_price = amount;
}

static void other_goods_cost_what_the_buyers_groups_pay(void **state)
{
    (void)state;
    const struct order_order order = bought(242, 2);
    price_for_members(7000);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    market.shop.variants[LAMP].group_id = (struct uuid){ { 0 } };
    assert_int_equal(edit.added.amount, 7000);
    assert_int_equal(edit.goods[0].unit_price.amount, 7000);
    assert_int_equal(edit.goods[0].list_price.amount, LAMP_COSTS);
    (void)agreed(&edit);
    const struct order_order after = seen(order.id);
    assert_int_equal(after.lines[1].unit_price.amount, 7000);
    assert_true(after.lines[1].has_price_list_id);
    assert_true(uuid_equals(after.lines[1].price_list_id, market.shop.variants[LAMP].list_id));
}

static void what_is_not_sold_any_more_is_not_agreed_to(void **state)
{
    (void)state;
    const struct order_order order = bought(221, 2);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    const struct order_accept_edit accept = { .order_id = order.id, .edit_id = edit.id };
    struct order_edit reply;
    market.shop.variants[LAMP].is_hidden = true;
    assert_int_equal(
        market_call(&market, shopper, &order_accept_edit_message, &accept, 0, &reply).status,
        STATUS_PRODUCT_UNAVAILABLE);
    market.shop.variants[LAMP].is_hidden = false;
    market.shop.variants[LAMP].is_vendor_closed = true;
    assert_int_equal(
        market_call(&market, shopper, &order_accept_edit_message, &accept, 0, &reply).status,
        STATUS_VENDOR_UNAVAILABLE);
    market.shop.variants[LAMP].is_vendor_closed = false;
    assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
    (void)agreed(&edit);
    call_off(order.id);
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static void an_edit_ends_with_its_order(void **state)
{
    (void)state;
    const struct order_order order = bought(222, 2);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    call_off(order.id);
    const struct order_list_edits query = { .order_id = order.id };
    struct order_edit_list list;
    assert_int_equal(
        market_call(&market, shopper, &order_list_edits_message, &query, 0, &list).status,
        STATUS_OK);
    assert_int_equal(list.data[0].status, ORDER_EDIT_STATUS_EXPIRED);
    struct order_edit reply;
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_EDIT_ENDED);
}

static void a_cheaper_swap_gives_the_difference_back(void **state)
{
    (void)state;
    const struct order_order order = bought_lamps(101, 1);
    const struct changes changes = swap_of(&order, 1, TEAPOT, 2);
    const struct order_edit edit = proposed(&order, &changes);
    assert_int_equal(edit.total.amount, 2 * TEAPOT_COSTS - LAMP_COSTS);
    assert_int_equal(edit.payment, ORDER_EDIT_PAYMENT_RETURNED);
    assert_int_equal(edit.to_wallet.amount, LAMP_COSTS - 2 * TEAPOT_COSTS);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
    const struct order_order after = seen(order.id);
    assert_int_equal(after.refunded.amount, LAMP_COSTS - 2 * TEAPOT_COSTS);
    assert_int_equal(after.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_REFUNDED);
    assert_int_equal(after.fulfilment_status, ORDER_FULFILMENT_STATUS_UNFULFILLED);
    assert_int_equal(after.status, ORDER_ORDER_STATUS_ACCEPTED);
    call_off(order.id);
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static void a_swap_at_the_same_price_moves_no_money(void **state)
{
    (void)state;
    const struct order_order order = bought(102, 1);
    market.shop.variants[LAMP].price = TEAPOT_COSTS;
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    market.shop.variants[LAMP].price = LAMP_COSTS; /* what was proposed is what counts */
    assert_int_equal(edit.payment, ORDER_EDIT_PAYMENT_NONE);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS, LAMPS - 1, TEAPOT_COSTS);
    call_off(order.id);
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static void units_only_go_when_the_buyer_agrees(void **state)
{
    (void)state;
    const struct order_order order = bought(103, 3);
    const struct changes changes = swap_of(&order, 2, LAMP, 0);
    const struct order_edit edit = proposed(&order, &changes);
    assert_int_equal(edit.total.amount, -2 * TEAPOT_COSTS);
    assert_is(TEAPOTS - 3, 3 * TEAPOT_COSTS);
    (void)agreed(&edit);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
    struct order_edit reply;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_EDIT_ENDED);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void several_changes_are_one_edit_and_holds_give_back_what_they_paid(void **state)
{
    (void)state;
    const struct order_order order = bought(104, 2);
    struct changes changes = swap_of(&order, 0, LAMP, 1);
    changes.more[0] = (struct order_shipment_line){ order.lines[0].id, 1 };
    changes.more_count = 1;
    struct order_edit edit = proposed(&order, &changes);
    assert_int_equal(edit.lines_count, 1);
    assert_int_equal(edit.goods_count, 1);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS - 3, LAMPS - 1, 3 * TEAPOT_COSTS + LAMP_COSTS);
    /* The lamp goes for a teapot's price less than it cost: its hold has paid for both. */
    const struct order_order after = seen(order.id);
    changes = (struct changes){ .fewer = { { after.lines[2].id, 1 }, { after.lines[0].id, 1 } },
                                .fewer_count = 2,
                                .more = { { after.lines[1].id, 2 } },
                                .more_count = 1 };
    edit = proposed(&after, &changes);
    assert_int_equal(edit.fewer_count, 2);
    assert_int_equal(edit.total.amount, TEAPOT_COSTS - LAMP_COSTS);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS - 4, LAMPS, 4 * TEAPOT_COSTS);
    call_off(order.id);
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static void who_has_too_little_for_the_difference_keeps_what_is_there(void **state)
{
    (void)state;
    const struct order_order order = bought(105, 2);
    const struct changes changes = swap_of(&order, 2, LAMP, 2);
    const struct order_edit edit = proposed(&order, &changes);
    const int64_t taken = SHOPPER_MONEY - 2 * TEAPOT_COSTS;
    struct order_edit reply;
    market.shop.wallet.amount -= taken;
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_INSUFFICIENT_FUNDS);
    market_settle(&market);
    market.shop.wallet.amount += taken;
    assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
    (void)agreed(&edit);
    assert_shelves(TEAPOTS, LAMPS - 2, 2 * LAMP_COSTS);
}

static void what_was_cancelled_meanwhile_does_not_go_again(void **state)
{
    (void)state;
    const struct order_order order = bought(106, 2);
    const struct changes changes = swap_of(&order, 2, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    assert_int_equal(cancel(&order, 0, 1), STATUS_OK);
    struct order_edit reply;
    const struct answer answer = accept_as(shopper, &edit, &reply);
    assert_int_equal(answer.status, STATUS_UNITS_NOT_LEFT);
    assert_true(text_equals_string(fault_code(&answer, 0), "units_not_left"));
    assert_shelves(TEAPOTS - 1, LAMPS, TEAPOT_COSTS);
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_OK);
}

static void what_cannot_be_added_or_go_is_refused(void **state)
{
    (void)state;
    const struct order_order order = bought(107, 2);
    struct order_edit reply;
    struct changes changes = { .more_count = 0 };
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_MISSING_FIELD);
    changes = swap_of(&order, 2, LAMP, 0);
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_EDIT_EMPTIES_ORDER);
    changes = swap_of(&order, 3, LAMP, 1);
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_UNITS_NOT_LEFT);
    changes = swap_of(&order, 1, BOWL, 1); /* another vendor's */
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_NOT_FOUND);
    changes = swap_of(&order, 1, TEAPOT, 1); /* for themselves */
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_INVALID_VALUE);
    changes = swap_of(&order, 1, LAMP, 1);
    changes.more[0] = changes.fewer[0];
    changes.more_count = 1;
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_INVALID_VALUE);
    changes = swap_of(&order, 1, LAMP, 1);
    changes.goods[1] = changes.goods[0];
    changes.goods_count = 2;
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_INVALID_VALUE);
    market.shop.variants[LAMP].is_hidden = true;
    changes = swap_of(&order, 1, LAMP, 1);
    assert_int_equal(propose(&order, &changes, &reply).status, STATUS_PRODUCT_UNAVAILABLE);
    assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
}

static void who_has_proposed_withdraws(void **state)
{
    (void)state;
    const struct order_order order = bought(108, 2);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    struct order_edit edit = proposed(&order, &changes);
    struct order_edit reply;
    assert_int_equal(withdraw_as(market.shop.variants[BOWL].vendor_id, &edit, &reply).status,
                     STATUS_NOT_FOUND);
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_WITHDRAWN);
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_EDIT_ENDED);
    assert_int_equal(accept_as(shopper, &edit, &reply).status, STATUS_EDIT_ENDED);
    edit = proposed(&order, &changes);
    (void)agreed(&edit);
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_EDIT_ENDED);
    assert_shelves(TEAPOTS - 1, LAMPS - 1, TEAPOT_COSTS + LAMP_COSTS);
}

static void what_staff_has_proposed_staff_withdraws(void **state)
{
    (void)state;
    const struct order_order order = bought(112, 1);
    const struct uuid somebody = draw_id(5);
    const struct order_shipment_line more[] = { { order.lines[0].id, 1 } };
    const struct order_propose_any_edit command = {
        .order_id = order.id, .lines = more, .lines_count = 1, .reason = TEXT("By phone")
    };
    struct order_edit edit, reply;
    assert_int_equal(
        market_call(&market, somebody, &order_propose_any_edit_message, &command, 0, &edit).status,
        STATUS_OK);
    assert_int_equal(edit.proposed_by, ORDER_EDIT_PARTY_STAFF);
    assert_int_equal(withdraw_as(the_vendor(), &edit, &reply).status, STATUS_NOT_THE_PROPOSER);
    const struct order_withdraw_any_edit withdraw = { .order_id = order.id,
                                                      .edit_id = edit.id,
                                                      .reason = TEXT("Not any more") };
    assert_int_equal(
        market_call(&market, somebody, &order_withdraw_any_edit_message, &withdraw, 0, &reply)
            .status,
        STATUS_OK);
    assert_int_equal(reply.status, ORDER_EDIT_STATUS_WITHDRAWN);
    assert_is(TEAPOTS - 1, TEAPOT_COSTS);
}

static void of_agreeing_and_withdrawing_at_once_one_wins(void **state)
{
    (void)state;
    const struct order_order order = bought(109, 2);
    const struct changes changes = swap_of(&order, 1, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
    const struct order_accept_edit accept = { .order_id = order.id, .edit_id = edit.id };
    const struct order_withdraw_edit withdraw = { .order_id = order.id,
                                                  .edit_id = edit.id,
                                                  .reason = TEXT("No") };
    struct order_edit replies[2];
    struct call calls[] = { { .user_id = shopper,
                              .message = &order_accept_edit_message,
                              .body = &accept,
                              .reply = &replies[0] },
                            { .user_id = the_vendor(),
                              .message = &order_withdraw_edit_message,
                              .body = &withdraw,
                              .reply = &replies[1] } };
    market_call_all(&market, calls, ARRAY_LENGTH(calls));
    const size_t loser = calls[0].answer.status == STATUS_OK;
    assert_int_equal(calls[1 - loser].answer.status, STATUS_OK);
    assert_int_equal(calls[loser].answer.status, STATUS_EDIT_ENDED);
    if (loser == 1)
        assert_shelves(TEAPOTS - 1, LAMPS - 1, TEAPOT_COSTS + LAMP_COSTS);
    else
        assert_shelves(TEAPOTS - 2, LAMPS, 2 * TEAPOT_COSTS);
}

static void who_agrees_to_a_swap_and_cancels_at_once_loses_nothing(void **state)
{
    (void)state;
    const struct order_order order = bought(110, 2);
    const struct changes changes = swap_of(&order, 2, LAMP, 1);
    const struct order_edit edit = proposed(&order, &changes);
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
    assert_shelves(TEAPOTS, LAMPS, 0);
}

static void what_goes_is_given_back_once_whatever_is_lost_behind_the_pivot(void **state)
{
    (void)state;
    const struct order_order order = bought_lamps(111, 2);
    const struct changes changes = swap_of(&order, 1, TEAPOT, 1);
    const struct order_edit edit = proposed(&order, &changes);
    static const struct message *const asked[] = { &wallet_refund_purchase_message,
                                                   &catalog_restock_units_message,
                                                   &catalog_commit_stock_message };
    for (size_t i = 0; i < ARRAY_LENGTH(asked); i++)
        shop_fail(&market.shop, (struct shop_failure){ .message = asked[i],
                                                       .status = STATUS_UNAVAILABLE,
                                                       .times = 2,
                                                       .is_answer_lost = true });
    (void)agreed(&edit);
    assert_shelves(TEAPOTS - 1, LAMPS - 1, LAMP_COSTS + TEAPOT_COSTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(a_dearer_swap_takes_the_difference),
        SOUND(a_cheaper_swap_gives_the_difference_back),
        SOUND(other_goods_cost_what_the_buyers_groups_pay),
        SOUND(what_is_not_sold_any_more_is_not_agreed_to),
        SOUND(an_edit_ends_with_its_order),
        SOUND(a_swap_at_the_same_price_moves_no_money),
        SOUND(units_only_go_when_the_buyer_agrees),
        SOUND(several_changes_are_one_edit_and_holds_give_back_what_they_paid),
        SOUND(who_has_too_little_for_the_difference_keeps_what_is_there),
        SOUND(what_was_cancelled_meanwhile_does_not_go_again),
        SOUND(what_cannot_be_added_or_go_is_refused),
        SOUND(who_has_proposed_withdraws),
        SOUND(what_staff_has_proposed_staff_withdraws),
        SOUND(of_agreeing_and_withdrawing_at_once_one_wins),
        SOUND(who_agrees_to_a_swap_and_cancels_at_once_loses_nothing),
        SOUND(what_goes_is_given_back_once_whatever_is_lost_behind_the_pivot),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
