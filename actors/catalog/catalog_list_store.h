/* SQL of what shoppers and carts read. All of it sees committed rows only, and WAITS. A product is
 * visible when it is listed and the catalogue has an open copy of its vendor. Statuses: OK and
 * those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

enum { CATALOG_PAGE_MAX = 100, CATALOG_RANKED_MAX = 10000, CATALOG_TREE_MAX = 5000 };

/* Where a page begins: behind this product. */
struct catalog_position {
    int64_t rank; /* only of searches by relevance */
    struct uuid id;
};

/* Before the first product. */
struct catalog_position catalog_position_first(void);

struct catalog_list_result {
    struct catalog_product_summary
        *products; /* limit + 1 at most, so that the caller knows whether there are more */
    size_t count;
    struct catalog_position *positions; /* of each product */
};

/* Newest first; by relevance (newest first within equal rank) when the query asks for it, then
 * among the newest CATALOG_RANKED_MAX matches. */
MUST_CHECK enum status catalog_list_store_products(struct request *request,
                                                   const struct catalog_list_products *query,
                                                   struct catalog_position after, int64_t limit,
                                                   struct catalog_list_result *ret_result);
/* NOT_FOUND when it is not visible. */
MUST_CHECK enum status catalog_list_store_product(struct request *request, struct uuid product_id,
                                                  struct catalog_product *ret_product);
/* Parents before children; CATALOG_TREE_MAX + 1 at most. */
MUST_CHECK enum status catalog_list_store_categories(struct request *request,
                                                     struct catalog_category **ret_categories,
                                                     size_t *ret_count);
MUST_CHECK enum status catalog_list_store_offers(struct request *request,
                                                 const struct catalog_get_offers *query,
                                                 struct catalog_offers *ret_offers);
