/* Stripe's objects as facts: PaymentIntent, Charge, Refund, Dispute. For stripe_read.c. */
#pragma once

#include "actors/payment/provider.h"
#include "messages/json_document.h"

/* What an object says is added to the answer; `at_us` is when it was said, `source` by whom (the
 * event, or empty: the object). Statuses: OK, NOT_FOUND (it is none of the four), MALFORMED (it
 * lacks what they have; the answer is worthless then). */
MUST_CHECK enum status stripe_object_read(const json_t *object, int64_t at_us, struct text source,
                                          struct arena *arena, struct provider_answer *answer);
