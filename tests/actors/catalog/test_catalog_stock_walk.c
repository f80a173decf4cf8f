/* A generated walk over all that changes stock, against a model of plain sums: reserved, released,
 * sold, expired, counted, received, brought back, placed, moved and settled, of two variants and of
 * a bundle of both, with policies that change and memories that are lost. */
#include "tests/actors/catalog/shelf.h"
#include "tests/support/cmocka.h"

#define SHELF shelf_of_all

enum { STEPS = 600, GOODS = 2, HOLDS = 6, CUPS_IN_A_SET = 2 };

/* What must be true of one variant. */
struct model {
    struct uuid variant;
    int64_t on_hand, held, limit;
    int64_t holds[HOLDS]; /* quantities; 0: none */
    uint64_t names[HOLDS];
};

static struct model goods[GOODS]; /* a cup, a pot */
static struct uuid set, north, south;
static uint64_t seed, names;

static uint64_t draw(uint64_t end)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % end;
}

static struct uuid name_of(uint64_t number)
{
    struct uuid id = { { 5 } };
    for (size_t i = 0; i < sizeof number; i++)
        id.bytes[8 + i] = (uint8_t)(number >> 8 * i);
    return id;
}

static int64_t free_of(const struct model *model)
{
    return model->on_hand - model->held + model->limit;
}

static enum status call(const struct principal *who, const struct message *message,
                        const void *body)
{
    static union {
        struct catalog_stock_reserved reserved;
        struct catalog_stock_level level;
        struct catalog_stock_places places;
    } reply;
    return direct_call(SHELF.market, who, message, body, &reply);
}

static void walk_holds(struct model *model)
{
    const size_t i = draw(HOLDS);
    const struct uuid id = name_of(model->names[i]);
    if (model->holds[i] == 0) {
        const int64_t quantity = 1 + (int64_t)draw(5);
        const struct catalog_reserve_stock command = {
            .variant_id = model->variant,
            .reservation_id = name_of(++names),
            .quantity = quantity,
            .expires_at_us = direct_now_us(SHELF.market) + 1000000,
        };
        const enum status status = call(NULL, &catalog_reserve_stock_message, &command);
        assert_int_equal(status,
                         quantity <= free_of(model) ? STATUS_OK : STATUS_INSUFFICIENT_STOCK);
        if (status != STATUS_OK) return;
        model->holds[i] = quantity;
        model->names[i] = names;
        model->held += quantity;
        return;
    }
    const struct catalog_release_stock release = { .variant_id = model->variant,
                                                   .reservation_id = id };
    const struct catalog_commit_stock commit = { .variant_id = model->variant,
                                                 .reservation_id = id };
    const struct catalog_expire_stock expire = { .variant_id = model->variant,
                                                 .reservation_id = id };
    const uint64_t end = draw(3);
    if (end == 0)
        assert_int_equal(call(NULL, &catalog_release_stock_message, &release), STATUS_OK);
    else if (end == 1) {
        assert_int_equal(call(NULL, &catalog_commit_stock_message, &commit), STATUS_OK);
        model->on_hand -= model->holds[i];
    } else {
        direct_advance(SHELF.market, 1000000);
        assert_int_equal(call(NULL, &catalog_expire_stock_message, &expire), STATUS_OK);
    }
    model->held -= model->holds[i];
    model->holds[i] = 0;
}

static void walk_counts(struct model *model)
{
    const int64_t count = (int64_t)draw(20);
    const bool is_same = count == (model->on_hand > 0 ? model->on_hand : 0);
    const bool is_less = count < model->on_hand && count < model->held - model->limit;
    const struct catalog_set_stock command = { .variant_id = model->variant, .on_hand = count };
    assert_int_equal(call(&SHELF.vendor, &catalog_set_stock_message, &command),
                     !is_same && is_less ? STATUS_INSUFFICIENT_STOCK : STATUS_OK);
    if (!is_same && !is_less) model->on_hand = count;
}

static void walk_receipts(struct model *model)
{
    const int64_t quantity = 1 + (int64_t)draw(4);
    const struct catalog_receive_stock receipt = { .variant_id = model->variant,
                                                   .quantity = quantity,
                                                   .has_location_id = draw(2) == 0,
                                                   .location_id = draw(2) == 0 ? north : south };
    const struct uuid sale = name_of(draw(names));
    const struct catalog_restock_units restock = { .variant_id = model->variant,
                                                   .restock_id = name_of(++names),
                                                   .group_id = sale,
                                                   .quantity = quantity };
    if (draw(2) == 0)
        assert_int_equal(call(&SHELF.vendor, &catalog_receive_stock_message, &receipt), STATUS_OK);
    else
        assert_int_equal(call(NULL, &catalog_restock_units_message, &restock), STATUS_OK);
    model->on_hand += quantity;
}

static int64_t at_south(const struct model *model)
{
    const struct catalog_list_stock_places query = { .variant_id = model->variant };
    struct catalog_stock_places places;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_stock_places_message,
                                 &query, &places),
                     STATUS_OK);
    assert_true(places.places[0].on_hand >= 0 && places.places[1].on_hand >= 0);
    assert_int_equal(places.places[0].on_hand + places.places[1].on_hand,
                     model->on_hand > 0 ? model->on_hand : 0);
    return places.places[1].on_hand;
}

