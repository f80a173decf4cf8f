/* Claims about uses of promotions: held, used, released, returned, and what becomes of those whose
 * time is over. */
#include "actors/order/redemption.h"

#include "tests/actors/order/redemption_words.h"

#define DAY_US (24 * HOUR_US)

static void a_use_goes_its_way_and_the_counters_with_it(void **state)
{
    (void)state;
    const struct uuid promotion = made_id("TEA", limited(2, 0));
    const struct uuid group = checkout_that_is("placed");
    assert_int_equal(hold(promotion, group), STATUS_OK);
    assert_uses(promotion, 1, 0);
    direct_forget(market);
    assert_int_equal(use(promotion, group), STATUS_OK);
    assert_uses(promotion, 0, 1);
    direct_forget(market);
    assert_int_equal(give_back(promotion, group), STATUS_OK);
    assert_uses(promotion, 0, 0);
    assert_int_equal(seen(promotion).version, 1);
    assert_sql("SELECT state FROM \"order\".redemption", "returned");
}

static void repeated_messages_change_nothing(void **state)
{
    (void)state;
    for (unsigned forgets = 0; forgets < 2; forgets++) {
        const struct uuid promotion = made_id(NULL, limited(1, 1));
        const struct uuid group = checkout_that_is("placed"), customer = draw_id(1);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(hold_as(promotion, group, customer), STATUS_OK);
            if (forgets) direct_forget(market);
        }
        assert_uses(promotion, 1, 0);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(use(promotion, group), STATUS_OK);
            if (forgets) direct_forget(market);
        }
        assert_int_equal(hold_as(promotion, group, customer), STATUS_OK);
        assert_uses(promotion, 0, 1);
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(give_back(promotion, group), STATUS_OK);
            if (forgets) direct_forget(market);
        }
        assert_uses(promotion, 0, 0);
    }
}

static void the_limit_is_named_by_the_refusal_and_a_release_makes_room(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, limited(2, 1));
    const struct uuid customer = draw_id(1), first = draw_id(2);
    assert_int_equal(hold_as(promotion, first, customer), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_PROMOTION_EXHAUSTED);
    assert_fault(STATUS_PROMOTION_EXHAUSTED, "/limit_per_customer");
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
    assert_fault(STATUS_PROMOTION_EXHAUSTED, "/limit_total");
    assert_int_equal(direct_last_fault(market).available, 2);
    assert_int_equal(release(promotion, first), STATUS_OK);
    direct_forget(market);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    assert_uses(promotion, 2, 0);
}

static void a_mark_refuses_the_late_hold_and_takes_no_place(void **state)
{
    (void)state;
    for (unsigned forgets = 0; forgets < 2; forgets++) {
        const struct uuid promotion = made_id(NULL, limited(1, 0)), group = draw_id(2);
        assert_int_equal(release(promotion, group), STATUS_OK);
        assert_int_equal(release(promotion, group), STATUS_OK);
        if (forgets) direct_forget(market);
        assert_int_equal(hold(promotion, group), STATUS_ILLEGAL_TRANSITION);
        assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
        assert_uses(promotion, 1, 0);
    }
}

static void the_same_checkout_of_somebody_else_is_no_repetition(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, limited(5, 1)), group = draw_id(2);
    assert_int_equal(hold(promotion, group), STATUS_OK);
    assert_int_equal(hold(promotion, group), STATUS_ILLEGAL_TRANSITION); /* another customer */
    assert_uses(promotion, 1, 0);
}

static void what_is_not_there_is_not_found_and_its_release_is_done(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, tenth()), nothing = draw_id(9);
    assert_int_equal(hold(nothing, draw_id(2)), STATUS_NOT_FOUND);
    assert_int_equal(release(nothing, draw_id(2)), STATUS_OK);
    assert_int_equal(use(promotion, draw_id(2)), STATUS_NOT_FOUND);
    assert_int_equal(give_back(promotion, draw_id(2)), STATUS_NOT_FOUND);
    assert_sql("SELECT count(*) FROM \"order\".redemption", "0");
}

static void steps_that_the_machine_does_not_know_are_refused(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, tenth()), group = checkout_that_is("placed");
    assert_int_equal(hold(promotion, group), STATUS_OK);
    assert_int_equal(give_back(promotion, group), STATUS_ILLEGAL_TRANSITION);
    assert_int_equal(use(promotion, group), STATUS_OK);
    assert_int_equal(release(promotion, group), STATUS_ILLEGAL_TRANSITION);
    assert_uses(promotion, 0, 1);
}

