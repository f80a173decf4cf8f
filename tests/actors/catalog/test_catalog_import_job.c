/* Claims about where an import may go, and what is said of its lines. */
#include "tests/support/cmocka.h"

#include "actors/catalog/catalog_import_job.h"

#define QUEUED CATALOG_IMPORT_STATUS_QUEUED
#define RUNNING CATALOG_IMPORT_STATUS_RUNNING
#define DONE CATALOG_IMPORT_STATUS_DONE
#define FAILED CATALOG_IMPORT_STATUS_FAILED
#define CANCELLED CATALOG_IMPORT_STATUS_CANCELLED

static void each_move_from_each_state_is_as_the_table_says(void **state)
{
    (void)state;
    enum { NO = -1 };
    static const int to[CATALOG_IMPORT_STATUS_COUNT][CATALOG_IMPORT_MOVES] = {
        /*                start    finish fail    cancel */
        [QUEUED] = { RUNNING, NO, FAILED, CANCELLED },
        [RUNNING] = { NO, DONE, FAILED, CANCELLED },
        [DONE] = { NO, NO, NO, NO },
        [FAILED] = { NO, NO, NO, NO },
        [CANCELLED] = { NO, NO, NO, NO },
    };
    for (int from = 0; from < CATALOG_IMPORT_STATUS_COUNT; from++) {
        for (enum catalog_import_move move = 0; move < CATALOG_IMPORT_MOVES; move++) {
            struct catalog_import_job job = { .status = (enum catalog_import_status)from };
            const enum status status = catalog_import_job_move(&job, move, 7);
            const bool is_possible = to[from][move] != NO;
            assert_int_equal(status, is_possible ? STATUS_OK : STATUS_ILLEGAL_TRANSITION);
            assert_int_equal(job.status, is_possible ? to[from][move] : from);
            const bool ends = is_possible && to[from][move] >= DONE;
            assert_int_equal(job.ended_at_us, ends ? 7 : 0);
            assert_int_equal(job.started_at_us, is_possible && to[from][move] == RUNNING ? 7 : 0);
        }
    }
}

static void a_failed_import_says_why(void **state)
{
    (void)state;
    struct catalog_import_job job = { .status = RUNNING };
    catalog_import_job_fail(&job, STATUS_VENDOR_UNAVAILABLE, (struct text){ 0 }, 9);
    assert_int_equal(job.status, FAILED);
    assert_true(text_equals_string(job.failure, "vendor_unavailable"));
    assert_true(job.failure_detail.length > 0);
    assert_int_equal(job.ended_at_us, 9);
}

static void assert_column(const char *pointer, const char *column)
{
    assert_true(text_equals_string(catalog_import_column(text_of(pointer)), column));
}

static void a_refusal_names_the_column_that_it_points_at(void **state)
{
    (void)state;
    assert_column("/name", "name");
    assert_column("/variants/2/sku", "sku");
    assert_column("/images/3", "images");
    assert_column("/variants/12", "");
    assert_column("/variants", "");
    assert_column("", "");
    assert_column("/7", "");
    assert_column("price", "price");
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    const struct text text = TEXT("a\xc3\xa4\xe2\x82\xac!");
    assert_int_equal(catalog_import_cut(text, 0).length, 0);
    assert_int_equal(catalog_import_cut(text, 2).length, 3);
    assert_int_equal(catalog_import_cut(text, 3).length, 6);
    assert_int_equal(catalog_import_cut(text, 9).length, text.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_move_from_each_state_is_as_the_table_says),
        cmocka_unit_test(a_failed_import_says_why),
        cmocka_unit_test(a_refusal_names_the_column_that_it_points_at),
        cmocka_unit_test(a_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
