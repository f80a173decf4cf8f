/* Judges the process that a lock file names, through a descriptor of that very process, so that it
 * cannot become another one between the look and the signal. */
#include "runtime/postmaster.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/log.h"

enum {
    FILE_BYTES_MAX = 2048,
    START_TOLERANCE_S = 60, /* a postmaster writes the file soon after its start */
    SHM_LINE = 7,           /* key and id of its shared memory */
    START_FIELD = 22,       /* of /proc/PID/stat */
    ORPHANS_PATIENCE_US = 2000000
};

/* What the file says. */
struct lock_file {
    pid_t pid;
    int64_t started_s; /* since 1970 */
    bool has_memory;
    int memory; /* id of a System V segment */
};

static bool read_file(const char *path, char ret_text[FILE_BYTES_MAX])
{
    /* The directory is the database user's: no link of theirs is followed. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return false;
    const ssize_t length = read(fd, ret_text, FILE_BYTES_MAX - 1);
    (void)close(fd);
    if (length < 0) return false;
    ret_text[length] = '\0';
    return true;
}

/* The n-th line, from 1; NULL if there are fewer. */
static const char *line_of(const char *text, int number)
{
    for (int i = 1; i < number; i++) {
        text = strchr(text, '\n');
        if (text == NULL) return NULL;
        text++;
    }
    return *text == '\0' ? NULL : text;
}

static bool read_lock_file(const char *path, struct lock_file *ret_file)
{
    char text[FILE_BYTES_MAX];
    if (!read_file(path, text)) return false;
    const char *start = line_of(text, 3), *memory = line_of(text, SHM_LINE);
    /* A standalone backend writes its number with a minus sign. */
    const long pid = labs(strtol(text, NULL, 10));
    unsigned long key, id;
    if (pid <= 0 || pid > INT32_MAX) return false;
    *ret_file = (struct lock_file){ .pid = (pid_t)pid };
    if (start != NULL) ret_file->started_s = strtoll(start, NULL, 10);
    if (memory != NULL && sscanf(memory, "%lu %lu", &key, &id) == 2 && id <= INT32_MAX) {
        ret_file->has_memory = true;
        ret_file->memory = (int)id;
    }
    return true;
}

/* ---- the process ---- */

static bool runs_postgres_in(pid_t pid, const char *cluster_dir)
{
    char path[64], program[PATHS_MAX];
    struct stat there, wanted;
    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    const ssize_t length = readlink(path, program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = '\0';
    const char *base = strrchr(program, '/');
    /* " (deleted)" follows when the package was upgraded meanwhile. */
    if (base == NULL || strncmp(base, "/postgres", 9) != 0 || (base[9] != '\0' && base[9] != ' '))
        return false;
    (void)snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    return stat(path, &there) == 0 && stat(cluster_dir, &wanted) == 0 &&
           there.st_dev == wanted.st_dev && there.st_ino == wanted.st_ino;
}

/* When the process began, in seconds since 1970; -1 if that cannot be known. */
static int64_t start_of(pid_t pid)
{
    char path[64], text[FILE_BYTES_MAX];
    struct timespec real, boot;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (!read_file(path, text)) return -1;
    const char *field = strrchr(text, ')'); /* the end of the second one, which may hold spaces */
    for (int i = 2; field != NULL && i < START_FIELD; i++)
        field = strchr(field + 1, ' ');
    if (field == NULL || clock_gettime(CLOCK_REALTIME, &real) != 0 ||
        clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
        return -1;
    return real.tv_sec - boot.tv_sec + strtoll(field, NULL, 10) / sysconf(_SC_CLK_TCK);
}

static bool began_when(pid_t pid, int64_t started_s)
{
    const int64_t start_s = start_of(pid);
    return start_s >= 0 && llabs(start_s - started_s) <= START_TOLERANCE_S;
}

static bool memory_is_in_use(const struct lock_file *file)
{
    struct shmid_ds segment;
    if (!file->has_memory) return false;
    if (shmctl(file->memory, IPC_STAT, &segment) == 0) return segment.shm_nattch > 0;
    return errno == EACCES; /* somebody else's: who knows */
}

/* ---- what is done ---- */

static enum postmaster_way end_postmaster(struct postmaster_watch *watch, int pidfd, int64_t now_us)
{
    static const struct {
        int64_t after_us;
        int signal;
        const char *name;
    } steps[] = { { 0, SIGINT, "SIGINT" },
                  { 5000000, SIGQUIT, "SIGQUIT" },
                  { 10000000, SIGKILL, "SIGKILL" } };
    while (watch->steps < (int)ARRAY_LENGTH(steps) &&
           now_us - watch->since_us >= steps[watch->steps].after_us) {
        log_warning("orphaned_postmaster_told_to_end", LOG_INT("pid", watch->pid),
                    LOG_STRING("signal", steps[watch->steps].name),
                    LOG_STRING("cluster_dir", watch->cluster_dir));
        (void)pidfd_send_signal(pidfd, steps[watch->steps].signal, NULL, 0);
        watch->steps++;
    }
    return POSTMASTER_IS_ENDED;
}

static enum postmaster_way say_once(struct postmaster_watch *watch, const char *path,
                                    const char *problem)
{
    if (watch->steps == 0)
        log_error("postmaster_pid_in_the_way", LOG_STRING("file", path), LOG_INT("pid", watch->pid),
                  LOG_STRING("alarm", problem));
    watch->steps = 1;
    return POSTMASTER_IS_UNKNOWN;
}

static enum postmaster_way remove_stale(struct postmaster_watch *watch, const char *path,
                                        const struct lock_file *file)
{
    if (memory_is_in_use(file))
        return say_once(watch, path, "its process is no postmaster, but its memory is in use");
    if (unlink(path) != 0) return say_once(watch, path, "it is stale and cannot be removed");
    log_warning("stale_postmaster_pid_removed", LOG_STRING("file", path),
                LOG_INT("pid", watch->pid),
                LOG_STRING("reason", "that process is no postmaster of this directory"));
    *watch = (struct postmaster_watch){ .cluster_dir = watch->cluster_dir };
    return POSTMASTER_WAY_IS_FREE;
}

static enum postmaster_way judge(struct postmaster_watch *watch, const char *path,
                                 const struct lock_file *file, int pidfd, int64_t now_us)
{
    if (!runs_postgres_in(file->pid, watch->cluster_dir)) return remove_stale(watch, path, file);
    if (!began_when(file->pid, file->started_s))
        return say_once(watch, path, "a PostgreSQL runs here that began at another time");
    return end_postmaster(watch, pidfd, now_us);
}

/* ---- processes without a postmaster ---- */

/* Looked at once more by the descriptor's time, so that the signal cannot reach somebody else. */
static bool signal_if_postgres(pid_t pid, const char *cluster_dir, int signal)
{
    if (!runs_postgres_in(pid, cluster_dir)) return false;
    const int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) return false;
    const bool is_one = runs_postgres_in(pid, cluster_dir);
    if (is_one) (void)pidfd_send_signal(pidfd, signal, NULL, 0);
    (void)close(pidfd);
    return is_one;
}

unsigned postmaster_signal_orphans(const char *cluster_dir, int signal)
{
    assert(cluster_dir != NULL);
    unsigned count = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL) return 0;
    const struct dirent *entry;
    while ((entry = readdir(processes)) != NULL) {
        char *end;
        const long pid = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && pid > 0 && pid <= INT32_MAX &&
            signal_if_postgres((pid_t)pid, cluster_dir, signal))
            count++;
    }
    (void)closedir(processes);
    return count;
}

