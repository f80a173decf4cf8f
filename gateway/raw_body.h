/* Bodies that are not JSON: who may send them, of which media types, and how many may be held at
 * once. All is judged before a byte of the body is looked at. */
#pragma once

#include "gateway/exchange.h"
#include "gateway/problem.h"

/* Whether the sender, who has been admitted, may send a body to its route , and whether it is
 * of a media type that the route takes; says nothing of JSON. Fills in what the
 * problem should say. Statuses: OK, FORBIDDEN, IMPERSONATION_REFUSED, BODY_TOO_LARGE,
 * UNSUPPORTED_MEDIA_TYPE. */
MUST_CHECK enum status raw_body_check(const struct exchange *exchange, struct problem *problem);
/* Counts the body until the exchange ends; does nothing of JSON. Statuses: OK, OVERLOADED. */
MUST_CHECK enum status raw_body_count(struct exchange *exchange);
/* Makes the bytes the field that they are for; of a picture the field stays as it is. They are
 * borrowed from libh2o's request. Statuses: OK, OUT_OF_RANGE (noted in `faults`). */
MUST_CHECK enum status raw_body_read(const struct exchange *exchange, void *value,
                                     struct field_faults *faults);
