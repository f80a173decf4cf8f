/* Claims about the join of a provider's facts, and about what follows from it. */
#include "tests/support/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "actors/payment/payment_join.h"

enum { AMOUNT = 5000 };

#define NO_TEXT ((struct text){ 0 })

static struct payment_provider_fact fact_of(enum payment_fact fact, const char *ref, int64_t amount,
                                            int64_t at_us)
{
    return (struct payment_provider_fact){ .fact = fact,
                                           .ref = text_of(ref),
                                           .amount = amount,
                                           .currency = TEXT("EUR"),
                                           .at_us = at_us,
                                           .source = TEXT("evt") };
}

static const int64_t takes[] = { AMOUNT };
static const struct payment_expected expected = { .amount = { AMOUNT, "EUR" },
                                                  .takes = takes,
                                                  .takes_count = 1 };

static struct payment_sum sum_in_order(const struct payment_provider_fact *said,
                                       const size_t *order, size_t count)
{
    static struct payment_provider_fact facts[PAYMENT_FACTS_MAX];
    size_t facts_count = 0;
    bool is_news;
    for (size_t i = 0; i < count; i++) {
        const struct payment_provider_fact fact = payment_fact_judge(&expected, &said[order[i]]);
        assert_int_equal(payment_facts_add(facts, &facts_count, &fact, &is_news, NULL), STATUS_OK);
    }
    return payment_sum_of(facts, facts_count, NO_TEXT);
}

static void assert_same(const struct payment_sum *a, const struct payment_sum *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->authorised, b->authorised);
    assert_int_equal(a->captured, b->captured);
    assert_int_equal(a->refunded, b->refunded);
    assert_int_equal(a->refunding, b->refunding);
    assert_int_equal(a->disputed, b->disputed);
    assert_int_equal(a->lost, b->lost);
    assert_int_equal(a->has_mismatch, b->has_mismatch);
    assert_true(text_equals(a->decline_code, b->decline_code));
}

/* Calls back with every order of 0 … count-1 (Heap, 1963). */
static void permute(size_t *order, size_t left, size_t count,
                    void (*tell)(const size_t *order, size_t count, void *context), void *context)
{
    if (left == 1) {
        tell(order, count, context);
        return;
    }
    for (size_t i = 0; i < left; i++) {
        permute(order, left - 1, count, tell, context);
        const size_t other = left % 2 == 0 ? i : 0;
        const size_t kept = order[other];
        order[other] = order[left - 1];
        order[left - 1] = kept;
    }
}

struct orders {
    const struct payment_provider_fact *said;
    struct payment_sum sum;
    size_t count;
};

static void compare_order(const size_t *order, size_t count, void *context)
{
    struct orders *orders = context;
    struct payment_sum sum = sum_in_order(orders->said, order, count);
    assert_same(&sum, &orders->sum);
    /* Each twice, the second time round the other way. */
    size_t twice[16];
    for (size_t i = 0; i < count; i++) {
        twice[i] = order[i];
        twice[count + i] = order[count - 1 - i];
    }
    sum = sum_in_order(orders->said, twice, 2 * count);
    assert_same(&sum, &orders->sum);
    orders->count++;
}

static void five_events_end_alike_in_all_their_orders(void **state)
{
    (void)state;
    const struct payment_provider_fact lives[][5] = {
        { fact_of(PAYMENT_FACT_REQUIRES_ACTION, "", 0, 1),
          fact_of(PAYMENT_FACT_PROCESSING, "", 0, 2),
          fact_of(PAYMENT_FACT_AUTHORISED, "", AMOUNT, 3),
          fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 4),
          fact_of(PAYMENT_FACT_REFUND_PENDING, "re_1", 700, 5) },
        { fact_of(PAYMENT_FACT_FAILED, "", 0, 1), fact_of(PAYMENT_FACT_FAILED, "", 0, 2),
          fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 3),
          fact_of(PAYMENT_FACT_REFUND_SUCCEEDED, "re_1", 5000, 4),
          fact_of(PAYMENT_FACT_REFUND_PENDING, "re_1", 5000, 5) },
        { fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 1),
          fact_of(PAYMENT_FACT_DISPUTE_OPEN, "dp_1", 900, 2),
          fact_of(PAYMENT_FACT_DISPUTE_LOST, "dp_1", 900, 3),
          fact_of(PAYMENT_FACT_DISPUTE_WON, "dp_1", 900, 4),
          fact_of(PAYMENT_FACT_DISPUTE_OPEN, "dp_2", 100, 1) },
        { fact_of(PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1), fact_of(PAYMENT_FACT_VOIDED, "", 0, 2),
          fact_of(PAYMENT_FACT_AUTHORISED, "", AMOUNT - 1, 3),
          fact_of(PAYMENT_FACT_AUTH_EXPIRED, "", 0, 3),
          fact_of(PAYMENT_FACT_PROCESSING, "", 0, 9) },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lives); i++) {
        size_t order[] = { 0, 1, 2, 3, 4 };
        struct orders orders = { .said = lives[i], .sum = sum_in_order(lives[i], order, 5) };
        permute(order, 5, 5, compare_order, &orders);
        assert_int_equal(orders.count, 120);
    }
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static struct payment_provider_fact draw_fact(uint32_t *seed)
{
    static const char *const refs[] = { "", "re_1", "re_2", "dp_1" };
    static const char *const codes[] = { "", "expired_card", "lost_card" };
    const enum payment_fact fact = (enum payment_fact)draw(seed, PAYMENT_FACT_COUNT);
    const bool is_own = fact <= PAYMENT_FACT_CAPTURED;
    struct payment_provider_fact said =
        fact_of(fact, is_own ? "" : refs[1 + draw(seed, 3)],
                draw(seed, 2) == 0 ? AMOUNT : draw(seed, AMOUNT), draw(seed, 4));
    said.code = text_of(codes[draw(seed, 3)]);
    if (draw(seed, 10) == 0) said.currency = TEXT("USD");
    return said;
}

