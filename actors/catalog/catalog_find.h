/* Lists of products that the search index answers. */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

/* True if the query asks for what the list of the rows does not have: words, facets, another order,
 * filters of search, prices in another currency than the market's. */
bool catalog_find_is_wanted(struct request *request, const struct catalog_list_products *query);
/* Answers such a query, a page of `limit`. WAITS. Statuses: OK, INVALID_PARAMETER,
 * SEARCH_IS_BUILDING, OVERLOADED, DEADLINE_EXCEEDED, STOPPING, UNAVAILABLE. */
MUST_CHECK enum status catalog_find_products(struct request *request,
                                             const struct catalog_list_products *query,
                                             int64_t limit, struct catalog_product_page *ret_page);
