/* Claims about carts, through the real dispatch and database. */
#include "tests/actors/order/order_story.h"

static void shopper_has_one_active_cart(void **state)
{
    (void)state;
    struct order_cart first, second;
    assert_int_equal(create(&first).http_status, 0);
    assert_text_equal(first.currency, TEXT("EUR"));
    assert_int_equal(first.version, 1);
    assert_int_equal(uuid_shard(first.id), uuid_shard(shopper));
    const struct answer again = create(&second);
    assert_int_equal(again.http_status, 200);
    assert_true(uuid_equals(first.id, second.id));
}

/* Asked again, the shopper may have another cart by then. */
static void the_cart_that_was_there_is_answered_alike_under_the_same_key(void **state)
{
    (void)state;
    enum { KEY = 77 };
    const struct order_create_cart command = { 0 };
    struct order_cart first, again, repeated;
    assert_int_equal(create(&first).status, STATUS_OK);
    struct answer answer =
        market_call(&market, shopper, &order_create_cart_message, &command, KEY, &again);
    assert_int_equal(answer.http_status, 200);
    assert_false(answer.is_replayed);
    const struct order_add_line line = { .cart_id = first.id,
                                         .variant_id = market.shop.variants[TEAPOT].id,
                                         .quantity = 1 };
    assert_int_equal(market_call(&market, shopper, &order_add_line_message, &line, 0, NULL).status,
                     STATUS_OK);
    answer = market_call(&market, shopper, &order_create_cart_message, &command, KEY, &repeated);
    assert_int_equal(answer.http_status, 200);
    assert_true(answer.is_replayed);
    assert_true(uuid_equals(repeated.id, first.id));
    assert_int_equal(repeated.version, again.version);
    assert_int_equal(repeated.lines_count, 0);
}

static void carts_opened_at_once_are_one(void **state)
{
    (void)state;
    const struct order_create_cart command = { 0 };
    struct order_cart carts[4];
    struct call calls[4];
    for (size_t i = 0; i < 4; i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_create_cart_message,
                                  .body = &command,
                                  .reply = &carts[i] };
    market_call_all(&market, calls, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(calls[i].answer.status, STATUS_OK);
        assert_true(uuid_equals(carts[i].id, carts[0].id));
    }
}

static void cart_of_no_currency_is_refused(void **state)
{
    (void)state;
    const struct order_create_cart command = { .has_currency = true, .currency = TEXT("XQQ") };
    const struct answer answer =
        market_call(&market, shopper, &order_create_cart_message, &command, 0, NULL);
    assert_int_equal(answer.status, STATUS_INVALID_VALUE);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/currency"));
    assert_true(answer.problem.errors[0].has_detail);
}

static void set_setting(const char *setting)
{
    char *arguments[] = { (char *)"test", (char *)setting, NULL };
    int positional;
    assert_int_equal(config_load_arguments(market.config, 2, arguments, &positional), STATUS_OK);
}

static struct answer open_in(const char *currency, struct order_cart *ret_cart)
{
    const struct order_create_cart command = { .has_currency = currency != NULL,
                                               .currency = currency == NULL ? TEXT("")
                                                                            : text_of(currency) };
    return market_call(&market, shopper, &order_create_cart_message, &command, 0, ret_cart);
}

static void an_empty_cart_is_opened_in_another_currency(void **state)
{
    (void)state;
    struct order_cart first, second, stored;
    assert_int_equal(open_in("KWD", &first).status, STATUS_OK);
    const struct answer answer = open_in("EUR", &second);
    assert_int_equal(answer.http_status, 200);
    assert_true(uuid_equals(first.id, second.id));
    assert_text_equal(second.currency, TEXT("EUR"));
    assert_int_equal(second.version, 2);
    assert_int_equal(add(&second, TEAPOT, 1, &second).status, STATUS_OK);
    assert_int_equal(get_cart(shopper, second.id, &stored).status, STATUS_OK);
    assert_text_equal(stored.currency, TEXT("EUR"));
    assert_int_equal(stored.problems_count, 0);
}

/* What has no price there keeps nothing of the amount that it had in the other currency. */
static void lines_stay_when_the_currency_changes_and_are_priced_anew(void **state)
{
    (void)state;
    struct order_cart cart = filled_cart();
    market.shop.variants[TEAPOT].currency = "JPY";
    market.shop.variants[TEAPOT].price = 2500;
    struct order_cart moved;
    assert_int_equal(open_in("JPY", &moved).status, STATUS_OK);
    assert_true(uuid_equals(moved.id, cart.id));
    assert_int_equal(moved.version, cart.version + 1);
    assert_int_equal(moved.lines_count, 2);
    assert_int_equal(moved.lines[0].unit_price.amount, 2500);
    assert_string_equal(moved.lines[0].unit_price.currency, "JPY");
    assert_int_equal(moved.lines[0].problems_count, 0);
    assert_int_equal(moved.lines[1].unit_price.amount, 0);
    assert_text_equal(moved.lines[1].problems[0].code, TEXT("currency_not_offered"));
    assert_int_equal(open_in(NULL, &cart).status, STATUS_OK);
    assert_text_equal(cart.currency, TEXT("JPY"));
    assert_int_equal(cart.version, moved.version);
}

