/* Starts and stops the private cluster, makes and drops databases. Blocking: used before and after
 * a test's loop runs. */
#include "tests/support/scratch_database.h"

#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "storage/migrate.h"

#define BINARIES "/usr/lib/postgresql/15/bin/"

enum {
    SCRATCH_DOMAINS_MAX = 16,
    CLUSTER_TEXT_MAX = 256,
    SCRATCH_TEXT_MAX = 512,
    START_ATTEMPTS_MAX = 600, /* of 50 ms */
    START_PAUSE_NS = 50000000
};

const char scratch_password[] = "scratch";

struct scratch {
    char prefix[32];
    const char *domains[SCRATCH_DOMAINS_MAX];
    size_t count;
    char conninfo[SCRATCH_DOMAINS_MAX][SCRATCH_TEXT_MAX];
    char admin_conninfo[SCRATCH_DOMAINS_MAX + 1][SCRATCH_TEXT_MAX];
    char cell[SCRATCH_TEXT_MAX];
    /* Of scratch_sql(), like admin_conninfo: a session costs more than most statements. */
    PGconn *sessions[SCRATCH_DOMAINS_MAX + 1];
};

/* One per program, since a cluster takes a second to make. */
static struct {
    bool is_started;
    pid_t pid;
    char directory[64];
    char conninfo[CLUSTER_TEXT_MAX]; /* of the superuser, without dbname */
} cluster;

static void give_up(const char *what)
{
    (void)fprintf(stderr, "scratch database: %s\n", what);
    exit(1);
}

static void become_postgres(void)
{
    if (geteuid() != 0) return;
    const struct passwd *user = getpwnam("postgres");
    if (user == NULL) user = getpwnam("nobody");
    if (user == NULL || setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0)
        _exit(126);
}

static pid_t start(const char *const *arguments)
{
    const pid_t pid = fork();
    if (pid < 0) give_up("fork");
    if (pid > 0) return pid;
    become_postgres();
    /* After setuid(), which clears it: PostgreSQL goes when the test program goes. */
    (void)prctl(PR_SET_PDEATHSIG, SIGQUIT);
    (void)unsetenv("LD_PRELOAD");
    if (freopen("/dev/null", "r", stdin) == NULL || freopen("/dev/null", "w", stdout) == NULL)
        _exit(126);
    (void)execv(arguments[0], (char *const *)arguments);
    _exit(127);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *position)
{
    (void)info;
    (void)type;
    (void)position;
    /* What vanishes by itself meanwhile must not end the walk. */
    (void)remove(path);
    return 0;
}

