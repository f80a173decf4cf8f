/* How far an import has come, on disk, so that the next run of the same file continues there. It
 * only saves work: sending a product again changes nothing. */
#pragma once

#include "runtime/base.h"

enum { IMPORT_STATE_PATH_MAX = 512 };

/* What became of the rows and products so far. */
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
    const char *path; /* the file's real one */
    uint64_t size;
    int64_t modified_ns;
    const char *vendor, *currency; /* vendor may be NULL */
    const char *reading;           /* how its columns are read; any text, the same for the same */
};

/* The file that keeps the state of an import: DATA_DIR/import/HASH, where the hash is of the
 * source. Makes the directory (0700). Statuses: OK, UNAVAILABLE (cannot make the directory),
 * OUT_OF_RANGE (path too long). */
MUST_CHECK enum status import_state_path(const char *data_dir, const struct import_source *source,
                                         char ret_path[IMPORT_STATE_PATH_MAX]);
/* Reads a state. Statuses: OK, NOT_FOUND (there is none, or none that can be read). */
MUST_CHECK enum status import_state_load(const char *path, struct import_state *ret_state);
/* Writes a state; a crash leaves the old one or the new one. Blocks for the disk. Statuses: OK,
 * UNAVAILABLE. */
MUST_CHECK enum status import_state_save(const char *path, const struct import_state *state);
/* The import is done. */
void import_state_remove(const char *path);