static void a_cart_in_a_currency_no_longer_sold_in_becomes_the_markets(void **state)
{
    (void)state;
    struct order_cart first, second;
    assert_int_equal(open_in("KWD", &first).status, STATUS_OK);
    set_setting("--market.currencies=USD");
    assert_int_equal(open_in(NULL, &second).status, STATUS_OK);
    set_setting("--market.currencies=");
    assert_true(uuid_equals(first.id, second.id));
    assert_text_equal(second.currency, TEXT("EUR"));
}

static void the_currency_of_a_cart_is_its_owners_to_change(void **state)
{
    (void)state;
    struct order_cart cart = filled_cart();
    struct order_set_currency command = { .cart_id = cart.id,
                                          .currency = TEXT("JPY"),
                                          .versions = &(const int64_t){ 1 },
                                          .versions_count = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_set_currency_message, &command, 0, NULL).status,
        STATUS_PRECONDITION_FAILED);
    command.versions_count = 0;
    assert_int_equal(
        market_call(&market, draw_id(1), &order_set_currency_message, &command, 0, NULL).status,
        STATUS_NOT_FOUND);
    assert_int_equal(
        market_call(&market, shopper, &order_set_currency_message, &command, 0, &cart).status,
        STATUS_OK);
    assert_text_equal(cart.currency, TEXT("JPY"));
    command.currency = TEXT("XQQ");
    assert_int_equal(
        market_call(&market, shopper, &order_set_currency_message, &command, 0, NULL).status,
        STATUS_INVALID_VALUE);
}

static void a_line_that_is_full_says_how_much_it_holds(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    market.shop.variants[TEAPOT].shown_available = 20000;
    struct order_add_line line = { .cart_id = cart.id,
                                   .variant_id = market.shop.variants[TEAPOT].id,
                                   .quantity = 10000 };
    assert_int_equal(market_call(&market, shopper, &order_add_line_message, &line, 0, NULL).status,
                     STATUS_OK);
    line.quantity = 1;
    const struct answer answer =
        market_call(&market, shopper, &order_add_line_message, &line, 0, NULL);
    assert_int_equal(answer.status, STATUS_CART_FULL);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/quantity"));
    assert_true(answer.problem.errors[0].has_maximum);
    assert_int_equal(answer.problem.errors[0].maximum, 10000);
}

static void cart_shows_lines_and_totals(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    assert_int_equal(cart.version, 3);
    assert_int_equal(cart.lines_count, 2);
    assert_text_equal(cart.lines[0].name, TEXT("Teapot"));
    assert_text_equal(cart.lines[0].vendor_name, TEXT("Teas"));
    assert_text_equal(cart.lines[0].slug, TEXT("a-slug"));
    assert_text_equal(cart.lines[0].image, TEXT("https://cdn.example/1.jpg"));
    assert_int_equal(cart.lines[0].options_count, 2);
    assert_text_equal(cart.lines[0].options[0].value, TEXT("L"));
    assert_int_equal(cart.lines[0].total.amount, 3998);
    assert_int_equal(cart.totals.total.amount, 4498);
    assert_int_equal(cart.problems_count, 0);
    market.shop.variants[BOWL].price = 600;
    const struct order_get_active_cart query = { 0 };
    struct order_cart shown;
    assert_int_equal(
        market_call(&market, shopper, &order_get_active_cart_message, &query, 0, &shown).status,
        STATUS_OK);
    assert_int_equal(shown.totals.total.amount, 4598);
}

static void lines_change_and_go(void **state)
{
    (void)state;
    struct order_cart cart = filled_cart();
    const struct order_change_line change = { .cart_id = cart.id,
                                              .line_id = cart.lines[0].id,
                                              .quantity = 3,
                                              .versions = &(const int64_t){ 3 },
                                              .versions_count = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_change_line_message, &change, 0, &cart).status,
        STATUS_OK);
    assert_int_equal(cart.lines[0].quantity, 3);
    assert_int_equal(
        market_call(&market, shopper, &order_change_line_message, &change, 0, NULL).status,
        STATUS_PRECONDITION_FAILED);
    const struct order_remove_line removal = { .cart_id = cart.id, .line_id = cart.lines[0].id };
    assert_int_equal(
        market_call(&market, shopper, &order_remove_line_message, &removal, 0, &cart).status,
        STATUS_OK);
    assert_int_equal(
        market_call(&market, shopper, &order_remove_line_message, &removal, 0, NULL).status,
        STATUS_NOT_FOUND);
    struct order_cart stored;
    assert_int_equal(get_cart(shopper, cart.id, &stored).status, STATUS_OK);
    assert_int_equal(stored.version, 5);
    assert_int_equal(stored.lines_count, 1);
    assert_text_equal(stored.lines[0].name, TEXT("Bowl"));
}

