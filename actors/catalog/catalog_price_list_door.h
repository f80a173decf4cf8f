/* Whose a price list is: what its handlers share. Reads WAIT. */
#pragma once

#include "actors/catalog/catalog_price_list_store.h"

/* The vendor who asks, or zero: staff, which keeps those of the market. */
struct uuid catalog_price_list_owner(const struct request *request);
/* The list, to be changed by whoever keeps it. Statuses: OK, NOT_FOUND (also somebody else's),
 * PRECONDITION_FAILED, those of request_query(). */
MUST_CHECK enum status catalog_price_list_open(struct request *request, struct uuid list_id,
                                               struct versions versions,
                                               struct catalog_price_list_row *ret_list);
/* The list, to be read: staff sees those of vendors, too. Statuses: OK, NOT_FOUND, those of
 * request_query(). */
MUST_CHECK enum status catalog_price_list_show(struct request *request, struct uuid list_id,
                                               struct catalog_price_list_row *ret_list);
