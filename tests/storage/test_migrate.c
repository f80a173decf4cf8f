/* Migrations: once, forward only, and roles that reach nothing but their own database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/paths.h"
#include "storage/migrate.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch_database.h"

enum { PATH_BYTES = 128 };

static const char *const domains[] = { "sample", "order" };

static const char *give_password(void *context, const char *domain)
{
    (void)context;
    (void)domain;
    return scratch_password;
}

static enum status migrate(const struct scratch *scratch, const char *actors_dir,
                           size_t *ret_applied)
{
    const struct migrate_options options = { .admin_conninfo = scratch_admin_conninfo(scratch, ""),
                                             .common_dir = "storage/migrations",
                                             .actors_dir = actors_dir,
                                             .prefix = scratch_prefix(scratch),
                                             .domains = domains,
                                             .domains_count = 2,
                                             .password = give_password };
    return migrate_run(&options, ret_applied);
}

static int setup(void **state)
{
    *state = scratch_new(domains, 2, "tests/storage/actors");
    return 0;
}

static int teardown(void **state)
{
    struct scratch *scratch = *state;
    scratch_destroy(&scratch);
    return 0;
}

/* A directory of actors with one file for the domain sample. */
static void write_file(const char *directory, const char *name, const char *content)
{
    char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/sample", directory);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/sample/migrations", directory);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/sample/migrations/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(content, file);
    (void)fclose(file);
}

static void remove_files(const char *directory, const char *const *names, size_t count)
{
    char path[2 * PATH_BYTES];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/sample/migrations/%s", directory, names[i]);
        (void)remove(path);
    }
    (void)snprintf(path, sizeof path, "%s/sample/migrations", directory);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/sample", directory);
    (void)remove(path);
    (void)remove(directory);
}

static void second_run_has_nothing_to_do(void **state)
{
    size_t applied = 99;

    assert_int_equal(migrate(*state, "tests/storage/actors", &applied), STATUS_OK);

    assert_int_equal(applied, 0);
}

static void new_file_is_applied_and_changed_file_is_refused(void **state)
{
    char directory[PATH_BYTES] = "/tmp/souk-migrate-XXXXXX";
    size_t applied = 0;
    assert_non_null(mkdtemp(directory));
    write_file(directory, "0002_more.sql", "CREATE TABLE more (id uuid PRIMARY KEY);");

    assert_int_equal(migrate(*state, directory, &applied), STATUS_OK);
    assert_int_equal(applied, 1);
    write_file(directory, "0002_more.sql", "CREATE TABLE more (id bigint PRIMARY KEY);");
    assert_int_equal(migrate(*state, directory, &applied), STATUS_CORRUPT);

    remove_files(directory, (const char *const[]){ "0002_more.sql" }, 1);
}

static void failing_file_leaves_nothing_behind(void **state)
{
    char directory[PATH_BYTES] = "/tmp/souk-migrate-XXXXXX";
    size_t applied = 0;
    assert_non_null(mkdtemp(directory));
    write_file(directory, "0003_good.sql", "CREATE TABLE good (id uuid PRIMARY KEY);");
    write_file(directory, "0004_bad.sql", "CREATE TABLE bad (id nonsense PRIMARY KEY);");

    assert_int_equal(migrate(*state, directory, &applied), STATUS_INTERNAL);

    assert_string_equal(scratch_sql(*state, "sample", "SELECT to_regclass('sample.good')"), "");
    remove_files(directory, (const char *const[]){ "0003_good.sql", "0004_bad.sql" }, 2);
}

/* The SQLSTATE that an attempt of a role ends with; "" when it succeeds. */
static const char *attempt(const char *conninfo, const char *sql)
{
    static char sqlstate[6];
    PGconn *connection = PQconnectdb(conninfo);
    sqlstate[0] = '\0';
    if (PQstatus(connection) != CONNECTION_OK) {
        (void)snprintf(sqlstate, sizeof sqlstate, "down");
    } else {
        PGresult *result = PQexec(connection, sql);
        const char *got = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        (void)snprintf(sqlstate, sizeof sqlstate, "%s", got == NULL ? "" : got);
        PQclear(result);
    }
    PQfinish(connection);
    return sqlstate;
}

static void role_reaches_its_own_database_only(void **state)
{
    const struct scratch *scratch = *state;
    char foreign[1024];
    (void)snprintf(foreign, sizeof foreign, "%s user=%s_order", scratch_conninfo(scratch, "sample"),
                   scratch_prefix(scratch));

    assert_string_equal(attempt(scratch_conninfo(scratch, "order"), "SELECT 1"), "");
    assert_string_equal(attempt(foreign, "SELECT 1"), "down");
}

static void role_may_write_rows_but_not_change_the_schema(void **state)
{
    const char *conninfo = scratch_conninfo(*state, "sample");

    assert_string_equal(attempt(conninfo, "INSERT INTO account VALUES "
                                          "('00000000-0000-0000-0000-000000000001', 1, 1)"),
                        "");
    assert_string_equal(attempt(conninfo, "DROP TABLE account"), "42501");
    assert_string_equal(attempt(conninfo, "CREATE TABLE host.mine (id uuid)"), "42501");
    assert_string_equal(attempt(conninfo, "DELETE FROM host.migration"), "42501");
    assert_string_equal(attempt(conninfo, "SELECT require_one(2)"), "SK002");
}

static void wrong_password_is_refused(void **state)
{
    char conninfo[1024];
    (void)snprintf(conninfo, sizeof conninfo, "%s password=wrong",
                   scratch_conninfo(*state, "sample"));

    /* A cluster that was given may trust local users. */
    if (getenv("SOUK_TEST_CLUSTER") != NULL) skip();
    assert_string_equal(attempt(conninfo, "SELECT 1"), "down");
}

static void secret_is_made_once_and_must_be_private(void **state)
{
    char directory[] = "/tmp/souk-paths-XXXXXX", path[PATH_BYTES], first[PATHS_SECRET_MAX],
         second[PATHS_SECRET_MAX], run_dir[PATHS_MAX];
    (void)state;
    assert_non_null(mkdtemp(directory));

    assert_int_equal(paths_database_password(directory, "wallet", first), STATUS_NOT_FOUND);
    assert_int_equal(paths_make_secret_file(directory, "keys/database/wallet"), STATUS_OK);
    assert_int_equal(paths_database_password(directory, "wallet", first), STATUS_OK);
    assert_int_equal(paths_make_secret_file(directory, "keys/database/wallet"), STATUS_OK);
    assert_int_equal(paths_database_password(directory, "wallet", second), STATUS_OK);
    assert_int_equal(paths_run_dir(directory, run_dir), STATUS_OK);

    assert_int_equal(strlen(first), 2 * PATHS_SECRET_BYTES);
    assert_string_equal(first, second);
    (void)snprintf(path, sizeof path, "%s/keys/database/wallet", directory);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(paths_database_password(directory, "wallet", second), STATUS_FORBIDDEN);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/keys/database", directory);
    (void)remove(path);
    (void)snprintf(path, sizeof path, "%s/keys", directory);
    (void)remove(path);
    (void)remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_run_has_nothing_to_do),
        cmocka_unit_test(new_file_is_applied_and_changed_file_is_refused),
        cmocka_unit_test(failing_file_leaves_nothing_behind),
        cmocka_unit_test(role_reaches_its_own_database_only),
        cmocka_unit_test(role_may_write_rows_but_not_change_the_schema),
        cmocka_unit_test(wrong_password_is_refused),
        cmocka_unit_test(secret_is_made_once_and_must_be_private),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
