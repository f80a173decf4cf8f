/* Rows of a file of separated values (RFC 4180, with the separator and the characters of its form),
 * one at a time, in bounded memory: quotes, doubled quotes, line breaks inside quotes, lines that
 * end with CRLF, LF or CR. Rows of separators and spaces only are skipped. A row that breaks the
 * rules is returned as such, and reading goes on behind its line: a quote that is never closed
 * takes no other row with it. Pure. */
#pragma once

#include "messages/product_file/file_form.h"

enum {
    CSV_FIELD_MAX = 1 << 17,  /* bytes of a field that are kept; longer ones are cut */
    CSV_ROW_MAX = 1 << 19,    /* bytes of all kept fields of a row */
    CSV_QUOTED_MAX = 1 << 20, /* bytes in quotes, beyond which the quote counts as open */
    CSV_COLUMNS_MAX = 4096,   /* fields of a row that can be kept; further ones are counted */
};

struct csv_field {
    struct text text;
    uint64_t line;             /* on which it begins */
    uint64_t next_line_offset; /* byte behind that line; 0: the field ends on its line */
    bool is_cut;               /* there was more of it */
};

/* Views are valid until the next row is read. */
struct csv_row {
    const struct csv_field *fields; /* the first min(fields_count, CSV_COLUMNS_MAX) */
    size_t fields_count;            /* trailing empty ones are not counted */
    uint64_t line;                  /* on which the row begins, from 1 */
    uint64_t end_offset;            /* bytes of the file up to the end of the row */
    uint64_t end_line;              /* on which the next row begins */
    const char *problem; /* NULL, or a static sentence; then only the fields before it are there */
    uint64_t problem_line;
    uint64_t taken_lines; /* that an open quote took with it, and that are read again as rows */
};

struct csv_reader;

/* The source is copied; its context must outlive the reader, which stands at the form's start. */
struct csv_reader *csv_reader_new(const struct byte_source *source, const struct file_form *form);
/* Clears the pointer, which may be NULL. */
void csv_reader_destroy(struct csv_reader **reader);
/* Goes to this byte of the file, the start of a row, which is on this line. */
void csv_reader_seek(struct csv_reader *reader, uint64_t offset, uint64_t line);
/* Keeps the fields of this column. From the first call on those of columns that were not named are
 * empty. */
void csv_reader_keep(struct csv_reader *reader, size_t position);
/* Reads the next row. Statuses: OK (a row, perhaps with a problem), NOT_FOUND (no more), and those
 * of the source. */
MUST_CHECK enum status csv_reader_next(struct csv_reader *reader, struct csv_row *ret_row);
/* Takes a row back from this field on, which has line breaks where there can be none: a quote was
 * opened in it that another one, of a later row, has closed. The row gets a problem, and reading
 * goes on behind the field's first line. */
void csv_reader_take_back(struct csv_reader *reader, size_t position, struct csv_row *row);
