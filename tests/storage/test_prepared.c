/* Which statements a connection has prepared. */
#include "storage/prepared.h"
#include "tests/support/cmocka.h"

enum { MANY = 500 };

static struct statement statements[MANY];

static void statement_has_one_entry_and_keeps_its_number(void **state)
{
    (void)state;
    struct prepared_table *table = prepared_new();
    const unsigned number = prepared_entry(table, &statements[0])->number;
    assert_int_not_equal(prepared_entry(table, &statements[1])->number, number);
    assert_int_equal(prepared_entry(table, &statements[0])->number, number);
    assert_ptr_equal(prepared_entry(table, &statements[0])->statement, &statements[0]);
    prepared_destroy(&table);
    assert_null(table);
}

static void new_entry_is_not_ready(void **state)
{
    (void)state;
    struct prepared_table *table = prepared_new();
    assert_false(prepared_entry(table, &statements[0])->is_ready);
    prepared_entry(table, &statements[0])->is_ready = true;
    assert_true(prepared_entry(table, &statements[0])->is_ready);
    assert_false(prepared_entry(table, &statements[1])->is_ready);
    prepared_destroy(&table);
}

static void table_grows_and_forgets_nothing(void **state)
{
    (void)state;
    struct prepared_table *table = prepared_new();
    for (unsigned i = 0; i < MANY; i++) {
        struct prepared *entry = prepared_entry(table, &statements[i]);
        assert_int_equal(entry->number, i + 1);
        entry->is_ready = true;
    }
    for (unsigned i = 0; i < MANY; i++) {
        const struct prepared *entry = prepared_entry(table, &statements[i]);
        assert_int_equal(entry->number, i + 1);
        assert_true(entry->is_ready);
    }
    prepared_destroy(&table);
}

static void lost_connection_has_prepared_nothing(void **state)
{
    (void)state;
    struct prepared_table *table = prepared_new();
    prepared_entry(table, &statements[0])->is_ready = true;
    (void)prepared_entry(table, &statements[1]);
    prepared_forget_all(table);
    assert_false(prepared_entry(table, &statements[1])->is_ready);
    assert_int_equal(prepared_entry(table, &statements[1])->number, 1);
    prepared_destroy(&table);
}

static void nothing_is_destroyed_like_a_table(void **state)
{
    (void)state;
    struct prepared_table *table = NULL;
    prepared_destroy(&table);
    assert_null(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement_has_one_entry_and_keeps_its_number),
        cmocka_unit_test(new_entry_is_not_ready),
        cmocka_unit_test(table_grows_and_forgets_nothing),
        cmocka_unit_test(lost_connection_has_prepared_nothing),
        cmocka_unit_test(nothing_is_destroyed_like_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
