/* SQL of exports: which products, and whose. Loads WAIT and see committed rows only, in the
 * request's arena. */
#pragma once

#include "actors/catalog/catalog_item.h"
#include "actors/host/request.h"
#include "messages/product_file/product_writer.h"

struct catalog_exported {
    struct uuid product_id;
    struct text vendor_name;
};

/* The vendor of that name, or else of one that is the same but for case, spaces and normal form.
 * Statuses: OK, NOT_FOUND and those of request_query(). */
MUST_CHECK enum status catalog_export_store_find_vendor(struct request *request, struct text name,
                                                        struct uuid *ret_vendor_id);
/* At most `limit` products behind `after` that are not deleted, of that vendor (NULL: of all).
 * Statuses: OK and those of request_query(). */
MUST_CHECK enum status
catalog_export_store_list(struct request *request, const struct uuid *vendor_id, struct uuid after,
                          int64_t limit, struct catalog_exported **ret_products, size_t *ret_count);
/* What a file of the vendor's (NULL: of all) products has columns for beside the usual ones: the
 * attributes that any of them has, and the currencies other than `currency`, as many as an import
 * reads. */
MUST_CHECK enum status catalog_export_store_columns(struct request *request,
                                                    const struct uuid *vendor_id,
                                                    const char *currency,
                                                    struct product_more_columns *ret_columns);
/* As catalog_export_store_list(), of what shoppers see only. */
MUST_CHECK enum status catalog_export_store_list_visible(struct request *request,
                                                         const struct uuid *vendor_id,
                                                         struct uuid after, int64_t limit,
                                                         struct catalog_exported **ret_products,
                                                         size_t *ret_count);
