/* Claims about orders that staff prepares, in their host: a draft is a cart that counts as none of
 * its customer's own, it is placed or checked out once and from no wallet but its customer's, and
 * what becomes of the account becomes of it. */
#include "tests/actors/order/offline_words.h"

#include <string.h>

static struct order_cart prepared(struct uuid user_id, const char *email)
{
    const struct order_create_draft open = { .has_user_id = !uuid_is_zero(user_id),
                                             .user_id = user_id,
                                             .has_email = email != NULL,
                                             .email = text_of(email == NULL ? "" : email),
                                             .has_note = true,
                                             .note = TEXT("Loud line") };
    struct order_cart cart;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_create_draft_message, &open, 0, &cart).status,
        STATUS_OK);
    return cart;
}

/* Two teapots and a bowl. */
static struct order_cart filled_draft(struct uuid user_id, const char *email)
{
    struct order_cart cart = prepared(user_id, email);
    for (size_t i = TEAPOT; i <= BOWL; i++) {
        const struct order_add_draft_line line = { .cart_id = cart.id,
                                                   .variant_id = market.shop.variants[i].id,
                                                   .quantity = i == TEAPOT ? 2 : 1 };
        assert_int_equal(
            market_call(&market, draw_id(1), &order_add_draft_line_message, &line, 0, &cart).status,
            STATUS_OK);
    }
    return cart;
}

static struct answer send_draft(const struct order_cart *cart, struct order_cart *ret_cart)
{
    const struct order_send_draft command = { .cart_id = cart->id };
    return market_call(&market, draw_id(1), &order_send_draft_message, &command, 0, ret_cart);
}

static struct order_place_draft placing(const struct order_cart *cart)
{
    return (struct order_place_draft){ .cart_id = cart->id,
                                       .expected_total = cart->totals.total,
                                       .payment = { .has_on_delivery = true,
                                                    .on_delivery = cart->totals.total } };
}

static struct answer place(struct uuid staff, const struct order_cart *cart, uint8_t key,
                           struct order_group *ret_group)
{
    const struct order_place_draft command = placing(cart);
    const struct answer answer =
        market_call(&market, staff, &order_place_draft_message, &command, key, ret_group);
    market_settle(&market);
    return answer;
}

static struct answer look(const struct order_cart *cart, struct order_cart *ret_cart)
{
    const struct order_get_draft query = { .cart_id = cart->id };
    return market_call(&market, draw_id(1), &order_get_draft_message, &query, 0, ret_cart);
}

static void assert_drafts_are_sound(void)
{
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".check_drafts()"), 0);
}

static void a_draft_is_priced_as_a_cart_and_is_none_of_its_customers_own(void **state)
{
    (void)state;
    const struct order_cart own = filled_cart(), draft = filled_draft(shopper, NULL);
    struct order_cart seen_cart;
    assert_int_equal(uuid_shard(draft.id), uuid_shard(shopper));
    assert_int_equal(draft.totals.total.amount, own.totals.total.amount);
    assert_true(draft.has_draft);
    assert_int_equal(draft.draft.lines_count, 2);
    assert_text_equal(draft.draft.note, TEXT("Loud line"));
    assert_int_equal(get_cart(shopper, draft.id, &seen_cart).status, STATUS_NOT_FOUND);
    assert_int_equal(create(&seen_cart).http_status, 200);
    assert_true(uuid_equals(seen_cart.id, own.id));
    assert_false(seen_cart.has_draft);
    assert_int_equal(look(&own, &seen_cart).status, STATUS_NOT_FOUND);
    assert_drafts_are_sound();
}

static void staff_places_it_from_no_wallet_and_history_says_who(void **state)
{
    (void)state;
    const struct uuid staff = draw_id(9);
    const struct order_cart draft = filled_draft(shopper, NULL);
    struct order_group group, again;
    struct order_cart after;
    assert_int_equal(place(staff, &draft, 80, &group).status, STATUS_OK);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY);
    assert_true(place(staff, &draft, 80, &again).is_replayed);
    assert_int_equal(place(staff, &draft, 81, &again).status, STATUS_CART_ALREADY_ORDERED);
    const struct order_list_any_order_events query = { .order_id = group.orders[0].id };
    struct order_order_event_page page;
    assert_int_equal(
        market_call(&market, staff, &order_list_any_order_events_message, &query, 0, &page).status,
        STATUS_OK);
    assert_int_equal(page.data_count, 3);
    assert_text_equal(page.data[0].trigger, TEXT("prepare"));
    assert_int_equal(page.data[0].actor, ORDER_HISTORY_ACTOR_STAFF);
    assert_int_equal(page.data[1].actor, ORDER_HISTORY_ACTOR_SYSTEM);
    assert_int_equal(seen(group.orders[0].id).version, 3);
    assert_int_equal(look(&draft, &after).status, STATUS_OK);
    assert_int_equal(after.draft.status, ORDER_DRAFT_STATUS_PLACED);
    assert_true(uuid_equals(after.draft.placed_by, staff));
    assert_false(after.draft.has_note);
    assert_drafts_are_sound();
}

