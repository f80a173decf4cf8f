/* Claims about guests: their carts, what they buy, and how it becomes an account's. */
#include "tests/actors/order/order_guests.h"

#include "user_messages.h"

#define DAY_US (INT64_C(86400) * SECOND_US)

/* --- carts --- */

static void guests_cart_is_there_for_its_token_only(void **state)
{
    (void)state;
    const struct guest guest = filled_guest(), other = new_guest();
    assert_false(uuid_equals(guest.cart.id, other.cart.id));
    assert_string_not_equal(guest.token, other.token);
    struct order_cart cart;
    assert_int_equal(read_guest_cart(nobody, &guest, guest.token, &cart).status, STATUS_OK);
    assert_int_equal(cart.totals.total.amount, 4498);
    assert_false(cart.has_token);
    assert_int_equal(read_guest_cart(nobody, &guest, "", NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(nobody, &guest, other.token, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(shopper, &guest, "", NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(shopper, &guest, guest.token, NULL).status, STATUS_OK);
}

static void token_of_a_guest_opens_no_shoppers_cart(void **state)
{
    (void)state;
    const struct guest guest = new_guest();
    const struct order_cart cart = filled_cart();
    const struct guest thief = { .cart = cart };
    assert_int_equal(read_guest_cart(nobody, &thief, guest.token, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(nobody, &thief, "", NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(draw_id(9), &thief, guest.token, NULL).status,
                     STATUS_NOT_FOUND);
}

static void guests_carts_opened_at_once_are_many(void **state)
{
    (void)state;
    const struct order_create_cart command = { 0 };
    struct order_cart carts[4];
    struct call calls[4];
    for (size_t i = 0; i < 4; i++)
        calls[i] = (struct call){ .message = &order_create_cart_message,
                                  .body = &command,
                                  .reply = &carts[i] };
    market_call_all(&market, calls, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(calls[i].answer.status, STATUS_OK);
        for (size_t k = 0; k < i; k++)
            assert_false(uuid_equals(carts[i].id, carts[k].id));
    }
}

static void drop(const struct guest *guest)
{
    const struct order_drop_guest_cart command = { .cart_id = guest->cart.id };
    assert_int_equal(
        market_call(&market, nobody, &order_drop_guest_cart_message, &command, 0, NULL).status,
        STATUS_OK);
}

static void carts_that_nobody_touches_are_forgotten(void **state)
{
    (void)state;
    struct guest idle = filled_guest(), sold = filled_guest();
    assert_int_equal(guest_checks_out(&sold, "guest@example.com", 40, NULL).status, STATUS_OK);
    market_settle(&market);
    const struct order_cart own = filled_cart();
    drop(&idle);
    assert_int_equal(read_guest_cart(nobody, &idle, idle.token, NULL).status, STATUS_OK);
    market.shop.market_offset_us += 31 * DAY_US;
    drop(&idle);
    drop(&sold);
    drop(&(struct guest){ .cart = own });
    assert_int_equal(read_guest_cart(nobody, &idle, idle.token, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(guest_adds(&idle, LAMP, 1).status, STATUS_NOT_FOUND);
    assert_int_equal(read_guest_cart(nobody, &sold, sold.token, NULL).status, STATUS_OK);
    assert_int_equal(get_cart(shopper, own.id, NULL).status, STATUS_OK);
}

/* --- checkout --- */

static void guest_says_where_to_be_reached(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_checkout command = guest_checkout_of(&guest, "guest@example.com");
    command.has_email = false;
    struct answer answer =
        market_call(&market, nobody, &order_checkout_message, &command, 41, NULL);
    assert_int_equal(answer.status, STATUS_MISSING_FIELD);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/email"));
    answer = guest_checks_out(&guest, "no address", 41, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/email"));
    const struct order_cart cart = filled_cart();
    command = checkout_of(&cart);
    command.has_email = true;
    command.email = TEXT("shopper@example.com");
    answer = market_call(&market, shopper, &order_checkout_message, &command, 42, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/email"));
    assert_nothing_happened(&cart);
}

static void guest_has_no_wallet(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_checkout command = guest_checkout_of(&guest, "guest@example.com");
    command.payment =
        (struct order_payment){ .has_wallet = true, .wallet = guest.cart.totals.total };
    const struct answer answer =
        market_call(&market, nobody, &order_checkout_message, &command, 43, NULL);
    assert_int_equal(answer.status, STATUS_PAYMENT_METHOD_UNAVAILABLE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/payment/wallet"));
}

static void guest_buys_and_pays_on_delivery(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group, again, stored;
    const struct answer answer = guest_checks_out(&guest, " Delivered@Example.com", 44, &group);
    assert_int_equal(answer.status, STATUS_OK);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_int_equal(group.on_delivery.amount, 4498);
    assert_int_equal(group.orders[0].on_delivery.amount, 3998);
    assert_int_equal(group.orders[0].payment_status, ORDER_PAYMENT_STATUS_UNPAID);
    assert_true(group.has_token);
    market_settle(&market);
    assert_int_equal(market.shop.wallet.marks_count, 0);
    assert_int_equal(market.shop.variants[TEAPOT].stock.amount, 8);

    assert_true(guest_checks_out(&guest, " Delivered@Example.com", 44, &again).is_replayed);
    assert_text_equal(again.token, group.token);
    assert_int_equal(read_group(nobody, group.id, group.token, &stored).status, STATUS_OK);
    assert_int_equal(stored.orders_count, 2);
    assert_int_equal(stored.orders[1].on_delivery.amount, 500);
    assert_false(stored.has_token);
    assert_int_equal(read_group(nobody, group.id, mailed_token(group.id), NULL).status, STATUS_OK);
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".order_group "
                                            "WHERE guest_email = 'delivered@example.com'"),
                     1);
}

static int64_t rows_that_hold(struct text token)
{
    const struct text sql = text_format(
        market.arena,
        "SELECT (SELECT count(*) FROM host.idempotency WHERE position('%.*s'::bytea IN body) > 0)"
        " + (SELECT count(*) FROM host.inbox WHERE position('%.*s'::bytea IN body) > 0)"
        " + (SELECT count(*) FROM host.saga WHERE position('%.*s'::bytea IN data) > 0)",
        (int)token.length, token.data, (int)token.length, token.data, (int)token.length,
        token.data);
    return market_number(&market, text_string(market.arena, sql));
}

/* Neither a backup nor whoever reads the database has them. */
static void tokens_are_in_no_answer_that_is_kept_and_come_again(void **state)
{
    (void)state;
    const struct order_create_cart create_cart = { 0 };
    struct order_cart cart;
    assert_int_equal(
        market_call(&market, nobody, &order_create_cart_message, &create_cart, 201, &cart).status,
        STATUS_OK);
    assert_int_equal(rows_that_hold(cart.token), 0);
    const struct guest guest = filled_guest();
    struct order_group group, again;
    assert_int_equal(guest_checks_out(&guest, "kept@example.com", 202, &group).status, STATUS_OK);
    market_settle(&market);
    assert_int_equal(rows_that_hold(group.token), 0);
    market_close(&market);
    market_open(&market);
    const struct answer answer = guest_checks_out(&guest, "kept@example.com", 202, &again);
    assert_true(answer.is_replayed);
    assert_int_equal(answer.http_status, 201);
    assert_text_equal(again.token, group.token);
    assert_true(uuid_equals(again.id, group.id));
    assert_int_equal(again.orders_count, 2);
}

static void guests_orders_are_there_for_their_tokens_only(void **state)
{
    (void)state;
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, "guest@example.com", 45, &group).status, STATUS_OK);
    market_settle(&market);
    const struct {
        const char *name;
        struct text token;
    } wrong[] = { { "no token", TEXT("") },
                  { "the token of the cart", text_of(guest.token) },
                  { "the mailed token of something else", mailed_token(guest.cart.id) } };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        if (read_group(nobody, group.id, wrong[i].token, NULL).status != STATUS_NOT_FOUND ||
            read_group(shopper, group.id, wrong[i].token, NULL).status != STATUS_NOT_FOUND)
            fail_msg("opened by %s", wrong[i].name);
    }
    struct order_get_order query = { .order_id = group.orders[1].id };
    assert_int_equal(market_call(&market, nobody, &order_get_order_message, &query, 0, NULL).status,
                     STATUS_NOT_FOUND);
    query.has_token = true;
    query.token = group.token;
    assert_int_equal(market_call(&market, nobody, &order_get_order_message, &query, 0, NULL).status,
                     STATUS_OK);
    assert_int_equal(orders_of(shopper), 0);
}

static void shopper_pays_partly_on_delivery(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct order_checkout command = checkout_of(&cart);
    command.payment.wallet.amount = 4000;
    command.payment.has_on_delivery = true;
    command.payment.on_delivery = money_make(498, "EUR");
    struct order_group group;
    assert_int_equal(
        market_call(&market, shopper, &order_checkout_message, &command, 46, &group).status,
        STATUS_OK);
    market_settle(&market);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PARTIALLY_PAID);
    assert_int_equal(group.orders[0].on_delivery.amount + group.orders[1].on_delivery.amount, 498);
    assert_false(group.has_token);
    assert_int_equal(market.shop.wallet.amount, SHOPPER_MONEY - 4000);
}

static void gifts_ask_no_wallet(void **state)
{
    (void)state;
    market.shop.variants[LAMP].price = 0;
    shop_fail(&market.shop, (struct shop_failure){ .message = &wallet_hold_funds_message,
                                                   .status = STATUS_INSUFFICIENT_FUNDS,
                                                   .times = FOR_EVER });
    struct guest guest = new_guest();
    assert_int_equal(guest_adds(&guest, LAMP, 1).status, STATUS_OK);
    struct order_checkout command = guest_checkout_of(&guest, "guest@example.com");
    command.payment = (struct order_payment){ .has_wallet = false };
    struct order_group group;
    assert_int_equal(
        market_call(&market, nobody, &order_checkout_message, &command, 47, &group).status,
        STATUS_OK);
    assert_int_equal(group.payment_status, ORDER_PAYMENT_STATUS_PAID);
}

/* --- whose it becomes --- */

static struct order_group bought_by(const char *email, uint8_t key)
{
    const struct guest guest = filled_guest();
    struct order_group group;
    assert_int_equal(guest_checks_out(&guest, email, key, &group).status, STATUS_OK);
    market_settle(&market);
    return group;
}

static void mailed_token_claims_once(void **state)
{
    (void)state;
    const struct order_group group = bought_by("claim@example.com", 50);
    const struct text token = mailed_token(group.id);
    struct order_group claimed;
    assert_int_equal(claim(shopper, token, &claimed).status, STATUS_OK);
    assert_int_equal(claimed.orders_count, 2);
    assert_int_equal(orders_of(shopper), 2);
    assert_int_equal(read_group(shopper, group.id, TEXT(""), NULL).status, STATUS_OK);
    assert_int_equal(read_group(nobody, group.id, group.token, NULL).status, STATUS_NOT_FOUND);
    assert_int_equal(claim(shopper, token, NULL).status, STATUS_OK);
    const struct answer refused = claim(draw_id(8), token, NULL);
    assert_int_equal(refused.status, STATUS_INVALID_TICKET);
    assert_text_equal(refused.problem.errors[0].pointer, TEXT("/token"));
    assert_int_equal(orders_of(shopper), 2);
}

static void claimed_at_once_by_two_it_is_one_of_them(void **state)
{
    (void)state;
    const struct order_group group = bought_by("race@example.com", 51);
    const struct order_claim_order command = { .token = mailed_token(group.id) };
    const struct uuid rival = draw_id(8);
    struct call calls[2] = {
        { .user_id = shopper, .message = &order_claim_order_message, .body = &command },
        { .user_id = rival, .message = &order_claim_order_message, .body = &command },
    };
    market_call_all(&market, calls, 2);
    assert_int_equal((calls[0].answer.status == STATUS_OK) + (calls[1].answer.status == STATUS_OK),
                     1);
    assert_int_equal(orders_of(shopper) + orders_of(rival), 2);
}

static void no_other_token_claims(void **state)
{
    (void)state;
    const struct order_group group = bought_by("other@example.com", 52);
    assert_int_equal(claim(shopper, group.token, NULL).status, STATUS_INVALID_TICKET);
    assert_int_equal(claim(shopper, TEXT("tic_"), NULL).status, STATUS_INVALID_TICKET);
    assert_int_equal(claim(shopper, mailed_token(draw_id(3)), NULL).status, STATUS_INVALID_TICKET);
    assert_int_equal(orders_of(shopper), 0);
}

static void claim_by_address(int64_t verified_at_us)
{
    const struct order_claim_orders_of_address command = { .user_id = shopper,
                                                           .verified_at_us = verified_at_us };
    struct order_claimed_orders claimed = { .has_more = true };
    assert_int_equal(
        market_call(&market, nobody, &order_claim_orders_of_address_message, &command, 0, &claimed)
            .status,
        STATUS_OK);
    assert_false(claimed.has_more);
}

static void verified_address_claims_what_was_bought_under_it(void **state)
{
    (void)state;
    (void)bought_by("Mine@example.com", 53);
    (void)bought_by("mine@example.com", 54);
    const struct order_group others = bought_by("others@example.com", 55);
    claim_by_address(TIME_MAX_US);
    assert_int_equal(orders_of(shopper), 0);
    market.shop.verified_email = "mine@example.com";
    claim_by_address(TIME_MAX_US);
    claim_by_address(TIME_MAX_US);
    assert_int_equal(orders_of(shopper), 4);
    assert_int_equal(read_group(nobody, others.id, others.token, NULL).status, STATUS_OK);
}

static void what_is_bought_after_the_verification_waits_for_the_mailed_token(void **state)
{
    (void)state;
    const struct order_group before = bought_by("late@example.com", 57);
    const int64_t verified_at_us = before.orders[0].placed_at_us;
    market.shop.market_offset_us += SECOND_US;
    const struct order_group after = bought_by("late@example.com", 58);
    market.shop.verified_email = "late@example.com";
    claim_by_address(verified_at_us);
    assert_int_equal(orders_of(shopper), 2);
    assert_int_equal(read_group(shopper, before.id, TEXT(""), NULL).status, STATUS_OK);
    assert_int_equal(read_group(shopper, after.id, TEXT(""), NULL).status, STATUS_NOT_FOUND);
}

static int64_t contacts_of(struct uuid group_id, struct common_contacts *ret_contacts)
{
    const struct order_get_contacts query = { .group_id = group_id };
    assert_int_equal(
        market_call(&market, nobody, &order_get_contacts_message, &query, 0, ret_contacts).status,
        STATUS_OK);
    return (int64_t)ret_contacts->contacts_count;
}

/* NULL: the request says nothing of languages. */
static void assert_written_to_in(const char *locale, const char *accept_language, uint8_t key)
{
    const struct guest guest = filled_guest();
    struct order_checkout command = guest_checkout_of(&guest, "language@example.com");
    struct order_group group;
    struct common_contacts contacts;
    command.has_accept_language = accept_language != NULL;
    command.accept_language = text_of(accept_language);
    assert_int_equal(
        market_call(&market, nobody, &order_checkout_message, &command, key, &group).status,
        STATUS_OK);
    market_settle(&market);
    assert_int_equal(contacts_of(group.id, &contacts), 1);
    assert_text_equal(contacts.contacts[0].locale, text_of(locale));
}

static void guest_is_written_to_in_the_language_of_the_request(void **state)
{
    (void)state;
    assert_written_to_in("de", "de-AT, en;q=0.7", 210);
    assert_written_to_in("en", "fr", 211);
    assert_written_to_in("en", NULL, 212);
}

/* Whoever it is that buys under it. */
static void address_is_written_to_five_times_an_hour(void **state)
{
    (void)state;
    struct common_contacts contacts;
    struct order_group group;
    for (uint8_t i = 0; i < 6; i++) {
        struct guest guest = new_guest();
        assert_int_equal(guest_adds(&guest, TEAPOT, 1).status, STATUS_OK);
        assert_int_equal(
            guest_checks_out(&guest, "stranger@example.com", (uint8_t)(220 + i), &group).status,
            STATUS_OK);
        market_settle(&market);
        assert_int_equal(contacts_of(group.id, &contacts), i < 5 ? 1 : 0);
    }
    const struct order_group others = bought_by("neighbour@example.com", 230);
    assert_int_equal(contacts_of(others.id, &contacts), 1);
    market.shop.market_offset_us += 2 * 3600 * (int64_t)SECOND_US;
    const struct order_group later = bought_by("stranger@example.com", 231);
    assert_int_equal(contacts_of(later.id, &contacts), 1);
    assert_int_equal(contacts_of(group.id, &contacts), 0);
}

static int64_t addresses(void)
{
    return market_number(&market, "SELECT count(*) FROM \"order\".order_group"
                                  " WHERE guest_email = 'forgotten@example.com'");
}

static void forget_guest(struct uuid group_id)
{
    const struct order_forget_guest command = { .group_id = group_id };
    assert_int_equal(
        market_call(&market, nobody, &order_forget_guest_message, &command, 0, NULL).status,
        STATUS_OK);
}

static void address_of_a_guest_is_forgotten_unless_an_order_is_open(void **state)
{
    (void)state;
    const struct order_group group = bought_by("forgotten@example.com", 240);
    const struct uuid failed = draw_id(11);
    char hex[2 * sizeof failed.bytes + 1];
    for (size_t i = 0; i < sizeof failed.bytes; i++) {
        hex[2 * i] = "0123456789abcdef"[failed.bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[failed.bytes[i] & 15];
    }
    hex[2 * sizeof failed.bytes] = '\0';
    (void)market_number(
        &market,
        text_string(
            market.arena,
            text_format(market.arena,
                        "INSERT INTO \"order\".order_group (id, cart_id, status,"
                        " payment_status, total, currency, created_at, refusal,"
                        " guest_email, on_delivery) SELECT '%s', gen_random_uuid(), 'failed',"
                        " 'unpaid', total, currency, created_at, 'x', guest_email, total"
                        " FROM \"order\".order_group WHERE guest_email ="
                        " 'forgotten@example.com' RETURNING 1::bigint",
                        hex)));
    forget_guest(group.id);
    forget_guest(failed);
    assert_int_equal(addresses(), 2);
    market.shop.market_offset_us += 91 * DAY_US;
    forget_guest(group.id);
    forget_guest(failed);
    assert_int_equal(addresses(), 1);
    struct common_contacts contacts;
    assert_int_equal(contacts_of(failed, &contacts), 0);
    assert_int_equal(contacts_of(group.id, &contacts), 1);
    assert_int_equal(market_number(&market, "SELECT count(*) FROM \"order\".order_group WHERE"
                                            " guest_email = 'forgotten@example.com'"
                                            " AND guest_looked_at IS NOT NULL"),
                     1);
}

static void guest_is_reached_until_the_account_is_erased(void **state)
{
    (void)state;
    const struct order_group group = bought_by("reach@example.com", 56);
    struct common_contacts contacts;
    assert_int_equal(contacts_of(group.id, &contacts), 1);
    assert_text_equal(contacts.contacts[0].email, TEXT("reach@example.com"));
    assert_int_equal(claim(shopper, mailed_token(group.id), NULL).status, STATUS_OK);
    const struct order_forget_shopper forget = { .user_id = shopper };
    assert_int_equal(
        market_call(&market, nobody, &order_forget_shopper_message, &forget, 0, NULL).status,
        STATUS_OK);
    assert_int_equal(contacts_of(group.id, &contacts), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(guests_cart_is_there_for_its_token_only),
        CLAIM(token_of_a_guest_opens_no_shoppers_cart),
        CLAIM(guests_carts_opened_at_once_are_many),
        CLAIM(carts_that_nobody_touches_are_forgotten),
        CLAIM(guest_says_where_to_be_reached),
        CLAIM(guest_has_no_wallet),
        CLAIM(guest_buys_and_pays_on_delivery),
        CLAIM(tokens_are_in_no_answer_that_is_kept_and_come_again),
        CLAIM(guests_orders_are_there_for_their_tokens_only),
        CLAIM(shopper_pays_partly_on_delivery),
        CLAIM(gifts_ask_no_wallet),
        CLAIM(mailed_token_claims_once),
        CLAIM(claimed_at_once_by_two_it_is_one_of_them),
        CLAIM(no_other_token_claims),
        CLAIM(verified_address_claims_what_was_bought_under_it),
        CLAIM(what_is_bought_after_the_verification_waits_for_the_mailed_token),
        CLAIM(guest_is_written_to_in_the_language_of_the_request),
        CLAIM(address_is_written_to_five_times_an_hour),
        CLAIM(guest_is_reached_until_the_account_is_erased),
        CLAIM(address_of_a_guest_is_forgotten_unless_an_order_is_open),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
