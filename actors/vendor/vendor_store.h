/* Vendors in PostgreSQL. Loads WAIT and see committed rows only; saves are queued. Statuses of
 * loads: OK, NOT_FOUND and those of request_query(). */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor.h"

MUST_CHECK enum status vendor_store_load(struct request *request, struct uuid id,
                                         struct vendor *ret_vendor);
MUST_CHECK enum status vendor_store_find(struct request *request, struct text name,
                                         struct vendor *ret_vendor);
/* Approved vendors with ids below `before`, newest first. Gives limit + 1 at most. */
MUST_CHECK enum status vendor_store_list(struct request *request, struct uuid before, int64_t limit,
                                         struct vendor **ret_vendors, size_t *ret_count);
/* Queues a new vendor. Another of that name ends the unit in CONFLICT. */
void vendor_store_insert(struct request *request, const struct vendor *vendor);