/* A backend that computes, or is stopped, does not notice that its postmaster is dead. */
static enum postmaster_way clear_orphans(struct postmaster_watch *watch, int64_t now_us)
{
    const int64_t since_us = watch->orphans_since_us;
    const bool is_late = since_us != 0 && now_us - since_us >= ORPHANS_PATIENCE_US;
    const unsigned count =
        postmaster_signal_orphans(watch->cluster_dir, is_late ? SIGKILL : SIGQUIT);
    *watch = (struct postmaster_watch){ .cluster_dir = watch->cluster_dir };
    if (count == 0) return POSTMASTER_WAY_IS_FREE;
    watch->orphans_since_us = since_us != 0 ? since_us : now_us;
    if (since_us == 0)
        log_warning("orphans_of_postmaster_told_to_end", LOG_INT("count", count),
                    LOG_STRING("cluster_dir", watch->cluster_dir));
    return POSTMASTER_IS_ENDED;
}

enum postmaster_way postmaster_clear_way(struct postmaster_watch *watch, int64_t now_us)
{
    assert(watch != NULL);
    assert(watch->cluster_dir != NULL);
    char path[PATHS_MAX + 16];
    struct lock_file file = { 0 };
    (void)snprintf(path, sizeof path, "%s/postmaster.pid", watch->cluster_dir);
    const int pidfd = read_lock_file(path, &file) ? pidfd_open(file.pid, 0) : -1;
    /* Nobody, or somebody who is dead: what the server sees for itself, but for whom it left. */
    if (pidfd < 0) return clear_orphans(watch, now_us);
    if (watch->since_us == 0 || watch->pid != file.pid)
        *watch = (struct postmaster_watch){ .cluster_dir = watch->cluster_dir,
                                            .since_us = now_us,
                                            .pid = file.pid };
    const enum postmaster_way way = judge(watch, path, &file, pidfd, now_us);
    (void)close(pidfd);
    return way;
}
