/* Claims about the SQL of @name@: what its tables refuse, whoever asks. */
#include "tests/support/cmocka.h"

#include <stddef.h>

#include "tests/support/scratch_database.h"

static struct scratch *scratch;

static int open_database(void **state)
{
    static const char *const domains[] = { "@name@" };
    (void)state;
    scratch = scratch_new(domains, 1, "actors");
    return 0;
}

static int close_database(void **state)
{
    (void)state;
    scratch_destroy(&scratch);
    return 0;
}

static void the_schema_starts_empty(void **state)
{
    (void)state;
    assert_string_equal(scratch_sql(scratch, "@name@", "SELECT count(*) FROM \"@name@\".tally"),
                        "0");
}

static void the_table_refuses_totals_beyond_the_limit(void **state)
{
    (void)state;
    const char *sql = "SELECT count(*) FROM pg_constraint WHERE contype = 'c'"
                      " AND conrelid = '\"@name@\".tally'::regclass";
    assert_string_equal(scratch_sql(scratch, "@name@", sql), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_starts_empty),
        cmocka_unit_test(the_table_refuses_totals_beyond_the_limit),
    };
    return cmocka_run_group_tests(tests, open_database, close_database);
}
