/* Walks and changes folders by descriptors (openat(2) and its kin). */
#include "runtime/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_ENTRIES_MAX = 100000, FOLDER_PATH_MAX = 1024 };

enum status folder_open_any(int parent, const char *name, int *ret_folder)
{
    assert(name != NULL);
    assert(strchr(name, '/') == NULL);
    if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    const int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return STATUS_UNAVAILABLE;
    *ret_folder = folder;
    return STATUS_OK;
}

enum status folder_open(int parent, const char *name, int *ret_folder)
{
    int folder;
    struct stat about;
    TRY(folder_open_any(parent, name, &folder));
    if (fstat(folder, &about) != 0 || about.st_uid != geteuid()) {
        (void)close(folder);
        return STATUS_FORBIDDEN;
    }
    *ret_folder = folder;
    return STATUS_OK;
}

/* O_PATH opens nothing but the place: no FIFO waits, no device wakes. What is looked at is then
 * what is given, whatever has the name by now. */
static bool hand_over(int folder, const char *name, const struct account *account)
{
    struct stat about;
    const int file = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return errno == ENOENT;
    bool is_done = fstat(file, &about) == 0;
    const bool is_ours_to_give =
        is_done && (S_ISREG(about.st_mode) || S_ISSOCK(about.st_mode)) && about.st_nlink == 1;
    if (is_ours_to_give && (about.st_uid != account->user || about.st_gid != account->group))
        is_done = fchownat(file, "", account->user, account->group, AT_EMPTY_PATH) == 0;
    (void)close(file);
    return is_done;
}

enum status folder_hand_over(int folder, const struct account *account, const char *kept)
{
    assert(account != NULL);
    const int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    if (directory == NULL) {
        if (copy >= 0) (void)close(copy);
        return STATUS_UNAVAILABLE;
    }
    bool is_done = true;
    const struct dirent *entry;
    for (size_t i = 0; i < FOLDER_ENTRIES_MAX && (entry = readdir(directory)) != NULL; i++) {
        if (kept != NULL && strcmp(entry->d_name, kept) == 0) continue;
        is_done = hand_over(folder, entry->d_name, account) && is_done;
    }
    (void)closedir(directory);
    return is_done ? STATUS_OK : STATUS_UNAVAILABLE;
}

/* ---- files to append to ---- */

static bool is_ours(const struct stat *about, bool is_last)
{
    if (about->st_uid != 0 && about->st_uid != geteuid()) return false;
    if ((about->st_mode & (S_IWGRP | S_IWOTH)) == 0) return true;
    /* In one like /tmp nobody renames what is another's, but anybody makes what is missing. */
    return !is_last && (about->st_mode & S_ISVTX) != 0;
}

bool folder_is_ours(const char *path)
{
    char way[FOLDER_PATH_MAX];
    struct stat about;
    const char *last = strrchr(path, '/');
    const int length = last == NULL || last == path ? -1 : (int)(last - path);
    if (length < 0 || length >= FOLDER_PATH_MAX) return false;
    (void)snprintf(way, sizeof way, "%.*s", length, path);
    char *real = realpath(way, NULL);
    if (real == NULL) return false;
    /* A link on the way could be somebody's who chose where it leads. */
    bool is_good = strcmp(real, way) == 0 && stat("/", &about) == 0 && is_ours(&about, false);
    for (char *end = strchr(real + 1, '/'); is_good; end = strchr(end + 1, '/')) {
        if (end != NULL) *end = '\0';
        is_good = lstat(real, &about) == 0 && is_ours(&about, end == NULL);
        if (end == NULL) break;
        *end = '/';
    }
    free(real);
    return is_good;
}

bool folder_give_file(int file, const struct account *account)
{
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 1) return false;
    if (about.st_uid == account->user) return true;
    return about.st_uid == 0 && fchown(file, account->user, account->group) == 0;
}

int folder_open_log(const char *path, const struct account *account)
{
    if (!folder_is_ours(path)) return -1;
    const int file = open(
        path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK, 0640);
    if (file < 0 || account == NULL || folder_give_file(file, account)) return file;
    (void)close(file);
    return -1;
}