static void a_change_of_the_terms_counts_for_the_next_hold(void **state)
{
    (void)state;
    struct order_promotion reply;
    const struct uuid promotion = made_id("TEA", tenth()), group = draw_id(2);
    struct order_change_promotion change = { .promotion_id = promotion,
                                             .has_terms = true,
                                             .terms = limited(1, 0) };
    assert_int_equal(hold(promotion, group), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    /* Fewer than there are is refused, also by what is only remembered. */
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &change, &reply),
                     STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/limit_total");
    assert_int_equal(release(promotion, group), STATUS_OK);
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &change, &reply),
                     STATUS_OK);
    assert_int_equal(reply.held, 1);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
    change.terms = tenth();
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &change, &reply),
                     STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(set_status(promotion, ORDER_PROMOTION_WISH_PAUSED), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_UNAVAILABLE);
    assert_int_equal(set_status(promotion, ORDER_PROMOTION_WISH_ACTIVE), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(archive(promotion), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_UNAVAILABLE);
    assert_uses(promotion, 3, 0);
}

static void what_has_ended_is_not_held_and_the_price_of_before_is(void **state)
{
    (void)state;
    struct order_promotion_terms brief = tenth();
    brief.has_ends_at = true;
    brief.ends_at_us = direct_now_us(market) + HOUR_US;
    const struct uuid promotion = made_id(NULL, brief);
    const struct order_hold_redemption priced = { .promotion_id = promotion,
                                                  .group_id = draw_id(2),
                                                  .customer = draw_id(1),
                                                  .priced_at_us = brief.ends_at_us - 1,
                                                  .expires_at_us = brief.ends_at_us + 1 };
    direct_advance(market, HOUR_US);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_UNAVAILABLE);
    assert_int_equal(direct_call(market, NULL, &order_hold_redemption_message, &priced, NULL),
                     STATUS_OK);
}

/* One account, and the guest of an address that was verified for it. */
static void a_guest_and_his_account_have_one_limit(void **state)
{
    (void)state;
    const struct uuid account = draw_id(1), guest = draw_id(1), other = draw_id(1);
    const struct uuid early = made_id(NULL, limited(0, 1)), late = made_id(NULL, limited(0, 2));
    const struct uuid checkout = draw_id(2);
    assert_int_equal(hold_as(early, checkout, guest), STATUS_OK);
    note_address(account, guest);
    assert_int_equal(hold_as(early, draw_id(2), account), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(hold_as(early, draw_id(2), other), STATUS_OK);
    assert_int_equal(release(early, checkout), STATUS_OK);
    assert_int_equal(hold_as(early, draw_id(2), account), STATUS_OK);
    assert_int_equal(hold_as(early, draw_id(2), guest), STATUS_PROMOTION_EXHAUSTED);
    /* The same without memory. */
    assert_int_equal(hold_as(late, draw_id(2), account), STATUS_OK);
    direct_forget(market);
    assert_int_equal(hold_as(late, draw_id(2), guest), STATUS_OK);
    direct_forget(market);
    assert_int_equal(hold_as(late, draw_id(2), account), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(hold_as(late, draw_id(2), guest), STATUS_PROMOTION_EXHAUSTED);
}

static void an_erased_account_is_no_guest_any_more(void **state)
{
    (void)state;
    const struct uuid account = draw_id(1), guest = draw_id(1);
    const struct uuid promotion = made_id(NULL, limited(0, 1));
    note_address(account, guest);
    assert_int_equal(hold_as(promotion, draw_id(2), account), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), guest), STATUS_PROMOTION_EXHAUSTED);
    const struct order_forget_shopper forget = { .user_id = account };
    assert_int_equal(direct_call(market, NULL, &order_forget_shopper_message, &forget, NULL),
                     STATUS_OK);
    assert_sql("SELECT count(*) FROM \"order\".customer_address", "0");
    assert_int_equal(hold_as(promotion, draw_id(2), guest), STATUS_OK);
}

/* The 64 that are remembered are not all that a customer may have. */
static void a_customers_uses_count_beyond_what_is_remembered(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, limited(0, 2)), customer = draw_id(1);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    for (unsigned i = 0; i <= REDEMPTIONS_REMEMBERED_MAX; i++)
        assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_PROMOTION_EXHAUSTED);
}

/* Nothing is committed while the memory forgets the customer's first: the unit of the second sees
 * it. */