static void a_placement_that_fails_leaves_the_draft_as_it_was(void **state)
{
    (void)state;
    const struct order_cart draft = filled_draft(shopper, NULL);
    struct order_group group;
    struct order_cart after;
    market.shop.variants[BOWL].shown_available = 5;
    market.shop.variants[BOWL].stock.amount = 0;
    assert_int_equal(place(draw_id(1), &draft, 82, &group).status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(look(&draft, &after).status, STATUS_OK);
    assert_int_equal(after.draft.status, ORDER_DRAFT_STATUS_OPEN);
    assert_int_equal(after.status, ORDER_CART_STATUS_ACTIVE);
    assert_text_equal(after.draft.note, TEXT("Loud line"));
    market.shop.is_shopper_blocked = true;
    assert_int_equal(place(draw_id(1), &draft, 83, &group).status, STATUS_CUSTOMER_INACTIVE);
    assert_int_equal(send_draft(&draft, &after).status, STATUS_CUSTOMER_INACTIVE);
    market.shop.is_shopper_blocked = false;
    assert_drafts_are_sound();
}

static void what_was_sent_its_customer_pays_from_the_wallet(void **state)
{
    (void)state;
    struct order_cart draft = filled_draft(shopper, NULL), mine;
    struct order_group group;
    assert_int_equal(send_draft(&draft, &draft).status, STATUS_OK);
    assert_int_equal(draft.draft.status, ORDER_DRAFT_STATUS_SENT);
    assert_int_equal(told("draft_sent"), 1);
    assert_int_equal(send_draft(&draft, &mine).status, STATUS_DRAFT_SENT);
    assert_int_equal(get_cart(draw_id(3), draft.id, &mine).status, STATUS_NOT_FOUND);
    assert_int_equal(get_cart(shopper, draft.id, &mine).status, STATUS_OK);
    assert_false(mine.draft.has_note);
    assert_false(mine.draft.has_made_by);
    assert_int_equal(check_out(&mine, 84, &group).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - BOTH_COST);
    assert_int_equal(seen(group.orders[0].id).version, 2);
    assert_drafts_are_sound();
}

static void a_guests_draft_has_no_token_but_the_mailed_one_and_is_never_merged(void **state)
{
    (void)state;
    struct order_cart draft = filled_draft(nobody, "ada@example.com"), mine;
    const struct text token = mailed_token(draft.id);
    const struct order_get_draft_by_token query = { .token = token };
    const struct order_get_contacts where = { .group_id = draft.id };
    struct common_contacts contacts;
    assert_false(draft.has_token);
    assert_int_equal(
        market_call(&market, nobody, &order_get_draft_by_token_message, &query, 0, &mine).status,
        STATUS_NOT_FOUND);
    assert_int_equal(
        market_call(&market, nobody, &order_get_contacts_message, &where, 0, &contacts).status,
        STATUS_OK);
    assert_int_equal(contacts.contacts_count, 0);
    assert_int_equal(send_draft(&draft, &draft).status, STATUS_OK);
    assert_int_equal(
        market_call(&market, nobody, &order_get_draft_by_token_message, &query, 0, &mine).status,
        STATUS_OK);
    assert_true(uuid_equals(mine.id, draft.id));
    assert_int_equal(
        market_call(&market, nobody, &order_get_contacts_message, &where, 0, &contacts).status,
        STATUS_OK);
    assert_text_equal(contacts.contacts[0].email, TEXT("ada@example.com"));
    const struct order_close_guest_cart close = { .cart_id = draft.id, .user_id = shopper };
    struct order_closed_cart closed;
    assert_int_equal(
        market_call(&market, nobody, &order_close_guest_cart_message, &close, 0, &closed).status,
        STATUS_NOT_FOUND);
    assert_drafts_are_sound();
}

static void erased_with_the_account_and_none_is_opened_for_it(void **state)
{
    (void)state;
    const struct order_cart draft = filled_draft(shopper, NULL);
    const struct people_export_shopper export = { .user_id = shopper };
    const struct order_forget_shopper forget = { .user_id = shopper };
    struct common_export_part part;
    struct order_cart after;
    assert_int_equal(
        market_call(&market, nobody, &order_export_shopper_message, &export, 0, &part).status,
        STATUS_OK);
    assert_non_null(memmem(part.json.data, part.json.length, "Loud line", 9));
    assert_int_equal(
        market_call(&market, nobody, &order_forget_shopper_message, &forget, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(look(&draft, &after).status, STATUS_NOT_FOUND);
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".draft d "
                                            "JOIN \"order\".cart c ON c.id = d.cart_id "
                                            "WHERE c.status = 'active' AND d.note = 'Loud line' "
                                            "AND d.user_id IN (SELECT user_id FROM "
                                            "\"order\".leaving_shopper)"),
                     0);
    const struct order_create_draft open = { .has_user_id = true, .user_id = shopper };
    assert_int_equal(
        market_call(&market, draw_id(1), &order_create_draft_message, &open, 0, &after).status,
        STATUS_ACCOUNT_CLOSING);
    assert_drafts_are_sound();
}

/* Whatever its actor remembered of it. */
static void what_was_discarded_answers_nobody(void **state)
{
    (void)state;
    struct order_cart draft = filled_draft(shopper, NULL);
    struct order_group group;
    assert_int_equal(send_draft(&draft, &draft).status, STATUS_OK);
    const struct order_discard_draft discard = { .cart_id = draft.id };
    assert_int_equal(
        market_call(&market, draw_id(1), &order_discard_draft_message, &discard, 0, NULL).status,
        STATUS_OK);
    const struct money other = euros(draft.totals.total.amount + 1);
    const struct order_checkout checkout = { .cart_id = draft.id,
                                             .expected_total = other,
                                             .payment = { .has_on_delivery = true,
                                                          .on_delivery = other } };
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &checkout, 230, &group).status,
        STATUS_NOT_FOUND);
}

