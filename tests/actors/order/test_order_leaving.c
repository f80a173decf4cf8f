/* Claims about those who leave: what a shopper's export says, that a shopper whose account is being
 * erased orders nothing more, whatever happens at once, what is forgotten of guests, and that a
 * vendor's open orders are counted. */
#include "tests/actors/order/order_guests.h"

#include <string.h>

static struct common_blockers blockers(void)
{
    const struct people_get_erasure_blockers query = { .user_id = shopper };
    struct common_blockers found;
    assert_int_equal(
        market_call(&market, nobody, &order_get_erasure_blockers_message, &query, 0, &found).status,
        STATUS_OK);
    return found;
}

static struct people_hold_shopper hold_for(int64_t duration_us)
{
    const struct clock *clock = loop_clock(market.loop);
    return (struct people_hold_shopper){ .user_id = shopper,
                                         .until_us = clock->real_us(clock->context) + duration_us };
}

static void hold(int64_t duration_us)
{
    const struct people_hold_shopper command = hold_for(duration_us);
    assert_int_equal(
        market_call(&market, nobody, &order_hold_shopper_message, &command, 0, NULL).status,
        STATUS_OK);
}

static void let_go(void)
{
    const struct people_free_shopper command = { .user_id = shopper };
    assert_int_equal(
        market_call(&market, nobody, &order_free_shopper_message, &command, 0, NULL).status,
        STATUS_OK);
}

static void shopper_who_is_held_checks_out_again_when_let_go(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    hold(60 * (int64_t)SECOND_US);
    assert_int_equal(check_out(&cart, 60, NULL).status, STATUS_ACCOUNT_CLOSING);
    assert_nothing_happened(&cart);
    assert_int_equal(blockers().blockers_count, 0);
    let_go();
    assert_int_equal(check_out(&cart, 60, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void hold_that_was_forgotten_ends_by_the_clock(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    hold(-(int64_t)SECOND_US);
    assert_int_equal(check_out(&cart, 61, NULL).status, STATUS_OK);
    assert_sold(&cart);
}

static void erased_shopper_is_held_for_ever(void **state)
{
    (void)state;
    const struct order_forget_shopper forget = { .user_id = shopper };
    hold(SECOND_US);
    assert_int_equal(
        market_call(&market, nobody, &order_forget_shopper_message, &forget, 0, NULL).status,
        STATUS_OK);
    let_go();
    /* An access token that still lives could fill another cart. */
    const struct order_cart cart = filled_cart();
    assert_int_equal(check_out(&cart, 62, NULL).status, STATUS_ACCOUNT_CLOSING);
    assert_nothing_happened(&cart);
}

/* Whoever is first wins: what blocks the erasure is seen by the question that follows the hold. */
static void checkout_and_hold_at_once_never_pass_each_other(void **state)
{
    (void)state;
    size_t bought = 0;
    enum { ROUNDS = 5 }; /* five times two teapots there are */
    for (uint8_t i = 0; i < ROUNDS; i++) {
        const struct order_cart cart = filled_cart();
        const struct order_checkout checkout = checkout_of(&cart);
        const struct people_hold_shopper held = hold_for(60 * (int64_t)SECOND_US);
        struct order_group group;
        struct call buying = { .market = &market,
                               .user_id = shopper,
                               .message = &order_checkout_message,
                               .body = &checkout,
                               .key = (uint8_t)(70 + i),
                               .reply = &group };
        struct call holding = { .market = &market,
                                .message = &order_hold_shopper_message,
                                .body = &held };
        struct call calls[] = { i % 2 == 0 ? buying : holding, i % 2 == 0 ? holding : buying };
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        const bool is_bought = calls[i % 2].answer.status == STATUS_OK;
        assert_int_equal(calls[1 - i % 2].answer.status, STATUS_OK);
        if (!is_bought) assert_int_equal(calls[i % 2].answer.status, STATUS_ACCOUNT_CLOSING);
        bought += is_bought ? 2 : 0; /* one order per vendor */
        assert_int_equal(blockers().blockers_count, bought);
        let_go();
        market_settle(&market);
    }
}

static void checkout_that_is_under_way_blocks_an_erasure(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_UNAVAILABLE,
                                                   .times = FOR_EVER });
    assert_int_equal(check_out(&cart, 112, NULL).http_status, 202);
    assert_int_equal(blockers().blockers_count, 1);
    assert_text_equal(blockers().blockers[0].code, TEXT("open_order"));
    assert_text_equal(blockers().blockers[0].detail,
                      TEXT("A checkout is under way: wait until it has ended."));
    market_close(&market);
    market.shop.failures_count = 0;
    market_open(&market);
    assert_sold(&cart);
    assert_int_equal(blockers().blockers_count, 2); /* one order per vendor */
    assert_true(text_starts_with(blockers().blockers[0].detail, TEXT("Order 1")));
}

static struct order_group bought_by(const char *email, uint8_t key)
{
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, email, key, &group).status, STATUS_OK);
    market_settle(&market);
    return group;
}

