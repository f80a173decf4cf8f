/* Pictures in a folder. A file is written under another name, brought to the disk, and then given
 * its own, so that whoever reads it finds all of it or nothing. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/picture/picture_store.h"
#include "runtime/log.h"

enum { DIRECTORY_MODE = 0700, FILE_MODE = 0600, HALF_WRITTEN_MAX_S = 86400, HEX = 256 };

static const char unfinished[] = "unfinished"; /* the folder of what is being written */

struct folder_store {
    struct picture_store store; /* first */
    struct offload *offload;
    int folder; /* descriptor */
};

/* What is done in the pool. */
struct folder_work {
    int folder;
    const char *name;
    struct text bytes; /* to be written; or read, in memory of malloc */
    enum status status;
};

static enum status work_failed(const char *event)
{
    log_error(event, LOG_STRING("reason", strerrordesc_np(errno)));
    return STATUS_UNAVAILABLE;
}

/* ---- in the pool ---- */

static bool write_all(int file, struct text bytes)
{
    while (bytes.length > 0) {
        const ssize_t written = write(file, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = (struct text){ bytes.data + written, bytes.length - (size_t)written };
    }
    return true;
}

/* A name in a folder is on the disk when the folder is. */
static bool sync_folder(int folder, const char *name)
{
    const int opened = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return false;
    const bool is_good = fsync(opened) == 0;
    (void)close(opened);
    return is_good;
}

static void parent_of(const char *name, char ret_parent[PICTURE_NAME_MAX])
{
    const char *slash = strrchr(name, '/');
    assert(slash != NULL);
    (void)snprintf(ret_parent, PICTURE_NAME_MAX, "%.*s", (int)(slash - name), name);
}

/* Each writer has a file of its own: two may write the same picture at once. */
static bool make_unfinished(struct folder_work *work, char ret_name[PICTURE_NAME_MAX])
{
    static _Atomic unsigned writers;
    (void)snprintf(ret_name, PICTURE_NAME_MAX, "%s/%d-%u", unfinished, (int)getpid(), writers++);
    const int file = openat(work->folder, ret_name,
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (file < 0) return false;
    const bool is_written = write_all(file, work->bytes) && fsync(file) == 0;
    return close(file) == 0 && is_written;
}

static void work_put(void *argument)
{
    struct folder_work *work = argument;
    char parent[PICTURE_NAME_MAX], made[PICTURE_NAME_MAX];
    parent_of(work->name, parent);
    if (make_unfinished(work, made) &&
        renameat(work->folder, made, work->folder, work->name) == 0 &&
        sync_folder(work->folder, parent)) {
        work->status = STATUS_OK;
        return;
    }
    work->status = work_failed("picture_not_written");
    (void)unlinkat(work->folder, made, 0);
}

/* A file that is there is whole; one of nobody's size is not ours. */
static enum status read_file(int file, struct text *ret_bytes)
{
    struct stat state;
    if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode) || state.st_size > PICTURE_OUTPUT_MAX)
        return STATUS_UNAVAILABLE;
    const size_t length = (size_t)state.st_size;
    char *bytes = malloc(length + 1);
    if (bytes == NULL) abort();
    size_t done = 0;
    while (done < length) {
        const ssize_t got = read(file, bytes + done, length - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    if (done < length) {
        free(bytes);
        return STATUS_UNAVAILABLE;
    }
    *ret_bytes = (struct text){ bytes, length };
    return STATUS_OK;
}

static void work_get(void *argument)
{
    struct folder_work *work = argument;
    const int file = openat(work->folder, work->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        work->status = errno == ENOENT ? STATUS_NOT_FOUND : work_failed("picture_not_read");
        return;
    }
    work->status = read_file(file, &work->bytes);
    (void)close(file);
}

static void work_remove(void *argument)
{
    struct folder_work *work = argument;
    const bool is_gone = unlinkat(work->folder, work->name, 0) == 0 || errno == ENOENT;
    work->status = is_gone ? STATUS_OK : work_failed("picture_not_removed");
}

/* ---- the store ---- */

static enum status folder_do(struct picture_store *store, void (*work)(void *argument),
                             struct folder_work *job)
{
    struct folder_store *self = (struct folder_store *)(void *)store;
    job->folder = self->folder;
    TRY(offload_run(self->offload, work, job));
    return job->status;
}

static enum status folder_put(struct picture_store *store, const char *name, struct text bytes)
{
    struct folder_work job = { .name = name, .bytes = bytes };
    return folder_do(store, work_put, &job);
}

static enum status folder_get(struct picture_store *store, const char *name, struct arena *arena,
                              struct text *ret_bytes)
{
    struct folder_work job = { .name = name };
    const enum status status = folder_do(store, work_get, &job);
    if (status == STATUS_OK) *ret_bytes = text_copy(arena, job.bytes);
    free((void *)(uintptr_t)job.bytes.data);
    return status;
}

static enum status folder_remove(struct picture_store *store, const char *name)
{
    struct folder_work job = { .name = name };
    return folder_do(store, work_remove, &job);
}

static void folder_destroy(struct picture_store *store)
{
    struct folder_store *self = (struct folder_store *)(void *)store;
    (void)close(self->folder);
    free(self);
}

static const struct picture_store_kind folder_kind = { folder_put, folder_get, folder_remove,
                                                       folder_destroy };

/* ---- the beginning ---- */

static bool make_folder(int folder, const char *name)
{
    return mkdirat(folder, name, DIRECTORY_MODE) == 0 || errno == EEXIST;
}

/* All of them at once: then no upload has to bring new folders to the disk. */
static bool make_folders(int folder)
{
    static const char *const areas[] = { "public", "private" };
    if (!make_folder(folder, unfinished)) return false;
    for (size_t i = 0; i < ARRAY_LENGTH(areas); i++) {
        if (!make_folder(folder, areas[i])) return false;
        for (unsigned number = 0; number < HEX; number++) {
            char name[PICTURE_NAME_MAX];
            (void)snprintf(name, sizeof name, "%s/%02x", areas[i], number);
            if (!make_folder(folder, name)) return false;
        }
        if (!sync_folder(folder, areas[i])) return false;
    }
    return sync_folder(folder, ".");
}

/* What a process that was killed left behind. Another gateway's may still be being written. */
static void drop_unfinished(int folder)
{
    enum { FILES_MAX = 10000 };
    const int opened = openat(folder, unfinished, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = opened < 0 ? NULL : fdopendir(opened);
    if (list == NULL) return;
    const time_t now = time(NULL);
    for (int i = 0; i < FILES_MAX; i++) {
        const struct dirent *entry = readdir(list);
        struct stat state;
        if (entry == NULL) break;
        if (fstatat(opened, entry->d_name, &state, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISREG(state.st_mode) && now - state.st_mtime > HALF_WRITTEN_MAX_S)
            (void)unlinkat(opened, entry->d_name, 0);
    }
    (void)closedir(list);
}

enum status picture_store_folder_new(const char *path, struct offload *offload,
                                     struct picture_store **ret_store)
{
    assert(path != NULL);
    assert(offload != NULL);
    if (mkdir(path, DIRECTORY_MODE) != 0 && errno != EEXIST)
        return work_failed("picture_folder_not_made");
    const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return work_failed("picture_folder_not_opened");
    if (!make_folders(folder)) {
        const enum status status = work_failed("picture_folder_not_made");
        (void)close(folder);
        return status;
    }
    drop_unfinished(folder);
    struct folder_store *self = calloc(1, sizeof *self);
    if (self == NULL) abort();
    *self = (struct folder_store){ { &folder_kind }, offload, folder };
    *ret_store = &self->store;
    return STATUS_OK;
}
