/* Claims about selling ahead: what a policy allows, and what it does to the rules of stock. */
#include "tests/actors/catalog/stock_builders.h"

#include <string.h>

enum { NOW = 1000 };

#define DAY_US (86400LL * 1000000)

static const struct catalog_ahead deny = { .policy = CATALOG_STOCK_POLICY_DENY };

static struct catalog_ahead backorder(int64_t limit)
{
    return (struct catalog_ahead){ CATALOG_STOCK_POLICY_BACKORDER, limit, 0 };
}

static struct catalog_ahead preorder(int64_t limit, int64_t day)
{
    return (struct catalog_ahead){ CATALOG_STOCK_POLICY_PREORDER, limit, day };
}

static void assert_refused(struct catalog_ahead ahead, const char *field)
{
    const char *named = NULL;
    assert_int_equal(catalog_ahead_check(&ahead, NOW, &named), STATUS_INVALID_VALUE);
    assert_string_equal(named, field);
}

static void assert_taken(struct catalog_ahead ahead)
{
    const char *named;
    assert_int_equal(catalog_ahead_check(&ahead, NOW, &named), STATUS_OK);
}

static void limits_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_refused(backorder(0), "limit");
    assert_refused(backorder(-1), "limit");
    assert_refused(backorder(1LL << 31), "limit");
    assert_refused(backorder(CATALOG_AHEAD_MAX + 1), "limit");
    assert_refused((struct catalog_ahead){ .limit = 1 }, "limit");
    assert_refused(preorder(0, NOW + 1), "limit");
    assert_taken(backorder(1));
    assert_taken(backorder(CATALOG_AHEAD_MAX));
    assert_taken(deny);
}

static void days_that_have_been_or_are_far_away_are_refused(void **state)
{
    (void)state;
    assert_refused(preorder(1, 0), "available_on");
    assert_refused(preorder(1, NOW), "available_on");
    assert_refused(preorder(1, NOW - DAY_US), "available_on");
    assert_refused(preorder(1, NOW + 3650 * DAY_US), "available_on");
    assert_refused(preorder(1, NOW + CATALOG_PREORDER_MAX_US + 1), "available_on");
    assert_refused((struct catalog_ahead){ CATALOG_STOCK_POLICY_BACKORDER, 1, NOW + 1 },
                   "available_on");
    assert_taken(preorder(1, NOW + 1));
    assert_taken(preorder(1, NOW + CATALOG_PREORDER_MAX_US));
}

static void availability_says_what_can_be_bought_and_how(void **state)
{
    (void)state;
    assert_int_equal(catalog_ahead_availability(deny, 1, NOW), CATALOG_AVAILABILITY_IN_STOCK);
    assert_int_equal(catalog_ahead_availability(deny, 0, NOW), CATALOG_AVAILABILITY_OUT_OF_STOCK);
    assert_int_equal(catalog_ahead_availability(backorder(2), 1, NOW),
                     CATALOG_AVAILABILITY_IN_STOCK);
    assert_int_equal(catalog_ahead_availability(backorder(2), 0, NOW),
                     CATALOG_AVAILABILITY_BACKORDER);
    assert_int_equal(catalog_ahead_availability(backorder(2), -2, NOW),
                     CATALOG_AVAILABILITY_OUT_OF_STOCK);
    assert_int_equal(catalog_ahead_available(backorder(2), -1, NOW), 1);
    assert_int_equal(catalog_ahead_available(backorder(2), -5, NOW), 0);
}

static void a_preorder_is_none_any_more_from_its_day_on(void **state)
{
    (void)state;
    const struct catalog_ahead ahead = preorder(3, NOW + 1);
    assert_int_equal(catalog_ahead_availability(ahead, 5, NOW), CATALOG_AVAILABILITY_PREORDER);
    assert_int_equal(catalog_ahead_available(ahead, 5, NOW), 8);
    assert_int_equal(catalog_ahead_availability(ahead, 5, NOW + 1), CATALOG_AVAILABILITY_IN_STOCK);
    assert_int_equal(catalog_ahead_available(ahead, 5, NOW + 1), 5);
    assert_int_equal(catalog_ahead_availability(ahead, 0, NOW + 1),
                     CATALOG_AVAILABILITY_OUT_OF_STOCK);
}

/* ---- the rules of stock under a policy ---- */

static struct catalog_stock *selling(int64_t on_hand, struct catalog_ahead ahead)
{
    struct catalog_stock *stock = stock_with(on_hand);
    catalog_stock_sell_ahead(stock, ahead);
    return stock;
}

