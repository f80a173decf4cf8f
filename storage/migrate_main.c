/* souk-migrate: makes the secrets, databases and roles of a market and brings every schema up to
 * date. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domains.h"
#include "runtime/account.h"
#include "runtime/config.h"
#include "runtime/paths.h"
#include "storage/migrate.h"

enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_SOFTWARE = 70 };

struct migrate_program {
    const char *data_dir;
    char password[PATHS_SECRET_MAX];
};

static const char *program_password(void *context, const char *domain)
{
    struct migrate_program *program = context;
    const enum status status =
        paths_database_password(program->data_dir, domain, program->password);
    /* main() has just made every file. */
    assert(status == STATUS_OK);
    return program->password;
}

static int fail(const char *what, enum status status)
{
    (void)fprintf(stderr, "souk-migrate: %s: %s\n", what, status_title(status));
    return status == STATUS_UNAVAILABLE ? EXIT_UNAVAILABLE : EXIT_SOFTWARE;
}

static enum status make_secrets(const char *data_dir, const char *const *domains, size_t count)
{
    char name[PATHS_MAX];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "keys/database/%s", domains[i]);
        TRY(paths_make_secret_file(data_dir, name));
        char password[PATHS_SECRET_MAX];
        TRY(paths_database_password(data_dir, domains[i], password));
    }
    return STATUS_OK;
}

/* Databases that the configuration puts elsewhere are left to a run with that server's
 * administrator. */
static size_t list_domains(const struct config *config, bool is_elsewhere_too,
                           const char *ret_domains[DOMAIN_LIMIT + 1])
{
    size_t count = 0;
    for (int domain = 1; domain <= DOMAIN_LIMIT; domain++) {
        const char *name = domain == DOMAIN_LIMIT ? "cluster" : domain_name((enum domain)domain);
        if (strcmp(name, "unknown") == 0 || strcmp(name, "host") == 0) continue;
        const char *given = config_database(config, name);
        if (is_elsewhere_too || given == NULL || given[0] == '\0') ret_domains[count++] = name;
    }
    return count;
}

/* Applies everything; `admin_conninfo` NULL means the private cluster. */
static int run(const struct config *config, const char *admin_conninfo)
{
    const char *domains[DOMAIN_LIMIT + 1];
    const char *data_dir = config_text(config, SETTING_PATHS_DATA_DIR);
    const size_t count = list_domains(config, admin_conninfo != NULL, domains);
    char conninfo[PATHS_CONNINFO_MAX], share[PATHS_MAX], common[PATHS_MAX + 32],
        actors[PATHS_MAX + 32];
    struct migrate_program program = { .data_dir = data_dir };
    size_t applied;
    enum status status = account_become_owner(data_dir);
    if (status == STATUS_OK) status = make_secrets(data_dir, domains, count);
    if (status != STATUS_OK) return fail(data_dir, status);
    if (admin_conninfo == NULL) {
        status = paths_database_conninfo(data_dir, "superuser", conninfo);
        if (status != STATUS_OK) return fail("password of the administrator", status);
        admin_conninfo = conninfo;
    }
    status = paths_share_dir(share);
    if (status != STATUS_OK) return fail("SQL files", status);
    (void)snprintf(common, sizeof common, "%s/storage/migrations", share);
    (void)snprintf(actors, sizeof actors, "%s/actors", share);
    const struct migrate_options options = { .admin_conninfo = admin_conninfo,
                                             .common_dir = common,
                                             .actors_dir = actors,
                                             .prefix = "souk",
                                             .domains = domains,
                                             .domains_count = count,
                                             .password = program_password,
                                             .context = &program };
    status = migrate_run(&options, &applied);
    if (status != STATUS_OK) return fail("not everything was applied", status);
    if (applied > 0) (void)printf("souk-migrate: %zu files applied\n", applied);
    return EXIT_SUCCESS;
}

/* Takes `--admin CONNINFO` out of the arguments, which otherwise are settings. */
static const char *extract_admin(int *argc, char **argv)
{
    const char *admin = NULL;
    int left = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--admin") == 0 && i + 1 < *argc)
            admin = argv[++i];
        else
            argv[left++] = argv[i];
    }
    *argc = left;
    argv[left] = NULL;
    return admin;
}

static const char usage[] =
    "usage: souk migrate [--data-dir DIR] [--config FILE] [--admin CONNINFO]\n"
    "\n"
    "Makes the secrets, databases and roles of a market and brings every schema up to date, as "
    "souk\n"
    "up does at each start. What is up to date stays as it is.\n"
    "\n"
    "  --admin CONNINFO  a libpq connection string of an administrator of another server than the\n"
    "                    market's own: makes the databases there, those of [database] too\n"
    "\n"
    "Exit status: 0 done, 64 usage, 69 the server is away, 70 something was refused.\n";

int main(int argc, char **argv)
{
    if (sodium_init() < 0) return EXIT_SOFTWARE;
    const char *admin = extract_admin(&argc, argv);
    int first_positional;
    CLEANUP(config_destroy) struct config *config = config_new();
    const enum status status = config_load(config, argc, argv, environ, &first_positional);
    if (config_wants_help(config)) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (status != STATUS_OK || first_positional < argc) {
        (void)fprintf(stderr, "souk-migrate: %s\n%s",
                      status != STATUS_OK ? config_problem(config) : "unexpected argument", usage);
        return EXIT_USAGE;
    }
    return run(config, admin);
}
