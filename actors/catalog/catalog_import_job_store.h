/* SQL of vendors' imports: jobs, their files, the products that were read of them, and what was
 * wrong. Loads WAIT and see committed rows only, in the request's arena; saves are queued. */
#pragma once

#include "actors/catalog/catalog_import_job.h"
#include "actors/host/request.h"

enum {
    CATALOG_IMPORT_STEP_MAX = 24, /* products of one unit of work, if its writes have room */
    CATALOG_IMPORT_STEP_BYTES = 512 * 1024, /* of their commands; one may be larger */
    CATALOG_IMPORT_JOB_WRITES = 4,          /* of the job itself */
    CATALOG_IMPORT_ACTIVE_MAX = 16
};

/* A product that was read of a file. */
struct catalog_import_item {
    int64_t place;
    struct text category, other_category; /* the second where there is no first; may be empty */
    const int64_t *lines;                 /* of the product, and of each of its variants */
    size_t lines_count;
    struct text command; /* a catalog.import_product, encoded */
};

struct catalog_import_note {
    int64_t line;
    struct text column, code, detail;
    bool is_warning;
};

/* ---- jobs ---- */

/* The vendor's job. Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_import_job_store_load(struct request *request, struct uuid vendor_id,
                                                     struct uuid job_id,
                                                     struct catalog_import_job *ret_job);
/* The vendor's jobs behind that id, the newest first; of one status, or of all (negative). Statuses
 * as request_query(). */
MUST_CHECK enum status catalog_import_job_store_list(struct request *request, struct uuid vendor_id,
                                                     int status, struct uuid after, int64_t limit,
                                                     struct catalog_import_job **ret_jobs,
                                                     size_t *ret_count);
/* How many of the vendor's have not ended, and whether another one than `but` runs. Statuses as
 * request_query(). */
MUST_CHECK enum status catalog_import_job_store_count_open(struct request *request,
                                                           struct uuid vendor_id, struct uuid but,
                                                           int64_t *ret_count,
                                                           bool *ret_is_running);
/* Queues a new job and its file. */
void catalog_import_job_store_add(struct request *request, const struct catalog_import_job *job,
                                  struct text file);
/* Queues what the job has come to, and when it has ended, that its file is forgotten. When the row
 * is not at the job's version any more, the unit ends with CONFLICT. The job then is at its new
 * version. */
void catalog_import_job_store_save(struct request *request, struct catalog_import_job *job);
MUST_CHECK enum status catalog_import_job_store_load_file(struct request *request,
                                                          struct uuid job_id,
                                                          struct text *ret_file);

/* ---- jobs that have more to do ---- */

struct catalog_import_active {
    struct uuid vendor_id, job_id;
    int64_t place;   /* of the product that is next */
    int64_t version; /* which each step moves */
};

/* One of each vendor of these shards that has any, the one that runs or the oldest that waits; at
 * most CATALOG_IMPORT_ACTIVE_MAX. Statuses as request_query(). */
MUST_CHECK enum status catalog_import_job_store_list_active(
    struct request *request, unsigned shard_first, unsigned shard_last,
    struct catalog_import_active ret_active[CATALOG_IMPORT_ACTIVE_MAX], size_t *ret_count);

/* ---- products and problems ---- */

/* Queues products that were read. */
void catalog_import_job_store_add_items(struct request *request, struct uuid job_id,
                                        const struct catalog_import_item *items, size_t count);
/* The products from `place` on, at most CATALOG_IMPORT_STEP_MAX. Statuses as request_query(). */
MUST_CHECK enum status catalog_import_job_store_list_items(struct request *request,
                                                           struct uuid job_id, int64_t place,
                                                           struct catalog_import_item **ret_items,
                                                           size_t *ret_count);
/* Queues that those before `place` are forgotten. */
void catalog_import_job_store_drop_items(struct request *request, struct uuid job_id,
                                         int64_t place);
/* Queues notes, of which `first` is the number of the first; only CATALOG_IMPORT_PROBLEMS_MAX of a
 * job are kept. */
void catalog_import_job_store_add_notes(struct request *request, struct uuid job_id, int64_t first,
                                        const struct catalog_import_note *notes, size_t count);

struct catalog_import_place {
    int64_t line, number;
};

/* Notes behind that place. Statuses as request_query(). */
MUST_CHECK enum status
catalog_import_job_store_list_notes(struct request *request, struct uuid job_id,
                                    struct catalog_import_place after, int64_t limit,
                                    struct catalog_import_problem **ret_problems,
                                    struct catalog_import_place **ret_places, size_t *ret_count);