static void sell(struct catalog_stock *stock, uint8_t name, int64_t quantity)
{
    struct catalog_reservation reservation = held(stock, name, quantity);
    bool is_changed;
    assert_int_equal(catalog_stock_commit(stock, &reservation, &is_changed), STATUS_OK);
}

static void units_are_promised_up_to_the_limit_and_no_further(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(5, backorder(3));
    bool is_changed;
    sell(stock, 1, 7);
    assert_int_equal(stock->on_hand, -2);
    assert_int_equal(catalog_stock_on_hand(stock), 0);
    assert_int_equal(catalog_stock_owed(stock), 2);
    struct catalog_reservation wish = wish_for(2, 2);
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_INSUFFICIENT_STOCK);
    sell(stock, 3, 1);
    assert_int_equal(catalog_stock_available(stock), 0);
    assert_int_equal(stock->sold, 8);
}

static void what_comes_in_is_for_those_who_wait_first(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(0, backorder(5));
    sell(stock, 1, 4);
    catalog_stock_receive(stock, 3);
    assert_int_equal(catalog_stock_owed(stock), 1);
    assert_int_equal(catalog_stock_on_hand(stock), 0);
    catalog_stock_receive(stock, 3);
    assert_int_equal(catalog_stock_owed(stock), 0);
    assert_int_equal(catalog_stock_on_hand(stock), 2);
}

static void a_count_fills_what_is_owed_and_nothing_counted_leaves_it(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(0, backorder(5));
    bool is_changed = true;
    sell(stock, 1, 4);
    assert_int_equal(catalog_stock_set(stock, 0, &is_changed), STATUS_OK);
    assert_false(is_changed);
    assert_int_equal(catalog_stock_owed(stock), 4);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(catalog_stock_set(stock, 6, &is_changed), STATUS_OK);
        assert_int_equal(is_changed, i == 0);
        assert_int_equal(stock->on_hand, 6);
    }
}

static void a_count_below_what_is_held_may_be_owed_up_to_the_limit(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(5, backorder(2));
    bool is_changed;
    (void)held(stock, 1, 5);
    assert_int_equal(catalog_stock_set(stock, 2, &is_changed), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(catalog_stock_set(stock, 3, &is_changed), STATUS_OK);
    assert_int_equal(catalog_stock_owed(stock), 2);
}

/* The vendor has had enough of back-orders: nothing more is promised, and what was is kept. */
static void a_policy_that_ends_while_units_are_owed_keeps_them_owed(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(0, backorder(5));
    bool is_changed;
    sell(stock, 1, 2);
    struct catalog_reservation open = held(stock, 2, 2);
    catalog_stock_sell_ahead(stock, deny);
    assert_int_equal(catalog_stock_owed(stock), 4);
    assert_int_equal(catalog_stock_available(stock), 0);
    assert_int_equal(catalog_stock_commit(stock, &open, &is_changed), STATUS_OK);
    assert_int_equal(stock->on_hand, -4);
    catalog_stock_receive(stock, 1);
    struct catalog_reservation wish = wish_for(3, 1);
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_INSUFFICIENT_STOCK);
    catalog_stock_receive(stock, 4);
    assert_int_equal(catalog_stock_reserve(stock, &wish, &is_changed), STATUS_OK);
}

static void a_release_of_what_was_promised_ahead_can_be_promised_again(void **state)
{
    (void)state;
    struct catalog_stock *stock = selling(1, backorder(1));
    bool is_changed;
    struct catalog_reservation both = held(stock, 1, 2);
    assert_int_equal(catalog_stock_available(stock), 0);
    assert_int_equal(catalog_stock_release(stock, &both, &is_changed), STATUS_OK);
    assert_int_equal(catalog_stock_available(stock), 2);
}

/* ---- a walk ---- */

enum { WALK_STEPS = 20000, WALK_RESERVATIONS = 24 };

/* What the stock must be, kept without its rules. */
struct model {
    int64_t received, sold, held, limit;
    int64_t quantities[WALK_RESERVATIONS];
    bool is_held[WALK_RESERVATIONS];
};

static uint64_t draw(uint64_t *seed, uint64_t end)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % end;
}

