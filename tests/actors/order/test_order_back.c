/* Claims about where money of an order goes back to: what each source has paid, and no more, in any
 * order of destinations, with goodwill and with units that are refunded while they are kept. */
#include "tests/support/cmocka.h"

#include "actors/order/order_back.h"
#include "actors/order/order_refund.h"
#include "runtime/arena.h"
#include "tests/actors/order/price_case.h"

enum { STORIES = 10000, STEPS = 12, LINES = 3, UNITS_MAX = 6 };

/* ---- single sums ---- */

static struct order_back_ways routed(struct order_back_sources sources, int64_t amount,
                                     enum order_back_destination destination, int64_t expected_rest)
{
    struct order_back_ways ways = { .waived = 0 };
    assert_int_equal(order_back_route(&sources, amount, destination, &ways), expected_rest);
    return ways;
}

static void the_card_gets_its_part_before_the_wallet(void **state)
{
    (void)state;
    const struct order_back_sources sources = { .card = 30, .wallet = 20 };
    const struct order_back_ways ways = routed(sources, 40, ORDER_BACK_ORIGINAL, 0);
    assert_int_equal(ways.card, 30);
    assert_int_equal(ways.wallet, 10);
    assert_int_equal(ways.credit, 0);
}

static void a_wallet_gets_its_own_part_before_that_of_the_card(void **state)
{
    (void)state;
    const struct order_back_sources sources = { .card = 30, .wallet = 20, .offline = 5 };
    const struct order_back_ways ways = routed(sources, 52, ORDER_BACK_WALLET, 2);
    assert_int_equal(ways.wallet, 20);
    assert_int_equal(ways.credit, 30);
    assert_int_equal(ways.card, 0);
    assert_int_equal(ways.offline, 0);
}

static void by_hand_goes_what_was_paid_outside_and_then_the_cards_part(void **state)
{
    (void)state;
    const struct order_back_sources sources = { .card = 30, .wallet = 20, .offline = 5 };
    const struct order_back_ways ways = routed(sources, 40, ORDER_BACK_MANUAL, 5);
    assert_int_equal(ways.offline, 5);
    assert_int_equal(ways.by_hand, 30);
    assert_int_equal(ways.wallet, 0);
}

static void a_card_gets_what_cards_know_and_says_what_is_left(void **state)
{
    (void)state;
    const struct order_back_sources sources = { .card = 1005, .wallet = 3, .card_step = 10 };
    struct order_back_ways ways = routed(sources, 1005, ORDER_BACK_ORIGINAL, 2);
    assert_int_equal(ways.card, 1000);
    assert_int_equal(ways.wallet, 3);
    ways = routed(sources, 335, ORDER_BACK_ORIGINAL, 2);
    assert_int_equal(ways.card, 330);
    ways = routed(sources, 9, ORDER_BACK_ORIGINAL, 6);
    assert_int_equal(ways.card, 0);
    ways = routed(sources, 338, ORDER_BACK_WALLET, 0); /* a wallet knows all of them */
    assert_int_equal(ways.credit, 335);
}

static struct order_back planned(const struct order_subject *subject, int64_t units,
                                 struct order_back_sources sources,
                                 enum order_back_destination destination, struct arena *arena)
{
    struct order_back back = { .total = 0 };
    assert_int_equal(order_back_plan(subject, 1, &units, sources, destination, arena, &back),
                     STATUS_OK);
    return back;
}

static void what_is_owed_is_waived_before_the_card_gets_anything(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    const struct order_subject subject = { .price = { .quantity = 5, .unit_amount = 10 } };
    const struct order_back_sources sources = { .owed = 15, .card = 25, .wallet = 10 };
    const struct order_back back = planned(&subject, 3, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.total, 30);
    assert_int_equal(back.ways.waived, 15);
    assert_int_equal(back.ways.card, 15);
    assert_int_equal(order_back_paid(&back), 15);
    arena_destroy(&arena);
}

