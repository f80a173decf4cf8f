/* Hands files in and looks what becomes of them. */
#include "tests/support/cmocka.h"

#include "tests/actors/catalog/import_shelf.h"

#define SHELF shelf_of_all

enum status import_start_as(const struct principal *who, struct text file, bool is_dry_run,
                            struct catalog_vendor_import *ret_import)
{
    const struct catalog_start_import command = { .file = file,
                                                  .has_is_dry_run = true,
                                                  .is_dry_run = is_dry_run };
    direct_advance(SHELF.market, 1000000);
    return direct_call(SHELF.market, who, &catalog_start_import_message, &command, ret_import);
}

struct uuid import_start(struct text file)
{
    struct catalog_vendor_import import;
    assert_int_equal(import_start_as(&SHELF.vendor, file, false, &import), STATUS_OK);
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_QUEUED);
    return import.id;
}

struct catalog_vendor_import import_look(struct uuid job)
{
    const struct catalog_get_import query = { .job_id = job };
    struct catalog_vendor_import import;
    assert_int_equal(
        direct_call(SHELF.market, &SHELF.vendor, &catalog_get_import_message, &query, &import),
        STATUS_OK);
    return import;
}

struct catalog_vendor_import import_finish(struct uuid job)
{
    for (int i = 0; i < 100 && import_look(job).status <= CATALOG_IMPORT_STATUS_RUNNING; i++)
        assert_int_equal(direct_sweep(SHELF.market, "imports"), STATUS_OK);
    return import_look(job);
}

struct catalog_vendor_import import_run(struct text file)
{
    return import_finish(import_start(file));
}

struct catalog_vendor_import import_try(struct text file)
{
    struct catalog_vendor_import import;
    assert_int_equal(import_start_as(&SHELF.vendor, file, true, &import), STATUS_OK);
    return import_finish(import.id);
}

struct catalog_import_problems import_problems_of(struct uuid job)
{
    const struct catalog_list_import_problems query = { .job_id = job };
    struct catalog_import_problems problems;
    assert_int_equal(direct_call(SHELF.market, &SHELF.vendor, &catalog_list_import_problems_message,
                                 &query, &problems),
                     STATUS_OK);
    return problems;
}

void import_assert_problem(struct uuid job, size_t index, int64_t line, const char *column,
                           const char *code)
{
    const struct catalog_import_problems problems = import_problems_of(job);
    assert_true(index < problems.data_count);
    assert_int_equal(problems.data[index].line, line);
    assert_true(text_equals_string(problems.data[index].column, column));
    assert_true(text_equals_string(problems.data[index].code, code));
    assert_true(problems.data[index].detail.length > 0);
}

void import_assert_counts(struct catalog_vendor_import import, int created, int changed,
                          int unchanged, int refused)
{
    assert_int_equal(import.status, CATALOG_IMPORT_STATUS_DONE);
    assert_int_equal(import.created, created);
    assert_int_equal(import.changed, changed);
    assert_int_equal(import.unchanged, unchanged);
    assert_int_equal(import.refused, refused);
}

void import_assert_staged(struct catalog_vendor_import import)
{
    import_assert_counts(import, 0, 0, 0, 0);
    assert_int_equal(import.staged, 1);
}