static void shopper_who_is_held_claims_nothing_that_a_guest_has_bought(void **state)
{
    (void)state;
    const struct order_group group = bought_by("leaving@example.com", 95);
    hold(60 * (int64_t)SECOND_US);
    assert_int_equal(claim(shopper, mailed_token(group.id), NULL).status, STATUS_ACCOUNT_CLOSING);
    assert_int_equal(blockers().blockers_count, 0);
    let_go();
    assert_int_equal(claim(shopper, mailed_token(group.id), NULL).status, STATUS_OK);
    assert_true(blockers().blockers_count > 0);
}

/* Units of one shard are written one after the other, on whatever node. */
static void claim_is_written_where_the_shopper_is_held(void **state)
{
    (void)state;
    const struct people_hold_shopper holding = { .user_id = shopper };
    struct uuid key;
    unsigned claimed = SHARD_COUNT, held = SHARD_COUNT;
    assert_true(message_key_of(&order_hold_shopper_message, &holding, nobody, &key, &held));
    for (unsigned shard = 0; shard < 4; shard++) {
        const struct order_claim_order claiming = { .token = mailed_token(draw_id(shard)) };
        assert_true(message_key_of(&order_claim_order_message, &claiming, shopper, &key, &claimed));
        assert_int_equal(claimed, held);
    }
}

static void claim_and_hold_at_once_never_pass_each_other(void **state)
{
    (void)state;
    size_t claimed = 0;
    enum { ROUNDS = 4 };
    for (uint8_t i = 0; i < ROUNDS; i++) {
        const struct order_group group = bought_by("beside@example.com", (uint8_t)(100 + i));
        const struct order_claim_order claim_order = { .token = mailed_token(group.id) };
        const struct people_hold_shopper held = hold_for(60 * (int64_t)SECOND_US);
        const struct call claiming = { .market = &market,
                                       .user_id = shopper,
                                       .message = &order_claim_order_message,
                                       .body = &claim_order };
        const struct call holding = { .market = &market,
                                      .message = &order_hold_shopper_message,
                                      .body = &held };
        struct call calls[] = { i % 2 == 0 ? claiming : holding, i % 2 == 0 ? holding : claiming };
        market_call_all(&market, calls, ARRAY_LENGTH(calls));
        const enum status status = calls[i % 2].answer.status;
        assert_int_equal(calls[1 - i % 2].answer.status, STATUS_OK);
        if (status != STATUS_OK) assert_int_equal(status, STATUS_ACCOUNT_CLOSING);
        claimed += status == STATUS_OK ? 2 : 0; /* one order per vendor */
        assert_int_equal(blockers().blockers_count, claimed);
        let_go();
    }
}

/* --- export --- */

static struct text export(void)
{
    const struct people_export_shopper query = { .user_id = shopper };
    struct common_export_part part;
    assert_int_equal(
        market_call(&market, nobody, &order_export_shopper_message, &query, 0, &part).status,
        STATUS_OK);
    return part.json;
}

