/* SQL of staff's changes of the category tree. Loads WAIT and see committed rows only, in the
 * request's arena; their statuses are OK, NOT_FOUND and those of request_query(). Writes are
 * queued.
 */
#pragma once

#include "actors/catalog/catalog_category_store.h"

/* A category as it is changed. */
struct catalog_category_edit {
    struct uuid id;
    struct text name, slug, path;
    bool has_parent;
    struct uuid parent_id;
    const struct uuid *ancestors; /* from the root down to itself */
    size_t ancestors_count;
    const struct text *crumbs; /* the name and the slug of each */
    size_t crumbs_count;
    struct text seo_title, seo_description;
    int64_t position, version;
    int64_t guard;          /* version of the tree */
    size_t levels;          /* of it and what is below it */
    size_t path_characters; /* of the longest path among these */
    size_t own_characters;  /* of its own */
};

/* A category that is not going. */
MUST_CHECK enum status catalog_category_edit_load(struct request *request, struct uuid id,
                                                  struct catalog_category_edit *ret_category);
/* The categories of one parent (zero: of the root) in their order, at most CATALOG_TREE_MAX. */
MUST_CHECK enum status catalog_category_edit_siblings(struct request *request, struct uuid parent,
                                                      const struct uuid **ret_ids,
                                                      size_t *ret_count);
/* Whether products or categories are in it. */
MUST_CHECK enum status catalog_category_edit_is_empty(struct request *request, struct uuid id,
                                                      bool *ret_is_empty);

/* First of a unit that changes the tree: ends it with CONFLICT if another one has since `guard`. */
void catalog_category_edit_lock(struct request *request, int64_t guard);
/* What is below a category, and (`with_itself`) it, gets other categories above. */
struct catalog_category_shift {
    struct uuid id;
    bool with_itself;
    struct text old_path, new_path; /* what their paths begin with */
    int64_t deeper;                 /* levels */
    const struct uuid *above;       /* instead of the first `dropped` of their ancestors */
    size_t above_count, dropped;
    const struct text *crumbs; /* instead of the first `crumbs_dropped` of theirs */
    size_t crumbs_count, crumbs_dropped;
};
/* A path that another category has ends the unit with CATEGORY_EXISTS. */
void catalog_category_edit_shift(struct request *request,
                                 const struct catalog_category_shift *shift);
/* Name, slug, parent and texts of one, which must be at its version, or the unit ends with
 * CONFLICT.
 */
void catalog_category_edit_save(struct request *request,
                                const struct catalog_category_edit *category);
/* Puts siblings into this order. */
void catalog_category_edit_arrange(struct request *request, const struct uuid *ids, size_t count);
/* Gives all children another parent. */
void catalog_category_edit_adopt(struct request *request, struct uuid parent,
                                 struct uuid new_parent);
/* Takes an empty category away, with its slugs, or (`into` not zero) gives these to another one.
 * One that is not empty ends the unit with CONFLICT. */
void catalog_category_edit_delete(struct request *request, struct uuid id, struct uuid into);

/* ---- products that follow ---- */

enum { CATALOG_TASK_BATCH_MAX = 200 /* products */ };
#define CATALOG_TASK_AGAIN_US (INT64_C(30) * 1000 * 1000) /* handlers have ended by then */

/* Queues that products are brought in line: those of a category that has moved and had `old` above
 * it, or is going (`into` not zero). */
void catalog_category_edit_begin_task(struct request *request, struct uuid id, struct uuid into,
                                      const struct uuid *old, size_t old_count);

struct catalog_category_task {
    struct uuid id, into;
    const struct uuid *old;
    size_t old_count;
    struct uuid after;
    bool is_again;
};
/* Categories of those shards with something to do, at most `max`. */
MUST_CHECK enum status catalog_category_edit_list_tasks(struct request *request,
                                                        unsigned shard_first, unsigned shard_last,
                                                        size_t max, struct uuid *ret_ids,
                                                        size_t *ret_count);
/* What is to be done of one, with the next products behind `after`. Also NOT_FOUND (nothing). */
MUST_CHECK enum status catalog_category_edit_load_task(struct request *request, struct uuid id,
                                                       struct catalog_category_task *ret_task,
                                                       const struct uuid **ret_products,
                                                       size_t *ret_count);
/* Queues that these products are in line, and how far that is. */
void catalog_category_edit_align(struct request *request, const struct catalog_category_task *task,
                                 const struct uuid *products, size_t count);
/* Queues the second time, or the end. */
void catalog_category_edit_repeat_task(struct request *request, struct uuid id);
void catalog_category_edit_end_task(struct request *request, struct uuid id);
