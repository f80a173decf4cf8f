/* A state machine over bytes, whose storage has fixed bounds: an unclosed quote makes the rest of a
 * file one field, which must not become one allocation. */
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

struct csv_reader {
    struct csv_source source;
    char buffer[CSV_BUFFER_BYTES];
    size_t position, length;
    uint64_t offset; /* of the next byte */
    uint64_t line;
    bool is_at_end;
    bool is_after_start; /* a byte order mark is not looked for any more */
    /* Of the row that is being read. */
    char data[CSV_ROW_MAX];
    size_t data_length, field_start;
    struct csv_field fields[CSV_COLUMNS_MAX];
    size_t fields_count;
    uint64_t field_line;
    enum csv_state state;
    bool is_empty; /* nothing but the end of a line yet */
    const char *problem;
    uint64_t problem_line;
};

struct csv_reader *csv_reader_new(const struct csv_source *source)
{
    assert(source->read != NULL);
    struct csv_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) abort();
    reader->source = *source;
    reader->line = 1;
    return reader;
}

void csv_reader_destroy(struct csv_reader **reader)
{
    if (*reader == NULL) return;
    free(*reader);
    *reader = NULL;
}

void csv_reader_resume(struct csv_reader *reader, uint64_t offset, uint64_t line)
{
    assert(line > 0);
    reader->position = reader->length = 0;
    reader->offset = offset;
    reader->line = line;
    reader->is_at_end = false;
    reader->is_after_start = true;
}

static enum status fill(struct csv_reader *reader)
{
    size_t length = 0;
    TRY(reader->source.read(reader->source.context, reader->buffer, sizeof reader->buffer,
                            &length));
    assert(length <= sizeof reader->buffer);
    reader->position = 0;
    reader->length = length;
    if (length == 0) reader->is_at_end = true;
    return STATUS_OK;
}

/* The next byte, which stays the next one; END_OF_FILE at the end. */
static enum status peek(struct csv_reader *reader, int *ret_byte)
{
    if (reader->position == reader->length && !reader->is_at_end) TRY(fill(reader));
    *ret_byte = reader->is_at_end ? END_OF_FILE : (unsigned char)reader->buffer[reader->position];
    return STATUS_OK;
}

static void advance(struct csv_reader *reader)
{
    assert(reader->position < reader->length);
    reader->position++;
    reader->offset++;
}

/* Spreadsheets write a mark of three bytes in front of UTF-8. The source may give them one at a
 * time; if the file has only some of them, they are data. */
static enum status skip_byte_order_mark(struct csv_reader *reader)
{
    static const char mark[] = "\xEF\xBB\xBF";
    reader->is_after_start = true;
    TRY(fill(reader));
    while (!reader->is_at_end && reader->length < sizeof mark - 1) {
        size_t more = 0;
        TRY(reader->source.read(reader->source.context, reader->buffer + reader->length,
                                sizeof reader->buffer - reader->length, &more));
        if (more == 0) break;
        reader->length += more;
    }
    if (reader->length >= sizeof mark - 1 && memcmp(reader->buffer, mark, sizeof mark - 1) == 0) {
        reader->position = sizeof mark - 1;
        reader->offset = sizeof mark - 1;
    }
    return STATUS_OK;
}

static void note_problem(struct csv_reader *reader, const char *problem)
{
    if (reader->problem != NULL) return; /* the first is the cause of the others */
    reader->problem = problem;
    reader->problem_line = reader->line;
}

static void add_byte(struct csv_reader *reader, int byte)
{
    if (reader->problem != NULL) return;
    if (reader->data_length - reader->field_start >= CSV_FIELD_MAX) {
        note_problem(reader, "a field is longer than 65536 bytes");
    } else if (reader->data_length >= CSV_ROW_MAX) {
        note_problem(reader, "a row is longer than 524288 bytes");
    } else {
        reader->data[reader->data_length++] = (char)byte;
    }
}

static void end_field(struct csv_reader *reader)
{
    reader->state = AT_FIELD_START;
    if (reader->problem != NULL) return;
    if (reader->fields_count >= CSV_COLUMNS_MAX) {
        note_problem(reader, "a row has more than 256 fields");
        return;
    }
    reader->fields[reader->fields_count++] = (struct csv_field){
        .text = { reader->data + reader->field_start, reader->data_length - reader->field_start },
        .line = reader->field_line,
    };
    reader->field_start = reader->data_length;
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

/* A line break inside quotes is data as it stands. */
static enum status read_quoted(struct csv_reader *reader, int byte)
{
    advance(reader);
    if (byte == '"') {
        reader->state = AFTER_QUOTE;
        return STATUS_OK;
    }
    add_byte(reader, byte);
    if (byte == '\n') reader->line++;
    if (byte == '\r') {
        int next;
        TRY(peek(reader, &next));
        if (next != '\n') reader->line++;
    }
    return STATUS_OK;
}

/* One byte outside of quotes that ends neither the field nor the row. */
static void read_unquoted(struct csv_reader *reader, int byte)
{
    advance(reader);
    reader->is_empty = false;
    if (byte == '"' && reader->state == AT_FIELD_START) {
        reader->field_line = reader->line;
        reader->state = IN_QUOTES;
        return;
    }
    if (byte == '"' && reader->state == AFTER_QUOTE) {
        add_byte(reader, byte);
        reader->state = IN_QUOTES;
        return;
    }
    if (reader->state == AFTER_QUOTE) note_problem(reader, "text follows a closing quote");
    if (byte == '"') note_problem(reader, "a quote stands inside an unquoted field");
    if (reader->state == AT_FIELD_START) reader->field_line = reader->line;
    add_byte(reader, byte);
    reader->state = IN_PLAIN;
}

static void begin_row(struct csv_reader *reader)
{
    reader->data_length = reader->field_start = 0;
    reader->fields_count = 0;
    reader->field_line = reader->line;
    reader->state = AT_FIELD_START;
    reader->is_empty = true;
    reader->problem = NULL;
}

/* Reads up to the end of a row, or of the file. ret_is_end: the file has ended. */
static enum status read_row(struct csv_reader *reader, bool *ret_is_end)
{
    for (;;) {
        int byte;
        TRY(peek(reader, &byte));
        if (byte == END_OF_FILE) {
            if (reader->state == IN_QUOTES) note_problem(reader, "a quote is not closed");
            if (!reader->is_empty) end_field(reader);
            *ret_is_end = true;
            return STATUS_OK;
        }
        if (reader->state == IN_QUOTES) {
            TRY(read_quoted(reader, byte));
        } else if (byte == '\n' || byte == '\r') {
            if (!reader->is_empty) end_field(reader);
            *ret_is_end = false;
            return read_line_end(reader, byte);
        } else if (byte == ',') {
            advance(reader);
            reader->is_empty = false;
            end_field(reader);
            reader->field_line = reader->line;
        } else {
            read_unquoted(reader, byte);
        }
    }
}

enum status csv_reader_next(struct csv_reader *reader, struct csv_row *ret_row)
{
    if (!reader->is_after_start) TRY(skip_byte_order_mark(reader));
    for (bool is_end = false; !is_end;) {
        const uint64_t line = reader->line;
        begin_row(reader);
        TRY(read_row(reader, &is_end));
        if (reader->is_empty) continue;
        *ret_row = (struct csv_row){
            .fields = reader->fields,
            .fields_count = reader->fields_count,
            .line = line,
            .end_offset = reader->offset,
            .end_line = reader->line,
            .problem = reader->problem,
            .problem_line = reader->problem_line,
        };
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}
