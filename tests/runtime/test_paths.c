/* Where a market's files are, and the secrets beside them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "runtime/paths.h"
#include "tests/support/cmocka.h"

static char data_dir[64]; /* a directory of its own for each test */
static uid_t user;        /* who runs the tests */

static int open_stage(void **state)
{
    (void)state;
    (void)snprintf(data_dir, sizeof data_dir, "/tmp/souk-paths-XXXXXX");
    assert_non_null(mkdtemp(data_dir));
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/run/user/5", 1), 0);
    return 0;
}

/* The path of a file below the data directory, until the next call. */
static const char *below(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", data_dir, name);
    return path;
}

static int close_stage(void **state)
{
    (void)state;
    if (geteuid() != user) assert_int_equal(seteuid(user), 0);
    (void)unlink(below("keys/database/wallet"));
    (void)unlink(below("keys/database/superuser"));
    (void)unlink(below("link"));
    (void)unlink(below("run_dir"));
    (void)rmdir(below("keys/database"));
    (void)rmdir(below("keys"));
    return rmdir(data_dir);
}

/* Writes the password of a domain, with the given rights. */
static void write_password(const char *domain, const char *password, mode_t mode)
{
    char path[256];
    (void)mkdir(below("keys"), 0700);
    (void)mkdir(below("keys/database"), 0700);
    (void)snprintf(path, sizeof path, "%s/keys/database/%s", data_dir, domain);
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(file >= 0);
    assert_int_equal(write(file, password, strlen(password)), strlen(password));
    assert_int_equal(fchmod(file, mode), 0);
    (void)close(file);
}

/* ---- the directory of sockets ---- */

/* Root's run directory is elsewhere, so the others' is looked at as somebody else. */
static void be_no_root(void)
{
    enum { NOBODY = 65534 };
    if (geteuid() == 0) assert_int_equal(seteuid(NOBODY), 0);
}

static void run_directory_is_short_and_names_the_market(void **state)
{
    (void)state;
    char path[PATHS_MAX], expected[64];
    be_no_root();
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    (void)snprintf(expected, sizeof expected, "/run/user/5/souk-%u-", (unsigned)geteuid());
    assert_memory_equal(path, expected, strlen(expected));
    assert_int_equal(strlen(path), strlen(expected) + 8); /* 32 bits in hexadecimal digits */
}

static void run_directory_of_root_is_below_run(void **state)
{
    (void)state;
    char path[PATHS_MAX];
    if (geteuid() != 0) skip(); /* nobody else can become root */
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    assert_memory_equal(path, "/run/souk-", 10);
    assert_int_equal(strlen(path), 10 + 8);
}

static void two_markets_have_two_run_directories(void **state)
{
    (void)state;
    char path[PATHS_MAX], other[PATHS_MAX];
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    assert_int_equal(paths_run_dir("/tmp", other), STATUS_OK);
    assert_string_not_equal(path, other);
}

static void market_has_one_run_directory_however_it_is_named(void **state)
{
    (void)state;
    char path[PATHS_MAX], other[PATHS_MAX];
    assert_int_equal(symlink(data_dir, below("link")), 0);
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    assert_int_equal(paths_run_dir(below("link"), other), STATUS_OK);
    assert_string_equal(path, other);
}

static void run_directory_falls_back_to_tmp(void **state)
{
    (void)state;
    char path[PATHS_MAX];
    be_no_root();
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "not/absolute", 1), 0);
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    assert_memory_equal(path, "/tmp/souk-", 10);
}

static void run_directory_is_where_the_market_says_whatever_the_environment(void **state)
{
    (void)state;
    char chosen[PATHS_MAX], path[PATHS_MAX];
    be_no_root();
    assert_int_equal(paths_choose_run_dir(data_dir, chosen), STATUS_OK);
    if (geteuid() != user) assert_int_equal(seteuid(user), 0);
    assert_int_equal(paths_write_run_dir(data_dir, chosen), STATUS_OK);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/run/user/6", 1), 0);
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
    assert_string_equal(path, chosen);
    assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
    assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK); /* by whoever runs the tests */
    assert_string_equal(path, chosen);
    assert_int_equal(paths_write_run_dir(data_dir, "/elsewhere"), STATUS_OK); /* a later start */
    assert_int_equal(paths_mesh_dir(data_dir, path), STATUS_OK);
    assert_string_equal(path, "/elsewhere/mesh");
}

