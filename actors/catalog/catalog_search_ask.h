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

/* Which of the products and vendors shoppers may see by their rows. These are read only while
 * events are not heard as they come, which would have named what may not be seen: else, and when
 * they cannot be read, all may. WAITS. */
void catalog_search_compare(struct request *request, const struct catalog_search *search,
                            const struct uuid *ids, size_t count, bool *ret_may_be_seen);

/* Each WAITS. Statuses: OK, SEARCH_IS_BUILDING (the index has turned out to be broken), OVERLOADED,
 * DEADLINE_EXCEEDED, STOPPING, UNAVAILABLE. */
MUST_CHECK enum status catalog_search_find(struct request *request, struct catalog_search *search,
                                           const struct search_query *query,
                                           struct search_result *ret_result);
MUST_CHECK enum status catalog_search_suggest(struct request *request,
                                              struct catalog_search *search,
                                              const struct search_query *query,
                                              struct search_suggestions *ret_found);
