/* Claims about how a provider's report is judged. */
#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/payment/payment_reconcile.h"

#define EUR .currency = TEXT("EUR")

/* What was told of the payment pi_1 with the charge ch_1: 1999 taken, refund re_1 of 500 and re_2,
 * which failed, an open dispute dp_1 of 300 and a won one dp_2 of 200. */
static const struct payment_provider_fact told[] = {
    { .fact = PAYMENT_FACT_AUTHORISED, .amount = 1999, EUR },
    { .fact = PAYMENT_FACT_CAPTURED, .amount = 1999, EUR },
    { .fact = PAYMENT_FACT_REFUND_SUCCEEDED, .ref = TEXT("re_1"), .amount = 500, EUR },
    { .fact = PAYMENT_FACT_REFUND_SUCCEEDED, .ref = TEXT("re_2"), .amount = 100, EUR },
    { .fact = PAYMENT_FACT_REFUND_FAILED, .ref = TEXT("re_2"), .amount = 100, EUR },
    { .fact = PAYMENT_FACT_REFUND_PENDING, .ref = TEXT("re_3"), .amount = 50, EUR },
    { .fact = PAYMENT_FACT_DISPUTE_OPEN, .ref = TEXT("dp_1"), .amount = 300, EUR },
    { .fact = PAYMENT_FACT_DISPUTE_WON, .ref = TEXT("dp_2"), .amount = 200, EUR },
    { .fact = PAYMENT_FACT_MISMATCH, .ref = TEXT("re_9"), .amount = 9999, EUR },
};

static struct reconcile_known known(void)
{
    return (struct reconcile_known){
        .is_found = true,
        .payment_id = { { 1 } },
        .reference = TEXT("pi_1"),
        .charge = TEXT("ch_1"),
        .currency = "EUR",
        .facts = told,
        .facts_count = ARRAY_LENGTH(told),
        .booked_captured = 1999,
        .booked_refunded = 500,
        .booked_disputed = 300,
    };
}

/* The one that the next claim is about. */
static struct provider_movement *moved(enum payment_movement_kind kind, const char *source,
                                       int64_t amount)
{
    static struct provider_movement movement;
    movement = (struct provider_movement){ .kind = kind,
                                           .source = text_of(source),
                                           .amount = amount,
                                           .currency = "EUR",
                                           .says = { .reference = TEXT("pi_1") } };
    return &movement;
}

static void assert_fits(const struct provider_movement *movement, struct reconcile_known of)
{
    const struct reconcile_verdict verdict = reconcile_judge(movement, &of);
    if (verdict.is_difference)
        fail_msg("%.*s: %s", (int)movement->source.length, movement->source.data,
                 payment_difference_kind_names[verdict.kind]);
}

static struct reconcile_verdict assert_is(enum payment_difference_kind kind,
                                          const struct provider_movement *movement,
                                          struct reconcile_known of)
{
    const struct reconcile_verdict verdict = reconcile_judge(movement, &of);
    assert_true(verdict.is_difference);
    assert_string_equal(payment_difference_kind_names[verdict.kind],
                        payment_difference_kind_names[kind]);
    return verdict;
}

static void what_was_told_and_booked_fits(void **state)
{
    (void)state;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 1999), known());
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_1", 500), known());
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "dp_1", 300), known());
}

static void a_refund_that_failed_has_moved_twice(void **state)
{
    (void)state;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_2", 100), known());
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_REFUND_RETURNED, "re_2", 100), known());
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_REFUND_RETURNED, "re_1", 500), known());
}

static void a_dispute_that_was_won_has_moved_twice(void **state)
{
    (void)state;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "dp_2", 200), known());
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED, "dp_2", 200), known());
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_DISPUTE_RETURNED, "dp_1", 300), known());
}

static void a_refund_on_its_way_is_known_and_not_yet_booked(void **state)
{
    (void)state;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_3", 50), known());
}

static void fees_and_payouts_are_nobodys(void **state)
{
    (void)state;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_OTHER, "po_1", 12345),
                (struct reconcile_known){ .is_found = false });
}

static void money_of_no_payment_is_unknown(void **state)
{
    (void)state;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT,
                    moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_9", 1999),
                    (struct reconcile_known){ .is_found = false });
}

/* Our own id stands beside it, but the payment has another charge: somebody was charged twice. */
static void a_second_charge_of_a_payment_is_unknown(void **state)
{
    (void)state;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT,
                    moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_2", 1999), known());
    struct provider_movement *other = moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_1", 500);
    other->says.reference = TEXT("pi_2");
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT, other, known());
}

static void a_charge_of_a_payment_that_heard_no_answer_is_its_own_and_was_not_told(void **state)
{
    (void)state;
    const struct reconcile_known silent = { .is_found = true,
                                            .payment_id = { { 1 } },
                                            .currency = "EUR" };
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 1999), silent);
}