static void walk_places(struct model *model)
{
    const int64_t there = at_south(model), quantity = 1 + (int64_t)draw(4);
    const struct catalog_transfer_stock transfer = {
        .variant_id = model->variant, .from_id = south, .to_id = north, .quantity = quantity
    };
    const struct catalog_set_stock_place count = { .variant_id = model->variant,
                                                   .location_id = south,
                                                   .on_hand = quantity };
    if (draw(2) == 0) {
        assert_int_equal(call(&SHELF.vendor, &catalog_transfer_stock_message, &transfer),
                         quantity <= there ? STATUS_OK : STATUS_NOT_ENOUGH_THERE);
        return;
    }
    const int64_t delta = quantity - there;
    const bool is_less = delta < 0 && model->on_hand + delta - model->held < -model->limit;
    assert_int_equal(call(&SHELF.vendor, &catalog_set_stock_place_message, &count),
                     is_less ? STATUS_INSUFFICIENT_STOCK : STATUS_OK);
    if (!is_less) model->on_hand += delta;
}

static void walk_policies(struct model *model)
{
    const int64_t limit = (int64_t)draw(4);
    const struct catalog_set_stock_policy command = {
        .variant_id = model->variant,
        .policy = limit == 0 ? CATALOG_STOCK_POLICY_DENY : CATALOG_STOCK_POLICY_BACKORDER,
        .has_limit = limit > 0,
        .limit = limit,
    };
    assert_int_equal(call(&SHELF.vendor, &catalog_set_stock_policy_message, &command), STATUS_OK);
    model->limit = limit;
}

static void assert_is_as_the_model(void)
{
    int64_t sets = INT64_MAX;
    for (size_t i = 0; i < GOODS; i++) {
        const struct text row = shelf_sql("SELECT on_hand || ' ' || held FROM catalog.stock"
                                          " WHERE variant_id = '%s'",
                                          goods[i].variant);
        assert_true(
            text_equals(row, text_format(SHELF.arena, "%lld %lld", (long long)goods[i].on_hand,
                                         (long long)goods[i].held)));
        const int64_t free = free_of(&goods[i]) > 0 ? free_of(&goods[i]) : 0;
        const int64_t times = i == 0 ? free / CUPS_IN_A_SET : free;
        if (times < sets) sets = times;
    }
    const struct catalog_get_offers query = { .variant_ids = &set,
                                              .variant_ids_count = 1,
                                              .currency = TEXT("EUR") };
    struct catalog_offers offers;
    assert_int_equal(direct_call(SHELF.market, NULL, &catalog_get_offers_message, &query, &offers),
                     STATUS_OK);
    assert_int_equal(offers.offers[0].available, sets);
}

static struct catalog_own_product make(const char *name)
{
    const struct catalog_create_product wish = shelf_wish(name);
    return shelf_make(&wish);
}

static void make_goods(void)
{
    const struct catalog_add_stock_location first = { .name = TEXT("North") };
    const struct catalog_add_stock_location second = { .name = TEXT("South"),
                                                       .has_priority = true,
                                                       .priority = 9 };
    struct catalog_stock_location location;
    struct catalog_bundle bundle;
    const struct catalog_own_product box = make("Set");
    goods[0] = (struct model){ .variant = make("Cup").variants[0].id, .on_hand = 10 };
    goods[1] = (struct model){ .variant = make("Pot").variants[0].id, .on_hand = 10 };
    set = box.variants[0].id;
    const struct catalog_new_part parts[] = { { goods[0].variant, CUPS_IN_A_SET },
                                              { goods[1].variant, 1 } };
    const struct catalog_set_bundle make_set = {
        .product_id = box.id, .variant_id = set, .parts = parts, .parts_count = GOODS
    };
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_set_bundle_message, &make_set, &bundle),
        STATUS_OK);
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_add_stock_location_message,
                                 &first, &location),
                     STATUS_OK);
    north = location.id;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_add_stock_location_message,
                                 &second, &location),
                     STATUS_OK);
    south = location.id;
}

static void no_walk_leaves_the_sums(void **state)
{
    (void)state;
    seed = 20261130;
    names = 1;
    make_goods();
    for (unsigned step = 0; step < STEPS; step++) {
        struct model *model = &goods[draw(GOODS)];
        const uint64_t move = draw(14);
        if (move < 7)
            walk_holds(model);
        else if (move < 8)
            walk_counts(model);
        else if (move < 10)
            walk_receipts(model);
        else if (move < 11)
            walk_places(model);
        else if (move < 12)
            walk_policies(model);
        else if (move < 13)
            direct_forget(SHELF.market);
        else
            assert_int_equal(direct_sweep(SHELF.market, "stock_places"), STATUS_OK);
        assert_is_as_the_model();
        if (step % 20 != 0) continue;
        assert_int_equal(
            direct_sql_as_role(SHELF.market,
                               "SELECT invariant FROM catalog.check_stock()"
                               " UNION ALL SELECT invariant FROM catalog.check_bundles()"
                               " UNION ALL SELECT invariant FROM catalog.check_locations()")
                .length,
            0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_walk_leaves_the_sums),
    };
    return cmocka_run_group_tests(tests, shelf_open, shelf_close);
}
