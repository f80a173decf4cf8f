/* A state machine over stretches of bytes, whose storage has fixed bounds: an unclosed quote makes
 * the rest of a file one field, which must not become one allocation. */
#include "messages/product_file/csv.h"

#include <stdlib.h>
#include <string.h>

enum csv_state {
    AT_FIELD_START,
    IN_PLAIN,
    IN_QUOTES,
    AFTER_QUOTE, /* the closing quote, or the first of a doubled one */
};

enum { END_OF_FILE = -1 };

static const char open_quote[] = "a quote is opened and not closed";

struct csv_reader {
    struct byte_source source;
    struct file_form form;
    struct encoding_chunk chunk;
    size_t position;        /* in the chunk */
    size_t marked;          /* a place in the chunk whose ... */
    uint64_t marked_offset; /* ... place in the file is known */
    uint64_t line;
    bool is_at_end;
    bool is_choosy; /* only some columns are kept */
    bool is_kept[CSV_COLUMNS_MAX];
    /* Of the row that is being read. */
    char data[CSV_ROW_MAX];
    size_t data_length;
    struct csv_field fields[CSV_COLUMNS_MAX];
    size_t fields_count, used_count; /* up to the last that is not empty */
    struct csv_field field;          /* that is being read */
    size_t field_start, field_bytes;
    bool is_blank;         /* the field: nothing but spaces yet */
    bool is_at_line_start; /* in quotes, behind a line break */
    enum csv_state state;
    const char *problem;
    uint64_t problem_line, taken_lines;
};

struct csv_reader *csv_reader_new(const struct byte_source *source, const struct file_form *form)
{
    assert(source->read != NULL);
    struct csv_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) abort();
    reader->source = *source;
    reader->form = *form;
    csv_reader_seek(reader, form->start, form->start_line);
    return reader;
}

void csv_reader_destroy(struct csv_reader **reader)
{
    if (*reader == NULL) return;
    free(*reader);
    *reader = NULL;
}

void csv_reader_seek(struct csv_reader *reader, uint64_t offset, uint64_t line)
{
    assert(line > 0);
    reader->position = reader->marked = reader->chunk.length = 0;
    reader->marked_offset = reader->chunk.end = offset;
    reader->line = line;
    reader->is_at_end = false;
}

void csv_reader_keep(struct csv_reader *reader, size_t position)
{
    assert(position < CSV_COLUMNS_MAX);
    reader->is_kept[position] = true;
    reader->is_choosy = true;
}

/* ---- bytes ---- */

static enum status fill(struct csv_reader *reader)
{
    const uint64_t offset = reader->chunk.end;
    TRY(encoding_read(&reader->source, reader->form.encoding, offset, &reader->chunk));
    reader->position = reader->marked = 0;
    reader->marked_offset = offset;
    reader->is_at_end = reader->chunk.length == 0;
    return STATUS_OK;
}

/* The next byte, which stays the next one; END_OF_FILE at the end. */
static enum status peek(struct csv_reader *reader, int *ret_byte)
{
    if (reader->position == reader->chunk.length && !reader->is_at_end) TRY(fill(reader));
    *ret_byte =
        reader->is_at_end ? END_OF_FILE : (unsigned char)reader->chunk.text[reader->position];
    return STATUS_OK;
}

static void advance(struct csv_reader *reader)
{
    assert(reader->position < reader->chunk.length);
    reader->position++;
}

/* The byte of the file that comes next. */
static uint64_t offset_of(struct csv_reader *reader)
{
    const struct text passed = { reader->chunk.text + reader->marked,
                                 reader->position - reader->marked };
    reader->marked_offset += encoding_bytes(reader->form.encoding, passed);
    reader->marked = reader->position;
    return reader->marked_offset;
}

/* Takes the end of a line: LF, CR, or CR and LF. */
static enum status read_line_end(struct csv_reader *reader, int byte)
{
    advance(reader);
    reader->line++;
    if (byte != '\r') return STATUS_OK;
    int next;
    TRY(peek(reader, &next));
    if (next == '\n') advance(reader);
    return STATUS_OK;
}

/* What is left of a line after a fault. */
static enum status skip_line(struct csv_reader *reader)
{
    for (;;) {
        int byte;
        TRY(peek(reader, &byte));
        if (byte == END_OF_FILE) return STATUS_OK;
        if (byte == '\n' || byte == '\r') return read_line_end(reader, byte);
        reader->position++;
    }
}

