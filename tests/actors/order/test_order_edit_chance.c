/* Claims about edits and cancellations by chance: whatever is added, swapped and cancelled, what
 * was paid less what went back is what is kept, of every line and in sum, and no hold gives back
 * more than it has paid. */
#include "tests/support/cmocka.h"

#include "actors/order/order_back.h"
#include "actors/order/order_edit.h"
#include "runtime/arena.h"
#include "tests/actors/order/price_case.h"

enum { STORIES = 400, STEPS = 14, HOLDS_MAX = STEPS };

/* An order, and what its wallet has paid and got. */
struct story {
    struct price_chance chance;
    struct arena *arena;
    struct order_life life;
    struct order_subject subjects[ORDER_LINES_MAX];
    int64_t gone_amounts[ORDER_LINES_MAX]; /* that went back, of each line */
    int64_t group_paid, group_back;        /* by the group's hold */
    int64_t paid[HOLDS_MAX], back[HOLDS_MAX];
    size_t holds_count;
};

static const struct order_terms terms = { .now_us = 1 };

static int64_t below(struct story *story, int64_t bound)
{
    return price_chance_below(&story->chance, bound);
}

static int64_t price_of(const struct refund_line *line)
{
    int64_t total = line->quantity * line->unit_amount;
    for (size_t i = 0; i < line->discounts_count; i++)
        total -= line->discounts[i].market_amount + line->discounts[i].vendor_amount;
    for (size_t i = 0; i < line->taxes_count; i++)
        if (!line->prices_include_tax) total += line->taxes[i];
    return total;
}

/* A line of some units with two taxes and, where it was placed, a discount; returns its price. */
static int64_t make_line(struct story *story, size_t place, bool is_placed)
{
    struct refund_line *line = &story->subjects[place].price;
    struct refund_discount *discount = arena_allocate(story->arena, sizeof *discount);
    int64_t *taxes = arena_allocate_array(story->arena, 2, sizeof *taxes);
    *line = (struct refund_line){ .quantity = 1 + below(story, 7),
                                  .unit_amount = below(story, 5000),
                                  .taxes = taxes,
                                  .taxes_count = 2 };
    const int64_t goods = line->quantity * line->unit_amount;
    discount->market_amount = is_placed ? below(story, goods / 2 + 1) : 0;
    line->discounts = discount;
    line->discounts_count = is_placed;
    taxes[0] = below(story, goods / 5 + 1);
    taxes[1] = below(story, goods / 20 + 1);
    return price_of(line);
}

static struct uuid id_of(size_t place)
{
    return price_case_id('l', place);
}

static void place_line(struct story *story, size_t place)
{
    story->life.lines[place] =
        (struct order_life_line){ .id = id_of(place),
                                  .counts.ordered = story->subjects[place].price.quantity };
}

static void begin(struct story *story, uint64_t seed, bool at_the_door)
{
    *story = (struct story){ .chance = { .seed = seed } };
    story->arena = arena_new(4096);
    struct order_life *life = &story->life;
    life->state = ORDER_STATE_VENDOR_ORDER_ACCEPTED;
    life->user_id.bytes[0] = 1;
    life->currency = "EUR";
    life->lines_count = 1 + (size_t)below(story, 3);
    for (size_t i = 0; i < life->lines_count; i++) {
        life->total += make_line(story, i, true);
        place_line(story, i);
    }
    if (at_the_door) life->on_delivery = below(story, life->total + 1);
    story->group_paid = life->total - life->on_delivery;
}

/* Units of each line that may go; returns whether any do. */
static bool choose_units(struct story *story, int64_t units[ORDER_LINES_MAX])
{
    bool is_some = false;
    for (size_t i = 0; i < story->life.lines_count; i++) {
        const struct order_line_counts *counts = &story->life.lines[i].counts;
        units[i] = below(story, 2) == 0 ? 0 : below(story, counts->ordered - counts->cancelled + 1);
        is_some = is_some || units[i] > 0;
    }
    return is_some;
}

static struct order_back plan(struct story *story, const int64_t units[])
{
    const struct order_life *life = &story->life;
    struct order_back back = { .total = 0 };
    assert_int_equal(order_back_plan(story->subjects, life->lines_count, units,
                                     order_back_sources_of(life), ORDER_BACK_ORIGINAL, story->arena,
                                     &back),
                     STATUS_OK);
    return back;
}