static struct answer change(const struct order_cart *cart, size_t line, int64_t quantity)
{
    const struct order_change_line command = { .cart_id = cart->id,
                                               .line_id = cart->lines[line].id,
                                               .quantity = quantity };
    return market_call(&market, shopper, &order_change_line_message, &command, 0, NULL);
}

static void line_is_not_set_beyond_the_stock(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    struct answer answer = change(&cart, 0, 11);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/quantity"));
    assert_int_equal(answer.problem.errors[0].requested, 11);
    assert_int_equal(answer.problem.errors[0].available, 10);
    market.shop.variants[BOWL].id = draw_id(3); /* the catalogue does not know it any more */
    answer = change(&cart, 1, 1);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(answer.problem.errors[0].available, 0);
    struct order_cart stored;
    assert_int_equal(get_cart(shopper, cart.id, &stored).status, STATUS_OK);
    assert_int_equal(stored.version, cart.version);
    assert_text_equal(stored.lines[1].problems[0].code, TEXT("product_unavailable"));
}

static void line_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct order_cart cart = filled_cart();
    struct order_cart_line lines[] = { { .id = draw_id(3) } };
    cart.lines = lines;
    assert_int_equal(change(&cart, 0, 1).status, STATUS_NOT_FOUND);
}

static void what_is_not_sold_is_not_put_in(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    const struct order_add_line unknown = { .cart_id = cart.id,
                                            .variant_id = draw_id(3),
                                            .quantity = 1 };
    assert_int_equal(
        market_call(&market, shopper, &order_add_line_message, &unknown, 0, NULL).status,
        STATUS_NOT_FOUND);
    market.shop.variants[BOWL].is_hidden = true;
    assert_int_equal(add(&cart, BOWL, 1, NULL).status, STATUS_PRODUCT_UNAVAILABLE);
    market.shop.variants[LAMP].is_vendor_closed = true;
    assert_int_equal(add(&cart, LAMP, 1, NULL).status, STATUS_VENDOR_UNAVAILABLE);
    const struct answer answer = add(&cart, TEAPOT, 11, NULL);
    assert_int_equal(answer.status, STATUS_INSUFFICIENT_STOCK);
    assert_text_equal(answer.problem.errors[0].pointer, TEXT("/quantity"));
    assert_int_equal(answer.problem.errors[0].requested, 11);
    assert_int_equal(answer.problem.errors[0].available, 10);
    assert_int_equal(add(&cart, TEAPOT, 9999, NULL).status, STATUS_INSUFFICIENT_STOCK);
}

static void other_peoples_carts_are_not_there(void **state)
{
    (void)state;
    const struct order_cart cart = filled_cart();
    const struct uuid stranger = draw_id(7);
    assert_int_equal(get_cart(stranger, cart.id, NULL).status, STATUS_NOT_FOUND);
    const struct order_add_line command = { .cart_id = cart.id,
                                            .variant_id = market.shop.variants[BOWL].id,
                                            .quantity = 1 };
    assert_int_equal(
        market_call(&market, stranger, &order_add_line_message, &command, 0, NULL).status,
        STATUS_NOT_FOUND);
    const struct order_checkout checkout = checkout_of(&cart);
    assert_int_equal(
        market_call(&market, stranger, &order_checkout_message, &checkout, 9, NULL).status,
        STATUS_NOT_FOUND);
}

static void changes_at_once_all_count(void **state)
{
    (void)state;
    struct order_cart cart;
    assert_int_equal(create(&cart).status, STATUS_OK);
    const struct order_add_line command = { .cart_id = cart.id,
                                            .variant_id = market.shop.variants[TEAPOT].id,
                                            .quantity = 1 };
    struct call calls[8];
    for (size_t i = 0; i < 8; i++)
        calls[i] = (struct call){ .user_id = shopper,
                                  .message = &order_add_line_message,
                                  .body = &command };
    market_call_all(&market, calls, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(calls[i].answer.status, STATUS_OK);
    assert_int_equal(get_cart(shopper, cart.id, &cart).status, STATUS_OK);
    assert_int_equal(cart.lines_count, 1);
    assert_int_equal(cart.lines[0].quantity, 8);
    assert_int_equal(cart.version, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shopper_has_one_active_cart),
        CLAIM(the_cart_that_was_there_is_answered_alike_under_the_same_key),
        CLAIM(carts_opened_at_once_are_one),
        CLAIM(cart_of_no_currency_is_refused),
        CLAIM(an_empty_cart_is_opened_in_another_currency),
        CLAIM(lines_stay_when_the_currency_changes_and_are_priced_anew),
        CLAIM(a_cart_in_a_currency_no_longer_sold_in_becomes_the_markets),
        CLAIM(the_currency_of_a_cart_is_its_owners_to_change),
        CLAIM(a_line_that_is_full_says_how_much_it_holds),
        CLAIM(cart_shows_lines_and_totals),
        CLAIM(lines_change_and_go),
        CLAIM(line_is_not_set_beyond_the_stock),
        CLAIM(line_that_is_not_there_is_not_found),
        CLAIM(what_is_not_sold_is_not_put_in),
        CLAIM(other_peoples_carts_are_not_there),
        CLAIM(changes_at_once_all_count),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