static bool contains(struct text text, const char *part)
{
    return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

static void export_has_the_cart_and_all_orders(void **state)
{
    (void)state;
    assert_text_equal(export(), TEXT("{\"business_numbers\":[],\"cart_lines\":[],\"drafts\":[],"
                                     "\"saved_items\":[],\"customer_groups\":[],\"orders\":[],"
                                     "\"notes\":[],\"is_complete\":true}"));
    const struct order_cart sold = filled_cart();
    struct order_group group;
    assert_int_equal(check_out(&sold, 110, &group).status, STATUS_OK);
    market_settle(&market);
    (void)filled_cart();
    const struct text json = export();
    assert_true(
        text_starts_with(json, TEXT("{\"business_numbers\":[],\"cart_lines\":[{\"id\":\"lin_")));
    assert_true(contains(json, "\"name\":\"Teapot\"") && contains(json, "\"quantity\":2"));
    assert_true(contains(json, "\"total\":{\"amount\":3998,\"currency\":\"EUR\"}"));
    for (size_t i = 0; i < group.orders_count; i++) {
        const struct text number = group.orders[i].number;
        const struct text said =
            text_format(market.arena, "\"number\":\"%.*s\"", (int)number.length, number.data);
        assert_true(contains(json, said.data));
    }
    assert_true(contains(json, "],\"is_complete\":true}"));
}

static void export_of_more_orders_than_fit_says_so(void **state)
{
    (void)state;
    const struct order_cart sold = filled_cart();
    assert_int_equal(check_out(&sold, 111, NULL).status, STATUS_OK);
    market_settle(&market);
    (void)scratch_sql(market.scratch, "order",
                      "INSERT INTO \"order\".vendor_order (id, group_id, user_id, vendor_id,"
                      " vendor_name, number, status, payment_status, items, total, currency,"
                      " placed_at, on_delivery) SELECT gen_random_uuid(), group_id, user_id,"
                      " vendor_id, repeat('x', 200), 'copy', status, payment_status, items, total,"
                      " currency, placed_at, on_delivery FROM \"order\".vendor_order,"
                      " generate_series(1, 400)");
    assert_true(contains(export(), "],\"is_complete\":false}"));
    (void)scratch_sql(market.scratch, "order",
                      "DELETE FROM \"order\".vendor_order WHERE number = 'copy'");
}

static void sum_beyond_int64_is_left_out_of_an_export(void **state)
{
    (void)state;
    struct guest guest = new_guest();
    assert_int_equal(guest_adds(&guest, LAMP, 3).status, STATUS_OK);
    market.shop.variants[LAMP].price = INT64_MAX / 2; /* today; only a merge adds up nothing */
    const struct order_merge_cart merge = { .user_id = shopper,
                                            .cart_id = guest.cart.id,
                                            .token = text_of(guest.token) };
    assert_int_equal(
        market_call(&market, nobody, &order_merge_cart_message, &merge, 0, NULL).status, STATUS_OK);
    assert_text_equal(export(), TEXT("{\"business_numbers\":[],\"cart_lines\":[],\"drafts\":[],"
                                     "\"saved_items\":[],\"customer_groups\":[],\"orders\":[],"
                                     "\"notes\":[],\"is_complete\":false}"));
}

/* --- what was written --- */

/* The two orders of whoever bought last, and the two of a guest. */
#define OF_SHOPPER                                                                                 \
    "o.user_id = (SELECT g.user_id FROM \"order\".order_group g WHERE g.user_id IS NOT NULL"       \
    " ORDER BY g.created_at DESC LIMIT 1)"
#define OF_GUEST                                                                                   \
    "o.group_id = (SELECT g.id FROM \"order\".order_group g WHERE g.guest_email IS NULL"           \
    " AND g.user_id IS NULL OR g.guest_email = 'words@example.com'"                                \
    " ORDER BY g.created_at DESC LIMIT 1)"
#define COUNT_WORDS(of)                                                                            \
    "SELECT (SELECT count(*) FROM \"order\".order_history h JOIN \"order\".vendor_order o"         \
    " ON o.id = h.order_id WHERE h.note <> '' AND " of ") + (SELECT count(*) FROM"                 \
    " \"order\".order_return r JOIN \"order\".vendor_order o ON o.id = r.order_id"                 \
    " WHERE r.reason <> '' AND " of ") + (SELECT count(*) FROM \"order\".order_claim c"            \
    " JOIN \"order\".vendor_order o ON o.id = c.order_id"                                          \
    " WHERE c.reason || c.answer || c.decision <> '' AND " of ")"
#define WRITE_WORDS(of)                                                                            \
    "UPDATE \"order\".order_history h SET note = 'Left with Ada' FROM \"order\".vendor_order o"    \
    " WHERE o.id = h.order_id AND h.sequence = 1 AND " of "; INSERT INTO \"order\".order_return"   \
    " (id, order_id, position, status, reason, requested_at, ended_at)"                            \
    " SELECT gen_random_uuid(), o.id, 1, 'cancelled', 'I am too tall', 1, 2"                       \
    " FROM \"order\".vendor_order o WHERE " of "; INSERT INTO \"order\".order_claim"               \
    " (id, order_id, position, status, kind, reason, answer, decision, filed_at, ended_at)"        \
    " SELECT gen_random_uuid(), o.id, 1, 'denied', 'wrong', 'I am too tall', 'Ask Ada', 'No, "     \
    "Ada',"                                                                                        \
    " 1, 2 FROM \"order\".vendor_order o WHERE " of

static void words_about_a_shopper_are_exported_and_go_with_the_account(void **state)
{
    (void)state;
    (void)bought_by("words@example.com", 114);
    const struct order_cart sold = filled_cart();
    assert_int_equal(check_out(&sold, 115, NULL).status, STATUS_OK);
    market_settle(&market);
    (void)scratch_sql(market.scratch, "order", WRITE_WORDS(OF_SHOPPER) "; " WRITE_WORDS(OF_GUEST));
    const struct text json = export();
    assert_true(contains(json, "\"notes\":[{\"order_id\":\"ord_"));
    assert_true(contains(json, "\"sequence\":1"));
    assert_true(contains(json, "\"note\":\"Left with Ada\""));
    const struct order_forget_shopper forget = { .user_id = shopper };
    assert_int_equal(market_number(&market, COUNT_WORDS(OF_SHOPPER)), 6);
    assert_int_equal(
        market_call(&market, nobody, &order_forget_shopper_message, &forget, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(market_number(&market, COUNT_WORDS(OF_SHOPPER)), 0);
    assert_int_equal(market_number(&market, COUNT_WORDS(OF_GUEST)), 6);
    assert_false(contains(export(), "Ada"));
}

static void words_about_a_guest_go_with_the_address(void **state)
{
    (void)state;
    const struct order_group group = bought_by("words@example.com", 116);
    const struct order_forget_guest forget = { .group_id = group.id };
    (void)scratch_sql(market.scratch, "order", WRITE_WORDS(OF_GUEST));
    market.shop.market_offset_us += INT64_C(91) * 86400 * SECOND_US;
    assert_int_equal(
        market_call(&market, nobody, &order_forget_guest_message, &forget, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(market_number(&market, COUNT_WORDS(OF_GUEST)), 6); /* orders are open */
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".vendor_order o SET status = 'completed', ended_at = 1"
                      " WHERE " OF_GUEST);
    market.shop.market_offset_us += INT64_C(91) * 86400 * SECOND_US;
    assert_int_equal(
        market_call(&market, nobody, &order_forget_guest_message, &forget, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(market_number(&market, COUNT_WORDS(OF_GUEST)), 0);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".vendor_order o SET status = 'accepted', ended_at = NULL"
                      " WHERE o.status = 'completed'");
}

/* --- guests, by the clock --- */

/* Sweeps run when the node starts, beside everything else, so they are waited for. */
static void what_guests_left_long_ago_is_forgotten_by_the_clock(void **state)
{
    (void)state;
    enum { LOOKS_MAX = 2000 };
    const struct guest idle = filled_guest();
    const struct order_group group = bought_by("left@example.com", 113);
    market.shop.market_offset_us += INT64_C(91) * 86400 * SECOND_US;
    market_close(&market);
    market_open(&market);
    enum status cart = STATUS_OK;
    int64_t looked_at = 0;
    for (int i = 0; i < LOOKS_MAX && (cart == STATUS_OK || looked_at == 0); i++) {
        cart = read_guest_cart(nobody, &idle, idle.token, NULL).status;
        looked_at = market_number(&market, "SELECT count(*) FROM \"order\".order_group WHERE"
                                           " guest_email = 'left@example.com'"
                                           " AND guest_looked_at IS NOT NULL");
    }
    assert_int_equal(cart, STATUS_NOT_FOUND);
    assert_int_equal(looked_at, 1); /* an order is open, so the address stays */
    assert_int_equal(read_group(nobody, group.id, group.token, NULL).status, STATUS_OK);
}

/* --- vendors --- */

static struct order_vendor_openings openings(size_t variant)
{
    const struct order_count_open_orders_of_vendor query = {
        .vendor_id = market.shop.variants[variant].vendor_id
    };
    struct order_vendor_openings found;
    assert_int_equal(
        market_call(&market, nobody, &order_count_open_orders_of_vendor_message, &query, 0, &found)
            .status,
        STATUS_OK);
    return found;
}

static void open_orders_and_locked_carts_of_a_vendor_are_counted(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    assert_int_equal(openings(TEAPOT).open_orders, 0);
    assert_int_equal(openings(TEAPOT).open_checkouts, 0); /* a cart is no checkout */
    assert_int_equal(check_out(&cart, 90, NULL).status, STATUS_OK);
    assert_int_equal(openings(TEAPOT).open_orders, 1);
    assert_int_equal(openings(BOWL).open_orders, 1);
    assert_int_equal(openings(BOWL).open_checkouts, 0);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".order_group SET status = 'pending', placed_at = NULL,"
                      " number = NULL WHERE id = (SELECT id FROM \"order\".order_group"
                      " ORDER BY created_at DESC LIMIT 1);"
                      "UPDATE \"order\".cart c SET status = 'locked' FROM \"order\".order_group g"
                      " WHERE g.id = c.group_id AND g.status = 'pending'");
    assert_int_equal(openings(TEAPOT).open_checkouts, 1);
    (void)scratch_sql(market.scratch, "order",
                      "UPDATE \"order\".cart SET status = 'ordered' WHERE status = 'locked';"
                      "UPDATE \"order\".order_group SET status = 'placed', placed_at = 1,"
                      " number = 1 WHERE status = 'pending'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shopper_who_is_held_checks_out_again_when_let_go),
        CLAIM(hold_that_was_forgotten_ends_by_the_clock),
        CLAIM(erased_shopper_is_held_for_ever),
        CLAIM(checkout_and_hold_at_once_never_pass_each_other),
        CLAIM(shopper_who_is_held_claims_nothing_that_a_guest_has_bought),
        CLAIM(claim_is_written_where_the_shopper_is_held),
        CLAIM(claim_and_hold_at_once_never_pass_each_other),
        CLAIM(checkout_that_is_under_way_blocks_an_erasure),
        CLAIM(export_has_the_cart_and_all_orders),
        CLAIM(export_of_more_orders_than_fit_says_so),
        CLAIM(sum_beyond_int64_is_left_out_of_an_export),
        CLAIM(words_about_a_shopper_are_exported_and_go_with_the_account),
        CLAIM(words_about_a_guest_go_with_the_address),
        CLAIM(what_guests_left_long_ago_is_forgotten_by_the_clock),
        CLAIM(open_orders_and_locked_carts_of_a_vendor_are_counted),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
