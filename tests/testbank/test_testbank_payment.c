/* The life of a payment: single claims, and long walks of random steps beside a model that knows
 * nothing but sums. */
#include <string.h>

#include "tests/support/cmocka.h"
#include "tests/testbank/amount.h"
#include "tests/testbank/payment.h"

enum { WALKS = 2000, STEPS = 60 };

static struct payment held(int64_t amount)
{
    struct payment payment;
    payment_start(&payment, amount, true, true);
    assert_int_equal(payment_confirm(&payment, PAYMENT_APPROVED), PAYMENT_FINE);
    return payment;
}

static struct payment paid(int64_t amount)
{
    struct payment payment;
    payment_start(&payment, amount, false, true);
    assert_int_equal(payment_confirm(&payment, PAYMENT_APPROVED), PAYMENT_FINE);
    return payment;
}

static void more_than_authorised_is_never_captured(void **state)
{
    (void)state;
    struct payment payment = held(1000);
    assert_int_equal(payment_capture(&payment, 1001, true), PAYMENT_TOO_MUCH);
    assert_int_equal(payment_capture(&payment, 600, false), PAYMENT_FINE);
    assert_int_equal(payment_capture(&payment, 401, false), PAYMENT_TOO_MUCH);
    assert_int_equal(payment_capture(&payment, 400, false), PAYMENT_FINE);
    assert_int_equal(payment.state, PAYMENT_SUCCEEDED);
    assert_int_equal(payment_capture(&payment, 1, true), PAYMENT_WRONG_STATE);
}

static void a_final_capture_lets_go_of_the_rest(void **state)
{
    (void)state;
    struct payment payment = held(1000);
    assert_int_equal(payment_capture(&payment, 300, true), PAYMENT_FINE);
    assert_int_equal(payment.authorised, 0);
    assert_int_equal(payment.captured, 300);
    assert_int_equal(payment.state, PAYMENT_SUCCEEDED);
}

static void more_than_captured_is_never_refunded(void **state)
{
    (void)state;
    struct payment payment = paid(1000);
    assert_int_equal(payment_refund(&payment, 1001), PAYMENT_TOO_MUCH);
    assert_int_equal(payment_refund(&payment, 600), PAYMENT_FINE);
    assert_int_equal(payment_refund(&payment, 401), PAYMENT_TOO_MUCH);
    assert_int_equal(payment_refund(&payment, 400), PAYMENT_FINE);
    assert_int_equal(payment_refund(&payment, 1), PAYMENT_ALL_REFUNDED);
    assert_int_equal(payment_refund_back(&payment, 400), PAYMENT_FINE);
    assert_int_equal(payment_refund(&payment, 400), PAYMENT_FINE);
}

static void nothing_is_refunded_of_what_is_disputed(void **state)
{
    (void)state;
    struct payment payment = paid(1000);
    assert_int_equal(payment_dispute_open(&payment), PAYMENT_FINE);
    assert_int_equal(payment_refund(&payment, 1), PAYMENT_IS_DISPUTED);
    assert_int_equal(payment_dispute_end(&payment, true), PAYMENT_FINE);
    assert_int_equal(payment_refund(&payment, 1), PAYMENT_FINE);
    assert_int_equal(payment_dispute_open(&payment), PAYMENT_IS_DISPUTED);
}

static void a_declined_payment_wants_another_method(void **state)
{
    (void)state;
    struct payment payment;
    payment_start(&payment, 1000, false, true);
    assert_int_equal(payment_confirm(&payment, PAYMENT_DECLINED), PAYMENT_FINE);
    assert_string_equal(payment_state_name(payment.state), "requires_payment_method");
    assert_int_equal(payment_confirm(&payment, PAYMENT_APPROVED), PAYMENT_WRONG_STATE);
    assert_int_equal(payment_change(&payment, 900, true), PAYMENT_FINE);
    assert_int_equal(payment_confirm(&payment, PAYMENT_APPROVED), PAYMENT_FINE);
    assert_int_equal(payment.captured, 900);
}

