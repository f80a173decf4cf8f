/* Categories in PostgreSQL. Loads WAIT and see committed rows only; their statuses are OK,
 * NOT_FOUND and those of request_query(). */
#pragma once

#include "actors/catalog/catalog.h"
#include "actors/host/request.h"
#include "catalog_messages.h"

struct catalog_category_row {
    struct uuid id;
    struct text path; /* in the request's arena */
    size_t ancestors_count;
    struct uuid ancestors[CATALOG_LEVELS_MAX]; /* from the root down to itself */
    const struct text *crumbs;                 /* the name and the slug of each */
    size_t crumbs_count;
};

/* The category of that canonical path (catalog_path_split()); if there is none, the one whose path
 * differs in case, spaces or normal form only. */
MUST_CHECK enum status catalog_category_store_find(struct request *request, struct text path,
                                                   struct catalog_category_row *ret_category);
/* The category of that id, unless it is going. */
MUST_CHECK enum status catalog_category_store_get(struct request *request, struct uuid id,
                                                  struct catalog_category_row *ret_category);
/* The category of that id as shoppers see it. */
MUST_CHECK enum status catalog_category_store_describe(struct request *request, struct uuid id,
                                                       struct catalog_category_detail *ret_detail);
/* How many of the path's levels exist already, counted from the root. Statuses: OK and those of
 * request_query(). */
MUST_CHECK enum status catalog_category_store_count_levels(struct request *request,
                                                           const struct catalog_path *path,
                                                           size_t *ret_levels);
/* Queues the last level of `path` as a category of its own, below `parent` (NULL at the root),
 * which must be the level before it and whose path `path` begins with. `slug` is a new one of
 * catalog_category_slugs. Another category of the same
 * path ends the unit with CONFLICT. */
void catalog_category_store_insert(struct request *request, struct uuid id, struct text slug,
                                   const struct catalog_path *path,
                                   const struct catalog_category_row *parent);
