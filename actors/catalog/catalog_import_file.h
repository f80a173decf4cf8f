/* A vendor's file in memory, read piece by piece: each opens it anew where the last one ended, so
 * that nothing but the place has to be kept between them. */
#pragma once

#include "actors/catalog/catalog_import_job_store.h"
#include "messages/product_file/encoding.h"

enum {
    CATALOG_IMPORT_PIECE_PRODUCTS = 1000,
    CATALOG_IMPORT_PIECE_BYTES = 2 * 1024 * 1024, /* of commands; one more may come on top */
};

/* A piece: what is known before, and what was found. Texts are in the arena. */
struct catalog_import_piece {
    struct arena *arena;
    struct text file;
    const struct catalog_import_job *job;
    enum status status; /* OK; MALFORMED: it is no file of products, see `fault` */
    struct catalog_import_note fault;
    int preset;
    int64_t products, rows;            /* of the whole file; of the piece */
    struct catalog_import_item *items; /* good ones, with places from job->places on */
    size_t items_count;
    struct catalog_import_note *notes;
    size_t notes_count;
    int64_t refused; /* products that are bad */
    int64_t end_offset, end_line;
    bool is_end;
};

/* How the characters of the file are written, by the charset of its media type; ENCODING_UNSAID:
 * there is none. Statuses: OK, UNSUPPORTED_MEDIA_TYPE (another one than can be read). */
MUST_CHECK enum status catalog_import_file_read_charset(struct text content_type,
                                                        int *ret_encoding);
/* Reads "Their column=field; ..." Statuses: OK, INVALID_VALUE (there is no such field, or there are
 * too many). */
MUST_CHECK enum status catalog_import_file_check_mapping(struct text mapping);
/* Reads the next piece; the argument is a struct catalog_import_piece. Blocks for as long as the
 * file takes to be read through once or twice: for the pool. */
void catalog_import_file_read(void *piece);
