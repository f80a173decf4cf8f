/* How long a process was away, by its own clock. */
#include "runtime/absence.h"
#include "tests/support/cmocka.h"

enum { PERIOD_US = 250000, SECOND_US = 1000000 };

static void looks_in_time_find_no_absence(void **state)
{
    (void)state;
    struct absence absence;
    absence_init(&absence, 7);
    assert_int_equal(absence_measure(&absence, 7 + PERIOD_US, PERIOD_US), 0);
    assert_int_equal(absence_measure(&absence, 8 + PERIOD_US, PERIOD_US), 0); /* and early ones */
}

static void a_busy_turn_is_no_absence(void **state)
{
    (void)state;
    struct absence absence;
    absence_init(&absence, 0);
    assert_int_equal(absence_measure(&absence, PERIOD_US + ABSENCE_MIN_US - 1, PERIOD_US), 0);
}

static void a_late_look_tells_by_how_much_and_only_once(void **state)
{
    (void)state;
    struct absence absence;
    absence_init(&absence, 0);
    assert_int_equal(absence_measure(&absence, 5 * SECOND_US + PERIOD_US, PERIOD_US),
                     5 * SECOND_US);
    assert_int_equal(absence_measure(&absence, 5 * SECOND_US + 2 * PERIOD_US, PERIOD_US), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_in_time_find_no_absence),
        cmocka_unit_test(a_busy_turn_is_no_absence),
        cmocka_unit_test(a_late_look_tells_by_how_much_and_only_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