static void run_directory_that_is_no_path_is_not_believed(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "/", "\n", "relative\n", "/a\n/b\n", "/no end" };
    char chosen[PATHS_MAX], path[PATHS_MAX];
    assert_int_equal(paths_choose_run_dir(data_dir, chosen), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const int file = open(below("run_dir"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        assert_true(file >= 0);
        assert_int_equal(write(file, texts[i], strlen(texts[i])), strlen(texts[i]));
        (void)close(file);
        assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
        assert_string_equal(path, chosen);
    }
}

static void market_that_is_not_there_has_no_run_directory(void **state)
{
    (void)state;
    char path[PATHS_MAX];
    assert_int_equal(paths_run_dir(below("nowhere"), path), STATUS_NOT_FOUND);
    assert_int_equal(paths_mesh_dir(below("nowhere"), path), STATUS_NOT_FOUND);
}

static void run_directory_leaves_room_for_the_names_of_sockets(void **state)
{
    (void)state;
    char path[PATHS_MAX], base[PATHS_MAX];
    be_no_root();
    for (size_t length = 16; length < sizeof base; length++) {
        memset(base, 'x', length);
        base[0] = '/';
        base[length] = '\0';
        assert_int_equal(setenv("XDG_RUNTIME_DIR", base, 1), 0);
        assert_int_equal(paths_run_dir(data_dir, path), STATUS_OK);
        assert_in_range(strlen(path), 10, 41);
        if (length > 40) assert_memory_equal(path, "/tmp/souk-", 10);
    }
}

static void sockets_of_the_bus_are_below_the_run_directory(void **state)
{
    (void)state;
    char run[PATHS_MAX], mesh[PATHS_MAX];
    assert_int_equal(paths_run_dir(data_dir, run), STATUS_OK);
    assert_int_equal(paths_mesh_dir(data_dir, mesh), STATUS_OK);
    assert_memory_equal(mesh, run, strlen(run));
    assert_string_equal(mesh + strlen(run), "/mesh");
}

static void share_directory_has_the_migrations(void **state)
{
    (void)state;
    char share[PATHS_MAX], probe[PATHS_MAX + 32];
    assert_int_equal(paths_share_dir(share), STATUS_OK);
    (void)snprintf(probe, sizeof probe, "%s/storage/migrations", share);
    assert_int_equal(access(probe, R_OK), 0);
}

/* ---- passwords ---- */

static void password_is_the_first_line_of_its_file(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX];
    write_password("wallet", "opensesame\r\nsecond line\n", 0600);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_OK);
    assert_string_equal(password, "opensesame");
}

static void password_that_others_can_read_is_refused(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX] = "untouched";
    write_password("wallet", "opensesame", 0640);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_FORBIDDEN);
    assert_string_equal(password, "untouched");
}

static void missing_and_empty_passwords_are_not_found(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX];
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_NOT_FOUND);
    write_password("wallet", "", 0600);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_NOT_FOUND);
}

static void password_is_not_read_through_a_link(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX], target[256];
    write_password("superuser", "opensesame", 0600);
    (void)snprintf(target, sizeof target, "%s/keys/database/superuser", data_dir);
    assert_int_equal(symlink(target, below("keys/database/wallet")), 0);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_NOT_FOUND);
}

/* ---- connections ---- */

static void domain_reaches_its_own_database_as_its_own_role(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX], run[PATHS_MAX], expected[PATHS_CONNINFO_MAX];
    write_password("wallet", "opensesame", 0600);
    assert_int_equal(paths_run_dir(data_dir, run), STATUS_OK);
    assert_int_equal(paths_database_conninfo(data_dir, "wallet", conninfo), STATUS_OK);
    (void)snprintf(expected, sizeof expected,
                   "host='%s/pg' user='souk_wallet' dbname='souk_wallet' password='opensesame'",
                   run);
    assert_string_equal(conninfo, expected);
}

static void administrator_reaches_the_database_called_postgres(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX];
    write_password("superuser", "opensesame", 0600);
    assert_int_equal(paths_database_conninfo(data_dir, "superuser", conninfo), STATUS_OK);
    assert_non_null(strstr(conninfo, "user='souk_superuser' dbname='postgres'"));
}

static void domain_without_a_password_is_not_found(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX];
    assert_int_equal(paths_database_conninfo(data_dir, "wallet", conninfo), STATUS_NOT_FOUND);
}

/* A configuration for the data directory, with one more argument. */
static struct config *config_with(const char *argument)
{
    char program[] = "souk", directory[128], copy[1024];
    int first;
    (void)snprintf(directory, sizeof directory, "--data-dir=%s", data_dir);
    (void)snprintf(copy, sizeof copy, "%s", argument);
    char *const argv[] = { program, directory, copy, NULL };
    struct config *config = config_new();
    assert_int_equal(config_load_arguments(config, 3, argv, &first), STATUS_OK);
    return config;
}

static void database_that_the_configuration_names_wins(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX];
    write_password("wallet", "opensesame", 0600);
    struct config *config = config_with("--database.wallet=host=db1 dbname=w");
    assert_int_equal(paths_domain_conninfo(config, "wallet", conninfo), STATUS_OK);
    assert_string_equal(conninfo, "host=db1 dbname=w");
    config_destroy(&config);
}