static void a_customers_uses_that_are_neither_remembered_nor_committed_count(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, limited(0, 1)), customer = draw_id(1);
    direct_queue_units(market);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    for (unsigned i = 0; i < REDEMPTIONS_REMEMBERED_MAX; i++)
        assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    assert_int_equal(direct_commit_units(market), 1);
    assert_sql("SELECT max(n) FROM (SELECT count(*) AS n FROM \"order\".redemption"
               " GROUP BY customer) c",
               "1");
}

static void holds_that_are_queued_count_before_they_are_committed(void **state)
{
    (void)state;
    const struct uuid promotion = made_id("TEA", limited(3, 1)), customer = draw_id(1);
    struct order_promotion reply;
    const struct order_change_promotion fewer = { .promotion_id = promotion,
                                                  .has_terms = true,
                                                  .terms = limited(2, 1) };
    direct_queue_units(market);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_OK);
    assert_int_equal(hold_as(promotion, draw_id(2), customer), STATUS_PROMOTION_EXHAUSTED);
    assert_fault(STATUS_PROMOTION_EXHAUSTED, "/limit_per_customer");
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &fewer, &reply),
                     STATUS_INVALID_VALUE);
    assert_fault(STATUS_INVALID_VALUE, "/terms/limit_total");
    assert_int_equal(direct_commit_units(market), 0);
    assert_uses(promotion, 3, 0);
}

static void a_limit_that_is_raised_lets_the_next_one_in_at_once(void **state)
{
    (void)state;
    const struct uuid promotion = made_id("TEA", limited(1, 0));
    struct order_promotion reply;
    const struct order_change_promotion more = { .promotion_id = promotion,
                                                 .has_terms = true,
                                                 .terms = limited(2, 0) };
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
    assert_int_equal(direct_call(market, &staff, &order_change_promotion_message, &more, &reply),
                     STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
}

/* A second activation elsewhere has held the last one: what is remembered here is old. */
static void what_is_remembered_never_overrules_the_row(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, limited(2, 0)), group = draw_id(2);
    assert_int_equal(hold(promotion, group), STATUS_OK);
    (void)direct_sql(market, "INSERT INTO \"order\".redemption (promotion_id, group_id, shard,"
                             " customer, state, expires_at, created_at) SELECT id,"
                             " gen_random_uuid(), 0, gen_random_uuid(), 'held', 9000000000000000,"
                             " 1 FROM \"order\".promotion");
    (void)direct_sql(market, "UPDATE \"order\".promotion SET held = 2");
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_PROMOTION_EXHAUSTED);
    assert_uses(promotion, 2, 0);
    assert_int_equal(release(promotion, group), STATUS_OK);
    assert_uses(promotion, 1, 0);
}

/* ---- by the clock ---- */

static void holds_beyond_their_time_follow_their_checkouts(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, tenth());
    static const char *const outcomes[] = { "pending", "placed", "failed" };
    struct uuid groups[3];
    for (unsigned i = 0; i < 3; i++) {
        groups[i] = checkout_that_is(outcomes[i]);
        assert_int_equal(hold(promotion, groups[i]), STATUS_OK);
    }
    assert_int_equal(hold(promotion, draw_id(2)), STATUS_OK); /* its checkout never began */
    direct_advance(market, HELD_FOR_US - 1);
    assert_int_equal(direct_sweep(market, "order_overdue_redemptions"), STATUS_OK);
    assert_uses(promotion, 4, 0);
    direct_advance(market, 1);
    assert_int_equal(direct_sweep(market, "order_overdue_redemptions"), STATUS_OK);
    assert_uses(promotion, 2, 0);
    assert_sql("SELECT string_agg(r.state || ' ' || coalesce(g.status, 'none'), ', '"
               " ORDER BY r.state, g.status) FROM \"order\".redemption r"
               " LEFT JOIN \"order\".order_group g ON g.id = r.group_id",
               "held pending, held placed, released failed, released none");
    /* What is kept is asked about a minute later, not at once. */
    assert_sql("SELECT count(*) FROM \"order\".redemption WHERE state = 'held'"
               " AND expires_at > 60000000 + created_at",
               "2");
    assert_int_equal(use(promotion, groups[1]), STATUS_OK);
    assert_uses(promotion, 1, 1);
}

