/* SQL of changes of published products that wait for staff: one row per product. Loads WAIT and see
 * committed rows only, in the request's arena; their statuses are OK, those named, and those of
 * request_query(). Writes are queued; a row that is not at the version that was read ends the unit
 * with CONFLICT. */
#pragma once

#include "actors/catalog/catalog_content.h"
#include "actors/host/request.h"

struct catalog_change {
    struct uuid product_id, vendor_id, id; /* of the change, in the order of time */
    enum catalog_change_status status;
    struct catalog_content_pair content;
    struct text reason;
    int64_t version; /* of the row; 0: there is none yet */
    int64_t opened_at_us, changed_at_us, ended_at_us;
};

/* The product's open change, or the last one that ended. Also NOT_FOUND, and INTERNAL of a content
 * that cannot be read. */
MUST_CHECK enum status catalog_change_store_load(struct request *request, struct uuid product_id,
                                                 struct catalog_change *ret_change);
/* The row as the change says it, which then is at its new version, and the uploads that it keeps
 * from being forgotten. Statuses: OK, OUT_OF_RANGE (larger than a message may be). */
MUST_CHECK enum status catalog_change_store_save(struct request *request,
                                                 struct catalog_change *change);
/* Ends whatever is open of the product as withdrawn. */
void catalog_change_store_withdraw(struct request *request, struct uuid product_id);
/* Open changes behind `after`, the oldest first, at most limit + 1; of one vendor, or (NULL) of
 * all. `ret_ids` are their places. */
MUST_CHECK enum status catalog_change_store_list(struct request *request,
                                                 const struct uuid *vendor_id, struct uuid after,
                                                 int64_t limit,
                                                 struct catalog_change_summary **ret_changes,
                                                 struct uuid **ret_ids, size_t *ret_count);