static void goodwill_is_set_off_only_where_nothing_else_is_left(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct order_subject subject = { .price = { .quantity = 3, .unit_amount = 10 } };
    struct order_back_sources sources = { .card = 25, .goodwill = 5 };
    struct order_back back = planned(&subject, 2, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.ways.card, 20);
    assert_int_equal(back.set_off, 0);
    subject.gone = 2;
    sources.card = 5;
    back = planned(&subject, 1, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.total, 10);
    assert_int_equal(back.ways.card, 5);
    assert_int_equal(back.set_off, 5);
    arena_destroy(&arena);
}

static void units_that_were_refunded_while_they_were_kept_cost_nothing_when_they_go(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct order_subject subject = { .price = { .quantity = 3, .unit_amount = 10 },
                                     .gone = 2,
                                     .kept = 2 };
    const struct order_back_sources sources = { .card = 10 };
    const struct order_back first = planned(&subject, 2, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(first.parts[0].units, 2);
    assert_int_equal(first.parts[0].priced, 1);
    assert_int_equal(first.total, 10);
    subject.gone = 3;
    subject.kept = 1;
    const struct order_back last =
        planned(&subject, 1, (struct order_back_sources){ .card = 0 }, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(last.parts[0].priced, 0);
    assert_int_equal(last.total, 0);
    arena_destroy(&arena);
}

static void more_than_there_is_does_not_go_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    const struct order_subject subject = { .price = { .quantity = 3, .unit_amount = 10 },
                                           .gone = 2,
                                           .kept = 1 };
    struct order_back back = { .total = 7 };
    const int64_t too_many = 3, one = 1;
    assert_int_equal(order_back_plan(&subject, 1, &too_many,
                                     (struct order_back_sources){ .card = 30 }, ORDER_BACK_ORIGINAL,
                                     arena, &back),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(order_back_plan(&subject, 1, &one, (struct order_back_sources){ .card = 9 },
                                     ORDER_BACK_ORIGINAL, arena, &back),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(back.total, 7);
    arena_destroy(&arena);
}

/* ---- stories by chance ---- */

struct story {
    struct price_chance chance;
    struct order_life life;
    struct order_subject subjects[LINES];
    int64_t given[LINES]; /* for units of each, by what they cost */
    int64_t wallet_paid;
    int64_t to_card, to_wallet, by_hand; /* as it went */
    struct arena *arena;
};

static int64_t below(struct story *story, int64_t bound)
{
    return price_chance_below(&story->chance, bound);
}

static void begin(struct story *story, uint64_t seed)
{
    *story = (struct story){ .chance = { .seed = seed }, .arena = arena_new(4096) };
    struct order_life *life = &story->life;
    life->lines_count = LINES;
    for (size_t i = 0; i < LINES; i++) {
        struct refund_line *price = &story->subjects[i].price;
        price->quantity = 1 + below(story, UNITS_MAX);
        price->unit_amount = below(story, 1000);
        life->lines[i].counts.ordered = price->quantity;
        life->total += price->quantity * price->unit_amount;
    }
    life->on_delivery = below(story, 2) == 0 ? 0 : below(story, life->total + 1);
    static const char *const currencies[] = { "EUR", "KWD", "JPY" };
    life->currency = currencies[below(story, 3)];
    if (below(story, 2) == 0) life->user_id = (struct uuid){ { 1 } };
    life->card_amount = below(story, life->total - life->on_delivery + 1);
    story->wallet_paid = life->total - life->on_delivery - life->card_amount;
    if (below(story, 2) == 0) life->collected = life->on_delivery;
}

static void take(struct story *story, const struct order_back *back)
{
    order_back_apply(&story->life, back);
    story->to_card += back->ways.card;
    story->to_wallet += order_back_to_wallet(back);
    story->by_hand += order_back_manual(back);
}

static void refund_units(struct story *story, bool is_kept, bool all)
{
    int64_t units[LINES];
    for (size_t i = 0; i < LINES; i++) {
        const struct order_subject *subject = &story->subjects[i];
        const int64_t left =
            subject->price.quantity - subject->gone + (is_kept ? 0 : subject->kept);
        units[i] = all ? left : below(story, left + 1);
    }
    struct order_back back = { .is_kept = is_kept };
    assert_int_equal(
        order_back_plan(story->subjects, LINES, units, order_back_sources_of(&story->life),
                        (enum order_back_destination)below(story, 3), story->arena, &back),
        STATUS_OK);
    for (size_t i = 0; i < back.parts_count; i++) {
        const struct order_back_part *part = &back.parts[i];
        struct order_subject *subject = &story->subjects[part->subject];
        subject->gone += part->priced;
        subject->kept += is_kept ? part->priced : part->priced - part->units;
        story->given[part->subject] += part->share.total;
    }
    const struct order_back_ways *ways = &back.ways;
    assert_int_equal(ways->waived + ways->card + ways->credit + ways->by_hand + ways->wallet +
                         ways->offline + back.set_off,
                     back.total);
    take(story, &back);
}

/* An amount for nothing in particular. */
static void show_goodwill(struct story *story)
{
    struct order_back_sources sources = order_back_sources_of(&story->life);
    if (sources.owed > 0) return;
    struct order_back back = { .is_kept = true };
    const int64_t left = sources.card + sources.wallet + sources.offline;
    const int64_t amount = below(story, left + 1);
    const int64_t rest = order_back_route(&sources, amount,
                                          (enum order_back_destination)below(story, 3), &back.ways);
    back.total = back.goodwill = amount - rest;
    take(story, &back);
}

static void assert_sound(const struct story *story)
{
    const struct order_life *life = &story->life;
    const struct order_back_sources left = order_back_sources_of(life);
    assert_int_equal(story->to_card % left.card_step, 0);
    assert_in_range(left.owed, 0, life->on_delivery);
    assert_in_range(left.card, 0, life->card_amount);
    assert_in_range(left.wallet, 0, story->wallet_paid);
    assert_in_range(left.offline, 0, life->collected);
    assert_true(left.goodwill >= 0);
    assert_in_range(story->to_card, 0, life->card_amount);
    assert_int_equal(story->to_card,
                     life->card_refunded - life->card_to_wallet - life->card_by_hand);
    assert_int_equal(story->to_wallet, life->refunded - life->card_refunded + life->card_to_wallet);
    assert_int_equal(story->by_hand, life->handed_back + life->card_by_hand);
    if (story->to_card + story->to_wallet > 0) assert_int_equal(left.owed, 0);
}

/* 10,000 orders, paid by card, wallet and at the door in any shares. */
static void whatever_goes_back_is_what_was_paid_and_never_more(void **state)
{
    (void)state;
    static struct story story;
    for (uint64_t seed = 1; seed <= STORIES; seed++) {
        begin(&story, seed * 7919);
        for (unsigned step = 0; step < STEPS; step++) {
            const int64_t turn = below(&story, 4);
            if (turn == 0)
                show_goodwill(&story);
            else
                refund_units(&story, turn == 1, false);
            assert_sound(&story);
        }
        refund_units(&story, false, true);
        assert_sound(&story);
        for (size_t i = 0; i < LINES; i++)
            assert_int_equal(story.given[i], story.subjects[i].price.quantity *
                                                 story.subjects[i].price.unit_amount);
        const struct order_life *life = &story.life;
        assert_int_equal(life->refunded + life->waived + life->handed_back, life->total);
        assert_int_equal(life->card_refunded, life->card_amount);
        assert_int_equal(life->goodwill, 0);
        arena_destroy(&story.arena);
    }
}

/* ---- on its way ---- */

static void it_is_looked_at_less_and_less_often_but_each_hour(void **state)
{
    (void)state;
    assert_int_equal(order_refund_pause_us(0), 2 * 1000000);
    assert_int_equal(order_refund_pause_us(3), 16 * 1000000);
    for (int64_t tries = 0; tries < 100; tries++)
        assert_true(order_refund_pause_us(tries + 1) >= order_refund_pause_us(tries));
    assert_int_equal(order_refund_pause_us(INT64_MAX), INT64_C(3600) * 1000000);
}

static void what_has_arrived_is_looked_at_for_a_month(void **state)
{
    (void)state;
    const int64_t day_us = INT64_C(86400) * 1000000;
    int64_t age_us = 5;
    unsigned looks = 0;
    assert_int_equal(order_refund_recheck_us(age_us), day_us);
    for (; order_refund_recheck_us(age_us) > 0; looks++)
        age_us += order_refund_recheck_us(age_us);
    assert_in_range(looks, 5, 8);
    assert_true(age_us > 30 * day_us);
}

static void only_how_it_ends_stands_in_the_history(void **state)
{
    (void)state;
    static struct order_life life;
    const struct order_terms terms = { .now_us = 1 };
    life = (struct order_life){ .state = ORDER_STATE_VENDOR_ORDER_CANCELLED };
    assert_int_equal(order_refund_tell(&life, ORDER_CARD_REFUND_STATE_PENDING, TEXT(""), &terms),
                     STATUS_OK);
    assert_int_equal(life.changes_count, 0);
    assert_int_equal(
        order_refund_tell(&life, ORDER_CARD_REFUND_STATE_FAILED, TEXT("expired_card"), &terms),
        STATUS_OK);
    assert_int_equal(life.changes[0].trigger, ORDER_TRIGGER_CARD_REFUND_FAILED);
    assert_true(text_equals_string(life.changes[0].note, "expired_card"));
    life.state = ORDER_STATE_VENDOR_ORDER_PENDING_PAYMENT;
    assert_int_equal(order_refund_tell(&life, ORDER_CARD_REFUND_STATE_SUCCEEDED, TEXT(""), &terms),
                     STATUS_OK);
    assert_int_equal(life.changes_count, 1);
}

/* What is on its way, and what cannot get there, after each. */
static void assert_under_way(const struct order_life *life, int64_t pending, int64_t failed,
                             enum order_payment_summary summary)
{
    assert_int_equal(life->card_pending, pending);
    assert_int_equal(life->card_failed, failed);
    assert_int_equal(order_life_payment(life), summary);
}

/* Half of two units of 1.005, which a card has paid. */
static void what_cards_do_not_know_goes_to_the_wallet_or_by_hand(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    const struct order_subject subject = { .price = { .quantity = 2, .unit_amount = 1005 } };
    struct order_back_sources sources = { .card = 2010, .card_step = 10 };
    struct order_back back = planned(&subject, 1, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.total, 1005);
    assert_int_equal(back.ways.card, 1000);
    assert_int_equal(back.ways.credit, 5);
    sources.is_guests = true;
    back = planned(&subject, 1, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.ways.by_hand, 5);
    assert_int_equal(back.ways.credit, 0);
    sources.wallet = 1; /* its own goes there first */
    back = planned(&subject, 1, sources, ORDER_BACK_ORIGINAL, arena);
    assert_int_equal(back.ways.wallet, 1);
    assert_int_equal(back.ways.by_hand, 4);
    arena_destroy(&arena);
}

static void nothing_is_refunded_before_it_is_back(void **state)
{
    (void)state;
    static struct order_life life;
    const struct order_terms terms = { .now_us = 1 };
    const struct order_back back = { .total = 20, .ways = { .card = 15, .credit = 5 } };
    life = (struct order_life){ .state = ORDER_STATE_VENDOR_ORDER_CANCELLED,
                                .total = 20,
                                .card_amount = 20 };
    order_back_apply(&life, &back);
    assert_under_way(&life, 20, 0, ORDER_PAYMENT_SUMMARY_REFUND_PENDING);
    order_refund_note_credit(&life, 5);
    order_refund_move(&life, 15, ORDER_CARD_REFUND_STATE_REQUESTED,
                      ORDER_CARD_REFUND_STATE_PENDING);
    assert_under_way(&life, 15, 0, ORDER_PAYMENT_SUMMARY_REFUND_PENDING);
    order_refund_move(&life, 15, ORDER_CARD_REFUND_STATE_PENDING, ORDER_CARD_REFUND_STATE_FAILED);
    assert_under_way(&life, 0, 15, ORDER_PAYMENT_SUMMARY_REFUND_FAILED);
    assert_int_equal(order_refund_redirect(&life, 15, ORDER_DETOUR_CARD_AGAIN, TEXT(""), &terms),
                     STATUS_OK);
    assert_under_way(&life, 15, 0, ORDER_PAYMENT_SUMMARY_REFUND_PENDING);
    order_refund_move(&life, 15, ORDER_CARD_REFUND_STATE_REQUESTED,
                      ORDER_CARD_REFUND_STATE_SUCCEEDED);
    assert_under_way(&life, 0, 0, ORDER_PAYMENT_SUMMARY_REFUNDED);
    order_refund_move(&life, 15, ORDER_CARD_REFUND_STATE_SUCCEEDED, ORDER_CARD_REFUND_STATE_FAILED);
    assert_under_way(&life, 0, 15, ORDER_PAYMENT_SUMMARY_REFUND_FAILED);
    assert_int_equal(order_refund_redirect(&life, 15, ORDER_DETOUR_CARD_TO_HAND, TEXT(""), &terms),
                     STATUS_OK);
    assert_under_way(&life, 0, 0, ORDER_PAYMENT_SUMMARY_REFUNDED);
}

static void money_that_goes_another_way_is_counted_there(void **state)
{
    (void)state;
    static struct order_life life;
    const struct order_terms terms = { .now_us = 1 };
    life = (struct order_life){ .state = ORDER_STATE_VENDOR_ORDER_COMPLETED,
                                .total = 30,
                                .card_amount = 30,
                                .refunded = 20,
                                .card_refunded = 20 };
    assert_int_equal(order_refund_redirect(&life, 15, ORDER_DETOUR_CARD_TO_WALLET,
                                           TEXT("Card is closed"), &terms),
                     STATUS_OK);
    assert_int_equal(life.card_to_wallet, 15);
    assert_int_equal(order_refund_redirect(&life, 15, ORDER_DETOUR_WALLET_TO_HAND,
                                           TEXT("limit_exceeded"), &terms),
                     STATUS_OK);
    assert_int_equal(life.card_to_wallet, 0);
    assert_int_equal(life.card_by_hand, 15);
    assert_int_equal(life.card_refunded, 20);
    assert_int_equal(life.changes[1].trigger, ORDER_TRIGGER_REDIRECT_REFUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card_gets_its_part_before_the_wallet),
        cmocka_unit_test(a_wallet_gets_its_own_part_before_that_of_the_card),
        cmocka_unit_test(by_hand_goes_what_was_paid_outside_and_then_the_cards_part),
        cmocka_unit_test(what_is_owed_is_waived_before_the_card_gets_anything),
        cmocka_unit_test(goodwill_is_set_off_only_where_nothing_else_is_left),
        cmocka_unit_test(units_that_were_refunded_while_they_were_kept_cost_nothing_when_they_go),
        cmocka_unit_test(more_than_there_is_does_not_go_back),
        cmocka_unit_test(whatever_goes_back_is_what_was_paid_and_never_more),
        cmocka_unit_test(it_is_looked_at_less_and_less_often_but_each_hour),
        cmocka_unit_test(what_has_arrived_is_looked_at_for_a_month),
        cmocka_unit_test(only_how_it_ends_stands_in_the_history),
        cmocka_unit_test(nothing_is_refunded_before_it_is_back),
        cmocka_unit_test(a_card_gets_what_cards_know_and_says_what_is_left),
        cmocka_unit_test(what_cards_do_not_know_goes_to_the_wallet_or_by_hand),
        cmocka_unit_test(money_that_goes_another_way_is_counted_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
