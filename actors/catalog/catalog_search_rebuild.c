/* Which index is asked: the one that is found at the start, or another that is built beside it from
 * the rows and then takes its place. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/catalog/catalog_search.h"
#include "runtime/folder.h"
#include "runtime/log.h"
#include "storage/feed.h"

enum {
    ARENA_BYTES = 16 * 1024,
    PAUSE_MIN_US = 1000 * 1000,
    PAUSE_MAX_US = 600 * 1000 * 1000,
    PAUSE_FORGOTTEN_US = 1200 * 1000 * 1000,
    UNMADE_PAUSE_US = 1000 * 1000,
    UNMADE_SAID_EVERY_US = 60 * 1000 * 1000,
    WAITING_MAX = 2000,     /* products that wait during the walk before they are put */
    UNCOMMITTED_MAX = 4000, /* products that are put before a commit: they are in memory */
    ROUNDS_MAX = 20,        /* through what has come meanwhile, while more comes */
};

/* ---- folders ---- */

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* An index is a folder of files. */
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_dots(entry->d_name)) (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

static void do_remove(void *argument)
{
    remove_folder(argument);
}

/* What is in a folder, but for files that are about to take another's place; 0 files if there is
 * none. */
static size_t look_at_folder(const char *path, uint64_t *ret_number)
{
    struct stat about;
    size_t files = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) return 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        files += is_dots(entry->d_name) || strstr(entry->d_name, ".tmp") != NULL ? 0 : 1;
    *ret_number = fstat(dirfd(folder), &about) == 0 ? (uint64_t)about.st_ino : 0;
    (void)closedir(folder);
    return files;
}

static void close_if_open(int folder)
{
    if (folder >= 0) (void)close(folder);
}

/* The folder of this node's indexes, and the one that it is in: whoever may delete an index may
 * delete these, too. */
static bool make_folder(const struct catalog_search *search)
{
    const char *data_dir = config_text(service_config(search->service), SETTING_PATHS_DATA_DIR);
    int parent = -1, own = -1;
    const int data = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const bool is_made =
        data >= 0 && folder_open_any(data, "search", &parent) == STATUS_OK &&
        folder_open_any(parent, service_node(search->service), &own) == STATUS_OK &&
        faccessat(own, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0;
    close_if_open(own);
    close_if_open(parent);
    close_if_open(data);
    return is_made;
}

/* It is tried again soon: who mends it waits for that. */
static void put_off(struct catalog_search *search)
{
    const int64_t now_us = service_now_us(search->service);
    search->retry_us = now_us + UNMADE_PAUSE_US;
    if (search->unmade_us != 0 && now_us - search->unmade_us < UNMADE_SAID_EVERY_US) return;
    search->unmade_us = now_us;
    log_error("search_folder_not_made", LOG_STRING("folder", search->folder));
}

/* An index gets more files as it grows, and never fewer. */
bool catalog_search_is_in_place(struct catalog_search *search)
{
    uint64_t number = 0;
    const size_t files = look_at_folder(search->current.folder, &number);
    if (files < search->files_count || number != search->folder_number) return false;
    search->files_count = files;
    return true;
}

/* ---- the index in use ---- */

/* `is_ready`: it has everything that has happened, or leaves it out by hand. */
static void take_in_use(struct catalog_search *search, bool is_ready)
{
    search->files_count = look_at_folder(search->current.folder, &search->folder_number);
    search->current.is_fed = true;
    search->is_broken = false;
    search->is_ready = is_ready;
    search->epoch++;
    search->commits++;
}

static enum status find_ends(struct catalog_search *search, struct feed_ends *ret_ends)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(ARENA_BYTES);
    return feed_find_ends(service_database(search->service), arena,
                          service_deadline_us(search->service), ret_ends);
}