static void any_set_of_facts_ends_alike_however_it_is_shuffled(void **state)
{
    (void)state;
    enum { WORLDS = 2000, FACTS = 24 };
    uint32_t seed = 7;
    for (int world = 0; world < WORLDS; world++) {
        struct payment_provider_fact said[FACTS];
        size_t order[FACTS];
        for (size_t i = 0; i < FACTS; i++) {
            said[i] = draw_fact(&seed);
            order[i] = i;
        }
        const struct payment_sum sum = sum_in_order(said, order, FACTS);
        for (size_t i = FACTS - 1; i > 0; i--) {
            const size_t other = draw(&seed, (uint32_t)i + 1);
            const size_t kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        const struct payment_sum shuffled = sum_in_order(said, order, FACTS);
        assert_same(&shuffled, &sum);
    }
}

static struct payment_sum sum_of(const struct payment_provider_fact *said, size_t count)
{
    size_t order[16];
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    return sum_in_order(said, order, count);
}

static void a_capture_after_a_refusal_wins(void **state)
{
    (void)state;
    const struct payment_provider_fact said[] = { fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 1),
                                                  fact_of(PAYMENT_FACT_FAILED, "", 0, 9) };
    const struct payment_sum sum = sum_of(said, 2);
    assert_int_equal(sum.status, PAYMENT_STATUS_CAPTURED);
    assert_int_equal(sum.captured, AMOUNT);
}

static void a_cent_or_a_currency_off_counts_for_nothing_but_is_kept(void **state)
{
    (void)state;
    struct payment_provider_fact said[] = { fact_of(PAYMENT_FACT_AUTHORISED, "", AMOUNT - 1, 1),
                                            fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT - 1, 1),
                                            fact_of(PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1) };
    said[2].currency = TEXT("USD");
    for (size_t i = 0; i < ARRAY_LENGTH(said); i++) {
        const struct payment_sum sum = sum_of(&said[i], 1);
        assert_int_equal(sum.status, PAYMENT_STATUS_CREATED);
        assert_int_equal(sum.authorised + sum.captured, 0);
        assert_true(sum.has_mismatch);
    }
}

static void a_refund_that_comes_back_frees_its_amount(void **state)
{
    (void)state;
    const struct payment_provider_fact said[] = {
        fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 1),
        fact_of(PAYMENT_FACT_REFUND_SUCCEEDED, "re_1", 1000, 2),
        fact_of(PAYMENT_FACT_REFUND_PENDING, "re_2", 500, 2),
        fact_of(PAYMENT_FACT_REFUND_FAILED, "re_1", 1000, 3),
    };
    struct payment_sum sum = sum_of(said, 3);
    assert_int_equal(payment_refundable(&sum), AMOUNT - 1500);
    sum = sum_of(said, 4);
    assert_int_equal(sum.refunded, 0);
    assert_int_equal(payment_refundable(&sum), AMOUNT - 500);
}

static void what_a_dispute_holds_is_not_given_back_beside_it(void **state)
{
    (void)state;
    struct payment_provider_fact said[] = { fact_of(PAYMENT_FACT_CAPTURED, "", AMOUNT, 1),
                                            fact_of(PAYMENT_FACT_DISPUTE_OPEN, "dp_1", AMOUNT, 2),
                                            fact_of(PAYMENT_FACT_DISPUTE_WON, "dp_1", AMOUNT, 3) };
    struct payment_sum sum = sum_of(said, 2);
    assert_int_equal(payment_refundable(&sum), 0);
    sum = sum_of(said, 3);
    assert_int_equal(payment_refundable(&sum), AMOUNT);
    said[2].fact = PAYMENT_FACT_DISPUTE_LOST;
    sum = sum_of(said, 3);
    assert_int_equal(sum.lost, AMOUNT);
    assert_int_equal(sum.disputed, 0);
    assert_int_equal(payment_refundable(&sum), 0);
}

