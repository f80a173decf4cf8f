/* Which numbers of JSON are whole. */
#include "messages/json_number.h"
#include "tests/support/cmocka.h"

/* JSON has one kind of number: 1.0 is the 1 of its schema (draft 2020-12, section 6.3). */
static void whole_numbers_are_whole_however_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        bool is_whole;
        int64_t number;
    } cases[] = { { "1.0", true, 1 },
                  { "-0.0", true, 0 },
                  { "1e2", true, 100 },
                  { "25E-1", false, 0 },
                  { "9007199254740991.0", true, INT64_C(9007199254740991) },
                  { "9007199254740992.0", false, 0 },
                  { "9007199254740993.0", false, 0 },
                  { "9223372036854775807", true, INT64_MAX },
                  { "1e18", false, 0 } };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json_t *json = json_loads(cases[i].written, JSON_DECODE_ANY, NULL);
        int64_t number = 7;
        assert_non_null(json);
        assert_int_equal(json_read_whole(json, &number), cases[i].is_whole);
        assert_int_equal(number, cases[i].is_whole ? cases[i].number : 7);
        json_decref(json);
    }
    int64_t number = 7;
    assert_false(json_read_whole(NULL, &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_whole_however_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
