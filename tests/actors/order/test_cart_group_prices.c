/* Claims about which prices of groups a cart is asked with. */
#include "tests/actors/order/cart_builders.h"

static const struct catalog_group_price prices[] = {
    { { .bytes = { 't', [15] = 1 } }, { .bytes = { 'g', [15] = 1 } }, 1, { 600, "EUR" } },
    { { .bytes = { 't', [15] = 2 } }, { .bytes = { 'g', [15] = 2 } }, 1, { 700, "EUR" } },
    { { .bytes = { 't', [15] = 3 } }, { .bytes = { 'g', [15] = 3 } }, 1, { 800, "EUR" } },
};

/* One of 10.00, of which these groups pay less. */
struct fixture {
    struct cart *cart;
    struct quoted *quoted;
    struct catalog_offer offer;
};

static struct fixture new_fixture(void)
{
    struct fixture fixture = { .cart = new_cart(),
                               .quoted = new_quoted(),
                               .offer = offer_of(1, 1000, 100) };
    fixture.offer.group_prices = prices;
    fixture.offer.group_prices_count = ARRAY_LENGTH(prices);
    assert_int_equal(add(fixture.cart, &fixture.offer, 1), STATUS_OK);
    return fixture;
}

static const struct order_cart_line *ask(struct fixture *fixture, const struct uuid *groups,
                                         size_t count)
{
    const struct catalog_offers offers = { &fixture->offer, 1 };
    fixture->quoted->sources.groups = groups;
    fixture->quoted->sources.groups_count = count;
    assert_int_equal(quote(fixture->quoted, fixture->cart, &offers), STATUS_OK);
    return &fixture->quoted->shown.lines[0];
}

static void only_prices_of_the_shoppers_own_groups_count(void **state)
{
    (void)state;
    struct fixture fixture = new_fixture();
    const struct uuid groups[] = { id_of('g', 3), id_of('g', 2) };
    const struct order_cart_line *line = ask(&fixture, NULL, 0);
    assert_int_equal(line->unit_price.amount, 1000);
    assert_false(line->has_price_list_id);
    line = ask(&fixture, groups, 2);
    assert_int_equal(line->unit_price.amount, 700);
    assert_int_equal(line->list_price.amount, 1000);
    assert_true(uuid_equals(line->price_list_id, id_of('t', 2)));
    line = ask(&fixture, groups, 1);
    assert_int_equal(line->unit_price.amount, 800);
    free_quoted(fixture.quoted);
    test_free(fixture.cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_prices_of_the_shoppers_own_groups_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
