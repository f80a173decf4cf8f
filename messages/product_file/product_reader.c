/* The header, the survey, and which rows belong together: one row is read ahead, to see whether it
 * belongs to the product or begins the next. */
#include "messages/product_file/product_reader.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "messages/normal_form.h"
#include "messages/product_file/product_cells.h"
#include "messages/product_file/product_row.h"
#include "messages/product_file/product_texts.h"

enum { ARENA_BYTES = 16384 };

struct product_reader {
    struct byte_source source;
    struct product_file_options options;
    struct file_form form;
    struct csv_reader *csv; /* NULL until the file is open */
    struct product_columns columns;
    struct product_survey survey;
    struct arena *arena;   /* of what lives as long as the reader */
    struct arena *scratch; /* of one row ahead */
    struct csv_row row;    /* read, and not yet part of a product */
    bool has_row;
    bool ignored_vendors;
    const char *ignored; /* columns; NULL: none */
};

struct product_reader *product_reader_new(const struct byte_source *source,
                                          const struct product_file_options *options)
{
    assert(options->currency != NULL);
    assert(currency_exponent(options->currency) >= 0);
    struct product_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) abort();
    reader->source = *source;
    reader->options = *options;
    reader->arena = arena_new(ARENA_BYTES);
    reader->scratch = arena_new(ARENA_BYTES);
    product_survey_init(&reader->survey);
    return reader;
}

void product_reader_destroy(struct product_reader **reader)
{
    if (*reader == NULL) return;
    csv_reader_destroy(&(*reader)->csv);
    product_survey_clear(&(*reader)->survey);
    arena_destroy(&(*reader)->arena);
    arena_destroy(&(*reader)->scratch);
    free(*reader);
    *reader = NULL;
}

void product_reader_resume(struct product_reader *reader, uint64_t offset, uint64_t line)
{
    csv_reader_seek(reader->csv, offset, line);
    reader->has_row = false;
}

struct product_file_facts product_reader_facts(const struct product_reader *reader)
{
    return (struct product_file_facts){ .form = reader->form,
                                        .preset = reader->columns.preset,
                                        .products = reader->survey.products,
                                        .rows = reader->survey.rows,
                                        .ignored_vendors = reader->ignored_vendors,
                                        .ignored = reader->ignored };
}

/* ---- rows ---- */

static bool may_have_lines(const struct product_reader *reader, size_t position)
{
    return position == reader->columns.positions[PRODUCT_DESCRIPTION] ||
           position == reader->columns.positions[PRODUCT_DESCRIPTION_HTML];
}

static bool is_needed(const struct product_reader *reader, size_t position)
{
    for (size_t i = 0; i < PRODUCT_FIELDS; i++)
        if (reader->columns.positions[i] == position) return true;
    return false;
}

/* True if the field shows that a quote was left open: it has lines where there is one only, or its
 * row has more fields than the header. */
static bool has_taken_lines(const struct product_reader *reader, size_t position)
{
    const struct csv_field *field = &reader->row.fields[position];
    if (field->next_line_offset == 0) return false;
    if (reader->row.fields_count > reader->columns.count) return true;
    if (may_have_lines(reader, position) || !is_needed(reader, position)) return false;
    const struct text text = text_trim(field->text);
    return memchr(text.data, '\n', text.length) != NULL ||
           memchr(text.data, '\r', text.length) != NULL;
}

static enum status look_ahead(struct product_reader *reader)
{
    if (reader->has_row) return STATUS_OK;
    TRY(csv_reader_next(reader->csv, &reader->row));
    reader->has_row = true;
    for (size_t i = 0; i < reader->row.fields_count && i < CSV_COLUMNS_MAX; i++) {
        if (reader->row.problem != NULL || !has_taken_lines(reader, i)) continue;
        csv_reader_take_back(reader->csv, i, &reader->row);
        break;
    }
    return STATUS_OK;
}

/* The vendor of the row, or the one of rows that name none. */
static struct text vendor_of(const struct product_reader *reader)
{
    const struct text vendor = product_cell(&reader->columns, &reader->row, PRODUCT_VENDOR);
    return vendor.length > 0 ? vendor : reader->options.vendor;
}

/* What further rows of a product call it by. */
struct product_names {
    struct text vendor, handle;
    struct text by_id; /* WooCommerce: of a product that has an SKU, too; else empty */
};

/* A row belongs to the product if it has its handle and names no other vendor: two vendors may use
 * one handle. A row without a name only adds to the product before it, whatever vendor it names. */