static void a_refund_and_a_dispute_that_nobody_told_of_are_named(void **state)
{
    (void)state;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_8", 1), known());
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "dp_8", 1), known());
    /* A refund of that name is no dispute. */
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_TOLD,
                    moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "re_1", 500), known());
}

static void one_cent_is_a_difference_and_our_amount_is_named(void **state)
{
    (void)state;
    const struct reconcile_verdict verdict =
        assert_is(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS,
                  moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 2000), known());
    assert_true(verdict.has_known);
    assert_int_equal(verdict.known, 1999);
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS,
                    moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_1", 499), known());
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS,
                    moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "dp_1", 301), known());
}

static void the_same_number_of_another_currency_is_another_amount(void **state)
{
    (void)state;
    struct provider_movement *dollars = moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 1999);
    (void)memcpy(dollars->currency, "USD", sizeof dollars->currency);
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS, dollars, known());
}

static void what_was_told_and_did_not_fit_the_payment_is_another_amount(void **state)
{
    (void)state;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_AMOUNT_DIFFERS,
                    moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_9", 9999), known());
}

static void what_the_ledger_lacks_is_named_by_what_it_has(void **state)
{
    (void)state;
    struct reconcile_known lacking = known();
    lacking.booked_refunded = 0;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 1999), lacking);
    const struct reconcile_verdict verdict =
        assert_is(PAYMENT_DIFFERENCE_KIND_NOT_BOOKED,
                  moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_1", 500), lacking);
    assert_true(verdict.has_known);
    assert_int_equal(verdict.known, 0);
    lacking = known();
    lacking.booked_captured = 0;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_BOOKED,
                    moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_1", 1999), lacking);
    lacking = known();
    lacking.booked_disputed = 500;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_NOT_BOOKED,
                    moved(PAYMENT_MOVEMENT_KIND_DISPUTE, "dp_1", 300), lacking);
}

static void a_second_charge_is_nobodys_until_all_of_it_has_gone_back(void **state)
{
    (void)state;
    static const struct payment_provider_fact facts[] = {
        { .fact = PAYMENT_FACT_CAPTURED, .amount = 1999, EUR },
        { .fact = PAYMENT_FACT_REFUND_SUCCEEDED, .ref = TEXT("re_5"), .amount = 1999, EUR },
    };
    struct reconcile_known second = known();
    second.is_stray = true;
    second.charge = (struct text){ 0 };
    second.facts = facts;
    second.facts_count = 1;
    (void)assert_is(PAYMENT_DIFFERENCE_KIND_UNKNOWN_PAYMENT,
                    moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_2", 1999), second);
    second.facts_count = 2;
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_CHARGE, "ch_2", 1999), second);
    assert_fits(moved(PAYMENT_MOVEMENT_KIND_REFUND, "re_5", 1999), second);
}

static void days_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const char *const none[] = { "",           "2026-1-01",  "2026-13-01", "2026-02-30",
                                        "2026-12-0x", "20261201xx", "1969-12-31", "2026-12-01Z" };
    char text[RECONCILE_DAY_TEXT + 1];
    int64_t day = -1;
    assert_int_equal(reconcile_day_parse(TEXT("1970-01-01"), &day), STATUS_OK);
    assert_int_equal(day, 0);
    assert_int_equal(reconcile_day_parse(TEXT("2026-12-01"), &day), STATUS_OK);
    assert_int_equal(day, 20788);
    reconcile_day_format(day, text);
    assert_string_equal(text, "2026-12-01");
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++)
        assert_int_equal(reconcile_day_parse(text_of(none[i]), &day), STATUS_INVALID_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_told_and_booked_fits),
        cmocka_unit_test(a_refund_that_failed_has_moved_twice),
        cmocka_unit_test(a_dispute_that_was_won_has_moved_twice),
        cmocka_unit_test(a_refund_on_its_way_is_known_and_not_yet_booked),
        cmocka_unit_test(fees_and_payouts_are_nobodys),
        cmocka_unit_test(money_of_no_payment_is_unknown),
        cmocka_unit_test(a_second_charge_of_a_payment_is_unknown),
        cmocka_unit_test(a_charge_of_a_payment_that_heard_no_answer_is_its_own_and_was_not_told),
        cmocka_unit_test(a_refund_and_a_dispute_that_nobody_told_of_are_named),
        cmocka_unit_test(one_cent_is_a_difference_and_our_amount_is_named),
        cmocka_unit_test(the_same_number_of_another_currency_is_another_amount),
        cmocka_unit_test(what_was_told_and_did_not_fit_the_payment_is_another_amount),
        cmocka_unit_test(what_the_ledger_lacks_is_named_by_what_it_has),
        cmocka_unit_test(a_second_charge_is_nobodys_until_all_of_it_has_gone_back),
        cmocka_unit_test(days_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