static void what_is_held_too_long_is_let_go(void **state)
{
    (void)state;
    struct payment payment = held(1000);
    assert_int_equal(payment_expire(&payment), PAYMENT_FINE);
    assert_int_equal(payment.state, PAYMENT_CANCELED);
    payment = held(1000);
    assert_int_equal(payment_capture(&payment, 10, false), PAYMENT_FINE);
    assert_int_equal(payment_expire(&payment), PAYMENT_FINE);
    assert_int_equal(payment.state, PAYMENT_SUCCEEDED);
    assert_int_equal(payment.captured, 10);
}

/* What an outsider can count: what was held, taken, let go, given back. */
struct model {
    int64_t asked, held, taken, back;
    bool is_manual, is_open, has_method, asks, runs, is_over;
    bool was_disputed, is_disputed, is_lost;
};

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13; /* xorshift64 (Marsaglia, 2003) */
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void model_approves(struct model *model)
{
    if (model->is_manual) {
        model->held = model->asked;
    } else {
        model->taken = model->asked;
        model->is_over = true;
    }
}

static bool model_confirms(struct model *model, enum payment_outcome outcome)
{
    if (!model->is_open || !model->has_method) return false;
    model->is_open = outcome == PAYMENT_DECLINED;
    if (outcome == PAYMENT_DECLINED) model->has_method = false;
    model->asks = outcome == PAYMENT_ASKS;
    model->runs = outcome == PAYMENT_LATER;
    if (outcome == PAYMENT_APPROVED) model_approves(model);
    return true;
}

static bool model_ends(struct model *model, bool *waits, bool is_approved)
{
    if (!*waits) return false;
    *waits = false;
    if (is_approved) {
        model_approves(model);
    } else {
        model->is_open = true;
        model->has_method = false;
    }
    return true;
}

static bool model_captures(struct model *model, int64_t amount, bool is_final)
{
    if (amount <= 0 || amount > model->held) return false;
    model->taken += amount;
    model->held = is_final ? 0 : model->held - amount;
    model->is_over = model->held == 0;
    return true;
}

static bool model_cancels(struct model *model)
{
    if (model->is_over || model->runs || model->taken > 0) return false;
    model->held = 0;
    model->is_over = true;
    model->is_open = model->asks = false;
    return true;
}

static bool model_refunds(struct model *model, int64_t amount)
{
    if (model->is_disputed || model->is_lost || amount <= 0) return false;
    if (amount > model->taken - model->back) return false;
    model->back += amount;
    return true;
}

static bool model_disputes(struct model *model)
{
    if (model->was_disputed || model->taken == model->back) return false;
    model->was_disputed = model->is_disputed = true;
    return true;
}

static bool step(struct payment *payment, struct model *model, uint64_t *seed, bool *ret_expected)
{
    const uint64_t chance = next(seed);
    const int64_t amount = (int64_t)(next(seed) % 1300) - 50;
    const bool yes = next(seed) % 2 == 0;
    const enum payment_outcome outcome = (enum payment_outcome)(next(seed) % 4);
    switch (chance % 9) {
    case 0:
        *ret_expected = model_confirms(model, outcome);
        return payment_confirm(payment, outcome) == PAYMENT_FINE;
    case 1:
        *ret_expected = model_ends(model, &model->asks, yes);
        return payment_authenticate(payment, yes) == PAYMENT_FINE;
    case 2:
        *ret_expected = model_ends(model, &model->runs, yes);
        return payment_settle(payment, yes) == PAYMENT_FINE;
    case 3:
        *ret_expected = model_captures(model, amount, yes);
        return payment_capture(payment, amount, yes) == PAYMENT_FINE;
    case 4:
        if (next(seed) % 8 != 0) return *ret_expected = true;
        *ret_expected = model_cancels(model);
        return payment_cancel(payment) == PAYMENT_FINE;
    case 5:
        *ret_expected = model_refunds(model, amount);
        return payment_refund(payment, amount) == PAYMENT_FINE;
    case 6:
        *ret_expected = amount > 0 && amount <= model->back;
        if (*ret_expected) model->back -= amount;
        return payment_refund_back(payment, amount) == PAYMENT_FINE;
    case 7:
        if (yes) {
            *ret_expected = model_disputes(model);
            return payment_dispute_open(payment) == PAYMENT_FINE;
        }
        *ret_expected = model->is_disputed;
        if (model->is_disputed) model->is_lost = amount % 2 == 0;
        model->is_disputed = false;
        return payment_dispute_end(payment, amount % 2 != 0) == PAYMENT_FINE;
    default:
        *ret_expected = model->is_open && amount > 0;
        if (*ret_expected) {
            model->asked = amount;
            model->has_method = yes;
        }
        return payment_change(payment, amount, yes) == PAYMENT_FINE;
    }
}

