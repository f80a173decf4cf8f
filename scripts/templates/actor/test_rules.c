/* Claims about the rules of @name@: no database, no host. */
#include "tests/support/cmocka.h"

#include "actors/@name@/@name@.h"

static void an_addition_raises_the_total(void **state)
{
    (void)state;
    struct @name@ @name@ = { .total = 5 };
    assert_int_equal(@name@_add(&@name@, 7), STATUS_OK);
    assert_int_equal(@name@.total, 12);
}

static void a_tally_may_be_filled_to_its_limit(void **state)
{
    (void)state;
    struct @name@ @name@ = { .total = @NAME@_TOTAL_MAX - 1 };
    assert_int_equal(@name@_add(&@name@, 1), STATUS_OK);
    assert_int_equal(@name@.total, @NAME@_TOTAL_MAX);
}

static void an_addition_beyond_the_limit_changes_nothing(void **state)
{
    (void)state;
    struct @name@ @name@ = { .total = @NAME@_TOTAL_MAX };
    assert_int_equal(@name@_add(&@name@, 1), STATUS_@NAME@_IS_FULL);
    assert_int_equal(@name@.total, @NAME@_TOTAL_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_addition_raises_the_total),
        cmocka_unit_test(a_tally_may_be_filled_to_its_limit),
        cmocka_unit_test(an_addition_beyond_the_limit_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
