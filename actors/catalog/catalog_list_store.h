/* SQL of what shoppers and carts read. All of it WAITS and sees committed rows only, in the
 * request's arena. A product is visible when it is published and the catalogue has heard that its
 * vendor is open. Statuses: OK and those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

enum {
    CATALOG_PAGE_MAX = 100,  /* products of one page */
    CATALOG_TREE_MAX = 5000, /* categories of the tree */
};

struct catalog_list_result {
    struct catalog_product_summary
        *products; /* limit + 1 at most, so that the caller knows whether there are more */
    size_t count;
};

/* The visible products that the query asks for by category, vendor, price and stock, and, if it
 * names a currency, by that, which must be the one of their rows; behind the
 * product `after` (all bits set: from the first on), the newest first. `limit` is 1 to
 * CATALOG_PAGE_MAX. */
MUST_CHECK enum status catalog_list_store_products(struct request *request,
                                                   const struct catalog_list_products *query,
                                                   struct uuid after, int64_t limit,
                                                   struct catalog_list_result *ret_result);
/* One product with its variants and how many of each are available, in its own currency, or in
 * another one (`currency` not empty). Also NOT_FOUND (not visible), NOT_SOLD_IN_CURRENCY, CORRUPT
 * (its document was not written by this version of the contract). */
MUST_CHECK enum status catalog_list_store_product(struct request *request, struct uuid product_id,
                                                  struct text currency,
                                                  struct catalog_product *ret_product);
/* All categories, parents before children and siblings in their order, at most CATALOG_TREE_MAX +
 * 1, so that the caller knows whether there are more. */
MUST_CHECK enum status catalog_list_store_categories(struct request *request,
                                                     struct catalog_category **ret_categories,
                                                     size_t *ret_count);
/* Which of the products (of the query's vendor, if it names one) and categories there are. */
MUST_CHECK enum status catalog_list_store_find_goods(struct request *request,
                                                     const struct catalog_find_goods *query,
                                                     struct catalog_known_goods *ret_goods);
/* What carts must know of the variants: today's price in the query's currency, stock, whether they
 * are listed and their vendor is open. Variants that do not exist have no offer; others have one
 * even when they cannot be bought. */
MUST_CHECK enum status catalog_list_store_offers(struct request *request,
                                                 const struct catalog_get_offers *query,
                                                 struct catalog_offers *ret_offers);