/* Whether the events go on where the index ends. */
static enum status check_cursors(struct catalog_search *search, bool *ret_has_wish)
{
    struct feed_ends ends;
    TRY(catalog_target_read_cursors(search, &search->current, ret_has_wish));
    TRY(find_ends(search, &ends));
    for (unsigned shard = 0; shard < SHARD_COUNT; shard++) {
        if (!feed_is_lost(&ends, shard, search->current.kept[shard])) continue;
        log_warning("search_index_missed_events", LOG_INT("shard", shard),
                    LOG_INT("after", (int64_t)search->current.kept[shard]),
                    LOG_INT("forgotten", (int64_t)ends.forgotten[shard]),
                    LOG_INT("last", (int64_t)ends.last[shard]));
        return STATUS_CORRUPT;
    }
    return STATUS_OK;
}

enum status catalog_search_open_current(struct catalog_search *search)
{
    struct catalog_target *current = &search->current;
    bool has_wish;
    enum status status = catalog_target_open(search, current, false);
    if (status == STATUS_OK) {
        status = check_cursors(search, &has_wish);
        if (status != STATUS_OK) catalog_target_close(search, current);
    }
    if (status == STATUS_NOT_FOUND || status == STATUS_CORRUPT) {
        search->wants_rebuild = true;
        return STATUS_OK;
    }
    TRY(status);
    memcpy(search->seen, current->kept, sizeof search->seen);
    search->has_cursors = true;
    take_in_use(search, false);
    search->wants_rebuild = has_wish;
    if (!has_wish) /* what a node that died was building or had not yet removed */
        IGNORE(service_offload(search->service, do_remove, search->next.folder));
    log_info("search_index_opened", LOG_STRING("folder", current->folder));
    service_wake(search->service);
    return STATUS_OK;
}

/* ---- another one ---- */

/* Where events are read from when there is no index whose cursors go on: from the end, before
 * anything is walked. */
static enum status begin_at_end(struct catalog_search *search)
{
    struct feed_ends ends;
    TRY(find_ends(search, &ends));
    memcpy(search->seen, ends.last, sizeof search->seen);
    search->has_cursors = true;
    return STATUS_OK;
}

/* Rebuilds that follow one another, because they fail or each index turns out to be broken, do so
 * more and more slowly. */
static void pace(struct catalog_search *search)
{
    const int64_t now_us = service_now_us(search->service);
    if (search->pause_us == 0 || now_us - search->begun_us > PAUSE_FORGOTTEN_US)
        search->pause_us = PAUSE_MIN_US;
    search->retry_us = now_us + search->pause_us;
    search->begun_us = now_us;
    search->pause_us = search->pause_us < PAUSE_MAX_US ? 2 * search->pause_us : PAUSE_MAX_US;
}

enum status catalog_search_begin_rebuild(struct catalog_search *search)
{
    assert(!search->is_rebuilding);
    struct catalog_target *next = &search->next;
    if (!make_folder(search)) {
        put_off(search);
        return STATUS_OK;
    }
    if (!search->current.is_fed) pace(search);
    catalog_target_clear(next);
    if (next->writer != NULL) catalog_target_close(search, next);
    if (next->writer != NULL) return STATUS_UNAVAILABLE;
    TRY(catalog_target_open(search, next, true));
    if (!search->current.is_fed) TRY(begin_at_end(search));
    memcpy(next->kept, search->seen, sizeof next->kept);
    next->is_fed = true;
    next->committed_us = service_now_us(search->service);
    search->wants_rebuild = false;
    search->is_rebuilding = true;
    search->is_walked = false;
    search->rounds = 0;
    search->uncommitted = 0;
    search->walked = (struct uuid){ { 0 } };
    log_info("search_rebuild_began", LOG_STRING("folder", next->folder));
    return STATUS_OK;
}

void catalog_search_end_rebuild(struct catalog_search *search)
{
    catalog_target_close(search, &search->next);
    catalog_target_clear(&search->next);
    search->next.is_fed = false;
    search->is_rebuilding = false;
    search->wants_rebuild = true;
    if (!search->current.is_fed) search->has_cursors = false;
    pace(search);
}

