/* Claims about two payments of the provider's under one of ours: which of them counts, and what
 * becomes of the other. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/payment/payment.h"

enum { AMOUNT = 5000, NEWS_MAX = 8 };

static struct payment_provider_news news_of(const char *reference,
                                            const struct payment_provider_fact *fact)
{
    return (struct payment_provider_news){ .reference = text_of(reference),
                                           .charge = text_of(reference),
                                           .facts = fact,
                                           .facts_count = 1 };
}

/* What an event says: of which of the provider's payments, and what. */
struct said {
    const char *reference;
    enum payment_fact fact;
    const char *ref;
    int64_t amount, at_us;
};

/* They are too large for a stack. */
static struct payment one, again;

static void begin(struct payment *payment, enum payment_goal goal, const char *own)
{
    *payment = (struct payment){ .amount = { AMOUNT, "EUR" },
                                 .goal = goal,
                                 .take = goal == PAYMENT_GOAL_TAKE ? AMOUNT : 0,
                                 .is_tried = true };
    payment_own(payment, text_of(own));
}

static void hear(struct payment *payment, const struct said *said)
{
    const struct payment_provider_fact fact = { .fact = said->fact,
                                                .ref = text_of(said->ref),
                                                .amount = said->amount,
                                                .currency = TEXT("EUR"),
                                                .at_us = said->at_us,
                                                .source = TEXT("evt") };
    const struct payment_provider_news news = news_of(said->reference, &fact);
    (void)payment_hear(payment, &news);
}

static void assert_alike(const struct payment *a, const struct payment *b)
{
    struct payment_due due_a = { .amount = 0 }, due_b = { .amount = 0 };
    const struct payment_sum sum_a = payment_sum(a), sum_b = payment_sum(b);
    assert_true(text_equals(a->reference, b->reference));
    assert_int_equal(sum_a.status, sum_b.status);
    assert_int_equal(sum_a.authorised, sum_b.authorised);
    assert_int_equal(sum_a.captured, sum_b.captured);
    assert_int_equal(sum_a.refunded, sum_b.refunded);
    assert_int_equal(sum_a.disputed, sum_b.disputed);
    assert_int_equal(payment_is_settled(a), payment_is_settled(b));
    assert_int_equal(payment_due_operation(a, &due_a), payment_due_operation(b, &due_b));
    assert_int_equal(due_a.operation, due_b.operation);
    assert_int_equal(due_a.amount, due_b.amount);
    assert_true(text_equals(due_a.reference, due_b.reference));
}

struct life {
    enum payment_goal goal;
    const char *own;
    struct said said[NEWS_MAX];
    size_t count;
    /* How it ends. */
    const char *live;
    enum payment_status status;
    enum payment_operation due;
    const char *due_of; /* NULL: nothing is due */
    int64_t due_amount;
};

static void assert_end(const struct life *life, const struct payment *payment)
{
    struct payment_due due;
    assert_true(text_equals_string(payment->reference, life->live));
    assert_int_equal(payment_sum(payment).status, life->status);
    assert_int_equal(payment_due_operation(payment, &due), life->due_of != NULL);
    if (life->due_of == NULL) return;
    assert_int_equal(due.operation, life->due);
    assert_true(text_equals_string(due.reference, life->due_of));
    assert_int_equal(due.amount, life->due_amount);
}

/* Every order of them, each heard twice in some (Heap, 1963). */
static size_t compare_orders(const struct life *life, size_t *order, size_t left)
{
    size_t orders = 0;
    if (left == 1) {
        begin(&one, life->goal, life->own);
        for (size_t i = 0; i < life->count; i++)
            hear(&one, &life->said[order[i]]);
        assert_end(life, &one);
        again = one;
        for (size_t i = life->count; i > 0; i--)
            hear(&again, &life->said[order[i - 1]]);
        assert_alike(&again, &one);
        return 1;
    }
    for (size_t i = 0; i < left; i++) {
        orders += compare_orders(life, order, left - 1);
        const size_t other = left % 2 == 0 ? i : 0;
        const size_t kept = order[other];
        order[other] = order[left - 1];
        order[left - 1] = kept;
    }
    return orders;
}

