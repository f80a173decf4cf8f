/* Asks the index of this node: a reader of it, on a thread of its own. */
#pragma once

#include "actors/catalog/catalog_search.h"
#include "actors/host/request.h"

/* The state of search on this node, ready to be asked. Statuses: OK, SEARCH_IS_BUILDING. */
MUST_CHECK enum status catalog_search_of(const struct request *request,
                                         struct catalog_search **ret_search);

/* Vendors that are closed and still in the index, as many as a query can leave out. In the
 * request's arena. */
size_t catalog_search_closed(struct request *request, const struct catalog_search *search,
                             const struct uuid **ret_vendors);
/* True if shoppers must not see it, whatever the index says. */
bool catalog_search_leaves_out(const struct catalog_search *search, struct uuid product,
                               struct uuid vendor);

/* Each WAITS. Statuses: OK, SEARCH_IS_BUILDING (the index has turned out to be broken), OVERLOADED,
 * DEADLINE_EXCEEDED, STOPPING, UNAVAILABLE. */
MUST_CHECK enum status catalog_search_find(struct request *request, struct catalog_search *search,
                                           const struct search_query *query,
                                           struct search_result *ret_result);
MUST_CHECK enum status catalog_search_suggest(struct request *request,
                                              struct catalog_search *search,
                                              const struct search_query *query,
                                              struct search_suggestions *ret_found);