static void walk_reservation(struct catalog_stock *stock, struct model *model, uint64_t *seed,
                             unsigned turn)
{
    const size_t i = draw(seed, WALK_RESERVATIONS);
    bool is_changed;
    if (!model->is_held[i]) {
        struct catalog_reservation wish = wish_for(0, 1 + (int64_t)draw(seed, 4));
        memcpy(wish.id.bytes, &turn, sizeof turn);
        wish.id.bytes[8] = (uint8_t)i;
        const int64_t free = model->received - model->sold - model->held + model->limit;
        const enum status status = catalog_stock_reserve(stock, &wish, &is_changed);
        assert_int_equal(status, wish.quantity <= free ? STATUS_OK : STATUS_INSUFFICIENT_STOCK);
        if (status != STATUS_OK) return;
        model->is_held[i] = true;
        model->quantities[i] = wish.quantity;
        model->held += wish.quantity;
        return;
    }
    struct catalog_reservation reservation = { .state = CATALOG_RESERVATION_HELD,
                                               .quantity = model->quantities[i] };
    reservation.id.bytes[0] = (uint8_t)(i + 1);
    if (draw(seed, 2) == 0) {
        assert_int_equal(catalog_stock_commit(stock, &reservation, &is_changed), STATUS_OK);
        model->sold += model->quantities[i];
    } else
        assert_int_equal(catalog_stock_release(stock, &reservation, &is_changed), STATUS_OK);
    model->held -= model->quantities[i];
    model->is_held[i] = false;
}

static void walk_count(struct catalog_stock *stock, struct model *model, uint64_t *seed)
{
    const int64_t count = (int64_t)draw(seed, 12);
    const int64_t there = model->received - model->sold;
    bool is_changed;
    const bool is_same = count == (there > 0 ? there : 0);
    const bool is_refused = !is_same && count < there && count < model->held - model->limit;
    assert_int_equal(catalog_stock_set(stock, count, &is_changed),
                     is_refused ? STATUS_INSUFFICIENT_STOCK : STATUS_OK);
    if (!is_refused && !is_same) model->received = model->sold + count;
}

static void no_walk_leaves_the_sums_or_promises_beyond_the_limit(void **state)
{
    (void)state;
    for (uint64_t start = 1; start <= 5; start++) {
        uint64_t seed = start;
        struct catalog_stock *stock = stock_with(10);
        struct model model = { .received = 10 };
        for (unsigned turn = 0; turn < WALK_STEPS; turn++) {
            const uint64_t move = draw(&seed, 12);
            if (move < 8)
                walk_reservation(stock, &model, &seed, turn);
            else if (move == 8) {
                catalog_stock_receive(stock, 3);
                model.received += 3;
            } else if (move == 9)
                walk_count(stock, &model, &seed);
            else {
                model.limit = (int64_t)draw(&seed, 6);
                catalog_stock_sell_ahead(stock, model.limit == 0 ? deny : backorder(model.limit));
            }
            assert_int_equal(stock->on_hand, model.received - model.sold);
            assert_int_equal(stock->held, model.held);
            assert_int_equal(stock->sold, model.sold);
            assert_true(stock->on_hand - stock->held >= -stock->owed_max);
        }
    }
}

static void the_way_in_which_it_is_sold_is_news(void **state)
{
    (void)state;
    struct catalog_stock *stock = stock_with(2);
    catalog_stock_sell_ahead(stock, backorder(5));
    const enum catalog_availability before = catalog_stock_availability(stock);
    assert_int_equal(before, CATALOG_AVAILABILITY_IN_STOCK);
    stock->held = 1;
    assert_int_equal(catalog_stock_news(before, 0, stock), CATALOG_STOCK_NO_NEWS);
    stock->held = 2;
    assert_int_equal(catalog_stock_availability(stock), CATALOG_AVAILABILITY_BACKORDER);
    assert_int_equal(catalog_stock_news(before, 0, stock), CATALOG_STOCK_AVAILABILITY);
    stock->held = 7;
    assert_int_equal(catalog_stock_availability(stock), CATALOG_AVAILABILITY_OUT_OF_STOCK);
    assert_int_equal(catalog_stock_news(CATALOG_AVAILABILITY_BACKORDER, 0, stock),
                     CATALOG_STOCK_AVAILABILITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_that_are_none_are_refused),
        cmocka_unit_test(days_that_have_been_or_are_far_away_are_refused),
        cmocka_unit_test(availability_says_what_can_be_bought_and_how),
        cmocka_unit_test(a_preorder_is_none_any_more_from_its_day_on),
        cmocka_unit_test(units_are_promised_up_to_the_limit_and_no_further),
        cmocka_unit_test(what_comes_in_is_for_those_who_wait_first),
        cmocka_unit_test(a_count_fills_what_is_owed_and_nothing_counted_leaves_it),
        cmocka_unit_test(a_count_below_what_is_held_may_be_owed_up_to_the_limit),
        cmocka_unit_test(a_policy_that_ends_while_units_are_owed_keeps_them_owed),
        cmocka_unit_test(a_release_of_what_was_promised_ahead_can_be_promised_again),
        cmocka_unit_test(the_way_in_which_it_is_sold_is_news),
        cmocka_unit_test(no_walk_leaves_the_sums_or_promises_beyond_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
