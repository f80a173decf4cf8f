/* What makes a product of what a file says: for the operator's imports and for those of vendors. */
#pragma once

#include "actors/host/request.h"
#include "catalog_messages.h"

/* Whose file it is. */
struct catalog_import_terms {
    bool is_dry_run;
    bool is_vendors;  /* a vendor may do by a file what it may do without, and nothing else */
    bool may_publish; /* the vendor is approved; only asked of vendors' */
};

/* Queues the product of the command, whose identity and category are given, or with a dry run says
 * only what would be. What is refused has queued nothing, and a fault says where. WAITS. Statuses:
 * OK, INVALID_VALUE, NOT_FOUND (no such category), SKU_TAKEN, VARIANT_EXISTS, PRODUCT_TOO_LARGE,
 * IMPORTED_MEANWHILE; of vendors' ILLEGAL_TRANSITION and VENDOR_UNAVAILABLE; and those of
 * request_query(). When its writes meet others, the unit ends with CONFLICT or SKU_TAKEN. */
MUST_CHECK enum status catalog_import_apply(struct request *request,
                                            const struct catalog_import_product *command,
                                            const struct catalog_import_terms *terms,
                                            struct catalog_product_imported *ret_reply);
/* The category of a path as files write it, which is not made. WAITS. Statuses: OK, NOT_FOUND, and
 * those of request_query(). */
MUST_CHECK enum status catalog_import_find_category(struct request *request, struct text path,
                                                    struct uuid *ret_category_id);
