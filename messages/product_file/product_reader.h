/* Products from a file of separated values (product_columns.h says whose). Consecutive rows of one
 * handle are one product: the first has what is common, the others add variants and pictures. Rows
 * of a product that stand apart, and an SKU that stands twice, are refused wherever they stand, so
 * that the order of rows never decides which of two is meant. Unknown columns are ignored. */
#pragma once

#include "messages/product_file/product_file.h"
#include "runtime/arena.h"

/* What is known of a file before its products are read. */
struct product_file_facts {
    struct file_form form;
    enum product_preset preset;
    uint64_t products, rows;
    const char *ignored;  /* up to five columns that say nothing, and how many more; NULL: none */
    bool ignored_vendors; /* there is a column that names vendors, which was ignored */
};

struct product_reader;

/* The options' texts must outlive the reader. */
struct product_reader *product_reader_new(const struct byte_source *source,
                                          const struct product_file_options *options);
/* Clears the pointer, which may be NULL. */
void product_reader_destroy(struct product_reader **reader);
/* Recognises the file, reads its header and surveys it: reads it whole, once. To be called once,
 * first. Statuses: OK, MALFORMED (not such a file: ret_problem says why, in the reader's memory),
 * and those of the source. */
MUST_CHECK enum status product_reader_open(struct product_reader *reader,
                                           struct file_problem *ret_problem);
/* After product_reader_open(). */
struct product_file_facts product_reader_facts(const struct product_reader *reader);
/* Goes on at this byte of the file, the start of a product, which is on this line. */
void product_reader_resume(struct product_reader *reader, uint64_t offset, uint64_t line);
/* The next product, good or bad, in the arena. Statuses: OK, NOT_FOUND (no more), and those of the
 * source. */
MUST_CHECK enum status product_reader_next(struct product_reader *reader, struct arena *arena,
                                           struct file_product **ret_product);
