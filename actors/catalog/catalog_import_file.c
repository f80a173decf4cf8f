/* Reads pieces of a vendor's file. */
#include "actors/catalog/catalog_import_file.h"

#include <string.h>
#include <strings.h>

#include "messages/codec_msgpack.h"
#include "messages/product_file/product_reader.h"
#include "runtime/envelope.h"

enum { PRODUCT_ARENA_BYTES = 16384, NOTES_MAX = CATALOG_IMPORT_PIECE_PRODUCTS * 17 };

/* ---- the source and the columns ---- */

static enum status read_bytes(void *context, uint64_t offset, char *buffer, size_t capacity,
                              size_t *ret_length)
{
    const struct text *file = context;
    const size_t left = offset < file->length ? file->length - (size_t)offset : 0;
    const size_t length = left < capacity ? left : capacity;
    if (length > 0) memcpy(buffer, file->data + offset, length);
    *ret_length = length;
    return STATUS_OK;
}

static enum status read_mapping(struct text mapping, struct product_mapping *ret_map,
                                size_t *ret_count)
{
    size_t count = 0;
    while (mapping.length > 0) {
        const char *end = memchr(mapping.data, ';', mapping.length);
        const size_t length = end == NULL ? mapping.length : (size_t)(end - mapping.data);
        const struct text entry = text_trim((struct text){ mapping.data, length });
        const size_t used = end == NULL ? length : length + 1;
        mapping = (struct text){ mapping.data + used, mapping.length - used };
        if (entry.length == 0) continue;
        if (count == PRODUCT_MAP_MAX || product_mapping_read(entry, &ret_map[count]) != STATUS_OK)
            return STATUS_INVALID_VALUE;
        count++;
    }
    *ret_count = count;
    return STATUS_OK;
}

enum status catalog_import_file_check_mapping(struct text mapping)
{
    struct product_mapping map[PRODUCT_MAP_MAX];
    size_t count;
    return read_mapping(mapping, map, &count);
}

/* "; charset=utf-8", whose value may stand in quotes. */
static bool cut_charset(struct text parameter, struct text *ret_name)
{
    static const char lead[] = "charset=";
    const size_t length = sizeof lead - 1;
    const struct text text = text_trim(parameter);
    if (text.length < length || strncasecmp(text.data, lead, length) != 0) return false;
    *ret_name = (struct text){ text.data + length, text.length - length };
    if (ret_name->length >= 2 && ret_name->data[0] == '"' &&
        ret_name->data[ret_name->length - 1] == '"')
        *ret_name = (struct text){ ret_name->data + 1, ret_name->length - 2 };
    return true;
}

enum status catalog_import_file_read_charset(struct text content_type, int *ret_encoding)
{
    struct text rest = content_type, name;
    *ret_encoding = ENCODING_UNSAID;
    while (rest.length > 0) {
        const char *end = memchr(rest.data, ';', rest.length);
        const size_t length = end == NULL ? rest.length : (size_t)(end - rest.data);
        if (cut_charset((struct text){ rest.data, length }, &name))
            return encoding_named(name, ret_encoding) == STATUS_OK ? STATUS_OK
                                                                   : STATUS_UNSUPPORTED_MEDIA_TYPE;
        const size_t used = end == NULL ? length : length + 1;
        rest = (struct text){ rest.data + used, rest.length - used };
    }
    return STATUS_OK;
}

/* ---- what is found ---- */

static struct text keep_text(struct arena *arena, const char *string)
{
    const struct text text = text_of(string);
    /* Names of columns are the file's, whatever stands in them. */
    return text_is_utf8(text) ? text_copy(arena, text) : (struct text){ 0 };
}

static struct catalog_import_note note_of(struct arena *arena, const struct file_problem *problem)
{
    return (struct catalog_import_note){
        .line = (int64_t)problem->line,
        .column = keep_text(arena, problem->column),
        .code = text_of(problem->is_warning ? "warning" : status_name(STATUS_INVALID_VALUE)),
        .detail = keep_text(arena, problem->detail),
        .is_warning = problem->is_warning,
    };
}

static void add_note(struct catalog_import_piece *piece, struct catalog_import_note note)
{
    assert(piece->notes_count < NOTES_MAX);
    piece->notes[piece->notes_count++] = note;
}

/* Encodes the product as the command that it will be, but for its category. */
static void add_item(struct catalog_import_piece *piece, const struct file_product *product,
                     size_t *bytes)
{
    struct arena *arena = piece->arena;
    struct catalog_import_product command = product->command;
    char vendor[ID_TEXT_MAX + 1];
    (void)id_format("ven", piece->job->vendor_id, vendor);
    command.vendor_id = piece->job->vendor_id;
    command.identity =
        text_format(arena, "%s/%.*s", vendor, (int)command.handle.length, command.handle.data);
    struct catalog_import_item item = { .place = piece->job->places + (int64_t)piece->items_count,
                                        .category = text_copy(arena, product->category),
                                        .other_category = text_copy(arena, product->other_category),
                                        .lines_count = command.variants_count + 1 };
    int64_t *lines = arena_allocate_array(arena, item.lines_count, sizeof *lines);
    lines[0] = (int64_t)product->line;
    for (size_t i = 0; i < command.variants_count; i++)
        lines[i + 1] = (int64_t)product->variant_lines[i];
    item.lines = lines;
    if (msgpack_encode(&catalog_import_product_schema, &command, arena, ENVELOPE_BODY_MAX,
                       &item.command) != STATUS_OK) {
        piece->refused++;
        add_note(piece, (struct catalog_import_note){
                            .line = lines[0],
                            .code = text_of(status_name(STATUS_PRODUCT_TOO_LARGE)),
                            .detail = text_of(status_title(STATUS_PRODUCT_TOO_LARGE)) });
        return;
    }
    *bytes += item.command.length;
    piece->items[piece->items_count++] = item;
}

