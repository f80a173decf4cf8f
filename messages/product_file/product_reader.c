/* The header, and which rows belong together: one row is read ahead, to see whether it belongs to
 * the product or begins the next. */
#include "messages/product_file/product_reader.h"

#include <stdlib.h>
#include <string.h>

#include "messages/product_file/product_row.h"

struct product_reader {
    struct csv_reader *csv;
    struct product_columns columns;
    struct product_file_options options;
    struct csv_row row; /* read, and not yet part of a product */
    bool has_row;
};

struct product_reader *product_reader_new(const struct csv_source *source,
                                          const struct product_file_options *options)
{
    assert(options->currency != NULL);
    struct product_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) abort();
    reader->csv = csv_reader_new(source);
    reader->options = *options;
    return reader;
}

void product_reader_destroy(struct product_reader **reader)
{
    if (*reader == NULL) return;
    csv_reader_destroy(&(*reader)->csv);
    free(*reader);
    *reader = NULL;
}

void product_reader_resume(struct product_reader *reader, uint64_t offset, uint64_t line)
{
    csv_reader_resume(reader->csv, offset, line);
    reader->has_row = false;
}

enum status product_reader_open(struct product_reader *reader, struct file_problem *ret_problem)
{
    struct csv_row row;
    const enum status status = csv_reader_next(reader->csv, &row);
    if (status == STATUS_NOT_FOUND) {
        *ret_problem = (struct file_problem){ 1, "", "the file is empty" };
        return STATUS_MALFORMED;
    }
    TRY(status);
    if (row.problem != NULL) {
        *ret_problem = (struct file_problem){ row.problem_line, "", row.problem };
        return STATUS_MALFORMED;
    }
    return product_columns_read(&reader->columns, &row, ret_problem);
}

static enum status look_ahead(struct product_reader *reader)
{
    if (reader->has_row) return STATUS_OK;
    TRY(csv_reader_next(reader->csv, &reader->row));
    reader->has_row = true;
    return STATUS_OK;
}

/* A row belongs to the product if it has its handle and names no other vendor: two vendors may use
 * one handle. A row without a title only adds to the product before it, whatever vendor it names.
 */
static bool belongs_to_product(const struct product_reader *reader,
                               const struct file_product *product)
{
    const struct product_columns *columns = &reader->columns;
    const struct csv_row *row = &reader->row;
    const struct text handle = product_field(columns, row, PRODUCT_HANDLE);
    if (handle.length == 0 || !text_equals(handle, product->command.handle)) return false;
    if (product_field(columns, row, PRODUCT_TITLE).length == 0) return true;
    const struct text vendor = product_field(columns, row, PRODUCT_VENDOR);
    return vendor.length == 0 || text_equals(vendor, product->vendor);
}

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
    assert(reader->columns.count > 0); /* the header has been read */
    TRY(look_ahead(reader));
    struct file_product *product = arena_allocate(arena, sizeof *product);
    struct product_group group = {
        .columns = &reader->columns, .options = &reader->options, .arena = arena, .product = product
    };
    product->line = reader->row.line;
    add_row(reader, &group, true);
    for (;;) {
        const enum status status = look_ahead(reader);
        if (status == STATUS_NOT_FOUND) break;
        TRY(status);
        if (!belongs_to_product(reader, product)) break;
        add_row(reader, &group, false);
    }
    product_group_finish(&group);
    *ret_product = product;
    return STATUS_OK;
}
