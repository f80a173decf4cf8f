/* Paths and secrets that follow from a market's data directory. */
#include "runtime/paths.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/members.h"

enum {
    LONG_PATH_MAX = 1024,
    RUN_HASH_BYTES = 4,
    RUN_HASH_TEXT = 2 * RUN_HASH_BYTES + 1,
    BLAKE2B_BYTES = 16,
    /* Of a socket's address "ipc://DIR/mesh/client-souk-import-1234567-0123456789abcdef.control".
     */
    RUN_DIR_MAX = MEMBER_ENDPOINT_MAX - 6 - 6 - 26 - 25
};

static enum status check_length(int length, size_t capacity)
{
    return length >= 0 && (size_t)length < capacity ? STATUS_OK : STATUS_OUT_OF_RANGE;
}

enum status paths_choose_run_dir(const char *data_dir, char ret_path[PATHS_MAX])
{
    uint8_t digest[BLAKE2B_BYTES];
    char hash[RUN_HASH_TEXT], path[PATHS_MAX];
    char *real = realpath(data_dir, NULL);
    if (real == NULL) return STATUS_NOT_FOUND;
    (void)crypto_generichash(digest, sizeof digest, (const uint8_t *)real, strlen(real), NULL, 0);
    free(real);
    (void)sodium_bin2hex(hash, sizeof hash, digest, RUN_HASH_BYTES);
    int length;
    if (geteuid() == 0) {
        length = snprintf(path, sizeof path, "/run/souk-%s", hash);
    } else {
        const char *base = getenv("XDG_RUNTIME_DIR");
        if (base == NULL || base[0] != '/') base = "/tmp";
        length = snprintf(path, sizeof path, "%s/souk-%u-%s", base, (unsigned)geteuid(), hash);
        if (length > RUN_DIR_MAX)
            length = snprintf(path, sizeof path, "/tmp/souk-%u-%s", (unsigned)geteuid(), hash);
    }
    TRY(check_length(length, sizeof path));
    memcpy(ret_path, path, sizeof path);
    return STATUS_OK;
}

static bool read_run_dir(const char *data_dir, char ret_path[PATHS_MAX]);

enum status paths_write_run_dir(const char *data_dir, const char *run_dir)
{
    char path[LONG_PATH_MAX], fresh[LONG_PATH_MAX + 16], present[PATHS_MAX];
    assert(run_dir[0] == '/');
    /* A disk that is full takes no new file, and a market must start on it all the same. */
    if (read_run_dir(data_dir, present) && strcmp(present, run_dir) == 0) return STATUS_OK;
    TRY(check_length(snprintf(path, sizeof path, "%s/run_dir", data_dir), sizeof path));
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    const int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0) return STATUS_UNAVAILABLE;
    const ssize_t length = (ssize_t)strlen(run_dir);
    bool is_written = write(file, run_dir, (size_t)length) == length && write(file, "\n", 1) == 1;
    is_written = close(file) == 0 && is_written;
    return is_written && rename(fresh, path) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* False if there is no such file, or no path in it. */
static bool read_run_dir(const char *data_dir, char ret_path[PATHS_MAX])
{
    char path[LONG_PATH_MAX], text[PATHS_MAX + 1];
    if (check_length(snprintf(path, sizeof path, "%s/run_dir", data_dir), sizeof path) != STATUS_OK)
        return false;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return false;
    const ssize_t length = read(file, text, sizeof text - 1);
    (void)close(file);
    if (length < 2 || text[0] != '/' || text[length - 1] != '\n') return false;
    text[length - 1] = '\0';
    if (strlen(text) != (size_t)length - 1 || strchr(text, '\n') != NULL) return false;
    memcpy(ret_path, text, (size_t)length);
    return true;
}

enum status paths_run_dir(const char *data_dir, char ret_path[PATHS_MAX])
{
    return read_run_dir(data_dir, ret_path) ? STATUS_OK : paths_choose_run_dir(data_dir, ret_path);
}

enum status paths_mesh_dir(const char *data_dir, char ret_path[PATHS_MAX])
{
    char run_dir[PATHS_MAX], path[PATHS_MAX];
    TRY(paths_run_dir(data_dir, run_dir));
    TRY(check_length(snprintf(path, sizeof path, "%s/mesh", run_dir), sizeof path));
    memcpy(ret_path, path, sizeof path);
    return STATUS_OK;
}