static void placed_or_discarded_or_checked_out_it_is_one_of_them(void **state)
{
    (void)state;
    for (uint8_t turn = 0; turn < 6; turn++) {
        struct order_cart draft = filled_draft(shopper, NULL);
        struct order_group groups[2];
        assert_int_equal(send_draft(&draft, &draft).status, STATUS_OK);
        const struct order_place_draft staffs = placing(&draft);
        const struct order_checkout customers = {
            .cart_id = draft.id,
            .expected_total = draft.totals.total,
            .payment = { .has_on_delivery = true, .on_delivery = draft.totals.total }
        };
        const struct order_discard_draft discard = { .cart_id = draft.id };
        struct call calls[] = {
            { .user_id = draw_id(1),
              .message = &order_place_draft_message,
              .body = &staffs,
              .key = (uint8_t)(90 + turn),
              .reply = &groups[0] },
            { .user_id = shopper,
              .message = &order_checkout_message,
              .body = &customers,
              .key = (uint8_t)(90 + turn),
              .reply = &groups[1] },
            { .user_id = draw_id(1), .message = &order_discard_draft_message, .body = &discard },
        };
        const struct call first = calls[turn % 3];
        calls[turn % 3] = calls[0];
        calls[0] = first;
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        market_settle(&market);
        size_t succeeded = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
            succeeded += calls[i].answer.status == STATUS_OK;
        assert_int_equal(succeeded, 1);
        assert_int_equal(calls[0].answer.status, STATUS_OK);
        assert_drafts_are_sound();
    }
}

static void what_nobody_touches_goes_and_what_is_ordered_stays_with_its_orders(void **state)
{
    (void)state;
    const struct order_cart left = filled_draft(shopper, NULL);
    const struct order_cart guests = filled_draft(nobody, "left@example.com");
    const struct order_drop_guest_cart drop[] = { { .cart_id = left.id },
                                                  { .cart_id = guests.id } };
    struct order_cart after;
    for (size_t i = 0; i < ARRAY_LENGTH(drop); i++)
        assert_int_equal(
            market_call(&market, nobody, &order_drop_guest_cart_message, &drop[i], 0, NULL).status,
            STATUS_OK);
    assert_int_equal(look(&left, &after).status, STATUS_OK);
    market.shop.market_offset_us += 31 * DAY_US;
    for (size_t i = 0; i < ARRAY_LENGTH(drop); i++)
        assert_int_equal(
            market_call(&market, nobody, &order_drop_guest_cart_message, &drop[i], 0, NULL).status,
            STATUS_OK);
    assert_int_equal(look(&left, &after).status, STATUS_NOT_FOUND);
    assert_int_equal(look(&guests, &after).status, STATUS_NOT_FOUND);
    assert_drafts_are_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFLINE(a_draft_is_priced_as_a_cart_and_is_none_of_its_customers_own),
        OFFLINE(staff_places_it_from_no_wallet_and_history_says_who),
        OFFLINE(a_placement_that_fails_leaves_the_draft_as_it_was),
        OFFLINE(what_was_sent_its_customer_pays_from_the_wallet),
        OFFLINE(a_guests_draft_has_no_token_but_the_mailed_one_and_is_never_merged),
        OFFLINE(erased_with_the_account_and_none_is_opened_for_it),
        OFFLINE(what_was_discarded_answers_nobody),
        OFFLINE(placed_or_discarded_or_checked_out_it_is_one_of_them),
        OFFLINE(what_nobody_touches_goes_and_what_is_ordered_stays_with_its_orders),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
