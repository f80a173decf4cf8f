/* The header, and which rows belong together: one row is read ahead, to see whether it belongs to
 * the product or begins the next. */
#include "gateway/import/shopify.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/import/shopify_row.h"

struct shopify_reader {
    struct csv_reader *csv;
    struct shopify_columns columns;
    struct shopify_options options;
    struct csv_row row; /* read, and not yet part of a product */
    bool has_row;
};

struct shopify_reader *shopify_reader_new(const struct csv_source *source,
                                          const struct shopify_options *options)
{
    assert(options->currency != NULL);
    struct shopify_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) abort();
    reader->csv = csv_reader_new(source);
    reader->options = *options;
    return reader;
}

void shopify_reader_destroy(struct shopify_reader **reader)
{
    if (*reader == NULL) return;
    csv_reader_destroy(&(*reader)->csv);
    free(*reader);
    *reader = NULL;
}

void shopify_reader_resume(struct shopify_reader *reader, uint64_t offset, uint64_t line)
{
    csv_reader_resume(reader->csv, offset, line);
    reader->has_row = false;
}

enum status shopify_reader_open(struct shopify_reader *reader, struct shopify_problem *ret_problem)
{
    struct csv_row row;
    const enum status status = csv_reader_next(reader->csv, &row);
    if (status == STATUS_NOT_FOUND) {
        *ret_problem = (struct shopify_problem){ 1, "", "the file is empty" };
        return STATUS_MALFORMED;
    }
    TRY(status);
    if (row.problem != NULL) {
        *ret_problem = (struct shopify_problem){ row.problem_line, "", row.problem };
        return STATUS_MALFORMED;
    }
    return shopify_columns_read(&reader->columns, &row, ret_problem);
}

static enum status look_ahead(struct shopify_reader *reader)
{
    if (reader->has_row) return STATUS_OK;
    TRY(csv_reader_next(reader->csv, &reader->row));
    reader->has_row = true;
    return STATUS_OK;
}

/* A row belongs to the product if it has its handle and names no other vendor: two vendors may use
 * one handle. A row without a title only adds to the product before it, whatever vendor it names.
 */
static bool belongs_to_product(const struct shopify_reader *reader,
                               const struct shopify_product *product)
{
    const struct shopify_columns *columns = &reader->columns;
    const struct csv_row *row = &reader->row;
    const struct text handle = shopify_field(columns, row, SHOPIFY_HANDLE);
    if (handle.length == 0 || !text_equals(handle, product->command.handle)) return false;
    if (shopify_field(columns, row, SHOPIFY_TITLE).length == 0) return true;
    const struct text vendor = shopify_field(columns, row, SHOPIFY_VENDOR);
    return vendor.length == 0 || text_equals(vendor, product->vendor);
}

static void add_row(struct shopify_reader *reader, struct shopify_group *group, bool is_first)
{
    struct shopify_product *product = group->product;
    group->row = &reader->row;
    shopify_row_read(group, is_first);
    product->rows_count++;
    product->end_offset = reader->row.end_offset;
    product->end_line = reader->row.end_line;
    reader->has_row = false;
}

enum status shopify_reader_next(struct shopify_reader *reader, struct arena *arena,
                                struct shopify_product **ret_product)
{
    assert(reader->columns.count > 0); /* the header has been read */
    TRY(look_ahead(reader));
    struct shopify_product *product = arena_allocate(arena, sizeof *product);
    struct shopify_group group = {
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
    shopify_group_finish(&group);
    *ret_product = product;
    return STATUS_OK;
}
