/* What PostgreSQL's answers mean. */
#include <stdio.h>
#include <string.h>

#include "storage/result.h"
#include "tests/support/cmocka.h"

static const struct statement plain = { .name = "plain" };
static const struct statement judged = { .name = "judged",
                                         .on_duplicate = STATUS_EMAIL_TAKEN,
                                         .on_check = STATUS_OUT_OF_RANGE,
                                         .on_reference = STATUS_CONFLICT };

#define MEANS(claim, sqlstate, statement, status)                                                  \
    static void claim(void **state)                                                                \
    {                                                                                              \
        (void)state;                                                                               \
        assert_int_equal(result_status(sqlstate, &(statement)), status);                           \
    }

MEANS(fence_raises_sk001, "SK001", plain, STATUS_FENCED)
MEANS(check_of_a_version_raises_sk002, "SK002", plain, STATUS_CONFLICT)
MEANS(duplicate_means_what_the_statement_says, "23505", judged, STATUS_EMAIL_TAKEN)
MEANS(duplicate_that_nobody_expects_is_a_bug, "23505", plain, STATUS_INTERNAL)
MEANS(check_means_what_the_statement_says, "23514", judged, STATUS_OUT_OF_RANGE)
MEANS(exclusion_means_what_a_check_means, "23P01", judged, STATUS_OUT_OF_RANGE)
MEANS(reference_that_leads_nowhere_means_what_the_statement_says, "23503", judged, STATUS_CONFLICT)
MEANS(reference_that_nobody_expects_is_a_bug, "23503", plain, STATUS_INTERNAL)
MEANS(check_that_nobody_expects_is_a_bug, "23514", plain, STATUS_INTERNAL)
MEANS(lost_connection_is_an_outage, "08006", plain, STATUS_UNAVAILABLE)
MEANS(shutdown_is_an_outage, "57P01", plain, STATUS_UNAVAILABLE)
MEANS(start_is_an_outage, "57P03", plain, STATUS_UNAVAILABLE)
MEANS(too_many_connections_are_an_outage, "53300", plain, STATUS_UNAVAILABLE)
MEANS(unknown_table_is_a_bug, "42P01", judged, STATUS_INTERNAL)