/* ---- fields ---- */

static bool is_kept(const struct csv_reader *reader)
{
    return reader->fields_count < CSV_COLUMNS_MAX &&
           (!reader->is_choosy || reader->is_kept[reader->fields_count]);
}

static void add_bytes(struct csv_reader *reader, const char *bytes, size_t length)
{
    reader->field_bytes += length;
    for (size_t i = 0; i < length && reader->is_blank; i++)
        reader->is_blank = bytes[i] == ' ' || bytes[i] == '\t';
    if (!is_kept(reader)) return;
    const size_t taken = reader->data_length - reader->field_start;
    size_t room = CSV_FIELD_MAX - taken;
    if (room > CSV_ROW_MAX - reader->data_length) room = CSV_ROW_MAX - reader->data_length;
    if (length > room) {
        reader->field.is_cut = true;
        length = room;
    }
    memcpy(reader->data + reader->data_length, bytes, length);
    reader->data_length += length;
}

static void begin_field(struct csv_reader *reader)
{
    reader->field = (struct csv_field){ .line = reader->line };
    reader->field_start = reader->data_length;
    reader->field_bytes = 0;
    reader->is_blank = true;
    reader->state = AT_FIELD_START;
}

static void end_field(struct csv_reader *reader)
{
    if (!reader->is_blank) reader->used_count = reader->fields_count + 1;
    if (reader->fields_count < CSV_COLUMNS_MAX) {
        reader->field.text = (struct text){ reader->data + reader->field_start,
                                            reader->data_length - reader->field_start };
        reader->fields[reader->fields_count] = reader->field;
    }
    reader->fields_count++;
    begin_field(reader);
}

static void note_problem(struct csv_reader *reader, const char *problem, uint64_t line)
{
    reader->problem = problem;
    reader->problem_line = line;
}

/* A stretch of the chunk without any of the four bytes that mean something. */
static size_t plain_length(const struct csv_reader *reader)
{
    const char separator = reader->form.separator;
    size_t i = reader->position;
    for (; i < reader->chunk.length; i++) {
        const char byte = reader->chunk.text[i];
        if (byte == separator || byte == '"' || byte == '\n' || byte == '\r') break;
    }
    return i - reader->position;
}

/* ---- quotes ---- */

/* A line break inside quotes is data as it stands. */
static enum status read_quoted_line_end(struct csv_reader *reader, int byte)
{
    const char bytes[] = { (char)byte, '\n' };
    advance(reader);
    size_t length = 1;
    if (byte == '\r') {
        int next;
        TRY(peek(reader, &next));
        if (next == '\n') {
            advance(reader);
            length = 2;
        }
    }
    add_bytes(reader, bytes, length);
    reader->line++;
    reader->is_at_line_start = true;
    if (reader->field.next_line_offset == 0) reader->field.next_line_offset = offset_of(reader);
    return STATUS_OK;
}

static enum status read_quoted(struct csv_reader *reader, int byte)
{
    if (byte == '"') {
        advance(reader);
        reader->is_at_line_start = false;
        reader->state = AFTER_QUOTE;
        return STATUS_OK;
    }
    if (byte == '\n' || byte == '\r') return read_quoted_line_end(reader, byte);
    const char *start = reader->chunk.text + reader->position;
    size_t length = 1;
    while (reader->position + length < reader->chunk.length && start[length] != '"' &&
           start[length] != '\n' && start[length] != '\r')
        length++;
    add_bytes(reader, start, length);
    reader->position += length;
    reader->is_at_line_start = false;
    return STATUS_OK;
}

/* The quote of a field is open: told where it was opened, and what lies behind that line is read
 * again. */
static enum status note_open_quote(struct csv_reader *reader, const struct csv_field *field)
{
    const uint64_t line = reader->line - (reader->is_at_line_start ? 1 : 0);
    const uint64_t first_line = field->line, offset = field->next_line_offset;
    note_problem(reader, open_quote, first_line);
    if (offset == 0) return skip_line(reader);
    reader->taken_lines = line - first_line;
    csv_reader_seek(reader, offset, first_line + 1);
    return STATUS_OK;
}

/* A quote stands where none can. If a field before it has lines, it may be the one that is open: a
 * quote of a later row has closed it. */
