/* How far an import has come, on disk, so that the next run of the same file goes on there. It only
 * saves work: repeating a product changes nothing. */
#pragma once

#include "runtime/base.h"

enum { IMPORT_STATE_PATH_MAX = 512 };

struct import_counts {
    uint64_t products, rows, created, updated, unchanged, bad;
};

struct import_state {
    uint64_t offset; /* bytes of the file up to which everything is done */
    uint64_t line;   /* on which the rest begins */
    struct import_counts counts;
};

/* What makes two runs the same import. */
struct import_source {
    const char *path;
    uint64_t size;
    int64_t modified_ns;
    const char *vendor, *currency; /* vendor may be NULL */
};

/* DATA_DIR/import/HASH, where the hash covers the source and the file's real path; makes the
 * directory (0700). Statuses: OK, NOT_FOUND (no such file), UNAVAILABLE (cannot make the
 * directory), OUT_OF_RANGE (path too long). */
MUST_CHECK enum status import_state_path(const char *data_dir, const struct import_source *source,
                                         char ret_path[IMPORT_STATE_PATH_MAX]);
/* Statuses: OK, NOT_FOUND (none, or one that cannot be read). */
MUST_CHECK enum status import_state_load(const char *path, struct import_state *ret_state);
/* Replaces the file as a whole. Statuses: OK, UNAVAILABLE. */
MUST_CHECK enum status import_state_save(const char *path, const struct import_state *state);
void import_state_remove(const char *path);
