/* Claims about what baskets with bundles take from the stock. */
#include "actors/order/line_stock.h"
#include "tests/actors/order/cart_builders.h"

static struct catalog_bundle_part part_of(uint8_t number, int64_t quantity, int64_t available)
{
    return (struct catalog_bundle_part){ .variant_id = id_of('v', number),
                                         .product_id = id_of('p', number),
                                         .name = TEXT("Part"),
                                         .quantity = quantity,
                                         .available = available };
}

static int64_t units_of(const struct line_stock *stock, uint8_t number)
{
    for (size_t i = 0; i < stock->count; i++)
        if (uuid_equals(stock->units[i].variant_id, id_of('v', number)))
            return stock->units[i].quantity;
    return 0;
}

/* Two bundles that share a part, and the part itself: one sum for each variant. */
static void parts_are_summed_over_the_basket(void **state)
{
    (void)state;
    const struct order_line_part first[] = { { .variant_id = id_of('v', 1), .quantity = 2 },
                                             { .variant_id = id_of('v', 2), .quantity = 1 } };
    const struct order_line_part second[] = { { .variant_id = id_of('v', 1), .quantity = 1 } };
    struct line_stock stock = { .count = 0 };
    line_stock_add_line(&stock, id_of('v', 8), first, 2, 3);
    line_stock_add_line(&stock, id_of('v', 9), second, 1, 4);
    line_stock_add_line(&stock, id_of('v', 1), NULL, 0, 5);
    assert_int_equal(stock.count, 2);
    assert_int_equal(units_of(&stock, 1), 2 * 3 + 4 + 5);
    assert_int_equal(units_of(&stock, 2), 3);
    assert_int_equal(units_of(&stock, 8), 0);
}

static void what_does_not_fit_is_told(void **state)
{
    (void)state;
    struct line_stock stock = { .count = 0 };
    for (uint8_t i = 0; i < LINE_STOCK_MAX; i++)
        line_stock_add(&stock, id_of('v', i), 1);
    assert_false(stock.is_full);
    line_stock_add(&stock, id_of('v', 3), 1);
    assert_false(stock.is_full);
    line_stock_add(&stock, id_of('v', 200), 1);
    assert_true(stock.is_full);
    assert_int_equal(stock.count, LINE_STOCK_MAX);
}

static void parts_go_back_as_one_sum_under_a_name_of_their_own(void **state)
{
    (void)state;
    static struct order_recall_line restocks[1 + LINE_STOCK_MAX] = { { .quantity = 7 } };
    struct line_stock parts = { .count = 0 };
    line_stock_add(&parts, id_of('v', 1), 4);
    line_stock_add(&parts, id_of('v', 2), 5);
    assert_int_equal(line_stock_give_back(&parts, id_of('b', 1), restocks, 1), 3);
    assert_int_equal(restocks[0].quantity, 7);
    assert_int_equal(restocks[1].quantity, 4);
    assert_int_equal(restocks[2].quantity, 5);
    assert_true(uuid_equals(restocks[1].restock_id, restocks[2].restock_id));
    static struct order_recall_line others[LINE_STOCK_MAX];
    (void)line_stock_give_back(&parts, id_of('b', 2), others, 0);
    assert_false(uuid_equals(others[0].restock_id, restocks[1].restock_id));
}

/* Each alone is there; together they are not. */
static void a_cart_counts_what_its_other_lines_take(void **state)
{
    (void)state;
    const struct catalog_bundle_part shared[] = { part_of(1, 2, 10) };
    static struct catalog_offer offers[3];
    offers[0] = offer_of(1, 500, 10);
    offers[1] = offer_of(8, 900, 5);
    offers[2] = offer_of(9, 900, 5);
    offers[1].parts = offers[2].parts = shared;
    offers[1].parts_count = offers[2].parts_count = 1;
    const struct catalog_offers all = { .offers = offers, .offers_count = 3 };
    struct cart *cart = new_cart();
    assert_int_equal(add(cart, &offers[0], 5), STATUS_OK);
    assert_int_equal(add(cart, &offers[1], 2), STATUS_OK);
    assert_false(cart_examine_line(cart, &cart->lines[0], &all).is_short_of_stock);
    assert_false(cart_examine_line(cart, &cart->lines[1], &all).is_short_of_stock);
    assert_int_equal(cart_examine_line(cart, &cart->lines[0], &all).available, 6);
    assert_int_equal(add(cart, &offers[2], 1), STATUS_OK);
    assert_true(cart_examine_line(cart, &cart->lines[0], &all).is_short_of_stock);
    assert_int_equal(cart_examine_line(cart, &cart->lines[0], &all).available, 4);
    assert_int_equal(cart_examine_line(cart, &cart->lines[1], &all).available, 1);
    test_free(cart);
}

static void a_basket_of_more_variants_than_one_process_asks_for_is_told(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64 * 1024);
    static struct catalog_bundle_part parts[4][20];
    static struct catalog_offer offers[4];
    struct cart *cart = new_cart();
    for (uint8_t i = 0; i < 4; i++) {
        for (uint8_t k = 0; k < 20; k++)
            parts[i][k] = part_of((uint8_t)(i * 20 + k), 1, 100);
        offers[i] = offer_of((uint8_t)(200 + i), 900, 100);
        offers[i].parts = parts[i];
        offers[i].parts_count = 20;
    }
    const struct catalog_offers all = { .offers = offers, .offers_count = 4 };
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(add(cart, &offers[i], 1), STATUS_OK);
    assert_true(line_stock_holds(arena, cart, &all));
    assert_int_equal(add(cart, &offers[3], 1), STATUS_OK);
    assert_false(line_stock_holds(arena, cart, &all));
    test_free(cart);
    arena_destroy(&arena);
}

static void units_that_are_not_there_are_counted(void **state)
{
    (void)state;
    struct catalog_offer offer = offer_of(1, 500, 10);
    assert_int_equal(cart_backordered_units(&offer, 10), 0);
    offer.has_ready = true;
    offer.ready = 3;
    assert_int_equal(cart_backordered_units(&offer, 3), 0);
    assert_int_equal(cart_backordered_units(&offer, 10), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_summed_over_the_basket),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(parts_go_back_as_one_sum_under_a_name_of_their_own),
        cmocka_unit_test(a_cart_counts_what_its_other_lines_take),
        cmocka_unit_test(a_basket_of_more_variants_than_one_process_asks_for_is_told),
        cmocka_unit_test(units_that_are_not_there_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
