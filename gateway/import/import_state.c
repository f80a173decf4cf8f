/* A line of numbers behind a word that names the format; the file is replaced by a rename. */
#include "gateway/import/import_state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/arena.h"
#include "runtime/secret.h"

enum { DIGEST_BYTES = 16, STATE_TEXT_MAX = 256, NUMBERS = 8 };

static const char magic[] = "souk-import-1";

enum status import_state_path(const char *data_dir, const struct import_source *source,
                              char ret_path[IMPORT_STATE_PATH_MAX])
{
    assert(source->currency != NULL);
    assert(source->reading != NULL);
    assert(source->path[0] == '/');
    struct arena *arena = arena_new(1024);
    const struct text identity =
        text_format(arena, "%s\n%" PRIu64 "\n%" PRId64 "\n%s\n%s\n%s", source->path, source->size,
                    source->modified_ns, source->currency,
                    source->vendor == NULL ? "" : source->vendor, source->reading);
    uint8_t digest[DIGEST_BYTES];
    secret_open();
    secret_digest(identity, digest, sizeof digest);
    arena_destroy(&arena);
    char path[IMPORT_STATE_PATH_MAX], hash[2 * DIGEST_BYTES + 1];
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    int length = snprintf(path, sizeof path, "%s/import", data_dir);
    if (length < 0 || (size_t)length >= sizeof path) return STATUS_OUT_OF_RANGE;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    length = snprintf(path, sizeof path, "%s/import/%s", data_dir, hash);
    if (length < 0 || (size_t)length >= sizeof path) return STATUS_OUT_OF_RANGE;
    memcpy(ret_path, path, sizeof path);
    return STATUS_OK;
}

enum status import_state_load(const char *path, struct import_state *ret_state)
{
    struct import_state state;
    char word[sizeof magic];
    FILE *file = fopen(path, "re");
    if (file == NULL) return STATUS_NOT_FOUND;
    const int count = fscanf(file,
                             "%13s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                             " %" SCNu64 " %" SCNu64 " %" SCNu64,
                             word, &state.offset, &state.line, &state.counts.products,
                             &state.counts.rows, &state.counts.created, &state.counts.updated,
                             &state.counts.unchanged, &state.counts.bad);
    (void)fclose(file);
    if (count != NUMBERS + 1 || strcmp(word, magic) != 0 || state.line == 0)
        return STATUS_NOT_FOUND;
    *ret_state = state;
    return STATUS_OK;
}

static bool write_all(int file, const char *data, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(file, data, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        length -= (size_t)written;
    }
    return fsync(file) == 0;
}

enum status import_state_save(const char *path, const struct import_state *state)
{
    assert(state->line > 0);
    char text[STATE_TEXT_MAX], partial[IMPORT_STATE_PATH_MAX + 8];
    const struct import_counts *counts = &state->counts;
    const int length = snprintf(text, sizeof text,
                                "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                                " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                                magic, state->offset, state->line, counts->products, counts->rows,
                                counts->created, counts->updated, counts->unchanged, counts->bad);
    assert(length > 0 && (size_t)length < sizeof text);
    (void)snprintf(partial, sizeof partial, "%s.new", path);
    const int file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return STATUS_UNAVAILABLE;
    const bool is_written = write_all(file, text, (size_t)length);
    if (close(file) != 0 || !is_written) return STATUS_UNAVAILABLE;
    return rename(partial, path) == 0 ? STATUS_OK : STATUS_UNAVAILABLE;
}

void import_state_remove(const char *path)
{
    (void)unlink(path);
}