static enum status walk(struct catalog_search *search)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(ARENA_BYTES);
    const struct catalog_search_source source = catalog_search_source(search, arena);
    struct uuid ids[CATALOG_SEARCH_BATCH_MAX];
    size_t count;
    TRY(catalog_search_store_walk(&source, (struct uuid){ { 0 } }, search->walked, ids, &count));
    TRY(catalog_target_put(search, &search->next, ids, count));
    if (count > 0) search->walked = ids[count - 1];
    search->is_walked = count < CATALOG_SEARCH_BATCH_MAX;
    search->uncommitted += count;
    if (search->uncommitted < UNCOMMITTED_MAX) return STATUS_OK;
    search->uncommitted = 0;
    return catalog_target_commit(search, &search->next, search->next.kept);
}

/* Exchanges the two folders, or moves the new one into an empty place. What was there is under the
 * other name then; it may be gone already. */
static enum status exchange(const char *next, const char *current)
{
    if (renameat2(AT_FDCWD, next, AT_FDCWD, current, RENAME_EXCHANGE) == 0) return STATUS_OK;
    if (errno != ENOENT) remove_folder(current); /* a file system that cannot exchange */
    if (rename(next, current) == 0) return STATUS_OK;
    log_error("search_index_not_moved", LOG_INT("errno", errno));
    return STATUS_UNAVAILABLE;
}

/* What events have hidden since the walk saw it is left out by hand until it is indexed. */
static void hide_waiting(struct catalog_search *search)
{
    struct catalog_id_slot slot;
    for (size_t i = 0; catalog_id_map_next(&search->current.waiting.products, &i, &slot);) {
        if (slot.value != 0 &&
            !catalog_id_map_put(&search->hidden, slot.id, CATALOG_SEARCH_FOR_NOW))
            log_warning("search_hides_no_more");
    }
    for (size_t i = 0; catalog_id_map_next(&search->current.waiting.vendors, &i, &slot);) {
        if (slot.value != 0 &&
            !catalog_id_map_put(&search->closed, slot.id, CATALOG_SEARCH_FOR_NOW))
            log_warning("search_hides_no_more");
    }
}

/* The writers know their folders by name, so both are closed while these change. Events go on being
 * collected for the new one meanwhile; whoever searches has the files of the old one open. */
static enum status swap(struct catalog_search *search)
{
    struct catalog_target *current = &search->current, *next = &search->next;
    assert(!next->is_busy);
    catalog_target_close(search, next);
    catalog_target_close(search, current);
    if (next->writer != NULL || current->writer != NULL) return STATUS_UNAVAILABLE;
    TRY(service_fault_point(search->service, "swap", "before"));
    TRY(exchange(next->folder, current->folder));
    catalog_target_clear(current);
    current->waiting = next->waiting;
    next->waiting = (struct catalog_named){ .products.max = current->waiting.products.max,
                                            .vendors.max = current->waiting.vendors.max,
                                            .categories.max = current->waiting.categories.max };
    memcpy(current->kept, next->kept, sizeof current->kept);
    next->is_fed = false;
    search->is_rebuilding = false;
    hide_waiting(search);
    take_in_use(search, true);
    log_info("search_rebuild_ended");
    TRY(service_fault_point(search->service, "swap", "after"));
    IGNORE(service_offload(search->service, do_remove, next->folder));
    return STATUS_OK;
}

enum status catalog_search_go_on_rebuilding(struct catalog_search *search)
{
    struct catalog_target *next = &search->next;
    const size_t waiting = catalog_named_count(&next->waiting);
    const bool is_behind = next->is_busy || waiting > (search->is_walked ? 0 : WAITING_MAX);
    if (is_behind && search->rounds < ROUNDS_MAX) {
        const bool was_busy = next->is_busy;
        TRY(catalog_target_step(search, next));
        search->rounds += was_busy && !next->is_busy && search->is_walked ? 1 : 0;
        return STATUS_OK;
    }
    if (!search->is_walked) return walk(search);
    if (next->is_dirty) TRY(catalog_target_commit(search, next, next->kept));
    if (next->is_dirty || catalog_named_count(&next->waiting) > 0) {
        if (search->rounds < ROUNDS_MAX) return STATUS_OK; /* something came in the meantime */
    }
    return swap(search);
}