static void stop_cluster(void)
{
    if (cluster.pid > 0) {
        (void)kill(cluster.pid, SIGQUIT);
        (void)waitpid(cluster.pid, NULL, 0);
        cluster.pid = 0;
    }
    (void)nftw(cluster.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_directory(char *ret_password_file, size_t capacity)
{
    (void)snprintf(cluster.directory, sizeof cluster.directory, "/tmp/souk-test-XXXXXX");
    if (mkdtemp(cluster.directory) == NULL) give_up("mkdtemp");
    (void)snprintf(ret_password_file, capacity, "%s/password", cluster.directory);
    FILE *file = fopen(ret_password_file, "w");
    if (file == NULL) give_up("password file");
    (void)fprintf(file, "%s\n", scratch_password);
    (void)fclose(file);
    if (geteuid() != 0) return;
    const struct passwd *user = getpwnam("postgres");
    if (user == NULL) user = getpwnam("nobody");
    if (user == NULL || chown(cluster.directory, user->pw_uid, user->pw_gid) != 0 ||
        chown(ret_password_file, user->pw_uid, user->pw_gid) != 0)
        give_up("chown");
}

static void start_postgres(void)
{
    char data[128], socket_option[128];
    (void)snprintf(data, sizeof data, "%s/data", cluster.directory);
    (void)snprintf(socket_option, sizeof socket_option, "unix_socket_directories=%s",
                   cluster.directory);
    cluster.pid = start(
        (const char *const[]){ BINARIES "postgres", "-D", data, "-c", "listen_addresses=", "-c",
                               socket_option, "-c", "fsync=off", "-c", "full_page_writes=off", "-c",
                               "log_min_messages=panic", "-c", "max_connections=200", NULL });
    (void)snprintf(cluster.conninfo, sizeof cluster.conninfo,
                   "host='%s' user=souk_superuser password=%s", cluster.directory,
                   scratch_password);
    for (int i = 0; i < START_ATTEMPTS_MAX; i++) {
        if (PQping(cluster.conninfo) == PQPING_OK) return;
        (void)nanosleep(&(struct timespec){ .tv_nsec = START_PAUSE_NS }, NULL);
    }
    give_up("PostgreSQL does not start");
}

static void start_private_cluster(void)
{
    char data[128], password_file[128], password_option[160];
    make_directory(password_file, sizeof password_file);
    (void)atexit(stop_cluster);
    (void)snprintf(data, sizeof data, "%s/data", cluster.directory);
    (void)snprintf(password_option, sizeof password_option, "--pwfile=%s", password_file);
    int status;
    const pid_t pid = start((const char *const[]){
        BINARIES "initdb", "-D", data, "-U", "souk_superuser", "-A", "scram-sha-256", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync", password_option, NULL });
    if (waitpid(pid, &status, 0) != pid || status != 0) give_up("initdb failed");
    start_postgres();
}

bool scratch_restart_cluster(void)
{
    if (cluster.pid <= 0) return false;
    (void)kill(cluster.pid, SIGQUIT);
    (void)waitpid(cluster.pid, NULL, 0);
    start_postgres();
    return true;
}

static void start_cluster(void)
{
    if (cluster.is_started) return;
    cluster.is_started = true;
    const char *given = getenv("SOUK_TEST_CLUSTER");
    if (given != NULL && given[0] != '\0')
        (void)snprintf(cluster.conninfo, sizeof cluster.conninfo, "%s", given);
    else
        start_private_cluster();
}

static const char *give_password(void *context, const char *domain)
{
    (void)context;
    (void)domain;
    return scratch_password;
}

/* The present user must come last: later parameters of a connection string win. */
static void fill_conninfo(struct scratch *scratch)
{
    (void)snprintf(scratch->admin_conninfo[scratch->count], SCRATCH_TEXT_MAX, "%s dbname=postgres",
                   cluster.conninfo);
    for (size_t i = 0; i < scratch->count; i++) {
        (void)snprintf(scratch->admin_conninfo[i], SCRATCH_TEXT_MAX, "%s dbname=%s_%s",
                       cluster.conninfo, scratch->prefix, scratch->domains[i]);
        (void)snprintf(scratch->conninfo[i], SCRATCH_TEXT_MAX,
                       "%s dbname=%s_%s user=%s_%s password=%s", cluster.conninfo, scratch->prefix,
                       scratch->domains[i], scratch->prefix, scratch->domains[i], scratch_password);
    }
}

struct scratch *scratch_new(const char *const *domains, size_t count, const char *actors_dir)
{
    assert(count <= SCRATCH_DOMAINS_MAX);
    if (sodium_init() < 0) give_up("libsodium");
    start_cluster();
    struct scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL) abort();
    (void)snprintf(scratch->prefix, sizeof scratch->prefix, "t%08x", randombytes_random());
    scratch->count = count;
    for (size_t i = 0; i < count; i++)
        scratch->domains[i] = domains[i];
    fill_conninfo(scratch);
    const struct migrate_options options = { .admin_conninfo = scratch->admin_conninfo[count],
                                             .common_dir = "storage/migrations",
                                             .actors_dir = actors_dir,
                                             .prefix = scratch->prefix,
                                             .domains = domains,
                                             .domains_count = count,
                                             .password = give_password };
    size_t applied;
    if (migrate_run(&options, &applied) != STATUS_OK) give_up("migrations failed");
    return scratch;
}

static size_t domain_index(const struct scratch *scratch, const char *domain)
{
    for (size_t i = 0; i < scratch->count; i++)
        if (strcmp(scratch->domains[i], domain) == 0) return i;
    return scratch->count;
}

const char *scratch_conninfo(const struct scratch *scratch, const char *domain)
{
    return scratch->conninfo[domain_index(scratch, domain)];
}

const char *scratch_admin_conninfo(const struct scratch *scratch, const char *domain)
{
    return scratch->admin_conninfo[domain_index(scratch, domain)];
}

const char *scratch_prefix(const struct scratch *scratch)
{
    return scratch->prefix;
}

/* libpq may say so by the result before it says so by its state. */
static bool is_lost(const PGconn *session, const PGresult *result)
{
    if (PQstatus(session) != CONNECTION_OK) return true;
    if (PQresultStatus(result) != PGRES_FATAL_ERROR) return false;
    const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return code == NULL || strncmp(code, "57P", 3) == 0;
}

/* The statement's result; NULL when the session has been lost. */
static PGresult *run_in_session(PGconn **session, const char *conninfo, const char *sql)
{
    if (*session == NULL) *session = PQconnectdb(conninfo);
    if (PQstatus(*session) != CONNECTION_OK) give_up(PQerrorMessage(*session));
    PGresult *result = PQexec(*session, sql);
    if (!is_lost(*session, result)) return result;
    PQclear(result);
    PQfinish(*session);
    *session = NULL;
    return NULL;
}

const char *scratch_sql(const struct scratch *scratch, const char *domain, const char *sql)
{
    struct scratch *own = (struct scratch *)scratch;
    const char *conninfo = scratch_admin_conninfo(scratch, domain);
    PGconn **session = &own->sessions[domain_index(scratch, domain)];
    PGresult *result = run_in_session(session, conninfo, sql);
    /* A test may have restarted the server, or ended every session. */
    if (result == NULL) result = run_in_session(session, conninfo, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        give_up(PQresultErrorMessage(result));
    const bool has_cell = PQntuples(result) > 0 && PQnfields(result) > 0;
    (void)snprintf(own->cell, sizeof own->cell, "%s", has_cell ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return own->cell;
}

void scratch_destroy(struct scratch **scratch_pointer)
{
    struct scratch *scratch = *scratch_pointer;
    char sql[SCRATCH_TEXT_MAX];
    if (scratch == NULL) return;
    *scratch_pointer = NULL;
    for (size_t i = 0; i < scratch->count; i++) {
        (void)snprintf(sql, sizeof sql, "DROP DATABASE %s_%s WITH (FORCE)", scratch->prefix,
                       scratch->domains[i]);
        (void)scratch_sql(scratch, "", sql);
        (void)snprintf(sql, sizeof sql, "DROP ROLE %s_%s", scratch->prefix, scratch->domains[i]);
        (void)scratch_sql(scratch, "", sql);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(scratch->sessions); i++)
        PQfinish(scratch->sessions[i]);
    free(scratch);
}