/* What passes by itself is no fault of the statement, however the statement judges violations. */
static void outages_of_the_moment_are_no_faults_of_the_statement(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        enum status status;
        enum store_fault fault;
    } outages[] = {
        { "40001", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* serialization failure */
        { "40P01", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* deadlock */
        { "55P03", STATUS_UNAVAILABLE, STORE_FAULT_LOCK },   /* lock timeout */
        { "53100", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* disk full */
        { "53200", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* out of memory */
        { "53300", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* too many connections */
        { "58030", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* I/O error */
        { "25006", STATUS_UNAVAILABLE, STORE_FAULT_SERVER }, /* read-only */
        { "57014", STATUS_DEADLINE_EXCEEDED, STORE_FAULT_SERVER },
        { "57P01", STATUS_UNAVAILABLE, STORE_FAULT_LOST }, /* shut down by the administrator */
        { "57P03", STATUS_UNAVAILABLE, STORE_FAULT_LOST },
        { "25P03", STATUS_UNAVAILABLE, STORE_FAULT_LOST },
        { "08006", STATUS_UNAVAILABLE, STORE_FAULT_LOST },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(outages); i++) {
        assert_int_equal(result_status(outages[i].sqlstate, &judged), outages[i].status);
        assert_int_equal(result_fault(outages[i].sqlstate), outages[i].fault);
        assert_true(status_is_outage(outages[i].status));
    }
}

static void violations_and_bugs_are_faults_of_the_statement(void **state)
{
    (void)state;
    const char *const own[] = { "SK001", "SK002", "23505", "23514",
                                "23503", "42P01", "22012", "XX001" };
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++) {
        assert_int_equal(result_fault(own[i]), STORE_FAULT_OWN);
        assert_false(status_is_outage(result_status(own[i], &judged)) &&
                     strcmp(own[i], "SK001") != 0);
    }
}

static void rows_are_copied_with_their_types(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct store_result result;
    PGresult *from = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns[] = { { .name = (char *)"a", .typid = 25, .format = 1 },
                               { .name = (char *)"b", .typid = 17, .format = 1 } };
    assert_int_equal(PQsetResultAttrs(from, 2, columns), 1);
    assert_int_equal(PQsetvalue(from, 0, 0, (char *)"one", 3), 1);
    assert_int_equal(PQsetvalue(from, 0, 1, NULL, -1), 1);
    assert_int_equal(PQsetvalue(from, 1, 0, (char *)"", 0), 1);
    assert_int_equal(PQsetvalue(from, 1, 1, (char *)"\0\1", 2), 1);
    result_read(from, &plain, arena, &result);
    PQclear(from); /* nothing of it is needed any more */
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(result.rows_count, 2);
    assert_int_equal(result.rows_affected, 2);
    assert_int_equal(result.columns_count, 2);
    assert_int_equal(result.cells[0].type_oid, 25);
    assert_memory_equal(result.cells[0].data, "one", 3);
    assert_null(result.cells[1].data);
    assert_int_equal(result.cells[1].length, -1);
    assert_non_null(result.cells[2].data);
    assert_int_equal(result.cells[2].length, 0);
    assert_memory_equal(result.cells[3].data, "\0\1", 2);
}

static void result_without_an_arena_is_only_a_status(void **state)
{
    (void)state;
    struct store_result result;
    PGresult *from = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc column = { .name = (char *)"a", .typid = 25, .format = 1 };
    assert_int_equal(PQsetResultAttrs(from, 1, &column), 1);
    assert_int_equal(PQsetvalue(from, 0, 0, (char *)"one", 3), 1);
    result_read(from, &plain, NULL, &result);
    PQclear(from);
    assert_int_equal(result.status, STATUS_OK);
    assert_int_equal(result.rows_count, 1);
    assert_null(result.cells);
}

static void call_behind_a_failed_one_was_not_run(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct store_result result;
    PGresult *from = PQmakeEmptyPGresult(NULL, PGRES_PIPELINE_ABORTED);
    result_read(from, &plain, arena, &result);
    PQclear(from);
    assert_int_equal(result.status, STATUS_UNAVAILABLE);
    assert_string_equal(result.sqlstate, "");
}

static void failure_without_a_code_is_a_lost_connection(void **state)
{
    (void)state;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(1024);
    struct store_result result;
    PGresult *from = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
    result_read(from, &judged, arena, &result);
    PQclear(from);
    assert_int_equal(result.status, STATUS_UNAVAILABLE);
    assert_string_equal(result.detail, "");
    assert_string_equal(result.constraint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fence_raises_sk001),
        cmocka_unit_test(check_of_a_version_raises_sk002),
        cmocka_unit_test(duplicate_means_what_the_statement_says),
        cmocka_unit_test(duplicate_that_nobody_expects_is_a_bug),
        cmocka_unit_test(check_means_what_the_statement_says),
        cmocka_unit_test(exclusion_means_what_a_check_means),
        cmocka_unit_test(check_that_nobody_expects_is_a_bug),
        cmocka_unit_test(reference_that_leads_nowhere_means_what_the_statement_says),
        cmocka_unit_test(reference_that_nobody_expects_is_a_bug),
        cmocka_unit_test(outages_of_the_moment_are_no_faults_of_the_statement),
        cmocka_unit_test(violations_and_bugs_are_faults_of_the_statement),
        cmocka_unit_test(lost_connection_is_an_outage),
        cmocka_unit_test(shutdown_is_an_outage),
        cmocka_unit_test(start_is_an_outage),
        cmocka_unit_test(too_many_connections_are_an_outage),
        cmocka_unit_test(unknown_table_is_a_bug),
        cmocka_unit_test(rows_are_copied_with_their_types),
        cmocka_unit_test(result_without_an_arena_is_only_a_status),
        cmocka_unit_test(call_behind_a_failed_one_was_not_run),
        cmocka_unit_test(failure_without_a_code_is_a_lost_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