static void any_steps_keep_to_the_sums(void **state)
{
    (void)state;
    uint64_t seed = UINT64_C(0x5eed5eed);
    size_t captured = 0, refunded = 0, disputed = 0;
    for (int walk = 0; walk < WALKS; walk++) {
        struct model model = { .asked = 1 + (int64_t)(next(&seed) % 1000),
                               .is_manual = next(&seed) % 2 == 0,
                               .is_open = true,
                               .has_method = true };
        struct payment payment;
        payment_start(&payment, model.asked, model.is_manual, true);
        for (int i = 0; i < STEPS; i++) {
            const struct payment before = payment;
            bool is_expected;
            const bool is_done = step(&payment, &model, &seed, &is_expected);
            assert_int_equal(is_done, is_expected);
            if (!is_done) assert_memory_equal(&before, &payment, sizeof payment);
            assert_int_equal(payment.amount, model.asked);
            assert_int_equal(payment.authorised, model.held);
            assert_int_equal(payment.captured, model.taken);
            assert_int_equal(payment.refunded, model.back);
            assert_true(model.held + model.taken <= model.asked);
        }
        captured += payment.captured > 0;
        refunded += payment.refunded > 0;
        disputed += payment.dispute != DISPUTE_NONE;
    }
    assert_true(captured > WALKS / 10); /* the walks get somewhere */
    assert_true(refunded > WALKS / 20);
    assert_true(disputed > WALKS / 20);
}

static void amounts_have_the_digits_of_their_currency(void **state)
{
    (void)state;
    assert_int_equal(amount_digits(TEXT("eur")), 2);
    assert_int_equal(amount_digits(TEXT("jpy")), 0);
    assert_int_equal(amount_digits(TEXT("kwd")), 3);
    assert_int_equal(amount_digits(TEXT("EUR")), -1);
    assert_int_equal(amount_digits(TEXT("")), -1);
    assert_true(amount_is_right(TEXT("eur"), 1));
    assert_false(amount_is_right(TEXT("eur"), 0));
    assert_false(amount_is_right(TEXT("eur"), -1));
    assert_true(amount_is_right(TEXT("eur"), AMOUNT_MAX));
    assert_false(amount_is_right(TEXT("eur"), INT64_C(1) + AMOUNT_MAX));
    assert_true(amount_is_right(TEXT("kwd"), 1230));
    assert_false(amount_is_right(TEXT("kwd"), 1234));
    assert_true(amount_is_right(TEXT("isk"), 100));
    assert_false(amount_is_right(TEXT("isk"), 150));
}

static void fees_are_rounded_and_never_above_the_amount(void **state)
{
    (void)state;
    assert_int_equal(amount_fee(TEXT("eur"), 1999), 30 + 25);
    assert_int_equal(amount_fee(TEXT("eur"), 1), 1);
    assert_int_equal(amount_fee(TEXT("jpy"), 10000), 150);
    assert_int_equal(amount_dispute_fee(TEXT("kwd")), 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_authorised_is_never_captured),
        cmocka_unit_test(a_final_capture_lets_go_of_the_rest),
        cmocka_unit_test(more_than_captured_is_never_refunded),
        cmocka_unit_test(nothing_is_refunded_of_what_is_disputed),
        cmocka_unit_test(a_declined_payment_wants_another_method),
        cmocka_unit_test(what_is_held_too_long_is_let_go),
        cmocka_unit_test(any_steps_keep_to_the_sums),
        cmocka_unit_test(amounts_have_the_digits_of_their_currency),
        cmocka_unit_test(fees_are_rounded_and_never_above_the_amount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