static enum status note_stray_quote(struct csv_reader *reader, const char *problem)
{
    const size_t count =
        reader->fields_count < CSV_COLUMNS_MAX ? reader->fields_count : CSV_COLUMNS_MAX;
    reader->is_at_line_start = false;
    for (size_t i = 0; i < count; i++) {
        if (reader->fields[i].next_line_offset == 0) continue;
        reader->fields_count = i;
        return note_open_quote(reader, &reader->fields[i]);
    }
    if (reader->field.next_line_offset != 0) return note_open_quote(reader, &reader->field);
    note_problem(reader, problem, reader->line);
    return skip_line(reader);
}

/* ---- rows ---- */

/* One byte, or a stretch of them, outside of quotes that ends neither the field nor the row. */
static enum status read_unquoted(struct csv_reader *reader, int byte)
{
    if (byte == '"' && reader->state == AT_FIELD_START) {
        advance(reader);
        reader->state = IN_QUOTES;
        return STATUS_OK;
    }
    if (byte == '"' && reader->state == AFTER_QUOTE) {
        advance(reader);
        add_bytes(reader, "\"", 1);
        reader->state = IN_QUOTES;
        return STATUS_OK;
    }
    if (byte == '"') return note_stray_quote(reader, "a quote stands inside an unquoted field");
    if (reader->state == AFTER_QUOTE)
        return note_stray_quote(reader, "text follows a closing quote");
    const size_t length = plain_length(reader);
    add_bytes(reader, reader->chunk.text + reader->position, length);
    reader->position += length;
    reader->state = IN_PLAIN;
    return STATUS_OK;
}

static void begin_row(struct csv_reader *reader)
{
    reader->data_length = 0;
    reader->fields_count = reader->used_count = 0;
    reader->problem = NULL;
    reader->taken_lines = 0;
    begin_field(reader);
}

/* Reads up to the end of a row, or of the file, or a problem. ret_is_end: the file has ended. */
static enum status read_row(struct csv_reader *reader, bool *ret_is_end)
{
    *ret_is_end = false;
    while (reader->problem == NULL) {
        int byte;
        TRY(peek(reader, &byte));
        if (reader->state == IN_QUOTES &&
            (byte == END_OF_FILE || reader->field_bytes > CSV_QUOTED_MAX)) {
            TRY(note_open_quote(reader, &reader->field));
        } else if (byte == END_OF_FILE) {
            end_field(reader);
            *ret_is_end = true;
            return STATUS_OK;
        } else if (reader->state == IN_QUOTES) {
            TRY(read_quoted(reader, byte));
        } else if (byte == '\n' || byte == '\r') {
            end_field(reader);
            return read_line_end(reader, byte);
        } else if (byte == reader->form.separator) {
            advance(reader);
            end_field(reader);
        } else {
            TRY(read_unquoted(reader, byte));
        }
    }
    /* The field at fault is not counted. A quote that nothing closes may have taken all there is.
     */
    reader->used_count = reader->fields_count;
    return STATUS_OK;
}

enum status csv_reader_next(struct csv_reader *reader, struct csv_row *ret_row)
{
    for (bool is_end = false; !is_end;) {
        const uint64_t line = reader->line;
        begin_row(reader);
        TRY(read_row(reader, &is_end));
        if (reader->used_count == 0 && reader->problem == NULL) continue;
        *ret_row = (struct csv_row){
            .fields = reader->fields,
            .fields_count = reader->used_count,
            .line = line,
            .end_offset = offset_of(reader),
            .end_line = reader->line,
            .problem = reader->problem,
            .problem_line = reader->problem_line,
            .taken_lines = reader->taken_lines,
        };
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

void csv_reader_take_back(struct csv_reader *reader, size_t position, struct csv_row *row)
{
    assert(row->problem == NULL);
    assert(position < row->fields_count && position < CSV_COLUMNS_MAX);
    const struct csv_field *field = &reader->fields[position];
    assert(field->next_line_offset > 0);
    csv_reader_seek(reader, field->next_line_offset, field->line + 1);
    row->problem = open_quote;
    row->problem_line = field->line;
    row->taken_lines = row->end_line - 1 - field->line;
    row->fields_count = position;
    row->end_offset = field->next_line_offset;
    row->end_line = field->line + 1;
}
