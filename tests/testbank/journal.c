/* The bank's memory on disk. */
#include "tests/testbank/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/secret.h"

enum { MAGIC_BYTES = 8, CHECK_BYTES = 16, HEAD_BYTES = 4 + CHECK_BYTES };
static const char magic[MAGIC_BYTES + 1] = "SOUKBNK1";

struct journal {
    int file;
    off_t length; /* on disk */
    size_t records, torn_bytes;
    bool is_unsynced;
    char *buffer;
    size_t buffer_length;
};

static void put_length(char bytes[4], size_t length)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(unsigned char)(length >> (24 - 8 * i));
}

static size_t get_length(const char bytes[4])
{
    size_t length = 0;
    for (int i = 0; i < 4; i++)
        length = length << 8 | (unsigned char)bytes[i];
    return length;
}

/* `record` has room for the head, and the payload behind it. */
static void compute_check(char *record, size_t payload_length, char check[CHECK_BYTES])
{
    static const uint8_t key[SECRET_KEY_BYTES] = "souk-testbank journal record";
    char kept[CHECK_BYTES];
    memcpy(kept, record + 4, CHECK_BYTES);
    memset(record + 4, 0, CHECK_BYTES);
    secret_digest_keyed(key, (struct text){ .data = record, .length = HEAD_BYTES + payload_length },
                        check, CHECK_BYTES);
    memcpy(record + 4, kept, CHECK_BYTES);
}

/* How many bytes were read: fewer than wanted at the end of the file; -1: it cannot be read. */
static ssize_t read_up_to(int file, char *bytes, size_t wanted)
{
    size_t length = 0;
    while (length < wanted) {
        const ssize_t part = read(file, bytes + length, wanted - length);
        if (part < 0 && errno == EINTR) continue;
        if (part < 0) return -1;
        if (part == 0) break;
        length += (size_t)part;
    }
    return (ssize_t)length;
}

static bool write_all(int file, const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t part = write(file, bytes, length);
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) return false;
        bytes += part;
        length -= (size_t)part;
    }
    return true;
}

static bool sync_folder(const char *path)
{
    char *copy = strdup(path);
    if (copy == NULL) abort();
    const int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    if (folder < 0) return false;
    const bool is_synced = fsync(folder) == 0;
    close(folder);
    return is_synced;
}

/* A new file, or one whose making was interrupted, gets its first bytes. */
static enum status start_file(struct journal *journal, const char *path)
{
    if (ftruncate(journal->file, 0) != 0 || lseek(journal->file, 0, SEEK_SET) != 0 ||
        !write_all(journal->file, magic, MAGIC_BYTES) || fsync(journal->file) != 0 ||
        !sync_folder(path)) {
        return STATUS_UNAVAILABLE;
    }
    journal->length = MAGIC_BYTES;
    return STATUS_OK;
}

/* Reads the record at the file's position; false at the first that is not whole. */
static bool read_record(struct journal *journal, char *record, size_t *ret_length)
{
    if (read_up_to(journal->file, record, HEAD_BYTES) != HEAD_BYTES) return false;
    const size_t length = get_length(record);
    if (length > JOURNAL_RECORD_MAX) return false;
    if (read_up_to(journal->file, record + HEAD_BYTES, length) != (ssize_t)length) return false;
    char check[CHECK_BYTES];
    compute_check(record, length, check);
    if (memcmp(check, record + 4, CHECK_BYTES) != 0) return false;
    *ret_length = length;
    return true;
}

static enum status replay(struct journal *journal, const char *path,
                          bool (*on_record)(void *context, struct text payload), void *context)
{
    struct stat about;
    if (fstat(journal->file, &about) != 0) return STATUS_UNAVAILABLE;
    char *record = journal->buffer;
    const ssize_t start = read_up_to(journal->file, record, MAGIC_BYTES);
    if (start < 0) return STATUS_UNAVAILABLE;
    if (memcmp(record, magic, (size_t)start) != 0) return STATUS_CORRUPT;
    if (start < MAGIC_BYTES) return start_file(journal, path);
    journal->length = MAGIC_BYTES;
    size_t length;
    while (read_record(journal, record, &length)) {
        if (!on_record(context, (struct text){ .data = record + HEAD_BYTES, .length = length })) {
            return STATUS_CORRUPT;
        }
        journal->length += (off_t)(HEAD_BYTES + length);
        journal->records++;
    }
    journal->torn_bytes = (size_t)(about.st_size - journal->length);
    if (journal->torn_bytes > 0 &&
        (ftruncate(journal->file, journal->length) != 0 || fsync(journal->file) != 0)) {
        return STATUS_UNAVAILABLE;
    }
    if (lseek(journal->file, journal->length, SEEK_SET) != journal->length) {
        return STATUS_UNAVAILABLE;
    }
    return STATUS_OK;
}

enum status journal_open(const char *path, bool (*on_record)(void *context, struct text payload),
                         void *context, struct journal **ret_journal)
{
    CLEANUP(journal_destroy) struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) abort();
    journal->buffer = calloc(1, JOURNAL_BUFFER_MAX);
    if (journal->buffer == NULL) abort();
    journal->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (journal->file < 0 || flock(journal->file, LOCK_EX | LOCK_NB) != 0) {
        return STATUS_UNAVAILABLE;
    }
    TRY(replay(journal, path, on_record, context));
    *ret_journal = journal;
    journal = NULL;
    return STATUS_OK;
}

enum status journal_append(struct journal *journal, struct text payload)
{
    if (payload.length > JOURNAL_RECORD_MAX) return STATUS_OUT_OF_RANGE;
    const size_t bytes = HEAD_BYTES + payload.length;
    if (bytes > JOURNAL_BUFFER_MAX - journal->buffer_length) return STATUS_OVERLOADED;
    if ((size_t)journal->length + journal->buffer_length + bytes > JOURNAL_BYTES_MAX) {
        return STATUS_OVERLOADED;
    }
    char *record = journal->buffer + journal->buffer_length;
    put_length(record, payload.length);
    if (payload.length > 0) memcpy(record + HEAD_BYTES, payload.data, payload.length);
    char check[CHECK_BYTES];
    compute_check(record, payload.length, check);
    memcpy(record + 4, check, CHECK_BYTES);
    journal->buffer_length += bytes;
    journal->records++;
    return STATUS_OK;
}

enum status journal_write(struct journal *journal, bool is_durable)
{
    if (journal->buffer_length > 0) {
        if (!write_all(journal->file, journal->buffer, journal->buffer_length)) {
            return STATUS_UNAVAILABLE;
        }
        journal->length += (off_t)journal->buffer_length;
        journal->buffer_length = 0;
        journal->is_unsynced = true;
    }
    if (is_durable && journal->is_unsynced) {
        if (fdatasync(journal->file) != 0) return STATUS_UNAVAILABLE;
        journal->is_unsynced = false;
    }
    return STATUS_OK;
}

size_t journal_torn_bytes(const struct journal *journal)
{
    return journal->torn_bytes;
}

size_t journal_records(const struct journal *journal)
{
    return journal->records;
}

void journal_destroy(struct journal **journal)
{
    if (*journal == NULL) return;
    if ((*journal)->file >= 0) close((*journal)->file);
    free((*journal)->buffer);
    free(*journal);
    *journal = NULL;
}