/* "pi_2" is ours where a call of ours was answered by it. */
static const struct life lives[] = {
    /* The second one is canceled: that says nothing of ours. */
    { PAYMENT_GOAL_TAKE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_REQUIRES_ACTION, "", 0, 1 },
        { "pi_2", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 2 },
        { "pi_1", PAYMENT_FACT_REQUIRES_ACTION, "", 0, 1 },
        { "pi_1", PAYMENT_FACT_VOIDED, "", 0, 3 },
        { "pi_2", PAYMENT_FACT_CAPTURED, "", AMOUNT, 4 } },
      5,
      "pi_2",
      PAYMENT_STATUS_CAPTURED,
      0,
      NULL,
      0 },
    /* Both have taken the money: ours stays, the other is given back to the cent. */
    { PAYMENT_GOAL_TAKE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 },
        { "pi_2", PAYMENT_FACT_CAPTURED, "", AMOUNT, 2 },
        { "pi_1", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 },
        { "pi_1", PAYMENT_FACT_CAPTURED, "", AMOUNT, 9 },
        { "pi_1", PAYMENT_FACT_REFUND_SUCCEEDED, "re_1", 1200, 9 } },
      5,
      "pi_2",
      PAYMENT_STATUS_CAPTURED,
      PAYMENT_OPERATION_REFUND,
      "pi_1",
      AMOUNT - 1200 },
    /* What was given back of the other one was not given back of ours. */
    { PAYMENT_GOAL_TAKE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_CAPTURED, "", AMOUNT, 2 },
        { "pi_1", PAYMENT_FACT_CAPTURED, "", AMOUNT, 1 },
        { "pi_1", PAYMENT_FACT_REFUND_PENDING, "re_1", AMOUNT, 3 },
        { "pi_1", PAYMENT_FACT_REFUND_SUCCEEDED, "re_1", AMOUNT, 4 },
        { "pi_2", PAYMENT_FACT_DISPUTE_OPEN, "dp_1", 100, 5 } },
      5,
      "pi_2",
      PAYMENT_STATUS_CAPTURED,
      0,
      NULL,
      0 },
    /* Ours is refused, and the one that nobody knew of has set the amount aside: that is as good.
     */
    { PAYMENT_GOAL_TAKE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_FAILED, "", 0, 2 },
        { "pi_1", PAYMENT_FACT_PROCESSING, "", 0, 1 },
        { "pi_1", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 } },
      3,
      "pi_1",
      PAYMENT_STATUS_AUTHORISED,
      PAYMENT_OPERATION_CAPTURE,
      "pi_1",
      AMOUNT },
    /* Nobody knows yet which is ours; what sets nothing aside is not taken for it. */
    { PAYMENT_GOAL_HOLD,
      "",
      { { "pi_1", PAYMENT_FACT_REQUIRES_ACTION, "", 0, 1 },
        { "pi_1", PAYMENT_FACT_VOIDED, "", 0, 2 },
        { "pi_3", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 },
        { "pi_2", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 3 } },
      4,
      "pi_2",
      PAYMENT_STATUS_AUTHORISED,
      PAYMENT_OPERATION_VOID,
      "pi_3",
      0 },
    { PAYMENT_GOAL_HOLD,
      "",
      { { "pi_1", PAYMENT_FACT_FAILED, "", 0, 1 }, { "pi_1", PAYMENT_FACT_VOIDED, "", 0, 2 } },
      2,
      "",
      PAYMENT_STATUS_CREATED,
      0,
      NULL,
      0 },
    /* Let go, both go; ours first. */
    { PAYMENT_GOAL_RELEASE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 },
        { "pi_2", PAYMENT_FACT_VOIDED, "", 0, 2 },
        { "pi_1", PAYMENT_FACT_PROCESSING, "", 0, 1 },
        { "pi_1", PAYMENT_FACT_CAPTURED, "", AMOUNT, 2 } },
      4,
      "pi_1",
      PAYMENT_STATUS_CAPTURED,
      PAYMENT_OPERATION_REFUND,
      "pi_1",
      AMOUNT },
    /* How much of another amount goes back is a person's to say. */
    { PAYMENT_GOAL_TAKE,
      "pi_2",
      { { "pi_2", PAYMENT_FACT_CAPTURED, "", AMOUNT, 1 },
        { "pi_1", PAYMENT_FACT_CAPTURED, "", AMOUNT + 1, 1 },
        { "pi_1", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 } },
      3,
      "pi_2",
      PAYMENT_STATUS_CAPTURED,
      0,
      NULL,
      0 },
};

