/* Makes a PostgreSQL cluster in a directory beside its final name, so that one that was interrupted
 * is never taken for whole, and describes the server as a child of the supervisor. */
#include "runtime/up_postgres.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/log.h"

enum {
    POSTGRES_STOP_US = 20000000,
    POSTGRES_REFUSES_US = 3000000, /* one that ends that soon has not started */
    REMOVE_DEPTH_MAX = 16
};

/* Sizes for one host that runs everything; what is promised to a client is on disk. */
static const char settings[] = "\n# Written by souk up.\n"
                               "shared_buffers = 128MB\n"
                               "max_connections = 120\n"
                               "fsync = on\n"
                               "synchronous_commit = on\n"
                               "full_page_writes = on\n"
                               "max_wal_size = 1GB\n"
                               "min_wal_size = 128MB\n"
                               "checkpoint_timeout = 5min\n"
                               "checkpoint_completion_target = 0.9\n"
                               "client_connection_check_interval = 2s\n"
                               "jit = off\n"
                               "log_filename = 'postgresql-%a.log'\n"
                               "log_truncate_on_rotation = on\n"
                               "log_rotation_age = 1d\n"
                               "log_rotation_size = 0\n"
                               "log_file_mode = 0640\n";

/* ---- finding what is needed ---- */

static enum status postgres_find_programs(char ret_directory[PATHS_MAX])
{
    const char *configured = getenv("SOUK_POSTGRES_BIN");
    if (configured != NULL) {
        const int length = snprintf(ret_directory, PATHS_MAX, "%s", configured);
        return length > 0 && length < PATHS_MAX ? STATUS_OK : STATUS_OUT_OF_RANGE;
    }
    glob_t found;
    enum status status = STATUS_NOT_FOUND;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) == 0) {
        /* Sorted; the last one is the newest as long as versions have two digits. */
        const char *newest = found.gl_pathv[found.gl_pathc - 1];
        const int length = snprintf(ret_directory, PATHS_MAX, "%s", newest);
        status = length > 0 && length < PATHS_MAX ? STATUS_OK : STATUS_OUT_OF_RANGE;
        globfree(&found);
    }
    return status;
}

static enum status postgres_find_user(struct up_postgres *postgres)
{
    if (geteuid() != 0) return STATUS_OK;
    TRY(account_find("postgres", &postgres->account));
    postgres->has_account = true;
    return STATUS_OK;
}

