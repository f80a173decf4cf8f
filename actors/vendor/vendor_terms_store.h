/* Terms of several vendors at once, in one statement. WAITS. */
#pragma once

#include "actors/host/request.h"
#include "actors/vendor/vendor.h"

/* The terms of the vendors that exist, in the request's arena: profiles with the default first,
 * methods by name. A vendor without an active method in the currency has no profiles. Each vendor
 * has the same share of an answer's bytes: methods that are beyond it are left out. Statuses: OK
 * and those of request_query(). */
MUST_CHECK enum status vendor_terms_load(struct request *request,
                                         const struct vendor_get_terms *query,
                                         struct vendor_many_terms *ret_terms);