static void database_of_another_domain_changes_nothing(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX], expected[PATHS_CONNINFO_MAX];
    write_password("wallet", "opensesame", 0600);
    struct config *config = config_with("--database.order=host=db1");
    assert_int_equal(paths_domain_conninfo(config, "wallet", conninfo), STATUS_OK);
    assert_int_equal(paths_database_conninfo(data_dir, "wallet", expected), STATUS_OK);
    assert_string_equal(conninfo, expected);
    config_destroy(&config);
}

static void connection_string_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char conninfo[PATHS_CONNINFO_MAX], argument[PATHS_CONNINFO_MAX + 32];
    const char name[] = "--database.wallet=";
    memset(argument, 'x', sizeof argument);
    memcpy(argument, name, sizeof name - 1);
    argument[sizeof name - 1 + PATHS_CONNINFO_MAX] = '\0';
    struct config *config = config_with(argument);
    assert_int_equal(paths_domain_conninfo(config, "wallet", conninfo), STATUS_OUT_OF_RANGE);
    config_destroy(&config);
}

/* ---- secrets ---- */

static void secret_is_64_digits_that_only_the_owner_reads(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX];
    struct stat info;
    assert_int_equal(paths_make_secret_file(data_dir, "keys/database/wallet"), STATUS_OK);
    assert_int_equal(stat(below("keys/database/wallet"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(below("keys"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_OK);
    assert_int_equal(strlen(password), 64);
    assert_int_equal(strspn(password, "0123456789abcdef"), 64);
}

static void secret_that_is_there_stays(void **state)
{
    (void)state;
    char password[PATHS_SECRET_MAX];
    write_password("wallet", "opensesame", 0600);
    assert_int_equal(paths_make_secret_file(data_dir, "keys/database/wallet"), STATUS_OK);
    assert_int_equal(paths_database_password(data_dir, "wallet", password), STATUS_OK);
    assert_string_equal(password, "opensesame");
}

static void two_secrets_differ(void **state)
{
    (void)state;
    char one[PATHS_SECRET_MAX], two[PATHS_SECRET_MAX];
    assert_int_equal(paths_make_secret_file(data_dir, "keys/database/wallet"), STATUS_OK);
    assert_int_equal(paths_make_secret_file(data_dir, "keys/database/superuser"), STATUS_OK);
    assert_int_equal(paths_database_password(data_dir, "wallet", one), STATUS_OK);
    assert_int_equal(paths_database_password(data_dir, "superuser", two), STATUS_OK);
    assert_string_not_equal(one, two);
}

static void secret_below_a_file_cannot_be_made(void **state)
{
    (void)state;
    write_password("wallet", "opensesame", 0600);
    assert_int_equal(paths_make_secret_file(data_dir, "keys/database/wallet/deeper"),
                     STATUS_UNAVAILABLE);
}

static void secret_with_a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static char name[2048];
    memset(name, 'x', sizeof name - 1);
    assert_int_equal(paths_make_secret_file(data_dir, name), STATUS_OUT_OF_RANGE);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    user = geteuid();
#define STAGED(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)
    const struct CMUnitTest tests[] = {
        STAGED(run_directory_is_short_and_names_the_market),
        STAGED(run_directory_of_root_is_below_run),
        STAGED(two_markets_have_two_run_directories),
        STAGED(market_has_one_run_directory_however_it_is_named),
        STAGED(run_directory_falls_back_to_tmp),
        STAGED(run_directory_is_where_the_market_says_whatever_the_environment),
        STAGED(run_directory_that_is_no_path_is_not_believed),
        STAGED(market_that_is_not_there_has_no_run_directory),
        STAGED(run_directory_leaves_room_for_the_names_of_sockets),
        STAGED(sockets_of_the_bus_are_below_the_run_directory),
        STAGED(share_directory_has_the_migrations),
        STAGED(password_is_the_first_line_of_its_file),
        STAGED(password_that_others_can_read_is_refused),
        STAGED(missing_and_empty_passwords_are_not_found),
        STAGED(password_is_not_read_through_a_link),
        STAGED(domain_reaches_its_own_database_as_its_own_role),
        STAGED(administrator_reaches_the_database_called_postgres),
        STAGED(domain_without_a_password_is_not_found),
        STAGED(database_that_the_configuration_names_wins),
        STAGED(database_of_another_domain_changes_nothing),
        STAGED(connection_string_that_is_too_long_is_refused),
        STAGED(secret_is_64_digits_that_only_the_owner_reads),
        STAGED(secret_that_is_there_stays),
        STAGED(two_secrets_differ),
        STAGED(secret_below_a_file_cannot_be_made),
        STAGED(secret_with_a_path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