static void so_many_facts_and_no_more_are_kept(void **state)
{
    (void)state;
    static struct payment_provider_fact facts[PAYMENT_FACTS_MAX];
    static char refs[PAYMENT_FACTS_MAX + 1][8];
    size_t count = 0;
    bool is_news;
    for (size_t i = 0; i <= PAYMENT_FACTS_MAX; i++) {
        snprintf(refs[i], sizeof refs[i], "re_%zu", i);
        const struct payment_provider_fact fact =
            fact_of(PAYMENT_FACT_REFUND_PENDING, refs[i], 1, 1);
        assert_int_equal(payment_facts_add(facts, &count, &fact, &is_news, NULL),
                         i < PAYMENT_FACTS_MAX ? STATUS_OK : STATUS_CONFLICT);
    }
    assert_int_equal(count, PAYMENT_FACTS_MAX);
}

/* ---- what is due ---- */

struct due_case {
    enum payment_goal goal;
    enum payment_status status;
    bool is_tried, is_due;
    enum payment_operation operation;
    int64_t amount;
};

static void assert_due(const struct due_case *due)
{
    const struct payment_plan plan = { .goal = due->goal,
                                       .amount = AMOUNT,
                                       .take = due->goal == PAYMENT_GOAL_TAKE ? 4000 : 0,
                                       .is_tried = due->is_tried };
    const struct payment_sum sum = { .status = due->status,
                                     .captured =
                                         due->status == PAYMENT_STATUS_CAPTURED ? AMOUNT : 0,
                                     .refunded = 100 };
    enum payment_operation operation = PAYMENT_OPERATION_QUERY;
    int64_t amount = -1;
    assert_int_equal(payment_next(&plan, &sum, &operation, &amount), due->is_due);
    if (!due->is_due) return;
    assert_int_equal(operation, due->operation);
    assert_int_equal(amount, due->amount);
    struct payment_plan busy = plan;
    busy.is_waiting = true;
    assert_false(payment_next(&busy, &sum, &operation, &amount));
}

static void what_is_due_follows_from_the_goal_and_the_facts(void **state)
{
    (void)state;
    static const struct due_case cases[] = {
        { PAYMENT_GOAL_HOLD, PAYMENT_STATUS_CREATED, false, true, PAYMENT_OPERATION_AUTHORISE,
          AMOUNT },
        { PAYMENT_GOAL_HOLD, PAYMENT_STATUS_CREATED, true, false, 0, 0 },
        { PAYMENT_GOAL_HOLD, PAYMENT_STATUS_AUTHORISED, true, false, 0, 0 },
        { PAYMENT_GOAL_TAKE, PAYMENT_STATUS_REQUIRES_ACTION, true, false, 0, 0 },
        { PAYMENT_GOAL_TAKE, PAYMENT_STATUS_AUTHORISED, true, true, PAYMENT_OPERATION_CAPTURE,
          4000 },
        { PAYMENT_GOAL_TAKE, PAYMENT_STATUS_AUTH_EXPIRED, true, false, 0, 0 },
        { PAYMENT_GOAL_TAKE, PAYMENT_STATUS_CAPTURED, true, false, 0, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_CREATED, false, false, 0, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_CREATED, true, true, PAYMENT_OPERATION_VOID, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_REQUIRES_ACTION, true, true, PAYMENT_OPERATION_VOID,
          0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_PROCESSING, true, true, PAYMENT_OPERATION_VOID, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_FAILED, true, true, PAYMENT_OPERATION_VOID, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_AUTHORISED, true, true, PAYMENT_OPERATION_VOID, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_VOIDED, true, false, 0, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_AUTH_EXPIRED, true, false, 0, 0 },
        { PAYMENT_GOAL_RELEASE, PAYMENT_STATUS_CAPTURED, true, true, PAYMENT_OPERATION_REFUND,
          AMOUNT - 100 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_due(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_events_end_alike_in_all_their_orders),
        cmocka_unit_test(any_set_of_facts_ends_alike_however_it_is_shuffled),
        cmocka_unit_test(a_capture_after_a_refusal_wins),
        cmocka_unit_test(a_cent_or_a_currency_off_counts_for_nothing_but_is_kept),
        cmocka_unit_test(a_refund_that_comes_back_frees_its_amount),
        cmocka_unit_test(what_a_dispute_holds_is_not_given_back_beside_it),
        cmocka_unit_test(so_many_facts_and_no_more_are_kept),
        cmocka_unit_test(what_is_due_follows_from_the_goal_and_the_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