static void what_was_given_back_long_ago_is_forgotten_and_nothing_else(void **state)
{
    (void)state;
    const struct uuid promotion = made_id(NULL, tenth());
    const struct uuid returned = checkout_that_is("placed"), used = checkout_that_is("placed");
    assert_int_equal(hold(promotion, returned), STATUS_OK);
    assert_int_equal(use(promotion, returned), STATUS_OK);
    assert_int_equal(give_back(promotion, returned), STATUS_OK);
    assert_int_equal(hold(promotion, used), STATUS_OK);
    assert_int_equal(use(promotion, used), STATUS_OK);
    assert_int_equal(hold(promotion, checkout_that_is("pending")), STATUS_OK);
    assert_int_equal(release(promotion, draw_id(2)), STATUS_OK);
    direct_advance(market, 89 * DAY_US);
    assert_int_equal(release(promotion, draw_id(2)), STATUS_OK);
    assert_int_equal(direct_sweep(market, "order_old_carts"), STATUS_OK);
    assert_sql("SELECT count(*) FROM \"order\".redemption", "5");
    direct_advance(market, 2 * DAY_US);
    assert_int_equal(direct_sweep(market, "order_old_carts"), STATUS_OK);
    assert_sql("SELECT string_agg(state, ' ' ORDER BY state) FROM \"order\".redemption",
               "held released used");
}

/* ---- the check itself ---- */

static void every_broken_invariant_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *harm, *mend, *invariant;
    } cases[] = {
        { "UPDATE \"order\".promotion SET used = used + 1",
          "UPDATE \"order\".promotion SET used = used - 1",
          "promotion_does_not_count_its_redemptions" },
        { "UPDATE \"order\".order_group SET status = 'failed', refusal = 'x', placed_at = NULL,"
          " number = NULL",
          "UPDATE \"order\".order_group SET status = 'placed', refusal = NULL, placed_at = 1,"
          " number = 1",
          "used_redemption_of_no_placed_group" },
        { "INSERT INTO \"order\".redemption (promotion_id, group_id, shard, state, expires_at,"
          " created_at, settled_at) VALUES (gen_random_uuid(), gen_random_uuid(), 0, 'released',"
          " 1, 1, 1)",
          "DELETE FROM \"order\".redemption WHERE state = 'released'",
          "redemption_of_no_promotion" },
    };
    const struct uuid promotion = made_id(NULL, limited(1, 0)), group = checkout_that_is("placed");
    assert_int_equal(hold(promotion, group), STATUS_OK);
    assert_int_equal(use(promotion, group), STATUS_OK);
    (void)direct_sql(market, "ALTER TABLE \"order\".promotion"
                             " DROP CONSTRAINT promotion_within_its_limit");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        (void)direct_sql(market, cases[i].harm);
        assert_sql("SELECT invariant FROM \"order\".check_promotions()"
                   " WHERE invariant <> 'promotion_is_used_beyond_its_limit'",
                   cases[i].invariant);
        if (i == 0)
            assert_sql("SELECT count(*) FROM \"order\".check_promotions()"
                       " WHERE invariant = 'promotion_is_used_beyond_its_limit'",
                       "1");
        (void)direct_sql(market, cases[i].mend);
    }
    (void)direct_sql(market, "ALTER TABLE \"order\".promotion ADD CONSTRAINT"
                             " promotion_within_its_limit CHECK (held + used <= limit_total)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_use_goes_its_way_and_the_counters_with_it),
        CLAIM(repeated_messages_change_nothing),
        CLAIM(the_limit_is_named_by_the_refusal_and_a_release_makes_room),
        CLAIM(a_mark_refuses_the_late_hold_and_takes_no_place),
        CLAIM(the_same_checkout_of_somebody_else_is_no_repetition),
        CLAIM(what_is_not_there_is_not_found_and_its_release_is_done),
        CLAIM(steps_that_the_machine_does_not_know_are_refused),
        CLAIM(a_change_of_the_terms_counts_for_the_next_hold),
        CLAIM(what_has_ended_is_not_held_and_the_price_of_before_is),
        CLAIM(a_guest_and_his_account_have_one_limit),
        CLAIM(an_erased_account_is_no_guest_any_more),
        CLAIM(a_customers_uses_count_beyond_what_is_remembered),
        CLAIM(a_customers_uses_that_are_neither_remembered_nor_committed_count),
        CLAIM(holds_that_are_queued_count_before_they_are_committed),
        CLAIM(a_limit_that_is_raised_lets_the_next_one_in_at_once),
        CLAIM(what_is_remembered_never_overrules_the_row),
        CLAIM(holds_beyond_their_time_follow_their_checkouts),
        CLAIM(what_was_given_back_long_ago_is_forgotten_and_nothing_else),
        CLAIM(every_broken_invariant_is_found),
    };
    market = direct_market_new(&order_domain);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
