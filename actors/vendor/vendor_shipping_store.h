/* Rows of shipping methods. Nothing but SQL and its mapping. Finds and lists WAIT, with the
 * statuses of request_query(); texts in results live in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor.h"

/* Statuses: OK, NOT_FOUND (none of that vendor), those of request_query(). */
MUST_CHECK enum status vendor_shipping_find(struct request *request, struct uuid method_id,
                                            struct uuid vendor_id,
                                            struct vendor_shipping_method *ret_method);
/* By name, at most VENDOR_SHIPPING_METHODS_MAX. */
MUST_CHECK enum status vendor_shipping_list(struct request *request, struct uuid vendor_id,
                                            const struct vendor_shipping_method **ret_methods,
                                            size_t *ret_count);
void vendor_shipping_add(struct request *request, const struct vendor_shipping_method *method,
                         struct uuid vendor_id);
/* Queues a changed or a removed method; the unit ends with CONFLICT when the row is not at the
 * version before (save) or at its version (remove). */
void vendor_shipping_save(struct request *request, const struct vendor_shipping_method *method);
void vendor_shipping_remove(struct request *request, const struct vendor_shipping_method *method);
/* Publishes that the principal's methods or profiles have changed. Statuses: those of
 * request_publish(). */
MUST_CHECK enum status vendor_shipping_announce(struct request *request);