/* One of the database's user, in a folder of ours. */
static enum status make_directory(const struct up_postgres *postgres, const char *path, mode_t mode)
{
    if (mkdir(path, mode) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    if (postgres->has_account && lchown(path, postgres->account.user, postgres->account.group) != 0)
        return STATUS_UNAVAILABLE;
    return chmod(path, mode) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* What is made in a folder with the set-group-id bit gets the folder's group: so the market's group
 * may connect, and the server need not be a member of it. */
static enum status make_socket_directory(const struct up_postgres *postgres)
{
    const char *path = postgres->socket_dir;
    TRY(make_directory(postgres, path, 0700));
    if (postgres->market == NULL) return STATUS_OK;
    return lchown(path, postgres->account.user, postgres->market->group) == 0 &&
                   chmod(path, 02710) == 0
               ? STATUS_OK
               : STATUS_UNAVAILABLE;
}

/* One that others may pass through, but not write to, whoever had it before. */
static enum status make_own_directory(const char *path)
{
    struct stat information;
    if (mkdir(path, 0711) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    if (lstat(path, &information) != 0 || !S_ISDIR(information.st_mode)) return STATUS_UNAVAILABLE;
    if (information.st_uid != geteuid() && lchown(path, geteuid(), getegid()) != 0)
        return STATUS_UNAVAILABLE;
    return chmod(path, 0711) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

static bool set_path(char ret_path[PATHS_MAX], const char *directory, const char *name)
{
    const int length = snprintf(ret_path, PATHS_MAX, "%s/%s", directory, name);
    return length > 0 && length < PATHS_MAX;
}

static enum status postgres_set_paths(struct up_postgres *postgres)
{
    if (!set_path(postgres->cluster_dir, postgres->data_dir, "postgres") ||
        !set_path(postgres->fresh_dir, postgres->data_dir, "postgres.new") ||
        !set_path(postgres->log_dir, postgres->data_dir, "log") ||
        !set_path(postgres->own_log_dir, postgres->log_dir, "postgres") ||
        !set_path(postgres->socket_dir, postgres->run_dir, "pg") ||
        !set_path(postgres->password_file, postgres->socket_dir, "first-password"))
        return STATUS_OUT_OF_RANGE;
    (void)snprintf(postgres->password_option, sizeof postgres->password_option, "--pwfile=%s",
                   postgres->password_file);
    (void)snprintf(postgres->socket_setting, sizeof postgres->socket_setting,
                   "unix_socket_directories=%s", postgres->socket_dir);
    (void)snprintf(postgres->log_setting, sizeof postgres->log_setting, "log_directory=%s",
                   postgres->own_log_dir);
    return STATUS_OK;
}

enum status up_postgres_init(struct up_postgres *postgres, const char *data_dir,
                             const char *run_dir, const struct account *market,
                             char ret_problem[ACCOUNT_PROBLEM_MAX])
{
    assert(postgres != NULL);
    *postgres = (struct up_postgres){
        .data_dir = data_dir, .run_dir = run_dir, .market = market, .start_log.fd = -1
    };
    (void)snprintf(ret_problem, ACCOUNT_PROBLEM_MAX, "PostgreSQL is not installed");
    TRY(postgres_find_programs(postgres->programs_dir));
    (void)snprintf(ret_problem, ACCOUNT_PROBLEM_MAX, "there is no user postgres");
    TRY(postgres_find_user(postgres));
    (void)snprintf(ret_problem, ACCOUNT_PROBLEM_MAX, "a path is too long");
    TRY(postgres_set_paths(postgres));
    if (postgres->has_account) {
        TRY(account_check_way(&postgres->account, data_dir, ret_problem));
        TRY(account_check_way(&postgres->account, run_dir, ret_problem));
    }
    (void)snprintf(ret_problem, ACCOUNT_PROBLEM_MAX, "cannot make directories in %s", data_dir);
    TRY(make_own_directory(postgres->log_dir));
    TRY(make_directory(postgres, postgres->own_log_dir, 0750));
    TRY(make_socket_directory(postgres));
    TRY(paths_make_secret_file(data_dir, "keys/database/superuser"));
    char path[PATHS_MAX];
    if (!set_path(path, postgres->log_dir, "postgresql-start.log")) return STATUS_OUT_OF_RANGE;
    postgres->watch.cluster_dir = postgres->cluster_dir;
    return start_log_open(path, &postgres->start_log);
}

/* ---- the first start ---- */

static int remove_one(const char *path, const struct stat *information, int type, struct FTW *place)
{
    (void)information, (void)type, (void)place;
    return remove(path);
}

/* The database's user may write in these folders: what is done there is done in its name. */
static bool remove_fresh_dir(void *context)
{
    const struct up_postgres *postgres = context;
    (void)nftw(postgres->fresh_dir, remove_one, REMOVE_DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return true;
}

static bool write_whole(int fd, const char *text)
{
    const ssize_t length = (ssize_t)strlen(text);
    bool is_written = fd >= 0 && write(fd, text, (size_t)length) == length;
    is_written = is_written && fsync(fd) == 0;
    if (fd >= 0) (void)close(fd);
    return is_written;
}

struct first_password {
    const struct up_postgres *postgres;
    char text[PATHS_SECRET_MAX];
};

static bool write_password(void *context)
{
    const struct first_password *password = context;
    const char *path = password->postgres->password_file;
    (void)unlink(path);
    return write_whole(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), password->text);
}

static bool remove_password(void *context)
{
    const struct up_postgres *postgres = context;
    (void)unlink(postgres->password_file);
    return true;
}

static bool append_settings(void *context)
{
    const struct up_postgres *postgres = context;
    char path[PATHS_MAX];
    return set_path(path, postgres->fresh_dir, "postgresql.conf") &&
           write_whole(open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW), settings);
}

/* Clears away what an interrupted start has left. */
static bool postgres_prepare_initdb(void *context)
{
    struct up_postgres *postgres = context;
    const struct account *account = postgres->has_account ? &postgres->account : NULL;
    struct first_password password = { .postgres = postgres };
    return account_work(account, remove_fresh_dir, postgres) &&
           make_directory(postgres, postgres->fresh_dir, 0700) == STATUS_OK &&
           paths_database_password(postgres->data_dir, "superuser", password.text) == STATUS_OK &&
           account_work(account, write_password, &password);
}

static bool postgres_finish_initdb(void *context)
{
    struct up_postgres *postgres = context;
    const struct account *account = postgres->has_account ? &postgres->account : NULL;
    return account_work(account, remove_password, postgres) &&
           account_work(account, append_settings, postgres) &&
           rename(postgres->fresh_dir, postgres->cluster_dir) == 0;
}

/* ---- the server ---- */

/* A postmaster that outlived its supervisor, or a lock file that names a stranger, would keep this
 * one out for ever. */
static bool postgres_prepare_server(void *context)
{
    struct up_postgres *postgres = context;
    return postmaster_clear_way(&postgres->watch, clock_now_us(&platform_clock)) ==
           POSTMASTER_WAY_IS_FREE;
}

void up_postgres_end_orphans(const struct up_postgres *postgres)
{
    enum { LOOKS_MAX = 100, PAUSE_NS = 50000000 };
    for (int i = 0; i < LOOKS_MAX; i++) {
        const struct timespec pause = { .tv_nsec = PAUSE_NS };
        const unsigned count = postmaster_signal_orphans(postgres->cluster_dir, SIGKILL);
        if (count == 0) return;
        if (i == 0) log_warning("orphans_of_postmaster_killed", LOG_INT("count", count));
        (void)nanosleep(&pause, NULL);
    }
}

static void postgres_on_server_end(void *context)
{
    struct up_postgres *postgres = context;
    start_log_tell(&postgres->start_log, "postgres");
}

static void postgres_on_initdb_end(void *context)
{
    struct up_postgres *postgres = context;
    start_log_tell(&postgres->start_log, "initdb");
}

/* After a crash the server refuses while backends of its last life hold the shared memory or the
 * lock files look alive. The shared memory named in postmaster.pid is what keeps two servers apart,
 * so the file goes only when its process is none of ours and the memory is nobody's. */
static bool postgres_is_not_yet(void *context, int exit_code, int64_t ran_us)
{
    (void)context;
    return exit_code == 1 && ran_us < POSTGRES_REFUSES_US;
}

static struct child_spec postgres_child(struct up_postgres *postgres, const char *name)
{
    return (struct child_spec){ .name = name,
                                .after = -1,
                                .account = postgres->has_account ? &postgres->account : NULL,
                                .output_fd = postgres->start_log.fd,
                                .stop_signal = SIGINT,
                                .force_signal = SIGQUIT,
                                .stop_wait_us = POSTGRES_STOP_US,
                                .parent_death_signal = SIGINT,
                                .context = postgres };
}

static int postgres_add_initdb(struct up_postgres *postgres, struct supervisor *supervisor,
                               const char *program)
{
    struct child_spec spec = postgres_child(postgres, "initdb");
    const char *const arguments[] = { program,
                                      "-D",
                                      postgres->fresh_dir,
                                      "-U",
                                      "souk_superuser",
                                      "-A",
                                      "scram-sha-256",
                                      postgres->password_option,
                                      "-E",
                                      "UTF8",
                                      "--locale=C.UTF-8" };
    static_assert(ARRAY_LENGTH(arguments) < CHILD_ARGUMENTS_MAX, "they fit");
    memcpy(spec.arguments, arguments, sizeof arguments);
    spec.is_run_once = true;
    spec.prepare = postgres_prepare_initdb;
    spec.finish = postgres_finish_initdb;
    spec.on_end = postgres_on_initdb_end;
    return supervisor_add(supervisor, &spec);
}

int up_postgres_add(struct up_postgres *postgres, struct supervisor *supervisor)
{
    static char initdb_path[PATHS_MAX + 16], server_path[PATHS_MAX + 16];
    char version_path[PATHS_MAX];
    (void)snprintf(initdb_path, sizeof initdb_path, "%s/initdb", postgres->programs_dir);
    (void)snprintf(server_path, sizeof server_path, "%s/postgres", postgres->programs_dir);
    int initdb = -1;
    if (!set_path(version_path, postgres->cluster_dir, "PG_VERSION") ||
        access(version_path, F_OK) != 0)
        initdb = postgres_add_initdb(postgres, supervisor, initdb_path);
    struct child_spec spec = postgres_child(postgres, "postgres");
    const char *const arguments[] = { server_path,
                                      "-D",
                                      postgres->cluster_dir,
                                      "-c",
                                      "listen_addresses=",
                                      "-c",
                                      postgres->socket_setting,
                                      "-c",
                                      postgres->market == NULL ? "unix_socket_permissions=0700"
                                                               : "unix_socket_permissions=0770",
                                      "-c",
                                      "logging_collector=on",
                                      "-c",
                                      postgres->log_setting };
    static_assert(ARRAY_LENGTH(arguments) < CHILD_ARGUMENTS_MAX, "they fit");
    memcpy(spec.arguments, arguments, sizeof arguments);
    spec.after = initdb;
    spec.is_not_yet = postgres_is_not_yet;
    spec.prepare = postgres_prepare_server;
    spec.on_end = postgres_on_server_end;
    return supervisor_add(supervisor, &spec);
}
