/* Asks of one step, all at once: which of their failures counts. */
#include "actors/host/saga.h"
#include "tests/support/cmocka.h"

enum { ASKS = 3 };

static enum status heard[ASKS];

/* As if each had been answered at once. */
static enum status begin(struct saga *saga, const void *data, unsigned index,
                         struct saga_ask **ret_ask)
{
    (void)saga;
    assert_null(*ret_ask);
    return ((const enum status *)data)[index];
}

static void hear(struct saga *saga, void *listener, unsigned index, enum status status)
{
    (void)saga;
    ((enum status *)listener)[index] = status;
}

static enum status ask(const enum status answers[ASKS], enum status as_good, unsigned *ret_index)
{
    const struct saga_asks asks = { .count = ASKS,
                                    .begin = begin,
                                    .data = answers,
                                    .as_good = as_good,
                                    .hear = hear,
                                    .listener = heard };
    return saga_ask_all(NULL, &asks, ret_index);
}

static void the_first_failure_counts_and_all_are_heard(void **state)
{
    (void)state;
    unsigned index = 9;
    const enum status fine[ASKS] = { STATUS_OK, STATUS_OK, STATUS_OK };
    assert_int_equal(ask(fine, STATUS_OK, &index), STATUS_OK);
    assert_int_equal(index, 9);
    const enum status two[ASKS] = { STATUS_OK, STATUS_NOT_FOUND, STATUS_INSUFFICIENT_STOCK };
    assert_int_equal(ask(two, STATUS_OK, &index), STATUS_NOT_FOUND);
    assert_int_equal(index, 1);
    assert_int_equal(heard[2], STATUS_INSUFFICIENT_STOCK);
}

static void a_refusal_weighs_more_than_an_outage(void **state)
{
    (void)state;
    unsigned index;
    const enum status late[ASKS] = { STATUS_UNAVAILABLE, STATUS_CONFLICT,
                                     STATUS_INSUFFICIENT_STOCK };
    assert_int_equal(ask(late, STATUS_OK, &index), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(index, 2);
    const enum status early[ASKS] = { STATUS_NOT_FOUND, STATUS_UNAVAILABLE, STATUS_OK };
    assert_int_equal(ask(early, STATUS_OK, NULL), STATUS_NOT_FOUND);
}

/* Else goods of a variant that is there would not go back, because another one is gone. */
static void an_answer_that_is_as_good_hides_no_outage_of_another(void **state)
{
    (void)state;
    unsigned index;
    const enum status gone[ASKS] = { STATUS_NOT_FOUND, STATUS_UNAVAILABLE, STATUS_OK };
    assert_int_equal(ask(gone, STATUS_NOT_FOUND, &index), STATUS_UNAVAILABLE);
    assert_int_equal(index, 1);
    const enum status all_gone[ASKS] = { STATUS_NOT_FOUND, STATUS_NOT_FOUND, STATUS_OK };
    assert_int_equal(ask(all_gone, STATUS_NOT_FOUND, NULL), STATUS_OK);
}

static void a_refusal_that_is_not_known_is_one_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(saga_read_refusal(TEXT("insufficient_stock")), STATUS_INSUFFICIENT_STOCK);
    assert_int_equal(saga_read_refusal(TEXT("of_a_later_version")), STATUS_INTERNAL);
    assert_int_equal(saga_read_refusal(TEXT("ok")), STATUS_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failure_counts_and_all_are_heard),
        cmocka_unit_test(a_refusal_weighs_more_than_an_outage),
        cmocka_unit_test(an_answer_that_is_as_good_hides_no_outage_of_another),
        cmocka_unit_test(a_refusal_that_is_not_known_is_one_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
