/* Rows of a CSV file (RFC 4180), one at a time, in bounded memory: quotes, doubled quotes, line
 * breaks inside quotes, lines that end with CRLF, LF or CR, a byte order mark. A row that breaks
 * the rules is returned as such, and reading continues after it. Empty lines are skipped. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum {
    CSV_FIELD_MAX = 1 << 16, /* bytes */
    CSV_ROW_MAX = 1 << 19,   /* bytes of all fields of a row */
    CSV_COLUMNS_MAX = 256,
    CSV_BUFFER_BYTES = 1 << 16
};

/* Where the bytes come from. `read` fills at most `capacity` bytes. Statuses: OK (ret_length 0 is
 * the end), UNAVAILABLE. */
struct csv_source {
    void *context;
    enum status (*read)(void *context, char *buffer, size_t capacity, size_t *ret_length);
};

struct csv_field {
    struct text text;
    uint64_t line; /* on which the field begins */
};

/* Views are valid until the next row is read. */
struct csv_row {
    const struct csv_field *fields;
    size_t fields_count;
    uint64_t line;       /* on which the row begins, from 1 */
    uint64_t end_offset; /* bytes of the file up to the end of the row */
    uint64_t end_line;   /* on which the next row begins */
    const char *problem; /* NULL, or a static sentence; then only the fields before it are there */
    uint64_t problem_line;
};

struct csv_reader;

/* The source is copied; its context must outlive the reader. */
struct csv_reader *csv_reader_new(const struct csv_source *source);
/* Clears the pointer, which may be NULL. */
void csv_reader_destroy(struct csv_reader **reader);
/* Tells that the source continues at this byte of the file, the start of a row, which is on this
 * line. */
void csv_reader_resume(struct csv_reader *reader, uint64_t offset, uint64_t line);
/* Reads the next row. Statuses: OK (a row, perhaps with a problem), NOT_FOUND (no more),
 * UNAVAILABLE (the source failed). */
MUST_CHECK enum status csv_reader_next(struct csv_reader *reader, struct csv_row *ret_row);
