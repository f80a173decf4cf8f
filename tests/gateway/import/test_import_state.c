/* How far an import has come, in files of a directory of the test's own. */
#include "gateway/import/import_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/cmocka.h"

struct place {
    char directory[40], path[IMPORT_STATE_PATH_MAX];
    struct import_source source;
};

static const struct import_state saved = { 1234, 17, { 9, 10, 4, 3, 1, 1 } };

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    (void)snprintf(place->directory, sizeof place->directory, "/tmp/souk-test-import-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    place->source = (struct import_source){
        .path = place->directory, .size = 10, .currency = "EUR", .reading = ""
    };
    assert_int_equal(import_state_path(place->directory, &place->source, place->path), STATUS_OK);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    char folder[64];
    import_state_remove(place->path);
    (void)snprintf(folder, sizeof folder, "%s/import", place->directory);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(rmdir(place->directory), 0);
    free(place);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void what_was_saved_is_loaded(void **state)
{
    const struct place *place = *state;
    struct import_state loaded = { 0 };
    assert_int_equal(import_state_save(place->path, &saved), STATUS_OK);
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_OK);
    assert_memory_equal(&loaded, &saved, sizeof saved);
}

static void a_first_run_has_no_state(void **state)
{
    const struct place *place = *state;
    struct import_state loaded = saved;
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
    assert_memory_equal(&loaded, &saved, sizeof saved);
}

static void a_removed_state_is_gone(void **state)
{
    const struct place *place = *state;
    struct import_state loaded;
    assert_int_equal(import_state_save(place->path, &saved), STATUS_OK);
    import_state_remove(place->path);
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
}

static void a_file_that_changes_is_another_import(void **state)
{
    struct place *place = *state;
    char other[IMPORT_STATE_PATH_MAX];
    place->source.size = 11;
    assert_int_equal(import_state_path(place->directory, &place->source, other), STATUS_OK);
    assert_string_not_equal(place->path, other);
}

static void another_vendor_currency_or_column_is_another_import(void **state)
{
    struct place *place = *state;
    char vendor[IMPORT_STATE_PATH_MAX], currency[IMPORT_STATE_PATH_MAX];
    place->source.vendor = "Acme";
    assert_int_equal(import_state_path(place->directory, &place->source, vendor), STATUS_OK);
    place->source.vendor = NULL;
    place->source.currency = "USD";
    assert_int_equal(import_state_path(place->directory, &place->source, currency), STATUS_OK);
    assert_string_not_equal(place->path, vendor);
    assert_string_not_equal(place->path, currency);
    assert_string_not_equal(vendor, currency);
    char reading[IMPORT_STATE_PATH_MAX];
    place->source.currency = "EUR";
    place->source.reading = "Netto=price\n";
    assert_int_equal(import_state_path(place->directory, &place->source, reading), STATUS_OK);
    assert_string_not_equal(place->path, reading);
}

static void another_file_is_another_import_and_need_not_be_reached(void **state)
{
    struct place *place = *state;
    char other[IMPORT_STATE_PATH_MAX];
    place->source.path = "/nowhere/products.csv";
    assert_int_equal(import_state_path(place->directory, &place->source, other), STATUS_OK);
    assert_string_not_equal(place->path, other);
}

static void a_directory_that_cannot_be_made_is_told(void **state)
{
    const struct place *place = *state;
    char path[IMPORT_STATE_PATH_MAX];
    assert_int_equal(import_state_path("/nowhere", &place->source, path), STATUS_UNAVAILABLE);
    assert_int_equal(import_state_save("/nowhere/import/x", &saved), STATUS_UNAVAILABLE);
}

static void a_name_too_long_is_told(void **state)
{
    const struct place *place = *state;
    char path[IMPORT_STATE_PATH_MAX], directory[IMPORT_STATE_PATH_MAX + 1];
    memset(directory, 'd', IMPORT_STATE_PATH_MAX);
    directory[IMPORT_STATE_PATH_MAX] = '\0';
    assert_int_equal(import_state_path(directory, &place->source, path), STATUS_OUT_OF_RANGE);
}

static void rubbish_is_no_state(void **state)
{
    const struct place *place = *state;
    struct import_state loaded;
    write_file(place->path, "rubbish 1 2 3");
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
}

static void a_state_of_another_format_is_none(void **state)
{
    const struct place *place = *state;
    struct import_state loaded;
    write_file(place->path, "souk-import-2 1 2 3 4 5 6 7 8");
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
}

static void a_state_that_was_cut_short_is_none(void **state)
{
    const struct place *place = *state;
    struct import_state loaded;
    write_file(place->path, "souk-import-1 1 2 3 4 5 6 7");
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
}

static void lines_are_counted_from_one(void **state)
{
    const struct place *place = *state;
    struct import_state loaded;
    write_file(place->path, "souk-import-1 1 0 3 4 5 6 7 8");
    assert_int_equal(import_state_load(place->path, &loaded), STATUS_NOT_FOUND);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(what_was_saved_is_loaded),
        CLAIM(a_first_run_has_no_state),
        CLAIM(a_removed_state_is_gone),
        CLAIM(a_file_that_changes_is_another_import),
        CLAIM(another_vendor_currency_or_column_is_another_import),
        CLAIM(another_file_is_another_import_and_need_not_be_reached),
        CLAIM(a_directory_that_cannot_be_made_is_told),
        CLAIM(a_name_too_long_is_told),
        CLAIM(rubbish_is_no_state),
        CLAIM(a_state_of_another_format_is_none),
        CLAIM(a_state_that_was_cut_short_is_none),
        CLAIM(lines_are_counted_from_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