static void news_of_two_end_alike_in_all_their_orders(void **state)
{
    (void)state;
    static const size_t factorials[] = { 1, 1, 2, 6, 24, 120 };
    for (size_t i = 0; i < ARRAY_LENGTH(lives); i++) {
        size_t order[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
        assert_int_equal(compare_orders(&lives[i], order, lives[i].count),
                         factorials[lives[i].count]);
    }
}

static void what_money_was_moved_of_stays_ours(void **state)
{
    (void)state;
    begin(&one, PAYMENT_GOAL_TAKE, "");
    hear(&one, &(struct said){ "pi_2", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 });
    payment_own(&one, one.reference); /* as the beginning of its capture does */
    hear(&one, &(struct said){ "pi_2", PAYMENT_FACT_CAPTURED, "", AMOUNT, 2 });
    hear(&one, &(struct said){ "pi_1", PAYMENT_FACT_CAPTURED, "", AMOUNT, 1 });
    assert_true(text_equals_string(one.reference, "pi_2"));
    assert_true(text_equals_string(one.charge, "pi_2"));
    assert_int_equal(payment_sum(&one).captured, AMOUNT);
    assert_false(payment_is_settled(&one));
}

static void a_payment_that_sets_aside_before_its_answer_is_not_asked_for_again(void **state)
{
    (void)state;
    struct payment_due due;
    begin(&one, PAYMENT_GOAL_HOLD, "");
    one.is_tried = false; /* the call broke, and nothing was found of it */
    assert_true(payment_due_operation(&one, &due));
    assert_int_equal(due.operation, PAYMENT_OPERATION_AUTHORISE);
    hear(&one, &(struct said){ "pi_1", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 });
    assert_false(payment_due_operation(&one, &due));
    assert_true(text_equals_string(one.reference, "pi_1"));
    payment_let_go(&one);
    assert_true(payment_due_operation(&one, &due));
    assert_int_equal(due.operation, PAYMENT_OPERATION_VOID);
}

static void a_part_is_taken_once_and_any_other_amount_is_none_of_ours(void **state)
{
    (void)state;
    begin(&one, PAYMENT_GOAL_HOLD, "pi_1");
    hear(&one, &(struct said){ "pi_1", PAYMENT_FACT_AUTHORISED, "", AMOUNT, 1 });
    assert_int_equal(payment_want(&one, money_make(AMOUNT + 1, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(payment_want(&one, money_make(0, "EUR")), STATUS_OUT_OF_RANGE);
    assert_int_equal(payment_want(&one, money_make(3000, "USD")), STATUS_INVALID_VALUE);
    assert_int_equal(payment_want(&one, money_make(3000, "EUR")), STATUS_OK);
    assert_int_equal(payment_want(&one, money_make(2000, "EUR")), STATUS_ILLEGAL_TRANSITION);
    struct payment_due due;
    assert_true(payment_due_operation(&one, &due));
    assert_int_equal(due.operation, PAYMENT_OPERATION_CAPTURE);
    assert_int_equal(due.amount, 3000);
    hear(&one, &(struct said){ "pi_1", PAYMENT_FACT_CAPTURED, "", 2999, 2 });
    assert_true(payment_has_mismatch(&one));
    assert_int_equal(payment_sum(&one).captured, 0);
    hear(&one, &(struct said){ "pi_1", PAYMENT_FACT_CAPTURED, "", 3000, 2 });
    assert_int_equal(payment_sum(&one).captured, 3000);
    assert_int_equal(payment_remaining(&one), 3000);
}

static void the_charge_that_paid_is_the_payments_not_the_first_attempt(void **state)
{
    (void)state;
    begin(&one, PAYMENT_GOAL_HOLD, "pi_1");
    struct payment_provider_fact fact = { .fact = PAYMENT_FACT_FAILED, .currency = TEXT("EUR") };
    struct payment_provider_news news = news_of("pi_1", &fact);
    news.charge = TEXT("ch_1");
    (void)payment_hear(&one, &news);
    assert_true(text_equals_string(one.charge, "ch_1"));
    fact.fact = PAYMENT_FACT_AUTHORISED;
    fact.amount = AMOUNT;
    news.charge = TEXT("ch_2");
    (void)payment_hear(&one, &news);
    assert_true(text_equals_string(one.charge, "ch_2"));
    fact.fact = PAYMENT_FACT_FAILED; /* late */
    news.charge = TEXT("ch_1");
    (void)payment_hear(&one, &news);
    assert_true(text_equals_string(one.charge, "ch_2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_of_two_end_alike_in_all_their_orders),
        cmocka_unit_test(what_money_was_moved_of_stays_ours),
        cmocka_unit_test(a_payment_that_sets_aside_before_its_answer_is_not_asked_for_again),
        cmocka_unit_test(a_part_is_taken_once_and_any_other_amount_is_none_of_ours),
        cmocka_unit_test(the_charge_that_paid_is_the_payments_not_the_first_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