static void add_product(struct catalog_import_piece *piece, const struct file_product *product,
                        size_t *bytes)
{
    for (size_t i = 0; i < product->problems_count; i++)
        add_note(piece, note_of(piece->arena, &product->problems[i]));
    piece->rows += (int64_t)product->rows_count;
    piece->end_offset = (int64_t)product->end_offset;
    piece->end_line = (int64_t)product->end_line;
    if (product->is_bad)
        piece->refused++;
    else
        add_item(piece, product, bytes);
}

/* ---- reading ---- */

static void read_products(struct catalog_import_piece *piece, struct product_reader *reader)
{
    size_t bytes = 0;
    piece->end_offset = piece->job->read_offset;
    piece->end_line = piece->job->read_line;
    for (size_t i = 0; i < CATALOG_IMPORT_PIECE_PRODUCTS && bytes < CATALOG_IMPORT_PIECE_BYTES &&
                       piece->status == STATUS_OK;
         i++) {
        struct file_product *product;
        struct arena *arena = arena_new(PRODUCT_ARENA_BYTES);
        const enum status status = product_reader_next(reader, arena, &product);
        if (status == STATUS_OK)
            add_product(piece, product, &bytes);
        else if (status == STATUS_NOT_FOUND)
            piece->is_end = true;
        else
            piece->status = status;
        arena_destroy(&arena);
        if (piece->is_end) break;
    }
}

/* What is wrong with none of its rows. */
static void warn_of_columns(struct catalog_import_piece *piece,
                            const struct product_file_facts *facts)
{
    if (facts->ignored_vendors)
        add_note(piece, (struct catalog_import_note){
                            .line = 1,
                            .column = TEXT("vendor"),
                            .code = TEXT("warning"),
                            .detail = TEXT("the column is ignored: all products are yours"),
                            .is_warning = true });
    if (facts->ignored != NULL)
        add_note(piece,
                 (struct catalog_import_note){
                     .line = 1,
                     .column = TEXT(""),
                     .code = TEXT("warning"),
                     .detail = text_format(piece->arena, "columns are ignored: %s", facts->ignored),
                     .is_warning = true });
}

static void open_and_read(struct catalog_import_piece *piece, struct product_reader *reader)
{
    struct file_problem problem = { 1, "", "the file cannot be read", false };
    piece->status = product_reader_open(reader, &problem);
    if (piece->status != STATUS_OK) {
        piece->fault = note_of(piece->arena, &problem);
        return;
    }
    const struct product_file_facts facts = product_reader_facts(reader);
    piece->preset = (int)facts.preset;
    piece->products = (int64_t)facts.products;
    if (piece->job->read_offset > 0)
        product_reader_resume(reader, (uint64_t)piece->job->read_offset,
                              (uint64_t)piece->job->read_line);
    else
        warn_of_columns(piece, &facts);
    read_products(piece, reader);
}

void catalog_import_file_read(void *argument)
{
    struct catalog_import_piece *piece = argument;
    struct product_mapping map[PRODUCT_MAP_MAX];
    size_t map_count = 0;
    piece->status = read_mapping(piece->job->mapping, map, &map_count);
    if (piece->status != STATUS_OK) return;
    piece->items =
        arena_allocate_array(piece->arena, CATALOG_IMPORT_PIECE_PRODUCTS, sizeof *piece->items);
    piece->notes = arena_allocate_array(piece->arena, NOTES_MAX, sizeof *piece->notes);
    const struct byte_source source = { .context = &piece->file, .read = read_bytes };
    const struct product_file_options options = {
        .vendor = TEXT("-"),
        .ignores_vendors = true,
        .currency = text_string(piece->arena, piece->job->currency),
        .has_encoding = piece->job->encoding != ENCODING_UNSAID,
        .encoding = piece->job->encoding == ENCODING_UNSAID ? ENCODING_UTF8
                                                            : (enum encoding)piece->job->encoding,
        .preset = piece->job->preset == CATALOG_IMPORT_NO_PRESET
                      ? PRESET_BY_HEADER
                      : (enum product_preset)piece->job->preset,
        .map = map,
        .map_count = map_count,
    };
    struct product_reader *reader = product_reader_new(&source, &options);
    open_and_read(piece, reader);
    product_reader_destroy(&reader);
}