static void give_back(struct story *story, const struct order_back *planned)
{
    struct order_back back = *planned;
    struct order_back_hold left[HOLDS_MAX];
    for (size_t i = 0; i < story->holds_count; i++)
        left[i] =
            (struct order_back_hold){ price_case_id('h', i), story->paid[i] - story->back[i] };
    order_back_share(left, story->holds_count, story->arena, &back);
    int64_t by_group = back.ways.wallet;
    for (size_t k = 0; k < back.holds_count; k++)
        for (size_t i = 0; i < story->holds_count; i++)
            if (uuid_equals(back.holds[k].id, left[i].id)) {
                story->back[i] += back.holds[k].amount;
                by_group -= back.holds[k].amount;
            }
    story->group_back += by_group;
    order_back_apply(&story->life, &back);
    assert_int_equal(order_back_manual(&back), 0);
    for (size_t i = 0; i < back.parts_count; i++) {
        story->subjects[back.parts[i].subject].gone += back.parts[i].units;
        story->gone_amounts[back.parts[i].subject] += back.parts[i].share.total;
    }
}

/* Some units go, and other goods come. */
static void edit(struct story *story)
{
    struct order_life *life = &story->life;
    int64_t units[ORDER_LINES_MAX];
    bool from_wallet;
    const bool some_go = choose_units(story, units);
    const size_t place = life->lines_count;
    const int64_t added = make_line(story, place, false);
    assert_int_equal(order_edit_pays(life, &from_wallet), STATUS_OK);
    const int64_t given_back = some_go ? plan(story, units).total : 0;
    const struct order_edit_settlement settlement =
        order_edit_settle(life, from_wallet, added, given_back);
    assert_int_equal(order_edit_apply(life, added, &settlement, TEXT("Swap"), &terms), STATUS_OK);
    life->changes_count = 0;
    if (settlement.held > 0) story->paid[story->holds_count++] = settlement.held;
    const int64_t refunded_before = life->refunded;
    if (some_go) {
        const struct order_back back = plan(story, units);
        give_back(story, &back);
    }
    /* Either something is collected or something given back, as it was shown. */
    assert_int_equal(life->refunded - refunded_before, settlement.to_wallet);
    assert_true(settlement.held == 0 || settlement.to_wallet == 0);
    place_line(story, place);
    const struct order_life_line line = life->lines[place];
    assert_int_equal(order_edit_move_units(life, units, &line, 1, &terms), STATUS_OK);
}

static void cancel(struct story *story, bool all)
{
    struct order_life *life = &story->life;
    int64_t units[ORDER_LINES_MAX];
    const bool is_some = choose_units(story, units);
    /* Without any units it would have ended. */
    if (!all && (!is_some || order_edit_takes_all(life, units))) return;
    for (size_t i = 0; i < life->lines_count; i++) {
        struct order_line_counts *counts = &life->lines[i].counts;
        if (all) units[i] = counts->ordered - counts->cancelled;
        counts->cancelled += units[i];
    }
    const struct order_back back = plan(story, units);
    give_back(story, &back);
}

static void assert_adds_up(const struct story *story)
{
    const struct order_life *life = &story->life;
    int64_t kept = 0, from_wallet = story->group_paid - story->group_back;
    assert_in_range(story->group_back, 0, story->group_paid);
    for (size_t i = 0; i < story->holds_count; i++) {
        assert_in_range(story->back[i], 0, story->paid[i]);
        from_wallet += story->paid[i] - story->back[i];
    }
    for (size_t i = 0; i < life->lines_count; i++) {
        const int64_t left = price_of(&story->subjects[i].price) - story->gone_amounts[i];
        assert_true(left >= 0);
        if (life->lines[i].counts.cancelled == life->lines[i].counts.ordered)
            assert_int_equal(left, 0);
        kept += left;
    }
    const int64_t owed = life->on_delivery - life->waived;
    assert_true(owed >= 0);
    assert_int_equal(life->total - life->refunded - life->waived, kept);
    assert_int_equal(from_wallet + owed, kept);
    /* No money goes back while some is still owed. */
    if (life->refunded > 0) assert_int_equal(owed, 0);
}

static void tell(bool at_the_door)
{
    static struct story story;
    for (uint64_t seed = 1; seed <= STORIES; seed++) {
        begin(&story, seed * 7919, at_the_door);
        for (unsigned step = 0; step < STEPS; step++) {
            if (below(&story, 3) == 0)
                cancel(&story, false);
            else
                edit(&story);
            assert_adds_up(&story);
        }
        cancel(&story, true);
        assert_adds_up(&story);
        assert_int_equal(story.life.refunded + story.life.waived, story.life.total);
        assert_int_equal(story.group_back, story.group_paid);
        arena_destroy(&story.arena);
    }
}

static void what_a_wallet_has_paid_is_what_is_kept_of_an_edited_order(void **state)
{
    (void)state;
    tell(false);
}

static void what_is_owed_at_the_door_and_paid_is_what_is_kept_of_an_edited_order(void **state)
{
    (void)state;
    tell(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_wallet_has_paid_is_what_is_kept_of_an_edited_order),
        cmocka_unit_test(what_is_owed_at_the_door_and_paid_is_what_is_kept_of_an_edited_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
