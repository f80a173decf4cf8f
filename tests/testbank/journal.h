/* An append-only file of records, each with its length and a checksum, replayed at the start.
 *
 * Format: "SOUKBNK1", then per record: length (4 bytes, big-endian), the first 16 bytes of BLAKE2b
 * (RFC 7693) over length and payload, payload. What follows the last whole record, a record whose
 * checksum is wrong included, is what a write left that was never acknowledged: it is cut off. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

struct journal;

enum {
    JOURNAL_RECORD_MAX = 128 * 1024,       /* bytes of a payload */
    JOURNAL_BUFFER_MAX = 4 * 1024 * 1024,  /* bytes that wait for journal_write() */
    JOURNAL_BYTES_MAX = 2000 * 1024 * 1024 /* of the file; a full one takes no more records */
};

/* Opens or makes the file, gives every whole record to `on_record` in order, cuts off a torn tail,
 * and locks the file against other processes. Statuses: OK, UNAVAILABLE (the file cannot be opened,
 * read, cut or locked), CORRUPT (it is no journal of this version, or on_record refused a record).
 * The caller destroys the journal. */
MUST_CHECK enum status journal_open(const char *path,
                                    bool (*on_record)(void *context, struct text payload),
                                    void *context, struct journal **ret_journal);
/* Keeps a record for the next journal_write(). Statuses: OK, OUT_OF_RANGE (too long), OVERLOADED
 * (the file is full, or too much waits). */
MUST_CHECK enum status journal_append(struct journal *journal, struct text payload);
/* Writes what was appended; `is_durable` waits until the disk has it. Blocks the caller. Statuses:
 * OK, UNAVAILABLE (nobody knows what is on the disk: the process must end). */
MUST_CHECK enum status journal_write(struct journal *journal, bool is_durable);
/* Bytes that a torn tail had at the start. */
size_t journal_torn_bytes(const struct journal *journal);
size_t journal_records(const struct journal *journal);
/* Closes without writing what waits; clears the pointer; NULL is fine. */
void journal_destroy(struct journal **journal);