static bool belongs_to(const struct product_reader *reader, const struct product_names *names)
{
    const struct text own = product_cell_handle(&reader->columns, &reader->row, reader->scratch);
    const bool is_named = text_equals(own, names->handle) || text_equals(own, names->by_id);
    if (own.length == 0 || !is_named) return false;
    if (product_cell_name(&reader->columns, &reader->row).length == 0) return true;
    const struct text named = product_cell(&reader->columns, &reader->row, PRODUCT_VENDOR);
    return named.length == 0 || normal_keys_are_same(reader->scratch, named, names->vendor);
}

/* Of the row, in the arena. */
static struct product_names names_of(const struct product_reader *reader, struct arena *arena)
{
    return (struct product_names){
        .vendor = text_copy(arena, vendor_of(reader)),
        .handle =
            text_copy(arena, product_cell_handle(&reader->columns, &reader->row, reader->scratch)),
        .by_id = product_cell_by_id(&reader->columns, &reader->row, arena),
    };
}

/* ---- the survey ---- */

static void note_numbers(struct product_reader *reader)
{
    static const enum product_field fields[] = { PRODUCT_PRICE, PRODUCT_COMPARE_AT,
                                                 PRODUCT_SALE_PRICE, PRODUCT_QUANTITY };
    struct text weight, unit;
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        decimal_habit_note(&reader->survey.habit,
                           product_cell(&reader->columns, &reader->row, fields[i]));
    product_split_weight(product_cell(&reader->columns, &reader->row, PRODUCT_WEIGHT), &weight,
                         &unit);
    decimal_habit_note(&reader->survey.habit, weight);
}

static enum status survey_row(struct product_reader *reader, const struct survey_group *group,
                              bool is_first)
{
    const struct csv_row *row = &reader->row;
    reader->survey.rows++;
    if (row->problem != NULL || row->fields_count > reader->columns.count) return STATUS_OK;
    note_numbers(reader);
    const struct text sku = product_cell(&reader->columns, row, PRODUCT_SKU);
    if (sku.length == 0 || !product_cells_have_variant(&reader->columns, row, is_first))
        return STATUS_OK;
    return product_survey_note_sku(&reader->survey, reader->scratch, group->vendor, sku, row->line);
}

/* The rows of one product. Statuses: OK, NOT_FOUND (no more), OUT_OF_RANGE (too many names), and
 * those of the source. */
static enum status survey_group(struct product_reader *reader, struct arena *arena)
{
    TRY(look_ahead(reader));
    const struct product_names names = names_of(reader, arena);
    const struct survey_group group = {
        .vendor = names.vendor,
        .handle = names.handle,
        .has_name = product_cell_name(&reader->columns, &reader->row).length > 0,
        .line = reader->row.line,
    };
    TRY(product_survey_note_group(&reader->survey, reader->scratch, &group));
    bool is_first = true;
    do {
        TRY(survey_row(reader, &group, is_first));
        is_first = reader->has_row = false;
        arena_reset(reader->scratch);
        const enum status status = look_ahead(reader);
        if (status == STATUS_NOT_FOUND) return STATUS_OK;
        TRY(status);
    } while (belongs_to(reader, &names));
    return STATUS_OK;
}

static enum status survey(struct product_reader *reader, struct file_problem *ret_problem)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    enum status status;
    do {
        arena_reset(arena);
        status = survey_group(reader, arena);
    } while (status == STATUS_OK);
    arena_destroy(&arena);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OUT_OF_RANGE) return status;
    *ret_problem =
        (struct file_problem){ reader->row.line, "",
                               "the file has too many products and SKUs; split it", false };
    return STATUS_MALFORMED;
}

/* ---- opening ---- */

static bool is_listed_in(const struct product_attribute_column *columns, size_t count,
                         size_t position)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i].position == position) return true;
    return false;
}

static bool is_known(const struct product_columns *columns, size_t position)
{
    for (size_t i = 0; i < PRODUCT_FIELDS; i++)
        if (columns->positions[i] == position) return true;
    for (size_t i = 0; i < columns->images_count; i++)
        if (columns->images[i] == position) return true;
    for (size_t i = 0; i < columns->prices_count; i++)
        if (columns->prices[i].position == position) return true;
    return is_listed_in(columns->attributes, columns->attributes_count, position) ||
           is_listed_in(columns->texts, columns->texts_count, position);
}

/* Of one that seems to be about money, such as Shopify's "Price / International", everybody wants
 * to know that it was ignored. */
