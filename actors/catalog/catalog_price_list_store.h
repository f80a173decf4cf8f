/* SQL of price lists and of their prices. Reads WAIT and see committed rows only, in the request's
 * arena; their statuses are those of request_query() and what is said. */
#pragma once

#include "actors/catalog/catalog_price_list.h"
#include "actors/host/request.h"

/* One list. Also NOT_FOUND. */
MUST_CHECK enum status catalog_price_list_store_find(struct request *request, struct uuid list_id,
                                                     struct catalog_price_list_row *ret_list);
/* Lists of a vendor (zero: the market's) with smaller ids than `before`, the newest first, at most
 * `limit`. */
MUST_CHECK enum status catalog_price_list_store_page(struct request *request, struct uuid vendor_id,
                                                     struct uuid before, int64_t limit,
                                                     struct catalog_price_list_row **ret_lists,
                                                     size_t *ret_count);
/* How many lists the vendor (zero: the market) has. */
MUST_CHECK enum status catalog_price_list_store_count(struct request *request,
                                                      struct uuid vendor_id, int64_t *ret_count);
/* The oldest list that is for the group. Also NOT_FOUND. */
MUST_CHECK enum status
catalog_price_list_store_find_of_group(struct request *request, struct uuid group_id,
                                       struct catalog_price_list_of_group *ret_list);
/* Queue a new list; what has changed of one, under its next version; its end with all its prices.
 * Another version than the list's ends the unit with CONFLICT. */
void catalog_price_list_store_add(struct request *request,
                                  const struct catalog_price_list_row *list);
void catalog_price_list_store_save(struct request *request,
                                   const struct catalog_price_list_row *list);
void catalog_price_list_store_remove(struct request *request,
                                     const struct catalog_price_list_row *list);

/* Those of the variants that there are, of the list's vendor if it has one, as the list looks at
 * them. */
MUST_CHECK enum status catalog_price_list_store_look(struct request *request,
                                                     const struct catalog_price_list_row *list,
                                                     const struct uuid *variant_ids, size_t count,
                                                     struct catalog_listed_variant **ret_variants,
                                                     size_t *ret_count);
/* Prices of the list with smaller ids than `before`, the newest first, at most `limit`, with
 * these ids. */
MUST_CHECK enum status catalog_price_list_store_prices(struct request *request,
                                                       const struct catalog_price_list_row *list,
                                                       struct uuid before, int64_t limit,
                                                       struct catalog_listed_price **ret_prices,
                                                       struct uuid **ret_ids, size_t *ret_count);
/* Queue prices: those with one are put, the others taken away. */
void catalog_price_list_store_put_prices(struct request *request, struct uuid list_id,
                                         const struct catalog_price_wish *wishes, size_t count);
void catalog_price_list_store_drop_prices(struct request *request, struct uuid list_id,
                                          const struct catalog_price_wish *wishes, size_t count);