enum status paths_share_dir(char ret_path[PATHS_MAX])
{
    static const char *const candidates[] = { "%s/../share/souk", "%s/../..", "%s/../../..",
                                              "%s/.." };
    char self[LONG_PATH_MAX], path[PATHS_MAX], probe[PATHS_MAX + 32];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) return STATUS_NOT_FOUND;
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (slash == NULL) return STATUS_NOT_FOUND;
    *slash = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(candidates); i++) {
        const char *tail = candidates[i] + 2;
        if (check_length(snprintf(path, sizeof path, "%s%s", self, tail), sizeof path) != STATUS_OK)
            continue;
        (void)snprintf(probe, sizeof probe, "%s/storage/migrations", path);
        if (access(probe, R_OK) != 0) continue;
        memcpy(ret_path, path, sizeof path);
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

enum status paths_database_password(const char *data_dir, const char *domain,
                                    char ret_password[PATHS_SECRET_MAX])
{
    char path[LONG_PATH_MAX], password[PATHS_SECRET_MAX];
    struct stat info;
    TRY(check_length(snprintf(path, sizeof path, "%s/keys/database/%s", data_dir, domain),
                     sizeof path));
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return STATUS_NOT_FOUND;
    const bool is_private = fstat(file, &info) == 0 && (info.st_mode & 077) == 0;
    const ssize_t length = read(file, password, sizeof password - 1);
    (void)close(file);
    if (!is_private) return STATUS_FORBIDDEN;
    if (length <= 0) return STATUS_NOT_FOUND;
    password[length] = '\0';
    password[strcspn(password, "\r\n")] = '\0';
    memcpy(ret_password, password, sizeof password);
    sodium_memzero(password, sizeof password);
    return STATUS_OK;
}

enum status paths_database_conninfo(const char *data_dir, const char *domain,
                                    char ret_conninfo[PATHS_CONNINFO_MAX])
{
    char run_dir[PATHS_MAX], password[PATHS_SECRET_MAX], conninfo[PATHS_CONNINFO_MAX];
    const bool is_superuser = strcmp(domain, "superuser") == 0;
    TRY(paths_run_dir(data_dir, run_dir));
    TRY(paths_database_password(data_dir, domain, password));
    const char *database = is_superuser ? "postgres" : domain;
    TRY(check_length(snprintf(conninfo, sizeof conninfo,
                              "host='%s/pg' user='souk_%s' dbname='%s%s' password='%s'", run_dir,
                              domain, is_superuser ? "" : "souk_", database, password),
                     sizeof conninfo));
    memcpy(ret_conninfo, conninfo, sizeof conninfo);
    return STATUS_OK;
}

enum status paths_domain_conninfo(const struct config *config, const char *domain,
                                  char ret_conninfo[PATHS_CONNINFO_MAX])
{
    const char *given = config_database(config, domain);
    if (given == NULL || given[0] == '\0')
        return paths_database_conninfo(config_text(config, SETTING_PATHS_DATA_DIR), domain,
                                       ret_conninfo);
    if (strlen(given) >= PATHS_CONNINFO_MAX) return STATUS_OUT_OF_RANGE;
    memcpy(ret_conninfo, given, strlen(given) + 1);
    return STATUS_OK;
}

/* Makes every directory of the path but its last part. */
static enum status make_parents(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        struct stat info;
        const bool is_there = mkdir(path, 0700) == 0 || stat(path, &info) == 0;
        *slash = '/';
        if (!is_there) return STATUS_UNAVAILABLE;
    }
    return STATUS_OK;
}

enum status paths_make_secret_file(const char *data_dir, const char *name)
{
    char path[LONG_PATH_MAX], partial[LONG_PATH_MAX], secret[2 * PATHS_SECRET_BYTES + 1];
    uint8_t bytes[PATHS_SECRET_BYTES];
    TRY(check_length(snprintf(path, sizeof path, "%s/%s", data_dir, name), sizeof path));
    if (access(path, F_OK) == 0) return STATUS_OK;
    TRY(make_parents(path, strlen(data_dir) + 1));
    TRY(check_length(snprintf(partial, sizeof partial, "%s.%d", path, (int)getpid()),
                     sizeof partial));
    const int file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return STATUS_UNAVAILABLE;
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2hex(secret, sizeof secret, bytes, sizeof bytes);
    const ssize_t length = (ssize_t)(sizeof secret - 1);
    const bool is_written = write(file, secret, (size_t)length) == length && fsync(file) == 0;
    (void)close(file);
    /* link() fails when another program was faster; then its secret counts. */
    const bool is_there = is_written && (link(partial, path) == 0 || access(path, F_OK) == 0);
    (void)unlink(partial);
    sodium_memzero(secret, sizeof secret);
    return is_there ? STATUS_OK : STATUS_UNAVAILABLE;
}
