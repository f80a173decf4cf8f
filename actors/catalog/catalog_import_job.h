/* A vendor's file on its way into the market: where it may go, and what is said of its lines. Pure.
 */
#pragma once

#include "catalog_messages.h"
#include "messages/values.h"
#include "runtime/arena.h"

enum {
    CATALOG_IMPORT_OPEN_MAX = 6, /* of one vendor: one that runs, and five that wait */
    CATALOG_IMPORT_PROBLEMS_MAX = 1000,
    CATALOG_IMPORT_DETAIL_MAX = 500, /* characters */
    CATALOG_IMPORT_COLUMN_MAX = 200,
    CATALOG_IMPORT_NO_PRESET = -1,
};

struct catalog_import_job {
    struct uuid id, vendor_id;
    enum catalog_import_status status;
    bool is_dry_run;
    int preset;   /* enum product_preset, or CATALOG_IMPORT_NO_PRESET */
    int encoding; /* enum encoding, or ENCODING_UNSAID */
    struct text currency, mapping;
    int64_t read_offset, read_line; /* where the file is read on */
    bool is_read;                   /* all of it */
    int64_t places, places_done;    /* products that were read, and those of them that have ended */
    int64_t rows, products;
    int64_t created, changed, staged, unchanged, refused;
    int64_t problems;
    struct text failure, failure_detail;
    int64_t created_at_us, started_at_us, ended_at_us; /* 0: not yet */
    int64_t version;
};

enum catalog_import_move {
    CATALOG_IMPORT_START,
    CATALOG_IMPORT_FINISH,
    CATALOG_IMPORT_FAIL,
    CATALOG_IMPORT_CANCEL,
    CATALOG_IMPORT_MOVES
};

/* Moves the job, and notes when it started or ended. Statuses: OK, ILLEGAL_TRANSITION (nothing
 * changed). */
MUST_CHECK enum status catalog_import_job_move(struct catalog_import_job *job,
                                               enum catalog_import_move move, int64_t now_us);
/* Fails it for a reason; it must not have ended. */
void catalog_import_job_fail(struct catalog_import_job *job, enum status code, struct text detail,
                             int64_t now_us);
/* True if it goes on. */
bool catalog_import_job_is_open(const struct catalog_import_job *job);
void catalog_import_job_count(struct catalog_import_job *job, enum catalog_import_outcome outcome);
/* As its vendor sees it; texts are the job's. */
void catalog_import_job_describe(const struct catalog_import_job *job,
                                 struct catalog_vendor_import *ret_import);
/* The field that a refusal points at, as a column: "/variants/2/sku" is "sku". A part of the
 * pointer, or empty. */
struct text catalog_import_column(struct text pointer);
/* At most so many characters of the text. */
struct text catalog_import_cut(struct text text, size_t characters_max);