static bool is_about_prices(struct text name)
{
    static const char price[] = "price";
    const size_t length = sizeof price - 1;
    for (size_t i = 0; i + length <= name.length; i++)
        if (strncasecmp(name.data + i, price, length) == 0) return true;
    return false;
}

/* The first of the columns that say nothing, those of prices before others, and how many more there
 * are. */
static const char *name_ignored(struct product_reader *reader, const struct csv_row *header)
{
    enum { NAMED_MAX = 5 };
    struct text names = TEXT("");
    size_t count = 0;
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < header->fields_count && i < CSV_COLUMNS_MAX; i++) {
            const struct text name = text_trim(header->fields[i].text);
            if (name.length == 0 || is_known(&reader->columns, i) ||
                is_about_prices(name) != (turn == 0) || count++ >= NAMED_MAX)
                continue;
            names = text_format(reader->arena, "%.*s%s%s", (int)names.length, names.data,
                                count > 1 ? ", " : "", product_quote(reader->arena, name));
        }
    }
    if (count <= NAMED_MAX) return count == 0 ? NULL : names.data;
    return text_format(reader->arena, "%.*s and %zu more", (int)names.length, names.data,
                       count - NAMED_MAX)
        .data;
}

static enum status read_header(struct product_reader *reader, struct file_problem *ret_problem)
{
    struct csv_row row;
    const enum status status = csv_reader_next(reader->csv, &row);
    if (status == STATUS_NOT_FOUND) {
        *ret_problem = (struct file_problem){ 1, "", "the file is empty", false };
        return STATUS_MALFORMED;
    }
    TRY(status);
    if (row.problem != NULL) {
        *ret_problem = (struct file_problem){ row.problem_line, "", row.problem, false };
        return STATUS_MALFORMED;
    }
    TRY(product_columns_read(&reader->columns, reader->arena, &row, reader->options.preset,
                             reader->options.currency, reader->options.map,
                             reader->options.map_count, ret_problem));
    TRY(product_texts_find(&reader->columns, reader->arena, &row, ret_problem));
    reader->ignored = name_ignored(reader, &row);
    if (reader->options.ignores_vendors) {
        reader->ignored_vendors = product_columns_have(&reader->columns, PRODUCT_VENDOR);
        reader->columns.positions[PRODUCT_VENDOR] = PRODUCT_NO_COLUMN;
    }
    product_columns_keep(&reader->columns, reader->csv);
    product_texts_keep(&reader->columns, reader->csv);
    reader->row = row;
    return STATUS_OK;
}

enum status product_reader_open(struct product_reader *reader, struct file_problem *ret_problem)
{
    assert(reader->csv == NULL);
    const int said = reader->options.has_encoding ? (int)reader->options.encoding : ENCODING_UNSAID;
    TRY(file_form_recognise(&reader->source, said, &reader->form));
    reader->csv = csv_reader_new(&reader->source, &reader->form);
    TRY(read_header(reader, ret_problem));
    const uint64_t offset = reader->row.end_offset, line = reader->row.end_line;
    TRY(survey(reader, ret_problem));
    product_reader_resume(reader, offset, line);
    return STATUS_OK;
}

/* ---- products ---- */

static void add_row(struct product_reader *reader, struct product_group *group, bool is_first)
{
    struct file_product *product = group->product;
    group->row = &reader->row;
    product_row_read(group, is_first);
    product->rows_count++;
    product->end_offset = reader->row.end_offset;
    product->end_line = reader->row.end_line;
    reader->has_row = false;
}

enum status product_reader_next(struct product_reader *reader, struct arena *arena,
                                struct file_product **ret_product)
{
    assert(reader->csv != NULL);
    TRY(look_ahead(reader));
    struct file_product *product = arena_allocate(arena, sizeof *product);
    struct product_group group = { .columns = &reader->columns,
                                   .options = &reader->options,
                                   .survey = &reader->survey,
                                   .arena = arena,
                                   .product = product };
    struct product_names names = names_of(reader, arena);
    product->line = reader->row.line;
    add_row(reader, &group, true);
    names.handle = product->command.handle;
    for (;;) {
        arena_reset(reader->scratch);
        const enum status status = look_ahead(reader);
        if (status == STATUS_NOT_FOUND) break;
        TRY(status);
        if (!belongs_to(reader, &names)) break;
        add_row(reader, &group, false);
    }
    product_group_finish(&group);
    *ret_product = product;
    return STATUS_OK;
}
