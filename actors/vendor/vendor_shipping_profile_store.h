/* Rows of shipping profiles. Nothing but SQL and its mapping. Finds and lists WAIT, with the
 * statuses of request_query(); texts in results live in the request's arena. */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor.h"

/* Statuses: OK, NOT_FOUND (none of that vendor), those of request_query(). */
MUST_CHECK enum status vendor_shipping_profile_find(struct request *request, struct uuid profile_id,
                                                    struct uuid vendor_id,
                                                    struct vendor_shipping_profile *ret_profile);
/* The default first, at most VENDOR_SHIPPING_PROFILES_MAX. */
MUST_CHECK enum status
vendor_shipping_profile_list(struct request *request, struct uuid vendor_id,
                             const struct vendor_shipping_profile **ret_profiles,
                             size_t *ret_count);
void vendor_shipping_profile_add(struct request *request,
                                 const struct vendor_shipping_profile *profile,
                                 struct uuid vendor_id);
/* Queues a changed or a removed profile; the unit ends with CONFLICT when the row is not at the
 * version before (save) or at its version (remove). */
void vendor_shipping_profile_save(struct request *request,
                                  const struct vendor_shipping_profile *profile);
void vendor_shipping_profile_remove(struct request *request,
                                    const struct vendor_shipping_profile *profile);
/* Queues that the default of the vendor is none any more, unless it is `except_id`; before another
 * one becomes it. */
void vendor_shipping_profile_demote(struct request *request, struct uuid vendor_id,
                                    struct uuid except_id);
